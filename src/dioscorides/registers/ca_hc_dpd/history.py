"""What the history of a product's status says: when it was authorised, and what else happened."""

from datetime import date

import polars as pl

EVENT = {
    "marketed": "marketed",
    "interim": "emergency_authorised",
    "cancelled": "withdrawn",
    "lapsed": "expired",
}
#: Until then the last day of a year stands for the year in which a product was marketed.
YEARS_ONLY = date(1996, 12, 31)


def with_days(status: pl.DataFrame) -> pl.DataFrame:
    """`day`, the last on which the entry can have been made; `year_only`, whether it stands for its year; `printed`."""
    dated = pl.col("dated_date")
    last_of_year = (dated.dt.month() == 12) & (dated.dt.day() == 31)
    return status.with_columns(
        pl.coalesce(dated, pl.col("dated_before").dt.offset_by("-1d")).alias("day"),
        ((pl.col("status_code") == "marketed") & last_of_year & (dated <= YEARS_ONLY)).alias("year_only"),
        pl.format("{} {}", "status", "dated").alias("printed"),
    )


def authorised(history: pl.DataFrame) -> pl.DataFrame:
    """The earliest entry that implies an authorisation: APPROVED is its day, any other says no later than that day.

    What follows an interim order, other than APPROVED, implies nothing. After an entry whose status is not known, or
    beside a former one whose day is not, an APPROVED says no more than any other: another may have come before it.
    """
    code, day, approved = pl.col("status_code"), pl.col("day"), pl.col("status_code") == "approved"
    interim, strange = (day.filter(code == one).min().over("record_id") for one in ("interim", "unknown"))
    undated = (day.is_null() & (code != "interim") & (pl.col("current_code") != "current")).any().over("record_id")
    implies = approved | (~code.str.contains("interim|unknown") & (interim.is_null() | (day < interim)))
    exact = approved & (strange.is_null() | (day < strange)) & ~undated
    first = history.with_columns(exact.alias("exact")).filter(implies)
    first = first.sort("day", ~pl.col("exact"), nulls_last=True, maintain_order=True)
    return first.unique("record_id", keep="first", maintain_order=True).select(
        "record_id",
        "row",
        pl.lit("authorised").alias("event"),
        pl.when("exact").then("dated_date").alias("date"),
        pl.when("exact").then("dated_precision").alias("precision"),
        pl.when(~pl.col("exact")).then(day.dt.offset_by("1d")).alias("before"),
        pl.when("exact").then("dated").otherwise("printed").alias("text"),
    )


def other_events(history: pl.DataFrame, permitted: pl.DataFrame) -> pl.DataFrame:
    """Every entry but the APPROVED that are authorisations."""
    code, year_only = pl.col("status_code"), pl.col("year_only")
    told = (code == "approved") & pl.col("row").is_in(permitted["row"].implode())
    event = code.replace_strict(EVENT, default="status_change")
    return history.filter(~told).select(
        "record_id",
        "row",
        event.alias("event"),
        pl.when(year_only).then(pl.col("dated_date").dt.truncate("1y")).otherwise("dated_date").alias("date"),
        pl.when(year_only).then(pl.lit("year")).otherwise("dated_precision").alias("precision"),
        pl.col("dated_before").alias("before"),
        pl.when(event == "status_change").then("printed").otherwise("dated").alias("text"),
    )
