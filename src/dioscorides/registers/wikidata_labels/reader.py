"""Wikidata: labels of items that state a UNII, an INN or an ATC code, and the UNII that an item alone states."""

import polars as pl

from dioscorides.registers.names import Named, emit_names
from dioscorides.registers.source import Rows, Source

#: Letters without which a label is not in its language: it repeats the English one.
LETTERS = {
    "ru": r"\p{Cyrillic}", "uk": r"\p{Cyrillic}", "kk": r"\p{Cyrillic}", "el": r"\p{Greek}", "ko": r"\p{Hangul}",
    "ja": r"[\p{Hiragana}\p{Katakana}\p{Han}]", "zh": r"\p{Han}", "ar": r"\p{Arabic}",
}  # fmt: skip
#: An ATC code of a substance; shorter ones are groups.
SUBSTANCE = r"^[A-Z]\d\d[A-Z]{2}\d\d$"


def read(source: Source) -> None:
    codes = keyed(source.rows("codes"))
    labels = keyed(source.rows("labels"))
    grouped = pl.col("atc").is_not_null() & ~pl.col("atc").str.contains(SUBSTANCE)
    codes.leave_out(grouped, "an ATC code of a group, not of a substance")
    labels.leave_out(
        ~pl.col("qid").is_in(codes.frame["qid"].unique().implode()), "of an item with no code of a substance"
    )
    foreign = pl.any_horizontal(
        (pl.col("tongue") == language) & ~pl.col("label").str.contains(letters) for language, letters in LETTERS.items()
    )
    labels.leave_out(foreign, "not in the letters of its language: it repeats the English label")
    named = pl.concat([codes.frame.drop_nulls("inn")["qid"], labels.frame["qid"]]).unique()
    codes.leave_out(~pl.col("qid").is_in(named.implode()), "of an item without a label in the languages that are read")
    uniis = alone(codes.frame)
    for rows, column in ((codes, "inn"), (labels, "label")):
        rows.frame = rows.frame.join(uniis, on="qid", how="left", maintain_order="left").with_columns(
            pl.when(pl.col("own").is_not_null())
            .then(pl.lit("us_fda_unii"))
            .otherwise(pl.lit(source.metadata.id))
            .alias("system"),
            pl.coalesce("own", "qid").alias("code"),
        )
        names = [Named(column, pl.col("tongue"), None, "synonym")]
        emit_names(source, rows, names, system="system", several=True)


def keyed(rows: Rows) -> Rows:
    """The rows by their item, which is their record, and with the language of which theirs is a kind (zh-hans: zh)."""
    rows.set_aside(~pl.col("item").str.contains(r"/Q\d+$"), "no row of the result, but an error of the query service")
    item = pl.col("item").str.extract(r"(Q\d+)$")
    rows.frame = rows.frame.with_columns(item.alias("qid"), pl.col("language").str.slice(0, 2).alias("tongue"))
    return rows.key(pl.col("qid"))


def alone(codes: pl.DataFrame) -> pl.DataFrame:
    """The UNII (`own`) of each item (`qid`) that states one only, which no other item states."""
    stated = codes.select("qid", pl.col("unii").alias("own")).drop_nulls().unique(maintain_order=True)
    return stated.filter((pl.len().over("qid") == 1) & (pl.len().over("own") == 1))
