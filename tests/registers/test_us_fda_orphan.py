"""Orphan designations: one record per designation, its approvals as events, and drift of the export."""

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "us_fda_orphan"
PROTECTED = "Exclusivity Protected Indication * (Shown for approvals from Jan. 1, 2013, to the present)"
HEADER = [
    "Generic Name", "Trade Name", "Date Designated", "Orphan Designation", "Orphan Designation Status",
    "Date Designation Withdrawn or Revoked", "FDA Orphan Approval Status", "Approved Labeled Indication",
    "Marketing Approval Date", "Exclusivity End Date", PROTECTED, "Sponsor Company", "Sponsor Address 1",
    "Sponsor Address 2", "Sponsor City", "Sponsor State", "Sponsor Zip", "Sponsor Country", "CF Grid Key",
]  # fmt: skip
USUAL = {
    "Generic Name": "nusinersen", "Trade Name": "Spinraza", "Date Designated": "2011-04-18",
    "Orphan Designation": "Spinal muscular atrophy", "Orphan Designation Status": "Designated/Approved",
    "Approved Labeled Indication": "SMA, all ages", "Marketing Approval Date": "2016-12-23",
    "Exclusivity End Date": "2023-12-23", "Sponsor Company": "Biogen", "Sponsor Zip": "' 02142 ' ",
    "CF Grid Key": "336611.0",
}  # fmt: skip


