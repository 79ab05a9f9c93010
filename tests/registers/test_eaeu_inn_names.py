"""Eurasian INN reference book: what its rows become, and what happens when the layout drifts."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "eaeu_inn_names"
FILE = "INNMedicationNameCS.derived.tsv"
HEADER = "code|uz_latn|ru|en|la|source_line"
USUAL = "000017|abirateron|абиратерон|abiraterone|abirateronum|136"


def read(tmp_path: Path, *lines: str) -> Reading:
    text = "\r\n".join(lines).replace("|", "\t") + "\r\n"
    (tmp_path / FILE).write_bytes(text.encode())
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2025, 11, 1), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def test_a_row_is_one_record_with_four_names(tmp_path: Path) -> None:
    reading = read(tmp_path, HEADER, USUAL)
    assert reading.tables["name"].select("record_id", "code", "name", "language", "script", "kind").rows() == [
        ("000017", "000017", "abiraterone", "en", "Latn", "inn"),
        ("000017", "000017", "abirateronum", "la", "Latn", "inn"),
        ("000017", "000017", "абиратерон", "ru", "Cyrl", "inn"),
        ("000017", "000017", "abirateron", "uz", "Latn", "national"),
    ]
    assert issues(reading) == set()
    assert reading.tables["source_row"]["raw"][0].startswith('{"code":"000017"')


def test_a_missing_latin_name_is_no_issue(tmp_path: Path) -> None:
    reading = read(tmp_path, HEADER, "010528|teklistamab|теклистамаб|teclistamab||74744")
    assert reading.tables["name"]["language"].to_list() == ["en", "ru", "uz"]
    assert issues(reading) == set()


def test_radicals_and_statements_that_there_is_no_inn_are_left_out(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        HEADER,
        USUAL,
        "004130|mesilat|месилат|mesilate|mesilas (R)|33032",
        "local|XPN berilmagan|МНН не указан|INN not given|Internationalis Nonproprietary Nomen dedit|74782",
    )
    assert reading.tables["name"]["record_id"].unique().to_list() == ["000017"]
    assert reading.tables["register_file"].filter(pl.col("outcome") == "out_of_scope")["rows"].to_list() == [1, 1]


def test_unfinished_and_half_transliterated_names_are_not_emitted(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        HEADER,
        "003078|kanrenoy kislotasi/|канреной кислотаси/|canrenoic acid|acidum canrenoicum|24616",
        "001122|bБrigatinib|бригатиниб|brigatinib|brigatinibum|8976",
    )
    assert set(reading.tables["name"]["name"]) == {
        "canrenoic acid", "acidum canrenoicum", "brigatinib", "brigatinibum", "бригатиниб",
    }  # fmt: skip
    assert issues(reading) == {
        ("unfinished_name", "kanrenoy kislotasi/"),
        ("unfinished_name", "канреной кислотаси/"),
        ("mixed_script", "bБrigatinib"),
    }


def test_a_latin_letter_that_looks_russian_is_mended(tmp_path: Path) -> None:
    reading = read(tmp_path, HEADER, "000149|akalabrutinib|aкалабрутиниб|acalabrutinib|acalabrutinibum|1192")
    assert "акалабрутиниб" in set(reading.tables["name"]["name"])


def test_latin_text_in_the_russian_column_is_not_called_russian(tmp_path: Path) -> None:
    reading = read(tmp_path, HEADER, "000017|abirateron|abiraterone|abiraterone|abirateronum|136")
    assert ("abiraterone", None) in reading.tables["name"].select("name", "language").rows()
    assert ("unexpected_script", "abiraterone") in issues(reading)


def test_columns_are_found_by_name_wherever_they_stand(tmp_path: Path) -> None:
    reading = read(tmp_path, "en|ru|code|la|kk", "abiraterone|абиратерон|000017|abirateronum|абиратерон")
    assert set(reading.tables["name"]["language"]) == {"en", "la", "ru"}
    kinds = {kind for kind, _ in issues(reading)}
    assert kinds == {"new_column", "missing_column"}


def test_a_file_without_codes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="code"):
        read(tmp_path, "uz_latn|ru|en|la", "abirateron|абиратерон|abiraterone|abirateronum")


def test_contents_of_columns_that_changed_places_are_refused(tmp_path: Path) -> None:
    rows = [f"{n:06}|abirateron|abiraterone|абиратерон|abirateronum|8" for n in range(1, 31)]
    with pytest.raises(Unreadable, match="english"):
        read(tmp_path, HEADER, *rows)


def test_a_code_that_is_none_and_a_ragged_row_go_to_quarantine(tmp_path: Path) -> None:
    reading = read(tmp_path, HEADER, USUAL, "A1|abirateron|абиратерон|abiraterone|abirateronum|136", "000018|abir")
    assert sorted(reading.tables["quarantine"]["reason"]) == [
        "2 fields where the table has 6",
        "the code is not of this list",
    ]


def test_a_code_given_twice_keeps_its_first_name(tmp_path: Path) -> None:
    reading = read(tmp_path, HEADER, USUAL, "000017|abanoxil|абанохил|abanoquil|abanoquilum|48")
    assert "abanoquil" not in set(reading.tables["name"]["name"])
    assert ("repeated_key", "000017") in issues(reading)


def test_real_snapshots(registers_dir: Path) -> None:
    for snapshot in Store(registers_dir).snapshots(REGISTER):
        reading = catalogue()[REGISTER].read(snapshot)
        with (snapshot.path / FILE).open(encoding="utf-8", newline="") as stream:
            published = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
        assert reading.tables["register_file"]["rows"].sum() == len(published)
        names = reading.tables["name"]
        kept = [row for row in published if row["code"] != "local" and not row["la"].endswith("(R)")]
        assert names["record_id"].n_unique() == len(kept)
        filled = sum(bool(row[column]) for row in kept for column in ("uz_latn", "ru", "en", "la"))
        lost = reading.tables["issue"].filter(pl.col("kind").is_in(["unfinished_name", "mixed_script"]))["count"].sum()
        assert len(names) == filled - lost
        by_english = names.filter(pl.col("language") == "en").select("name", "code")
        tongues = {
            english: set(names.filter(pl.col("code") == code)["name"])
            for english, code in by_english.filter(
                pl.col("name").is_in(["nusinersen", "paracetamol", "tozinameran", "ciltacabtagene autoleucel"])
            ).rows()
        }
        assert {"нусинерсен", "nusinersenum"} <= tongues["nusinersen"]
        assert {"парацетамол", "paracetamolum"} <= tongues["paracetamol"]
        assert "цилтакабтаген аутолейцел" in tongues["ciltacabtagene autoleucel"]
        assert not set(names["name"]) & {"mesilate", "axetil", "pivoxil"}
        assert names.filter(pl.col("name").str.contains(r"[/(\[]$")).is_empty()
        assert Counter(reading.tables["issue"]["kind"].to_list()) == {
            "unfinished_name": 19, "mixed_script": 13, "unbalanced_brackets": 1,
        }  # fmt: skip


def test_the_sample_is_read_without_surprises() -> None:
    snapshot = Store(catalogue()[REGISTER].folder).snapshots("sample")[0]
    reading = catalogue()[REGISTER].read(snapshot)
    assert {"тисагенлеклейсел", "onasemnogene abeparvovec", "acidum clavulanicum", "деферасирокс"} <= set(
        reading.tables["name"]["name"]
    )
    assert reading.tables["quarantine"].is_empty()
