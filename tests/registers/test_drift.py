"""Every register in layouts of other days: the same rows, or a clear word, never a fact that was not published."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from drifting import Sample, Table, as_text, as_workbook, days_in, in_a_zip, sample_of, tables_of

from dioscorides import contract
from dioscorides.contract import UserError
from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading
from dioscorides.snapshots import tables

REGISTERS = catalogue()
every_register = pytest.mark.parametrize("name", REGISTERS)

#: Issues that tell of the layout alone; what the rows say is as it was.
HARMLESS = {"other_separator", "renamed_file", "unexpected_count"}
PARTS = ("register", "snapshot", "row")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Sample, Reading]]:
    """Each register's newest sample, and what its reader says of it; read once asked for."""

    class Lazy(dict[str, tuple[Sample, Reading]]):
        def __missing__(self, name: str) -> tuple[Sample, Reading]:
            sample = sample_of(REGISTERS[name])
            self[name] = sample, sample.read(tmp_path_factory.mktemp("sample") / name)
            return self[name]

    return Lazy()


def facts(reading: Reading) -> dict[str, list[tuple[object, ...]]]:
    """The records, whichever row they stand in, and whatever the typography of what is printed."""
    found = {}
    for table, frame in reading.tables.items():
        if table in contract.RECORDS:
            plain = frame.drop(*PARTS).with_columns(pl.col(pl.String).str.replace_all(r"\s+", " ").str.strip_chars())
            found[table] = sorted(plain.rows(), key=repr)
    return found


def days(reading: Reading) -> set[tuple[str, str, date]]:
    """Which event of which record is dated which day."""
    if "event" not in reading.tables:
        return set()
    dated = reading.tables["event"].drop_nulls("date").filter(precision="day")
    return set(dated.select("record_id", "event", "date").rows())


def said(reading: Reading) -> Counter[tuple[str, str | None]]:
    issues = reading.tables["issue"].filter(~pl.col("kind").is_in(list(HARMLESS)))
    told = Counter({(kind, value): count for kind, value, count in issues.select("kind", "value", "count").rows()})
    lost = reading.tables["register_file"].filter(outcome="quarantined")["rows"].sum()
    return told + Counter({("quarantined", None): lost})


def rows_of(reading: Reading) -> int:
    return int(reading.tables["register_file"]["rows"].sum())


@every_register
def test_the_same_rows_below_a_title_with_columns_in_another_order(
    name: str, samples: dict[str, tuple[Sample, Reading]], tmp_path: Path
) -> None:
    sample, before = samples[name]
    for number, table in enumerate(tables_of(sample)):
        if not table.is_even:
            continue
        turned = [row[::-1] for row in table.cells[table.at :]]
        titled = [["A title of this list"], *turned[:2], [""] * len(turned[0]), *turned[2:]]
        titled[1] = [f" {cell.upper()}\u00a0" if cell else cell for cell in titled[1]]
        changed = sample.but(table.file, table.data(titled)).read(tmp_path / str(number))
        assert facts(changed) == facts(before), table.spec.name
        assert not said(changed) - said(before), table.spec.name


@every_register
def test_the_same_rows_in_another_file(name: str, samples: dict[str, tuple[Sample, Reading]], tmp_path: Path) -> None:
    """Another codepage, another separator, a workbook instead of a text and back, an archive around it."""
    sample, before = samples[name]
    for number, table in enumerate(tables_of(sample)):
        lone = table.sheets is None or len(table.sheets) == 1
        if not lone or not table.is_even or table.spec.sheet:
            continue
        text = as_text(table.cells, ";")
        for kind, data in {
            "utf-16": text.encode("utf-16"),
            "utf-8 with its mark": text.encode("utf-8-sig"),
            "a workbook": as_workbook({"Sheet1": table.cells}),
        }.items():
            changed = sample.but(table.file, data).read(tmp_path / f"{number} {kind}")
            assert facts(changed) == facts(before), (table.spec.name, kind)
            assert not said(changed) - said(before), (table.spec.name, kind)
        if "/" not in table.file:
            packed = sample.but(table.file, in_a_zip(table.file, sample.files[table.file]), "all.zip")
            assert facts(packed.read(tmp_path / f"{number} packed")) == facts(before), table.spec.name


@every_register
def test_repeated_rows_and_sums_add_no_fact(
    name: str, samples: dict[str, tuple[Sample, Reading]], tmp_path: Path
) -> None:
    sample, before = samples[name]
    for number, table in enumerate(tables_of(sample)):
        width = max(map(len, table.cells))
        if width < 3 or len(table.cells) == table.at + 1:
            continue
        longer = [*table.cells, table.cells[-1], ["Total: 12"], [""] * (width - 1) + ["Source: the agency"]]
        changed = sample.but(table.file, table.data(longer)).read(tmp_path / str(number))
        assert facts(changed) == facts(before), table.spec.name
        assert rows_of(changed) == rows_of(before) + 3, table.spec.name