def read(tmp_path: Path, *rows: dict[str, str], header: list[str] = HEADER, today: date = date(2025, 6, 30)) -> Reading:
    with (tmp_path / "FDA.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header)
        writer.writeheader()
        writer.writerows(rows)
    return catalogue()[REGISTER].read(Snapshot(REGISTER, today, tmp_path))


def issues(reading: Reading) -> set[tuple[str, str]]:
    told = reading.tables["issue"].filter(~pl.col("kind").is_in(["unexpected_count", "note"]))
    return set(told.select("kind", "value").rows())


def events(reading: Reading) -> list[tuple[str, str, str]]:
    return [
        (key, event, str(day))
        for key, event, day in reading.tables["event"].select("record_id", "event", "date").rows()
    ]


def test_a_designation_with_its_dates(tmp_path: Path) -> None:
    reading = read(tmp_path, USUAL)
    row = reading.tables["designation"].row(0, named=True)
    assert (row["record_id"], row["jurisdiction"], row["kind"], row["status"]) == ("336611", "US", "orphan", "approved")
    assert (row["product_name"], row["substances_text"], row["holder_name"]) == ("Spinraza", "nusinersen", "Biogen")
    assert events(reading) == [("336611", "decision", "2011-04-18"), ("336611", "authorised", "2016-12-23")]
    assert reading.tables["protection"].select("kind", "expires").rows() == [("orphan_exclusivity", date(2023, 12, 23))]
    assert issues(reading) == set()


def test_rows_of_a_designation_are_its_approvals(tmp_path: Path) -> None:
    again = {**USUAL, "Trade Name": "SPINRAZA", "Marketing Approval Date": "2020-01-02", "Exclusivity End Date": ""}
    other = {**again, "Trade Name": "Otherbrand", "Approved Labeled Indication": "SMA, infants"}
    reading = read(tmp_path, USUAL, again, other)
    assert reading.tables["designation"]["product_name"].to_list() == ["Spinraza; Otherbrand"]
    assert [(event, day) for _, event, day in events(reading)] == [
        ("decision", "2011-04-18"), ("authorised", "2016-12-23"), ("authorised", "2020-01-02"),
    ]  # fmt: skip
    assert len(reading.tables["source_row"]) == 3


def test_a_designation_without_approval_and_one_that_was_withdrawn(tmp_path: Path) -> None:
    bare = {
        **USUAL,
        "Orphan Designation Status": "Designated",
        "Marketing Approval Date": "",
        "Exclusivity End Date": "",
    }
    gone = {
        **USUAL,
        "CF Grid Key": "336612",
        "Orphan Designation Status": "Designated/Approved/Designation Withdrawn or Revoked",
        "Date Designation Withdrawn or Revoked": "2024-09-12",
    }
    reading = read(tmp_path, bare, gone)
    assert reading.tables["designation"]["status"].to_list() == ["designated", "withdrawn"]
    assert ("336612", "withdrawn", "2024-09-12") in events(reading)
    assert ("336611", "authorised", "2016-12-23") not in events(reading)


def test_notes_below_the_table_are_no_rows(tmp_path: Path) -> None:
    reading = read(tmp_path, USUAL, {"Generic Name": "Note: shown for approvals since 2013."})
    assert dict(reading.tables["register_file"].select("outcome", "rows").rows()) == {"read": 1, "out_of_scope": 1}
    assert len(reading.tables["designation"]) == 1


def test_the_export_of_2022_has_a_column_less_and_years_of_two_digits(tmp_path: Path) -> None:
    header = [name for name in HEADER if name != "Date Designation Withdrawn or Revoked"]
    old = {name: text for name, text in USUAL.items() if name in header} | {
        "Date Designated": "10/06/00", "Marketing Approval Date": "11/20/01", "Exclusivity End Date": "11/20/2028",
    }  # fmt: skip
    reading = read(tmp_path, old, header=header, today=date(2022, 7, 1))
    assert [(event, day) for _, event, day in events(reading)] == [
        ("decision", "2000-10-06"),
        ("authorised", "2001-11-20"),
    ]
    assert reading.tables["protection"]["expires"].to_list() == [date(2028, 11, 20)]
    assert issues(reading) == set()


def test_another_heading_of_the_protected_indication_and_a_new_column(tmp_path: Path) -> None:
    header = [
        name if name != PROTECTED else "Exclusivity Protected Indication * (Shown on labeling)" for name in HEADER
    ]
    reading = read(tmp_path, USUAL, header=[*header, "Review Division"])
    assert issues(reading) == {("new_column", "Review Division")}


def test_what_is_unknown_or_impossible_is_told(tmp_path: Path) -> None:
    odd = {
        **USUAL,
        "Orphan Designation Status": "Suspended",
        "Marketing Approval Date": "2061-01-01",
        "Date Designated": "soon",
    }
    reading = read(tmp_path, odd, {**USUAL, "CF Grid Key": ""}, {**USUAL, "CF Grid Key": "n/a"})
    assert {("unknown_code", "Suspended"), ("impossible_date", "2061-01-01"), ("bad_date", "soon")} <= issues(reading)
    assert reading.tables["designation"]["status"].to_list() == [None]
    assert reading.tables["event"]["date"].to_list() == [None, None]
    assert sorted(reading.tables["quarantine"]["reason"]) == ["the key is not a number", "the row has no key"]


def test_rows_that_disagree_about_their_designation_are_told(tmp_path: Path) -> None:
    reading = read(tmp_path, USUAL, {**USUAL, "Sponsor Company": "Ionis", "Marketing Approval Date": "2020-01-02"})
    assert reading.tables["designation"]["holder_name"].to_list() == ["Biogen"]
    assert issues(reading) == {("conflicting_values", "336611")}


def test_an_export_without_keys_is_refused(tmp_path: Path) -> None:
    header = HEADER[:-1]
    with pytest.raises(Unreadable, match="CF Grid Key"):
        read(tmp_path, {name: USUAL.get(name, "") for name in header}, header=header)


def test_real_snapshots(registers_dir: Path, facts_dir: Path) -> None:
    for snapshot in Store(registers_dir).snapshots(REGISTER):
        reading = catalogue()[REGISTER].read(snapshot)
        with (snapshot.path / "FDA.csv").open(encoding="utf-8", newline="") as stream:
            published = list(csv.DictReader(stream))
        assert reading.tables["register_file"]["rows"].sum() == len(published)
        designations = reading.tables["designation"]
        assert designations["record_id"].is_unique().all()
        assert len(designations) == len({row["CF Grid Key"] for row in published} - {""})
        assert issues(reading) == {("conflicting_values", "505315")}
        assert reading.tables["quarantine"].is_empty()
        approvals = reading.tables["event"].filter(pl.col("event") == "authorised").join(designations, on="record_id")
        with (facts_dir / "advanced_therapies.csv").open(encoding="utf-8", newline="") as stream:
            facts = [
                fact for fact in csv.DictReader(stream) if (fact["jurisdiction"], fact["event"]) == ("US", "approval")
            ]
        compared = 0
        for fact in facts:
            named = approvals.filter(
                pl.col("product_name").str.to_lowercase().str.contains(fact["brand"].lower(), literal=True)
            )
            if len(named):
                compared += 1
                assert (fact["brand"], str(named["date"].min())) == (fact["brand"], fact["date"])
        assert compared >= 45


def test_the_sample_is_read_without_surprises() -> None:
    reading = catalogue()[REGISTER].read(Store(catalogue()[REGISTER].folder).snapshots("sample")[0])
    assert issues(reading) == set()
    assert ("900001", "authorised", "2017-08-30") in events(reading)
