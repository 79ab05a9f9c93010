"""What the tests of lists (designations, letters, shortages, sites) share: tiny snapshots, and what they say."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from workbook import write_xlsx

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading
from dioscorides.snapshots.store import Snapshot, Store

#: Of a tiny snapshot nobody expects the usual number of rows.
NO_NEWS = ("unexpected_count",)


def published(path: Path, *rows: Mapping[str, str], preamble: int = 0) -> None:
    """Rows as a file of the format that its name tells; the header is the first row's, `preamble` lines stand above."""
    header = list(rows[0])
    lines = [[f"a line above the header, {number}"] for number in range(preamble)]
    cells = [header, *([row.get(name, "") for name in header] for row in rows)]
    if path.suffix == ".json":
        keys = [re.sub("[^a-z]+", "_", name.lower()).strip("_") for name in header]
        path.write_text(json.dumps({"meta": {}, "data": [dict(zip(keys, row, strict=True)) for row in cells[1:]]}))
    elif path.suffix == ".xlsx":
        write_xlsx(path, {"Sheet1": [*lines, *cells]})
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([*lines, *cells])


def read(register: str, folder: Path, today: date) -> Reading:
    return catalogue()[register].read(Snapshot(register, today, folder))


def real(register: str, registers_dir: Path, day: date) -> tuple[Reading, Path]:
    """What the real snapshot of a day says, and where its files are."""
    snapshot = next((one for one in Store(registers_dir).snapshots(register) if one.date == day), None)
    if snapshot is None:
        pytest.skip(f"no real snapshot of {register} of {day} beside the checkout")
    return catalogue()[register].read(snapshot), snapshot.path


def sample(register: str) -> Reading:
    (snapshot,) = Store(catalogue()[register].folder).snapshots("sample")
    return catalogue()[register].read(snapshot)


def issues(reading: Reading) -> set[tuple[str, str | None]]:
    told = reading.tables["issue"].filter(~pl.col("kind").is_in(NO_NEWS))
    return set(told.select("kind", "value").rows())


def kinds(reading: Reading) -> dict[str, int]:
    """How many rows there are issues about, by kind."""
    told = reading.tables["issue"].filter(~pl.col("kind").is_in(NO_NEWS))
    return dict(told.group_by("kind").agg(pl.col("count").sum()).rows())


def events(reading: Reading, event: str | None = None) -> list[tuple[str, str | None, str]]:
    """What happened, when, and as it is printed."""
    found = reading.tables["event"].select("event", pl.col("date").cast(pl.String), "text").rows()
    return [one for one in found if event in (None, one[0])]


def only(reading: Reading, table: str) -> dict[str, Any]:
    """The one record of a table."""
    return reading.tables[table].row(0, named=True) if reading.tables[table].height == 1 else {}


def ingredients(reading: Reading) -> list[tuple[int | None, str, str]]:
    if "ingredient" not in reading.tables:
        return []
    return reading.tables["ingredient"].select("position", "name", "role").rows()


def outcomes(reading: Reading) -> dict[str, int]:
    """How many rows were read, repeated, out of scope, quarantined."""
    account = reading.tables["register_file"]
    return dict(account.group_by("outcome").agg(pl.col("rows").sum()).rows())


def reasons(reading: Reading) -> list[str]:
    """Why rows were quarantined."""
    return sorted(reading.tables["quarantine"]["reason"]) if "quarantine" in reading.tables else []


def everything(reading: Reading) -> str:
    """Every text that is kept of a snapshot."""
    return "\n".join(frame.write_json() for frame in reading.tables.values())
