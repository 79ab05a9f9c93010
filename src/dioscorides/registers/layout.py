"""How a register's files are laid out: which of them hold a table, where its header is, which column is which."""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatch

import polars as pl

from dioscorides.registers.accounts import Accounts, Unreadable
from dioscorides.registers.metadata import TableSpec
from dioscorides.snapshots import tables
from dioscorides.snapshots.archives import PublishedFile, published_files
from dioscorides.snapshots.store import Snapshot

#: What is kept of a row that cannot be split into its columns, where one of them holds persons' contacts.
WITHHELD = "not kept: its table holds contacts of persons"


#: Blanks that look like plain ones, and marks that nobody sees.
WIDE, UNSEEN = "[\u00a0\u2007\u202f]", "[\u200b\ufeff]"

#: A letter in the spelling of web pages.
ENTITY = "&(#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z]{2,8});"
#: What UTF-8 looks like that was read in another codepage, letters that could not be read, and unseen controls.
GARBLED = (
    r"[\x{C2}\x{C3}][\x{80}-\x{BF}]|[ÄÅÐÑÎÏ][\x{80}-\x{BF}ŒœŠšŽžŸ‚ƒ„…†‡ˆ‰‹›‘’“”•–—˜™€]|â€|\x{FFFD}|[\x{80}-\x{9F}]"
)
#: So many rows above a header may be as full as its own: names of groups of columns, say.
TITLES = 3
#: Bytes of the longest text that a cell of a register has.
LONG = 32_767


