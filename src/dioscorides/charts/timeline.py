"""One thing's way through places: what happened where, on one axis of time."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

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
    Spec,
    Word,
    extent,
    nothing,
    rows,
    steps,
    wrap,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import polars as pl

#: From when to when it may have happened, the date as given, the kind.
Event: TypeAlias = tuple[float, float, str, str]


@at_any_width
def timeline(
    data: pl.DataFrame | Iterable[Row],
    *,
    title: str,
    source: str,
    release: str,
    subtitle: str = "",
    kinds: Sequence[str] = (),
    until: str | None = None,
    width: float = 720,
    undated: str = "Events without a date are not drawn: {n}.",
    empty: str = "There is nothing to draw.",
) -> Picture:
    """A sign at `date` for each event, one row per `place`, in the order in which they first appear.

    `data` has place, date (a date or "2017-08-30", "2017-08", "2017"; a shorter one is drawn as wide as it leaves
    open), event (the kind: colour, shape and legend, in the order of `kinds`, then of appearance) and optionally note
    (a few words at the right of the place's row; the first counts). `until` is the day on which the picture ends.
    Raises ValueError for missing columns and for a date that is none.
    """
    found = rows(data, "place", "date", "event")
    if not found:
        return nothing(width, title, subtitle, source, release, empty)
    present = dict.fromkeys(str(row["event"]) for row in found)
    order = [kind for kind in kinds if kind in present] + [kind for kind in present if kind not in kinds]
    # a kind looks the same in every picture of the same `kinds`
    known = [*kinds, *(kind for kind in order if kind not in kinds)]
    style = {
        kind: (SHAPES[n % len(SHAPES)], COLOURS[n % len(COLOURS)], n < len(SHAPES)) for n, kind in enumerate(known)
    }
    places = list(dict.fromkeys(str(row["place"]) for row in found))
    events, notes = _gathered(found)

    room = min(max(map(extent, places)) + 4, width * (0.3 if width >= 560 else 0.32))
    aside = min(max((extent(note, SMALL) for note in notes.values()), default=0), width * 0.26)
    wrapped = {place: wrap(place, room, most=3) for place in places}
    beside = {place: wrap(note, aside + 2, SMALL, most=3) for place, note in notes.items()}
    tall = {p: max(28.0, 15.0 * len(wrapped[p]) + 8, 14.0 * len(beside.get(p, ())) + 8) for p in places}
    canvas = Canvas(width, sum(tall.values()) + 4, room + 12, aside + 16, 26)
    pixel = _axis(canvas, [day for one in events.values() for event in one for day in event[:2]], until)

    top = 2.0
    for place in places:
        y = top + tall[place] / 2
        bottom = top + tall[place]
        canvas.stroke([(-canvas.left, bottom, canvas.page - canvas.left, bottom)], LINE, strokeWidth=0.6)
        canvas.write(_lines(-canvas.left, y, wrapped[place], 15))
        canvas.write(_lines(canvas.plot + 14, y, beside.get(place, []), 14, SMALL, QUIET))
        _way(
            canvas,
            place,
            [(pixel(start), pixel(end), text, kind) for start, end, text, kind in sorted(events[place])],
            y,
            style,
        )
        top = bottom
    height = canvas.legend_height(order)
    canvas.above = height + 6
    canvas.legend([(kind, *style[kind]) for kind in order], -height + 2)
    missing = sum(not row["date"] for row in found)
    return canvas.picture(title, subtitle, source, release, [undated.format(n=missing)] if missing else [])


def _gathered(found: list[Row]) -> tuple[dict[str, list[Event]], dict[str, str]]:
    """By place, the events that have a date and the first note."""
    events: dict[str, list[Event]] = defaultdict(list)
    notes: dict[str, str] = {}
    for row in found:
        place = str(row["place"])
        if row.get("note"):
            notes.setdefault(place, str(row["note"]))
        if row["date"]:
            events[place].append((*_span(str(row["date"])), str(row["date"]), str(row["event"])))
    return events, notes


def _axis(canvas: Canvas, days: list[float], until: str | None) -> Callable[[float], float]:
    """Draw the axis of years about `days`; gives the pixel of a day."""
    low, high = (min(days), max(days)) if days else (2000.0, 2001.0)
    high = high if until is None else max(high, _span(until)[1])
    low, high = low - 0.03 * (high - low) - 0.1, high + 0.02 * (high - low) + 0.1
    if high - low < 3:  # whole years, so that two of them can be named
        low, high = math.floor(low), math.ceil(high) + 0.02
    ticks = [tick for tick in steps(low, high, canvas.plot / 42) if float(tick).is_integer()]
    x: Spec = {
        "field": "year", "type": "quantitative", "title": None,
        "scale": {"domain": [low, high], "nice": False, "zero": False}, "axis": {"values": ticks, "format": "d"},
    }  # fmt: skip
    canvas.draw({"type": "point", "opacity": 0, "tooltip": None}, [{"year": low}, {"year": high}], x=x)
    return lambda year: (year - low) / (high - low) * canvas.plot


def _way(canvas: Canvas, place: str, events: list[Event], y: float, style: dict[str, tuple[str, str, bool]]) -> None:
    """Draw a place's events at the height `y`, joined by a line."""
    if not events:
        return
    middles = [(start + end) / 2 for start, end, *_ in events]
    canvas.stroke([(middles[0], y, middles[-1], y)], "#8c959f", strokeWidth=1.5)
    vague, signs = [], []
    for (start, end, text, kind), middle, shift in zip(events, middles, _stagger(middles), strict=True):
        shape, colour, filled = style[kind]
        tip = f"{place}: {kind}, {text}"
        if end > start:
            vague.append((start, y + shift - 3, end, y + shift + 3, {"fill": colour, "tip": tip}))
        signs.append(Sign(middle, y + shift, shape, colour, filled, tip))
    canvas.block(vague, opacity=0.3)
    canvas.sign(signs, size=70)


def _span(text: str) -> tuple[float, float]:
    """From when to when a date may lie, in years: a day, a month or a year."""
    try:
        parts = [int(part) for part in text.split("-")]
        match parts:
            case [year]:
                return float(year), year + 1.0
            case [year, month]:
                return year + (month - 1) / 12, year + month / 12
            case [year, month, day]:
                at = year + (date(year, month, day) - date(year, 1, 1)).days / (366 if year % 4 == 0 else 365)
                return at, at
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a date such as 2017-08-30, 2017-08 or 2017.")


def _stagger(middles: list[float]) -> list[float]:
    """How far up or down signs move that would lie upon the one before."""
    shifts = [0.0] * len(middles)
    for n in range(1, len(middles)):
        if middles[n] - middles[n - 1] < 9:
            if shifts[n - 1] == 0:
                shifts[n - 1] = -6.0
            shifts[n] = -shifts[n - 1]
    return shifts


def _lines(
    x: float, y: float, lines: list[str], leading: float, size: float = 12, colour: str = "#1b1f23"
) -> list[Word]:
    """Lines about the height `y`."""
    return [Word(x, y + leading * (n - (len(lines) - 1) / 2), line, size, colour) for n, line in enumerate(lines)]
