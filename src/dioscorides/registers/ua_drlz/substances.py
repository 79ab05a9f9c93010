"""The substances in the register of Ukraine: INNs in English and Ukrainian, side by side."""

import polars as pl

#: Names of ATC classes and placeholders in place of a substance.
CLASS = r"(?i)combination|comb drug|^mono$|^various$|\bother\b|\band\b|\bincl\.|\bexcl\.|комбінаці"


def ingredients(frame: pl.DataFrame) -> pl.DataFrame:
    """The English name of each substance, the Ukrainian one where there is none; nothing where one is no substance."""
    uk, en = (pl.col(name).str.split(";") for name in ("inn_uk", "inn_en"))
    blank = pl.lit("").repeat_by(pl.coalesce(en, uk).list.len())
    aligned = en.is_null() | (uk.list.len() == en.list.len())
    names = (
        frame.filter(pl.coalesce("inn_en", "inn_uk").is_not_null())
        .select(
            "record_id", "row", en.fill_null(blank).alias("en"), pl.when(aligned).then(uk).otherwise(blank).alias("uk")
        )
        .with_columns(pl.int_ranges(1, pl.col("en").list.len() + 1).alias("position"))
        .explode("en", "uk", "position")
        .with_columns(pl.col("en", "uk").str.strip_chars(" *"))
        .with_columns(pl.coalesce(pl.col("en").replace("", None), pl.col("uk").replace("", None)).alias("name"))
    )
    readable = pl.col("name").is_not_null() & ~pl.col("name").str.contains(CLASS)
    return names.filter(readable.all().over("record_id")).select(
        "record_id",
        "row",
        "position",
        "name",
        pl.when(pl.col("en") != "").then(pl.lit("en")).otherwise(pl.lit("uk")).alias("language"),
        pl.lit("active").alias("role"),
    )
