"""State Register of Ukraine: one record per certificate number, from the list of packs or that of certificates."""

from datetime import timedelta

import polars as pl

from dioscorides.registers import atc
from dioscorides.registers.source import Rows, Source
from dioscorides.registers.ua_drlz.substances import ingredients

#: What either list may say of a certificate.
SAYS: dict[str, type[pl.DataType] | pl.DataType] = {
    "record_id": pl.String, "row": pl.String, "name": pl.String, "foreign": pl.Boolean, "inn_uk": pl.String,
    "inn_en": pl.String, "atc_codes": pl.List(pl.String), "form": pl.String, "holder": pl.String,
    "holder_country": pl.String, "other": pl.String, "current": pl.Boolean, "until": pl.Date, "begins": pl.Date,
    "said": pl.String, "last_day": pl.Date, "last_said": pl.String, "ended_early": pl.Boolean, "orphan": pl.Boolean,
    "homeopathic": pl.Boolean,
}  # fmt: skip
#: The last day of a certificate, one far away where it has no end; null where it cannot be read.
ENDLESS = pl.col("ends").str.contains("(?i)^(необмеж|безстрок)")
UNTIL = pl.when(ENDLESS).then(pl.date(9999, 12, 31)).otherwise("ends_date").alias("until")


def read(source: Source) -> None:
    lists = [certificates(source)] if source.has("certificates") else []
    if source.has("packages") or not lists:
        lists.append(packages(source))
    rows = pl.concat([pl.DataFrame(schema=SAYS), *lists], how="diagonal").with_columns(
        pl.col(name).fill_null(False) for name, kind in SAYS.items() if kind == pl.Boolean and name != "current"
    )
    # the latest end first; a name in another language only where there is no other
    rows = rows.sort("foreign", "until", descending=[False, True], nulls_last=True, maintain_order=True)
    source.disagreements("register", rows.filter(~pl.col("foreign")), "name", "inn_uk", "form", "holder")
    frame = rows.group_by("record_id", maintain_order=True).agg(
        pl.exclude("atc_codes", "other", "current").first(),
        pl.col("atc_codes").explode().drop_nulls().unique(maintain_order=True),
        pl.col("other").drop_nulls().unique(maintain_order=True),
        pl.col("current").any(),
    )
    ended = pl.coalesce(pl.col("last_day") < source.today, "ended_early")
    valid = pl.col("until") >= source.today
    past = frame.filter(~valid & ~ended)
    if not past.is_empty():
        source.issue("certificate_over", "register.ends", past["record_id"][0], len(past), past["row"][0])
    valid = pl.when(valid & pl.col("current")).then(pl.lit("authorised")).otherwise(pl.lit("unknown"))
    frame = frame.with_columns(pl.when(ended).then(pl.lit("withdrawn")).otherwise(valid).alias("status"))
    source.emit("authorisation", authorisations(frame))
    source.emit("event", events(frame))
    source.emit("ingredient", ingredients(frame))


def prepared(source: Source, table: str, *codes: str) -> Rows:
    """Rows of a list without bulk substances, keyed, with the ATC codes in the columns named."""
    rows = source.rows(table).key(pl.col("number"))
    rows.leave_out(pl.col("description").str.contains("(субстанц", literal=True), "a bulk substance, no medicine")
    joined = pl.concat_str(codes, separator=";", ignore_nulls=True).str.replace_all("*", "", literal=True)
    rows.frame = rows.frame.with_columns(joined.alias("atc"))
    atc.with_codes(source, rows)
    return rows


def packages(source: Source) -> pl.DataFrame:
    return prepared(source, "packages", "atc").frame.select(
        "record_id", "row", "name", "inn_uk", "inn_en", "atc_codes", "form", UNTIL,
        (pl.col("language_code") == "en").alias("foreign"),
        pl.col("product").alias("other"),
        (pl.col("status_code") == "authorised").fill_null(False).alias("current"),
        pl.coalesce("status", "number").alias("said"),
    )  # fmt: skip


def certificates(source: Source) -> pl.DataFrame:
    return prepared(source, "certificates", "atc", "atc_2", "atc_3").frame.select(
        "record_id", "row", "name", "inn_en", "atc_codes", "holder", UNTIL,
        pl.col("description").alias("form"),
        pl.col("country_code").alias("holder_country"),
        pl.col("id").alias("other"),
        pl.lit(True).alias("current"),
        pl.col("begins_date").alias("begins"),
        pl.coalesce("begins", "number").alias("said"),
        pl.col("last_day_date").alias("last_day"),
        pl.coalesce("last_day", "ended_early").alias("last_said"),
        *((pl.col(f"{name}_code") == "yes").alias(name) for name in ("ended_early", "orphan", "homeopathic")),
    )  # fmt: skip


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    basis = pl.when("homeopathic").then(pl.lit("homeopathic")).otherwise(pl.lit("unknown"))
    return frame.select(
        "record_id",
        "row",
        pl.lit("UA").alias("jurisdiction"),
        pl.lit("MOH").alias("agency"),
        pl.col("record_id").alias("number"),
        pl.col("name").str.replace_all("`", '"', literal=True).alias("product_name"),
        pl.col("holder").alias("holder_name"),
        "holder_country",
        pl.coalesce("inn_uk", "inn_en").alias("substances_text"),
        pl.col("atc_codes").alias("atc"),
        "form",
        pl.lit("human").alias("domain"),
        basis.alias("legal_basis"),
        pl.lit("national").alias("procedure"),
        "status",
        pl.when("orphan").then(pl.lit(["orphan"])).alias("flags"),
        pl.col("other").alias("other_numbers"),
    )


def events(frame: pl.DataFrame) -> pl.DataFrame:
    """Authorised, without a date: by the day on which the certificate began, where it is known. And its early end."""
    begun = frame.select(
        "record_id",
        "row",
        pl.lit("authorised").alias("event"),
        (pl.col("begins") + timedelta(days=1)).alias("before"),
        pl.col("said").alias("text"),
    )
    ended = frame.filter(pl.col("status") == "withdrawn").select(
        "record_id",
        "row",
        pl.lit("withdrawn").alias("event"),
        pl.col("last_day").alias("date"),
        pl.when(pl.col("last_day").is_not_null()).then(pl.lit("day")).alias("precision"),
        pl.col("last_said").alias("text"),
    )
    return pl.concat([begun, ended], how="diagonal")
