"""Dates as registers print them: their precision, their century, and what is none."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dioscorides.snapshots.dates import in_doubt, parse

TODAY = date(2025, 2, 28)


def parsed(text: str, *formats: str, latest: date = TODAY) -> tuple[date | None, str | None]:
    row = parse(pl.Series([text]), formats, latest).row(0, named=True)
    return row["date"], row["precision"]


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("2018-08-23", "%Y-%m-%d", (date(2018, 8, 23), "day")),
        ("23/08/2018", "%d/%m/%Y", (date(2018, 8, 23), "day")),
        ("Aug 30, 2017", "%b %d, %Y", (date(2017, 8, 30), "day")),
        ("31-DEC-1951", "%d-%b-%Y", (date(1951, 12, 31), "day")),
        ("08/2018", "%m/%Y", (date(2018, 8, 1), "month")),
        ("2018", "%Y", (date(2018, 1, 1), "year")),
        ("30-Feb-2018", "%d-%b-%Y", (None, None)),
        ("13/13/2018", "%d/%m/%Y", (None, None)),
        ("soon", "%d/%m/%Y", (None, None)),
        ("0000", "%Y", (None, None)),
        ("", "%Y", (None, None)),
    ],
)
def test_dates_and_their_precision(text: str, form: str, expected: tuple[date | None, str | None]) -> None:
    assert parsed(text, form) == expected


@pytest.mark.parametrize(
    ("text", "year"), [("13-Mar-72", 1972), ("13-Mar-24", 2024), ("28-Feb-25", 2025), ("1-Mar-25", 1925)]
)
def test_a_year_of_two_digits_is_the_last_that_is_not_to_come(text: str, year: int) -> None:
    found, precision = parsed(text, "%d-%b-%y")
    assert found is not None
    assert (found.year, precision) == (year, "day")


def test_the_first_format_that_fits_counts() -> None:
    assert parsed("03/04/2018", "%d/%m/%Y", "%m/%d/%Y")[0] == date(2018, 4, 3)
    assert parsed("04/13/2018", "%d/%m/%Y", "%m/%d/%Y")[0] == date(2018, 4, 13)


@given(
    st.dates(date(1000, 1, 1), date(2200, 12, 31)), st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%b %d, %Y", "%d.%m.%Y"])
)
def test_what_was_printed_is_read(day: date, form: str) -> None:
    assert parsed(day.strftime(form), form) == (day, "day")


@given(st.dates(date(1926, 3, 1), TODAY))
def test_two_digits_are_enough_for_a_century(day: date) -> None:
    text = day.strftime("%m/%d/%y")
    if (day.month, day.day) == (2, 29) and day.year % 100 == 0:
        return  # 2000 had that day, 1900 did not
    assert parsed(text, "%m/%d/%y") == (day, "day")


def test_each_text_once_and_nulls_never() -> None:
    found = parse(pl.Series(["2018", None, "2018", "x"]), ["%Y"], TODAY)
    assert found["text"].to_list() == ["2018", "x"]


@pytest.mark.parametrize(
    ("texts", "doubted"),
    [
        (["08/31/2018", "03/04/2018"], []),
        (["03/04/2018", "05/05/2018"], []),
        (["31/08/2018", "03/04/2018", "05/05/2018"], ["03/04/2018"]),
        (["31/08/2018", "08/31/2018", "03/04/2018"], ["03/04/2018"]),
        (["31/08/2018", *(f"08/{day}/2018" for day in range(13, 31)), "03/04/2018"], []),
        (["soon", "03/04/2018"], []),
    ],
)
def test_day_and_month_are_in_doubt_where_the_column_says_so(texts: list[str], doubted: list[str]) -> None:
    assert in_doubt(pl.Series(texts), ["%m/%d/%Y", "%Y-%m-%d"], TODAY).to_list() == doubted


def test_two_orders_that_are_both_declared_are_not_doubted() -> None:
    assert in_doubt(pl.Series(["31/08/2018", "03/04/2018"]), ["%m/%d/%Y", "%d/%m/%Y"], TODAY).is_empty()
