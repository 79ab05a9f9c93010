"""Infarmed's pilot list: one record per product (MED ID), with its packs' numbers, routes and substances."""

from datetime import timedelta

import polars as pl

from dioscorides.registers import atc
from dioscorides.registers.source import Rows, Source

#: SMS codes are those of the Union's list of substances.
SMS = "eu_spor_substances"


def read(source: Source) -> None:
    products, packs, forms, ingredients = (
        keyed(source.rows(name)) for name in ("products", "packs", "forms", "ingredients")
    )
    atc.with_codes(source, products)
    frame = products.frame
    numbers = (
        packs.frame.drop_nulls("number")
        .group_by("record_id", maintain_order=True)
        .agg(pl.col("number").unique(maintain_order=True).alias("numbers"))
    )
    routes = forms.frame.group_by("record_id", maintain_order=True).agg(
        pl.col("route").drop_nulls().unique(maintain_order=True).str.join("; ").replace("", None)
    )
    named = ingredients.frame.group_by("record_id", maintain_order=True).agg(
        pl.col("substance").drop_nulls().unique(maintain_order=True).str.join("; ").replace("", None)
    )
    for other in (numbers, routes, named):
        frame = frame.join(other, on="record_id", how="left", maintain_order="left")
    source.emit("authorisation", authorisations(frame))
    source.emit("event", bounds(frame, pl.lit(source.today + timedelta(days=1))))
    source.emit("ingredient", substances(ingredients.frame))


def keyed(rows: Rows) -> Rows:
    rows.key(pl.col("product"))
    if "route" in rows.frame.columns:
        second = pl.col("product").is_null() & pl.col("route").str.starts_with("Descrição")
        rows.leave_out(second, "second line of the header")
    return rows.set_aside(~pl.col("product").str.contains(r"^\d+$"), "the product's number is none")


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        "record_id",
        "row",
        pl.lit("PT").alias("jurisdiction"),
        pl.lit("Infarmed").alias("agency"),
        pl.col("numbers").list.first().alias("number"),
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("country_code").alias("holder_country"),
        pl.col("substance").alias("substances_text"),
        pl.col("atc_codes").alias("atc"),
        "form",
        "route",
        "strength",
        pl.lit("human").alias("domain"),
        pl.lit("unknown").alias("legal_basis"),
        pl.lit("unknown").alias("procedure"),
        pl.lit("unknown").alias("status"),
        pl.concat_list(pl.col("numbers").list.slice(1).fill_null([]), pl.concat_list("record_id")).alias(
            "other_numbers"
        ),
    )


def bounds(frame: pl.DataFrame, after: pl.Expr) -> pl.DataFrame:
    """A product with a registration number was authorised by the day of the snapshot."""
    return frame.drop_nulls("numbers").select(
        "record_id",
        "row",
        pl.lit("authorised").alias("event"),
        after.alias("before"),
        pl.col("numbers").list.first().alias("text"),
    )


def substances(frame: pl.DataFrame) -> pl.DataFrame:
    """Substances, and what the strength of an active refers to where that is another one; a name has one position."""
    place = pl.col("_at").min().over("record_id", "substance").rank("dense").over("record_id").cast(pl.Int64)
    told = frame.drop_nulls(["substance", "role_code"]).with_columns(place.alias("position"))
    other = told.filter((pl.col("role_code") == "active") & (pl.col("reference") != pl.col("substance")))
    parts = (
        (told, "substance", pl.coalesce("presentation", "concentration"), pl.col("role_code")),
        (other, "reference", pl.col("reference_strength"), pl.lit("moiety")),
    )
    return pl.concat(
        rows.select(
            "record_id",
            "row",
            "position",
            pl.col(column).alias("name"),
            pl.lit("pt").alias("language"),
            pl.when(pl.col(f"{column}_code").str.contains(r"^\d{12}$")).then(pl.lit(SMS)).alias("code_system"),
            pl.col(f"{column}_code").str.extract(r"^(\d{12})$").alias("code"),
            role.alias("role"),
            amount.alias("strength"),
        )
        for rows, column, amount, role in parts
    )
