"""Drug Product Database: one record per product, with the history of its status."""

from datetime import date

import polars as pl

from dioscorides.registers.source import Rows, Source

TABLES = ("drug", "status", "company", "ingredient", "form", "route", "class", "biosimilar")
STATUS = dict.fromkeys(("approved", "marketed", "dormant", "restricted", "interim"), "authorised") | {
    "cancelled": "withdrawn",
    "lapsed": "expired",
    "interim_revoked": "withdrawn",
    "interim_expired": "expired",
}
EVENT = {
    "marketed": "marketed",
    "interim": "emergency_authorised",
    "cancelled": "withdrawn",
    "lapsed": "expired",
}
#: Until then the last day of a year stands for the year in which a product was marketed.
YEARS_ONLY = date(1996, 12, 31)
#: Vitamins and elements are supplied as compounds that do not bear their name.
SUPPLIED = r"^(VITAMIN [A-Z]\d*|IRON|COPPER|IODINE|IODIDE|SULFUR)$"


def read(source: Source) -> None:
    tables = {name: keyed(source.rows(name)).frame for name in TABLES}
    history, parts = with_days(tables["status"]), with_salts(tables["ingredient"])
    source.emit("authorisation", authorisations(source, tables, history, parts))
    permitted = authorised(history)
    source.emit("event", permitted)
    source.emit("event", other_events(history, permitted))
    source.emit("ingredient", ingredients(parts))


def keyed(rows: Rows) -> Rows:
    return rows.set_aside(~pl.col("code").str.contains(r"^\d+$"), "the first field is no drug code").key(pl.col("code"))


def with_days(status: pl.DataFrame) -> pl.DataFrame:
    """`day`, the last on which the entry can have been made; `year_only`, whether it stands for its year; `printed`."""
    dated = pl.col("dated_date")
    last_of_year = (dated.dt.month() == 12) & (dated.dt.day() == 31)
    return status.with_columns(
        pl.coalesce(dated, pl.col("dated_before").dt.offset_by("-1d")).alias("day"),
        ((pl.col("status_code") == "marketed") & last_of_year & (dated <= YEARS_ONLY)).alias("year_only"),
        pl.format("{} {}", "status", "dated").alias("printed"),
    )


def authorised(history: pl.DataFrame) -> pl.DataFrame:
    """The earliest entry that implies an authorisation: APPROVED is its day, any other says no later than that day.

    What follows an interim order, other than APPROVED, implies nothing. After an entry whose status is not known, or
    beside a former one whose day is not, an APPROVED says no more than any other: another may have come before it.
    """
    code, day, approved = pl.col("status_code"), pl.col("day"), pl.col("status_code") == "approved"
    interim, strange = (day.filter(code == one).min().over("record_id") for one in ("interim", "unknown"))
    undated = (day.is_null() & (code != "interim") & (pl.col("current_code") != "current")).any().over("record_id")
    implies = approved | (~code.str.contains("interim|unknown") & (interim.is_null() | (day < interim)))
    exact = approved & (strange.is_null() | (day < strange)) & ~undated
    first = history.with_columns(exact.alias("exact")).filter(implies)
    first = first.sort("day", ~pl.col("exact"), nulls_last=True, maintain_order=True)
    return first.unique("record_id", keep="first", maintain_order=True).select(
        "record_id",
        "row",
        pl.lit("authorised").alias("event"),
        pl.when("exact").then("dated_date").alias("date"),
        pl.when("exact").then("dated_precision").alias("precision"),
        pl.when(~pl.col("exact")).then(day.dt.offset_by("1d")).alias("before"),
        pl.when("exact").then("dated").otherwise("printed").alias("text"),
    )


def other_events(history: pl.DataFrame, permitted: pl.DataFrame) -> pl.DataFrame:
    """Every entry but the APPROVED that are authorisations."""
    code, year_only = pl.col("status_code"), pl.col("year_only")
    told = (code == "approved") & pl.col("row").is_in(permitted["row"].implode())
    event = code.replace_strict(EVENT, default="status_change")
    return history.filter(~told).select(
        "record_id",
        "row",
        event.alias("event"),
        pl.when(year_only).then(pl.col("dated_date").dt.truncate("1y")).otherwise("dated_date").alias("date"),
        pl.when(year_only).then(pl.lit("year")).otherwise("dated_precision").alias("precision"),
        pl.col("dated_before").alias("before"),
        pl.when(event == "status_change").then("printed").otherwise("dated").alias("text"),
    )


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


def with_salts(ingredients: pl.DataFrame) -> pl.DataFrame:
    """`position`, `amount` (strength and unit), and where brackets name what is supplied, `moiety` and `salt`."""
    bracket = pl.col("name").str.extract_groups(r"^(.*\S) \(((?:[^()]|\([^()]*\))+)\)$").struct
    stem = bracket["1"].str.extract(r"([A-Z]{4,})").str.slice(0, 5)
    supplied = bracket["2"].str.contains(stem, literal=True) | bracket["1"].str.contains(SUPPLIED)
    amount, per = (
        pl.concat_str(*columns, separator=" ", ignore_nulls=True)
        for columns in (("strength", "unit"), ("dosage", "dosage_unit"))
    )
    between = pl.when(per == "").then(pl.lit("")).when(per.str.contains("^[WV]/[WV]$")).then(pl.lit(" "))
    return ingredients.with_columns(
        pl.int_range(1, pl.len() + 1).over("record_id").alias("position"),
        pl.when(amount != "").then(amount + between.otherwise(pl.lit(" / ")) + per).alias("amount"),
        pl.when(supplied).then(bracket["1"]).alias("moiety"),
        pl.when(supplied).then(bracket["2"]).alias("salt"),
        stem.alias("stem"),
    )


def ingredients(parts: pl.DataFrame) -> pl.DataFrame:
    """A moiety and the salts in which it is supplied share a position; the strength is the moiety's."""
    salted = pl.col("salt").is_not_null()
    salts = parts.filter(salted).with_columns(pl.col("salt").str.split(", ").alias("name")).explode("name")
    each_named = pl.col("name").str.contains(pl.col("stem"), literal=True).fill_null(False).all().over("row")
    salts = salts.with_columns(pl.when(each_named).then("name").otherwise("salt").alias("name")).unique(
        ["row", "name"], maintain_order=True
    )
    moieties = parts.filter(salted).with_columns(pl.col("moiety").alias("name"))
    return pl.concat(
        part.select(
            "record_id",
            "row",
            "position",
            "name",
            pl.lit("en").alias("language"),
            pl.lit(None if role == "moiety" else "ca_hc_dpd", pl.String).alias("code_system"),
            pl.lit(None, pl.String).alias("code") if role == "moiety" else pl.col("ingredient_code").alias("code"),
            pl.lit(role).alias("role"),
            (pl.lit(None, pl.String) if part is salts else pl.col("amount")).alias("strength"),
        )
        for part, role in ((parts.filter(~salted), "active"), (salts, "active"), (moieties, "moiety"))
    )
