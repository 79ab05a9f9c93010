"""What became of an application, which of its dates count, and what happened when."""

import polars as pl

from dioscorides.registers.source import Source

#: What became of the application, where the status tells.
COURSE = dict.fromkeys(("authorised", "suspended", "withdrawn", "expired"), "authorised") | {
    "refused": "refused",
    "application_withdrawn": "application_withdrawn",
}


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
