"""Tables as wide as the terminal: columns that do not fit beside the others stand under them, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from dioscorides.atlas.table import Table

#: Blanks between columns and before the first, the line under their names, and what stands between what is under them.
GAP, INDENT, RULE, DOT = 2, 2, "─", " · "
#: A column up to this wide is never broken over lines; a wider one gets what room there is, this at the least.
WHOLE = 30
#: A column whose texts would go over more lines than this stands under the others.
DEEP = 4
#: What a status looks like, by its first word.
STYLES = {
    "authorised": "green",
    "suspended": "yellow",
    "silently": "yellow",
    "unknown": "yellow",
    "withdrawn": "red",
    "expired": "red",
    "refused": "red",
}


def table(
    console: Console, given: Table, *, title: str | None = None, most: int | None = None, exact: bool = False
) -> None:
    """Draw a table, or the first `most` of its rows; with `exact`, names and numbers as the table has them."""
    from rich.text import Text

    if title:
        console.print(Text(title, "bold"))
    names = [name if exact else name.replace("_", " ") for name in given.columns]
    rows = [[_number(value) if exact else cell(value) for value in row] for row in given.rows[:most]]
    columns = list(zip(names, *rows, strict=True))
    widths = _widths(
        [max(map(_width, column)) for column in columns],
        [max(_width(word) for text in column for word in text.split() or [""]) for column in columns],
        console.width - INDENT,
    )
    right = [kind in ("int", "float") for kind in given.types]
    _beside(console, [Text(name, "dim") for name in names], widths, right)
    console.print(Text(" " * INDENT + RULE * (sum(widths) + GAP * (len(widths) - 1)), "dim"))
    for row in rows:
        _beside(console, [Text(text, _style(name, text)) for name, text in zip(names, row, strict=True)], widths, right)
        _under(console, list(zip(names, row, strict=True))[len(widths) :])
    if most is not None and len(given) > most:
        console.print(Text(f"{' ' * INDENT}and {len(given) - most} more; --json gives all", "dim"))
    console.print()


def lines(console: Console, named: Sequence[tuple[str, str]]) -> None:
    """Draw a few facts, a line each, their names in a column."""
    from rich.text import Text

    width = max((_width(name) for name, text in named if text), default=0)
    for name, text in named:
        if text:
            _beside(console, [Text(name, "dim"), Text(text)], [width, _left(console, width)], [False, False])


def listed(named: Sequence[tuple[str, str]], between: str) -> Text:
    """Values in a line, each after its name."""
    from rich.text import Text

    line = Text()
    for name, text in named:
        line.append(DOT if line else "", "dim").append(f"{name}{between}", "dim").append(text)
    return line


def paragraph(console: Console, text: Text, indent: int = INDENT) -> None:
    """Draw a text, broken over lines that all begin at `indent`; what is no terminal gets it in one line."""
    if not console.is_terminal:
        console.print(" " * indent, text, sep="", soft_wrap=True)
        return
    for line in text.wrap(console, max(console.width - indent, 1)):
        console.print(" " * indent, line, sep="", soft_wrap=True)


def cell(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return " ".join(str(value).split())


def _number(value: Any) -> str:
    return repr(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else cell(value)


def _widths(natural: list[int], words: list[int], room: int) -> list[int]:
    """Widths of the leading columns that stand beside each other in `room`: all, if those wider than WHOLE can share
    what the others leave. `natural` is what a column needs for whole texts, `words` for its longest word.
    """
    widths = [min(width, WHOLE) for width in natural]
    spare = room - sum(widths) - GAP * (len(widths) - 1)
    for at in sorted(range(len(natural)), key=natural.__getitem__):
        wider = sum(width > mine for width, mine in zip(natural, widths, strict=True)) or 1
        more = max(min(natural[at] - widths[at], spare // wider), 0)
        widths[at] += more
        spare -= more
    fits = spare >= 0 and all(
        full <= DEEP * width and word <= width for full, word, width in zip(natural, words, widths, strict=True)
    )
    if fits:
        return widths
    return _widths(natural[:-1], words[:-1], room) if len(natural) > 1 else [min(natural[0], room)]


def _beside(console: Console, cells: Sequence[Text], widths: Sequence[int], right: Sequence[bool]) -> None:
    """Cells beside each other; what is wider than its column goes on below."""
    from rich.text import Text

    broken = [list(text.wrap(console, width)) or [Text()] for text, width in zip(cells, widths, strict=False)]
    for parts in zip_longest(*broken):
        line = Text(" " * INDENT)
        for part, width, to_right in zip(parts, widths, right, strict=False):
            shown = part or Text()
            shown.rstrip()
            blanks = " " * (width - shown.cell_len)
            line.append_text(Text(blanks) + shown if to_right else shown + Text(blanks)).append(" " * GAP)
        line.rstrip()
        console.print(line, soft_wrap=True)


def _under(console: Console, named: Sequence[tuple[str, str]]) -> None:
    """What did not fit beside, each by its name."""
    told = [(name, text) for name, text in named if text]
    if told:
        paragraph(console, listed(told, " "), INDENT + GAP)


def _left(console: Console, width: int) -> int:
    return max(console.width - INDENT - GAP - width, WHOLE)


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _style(name: str, text: str) -> str:
    return STYLES.get(text.split(" ", maxsplit=1)[0], "") if name == "status" else ""
