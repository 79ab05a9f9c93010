"""FDA's drug establishments: one record per site, as a place and as an organisation, and one per other registrant."""

import polars as pl

from dioscorides.registers.listings import not_beyond, readable, remark
from dioscorides.registers.source import Rows, Source

#: The same table in the formats in which it is published; the first is read.
FORMATS = ("text", "delimited", "workbook")
#: No registration holds longer, in years.
REGISTERED = 3


def read(source: Source) -> None:
    table = next((name for name in FORMATS[:-1] if source.has(name)), FORMATS[-1])
    rows = source.rows(table)
    rows.frame = readable(rows.frame, "name", "address", "registrant")
    fei = pl.when(pl.col("fei").str.contains(r"^\d*[1-9]\d*$")).then("fei")
    rows.frame = rows.frame.with_columns(fei, nine_digits("duns"), nine_digits("registrant_duns"))
    rows.frame = rows.frame.with_columns(pl.coalesce("duns", "FEI " + pl.col("fei")).alias("site"))
    rows.set_aside(pl.col("site").is_null(), "neither a DUNS number nor an establishment identifier")
    not_beyond(source, rows, REGISTERED, "expires")
    country = pl.coalesce(
        pl.col("address").str.extract(r"\(([A-Z]{3})\)$"), pl.col("address").str.extract(r"([^,]+)$").str.strip_chars()
    )
    source.decode(rows, "country", country, "countries")
    with_operations(source, rows)
    others = registrants(rows.frame)
    own = rows.frame.select("site", pl.col("site").alias("record_id"))
    rows.key_all(pl.concat([own, others.select("site", "record_id")]), on="site")
    emit(source, rows.frame, others)


def nine_digits(column: str) -> pl.Expr:
    """A DUNS number with the zeros at its beginning, which a workbook may lose; nothing where it is none."""
    return pl.when(pl.col(column).str.contains(r"^\d{6,9}$")).then(pl.col(column).str.zfill(9)).alias(column)


def with_operations(source: Source, rows: Rows) -> None:
    """`done`, what is done at each site; an operation that is not known counts in an issue and is kept as printed."""
    done = pl.col("operations").str.split(";").list.eval(pl.element().str.strip_chars()).list.drop_nulls()
    rows.frame = rows.frame.with_columns(done.list.eval(pl.element().filter(pl.element() != "")).alias("done"))
    each = rows.frame.select("row", pl.col("done").alias("operation")).explode("operation").drop_nulls()
    known = list(source.metadata.codes["operations"])
    odd = each.filter(~pl.col("operation").str.to_lowercase().is_in(known))
    source.issues("unknown_code", f"{rows.spec.name}.operations", odd, "operation")


def registrants(frame: pl.DataFrame) -> pl.DataFrame:
    """Registrants that are no site themselves, with the sites that they register."""
    elsewhere = pl.col("registrant_duns").is_not_null() & ~pl.col("registrant_duns").is_in(frame["site"].implode())
    return frame.filter(elsewhere).select("site", "row", "registrant", pl.col("registrant_duns").alias("record_id"))


def emit(source: Source, frame: pl.DataFrame, others: pl.DataFrame) -> None:
    source.emit(
        "establishment",
        frame.select(
            "record_id",
            "row",
            "name",
            "address",
            pl.col("country_code").alias("country"),
            pl.col("done").alias("operations"),
            pl.col("fei").alias("organisation_code"),
        ),
    )
    parent = pl.when(pl.col("registrant_duns") != pl.col("site")).then("registrant_duns")
    source.emit(
        "organisation_record",
        frame.filter(pl.col("duns").is_not_null()).select(
            "record_id",
            "row",
            pl.lit("DUNS").alias("code_system"),
            pl.col("duns").alias("code"),
            "name",
            pl.col("country_code").alias("country"),
            parent.alias("parent_code"),
            pl.when(parent.is_not_null()).then(pl.lit("registrant")).alias("relation"),
            pl.col("expires_date").alias("ends"),
        ),
    )
    source.emit(
        "organisation_record",
        others.unique("record_id", keep="first", maintain_order=True).select(
            "record_id",
            "row",
            pl.lit("DUNS").alias("code_system"),
            pl.col("record_id").alias("code"),
            pl.col("registrant").alias("name"),
        ),
    )
    remark(source, frame.filter(pl.col("excluded_code") == "excluded"), pl.lit("excluded from the current list by FDA"))
