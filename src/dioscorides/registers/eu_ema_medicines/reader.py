"""EMA medicines report: one record per medicine of the centralised procedure, whatever became of it."""

import html

import polars as pl

from dioscorides.registers.eu_ema_medicines.course import emit_events, with_counting_dates, with_course
from dioscorides.registers.eu_ema_medicines.substances import ingredients
from dioscorides.registers.source import Rows, Source

FLAGS = ("orphan", "conditional", "exceptional", "accelerated", "advanced_therapy", "priority", "biosimilar")


def read(source: Source) -> None:
    frame = keyed(source, source.rows("medicines")).frame
    source.emit("authorisation", authorisations(frame))
    emit_events(source, with_counting_dates(source, with_course(frame)))
    source.emit("ingredient", ingredients(frame))


def keyed(source: Source, rows: Rows) -> Rows:
    """The key is the product number; where it cannot be read or two medicines bear it, the address of the page."""
    number = pl.col("number").str.extract_groups(r"(?i)^(?:EMEA/)?([HV])/C/?(\d{6})(?:\D|$)").struct
    texts = pl.col("name", "holder", "inn", "substance").map_elements(html.unescape, pl.String)
    rows.frame = rows.frame.with_columns(
        texts.str.replace_all(r"[\s\u00a0]+", " ").str.strip_chars(),
        ("EMEA/" + number["1"].str.to_uppercase() + "/C/" + number["2"]).alias("product"),
        pl.col("page").str.extract(r"/medicines/(.+)$"),
    )
    rows.set_aside(pl.coalesce("product", "page").is_null(), "neither a product number nor the address of a page")
    rows.set_aside(~pl.struct("product", "page").is_first_distinct(), "describes a medicine once more")
    shared = pl.col("product").is_duplicated() & pl.col("product").is_not_null()
    source.issues("repeated_key", "medicines.number", rows.frame.filter(shared), "product")
    rows.key(pl.when(shared).then("page").otherwise(pl.coalesce("product", "page")))
    return rows.set_aside(pl.col("record_id").is_duplicated(), "cannot be told from another medicine")


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    told = (pl.col("generic_code") == "generic") | pl.col("biosimilar").is_not_null()
    codes = pl.concat_str("atc", "atc_vet", separator=";", ignore_nulls=True)
    return frame.select(
        "record_id",
        "row",
        pl.lit("EU").alias("jurisdiction"),
        pl.lit("EMA").alias("agency"),
        pl.col("product").alias("number"),
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.coalesce("substance", "inn").alias("substances_text"),
        codes.str.extract_all(r"\bQ?[A-Z]\d\d(?:[A-Z]{1,2}(?:\d\d)?)?").alias("atc"),
        pl.col("category_code").alias("domain"),
        pl.coalesce("biosimilar_code", pl.when(told).then("generic_code"), pl.lit("unknown")).alias("legal_basis"),
        pl.lit("centralised").alias("procedure"),
        pl.col("status_code").alias("status"),
        pl.concat_list(f"{flag}_code" for flag in FLAGS).list.drop_nulls().alias("flags"),
        pl.when(pl.col("number").ne_missing(pl.col("product"))).then(pl.concat_list("number")).alias("other_numbers"),
    )
