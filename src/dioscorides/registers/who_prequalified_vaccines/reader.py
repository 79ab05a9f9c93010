"""WHO's list: one designation per presentation of a vaccine."""

import polars as pl

from dioscorides.registers.source import Source

#: What tells a row from the others; the list has no key.
KEY = ("name", "type", "presentation", "doses", "manufacturer")


def read(source: Source) -> None:
    rows = source.rows("vaccines")
    rows.key(pl.concat_str(KEY, separator=" / ", ignore_nulls=True).str.to_lowercase().str.replace_all(r"\s+", " "))
    frame = rows.frame
    source.emit(
        "designation",
        frame.select(
            "record_id",
            "row",
            pl.lit("UN").alias("jurisdiction"),
            pl.lit("prequalified").alias("kind"),
            pl.when(pl.col("name").str.to_lowercase() != "n/a").then("name").alias("product_name"),
            pl.col("type").alias("substances_text"),
            pl.col("manufacturer").alias("holder_name"),
            pl.lit("prequalified").alias("status"),
        ),
    )
    source.events(frame, decision="prequalified")
