"""WHO's prequalified vaccines: designations without a country, told apart by all that a row says."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "who_prequalified_vaccines"
HEADER = [
    "Date of Prequalification ", "Vaccine Type", "Commercial Name", "Presentation", "No. of doses", "Manufacturer",
    "Responsible NRA",
]  # fmt: skip


def row(name: str = "Mosquirix", doses: str = "2", day: str = "15/07/2022", presentation: str = "Vial") -> list[str]:
    return [day, "Malaria", name, presentation, doses, "GlaxoSmithKline Biologicals SA", "European Medicines Agency"]


def read(tmp_path: Path, *rows: list[str], header: list[str] = HEADER) -> Reading:
    with (tmp_path / "prequalified_vaccines.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2025, 1, 31), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def test_a_row_is_a_designation_and_its_day_a_decision(tmp_path: Path) -> None:
    reading = read(tmp_path, row())
    one = reading.tables["designation"].row(0, named=True)
    assert (one["kind"], one["product_name"], one["substances_text"], one["holder_name"], one["status"]) == (
        "prequalified", "Mosquirix", "Malaria", "GlaxoSmithKline Biologicals SA", "prequalified",
    )  # fmt: skip
    assert reading.tables["event"].select("event", "date", "text").rows() == [
        ("decision", date(2022, 7, 15), "15/07/2022")
    ]
    assert not {"authorisation", "ingredient"} & reading.tables.keys()
    assert issues(reading) == set()


def test_presentations_and_doses_are_records_of_their_own(tmp_path: Path) -> None:
    rows = [row(), row(doses="1"), row(presentation="Ampoule"), row(doses="")]
    forwards = set(read(tmp_path, *rows).tables["designation"]["record_id"])
    assert len(forwards) == 4
    assert set(read(tmp_path, *reversed(rows)).tables["designation"]["record_id"]) == forwards


def test_no_commercial_name_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, row("n/a")).tables["designation"]["product_name"].to_list() == [None]


def test_a_page_of_the_api_is_no_list(tmp_path: Path) -> None:
    (tmp_path / "prequal.json").write_text(json.dumps({"FinishedVaccineProducts": [{"ProductDetails": {}}]}))
    reading = read(tmp_path, row())
    assert dict(reading.tables["register_file"].select("file", "outcome").rows()) == {
        "prequal.json": "out_of_scope",
        "prequalified_vaccines.csv": "read",
    }
    assert issues(reading) == set()


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    reading = read(tmp_path, row(day="31/02/2022"), row(day="15/07/2042", doses="three"))
    assert issues(reading) == {
        ("bad_date", "31/02/2022"),
        ("impossible_date", "15/07/2042"),
        ("unexpected_shape", "three"),
    }
    assert reading.tables["event"]["date"].to_list() == [None, None]


def test_missing_and_new_columns(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="Vaccine Type"):
        read(tmp_path, row()[:1] + row()[2:], header=HEADER[:1] + HEADER[2:])
    reading = read(tmp_path, [*row(), "x"], header=[*HEADER, "Status"])
    assert issues(reading) == {("new_column", "Status")}


# -- the real snapshot


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> Reading:
    (snapshot,) = Store(registers_dir).snapshots(REGISTER)
    return catalogue()[REGISTER].read(snapshot)


def test_every_row_of_the_real_snapshot_is_accounted_for(real: Reading, registers_dir: Path) -> None:
    folder = registers_dir / REGISTER / "2025-01-31"
    rows = (folder / "prequalified_vaccines.csv").read_bytes().strip().count(b"\n")
    told = dict(real.tables["register_file"].select("file", "rows").rows())
    assert told["prequalified_vaccines.csv"] == rows == 275
    assert real.tables["designation"]["record_id"].is_unique().all()
    assert real.tables["issue"].is_empty()


def test_what_the_api_calls_prequalified_is_in_the_list(real: Reading, registers_dir: Path) -> None:
    document = json.loads((registers_dir / REGISTER / "2025-01-31/prequal.json").read_text(encoding="utf-8"))
    details = [one["ProductDetails"] for one in document["FinishedVaccineProducts"]]
    days = {
        date.fromisoformat(one["DateOfPreQualifiedAcceptance"]) for one in details if one["Status"] == "Prequalified"
    }
    missing = days - set(real.tables["event"]["date"])
    assert missing == {date(2007, 1, 29), date(2013, 10, 9)}  # of two vaccines the list has other dates


def test_what_the_real_snapshot_says(real: Reading) -> None:
    told = dict(
        real.tables["designation"].join(real.tables["event"], on="record_id").select("product_name", "date").rows()
    )
    assert told["Comirnaty®"] == date(2024, 10, 9)
    assert told["ERVEBO"] == date(2019, 11, 12)
    assert told["Mosquirix"] == date(2022, 7, 15)
