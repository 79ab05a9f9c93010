"""Tables out of published files: delimited text, spreadsheets and JSON lists, read whole and never guessed.

Everything here works on a *grid*: the non-blank rows of a file, each with its number in the file (counted from 1,
the way an editor or a spreadsheet shows it) and its cells as text. Header rows are found by what stands in them, not
by where they stand.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from fnmatch import fnmatch
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import python_calamine

#: A quoted cell that runs over more lines than this is a stray quotation mark.
LONGEST_CELL = 200
#: What this share of the rows do is the layout.
USUAL = 0.1
#: A header row stands within this many rows of the top.
HEADER_WITHIN = 60

#: From so many filled cells in most rows on, a row with two is a remnant.
FULL = 6
#: Separators that a text may have instead of the one that it should have.
SEPARATORS = (",", ";", "\t", "|", "~")

CELLS = pl.List(pl.String)
GRID: dict[str, pl.DataType | type[pl.DataType]] = {"line": pl.UInt32, "cells": CELLS}


class TableError(Exception):
    """A file that is no table of the kind that it should be; says why."""


@dataclass(frozen=True)
class Section:
    """The rows below the header row in `line`: `header` as published, `rows` as a grid (`line`, `cells`).

    `notes` are the rows below it of which only the first cell is filled: titles and remarks, not data. `remnants` are
    rows with next to nothing in them: one cell elsewhere, or two where most rows have six (a sum below a list).
    """

    line: int
    header: list[str]
    rows: pl.DataFrame
    notes: pl.DataFrame
    remnants: pl.DataFrame


def decode(data: bytes, encodings: Sequence[str] = ("utf-8", "cp1252")) -> str:
    """Text of a file: by its byte order mark, by its zero bytes, else the first of `encodings` that fits every byte.

    Zero bytes that are no half of a letter are left out. Raises TableError where no codepage fits.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decoded(data, encoding)
    if b"\0" in data:
        if (halved := _utf16(data[:4096])) is not None:
            return _decoded(data, halved)
        data = data.replace(b"\0", b"")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    if "cp1252" in encodings:  # five bytes have no character in cp1252; as C1 controls they stay visible
        return data.decode("latin-1")
    raise TableError(f"the text fits none of the codepages {', '.join(encodings)}")


def _utf16(head: bytes) -> str | None:
    """Which UTF-16 a text without a mark is in, by the zero half of most letters."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) / 4 > 2 * min(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding).replace("\0", "")
    except UnicodeDecodeError as error:
        raise TableError(f"its first bytes say {encoding}, and byte {error.start} does not fit") from error


def delimited(text: str, separator: str, *, quoted: bool = True) -> pl.DataFrame:
    """The grid of a delimited text. With `quoted`, a cell may stand in double quotes and then hold anything."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    lines = pl.Series("text", [plain]).str.split("\n").explode().to_frame().with_row_index("line", offset=1)
    if quoted and '"' in text:
        records = _join_broken(lines, separator)
        cells = _split_quoted(records["text"], separator)
    else:
        records = lines
        cells = records["text"].str.split(separator)
    filled = records["text"].str.strip_chars(f" {separator}\t") != ""
    return records.select("line").with_columns(cells.alias("cells")).filter(filled)


def _join_broken(lines: pl.DataFrame, separator: str) -> pl.DataFrame:
    """Physical lines to records: a line with an open quote goes on in the next."""
    odd = lines["text"].str.count_matches('"', literal=True) % 2
    if not odd.sum():
        return lines
    starts = ((odd.cum_sum() - odd) % 2) == 0
    joined = (
        lines.with_columns(starts.cum_sum().alias("record"))
        .group_by("record", maintain_order=True)
        .agg(pl.col("line"), pl.col("text"))
    )
    broken = joined.filter(pl.col("text").list.len() > 1)
    if all(_is_one_record(parts, separator) for parts in broken["text"].to_list()):
        return joined.select(pl.col("line").list.first(), pl.col("text").list.join("\n"))
    return _join_by_reading(lines, separator)  # a stray mark on, every parity is wrong


def _is_one_record(lines: Sequence[str], separator: str) -> bool:
    """Whether lines are one record: quotes open where a cell begins and close where one ends, the last in the last."""
    if len(lines) > LONGEST_CELL:
        return False
    try:
        return len(list(csv.reader([f"{line}\n" for line in lines], delimiter=separator, strict=True))) == 1
    except csv.Error:
        return False


def _join_by_reading(lines: pl.DataFrame, separator: str) -> pl.DataFrame:
    """Physical lines to records, each by itself. A line whose quote is not closed, in time and before a separator, is
    taken alone.
    """
    texts = lines["text"].to_list()
    starts, records = [], []
    at = 0
    while at < len(texts):
        length = _lines_of_record(texts, at, separator) if '"' in texts[at] else 1
        starts.append(at)
        records.append("\n".join(texts[at : at + length]))
        at += length
    return pl.DataFrame({"line": lines["line"].gather(starts), "text": records}, schema=lines.schema)


