"""Answers on a terminal: tables for people, JSON for machines, progress bars on standard error."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dioscorides.atlas.table import Table
from dioscorides.faces import drawing
from dioscorides.questions.answer import OF_PUBLISHER, Answer, QuestionError

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

    from dioscorides.atlas.build import Built

#: Rows of a further table that people are shown; machines get all.
ENOUGH = 12


def answer(given: Answer, *, json: bool) -> None:
    """Print an answer."""
    if json:
        print(given.to_json())
        return
    draw(_console(), given)


def draw(console: Console, given: Answer) -> None:
    """Draw an answer for people."""
    from rich.text import Text

    console.print(Text(given.title, "bold"))
    if given.release.startswith("sample-"):
        _warning(console, "from the bundled sample, not from the registers")
    drawing.lines(console, list(given.facts.items()))
    console.print()
    drawing.table(console, given.view or given.main)
    for caveat in given.caveats:
        _warning(console, caveat)
    if given.caveats:
        console.print()
    for name, part in given.further.items():
        if part:
            drawing.table(console, part, title=name, most=ENOUGH)
    if given.unknown:
        drawing.table(console, given.unknown, title="not known")
    if "raw" in given.evidence.columns:
        _rows_as_published(console, given.evidence)
    if given.sources:
        drawing.table(console, given.sources.only(*OF_PUBLISHER), title="sources")
    for text in given.definitions:
        drawing.paragraph(console, Text(text, "dim"), 0)
    console.print(Text(f"Release {given.release}", "dim"), soft_wrap=True)


def _warning(console: Console, text: str) -> None:
    from rich.text import Text

    drawing.paragraph(console, Text.assemble(("! ", "yellow"), text))


def files(
    given: Answer,
    *,
    csv: Path | None,
    parquet: Path | None,
    chart: Path | None,
    shape: str | None,
    width: int | None = None,
) -> list[Path]:
    """Write an answer to files; gives those written. Raises QuestionError where one cannot be written."""
    written: list[Path] = []
    try:
        if csv is not None:
            _flat(given.table).write_csv(csv)
            written.append(csv)
        if parquet is not None:
            given.table.write_parquet(parquet)
            written.append(parquet)
        if chart is not None:
            picture = given.chart(shape)
            written.append((picture.at(width) if width else picture).save(chart))
    except OSError as error:
        raise QuestionError(f"The file could not be written: {error}. Name another folder.") from error
    except ValueError as error:
        raise QuestionError(str(error)) from error
    for path in written:
        print(f"wrote {path}", file=sys.stderr)
    return written


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as text: a CSV has no lists."""
    import polars as pl

    lists = [name for name, dtype in frame.schema.items() if dtype == pl.List(pl.String)]
    return frame.with_columns(pl.col(lists).list.join("; "))


def rows(table: Table, *, json: bool) -> None:
    """Print a table; as JSON, one array of objects."""
    if json:
        print(jsonlib.dumps(table.plain(), ensure_ascii=False, default=str))
    else:
        drawing.table(_console(), table, exact=True)


def record(facts: dict[str, Any], *, json: bool) -> None:
    """Print a few facts by name."""
    if json:
        print(jsonlib.dumps(facts, ensure_ascii=False, indent=1, default=str))
        return
    named = [
        (name if at == 0 else "", str(one))
        for name, value in facts.items()
        for at, one in enumerate(value if isinstance(value, list) else [value])
    ]
    drawing.lines(_console(), named)


def built(result: Built, *, json: bool) -> None:
    """Print what a build did."""
    counts = {name: table["rows"] for name, table in result.atlas.manifest["tables"].items()}
    record(
        {
            "release": result.atlas.release,
            "made": "made anew" if result.made else "unchanged, nothing to do",
            "folder": str(result.atlas.path),
            "authorisations": counts["authorisation"],
            "medicines": counts["medicine"],
            "issues": counts["issue"],
            "not used": result.failures,
        },
        json=json,
    )
    if result.failures and not json:
        print("dioscorides: some snapshots could not be used, see above; the others are in.", file=sys.stderr)


@contextmanager
def progress(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on a terminal's standard error, for what takes longer than a moment."""
    if not sys.stderr.isatty():
        yield lambda _step, _done, _all: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.fields[what]}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, what=what)
        yield lambda step, done, all_: bar.update(task, description=step, completed=done, total=all_)


def _console() -> Console:
    from rich.console import Console

    # a pipe has no width: nothing is cut there
    return Console(highlight=False, width=None if sys.stdout.isatty() else 240)


def _rows_as_published(console: Console, evidence: Table) -> None:
    from rich.text import Text

    console.print(Text("rows as published", "bold"))
    for entry in evidence.records():
        at = f"{entry['register']} {entry['snapshot']} {entry['record_id']} {entry['row']}"
        console.print(Text(f"  {at}", "dim"), soft_wrap=True)
        published = jsonlib.loads(entry["raw"]).items()
        told = [(drawing.cell(name), drawing.cell(value)) for name, value in published if value]
        drawing.paragraph(console, drawing.listed(told, ": "), 4)
    console.print()
