"""Writes the worked examples of the pages on questions: what the bundled sample answers, as tables.

python docs/examples.py

An example stands in a page between two comments: the command, the parts of its answer, and how many lines of each.

    <!-- example: lag --among US,EU | table, relative lag | 8 -->
    <!-- end -->
"""

import re
import shlex
import tempfile
from pathlib import Path
from typing import Any

import typer.main

import dioscorides
from dioscorides.atlas.table import Table
from dioscorides.facade import OpenAtlas
from dioscorides.faces import cli
from dioscorides.questions.answer import Answer

HERE = Path(__file__).parent
EXAMPLE = re.compile(r"(<!-- example: (?P<asked>.*?) -->\n).*?(<!-- end -->)", re.DOTALL)
#: What every command has and no question.
COMMON = {*cli.FILES, "home", "json"}


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        atlas = dioscorides.build(home, sample=True)
        for path in sorted(HERE.glob("*.md")):
            text = path.read_text(encoding="utf-8")
            if (made := written(text, atlas)) != text:
                path.write_text(made, encoding="utf-8")


def written(page: str, atlas: OpenAtlas) -> str:
    """The page with its examples as the atlas answers them."""
    return EXAMPLE.sub(lambda found: found[1] + example(found["asked"], atlas) + found[3], page)


def example(asked: str, atlas: OpenAtlas) -> str:
    """An example, as Markdown: the command and the tables of its answer."""
    command, parts, most = [*map(str.strip, asked.split("|")), "", ""][:3]
    answer = ask(command, atlas)
    lines = [f"On the bundled sample, `dioscorides {command}`:", ""]
    for part in (parts or "table").split(","):
        name = part.strip()
        table = (answer.view or answer.main) if name == "table" else answer.further[name]
        lines += [f"*{name}*", ""] * (name != "table") + markdown(table, int(most) if most else None)
    return "\n".join(lines)


def ask(command: str, atlas: OpenAtlas) -> Answer:
    """The answer to a command as it is typed."""
    name, *words = shlex.split(command)
    typed: Any = typer.main.get_command(cli.app)
    context = typed.commands[name].make_context(name, words)
    answer: Answer = getattr(atlas, name)(**{k: v for k, v in context.params.items() if k not in COMMON})
    return answer


def markdown(table: Table, most: int | None = None) -> list[str]:
    """A table as lines of Markdown, the first `most` of its rows."""
    lines = ["| " + " | ".join(name.replace("_", " ") for name in table.columns) + " |"]
    lines += ["|" + "|".join("---:" if kind in ("int", "float") else "---" for kind in table.types) + "|"]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in table.rows[:most]]
    if most is not None and len(table) > most:
        lines += ["", f"({most} of {len(table):,} lines)"]
    return [*lines, ""]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    if isinstance(value, int):
        return f"{value:,}"
    return " ".join(str(value).split()).replace("|", "\\|")


if __name__ == "__main__":
    main()
