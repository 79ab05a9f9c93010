"""Drug Product Database: one record per product, with the history of its status."""

import polars as pl

from dioscorides.registers.ca_hc_dpd.history import authorised, other_events, with_days
from dioscorides.registers.ca_hc_dpd.ingredients import ingredients, with_salts
from dioscorides.registers.source import Rows, Source

TABLES = ("drug", "status", "company", "ingredient", "form", "route", "class", "biosimilar")
DISINFECTANT = "a disinfectant for surfaces or instruments, no medicine"
STATUS = dict.fromkeys(("approved", "marketed", "dormant", "restricted", "interim"), "authorised") | {
    "cancelled": "withdrawn",
    "lapsed": "expired",
    "interim_revoked": "withdrawn",
    "interim_expired": "expired",
}


def read(source: Source) -> None:
    tables = of_medicines({name: keyed(source.rows(name)) for name in TABLES})
    history, parts = with_days(tables["status"]), with_salts(tables["ingredient"])
    source.emit("authorisation", authorisations(source, tables, history, parts))
    permitted = authorised(history)
    source.emit("event", permitted)
    source.emit("event", other_events(history, permitted))
    source.emit("ingredient", ingredients(parts))


def keyed(rows: Rows) -> Rows:
    return rows.set_aside(~pl.col("code").str.contains(r"^\d+$"), "the first field is no drug code").key(pl.col("code"))


def of_medicines(tables: dict[str, Rows]) -> dict[str, pl.DataFrame]:
    """The frames of the tables, without what the register's own class says is no medicine."""
    disinfectants = tables["drug"].frame.filter(pl.col("class_code") == "disinfectant")["code"].implode()
    disinfects = pl.col("code").is_in(disinfectants)
    return {name: rows.leave_out(disinfects, DISINFECTANT).frame for name, rows in tables.items()}


def authorisations(
    source: Source, tables: dict[str, pl.DataFrame], history: pl.DataFrame, parts: pl.DataFrame
) -> pl.DataFrame:
    code = pl.col("status_code")
    current = history.filter(pl.col("current_code") == "current").sort("day", maintain_order=True)
    owners = tables["company"].filter(pl.col("type_code") == "holder")
    for name, rows in (("status.current", current), ("company.type", owners)):
        source.issues("several_for_one", name, rows.filter(pl.col("record_id").is_duplicated()), "record_id")
    emergency = (code == "interim").any() & ~(code == "approved").any()
    frame = tables["drug"]
    for table, facts in (
        (current, [code.last()]),
        (history, [emergency.alias("emergency")]),
        (owners, [pl.col("name").first().alias("holder_name"), pl.col("country_code").first()]),
        (parts, [_joined("name").alias("substances_text"), _joined("amount")]),
        (tables["form"], [_joined("form")]),
        (tables["route"], [_joined("route")]),
        (tables["class"], [pl.col("atc").str.extract(r"^(Q?[A-Z]\d\d\w*)").drop_nulls().unique(maintain_order=True)]),
        (tables["biosimilar"], [pl.col("kind_code").first()]),
    ):
        frame = frame.join(table.group_by("record_id").agg(facts), on="record_id", how="left", maintain_order="left")
    return frame.select(
        "record_id",
        "row",
        pl.lit("CA").alias("jurisdiction"),
        pl.lit("Health Canada").alias("agency"),
        pl.col("din").str.extract(r"^(\d{8})$").alias("number"),
        pl.col("name").alias("product_name"),
        "holder_name",
        pl.col("country_code").alias("holder_country"),
        "substances_text",
        "atc",
        "form",
        "route",
        pl.col("amount").alias("strength"),
        pl.col("class_code").alias("domain"),
        pl.coalesce("kind_code", pl.lit("unknown")).alias("legal_basis"),
        pl.lit("national").alias("procedure"),
        code.replace_strict(STATUS, default="unknown").alias("status"),
        pl.when(~code.is_in(("restricted", "unknown"))).then(code == "marketed").alias("marketed"),
        pl.concat_list(pl.when("emergency").then(pl.lit("emergency")), "kind_code").list.drop_nulls().alias("flags"),
    )


def _joined(column: str) -> pl.Expr:
    values = pl.col(column).drop_nulls().unique(maintain_order=True)
    return pl.when(values.len() > 0).then(values.str.join("; "))
