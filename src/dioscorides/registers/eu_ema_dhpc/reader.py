"""EMA's letters to healthcare professionals: one record per letter, kept with the designations."""

import polars as pl

from dioscorides.registers.listings import labelled, readable, sole_substance
from dioscorides.registers.source import Source


def read(source: Source) -> None:
    rows = source.rows("letters")
    rows.frame = readable(rows.frame, "name", "substance", "type")
    rows.key(pl.col("page").str.extract(r"/medicines/(.+)$"))
    rows.set_aside(pl.col("record_id").is_null(), "without the address of its page")
    frame = rows.frame
    source.emit(
        "designation",
        frame.select(
            "record_id",
            "row",
            pl.lit("EU").alias("jurisdiction"),
            pl.coalesce("category_code", pl.lit("dhpc")).alias("kind"),
            pl.col("name").alias("product_name"),
            pl.col("substance").alias("substances_text"),
            pl.col("type").alias("use_text"),
            pl.col("outcome_code").alias("status"),
        ),
    )
    for column, label in (("disseminated", "Dissemination"), ("published", "First published")):
        source.events(frame.with_columns(labelled(label, column)), status_change=column)
    source.emit("ingredient", sole_substance(frame, "substance", "en"))