def _lines_of_record(texts: Sequence[str], at: int, separator: str) -> int:
    def until_it_is_stray() -> Iterator[str]:
        yield from (f"{text}\n" for text in islice(texts, at, at + LONGEST_CELL))
        raise csv.Error("the quote was never closed")

    reader = csv.reader(until_it_is_stray(), delimiter=separator, strict=True)
    try:
        next(reader)
    except csv.Error:
        return 1
    return reader.line_num


def _split_quoted(records: pl.Series, separator: str) -> pl.Series:
    """Cells of records in which cells may be quoted: whole columns at once where that is safe, else one by one."""
    text = pl.col("text")
    marks = text.str.count_matches('"', literal=True)
    simple = text.str.slice(1, text.str.len_chars() - 2).str.split(f'"{separator}"')
    all_quoted = text.str.starts_with('"') & text.str.ends_with('"') & (marks == simple.list.len() * 2)
    cells = (
        records.alias("text")
        .to_frame()
        .with_row_index("at")
        .with_columns(pl.when(marks == 0).then(text.str.split(separator)).when(all_quoted).then(simple).alias("cells"))
    )
    hard = cells.filter(pl.col("cells").is_null())
    if hard.is_empty():
        return cells["cells"]
    parsed = pl.DataFrame(
        {"at": hard["at"], "parsed": [_cells_of(line, separator) for line in hard["text"]]},
        schema={"at": hard.schema["at"], "parsed": CELLS},
    )
    return cells.join(parsed, on="at", how="left", maintain_order="left").select(
        pl.coalesce("cells", "parsed").alias("cells")
    )["cells"]


def _cells_of(record: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(record, newline=""), delimiter=separator), [])
    except csv.Error:
        return record.split(separator)


def _book(data: bytes) -> python_calamine.CalamineWorkbook:
    import python_calamine

    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except (python_calamine.CalamineError, OSError) as error:
        raise TableError(f"this is no readable spreadsheet: {error}") from error


def sheet_names(data: bytes) -> list[str]:
    """Names of the sheets of a spreadsheet. Raises TableError."""
    return list(_book(data).sheet_names)


def spreadsheet(data: bytes, sheet: str) -> pl.DataFrame:
    """The grid of one sheet of a spreadsheet, whatever its file name says it is (xlsx, xls, xlsb, ods).

    Whole numbers lose their `.0`, dates become ISO. Raises TableError.
    """
    values = _book(data).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    if not values or not values[0]:
        return pl.DataFrame(schema=GRID)
    # A sheet is a rectangle: column by column is several times faster than a list for each row.
    sheet_columns = [
        pl.Series(str(at), [_cell(value) for value in column], dtype=pl.String)
        for at, column in enumerate(zip(*values, strict=True))
    ]
    filled = pl.any_horizontal(pl.all().str.strip_chars() != "")
    return (
        pl.DataFrame(sheet_columns)
        .select(pl.concat_list(pl.all()).alias("cells"), filled.alias("filled"))
        .with_row_index("line", offset=1)
        .filter("filled")
        .drop("filled")
        .cast(pl.Schema(GRID))
    )


def is_spreadsheet(data: bytes) -> bool:
    """Whether a file is a workbook by its first bytes, whatever its name says."""
    return data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def is_binary(data: bytes) -> bool:
    """Whether a file is no text, in any encoding that `decode` knows."""
    head = data[:1024]
    return b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")) and _utf16(head) is None


def is_web_page(data: bytes) -> bool:
    """Whether a file is a web page by its first characters, as a server sends it in place of a missing file."""
    return re.match(rb"\s*<(!doctype|html|head|body)\b", data.removeprefix(b"\xef\xbb\xbf")[:200], re.I) is not None


def is_json(data: bytes) -> bool:
    """Whether a file is a JSON document by its first and last characters."""
    text = data.removeprefix(b"\xef\xbb\xbf").strip()
    return text[:1] in (b"{", b"[") and text[-1:] in (b"}", b"]")


def records(data: bytes) -> pl.DataFrame:
    """The grid of a JSON list of flat objects, on its own or as the one list of objects in an object.

    The keys are the first row; an object's number is its place in the list, from 1. Raises TableError.
    """
    try:
        document = json.loads(data)
    except ValueError as error:
        raise TableError(f"this is no JSON document: {error}") from error
    lists = [document, *document.values()] if isinstance(document, dict) else [document]
    rows = next((part for part in lists if isinstance(part, list)), [])
    if not all(isinstance(row, dict) for row in rows):
        raise TableError("this JSON document is no list of objects")
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [["" if row.get(name) is None else _cell(row[name]) for name in names] for row in rows]
    return pl.DataFrame({"line": range(len(rows) + 1), "cells": [names, *cells]}, schema=GRID)


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date().isoformat()
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return str(value)


