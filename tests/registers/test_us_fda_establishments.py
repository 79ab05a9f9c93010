"""FDA's drug establishments: sites, their registrants, what is done there; no person's name or address is kept."""

import csv
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from listed import everything, issues, kinds, only, outcomes, published, read, real, reasons, sample

from dioscorides.registers.source import Reading, Unreadable

REGISTER = "us_fda_establishments"
TODAY = date(2025, 8, 29)
USUAL = {
    "FEI_NUMBER": "3002653483",
    "DUNS_NUMBER": "488152505",
    "FIRM_NAME": "Novartis Pharma Stein AG",
    "ADDRESS": "Schaffhauserstrasse, Stein, CH-4332, Switzerland (CHE)",
    "EXPIRATION_DATE": "12/31/2025",
    "OPERATIONS": "ANALYSIS; API MANUFACTURE; PACK",
    "REGISTRANT_NAME": "Novartis Pharmaceuticals Corporation",
    "REGISTRANT_DUNS": "002147023",
    "EXCLUSION_FLAG": "N",
}
OWNER = USUAL | {
    "FEI_NUMBER": "3010353512", "DUNS_NUMBER": "002147023", "FIRM_NAME": "Novartis Pharmaceuticals Corporation",
    "ADDRESS": "One Health Plaza, East Hanover, New Jersey (NJ) 07936, United States (USA)", "OPERATIONS": "PACK",
}  # fmt: skip
PERSONS = {
    "ESTABLISHMENT_CONTACT_NAME": "Paracelsus", "ESTABLISHMENT_CONTACT_EMAIL": "paracelsus@example.org",
    "AGENT_DETAILS": "Hippocrates, 555-0100", "REGISTRANT_CONTACT_NAME": "Galen",
    "REGISTRANT_CONTACT_EMAIL": "galen@example.org",
}  # fmt: skip


def read_rows(tmp_path: Path, *rows: dict[str, str]) -> Reading:
    published(tmp_path / "drls_reg.csv", *rows)
    return read(REGISTER, tmp_path, TODAY)


def write_text(path: Path, *rows: dict[str, str]) -> None:
    """The text of the archive: tabs, a blank before the first name, an empty last cell."""
    lines = [" " + "\t".join(rows[0]), *("\t".join([*row.values(), ""]) for row in rows)]
    path.write_text("".join(f"{line}\r\n" for line in lines), encoding="cp1252", newline="")


def test_a_site_is_a_place_and_an_organisation(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL, OWNER)
    site = reading.tables["establishment"].row(0, named=True)
    assert (site["record_id"], site["organisation_code"], site["country"]) == ("488152505", "3002653483", "CH")
    assert (site["name"], site["operations"]) == (
        "Novartis Pharma Stein AG", ["ANALYSIS", "API MANUFACTURE", "PACK"],
    )  # fmt: skip
    records = reading.tables["organisation_record"].select("record_id", "code_system", "code", "parent_code", "ends")
    assert records.rows() == [
        ("488152505", "DUNS", "488152505", "002147023", date(2025, 12, 31)),
        ("002147023", "DUNS", "002147023", None, date(2025, 12, 31)),
    ]
    assert issues(reading) == set()


def test_a_registrant_that_is_no_site_is_an_organisation(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL, USUAL | {"DUNS_NUMBER": "488152506", "FEI_NUMBER": "3002653484"})
    assert reading.tables["establishment"].height == 2
    owner = reading.tables["organisation_record"].filter(record_id="002147023").row(0, named=True)
    assert (owner["name"], owner["country"], owner["parent_code"]) == (USUAL["REGISTRANT_NAME"], None, None)
    assert reading.tables["source_row"].filter(record_id="002147023").height == 2


def test_a_site_without_an_establishment_identifier_or_without_a_duns_number(tmp_path: Path) -> None:
    zeros = USUAL | {"FEI_NUMBER": "0000000"}
    nameless = USUAL | {"DUNS_NUMBER": "", "FEI_NUMBER": "3002653484"}
    neither = USUAL | {"DUNS_NUMBER": "unknown", "FEI_NUMBER": ""}
    reading = read_rows(tmp_path, zeros, nameless, neither)
    assert reading.tables["establishment"].select("record_id", "organisation_code").rows() == [
        ("488152505", None), ("FEI 3002653484", "3002653484"),
    ]  # fmt: skip
    assert reasons(reading) == ["neither a DUNS number nor an establishment identifier"]


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("167 Songpa-daero, Seoul, - 05855, Korea, South (KOR)", "KR"),
        ("1 Street, Ponce, Puerto Rico (PR) 00716, Puerto Rico (PRI)", "PR"),
        ("1 Street, Praha, Czechia", "CZ"),
        ("1 Street, Oslo, Norway (NOR)", "NO"),
    ],
)
def test_the_country_ends_the_address(tmp_path: Path, address: str, country: str) -> None:
    assert only(read_rows(tmp_path, USUAL | {"ADDRESS": address}), "establishment")["country"] == country


def test_no_person_is_kept(tmp_path: Path) -> None:
    write_text(tmp_path / "drls_reg.txt", USUAL | PERSONS, USUAL | PERSONS | {"DUNS_NUMBER": "", "FEI_NUMBER": ""})
    with (tmp_path / "drls_reg.txt").open("a", encoding="cp1252") as stream:
        stream.write("3002653485\tBroken\tParacelsus\tparacelsus@example.org\n")
    reading = read(REGISTER, tmp_path, TODAY)
    assert outcomes(reading) == {"read": 1, "quarantined": 2}
    kept = everything(reading)
    for text in ("Paracelsus", "Hippocrates", "Galen", "example.org", "555-0100"):
        assert text not in kept
    assert "Schaffhauserstrasse" in kept
    assert issues(reading) == set()


