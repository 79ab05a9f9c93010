"""What all pictures share: ink, type, spacing, the title above and the source below.

Everything is laid out here to the pixel, so that a picture is exactly as wide as asked for, at 360 pixels (a
telephone) as at 1,200, and no text meets another. Nothing is told by colour alone: colours are after Okabe & Ito
(2008), told apart by all common kinds of colour blindness, the pale ones darkened until they stand out from paper, and
always go with a dash, a shape or a word.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dioscorides.charts.render import Picture

Spec = dict[str, Any]
Row = dict[str, Any]

FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
INK, QUIET, LINE, PAPER = "#1b1f23", "#57606a", "#d8dde3", "#ffffff"
TITLE, TEXT, SMALL = 16, 12, 11
LEADING = 15
MARGIN = 10.0

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#AA4499", "#1b1f23", "#B8860B", "#3B9BD1")
DASHES: tuple[list[int], ...] = ([], [7, 3], [2, 2], [9, 3, 2, 3], [14, 4], [5, 2, 1, 2, 1, 2], [1, 3])
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")

#: From the palest to the darkest, even steps of lightness, so that print in grey keeps the order.
RAMP = ("#eef4f9", "#c6dcec", "#8dbbdb", "#4a91c1", "#1a669d", "#083f6b")

# Widths of Helvetica's letters in thousandths of the size; others count as wide as "n", ideographs as a full square.
_WIDTHS = {
    **dict.fromkeys("ijl'|", 222), **dict.fromkeys(" !,./:;[]\\ftI", 278), **dict.fromkeys("()-r`\"{}°", 350),
    **dict.fromkeys("ckJsvxyz", 500), **dict.fromkeys("FTZ<>=+~", 611), **dict.fromkeys("ABEKPSVXY&", 667),
    **dict.fromkeys("CDHNRUw", 722), **dict.fromkeys("GOQ", 778), **dict.fromkeys("Mm…—", 850), "%": 889, "W": 944,
}  # fmt: skip


def extent(text: str, size: float = TEXT, *, bold: bool = False) -> float:
    """About how many pixels wide a text is drawn."""
    units = sum(_WIDTHS.get(c, 1000 if ord(c) > 0x2E80 else 556) for c in text)
    return units * size / 1000 * (1.07 if bold else 1.0)


def wrap(text: str, width: float, size: float = TEXT, *, most: int = 99, bold: bool = False) -> list[str]:
    """The text in lines of at most `width` pixels; what `most` lines cannot hold ends in an ellipsis."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and extent(longer, size, bold=bold) <= width:
            lines[-1] = longer
            continue
        lines.append(word)
        while extent(lines[-1], size, bold=bold) > width and len(lines[-1]) > 1:  # a word longer than the line
            keep = len(lines[-1]) - 1
            while keep > 1 and extent(lines[-1][:keep], size, bold=bold) > width:
                keep -= 1
            lines[-1:] = [lines[-1][:keep], lines[-1][keep:]]
    if len(lines) <= most:
        return lines or [""]
    last = lines[most - 1] + "…"
    while extent(last, size, bold=bold) > width and len(last) > 1:
        last = last[:-2].rstrip() + "…"
    return [*lines[: most - 1], last]


def rows(data: Any, *needed: str) -> list[Row]:
    """The rows of a Polars frame or of a list of dicts, dates as ISO text, missing numbers as None.

    Raises ValueError where a needed column is missing.
    """
    made = data.to_dicts() if hasattr(data, "to_dicts") else [dict(row) for row in data]
    names = set(data.columns) if hasattr(data, "columns") else set().union(*made) if made else set(needed)
    if missing := [name for name in needed if name not in names]:
        raise ValueError(f"The picture needs the columns {', '.join(needed)}; there is no {', '.join(missing)}.")
    return [{name: _plain(value) for name, value in row.items()} for row in made]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


@dataclass(frozen=True)
class Word:
    """A text at a pixel of the plot; several lines go downwards from it."""

    x: float
    y: float
    text: str | Sequence[str]
    size: float = TEXT
    colour: str = INK
    align: str = "left"
    bold: bool = False
    angle: float = 0.0


@dataclass(frozen=True)
class Sign:
    """A shape at a pixel of the plot; `tip` is shown on pointing."""

    x: float
    y: float
    shape: str
    colour: str
    filled: bool = True
    tip: str | None = None


