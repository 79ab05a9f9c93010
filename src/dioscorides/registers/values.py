"""What stands in the columns: shapes checked, dates parsed, codes decoded; what does not fit is said, never guessed."""

from __future__ import annotations

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
        for column in spec.columns:
            if column.name in frame.columns:
                self._check_shape(spec, column, frame)
        frame = frame.drop(column.name for column in spec.columns if column.ignored is not None and column.shape)
        for column in spec.columns:
            if column.ignored is None and column.dates:
                frame = self._with_dates(spec, column, frame)
            if column.ignored is None and column.codes is not None:
                where = f"{spec.name}.{column.name}"
                frame = self.decoded(where, frame, column.name, column.codes, column.default)
        return frame

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
                raise Unreadable(f"{self.here}: {message}. Have columns moved?")
            self.accounts.issue("unexpected_shape", f"{spec.name}.{column.name}", message, len(odd), odd["row"][0])
        else:
            self.accounts.each("unexpected_shape", f"{spec.name}.{column.name}", odd, column.name)

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
                self.accounts.each(kind, where, odd, name)
                continue
            message = (
                f"{len(odd)} of {len(frame)} dates of {name!r} cannot be read, the first is {odd[name][0]!r} in "
                f"{odd['row'][0]}"
            )
            if column.required:
                raise Unreadable(f"{self.here}: {message}. Has their form changed?")
            self.accounts.issue(kind, where, message, len(odd), odd["row"][0])

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
