"""The substances in the texts of ANMDMR: Latin names, combinations, groups of products."""

import polars as pl

#: Combinations and groups of products, with or without what is in them.
GROUP = r"^(?:COMBINATII|PLANTE|BIOLOGIC)\s*\((.*)\)$"
GROUP_ONLY = r"COMBINATII|^PLANTE$|^DIVERSE|^HOMEOPATE$|^RADIOFARMACEUTICE$"
#: Words that show a name to be Romanian and not Latin.
ROMANIAN = r"\b(VACCIN|VACC|EXTRACT|IMUNOGLOBULINA|ACID|DE|DIN|CU|SI|UMANA?|UMANE|TIP|SER)\b"


def ingredients(products: pl.DataFrame) -> pl.DataFrame:
    """Substances joined by plus signs, those of a vaccine without the kind of vaccine behind them."""
    text = pl.col("substances").str.replace(GROUP, "${1}").str.replace(r"[, ]+vacc\.\s*tip.*$", "")
    names = text.str.replace_all("/", "+", literal=True).str.split("+")
    return (
        products.filter(~text.str.contains(GROUP_ONLY).fill_null(True))
        .select("record_id", "row", names.alias("name"))
        .with_columns(pl.int_ranges(1, pl.col("name").list.len() + 1).alias("position"))
        .explode("name", "position")
        .with_columns(pl.col("name").str.replace_all(r"\s+", " ").str.strip_chars())
        .filter((pl.col("name") != "") & (pl.col("name") != "SARURI"))
        .select(
            "record_id",
            "row",
            "position",
            "name",
            pl.when(pl.col("name").str.contains(ROMANIAN)).then(pl.lit("ro")).otherwise(pl.lit("la")).alias("language"),
            pl.lit("active").alias("role"),
        )
    )
