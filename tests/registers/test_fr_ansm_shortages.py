"""The ANSM's supply troubles: positions instead of names, four states and what their dates are, and the real file."""

from datetime import date
from pathlib import Path

import pytest
from listed import events, issues, kinds, only, outcomes, read, real, reasons, sample

from dioscorides.registers.source import Reading, Unreadable

REGISTER = "fr_ansm_shortages"
TODAY = date(2026, 1, 2)
FILE = "CIS_CIP_Dispo_Spec.txt"
PAGE = "https://ansm.sante.fr/disponibilites-des-produits-de-sante/medicaments/largactil"


def row(
    cis: str = "69990103", cip13: str = "", code: str = "1", label: str = "Rupture de stock",
    starts: str = "02/10/2025", updated: str = "29/12/2025", returned: str = "", page: str = PAGE,
) -> str:  # fmt: skip
    return "\t".join((cis, cip13, code, label, starts, updated, returned, page))


def read_rows(tmp_path: Path, *rows: str, encoding: str = "cp1252") -> Reading:
    (tmp_path / FILE).write_bytes("".join(f"{one}\r\n" for one in rows).encode(encoding))
    return read(REGISTER, tmp_path, TODAY)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
@pytest.mark.parametrize(
    ("code", "label", "status"),
    [("1", "Rupture de stock", "ongoing"), ("2", "tension d'approvisionnement", "strained")],
)
def test_a_trouble_that_is_going_on(tmp_path: Path, code: str, label: str, status: str, encoding: str) -> None:
    reading = read_rows(tmp_path, row(code=code, label=label), encoding=encoding)
    found = only(reading, "shortage")
    assert (found["record_id"], found["jurisdiction"], found["status"]) == ("69990103 largactil", "FR", status)
    assert (found["starts"], found["ends"]) == (date(2025, 10, 2), None)
    assert events(reading) == [("status_change", "2025-12-29", "Mise à jour 29/12/2025")]
    assert issues(reading) == set()


def test_available_again(tmp_path: Path) -> None:
    again = {"code": "4", "label": "Remise à disposition"}
    known = row(**again, starts="01/03/2025", returned="20/10/2025")
    repeated = row(**again, cis="69990104", starts="20/10/2025", returned="20/10/2025")
    assert read_rows(tmp_path, known, repeated).tables["shortage"].select("starts", "ends", "status").rows() == [
        (date(2025, 3, 1), date(2025, 10, 20), "resolved"),
        (None, date(2025, 10, 20), "resolved"),
    ]


def test_an_end_of_marketing_is_no_shortage_that_began(tmp_path: Path) -> None:
    over = {"code": "3", "label": "Arrêt de commercialisation"}
    coming = row(**over, cis="69990104", starts="01/06/2026")
    reading = read_rows(tmp_path, row(**over, starts="01/11/2023"), coming)
    assert reading.tables["shortage"].select("starts", "status").rows() == [(None, "discontinued")] * 2
    assert [one for one in events(reading) if one[2].startswith("Arrêt")] == [
        ("status_change", "2023-11-01", "Arrêt de commercialisation 01/11/2023"),
        ("status_change", None, "Arrêt de commercialisation 01/06/2026"),
    ]
    assert issues(reading) == set()


def test_a_pack_has_a_record_of_its_own_and_repetitions_have_none(tmp_path: Path) -> None:
    pack = row(cip13="3400999900104")
    reading = read_rows(tmp_path, row(), pack, pack)
    assert reading.tables["shortage"]["record_id"].to_list() == [
        "69990103 largactil", "69990103 3400999900104 largactil",
    ]  # fmt: skip
    assert outcomes(reading) == {"read": 2, "duplicate": 1}


def test_a_code_beside_the_words_of_another_is_no_status(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, row(code="4", label="tension d'approvisionnement"))
    assert only(reading, "shortage")["status"] is None
    assert issues(reading) == {("code_contradicts_label", "4 tension d'approvisionnement")}


def test_a_return_before_the_start_is_none(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, row(code="4", label="Remise à disposition", returned="01/10/2025"))
    assert only(reading, "shortage")["ends"] is None
    assert issues(reading) == {("dates_out_of_order", "last_day before first_day")}


def test_what_is_unknown_or_impossible_is_told(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, row(code="5", label="Importation"), row(cis="69990104", starts="02/10/2052"))
    assert reading.tables["shortage"].select("status", "starts").rows() == [
        (None, date(2025, 10, 2)), ("ongoing", None),
    ]  # fmt: skip
    assert issues(reading) == {
        ("unknown_code", "5"),
        ("unknown_code", "Importation"),
        ("impossible_date", "02/10/2052"),
    }


def test_rows_that_cannot_be_read_are_quarantined(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, row(), row(cis="Largactil"), "69990104\t\t1\tRupture de stock")
    assert reasons(reading) == ["4 fields where the table has 8", "has no CIS code where it should stand"]
    assert outcomes(reading) == {"read": 1, "quarantined": 2}


def test_columns_that_are_new_or_moved(tmp_path: Path) -> None:
    assert issues(read_rows(tmp_path, row() + "\t", row(cis="69990104") + "\t")) == set()
    wider = [row(cis=f"699901{at:02}") + "\t\tmotif" for at in range(30)]
    assert ("new_column", "column 10") in issues(read_rows(tmp_path, *wider))
    moved = [row(code="Rupture de stock", label="1", cis=f"699901{at:02}") for at in range(30)]
    with pytest.raises(Unreadable, match="Have columns moved"):
        read_rows(tmp_path, *moved)


def test_the_real_snapshot(registers_dir: Path) -> None:
    reading, folder = real(REGISTER, registers_dir, TODAY)
    lines = (folder / FILE).read_bytes().decode("cp1252").splitlines()
    assert outcomes(reading) == {"read": len(set(lines)), "duplicate": len(lines) - len(set(lines))}
    shortages = reading.tables["shortage"]
    assert shortages["record_id"].is_unique().all()
    cells = [line.split("\t") for line in dict.fromkeys(lines)]
    counts = dict(shortages["status"].value_counts().rows())
    assert counts["ongoing"] == sum(cell[2] == "1" for cell in cells)
    assert counts["strained"] == sum(cell[2] == "2" for cell in cells)
    assert counts["discontinued"] == sum(cell[2] == "3" for cell in cells)
    assert counts["resolved"] + counts[None] == sum(cell[2] == "4" for cell in cells)
    assert not shortages.filter(status="discontinued")["starts"].count()
    assert shortages["starts"].max() <= reading.snapshot  # type: ignore[operator]
    assert kinds(reading) == {"code_contradicts_label": 3, "dates_out_of_order": 1}


def test_the_sample_is_read_without_surprises() -> None:
    assert kinds(sample(REGISTER)) == {"code_contradicts_label": 1}
