"""What a reader works with: the rows of a snapshot, every one of them accounted for.

A `Source` opens the tables that the register's metadata describes. `Rows` is one such table: a Polars frame with our
column names, out of which rows leave only by name (`leave_out`, `set_aside`), so that what is read, quarantined,
repeated and out of scope always adds up to what was published.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fnmatch import fnmatch
from functools import reduce

import polars as pl

from dioscorides import contract
from dioscorides.registers.metadata import Codes, Column, Metadata, TableSpec
from dioscorides.snapshots import dates, tables
from dioscorides.snapshots.archives import PublishedFile, published_files
from dioscorides.snapshots.store import Snapshot

#: A register's files may be a few weeks younger than the date of the snapshot; what lies further ahead is no past date.
GRACE = timedelta(days=92)
#: No patent or exclusivity ends later than this after the snapshot: tells the century of a two-digit year to come.
HORIZON = timedelta(days=30 * 365)
#: No medicine was authorised, and no date in a register lies, before this day.
EARLIEST = date(1800, 1, 1)
#: Below this share of values that keep the declared shape a column is not what it should be.
SHAPELY = 0.9
#: What is kept of a row that cannot be split into its columns, where one of them holds persons' contacts.
WITHHELD = "not kept: its table holds contacts of persons"


class Unreadable(contract.UserError):
    """A snapshot whose layout is not the register's; says which file, what is wrong and what to do."""


@dataclass(frozen=True)
class Reading:
    """What one snapshot says: the record tables and the accounts, by table name."""

    register: str
    snapshot: date
    tables: dict[str, pl.DataFrame]


@dataclass
class Rows:
    """Rows of one table of a snapshot.

    `frame` has a text column for each declared column (stripped, empty is null), `<column>_date`, `_precision` and
    `_before` for a column of dates, `<column>_code` for a coded one; `file`; `row` as file:number; `record_id` after
    `key`. Frames derived from it should carry `record_id` and `row` along.
    """

    spec: TableSpec
    frame: pl.DataFrame
    published: pl.DataFrame
    left: list[pl.DataFrame] = field(default_factory=list)
    lookup: bool = False
    shared: pl.DataFrame | None = None

    def key(self, expression: pl.Expr) -> Rows:
        """Name the record that each row belongs to."""
        self.frame = self.frame.with_columns(expression.alias("record_id"))
        return self

    def key_all(self, keys: pl.DataFrame, on: str) -> Rows:
        """Name every record that each row belongs to, where one row serves several (an application and its products).

        `keys` has a `record_id` for values of the column `on`. The first of them becomes the row's own record; the row
        is kept as evidence for all. Without any, it has none.
        """
        pairs = self.frame.select("_at", on).join(keys.select(on, "record_id"), on=on, maintain_order="left_right")
        own = pairs.unique("_at", keep="first").select("_at", "record_id")
        self.shared = pairs.select("_at", "record_id").join(own, on=["_at", "record_id"], how="anti")
        self.frame = self.frame.join(own, on="_at", how="left", maintain_order="left")
        return self

    def leave_out(self, where: pl.Expr, reason: str) -> Rows:
        """Rows out of scope, with the reason."""
        return self._remove(where, "out_of_scope", reason)

    def set_aside(self, where: pl.Expr, reason: str) -> Rows:
        """Rows that cannot be read: they go to quarantine with their text."""
        return self._remove(where, "quarantined", reason)

    def _remove(self, where: pl.Expr, outcome: str, reason: str) -> Rows:
        marked = self.frame.with_columns(where.fill_null(False).alias("_gone"))
        gone = marked.filter("_gone")
        if not gone.is_empty():
            self.left.append(_outcome(gone, outcome, reason))
            self.frame = marked.filter(~pl.col("_gone")).drop("_gone")
        return self

    def codes(self, key: str, value: str) -> dict[str, str]:
        """The table as a code list: printed key to printed value. Its rows then need no record."""
        self.lookup = True
        pairs = self.frame.select(key, value).drop_nulls()
        return dict(zip(pairs[key], pairs[value], strict=True))


