"""The command line. Exit codes: 0 answered, 1 could not be done, 2 wrong usage, 3 nothing by that name, 4 ambiguous."""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dioscorides.version import __version__

if TYPE_CHECKING:
    from dioscorides.facade import OpenAtlas

#: Candidates that an ambiguous name is answered with on a terminal.
SHOWN = 30
FAILED, USAGE, UNKNOWN, AMBIGUOUS, INTERRUPTED = 1, 2, 3, 4, 130

app = typer.Typer(
    help="The world's medicines in one atlas, from official registers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Home = Annotated[
    Path | None,
    typer.Option(help="Folder of snapshots and releases (default: $DIOSCORIDES_HOME, else the user's data folder)."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]


def main() -> None:
    """The program. Errors that a user can act on are one sentence on standard error."""
    from dioscorides.contract import UserError

    for stream in (sys.stdout, sys.stderr):  # what the terminal's codepage has not is written as its number
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(standalone_mode=True)
    except BrokenPipeError:
        sys.exit(0)
    except UserError as error:
        _fail(error)
    except KeyboardInterrupt:
        print("dioscorides: stopped; the release in use is as it was.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except OSError as error:
        _fail(UserError(f"{error.strerror or error}."))


def _fail(error: Exception) -> None:
    """End with the error on standard error: a sentence, or one JSON object where JSON was asked for."""
    from dioscorides.questions.answer import Ambiguous, Unknown

    code: int = FAILED
    instead: dict[str, list[Any]] = {}
    if isinstance(error, Ambiguous):
        code, instead = AMBIGUOUS, {"candidates": error.candidates}
    elif isinstance(error, Unknown):
        code, instead = UNKNOWN, {"suggestions": error.suggestions, "listed": error.listed}
    if "--json" in sys.argv[1:]:
        import json

        print(json.dumps({"error": str(error), **instead}, ensure_ascii=False, default=str), file=sys.stderr)
        sys.exit(code)
    print(f"dioscorides: {error}", file=sys.stderr)
    candidates = instead.get("candidates", [])
    for hit in candidates[:SHOWN]:
        print(f"  {hit['medicine_id']}  ({hit['kind']} {hit['text']})", file=sys.stderr)
    if len(candidates) > SHOWN:
        print(f"  and {len(candidates) - SHOWN} more", file=sys.stderr)
    sys.exit(code)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(__version__)
        raise typer.Exit


def _atlas(home: Path | None) -> OpenAtlas:
    import dioscorides

    return dioscorides.open(home)


def _atlas_if_any(home: Path | None) -> OpenAtlas | None:
    from dioscorides.atlas.release import NoAtlas

    try:
        return _atlas(home)
    except NoAtlas:
        return None


@app.command()
def fetch(
    ids: Annotated[list[str] | None, typer.Argument(help="Registers (default: all that have an address).")] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Fetch the newest files of registers from their official addresses."""
    from datetime import UTC, datetime

    from dioscorides.atlas.fetching import fetch_registers
    from dioscorides.atlas.home import Home as HomeFolder
    from dioscorides.atlas.table import Table
    from dioscorides.faces import terminal

    with terminal.progress("fetch") as progress:
        fetched = fetch_registers(HomeFolder.of(home), ids or [], today=datetime.now(UTC).date(), progress=progress)
    columns = ("register", "snapshot", "said", "ok")
    terminal.rows(Table.from_records(columns, "text date text bool", map(vars, fetched)), json=json)
    if not all(one.ok for one in fetched):
        raise typer.Exit(FAILED)


@app.command()
def build(
    mirror: Annotated[Path | None, typer.Option(help="Folder <register>/<YYYY-MM-DD>/<files> to build from.")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Build from the bundled sample.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only this register (may be given again).")] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Build the atlas and make it the one in use."""
    from dioscorides.atlas.build import build as build_atlas
    from dioscorides.atlas.home import Home as HomeFolder
    from dioscorides.faces import terminal

    if mirror is not None and sample:
        raise typer.BadParameter("either --mirror or --sample", param_hint="--mirror")
    with terminal.progress("build") as progress:
        built = build_atlas(HomeFolder.of(home), mirror=mirror, sample=sample, only=only or [], progress=progress)
    terminal.built(built, json=json)


@app.command()
def sql(query: str, home: Home = None, json: Json = False) -> None:
    """Rows of a SELECT over the atlas tables."""
    from dioscorides.faces import terminal

    terminal.rows(_atlas(home).select(query), json=json)


@app.command()
def resolve(
    names: Annotated[list[str] | None, typer.Argument(help="Names (default: one per line on standard input).")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the steps that lead to each answer.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """The substance that each name means, or openly none."""
    from dioscorides.atlas.table import Table
    from dioscorides.faces import terminal

    engine = _atlas(home).names
    asked = names or [line.decode(errors="replace").rstrip("\r\n") for line in sys.stdin.buffer]
    if explain:
        columns = ("name", "step", "text", "outcome")
        steps = [step._asdict() | {"name": name} for name in asked for step in engine.explain(name)]
        terminal.rows(Table.from_records(columns, "text text text text", steps), json=json)
        return
    found = Table.of(engine.resolve(asked))
    terminal.rows(
        found if json else found.only("input", "substance_id", "method", "score", "salt", "candidates", "reason"),
        json=json,
    )


@app.command()
def export(
    to: Annotated[Path, typer.Option(help="Folder to make.")],
    licence: Annotated[str, typer.Option(help="`all`, or `open` for what may be passed on.")] = "all",
    home: Home = None,
    json: Json = False,
) -> None:
    """Copy the release in use to a folder, to pass it on."""
    from dioscorides.atlas.exporting import export_release
    from dioscorides.atlas.home import Home as HomeFolder
    from dioscorides.faces import terminal

    if licence not in ("all", "open"):
        raise typer.BadParameter("either all or open", param_hint="--licence")
    atlas = _atlas(home)
    exported = export_release(atlas, to, home=HomeFolder.of(home), open_only=licence == "open")
    facts = {"release": atlas.release, "folder": str(to), "files": exported.files, "left out": exported.left_out}
    terminal.record(facts, json=json)


#: What every question can be written to.
FILES: dict[str, tuple[Any, Any]] = {
    "csv": (None, Annotated[Path | None, typer.Option(help="Write the table as CSV.")]),
    "parquet": (None, Annotated[Path | None, typer.Option(help="Write the table as Parquet.")]),
    "chart": (None, Annotated[Path | None, typer.Option(help="Draw a picture: .svg, .png, .html or .json.")]),
    "shape": (None, Annotated[str | None, typer.Option(help="Which picture, where there are several.")]),
    "width": (None, Annotated[int | None, typer.Option(min=280, max=4000, help="Pixels, such as 360 for a phone.")]),
}


def _question_command(name: str, ask: Callable[..., Any]) -> Callable[..., None]:
    """A command that asks a question: its parameters are those of the question, and those of every answer."""
    hints = typing.get_type_hints(ask, include_extras=True)
    first, *rest = inspect.signature(ask).parameters.values()
    parameters = [parameter.replace(annotation=_typed(parameter, hints[parameter.name])) for parameter in rest]
    # a question that can do without an atlas says so in the type of its first parameter
    opened = _atlas_if_any if type(None) in typing.get_args(hints[first.name]) else _atlas

    def command(home: Path | None, json: bool, **options: Any) -> None:
        from dioscorides.faces import terminal

        files = {name: options.pop(name) for name in FILES}
        answer = ask(opened(home), **options)
        written = terminal.files(answer, **files)
        if not written or json:
            terminal.answer(answer, json=json)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters += [
        inspect.Parameter(name, keyword, default=default, annotation=annotation)
        for name, (default, annotation) in (FILES | {"home": (None, Home), "json": (False, Json)}).items()
    ]
    command.__dict__["__signature__"] = inspect.Signature(parameters)
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command.__doc__ = (ask.__doc__ or name).split("Raises")[0].strip()
    return command


def _typed(parameter: inspect.Parameter, hint: Any) -> Any:
    """What a question takes by position is an argument of its command, what it takes by name an option."""
    if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
        return Annotated[hint, typer.Argument()]
    option = "--" + parameter.name.strip("_").replace("_", "-")
    return Annotated[hint, typer.Option(option)]


def _add_questions() -> None:
    from importlib import import_module

    from dioscorides.facade import question_names

    for name in question_names():
        ask = import_module(f"dioscorides.questions.{name}").ask
        app.command(name)(_question_command(name, ask))


_add_questions()
