"""Drugs@FDA: one record per product of an application, with the approvals of the application."""

import polars as pl

from dioscorides.registers.source import Rows, Source
from dioscorides.registers.us_fda_drugs.products import authorisations, described, ingredients
from dioscorides.registers.us_fda_drugs.submissions import (
    APPROVED,
    ORIGINAL,
    bounding,
    decisions,
    note_contradictions,
    one_of,
    withdrawals,
)

WIDTHS = {"application": 6, "product": 3}
KEY = pl.format("{}-{}", "application", "product")


def read(source: Source) -> None:
    products, marketing = (padded(source, name).key(KEY) for name in ("products", "marketing"))
    applications, submissions, properties = map(padded, [source] * 3, ("applications", "submissions", "properties"))
    products.set_aside(~pl.col("record_id").is_first_distinct(), "another row has the same product number")
    translate(source, marketing, "status", "marketing_statuses")
    translate(source, submissions, "class", "classes")
    note_contradictions(source, products.frame, applications.frame, submissions.frame)

    listed = one_of(products.frame["application"])
    leave_out_tentative(source, products, marketing, submissions.frame)
    keys = products.frame.select("application", "record_id").sort("record_id")
    submissions.leave_out(~bounding(submissions.frame), "a supplement to an approved application")
    properties.leave_out(~ORIGINAL | (pl.col("property_code") == "none"), "no property of an original submission")
    for rows in (applications, submissions, properties):
        rows.leave_out(~pl.col("application").is_in(listed), "the register lists no product of this application")
        kept = pl.col("application").is_in(one_of(keys["application"]))
        rows.leave_out(~kept, "of products that are only tentatively approved").key_all(keys, on="application")

    frame = described(products.frame, applications.frame, submissions.frame, properties.frame, marketing.frame)
    source.emit("authorisation", authorisations(frame))
    source.emit("ingredient", ingredients(frame))
    numbers = frame.select("record_id", "application", "number")
    actions = numbers.join(submissions.frame.drop("record_id"), on="application", maintain_order="left_right")
    source.emit("event", decisions(actions))
    source.emit("event", withdrawals(actions))


def padded(source: Source, table: str) -> Rows:
    """A table, its numbers with the leading zeros that spreadsheets eat."""
    rows = source.rows(table)
    numbers = {name: pl.col(name).str.zfill(width) for name, width in WIDTHS.items() if name in rows.frame.columns}
    rows.frame = rows.frame.with_columns(**numbers)
    return rows


def translate(source: Source, rows: Rows, column: str, lookup: str) -> None:
    """`<column>_code`: what an id means by the register's own list, where the snapshot has it."""
    meanings = source.rows(lookup).codes("id", "meaning_code")
    if meanings:
        unknown = rows.frame.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(list(meanings)))
        source.issues("unknown_code", f"{rows.spec.name}.{column}", unknown, column)
    code = pl.col(column).replace_strict(meanings, default=None, return_dtype=pl.String)
    rows.frame = rows.frame.with_columns(code.alias(f"{column}_code"))


def leave_out_tentative(source: Source, products: Rows, marketing: Rows, submissions: pl.DataFrame) -> None:
    """Products marked so, and those of an application without any approval unless they are on the market."""
    approved = pl.col("application").is_in(one_of(submissions.filter(APPROVED)["application"]))
    waiting = submissions.filter((pl.col("status_code") == "tentative") & ~approved)["application"]
    of_waiting = pl.col("application").is_in(one_of(waiting))
    only_tentative = pl.col("status_code").eq_missing(pl.lit("tentative")).all().over("record_id")
    marked = marketing.frame.filter(only_tentative)["record_id"]
    marketed = pl.col("record_id").is_in(one_of(marketing.frame.filter(status_code="marketed")["record_id"]))
    source.issues("marketed_but_tentative", "products", products.frame.filter(of_waiting & marketed), "file")
    for rows in (products, marketing):
        tentative = pl.col("record_id").is_in(one_of(marked)) | (of_waiting & ~marketed)
        rows.leave_out(tentative, "only tentatively approved, not authorised")