def _outcome(rows: pl.DataFrame, outcome: str, reason: str) -> pl.DataFrame:
    known = pl.col("record_id") if "record_id" in rows.columns else pl.lit(None, pl.String)
    return rows.select(
        "_at", "file", "row", known.alias("record_id"), pl.lit(outcome).alias("outcome"), pl.lit(reason).alias("reason")
    )


class Source:
    """The tables of one snapshot of a register, and what its reader says of them."""

    def __init__(self, metadata: Metadata, snapshot: Snapshot) -> None:
        self.metadata = metadata
        self.snapshot = snapshot
        self._files = list(published_files(snapshot.path))
        self._opened: dict[str, Rows] = {}
        self._emitted: dict[str, list[pl.DataFrame]] = {}
        self._issues: list[tuple[str, str, str | None, int, str | None]] = []
        self._account: list[pl.DataFrame] = []
        self._lost: list[pl.DataFrame] = []
        self._used: set[str] = set()
        self._sheets: dict[str, set[str]] = {}

    @property
    def today(self) -> date:
        """The day of the snapshot: the only clock that a reader has."""
        return self.snapshot.date

    def issue(
        self, kind: str, where: str, value: str | None = None, count: int = 1, first_row: str | None = None
    ) -> None:
        """Note something that the reader does not know or does not believe."""
        self._issues.append((kind, where, value, count, first_row))

    def issues(self, kind: str, where: str, rows: pl.DataFrame, value: str) -> None:
        """One issue for each distinct `value` among `rows`, with its count and first row."""
        for text, count, first in (
            rows.group_by(value, maintain_order=True)
            .agg(pl.len().alias("n"), pl.col("row").first().alias("first"))
            .rows()
        ):
            self.issue(kind, where, text, count, first)

    def disagreements(self, table: str, rows: pl.DataFrame, *columns: str) -> None:
        """One issue for each of `columns` in which rows say something else than the first row of their record."""
        for column in columns:
            differs = pl.col(column).ne_missing(pl.col(column).first().over("record_id"))
            odd = rows.filter(differs).select("record_id", "row")
            if not odd.is_empty():
                self.issue("rows_disagree", f"{table}.{column}", odd["record_id"][0], len(odd), odd["row"][0])

    def has(self, table: str) -> bool:
        """Whether the snapshot publishes this table: a file of it, with its sheet where the table names one."""
        return bool(self._holding(self.metadata.tables[table]))

    def rows(self, table: str) -> Rows:
        """The rows of a table, its codes decoded and its dates parsed, exact repetitions removed.

        Raises Unreadable where a file or a required column is missing, or a column is not what it should be. An
        optional table is then without rows: a missing file is an issue, an unreadable one goes to quarantine.
        """
        if table in self._opened:
            return self._opened[table]
        spec = self.metadata.tables[table]
        files = self._holding(spec) if spec.optional else self._matching(spec.files)
        if not files:
            if not spec.optional:
                found = ", ".join(file.name for file in self._files) or "nothing"
                raise Unreadable(f"{self._here}: no file {' or '.join(spec.files)}. Found: {found}")
            self.issue("missing_sheet" if spec.sheet else "missing_file", spec.sheet or " or ".join(spec.files))
        said = len(self._issues), len(self._account), len(self._lost)
        try:
            self._opened[table] = self._opened_table(spec, files)
        except Unreadable as error:
            if not spec.optional:
                raise
            del self._issues[said[0] :], self._account[said[1] :], self._lost[said[2] :]
            self.issue("unreadable_table", table, str(error))
            for file in files:
                self._quarantine_whole(spec, file, str(error))
            self._opened[table] = self._opened_table(spec, [])
        return self._opened[table]

    def _opened_table(self, spec: TableSpec, files: Sequence[PublishedFile]) -> Rows:
        parts = [part for file in files for part in self._parts(spec, file)]
        names = [column.name for column in spec.columns if column.ignored is None]
        schema = {"_at": pl.UInt32, "file": pl.String, "row": pl.String} | dict.fromkeys(names, pl.String)
        if parts:
            frame = pl.concat([part for part, _ in parts]).with_row_index("_at")
            published = pl.concat([raw for _, raw in parts])
        else:
            frame, published = pl.DataFrame(schema=schema), pl.DataFrame(schema={"raw": pl.String})
        whole = published["whole" if "whole" in published.columns else "raw"]
        rows = Rows(spec, frame.with_columns(pl.col("_at").cast(pl.UInt32)), published.select("raw"))
        repeated = frame.select(pl.struct("file", whole).is_first_distinct().not_()).to_series()
        if repeated.any():
            rows._remove(pl.col("_at").is_in(repeated.arg_true().implode()), "duplicate", "repeats another row exactly")
        self._check_count(spec, rows)
        for column in spec.columns:
            if column.ignored is None:
                self._check_shape(spec, column, rows.frame)
                if column.dates:
                    rows.frame = self._with_dates(spec, column, rows.frame)
                if column.codes is not None:
                    rows.frame = self._with_codes(spec, column, rows.frame)
        return rows

    def decode(self, rows: Rows, name: str, text: pl.Expr, codes: str) -> Rows:
        """Add to `rows` the column `name`, a part of what is printed, and `<name>_code` by the code map `codes`."""
        frame = rows.frame.with_columns(text.alias(name))
        rows.frame = self._decoded(f"{rows.spec.name}.{name}", frame, name, self.metadata.codes[codes])
        return rows

    def emit(self, table: str, frame: pl.DataFrame) -> None:
        """Records of a contract table; `register` and `snapshot` are added."""
        stamped = frame.with_columns(
            pl.lit(self.metadata.id).alias("register"), pl.lit(self.snapshot.date, pl.Date).alias("snapshot")
        )
        typed = contract.RECORDS[table]
        self._emitted.setdefault(table, []).append(typed.checked(typed.frame(stamped)))

    def events(self, frame: pl.DataFrame, **columns: str) -> None:
        """Events from columns of dates: `authorised="approval_date"` for each row that prints one."""
        for event, column in columns.items():
            self.emit(
                "event",
                frame.filter(pl.col(column).is_not_null()).select(
                    "record_id",
                    "row",
                    pl.lit(event).alias("event"),
                    pl.col(f"{column}_date").alias("date"),
                    pl.col(f"{column}_precision").alias("precision"),
                    pl.col(f"{column}_before").alias("before"),
                    pl.col(column).alias("text"),
                ),
            )

    def finish(self) -> Reading:
        """Everything that the reader said, with the accounts: what became of each published row."""
        emitted = {name: pl.concat(parts).unique(maintain_order=True) for name, parts in self._emitted.items()}
        known = pl.concat(
            [emitted[name].select("record_id") for name in contract.ENTITIES if name in emitted]
            or [pl.DataFrame(schema={"record_id": pl.String})]
        ).unique()
        for name, frame in emitted.items():
            emitted[name] = self._unique_records(
                name, frame.join(known, on="record_id", how="semi", maintain_order="left")
            )
        source_rows = []
        for rows in self._opened.values():
            if not rows.lookup and "record_id" not in rows.frame.columns:
                raise contract.ContractError(
                    f"{self.metadata.id}: the reader never said what the rows of {rows.spec.name} belong to"
                )
            if not rows.lookup:
                rows.set_aside(pl.col("record_id").is_null(), "the row has no key")
                orphans = rows.frame.join(known, on="record_id", how="anti")
                if not orphans.is_empty():
                    rows.set_aside(
                        pl.col("_at").is_in(orphans["_at"].implode()),
                        "belongs to no record: its key is not in the main table",
                    )
                cited = rows.frame.select("_at", "record_id", "row")
                if rows.shared is not None:
                    others = rows.shared.join(cited.select("_at", "row"), on="_at").join(
                        known, on="record_id", how="semi"
                    )
                    cited = pl.concat([cited, others.select(cited.columns)]).sort("_at", maintain_order=True)
                source_rows.append(
                    cited.select("record_id", "row", rows.published["raw"].gather(cited["_at"]).alias("raw"))
                )
            self._account.append(
                rows.frame.select("file", pl.lit("read").alias("outcome"), pl.lit(None, pl.String).alias("reason"))
            )
            for gone in rows.left:
                self._account.append(gone.select("file", "outcome", "reason"))
                self._lost.append(
                    gone.filter(pl.col("outcome") == "quarantined").select(
                        "record_id",
                        "row",
                        rows.published["raw"]
                        .gather(gone.filter(pl.col("outcome") == "quarantined")["_at"])
                        .alias("text"),
                        "reason",
                    )
                )
        self._account_for_other_files()
        result = dict(emitted)
        if source_rows:
            result["source_row"] = self._stamped(contract.SOURCE_ROW, pl.concat(source_rows))
        if self._lost:
            result["quarantine"] = self._stamped(contract.QUARANTINE, pl.concat(self._lost))
        account = pl.concat(self._account).group_by("file", "outcome", "reason").agg(pl.len().alias("rows"))
        result["register_file"] = self._stamped(contract.REGISTER_FILE, account.sort("file", "outcome", "reason"))
        result["issue"] = self._stamped(
            contract.ISSUE,
            pl.DataFrame(
                self._issues,
                schema={
                    "kind": pl.String,
                    "where": pl.String,
                    "value": pl.String,
                    "count": pl.Int64,
                    "first_row": pl.String,
                },
                orient="row",
            ),
        )
        return Reading(self.metadata.id, self.snapshot.date, result)

    # -- inner

    @property
    def _here(self) -> str:
        return f"{self.metadata.id} {self.snapshot.date}"

    def _stamped(self, table: contract.Table, frame: pl.DataFrame) -> pl.DataFrame:
        return table.frame(
            frame.with_columns(
                pl.lit(self.metadata.id).alias("register"), pl.lit(self.snapshot.date, pl.Date).alias("snapshot")
            )
        )

    def _matching(self, patterns: Sequence[str]) -> list[PublishedFile]:
        found = [
            file
            for file in self._files
            if any(fnmatch(file.name.rsplit("/", 1)[-1].casefold(), pattern.casefold()) for pattern in patterns)
        ]
        self._used.update(file.name for file in found)
        return found

    def _holding(self, spec: TableSpec) -> list[PublishedFile]:
        """The files of a table, of workbooks those that have a sheet of the name that the table gives."""
        files = self._matching(spec.files)
        return files if spec.sheet is None else [file for file in files if _may_hold(file, spec.sheet)]

    def _parts(self, spec: TableSpec, file: PublishedFile) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
        """Each section of a file as (frame with our columns, its rows as JSON text)."""
        known = [header for column in spec.columns for header in column.headers] + list(spec.ignored)
        try:
            file, grid = self._grid(spec, file, known)
        except tables.TableError as error:
            raise Unreadable(f"{self._here}: {file.name}: {error}. Fetch it again, or check what it is.") from error
        if not spec.header:
            return [self._positional(spec, file, grid)]
        sections = tables.sections(grid, known)
        if not sections:
            raise Unreadable(
                f"{self._here}: {file.name}: no row is the header of {spec.name}; the first rows are "
                f"{grid['cells'].head(2).to_list()}. Has the layout changed? Expected columns: {', '.join(known)}"
            )
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
        if tables.is_spreadsheet(data) or (spec.format == "spreadsheet" and b"\0" in data[:1024]):
            sheet, grid = self._sheet(spec, data, known)
            self._sheets.setdefault(file.name, set()).add(sheet)
            return (replace(file, name=f"{file.name}/{sheet}") if spec.sheet else file), grid
        return file, tables.delimited(tables.decode(data, spec.encodings), spec.separator, quoted=spec.quoted)

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
            width = int(grid["cells"].list.len().mode().max())  # type: ignore[arg-type]
        names = declared[:width] + [f"column {position}" for position in range(len(declared) + 1, width + 1)]
        for name in names[len(declared) :]:
            self.issue("new_column", file.name, name, len(grid))
        for column in spec.columns[width:]:
            if column.required:
                raise Unreadable(
                    f"{self._here}: {file.name}: {width} columns, without {column.name!r}; has the layout changed?"
                )
            if not column.optional:
                self.issue("missing_column", file.name, column.name, len(grid))
        overflow = next((at for at, column in enumerate(spec.columns) if column.overflow), None)
        good, ragged = tables.fit(grid, width, overflow, spec.separator)
        self._quarantine_ragged(spec, file, ragged, width)
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
                    f"{self._here}: {file.name}: the column {hint} is missing. Columns found: {', '.join(names)}. "
                    f"Add its new name to register.yaml if it was renamed."
                )
            if first and not column.optional:
                self.issue("missing_column", file.name, hint, section.rows.height)
        if first:
            for name in reversed(unknown):
                self.issue("new_column", file.name, name, section.rows.height)
            for pattern in spec.ignored:
                if "*" not in pattern and tables.normal_header(pattern) not in published:
                    self.issue("missing_column", file.name, f"{pattern} (ignored)", section.rows.height)
        overflow = next((names.index(mapping[c.name]) for c in spec.columns if c.overflow and c.name in mapping), None)
        good, ragged = tables.fit(section.rows, len(names), overflow, spec.separator)
        self._quarantine_ragged(spec, file, ragged, len(names))
        self._leave_out_notes(file, section.notes)
        return self._ours(spec, file, tables.columns(good, names), mapping)

    def _leave_out_notes(self, file: PublishedFile, notes: pl.DataFrame) -> None:
        """Rows with nothing but a first cell are titles or remarks: out of scope, and said."""
        said = pl.col("cells").list.first().str.strip_chars().str.slice(0, 80)
        self._account.append(
            notes.select(
                pl.lit(file.name).alias("file"),
                pl.lit("out_of_scope").alias("outcome"),
                pl.format("a title or a remark, only the first cell is filled: {}", said).alias("reason"),
            )
        )

    def _ours(
        self, spec: TableSpec, file: PublishedFile, frame: pl.DataFrame, mapping: dict[str, str]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        wanted = [column.name for column in spec.columns if column.ignored is None]
        ours = frame.select(
            pl.lit(file.name).alias("file"),
            pl.format("{}:{}", pl.lit(file.name), "line").alias("row"),
            *(
                _clean(pl.col(mapping[name])).alias(name) if name in mapping else pl.lit(None, pl.String).alias(name)
                for name in wanted
            ),
        )
        personal = [tables.normal_header(pattern) for pattern in spec.personal]
        kept = [
            name
            for name in frame.columns
            if name != "line" and not any(fnmatch(tables.normal_header(name), pattern) for pattern in personal)
        ]
        raw = frame.select(pl.struct(kept).struct.json_encode().alias("raw"))
        if personal:  # rows that differ in nothing else are still different rows
            whole = frame.select(pl.struct(pl.exclude("line")).struct.json_encode().alias("whole"))
            raw = raw.with_columns(whole["whole"])
        return ours, raw

    def _quarantine_ragged(self, spec: TableSpec, file: PublishedFile, ragged: pl.DataFrame, width: int) -> None:
        if ragged.is_empty():
            return
        reason = pl.format(f"{{}} fields where the table has {width}", pl.col("cells").list.len())
        lost = ragged.select(
            pl.lit(None, pl.String).alias("record_id"),
            pl.format("{}:{}", pl.lit(file.name), "line").alias("row"),
            (pl.lit(WITHHELD) if spec.personal else pl.struct("cells").struct.json_encode()).alias("text"),
            reason.alias("reason"),
        )
        self._lost.append(lost)
        self._account.append(
            lost.select(pl.lit(file.name).alias("file"), pl.lit("quarantined").alias("outcome"), pl.col("reason"))
        )

    def _quarantine_whole(self, spec: TableSpec, file: PublishedFile, reason: str) -> None:
        lines = [file.name] if spec.format == "spreadsheet" else file.read().decode("latin-1").split("\n")
        lost = pl.DataFrame({"text": lines}, schema={"text": pl.String}).with_row_index("line", offset=1)
        lost = lost.filter(pl.col("text").str.strip_chars() != "").select(
            pl.lit(None, pl.String).alias("record_id"),
            pl.format("{}:{}", pl.lit(file.name), "line").alias("row"),
            pl.lit(WITHHELD).alias("text") if spec.personal else "text",
            pl.lit(reason).alias("reason"),
        )
        self._lost.append(lost)
        self._account.append(
            lost.select(pl.lit(file.name).alias("file"), pl.lit("quarantined").alias("outcome"), pl.col("reason"))
        )

    def _check_count(self, spec: TableSpec, rows: Rows) -> None:
        if spec.rows and not spec.rows[0] <= len(rows.published) <= spec.rows[1]:
            self.issue(
                "unexpected_count", spec.name, f"{len(rows.published)} rows, expected {spec.rows[0]} to {spec.rows[1]}"
            )

    def _check_shape(self, spec: TableSpec, column: Column, frame: pl.DataFrame) -> None:
        if column.shape is None:
            return
        values = frame.select(column.name, "row").drop_nulls(column.name)
        odd = values.filter(~pl.col(column.name).str.contains(column.shape))
        if odd.is_empty():
            return
        if len(odd) > (1 - SHAPELY) * len(values) and len(values) > 20:
            message = (
                f"{len(odd)} of {len(values)} values of {column.name!r} do not look like it, the first is "
                f"{odd[column.name][0]!r} in {odd['row'][0]}"
            )
            if column.required:
                raise Unreadable(f"{self._here}: {message}. Have columns moved?")
            self.issue("unexpected_shape", f"{spec.name}.{column.name}", message, len(odd), odd["row"][0])
        else:
            self.issues("unexpected_shape", f"{spec.name}.{column.name}", odd, column.name)

    def _with_dates(self, spec: TableSpec, column: Column, frame: pl.DataFrame) -> pl.DataFrame:
        name = column.name
        where = f"{spec.name}.{name}"
        texts = frame[name]
        parsed = dates.parse(texts, column.dates, self.today + (HORIZON if column.future else GRACE))
        bounds = pl.DataFrame(
            {"text": list(column.before), f"{name}_before": list(column.before.values())},
            schema={"text": pl.String, f"{name}_before": pl.Date},
        )
        parsed = parsed.join(bounds, on="text", how="left", maintain_order="left")
        placeholder = pl.col("text").is_in(list(column.placeholders))
        undated = pl.col("text").is_in(list(column.before))
        beyond = (pl.col("date") < EARLIEST) | (
            (pl.col("date") > self.today + GRACE) if not column.future else (pl.col("date") > date(2200, 1, 1))
        )
        parsed = parsed.with_columns(
            pl.when(placeholder | beyond | undated).then(None).otherwise("date").alias("date"),
            pl.when(undated | placeholder)
            .then(None)
            .when(pl.col("date").is_null())
            .then(pl.lit("bad_date"))
            .when(beyond)
            .then(pl.lit("impossible_date"))
            .alias("wrong"),
        ).with_columns(pl.when(pl.col("date").is_not_null()).then("precision").alias("precision"))
        frame = frame.join(
            parsed.rename({"text": name, "date": f"{name}_date", "precision": f"{name}_precision"}),
            on=name,
            how="left",
            maintain_order="left",
        )
        if parsed["wrong"].null_count() < len(parsed):
            self._note_wrong_dates(where, column, frame.drop_nulls(name))
        if column.placeholders:  # such a text is no date and no event
            frame = frame.with_columns(
                pl.when(pl.col(name).is_in(list(column.placeholders)).not_()).then(name).alias(name)
            )
        return frame.drop("wrong")

    def _note_wrong_dates(self, where: str, column: Column, frame: pl.DataFrame) -> None:
        """Issues of texts that are no date; where most are none, the form of the dates has changed."""
        name = column.name
        for kind in ("bad_date", "impossible_date"):
            odd = frame.filter(pl.col("wrong") == kind)
            if len(odd) <= (1 - SHAPELY) * len(frame) or len(frame) <= 20:
                self.issues(kind, where, odd, name)
                continue
            message = (
                f"{len(odd)} of {len(frame)} dates of {name!r} cannot be read, the first is {odd[name][0]!r} in "
                f"{odd['row'][0]}"
            )
            if column.required:
                raise Unreadable(f"{self._here}: {message}. Has their form changed?")
            self.issue(kind, where, message, len(odd), odd["row"][0])

    def _with_codes(self, spec: TableSpec, column: Column, frame: pl.DataFrame) -> pl.DataFrame:
        assert column.codes is not None
        return self._decoded(f"{spec.name}.{column.name}", frame, column.name, column.codes, column.default)

    def _decoded(
        self, where: str, frame: pl.DataFrame, name: str, codes: Codes, default: str | None = None
    ) -> pl.DataFrame:
        folded = pl.col(name).str.to_lowercase()
        keys, values = list(codes), list(codes.values())
        unknown = frame.filter(pl.col(name).is_not_null() & ~folded.is_in(keys))
        if not unknown.is_empty():
            self.issues("unknown_code", where, unknown, name)
        mapped = folded.replace_strict(keys, values, default=default, return_dtype=pl.String)
        if default is not None:
            mapped = mapped.fill_null(pl.when(~folded.is_in(keys) | pl.col(name).is_null()).then(pl.lit(default)))
        return frame.with_columns(mapped.alias(f"{name}_code"))

    def _unique_records(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        """A record stands once in its table; names may share a record (one substance, several names)."""
        if name not in contract.ENTITIES or name == "name":
            return frame
        first = pl.col("record_id").is_first_distinct()
        again = frame.filter(~first)
        if not again.is_empty():
            self.issue("repeated_key", name, again["record_id"][0], len(again), again["row"][0])
        return frame.filter(first)

    def _account_for_other_files(self) -> None:
        """Files and sheets that no table uses: out of scope with the register's reason, or unknown."""
        for kind, name, rows in self._unread():
            base = name.rsplit("/", 1)[-1]
            reason = next(
                (
                    text
                    for pattern, text in self.metadata.out_of_scope.items()
                    if fnmatch(base.casefold(), pattern.casefold())
                ),
                None,
            )
            if reason is None:
                self.issue(f"unknown_{kind}", name)
                reason = f"a {kind} that the register's metadata does not know"
            self._account.append(
                pl.DataFrame({"file": name, "outcome": "out_of_scope", "reason": reason}).select(
                    pl.all().repeat_by(rows).explode()
                )
            )

    def _unread(self) -> Iterator[tuple[str, str, int]]:
        """What no table uses: whether it is a file or a sheet of a workbook, its name and how many rows it has."""
        for file in self._files:
            if file.name not in self._used:
                yield "file", file.name, _count_lines(file)
            elif file.name in self._sheets:
                data = file.read()
                for sheet in tables.sheet_names(data):
                    if sheet not in self._sheets[file.name] and (rows := tables.spreadsheet(data, sheet).height):
                        yield "sheet", f"{file.name}/{sheet}", rows


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


def _clean(text: pl.Expr) -> pl.Expr:
    """Without surrounding blanks, no-break ones among them; nothing is null."""
    stripped = text.str.strip_chars("\u00a0 \t\n\r\ufeff")
    return pl.when(stripped != "").then(stripped)


def _count_lines(file: PublishedFile) -> int:
    """Non-blank lines of a text, filled rows of a workbook."""
    data = file.read()
    if tables.is_spreadsheet(data):
        try:
            return sum(tables.spreadsheet(data, name).height for name in tables.sheet_names(data))
        except tables.TableError:
            return 1
    return reduce(lambda count, line: count + bool(line.strip()), data.split(b"\n"), 0)