@dataclass
class Canvas:
    """A picture in the making: the plot's size and the margins about it, in pixels, and the layers drawn so far.

    `left`, `right` and `below` are the margins within the title and the source; those are added by `picture`.
    """

    width: float
    height: float
    left: float
    right: float
    below: float
    above: float = 0.0
    layers: list[Spec] = field(default_factory=list)

    @property
    def plot(self) -> float:
        """The width of the plot."""
        return max(40.0, self.width - self.left - self.right - 2 * MARGIN)

    @property
    def page(self) -> float:
        """The width between the margins."""
        return self.width - 2 * MARGIN

    def draw(self, mark: Spec, values: list[Row], **encoding: Any) -> None:
        """Add marks for `values`."""
        if values:
            self.layers.append({"data": {"values": values}, "mark": mark, "encoding": encoding})

    def write(self, words: Iterable[Word]) -> None:
        """Add texts."""
        values = [
            {"px": w.x, "py": w.y, "text": w.text if isinstance(w.text, str) else list(w.text), "size": w.size,
             "ink": w.colour, "align": w.align, "weight": "bold" if w.bold else "normal", "angle": w.angle}
            for w in words
        ]  # fmt: skip
        mark = {"type": "text", "baseline": "middle", "lineHeight": LEADING, "tooltip": None}
        fields = {"text": "text", "fontSize": "size", "fill": "ink", "align": "align", "fontWeight": "weight",
                  "angle": "angle", "x": "px", "y": "py"}  # fmt: skip
        self.draw(mark | {channel: {"expr": f"datum.{name}"} for channel, name in fields.items()}, values)

    def stroke(self, lines: Iterable[tuple[float, float, float, float]], colour: str = LINE, **style: Any) -> None:
        """Add straight lines between pixels (x, y, x2, y2)."""
        self._span({"type": "rule", "color": colour, "tooltip": None, **style}, [(*line, {}) for line in lines])

    def bars(self, bars: Iterable[tuple[float, float, float, float, Row]]) -> None:
        """Add thick lines between pixels (x, y, x2, y2, row), coloured by the row's `colour`."""
        self._span({"type": "rule", "stroke": {"expr": "datum.colour"}, "strokeWidth": 2, "tooltip": None}, bars)

    def block(self, blocks: Iterable[tuple[float, float, float, float, Row]], **style: Any) -> None:
        """Add rectangles between pixels (x, y, x2, y2, row), coloured by the row's `fill`; its `tip` is shown on
        pointing.
        """
        self._span({"type": "rect", "fill": {"expr": "datum.fill"}, "tooltip": {"expr": "datum.tip"}, **style}, blocks)

    def _span(self, mark: Spec, spans: Iterable[tuple[float, float, float, float, Row]]) -> None:
        values = [row | {"px": a, "py": b, "qx": c, "qy": d} for a, b, c, d, row in spans]
        ends = {"x": "px", "y": "py", "x2": "qx", "y2": "qy"}
        self.draw(mark, values, **{channel: {"value": {"expr": f"datum.{name}"}} for channel, name in ends.items()})

    def sign(self, signs: Iterable[Sign], size: float = 60) -> None:
        """Add shapes at pixels."""
        values = [
            {
                "px": s.x,
                "py": s.y,
                "shape": s.shape,
                "fill": s.colour if s.filled else PAPER,
                "edge": s.colour,
                "tip": s.tip,
            }
            for s in signs
        ]
        fields = {"shape": "shape", "fill": "fill", "stroke": "edge", "x": "px", "y": "py"}
        mark = {"type": "point", "size": size, "strokeWidth": 1.6, "opacity": 1, "tooltip": {"expr": "datum.tip"}}
        self.draw(mark | {channel: {"expr": f"datum.{name}"} for channel, name in fields.items()}, values)

    def legend(self, entries: Sequence[tuple[str, str, str, bool]], y: float) -> float:
        """Write what shapes mean, (text, shape, colour, filled), from `y` down; gives the height it takes."""
        x, line = -self.left + 6.0, 0
        words, signs = [], []
        for text, shape, colour, filled in entries:
            cut = wrap(text, self.page - 24, most=1)[0]
            if x > -self.left + 6 and x + 12 + extent(cut) > self.page - self.left:
                x, line = -self.left + 6.0, line + 1
            signs.append(Sign(x, y + 18.0 * line, shape, colour, filled))
            words.append(Word(x + 11, y + 18.0 * line, cut))
            x += 30 + extent(cut)
        self.sign(signs)
        self.write(words)
        return 18.0 * (line + 1) if entries else 0.0

    def heads(self, names: Sequence[str], wide: float, most: float, top: float = 0) -> float:
        """Name columns of `wide` pixels above `top`, level in up to three lines or else upright; gives the height.

        Upright names are cut to `most` pixels.
        """
        lines = [wrap(name, wide - 8) for name in names]
        whole = all(" ".join(cut) == " ".join(name.split()) for cut, name in zip(lines, names, strict=True))
        if whole and max(map(len, lines)) <= 3:
            self.write(
                Word((n + 0.5) * wide, top - 11 - LEADING * (len(cut) - 1 - k), text, align="center")
                for n, cut in enumerate(lines)
                for k, text in enumerate(cut)
            )
            return 5.0 + LEADING * max(map(len, lines))
        head = min(max(map(extent, names)) + 2, most)
        self.write(
            Word((n + 0.5) * wide, top - 8, wrap(name, head, most=1)[0], angle=270) for n, name in enumerate(names)
        )
        return head + 8

    def legend_height(self, texts: Sequence[str]) -> float:
        """The height that a legend of these texts takes."""
        trial = Canvas(self.width, self.height, self.left, self.right, self.below)
        return trial.legend([(text, "circle", INK, True) for text in texts], 0)

    def picture(self, title: str, subtitle: str, source: str, release: str, notes: Sequence[str] = ()) -> Picture:
        """The finished picture, with its title above and, below, notes, source and release."""
        heads = wrap(title, self.page, TITLE, bold=True)
        under = wrap(subtitle, self.page, TEXT) if subtitle else []
        feet = [line for text in (*notes, source, release) if text for line in wrap(text, self.page, SMALL)]
        below_heads = MARGIN + 20 * len(heads) + 3
        top = below_heads + 16 * len(under) + 12 + self.above
        foot = self.height + self.below + 14
        self.write(
            [Word(-self.left, MARGIN + 9 + 20 * n - top, line, TITLE, bold=True) for n, line in enumerate(heads)]
            + [Word(-self.left, below_heads + 8 + 16 * n - top, line, colour=QUIET) for n, line in enumerate(under)]
            + [Word(-self.left, foot + 14 * n, line, SMALL, QUIET) for n, line in enumerate(feet)]
        )
        spec = {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "description": " ".join(text for text in (title, subtitle, *notes, source, release) if text),
            "width": self.plot,
            "height": self.height,
            "padding": {
                "left": self.left + MARGIN,
                "right": self.right + MARGIN,
                "top": top,
                "bottom": self.below + 14 * len(feet) + 6 + MARGIN,
            },
            "autosize": {"type": "none"},
            "background": PAPER,
            "layer": self.layers,
            "config": CONFIG,
        }
        return Picture(spec, title)


