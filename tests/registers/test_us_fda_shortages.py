"""FDA's drug shortages: keys out of free text, which dates are starts and ends, substances out of names, drift."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from listed import (
    events,
    everything,
    ingredients,
    issues,
    kinds,
    only,
    outcomes,
    published,
    read,
    real,
    reasons,
    sample,
)

from dioscorides.registers.source import Reading, Unreadable

REGISTER = "us_fda_shortages"
TODAY = date(2023, 4, 6)
FILE = "Drugshortages.csv"
USUAL = {
    "Generic Name": "Propofol Injectable Emulsion",
    "Company Name": "Sagent Pharmaceuticals",
    " Contact Info": "866-625-1618",
    " Presentation": "Emulsion, 10 mg/1 mL (NDC 25021-608-20)",
    " Type of Update": "Revised",
    "Date of Update": "11/21/22",
    " Availability Information": "Call 866-625-1618",
    " Related Information": "Write to someone@example.org",
    " Resolved Note": "",
    " Reason for Shortage": "Demand increase for the drug",
    " Therapeutic Category": "Anesthesia",
    " Status": "Current",
    " Change Date": "",
    " Date Discontinued": "",
    " Initial Posting Date": "4/10/20",
    " Generic Name Note": "",
    " Generic Name Link ": "",
    " Company Info Link": "",
    " Availability Link": "",
    " Related Info Link": "",
    "   Resolved Note Link": "",
    " Discontinued Note Link": "",
}


def read_rows(tmp_path: Path, *rows: dict[str, str], file: str = FILE) -> Reading:
    published(tmp_path / file, *rows)
    return read(REGISTER, tmp_path, TODAY)


def test_a_shortage_that_is_going_on(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL)
    row = only(reading, "shortage")
    assert (row["record_id"], row["jurisdiction"]) == ("NDC 25021-608-20; 2020-04-10", "US")
    assert (row["starts"], row["ends"], row["status"]) == (date(2020, 4, 10), None, "ongoing")
    assert (row["product_name"], row["holder_name"]) == ("Propofol Injectable Emulsion", "Sagent Pharmaceuticals")
    assert row["reason"] == "Demand increase for the drug"
    assert events(reading) == [("status_change", "2022-11-21", "Revised 11/21/22")]
    assert ingredients(reading) == [(1, "Propofol", "active")]
    assert issues(reading) == set()


def test_a_resolved_shortage_ends_on_the_day_of_its_change(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL | {" Status": "Resolved", " Change Date": "11/21/22"})
    row = only(reading, "shortage")
    assert (row["starts"], row["ends"], row["status"]) == (date(2020, 4, 10), date(2022, 11, 21), "resolved")


def test_a_resolved_shortage_may_lack_its_end(tmp_path: Path) -> None:
    row = only(read_rows(tmp_path, USUAL | {" Status": "Resolved"}), "shortage")
    assert (row["ends"], row["status"]) == (None, "resolved")


@pytest.mark.parametrize("status", ["To be Discontinued", "To Be Discontinued"])
def test_a_discontinuation_is_a_notice_and_no_shortage_that_began(tmp_path: Path, status: str) -> None:
    notice = USUAL | {" Status": status, "Date of Update": "", " Type of Update": "", " Change Date": "1/3/23"}
    reading = read_rows(tmp_path, notice)
    row = only(reading, "shortage")
    assert row["record_id"] == "NDC 25021-608-20; discontinuation; 2020-04-10"
    assert (row["starts"], row["ends"], row["status"]) == (None, None, "to_be_discontinued")
    assert events(reading) == [
        ("status_change", "2020-04-10", "Initial Posting Date 4/10/20"),
        ("status_change", "2023-01-03", "Change Date 1/3/23"),
    ]


def test_an_end_before_the_start_is_none(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL | {" Status": "Resolved", " Change Date": "11/21/19"})
    row = only(reading, "shortage")
    assert (row["starts"], row["ends"]) == (date(2020, 4, 10), None)
    assert issues(reading) == {("dates_out_of_order", "ends before starts")}


def test_presentations_alike_are_counted_and_repetitions_are_not(tmp_path: Path) -> None:
    other = USUAL | {"Company Name": "Gland Pharma Limited"}
    reading = read_rows(tmp_path, USUAL, other, USUAL)
    assert sorted(reading.tables["shortage"].select("record_id", "holder_name").rows()) == [
        ("NDC 25021-608-20; 2020-04-10", "Gland Pharma Limited"),
        ("NDC 25021-608-20; 2020-04-10 #2", "Sagent Pharmaceuticals"),
    ]
    assert outcomes(reading) == {"read": 2, "duplicate": 1}


def test_several_package_numbers_and_none(tmp_path: Path) -> None:
    several = USUAL | {" Presentation": "400 mg/5 mL, 50 mL (0143-9887-50); 75 mL (NDC 0143-9887-75)"}
    none = USUAL | {" Presentation": "Injection, 1 vial"}
    assert read_rows(tmp_path, several, none).tables["shortage"]["record_id"].to_list() == [
        "NDC 0143-9887-50 0143-9887-75; 2020-04-10",
        "Propofol Injectable Emulsion, Sagent Pharmaceuticals, Injection, 1 vial; 2020-04-10",
    ]


@pytest.mark.parametrize(
    ("generic", "expected"),
    [
        ("Semaglutide (Ozempic) Injection", ["Semaglutide"]),
        ("Belatacept (Nulojix) Lyophilized Powder for Injection", ["Belatacept"]),
        ("Amoxicillin Oral Powder for Suspension", ["Amoxicillin"]),
        ("Abacavir Sulfate; Lamivudine (Epzicom) Tablets", ["Abacavir Sulfate", "Lamivudine"]),
        ("Lanoxin (digoxin) Tablets", []),
        ("Dextrose 5% Injection", []),
        ("Potassium Chloride in Dextrose Injection", []),
        ("Sterile Talc Powder", []),
    ],
)
def test_substances_stand_before_a_known_dosage_form(tmp_path: Path, generic: str, expected: list[str]) -> None:
    assert [name for _, name, _ in ingredients(read_rows(tmp_path, USUAL | {"Generic Name": generic}))] == expected


def test_no_contact_is_kept(tmp_path: Path) -> None:
    with_ragged_row = tmp_path / FILE
    published(with_ragged_row, USUAL)
    with with_ragged_row.open("a", encoding="utf-8") as stream:
        stream.write("Propofol,Sagent,866-625-1618,someone@example.org\n")
    reading = read(REGISTER, tmp_path, TODAY)
    assert outcomes(reading) == {"read": 1, "quarantined": 1}
    kept = everything(reading)
    assert "866-625-1618" not in kept
    assert "example.org" not in kept
    assert "Demand increase" in kept


def test_years_of_four_digits(tmp_path: Path) -> None:
    row = only(read_rows(tmp_path, USUAL | {" Initial Posting Date": "04/10/2020"}), "shortage")
    assert (row["record_id"], row["starts"]) == ("NDC 25021-608-20; 2020-04-10", date(2020, 4, 10))


def test_the_json_of_the_programming_interface(tmp_path: Path) -> None:
    one = {
        "update_type": "Revised", "initial_posting_date": "12/15/2022", "package_ndc": "0002-2236-80",
        "generic_name": "Tirzepatide Injection", "contact_info": "800-545-5979", "availability": "Available",
        "update_date": "03/22/2023", "therapeutic_category": ["Endocrinology/Metabolism"],
        "dosage_form": "Injection", "presentation": "Zepbound, 10 mg/.5 mL (NDC 0002-2236-80)",
        "company_name": "Eli Lilly and Co.", "proprietary_name": "Zepbound", "status": "Current",
        "shortage_reason": "Demand increase for the drug",
    }  # fmt: skip
    older = {name: text for name, text in one.items() if name != "shortage_reason"} | {
        "status": "To Be Discontinued", "discontinued_date": "02/01/2023", "openfda": {"route": ["ORAL"]},
    }  # fmt: skip
    (tmp_path / "drug-shortages-0001-of-0001.json").write_text(json.dumps({"meta": {}, "results": [one, older]}))
    reading = read(REGISTER, tmp_path, TODAY)
    shortages = reading.tables["shortage"].select("record_id", "product_name", "starts", "status").rows()
    assert shortages == [
        ("NDC 0002-2236-80; 2022-12-15", "Zepbound", date(2022, 12, 15), "ongoing"),
        ("NDC 0002-2236-80; discontinuation; 2022-12-15", "Zepbound", None, "to_be_discontinued"),
    ]
    assert ("status_change", "2023-02-01", "Date Discontinued 02/01/2023") in events(reading)
    assert {kind for kind, _ in issues(reading)} == {"missing_column"}
    assert "800-545" not in everything(reading)


def test_what_is_unknown_or_impossible_is_told(tmp_path: Path) -> None:
    odd = USUAL | {" Status": "Monitored", " Change Date": "13/45/22"}
    later = USUAL | {" Initial Posting Date": "2024-04-10"}
    reading = read_rows(tmp_path, odd, later, USUAL | {" Presentation": ""})
    assert {("unknown_code", "Monitored"), ("bad_date", "13/45/22"), ("impossible_date", "2024-04-10")} == issues(
        reading
    )
    assert reading.tables["shortage"].select("starts", "status").rows() == [(None, None), (None, "ongoing")]
    assert reasons(reading) == ["names no presentation of a generic name"]


def test_drift_of_the_columns(tmp_path: Path) -> None:
    drifted = {name: text for name, text in USUAL.items() if name != " Reason for Shortage"} | {"Region": "all"}
    assert issues(read_rows(tmp_path, drifted)) == {("new_column", "Region"), ("missing_column", "Reason for Shortage")}
    with pytest.raises(Unreadable, match="Initial Posting Date"):
        read_rows(tmp_path, {name: text for name, text in USUAL.items() if name != " Initial Posting Date"})


def test_the_real_snapshot(registers_dir: Path) -> None:
    reading, folder = real(REGISTER, registers_dir, TODAY)
    with (folder / FILE).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    distinct = {tuple(row) for row in rows}
    assert outcomes(reading) == {"read": len(distinct), "duplicate": len(rows) - len(distinct)}
    shortages = reading.tables["shortage"]
    assert shortages["record_id"].is_unique().all()
    counts = dict(shortages["status"].value_counts().rows())
    assert counts == {
        "ongoing": sum(row[11] == "Current" for row in distinct),
        "resolved": sum(row[11] == "Resolved" for row in distinct),
        "to_be_discontinued": sum(row[11].lower() == "to be discontinued" for row in distinct),
    }
    found = dict(zip(shortages["record_id"], shortages.select("starts", "ends", "status").rows(), strict=True))
    assert found["NDC 0169-4132-12; 2022-08-23"] == (date(2022, 8, 23), None, "ongoing")  # semaglutide
    assert found["NDC 0002-1506-80; 2022-12-15"] == (date(2022, 12, 15), None, "ongoing")  # tirzepatide
    assert found["NDC 0003-0371-13; 2017-03-06"] == (date(2017, 3, 6), None, "ongoing")  # belatacept
    assert found["NDC 25021-608-20; 2020-04-10"] == (date(2020, 4, 10), date(2022, 11, 21), "resolved")  # propofol
    assert found["NDC 61748-015-30; discontinuation; 2022-09-12"][2] == "to_be_discontinued"  # rifampin
    assert reading.tables["ingredient"]["record_id"].n_unique() > 0.8 * len(shortages)
    assert "@" not in everything(reading)
    assert kinds(reading) == {}


def test_the_sample_is_read_without_surprises() -> None:
    reading = sample(REGISTER)
    assert kinds(reading) == {}
    assert "000-0000" not in everything(reading)
