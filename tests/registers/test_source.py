"""How published tables become rows: found by their headers, accounted for, and nothing guessed."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from workbook import write_xlsx

from dioscorides import contract
from dioscorides.registers.metadata import load
from dioscorides.registers.source import Source, Unreadable
from dioscorides.snapshots.archives import ArchiveError
from dioscorides.snapshots.store import Snapshot
from tiny import card

TODAY = date(2025, 2, 28)
COLUMNS = {"number": {"header": "Number", "required": True}, "name": "Name", "holder": "Holder"}
PLAIN = "Number,Name,Holder\n1,Alpha,A Inc\n2,Beta,B Inc\n"
REMNANT = "next to nothing in it: a sum, or the rest of a row"
Open = Callable[..., Source]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """A source of one table `products` in `products.csv`, described by `table`; further `entries` of the register."""

    def make(
        content: str | bytes | None = PLAIN,
        *,
        columns: dict[str, Any] | None = None,
        file: str = "products.csv",
        entries: dict[str, Any] | None = None,
        **table: Any,
    ) -> Source:
        described = {"files": "products.csv", "columns": columns or COLUMNS} | table
        register = tmp_path / "xx_test"
        register.mkdir(exist_ok=True)
        (register / "register.yaml").write_text(
            yaml.safe_dump(
                card() | {"tables": {"products": described}} | (entries or {}), allow_unicode=True, sort_keys=False
            )
        )
        snapshot = tmp_path / "snapshot"
        snapshot.mkdir(exist_ok=True)
        if content is not None:
            (snapshot / file).write_bytes(content.encode() if isinstance(content, str) else content)
        return Source(load(register / "register.yaml"), Snapshot("xx_test", TODAY, snapshot))

    return make


def cells(source: Source, *columns: str) -> list[tuple[Any, ...]]:
    frame = source.rows("products").frame
    return frame.select(columns or ("number", "name", "holder")).rows()


def issues(source: Source) -> list[tuple[Any, ...]]:
    """Kind, value, count and first row of every issue."""
    return [(kind, value, count, first) for kind, _, value, count, first in source.accounts.issues]


def account(source: Source) -> dict[tuple[str, str], int]:
    """Rows by file and outcome, once a reader has made a record of each row."""
    rows = source.rows("products").key(pl.col("number"))
    source.emit("name", rows.frame.select("record_id", "row", pl.col("name")))
    told = source.finish().tables["register_file"]
    return {
        (file, outcome): n for file, outcome, n in told.group_by("file", "outcome").agg(pl.col("rows").sum()).rows()
    }


# -- rows that are none, cells that are damaged


@pytest.mark.parametrize("footer", [["", "", "", "", "", "", "Source: the agency"], ["Total", "2", "", "", "", "", ""]])
def test_what_stands_below_a_list_is_no_row_of_it(opened: Open, footer: list[str]) -> None:
    names = ["Number", "Name", "Holder", "Form", "Route", "Strength", "Country"]
    lines = [names, *([str(at), "Alpha", "A Inc", "tablet", "oral", "5 mg", "US"] for at in range(3)), footer]
    source = opened("".join(",".join(line) + "\n" for line in lines), ignored=dict.fromkeys(names[3:], "not used"))
    assert len(cells(source)) == 3
    (lost,) = pl.concat(source.accounts.lost).rows()
    assert lost[1:] == ("products.csv:5", json.dumps({"cells": footer}, separators=(",", ":")), REMNANT)


def test_rows_above_the_header_are_not_lost_in_silence(opened: Open) -> None:
    lost = "".join(f"{at},Name {at},H Inc\n" for at in range(9))
    source = opened(lost + PLAIN)
    assert len(cells(source)) == 2
    assert (
        pl.concat(source.accounts.lost)["reason"].to_list()
        == ["above the header: nothing says which column is which"] * 9
    )


@pytest.mark.parametrize("cell", ["TruvadaÂ®", "DRU\x8eBA", "PharmaSwiss ÄŒeskÃ¡", "caf\ufffd", "l\u00e2€™eau"])
def test_letters_that_a_wrong_codepage_leaves_are_an_issue(opened: Open, cell: str) -> None:
    source = opened(f"Number,Name,Holder\n1,Café Ärzte Åse,A Inc\n2,{cell},B Inc\n")
    assert len(cells(source)) == 2
    assert issues(source) == [("garbled_text", cell, 1, "products.csv:3")]


def test_a_text_that_is_no_cell_is_an_issue(opened: Open) -> None:
    source = opened(f"Number,Name,Holder\n1,{'x' * 40_000},A Inc\n")
    assert len(cells(source)) == 1
    assert issues(source) == [("long_cell", "x" * 80, 1, "products.csv:2")]


# -- files


@pytest.mark.parametrize("separator", [";", "\t", "|", "~"])
def test_another_separator_is_known_by_the_header_that_it_gives(opened: Open, separator: str) -> None:
    source = opened(PLAIN.replace(",", separator))
    assert cells(source) == [("1", "Alpha", "A Inc"), ("2", "Beta", "B Inc")]
    assert [kind for kind, *_ in issues(source)] == ["other_separator"]


@pytest.mark.parametrize(
    "name", ["PRODUCTS.CSV", "products (1).csv", "products_20250228.csv", "2025-02-28-products.csv", "Products.txt"]
)
def test_a_name_may_change_its_case_and_bear_a_date(opened: Open, name: str) -> None:
    source = opened(file=name)
    assert len(cells(source)) == 2
    assert [kind for kind, *_ in issues(source)] == ([] if name == "PRODUCTS.CSV" else ["renamed_file"])


@pytest.mark.parametrize("name", ["products_old_list.csv", "byproducts.csv"])
def test_another_name_is_another_file(opened: Open, name: str) -> None:
    with pytest.raises(Unreadable, match=rf"no file products.csv. Found: {name}"):
        cells(opened(file=name))


def test_a_copy_of_a_file_repeats_its_rows(opened: Open) -> None:
    opened()
    source = opened(file="products-copy.csv", files="products*.csv")
    assert account(source) == {("products-copy.csv", "read"): 2, ("products.csv", "duplicate"): 2}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "products.csv: there is no row of products in it. Fetch it again"),
        ("\ufeff\r\n \0", "products.csv: there is no row of products in it. Fetch it again"),
        ("<!DOCTYPE html><html><body>Sorry</body></html>", "products.csv: it is a web page, no table. Fetch it again"),
        ("Number,Name,Holder\n", "products.csv: there is no row of products in it. Fetch it again"),
    ],
)
def test_a_file_without_a_table_says_so(opened: Open, content: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        cells(opened(content))


def test_an_empty_file_beside_others_is_said(opened: Open) -> None:
    opened("", file="products-b.csv")
    source = opened(files="products*.csv")
    assert len(cells(source)) == 2
    assert issues(source) == [("empty_file", "there is nothing in it; fetch it again", 1, None)]


def test_blanks_are_plain_and_what_nobody_sees_is_gone(opened: Open) -> None:
    source = opened("Number,Name,Holder\n\u00a01\u200b,Al\u00a0pha,\u202fA Inc\ufeff\n")
    assert cells(source) == [("1", "Al pha", "A Inc")]


# -- headers


def test_rows_have_our_names_and_their_place(opened: Open) -> None:
    source = opened()
    assert cells(source, "row", "number", "name", "holder") == [
        ("products.csv:2", "1", "Alpha", "A Inc"),
        ("products.csv:3", "2", "Beta", "B Inc"),
    ]
    assert issues(source) == []


@pytest.mark.parametrize(
    ("content", "first_line"),
    [
        ("List of products\n\nas of today,,\nNumber,Name,Holder\n1,Alpha,A Inc\n2,Beta,B Inc\n", 5),
        ("NUMBER, name ,holder_\n1,Alpha,A Inc\n2,Beta,B Inc\n", 2),
        ("Holder,Number,Name\nA Inc,1,Alpha\nB Inc,2,Beta\n", 2),
        ('"Number","Na\nme","Holder"\n1,Alpha,A Inc\n2,Beta,B Inc\n'.replace("Na\nme", "Name\n"), 3),
        ("\ufeffNumber,Name,Holder\n1,Alpha,A Inc\n\n2,Beta,B Inc\n,,\n", 2),
        ("Number,Name,Holder,\n1,Alpha,A Inc,\n2,Beta,B Inc,\n", 2),
    ],
)
def test_a_header_is_known_by_what_stands_in_it(opened: Open, content: str, first_line: int) -> None:
    source = opened(content)
    assert cells(source) == [("1", "Alpha", "A Inc"), ("2", "Beta", "B Inc")]
    assert source.rows("products").frame["row"][0] == f"products.csv:{first_line}"
    assert issues(source) == []


def test_two_sections_with_their_own_headers(opened: Open) -> None:
    source = opened(
        "Changes of the month\nNumber,Name,Holder\n1,Alpha,A Inc\n"
        "All products\nNumber,Holder,Name\n1,A Inc,Alpha\n2,B Inc,Beta\n"
    )
    assert cells(source) == [("1", "Alpha", "A Inc"), ("1", "Alpha", "A Inc"), ("2", "Beta", "B Inc")]
    assert issues(source) == []
    assert account(source) == {("products.csv", "read"): 3, ("products.csv", "out_of_scope"): 1}


def test_no_header_is_said_with_what_was_found(opened: Open) -> None:
    said = r"^xx_test 2025-02-28: products.csv: no row is the header of products; the first .*Expected columns: Num"
    with pytest.raises(Unreadable, match=said):
        opened("1,Alpha,A Inc\n2,Beta,B Inc\n").rows("products")


def test_a_file_that_is_missing_is_said_with_what_was_found(opened: Open) -> None:
    with pytest.raises(Unreadable, match=r"^xx_test 2025-02-28: no file products.csv. Found: other.txt$"):
        opened("x", file="other.txt").rows("products")
    with pytest.raises(Unreadable, match=r"Found: other\.txt"):
        opened(None).rows("products")


def test_files_by_pattern_come_one_after_the_other(opened: Open) -> None:
    opened(PLAIN, file="Products_1.CSV")
    source = opened("Number,Name,Holder\n3,Gamma,C Inc\n", file="products_2.csv", files=["products_*.csv"])
    assert cells(source, "file", "number") == [
        ("Products_1.CSV", "1"), ("Products_1.CSV", "2"), ("products_2.csv", "3"),
    ]  # fmt: skip


# -- columns that drift


def test_a_column_under_another_of_its_names(opened: Open) -> None:
    source = opened(
        "Licence No,Name,Holder\n1,Alpha,A Inc\n", columns=COLUMNS | {"number": {"header": ["Number", "Licence No"]}}
    )
    assert cells(source) == [("1", "Alpha", "A Inc")]
    assert issues(source) == []


def test_a_required_column_that_was_renamed(opened: Open) -> None:
    said = r"products.csv: the column Number \(renamed to Numbers\?\) is missing. Columns found: Numbers, Name, Hol"
    with pytest.raises(Unreadable, match=said):
        opened("Numbers,Name,Holder\n1,Alpha,A Inc\n").rows("products")


def test_a_column_that_is_missing_is_empty_and_an_issue(opened: Open) -> None:
    source = opened("Number,Name\n1,Alpha\n2,Beta\n")
    assert cells(source) == [("1", "Alpha", None), ("2", "Beta", None)]
    assert issues(source) == [("missing_column", "Holder", 2, None)]


def test_an_optional_column_may_be_missing(opened: Open) -> None:
    source = opened("Number,Name\n1,Alpha\n", columns=COLUMNS | {"holder": {"header": "Holder", "optional": True}})
    assert cells(source) == [("1", "Alpha", None)]
    assert issues(source) == []


def test_a_column_that_is_new_is_an_issue_and_kept_as_published(opened: Open) -> None:
    source = opened("Number,Name,Holder,Colour\n1,Alpha,A Inc,red\n")
    assert cells(source) == [("1", "Alpha", "A Inc")]
    assert issues(source) == [("new_column", "Colour", 1, None)]
    assert source.rows("products").published["raw"].to_list() == [
        '{"Number":"1","Name":"Alpha","Holder":"A Inc","Colour":"red"}'
    ]


def test_an_ignored_column_is_no_issue_until_it_is_gone(opened: Open) -> None:
    ignored = {"Colour": "says nothing", "Remark*": "says nothing"}
    assert issues_after(opened("Number,Name,Holder,Colour,Remark 1\n1,A,B,red,x\n", ignored=ignored)) == []
    assert issues_after(opened("Number,Name,Holder\n1,A,B\n", ignored=ignored)) == [
        ("missing_column", "Colour (ignored)", 1, None)
    ]


def issues_after(source: Source) -> list[tuple[Any, ...]]:
    source.rows("products")
    return issues(source)


def test_two_columns_of_one_name_are_told_apart(opened: Open) -> None:
    source = opened("Number,Name,Name,Holder\n1,Alpha,Alfa,A Inc\n", ignored={"Name (2)": "the same in another tongue"})
    assert cells(source) == [("1", "Alpha", "A Inc")]
    assert issues(source) == []


def test_cells_are_stripped_and_empty_ones_are_null(opened: Open) -> None:
    source = opened('Number,Name,Holder\n 1 ,"\u00a0Alpha\u00a0",\n2,"  ","\tB Inc"\n')
    assert cells(source) == [("1", "Alpha", None), ("2", None, "B Inc")]


# -- no header


def test_without_a_header_columns_are_known_by_their_place(opened: Open) -> None:
    source = opened("1,Alpha,A Inc\n2,Beta,B Inc\n", header=False)
    assert cells(source, "row", "number", "name", "holder") == [
        ("products.csv:1", "1", "Alpha", "A Inc"), ("products.csv:2", "2", "Beta", "B Inc"),
    ]  # fmt: skip


def test_without_a_header_more_columns_are_new_ones(opened: Open) -> None:
    source = opened("1,Alpha,A Inc,x\n2,Beta,B Inc,y\n", header=False)
    assert cells(source) == [("1", "Alpha", "A Inc"), ("2", "Beta", "B Inc")]
    assert issues(source) == [("new_column", "column 4", 2, None)]


def test_without_a_header_fewer_columns_are_missing_ones(opened: Open) -> None:
    source = opened("1,Alpha\n2,Beta\n", header=False)
    assert cells(source) == [("1", "Alpha", None), ("2", "Beta", None)]
    assert issues(source) == [("missing_column", "holder", 2, None)]
    required = COLUMNS | {"holder": {"required": True}}
    with pytest.raises(Unreadable, match=r"products.csv: 2 columns, without 'holder'; has the layout changed\?"):
        opened("1,Alpha\n2,Beta\n", header=False, columns=required).rows("products")


@pytest.mark.parametrize("required", [True, False])
def test_a_column_that_moved_is_seen_by_its_shape(opened: Open, required: bool) -> None:
    columns = {"number": {"required": required, "shape": r"^\d+$"}, "name": {}, "holder": {}}
    content = "".join(f"Product {at},{at},H Inc\n" for at in range(30))
    source = opened(content, header=False, columns=columns)
    if required:
        said = r"30 of 30 values of 'number' do not look like it, the first is 'Product 0' in products.csv:1. Have"
        with pytest.raises(Unreadable, match=said):
            source.rows("products")
    else:
        ((kind, value, count, first),) = issues_after(source)
        assert (kind, count, first) == ("unexpected_shape", 30, "products.csv:1")
        assert value.startswith("30 of 30 values of 'number'")


def test_a_few_values_of_another_shape_are_issues(opened: Open) -> None:
    columns = COLUMNS | {"number": {"header": "Number", "required": True, "shape": r"^\d+$"}}
    source = opened(PLAIN + "x,Gamma,C\nx,Delta,D\n", columns=columns)
    assert [number for number, *_ in cells(source)] == ["1", "2", "x", "x"]
    assert issues(source) == [("unexpected_shape", "x", 2, "products.csv:4")]


# -- rows that are not what they should be


def test_ragged_rows_go_to_quarantine_with_their_text(opened: Open) -> None:
    source = opened(PLAIN + "3,Gamma\n4,Delta,D Inc,more\n5,Epsilon,E Inc,,\n")
    assert [number for number, *_ in cells(source)] == ["1", "2", "5"]
    assert account(source) == {("products.csv", "read"): 3, ("products.csv", "quarantined"): 2}
    lost = source.finish().tables["quarantine"].select("register", "snapshot", "row", "text", "reason").rows()
    assert lost[:2] == [
        ("xx_test", TODAY, "products.csv:4", '{"cells":["3","Gamma"]}', "2 fields where the table has 3"),
        (
            "xx_test",
            TODAY,
            "products.csv:5",
            '{"cells":["4","Delta","D Inc","more"]}',
            "4 fields where the table has 3",
        ),
    ]


def test_separators_strayed_into_a_free_text_are_joined_again(opened: Open) -> None:
    columns = COLUMNS | {"name": {"header": "Name", "overflow": True}}
    source = opened("Number,Name,Holder\n1,Alpha, strong,A Inc\n", columns=columns)
    assert cells(source) == [("1", "Alpha, strong", "A Inc")]


def test_rows_that_repeat_another_exactly_are_counted_once(opened: Open) -> None:
    source = opened(PLAIN + "1,Alpha,A Inc\n1,Alpha,A  Inc\n2,Beta,B Inc\n")
    assert cells(source) == [("1", "Alpha", "A Inc"), ("2", "Beta", "B Inc"), ("1", "Alpha", "A  Inc")]
    assert account(source) == {("products.csv", "read"): 3, ("products.csv", "duplicate"): 2}


def test_a_line_with_a_first_cell_only_is_said_to_be_left_out(opened: Open) -> None:
    source = opened(PLAIN + "End of the list,,\n")
    assert account(source) == {("products.csv", "read"): 2, ("products.csv", "out_of_scope"): 1}
    (reason,) = source.finish().tables["register_file"].filter(outcome="out_of_scope")["reason"].unique()
    assert reason.endswith("End of the list")


def test_embedded_newlines_and_stray_quotes(opened: Open) -> None:
    source = opened('Number,Name,Holder\n1,"Alpha\nForte",A Inc\n2,5" tube,B Inc\n3,Gamma,C Inc\n4,7" tube,D Inc\n')
    assert cells(source, "row", "number", "name") == [
        ("products.csv:2", "1", "Alpha\nForte"),
        ("products.csv:4", "2", '5" tube'),
        ("products.csv:5", "3", "Gamma"),
        ("products.csv:6", "4", '7" tube'),
    ]


def test_a_row_count_out_of_range_is_an_issue(opened: Open) -> None:
    assert issues_after(opened(PLAIN, rows=[3, 10])) == [("unexpected_count", "2 rows, expected 3 to 10", 1, None)]
    assert issues_after(opened(PLAIN, rows=[1, 10])) == []


# -- codes and dates


CODED = COLUMNS | {"name": {"header": "Name", "codes": {"Alpha": "a", "beta ": None}}}


def test_codes_are_known_in_any_case(opened: Open) -> None:
    source = opened("Number,Name,Holder\n1,ALPHA,x\n2,Beta,x\n3,,x\n", columns=CODED)
    assert cells(source, "name", "name_code") == [("ALPHA", "a"), ("Beta", None), (None, None)]
    assert issues(source) == []


def test_an_unknown_code_is_an_issue_and_never_guessed(opened: Open) -> None:
    content = "Number,Name,Holder\n1,Alpha,x\n2,Alphaa,x\n3,Alphaa,x\n4,new,x\n"
    source = opened(content, columns=CODED)
    assert [code for (code,) in cells(source, "name_code")] == ["a", None, None, None]
    assert issues(source) == [
        ("unknown_code", "Alphaa", 2, "products.csv:3"), ("unknown_code", "new", 1, "products.csv:5"),
    ]  # fmt: skip


def test_an_unknown_code_may_have_a_default_and_is_an_issue_still(opened: Open) -> None:
    columns = COLUMNS | {"name": {"header": "Name", "codes": {"Alpha": "a", "Beta": None}, "default": "unknown"}}
    source = opened("Number,Name,Holder\n1,Alpha,x\n2,Beta,x\n3,new,x\n4,,x\n", columns=columns)
    assert [code for (code,) in cells(source, "name_code")] == ["a", None, "unknown", "unknown"]
    assert issues(source) == [("unknown_code", "new", 1, "products.csv:4")]


def dated(**entries: Any) -> dict[str, Any]:
    return COLUMNS | {"name": {"header": "Name", "date": ["%d-%b-%Y", "%d-%b-%y", "%Y"]} | entries}


def dates_of(source: Source) -> list[tuple[Any, ...]]:
    return cells(source, "name_date", "name_precision", "name_before")


def table(*texts: str) -> str:
    return "Number,Name,Holder\n" + "".join(f"{at},{text},x\n" for at, text in enumerate(texts))


def test_dates_have_a_precision(opened: Open) -> None:
    source = opened(table("30-AUG-2017", "2001", "", "13-Mar-72", "13-Mar-24"), columns=dated())
    assert dates_of(source) == [
        (date(2017, 8, 30), "day", None),
        (date(2001, 1, 1), "year", None),
        (None, None, None),
        (date(1972, 3, 13), "day", None),
        (date(2024, 3, 13), "day", None),
    ]
    assert issues(source) == []


@pytest.mark.parametrize("text", ["30-FEB-2017", "yesterday", "2017-08-30", "31/12/2017", "20.08.202", "0"])
def test_a_date_that_cannot_be_read_is_an_issue(opened: Open, text: str) -> None:
    source = opened(table("30-AUG-2017", text, text), columns=dated())
    assert dates_of(source)[1:] == [(None, None, None)] * 2
    assert issues(source) == [("bad_date", text, 2, "products.csv:3")]
    assert [name for (name,) in cells(source, "name")][1:] == [text] * 2


@pytest.mark.parametrize("text", ["30-AUG-2125", "30-AUG-1717", "2031"])
def test_a_date_that_cannot_be_is_an_issue(opened: Open, text: str) -> None:
    source = opened(table(text), columns=dated())
    assert dates_of(source) == [(None, None, None)]
    assert issues(source) == [("impossible_date", text, 1, "products.csv:2")]


def test_files_may_be_a_little_younger_than_their_snapshot(opened: Open) -> None:
    source = opened(table("30-MAR-2025"), columns=dated())
    assert dates_of(source) == [(date(2025, 3, 30), "day", None)]
    assert issues(source) == []


def test_a_date_of_the_future_where_it_belongs(opened: Open) -> None:
    source = opened(table("30-AUG-2041", "30-Aug-41", "30-AUG-2999"), columns=dated(future=True))
    assert dates_of(source) == [(date(2041, 8, 30), "day", None)] * 2 + [(None, None, None)]
    assert [kind for kind, *_ in issues(source)] == ["impossible_date"]


def test_before_a_day_is_no_date(opened: Open) -> None:
    bounds = {"31-DEC-1951": date(1952, 1, 1), "Date TBD": None}
    source = opened(table("31-DEC-1951", "Date TBD"), columns=dated(before=bounds))
    assert dates_of(source) == [(None, None, date(1952, 1, 1)), (None, None, None)]
    assert issues(source) == []


def test_a_placeholder_is_no_event(opened: Open) -> None:
    source = opened(table("01-JAN-1900", "02-JAN-1900"), columns=dated(placeholders=["01-JAN-1900"]))
    assert cells(source, "name", "name_date") == [(None, None), ("02-JAN-1900", date(1900, 1, 2))]
    assert issues(source) == []
    rows = source.rows("products").key(pl.col("number"))
    source.emit("authorisation", rows.frame.select("record_id", "row"))
    source.events(rows.frame, authorised="name")
    assert source.finish().tables["event"]["text"].to_list() == ["02-JAN-1900"]


# -- files of every kind


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_codepages(opened: Open, encoding: str) -> None:
    source = opened("Number,Name,Holder\n1,Naïve,Société é\n".encode(encoding))
    assert cells(source) == [("1", "Naïve", "Société é")]


def test_a_codepage_of_its_own(opened: Open) -> None:
    source = opened("Number,Name,Holder\n1,Státní,ústav\n".encode("cp1250"), encodings=["utf-8", "cp1250"])
    assert cells(source) == [("1", "Státní", "ústav")]


def sheet(tmp_path: Path, *preamble: list[str], name: str = "Sheet1") -> bytes:
    path = tmp_path / "made.xlsx"
    rows = [*preamble, ["Number", "Name", "Holder"], [1.0, "Alpha", "A Inc"], ["2", "Beta", ""]]
    write_xlsx(path, {name: rows})
    return path.read_bytes()


@pytest.mark.parametrize("file", ["products.xlsx", "products.xls", "products.csv"])
def test_a_workbook_is_known_by_its_content(opened: Open, tmp_path: Path, file: str) -> None:
    source = opened(sheet(tmp_path, ["As of today"], []), file=file, files="products.*", format="spreadsheet")
    assert cells(source, "row", "number", "name", "holder") == [
        (f"{file}:4", "1", "Alpha", "A Inc"), (f"{file}:5", "2", "Beta", None),
    ]  # fmt: skip


def test_a_text_in_the_place_of_a_workbook_is_read_as_text(opened: Open) -> None:
    assert cells(opened(PLAIN, format="spreadsheet"))[0] == ("1", "Alpha", "A Inc")


def test_a_sheet_by_its_name(opened: Open, tmp_path: Path) -> None:
    source = opened(sheet(tmp_path, name="List 2025"), file="products.csv", format="spreadsheet", sheet="list*")
    assert len(cells(source)) == 2
    with pytest.raises(Unreadable, match="no sheet 'Other' among List 2025"):
        opened(None, format="spreadsheet", sheet="Other").rows("products")


def test_a_json_list_in_the_place_of_a_text(opened: Open) -> None:
    source = opened('[{"Number": 1, "Name": "Alpha", "Holder": null}]')
    assert cells(source, "row", "number", "name", "holder") == [("products.csv:1", "1", "Alpha", None)]


def test_what_is_no_workbook_at_all(opened: Open) -> None:
    said = (
        r"^xx_test 2025-02-28: products.csv: this is no readable spreadsheet: .* Fetch it again, or check what it is\.$"
    )
    with pytest.raises(Unreadable, match=said):
        opened(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more", format="spreadsheet").rows("products")


def test_files_in_a_zip_or_loose_are_the_same(opened: Open, tmp_path: Path) -> None:
    loose = cells(opened())
    shutil.rmtree(tmp_path / "snapshot")
    opened(None)
    with zipfile.ZipFile(tmp_path / "snapshot" / "all.zip", "w") as archive:
        archive.writestr("folder/Products.csv", PLAIN)
    source = opened(None)
    assert cells(source) == loose
    assert source.rows("products").frame["row"][0] == "all.zip/folder/Products.csv:2"


def test_a_damaged_zip_is_refused(opened: Open) -> None:
    with pytest.raises(ArchiveError, match=r"all\.zip is damaged or cut short"):
        opened(b"PK\x03\x04 and no more", file="all.zip")


def test_files_that_nobody_reads_are_accounted_for(opened: Open) -> None:
    opened("a\nb\n\nc\n", file="notes.txt")
    opened("x\n", file="surprise.txt")
    opened("code,meaning\n1,one\n2,two\n", file="list.csv")
    source = opened(entries={"out_of_scope": {"notes*": "remarks", "list.csv": "a list of codes"}})
    assert account(source) == {
        ("products.csv", "read"): 2, ("notes.txt", "out_of_scope"): 3, ("surprise.txt", "out_of_scope"): 1,
        ("list.csv", "out_of_scope"): 2,
    }  # fmt: skip
    found = source.finish().tables
    assert ("unknown_file", "surprise.txt") in found["issue"].select("kind", "where").rows()
    assert "remarks" in found["register_file"]["reason"].to_list()


# -- what a reader does


def keyed(source: Source) -> pl.DataFrame:
    frame = source.rows("products").key(pl.col("number")).frame
    source.emit("authorisation", frame.select("record_id", "row", pl.col("name").alias("product_name")))
    return frame


def test_rows_leave_by_name_only(opened: Open) -> None:
    source = opened(PLAIN + "3,Gamma,\n4,,D Inc\n")
    rows = source.rows("products")
    rows.leave_out(pl.col("holder").is_null(), "of no interest")
    rows.set_aside(pl.col("name").is_null(), "has no name")
    keyed(source)
    told = source.finish().tables
    assert told["register_file"].select("outcome", "reason", "rows").rows() == [
        ("out_of_scope", "of no interest", 1), ("quarantined", "has no name", 1), ("read", None, 2),
    ]  # fmt: skip
    assert told["quarantine"].select("row", "text").rows() == [
        ("products.csv:5", '{"Number":"4","Name":"","Holder":"D Inc"}')
    ]
    assert told["source_row"].select("record_id", "row", "raw").rows()[0] == (
        "1", "products.csv:2", '{"Number":"1","Name":"Alpha","Holder":"A Inc"}',
    )  # fmt: skip


def test_a_condition_that_is_not_known_removes_nothing(opened: Open) -> None:
    source = opened(PLAIN + "3,Gamma,\n")
    source.rows("products").leave_out(pl.col("holder") == "A Inc", "of A")
    assert [number for number, *_ in cells(source)] == ["2", "3"]


def test_rows_without_a_key_go_to_quarantine(opened: Open) -> None:
    source = opened(PLAIN + ",Gamma,C Inc\n")
    keyed(source)
    told = source.finish().tables
    assert told["authorisation"]["record_id"].to_list() == ["1", "2"]
    assert told["quarantine"].select("row", "reason").rows() == [("products.csv:4", "the row has no key")]


def test_of_two_rows_with_one_key_the_first_counts_with_all_that_it_says(opened: Open) -> None:
    source = opened(PLAIN + "1,Other,A Inc\n")
    keyed(source)
    told = source.finish().tables
    assert told["authorisation"].select("record_id", "product_name").rows() == [("1", "Alpha"), ("2", "Beta")]
    assert told["issue"].select("kind", "value", "count", "first_row").rows() == [
        ("repeated_key", "1", 1, "products.csv:4")
    ]
    assert told["source_row"].height == 2
    assert told["quarantine"].select("row", "reason").rows() == [
        ("products.csv:4", "a row above has the same key and another content")
    ]


def test_rows_of_another_table_that_belong_to_nothing(opened: Open) -> None:
    second = {"files": "more.csv", "columns": {"number": {"header": "Number", "required": True}, "code": "Code"}}
    opened("Number,Code\n1,x\n9,y\n", file="more.csv")
    entries = {"tables": {"products": {"files": "products.csv", "columns": COLUMNS}, "more": second}}
    source = opened(entries=entries)
    keyed(source)
    more = source.rows("more").key(pl.col("number")).frame
    source.emit("protection", more.select("record_id", "row", "code"))
    told = source.finish().tables
    assert told["protection"]["record_id"].to_list() == ["1"]
    assert told["quarantine"].select("row", "reason").rows() == [
        ("more.csv:3", "belongs to no record: its key is not in the main table")
    ]


def test_one_row_may_serve_several_records(opened: Open) -> None:
    second = {
        "files": "more.csv",
        "columns": {"holder": {"header": "Holder", "required": True}, "day": {"header": "Day", "date": "%Y-%m-%d"}},
    }
    opened("Holder,Day\nA Inc,2001-01-01\nC Inc,2002-02-02\n", file="more.csv")
    entries = {"tables": {"products": {"files": "products.csv", "columns": COLUMNS}, "more": second}}
    source = opened(PLAIN + "3,Gamma,A Inc\n", entries=entries)
    products = keyed(source)
    rows = source.rows("more").key_all(products.select("holder", "record_id"), on="holder")
    days = products.select("record_id", "holder").join(rows.frame.drop("record_id"), on="holder")
    source.events(days, authorised="day")
    told = source.finish().tables
    assert sorted(told["event"].select("record_id", "row", "date").rows()) == [
        ("1", "more.csv:2", date(2001, 1, 1)), ("3", "more.csv:2", date(2001, 1, 1)),
    ]  # fmt: skip
    kept = told["source_row"].filter(pl.col("row") == "more.csv:2")["record_id"].to_list()
    assert sorted(kept) == ["1", "3"]
    assert told["quarantine"].select("row", "reason").rows() == [("more.csv:3", "the row has no key")]


def test_a_code_list_needs_no_record(opened: Open) -> None:
    second = {"files": "codes.csv", "columns": {"code": {"header": "Code", "required": True}, "meaning": "Meaning"}}
    opened("Code,Meaning\n1,one\n2,\n", file="codes.csv")
    entries = {"tables": {"products": {"files": "products.csv", "columns": COLUMNS}, "codes": second}}
    source = opened(entries=entries)
    keyed(source)
    assert source.rows("codes").codes("code", "meaning") == {"1": "one"}
    told = source.finish().tables
    assert ("codes.csv", "read", 2) in told["register_file"].select("file", "outcome", "rows").rows()
    assert not told["source_row"]["row"].str.starts_with("codes.csv").any()


def test_a_part_of_a_text_may_be_coded(opened: Open) -> None:
    source = opened(entries={"codes": {"letters": {"A": "first"}}})
    rows = source.decode(source.rows("products"), "letter", pl.col("holder").str.extract(r"^(\w) Inc"), "letters")
    assert rows.frame["letter_code"].to_list() == ["first", None]
    assert issues(source) == [("unknown_code", "B", 1, "products.csv:3")]


def test_an_optional_table_that_is_missing_or_not_readable(opened: Open) -> None:
    second = {"files": "more.csv", "optional": True, "columns": {"number": {"header": "Number", "required": True}}}
    entries = {"tables": {"products": {"files": "products.csv", "columns": COLUMNS}, "more": second}}
    source = opened(entries=entries)
    assert source.rows("more").key(pl.col("number")).frame.is_empty()
    assert issues(source) == [("missing_file", None, 1, None)]

    opened("what is\nthis?\n", file="more.csv")
    source = opened(entries=entries)
    keyed(source)
    assert source.rows("more").key(pl.col("number")).frame.is_empty()
    ((kind, value, _, _),) = issues(source)
    assert kind == "unreadable_table"
    assert "no row is the header of more" in value
    told = source.finish().tables
    assert told["quarantine"]["text"].to_list() == ["what is", "this?"]
    assert told["register_file"].filter(file="more.csv").select("outcome", "rows").rows() == [("quarantined", 2)]


def test_a_reader_that_forgets_a_table_is_told(opened: Open) -> None:
    source = opened()
    source.rows("products")
    with pytest.raises(contract.ContractError, match="never said what the rows of products belong to"):
        source.finish()


def test_a_reader_that_makes_up_a_column_is_told(opened: Open) -> None:
    source = opened()
    frame = source.rows("products").key(pl.col("number")).frame
    with pytest.raises(contract.ContractError, match="table authorisation has no column colour"):
        source.emit("authorisation", frame.select("record_id", "row", pl.lit("red").alias("colour")))


def test_remarks_and_lines_that_are_no_table_keep_no_contacts(opened: Open) -> None:
    told = opened(PLAIN + "ask someone at example\n", personal=["e-mail"])
    keyed(told)
    assert "example" not in str({name: frame.rows() for name, frame in told.finish().tables.items()})
    with pytest.raises(Unreadable) as error:
        cells(opened("ask,someone at example\n", personal=["e-mail"]))
    assert "example" not in str(error.value)


def test_contacts_of_persons_are_not_kept(opened: Open) -> None:
    ignored = {"E-mail": "contact of a person"}
    content = (
        "Number,Name,Holder,E-mail\n1,Alpha,A Inc,someone at example\n1,Alpha,A Inc,another at example\n2,broken\n"
    )
    source = opened(content, ignored=ignored, personal=["e-mail"])
    keyed(source)
    told = source.finish().tables
    assert "example" not in str({name: frame.rows() for name, frame in told.items()})
    assert told["register_file"].group_by("outcome").agg(pl.col("rows").sum()).sort("outcome").rows() == [
        ("quarantined", 2),
        ("read", 1),
    ]


# -- numbers that a spreadsheet printed, letters that a web page spelt, dates that vouch for each other


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("8699716010021.0", "8699716010021"),
        ("8.699716010021E12", "8699716010021"),
        ("8.699716010021E+12", "8699716010021"),
        ("8,699,716,010,021", "8699716010021"),
        ("8.69E+12", None),
        ("12.5", "12.5"),
    ],
)
def test_a_number_of_a_spreadsheet_is_itself_or_none(opened: Open, printed: str, number: str | None) -> None:
    columns = COLUMNS | {"number": {"header": "Number", "required": True, "shape": r"^\d{13}$"}}
    source = opened(f'Number,Name,Holder\n"{printed}",Alpha,A Inc\n8699716010038,Beta,B Inc\n', columns=columns)
    assert cells(source, "number")[0] == (number,)
    kinds = [kind for kind, *_ in issues(source)]
    assert kinds == (["unexpected_shape"] if number == printed else ["number_of_a_spreadsheet"])


def test_entities_are_letters_and_stay_in_the_published_row(opened: Open) -> None:
    source = opened("Number,Name,Holder\n1,L&#x27;Alpha,A &amp; B\n2,R&D; Beta,B Inc\n")
    assert cells(source, "name", "holder") == [("L'Alpha", "A & B"), ("R&D; Beta", "B Inc")]
    assert "L&#x27;Alpha" in source.rows("products").published["raw"][0]


def test_columns_of_dates_vouch_for_each_other(opened: Open) -> None:
    columns = COLUMNS | {
        "first": {"header": "First", "date": ["%d/%m/%Y"]},
        "last": {"header": "Last", "date": ["%d/%m/%Y"]},
    }
    source = opened(
        "Number,Name,Holder,First,Last\n1,A,A Inc,04/11/2020,01/31/2020\n2,B,B Inc,,04/05/2020\n", columns=columns
    )
    assert cells(source, "first_date", "last_date") == [(None, None), (None, None)]
    assert sorted(kind for kind, *_ in issues(source)) == ["ambiguous_date", "ambiguous_date", "bad_date"]
