"""Purple Book: one record per product of a biologics licence application, with its exclusivities."""

import polars as pl

from dioscorides.registers.source import Rows, Source
from dioscorides.registers.us_fda_purple_book.centuries import settle_centuries, submitted

EXCLUSIVITIES = {  # column of the last day: kind of protection, code by which the FDA calls it
    "reference_until": ("data_exclusivity", "RPE"),
    "interchangeable_until": ("market_exclusivity", "FIE"),
    "orphan_until": ("orphan_exclusivity", "ODE"),
}


def read(source: Source) -> None:
    products = settle_centuries(source, without_change_section(keyed(source.rows("products"))))
    frame = products.frame
    source.issues("unknown_exclusivity", "products.exclusive", frame.drop_nulls("exclusive"), "exclusive")
    source.emit("authorisation", authorisations(frame))
    source.emit("ingredient", ingredients(frame))
    source.emit("event", approvals(source, frame))
    source.emit("event", revocations(frame))
    source.events(frame, decision="interchangeable")
    for column, (kind, code) in EXCLUSIVITIES.items():
        source.emit("protection", exclusivities(frame, column, kind, code))


def keyed(rows: Rows) -> Rows:
    number = pl.col("application").str.extract(r"^0*(\d{4,6})$").str.zfill(6)
    rows.frame = rows.frame.with_columns(number.alias("number"))
    return rows.key(pl.format("{}-{}", "number", pl.col("product").str.extract(r"^0*(\d{1,3})$").str.zfill(3)))


def without_change_section(rows: Rows) -> Rows:
    """A row of the month's changes gives way to its twin in the full list, or to a later one."""
    listed = pl.col("change").is_null().any() | (pl.col("_at").max() > pl.col("_at"))
    repeats = pl.col("record_id").is_not_null() & pl.col("change").is_not_null() & listed.over("record_id")
    return rows.leave_out(repeats, "change section: repeats a product of the full list")


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        "record_id",
        "row",
        pl.lit("US").alias("jurisdiction"),
        pl.lit("FDA").alias("agency"),
        ("BLA" + pl.col("number")).alias("number"),
        pl.when(pl.col("name").str.to_uppercase() != "N/A").then("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("proper_name").alias("substances_text"),
        "form",
        "route",
        "strength",
        pl.lit("human").alias("domain"),
        pl.col("type_code").alias("legal_basis"),
        pl.lit("national").alias("procedure"),
        pl.col("licensure_code").alias("status"),
        (pl.col("marketing_code") == "marketed").alias("marketed"),
        pl.when(pl.col("type_code") == "biosimilar").then(pl.lit(["biosimilar"])).alias("flags"),
    )


def ingredients(frame: pl.DataFrame) -> pl.DataFrame:
    """CDER joins the names of a combination by "and"; in CBER's names of vaccines and extracts the word is theirs."""
    joined = (pl.col("center_code") == "CDER") & pl.col("proper_name").str.contains(" and ", literal=True)
    parts = pl.col("proper_name").str.replace_all(r",? and |, (?:with )?", "\x1f").str.split("\x1f")
    return (
        frame.drop_nulls("proper_name")
        .select(
            "record_id",
            "row",
            pl.when(joined).then(parts).otherwise(pl.concat_list("proper_name")).alias("name"),
            pl.lit("en").alias("language"),
            pl.lit("active").alias("role"),
        )
        .with_columns(pl.int_ranges(1, pl.col("name").list.len() + 1).alias("position"))
        .explode("name", "position")
    )


def approvals(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """The approval of each product; where an application has no dated original, a day before which it was approved."""
    supplement, no_original = submitted("supplement"), submitted("supplement") & pl.col("original_date").is_null()
    frame = frame.drop_nulls("approved")
    source.issues("no_original", "products.approved", frame.filter(no_original), "number")
    early = frame.filter(supplement & (pl.col("approved_date") < pl.col("original_date")))
    source.issues("supplement_before_original", "products.approved", early, "number")
    prefix = pl.when(supplement).then(pl.format("Supplement {}: ", pl.col("supplement").fill_null("?")))
    return frame.select(
        "record_id",
        "row",
        pl.lit("authorised").alias("event"),
        pl.when(~no_original).then("approved_date").alias("date"),
        pl.when(~no_original).then("approved_precision").alias("precision"),
        pl.when(no_original).then(pl.col("approved_date").dt.offset_by("1d")).alias("before"),
        (prefix.fill_null("") + pl.col("approved")).alias("text"),
    )


def revocations(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("licensure_code").is_in(["withdrawn", "suspended"])).select(
        "record_id", "row", pl.col("licensure_code").alias("event"), pl.col("licensure").alias("text")
    )


def exclusivities(frame: pl.DataFrame, column: str, kind: str, code: str) -> pl.DataFrame:
    """An exclusivity whose end is not fixed yet ("Date TBD") has no last day."""
    starts = pl.col("first_licensed_date") if code == "RPE" else pl.lit(None, pl.Date)
    return frame.filter(pl.col(column).is_not_null() | starts.is_not_null()).select(
        "record_id",
        "row",
        pl.lit(kind).alias("kind"),
        pl.lit(code).alias("code"),
        starts.alias("starts"),
        pl.col(f"{column}_date").alias("expires"),
    )
