"""The sample of a register as another day might have published it: the same rows, in another layout."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

import polars as pl
from workbook import write_xlsx

from dioscorides.registers import Register
from dioscorides.registers.metadata import Column, TableSpec
from dioscorides.registers.source import Reading
from dioscorides.snapshots import dates, tables
from dioscorides.snapshots.archives import published_files
from dioscorides.snapshots.store import Snapshot, Store

Cells = list[list[str]]


@dataclass(frozen=True)
class Sample:
    """The files of a register's sample, those in archives by themselves."""

    register: Register
    day: date
    files: dict[str, bytes]

    def read(self, folder: Path) -> Reading:
        """What the register's reader says of the files, laid into `folder`."""
        folder.mkdir(parents=True)
        archives: dict[str, dict[str, bytes]] = {}
        for name, data in self.files.items():
            archive, _, member = name.rpartition("/")
            if archive:
                archives.setdefault(archive, {})[member] = data
            else:
                (folder / name).write_bytes(data)
        for name, members in archives.items():
            with zipfile.ZipFile(folder / name, "w") as archive:
                for member, data in members.items():
                    archive.writestr(member, data)
        return self.register.read(Snapshot(self.register.id, self.day, folder))

    def but(self, name: str, data: bytes, new_name: str | None = None) -> Sample:
        """The sample with another content of a file, or with the file under another name."""
        others = {one: given for one, given in self.files.items() if one != name}
        return replace(self, files=others | {new_name or name: data})


@dataclass(frozen=True)
class Table:
    """One table in one file of a sample: the `cells` of its text or sheet, the header in row `at` (-1 without one)."""

    spec: TableSpec
    file: str
    cells: Cells
    at: int
    sheets: dict[str, Cells] | None
    sheet: str

    def place(self, column: Column) -> int | None:
        if self.at < 0:
            return self.spec.columns.index(column)
        published = [tables.normal_header(name) for name in self.cells[self.at]]
        names = map(tables.normal_header, column.headers)
        return next((published.index(name) for name in names if name in published), None)

    @property
    def is_even(self) -> bool:
        """Whether every row has a cell for each column, each column its own name, and most cells are filled."""
        names = [tables.normal_header(name) for name in self.cells[self.at]] if self.at >= 0 else []
        rows = self.cells[self.at + 1 :]
        return (
            len(rows) > 0
            and len(set(names)) == len(names)
            and all(names)
            and all(len(row) == len(names) and sum(bool(cell.strip()) for cell in row) > 2 for row in rows)
        )

    def data(self, cells: Cells, *, separator: str | None = None, encoding: str = "utf-8") -> bytes:
        """The file with these cells in the table's place."""
        if self.sheets is None:
            return as_text(cells, separator or self.spec.separator, quoted=self.spec.quoted).encode(encoding)
        return as_workbook(self.sheets | {self.sheet: cells})

    def mapped(self, change: Callable[[str], str], place: int | None = None) -> Cells:
        """The cells below the header, in one column or in all, after `change`."""
        return [
            [change(cell) if cell.strip() and place in (None, at) else cell for at, cell in enumerate(row)]
            if number > self.at
            else row
            for number, row in enumerate(self.cells)
        ]


def as_text(cells: Cells, separator: str, *, quoted: bool = True) -> str:
    if not quoted:
        return "".join(separator.join(row) + "\r\n" for row in cells)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(cells)
    return text.getvalue()


def as_workbook(sheets: dict[str, Cells]) -> bytes:
    buffer = io.BytesIO()
    write_xlsx(buffer, sheets)
    return buffer.getvalue()


def sample_of(register: Register) -> Sample:
    snapshot = Store(register.folder).snapshots("sample")[-1]
    return Sample(register, snapshot.date, {file.name: file.read() for file in published_files(snapshot.path)})


def tables_of(sample: Sample) -> Iterator[Table]:
    """The tables of a sample that are texts or workbooks, each with the first file that it stands in."""
    for spec in sample.register.metadata.tables.values():
        for name, data in sample.files.items():
            base = name.rsplit("/", 1)[-1].casefold()
            if any(fnmatch(base, pattern.casefold()) for pattern in spec.files) and not tables.is_json(data):
                table = _table(spec, name, data)
                if table is not None:
                    yield table
                    break


def _table(spec: TableSpec, name: str, data: bytes) -> Table | None:
    known = {tables.normal_header(header) for column in spec.columns for header in column.headers}
    known |= {tables.normal_header(pattern) for pattern in spec.ignored}
    if not tables.is_spreadsheet(data):
        text = tables.decode(data, spec.encodings)
        if spec.quoted:
            cells = list(csv.reader(io.StringIO(text, newline=""), delimiter=spec.separator))
        else:
            cells = [line.split(spec.separator) for line in re.split(r"\r\n|\n|\r", text)]
        sheets, candidates = None, {"": [row for row in cells if any(cell.strip() for cell in row)]}
    else:
        sheets = {sheet: _filled(data, sheet) for sheet in tables.sheet_names(data)}
        pattern = tables.normal_header(spec.sheet or "*")
        candidates = {
            sheet: cells for sheet, cells in sheets.items() if fnmatch(tables.normal_header(sheet), pattern) and cells
        }
    for sheet, cells in candidates.items():
        at = next((place for place, row in enumerate(cells) if tables.is_header(row, known)), None)
        if at is not None or not spec.header:
            return Table(spec, name, cells, at if spec.header and at is not None else -1, sheets, sheet)
    return None


def _filled(data: bytes, sheet: str) -> Cells:
    return [[cell or "" for cell in row] for row in tables.spreadsheet(data, sheet)["cells"].to_list()]


def days_in(table: Table, column: Column, latest: date) -> dict[str, date]:
    """The dates of a column by their texts, where they are whole days."""
    place = table.place(column)
    texts = [row[place].strip() for row in table.cells[table.at + 1 :] if place is not None and place < len(row)]
    found = dates.parse(pl.Series(texts, dtype=pl.String), column.dates, latest)
    return {text: day for text, day, precision in found.rows() if precision == "day" and day is not None}


def in_a_zip(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, data)
    return buffer.getvalue()
