"""EOF's pilot list: one record per product and strength: the EOF code without the two digits of the pack."""

from datetime import timedelta

import polars as pl

from dioscorides.registers import atc
from dioscorides.registers.source import Source

#: What the packs of a product share.
SHARED = ("name", "form", "route", "strength", "substance", "atc")


def read(source: Source) -> None:
    rows = source.rows("packs")
    rows.set_aside(~pl.col("code").str.contains(r"^\d{8,9}$"), "the EOF code is none")
    rows.frame = rows.frame.with_columns(pl.col("code").str.zfill(9))
    rows.key(pl.col("code").str.slice(0, 7))
    atc.with_codes(source, rows)
    source.disagreements("packs", rows.frame, *SHARED)
    products = rows.frame.group_by("record_id", maintain_order=True).agg(
        pl.col("row", "name", "holder", "form", "route", "strength", "substance", "atc_codes", "atc_code").first(),
        (pl.col("withdrawn_code") == "withdrawn").fill_null(False).all().alias("withdrawn"),
        (pl.col("withdrawn_code") == "authorised").fill_null(False).any().alias("in_force"),
        pl.any_horizontal(pl.col("ifet_code", "special_code") == "imported").fill_null(False).all().alias("imported"),
        (pl.col("circulation_code") == "marketed").any().alias("marketed"),
        (pl.col("type_code") == "generic").any().fill_null(False).alias("generic"),
        pl.concat_list("code", "barcode").list.drop_nulls().explode(empty_as_null=False).alias("other_numbers"),
    )
    source.emit("authorisation", authorisations(products))
    source.emit("event", events(products, pl.lit(source.today + timedelta(days=1))))
    source.emit("ingredient", ingredients(products))


def authorisations(products: pl.DataFrame) -> pl.DataFrame:
    status = (
        pl.when("imported")
        .then(pl.lit("unknown"))
        .when("withdrawn")
        .then(pl.lit("withdrawn"))
        .when("in_force")
        .then(pl.lit("authorised"))
        .otherwise(pl.lit("unknown"))
    )
    return products.select(
        "record_id",
        "row",
        pl.lit("GR").alias("jurisdiction"),
        pl.lit("EOF").alias("agency"),
        pl.col("record_id").alias("number"),
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("substance").alias("substances_text"),
        pl.col("atc_codes").alias("atc"),
        "form",
        "route",
        "strength",
        pl.lit("human").alias("domain"),
        pl.when("generic").then(pl.lit("generic")).otherwise(pl.lit("unknown")).alias("legal_basis"),
        pl.lit("unknown").alias("procedure"),
        status.alias("status"),
        "marketed",
        "other_numbers",
    )


def events(products: pl.DataFrame, after: pl.Expr) -> pl.DataFrame:
    """What is not imported was authorised by the day of the snapshot; a withdrawal has no date either."""
    own = products.filter(~pl.col("imported"))
    return pl.concat(
        frame.select(
            "record_id", "row", pl.lit(event).alias("event"), after.alias("before"), pl.col("record_id").alias("text")
        )
        for event, frame in (("authorised", own), ("withdrawn", own.filter("withdrawn")))
    )


def ingredients(products: pl.DataFrame) -> pl.DataFrame:
    whole = (pl.col("atc_code") == "single").fill_null(False)
    return products.filter(whole).select(
        "record_id",
        "row",
        pl.lit(1).alias("position"),
        pl.col("substance").alias("name"),
        pl.lit("en").alias("language"),
        pl.lit("active").alias("role"),
        "strength",
    )
