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
    # some letters have a small form only once they are decomposed
    plain = text.str.to_lowercase().str.normalize("NFKD").str.to_lowercase().str.replace_all(r"\p{M}", "")
    plain = plain.str.replace_many(list(PLAIN), list(PLAIN.values()))
    return plain.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()


def key_of(text: str) -> str:
    """`key` of one text."""
    plain = unicodedata.normalize("NFKD", text.lower()).lower()
    plain = "".join(PLAIN.get(c, c) for c in plain if unicodedata.category(c)[0] != "M")
    return " ".join("".join(c if unicodedata.category(c)[0] in "LN" else " " for c in plain).split())
