"""Ingredients: the moiety before the brackets, and in them the salts in which it is supplied."""

import polars as pl

#: Vitamins and elements are supplied as compounds that do not bear their name.
SUPPLIED = r"^(VITAMIN [A-Z]\d*|IRON|COPPER|IODINE|IODIDE|SULFUR)$"


def with_salts(ingredients: pl.DataFrame) -> pl.DataFrame:
    """`position`, `amount` (strength and unit), and where brackets name what is supplied, `moiety` and `salt`."""
    bracket = pl.col("name").str.extract_groups(r"^(.*\S) \(((?:[^()]|\([^()]*\))+)\)$").struct
    stem = bracket["1"].str.extract(r"([A-Z]{4,})").str.slice(0, 5)
    supplied = bracket["2"].str.contains(stem, literal=True) | bracket["1"].str.contains(SUPPLIED)
    amount, per = (
        pl.concat_str(*columns, separator=" ", ignore_nulls=True)
        for columns in (("strength", "unit"), ("dosage", "dosage_unit"))
    )
    between = pl.when(per == "").then(pl.lit("")).when(per.str.contains("^[WV]/[WV]$")).then(pl.lit(" "))
    return ingredients.with_columns(
        pl.int_range(1, pl.len() + 1).over("record_id").alias("position"),
        pl.when(amount != "").then(amount + between.otherwise(pl.lit(" / ")) + per).alias("amount"),
        pl.when(supplied).then(bracket["1"]).alias("moiety"),
        pl.when(supplied).then(bracket["2"]).alias("salt"),
        stem.alias("stem"),
    )


def ingredients(parts: pl.DataFrame) -> pl.DataFrame:
    """A moiety and the salts in which it is supplied share a position; the strength is the moiety's."""
    salted = pl.col("salt").is_not_null()
    salts = parts.filter(salted).with_columns(pl.col("salt").str.split(", ").alias("name")).explode("name")
    each_named = pl.col("name").str.contains(pl.col("stem"), literal=True).fill_null(False).all().over("row")
    salts = salts.with_columns(pl.when(each_named).then("name").otherwise("salt").alias("name")).unique(
        ["row", "name"], maintain_order=True
    )
    moieties = parts.filter(salted).with_columns(pl.col("moiety").alias("name"))
    return pl.concat(
        part.select(
            "record_id",
            "row",
            "position",
            "name",
            pl.lit("en").alias("language"),
            pl.lit(None if role == "moiety" else "ca_hc_dpd", pl.String).alias("code_system"),
            pl.lit(None, pl.String).alias("code") if role == "moiety" else pl.col("ingredient_code").alias("code"),
            pl.lit(role).alias("role"),
            (pl.lit(None, pl.String) if part is salts else pl.col("amount")).alias("strength"),
        )
        for part, role in ((parts.filter(~salted), "active"), (salts, "active"), (moieties, "moiety"))
    )
