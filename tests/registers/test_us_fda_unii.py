"""UNII list: which of its names are read, as what, and what happens when the layout drifts."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "us_fda_unii"
HEADER = "Name|TYPE|UNII|Display Name"
RECORDS = "UNII|Display Name|RN|EC|NCIT|RXCUI|PUBCHEM|INN_ID|USAN_ID|DAILYMED|MF|INCHIKEY|SMILES|INGREDIENT_TYPE"
PARACETAMOL = "362O9ITL9D|ACETAMINOPHEN|103-90-2|||161|1983|||||||INGREDIENT SUBSTANCE"
USUAL = "PARACETAMOL|of|362O9ITL9D|ACETAMINOPHEN"


def read(tmp_path: Path, *names: str, header: str = HEADER, records: tuple[str, ...] | None = None) -> Reading:
    write(tmp_path / "UNII_Names_18Aug2025.txt", header, *names)
    if records is not None:
        write(tmp_path / "UNII_Records_18Aug2025.txt", *records)
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2025, 8, 18), tmp_path))


def write(path: Path, *lines: str) -> None:
    path.write_bytes(("\r\n".join(lines) + "\r\n").replace("|", "\t").encode())


def names(reading: Reading) -> list[tuple[str, ...]]:
    return [tuple(row) for row in reading.tables["name"].select("code", "name", "language", "kind").rows()]


def issues(reading: Reading) -> set[tuple[str, str]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def lost(reading: Reading, outcome: str) -> dict[str, int]:
    account = reading.tables["register_file"].filter(pl.col("outcome") == outcome)
    return dict(account.select("reason", "rows").rows())


def test_each_kind_of_name_is_called_what_it_is(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "ACETAMINOPHEN|of|362O9ITL9D|ACETAMINOPHEN",
        USUAL,
        "APAP|cn|362O9ITL9D|ACETAMINOPHEN",
        "NSC-3991|cd|362O9ITL9D|ACETAMINOPHEN",
        "TYLENOL|bn|362O9ITL9D|ACETAMINOPHEN",
        records=(RECORDS, PARACETAMOL),
    )
    assert names(reading) == [
        ("362O9ITL9D", "ACETAMINOPHEN", "en", "national"),
        ("362O9ITL9D", "PARACETAMOL", "en", "synonym"),
        ("362O9ITL9D", "APAP", "en", "synonym"),
        ("362O9ITL9D", "NSC-3991", None, "code"),
        ("362O9ITL9D", "TYLENOL", None, "brand"),
    ]
    assert set(reading.tables["name"]["code_system"]) == {"us_fda_unii"}
    assert issues(reading) == set()


def test_the_mark_of_a_work_is_no_part_of_a_name(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "PARACETAMOL [INN]|of|362O9ITL9D|ACETAMINOPHEN",
        "ACETAMINOPHEN [USP MONOGRAPH]|of|362O9ITL9D|ACETAMINOPHEN",
        "PARACETAMOL [MI] [WHO-DD]|cn|362O9ITL9D|ACETAMINOPHEN",
        "IOBENGUANE [I-131]|of|Q461L7AK4R|IOBENGUANE I-131",
        "BICYCLO[3.2.1]OCTANE|cn|Q461L7AK4R|IOBENGUANE I-131",
    )
    assert [(name, kind) for _, name, _, kind in names(reading)] == [
        ("PARACETAMOL", "inn"),
        ("ACETAMINOPHEN", "synonym"),
        ("PARACETAMOL", "synonym"),
        ("IOBENGUANE [I-131]", "synonym"),
        ("BICYCLO[3.2.1]OCTANE", "synonym"),
    ]


def test_systematic_names_and_descriptions_are_left_out(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        USUAL,
        "N-(4-HYDROXYPHENYL)ACETAMIDE|sys|362O9ITL9D|ACETAMINOPHEN",
        "ACETAMINOPHEN " * 8 + "|cn|362O9ITL9D|ACETAMINOPHEN",
        "1018-12|cd|362O9ITL9D|ACETAMINOPHEN",
        "AP|cn|362O9ITL9D|ACETAMINOPHEN",
        records=(RECORDS, PARACETAMOL),
    )
    assert [name for _, name, _, _ in names(reading)] == ["PARACETAMOL"]
    assert {reason.split(",")[0].split(" name")[0]: rows for reason, rows in lost(reading, "out_of_scope").items()} == {
        "a systematic chemical": 1, "a description": 1, "a number or a sign": 1,
        "too short to stand for one thing": 1,
    }  # fmt: skip


def test_what_no_list_of_medicines_knows_is_left_out(tmp_path: Path) -> None:
    soot = "BENZO(A)PYRENE|cn|3417WMA06D|BENZO(A)PYRENE"
    records = (RECORDS, PARACETAMOL, "3417WMA06D|BENZO(A)PYRENE|50-32-8|||||||||||INGREDIENT SUBSTANCE")
    (tmp_path / "told").mkdir()
    reading = read(tmp_path / "told", USUAL, soot, records=records)
    assert [name for _, name, _, _ in names(reading)] == ["PARACETAMOL"]
    assert list(lost(reading, "out_of_scope").values()) == [1]


def test_without_the_file_of_records_an_official_name_tells_and_the_issue_says_so(tmp_path: Path) -> None:
    reading = read(tmp_path, USUAL, "APAP|cn|362O9ITL9D|ACETAMINOPHEN", "BENZO(A)PYRENE|cn|3417WMA06D|BENZO(A)PYRENE")
    assert [name for _, name, _, _ in names(reading)] == ["PARACETAMOL", "APAP"]
    assert {kind for kind, _ in issues(reading)} == {"missing_file"}


def test_the_earlier_header_of_the_records_is_known(tmp_path: Path) -> None:
    earlier = RECORDS.replace("Display Name", "PT").replace("|USAN_ID|DAILYMED", "")
    reading = read(
        tmp_path, USUAL, records=(earlier, "362O9ITL9D|ACETAMINOPHEN|103-90-2|||161|1983|||||INGREDIENT SUBSTANCE")
    )
    assert [name for _, name, _, _ in names(reading)] == ["PARACETAMOL"]
    assert issues(reading) == set()


def test_a_kind_that_is_not_known_goes_to_quarantine(tmp_path: Path) -> None:
    reading = read(tmp_path, USUAL, "PARACETAMOLUM|la|362O9ITL9D|ACETAMINOPHEN", records=(RECORDS, PARACETAMOL))
    assert ("unknown_code", "la") in issues(reading)
    assert reading.tables["quarantine"]["reason"].to_list() == ["a kind of name that is not known"]


def test_a_name_under_two_uniis_is_an_issue(tmp_path: Path) -> None:
    reading = read(tmp_path, "AMOXICILLIN|of|804826J2HU|AMOXICILLIN", "AMOXICILLIN|of|9EM05410Q9|AMOXICILLIN ANHYDROUS")
    assert ("shared_name", "AMOXICILLIN") in issues(reading)


def test_a_column_renamed_missing_or_new(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="renamed to UNII_CODE"):
        read(tmp_path, USUAL, header="Name|TYPE|UNII_CODE|Display Name")
    with pytest.raises(Unreadable, match="TYPE is missing"):
        read(tmp_path, "PARACETAMOL|362O9ITL9D|ACETAMINOPHEN", header="Name|UNII|Display Name")
    reading = read(tmp_path, f"{USUAL}|en", header=f"{HEADER}|Language")
    assert ("new_column", "Language") in issues(reading)


def test_columns_that_changed_places_are_refused(tmp_path: Path) -> None:
    rows = [f"ACETAMINOPHEN|of|PARACETAMOL {number}|362O9ITL9D" for number in range(30)]
    with pytest.raises(Unreadable, match="unii"):
        read(tmp_path, *rows)


def test_the_sample_is_read_without_surprises() -> None:
    snapshot = Store(catalogue()[REGISTER].folder).snapshots("sample")[0]
    reading = catalogue()[REGISTER].read(snapshot)
    assert {"KTE-C19", "SPINRAZA", "PARACETAMOL", "ALBUTEROL"} <= set(reading.tables["name"]["name"])
    assert issues(reading) == set()
    assert reading.tables["quarantine"].is_empty()
