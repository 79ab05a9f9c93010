"""A release: a folder of Parquet tables, made whole or not at all, opened by DuckDB. A release never changes."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dioscorides.atlas.home import Home
from dioscorides.atlas.table import Table
from dioscorides.contract import UserError

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from dioscorides.identity.names import Index

MANIFEST = "release.json"
#: The index of names, for finding a substance by any text.
NAMES = "names.idx"
READ_ONLY = "an atlas is read only: give one SELECT statement (or DESCRIBE, SHOW, EXPLAIN)."
#: DuckDB takes some of these for a SELECT.
PRAGMA = re.compile(r"(\s|--[^\n]*\n|/\*.*?\*/)*pragma\b", re.IGNORECASE | re.DOTALL)
#: A table that DuckDB proposes for one that is not there.
PROPOSED = re.compile(r'(?<=Table with name )(.+) does not exist! Did you mean "([^"]+)"\?$')
EXPLAIN = re.compile(r"^\s*explain\b\s*(analyze\b|\([^)]*\))?", re.IGNORECASE)


class NoAtlas(UserError):
    """There is no release to open; one sentence that says what to do."""


class QueryError(UserError):
    """A query that cannot be answered; says why."""


class Atlas:
    """An open release. Its tables are `atlas.tables`; `atlas.sql(query)` gives a Polars frame."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What release.json says: inputs, counts, issues, program version."""
        manifest: dict[str, Any] = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        return manifest

    @property
    def release(self) -> str:
        return self.path.name

    @cached_property
    def tables(self) -> list[str]:
        return sorted({path.name.removesuffix(".parquet") for path in self.path.iterdir() if path.suffix == ".parquet"})

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        connection = duckdb.connect(":memory:", config={"threads": 1})
        connection.execute("SET parquet_metadata_cache = true")
        connection.execute("SET enable_progress_bar = false")  # it would be printed among a command's answers
        for table in self.tables:
            file = str(self.path / f"{table}.parquet").replace("'", "''")
            connection.execute(f"CREATE VIEW \"{table}\" AS SELECT * FROM read_parquet('{file}')")  # noqa: S608
        connection.execute("SET temp_directory = ''")  # else a folder below the working directory may be read, too
        connection.execute(f"SET allowed_directories = ['{str(self.path).replace(chr(39), chr(39) * 2)}']")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection

    def table(self, query: str, parameters: Sequence[Any] = ()) -> Table:
        """The answer to a query of our own."""
        cursor = self._connection.cursor()
        if not parameters:
            return Table.fetched(cursor.execute(query))
        # handing over Python values would make DuckDB import pandas where it is installed, and a command wait for it
        cursor.execute(f"PREPARE asked AS {query}")
        return Table.fetched(cursor.execute(f"EXECUTE asked({', '.join(map(_literal, parameters))})"))

    @cached_property
    def names(self) -> Index:
        """The names engine with the names of this release."""
        from dioscorides.identity.names import Index

        return Index.open(self.path / NAMES)

    def constant(self, query: str) -> Table:
        """The answer to a query without parameters, asked once: a release never changes."""
        if query not in self._constants:
            self._constants[query] = self.table(query)
        return self._constants[query]

    def frame(self, table: str, *columns: str) -> pl.DataFrame:
        """All rows of a table's `columns` as a Polars frame: faster than a query where so many are wanted."""
        import polars as pl

        return pl.read_parquet(self.path / f"{table}.parquet", columns=list(columns))

    @cached_property
    def _constants(self) -> dict[str, Table]:
        return {}

    def sql(self, query: str) -> pl.DataFrame:
        """Rows of a user's query, which may only read, as a Polars frame. Raises QueryError."""
        return self.select(query).frame

    def select(self, query: str) -> Table:
        """Rows of a user's query, which may only read. Raises QueryError."""
        import duckdb

        if PRAGMA.match(query):
            raise QueryError(READ_ONLY)
        try:
            kinds = [one.type.name for one in self._connection.extract_statements(query)]
            if kinds == ["EXPLAIN"]:  # what is explained may be run, too
                kinds = [one.type.name for one in self._connection.extract_statements(EXPLAIN.sub("", query))]
            if kinds != ["SELECT"]:
                raise QueryError(READ_ONLY)
            return Table.fetched(self._connection.cursor().execute(query))
        except duckdb.PermissionException as error:
            raise QueryError(
                "a query reads the tables of the atlas and nothing else: no other file, no network."
            ) from error
        except duckdb.Error as error:
            raise QueryError(_sentence(str(error), self.tables)) from error

    def __repr__(self) -> str:
        return f"<Atlas {self.release} at {self.path}>"


def _sentence(message: str, tables: Sequence[str]) -> str:
    """What DuckDB says, without the query that it repeats and without tables of its own that it proposes."""
    said = " ".join(message.partition("\n\nLINE ")[0].split())
    proposed = PROPOSED.search(said)
    if proposed is None or proposed[2] in tables:
        return said
    return f"{said[: proposed.start()]}{proposed[1]} does not exist! SHOW TABLES lists those that do."


def _literal(value: object) -> str:
    """A value as SQL writes it."""
    if value is None:
        return "CAST(NULL AS VARCHAR)"
    if isinstance(value, (bool, int, float)):
        return str(value)
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join("NULL" if one is None else _literal(one) for one in value) + "]"
    return "'" + str(value).replace("'", "''") + "'"


def open_current(home: Home) -> Atlas:
    """The release in use at `home`. Raises NoAtlas."""
    if (home.path / MANIFEST).is_file():  # a release that was exported is a folder of its own
        return Atlas(home.path)
    try:
        name = home.in_use()
    except OSError as error:
        raise NoAtlas(f"{home.current} cannot be read ({error.strerror}).") from error
    path = home.releases / name
    if not name or not (path / MANIFEST).is_file():
        raise NoAtlas(
            f"There is no atlas in {home.path} yet: run `dioscorides build --sample`, or `dioscorides fetch` and then "
            f"`dioscorides build`; or name another folder with --home."
        )
    return Atlas(path)


def publish(home: Home, built: Path, name: str) -> Atlas:
    """Make the finished folder `built` the release `name`, by one rename, and then the one in use."""
    target = home.releases / name
    if not (target / MANIFEST).is_file():
        shutil.rmtree(target, ignore_errors=True)  # somebody's hand has been in it
        sync(built)
        built.rename(target)
        sync(home.releases)
    use(home, name)
    return Atlas(target)


def use(home: Home, name: str) -> None:
    """Make the release `name` the one that `open_current` opens; where it is so already, nothing is touched."""
    if home.current.is_file() and home.current.read_text(encoding="utf-8").strip() == name:
        return
    pointer = home.path / f".current-{os.getpid()}"
    with pointer.open("w", encoding="utf-8") as stream:
        stream.write(name + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    pointer.replace(home.current)


def sync(folder: Path) -> None:
    """Bring a folder, and the files in it, from memory to the disk."""
    for path in [*folder.iterdir(), folder] if folder.is_dir() else [folder]:
        if path.is_dir() and path != folder:
            continue
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