def normal_header(text: str | None) -> str:
    """A column name without what drifts between dates: case, blanks, line breaks, underscores, byte order marks."""
    return re.sub(r"[\s_\u00a0\ufeff]+", " ", text or "").strip().casefold()


def sections(grid: pl.DataFrame, known: Iterable[str]) -> list[Section]:
    """The sections of a grid, each headed by a row most of whose cells are among the `known` column names.

    A known name with a `*` is a pattern; two cells at least must be a name itself. Later sections may have other
    columns than the first. Without such a row there is no section.
    """
    wanted = {normal_header(name) for name in known}
    top = grid["cells"].head(HEADER_WITHIN).to_list()
    start = next((at for at, cells in enumerate(top) if is_header(cells, wanted)), None)
    if start is None:
        return []
    body = grid[start:]
    first = body["cells"].list.first()
    promising = (first == grid["cells"][start][0]) | first.str.strip_chars().str.to_lowercase().is_in(list(wanted))
    starts = [at for at in promising.fill_null(False).arg_true() if is_header(body["cells"][at], wanted)]
    ends = [*starts[1:], body.height]
    return [_section(body[at:end]) for at, end in zip(starts, ends, strict=True)]


def is_header(cells: Iterable[str], wanted: set[str]) -> bool:
    """Whether a row is a header: most of its cells are among the `wanted` names, which are normal ones."""
    filled = [name for name in map(normal_header, cells) if name]
    hits = len(wanted.intersection(filled))
    if hits < min(2, len(wanted)):
        return False
    patterns = [name for name in wanted if "*" in name]
    alike = sum(name not in wanted and any(fnmatch(name, pattern) for pattern in patterns) for name in filled)
    return (hits + alike) * 2 >= len(filled)


def _section(grid: pl.DataFrame) -> Section:
    line, header = grid["line"][0], [cell or "" for cell in grid["cells"][0]]
    while header and not header[-1].strip():
        header.pop()
    body = grid[1:]
    if len(header) <= 2 or body.is_empty():
        return Section(line, header, body, body.clear(), body.clear())
    filled = body["cells"].list.eval(pl.element().str.strip_chars() != "")
    count = filled.list.sum()
    note = (count == 1) & filled.list.first().fill_null(False)
    fewest = 2 if body.select(count.median()).item() >= FULL else 1
    remnant = (count <= fewest) & ~note & (body["cells"].list.len() >= len(header))
    return Section(line, header, body.filter(~note & ~remnant), body.filter(note), body.filter(remnant))


def fit(
    rows: pl.DataFrame, width: int, overflow: int | None = None, separator: str = " "
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of a grid that have `width` cells, and those that have not.

    Empty cells beyond the width are no cells where the layout has them, as a tenth of the rows do at least; in single
    rows a separator has strayed, and what stands before it may stand in the wrong column. Surplus cells of the column
    at position `overflow`, a free text, are text into which the separator has strayed: they are joined again, with the
    separator where it is a mark of punctuation.
    """
    joint = separator if separator in {",", ";"} else " "
    cells = pl.col("cells")
    surplus = cells.list.slice(width).list.eval(pl.element().str.strip_chars() != "").list.any()
    length = rows["cells"].list.len()
    if (length > width).any():
        padded = (cells.list.len() > width) & ~surplus
        usual = rows.select(padded.fill_null(False).mean()).item() >= USUAL
        rows = rows.with_columns(pl.when(padded & usual).then(cells.list.head(width)).otherwise(cells))
        length = rows["cells"].list.len()
    if (length == width).all():
        return rows, rows.clear()
    good, ragged = rows.filter(length == width), rows.filter(length != width)
    if overflow is not None:
        long = ragged["cells"].list.len() > width
        mended = ragged.filter(long).with_columns(
            pl.concat_list(
                cells.list.head(overflow),
                cells.list.slice(overflow, cells.list.len() - width + 1).list.join(joint),
                cells.list.tail(width - overflow - 1),
            ).alias("cells")
        )
        good, ragged = pl.concat([good, mended]).sort("line"), ragged.filter(~long)
    return good, ragged


def columns(rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Rows of a grid, all as wide as `names`, as a frame: `line` and one text column per name."""
    if rows.is_empty():
        return pl.DataFrame(schema={"line": pl.UInt32} | dict.fromkeys(names, pl.String))
    return rows.select("line", pl.col("cells").list.to_struct(fields=list(names)).struct.unnest())


def told_apart(names: Iterable[str]) -> list[str]:
    """Column names as published, made unique: a second `X` is `X (2)`, an empty one `column 3`."""
    seen: dict[str, int] = {}
    unique = []
    for position, name in enumerate(names, 1):
        printed = name.replace("\ufeff", "") if name.strip() else f"column {position}"
        seen[printed] = seen.get(printed, 0) + 1
        unique.append(printed if seen[printed] == 1 else f"{printed} ({seen[printed]})")
    return unique
