"""Pictures: that each shape is valid, really drawn, says what it rests on, and is honest about what it lacks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import altair
import polars as pl
import pytest

from dioscorides.charts.curves import curves
from dioscorides.charts.dots import dots
from dioscorides.charts.heat import heat
from dioscorides.charts.matrix import matrix
from dioscorides.charts.render import Picture
from dioscorides.charts.theme import COLOURS, PAPER, RAMP, extent, legible, ramp, spread, steps, wrap
from dioscorides.charts.timeline import timeline

SAID = {
    "title": "How soon places get what others have",
    "source": "Source: three registers, to 2026-10-31",
    "release": "Release 2026-11-14",
}
LONG = "United Kingdom of Great Britain and Northern Ireland"


def steps_of(*names: str) -> list[dict[str, Any]]:
    return [
        {"curve": name, "time": t, "share": t * (n + 1) / 50, "lower": t / 100 or None,
         "upper": 0.5 + t / 20 if t else None}
        for n, name in enumerate(names)
        for t in range(6)
    ]  # fmt: skip


def drawn_curves(names: tuple[str, ...] = ("Canada", LONG), **more: Any) -> Picture:
    at_risk = [{"curve": name, "time": t, "n": 1000 // (t + 1)} for name in names for t in range(6)]
    return curves(steps_of(*names), at_risk=at_risk, x_title="Years", y_title="Share", **SAID, **more)


def drawn_dots(**more: Any) -> Picture:
    data = [
        {"label": "Canada", "value": 120.0, "lower": 90.0, "upper": 150.0, "note": "n = 30", "group": "register"},
        {"label": LONG, "value": 300.0, "lower": 200.0, "upper": None, "note": "", "group": "list"},
        {"label": "Brazil", "value": None, "lower": None, "upper": None, "note": "not reached", "group": None},
    ]
    return dots(data, x_title="Days", **SAID, **more)


def drawn_timeline(**more: Any) -> Picture:
    data = [
        {"place": "Canada", "date": "2018-09-05", "event": "authorised", "note": "first"},
        {"place": LONG, "date": "2018", "event": "authorised", "note": None},
        {"place": LONG, "date": "2019-02", "event": "withdrawn", "note": None},
        {"place": "Brazil", "date": None, "event": "authorised", "note": None},
    ]
    return timeline(data, **SAID, **more)


def drawn_heat(**more: Any) -> Picture:
    data = [
        {"year": year, "category": place, "value": value}
        for year in range(2000, 2026)
        for place, value in (("Canada", year - 2000), (LONG, None if year == 2004 else 0))
    ]
    return heat(data, value_title="Medicines", **SAID, **more)


def drawn_matrix(**more: Any) -> Picture:
    data = [
        {"row": "One", "column": "CA", "mark": "authorised", "text": "2018"},
        {"row": "Two", "column": LONG, "mark": "refused", "text": None},
    ]
    return matrix(data, absent="not authorised", **SAID, **more)


SHAPES: dict[str, Callable[..., Picture]] = {
    "curves": drawn_curves,
    "dots": drawn_dots,
    "timeline": drawn_timeline,
    "heat": drawn_heat,
    "matrix": drawn_matrix,
}
EMPTY: dict[str, Callable[..., Picture]] = {
    "curves": lambda **more: curves([], x_title="Years", y_title="Share", **SAID, **more),
    "dots": lambda **more: dots([], x_title="Days", **SAID, **more),
    "timeline": lambda **more: timeline([], **SAID, **more),
    "heat": lambda **more: heat([], value_title="Medicines", **SAID, **more),
    "matrix": lambda **more: matrix([], **SAID, **more),
}


def words(picture: Picture) -> list[tuple[str, float]]:
    """The texts of the drawn picture with their size in pixels."""
    found = []
    for element in ElementTree.fromstring(picture.svg()).iter("{http://www.w3.org/2000/svg}text"):
        text = "".join(element.itertext())
        if text:
            found.append((text, float(element.attrib["font-size"].removesuffix("px"))))
    return found


def text(picture: Picture) -> str:
    return " ".join(word for word, _ in words(picture))


@pytest.mark.parametrize("width", [360, 720, 1200])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_drawn_as_wide_as_asked_with_its_source(shape: str, width: int) -> None:
    picture = SHAPES[shape](width=width, subtitle="By register")
    altair.Chart.from_dict(picture.spec)  # validates
    json.dumps(picture.spec, allow_nan=False)
    said = text(picture)
    for line in (*SAID.values(), "By register"):
        assert line in said
    assert min(size for _, size in words(picture)) >= 11
    head = re.search(r'<svg[^>]* width="([\d.]+)"', picture.svg())
    assert head is not None
    assert float(head[1]) == pytest.approx(width, abs=1)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_drawn_as_png_too(shape: str) -> None:
    png = SHAPES[shape](width=360).png(scale=1)
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 360
    assert len(png) > 3000


@pytest.mark.parametrize("shape", EMPTY)
def test_an_empty_table_gives_a_picture_that_says_so(shape: str) -> None:
    picture = EMPTY[shape](width=360, empty="No medicine meets these conditions.")
    said = text(picture)
    assert "No medicine meets these conditions." in said
    assert SAID["source"] in said
    assert EMPTY[shape]().png()


@pytest.mark.parametrize("shape", SHAPES)
def test_no_two_texts_lie_upon_each_other(shape: str) -> None:
    """Level texts, by the widths that the letters have in Helvetica: axis labels apart, which Vega places."""
    for width in (360, 720):
        picture = SHAPES[shape](width=width)
        boxes = []
        for layer in picture.spec["layer"]:
            if layer["mark"]["type"] == "text":
                for word in layer["data"]["values"]:
                    if word["angle"] == 0:
                        wide = extent(word["text"], word["size"])
                        left = word["px"] - wide * {"left": 0, "center": 0.5, "right": 1}[word["align"]]
                        boxes.append((left, left + wide, word["py"] - 5, word["py"] + 5, word["text"]))
        for n, (a, b, c, d, one) in enumerate(boxes):
            for e, f, g, h, other in boxes[n + 1 :]:
                assert not (a < f - 1 and e < b - 1 and c < h and g < d), (width, one, other)


def test_twelve_curves_are_told_apart_without_colour() -> None:
    picture = drawn_curves(tuple(f"Place {n}" for n in range(12)))
    lines = [layer["mark"] for layer in picture.spec["layer"] if layer["mark"]["type"] == "line"]
    assert len({(mark["color"], tuple(mark["strokeDash"])) for mark in lines}) >= 7
    ends = next(layer for layer in picture.spec["layer"] if layer["mark"]["type"] == "point")
    signs = {(v["shape"], v["fill"], v["edge"]) for v in ends["data"]["values"]}
    assert len(signs) == 12
    assert "Intervals are left out" in text(picture)
    assert not any(layer["mark"]["type"] == "area" for layer in picture.spec["layer"])


def test_one_curve_has_a_band_and_its_share_at_the_end() -> None:
    picture = drawn_curves(("Canada",))
    assert [layer["mark"]["type"] for layer in picture.spec["layer"]].count("area") == 1
    assert "Canada 10%" in text(picture)
    assert "Number at risk" in text(picture)


def test_a_curve_of_one_point_is_drawn() -> None:
    picture = curves([{"curve": "Canada", "time": 0, "share": 0.0}], x_title="Years", y_title="Share", **SAID)
    assert "Canada 0%" in text(picture)


def test_an_open_interval_ends_in_an_arrow() -> None:
    signs = [v["shape"] for layer in drawn_dots().spec["layer"] if layer["mark"]["type"] == "point"
             for v in layer["data"]["values"] if "shape" in v]  # fmt: skip
    assert signs.count("triangle-right") == 1
    assert signs.count("triangle-left") == 0
    assert "not reached" in text(drawn_dots())


def test_a_date_of_which_only_the_year_is_known_is_drawn_as_a_year() -> None:
    picture = drawn_timeline(width=720)
    vague = [v for layer in picture.spec["layer"] if layer["mark"]["type"] == "rect" for v in layer["data"]["values"]]
    assert len(vague) == 2
    year, month = sorted((v["qx"] - v["px"] for v in vague), reverse=True)
    assert year == pytest.approx(12 * month)
    assert "Events without a date are not drawn: 1." in text(picture)


def test_a_date_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="'soon' is not a date"):
        timeline([{"place": "Canada", "date": "soon", "event": "authorised"}], **SAID)


def test_nought_is_not_unknown() -> None:
    for width in (360, 720):
        said = [word for word, _ in words(drawn_heat(width=width))]
        assert said.count("–") == 2  # the cell and the key
        assert "no data" in said
        assert said.count("0") >= 26


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="there is no upper"):
        dots([{"label": "Canada", "value": 1, "lower": 0}], x_title="Days", **SAID)
    with pytest.raises(ValueError, match="there is no mark"):
        matrix(pl.DataFrame({"row": [], "column": []}), **SAID)


def test_frames_are_taken_as_well_as_rows() -> None:
    data = pl.DataFrame(steps_of("Canada")).with_columns(pl.col("lower").fill_null(float("nan")))
    picture = curves(data, x_title="Years", y_title="Share", **SAID)
    assert json.dumps(picture.spec, allow_nan=False)
    assert "Canada 10%" in text(picture)


def test_the_page_stands_alone() -> None:
    page = drawn_curves(("</script> & Söhne",)).html(language="de")
    assert page.startswith('<!doctype html>\n<html lang="de">')
    assert SAID["source"] in page
    # Addresses are within only as names of schemas and in the library's messages: nothing is fetched.
    markup = re.sub(r"(?s)(<script[^>]*>).*</script>", r"\1</script>", page)
    assert not re.search(r"src=|href=|url\(|@import|https?:", markup)
    assert "cdn.jsdelivr" not in page
    assert page.count("</script>") == 1


def test_saved_as_its_ending_says(tmp_path: Path) -> None:
    picture = drawn_matrix()
    for ending, start in ((".svg", b"<svg"), (".png", b"\x89PNG"), (".html", b"<!doctype"), (".json", b"{")):
        assert picture.save(tmp_path / f"picture{ending}").read_bytes().startswith(start)
    with pytest.raises(ValueError, match=r"not as \.gif"):
        picture.save(tmp_path / "picture.gif")


def test_a_notebook_shows_it() -> None:
    shown = drawn_dots()._repr_mimebundle_()
    assert shown["image/svg+xml"].startswith("<svg")
    assert shown["application/vnd.vegalite.v6+json"]["description"].startswith(SAID["title"])


def test_building_a_picture_imports_no_plotting_library() -> None:
    code = (
        "import sys; from dioscorides.charts.dots import dots; "
        "dots([], title='', source='', release='', x_title=''); "
        "print([name for name in ('altair', 'vl_convert', 'numpy', 'polars') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_text_is_wrapped_to_its_width() -> None:
    for width in (40, 90, 200):
        lines = wrap(f"{LONG} Donaudampfschifffahrtsgesellschaft", width)
        assert all(extent(line) <= width for line in lines)
        assert "".join(lines).replace(" ", "") == f"{LONG} Donaudampfschifffahrtsgesellschaft".replace(" ", "")
    assert wrap(LONG, 90, most=1)[0].endswith("…")
    assert wrap("", 90) == [""]


def test_labels_are_spread_in_order_and_within_bounds() -> None:
    places = spread([50, 50, 52, 99], [10, 10, 10, 10], 0, 100)
    assert places == sorted(places)
    assert all(b - a >= 10 for a, b in pairwise(places))
    assert places[-1] <= 95


def test_ticks_are_round() -> None:
    assert steps(0, 60, 6) == [0, 10, 20, 30, 40, 50, 60]
    assert steps(-0.3, 1.2, 4) == [0, 0.5, 1.0]
    assert steps(3, 3, 5) == [3]


def test_colours_read_in_print_and_on_paper() -> None:
    """Every line's colour has a contrast of 3 to 1 with paper (WCAG 2.1, 1.4.11); the ramp's lightness falls evenly."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert all(1.05 / (luminance(colour) + 0.05) >= 3 for colour in COLOURS)
    greys = [luminance(ramp(n / 10)) for n in range(11)]
    assert greys == sorted(greys, reverse=True)
    for n in range(101):
        back = ramp(n / 100)
        one, two = sorted((luminance(back), luminance(legible(back))), reverse=True)
        assert (one + 0.05) / (two + 0.05) >= 4.5
    assert ramp(0) == RAMP[0]
    assert ramp(2) == RAMP[-1]


