"""Drug Shortages Canada: one record per report, of a shortage or of a discontinuation, on one pack of a product."""

import polars as pl

from dioscorides.registers.listings import ended_in_order, labelled, not_beyond, readable, remark
from dioscorides.registers.source import Rows, Source

#: Columns that only the reports of one type have.
OWN = {"shortage": ("expected_start", "starts", "expected", "ends"), "discontinuation": ("discontinued", "reversal")}
#: Statuses of a shortage that there is or was.
REAL = ("ongoing", "resolved")
#: Nobody expects anything further ahead, in years.
FORESEEN = 10
#: One number with its unit; several strengths stand behind each other.
ONE_STRENGTH = r"^[\d.,]+ ?[\p{L}%]+( ?/ ?[\p{L} ]+)?$"


def read(source: Source) -> None:
    rows = source.rows("reports")
    rows.set_aside(~pl.col("report").str.contains(r"^\d+$"), "the number of the report is no number")
    rows.key(pl.col("report"))
    columns_of_each_type(source, rows)
    rows.frame = readable(rows.frame, "name", "company", "common", "ingredient", "strength", "reason")
    not_beyond(source, rows, FORESEEN, "expected_start", "expected", "discontinued", "expected_stop")
    status = pl.coalesce("reversal_code", "status_code")
    rows.frame = rows.frame.with_columns(
        status.alias("state"),
        pl.when(status.is_in(REAL)).then("starts_date").alias("first_day"),
        pl.when(status.is_in(REAL)).then("ends_date").alias("last_day"),
    )
    ended_in_order(source, rows, "first_day", "last_day")
    odd = rows.frame.filter((pl.col("state") == "ongoing") & pl.col("last_day").is_not_null())
    source.issues("date_contradicts_status", "reports.ends", odd, "status")
    frame = rows.frame
    source.emit("shortage", shortages(frame))
    emit_events(source, frame)
    source.emit("ingredient", ingredients(frame))


def columns_of_each_type(source: Source, rows: Rows) -> None:
    """An issue for a column that no report of its type fills: each of the two tables has its own, and may lose them."""
    for kind, columns in OWN.items():
        reports = rows.frame.filter(pl.col("type_code") == kind)
        for column in columns:
            if len(reports) and not reports[column].count():
                source.issue("empty_column", f"reports.{column}", kind, len(reports), reports["row"][0])


def shortages(frame: pl.DataFrame) -> pl.DataFrame:
    ongoing = pl.col("state") == "ongoing"
    return frame.select(
        "record_id",
        "row",
        pl.lit("CA").alias("jurisdiction"),
        pl.col("name").alias("product_name"),
        pl.coalesce("ingredient", "common").alias("substances_text"),
        pl.col("company").alias("holder_name"),
        pl.col("first_day").alias("starts"),
        pl.when(~ongoing).then("last_day").alias("ends"),
        pl.col("expected_date").alias("expected_end"),
        pl.col("state").alias("status"),
        "reason",
    )


def emit_events(source: Source, frame: pl.DataFrame) -> None:
    """When the report was made, and what it says beside the shortage itself; what only may come has no date."""
    status = pl.col("state")
    source.events(frame.with_columns(labelled("Date Created", "created")), status_change="created")
    over = frame.filter(status == "avoided").with_columns(labelled("Actual Shortage End Date", "ends"))
    source.events(over, status_change="ends")
    stopped = frame.filter(status == "discontinued").with_columns(labelled("Discontinuation Date", "discontinued"))
    source.events(stopped, status_change="discontinued")
    remark(source, frame, pl.format("Anticipated Shortage Start Date {}", "expected_start"))
    planned = frame.filter((status != "discontinued").fill_null(True))
    remark(source, planned, pl.format("Discontinuation Date {}", "discontinued"))
    remark(source, frame, pl.format("Anticipated discontinuation date {}", "expected_stop"))


def ingredients(frame: pl.DataFrame) -> pl.DataFrame:
    """The ingredient of each product that has one strength, and so one ingredient."""
    sole = pl.col("strength").str.contains(ONE_STRENGTH) & ~pl.col("ingredient").str.contains(r"[;,|]")
    return frame.filter(sole).select(
        "record_id",
        "row",
        pl.lit(1).alias("position"),
        pl.col("ingredient").alias("name"),
        pl.lit("en").alias("language"),
        pl.lit("active").alias("role"),
        "strength",
    )