CONFIG: Spec = {
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": SMALL, "labelColor": QUIET, "labelPadding": 5,
        "labelFlush": False, "labelBound": False, "labelOverlap": False,
        "titleFontSize": TEXT, "titleColor": INK, "titleFontWeight": "normal", "titlePadding": 8,
        "gridColor": LINE, "domainColor": "#8c959f", "tickColor": "#8c959f",
    },
}  # fmt: skip


def nothing(width: float, title: str, subtitle: str, source: str, release: str, empty: str) -> Picture:
    """The picture of an empty table, which says so."""
    canvas = Canvas(width, 120, 0, 0, 4)
    lines = wrap(empty, canvas.plot - 20, TEXT)
    canvas.stroke([(0, 0, canvas.plot, 0), (0, 120, canvas.plot, 120)])
    canvas.write(
        Word(canvas.plot / 2, 60 + 16 * (n - (len(lines) - 1) / 2), line, colour=QUIET, align="center")
        for n, line in enumerate(lines)
    )
    return canvas.picture(title, subtitle, source, release)


def steps(low: float, high: float, most: float) -> list[float]:
    """Round values between `low` and `high`, at most about `most` of them."""
    if high <= low:
        return [low]
    raw = (high - low) / max(1.0, most)
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(m * unit for m in (1, 2, 5, 10) if m * unit >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def ramp(share: float) -> str:
    """The colour of a share of the way from pale to dark."""
    place = min(1.0, max(0.0, share)) * (len(RAMP) - 1)
    low = min(int(place), len(RAMP) - 2)
    one, two = (_rgb(RAMP[low + n]) for n in (0, 1))
    return "#" + "".join(f"{round(a + (b - a) * (place - low)):02x}" for a, b in zip(one, two, strict=True))


def legible(background: str) -> str:
    """Black or white, whichever stands out more from `background` (WCAG 2.1: a contrast of 4.5 to 1 or more)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (n / 255 for n in _rgb(background))]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if luminance > 0.179 else PAPER


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Places for boxes of `heights` as near as can be to the `wanted` middles, in order, none upon another, within
    bounds.
    """
    order = sorted(range(len(wanted)), key=lambda n: (wanted[n], n))
    places = dict.fromkeys(order, 0.0)
    floor = low
    for n in order:
        places[n] = max(wanted[n], floor + heights[n] / 2)
        floor = places[n] + heights[n] / 2
    ceiling = high
    for n in reversed(order):
        places[n] = min(places[n], ceiling - heights[n] / 2)
        ceiling = places[n] - heights[n] / 2
    return [places[n] for n in range(len(wanted))]


def number(value: float) -> str:
    """A number as people write it: 1,234 or 0.83 or 12.5."""
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.2f}"
