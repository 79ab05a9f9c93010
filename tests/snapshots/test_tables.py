"""Tables are read as they were written: cells, line numbers, header rows, whatever the quoting."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dioscorides.snapshots import tables

#: Text as it stands in files; a carriage return counts as a line end, and a cell is no longer than a page.
TEXT = st.text(
    st.one_of(st.sampled_from("\",;~\t\n|'a b1é"), st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")),
    max_size=12,
)
SEPARATORS = st.sampled_from([",", ";", "\t", "~", "|"])


def rows(grid: pl.DataFrame) -> list[tuple[int, list[str]]]:
    return grid.rows()  # type: ignore[return-value]


def blank(cells: list[str]) -> bool:
    return not "".join(cells).strip()


@given(
    st.lists(st.lists(TEXT, min_size=1, max_size=5), max_size=12),
    SEPARATORS,
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\n", "\r\n"]),
)
@example([["a"], ["x\ny", '"'], ["b"]], ",", csv.QUOTE_MINIMAL, "\r\n")
@example([['","'], ['";"', ""]], ",", csv.QUOTE_ALL, "\n")
def test_what_was_written_is_read_with_its_line_numbers(
    written: list[list[str]], separator: str, quoting: int, end: str
) -> None:
    stream, expected, line = io.StringIO(newline=""), [], 1
    writer = csv.writer(stream, delimiter=separator, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    for cells in written:
        writer.writerow(cells)
        expected.append((line, cells))
        line += 1 + sum(cell.count("\n") for cell in cells)
    found = rows(tables.delimited(stream.getvalue(), separator))
    assert [row for row in found if not blank(row[1])] == [row for row in expected if not blank(row[1])]


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0~"), max_size=8),
                         min_size=2, max_size=4), max_size=10))  # fmt: skip
def test_without_quoting_a_quote_is_a_letter(written: list[list[str]]) -> None:
    text = "\n".join("~".join(cells) for cells in written)
    expected = [(at, cells) for at, cells in enumerate(written, 1) if "~".join(cells).strip(" ~\t")]
    assert rows(tables.delimited(text, "~", quoted=False)) == expected


@given(
    st.lists(st.sampled_from(["1,x", '2,5" tube', '3,"good, old"', '4,"two\nlines"', '5,7" and 8"', "6,"]), max_size=20)
)
def test_a_stray_quote_in_a_cell_loses_no_row(lines: list[str]) -> None:
    """A quote opens a cell only where the cell begins; an inch mark is none."""
    text = "\n".join(lines)
    expected = [row for row in csv.reader(io.StringIO(text)) if row]
    assert [cells for _, cells in rows(tables.delimited(text, ","))] == expected
    numbers = [line for line, _ in rows(tables.delimited(text, ","))]
    assert numbers == [1 + "\n".join([*lines[:at], ""]).count("\n") for at in range(len(lines))]


def test_a_quote_that_is_never_closed_takes_its_own_line_only() -> None:
    for more in (3, 2 * tables.LONGEST_CELL):
        text = "a,b\n" + '1,"open\n' + "".join(f"{at},x\n" for at in range(more)) + '100,"good\nold"\n'
        found = rows(tables.delimited(text, ","))
        assert len(found) == more + 3
        assert found[1] == (2, ["1", "open"])
        assert found[-1] == (more + 3, ["100", "good\nold"])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(end: str) -> None:
    assert rows(tables.delimited(end.join(["a;b", "1;2", "", "3;4", ""]), ";")) == [
        (1, ["a", "b"]), (2, ["1", "2"]), (4, ["3", "4"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "encodings", "text"),
    [
        ("naïve".encode(), ("utf-8", "cp1252"), "naïve"),
        ("naïve".encode("cp1252"), ("utf-8", "cp1252"), "naïve"),
        ("Státní ústav".encode("cp1250"), ("utf-8", "cp1250"), "Státní ústav"),
        ("хлоргексидин".encode("cp1251"), ("utf-8", "cp1251"), "хлоргексидин"),
        ("naïve".encode("utf-8-sig"), ("cp1250",), "naïve"),
        ("naïve".encode("utf-16"), ("utf-8",), "naïve"),
        (b"\x81 stays", ("utf-8", "cp1252"), "\x81 stays"),
    ],
)
def test_codepages(data: bytes, encodings: tuple[str, ...], text: str) -> None:
    assert tables.decode(data, encodings) == text


def test_no_codepage_that_fits() -> None:
    with pytest.raises(tables.TableError, match="fits none of the codepages utf-8, ascii"):
        tables.decode("naïve".encode("cp1252"), ("utf-8", "ascii"))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff\0")))
def test_utf8_is_always_read_as_such(text: str) -> None:
    assert tables.decode(text.encode()) == text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_utf16_is_known_with_and_without_its_mark(encoding: str) -> None:
    assert tables.decode("Número;Nombre\n1;Alfa\n".encode(encoding)) == "Número;Nombre\n1;Alfa\n"


def test_zero_bytes_are_left_out() -> None:
    assert tables.decode(b"a,b\n1\0,2\n" + bytes(100)) == "a,b\n1,2\n"


def test_half_a_letter_at_the_end_is_said() -> None:
    with pytest.raises(tables.TableError, match="its first bytes say utf-16, and byte 6 does not fit"):
        tables.decode("abc".encode("utf-16")[:-1])


def test_a_header_is_found_below_titles_and_again_in_the_middle() -> None:
    text = "Monthly list\n\nnumber,name,holder\n1,x,y\nall products,,\nNumber,Name\n2,z\n"
    first, second = tables.sections(tables.delimited(text, ","), ["Number", "Name", "Holder"])
    assert (first.header, rows(first.rows)) == (["number", "name", "holder"], [(4, ["1", "x", "y"])])
    assert rows(first.notes) == [(5, ["all products", "", ""])]
    assert (second.header, rows(second.rows)) == (["Number", "Name"], [(7, ["2", "z"])])


def test_no_header_no_section() -> None:
    assert tables.sections(tables.delimited("1,2,3\n4,5,6\n", ","), ["number", "name", "holder"]) == []


@pytest.mark.parametrize(
    "printed", ["Date of\nopinion", "DATE  OF OPINION", "date_of_opinion", "\ufeffDate\u00a0of opinion "]
)
def test_a_column_name_is_known_by_its_words(printed: str) -> None:
    assert tables.normal_header(printed) == "date of opinion"


def test_names_of_columns_are_told_apart() -> None:
    assert tables.told_apart(["x", "", "x", "y", "x"]) == ["x", "column 2", "x (2)", "y", "x (3)"]


@pytest.mark.parametrize(
    "data", [b'[{"a": 1.0, "b": null}, {"c": "x"}]', b'\xef\xbb\xbf{"n": 2, "rows": [{"a": 1, "b": ""}, {"c": "x"}]}\n']
)
def test_a_json_list_is_a_table(data: bytes) -> None:
    assert tables.is_json(data)
    assert rows(tables.records(data)) == [(0, ["a", "b", "c"]), (1, ["1", "", ""]), (2, ["", "", "x"])]


@pytest.mark.parametrize("data", [b"[1, 2]", b"{broken}", b'[{"a": 1}, 2]'])
def test_other_json_is_refused(data: bytes) -> None:
    with pytest.raises(tables.TableError, match="JSON document"):
        tables.records(data)
