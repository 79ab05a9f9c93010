"""Submissions of an application: which of them bound its approval, and what was decided on them."""

import polars as pl

from dioscorides.registers.source import Source

ORIGINAL = pl.col("type_code") == "original"
APPROVED = pl.col("status_code") == "approved"
#: The remark by which a withdrawal published in the Federal Register stands with the original submission.
WITHDRAWN = r"(?i)withdrawn FR effective (\d\d/\d\d/\d{4})"


def note_contradictions(
    source: Source, products: pl.DataFrame, applications: pl.DataFrame, submissions: pl.DataFrame
) -> None:
    """Issues: what the files say of each other that cannot all be so."""
    without_application = ~pl.col("application").is_in(one_of(applications["application"]))
    without_product = ~pl.col("application").is_in(one_of(products["application"]))
    source.issues("no_application", "products", products.filter(without_application), "file")
    source.issues("no_product", "applications", applications.filter(without_product), "file")
    source.issues("no_product", "submissions", submissions.filter(without_product), "file")
    first = pl.col("acted_date").filter(ORIGINAL & APPROVED).min().over("application")
    early = submissions.filter(~ORIGINAL & APPROVED & (pl.col("acted_date") < first))
    source.issues("supplement_before_original", "submissions.acted", early, "file")


def bounding(submissions: pl.DataFrame) -> pl.Expr:
    """All but supplements, and the earliest approved supplement of an application that has no dated original."""
    dated = APPROVED & pl.col("acted_date").is_not_null()
    undated = submissions.filter(~(ORIGINAL & dated).any().over("application")).filter(dated)
    bounds = undated.sort("acted_date", maintain_order=True).unique("application", keep="first")
    return (pl.col("type_code") != "supplement").fill_null(True) | pl.col("_at").is_in(bounds["_at"].implode())


def decisions(actions: pl.DataFrame) -> pl.DataFrame:
    """Approvals of the application of each product, or the day before which it came; what else was decided on it."""
    supplement = (pl.col("type_code") == "supplement").fill_null(False)
    authorised = APPROVED & (ORIGINAL | supplement)
    printed = pl.concat_str("type", "submission", "status", "acted", separator=" ", ignore_nulls=True)
    return actions.select(
        "record_id",
        "row",
        pl.when(authorised).then(pl.lit("authorised")).otherwise(pl.lit("decision")).alias("event"),
        pl.when(~supplement).then("acted_date").alias("date"),
        pl.when(~supplement).then("acted_precision").alias("precision"),
        pl.when(supplement).then(pl.col("acted_date").dt.offset_by("1d")).alias("before"),
        pl.format("{} of application {}", printed, "number").alias("text"),
    )


def withdrawals(actions: pl.DataFrame) -> pl.DataFrame:
    day = pl.col("remark").str.extract(WITHDRAWN).str.to_date("%m/%d/%Y", strict=False)
    return actions.filter(ORIGINAL & APPROVED & pl.col("remark").str.contains(WITHDRAWN)).select(
        "record_id",
        "row",
        pl.lit("withdrawn").alias("event"),
        day.alias("date"),
        pl.when(day.is_not_null()).then(pl.lit("day")).alias("precision"),
        pl.col("remark").alias("text"),
    )


def one_of(values: pl.Series) -> pl.Series:
    return values.unique().implode()
