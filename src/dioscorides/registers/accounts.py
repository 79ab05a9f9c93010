"""The accounts of a reading: what became of every published row, and what is not known or not believed."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from dioscorides import contract

#: So many values of one kind get an issue each; the others share one.
NAMED = 50

Issue = tuple[str, str, str | None, int, str | None]


class Unreadable(contract.UserError):
    """A snapshot whose layout is not the register's; says which file, what is wrong and what to do."""


@dataclass
class Accounts:
    """Issues as (kind, where, value, count, first row); rows as frames of `file`, `outcome`, `reason`, one row each;
    lost rows as frames of `record_id`, `row`, `text`, `reason`.
    """

    issues: list[Issue] = field(default_factory=list)
    rows: list[pl.DataFrame] = field(default_factory=list)
    lost: list[pl.DataFrame] = field(default_factory=list)

    def issue(
        self, kind: str, where: str, value: str | None = None, count: int = 1, first_row: str | None = None
    ) -> None:
        """Note something that is not known or not believed."""
        self.issues.append((kind, where, value, count, first_row))

    def each(self, kind: str, where: str, rows: pl.DataFrame, value: str) -> None:
        """One issue for each distinct `value` among `rows`, with its count and first row, up to NAMED of them."""
        told = (
            rows.group_by(value, maintain_order=True)
            .agg(pl.len().alias("_count"), pl.col("row").first().alias("_first"))
            .rows()
        )
        for text, count, first in told[:NAMED]:
            self.issue(kind, where, text, count, first)
        if others := told[NAMED:]:
            self.issue(kind, where, f"and {len(others)} other values", sum(one[1] for one in others), others[0][2])

    def set_aside(self, file: str, lost: pl.DataFrame) -> None:
        """Rows of `file` that go to quarantine: `record_id`, `row`, `text`, `reason`."""
        self.lost.append(lost)
        self.leave(file, "quarantined", lost.select("reason"))

    def leave(self, file: str, outcome: str, reasons: pl.DataFrame) -> None:
        """Rows of `file` that are not read, one for each `reason`."""
        self.rows.append(reasons.select(pl.lit(file).alias("file"), pl.lit(outcome).alias("outcome"), "reason"))

    def so_far(self) -> tuple[int, int, int]:
        """A mark to which `back_to` returns."""
        return len(self.issues), len(self.rows), len(self.lost)

    def back_to(self, mark: tuple[int, int, int]) -> None:
        """Forget what was noted since."""
        issues, rows, lost = mark
        del self.issues[issues:], self.rows[rows:], self.lost[lost:]

    def issue_frame(self) -> pl.DataFrame:
        """The issues as a frame."""
        types = {"kind": pl.String, "where": pl.String, "value": pl.String, "count": pl.Int64, "first_row": pl.String}
        return pl.DataFrame(self.issues, schema=types, orient="row")
