"""EMA medicines report: one record per medicine of the centralised procedure, whatever became of it."""

import html

import polars as pl

from dioscorides.registers.eu_ema_medicines.substances import ingredients
from dioscorides.registers.source import Rows, Source

FLAGS = ("orphan", "conditional", "exceptional", "accelerated", "advanced_therapy", "priority", "biosimilar")
#: What became of the application, where the status tells.
COURSE = dict.fromkeys(("authorised", "suspended", "withdrawn", "expired"), "authorised") | {
    "refused": "refused",
    "application_withdrawn": "application_withdrawn",
}


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


def with_course(frame: pl.DataFrame) -> pl.DataFrame:
    """`course`: what became of the application. Where the status does not tell, a date tells that stands alone.

    Of a refused product the authorisation date, where it has one, is the date of the refusal.
    """
    refused = pl.col("status_code") == "refused"
    moved = (
        pl.coalesce(f"refused{part}", pl.when(refused).then(f"authorised{part}"))
        for part in ("", "_date", "_precision")
    )
    frame = frame.with_columns(moved).with_columns(
        pl.when(~refused | (pl.col("authorised") != pl.col("refused"))).then("authorised")
    )
    filled = {date: pl.col(date).is_not_null() for date in ("authorised", "refused", "application_withdrawn")}
    alone = pl.sum_horizontal(*filled.values(), pl.col("opinion_status_code") == "negative") == 1
    told = (pl.when(alone & has).then(pl.lit(date)) for date, has in filled.items())
    return frame.with_columns(
        pl.coalesce(pl.col("status_code").replace_strict(COURSE, default=None), *told).alias("course")
    )


def with_counting_dates(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows without dates that do not belong to their course, and without ends that precede their beginning."""
    course, status = pl.col("course"), pl.col("status_code")
    belongs = {
        "authorised": course == "authorised",
        "refused": course == "refused",
        "application_withdrawn": course == "application_withdrawn",
        "suspended": course == "authorised",
        "ended": status.is_in(("withdrawn", "expired")),
    }
    frame = frame.with_columns(pl.coalesce("status", pl.lit("no status")).alias("printed"))
    for date, fits in belongs.items():
        stray = ~fits.fill_null(False)
        doubtful = frame.filter(pl.col(date).is_not_null() & (stray | (status == "unknown")))
        source.issues("date_contradicts_status", f"medicines.{date}", doubtful, "printed")
        frame = frame.with_columns(pl.when(~stray).then(pl.col(f"^{date}(_date|_precision)?$")))
    begun, ended = pl.col("authorised_date"), pl.col("ended_date")
    for wrong, why in (
        (ended <= begun, "ended before authorised"),
        (pl.col("decision_date") < begun, "latest decision before authorised"),
        (begun < pl.col("opinion_date"), "authorised before opinion"),
    ):
        source.issues(
            "dates_out_of_order", "medicines", frame.filter(wrong).with_columns(pl.lit(why).alias("why")), "why"
        )
    return frame.with_columns(pl.when((ended > begun).fill_null(True)).then(pl.col("^ended_(date|precision)$")))


def emit_events(source: Source, frame: pl.DataFrame) -> None:
    """What the dates say, and what only the status says, without a date."""
    course, status = pl.col("course"), pl.col("status_code")
    said = {name: course == name for name in ("authorised", "refused", "application_withdrawn")}
    said |= {"suspended": status == "suspended", "ended": status.is_in(("withdrawn", "expired"))}
    opinion = pl.concat_str("opinion_status", "opinion", separator=" ", ignore_nulls=True)
    frame = frame.with_columns(
        *(pl.coalesce(name, pl.when(so).then("status")) for name, so in said.items()),
        pl.when(opinion != "").then(opinion).alias("opinion"),
        pl.format("Start of rolling review {}", "rolling_review").alias("rolling_review"),
        pl.format("Start of evaluation {}", "evaluation").alias("evaluation"),
    )
    dated = ("authorised", "refused", "application_withdrawn", "suspended", "opinion", "decision")
    source.events(frame, **{name: name for name in dated})
    source.events(frame.filter(status == "withdrawn"), withdrawn="ended")
    source.events(frame.filter(status == "expired"), expired="ended")
    source.events(frame, status_change="rolling_review")
    source.events(frame, status_change="evaluation")
