"""ATC codes out of cells: several of them, with blanks in them, cut off, misspelt, not given."""

import csv
from datetime import date
from pathlib import Path

import pytest

from dioscorides.registers import atc, catalogue
from dioscorides.registers.source import Source
from dioscorides.snapshots.store import Snapshot


def codes(tmp_path: Path, *printed: str) -> tuple[list[list[str] | None], list[tuple[str, str, int]]]:
    """Codes and issues of cells, in a table that has a column of ATC codes."""
    with (tmp_path / "listing.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(
            [
                [
                    "registration_number",
                    "product_name",
                    "product_registrant",
                    "approval_date",
                    "active_ingredients",
                    "atc_code",
                ],
                *([f"SIN{at:05}P", "x", "x", "1/1/2000", "x", text] for at, text in enumerate(printed)),
            ]
        )
    source = Source(catalogue()["sg_hsa"].metadata, Snapshot("sg_hsa", date(2015, 1, 1), tmp_path))
    rows = source.rows("products")
    atc.with_codes(source, rows)
    told = [one[:1] + one[2:4] for one in source.accounts.issues if one[0] == "no_atc_code"]
    return rows.frame["atc_codes"].to_list(), told  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("L04AB04", ["L04AB04"]),
        ("l04ab04", ["L04AB04"]),
        ("R06A B52", ["R06AB52"]),
        ("M03BX05; N02BE51", ["M03BX05", "N02BE51"]),
        ("A02AD01&&A02AD01", ["A02AD01"]),
        ("A02AD01\nA02BX13", ["A02AD01", "A02BX13"]),
        ("A11", ["A11"]),
        ("QJ01FA", ["QJ01FA"]),
        ("NA", None),
        ("Not available", None),
        ("", None),
    ],
)
def test_what_a_cell_holds(tmp_path: Path, printed: str, expected: list[str] | None) -> None:
    assert codes(tmp_path, printed) == ([expected], [])


def test_what_is_no_code_is_left_out_and_counted_once(tmp_path: Path) -> None:
    found, told = codes(tmp_path, "JA5AR10", "C09CA0", "C09CA01; CO9CA01")
    assert found == [None, None, ["C09CA01"]]
    assert told == [("no_atc_code", "JA5AR10", 3)]
