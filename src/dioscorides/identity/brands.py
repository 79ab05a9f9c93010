"""Which medicine is a product whose register prints a description instead of a name? The brand may tell."""

from __future__ import annotations

import polars as pl

from dioscorides.identity.text import key

#: A brand that can stand for itself: one word, long enough not to be another's by chance.
BRAND = r"^\p{L}{5,}$"
#: A whole ATC code, down to the substance.
SUBSTANCE = r"^[A-Z]\d{2}[A-Z]{2}\d{2}$"
#: Registers that must agree where no ATC code does.
REGISTERS = 2


def adopt(records: pl.DataFrame, words: pl.Series) -> pl.DataFrame:
    """The medicine of records that print only a description, from products of the same brand that name a substance.

    `records` has register, record_id, product_name, atc (list), medicine_id, known (share of the ingredients that an
    authority knows: 0 is a description, 1 a product that is named whole). `words`: first words of names of substances,
    which are no brands (`key`ed). A brand counts where all products of it that are named whole are one medicine, and
    either they bear the very ATC code of the described product, or that bears none and two registers agree on the
    medicine. Gives register, record_id, medicine_id, brand.
    """
    first_word = pl.col("product_name").str.replace(r"[\s,(].*$", "")
    codes = pl.col("atc").list.eval(pl.element().filter(pl.element().str.contains(SUBSTANCE)))
    known = records.with_columns(key(first_word).alias("brand"), codes.alias("codes")).filter(
        pl.col("brand").str.contains(BRAND) & ~pl.col("brand").is_in(words.implode())
    )
    named = (
        known.filter(pl.col("known") == 1)
        .group_by("brand")
        .agg(
            pl.col("medicine_id").n_unique().alias("medicines"),
            pl.col("medicine_id").first().alias("answer"),
            pl.col("register").n_unique().alias("registers"),
            pl.col("codes").explode(empty_as_null=True).drop_nulls().unique().alias("theirs"),
        )
        .filter(pl.col("medicines") == 1)
    )
    same_code = pl.col("codes").list.set_intersection("theirs").list.len() > 0
    no_code = (pl.col("codes").list.len().fill_null(0) == 0) & (pl.col("registers") >= REGISTERS)
    return (
        known.filter(pl.col("known") == 0)
        .join(named, on="brand")
        .filter(same_code | no_code)
        .select("register", "record_id", pl.col("answer").alias("medicine_id"), "brand")
    )
