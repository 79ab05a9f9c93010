"""Texts made comparable."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

#: Letters that no decomposition turns into their plain forms.
PLAIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}


def key(text: pl.Expr) -> pl.Expr:
    """A text without case, accents, marks and repeated blanks: what two spellings of one name share."""
    plain = text.str.to_lowercase().str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    plain = plain.str.replace_many(list(PLAIN), list(PLAIN.values()))
    return plain.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()


def key_of(text: str) -> str:
    """`key` of one text."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    plain = "".join(PLAIN.get(c, c) for c in plain)
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())
