"""What lists of designations, communications and shortages share: texts made readable, sole substances, remarks.

A shortage has the same statuses in every register: ongoing, strained (less than is asked for), anticipated, avoided,
resolved, to_be_discontinued, discontinued, reversed (a discontinuation that will not be).
"""

from __future__ import annotations

import html
from datetime import timedelta

import polars as pl

from dioscorides.registers.source import Rows, Source

#: Outside of brackets, what may stand between two substances, or between two names of one.
BETWEEN = r"[;/|\n]|, | and | \+ "
#: What stands in brackets; nothing that brackets enclose is another substance.
BRACKETED = r"\([^()]*\)|\[[^\[\]]*\]"


def readable(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """`frame` with the entities in `columns`, escaped once or twice, as characters, and with single blanks."""
    text = pl.col(*columns).map_elements(lambda text: html.unescape(html.unescape(text)), pl.String)
    tidy = text.str.replace_all(r"[\s\x{A0}]+", " ").str.strip_chars()
    return frame.with_columns(pl.when(tidy != "").then(tidy))


def sole_substance(frame: pl.DataFrame, column: str, language: str) -> pl.DataFrame:
    """The ingredient of each record whose `column` names one substance.

    Of several names a list does not say whether they are one product's substances, several products' substances or two
    names of one substance: such a record has no ingredient here.
    """
    outside = pl.col(column).str.replace_all(BRACKETED, "").str.replace_all(BRACKETED, "")
    sole = ~outside.str.contains(BETWEEN) & outside.str.contains(r"\p{L}{2}")
    return frame.filter(sole).select(
        "record_id",
        "row",
        pl.lit(1).alias("position"),
        pl.col(column).alias("name"),
        pl.lit(language).alias("language"),
        pl.lit("active").alias("role"),
    )


def remark(source: Source, frame: pl.DataFrame, text: pl.Expr, event: str = "status_change") -> None:
    """An event without a date: what a record says of itself, or when something is expected that has not happened."""
    said = frame.select("record_id", "row", pl.lit(event).alias("event"), text.alias("text"))
    source.emit("event", said.drop_nulls("text"))


def labelled(label: str, column: str) -> pl.Expr:
    """A column of dates under its own name, each date with what it is the date of, as `source.events` prints it."""
    return pl.format("{} {}", pl.lit(label), column).alias(column)


def not_beyond(source: Source, rows: Rows, years: int, *columns: str) -> None:
    """Take no date that lies more than `years` after the snapshot: a misprint, noted as an issue."""
    latest = source.today + timedelta(days=366 * years)
    for column in columns:
        far = (pl.col(f"{column}_date") > latest).fill_null(False)
        source.issues("impossible_date", f"{rows.spec.name}.{column}", rows.frame.filter(far), column)
        rows.frame = rows.frame.with_columns(pl.when(~far).then(f"{column}_date").alias(f"{column}_date"))


def ended_in_order(source: Source, rows: Rows, starts: str, ends: str) -> None:
    """Take no end, in the column `ends` of dates, that lies before the start: an issue; which is wrong is not known."""
    backwards = (pl.col(ends) < pl.col(starts)).fill_null(False)
    odd = rows.frame.filter(backwards)
    if not odd.is_empty():
        source.issue("dates_out_of_order", rows.spec.name, f"{ends} before {starts}", len(odd), odd["row"][0])
    rows.frame = rows.frame.with_columns(pl.when(~backwards).then(ends).alias(ends))
