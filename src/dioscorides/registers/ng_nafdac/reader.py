"""NAFDAC Greenbook: one record per row; the current certificate of a registration number has the number as its key."""

import polars as pl

from dioscorides.registers import atc
from dioscorides.registers.source import Rows, Source

NUMBER = r"^[A-Z]{0,2}\d{0,2}-\d{3,6}L?$"
#: The line of a description that states what a dosage unit contains; pasted table rows have tabs.
CONTAINS = r"(?im)^(each [^\t\n]*contain[^\t\n]*)"


def read(source: Source) -> None:
    rows = keyed(source, source.rows("products"))
    atc.with_codes(source, rows)
    run_out = (pl.col("expires_date") < source.today).fill_null(False)
    frame = rows.frame.with_columns(run_out.alias("run_out"))
    denied = frame.filter((pl.col("status_code") == "authorised") & pl.col("run_out"))
    if not denied.is_empty():
        source.issue("expired_but_active", "products.status", denied["expires"][0], len(denied), denied["row"][0])
    source.emit("authorisation", authorisations(frame))
    source.events(frame, decision="approved")
    source.emit("event", bounds(frame))
    source.events(frame.filter("current", "run_out"), expired="expires")
    source.emit("ingredient", ingredients(source, frame))


def keyed(source: Source, rows: Rows) -> Rows:
    """The key is the number, else name and applicant; of rows that share it, the latest approval has it as it is."""
    number = pl.col("number").str.to_uppercase().str.replace_all(r"\s*[-–—]+\s*", "-")
    rows.frame = rows.frame.with_columns(pl.when(number.str.contains(NUMBER)).then(number).alias("registration"))
    lost = rows.frame.filter(pl.col("registration").is_null())
    if not lost.is_empty():
        source.issue("no_number", "products.number", lost["number"][0], len(lost), lost["row"][0])
    again = rows.frame.filter(pl.col("registration").is_duplicated() & pl.col("registration").is_not_null())
    if not again.is_empty():
        source.issue("repeated_number", "products.number", again["number"][0], len(again), again["row"][0])
    named = pl.format("{} / {}", "name", "holder").str.to_lowercase().str.replace_all(r"\s+", " ")
    approved = pl.col("approved_date").fill_null(pl.date(1900, 1, 1))
    first_hand = ~pl.col("name").str.contains("(?i)duplicate")
    rows.frame = rows.frame.with_columns(pl.coalesce("registration", named).alias("known_by")).with_columns(
        pl.struct(approved, first_hand.alias("first_hand"), "name", "_at")
        .rank("ordinal")
        .over("known_by")
        .alias("place"),
        pl.len().over("known_by").alias("places"),
    )
    current = pl.col("place") == pl.col("places")
    rows.frame = rows.frame.with_columns(current.alias("current"))
    return rows.key(pl.when(current).then("known_by").otherwise(pl.format("{}#{}", "known_by", "place")))


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    denied = (pl.col("status_code") == "authorised") & pl.col("run_out")
    return frame.select(
        "record_id",
        "row",
        pl.lit("NG").alias("jurisdiction"),
        pl.lit("NAFDAC").alias("agency"),
        pl.col("registration").alias("number"),
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.coalesce("ingredients", "composition", pl.col("description").str.extract(CONTAINS)).alias("substances_text"),
        pl.col("atc_codes").alias("atc"),
        "form",
        pl.col("route").replace("Pending", None).alias("route"),
        "strength",
        pl.col("category_code").alias("domain"),
        pl.lit("unknown").alias("legal_basis"),
        pl.lit("national").alias("procedure"),
        pl.when(denied).then(pl.lit("unknown")).otherwise("status_code").alias("status"),
    )


def bounds(frame: pl.DataFrame) -> pl.DataFrame:
    """A certificate is the first or a renewed one: the product was authorised on its day or before."""
    return frame.filter(pl.col("approved_date").is_not_null()).select(
        "record_id",
        "row",
        pl.lit("authorised").alias("event"),
        (pl.col("approved_date") + pl.duration(days=1)).alias("before"),
        pl.col("approved").alias("text"),
    )


def ingredients(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """Substances of a column of their own, where the layout has one: a line or a semicolon apart, without strengths."""
    parts = (
        frame.drop_nulls("ingredients")
        .select(
            "record_id",
            "row",
            pl.col("ingredients").str.replace_all(r"(?i)<br ?/?>|;", "\n").str.split("\n").alias("name"),
        )
        .with_columns(pl.int_ranges(1, pl.col("name").list.len() + 1).alias("position"))
        .explode("name", "position")
        .with_columns(pl.col("name").str.strip_chars(), pl.lit("en").alias("language"), pl.lit("active").alias("role"))
        .filter(pl.col("name") != "")
    )
    several = parts.filter(pl.col("name").str.contains(r",|\d ?(?:mg|g|mcg|ml|iu|%)"))
    if not several.is_empty():
        source.issue("unclear_ingredients", "products.ingredients", several["name"][0], len(several), several["row"][0])
    return parts.join(several, on="record_id", how="anti")
