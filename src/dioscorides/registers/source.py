"""What a reader works with: the rows of a snapshot, every one of them accounted for.

A `Source` opens the tables that the register's metadata describes. `Rows` is one such table: a Polars frame with our
column names, out of which rows leave only by name (`leave_out`, `set_aside`), so that what is read, quarantined,
repeated and out of scope always adds up to what was published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatch

import polars as pl

from dioscorides import contract
from dioscorides.registers.accounts import Accounts, Unreadable
from dioscorides.registers.layout import Layout, matches
from dioscorides.registers.metadata import Metadata, TableSpec
from dioscorides.registers.values import GRACE, MANY_OF_FEW, Values
from dioscorides.snapshots.archives import PublishedFile
from dioscorides.snapshots.store import Snapshot

__all__ = ["GRACE", "Reading", "Rows", "Source", "Unreadable"]


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

    def close(self, known: pl.DataFrame, repeated: pl.DataFrame, accounts: Accounts) -> pl.DataFrame:
        """The rows as published, for each record that rests on them, after the last accounts.

        `known` are the records that there are; a row without one goes to quarantine, and so do those of `repeated`
        (`record_id`, `row`). A code list has no records.
        """
        cited = pl.DataFrame(schema={"_at": pl.UInt32, "record_id": pl.String, "row": pl.String})
        if not self.lookup:
            self.set_aside(pl.col("record_id").is_null(), "the row has no key")
            again = self.frame.join(repeated, on=["record_id", "row"], how="semi")["_at"]
            if not again.is_empty():
                self.set_aside(pl.col("_at").is_in(again.implode()), "a row above has the same key and another content")
            orphans = self.frame.join(known, on="record_id", how="anti")["_at"]
            if not orphans.is_empty():
                reason = "belongs to no record: its key is not in the main table"
                self.set_aside(pl.col("_at").is_in(orphans.implode()), reason)
            cited = self.frame.select("_at", "record_id", "row")
        if self.shared is not None:
            others = self.shared.join(cited.select("_at", "row"), on="_at").join(known, on="record_id", how="semi")
            cited = pl.concat([cited, others.select(cited.columns)]).sort("_at", maintain_order=True)
        accounts.rows.append(
            self.frame.select("file", pl.lit("read").alias("outcome"), pl.lit(None, pl.String).alias("reason"))
        )
        for gone in self.left:
            accounts.rows.append(gone.select("file", "outcome", "reason"))
            lost = gone.filter(pl.col("outcome") == "quarantined")
            accounts.lost.append(lost.select("record_id", "row", self._raw(lost, "text"), "reason"))
        return cited.select(pl.exclude("_at"), self._raw(cited, "raw"))

    def _raw(self, rows: pl.DataFrame, name: str) -> pl.Series:
        return self.published["raw"].gather(rows["_at"]).alias(name)

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
        here = f"{metadata.id} {snapshot.date}"
        self.metadata = metadata
        self.snapshot = snapshot
        self.accounts = Accounts()
        self._here = here
        self._layout = Layout(here, snapshot, self.accounts)
        self._values = Values(here, snapshot.date, self.accounts)
        self._opened: dict[str, Rows] = {}
        self._emitted: dict[str, list[pl.DataFrame]] = {}

    @property
    def today(self) -> date:
        """The day of the snapshot: the only clock that a reader has."""
        return self.snapshot.date

    def issue(
        self, kind: str, where: str, value: str | None = None, count: int = 1, first_row: str | None = None
    ) -> None:
        """Note something that the reader does not know or does not believe."""
        self.accounts.issue(kind, where, value, count, first_row)

    def issues(self, kind: str, where: str, rows: pl.DataFrame, value: str) -> None:
        """One issue for each distinct `value` among `rows`, with its count and first row."""
        self.accounts.each(kind, where, rows, value)

    def disagreements(self, table: str, rows: pl.DataFrame, *columns: str) -> None:
        """One issue for each of `columns` in which rows say something else than the first row of their record."""
        for column in columns:
            differs = pl.col(column).ne_missing(pl.col(column).first().over("record_id"))
            odd = rows.filter(differs).select("record_id", "row")
            if not odd.is_empty():
                self.issue("rows_disagree", f"{table}.{column}", odd["record_id"][0], len(odd), odd["row"][0])

    def has(self, table: str) -> bool:
        """Whether the snapshot publishes this table: a file of it, with its sheet where the table names one."""
        return bool(self._layout.holding(self.metadata.tables[table]))

    def rows(self, table: str) -> Rows:
        """The rows of a table, its codes decoded and its dates parsed, exact repetitions removed.

        Raises Unreadable where a file or a required column is missing, or a column is not what it should be. An
        optional table is then without rows: a missing file is an issue, an unreadable one goes to quarantine.
        """
        if table in self._opened:
            return self._opened[table]
        spec = self.metadata.tables[table]
        files = self._layout.holding(spec) if spec.optional else self._layout.matching(spec.files)
        if not files:
            if not spec.optional:
                found = ", ".join(file.name for file in self._layout.files) or "nothing"
                raise Unreadable(f"{self._here}: no file {' or '.join(spec.files)}. Found: {found}")
            self.issue("missing_sheet" if spec.sheet else "missing_file", spec.sheet or " or ".join(spec.files))
        for part in spec.parts if files else ():
            if not any(matches(file, part) for file in files):
                self.issue("missing_part", part, f"no file {part}: its part of {table} is missing; fetch it as well")
        said = self.accounts.so_far()
        try:
            self._opened[table] = self._opened_table(spec, files)
        except Unreadable as error:
            if not spec.optional:
                raise
            self.accounts.back_to(said)
            self.issue("unreadable_table", table, str(error))
            for file in files:
                self._layout.quarantine_whole(spec, file, str(error))
            self._opened[table] = self._opened_table(spec, [])
        return self._opened[table]

    def _opened_table(self, spec: TableSpec, files: Sequence[PublishedFile]) -> Rows:
        parts = [part for file in files for part in self._layout.parts(spec, file)]
        if parts:
            frame = pl.concat([part for part, _ in parts]).with_row_index("_at")
            published = pl.concat([raw for _, raw in parts])
        else:
            names = [column.name for column in spec.columns if column.read]
            schema = {"_at": pl.UInt32, "file": pl.String, "row": pl.String} | dict.fromkeys(names, pl.String)
            frame, published = pl.DataFrame(schema=schema), pl.DataFrame(schema={"raw": pl.String})
        whole = published["whole" if "whole" in published.columns else "raw"]
        rows = Rows(spec, frame.with_columns(pl.col("_at").cast(pl.UInt32)), published.select("raw"))
        file = self._layout.originals(frame["file"])
        repeated = pl.select(pl.struct(file, whole).is_first_distinct().not_()).to_series()
        if repeated.any():
            rows._remove(pl.col("_at").is_in(repeated.arg_true().implode()), "duplicate", "repeats another row exactly")
        self._check_count(spec, rows, files)
        rows.frame = self._values.read(spec, rows.frame)
        for column in spec.columns:
            if column.of is not None:
                self._check_belongs(column.name, rows, self.rows(column.of))
        return rows

    def _check_belongs(self, key: str, rows: Rows, main: Rows) -> None:
        """A table of which most rows belong to no row of the main table is not what it should be."""
        strange = rows.frame.filter(~pl.col(key).is_in(main.frame[key].unique().implode()))
        if 2 * len(strange) > len(rows.frame) and len(strange) >= MANY_OF_FEW:
            raise Unreadable(
                f"{self._here}: {len(strange)} of {len(rows.frame)} rows of {rows.spec.name!r} belong to no row of "
                f"{main.spec.name!r}, the first is {strange['row'][0]}. Have columns moved, or do the files belong to "
                "different days?"
            )

    def decode(self, rows: Rows, name: str, text: pl.Expr, codes: str) -> Rows:
        """Add to `rows` the column `name`, a part of what is printed, and `<name>_code` by the code map `codes`."""
        frame = rows.frame.with_columns(text.alias(name))
        rows.frame = self._values.decoded(f"{rows.spec.name}.{name}", frame, name, self.metadata.codes[codes])
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
        repeated = self._repeated_keys(emitted)
        for name, frame in emitted.items():
            own = frame.join(known, on="record_id", how="semi", maintain_order="left")
            emitted[name] = own.join(repeated, on=["record_id", "row"], how="anti", maintain_order="left")
        for rows in self._opened.values():
            if not rows.lookup and "record_id" not in rows.frame.columns:
                raise contract.ContractError(
                    f"{self.metadata.id}: the reader never said what the rows of {rows.spec.name} belong to"
                )
        evidence = [rows.close(known, repeated, self.accounts) for rows in self._opened.values()]
        self._account_for_other_files()
        account = pl.concat(self.accounts.rows).group_by("file", "outcome", "reason").agg(pl.len().alias("rows"))
        emitted |= {
            "register_file": self._stamped(contract.REGISTER_FILE, account.sort("file", "outcome", "reason")),
            "issue": self._stamped(contract.ISSUE, self.accounts.issue_frame()),
        }
        if not all(rows.lookup for rows in self._opened.values()):
            emitted["source_row"] = self._stamped(contract.SOURCE_ROW, pl.concat(evidence))
        if self.accounts.lost:
            emitted["quarantine"] = self._stamped(contract.QUARANTINE, pl.concat(self.accounts.lost))
        return Reading(self.metadata.id, self.snapshot.date, emitted)

    # -- inner

    def _stamped(self, table: contract.Table, frame: pl.DataFrame) -> pl.DataFrame:
        return table.frame(
            frame.with_columns(
                pl.lit(self.metadata.id).alias("register"), pl.lit(self.snapshot.date, pl.Date).alias("snapshot")
            )
        )

    def _check_count(self, spec: TableSpec, rows: Rows, files: Sequence[PublishedFile]) -> None:
        count = len(rows.published)
        if files and not count and not spec.optional:
            names = ", ".join(file.name for file in files)
            raise Unreadable(f"{self._here}: {names}: there is no row of {spec.name} in it. Fetch it again.")
        if spec.rows and not spec.rows[0] <= count <= spec.rows[1]:
            self.issue("unexpected_count", spec.name, f"{count} rows, expected {spec.rows[0]} to {spec.rows[1]}")

    def _repeated_keys(self, emitted: dict[str, pl.DataFrame]) -> pl.DataFrame:
        """`record_id` and `row` of records that another row above has stated: which of the two is right is not known.

        Names may share a record (one substance, several names).
        """
        pairs = [pl.DataFrame(schema={"record_id": pl.String, "row": pl.String})]
        for name in contract.ENTITIES:
            if name not in emitted or name == "name":
                continue
            again = emitted[name].filter(~pl.col("record_id").is_first_distinct()).select("record_id", "row")
            if not again.is_empty():
                self.issue("repeated_key", name, again["record_id"][0], len(again), again["row"][0])
            pairs.append(again)
        return pl.concat(pairs)

    def _account_for_other_files(self) -> None:
        """Files and sheets that no table uses: out of scope with the register's reason, or unknown."""
        specs = self.metadata.tables.values()
        headed = (
            {spec.separator for spec in specs if spec.format == "delimited"} if all(s.header for s in specs) else ()
        )
        for kind, name, rows in self._layout.unread(headed):
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
            self.accounts.rows.append(
                pl.DataFrame({"file": name, "outcome": "out_of_scope", "reason": reason}).select(
                    pl.all().repeat_by(rows).explode()
                )
            )
