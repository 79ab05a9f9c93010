"""EMA orphan designations: one record per designation or refusal, dated where its date can be the designation's own."""

import polars as pl

from dioscorides.registers.listings import labelled, readable, remark, sole_substance
from dioscorides.registers.source import Rows, Source

#: Years between the opinion, which gives the number its year, and the decision.
YEARS = (0, 1)
#: One to three words without a figure; a salt, a source or a state in brackets is no name, as the metadata lists.
IN_BRACKETS = r"\s\((?:also known as |active ingredient )?\s*(\p{L}[\p{Ll}-]{4,}(?: [\p{Ll}-]{3,}){0,2}(?:-\d\w)?)\)$"


def read(source: Source) -> None:
    rows = source.rows("designations")
    rows.frame = readable(rows.frame, "name", "substance", "use")
    number = pl.col("number").str.extract(r"(EU/3/\d\d/\d{3,4}|EMA/OD/\d+(?:/\d+)?)")
    rows.frame = rows.frame.with_columns(number.alias("designation"))
    rows.key(pl.coalesce("designation", pl.col("page").str.extract(r"/medicines/(.+)$")))
    rows.set_aside(pl.col("record_id").is_null(), "neither a designation number nor the address of a page")
    frame = with_own_date(source, one_each(source, rows))
    source.emit(
        "designation",
        frame.select(
            "record_id",
            "row",
            pl.lit("EU").alias("jurisdiction"),
            pl.lit("orphan").alias("kind"),
            pl.col("name").alias("product_name"),
            pl.col("substance").alias("substances_text"),
            pl.col("use").alias("use_text"),
            pl.col("status_code").alias("status"),
        ),
    )
    emit_events(source, frame)
    source.emit("ingredient", sole_substance(frame, "substance", "en"))
    source.emit("ingredient", named_in_brackets(source, frame))


def one_each(source: Source, rows: Rows) -> pl.DataFrame:
    """One row per designation: that of the page changed last, and what only another page of it says."""
    frame = rows.frame.filter(pl.col("record_id").is_not_null())
    for column in ("status", "use", "decided"):
        differ = frame.filter(pl.col(column).drop_nulls().n_unique().over("record_id") > 1)
        source.issues("conflicting_values", f"designations.{column}", differ, "record_id")
    changed = pl.coalesce("updated_date", "published_date")
    return (
        frame.sort(changed, descending=True, nulls_last=True, maintain_order=True)
        .group_by("record_id", maintain_order=True)
        .agg(pl.all().drop_nulls().first())
        .sort("_at")
    )


def with_own_date(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """`own_date` where the decision's date can be the designation's; `bound`, before which it lies where it cannot.

    Where the date fits the number and only the page is older, either may be wrong: neither is taken.
    """
    decided, published = pl.col("decided_date"), pl.col("published_date")
    year = 2000 + pl.col("designation").str.extract(r"^EU/3/(\d\d)/").cast(pl.Int32)
    years = decided.dt.year() - year
    fits, early = years.is_between(*YEARS).fill_null(True), (years < 0).fill_null(False)
    after_page = (decided > published).fill_null(False)
    frame = frame.with_columns(
        pl.when(early)
        .then(pl.lit("before the year of the number"))
        .when(~fits)
        .then(pl.lit("years after that of the number"))
        .when(after_page)
        .then(pl.lit("after the page was published"))
        .alias("doubt")
    )
    source.issues("date_contradicts_number", "designations.decided", frame.drop_nulls("doubt"), "doubt")
    ambiguous = (fits & after_page) | (published.dt.year() < year).fill_null(False)
    sure = decided.is_not_null() & pl.col("doubt").is_null()
    return frame.with_columns(
        pl.when(sure).then(decided).alias("own_date"),
        pl.when(~sure & ~ambiguous).then(published.dt.offset_by("1d")).alias("bound"),
        (~sure & (years > YEARS[1])).fill_null(False).alias("later"),
    )


def emit_events(source: Source, frame: pl.DataFrame) -> None:
    """The decision, dated or bounded; the end, which has no date; a later decision, whatever it was on."""
    status = pl.col("status_code")
    dated = pl.col("own_date").is_not_null()
    columns = {
        "decision": pl.when(dated).then("decided").otherwise("status"),
        "decision_date": pl.col("own_date"),
        "decision_precision": pl.when(dated).then("decided_precision"),
        "decision_before": pl.col("bound"),
    }
    frame = frame.with_columns(**columns)
    source.events(frame.filter(status != "refused"), decision="decision")
    source.events(frame.filter(status == "refused"), refused="decision")
    printed = labelled("Date of designation / refusal", "decided")
    source.events(frame.filter(pl.col("later") | status.is_null()).with_columns(printed), status_change="decided")
    for event in ("withdrawn", "expired"):
        remark(source, frame.filter(status == event), pl.col("status"), event)


def named_in_brackets(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """The common name that stands in brackets behind a description: the moiety of what is described."""
    name = pl.col("substance").str.extract(IN_BRACKETS)
    return (
        frame.select("record_id", "row", pl.lit(1).alias("position"), name.alias("name"))
        .drop_nulls("name")
        .filter(~pl.col("name").str.to_lowercase().is_in(list(source.metadata.codes["no_names"])))
        .with_columns(pl.lit("en").alias("language"), pl.lit("moiety").alias("role"))
    )
