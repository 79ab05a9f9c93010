"""UNII list: the names, brands and codes of each substance that is a medicine or part of one."""

import polars as pl

from dioscorides.registers.names import Named, emit_names
from dioscorides.registers.source import Source

#: What the records file must refer a substance to for its names to be of use here.
REFERENCES = ("inn", "usan", "rxnorm", "ncit", "label")
#: Longer names are descriptions: of a construct, a strain, a mixture.
LONGEST = 100
#: Of fewer letters and digits a name is an abbreviation of many things.
SHORTEST = 3
#: The works that print a name, in brackets at its end, as "[INN]" or "[USP MONOGRAPH] [WHO-DD]"; a nuclide is no work.
MARKS = r"((?:\s*\[[A-Z][A-Z0-9 .,:/-]*\])+)$"
NUCLIDE = r"\[[A-Z]{1,2}[- ]?\d{1,3}M?\]$"
KINDS = {"official": "synonym", "common": "synonym", "brand": "brand", "code": "code"}


def read(source: Source) -> None:
    names = source.rows("names").key(pl.col("unii"))
    official = names.frame.filter(pl.col("type_code") == "official")["unii"].unique()
    medicines = referred(source, official)
    names.set_aside(pl.col("type_code") == "unknown", "a kind of name that is not known")
    names.leave_out(pl.col("type_code") == "systematic", "a systematic chemical name, by which nobody calls a medicine")
    names.leave_out(~pl.col("unii").is_in(medicines.implode()), "of a substance that no list of medicines refers to")
    names.leave_out(pl.col("name").str.len_chars() > LONGEST, "a description, not a name")
    names.leave_out(~pl.col("name").str.contains(r"\pL"), "a number or a sign, which names nothing by itself")
    names.leave_out(pl.col("name").str.count_matches(r"[\pL\d]") < SHORTEST, "too short to stand for one thing")
    names.frame = named(names.frame)
    english = pl.when(~pl.col("kind").is_in(["brand", "code"])).then(pl.lit("en"))
    emit_names(source, names, [Named("bare", english, "Latn", pl.col("kind"))], code="unii", several=True)


def referred(source: Source, official: pl.Series) -> pl.Series:
    """The UNIIs of substances that are medicines or parts of them; where the file that tells is missing, `official`."""
    records = source.rows("records")
    records.lookup = True
    if records.frame.is_empty():
        return official
    known = pl.any_horizontal(pl.col(REFERENCES).is_not_null())
    return records.frame.filter(known)["unii"]


def named(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with `bare`, the name without the marks of works, and its `kind`."""
    name, display = pl.col("name"), pl.col("display")
    marks = pl.when(~name.str.contains(NUCLIDE)).then(name.str.extract(MARKS))
    frame = frame.with_columns(marks.alias("marks")).with_columns(
        pl.when(pl.col("marks").is_not_null()).then(name.str.replace(MARKS, "")).otherwise(name).alias("bare")
    )
    chosen = pl.col("type_code").is_in(["official", "common"])
    return frame.with_columns(
        pl.when(chosen & pl.col("marks").str.contains(r"\[INN\]"))
        .then(pl.lit("inn"))
        .when(chosen & (name == display))
        .then(pl.lit("national"))
        .otherwise(pl.col("type_code").replace_strict(KINDS, default=None))
        .alias("kind")
    )
