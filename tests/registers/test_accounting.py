"""Every published row is accounted for, in every register, on its sample and on every real snapshot.

The rows of a file are counted here by other means than those of the program: bytes, `csv`, `zipfile`, calamine.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from dioscorides import contract
from dioscorides.registers import Register, catalogue
from dioscorides.registers.metadata import TableSpec
from dioscorides.registers.source import Reading
from dioscorides.snapshots.store import Snapshot, Store
from tiny import SHARED

REGISTERS = catalogue()
EMAIL = r"(?i)[a-z0-9._%+-]+@[a-z0-9-]+\.[a-z]{2,}"
CONTACT = re.compile(r"(?i)\b(e-?mail|phone|telephone|tel|fax|contact)\b")


def snapshots() -> Iterator[object]:
    for name, register in REGISTERS.items():
        for snapshot in Store(register.folder).snapshots("sample"):
            yield pytest.param(name, snapshot.path, id=f"{name}-sample-{snapshot.date}")
        if (SHARED / "registers").is_dir():
            for snapshot in Store(SHARED / "registers").snapshots(name):
                yield pytest.param(name, snapshot.path, id=f"{name}-{snapshot.date}")


every_snapshot = pytest.mark.parametrize(("name", "folder"), list(snapshots()))


@cache
def reading(name: str, folder: Path) -> Reading:
    return REGISTERS[name].read(Snapshot(name, _date(folder), folder))


def _date(folder: Path):  # type: ignore[no-untyped-def]
    return next(one.date for one in Store(folder.parents[1]).snapshots(folder.parent.name) if one.path == folder)


# -- counting by other means


@dataclass(frozen=True)
class File:
    name: str
    data: bytes


def published(folder: Path) -> list[File]:
    """The files of a snapshot, those in zip archives by themselves."""
    files = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "manifest.json":
            files += unpacked(File(path.relative_to(folder).as_posix(), path.read_bytes()))
    return files


def unpacked(file: File) -> list[File]:
    if not file.data.startswith(b"PK\x03\x04"):
        return [file]
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        if "[Content_Types].xml" in archive.namelist():
            return [file]
        return [
            File(f"{file.name}/{info.filename}", archive.read(info)) for info in archive.infolist() if not info.is_dir()
        ]


def rows_of(register: Register, file: File) -> int:
    """Rows of a file: what stands below the header, or everything where there is none; blank lines are no rows."""
    base = file.name.rsplit("/", 1)[-1].casefold()
    specs = [
        spec
        for spec in register.metadata.tables.values()
        if any(fnmatch(base, pattern.casefold()) for pattern in spec.files)
    ]
    if file.data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return sum(below_header(sheet, specs) for sheet in sheets(file.data))
    if not specs:
        lines = [line for line in file.data.split(b"\n") if line.strip()]
        tables = register.metadata.tables.values()
        headed = all(spec.header for spec in tables) and any(
            spec.separator.encode() in lines[0] for spec in tables if spec.format == "delimited"
        )
        return len(lines) - headed
    (spec,) = specs
    if file.data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"[", b"{"):
        document = json.loads(file.data.removeprefix(b"\xef\xbb\xbf"))
        return len(
            document if isinstance(document, list) else next(v for v in document.values() if isinstance(v, list))
        )
    text = decoded(file.data, spec)
    if spec.quoted:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=spec.separator))
    else:
        rows = [line.split(spec.separator) for line in re.split(r"\r\n|\n|\r", text)]
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    return below_header(filled, specs) if spec.header else len(filled)


def sheets(data: bytes) -> Iterator[list[list[str]]]:
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in book.sheet_names:
        rows = [[str(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()]
        yield [row for row in rows if any(cell.strip() for cell in row)]


def decoded(data: bytes, spec: TableSpec) -> str:
    for encoding in ("utf-8-sig", *spec.encodings):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def below_header(rows: list[list[str]], specs: list[TableSpec]) -> int:
    """Rows after the first that names all required columns, other rows that do so aside; else all of them."""

    def normal(text: str) -> str:
        return " ".join(re.sub(r"[_\u00a0\ufeff]", " ", text).split()).casefold()

    def heads(row: list[str]) -> bool:
        cells = set(map(normal, row))
        return any(
            all(cells & set(map(normal, column.headers)) for column in spec.columns if column.required)
            for spec in specs
            if spec.header
        )

    at = next((number for number, row in enumerate(rows) if heads(row)), None)
    return len(rows) if at is None else sum(1 for row in rows[at + 1 :] if not heads(row))


# -- the tests


@every_snapshot
def test_rows_add_up_to_what_was_published(name: str, folder: Path) -> None:
    register, files = REGISTERS[name], published(folder)
    account = reading(name, folder).tables["register_file"]
    told: Counter[str] = Counter()
    for label, rows in account.select("file", "rows").rows():
        # a sheet of a workbook stands below it, as a member of an archive does
        (file,) = (one.name for one in files if label == one.name or label.startswith(f"{one.name}/"))
        told[file] += rows
    assert dict(told) == {file.name: count for file in files if (count := rows_of(register, file))}
    assert account.filter(pl.col("outcome") != "read")["reason"].null_count() == 0
    assert account.filter(outcome="read")["reason"].null_count() == account.filter(outcome="read").height
    assert account["rows"].min() > 0


@every_snapshot
def test_every_row_read_is_kept_as_published_or_is_a_code_list(name: str, folder: Path) -> None:
    tables = reading(name, folder).tables
    kept = tables["source_row"]
    assert kept.select("record_id", "row").null_count().sum_horizontal().item() == 0
    cited = kept.select(pl.col("row").str.extract(r"^(.*):\d+$").alias("file"), "row").unique()
    rows_kept = dict(cited.group_by("file").len().rows())
    for file, rows in tables["register_file"].filter(outcome="read").select("file", "rows").rows():
        if file in rows_kept:
            assert rows_kept[file] == rows, file
        else:  # a code list: no record rests on it
            for table, frame in tables.items():
                if table in contract.RECORDS:
                    assert frame.filter(pl.col("row").str.starts_with(f"{file}:")).is_empty(), (file, table)
    for raw in kept["raw"].head(200):
        fields = json.loads(raw)
        assert isinstance(fields, dict)
        assert all(value is None or isinstance(value, str) for value in fields.values())


@every_snapshot
def test_every_quarantined_row_is_kept_with_its_text_and_a_reason(name: str, folder: Path) -> None:
    tables = reading(name, folder).tables
    told = tables["register_file"].filter(outcome="quarantined")
    lost = tables.get("quarantine", pl.DataFrame(schema=contract.QUARANTINE.schema()))
    assert lost.height == told["rows"].sum()
    assert lost.select("row", "text", "reason").null_count().sum_horizontal().sum() == 0
    assert dict(lost["reason"].value_counts().rows()) == dict(told.group_by("reason").agg(pl.col("rows").sum()).rows())


@every_snapshot
def test_records_rest_on_published_rows_and_belong_to_an_entity(name: str, folder: Path) -> None:
    tables = reading(name, folder).tables
    records = {table: frame for table, frame in tables.items() if table in contract.RECORDS}
    entities = pl.concat(frame.select("record_id") for table, frame in records.items() if table in contract.ENTITIES)
    assert not entities.is_empty()
    for table, frame in records.items():
        assert frame.schema == contract.RECORDS[table].schema(), table
        assert frame["record_id"].null_count() == 0, table
        assert frame.join(entities, on="record_id", how="anti").is_empty(), table
        assert frame.join(tables["source_row"], on=["record_id", "row"], how="anti").is_empty(), table
        assert set(frame["register"]) <= {name}
        if table in contract.ENTITIES and table != "name":
            assert frame["record_id"].is_unique().all(), table
    for table in ("source_row",):
        assert tables[table].join(entities, on="record_id", how="anti").is_empty(), table


@every_snapshot
def test_codes_are_those_of_the_contract(name: str, folder: Path) -> None:
    tables = reading(name, folder).tables
    for table, frame in tables.items():
        if table not in contract.RECORDS:
            continue
        for column in contract.RECORDS[table].columns:
            if column.codes:
                values = frame[column.name].explode(empty_as_null=True) if column.type == "list" else frame[column.name]
                assert set(values.drop_nulls().unique()) <= set(column.codes), (table, column.name)
    if "authorisation" in tables:
        stated = tables["authorisation"].select("jurisdiction", "domain", "legal_basis", "procedure", "status")
        assert stated.null_count().sum_horizontal().item() == 0


@every_snapshot
def test_dates_are_dates_of_their_precision(name: str, folder: Path) -> None:
    event = reading(name, folder).tables.get("event")
    if event is None:
        pytest.skip("a register without events")
    assert (event["date"].is_null() == event["precision"].is_null()).all()
    assert event.filter(pl.col("date").is_not_null() & pl.col("before").is_not_null()).is_empty()
    assert event.filter((pl.col("precision") == "month") & (pl.col("date").dt.day() != 1)).is_empty()
    assert event.filter((pl.col("precision") == "year") & (pl.col("date").dt.ordinal_day() != 1)).is_empty()
    assert event["text"].null_count() == 0


@every_snapshot
def test_issues_say_where(name: str, folder: Path) -> None:
    tables = reading(name, folder).tables
    files = set(tables["register_file"]["file"])
    for kind, where, count, first in tables["issue"].select("kind", "where", "count", "first_row").rows():
        assert kind
        assert where
        assert count >= 1
        assert first is None or first.rpartition(":")[0] in files, first


@every_snapshot
def test_no_contacts_of_persons_are_kept(name: str, folder: Path) -> None:
    for table, frame in reading(name, folder).tables.items():
        for column in (one for one, kind in frame.schema.items() if kind == pl.String):
            found = frame.filter(pl.col(column).str.contains(EMAIL))
            assert found.is_empty(), (table, column, found[column].head(1).to_list())
        if table == "source_row":
            headers = {field for raw in frame["raw"].head(1000) for field in json.loads(raw)}
            assert not [field for field in headers if CONTACT.search(field)]


@pytest.mark.parametrize("name", [name for name, register in REGISTERS.items() if register.sample.is_dir()])
def test_reading_a_sample_twice_gives_the_same(name: str) -> None:
    register = REGISTERS[name]
    for snapshot in Store(register.folder).snapshots("sample"):
        once, again = register.read(snapshot).tables, register.read(snapshot).tables
        assert once.keys() == again.keys()
        for table, frame in once.items():
            assert frame.equals(again[table]), table


@pytest.mark.parametrize("name", REGISTERS)
def test_a_register_says_what_it_is(name: str) -> None:
    """The card is filled, and every column that its sample publishes is used, or ignored with a reason."""
    card = REGISTERS[name].metadata
    assert card.id == name
    for text in (card.name, card.publisher, card.agency, card.licence, card.cadence, card.population, card.dates):
        assert text.strip()
    assert re.fullmatch(r"[A-Z]{2}", card.jurisdiction)
    assert card.languages
    for address in (card.homepage, card.licence_url, *(one.url for one in card.downloads)):
        assert address.startswith("https://"), address
    for spec in card.tables.values():
        assert spec.columns
        reasons = [*spec.ignored.values(), *(column.ignored for column in spec.columns if column.ignored is not None)]
        assert all(isinstance(reason, str) and len(reason) > 3 for reason in reasons), spec.name
    assert all(len(reason) > 3 for reason in card.out_of_scope.values())


@pytest.mark.parametrize("name", REGISTERS)
def test_a_register_brings_a_sample_without_surprises(name: str) -> None:
    """Its layout is that of the register: no file, column or code of it is unknown."""
    register = REGISTERS[name]
    found = Store(register.folder).snapshots("sample")
    assert found
    for snapshot in found:
        issues = reading(name, snapshot.path).tables["issue"]
        surprising = ("unknown_file", "new_column", "missing_file", "unreadable_table")
        assert issues.filter(pl.col("kind").is_in(surprising)).is_empty(), snapshot.date
