"""HSA's listing: one record per registration number."""

import polars as pl

from dioscorides.registers import atc
from dioscorides.registers.sg_hsa.substances import ingredients
from dioscorides.registers.source import Source

#: What stands between the values of a cell that lists several.
SEPARATOR = r"\s*(?:&&|\n)\s*"
TEXTS = ("number", "name", "holder", "atc", "form", "route", "ingredients", "strength")


def read(source: Source) -> None:
    rows = source.rows("products")
    rows.frame = rows.frame.with_columns(
        pl.col(TEXTS).str.strip_chars('" ').str.replace_all(SEPARATOR, "\n"),
    )
    rows.key(pl.col("number"))
    rows.set_aside(~pl.col("number").str.contains(r"^SIN\d{5}P$"), "the number is none of a therapeutic product")
    atc.with_codes(source, rows)
    frame = rows.frame
    source.emit("authorisation", authorisations(frame))
    source.events(frame, authorised="approved")
    source.emit("ingredient", ingredients(frame))


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        "record_id",
        "row",
        pl.lit("SG").alias("jurisdiction"),
        pl.lit("HSA").alias("agency"),
        "number",
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("ingredients").alias("substances_text"),
        pl.col("atc_codes").alias("atc"),
        "form",
        pl.col("route").str.replace_all("\n", "; ").alias("route"),
        "strength",
        pl.lit("human").alias("domain"),
        pl.lit("unknown").alias("legal_basis"),
        pl.lit("national").alias("procedure"),
        pl.lit("authorised").alias("status"),
    )