class Layout:
    """The files of a snapshot as tables of rows. `here` names the snapshot in messages."""

    def __init__(self, here: str, snapshot: Snapshot, accounts: Accounts) -> None:
        self.here, self.accounts = here, accounts
        self.files = list(published_files(snapshot.path))
        self._used: set[str] = set()
        self._renamed: set[str] = set()
        self._copies: dict[str, str] = {}
        self._sheets: dict[str, set[str]] = {}

    def matching(self, patterns: Sequence[str]) -> list[PublishedFile]:
        """The files of these names; where there is none, those whose names are one but for a date or the like."""
        found = [file for file in self.files if any(matches(file, pattern) for pattern in patterns)]
        if not found:
            found = [
                file
                for file in self.files
                if file.name not in self._used and any(renamed(file, pattern) for pattern in patterns)
            ]
            for file in found:
                if file.name not in self._renamed:
                    self.accounts.issue("renamed_file", file.name, f"taken for {' or '.join(patterns)}")
            self._renamed.update(file.name for file in found)
        self._used.update(file.name for file in found)
        for at, file in enumerate(found):
            before = (other for other in found[:at] if other.size == file.size)
            original = next((other.name for other in before if other.read() == file.read()), None)
            if original is not None:
                self._copies[file.name] = original
        return found

    def originals(self, labels: pl.Series) -> pl.Series:
        """Names of files, those that repeat the content of another one as that other's."""
        for copy, original in self._copies.items():
            labels = labels.str.replace(f"^{re.escape(copy)}(/|$)", f"{original}${{1}}")
        return labels

    def holding(self, spec: TableSpec) -> list[PublishedFile]:
        """The files of a table, of workbooks those that have a sheet of the name that the table gives."""
        files = self.matching(spec.files)
        return files if spec.sheet is None else [file for file in files if _may_hold(file, spec.sheet)]

    def parts(self, spec: TableSpec, file: PublishedFile) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
        """Each section of a file as (frame with our columns, its rows as JSON text)."""
        known = [header for column in spec.columns for header in column.headers] + list(spec.ignored)
        try:
            file, grid = self._grid(spec, file, known)
        except tables.TableError as error:
            raise Unreadable(f"{self.here}: {file.name}: {error}. Fetch it again, or check what it is.") from error
        if grid.is_empty():
            self.accounts.issue("empty_file", file.name, "there is nothing in it; fetch it again")
            return []
        if not spec.header:
            return [self._positional(spec, file, grid)]
        sections = tables.sections(grid, known)
        if not sections:
            first = WITHHELD if spec.personal else grid["cells"].head(2).to_list()
            raise Unreadable(
                f"{self.here}: {file.name}: no row is the header of {spec.name}; the first rows are {first}. "
                f"Has the layout changed? Expected columns: {', '.join(known)}"
            )
        self._quarantine_above(spec, file, grid, sections[0])
        return [
            self._headed(
                spec, file, section, first=all(section.header != earlier.header for earlier in sections[:number])
            )
            for number, section in enumerate(sections)
        ]

    def _grid(self, spec: TableSpec, file: PublishedFile, known: Sequence[str]) -> tuple[PublishedFile, pl.DataFrame]:
        """The rows of a file by what it is: publishers turn a workbook into a text or a JSON list, and back.

        The file of a table that names its sheet is called by the sheet as well, as one out of an archive would be.
        """
        data = file.read()
        if tables.is_json(data):
            return file, tables.records(data)
        if tables.is_spreadsheet(data) or (spec.format == "spreadsheet" and tables.is_binary(data)):
            sheet, grid = self._sheet(spec, data, known)
            self._sheets.setdefault(file.name, set()).add(sheet)
            return (replace(file, name=f"{file.name}/{sheet}") if spec.sheet else file), grid
        if tables.is_web_page(data):
            raise tables.TableError("it is a web page, no table")
        return file, self._delimited(spec, file, tables.decode(data, spec.encodings), known)

    def _delimited(self, spec: TableSpec, file: PublishedFile, text: str, known: Sequence[str]) -> pl.DataFrame:
        """A text's rows, by the separator of the register or, where that finds no header, by the one that does."""
        grid = tables.delimited(text, spec.separator, quoted=spec.quoted)
        if not spec.header or tables.sections(grid, known):
            return grid
        for separator in tables.SEPARATORS:
            other = tables.delimited(text, separator)
            if separator != spec.separator and tables.sections(other, known):
                told = f"cells are separated by {separator!r} instead of {spec.separator!r}"
                self.accounts.issue("other_separator", file.name, told, len(other))
                return other
        return grid

    def _sheet(self, spec: TableSpec, data: bytes, known: Sequence[str]) -> tuple[str, pl.DataFrame]:
        """Name and rows of the sheet that a table is on: of those that it may be, the first with its header."""
        names = tables.sheet_names(data)
        pattern = tables.normal_header(spec.sheet or "*")
        wanted = [name for name in names if fnmatch(tables.normal_header(name), pattern)]
        if not wanted:
            raise tables.TableError(f"no sheet {spec.sheet!r} among {', '.join(names)}")
        first = tables.spreadsheet(data, wanted[0])
        if spec.header and len(wanted) > 1 and not tables.sections(first, known):
            for name in wanted[1:]:
                grid = tables.spreadsheet(data, name)
                if tables.sections(grid, known):
                    return name, grid
        return wanted[0], first

    def _positional(
        self, spec: TableSpec, file: PublishedFile, grid: pl.DataFrame
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        declared = [column.name for column in spec.columns]
        width = len(declared)
        if not grid.is_empty():
            width = grid["cells"].list.len().mode().sort()[-1]
        names = declared[:width] + [f"column {position}" for position in range(len(declared) + 1, width + 1)]
        for name in names[len(declared) :]:
            self.accounts.issue("new_column", file.name, name, len(grid))
        for column in spec.columns[width:]:
            if column.required:
                raise Unreadable(
                    f"{self.here}: {file.name}: {width} columns, without {column.name!r}; has the layout changed?"
                )
            if not column.optional:
                self.accounts.issue("missing_column", file.name, column.name, len(grid))
        overflow = next((at for at, column in enumerate(spec.columns) if column.overflow), None)
        good, ragged = tables.fit(grid, width, overflow, spec.separator)
        self._quarantine(spec, file, ragged, _wrong_width(width))
        frame = tables.columns(good, names)
        return self._ours(spec, file, frame, {column.name: column.name for column in spec.columns[:width]})

    def _headed(
        self, spec: TableSpec, file: PublishedFile, section: tables.Section, *, first: bool
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        names = tables.told_apart(section.header)
        published = {tables.normal_header(name): name for name in reversed(names)}
        mapping: dict[str, str] = {}
        missing = []
        for column in spec.columns:
            hit = next(
                (published.pop(key) for key in map(tables.normal_header, column.headers) if key in published), None
            )
            if hit is not None:
                mapping[column.name] = hit
            else:
                missing.append(column)
        ignored = [tables.normal_header(pattern) for pattern in spec.ignored]
        unknown = [name for key, name in published.items() if not any(fnmatch(key, pattern) for pattern in ignored)]
        for column in missing:
            guess = difflib.get_close_matches(column.headers[0], unknown, n=1, cutoff=0.5)
            hint = f"{column.headers[0]} (renamed to {guess[0]}?)" if guess else column.headers[0]
            if column.required:
                raise Unreadable(
                    f"{self.here}: {file.name}: the column {hint} is missing. Columns found: {', '.join(names)}. "
                    f"Add its new name to register.yaml if it was renamed."
                )
            if first and not column.optional:
                self.accounts.issue("missing_column", file.name, hint, section.rows.height)
        if first:
            for name in (name for name in reversed(unknown) if not _is_void(section, names.index(name))):
                self.accounts.issue("new_column", file.name, name, section.rows.height)
            for pattern in spec.ignored:
                if "*" not in pattern and tables.normal_header(pattern) not in published:
                    self.accounts.issue("missing_column", file.name, f"{pattern} (ignored)", section.rows.height)
        overflow = next((names.index(mapping[c.name]) for c in spec.columns if c.overflow and c.name in mapping), None)
        good, ragged = tables.fit(section.rows, len(names), overflow, spec.separator)
        self._quarantine(spec, file, ragged, _wrong_width(len(names)))
        self._quarantine(spec, file, section.remnants, pl.lit("next to nothing in it: a sum, or the rest of a row"))
        self._leave_out_notes(spec, file, section.notes)
        return self._ours(spec, file, tables.columns(good, names), mapping)

    def _quarantine_above(
        self, spec: TableSpec, file: PublishedFile, grid: pl.DataFrame, section: tables.Section
    ) -> None:
        """Rows above the first header are titles, unless they are many and as full as the rows of a table are."""
        above = grid.filter(pl.col("line") < section.line)
        filled = above["cells"].list.eval(pl.element().str.strip_chars() != "").list.sum()
        full = above.filter(filled >= max(2, len(section.header) // 2))
        if len(full) > TITLES:
            self._quarantine(spec, file, full, pl.lit("above the header: nothing says which column is which"))

    def _leave_out_notes(self, spec: TableSpec, file: PublishedFile, notes: pl.DataFrame) -> None:
        """Rows with nothing but a first cell are titles or remarks: out of scope, and said."""
        said = pl.lit(WITHHELD) if spec.personal else pl.col("cells").list.first().str.strip_chars().str.slice(0, 80)
        reason = pl.format("a title or a remark, only the first cell is filled: {}", said)
        self.accounts.leave(file.name, "out_of_scope", notes.with_columns(reason.alias("reason")))

    def _ours(
        self, spec: TableSpec, file: PublishedFile, frame: pl.DataFrame, mapping: dict[str, str]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        wanted = [column.name for column in spec.columns if column.read]
        text = pl.exclude("line")
        beyond_ascii = frame.select((text.str.len_bytes() != text.str.len_chars()).any()).row(0, named=True)
        unusual = [name for name, so in beyond_ascii.items() if so]
        odd = frame.select(pl.col(unusual).str.contains(f"{WIDE}|{UNSEEN}").any()).row(0, named=True) if unusual else {}
        marked = frame.select(text.str.contains("&", literal=True).any()).row(0, named=True)
        marks = [name for name, so in marked.items() if so]
        escaped = frame.select(pl.col(marks).str.contains(ENTITY).any()).row(0, named=True) if marks else {}
        ours = frame.select(
            pl.lit(file.name).alias("file"),
            pl.format("{}:{}", pl.lit(file.name), "line").alias("row"),
            *(
                _clean(pl.col(mapping[name]), odd=odd.get(mapping[name]), escaped=escaped.get(mapping[name])).alias(
                    name
                )
                if name in mapping
                else pl.lit(None, pl.String).alias(name)
                for name in wanted
            ),
        )
        personal = [tables.normal_header(pattern) for pattern in spec.personal]
        kept = [
            name
            for name in frame.columns
            if name != "line" and not any(fnmatch(tables.normal_header(name), pattern) for pattern in personal)
        ]
        self._note_damage(file, frame.select("line", *kept), unusual)
        raw = frame.select(pl.struct(kept).struct.json_encode().alias("raw"))
        if personal:  # rows that differ in nothing else are still different rows
            whole = frame.select(pl.struct(pl.exclude("line")).struct.json_encode().alias("whole"))
            raw = raw.with_columns(whole["whole"])
        return ours, raw

    def _note_damage(self, file: PublishedFile, frame: pl.DataFrame, unusual: Sequence[str]) -> None:
        """An issue for each column with letters that a wrong codepage leaves (`unusual` ones may have), or too long."""
        for kind, names, test in (
            ("garbled_text", [name for name in unusual if name in frame.columns], _is_garbled),
            ("long_cell", [name for name in frame.columns if name != "line"], _is_long),
        ):
            found = frame.select(test(pl.col(names)).any()).row(0, named=True) if names else {}
            for name in (name for name, so in found.items() if so):
                odd = frame.filter(test(pl.col(name)))
                first = f"{file.name}:{odd['line'][0]}"
                self.accounts.issue(kind, f"{file.name}: {name}", odd[name][0][:80], len(odd), first)

    def _quarantine(self, spec: TableSpec, file: PublishedFile, rows: pl.DataFrame, reason: pl.Expr) -> None:
        lost = rows.select(
            pl.lit(None, pl.String).alias("record_id"),
            pl.format("{}:{}", pl.lit(file.name), "line").alias("row"),
            (pl.lit(WITHHELD) if spec.personal else pl.struct("cells").struct.json_encode()).alias("text"),
            reason.alias("reason"),
        )
        self.accounts.set_aside(file.name, lost)

    def quarantine_whole(self, spec: TableSpec, file: PublishedFile, reason: str) -> None:
        """Set every row of a file aside."""
        lines = [file.name] if spec.format == "spreadsheet" else file.read().decode("latin-1").split("\n")
        lost = pl.DataFrame({"text": lines}, schema={"text": pl.String}).with_row_index("line", offset=1)
        lost = lost.filter(pl.col("text").str.strip_chars() != "").select(
            pl.lit(None, pl.String).alias("record_id"),
            pl.format("{}:{}", pl.lit(file.name), "line").alias("row"),
            pl.lit(WITHHELD).alias("text") if spec.personal else "text",
            pl.lit(reason).alias("reason"),
        )
        self.accounts.set_aside(file.name, lost)

    def unread(self, separators: Collection[str]) -> Iterator[tuple[str, str, int]]:
        """What no table uses: whether it is a file or a sheet of a workbook, its name and how many rows it has.

        A text whose first line is split by one of `separators` has a header, which is no row.
        """
        for file in self.files:
            if file.name not in self._used:
                yield "file", file.name, _count_rows(file, separators)
            elif file.name in self._sheets:
                data = file.read()
                for sheet in tables.sheet_names(data):
                    if sheet not in self._sheets[file.name] and (rows := tables.spreadsheet(data, sheet).height):
                        yield "sheet", f"{file.name}/{sheet}", rows


def _is_void(section: tables.Section, place: int) -> bool:
    """Whether a column has neither a name nor a value: a border of the sheet."""
    if section.header[place].strip():
        return False
    cells = section.rows["cells"].list.get(place, null_on_oob=True)
    return not (cells.str.strip_chars() != "").any()


def _is_garbled(text: pl.Expr) -> pl.Expr:
    return text.str.contains(GARBLED)


def _is_long(text: pl.Expr) -> pl.Expr:
    return text.str.len_bytes() > LONG


def _wrong_width(width: int) -> pl.Expr:
    return pl.format(f"{{}} fields where the table has {width}", pl.col("cells").list.len())


def matches(file: PublishedFile, pattern: str) -> bool:
    """Whether a file has a name of this pattern, whatever the case, in whichever folder or archive."""
    return fnmatch(file.name.rsplit("/", 1)[-1].casefold(), pattern.casefold())


def renamed(file: PublishedFile, pattern: str) -> bool:
    """Whether a file's name is the pattern's but for a date, the number of a copy, the case, or the extension."""

    def stem(name: str) -> str:
        return re.sub(r"\s*\(\d+\)|[\W_]+|\d{6,8}|\d{4}[-_.]\d\d([-_.]\d\d)?", "", name.rsplit(".", 1)[0].casefold())

    return "*" not in pattern and stem(file.name.rsplit("/", 1)[-1]) == stem(pattern)


def _may_hold(file: PublishedFile, sheet: str) -> bool:
    """Whether a file may hold a sheet of this name: it does, or it is no workbook that could be opened."""
    data = file.read()
    if not tables.is_spreadsheet(data):
        return True
    try:
        names = tables.sheet_names(data)
    except tables.TableError:
        return True
    return any(fnmatch(tables.normal_header(name), tables.normal_header(sheet)) for name in names)


def _clean(text: pl.Expr, *, odd: bool | None, escaped: bool | None) -> pl.Expr:
    """Without surrounding blanks; in an `odd` column with plain blanks only, in an `escaped` one with letters in place
    of their entities; an empty text is null.
    """
    if escaped:
        text = text.map_elements(html.unescape, return_dtype=pl.String)
        odd = True
    if odd:
        text = text.str.replace_all(WIDE, " ").str.replace_all(UNSEEN, "")
    stripped = text.str.strip_chars(" \t\n\r")
    return pl.when(stripped != "").then(stripped)


def _count_rows(file: PublishedFile, separators: Collection[str]) -> int:
    """Filled rows of a workbook; non-blank lines of a text, less its header where a separator is in the first."""
    data = file.read()
    if tables.is_spreadsheet(data):
        try:
            return sum(tables.spreadsheet(data, name).height for name in tables.sheet_names(data))
        except tables.TableError:
            return 1
    lines = [line for line in data.split(b"\n") if line.strip()]
    return len(lines) - any(separator.encode() in line for line in lines[:1] for separator in separators)
