"""The substances in TİTCK's texts, which join them in many ways."""

import polars as pl

from dioscorides.registers.source import Source

#: Parts of a list of substances; what stands in brackets belongs to its part.
PARTS = r"(?:\([^()]*\)|[^,;+/&(])+"
#: Classes of substances in place of a substance.
CLASS = r"(?i)\b(and|others?|combinations?|electrolytes|solutions|plain|use|various)\b|karışımı|elektrolit|karbonhidrat"


def ingredients(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """Substances of each record, where every part of the text is a name."""
    text = pl.col("substances").str.replace_all(r"\s+", " ").str.replace_all(r" ve ", ", ")
    names = (
        frame.drop_nulls("substances")
        .select("record_id", "row", text.str.extract_all(PARTS).alias("name"), "substances")
        .with_columns(pl.int_ranges(1, pl.col("name").list.len() + 1).alias("position"))
        .explode("name", "position")
        .with_columns(pl.col("name").str.strip_chars())
        .filter(pl.col("name") != "")
    )
    whole = pl.col("substances")
    closed = whole.str.count_matches("(", literal=True) == whole.str.count_matches(")", literal=True)
    is_name = pl.col("name").str.contains(r"\p{L}{3}") & closed & ~whole.str.contains(CLASS)
    unread = names.filter(~is_name.all().over("record_id")).unique("record_id", maintain_order=True)
    if not unread.is_empty():
        first = unread.row(0, named=True)
        source.issue("unsplit_substances", "products.substances", first["substances"], len(unread), first["row"])
    return names.filter(is_name.all().over("record_id")).select(
        "record_id", "row", "position", "name", pl.lit("tr").alias("language"), pl.lit("active").alias("role")
    )
