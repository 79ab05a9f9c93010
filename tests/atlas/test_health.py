"""Which snapshots may follow the one before them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dioscorides import contract
from dioscorides.atlas.health import hold_back
from dioscorides.atlas.records import Records
from dioscorides.registers.catalogue import Register
from dioscorides.snapshots.store import Snapshot

REGISTER = Register("xx_test", Path(), "xx_test")


def records(
    folder: Path, day: date, *, products: int = 100, missing: tuple[str, ...] = (), **said: str | None
) -> Records:
    """What a snapshot of so many products and with these missing parts says."""
    path = folder / day.isoformat()
    path.mkdir()
    told = pl.DataFrame({"kind": ["missing_part"] * len(missing), "where": list(missing)})
    contract.ISSUE.frame(told).write_parquet(path / "issue.parquet")
    keys = pl.DataFrame(
        {"record_id": [str(number) for number in range(products)]} | {k: [v] * products for k, v in said.items()}
    )
    contract.RECORDS["authorisation"].frame(keys).write_parquet(path / "authorisation.parquet")
    return Records(REGISTER, Snapshot("xx_test", day, path), {}, "key", path)


def test_a_register_that_shrank_by_a_fifth_is_held_back(tmp_path: Path) -> None:
    before = records(tmp_path, date(2024, 1, 1))
    for day, products, fit in ((date(2024, 2, 1), 79, False), (date(2024, 3, 1), 80, True)):
        now = records(tmp_path, day, products=products)
        kept, told = hold_back([before, now])
        assert (now in kept) == fit
        assert bool(told) != fit


@pytest.mark.parametrize(
    ("before", "now", "fit"), [((), ("dr.txt",), False), (("dr.txt",), ("dr.txt",), True), (("dr.txt",), (), True)]
)
def test_a_part_that_was_there_before_may_not_be_missing(
    tmp_path: Path, before: tuple[str, ...], now: tuple[str, ...], fit: bool
) -> None:
    first = records(tmp_path, date(2024, 1, 1), missing=before)
    second = records(tmp_path, date(2024, 2, 1), missing=now)
    kept, told = hold_back([first, second])
    assert (second in kept) == fit
    assert fit or told == [
        "xx_test 2024-02-01: no file dr.txt, fewer parts of the register than on 2024-01-01, which stays in use. "
        "Is the download whole? If the register really shrank, remove the older snapshots."
    ]


@pytest.mark.parametrize("column", ["holder_name", "legal_basis"])
@pytest.mark.parametrize("silent", [None, "unknown"])
def test_a_column_that_matters_may_not_fall_silent(tmp_path: Path, column: str, silent: str | None) -> None:
    first = records(tmp_path, date(2024, 1, 1), **{column: "full"})
    second = records(tmp_path, date(2024, 2, 1), **{column: silent})
    kept, told = hold_back([first, second])
    assert kept == [first]
    assert f"authorisation.{column} filled in 0 rows, 100 fewer than on 2024-01-01, which stays in use" in told[0]


def test_a_column_may_begin_to_speak(tmp_path: Path) -> None:
    first = records(tmp_path, date(2024, 1, 1), holder_name=None)
    second = records(tmp_path, date(2024, 2, 1), holder_name="Holder")
    assert hold_back([first, second]) == ([first, second], [])
