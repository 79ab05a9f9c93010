"""Referrals of the EMA: a procedure with its steps, the layout before 2024, drift, and the real file."""

import csv
from datetime import date
from pathlib import Path

import pytest
from listed import events, ingredients, issues, kinds, only, outcomes, published, read, real, reasons, sample

from dioscorides.registers.source import Reading, Unreadable

REGISTER = "eu_ema_referrals"
TODAY = date(2025, 3, 5)
FILE = "medicines_output_referrals_en.csv"
PAGE = "https://www.ema.europa.eu/en/medicines/human/referrals/"
USUAL = {
    "Category": "Human",
    "Referral name": "Zynteglo",
    "International non-proprietary name (INN) / common name": "betibeglogene autotemcel",
    "Current status": "European Commission final decision",
    "Safety referral?": "Yes",
    "Referral type": "Article 20 procedures",
    "Associated names (centrally authorised medicines)": "Zynteglo",
    "Associated names (non-centrally authorised medicines)": "",
    "Class": "",
    "Reference number": "EMEA/H/A-20/1504/C/003691/0023",
    "Non-PRAC decision making model": "",
    "PRAC decision making model": "PRAC-CHMP-EC",
    "Authorisation model": "Centrally authorised product(s)",
    "PRAC recommendation": "Risk minimisation measures",
    "Procedure start date": "11/03/2021",
    "PRAC recommendation date": "09/07/2021",
    "CMDh position date": "",
    "CHMP/CVMP opinion date": "22/07/2021",
    "European Commission decision date": "16/09/2021",
    "First published date": "12/03/2021",
    "Last updated date": "",
    "Referral URL": f"{PAGE}zynteglo",
}
STEPS = [
    ("status_change", "2021-03-11", "Procedure start 11/03/2021"),
    ("opinion", "2021-07-09", "PRAC recommendation 09/07/2021: Risk minimisation measures"),
    ("opinion", "2021-07-22", "CHMP/CVMP opinion 22/07/2021"),
    ("decision", "2021-09-16", "European Commission decision 16/09/2021"),
]


def read_rows(tmp_path: Path, *rows: dict[str, str], file: str = FILE, preamble: int = 0) -> Reading:
    published(tmp_path / file, *rows, preamble=preamble)
    return read(REGISTER, tmp_path, TODAY)


def test_a_procedure_with_its_steps(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL)
    row = only(reading, "designation")
    assert (row["record_id"], row["kind"], row["status"]) == ("human/referrals/zynteglo", "referral", "decided")
    assert (row["product_name"], row["use_text"]) == ("Zynteglo", "Article 20 procedures; safety referral")
    assert events(reading) == STEPS
    assert ingredients(reading) == [(1, "betibeglogene autotemcel", "active")]
    assert issues(reading) == set()


def test_what_it_led_to_ends_no_authorisation(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL | {"PRAC recommendation": "Revocation", "CMDh position date": "22/07/2021"})
    assert {event for event, _, _ in events(reading)} == {"status_change", "opinion", "decision"}
    assert ("opinion", "2021-07-22", "CMDh position 22/07/2021") in events(reading)


def test_a_procedure_on_veterinary_medicines(tmp_path: Path) -> None:
    animal = USUAL | {"Category": "Veterinary", "Referral type": "", "Safety referral?": "No"}
    row = only(read_rows(tmp_path, animal), "designation")
    assert (row["kind"], row["use_text"]) == ("veterinary_referral", None)


def test_of_a_class_of_substances_none_is_the_ingredient(tmp_path: Path) -> None:
    column = "International non-proprietary name (INN) / common name"
    assert ingredients(read_rows(tmp_path, USUAL | {column: "finasteride;dutasteride"})) == []


def test_steps_out_of_their_order_are_kept_and_told(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL | {"European Commission decision date": "16/05/2021"})
    assert ("decision", "2021-05-16", "European Commission decision 16/05/2021") in events(reading)
    assert issues(reading) == {
        ("dates_out_of_order", "European Commission decision before CHMP/CVMP opinion"),
        ("dates_out_of_order", "European Commission decision before PRAC recommendation"),
    }


