"""INVIMA: one record per sanitary registration, known by its file number."""

import polars as pl

from dioscorides.registers import atc
from dioscorides.registers.co_invima.substances import ingredients
from dioscorides.registers.source import Source

YEAR = pl.col("number").str.extract(r"(?:^|\D)((?:19|20)\d\d)\s*-?\s*(?:M|FE)").cast(pl.Int32)
SERIAL = pl.col("number").str.extract(r"(?:MBT|MB|M|FE)\s*-?\s*(\d+)")
RENEWED = pl.col("number").str.contains(r"R\s*-?\s*\d\s*$")
#: A registration is renewed after five years, at the earliest within the year before they are over.
EARLIEST_RENEWAL = 4
EXPORT = pl.col("number").str.starts_with("RSM-EXP") | (pl.col("mode_code") == "export").fill_null(False)


def read(source: Source) -> None:
    registrations = source.rows("registrations").key(pl.col("file_number"))
    registrations.leave_out(EXPORT, "registered for export only: no authorisation in Colombia")
    atc.with_codes(source, registrations)
    rows = registrations.frame
    source.disagreements("registrations", rows, "number", "holder", "granted", "status")
    frame = rows.group_by("record_id", maintain_order=True).agg(
        pl.exclude("atc_codes", "substances").first(),
        pl.col("atc_codes").explode().drop_nulls().unique(maintain_order=True),
        pl.col("substances").drop_nulls().unique(maintain_order=True).str.join(" + "),
    )
    source.emit("authorisation", authorisations(frame))
    source.emit("event", granted(source, frame))
    source.emit("event", ended(frame))
    source.emit("ingredient", ingredients(frame))


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    idle = pl.col("status").str.to_lowercase().str.starts_with("temp")
    return frame.select(
        "record_id",
        "row",
        pl.lit("CO").alias("jurisdiction"),
        pl.lit("INVIMA").alias("agency"),
        "number",
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("substances").replace("", None).alias("substances_text"),
        pl.col("atc_codes").alias("atc"),
        "form",
        "route",
        pl.lit("human").alias("domain"),
        pl.lit("unknown").alias("legal_basis"),
        pl.lit("national").alias("procedure"),
        pl.col("status_code").alias("status"),
        pl.when(idle).then(False).alias("marketed"),
        pl.concat_list("record_id").alias("other_numbers"),
    )


def granted(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """The day of the first grant, its year by the number, or the day by which it had been granted."""
    day, year = pl.col("granted_date"), YEAR
    agrees = (day.dt.year() == year).fill_null(True)
    first = (SERIAL.str.len_chars() == 7) & (day.dt.year() <= year - EARLIEST_RENEWAL)
    known = day.is_not_null() & pl.when(RENEWED).then(first.fill_null(False)).otherwise(agrees)
    by_number = (day.is_null() & (year <= source.today.year) & ~RENEWED).fill_null(False)
    contradicted = frame.filter(day.is_not_null() & ~RENEWED & ~agrees)
    text = pl.format("{} of {}", "number", "granted").alias("contradiction")
    source.issues("impossible_date", "registrations.granted", contradicted.with_columns(text), "contradiction")
    by_year = pl.date(pl.max_horizontal(year, day.dt.year()) + 1, 1, 1)
    bound = pl.when(RENEWED & day.is_not_null()).then(day + pl.duration(days=1)).otherwise(by_year)
    return frame.select(
        "record_id",
        "row",
        pl.lit("authorised").alias("event"),
        pl.when(known).then(day).when(by_number).then(pl.date(year, 1, 1)).alias("date"),
        pl.when(known).then(pl.lit("day")).when(by_number).then(pl.lit("year")).alias("precision"),
        pl.when(~known & ~by_number).then(bound).alias("before"),
        pl.coalesce("granted", "number", "record_id").alias("text"),
    )


def ended(frame: pl.DataFrame) -> pl.DataFrame:
    """What became of a registration, on the day of its end where it has run out."""
    status = pl.col("status_code")
    day = pl.when(status == "expired").then(pl.col("ends").str.slice(0, 10).str.to_date(strict=False))
    return frame.filter(status.is_in(["expired", "suspended", "withdrawn"])).select(
        "record_id",
        "row",
        status.alias("event"),
        day.alias("date"),
        pl.when(day.is_not_null()).then(pl.lit("day")).alias("precision"),
        pl.col("status").alias("text"),
    )
