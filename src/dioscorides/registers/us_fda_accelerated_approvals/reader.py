"""Accelerated approvals: one record per approved indication, with the day on which the submission came in."""

import polars as pl

from dioscorides.registers.source import Source

#: What the last date of a row is the date of, by the row's status.
SETTLED = {"converted": "status_change", "withdrawn": "withdrawn", "indication_withdrawn": "withdrawn"}


def read(source: Source) -> None:
    rows = source.rows("approvals")
    broken = source.metadata.codes["broken_words"]
    texts = pl.col("name", "substances", "holder", "use").str.replace_all(r"\s+", " ")
    whole = texts.str.replace_many(list(broken), list(broken.values()), ascii_case_insensitive=True)
    source.decode(rows, "outcome", pl.col("status").str.replace_all(r"\s+", " "), "outcome")
    application = pl.col("application").str.replace_all(" ", "")
    submission = pl.coalesce(pl.format("SUPPL {}", "supplement"), "original")
    rows.frame = rows.frame.with_columns(whole, pl.format("{} {}", application, submission).alias("submission"))
    rows.set_aside(pl.col("submission").is_null(), "neither an original submission nor a supplement")
    rows.frame = rows.frame.with_columns(ordinal().alias("ordinal"))
    rows.key(
        pl.col("submission") + pl.when(pl.col("ordinal") > 1).then(pl.format(" #{}", "ordinal")).otherwise(pl.lit(""))
    )
    frame = rows.frame
    source.emit(
        "designation",
        frame.select(
            "record_id",
            "row",
            pl.lit("US").alias("jurisdiction"),
            pl.lit("accelerated").alias("kind"),
            pl.col("name").alias("product_name"),
            pl.col("substances").alias("substances_text"),
            pl.col("use").alias("use_text"),
            pl.col("holder").alias("holder_name"),
            pl.col("outcome_code").alias("status"),
        ),
    )
    source.events(frame, submission_received="received", authorised="approved")
    for event in sorted(set(SETTLED.values())):
        statuses = [status for status, of in SETTLED.items() if of == event]
        source.events(frame.filter(pl.col("outcome_code").is_in(statuses)), **{event: "settled"})
    undecided = frame.filter(
        pl.col("settled").is_not_null() & ~pl.col("outcome_code").is_in(list(SETTLED)).fill_null(False)
    )
    source.issues("date_without_status", "approvals.settled", undecided, "settled")
    backwards = frame.filter(pl.col("approved_date") < pl.col("received_date"))
    source.issues("approved_before_received", "approvals.received", backwards, "received")


def ordinal() -> pl.Expr:
    """Place of an indication among those of its submission: by date, then by text, whatever the order of rows."""
    order = pl.struct("approved_date", "use").rank("ordinal")
    return order.over("submission")
