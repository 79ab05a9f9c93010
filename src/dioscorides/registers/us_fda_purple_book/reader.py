"""Purple Book: one record per product of a biologics licence application, with its exclusivities."""

from datetime import date

import polars as pl

from dioscorides.registers.source import GRACE, Rows, Source

#: Applications that got their number among those of all older licences, and the day by which the last of them was
#: approved; then the first day on which an original of the numbers below, within and above that series can be dated.
OLD_SERIES, OLD_SERIES_ENDED = (100_000, 124_999), date(2004, 12, 31)
FIRST = (date(1938, 6, 25), date(1910, 1, 1), date(1998, 1, 1))

EXCLUSIVITIES = {  # column of the last day: kind of protection, code by which the FDA calls it
    "reference_until": ("data_exclusivity", "RPE"),
    "interchangeable_until": ("market_exclusivity", "FIE"),
    "orphan_until": ("orphan_exclusivity", "ODE"),
}


def read(source: Source) -> None:
    products = settle_centuries(source, without_change_section(keyed(source.rows("products"))))
    frame = products.frame
    source.issues("unknown_exclusivity", "products.exclusive", frame.drop_nulls("exclusive"), "exclusive")
    source.emit("authorisation", authorisations(frame))
    source.emit("ingredient", ingredients(frame))
    source.emit("event", approvals(source, frame))
    source.emit("event", revocations(frame))
    source.events(frame, decision="interchangeable")
    for column, (kind, code) in EXCLUSIVITIES.items():
        source.emit("protection", exclusivities(frame, column, kind, code))


def keyed(rows: Rows) -> Rows:
    number = pl.col("application").str.extract(r"^0*(\d{4,6})$").str.zfill(6)
    rows.frame = rows.frame.with_columns(number.alias("number"))
    return rows.key(pl.format("{}-{}", "number", pl.col("product").str.extract(r"^0*(\d{1,3})$").str.zfill(3)))


def without_change_section(rows: Rows) -> Rows:
    """A row of the month's changes gives way to its twin in the full list, or to a later one."""
    listed = pl.col("change").is_null().any() | (pl.col("_at").max() > pl.col("_at"))
    repeats = pl.col("record_id").is_not_null() & pl.col("change").is_not_null() & listed.over("record_id")
    return rows.leave_out(repeats, "change section: repeats a product of the full list")


def settle_centuries(source: Source, rows: Rows) -> Rows:
    """Approval dates with years of two digits: in the one century that the application's number allows, or no date."""
    number, text, day = pl.col("number").cast(pl.Int32), pl.col("approved"), pl.col("approved_date")
    old, original, supplement = number.is_between(*OLD_SERIES), submitted("original"), submitted("supplement")
    first = pl.when(old).then(FIRST[1]).when(number < OLD_SERIES[0]).then(FIRST[0]).otherwise(FIRST[2])
    late = pl.when(day.dt.year() < 2000).then(day.dt.offset_by("100y")).otherwise(day)
    early = late.dt.offset_by("-100y")
    late_fits = (late <= source.today + GRACE) & ~(old & original & (late > OLD_SERIES_ENDED))
    after_original = ~supplement | ~late_fits | (early >= pl.col("original_date")).fill_null(True)

    def settled(early_fits: pl.Expr) -> pl.Expr:
        century = pl.when(late_fits & ~early_fits).then(late).when(early_fits & ~late_fits).then(early)
        return pl.when(text.str.contains(r"^\d\d?\D.*\D\d\d$")).then(century).otherwise(day)

    frame = rows.frame.with_columns(
        pl.when(~supplement).then(settled(early >= first)).min().over("number").alias("original_date")
    ).with_columns(settled((early >= first) & after_original).alias("settled"))
    lost = day.is_not_null() & pl.col("settled").is_null()
    source.issues("ambiguous_century", "products.approved", frame.filter(lost), "approved")
    rows.frame = frame.with_columns(
        pl.col("settled").alias("approved_date"), pl.when(~lost).then("approved_precision").alias("approved_precision")
    )
    return rows


def submitted(kind: str) -> pl.Expr:
    return (pl.col("submission_code") == kind).fill_null(False)


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        "record_id",
        "row",
        pl.lit("US").alias("jurisdiction"),
        pl.lit("FDA").alias("agency"),
        ("BLA" + pl.col("number")).alias("number"),
        pl.when(pl.col("name").str.to_uppercase() != "N/A").then("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("proper_name").alias("substances_text"),
        "form",
        "route",
        "strength",
        pl.lit("human").alias("domain"),
        pl.col("type_code").alias("legal_basis"),
        pl.lit("national").alias("procedure"),
        pl.col("licensure_code").alias("status"),
        (pl.col("marketing_code") == "marketed").alias("marketed"),
        pl.when(pl.col("type_code") == "biosimilar").then(pl.lit(["biosimilar"])).alias("flags"),
    )


def ingredients(frame: pl.DataFrame) -> pl.DataFrame:
    """CDER joins the names of a combination by "and"; in CBER's names of vaccines and extracts the word is theirs."""
    joined = (pl.col("center_code") == "CDER") & pl.col("proper_name").str.contains(" and ", literal=True)
    parts = pl.col("proper_name").str.replace_all(r",? and |, (?:with )?", "\x1f").str.split("\x1f")
    return (
        frame.drop_nulls("proper_name")
        .select(
            "record_id",
            "row",
            pl.when(joined).then(parts).otherwise(pl.concat_list("proper_name")).alias("name"),
            pl.lit("en").alias("language"),
            pl.lit("active").alias("role"),
        )
        .with_columns(pl.int_ranges(1, pl.col("name").list.len() + 1).alias("position"))
        .explode("name", "position")
    )


def approvals(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """The approval of each product; where an application has no dated original, a day before which it was approved."""
    supplement, no_original = submitted("supplement"), submitted("supplement") & pl.col("original_date").is_null()
    frame = frame.drop_nulls("approved")
    source.issues("no_original", "products.approved", frame.filter(no_original), "number")
    early = frame.filter(supplement & (pl.col("approved_date") < pl.col("original_date")))
    source.issues("supplement_before_original", "products.approved", early, "number")
    prefix = pl.when(supplement).then(pl.format("Supplement {}: ", pl.col("supplement").fill_null("?")))
    return frame.select(
        "record_id",
        "row",
        pl.lit("authorised").alias("event"),
        pl.when(~no_original).then("approved_date").alias("date"),
        pl.when(~no_original).then("approved_precision").alias("precision"),
        pl.when(no_original).then(pl.col("approved_date").dt.offset_by("1d")).alias("before"),
        (prefix.fill_null("") + pl.col("approved")).alias("text"),
    )


def revocations(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("licensure_code").is_in(["withdrawn", "suspended"])).select(
        "record_id", "row", pl.col("licensure_code").alias("event"), pl.col("licensure").alias("text")
    )


def exclusivities(frame: pl.DataFrame, column: str, kind: str, code: str) -> pl.DataFrame:
    """An exclusivity whose end is not fixed yet ("Date TBD") has no last day."""
    starts = pl.col("first_licensed_date") if code == "RPE" else pl.lit(None, pl.Date)
    return frame.filter(pl.col(column).is_not_null() | starts.is_not_null()).select(
        "record_id",
        "row",
        pl.lit(kind).alias("kind"),
        pl.lit(code).alias("code"),
        starts.alias("starts"),
        pl.col(f"{column}_date").alias("expires"),
    )
