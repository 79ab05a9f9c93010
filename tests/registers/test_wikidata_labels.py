"""Wikidata: whose label a row is, which labels are left out, and what a query that broke off leaves."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "wikidata_labels"
CODES, LABELS = "item,unii,inn,language,atc", "item,label,language"
ITEM = "http://www.wikidata.org/entity/Q"


def read(
    tmp_path: Path, codes: list[str], labels: list[str], *, head: str = CODES, label_head: str = LABELS
) -> Reading:
    """What is read of a result: rows begin with the item's number; the labels are in a file for each language."""
    write(tmp_path / "codes.csv", head, codes)
    for language in sorted({row.rsplit(",", 1)[1] for row in labels}):
        rows = [row for row in labels if row.endswith(f",{language}")]
        write(tmp_path / f"labels_{language}.csv", label_head, rows)
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2026, 6, 1), tmp_path))


def write(path: Path, header: str, rows: list[str]) -> None:
    lines = [header, *(f"{ITEM}{row}" if row[:1].isdigit() else row for row in rows)]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode())


def names(reading: Reading) -> list[tuple[str, ...]]:
    return [tuple(row) for row in reading.tables["name"].select("code_system", "code", "name", "language").rows()]


def issues(reading: Reading) -> set[tuple[str, str]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def outcomes(reading: Reading, outcome: str) -> int:
    return int(reading.tables["register_file"].filter(pl.col("outcome") == outcome)["rows"].sum())


def test_a_label_has_the_code_that_its_item_states(tmp_path: Path) -> None:
    reading = read(tmp_path, ["1,362O9ITL9D,,,", "1,,,,N02BE01"], ["1,paracetamol,en", "1,对乙酰氨基酚,zh"])
    assert names(reading) == [
        ("us_fda_unii", "362O9ITL9D", "paracetamol", "en"),
        ("us_fda_unii", "362O9ITL9D", "对乙酰氨基酚", "zh"),
    ]
    assert set(reading.tables["name"]["record_id"]) == {"Q1"}
    assert set(reading.tables["name"]["kind"]) == {"synonym"}
    assert issues(reading) == set()
    assert outcomes(reading, "read") == 4


def test_an_item_without_a_unii_of_its_own_has_its_number_for_a_code(tmp_path: Path) -> None:
    codes = ["1,AAAAAAAAA1,,,", "2,AAAAAAAAA1,,,", "3,BBBBBBBBB2,,,", "3,CCCCCCCCC3,,,", "4,,,,N02BE01"]
    reading = read(tmp_path, codes, [f"{item},name {item},en" for item in (1, 2, 3, 4)])
    assert names(reading) == [(REGISTER, f"Q{item}", f"name {item}", "en") for item in (1, 2, 3, 4)]


def test_an_inn_is_a_name_but_not_called_an_inn(tmp_path: Path) -> None:
    reading = read(tmp_path, ["1,,metforminum,la,"], ["1,metformin,en"])
    assert [(row[2], row[3]) for row in names(reading)] == [("metforminum", "la"), ("metformin", "en")]
    assert "inn" not in set(reading.tables["name"]["kind"])


def test_a_variety_of_a_language_is_that_language(tmp_path: Path) -> None:
    reading = read(tmp_path, ["1,,,,N02BE01"], ["1,paracetamol,en", "1,对乙酰氨基酚,zh-hans", "1,對乙醯氨基酚,zh-hant"])
    assert [row[3] for row in names(reading)] == ["en", "zh", "zh"]


def test_a_label_that_repeats_the_english_one_is_left_out(tmp_path: Path) -> None:
    labels = ["1,imetelstat,en", "1,imetelstat,zh", "1,Imetelstat,de", "1,иметелстат,ru", "1,imetelstat,ja"]
    reading = read(tmp_path, ["1,F60NE4XB53,,,"], labels)
    assert {row[2:] for row in names(reading)} == {("imetelstat", "en"), ("Imetelstat", "de"), ("иметелстат", "ru")}
    assert outcomes(reading, "out_of_scope") == 2


def test_a_group_of_the_classification_is_no_substance(tmp_path: Path) -> None:
    reading = read(tmp_path, ["1,,,,C10AA", "2,,,,C10AA05"], ["1,statin,en", "2,atorvastatin,en"])
    assert [row[2] for row in names(reading)] == ["atorvastatin"]
    assert outcomes(reading, "out_of_scope") == 2


def test_an_item_without_a_label_is_left_out_and_counted(tmp_path: Path) -> None:
    reading = read(tmp_path, ["1,,,,N02BE01", "2,AAAAAAAAA1,,,"], ["1,paracetamol,en"])
    assert [row[2] for row in names(reading)] == ["paracetamol"]
    assert outcomes(reading, "out_of_scope") == 1


def test_the_error_of_a_query_that_broke_off_is_no_label(tmp_path: Path) -> None:
    trace = [
        "java.util.concurrent.TimeoutException,,en",
        "  at java.util.concurrent.FutureTask.get(FutureTask.java:205)",
    ]
    write(tmp_path / "codes.csv", CODES, ["1,,,,N02BE01"])
    write(tmp_path / "labels_en.csv", LABELS, ["1,paracetamol,en", *trace])
    reading = catalogue()[REGISTER].read(Snapshot(REGISTER, date(2026, 6, 1), tmp_path))
    assert [row[2] for row in names(reading)] == ["paracetamol"]
    assert outcomes(reading, "quarantined") == 1
    assert outcomes(reading, "out_of_scope") == 1  # a line of one cell alone is taken for a remark


def test_a_label_with_a_comma_or_a_quote_is_one_cell(tmp_path: Path) -> None:
    reading = read(tmp_path, ["1,,,,V03AB06"], ['1,"sodium thiosulfate, ""hypo""",en'])
    assert [row[2] for row in names(reading)] == ['sodium thiosulfate, "hypo"']


def test_a_column_renamed_or_new(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="itemLabel"):
        read(tmp_path, ["1,,,,N02BE01"], ["1,paracetamol,en"], label_head="item,itemLabel,language")
    (tmp_path / "new").mkdir()
    reading = read(tmp_path / "new", ["1,,,,N02BE01,x"], ["1,paracetamol,en"], head=f"{CODES},cas")
    assert ("new_column", "cas") in issues(reading)


def test_the_sample_is_read_without_surprises() -> None:
    snapshot = Store(catalogue()[REGISTER].folder).snapshots("sample")[0]
    reading = catalogue()[REGISTER].read(snapshot)
    assert {"阿基仑赛", "티사젠렉류셀", "أداليموماب"} <= set(reading.tables["name"]["name"])
    assert issues(reading) == set()
    assert reading.tables["quarantine"].is_empty()
