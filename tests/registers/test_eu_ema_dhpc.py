"""Letters to healthcare professionals: what a letter says and what it does not do, drift, and the real file."""

import csv
from datetime import date
from pathlib import Path

import pytest
from listed import events, ingredients, issues, kinds, only, outcomes, published, read, real, reasons, sample

from dioscorides.registers.source import Reading, Unreadable

REGISTER = "eu_ema_dhpc"
TODAY = date(2025, 3, 20)
FILE = "medicines_output_dhpc_en.csv"
PAGE = "https://www.ema.europa.eu/en/medicines/dhpc/"
USUAL = {
    "Category": "Human",
    "Name of medicine": "Zolgensma",
    "Procedure number": "EMEA/H/C/004750/II/0022",
    "Active substances": "onasemnogene abeparvovec",
    "DHPC type": "Adverse event",
    "Regulatory outcome": "Variation",
    "Referral name": "",
    "ATC code (human)": "M09AX09",
    "ATCvet code (veterinary)": "",
    "Therapeutic area (MeSH)": "Muscular Atrophy, Spinal",
    "Species": "",
    "Other related medicines\n(nationally authorised)": "",
    "Dissemination date": "16/02/2023",
    "First published date": "17/02/2023",
    "Last updated date": "",
    "DHPC URL": f"{PAGE}zolgensma-0",
}


def read_rows(tmp_path: Path, *rows: dict[str, str], file: str = FILE, preamble: int = 0) -> Reading:
    published(tmp_path / file, *rows, preamble=preamble)
    return read(REGISTER, tmp_path, TODAY)


def test_a_letter(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL)
    row = only(reading, "designation")
    assert (row["record_id"], row["jurisdiction"], row["kind"]) == ("dhpc/zolgensma-0", "EU", "dhpc")
    assert (row["product_name"], row["use_text"], row["status"]) == ("Zolgensma", "Adverse event", "variation")
    assert events(reading) == [
        ("status_change", "2023-02-16", "Dissemination 16/02/2023"),
        ("status_change", "2023-02-17", "First published 17/02/2023"),
    ]
    assert ingredients(reading) == [(1, "onasemnogene abeparvovec", "active")]
    assert issues(reading) == set()


@pytest.mark.parametrize("outcome", ["Withdrawal", "Suspension", "Revocation"])
def test_what_the_matter_led_to_ends_no_authorisation_here(tmp_path: Path, outcome: str) -> None:
    reading = read_rows(tmp_path, USUAL | {"Regulatory outcome": outcome})
    assert only(reading, "designation")["status"] == outcome.lower()
    assert {event for event, _, _ in events(reading)} == {"status_change"}


def test_a_letter_on_several_medicines_and_one_on_a_veterinary_medicine(tmp_path: Path) -> None:
    shared = USUAL | {
        "Name of medicine": "Ozempic / Victoza", "Active substances": "semaglutide;liraglutide",
        "Regulatory outcome": "", "DHPC URL": f"{PAGE}ozempic-victoza",
    }  # fmt: skip
    animal = USUAL | {"Category": "Veterinary", "DHPC URL": f"{PAGE}kexxtone", "Dissemination date": ""}
    reading = read_rows(tmp_path, shared, animal)
    assert reading.tables["designation"].select("product_name", "kind", "status").rows() == [
        ("Ozempic / Victoza", "dhpc", None), ("Zolgensma", "veterinary_dhpc", "variation"),
    ]  # fmt: skip
    assert [name for _, name, _ in ingredients(reading)] == ["onasemnogene abeparvovec"]
    assert len(events(reading)) == 3


def test_a_workbook_with_lines_above_the_header_and_a_json_list(tmp_path: Path) -> None:
    expected = events(read_rows(tmp_path, USUAL))
    for folder, file in (("book", "medicines-output-dhpc-report_en.xlsx"), ("json", "dhpc-output-json-report_en.json")):
        (tmp_path / folder).mkdir()
        reading = read_rows(tmp_path / folder, USUAL, file=file, preamble=8)
        assert events(reading) == expected
        assert issues(reading) == set()


def test_what_is_unknown_or_impossible_is_told(tmp_path: Path) -> None:
    odd = USUAL | {"Category": "Herbal", "Regulatory outcome": "Recall", "Dissemination date": "16/02/2123"}
    reading = read_rows(tmp_path, odd, USUAL | {"DHPC URL": ""})
    assert issues(reading) == {
        ("unknown_code", "Herbal"), ("unknown_code", "Recall"), ("impossible_date", "16/02/2123"),
    }  # fmt: skip
    assert only(reading, "designation")["status"] is None
    assert reasons(reading) == ["without the address of its page"]


def test_drift_of_the_columns(tmp_path: Path) -> None:
    drifted = {name: text for name, text in USUAL.items() if name != "DHPC type"} | {"Country": "all"}
    assert issues(read_rows(tmp_path, drifted)) == {("new_column", "Country"), ("missing_column", "DHPC type")}
    with pytest.raises(Unreadable, match="DHPC URL"):
        read_rows(tmp_path, {name: text for name, text in USUAL.items() if name != "DHPC URL"})


def test_a_row_that_lacks_fields_is_quarantined(tmp_path: Path) -> None:
    published(tmp_path / FILE, USUAL)
    with (tmp_path / FILE).open("a", encoding="utf-8") as stream:
        stream.write("Human,Alofisel\n")
    assert outcomes(read(REGISTER, tmp_path, TODAY)) == {"read": 1, "quarantined": 1}


def test_the_real_snapshot(registers_dir: Path) -> None:
    known = {
        "dhpc/zolgensma-0": ("2023-02-16", "variation"),
        "dhpc/alofisel": ("2024-12-19", "withdrawal"),
        "dhpc/ocaliva-0": ("2024-07-31", "revocation"),
        "dhpc/adakveo-0": ("2023-06-15", "revocation"),
        "dhpc/kexxtone": ("2024-06-05", "suspension"),
    }
    reading, folder = real(REGISTER, registers_dir, TODAY)
    with (folder / FILE).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert outcomes(reading) == {"read": len(rows)}
    letters = reading.tables["designation"]
    assert letters["record_id"].to_list() == [row["DHPC URL"].split("/medicines/")[1] for row in rows]
    assert letters["record_id"].is_unique().all()
    assert len(events(reading)) == sum(
        bool(row[column].strip()) for row in rows for column in ("Dissemination date", "First published date")
    )
    sent = reading.tables["event"].unique("record_id", keep="first", maintain_order=True)
    found = letters.join(sent.select("record_id", "date"), on="record_id")
    said = {key: (str(day), status) for key, day, status in found.select("record_id", "date", "status").rows()}
    assert {key: said[key] for key in known} == known
    assert kinds(reading) == {}


def test_the_sample_is_read_without_surprises() -> None:
    assert kinds(sample(REGISTER)) == {}
