"""FDA drug shortages: one record per presentation that a company cannot supply or will discontinue."""

import re

import polars as pl

from dioscorides.registers.listings import BETWEEN, BRACKETED, ended_in_order, labelled, readable
from dioscorides.registers.source import Rows, Source

#: A package number: labeler, product, package; some lack the last part or the hyphens.
NDC = r"\d{4,5}-\d{2,4}-\d{1,4}|\d{4,5}-\d{3,4}\b|\b\d{10,11}\b"
#: What a name of one substance does not hold: a strength, a solvent, remains of a dosage form.
NO_SUBSTANCE = BETWEEN + r"|[\d%,]|(?i)\b(in|with|for|injection|release|USP)\b"
#: Statuses of a shortage that there is or was; the others are notices of a discontinuation.
SHORTAGE = ("ongoing", "resolved")


def read(source: Source) -> None:
    rows = source.rows("presentations")
    rows.frame = readable(rows.frame, "generic", "brand", "company", "presentation", "reason")
    short = pl.col("status_code").is_in(SHORTAGE)
    rows.frame = rows.frame.with_columns(
        pl.when(short).then("posted_date").alias("starts"),
        pl.when(pl.col("status_code") == "resolved").then("changed_date").alias("ends"),
    )
    keyed(rows)
    ended_in_order(source, rows, "starts", "ends")
    frame = rows.frame
    source.emit(
        "shortage",
        frame.select(
            "record_id",
            "row",
            pl.lit("US").alias("jurisdiction"),
            pl.coalesce("brand", "generic").alias("product_name"),
            pl.col("generic").alias("substances_text"),
            pl.col("company").alias("holder_name"),
            "starts",
            "ends",
            pl.col("status_code").alias("status"),
            "reason",
        ),
    )
    notices = frame.filter(~short.fill_null(False))
    source.events(notices.with_columns(labelled("Initial Posting Date", "posted")), status_change="posted")
    update = pl.concat_str("update", "updated", separator=" ", ignore_nulls=True)
    source.events(
        frame.with_columns(pl.when(pl.col("updated").is_not_null()).then(update).alias("updated")),
        status_change="updated",
    )
    for column, label in (("changed", "Change Date"), ("discontinued", "Date Discontinued")):
        source.events(frame.with_columns(labelled(label, column)), status_change=column)
    source.emit("ingredient", ingredients(source, frame))


def keyed(rows: Rows) -> None:
    """The package numbers, "discontinuation" where it is one, and the day of posting; then a count of those alike."""
    rows.set_aside(
        pl.col("presentation").is_null() | pl.col("generic").is_null(), "names no presentation of a generic name"
    )
    numbers = pl.coalesce("ndc", "presentation").str.extract_all(NDC).list.unique(maintain_order=True).list.join(" ")
    words = pl.concat_str("generic", "company", "presentation", separator=", ", ignore_nulls=True)
    notice = pl.when(~pl.col("status_code").is_in(SHORTAGE)).then(pl.lit("discontinuation"))
    key = pl.concat_str(
        pl.when(numbers != "").then("NDC " + numbers).otherwise(words),
        notice,
        pl.col("posted_date").cast(pl.String),
        separator="; ",
        ignore_nulls=True,
    )
    rows.frame = rows.frame.with_columns(key.alias("key"))
    order = pl.struct("company", "presentation", "_at").rank("ordinal").over("key")
    rows.frame = rows.frame.with_columns(order.alias("ordinal"))
    again = pl.when(pl.col("ordinal") > 1).then(pl.format(" #{}", "ordinal")).otherwise(pl.lit(""))
    rows.key(pl.col("key") + again)


def ingredients(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """What stands before a dosage form, without the brand in brackets; semicolons separate several substances."""
    words = {name: "|".join(map(re.escape, source.metadata.codes[name])) for name in ("qualifiers", "forms")}
    form = rf"(?i)( ({words['qualifiers']}))* ({words['forms']})$"
    generic, bracket = pl.col("generic"), pl.col("generic").str.extract(r"\(([^()]*)\)")
    names = frame.select("generic").drop_nulls().unique(maintain_order=True)
    plain = names.filter(bracket.is_null())["generic"].str.replace(form, "").str.to_lowercase()
    # in brackets stands the brand, or the substance behind a brand: then it is a generic name itself or begins small
    inverted = bracket.str.to_lowercase().is_in(plain.implode()) | bracket.str.contains(r"^\p{Ll}|,")
    marked = generic.str.contains(r"[®™].*\(")
    bare = generic.str.replace_all(BRACKETED, " ").str.replace_all(r"\s+", " ").str.strip_chars()
    names = (
        names.filter(~(inverted | marked).fill_null(False), bare.str.contains(form))
        .with_columns(bare.str.replace(form, "").str.split(";").alias("name"))
        .with_columns(pl.int_ranges(1, pl.col("name").list.len() + 1).alias("position"))
        .explode("name", "position")
        .with_columns(pl.col("name").str.strip_chars())
    )
    other = pl.col("name").str.to_lowercase().is_in(list(source.metadata.codes["no_substances"]))
    names = names.filter(~(pl.col("name").str.contains(NO_SUBSTANCE) | other).any().over("generic"))
    return (
        frame.select("record_id", "row", "generic")
        .join(names, on="generic", maintain_order="left_right")
        .drop("generic")
        .with_columns(pl.lit("en").alias("language"), pl.lit("active").alias("role"))
    )
