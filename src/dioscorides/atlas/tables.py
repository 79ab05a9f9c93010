"""Making the tables of a release: identity, then the models (`models/*.sql`), each as a Parquet file."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from graphlib import TopologicalSorter
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from dioscorides import contract
from dioscorides.atlas import identify, package, search
from dioscorides.atlas import records as kept
from dioscorides.atlas.naming import Naming
from dioscorides.atlas.records import Records
from dioscorides.atlas.release import NAMES

if TYPE_CHECKING:
    import duckdb

MODELS = files("dioscorides.atlas") / "models"
#: Tables that the release takes from the readings as they are.
AS_READ = ("register_file", "quarantine", "source_row")
#: What the models may read of the identity stage besides atlas tables.
LINKS = ("record_medicine", "central_record", "substance_link", "holder")

#: Called with a step, how many are done and how many there are.
Progress = Callable[[str, int, int], None]


def make(
    folder: Path, read: Sequence[Records], names: Naming, failures: Sequence[str], progress: Progress
) -> dict[str, int]:
    """All atlas tables as Parquet in `folder`, and the index of names; gives the number of rows of each."""
    counts: dict[str, int] = {}

    def keep(name: str, frame: pl.DataFrame) -> None:
        kept.write(contract.ATLAS[name].frame(frame), folder / f"{name}.parquet")
        counts[name] = frame.height

    def concat(name: str) -> pl.DataFrame:
        return pl.concat([one.frame(name) for one in read])

    inner = folder / "inner"
    inner.mkdir()
    # what needs no identity is written beside it
    with ThreadPoolExecutor(max_workers=1) as aside, ThreadPoolExecutor(max_workers=1) as waiting:
        linking = waiting.submit(names.link, read)
        copied = [aside.submit(lambda name: keep(name, concat(name)), name) for name in AS_READ]
        progress("identity", 0, 1)
        keep("register", package.registers(read))
        identity = identify.identify(read, linking)
        copied.append(aside.submit(lambda: _write_index(names, folder / NAMES)))
        for name, frame in identity.items():
            if name in LINKS:
                kept.write(frame, inner / f"{name}.parquet")
            elif name != "issue":
                keep(name, frame)
        issues = [concat("issue"), _dated(identity["issue"], read), package.unread(failures)]
        keep("issue", pl.concat([contract.ISSUE.frame(frame) for frame in issues]))
        connection = _connect(folder, inner, read)
        models = _models()
        for done, (name, sql) in enumerate(models.items(), 1):
            keep(name, pl.DataFrame(connection.sql(sql)))
            connection.execute(_view(name, [folder / f"{name}.parquet"]))
            progress(f"table {name}", done, len(models))
            if name == "authorisation":
                copied.append(aside.submit(lambda: keep("search", _search(folder))))
        connection.close()
        for job in copied:
            job.result()
    shutil.rmtree(inner)
    return counts


def _write_index(names: Naming, path: Path) -> None:
    path.write_bytes(names.index())


def _search(folder: Path) -> pl.DataFrame:
    return search.table(
        *(
            pl.read_parquet(folder / f"{name}.parquet")
            for name in ("authorisation", "substance_name", "substance", "medicine")
        )
    )


def _dated(issues: pl.DataFrame, read: Sequence[Records]) -> pl.DataFrame:
    """Issues of the identity stage, laid to each register's newest snapshot."""
    newest = {one.register.id: one.snapshot.date for one in read}
    return issues.with_columns(pl.col("register").replace_strict(newest, return_dtype=pl.Date).alias("snapshot"))


def _models() -> dict[str, str]:
    """The models by the table that they make, each after those that it reads."""
    found = sorted(MODELS.iterdir(), key=lambda path: path.name)
    models = {path.name.removesuffix(".sql"): path.read_text(encoding="utf-8") for path in found}
    order = TopologicalSorter(
        {name: sorted(_needs(sql) & models.keys()) for name, sql in models.items()}
    ).static_order()
    return {name: models[name] for name in order}


def _needs(sql: str) -> set[str]:
    """Atlas tables that a model reads."""
    code = re.sub(r"--.*", "", sql)
    return {name.lower() for name in re.findall(r"\b(?:FROM|JOIN)\s+([a-z_]+)\b(?!\.)", code, re.IGNORECASE)}


def _connect(folder: Path, inner: Path, read: Sequence[Records]) -> duckdb.DuckDBPyConnection:
    """DuckDB with the views that models may read: `records.*`, `identity.*` and the tables that are made already."""
    import duckdb

    connection = duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "1500MB"})
    connection.execute("SET enable_progress_bar = false")  # it would be printed among a command's answers
    connection.execute("CREATE SCHEMA records")
    connection.execute("CREATE SCHEMA identity")
    for name, table in contract.RECORDS.items():
        paths = [path for one in read if (path := one.table(name))]
        if not paths:
            empty = inner / f"empty_{name}.parquet"
            kept.write(pl.DataFrame(schema=table.schema()), empty)
            paths = [empty]
        connection.execute(_view(f"records.{name}", paths))
    seen = inner / "seen.parquet"
    kept.write(_seen(read), seen)
    connection.execute(_view("records.seen", [seen]))
    snapshots = inner / "snapshot.parquet"
    dated = {"register": [one.register.id for one in read], "snapshot": [one.snapshot.date for one in read]}
    kept.write(pl.DataFrame(dated), snapshots)
    connection.execute(_view("records.snapshot", [snapshots]))
    for name in LINKS:
        connection.execute(_view(f"identity.{name}", [inner / f"{name}.parquet"]))
    connection.execute(_view("register", [folder / "register.parquet"]))
    return connection


def _seen(read: Sequence[Records]) -> pl.DataFrame:
    """The first and the last snapshot that shows each record: register, record_id, first_seen, last_seen."""
    shown: dict[str, list[pl.DataFrame]] = {}
    for one in read:
        for name in contract.ENTITIES:
            if name != "name" and one.table(name):
                frame = one.frame(name).select("register", "record_id", "snapshot")
                shown.setdefault(one.register.id, []).append(frame)
    frames = [
        pl.concat(frames)
        .group_by("register", "record_id")
        .agg(pl.col("snapshot").min().alias("first_seen"), pl.col("snapshot").max().alias("last_seen"))
        for frames in shown.values()
    ]
    empty = {"register": pl.String, "record_id": pl.String, "first_seen": pl.Date, "last_seen": pl.Date}
    return pl.concat(frames).sort("register", "record_id") if frames else pl.DataFrame(schema=empty)


def _view(name: str, paths: Sequence[Path]) -> str:
    quoted = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet([{quoted}])"  # noqa: S608
