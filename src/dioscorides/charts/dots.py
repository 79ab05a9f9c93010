"""Dots with their intervals, one row each: how large, and how sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dioscorides.charts.render import Picture, at_any_width
from dioscorides.charts.theme import (
    COLOURS,
    LINE,
    PAPER,
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
    number,
    rows,
    steps,
    wrap,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

#: The width from which labels have a column of their own.
BESIDE = 560


@at_any_width
def dots(
    data: pl.DataFrame | Iterable[Row],
    *,
    title: str,
    source: str,
    release: str,
    x_title: str,
    subtitle: str = "",
    width: float = 720,
    reference: float | None = 0,
    empty: str = "There is nothing to draw.",
) -> Picture:
    """A dot at `value` with a line from `lower` to `upper`, one row per `label`, in the order given.

    `data` has label, value, lower, upper, optionally note (a few words at the right) and group (colour, shape and
    legend). A limit that is missing while the other is there is open: its line ends in an arrow at the edge. A missing
    value has no dot. `reference` is a value that the axis must hold, drawn as a line. Raises ValueError for missing
    columns.
    """
    found = rows(data, "label", "value", "lower", "upper")
    if not found:
        return nothing(width, title, subtitle, source, release, empty)
    groups = list(dict.fromkeys(str(row["group"]) for row in found if row.get("group") is not None))
    lines, room, aside = _laid(found, width)
    height = lines[-1].bottom
    canvas = Canvas(width, height, room, aside + (14 if aside else 10), 46)

    bounded = [row[name] for row in found for name in ("value", "lower", "upper") if row[name] is not None]
    low, high = min([*bounded, *_one(reference)], default=0.0), max([*bounded, *_one(reference)], default=1.0)
    span = (high - low) or 1.0
    # An open interval needs room for its arrow.
    low -= 0.0 if low == reference else span * (0.12 if any(_open(row, "lower") for row in found) else 0.04)
    high += 0.0 if high == reference else span * (0.12 if any(_open(row, "upper") for row in found) else 0.04)
    ticks = steps(low, high, canvas.plot / (60 if width >= BESIDE else 46))
    x: Spec = {
        "field": "value", "type": "quantitative", "title": x_title,
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "axis": {"values": ticks, "titleAlign": "left", "titleAnchor": "start",
                 "ticks": False, "format": ",~r"},
    }  # fmt: skip
    canvas.draw({"type": "point", "opacity": 0, "tooltip": None}, [{"value": low}, {"value": high}], x=x)

    def pixel(value: float) -> float:
        return (value - low) / (high - low) * canvas.plot

    if reference is not None:
        canvas.stroke([(pixel(reference), 0, pixel(reference), height)], "#8c959f")
    canvas.stroke([(0, height, canvas.plot, height)], LINE)
    names = [Word(-canvas.left, line.top + 15 * k, text) for line in lines for k, text in enumerate(line.label)]
    if width < BESIDE:  # the names stand upon the grid
        canvas.block(
            (w.x, w.y - 8, w.x + extent(str(w.text)) + 4, w.y + 8, {"fill": PAPER, "tip": None}) for w in names
        )
    canvas.write(names)
    bars, caps, signs, words = [], [], [], []
    for line, row in zip(lines, found, strict=True):
        group = groups.index(str(row["group"])) if row.get("group") is not None else 0
        colour, shape, y = COLOURS[group % len(COLOURS)], SHAPES[group % len(SHAPES)], line.middle
        value, lower, upper = row["value"], row["lower"], row["upper"]
        if lower is not None or upper is not None:
            left = pixel(lower) if lower is not None else 0.0
            right = pixel(upper) if upper is not None else canvas.plot
            bars.append((left, y, right, y, {"colour": colour}))
            bars += [(x, y - 4, x, y + 4, {"colour": colour}) for x in (left, right) if 0 < x < canvas.plot]
            if upper is None:
                caps.append(Sign(canvas.plot, y, "triangle-right", colour))
            if lower is None:
                caps.append(Sign(0, y, "triangle-left", colour))
        if value is not None:
            signs.append(Sign(pixel(value), y, shape, colour, group < len(SHAPES), _tip(row)))
        start = y - 7 * (len(line.note) - 1) if width >= BESIDE else y
        words += [Word(canvas.plot + 14, start + 14 * k, text, SMALL, QUIET) for k, text in enumerate(line.note)]
    canvas.bars(bars)
    canvas.sign(caps, size=40)
    canvas.sign(signs, size=50)
    canvas.write(words)
    if len(groups) > 1:
        tall = canvas.legend_height(groups)
        canvas.above = tall + 6
        entries = [
            (g, SHAPES[k % len(SHAPES)], COLOURS[k % len(COLOURS)], k < len(SHAPES)) for k, g in enumerate(groups)
        ]
        canvas.legend(entries, -tall + 2)
    return canvas.picture(title, subtitle, source, release)


@dataclass(frozen=True)
class _Line:
    """Where a row lies: its label from `top`, its dot in the `middle`, the next row from `bottom`."""

    label: list[str]
    note: list[str]
    top: float
    middle: float
    bottom: float


def _laid(found: list[Row], width: float) -> tuple[list[_Line], float, float]:
    """The rows' places, and the widths of the margins for labels and for notes: on a narrow page labels stand
    above.
    """
    beside = width >= BESIDE
    labels = [str(row["label"]) for row in found]
    room = min(max(map(extent, labels)) + 4, width * 0.36) if beside else width - 24
    notes = [str(row.get("note") or "") for row in found]
    aside = min(max(extent(note, SMALL) for note in notes), width * 0.34)
    lines, end = [], 6.0
    for label, note in zip(labels, notes, strict=True):
        words = wrap(label, room, most=3 if beside else 2)
        words_aside = wrap(note, aside + 2, SMALL, most=2) if note else []
        tall = 15.0 * len(words)
        if beside:
            high = max(28.0, tall + 10, 14.0 * len(words_aside) + 10)
            lines.append(_Line(words, words_aside, end + high / 2 - (tall - 15) / 2, end + high / 2, end + high))
        else:
            high = tall + 28 + 13 * max(0, len(words_aside) - 1)
            lines.append(_Line(words, words_aside, end + 8, end + tall + 10, end + high))
        end += high
    return lines, room + 12 if beside else 18.0, aside


def _open(row: Row, limit: str) -> bool:
    other = "lower" if limit == "upper" else "upper"
    return row[limit] is None and row[other] is not None


def _tip(row: Row) -> str:
    limits = [number(row[name]) if row[name] is not None else "…" for name in ("lower", "upper")]
    return f"{row['label']}: {number(row['value'])}" + (f" ({' – '.join(limits)})" if limits != ["…", "…"] else "")


def _one(value: float | None) -> list[float]:
    return [] if value is None else [value]
