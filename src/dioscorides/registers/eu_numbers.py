"""European authorisation numbers as member states abbreviate them: EU/1/17/1261 is 1171261001 or 1261/2018 there.

The serial runs on through the years and is never given twice, so it tells the year that stands in the number. What a
state prints is taken for a European number only where its serial belongs to that year.
"""

from __future__ import annotations

import polars as pl

#: The first serial of each year, from the European numbers that national registers print in full.
FIRST_SERIAL = {
    1995: 1, 1996: 4, 1997: 28, 1998: 58, 1999: 97, 2000: 129, 2001: 171, 2002: 201, 2003: 247, 2004: 272, 2005: 308,
    2006: 332, 2007: 382, 2008: 441, 2009: 508, 2010: 612, 2011: 665, 2012: 750, 2013: 816, 2014: 910, 2015: 989,
    2016: 1086, 2017: 1172, 2018: 1264, 2019: 1353, 2020: 1422, 2021: 1529, 2022: 1625, 2023: 1716, 2024: 1788,
}  # fmt: skip
#: The last serial whose year is known here.
LAST_SERIAL = 1880
#: Serials that were given out of order.
OUT_OF_ORDER = {813: 2013, 899: 2014}


def year_of(serial: pl.Expr) -> pl.Expr:
    """The year in the European number with this serial (both integers); null for one that is not known."""
    years = [OUT_OF_ORDER.get(number) for number in range(LAST_SERIAL + 1)]
    for year, first in FIRST_SERIAL.items():
        years[first:] = [OUT_OF_ORDER.get(number, year) for number in range(first, LAST_SERIAL + 1)]
    return serial.replace_strict(list(range(1, LAST_SERIAL + 1)), years[1:], default=None, return_dtype=pl.Int64)


def belongs(serial: pl.Expr, year: pl.Expr) -> pl.Expr:
    """Whether a serial was given in a year; of serials younger than those known here, whether it may have been."""
    younger = (serial > LAST_SERIAL) & (year >= max(FIRST_SERIAL))
    return (year_of(serial) == year).fill_null(False) | younger.fill_null(False)


def normal(serial: pl.Expr, year: pl.Expr) -> pl.Expr:
    """The number in its normal form, EU/1/17/1261 or EU/1/05/325."""
    return pl.format("EU/1/{}/{}", _padded(year % 100, 2), _padded(serial, 3))


def of_pack(number: pl.Expr, pack: pl.Expr) -> pl.Expr:
    """The number of a pack, EU/1/17/1261/001, from the normal form and the pack's own number as text."""
    return pl.format("{}/{}", number, pack.str.zfill(3))


def _padded(value: pl.Expr, width: int) -> pl.Expr:
    return value.cast(pl.String).str.zfill(width)
