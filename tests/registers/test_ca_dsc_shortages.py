"""Drug Shortages Canada: reports of several kinds in two tables of one file, mistyped years, later exports, drift."""

import csv
from datetime import date
from pathlib import Path

import pytest
from listed import events, everything, ingredients, issues, kinds, only, outcomes, read, real, reasons, sample

from dioscorides.registers.source import Reading, Unreadable

REGISTER = "ca_dsc_shortages"
TODAY = date(2017, 12, 12)
FILE = "export_2017-12-12.csv"
SHORTAGE = {
    "Report ID": "4711",
    "DIN": "02242927",
    "Report Type": "Shortage",
    "Brand Name": "APO-WARFARIN",
    "Company Name": "APOTEX INC",
    "Common or Proper Name": "Warfarin",
    "Ingredient Name": "WARFARIN SODIUM",
    "Drug Strength": "4MG",
    "Packaging Size": "10 tablets  |  10 comprimés",
    "Drug Route": "ORAL",
    "Shortage Status": "resolved",
    "Dosage Form": "TABLET",
    "ATC Code": "B01AA03",
    "ATC Description": "ANTITHROMBOTIC AGENTS",
    "Anticipated Shortage Start Date": "2017-03-22",
    "Shortage Start Date": "2017-03-27",
    "Estimated Shortage End Date": "2017-06-12",
    "Actual Shortage End Date": "2017-06-08",
    "Reason": "Disruption of the manufacture of the drug.",
    "Date Created": "2017-03-12",
}
DISCONTINUATION = {
    "Report ID": "4712",
    "DIN": "02364174",
    "Report Type": "Discontinuation",
    "Brand Name": "ABSTRAL",
    "Company Name": "PALADIN LABS INC",
    "Common or Proper Name": "Fentanyl",
    "Ingredient Name": "FENTANYL",
    "Drug Strength": "100MCG",
    "Packaging Size": "10",
    "Drug Route": "SUBLINGUAL",
    "Discontinuation Status": "discontinued",
    "Dosage Form": "TABLET",
    "ATC Code": "N02AB03",
    "ATC Description": "OPIOIDS",
    "Discontinuation Date": "2017-09-30",
    "Discontinuation Descision Reversal": "No",
    "Reason": "",
    "Date Created": "2017-04-01",
}


def section(*rows: dict[str, str]) -> str:
    """A table as it is exported: a title for shortages, indented lines, a comma behind the last cell."""
    return "".join(f"      {','.join(cells)},\n" for cells in (rows[0], *(row.values() for row in rows)))


def read_rows(tmp_path: Path, *shortages: dict[str, str], discontinuations: tuple[dict[str, str], ...] = ()) -> Reading:
    text = "      Shortage Reports,\n" + section(*shortages or (SHORTAGE,))
    if discontinuations:
        text += "      Discontinuation Reports,\n" + section(*discontinuations)
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    return read(REGISTER, tmp_path, TODAY)


def test_a_resolved_shortage(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, SHORTAGE)
    row = only(reading, "shortage")
    assert (row["record_id"], row["jurisdiction"], row["status"]) == ("4711", "CA", "resolved")
    assert (row["starts"], row["ends"], row["expected_end"]) == (date(2017, 3, 27), date(2017, 6, 8), date(2017, 6, 12))
    assert (row["product_name"], row["holder_name"]) == ("APO-WARFARIN", "APOTEX INC")
    assert row["reason"] == "Disruption of the manufacture of the drug."
    assert events(reading) == [
        ("status_change", "2017-03-12", "Date Created 2017-03-12"),
        ("status_change", None, "Anticipated Shortage Start Date 2017-03-22"),
    ]
    assert ingredients(reading) == [(1, "WARFARIN SODIUM", "active")]
    assert outcomes(reading) == {"read": 1}
    assert issues(reading) == set()