def test_a_picture_is_laid_out_anew_for_another_width() -> None:
    picture = drawn_curves()
    phone = picture.at(360)
    assert (phone.spec["width"], phone.title) != (picture.spec["width"], "")
    assert phone.spec == drawn_curves(width=360).spec
    assert phone.at(720).spec == picture.spec
    page = picture.html()
    assert "(max-width: 600px)" in page
    # both layouts are in the page, and nothing that could only be read once is empty in the second
    assert page.count('"$schema"') >= 2
    once = dots(iter([{"label": "A", "value": 1, "lower": 0, "upper": 2}]), x_title="Days", **SAID)
    assert "A" in text(once.at(360))


@pytest.mark.parametrize("width", [360, 720])
def test_forty_columns_go_on_below_each_other(width: int) -> None:
    names = [f"J{n:02}" for n in range(40)]
    rows = [{"row": LONG, "column": name, "mark": "authorised"} for name in names]
    said = words(matrix(rows, width=width, **SAID))
    assert {word for word, _ in said} >= set(names)
    assert sum(LONG.startswith(word[:12]) for word, _ in said) == (4 if width == 360 else 2)


def test_a_mark_looks_the_same_in_every_picture() -> None:
    marks = ("authorised", "refused", "withdrawn")

    def shape(*shown: str) -> str:
        rows = [{"row": "One", "column": mark, "mark": mark} for mark in shown]
        found = re.findall(
            r'"shape": "([a-z-]+)"[^{}]*"tip": "One, withdrawn', json.dumps(matrix(rows, marks=marks, **SAID).spec)
        )
        return str(found[0])

    assert shape("withdrawn") == shape("authorised", "refused", "withdrawn")


def test_twelve_marks_are_told_apart_without_colour() -> None:
    rows = [{"row": "One", "column": f"C{n}", "mark": f"mark {n}"} for n in range(12)]
    spec = json.dumps(matrix(rows, **SAID).spec)
    signs = re.findall(r'"shape": "([a-z-]+)", "fill": "(#\w+)"[^{}]*"tip": "One, C\d+: mark', spec)
    assert len(signs) == 12
    assert len({(shape, fill == PAPER) for shape, fill in signs}) == 12


def test_a_short_way_still_names_two_years() -> None:
    rows = [
        {"place": "US", "date": "2017-08-30", "event": "authorised"},
        {"place": "EU", "date": "2018-08-23", "event": "authorised"},
    ]
    said = text(timeline(rows, **SAID))
    assert "2017" in said
    assert "2018" in said
