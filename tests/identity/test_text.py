"""Keys of texts: what two spellings of one name share, and nothing more."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dioscorides.identity.text import key, key_of

#: Any text of characters that Python's and Polars' tables of Unicode both know.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=20)
NAMES = st.text(st.sampled_from("abcXYZéÉßøŁñçıİΣςσЙйꙮकि ̈-,.'’()/\u00a0\u200b®½²Ⅳ℡ﬁ"), max_size=12)


def keys(texts: list[str]) -> list[str]:
    return pl.DataFrame({"text": texts}, schema={"text": pl.String}).select(key(pl.col("text")))["text"].to_list()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(TEXT, NAMES), max_size=30))
@example(["कि", "℡", "ᴬ", "ΟΔΟΣ", "İstanbul", "ﬁ", "½", "a\u0903b", "ǆ"])
def test_a_column_and_a_text_get_the_same_key(texts: list[str]) -> None:
    assert keys(texts) == [key_of(text) for text in texts]


@settings(deadline=None)
@given(st.one_of(TEXT, NAMES))
@example("℡")
def test_a_key_is_its_own_key(text: str) -> None:
    assert key_of(key_of(text)) == key_of(text)


@settings(deadline=None)
@given(st.text(st.sampled_from("abcéßøüñ xyz")))
def test_case_and_composition_do_not_matter(text: str) -> None:
    assert key_of(text) == key_of(text.upper()) == key_of(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TISAGENLECLEUCEL", "tisagenlecleucel"),
        ("  Naïve\u00a0 Société,  S.A. ", "naive societe s a"),
        ("onasemnogene abeparvovec-xioi", "onasemnogene abeparvovec xioi"),
        ("Łódź Weißøre", "lodz weissore"),
        ("тисагенлеклейсел", "тисагенлеклеисел"),
        ("BLA 125646", "bla 125646"),
        ("EMEA/H/C/004090", "emea h c 004090"),
        ("®™", "tm"),
        ("--", ""),
        ("", ""),
    ],
)
def test_keys(text: str, expected: str) -> None:
    assert key_of(text) == expected
    assert keys([text]) == [expected]


@pytest.mark.parametrize(
    ("one", "other"), [("interferon alfa", "interferon beta"), ("factor 8", "factor 9"), ("а", "a")]
)
def test_different_names_keep_different_keys(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


def test_nothing_has_no_key() -> None:
    assert keys([None]) == [None]  # type: ignore[list-item]
