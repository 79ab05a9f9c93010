"""Which rows have what in which columns: a matrix of marks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dioscorides.charts.render import Picture, at_any_width
from dioscorides.charts.theme import (
    COLOURS,
    LINE,
    QUIET,
    SHAPES,
    SMALL,
    Canvas,
    Row,
    Sign,
    Word,
    extent,
    nothing,
    rows,
    wrap,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

#: A column narrower than this has no room for its sign.
LEAST = 15


@at_any_width
def matrix(
    data: pl.DataFrame | Iterable[Row],
    *,
    title: str,
    source: str,
    release: str,
    subtitle: str = "",
    marks: Sequence[str] = (),
    columns: Sequence[str] = (),
    width: float = 720,
    absent: str = "",
    empty: str = "There is nothing to draw.",
) -> Picture:
    """A sign for each `mark` where a `row` meets a `column`; where no sign is, there is a small dot.

    `data` has row, column, mark, optionally text (a few letters beside the sign, where there is room). Rows in the
    order in which they first appear; columns and marks in the order given, then of appearance. Columns that do not fit
    beside each other go on below. `absent` says in the legend what a small dot means. Raises ValueError for missing
    columns.
    """
    found = rows(data, "row", "column", "mark")
    if not found:
        return nothing(width, title, subtitle, source, release, empty)
    lines = list(dict.fromkeys(str(row["row"]) for row in found))
    across = [*columns, *dict.fromkeys(str(r["column"]) for r in found if str(r["column"]) not in columns)]
    present = dict.fromkeys(str(row["mark"]) for row in found if row["mark"] is not None)
    kinds = [kind for kind in marks if kind in present] + [kind for kind in present if kind not in marks]
    # a mark looks the same in every picture of the same `marks`
    known = [*marks, *(kind for kind in kinds if kind not in marks)]
    # filled and hollow in turn, and the other way round once the shapes begin again: told apart in grey, too
    style = {
        kind: (SHAPES[n % len(SHAPES)], COLOURS[n % len(COLOURS)], (n + n // len(SHAPES)) % 2 == 0)
        for n, kind in enumerate(known)
    }
    cells = {(str(row["row"]), str(row["column"])): row for row in found if row["mark"] is not None}

    room = min(max(map(extent, lines)) + 4, width * (0.4 if width >= 560 else 0.42))
    wrapped = {line: wrap(line, room, most=2) for line in lines}
    named = max(map(extent, across))
    blocks = _blocks(across, (width - room - 36) / LEAST)
    wide = min((width - room - 36) / len(blocks[0]), max(72.0, named + 16))
    tall = [max(24.0, 15.0 * len(wrapped[line]) + 8) for line in lines]
    head = Canvas(width, 0, room + 12, 2, 4).heads(across, wide, 190)
    step = sum(tall) + head + 12
    canvas = Canvas(width, step * len(blocks) - head - 12, room + 12, 2, 4)

    rules, empties, signs, words = [], [], [], []
    for at, block in enumerate(blocks):
        top = at * step
        canvas.heads(block, wide, 190, top)
        for line, height in zip(lines, tall, strict=True):
            y = top + height / 2
            rules.append((-canvas.left, top, canvas.page - canvas.left, top))
            words += [
                Word(-canvas.left, y + 15 * (k - (len(wrapped[line]) - 1) / 2), text)
                for k, text in enumerate(wrapped[line])
            ]
            for n, column in enumerate(block):
                x = (n + 0.5) * wide
                row = cells.get((line, column))
                if row is None:
                    empties.append(Sign(x, y, "circle", LINE, tip=f"{line}, {column}: {absent or '–'}"))
                    continue
                text = str(row.get("text") or "")
                shape, colour, filled = style[str(row["mark"])]
                tip = f"{line}, {column}: {row['mark']}" + (f", {text}" if text else "")
                beside = bool(text) and extent(text, SMALL) + 26 <= wide
                x -= (extent(text, SMALL) + 4) / 2 if beside else 0
                signs.append(Sign(x, y, shape, colour, filled, tip))
                if beside:
                    words.append(Word(x + 9, y, text, SMALL, QUIET))
            top += height
        rules.append((-canvas.left, top, canvas.page - canvas.left, top))
    canvas.stroke(rules, LINE, strokeWidth=0.6)
    canvas.sign(empties, size=10)
    canvas.sign(signs, size=80)
    canvas.write(words)
    entries = [(kind, *style[kind]) for kind in kinds]
    if absent and empties:
        entries.append((absent, "circle", LINE, True))
    legend = canvas.legend_height([text for text, *_ in entries])
    canvas.above = head + 8 + legend
    canvas.legend(entries, -canvas.above + 8)
    return canvas.picture(title, subtitle, source, release)


def _blocks(columns: list[str], most: float) -> list[list[str]]:
    """The columns in blocks that stand below each other, as even as can be, each of at most so many."""
    count = math.ceil(len(columns) / max(1, int(most)))
    size = math.ceil(len(columns) / count)
    return [columns[n : n + size] for n in range(0, len(columns), size)]