def test_the_archive_holds_the_same_table_twice(tmp_path: Path) -> None:
    write_text(tmp_path / "drls_reg.txt", USUAL | PERSONS, OWNER | PERSONS)
    published(tmp_path / "drls_reg.xlsx", USUAL | PERSONS)
    with ZipFile(tmp_path / "drls_reg.zip", "w") as archive:
        for name in ("drls_reg.txt", "drls_reg.xlsx"):
            archive.write(tmp_path / name, name)
            (tmp_path / name).unlink()
    reading = read(REGISTER, tmp_path, TODAY)
    assert reading.tables["establishment"].height == 2
    account = reading.tables["register_file"].select("outcome", "reason").rows()
    assert sorted(account, key=str) == [("out_of_scope", "the same table in another format"), ("read", None)]


def test_only_the_workbook_which_has_lost_zeros(tmp_path: Path) -> None:
    published(tmp_path / "drls_reg.xlsx", USUAL | PERSONS | {"REGISTRANT_DUNS": "2147023", "FEI_NUMBER": "0"})
    reading = read(REGISTER, tmp_path, TODAY)
    site = only(reading, "establishment")
    assert (site["country"], site["organisation_code"]) == ("CH", None)
    assert reading.tables["organisation_record"]["parent_code"].to_list() == ["002147023", None]
    assert "Paracelsus" not in everything(reading)
    assert issues(reading) == set()


def test_what_is_unknown_or_impossible_is_told(tmp_path: Path) -> None:
    odd = USUAL | {
        "OPERATIONS": "PACK; TELEPORT", "ADDRESS": "1 Street, Utopia (UTO)", "EXPIRATION_DATE": "12/31/2052",
        "EXCLUSION_FLAG": "M",
    }  # fmt: skip
    reading = read_rows(tmp_path, odd, OWNER | {"EXPIRATION_DATE": "31.12.2025", "EXCLUSION_FLAG": "Y"})
    assert issues(reading) == {
        ("unknown_code", "TELEPORT"), ("unknown_code", "UTO"), ("unknown_code", "M"),
        ("impossible_date", "12/31/2052"), ("bad_date", "31.12.2025"),
    }  # fmt: skip
    site = reading.tables["establishment"].row(0, named=True)
    assert (site["operations"], site["country"]) == (["PACK", "TELEPORT"], None)
    assert reading.tables["organisation_record"]["ends"].null_count() == 2
    assert reading.tables["event"]["record_id"].to_list() == ["002147023"]


def test_two_rows_of_one_site_are_told(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL, USUAL | {"OPERATIONS": "PACK"})
    assert reading.tables["establishment"].height == 1
    assert reading.tables["source_row"].filter(record_id="488152505").height == 1
    assert reading.tables["quarantine"]["reason"].to_list() == ["a row above has the same key and another content"]
    assert ("repeated_key", "488152505") in issues(reading)


def test_drift_of_the_columns(tmp_path: Path) -> None:
    drifted = {name: text for name, text in USUAL.items() if name != "EXCLUSION_FLAG"} | {"QUALIFIER": ""}
    assert issues(read_rows(tmp_path, drifted)) == {("new_column", "QUALIFIER"), ("missing_column", "EXCLUSION_FLAG")}
    with pytest.raises(Unreadable, match="DUNS_NUMBER"):
        read_rows(tmp_path, {name: text for name, text in USUAL.items() if name != "DUNS_NUMBER"})


def test_the_real_snapshot(registers_dir: Path) -> None:
    reading, folder = real(REGISTER, registers_dir, TODAY)
    with (folder / "drls_reg.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert outcomes(reading) == {"read": len(rows)}
    sites, organisations = reading.tables["establishment"], reading.tables["organisation_record"]
    assert sites["record_id"].to_list() == [row["DUNS_NUMBER"] for row in rows]
    assert sites["record_id"].is_unique().all()
    assert organisations["record_id"].is_unique().all()
    numbers = {row[column] for row in rows for column in ("DUNS_NUMBER", "REGISTRANT_DUNS")} - {""}
    assert set(organisations["record_id"]) == numbers
    assert sites["country"].null_count() == 0
    assert sites.filter(country="CH").height == sum(row["ADDRESS"].endswith("(CHE)") for row in rows)
    assert sites["operations"].list.len().sum() == sum(
        bool(part.strip()) for row in rows for part in row["OPERATIONS"].split(";")
    )
    assert {str(day) for day in organisations["ends"].drop_nulls()} <= {"2025-12-31", "2026-12-31"}
    known = {
        "488152505": ("Novartis Pharma Stein AG", "CH"),
        "080129000": ("Genentech, Inc.", "US"),
        "480007517": ("Lonza AG", "CH"),
        "323105205": ("Roche Diagnostics GmbH", "DE"),
        "986030667": ("Upjohn Manufacturing Ireland Unlimited Company", "IE"),
    }
    found = dict(zip(sites["record_id"], sites.select("name", "country").rows(), strict=True))
    assert {key: found[key] for key in known} == known
    assert kinds(reading) == {}


def test_the_sample_is_read_without_surprises() -> None:
    reading = sample(REGISTER)
    assert kinds(reading) == {}
    assert "example.org" not in everything(reading)
