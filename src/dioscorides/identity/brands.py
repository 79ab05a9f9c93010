"""Which medicine is a product whose register prints a description instead of a name? The brand may tell."""

from __future__ import annotations

import polars as pl

from dioscorides.identity.text import key

#: A brand that can stand for itself: one word, long enough not to be another's by chance.
BRAND = r"^\p{L}{5,}$"
#: As many characters of an ATC code must agree where both products have one: the chemical subgroup's parent.
ATC = 4


def adopt(records: pl.DataFrame) -> pl.DataFrame:
    """The medicine of records that print only a description, from products of the same brand that name a substance.

    `records` has register, record_id, product_name, atc (list), medicine_id, described (bool: no authority knows what
    the register prints). A brand counts where all products of it that name a substance are one medicine, and ATC codes
    do not speak against it. Gives register, record_id, medicine_id, brand.
    """
    first_word = pl.col("product_name").str.replace(r"[\s,(].*$", "")
    known = records.with_columns(
        key(first_word).alias("brand"), pl.col("atc").list.first().str.head(ATC).alias("group")
    ).filter(pl.col("brand").str.contains(BRAND))
    named = (
        known.filter(~pl.col("described"))
        .group_by("brand")
        .agg(
            pl.col("medicine_id").n_unique().alias("medicines"),
            pl.col("medicine_id").first().alias("answer"),
            pl.col("group").drop_nulls().unique().alias("groups"),
        )
        .filter(pl.col("medicines") == 1)
    )
    unopposed = (
        pl.col("group").is_null() | (pl.col("groups").list.len() == 0) | pl.col("groups").list.contains(pl.col("group"))
    )
    return (
        known.filter("described")
        .join(named, on="brand")
        .filter(unopposed)
        .select("register", "record_id", pl.col("answer").alias("medicine_id"), "brand")
    )
