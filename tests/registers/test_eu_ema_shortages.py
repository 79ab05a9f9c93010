"""Shortages that the EMA follows: what is a date and what is words, the statuses of two layouts, and the real file."""

import csv
from datetime import date
from pathlib import Path

import pytest
from listed import events, ingredients, issues, kinds, only, outcomes, published, read, real, reasons, sample

from dioscorides.registers.source import Reading, Unreadable

REGISTER = "eu_ema_shortages"
TODAY = date(2025, 3, 11)
FILE = "medicines_output_shortages_en.csv"
PAGE = "https://www.ema.europa.eu/en/medicines/human/shortages/"
USUAL = {
    "Category": "Human",
    "Medicine affected": "Ecalta",
    "Supply shortage status": "Ongoing",
    "International non-proprietary name (INN) or common name": "anidulafungin",
    "Therapeutic area (MeSH)": "Candidiasis",
    "Pharmaceutical forms affected": "Powder for concentrate for solution for infusion",
    "Strengths affected": "100 mg",
    "Availability of alternatives": "Yes",
    "Start of shortage date": "01/07/2024",
    "Expected resolution date": "01/07/2025",
    "Expected resolution": "",
    "First published date": "17/01/2025",
    "Last updated date": "",
    "Shortage URL": f"{PAGE}ecalta",
}


def read_rows(tmp_path: Path, *rows: dict[str, str], file: str = FILE, preamble: int = 0) -> Reading:
    published(tmp_path / file, *rows, preamble=preamble)
    return read(REGISTER, tmp_path, TODAY)


def test_a_shortage_with_its_start_and_its_expected_end(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL)
    row = only(reading, "shortage")
    assert (row["record_id"], row["jurisdiction"], row["status"]) == ("human/shortages/ecalta", "EU", "ongoing")
    assert (row["starts"], row["ends"], row["expected_end"]) == (date(2024, 7, 1), None, date(2025, 7, 1))
    assert (row["product_name"], row["substances_text"]) == ("Ecalta", "anidulafungin")
    assert events(reading) == [("status_change", "2025-01-17", "First published 17/01/2025")]
    assert ingredients(reading) == [(1, "anidulafungin", "active")]
    assert issues(reading) == set()


def test_the_day_of_publication_is_no_start_and_words_are_no_end(tmp_path: Path) -> None:
    vague = USUAL | {
        "Start of shortage date": "", "Expected resolution date": "", "Expected resolution": "End of June 2025",
    }  # fmt: skip
    reading = read_rows(tmp_path, vague)
    row = only(reading, "shortage")
    assert (row["starts"], row["expected_end"]) == (None, None)
    assert ("status_change", None, "Expected resolution: End of June 2025") in events(reading)


@pytest.mark.parametrize(
    ("printed", "status"),
    [
        ("Resolved", "resolved"), ("Shortage ongoing", "ongoing"), ("Shortage resolved", "resolved"),
        ("Medicine discontinued", "discontinued"),
    ],
)  # fmt: skip
def test_statuses_of_both_layouts(tmp_path: Path, printed: str, status: str) -> None:
    row = only(read_rows(tmp_path, USUAL | {"Supply shortage status": printed}), "shortage")
    assert (row["status"], row["ends"]) == (status, None)


def test_a_combination_or_several_medicines_alike_have_no_ingredient(tmp_path: Path) -> None:
    column = "International non-proprietary name (INN) or common name"
    assert ingredients(read_rows(tmp_path, USUAL | {column: "amoxicillin;clavulanic acid"})) == []
    assert only(read_rows(tmp_path, USUAL | {column: ""}), "shortage")["substances_text"] is None


def test_a_workbook_with_lines_above_the_header_and_a_json_list(tmp_path: Path) -> None:
    expected = read_rows(tmp_path, USUAL).tables["shortage"].drop("row")
    files = ("medicines-output-shortages-report_en.xlsx", "shortages-output-json-report_en.json")
    for folder, file in zip(("book", "json"), files, strict=True):
        (tmp_path / folder).mkdir()
        reading = read_rows(tmp_path / folder, USUAL, file=file, preamble=8)
        assert reading.tables["shortage"].drop("row").equals(expected)
        assert issues(reading) == set()


def test_what_is_unknown_or_impossible_is_told(tmp_path: Path) -> None:
    odd = USUAL | {
        "Supply shortage status": "Looming", "Start of shortage date": "01/07/2044",
        "Expected resolution date": "01/07/2052",
    }  # fmt: skip
    reading = read_rows(tmp_path, odd, USUAL | {"Shortage URL": ""})
    row = only(reading, "shortage")
    assert (row["status"], row["starts"], row["expected_end"]) == (None, None, None)
    assert issues(reading) == {
        ("unknown_code", "Looming"), ("impossible_date", "01/07/2044"), ("impossible_date", "01/07/2052"),
    }  # fmt: skip
    assert reasons(reading) == ["without the address of its page"]


def test_drift_of_the_columns(tmp_path: Path) -> None:
    drifted = {name: text for name, text in USUAL.items() if name != "Expected resolution"} | {"Reason": "Demand"}
    assert issues(read_rows(tmp_path, drifted)) == {("new_column", "Reason"), ("missing_column", "Expected resolution")}
    with pytest.raises(Unreadable, match="Supply shortage status"):
        read_rows(tmp_path, {name: text for name, text in USUAL.items() if name != "Supply shortage status"})


def test_a_row_that_lacks_fields_is_quarantined(tmp_path: Path) -> None:
    published(tmp_path / FILE, USUAL)
    with (tmp_path / FILE).open("a", encoding="utf-8") as stream:
        stream.write("Human,Ozempic\n")
    assert outcomes(read(REGISTER, tmp_path, TODAY)) == {"read": 1, "quarantined": 1}


def test_the_real_snapshot(registers_dir: Path) -> None:
    known = {
        "human/shortages/ozempic": ("ongoing", "2022-10-19"),
        "human/shortages/trulicity": ("ongoing", "2023-08-28"),
        "human/shortages/champix": ("ongoing", "2021-07-08"),
        "human/shortages/respreeza": ("resolved", "2021-02-25"),
        "human/shortages/nulojix": ("resolved", "2017-03-17"),
    }
    reading, folder = real(REGISTER, registers_dir, TODAY)
    with (folder / FILE).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert outcomes(reading) == {"read": len(rows)}
    shortages = reading.tables["shortage"]
    assert shortages["record_id"].to_list() == [row["Shortage URL"].split("/medicines/")[1] for row in rows]
    assert shortages["record_id"].is_unique().all()
    assert shortages["starts"].count() == sum(bool(row["Start of shortage date"].strip()) for row in rows)
    assert shortages["ends"].count() == 0
    assert sorted(shortages["status"]) == sorted(row["Supply shortage status"].lower() for row in rows)
    told = reading.tables["event"].drop_nulls("date").select("record_id", "date")
    found = shortages.join(told, on="record_id")
    said = {key: (status, str(day)) for key, status, day in found.select("record_id", "status", "date").rows()}
    assert {key: said[key] for key in known} == known
    assert kinds(reading) == {}


def test_the_sample_is_read_without_surprises() -> None:
    assert kinds(sample(REGISTER)) == {}
