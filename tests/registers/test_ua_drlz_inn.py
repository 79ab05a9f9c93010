"""Ukrainian INN dictionary: what its rows become, and what happens when the layout drifts."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "ua_drlz_inn"
FILE = "internationalnonproprietaryname.csv"


def row(number: int, name: str, dictionary: str = "InternationalNonproprietaryName") -> str:
    return f"{number},ua_18_{number},1.0,{name},1,{dictionary}"


def read(tmp_path: Path, *rows: str, encoding: str = "utf-8", file: str = FILE) -> Reading:
    (tmp_path / file).write_text("\n".join(rows) + "\n", encoding=encoding)
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2025, 8, 20), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def test_a_row_is_one_ukrainian_name(tmp_path: Path) -> None:
    reading = read(tmp_path, row(1, "олафлур"))
    name = reading.tables["name"].row(0, named=True)
    assert (name["record_id"], name["code_system"], name["code"]) == ("ua_18_1", REGISTER, "ua_18_1")
    assert (name["name"], name["language"], name["script"], name["kind"]) == ("олафлур", "uk", "Cyrl", "inn")
    assert issues(reading) == set()


@pytest.mark.parametrize("cell", ["цинку ацетат, основний", '"цинку ацетат, основний"'])
def test_a_name_with_a_comma_is_one_name(tmp_path: Path, cell: str) -> None:
    reading = read(tmp_path, *(row(number, "олафлур") for number in range(1, 4)), row(8072, cell))
    assert reading.tables["name"]["name"].to_list()[-1] == "цинку ацетат, основний"


def test_radicals_and_groups_are_no_substances(tmp_path: Path) -> None:
    reading = read(tmp_path, row(1, "мезилат"), row(2, "Аксетил"), row(3, "троламін"))
    assert reading.tables["name"]["name"].to_list() == ["троламін"]
    assert dict(reading.tables["register_file"].select("outcome", "rows").rows()) == {"read": 1, "out_of_scope": 2}


def test_a_name_in_latin_letters_is_not_called_ukrainian(tmp_path: Path) -> None:
    reading = read(tmp_path, row(1, "thebacon"))
    assert reading.tables["name"].select("name", "language", "script").rows() == [("thebacon", None, "Latn")]
    assert issues(reading) == {("unexpected_script", "thebacon")}


def test_another_codepage_is_read(tmp_path: Path) -> None:
    reading = read(tmp_path, row(1, "олафлур"), row(2, "хлоргексидин"), encoding="cp1251")
    assert reading.tables["name"]["name"].to_list() == ["олафлур", "хлоргексидин"]


def test_a_header_that_appears_is_no_name(tmp_path: Path) -> None:
    rows = [row(number, "олафлур") for number in range(1, 31)]
    reading = read(tmp_path, "ID,CODE,VERSION,NAME,ACTIVE,DICTIONARY", *rows)
    assert reading.tables["name"]["record_id"].n_unique() == 30
    assert reading.tables["quarantine"]["reason"].to_list() == ["the code is not of this dictionary"]
    assert ("unknown_code", "DICTIONARY") in issues(reading)


def test_a_row_of_another_dictionary_and_a_new_flag_are_told(tmp_path: Path) -> None:
    reading = read(
        tmp_path, row(1, "олафлур"), row(2, "таблетки", "DosageForm"), row(3, "патисиран").replace(",1,", ",0,")
    )
    assert reading.tables["name"]["name"].to_list() == ["олафлур", "патисиран"]
    assert issues(reading) == {("unknown_code", "DosageForm"), ("unknown_code", "0")}


def test_columns_that_moved_are_refused(tmp_path: Path) -> None:
    rows = [f"ua_18_{n},{n},олафлур,1.0,1,InternationalNonproprietaryName" for n in range(1, 31)]
    with pytest.raises(Unreadable, match="Have columns moved"):
        read(tmp_path, *rows)


def test_a_short_row_goes_to_quarantine(tmp_path: Path) -> None:
    reading = read(tmp_path, row(1, "олафлур"), row(2, "патисиран"), "3,ua_18_3,1.0")
    assert len(reading.tables["name"]) == 2
    assert reading.tables["quarantine"]["reason"].to_list() == ["3 fields where the table has 6"]


def test_real_snapshots(registers_dir: Path) -> None:
    for snapshot in Store(registers_dir).snapshots(REGISTER):
        reading = catalogue()[REGISTER].read(snapshot)
        with (snapshot.path / FILE).open(encoding="utf-8", newline="") as stream:
            published = [cells for cells in csv.reader(stream) if cells]
        account = reading.tables["register_file"]
        assert account["rows"].sum() == len(published)
        assert set(account["outcome"]) == {"read", "out_of_scope"}
        names = reading.tables["name"]
        assert names["record_id"].is_unique().all()
        assert {"парацетамол", "ібупрофен", "амоксицилін", "клавуланова кислота", "троламін"} <= set(names["name"])
        assert "цинку ацетат, основний" in set(names["name"])
        assert not set(names["name"]) & {"мезилат", "півоксил", "мофетил", "аксетил"}
        assert Counter(reading.tables["issue"]["kind"].to_list()) == {"unexpected_script": 1}


def test_the_sample_is_read_without_surprises() -> None:
    snapshot = Store(catalogue()[REGISTER].folder).snapshots("sample")[0]
    reading = catalogue()[REGISTER].read(snapshot)
    assert {"тисагенлеклейсел", "нусінерсен", "парацетамол"} <= set(reading.tables["name"]["name"])
    assert reading.tables["quarantine"].is_empty()
