"""EMA referrals: one record per procedure, kept with the designations, with an event for each of its steps."""

import polars as pl

from dioscorides.registers.listings import labelled, readable, sole_substance
from dioscorides.registers.source import Source

#: The steps of a procedure in their order: our column, the event that it is, and its name in print.
STEPS = (
    ("started", "status_change", "Procedure start"),
    ("recommended", "opinion", "PRAC recommendation"),
    ("opinion", "opinion", "CHMP/CVMP opinion"),
    ("positioned", "opinion", "CMDh position"),
    ("concluded", "opinion", "CHMP opinion / CMDh position"),
    ("decided", "decision", "European Commission decision"),
)


def read(source: Source) -> None:
    rows = source.rows("referrals")
    rows.frame = readable(rows.frame, "name", "inn", "type")
    rows.key(pl.col("page").str.extract(r"/medicines/(.+)$"))
    rows.set_aside(pl.col("record_id").is_null(), "without the address of its page")
    frame = rows.frame
    source.emit(
        "designation",
        frame.select(
            "record_id",
            "row",
            pl.lit("EU").alias("jurisdiction"),
            pl.coalesce("category_code", pl.lit("referral")).alias("kind"),
            pl.col("name").alias("product_name"),
            pl.col("inn").alias("substances_text"),
            _joined("type", "safety_code", separator="; ").alias("use_text"),
            pl.col("status_code").alias("status"),
        ),
    )
    out_of_order(source, frame)
    outcome = pl.col("recommended") + pl.coalesce(pl.format(": {}", "outcome"), pl.lit(""))
    frame = frame.with_columns(outcome.alias("recommended"))
    for column, event, label in STEPS:
        source.events(frame.with_columns(labelled(label, column)), **{event: column})
    source.emit("ingredient", sole_substance(frame, "inn", "en"))


def _joined(*columns: str, separator: str) -> pl.Expr:
    text = pl.concat_str(*columns, separator=separator, ignore_nulls=True)
    return pl.when(text != "").then(text)


def out_of_order(source: Source, frame: pl.DataFrame) -> None:
    """An issue for each step that is dated before one that precedes it; both dates are kept as stated."""
    for at, (later, _, label) in enumerate(STEPS):
        for earlier, _, preceding in STEPS[:at]:
            if (earlier, later) != ("opinion", "positioned"):  # either committee concludes, in no order
                odd = frame.filter(pl.col(f"{later}_date") < pl.col(f"{earlier}_date"))
                said = pl.lit(f"{label} before {preceding}").alias("order")
                source.issues("dates_out_of_order", "referrals", odd.with_columns(said), "order")
