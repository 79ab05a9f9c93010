"""Approval dates whose years have two digits: the century that the number of the application allows."""

from datetime import date

import polars as pl

from dioscorides.registers.source import GRACE, Rows, Source

#: Applications that got their number among those of all older licences, and the day by which the last of them was
#: approved; then the first day on which an original of the numbers below, within and above that series can be dated.
OLD_SERIES, OLD_SERIES_ENDED = (100_000, 124_999), date(2004, 12, 31)
FIRST = (date(1938, 6, 25), date(1910, 1, 1), date(1998, 1, 1))


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
