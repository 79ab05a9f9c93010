"""Answers on a terminal: tables for people, JSON for machines, progress bars on standard error."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dioscorides.atlas.table import Table
from dioscorides.questions.answer import Answer, QuestionError

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

    from dioscorides.atlas.build import Built

#: Columns that a terminal narrower than this many characters can show beside each other.
WIDE, FEW = 110, 3
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
    console.print(f"[bold]{_safe(given.title)}[/bold]")
    if given.release.startswith("sample-"):
        console.print("  [yellow]![/yellow] from the bundled sample, not from the registers", soft_wrap=True)
    for name, value in given.facts.items():
        if value:
            console.print(f"  [dim]{_safe(name)}[/dim] {_safe(value)}", soft_wrap=not console.is_terminal)
    _table(console, given.view or given.main)
    for caveat in given.caveats:
        console.print(f"  [yellow]![/yellow] {_safe(caveat)}", soft_wrap=not console.is_terminal)
    for name, part in given.further.items():
        if part:
            _table(console, part, title=name, most=ENOUGH)
    if given.unknown:
        _table(console, given.unknown, title="not known")
    if "raw" in given.evidence.columns:
        _rows_as_published(console, given.evidence)
    if given.sources:
        _table(console, given.sources, title="sources")
    for text in given.definitions:
        console.print(f"[dim]{_safe(text)}[/dim]", soft_wrap=not console.is_terminal)
    console.print(f"[dim]Release {given.release}[/dim]")


def files(
    given: Answer, *, csv: Path | None, parquet: Path | None, chart: Path | None, shape: str | None
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
            written.append(given.chart(shape).save(chart))
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
        _table(_console(), table)


def record(facts: dict[str, Any], *, json: bool) -> None:
    """Print a few facts by name."""
    if json:
        print(jsonlib.dumps(facts, ensure_ascii=False, indent=1, default=str))
        return
    console = _console()
    for name, value in facts.items():
        lines = value if isinstance(value, list) else [value]
        for line in lines:
            console.print(f"[dim]{_safe(name)}[/dim] {_safe(str(line))}", soft_wrap=not console.is_terminal)


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


def _table(console: Console, table: Table, *, title: str | None = None, most: int | None = None) -> None:
    from rich import box
    from rich.table import Table as Drawn

    if console.width < WIDE and len(table.columns) > FEW:
        _blocks(console, table, title, most)
        return
    drawn = Drawn(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for name, kind in zip(table.columns, table.types, strict=True):
        number = kind in ("int", "float")
        drawn.add_column(_safe(name.replace("_", " ")), justify="right" if number else "left", overflow="fold")
    for row in table.rows[:most]:
        drawn.add_row(*map(_cell, row))
    console.print(drawn)
    if most is not None and len(table) > most:
        console.print(f"[dim]  and {len(table) - most} more; --json gives all[/dim]")


def _blocks(console: Console, table: Table, title: str | None, most: int | None) -> None:
    """A table of many columns on a narrow terminal: a block of lines for each row."""
    if title:
        console.print(f"[bold]{_safe(title)}[/bold]")
    for row in table.rows[:most]:
        first, *others = [(name, _cell(value)) for name, value in zip(table.columns, row, strict=True)]
        console.print(f"[bold]{first[1]}[/bold]")
        console.print(
            "  " + " · ".join(f"[dim]{_safe(name.replace('_', ' '))}[/dim] {text}" for name, text in others if text)
        )
    if most is not None and len(table) > most:
        console.print(f"[dim]  and {len(table) - most} more; --json gives all[/dim]")
    console.print()


def _rows_as_published(console: Console, evidence: Table) -> None:
    console.print("[bold]rows as published[/bold]")
    for entry in evidence.records():
        console.print(
            f"[dim]{entry['register']} {entry['snapshot']} {_safe(entry['record_id'])} {_safe(entry['row'])}[/dim]",
            soft_wrap=True,
        )
        fields = jsonlib.loads(entry["raw"]).items()
        console.print(
            "  " + _safe(" · ".join(f"{name}: {value}" for name, value in fields if value)),
            soft_wrap=not console.is_terminal,
        )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return _safe(", ".join(map(str, value)))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return _safe(str(value))


def _safe(text: str) -> str:
    from rich.markup import escape

    return escape(text)
