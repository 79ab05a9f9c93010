"""EMA's list of shortages: one record per shortage that concerns several member states."""

import polars as pl

from dioscorides.registers.listings import labelled, not_beyond, readable, remark, sole_substance
from dioscorides.registers.source import Source

#: Nobody foresees the end of a shortage further ahead, in years.
FORESEEN = 10


def read(source: Source) -> None:
    rows = source.rows("shortages")
    rows.frame = readable(rows.frame, "name", "inn", "expected_text")
    rows.key(pl.col("page").str.extract(r"/medicines/(.+)$"))
    rows.set_aside(pl.col("record_id").is_null(), "without the address of its page")
    not_beyond(source, rows, FORESEEN, "expected")
    frame = rows.frame
    source.emit(
        "shortage",
        frame.select(
            "record_id",
            "row",
            pl.lit("EU").alias("jurisdiction"),
            pl.col("name").alias("product_name"),
            pl.col("inn").alias("substances_text"),
            pl.col("starts_date").alias("starts"),
            pl.col("expected_date").alias("expected_end"),
            pl.col("status_code").alias("status"),
        ),
    )
    source.events(frame.with_columns(labelled("First published", "published")), status_change="published")
    remark(source, frame, pl.format("Expected resolution: {}", "expected_text"))
    source.emit("ingredient", sole_substance(frame, "inn", "en"))
