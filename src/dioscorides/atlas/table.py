"""A result of a query: column names, types and rows. Light enough for a command that must answer at once; a Polars
frame when asked for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import polars as pl

INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


@dataclass(frozen=True)
class Table:
    """Rows (tuples) under `columns`; `types` are text, date, int, float, bool or list, a name per column."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    @classmethod
    def fetched(cls, cursor: duckdb.DuckDBPyConnection) -> Table:
        """All rows of an executed query."""
        described = cursor.description or []
        return cls(
            _told_apart(name for name, *_ in described),
            tuple(_type(str(kind)) for _, kind, *_ in described),
            tuple(cursor.fetchall()),
        )

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Table:
        """The rows of a Polars frame."""
        return cls(tuple(frame.columns), tuple(_polars_type(str(kind)) for kind in frame.dtypes), tuple(frame.rows()))

    @classmethod
    def from_records(cls, columns: Sequence[str], types: str, records: Iterable[dict[str, Any]]) -> Table:
        """The `columns` of dictionaries; `types` are the names of their types, separated by blanks."""
        return cls(tuple(columns), tuple(types.split()), tuple(tuple(map(one.get, columns)) for one in records))

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The table as a Polars frame; values of a type that the contract has not (a time, a structure) keep theirs."""
        import polars as pl

        values = zip(*self.rows, strict=True) if self.rows else iter([()] * len(self.columns))
        return pl.DataFrame(list(map(_series, self.columns, self.types, values)))

    def only(self, *columns: str) -> Table:
        """The table with these columns."""
        kinds = dict(zip(self.columns, self.types, strict=True))
        return Table.from_records(columns, " ".join(kinds[name] for name in columns), self.records())

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, column: str) -> list[Any]:
        at = self.columns.index(column)
        return [row[at] for row in self.rows]

    def records(self) -> Iterator[dict[str, Any]]:
        """Each row as a dictionary."""
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))

    def plain(self) -> list[dict[str, Any]]:
        """Each row as a dictionary of values that JSON knows, dates as ISO text."""
        return [{name: _plain(value) for name, value in record.items()} for record in self.records()]


def empty(columns: Sequence[str] = ()) -> Table:
    return Table(tuple(columns), ("text",) * len(columns), ())


def _told_apart(names: Iterable[str]) -> tuple[str, ...]:
    """Column names as a query gives them; a second `x` is `x_2`."""
    seen: dict[str, int] = {}
    for name in names:
        told, number = name, 1
        while told in seen:
            number += 1
            told = f"{name}_{number}"
        seen[told] = number
    return tuple(seen)


def _series(name: str, kind: str, values: Sequence[Any]) -> pl.Series:
    import polars as pl

    from dioscorides.contract import polars_type

    try:
        return pl.Series(name, values, polars_type(kind))
    except (TypeError, ValueError):
        series = pl.Series(name, values)
        return pl.Series(name, list(map(str, values))) if series.dtype == pl.Object else series


def _type(kind: str) -> str:
    if kind.endswith("[]"):
        return "list"
    if kind.startswith("DECIMAL"):
        return "float"
    if kind in INTEGERS:
        return "int"
    return {"DATE": "date", "BOOLEAN": "bool", "DOUBLE": "float", "FLOAT": "float"}.get(kind, "text")


def _polars_type(kind: str) -> str:
    if kind.startswith("List"):
        return "list"
    if kind.startswith(("Int", "UInt")):
        return "int"
    return {"Date": "date", "Boolean": "bool", "Float64": "float", "Float32": "float"}.get(kind, "text")


def _plain(value: Any) -> Any:
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if isinstance(value, (float, Decimal)):
        return float(value) if isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return list(map(_plain, value))
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