@every_register
def test_a_required_column_that_is_gone_is_named(
    name: str, samples: dict[str, tuple[Sample, Reading]], tmp_path: Path
) -> None:
    sample, before = samples[name]
    for number, table in enumerate(tables_of(sample)):
        required = [column for column in table.spec.columns if column.required and table.place(column) is not None]
        for column in required if table.at >= 0 else ():
            names = set(map(tables.normal_header, column.headers))
            header = [tables.normal_header(cell) for cell in table.cells[table.at]]
            without = [
                [cell for at, cell in enumerate(row) if at >= len(header) or header[at] not in names]
                for row in table.cells
            ]
            folder = tmp_path / f"{number} {column.name}"
            told = refusal(sample.but(table.file, table.data(without)), folder, before)
            assert any(header in told for header in column.headers) or "no row is the header" in told, told


@every_register
def test_a_file_that_is_none_is_refused_in_words(
    name: str, samples: dict[str, tuple[Sample, Reading]], tmp_path: Path
) -> None:
    sample, before = samples[name]
    page = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body>We are busy</body></html>"
    for number, table in enumerate(tables_of(sample)):
        for kind, data, word in (
            ("web page", page, "it is a web page"),
            ("nothing", b"", "no row|nothing in it|^0 rows| 0 rows"),
            ("no header", table.data(table.cells[table.at + 1 :]), "no row is the header"),
        ):
            several = sum(row[:1] == table.cells[table.at][:1] for row in table.cells) > 1
            if kind == "no header" and (table.at < 0 or table.sheets or several):
                continue
            assert re.search(word, refusal(sample.but(table.file, data), tmp_path / f"{number} {kind}", before))


def refusal(sample: Sample, folder: Path, before: Reading) -> str:
    """What a snapshot is refused with, or what the issues say of a table that is not read."""
    try:
        reading = sample.read(folder)
    except UserError as error:
        return str(error)
    told = reading.tables["issue"].filter(pl.col("kind").is_in(["unreadable_table", "empty_file", "unexpected_count"]))
    assert not told.is_empty()
    assert days(reading) <= days(before)
    return " ".join(told["value"])


LAYOUTS = {
    "day first": "%d/%m/%Y",
    "month first": "%m/%d/%Y",
    "two digits": "%m/%d/%y",
    "ISO": "%Y-%m-%d",
    "ISO with time": "%Y-%m-%dT00:00:00",
    "month in letters": "%d %B %Y",
    "points": "%d.%m.%Y",
    "compact": "%Y%m%d",
}


@every_register
def test_dates_in_another_layout_are_the_same_days_or_none(
    name: str, samples: dict[str, tuple[Sample, Reading]], tmp_path: Path
) -> None:
    """Each layout of dates, in all columns of dates at once: no event on a day that nobody printed."""
    sample, before = samples[name]
    for number, table in enumerate(tables_of(sample)):
        columns = [
            (column, table.place(column)) for column in table.spec.columns if column.dates and not column.ignored
        ]
        placed = {place: days_in(table, column, sample.day) for column, place in columns if place is not None}
        if not any(any(day.day > 12 for day in found.values()) for found in placed.values()):
            continue
        orderless = [found for found in placed.values() if all(day.day <= 12 for day in found.values())]
        printed = {day for found in orderless for day in found.values()}
        printed |= {day for found in placed.values() for day in found.values() if day.day == day.month}
        for kind, form in LAYOUTS.items():
            cells = table.cells
            for place, found in placed.items():
                if all(day.day <= 12 for day in found.values()):
                    continue  # nothing in the column tells the order
                cells = written(table, cells, place, {text: day.strftime(form) for text, day in found.items()})
            try:
                changed = sample.but(table.file, table.data(cells)).read(tmp_path / f"{number} {kind}")
            except UserError:
                continue
            # a date that is read no more may let another one speak that stands in the same row
            invented = {one for one in days(changed) - days(before) if one[2] not in printed}
            assert not invented, (table.spec.name, kind)
            assert days(changed) == days(before) or said(changed) - said(before), (table.spec.name, kind)


@every_register
def test_serial_numbers_of_a_spreadsheet_are_no_dates(
    name: str, samples: dict[str, tuple[Sample, Reading]], tmp_path: Path
) -> None:
    sample, before = samples[name]
    zero = date(1899, 12, 30)
    for number, table in enumerate(tables_of(sample)):
        cells = table.cells
        for column in table.spec.columns:
            place = table.place(column) if column.dates and not column.ignored else None
            if place is not None:
                found = days_in(table, column, sample.day)
                cells = written(
                    table, cells, place, {text: str((day - zero) // timedelta(days=1)) for text, day in found.items()}
                )
        if cells is not table.cells:
            try:
                changed = sample.but(table.file, table.data(cells)).read(tmp_path / str(number))
            except UserError:
                continue
            assert days(changed) <= days(before), table.spec.name


def written(table: Table, cells: list[list[str]], place: int, texts: dict[str, str]) -> list[list[str]]:
    """The cells with other texts in one column."""
    return [
        [texts.get(cell.strip(), cell) if at == place else cell for at, cell in enumerate(row)]
        if number > table.at
        else row
        for number, row in enumerate(cells)
    ]
