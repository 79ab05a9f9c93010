"""How much, year by category: a table whose cells are the darker the more is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dioscorides.charts.render import Picture, at_any_width
from dioscorides.charts.theme import (
    INK,
    LINE,
    PAPER,
    QUIET,
    SMALL,
    Canvas,
    Row,
    Word,
    extent,
    legible,
    nothing,
    number,
    ramp,
    rows,
    wrap,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl


@at_any_width
def heat(
    data: pl.DataFrame | Iterable[Row],
    *,
    title: str,
    source: str,
    release: str,
    value_title: str,
    subtitle: str = "",
    width: float = 720,
    unknown: str = "no data",
    empty: str = "There is nothing to draw.",
) -> Picture:
    """A cell for each `year` and `category`, coloured by `value`, with its number where there is room for it.

    `data` has year, category, value, optionally text (instead of the number). Categories in the order in which they
    first appear, years without a gap. A pair that is missing, or whose value is, stays white with a dash: not known
    is not nought. Where the years do not fit side by side, they go downwards. Raises ValueError for missing columns.
    """
    found = rows(data, "year", "category", "value")
    if not found:
        return nothing(width, title, subtitle, source, release, empty)
    categories = list(dict.fromkeys(str(row["category"]) for row in found))
    seen = [int(row["year"]) for row in found]
    years = list(range(min(seen), max(seen) + 1))
    cells = {(int(row["year"]), str(row["category"])): row for row in found}
    most = max((row["value"] for row in found if row["value"] is not None), default=0)
    widest = max((extent(_text(row), SMALL) for row in found), default=0) + 6

    named = max(map(extent, categories))
    across = min(named + 4, width * 0.34)
    downward = (width - across - 30) / len(years) < max(widest, 14) and len(categories) * max(widest, 24) <= width - 60
    canvas = Canvas(width, 20.0 * len(years), 36, 2, 30) if downward else Canvas(width, 0, across + 10, 2, 46)
    wide = canvas.plot / (len(categories) if downward else len(years))
    wrapped = {c: wrap(c, across, most=2) for c in categories}
    tall = 20.0 if downward else max([24.0, *(15.0 * len(lines) + 6 for lines in wrapped.values())])
    if not downward:
        canvas.height = tall * len(categories)

    blocks, words = [], []
    for column, year in enumerate(years):
        for line, category in enumerate(categories):
            x, y = (line * wide, column * tall) if downward else (column * wide, line * tall)
            row = cells.get((year, category), {})
            value = row.get("value")
            fill = PAPER if value is None else ramp(value / most if most else 0)
            text = "–" if value is None else _text(row)
            tip = f"{category}, {year}: {unknown if value is None else text}"
            blocks.append((x + 0.5, y + 0.5, x + wide - 0.5, y + tall - 0.5, {"fill": fill, "tip": tip}))
            if wide >= widest or value is None:
                ink = QUIET if value is None else legible(fill)
                words.append(Word(x + wide / 2, y + tall / 2, text, SMALL, ink, "center"))
    canvas.block(blocks, stroke=LINE, strokeWidth=0.5)
    canvas.write(words)
    if downward:
        _years_down(canvas, years, tall)
        canvas.above = canvas.heads(categories, wide, 170) + 6
    else:
        _years_across(canvas, years, wide)
        canvas.write(
            Word(-canvas.left, tall * (n + 0.5) + 15 * (k - (len(wrapped[c]) - 1) / 2), text)
            for n, c in enumerate(categories)
            for k, text in enumerate(wrapped[c])
        )
    lacking = any(cells.get((y, c), {}).get("value") is None for y in years for c in categories)
    _key(canvas, value_title, most, unknown if lacking else "")
    return canvas.picture(title, subtitle, source, release)


def _text(row: Row) -> str:
    value: Any = row.get("text")
    if value is not None:
        return str(value)
    return "" if row["value"] is None else number(row["value"])


def _years_across(canvas: Canvas, years: list[int], wide: float) -> None:
    every = next(n for n in (1, 2, 5, 10, 20, 50) if n * wide >= 34 or n == 50)
    canvas.write(
        Word((n + 0.5) * wide, canvas.height + 12, str(year), SMALL, QUIET, "center")
        for n, year in enumerate(years)
        if year % every == 0
    )


def _years_down(canvas: Canvas, years: list[int], tall: float) -> None:
    canvas.write(Word(-8, (n + 0.5) * tall, str(year), SMALL, QUIET, "right") for n, year in enumerate(years))


def _key(canvas: Canvas, title: str, most: float, unknown: str) -> None:
    """The scale of colours below, from nought to the most there is."""
    y = canvas.height + canvas.below - 12
    x = -canvas.left
    heading = wrap(title, canvas.page * 0.42, SMALL, most=1)[0]
    words = [Word(x, y, heading, SMALL)]
    x += extent(heading, SMALL) + 14
    words.append(Word(x, y, "0", SMALL, QUIET))
    x += 12
    blocks = [(x + 4 * n, y - 6, x + 4 * n + 4, y + 6, {"fill": ramp(n / 19), "tip": None}) for n in range(20)]
    x += 86
    top = number(most)
    words.append(Word(x, y, top, SMALL, QUIET))
    x += extent(top, SMALL) + 16
    canvas.block(blocks)
    if unknown:
        if x + 22 + extent(unknown, SMALL) > canvas.page - canvas.left:
            x, y = -canvas.left, y + 20
            canvas.below += 20
        canvas.block([(x, y - 6, x + 16, y + 6, {"fill": PAPER, "tip": None})], stroke=LINE)
        words += [Word(x + 8, y, "–", SMALL, QUIET, "center"), Word(x + 22, y, unknown, SMALL, INK)]
    canvas.write(words)
