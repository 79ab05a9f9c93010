"""European numbers in national registers: the serial tells the year."""

import polars as pl
import pytest

from dioscorides.registers import eu_numbers


def value(expression: pl.Expr) -> object:
    return pl.select(expression).item()


@pytest.mark.parametrize(
    ("serial", "year"),
    [(1, 1995), (325, 2005), (441, 2008), (440, 2007), (813, 2013), (899, 2014), (1171, 2016), (1261, 2017),
     (1880, 2024), (1881, None), (0, None)],
)  # fmt: skip
def test_the_year_of_a_serial(serial: int, year: int | None) -> None:
    assert value(eu_numbers.year_of(pl.lit(serial))) == year


@pytest.mark.parametrize(
    ("serial", "year", "belongs"),
    [(1261, 2017, True), (1261, 2018, False), (1900, 2025, True), (1900, 2023, False), (None, 2017, False)],
)
def test_a_serial_belongs_to_its_year(serial: int | None, year: int, belongs: bool) -> None:
    assert value(eu_numbers.belongs(pl.lit(serial, pl.Int64), pl.lit(year))) is belongs


def test_the_normal_form_of_a_number_and_of_its_pack() -> None:
    assert value(eu_numbers.normal(pl.lit(1261), pl.lit(2017))) == "EU/1/17/1261"
    assert value(eu_numbers.normal(pl.lit(28), pl.lit(1997))) == "EU/1/97/028"
    assert value(eu_numbers.of_pack(pl.lit("EU/1/05/325"), pl.lit("2"))) == "EU/1/05/325/002"
    assert value(eu_numbers.of_pack(pl.lit(None, pl.String), pl.lit("2"))) is None
