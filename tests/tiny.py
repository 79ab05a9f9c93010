"""Registers made for a test: packages of their own that the program finds by their entry points.

Their files are the record tables themselves, as CSV, so that a test writes down what registers say and the real build
does the rest.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import polars as pl
import yaml

from dioscorides import contract
from dioscorides.atlas.build import Built, build
from dioscorides.atlas.home import Home

READER = """
import polars as pl

from dioscorides import contract


def read(source):
    for name in source.metadata.tables:
        if source.has(name):
            rows = source.rows(name).key(pl.col("id"))
            types = {column.name: column.type for column in contract.RECORDS[name].columns}
            typed = [
                pl.col(column).str.to_date() if types[column] == "date"
                else pl.col(column).str.split("|") if types[column] == "list"
                else pl.col(column) == "true" if types[column] == "bool"
                else pl.col(column).cast(pl.Int64) if types[column] == "int"
                else pl.col(column)
                for column in rows.frame.columns if column in types and column not in ("row", "record_id")
            ]
            source.emit(name, rows.frame.select("record_id", "row", *typed))
"""
#: A reader that cannot cope: the fault of whoever wrote it.
BROKEN_READER = """
def read(source):
    raise KeyError("a column that the reader forgot")
"""

#: Where real register files and facts lie, on a machine that has them.
SHARED = Path(__file__).resolve().parents[2] / "shared"

_numbers = count(1)
Row = dict[str, Any]


class World:
    """A home, a mirror of snapshots, and the registers that exist besides the program's own."""

    sites: ClassVar[set[str]] = set()

    def __init__(self, folder: Path) -> None:
        self.site, self.mirror = folder / "site", folder / "mirror"
        self.home = Home.of(folder / "home")
        for made in (self.site, self.mirror):
            made.mkdir(parents=True)

    def __enter__(self) -> Self:
        # one world at a time: registers of different worlds may have the same name
        self.hidden = [path for path in sys.path if path in World.sites]
        sys.path[:] = [str(self.site), *(path for path in sys.path if path not in World.sites)]
        World.sites.add(str(self.site))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        World.sites.remove(str(self.site))
        sys.path[:] = [*self.hidden, *(path for path in sys.path if path != str(self.site))]

    def register(self, register: str, *, reader: str = READER, **entries: Any) -> str:
        """Bring a register into the world; `entries` replace those of its register.yaml."""
        package = f"tiny_{next(_numbers)}_{register}"
        folder = self.site / package
        folder.mkdir()
        (folder / "__init__.py").touch()
        (folder / "reader.py").write_text(reader)
        (folder / "register.yaml").write_text(yaml.safe_dump(card() | entries, sort_keys=False))
        about = self.site / f"{package}-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
        (about / "entry_points.txt").write_text(f"[dioscorides.registers]\n{register} = {package}\n")
        return register

    def publish(self, register: str, day: str, *products: Row, **tables: list[Row]) -> Path:
        """What a register publishes on a day: products (see `product`), and rows of record tables as they are."""
        folder = self.mirror / register / day
        for each in products:
            for name, rows in each.items():
                tables.setdefault(name, []).extend(rows)
        for name, rows in tables.items():
            write_table(folder / f"{name}.csv", rows)
        return folder

    def build(self, **options: Any) -> Built:
        return build(self.home, mirror=self.mirror, **options)

    def table(self, name: str) -> list[Row]:
        """Rows of an atlas table of a fresh build, in which everything could be read."""
        built = self.build()
        assert built.failures == []
        return pl.read_parquet(built.atlas.path / f"{name}.parquet").to_dicts()

    def first(self) -> dict[tuple[str, str], Row]:
        """First authorisations by medicine and jurisdiction."""
        return {(row["medicine_id"], row["jurisdiction"]): row for row in self.table("first_authorisation")}


def product(  # what a product is in the least words
    record: str,
    *,
    authorised: str | None = None,
    before: str | None = None,
    substance: str = "exemplin",
    events: Iterable[Row] = (),
    **authorisation: Any,
) -> Row:
    """The rows of a product with one substance and, by `authorised` or `before`, one authorised event."""
    stated = {
        "jurisdiction": "US", "agency": "A", "domain": "human", "legal_basis": "full", "procedure": "national",
        "status": "authorised", "product_name": "Brand", "holder_name": "Holder Inc", "number": f"N{record}",
    }  # fmt: skip
    happened = [dict(one) for one in events]
    if authorised or before:
        happened.insert(0, {"event": "authorised", "date": authorised, "before": before})
    ingredients = [
        {"id": record, "position": at, "name": name, "language": "en", "role": "active"}
        for at, name in enumerate(substance.split("+"), 1)
    ]
    return {
        "authorisation": [{"id": record} | stated | authorisation],
        "event": [{"id": record, "precision": "day" if one.get("date") else None} | one for one in happened],
        "ingredient": ingredients,
    }


def write_table(path: Path, rows: list[Row]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, names, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _printed(value) for name, value in row.items()})


def _printed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "|".join(value) if isinstance(value, list) else str(value)


def card() -> Row:
    own = {column.name for column in contract.KEY}
    tables = {
        name: {
            "files": f"{name}.csv",
            "columns": {"id": {"required": True}}
            | {column.name: {"optional": True} for column in table.columns if column.name not in own},
            "optional": True,
        }
        for name, table in contract.RECORDS.items()
    }
    return {
        "name": "Tiny", "publisher": "Agency", "jurisdiction": "US", "agency": "A", "languages": ["en"],
        "licence": {"name": "CC0", "url": "https://example.org/licence", "confirmed": True, "open": True},
        "homepage": "https://example.org", "cadence": "never", "rank": "register",
        "coverage": {"population": "What the test says.", "closed_world": True},
        "dates": "As the test says.", "tables": tables,
    }  # fmt: skip


def environment(site: Path, **more: str) -> dict[str, str]:
    """Variables with which another process finds the registers of a world."""
    paths = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)} | more


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rows_of(frame: pl.DataFrame, *columns: str, **values: Any) -> list[Mapping[str, Any]]:
    """The rows in which columns have these values, cut to `columns`."""
    return frame.filter(**values).select(columns or pl.all()).to_dicts()
