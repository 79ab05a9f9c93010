"""A brand speaks for a product whose register prints only a description, and only where evidence agrees."""

from __future__ import annotations

import polars as pl
import pytest

from dioscorides.identity import brands

Row = tuple[str, str, str, list[str] | None, str, float]


def adopted(*rows: Row, words: tuple[str, ...] = (), listed: tuple[tuple[str, str], ...] = ()) -> dict[str, str]:
    told = pl.DataFrame(listed, schema={"brand": pl.String, "medicine_id": pl.String}, orient="row")
    columns = ["register", "record_id", "product_name", "atc", "medicine_id", "known"]
    schema = dict.fromkeys(columns, pl.String) | {"atc": pl.List(pl.String), "known": pl.Float64}
    records = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.col("register").str.contains("us_|eu_").alias("english")
    )
    return dict(
        brands.adopt(records, pl.Series(words, dtype=pl.String), told).select("record_id", "medicine_id").rows()
    )


def test_the_same_code_lets_the_brand_speak() -> None:
    named = ("us_a", "1", "Botopar", ["M03AX01"], "botulinum toxin type a", 1.0)
    described = ("fr_b", "2", "BOTOPAR 100 U, powder", ["M03AX01"], "toxine du clostridium", 0.0)
    assert adopted(named, described) == {"2": "botulinum toxin type a"}


@pytest.mark.parametrize(
    ("codes", "share"),
    [(["N02BA01"], 0.0), (["M03A"], 0.0), (["M03AX01"], 0.5)],
    ids=["another code", "a group", "half known"],
)
def test_what_a_register_states_weighs_more_than_a_brand(codes: list[str], share: float) -> None:
    named = ("us_a", "1", "Botopar", ["M03AX01"], "botulinum toxin type a", 1.0)
    assert adopted(named, ("fr_b", "2", "Botopar", codes, "something", share)) == {}


def test_without_a_code_two_registers_must_agree() -> None:
    first = ("us_a", "1", "Botopar", None, "botulinum toxin type a", 1.0)
    second = ("eu_b", "2", "Botopar", None, "botulinum toxin type a", 1.0)
    described = ("fr_c", "3", "Botopar", None, "toxine", 0.0)
    assert adopted(first, described) == {}
    assert adopted(first, second, described) == {"3": "botulinum toxin type a"}


def test_products_of_one_brand_that_differ_leave_it_open() -> None:
    first = ("us_a", "1", "Selsunal", ["D01AE13"], "selenium sulfide", 1.0)
    second = ("ca_b", "2", "Selsunal", ["D01AE13"], "pyrithione zinc", 1.0)
    assert adopted(first, second, ("fr_c", "3", "Selsunal", ["D01AE13"], "a suspension", 0.0)) == {}


def test_a_word_of_a_substance_is_no_brand() -> None:
    named = ("us_a", "1", "Protamine sulfate", ["V03AB14"], "protamine", 1.0)
    described = ("us_a", "2", "Protamine zinc insulin", ["V03AB14"], "beef insulin", 0.0)
    assert adopted(named, described, words=("protamine",)) == {}


def test_the_list_of_brands_speaks_for_descriptions_under_any_of_the_brands() -> None:
    listed = (("libmeldy", "atidarsagene autotemcel"), ("lenmeldy", "atidarsagene autotemcel"))
    rows = (
        ("eu_a", "1", "Libmeldy", None, "autologous cd34 cells encoding arsa gene", 0.0),
        ("us_b", "2", "Lenmeldy", None, "a suspension", 0.0),
        ("ca_c", "3", "Libmeldy", None, "metachromatin", 1.0),
    )
    assert adopted(*rows, listed=listed) == dict.fromkeys("12", "atidarsagene autotemcel")


def test_descriptions_of_one_brand_meet_where_they_share_a_word_or_the_code() -> None:
    first = ("us_a", "1", "Chondropar", None, "autologous cultured chondrocytes on a membrane", 0.0)
    second = ("eu_b", "2", "Chondropar", ["M09AX02"], "matrix applied autologous chondrocytes", 0.0)
    third = ("ro_c", "3", "Chondropar", ["M09AX02"], "matrix applied autologous chondrocytes", 0.0)
    assert adopted(first, second, third) == {"1": "matrix applied autologous chondrocytes"}
    foreign = ("ro_c", "3", "Chondropar", ["M09AX02"], "condrocite autologe", 0.0)
    assert adopted(second, foreign) == {"3": "matrix applied autologous chondrocytes"}
    other = ("us_a", "1", "Chondropar", None, "glue for skin", 0.0)
    assert adopted(other, second, third) == {}


def test_descriptions_that_a_register_tells_apart_stay_apart() -> None:
    first = ("us_a", "1", "Fluvacpar", None, "influenza vaccine of one season", 0.0)
    second = ("us_a", "2", "Fluvacpar", None, "influenza vaccine of another season", 0.0)
    third = ("eu_b", "3", "Fluvacpar", None, "influenza vaccine", 0.0)
    assert adopted(first, second, third) == {}


def test_the_list_names_each_brand_once() -> None:
    assert brands.listed()["brand"].is_unique().all()
