"""Ingredients of HSA's listing: which substances a cell names, and which of two stated as equivalent is the moiety."""

import polars as pl

#: Between an amount of a substance and what it corresponds to: "X 5 mg eqv Y", "Y (as X)", and misspelt.
EQUIVALENT = (
    r"(?i)[\s,(]+(?:is\s+)?(?:eq(?:v|vt|u|uv|uiv)?|eq[a-z]*valent|qv|corr[eo]s?p?[a-z]*|as)\b[.:]?\s*(?:to\b:?\s*)?"
)
#: A note of the part of the product in front of a name, or where it is behind it.
PART = r"(?i)^\([^)]*\)\s+|\s*\(in [^)]*\)$"
#: An amount and what stands behind it, or an amount in front.
AMOUNT = (
    r"(?i)^\d[\d.,]*\s*(?:mg|mcg|g|ml|iu|%)\s*(?:of\s+)?"
    r"|[\s(@:]*\d[\d.,]*\s*(?:mg|mcg|µg|g|ml|iu|units?|%)(?:\W.*)?$|\s\d+\.\d+$"
)
#: What qualifies a substance without naming another one.
GRADE = (
    r"(?i)[\s(]+(?:free\s+)?(?:base|anhydrous|anhyd|microni[sz]ed|sterile|core)\b\)?|^anhydrous\s+"
    r"|\s*\([^)]*\)?$|[\s,.)]+$"
)


def ingredients(frame: pl.DataFrame) -> pl.DataFrame:
    """Ingredient rows: an active per line of the cell, and its moiety where the register states it."""
    lines = pl.col("ingredients").str.split("\n")
    strengths = pl.col("strength").str.split("\n")
    parts = (
        frame.drop_nulls("ingredients")
        .select(
            "record_id",
            "row",
            lines.alias("line"),
            pl.int_ranges(1, lines.list.len() + 1).alias("position"),
            pl.when(lines.list.len() == strengths.list.len())
            .then(strengths)
            .otherwise(lines.list.eval(pl.lit(None, pl.String)))
            .alias("strength"),
        )
        .explode("line", "position", "strength")
        .with_columns(pl.col("line").str.replace_all(PART, "").str.strip_chars())
        .filter(pl.col("line") != "")
    )
    sides = pl.col("line").str.replace_all(EQUIVALENT, "|").str.split("|")
    first, second = (_cleaned(sides.list.get(place, null_on_oob=True)) for place in (0, 1))
    # a line with more than one pair stays as printed: which amount belongs to which name is not told
    pair = (sides.list.len() == 2) & ~pl.col("line").str.contains("(?i) and ")
    told = parts.with_columns(
        pl.when(pair).then(first).otherwise("line").alias("first"), pl.when(pair).then(second).alias("second")
    )
    words = {side: pl.col(side).str.to_lowercase().str.split(" ").fill_null([]) for side in ("first", "second")}
    shorter_second = words["second"].list.set_difference(words["first"]).list.len() == 0
    shorter_first = words["first"].list.set_difference(words["second"]).list.len() == 0
    paired = (pl.col("second") != "").fill_null(False) & (shorter_first != shorter_second)
    told = told.with_columns(
        pl.when(paired & shorter_first).then("second").otherwise("first").alias("active"),
        pl.when(paired).then(pl.when(shorter_first).then("first").otherwise("second")).alias("moiety"),
    )
    return pl.concat(
        told.filter(pl.col(role).is_not_null() & (pl.col(role) != "")).select(
            "record_id",
            "row",
            "position",
            pl.col(role).alias("name"),
            pl.lit("en").alias("language"),
            pl.lit(role).alias("role"),
            "strength",
        )
        for role in ("active", "moiety")
    )


def _cleaned(side: pl.Expr) -> pl.Expr:
    """One side of an equivalence without its amount and grade."""
    named = side.str.strip_chars(" ,.()").str.replace_all(AMOUNT, "")
    for _ in range(2):
        named = named.str.replace_all(GRADE, "")
    return named.str.replace_all(r"\s+", " ").str.strip_chars(" ,.:(")
