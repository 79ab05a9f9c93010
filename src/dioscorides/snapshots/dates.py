"""Dates as registers print them, a column at a time.

A format is a strptime format; its finest part decides the precision. `%y`, a year of two digits, means the last such
year that is not after the snapshot: `72` in a file of 2025 is 1972, `24` is 2024.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

#: Above this share of dates that can only be read with day and month changed about, the order is in doubt.
IN_DOUBT = 0.1


def parse(texts: pl.Series, formats: Sequence[str], latest: date) -> pl.DataFrame:
    """Dates of a column of text: `text`, `date` (null where no format fits), `precision`; one row per distinct text.

    `latest` is the last day on which a two-digit year may fall.
    """
    distinct = texts.drop_nulls().unique(maintain_order=True).alias("text").to_frame()
    tries = [_attempt(form, latest) for form in formats]
    return distinct.with_columns(
        pl.coalesce(day for day, _ in tries).alias("date"),
        pl.coalesce(pl.when(day.is_not_null()).then(pl.lit(precision)) for day, precision in tries).alias("precision"),
    )


def in_doubt(texts: pl.Series, formats: Sequence[str], latest: date) -> pl.Series:
    """The texts of which nothing tells whether day or month stands first, in a column that shows that it may be either.

    A column shows it by dates that no format fits and that can be read with day and month changed about (31/08/2018
    where the month should stand first), when they are more than a few among the dates that tell their order.
    """
    distinct = texts.drop_nulls().unique(maintain_order=True).alias("text").to_frame()
    doubted = []
    for form in formats:
        changed = form.translate(str.maketrans("dm", "md"))
        if "%d" not in form or "%m" not in form or changed in formats:
            continue
        (day, _), (other, _) = _attempt(form, latest), _attempt(changed, latest)
        tried = distinct.select("text", day.alias("day"), other.alias("other"))
        wrong = tried.filter(pl.col("day").is_null() & pl.col("other").is_not_null()).height
        right = tried.filter(pl.col("day").is_not_null() & pl.col("other").is_null()).height
        if wrong > IN_DOUBT * (wrong + right):
            doubted.append(tried.filter(pl.col("day") != pl.col("other"))["text"])
    return pl.concat(doubted) if doubted else pl.Series("text", [], pl.String)


def _attempt(form: str, latest: date) -> tuple[pl.Expr, str]:
    text = pl.col("text")
    if form == "%Y":
        year = text.str.extract(r"^(\d{4})$").cast(pl.Int32)
        return pl.when(year.is_between(1600, 2400)).then(pl.date(year, 1, 1)), "year"
    if "%d" not in form:
        return (text + " 1").str.to_date(form + " %d", strict=False), "month"
    if "%y" in form:
        full = form.replace("%y", "%Y")
        pattern = r"(\D|^)(\d{2})$" if form.endswith("%y") else None
        if pattern is None:
            raise ValueError(f"a two-digit year must end the format: {form}")
        recent = text.str.replace(pattern, "${1}20${2}").str.to_date(full, strict=False)
        earlier = text.str.replace(pattern, "${1}19${2}").str.to_date(full, strict=False)
        return pl.when(recent <= latest).then(recent).otherwise(earlier), "day"
    day = text.str.to_date(form, strict=False)
    return pl.when(day.dt.year() >= 100).then(day), "day"  # a year of two digits is not one of the first century
