"""The substances in INVIMA's texts, and the moieties that they are equivalent to."""

import polars as pl

#: A substance and, behind it, the moiety that it is equivalent to.
EQUIVALENT = r"(?i)^(.*?)[\s.,;(]*EQUIVA\w+\s+A\s+(.*)$"
UNIT = r"(?:MG|MCG|ΜG|µG|G|GRAMOS?|UI|U\.I\.|U|ML|MEQ|%)"
#: What stands about the name of a substance: the part of the pack, amounts, remarks in brackets and behind it.
ABOUT = (
    (r"^[^:(]{1,60}:\s*", ""),
    (rf"(?i)^\d[\d.,]*\s*{UNIT}\.?\s+(?:DE\s+)?", ""),
    (r"(?i)[\s(]*EQU?I+VA.*$", ""),
    (r"(?i)\s+(?:EXPRESAD[OA]S? )?COMO\s.*$", ""),
    (rf"(?i)[\s(]*(?:\b(?:AL|DEL)\s+)?\d[\d.,]*\s*{UNIT}(?:\W.*)?$|\s\d+[.,]\d+$", ""),
    (r"\s*\(\s*[^\d\s)][^()]*\)?\s*$", ""),
    (r"(?i)\s+(?:USP|BP|BASE\*?)$", ""),
    (r"^[\s.,;*]+|[\s.,;*(]+$", ""),
    (r"\s+", " "),
)
#: A moiety is a plain name, without the words of salts and hydrates.
PLAIN = r"^[\p{L}-]{4,}(?: [\p{L}-]{3,})?$"
NOT_PLAIN = r"(?i)hidr|s[oó]di|potasi|c[aá]lci|sulfa|fosfa|umara|malea|tartra|citra|aceta|vitamina|element|^(la )?base"


def ingredients(frame: pl.DataFrame) -> pl.DataFrame:
    """Ingredient rows of records with `substances`; a moiety shares the position of its substance."""
    parts = (
        frame.select("record_id", "row", pl.col("substances").str.split(" + ").alias("part"))
        .with_columns(pl.int_ranges(1, pl.col("part").list.len() + 1).alias("position"))
        .explode("part", "position")
    )
    both = pl.col("part").str.extract_groups(EQUIVALENT).struct
    active = named(parts, pl.coalesce(both["1"], "part"), "active")
    moiety = named(parts, both["2"], "moiety")
    salts = moiety.join(active, on=["record_id", "position"], how="semi", maintain_order="left")
    plain = pl.col("name").str.contains(PLAIN) & ~pl.col("name").str.contains(NOT_PLAIN)
    return pl.concat([active, salts.filter(plain)])


def named(parts: pl.DataFrame, text: pl.Expr, role: str) -> pl.DataFrame:
    """The names of substances, without what stands about them."""
    for pattern, instead in ABOUT:
        text = text.str.replace_all(pattern, instead)
    return parts.select(
        "record_id", "row", "position", text.alias("name"), pl.lit("es").alias("language"), pl.lit(role).alias("role")
    ).filter(pl.col("name").str.contains(r"\p{L}{3}"))