def test_the_layout_before_2024(tmp_path: Path) -> None:
    old = {
        "Category": "Human",
        "Referral name": "Zynteglo",
        "International non-proprietary name (INN) / common name": "betibeglogene autotemcel",
        "Associated names": "Zynteglo",
        "Reference number": "EMEA/H/A-20/1504/C/003691/0023",
        "Current status": "European Commission final decision",
        "Safety referral": "Yes",
        "Referral type": "Article 20 procedures",
        "PRAC recommendation": "Risk minimisation measures",
        "Procedure start date": "2021-03-11",
        "PRAC recommendation date": "2021-07-09",
        "CHMP opinion / CMDh position date": "2021-07-22",
        "EC decision date": "2021-09-16",
        "First published": "2021-03-12",
        "Revision date": "2021-09-20",
        "URL": f"{PAGE}zynteglo",
    }
    reading = read_rows(tmp_path, old, file="Medicines_output_referrals.xlsx", preamble=8)
    assert only(reading, "designation")["use_text"] == "Article 20 procedures; safety referral"
    assert [(event, day) for event, day, _ in events(reading)] == [(event, day) for event, day, _ in STEPS]
    assert issues(reading) == {("missing_column", "CHMP/CVMP opinion date")}


def test_a_json_list(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL, file="referrals-output-json-report_en.json")
    assert only(reading, "designation")["use_text"] == "Article 20 procedures; safety referral"
    assert events(reading) == STEPS
    assert issues(reading) == set()


def test_what_is_unknown_or_impossible_is_told(tmp_path: Path) -> None:
    odd = USUAL | {"Current status": "Halted", "Procedure start date": "11/03/2121", "CHMP/CVMP opinion date": "July"}
    reading = read_rows(tmp_path, odd, USUAL | {"Referral URL": ""})
    assert issues(reading) == {("unknown_code", "Halted"), ("impossible_date", "11/03/2121"), ("bad_date", "July")}
    assert only(reading, "designation")["status"] is None
    assert ("status_change", None, "Procedure start 11/03/2121") in events(reading)
    assert reasons(reading) == ["without the address of its page"]


def test_new_missing_and_renamed_columns(tmp_path: Path) -> None:
    drifted = {name: text for name, text in USUAL.items() if name != "Referral type"} | {"Rapporteur": ""}
    assert {("new_column", "Rapporteur"), ("missing_column", "Referral type")} <= issues(read_rows(tmp_path, drifted))
    renamed = {name.replace("Procedure start date", "Start date of procedure"): text for name, text in USUAL.items()}
    reading = read_rows(tmp_path, renamed)
    told = {text for kind, text in issues(reading) if kind == "missing_column"}
    assert told == {"Procedure start date"}
    assert events(reading) == STEPS[1:]
    with pytest.raises(Unreadable, match="Referral URL"):
        read_rows(tmp_path, {name: text for name, text in USUAL.items() if name != "Referral URL"})


def test_columns_that_moved_are_no_pages(tmp_path: Path) -> None:
    rows = [USUAL | {"Referral URL": f"12/{day:02}/2021"} for day in range(1, 31)]
    with pytest.raises(Unreadable, match="Have columns moved"):
        read_rows(tmp_path, *rows)


def test_the_real_snapshot(registers_dir: Path) -> None:
    known = {
        "human/referrals/zynteglo": "2021-09-16",
        "human/referrals/lemtrada": "2020-01-16",
        "human/referrals/adakveo": "2023-08-03",
        "human/referrals/ocaliva": "2024-08-30",
        "human/referrals/zinbryta-0": "2018-01-08",
    }
    reading, folder = real(REGISTER, registers_dir, TODAY)
    with (folder / FILE).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert outcomes(reading) == {"read": len(rows)}
    designations = reading.tables["designation"]
    assert designations["record_id"].to_list() == [row["Referral URL"].split("/medicines/")[1] for row in rows]
    assert designations["record_id"].is_unique().all()
    dates = [
        sum(bool(row[f"{step} date"].strip()) for row in rows)
        for step in ("Procedure start", "European Commission decision")
    ]
    assert [len(events(reading, event)) for event in ("status_change", "decision")] == dates
    decided = dict(reading.tables["event"].filter(event="decision").select("record_id", "date").rows())
    assert {key: str(decided.get(key)) for key in known} == known
    assert kinds(reading) == {"dates_out_of_order": 5, "unexpected_shape": 1}


def test_the_sample_is_read_without_surprises() -> None:
    assert kinds(sample(REGISTER)) == {"dates_out_of_order": 1}