def test_what_was_only_anticipated_or_avoided_never_began(tmp_path: Path) -> None:
    anticipated = SHORTAGE | {"Shortage Status": "anticipated_shortage", "Actual Shortage End Date": ""}
    avoided = SHORTAGE | {"Report ID": "4713", "Shortage Status": "avoided_shortage"}
    reading = read_rows(tmp_path, anticipated, avoided)
    assert reading.tables["shortage"].select("starts", "ends", "status").rows() == [
        (None, None, "anticipated"), (None, None, "avoided"),
    ]  # fmt: skip
    assert ("status_change", "2017-06-08", "Actual Shortage End Date 2017-06-08") in events(reading)


def test_an_active_shortage_has_no_end(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, SHORTAGE | {"Shortage Status": "active_confirmed"})
    row = only(reading, "shortage")
    assert (row["starts"], row["ends"], row["status"]) == (date(2017, 3, 27), None, "ongoing")
    assert issues(reading) == {("date_contradicts_status", "active_confirmed")}


def test_an_end_before_the_start_is_none(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, SHORTAGE | {"Actual Shortage End Date": "2017-03-08"})
    assert only(reading, "shortage")["ends"] is None
    assert issues(reading) == {("dates_out_of_order", "last_day before first_day")}


def test_discontinuations_are_a_table_of_their_own_in_the_file(tmp_path: Path) -> None:
    planned = DISCONTINUATION | {
        "Report ID": "4714", "Discontinuation Status": "to_be_discontinued", "Discontinuation Date": "2018-06-30",
    }  # fmt: skip
    reversed_ = DISCONTINUATION | {"Report ID": "4715", "Discontinuation Descision Reversal": "Yes"}
    reading = read_rows(tmp_path, discontinuations=(DISCONTINUATION, planned, reversed_))
    found = reading.tables["shortage"].select("record_id", "starts", "ends", "status").rows()
    assert found[1:] == [
        ("4712", None, None, "discontinued"), ("4714", None, None, "to_be_discontinued"),
        ("4715", None, None, "reversed"),
    ]  # fmt: skip
    said = [(day, text) for _, day, text in events(reading) if text.startswith("Discontinuation")]
    assert said == [
        ("2017-09-30", "Discontinuation Date 2017-09-30"),
        (None, "Discontinuation Date 2018-06-30"),
        (None, "Discontinuation Date 2017-09-30"),
    ]
    assert outcomes(reading) == {"read": 4, "out_of_scope": 1}
    assert issues(reading) == set()


def test_mistyped_years_are_no_dates(tmp_path: Path) -> None:
    odd = SHORTAGE | {
        "Shortage Start Date": "0201-03-27", "Estimated Shortage End Date": "2108-06-12",
        "Actual Shortage End Date": "0017-06-08",
    }  # fmt: skip
    reading = read_rows(tmp_path, odd)
    row = only(reading, "shortage")
    assert (row["starts"], row["ends"], row["expected_end"]) == (None, None, None)
    told = {text for kind, text in issues(reading) if kind in ("impossible_date", "bad_date")}
    assert told == {"0201-03-27", "0017-06-08", "2108-06-12"}


def test_entities_escaped_twice(tmp_path: Path) -> None:
    row = only(read_rows(tmp_path, SHORTAGE | {"Company Name": "JOHNSON &amp;amp; JOHNSON"}), "shortage")
    assert row["holder_name"] == "JOHNSON & JOHNSON"


def test_of_several_strengths_no_ingredient_can_be_told_apart(tmp_path: Path) -> None:
    several = {"Ingredient Name": "AMLODIPINE BESYLATE ATORVASTATIN CALCIUM", "Drug Strength": "5MG 10MG"}
    assert ingredients(read_rows(tmp_path, SHORTAGE | several)) == []


