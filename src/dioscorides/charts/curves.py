"""Curves of a share that grows in steps, with their bands, named at their ends, and the numbers at risk below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dioscorides.charts.render import Picture, at_any_width
from dioscorides.charts.theme import (
    COLOURS,
    DASHES,
    LINE,
    QUIET,
    SHAPES,
    SMALL,
    Canvas,
    Row,
    Sign,
    Spec,
    Word,
    extent,
    nothing,
    rows,
    spread,
    steps,
    wrap,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

#: Bands of more curves than this hide each other and are left out.
BANDS = 4


@at_any_width
def curves(
    data: pl.DataFrame | Iterable[Row],
    *,
    title: str,
    source: str,
    release: str,
    x_title: str,
    y_title: str,
    at_risk: pl.DataFrame | Iterable[Row] = (),
    subtitle: str = "",
    width: float = 720,
    at_risk_title: str = "Number at risk",
    crowded: str = "Intervals are left out: so many would hide each other.",
    empty: str = "There is nothing to draw.",
) -> Picture:
    """Step curves of `share` (0 to 1) against `time`, one per `curve`, in the order in which they first appear.

    `data` has curve, time, share, optionally lower and upper (missing: no band there); the last row of a curve is
    where it ends. `at_risk` has curve, time, n. Times in the unit that `x_title` names. Raises ValueError for missing
    columns.
    """
    found = [row for row in rows(data, "curve", "time", "share") if row["share"] is not None]
    names = list(dict.fromkeys(str(row["curve"]) for row in found))
    if not names:
        return nothing(width, title, subtitle, source, release, empty)
    lines = {name: sorted((r for r in found if str(r["curve"]) == name), key=lambda r: r["time"]) for name in names}
    counts = rows(at_risk, "curve", "time", "n")
    last = max([*(row["time"] for row in found), *(row["time"] for row in counts)]) or 1

    labels = {name: f"{name} {lines[name][-1]['share']:.0%}" for name in names}
    room = min(max(extent(text) for text in labels.values()) + 4, width * 0.36)
    wrapped = {name: wrap(text, room, most=3) for name, text in labels.items()}
    heights = [15.0 * len(wrapped[name]) + 3 for name in names]
    height = max(round(min(340, max(220, width * 0.5))), sum(heights))
    canvas = Canvas(width, height, left=42, right=room + 36, below=44, above=24)

    times = sorted({row["time"] for row in counts}) or steps(0, last, canvas.plot / 55)
    widest = max((extent(f"{row['n']:,}", SMALL) for row in counts), default=16) + 14
    while len(times) * widest > canvas.plot + widest and len(times) > 2:
        times = times[::2]
    x: Spec = {
        "field": "time", "type": "quantitative", "title": x_title,
        "scale": {"domain": [0, last], "nice": False},
        "axis": {"values": times, "grid": False, "titleAlign": "left", "titleAnchor": "start"},
    }  # fmt: skip
    y: Spec = {
        "field": "share", "type": "quantitative", "title": None, "scale": {"domain": [0, 1]},
        "axis": {"format": "%", "tickCount": 5, "domain": False, "ticks": False},
    }  # fmt: skip

    if len(names) <= BANDS:
        for n, name in enumerate(names):
            for part in _known(lines[name]):
                mark = {"type": "area", "interpolate": "step-after", "opacity": 0.16, "color": _style(n)[0]}
                canvas.draw(mark, part, x=x, y=y | {"field": "lower"}, y2={"field": "upper"})
    for n, name in enumerate(names):
        colour, dash, _, _ = _style(n)
        mark = {"type": "line", "interpolate": "step-after", "strokeWidth": 2, "color": colour, "strokeDash": dash}
        shown: list[Spec] = [
            {"field": "curve", "title": " "}, {"field": "time", "title": x_title, "format": ".2~f"},
            {"field": "share", "title": y_title, "format": ".1%"},
        ]  # fmt: skip
        canvas.draw(mark, lines[name], x=x, y=y, tooltip=shown)

    ends = [(lines[name][-1]["time"] / last * canvas.plot, (1 - lines[name][-1]["share"]) * height) for name in names]
    places = spread([end for _, end in ends], heights, -8, height + 8)
    edge = canvas.plot + 16
    canvas.stroke(
        ((px + 6, py, edge + 4, place) for (px, py), place in zip(ends, places, strict=True) if px < canvas.plot - 1
         or abs(place - py) > 5),
        colour="#9aa4ae", strokeWidth=0.8, strokeDash=[1, 2],
    )  # fmt: skip
    signs = []
    for n, ((px, py), place) in enumerate(zip(ends, places, strict=True)):
        colour, _, shape, filled = _style(n)
        signs += [Sign(px, py, shape, colour, filled), Sign(edge + 8, place, shape, colour, filled)]
    canvas.sign(signs, size=46)
    canvas.write([Word(-canvas.left, -20, y_title)])
    canvas.write(
        Word(edge + 18, place + 15 * (k - (len(wrapped[name]) - 1) / 2), text)
        for name, place in zip(names, places, strict=True)
        for k, text in enumerate(wrapped[name])
    )
    if counts:
        _at_risk(canvas, counts, names, times, last, at_risk_title)
    banded = any(row.get("lower") is not None for row in found)
    return canvas.picture(title, subtitle, source, release, [crowded] if banded and len(names) > BANDS else [])


def _style(n: int) -> tuple[str, list[int], str, bool]:
    """Colour, dash, shape and whether it is filled: no two of the first forty-two are alike."""
    return COLOURS[n % len(COLOURS)], DASHES[n % len(DASHES)], SHAPES[n % len(SHAPES)], (n // len(SHAPES)) % 2 == 0


def _known(line: list[Row]) -> list[list[Row]]:
    """The stretches of a curve over which its limits are known, each up to where the next value begins."""
    parts: list[list[Row]] = [[]]
    for row in line:
        if row.get("lower") is not None and row.get("upper") is not None:
            parts[-1].append(row)
        elif parts[-1]:
            parts[-1].append(parts[-1][-1] | {"time": row["time"]})
            parts.append([])
    return [part for part in parts if len(part) > 1]


def _at_risk(
    canvas: Canvas, counts: list[Row], names: list[str], times: list[float], last: float, heading: str
) -> None:
    """The table of numbers at risk: a curve's name above its numbers, which stand below their times."""
    top = canvas.height + canvas.below + 12
    words = [Word(-canvas.left, top, heading, bold=True)]
    signs = []
    known = {(str(row["curve"]), row["time"]): row["n"] for row in counts}
    space = canvas.right - 36
    beside = canvas.width >= 560 or max(extent(name, SMALL) for name in names) <= space
    line = 17 if beside else 32
    for n, name in enumerate(names):
        colour, _, shape, filled = _style(n)
        y = top + 20 + line * n
        label = canvas.plot + 34 if beside else -canvas.left + 16
        signs.append(Sign(label - 10, y, shape, colour, filled))
        words.append(Word(label, y, wrap(name, space if beside else canvas.page - 16, SMALL, most=1)[0], SMALL))
        for time in times:
            value = known.get((name, time))
            if value is not None:
                place = time / last * canvas.plot
                words.append(Word(place, y + (0 if beside else 14), f"{value:,}", SMALL, QUIET, "center"))
    canvas.sign(signs, size=34)
    canvas.write(words)
    canvas.stroke([(-canvas.left, top + 9, canvas.page - canvas.left, top + 9)], LINE)
    canvas.below += 26 + line * len(names)
