"""Fimea's pilot list: one record per product. A combination may name only the substances that are in the pilot."""

from datetime import timedelta

import polars as pl

from dioscorides.registers import atc
from dioscorides.registers.source import Source

EU_NUMBER = pl.col("number").str.extract(r"^(EU/\d/\d\d/\d+)")
#: What the rows of a product share.
SHARED = ("name", "holder", "number", "substances", "moieties", "form", "route", "strength", "atc")


def read(source: Source) -> None:
    rows = source.rows("packs").key(pl.col("product"))
    rows.set_aside(~pl.col("product").str.contains(r"^\d+$"), "the product's number is none")
    atc.with_codes(source, rows)
    source.disagreements("packs", rows.frame, *SHARED)
    products = rows.frame.unique("record_id", keep="first", maintain_order=True)
    source.emit("authorisation", authorisations(products))
    source.emit("event", bounds(products, pl.lit(source.today + timedelta(days=1))))
    source.emit("ingredient", ingredients(products))


def authorisations(products: pl.DataFrame) -> pl.DataFrame:
    spelt_out = pl.when(pl.col("number") != EU_NUMBER).then("number")
    return products.select(
        "record_id",
        "row",
        pl.lit("FI").alias("jurisdiction"),
        pl.lit("Fimea").alias("agency"),
        pl.coalesce(EU_NUMBER, "number").alias("number"),
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("substances").alias("substances_text"),
        pl.col("atc_codes").alias("atc"),
        "form",
        "route",
        "strength",
        pl.lit("human").alias("domain"),
        pl.lit("unknown").alias("legal_basis"),
        pl.when(EU_NUMBER.is_not_null()).then(pl.lit("centralised")).otherwise(pl.lit("unknown")).alias("procedure"),
        pl.lit("unknown").alias("status"),
        pl.concat_list(spelt_out, "product").list.drop_nulls().alias("other_numbers"),
    )


def bounds(products: pl.DataFrame, after: pl.Expr) -> pl.DataFrame:
    """A product with an authorisation number was authorised by the day of the snapshot."""
    return products.drop_nulls("number").select(
        "record_id",
        "row",
        pl.lit("authorised").alias("event"),
        after.alias("before"),
        pl.col("number").alias("text"),
    )


def ingredients(products: pl.DataFrame) -> pl.DataFrame:
    """Substances of the products whose substances are all printed; moieties that are as many share their positions."""
    names, moieties = (pl.col(column).str.split(", ").list.len() for column in ("substances", "moieties"))
    strengths = pl.col("strength").str.replace_all(" + ", " / ", literal=True).str.split(" / ").list.len()
    single = (pl.col("atc_code") == "single") & (names == 1)
    whole = products.filter(single.fill_null(False) | ((names > 1) & (names == strengths)).fill_null(False))
    aligned = moieties.is_null() | (moieties == names)
    return pl.concat(
        [named(whole, "substances", "active", placed=aligned), named(whole, "moieties", "moiety", placed=pl.lit(True))]
    )


def named(products: pl.DataFrame, column: str, role: str, *, placed: pl.Expr) -> pl.DataFrame:
    """A row for each name in a column, numbered where it is `placed`."""
    names = pl.col(column).str.split(", ")
    return (
        products.drop_nulls(column)
        .select(
            "record_id",
            "row",
            names.alias("name"),
            pl.int_ranges(1, names.list.len() + 1).alias("at"),
            placed.alias("placed"),
        )
        .explode("name", "at")
        .select(
            "record_id",
            "row",
            pl.when("placed").then("at").alias("position"),
            "name",
            pl.lit("en").alias("language"),
            pl.lit(role).alias("role"),
        )
    )