def test_a_later_export_has_a_file_for_each_table_and_other_words(tmp_path: Path) -> None:
    shortage = {
        "Report ID": "180000", "Drug Identification Number": "02242927", "Report Type": "Shortage",
        "Brand name": "APO-WARFARIN", "Company Name": "APOTEX INC", "Common or Proper name": "WARFARIN",
        "Ingredients": "WARFARIN SODIUM", "Strength(s)": "4MG", "Packaging size": "100",
        "Route of administration": "ORAL",
        "Shortage status": "Actual shortage", "Dosage form(s)": "TABLET", "ATC code": "B01AA03", "ATC description": "A",
        "Reason for shortage": "Demand increase for the drug.", "Anticipated start date": "",
        "Actual start date": "2017-10-01", "Estimated end date": "2018-01-31", "Actual end date": "",
        "Company comments": "call 555-0100", "Health Canada comments": "", "Tier 3 Status": "No",
        "Created date": "2017-10-02", "Updated date": "2017-10-03",
    }  # fmt: skip
    (tmp_path / "shortages.csv").write_text(section(shortage), encoding="utf-8")
    reading = read(REGISTER, tmp_path, TODAY)
    row = only(reading, "shortage")
    assert (row["record_id"], row["starts"], row["status"]) == ("180000", date(2017, 10, 1), "ongoing")
    assert (row["expected_end"], row["reason"]) == (date(2018, 1, 31), "Demand increase for the drug.")
    assert "555-0100" not in everything(reading)
    assert {kind for kind, _ in issues(reading)} <= {"empty_column"}


def test_what_is_unknown_or_unreadable_is_told(tmp_path: Path) -> None:
    odd = SHORTAGE | {"Shortage Status": "paused", "Date Created": "lately"}
    ragged = {name: SHORTAGE[name] for name in ("Report ID", "DIN")}
    reading = read_rows(tmp_path, odd, SHORTAGE | {"Report ID": "n/a"}, ragged)
    assert only(reading, "shortage")["status"] is None
    assert {("unknown_code", "paused"), ("bad_date", "lately"), ("unexpected_shape", "n/a")} <= issues(reading)
    assert outcomes(reading) == {"read": 1, "quarantined": 2}
    assert "the number of the report is no number" in reasons(reading)


def test_drift_of_the_columns(tmp_path: Path) -> None:
    renamed = {name.replace("Shortage Start Date", "Began"): text for name, text in SHORTAGE.items()}
    reading = read_rows(tmp_path, renamed)
    assert {("new_column", "Began"), ("empty_column", "shortage")} <= issues(reading)
    assert only(reading, "shortage")["starts"] is None
    with pytest.raises(Unreadable, match="Shortage Status"):
        read_rows(tmp_path, {name: text for name, text in SHORTAGE.items() if name != "Shortage Status"})


def test_the_real_snapshot(registers_dir: Path) -> None:
    reading, folder = real(REGISTER, registers_dir, TODAY)
    with (folder / FILE).open(encoding="utf-8", newline="") as stream:
        reports = [row for row in csv.reader(stream) if row[2:3] in (["Shortage"], ["Discontinuation"])]
    assert outcomes(reading) == {"read": len(reports), "out_of_scope": 1}
    shortages = reading.tables["shortage"]
    assert shortages["record_id"].to_list() == [row[0].strip() for row in reports]
    assert shortages["record_id"].is_unique().all()
    printed = [
        sum(row[10] == status for row in reports)
        for status in ("resolved", "active_confirmed", "avoided_shortage", "anticipated_shortage")
    ]
    counts = dict(shortages["status"].value_counts().rows())
    assert [counts[status] for status in ("resolved", "ongoing", "avoided", "anticipated")] == printed
    assert sum(counts.values()) == len(reports)
    real_ones = shortages["status"].is_in(["ongoing", "resolved"])
    assert shortages.filter(~real_ones).select("starts", "ends").null_count().sum_horizontal().item() == 2 * sum(
        ~real_ones
    )
    assert shortages["starts"].min().year > 1990  # type: ignore[union-attr]
    found = dict(zip(shortages["record_id"], shortages.select("starts", "ends", "status").rows(), strict=True))
    assert found["28240"] == (None, None, "ongoing")  # its start is printed as 0201-11-03
    assert found["24792"] == (date(2017, 11, 15), date(2017, 11, 21), "resolved")
    assert found["31261"] == (date(2015, 11, 27), None, "ongoing")
    assert found["30198"] == (None, None, "anticipated")
    told = kinds(reading)
    assert told.pop("impossible_date") + told.pop("bad_date", 0) == 11
    assert told == {"dates_out_of_order": 3, "date_contradicts_status": 8}


def test_the_sample_is_read_without_surprises() -> None:
    assert kinds(sample(REGISTER)) == {"impossible_date": 1}
