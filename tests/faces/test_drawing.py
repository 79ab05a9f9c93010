"""Tables on terminals: what stands beside, what stands under, and that nothing is lost."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from dioscorides.atlas.table import Table
from dioscorides.faces import drawing

WORDS = "some words that are told at length"
ADDRESS = "https://example.org/" + "x" * 14
THINGS = Table(
    ("where", "product", "first_date", "how_many", "address"),
    ("text", "text", "text", "int", "text"),
    (("US", "Brand", "2001-01-01", 1234, ADDRESS), ("EU", WORDS, None, None, None)),
)


def drawn(table: Table, width: int, *, title: str | None = None, most: int | None = None) -> list[str]:
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system=None)
    drawing.table(console, table, title=title, most=most)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_where_there_is_room_all_columns_stand_beside_each_other() -> None:
    assert drawn(THINGS, 120, title="things") == [
        "things",
        "  where  product                             first date  how many  address",
        "  " + "─" * 99,
        f"  US     Brand                               2001-01-01     1,234  {ADDRESS}",
        f"  EU     {WORDS}",
        "",
    ]


def test_what_does_not_fit_stands_under_by_its_name() -> None:
    assert drawn(THINGS, 70) == [
        "  where  product                             first date  how many",
        "  " + "─" * 63,
        "  US     Brand                               2001-01-01     1,234",
        f"    address {ADDRESS}",
        f"  EU     {WORDS}",
        "",
    ]


def test_words_go_on_below_and_a_long_word_is_not_broken() -> None:
    assert drawn(THINGS, 46) == [
        "  where  product",
        "  " + "─" * 41,
        "  US     Brand",
        "    first date 2001-01-01 · how many 1,234 ·",
        f"    address {ADDRESS}",
        f"  EU     {WORDS}",
        "",
    ]
    assert drawn(THINGS, 32)[-4:] == ["  EU", "    product some words that are", "    told at length", ""]


@pytest.mark.parametrize("width", [12, 20, 40, 60, 80, 120, 200])
def test_nothing_is_lost_at_any_width_and_no_line_is_wider(width: int) -> None:
    table = Table(("name", "text", "n"), ("text", "text", "int"), (("キムリア点滴静注", WORDS * 5, 7), ("b", None, 0)))
    lines = drawn(table, width)
    assert all(cell_len(line) <= width for line in lines)
    said = "".join("".join(lines).split())
    for text in ("キムリア点滴静注", "length", "7"):
        assert text in said
    assert said.count("told") == 5 or width < 20


def test_further_rows_are_counted() -> None:
    many = Table(("n",), ("int",), tuple((at,) for at in range(20)))
    assert drawn(many, 80, most=12)[-2] == "  and 8 more; --json gives all"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (["a", "b"], "a, b"), (True, "yes"), (False, "no"), (12345, "12,345"), (1234.5, "1,234"),
     (0.12345, "0.123"), ("a\n b", "a b"), ("[bold]", "[bold]")],
)  # fmt: skip
def test_values_as_people_read_them(value: object, text: str) -> None:
    assert drawing.cell(value) == text
