"""What stands in the columns: shapes checked, dates parsed, codes decoded; what does not fit is said, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from dioscorides.registers.accounts import Accounts, Unreadable
from dioscorides.registers.metadata import Codes, Column, TableSpec
from dioscorides.snapshots import dates

#: A register's files may be a few weeks younger than the date of the snapshot; what lies further ahead is no past date.
GRACE = timedelta(days=92)
#: No patent or exclusivity ends later than this after the snapshot: tells the century of a two-digit year to come.
HORIZON = timedelta(days=30 * 365)
#: No medicine was authorised, and no date in a register lies, before this day.
EARLIEST = date(1800, 1, 1)
#: Below this share of values that keep the declared shape a column is not what it should be.
SHAPELY = 0.9
#: From so many values on that share counts; of fewer, at least MANY_OF_FEW, it is half of them.
ENOUGH, MANY_OF_FEW = 20, 3
#: A whole number as spreadsheets print it: as a decimal, by its power of ten, in groups of three digits.
NUMBER = r"^\d+\.0+$|^\d(\.\d+)?[eE]\+?\d+$|^\d{1,3}([, ]\d{3})+$"
#: What to do about a column that is not what it should be.
LOOK = "Have columns moved, or has their content changed? Compare the file with the register's register.yaml."


@dataclass(frozen=True)
class Values:
    """Looks at the columns of a snapshot; `here` names it in messages, `today` is its day."""

    here: str
    today: date
    accounts: Accounts

    def read(self, spec: TableSpec, frame: pl.DataFrame) -> pl.DataFrame:
        """`frame` with `<column>_date`, `_precision`, `_before` for columns of dates, `<column>_code` for coded ones.

        Columns that the register ignores are looked at and left out. Raises Unreadable where a required column is not
        what it should be.
        """
        frame = self._with_mended_numbers(spec, frame)
        for column in spec.columns:
            if column.name in frame.columns:
                self._check_filled(column, frame)
                self._check_typical(column, frame)
                self._check_shape(spec, column, frame)
        frame = frame.drop(column.name for column in spec.columns if column.read and column.ignored is not None)
        doubted = self._doubted(spec, frame)
        for column in spec.columns:
            if column.ignored is None and column.dates:
                frame = self._with_dates(spec, column, frame, doubted[column.name])
            if column.ignored is None and column.codes is not None:
                where = f"{spec.name}.{column.name}"
                if not spec.header:
                    self._check_codes(column, frame)
                frame = self.decoded(where, frame, column.name, column.codes, column.default)
        return frame

    def _with_mended_numbers(self, spec: TableSpec, frame: pl.DataFrame) -> pl.DataFrame:
        """Numbers that went through a spreadsheet (12345.0, 1.2345E+04, 12,345) as they were, where nothing is lost.

        One that is no longer whole (8.69E+12 of thirteen digits) is no number: the cell is empty then, and said.
        """
        for column in spec.columns:
            if column.shape is None or column.name not in frame.columns:
                continue
            text = pl.col(column.name)
            odd = frame.filter(text.str.contains(NUMBER) & ~text.str.contains(column.shape))
            mended = {
                printed: _whole(printed, column.shape) for printed in odd[column.name].unique(maintain_order=True)
            }
            mended = {printed: whole for printed, whole in mended.items() if whole != printed}
            if mended:
                odd = odd.filter(text.is_in(list(mended)))
                told = f"{odd[column.name][0]!r} is read as {mended[odd[column.name][0]]!r}"
                self.accounts.issue(
                    "number_of_a_spreadsheet", f"{spec.name}.{column.name}", told, len(odd), odd["row"][0]
                )
                frame = frame.with_columns(text.replace(mended))
        return frame

    def _check_filled(self, column: Column, frame: pl.DataFrame) -> None:
        """A required column is not empty as a whole, one that is always filled hardly ever."""
        empty = frame.filter(pl.col(column.name).is_null())
        if empty.is_empty() or not (column.required or column.filled):
            return
        told = f"{column.name!r} is empty in {len(empty)} of {len(frame)} rows"
        whole = len(empty) == len(frame) > ENOUGH
        if whole or (column.filled and _hardly(len(empty), len(frame))):
            raise Unreadable(f"{self.here}: {told}, the first is {empty['row'][0]}. {LOOK}")

    def _check_typical(self, column: Column, frame: pl.DataFrame) -> None:
        if column.typical is None:
            return
        values = frame.select(column.name, "row").drop_nulls(column.name)
        odd = values.filter(~pl.col(column.name).str.contains(column.typical))
        if _hardly(len(odd), len(values)):
            raise Unreadable(f"{self.here}: {self._told(column, odd, len(values))}. {LOOK}")

    def _check_codes(self, column: Column, frame: pl.DataFrame) -> None:
        """Where no header names the columns, one of unknown codes is another column."""
        values = frame.select(column.name, "row").drop_nulls(column.name)
        odd = values.filter(~pl.col(column.name).str.to_lowercase().is_in(list(column.codes or ())))
        if 2 * len(odd) > len(values) and len(odd) >= MANY_OF_FEW:
            raise Unreadable(f"{self.here}: {self._told(column, odd, len(values))}. {LOOK}")

    def _check_shape(self, spec: TableSpec, column: Column, frame: pl.DataFrame) -> None:
        if column.shape is None:
            return
        values = frame.select(column.name, "row").drop_nulls(column.name)
        odd = values.filter(~pl.col(column.name).str.contains(column.shape))
        where = f"{spec.name}.{column.name}"
        if not _hardly(len(odd), len(values)):
            self.accounts.each("unexpected_shape", where, odd, column.name)
            return
        message = self._told(column, odd, len(values))
        if column.required:
            raise Unreadable(f"{self.here}: {message}. {LOOK}")
        self.accounts.issue("unexpected_shape", where, message, len(odd), odd["row"][0])

    def _told(self, column: Column, odd: pl.DataFrame, of: int) -> str:
        first = f"{odd[column.name][0][:80]!r} in {odd['row'][0]}"
        return f"{len(odd)} of {of} values of {column.name!r} do not look like it, the first is {first}"

    def _doubted(self, spec: TableSpec, frame: pl.DataFrame) -> dict[str, pl.Series]:
        """By column of dates the texts of which it is in doubt whether the day or the month stands first.

        Columns of one form vouch for each other: one alone may have too few dates to tell.
        """
        columns = [column for column in spec.columns if column.dates and column.ignored is None]
        doubted = {}
        for column in columns:
            alike = [frame[other.name] for other in columns if other.dates == column.dates]
            latest = self._latest(column)
            together = dates.in_doubt(pl.concat(one.rename("text") for one in alike), column.dates, latest)
            alone = dates.in_doubt(frame[column.name], column.dates, latest)
            doubted[column.name] = pl.concat([together, alone]).unique(maintain_order=True)
        return doubted

    def _latest(self, column: Column) -> date:
        """The last day on which a year of two digits may fall."""
        return self.today + (HORIZON if column.future else GRACE)

    def _with_dates(self, spec: TableSpec, column: Column, frame: pl.DataFrame, in_doubt: pl.Series) -> pl.DataFrame:
        name = column.name
        where = f"{spec.name}.{name}"
        texts = frame[name]
        latest = self._latest(column)
        parsed = dates.parse(texts, column.dates, latest)
        doubted = pl.col("text").is_in(in_doubt.implode())
        parsed = self._without_stand_ins(column, parsed, latest)
        beyond = (pl.col("date") < EARLIEST) | (
            (pl.col("date") > self.today + GRACE) if not column.future else (pl.col("date") > date(2200, 1, 1))
        )
        parsed = parsed.with_columns(
            pl.when(~(pl.col("stands_in") | beyond | doubted)).then("date").alias("date"),
            pl.when("stands_in")
            .then(None)
            .when(doubted)
            .then(pl.lit("ambiguous_date"))
            .when(pl.col("date").is_null())
            .then(pl.lit("bad_date"))
            .when(beyond)
            .then(pl.lit("impossible_date"))
            .alias("wrong"),
        ).with_columns(pl.when(pl.col("date").is_not_null()).then("precision").alias("precision"))
        frame = frame.join(
            parsed.select(
                pl.col("text").alias(name),
                pl.col("date", "precision", "before").name.prefix(f"{name}_"),
                "wrong",
                "placeholder",
            ),
            on=name,
            how="left",
            maintain_order="left",
        )
        if parsed["wrong"].null_count() < len(parsed):
            self._note_wrong_dates(where, column, frame.drop_nulls(name))
        if column.placeholders:  # such a text is no date and no event
            frame = frame.with_columns(pl.when(~pl.col("placeholder").fill_null(False)).then(name).alias(name))
        return frame.drop("wrong", "placeholder")

    def _without_stand_ins(self, column: Column, parsed: pl.DataFrame, latest: date) -> pl.DataFrame:
        """`parsed` with `stands_in`: texts that stand for no date or for one that is only bounded, however written.

        `placeholder` tells which are no event either, `before` has the bound of the others.
        """
        known = pl.DataFrame(
            {
                "text": [*column.before, *column.placeholders],
                "before": [*column.before.values(), *(None for _ in column.placeholders)],
                "placeholder": [*(False for _ in column.before), *(True for _ in column.placeholders)],
            },
            schema={"text": pl.String, "before": pl.Date, "placeholder": pl.Boolean},
        )
        days = known.join(dates.parse(known["text"], column.dates, latest), on="text").drop_nulls("date").unique("date")
        joined = parsed.join(known, on="text", how="left", maintain_order="left").join(
            days.select("date", pl.col("before", "placeholder").name.suffix("_day")),
            on="date",
            how="left",
            maintain_order="left",
        )
        return joined.with_columns(
            pl.coalesce("before", "before_day"), pl.coalesce("placeholder", "placeholder_day").alias("placeholder")
        ).with_columns(pl.col("placeholder").is_not_null().alias("stands_in"), pl.col("placeholder").fill_null(False))

    def _note_wrong_dates(self, where: str, column: Column, frame: pl.DataFrame) -> None:
        """Issues of texts that are no date; where most are none, the form of the dates has changed."""
        name = column.name
        odd = frame.drop_nulls("wrong")
        if len(odd) <= (1 - SHAPELY) * len(frame) or len(frame) <= ENOUGH:
            for (kind,), part in odd.group_by("wrong", maintain_order=True):
                self.accounts.each(str(kind), where, part, name)
            return
        message = (
            f"{len(odd)} of {len(frame)} dates of {name!r} cannot be read for certain, the first is {odd[name][0]!r} "
            f"in {odd['row'][0]}"
        )
        if column.required:
            raise Unreadable(
                f"{self.here}: {message}. Has their form changed? register.yaml knows {', '.join(column.dates)}"
            )
        self.accounts.issue(odd["wrong"][0], where, message, len(odd), odd["row"][0])

    def decoded(
        self, where: str, frame: pl.DataFrame, name: str, codes: Codes, default: str | None = None
    ) -> pl.DataFrame:
        folded = pl.col(name).str.to_lowercase()
        keys, values = list(codes), list(codes.values())
        unknown = frame.filter(pl.col(name).is_not_null() & ~folded.is_in(keys))
        if not unknown.is_empty():
            self.accounts.each("unknown_code", where, unknown, name)
        mapped = folded.replace_strict(keys, values, default=default, return_dtype=pl.String)
        if default is not None:
            mapped = mapped.fill_null(pl.when(~folded.is_in(keys) | pl.col(name).is_null()).then(pl.lit(default)))
        return frame.with_columns(mapped.alias(f"{name}_code"))


def _whole(printed: str, shape: str) -> str | None:
    """The whole number that a spreadsheet printed otherwise, None where digits are lost, else the text itself."""
    plain = re.sub(r"[, ](?=\d{3})|\.0+$", "", printed)
    scientific = re.fullmatch(r"(\d)(?:\.(\d+))?[eE]\+?(\d+)", printed)
    if scientific:
        lead, rest, power = scientific[1], scientific[2] or "", int(scientific[3])
        if len(rest) != power:  # with fewer places its last digits are lost
            return None
        plain = lead + rest
    return plain if pl.Series([plain]).str.contains(shape).item() else printed


def _hardly(odd: int, of: int) -> bool:
    """Whether so many odd values among `of` mean that the column is not what it should be."""
    return odd > (1 - SHAPELY) * of if of > ENOUGH else 2 * odd > of and odd >= MANY_OF_FEW
