"""The ANSM's list of supply troubles: one record per speciality or pack and page of the ANSM."""

import polars as pl

from dioscorides.registers.listings import ended_in_order, labelled, not_beyond, remark
from dioscorides.registers.source import Rows, Source

#: A state is announced less than this ahead, in years.
ANNOUNCED = 3


def read(source: Source) -> None:
    rows = keyed(source.rows("availability"))
    not_beyond(source, rows, ANNOUNCED, "starts")
    with_status(source, rows)
    status, starts = pl.col("status"), pl.col("starts_date")
    repeated = (starts == pl.col("returned_date")).fill_null(False)
    troubled = (status != "discontinued").fill_null(True) & ~((status == "resolved").fill_null(False) & repeated)
    rows.frame = rows.frame.with_columns(
        pl.when(troubled).then(starts).alias("first_day"),
        pl.when(status == "resolved").then("returned_date").alias("last_day"),
    )
    ended_in_order(source, rows, "first_day", "last_day")
    frame = rows.frame
    source.emit(
        "shortage",
        frame.select(
            "record_id",
            "row",
            pl.lit("FR").alias("jurisdiction"),
            pl.col("first_day").alias("starts"),
            pl.col("last_day").alias("ends"),
            "status",
        ),
    )
    ended = frame.filter(status == "discontinued")
    source.events(
        ended.filter(starts <= source.today).with_columns(labelled("Arrêt de commercialisation", "starts")),
        status_change="starts",
    )
    remark(
        source,
        ended.filter((starts > source.today).fill_null(True)),
        pl.format("Arrêt de commercialisation {}", "starts"),
    )
    source.events(frame.with_columns(labelled("Mise à jour", "updated")), status_change="updated")


def keyed(rows: Rows) -> Rows:
    rows.set_aside(~pl.col("cis").str.contains(r"^\d{8}$").fill_null(False), "has no CIS code where it should stand")
    page = pl.col("page").str.extract(r"([^/]+)/?$")
    return rows.key(pl.concat_str("cis", "cip13", page, separator=" ", ignore_nulls=True))


def with_status(source: Source, rows: Rows) -> None:
    """`status`, where the code and its words agree or one of them says nothing."""
    code, label = pl.col("code_code"), pl.col("label_code")
    torn = (code != label).fill_null(False)
    said = pl.format("{} {}", "code", "label").alias("said")
    source.issues("code_contradicts_label", "availability.code", rows.frame.filter(torn).with_columns(said), "said")
    rows.frame = rows.frame.with_columns(pl.when(~torn).then(pl.coalesce(code, label)).alias("status"))
