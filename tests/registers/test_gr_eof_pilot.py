"""EOF's pilot list: packs of a product and strength, codes that lost their zeros, imports for single patients."""

from datetime import date
from pathlib import Path

import pytest
from workbook import write_xlsx

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "gr_eof_pilot"
HEADER = [
    "MEDICINE_ID", "EOF_CODE", "EOF_CODEMinus2 (Comment 16)", "BARCODE", "COMMERCIAL_NAME", "COMMERCIAL_NAME_ONLY",
    "EDQM (comment 4)", "Route of administration (EDQM) Comment 13", "IN_CIRCULATION", "CONTENT",
    "ACTIVE_SUBSTANCE_CODE (comment 7)", "RETAIL_PRICE", "WITHDRAWN", "IFET", "ATC_CODE", "PRODUCER", "MEDICINE_TYPE",
    "SPECIAL_IMPORT", "UPDATED_BY",
]  # fmt: skip


def row(
    code: float = 204300102.0, *, substance: str = "AMLODIPINE BESYLATE", atc: str = "C08CA01", kind: str = "R",
    withdrawn: float = 0.0, circulates: float = 1.0, ifet: float = 0.0, special: float = 0.0, strength: str = "5MG/CAP",
    name: str = "NORVASC",
) -> list[str | float]:  # fmt: skip
    told: dict[str, str | float] = {
        "MEDICINE_ID": 1.0, "EOF_CODE": code, "BARCODE": 2802043001024.0, "COMMERCIAL_NAME_ONLY": name,
        "EDQM (comment 4)": "Capsule, hard", "Route of administration (EDQM) Comment 13": "Oral use",
        "IN_CIRCULATION": circulates, "CONTENT": strength, "ACTIVE_SUBSTANCE_CODE (comment 7)": substance,
        "WITHDRAWN": withdrawn, "IFET": ifet, "SPECIAL_IMPORT": special, "ATC_CODE": atc, "MEDICINE_TYPE": kind,
        "PRODUCER": "UPJOHN HELLAS Ε.Π.Ε.",
    }  # fmt: skip
    return [told.get(name, "") for name in HEADER]


def read(tmp_path: Path, *rows: list[str | float], header: list[str] = HEADER) -> Reading:
    write_xlsx(tmp_path / "GRC_UNICOM_meds.xlsx", {"Four pilot substances": [header, *rows]})
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2023, 2, 28), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str]]:
    """Issues, without those of the many ignored columns that these tests leave out."""
    told = reading.tables["issue"].select("kind", "value").rows()
    return {pair for pair in told if pair[0] != "unexpected_count" and not (pair[1] or "").endswith("(ignored)")}


def test_packs_of_a_product_and_strength_are_one_authorisation(tmp_path: Path) -> None:
    reading = read(tmp_path, row(), row(204300103.0, circulates=0.0))
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["record_id"], one["product_name"], one["status"], one["marketed"], one["holder_name"]) == (
        "2043001", "NORVASC", "authorised", True, "UPJOHN HELLAS Ε.Π.Ε.",
    )  # fmt: skip
    assert one["other_numbers"] == ["204300102", "2802043001024", "204300103", "2802043001024"]
    assert reading.tables["event"].select("event", "date", "before").rows() == [("authorised", None, date(2023, 3, 1))]
    assert reading.tables["ingredient"].select("position", "name", "language", "strength").rows() == [
        (1, "AMLODIPINE BESYLATE", "en", "5MG/CAP")
    ]
    assert issues(reading) == set()


def test_a_code_gets_its_leading_zeros_back(tmp_path: Path) -> None:
    assert read(tmp_path, row(30440101.0)).tables["authorisation"]["number"].to_list() == ["0304401"]


@pytest.mark.parametrize(("kind", "basis"), [("G", "generic"), ("R", "unknown"), ("Z", "unknown"), ("O", "unknown")])
def test_only_g_tells_a_legal_basis(tmp_path: Path, kind: str, basis: str) -> None:
    assert read(tmp_path, row(kind=kind)).tables["authorisation"]["legal_basis"].to_list() == [basis]


def test_withdrawn_where_every_pack_is(tmp_path: Path) -> None:
    reading = read(tmp_path, row(withdrawn=1.0), row(204300202.0, withdrawn=1.0), row(204300203.0))
    assert reading.tables["authorisation"]["status"].to_list() == ["withdrawn", "authorised"]
    assert reading.tables["event"].filter(event="withdrawn").select("record_id", "before").rows() == [
        ("2043001", date(2023, 3, 1))
    ]


@pytest.mark.parametrize("mark", [{"ifet": 1.0}, {"special": 1.0}])
def test_an_import_for_single_patients_is_no_authorisation(tmp_path: Path, mark: dict[str, float]) -> None:
    reading = read(tmp_path, row(**mark))  # type: ignore[arg-type]
    assert reading.tables["authorisation"]["status"].to_list() == ["unknown"]
    assert reading.tables["event"].is_empty()


def test_of_a_product_that_may_hold_more_no_substance_is_read(tmp_path: Path) -> None:
    reading = read(tmp_path, row(atc="C09DB01"))
    assert reading.tables["ingredient"].is_empty()
    assert issues(reading) == {("unknown_code", "C09DB01")}


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    reading = read(
        tmp_path, row(), row(204300103.0, strength="10MG/CAP"), row(12.0), row(204300202.0, withdrawn=2.0, kind="X")
    )
    assert issues(reading) == {
        ("rows_disagree", "2043001"),
        ("unexpected_shape", "12"),
        ("unknown_code", "2"),
        ("unknown_code", "X"),
    }
    assert reading.tables["authorisation"].filter(record_id="2043002")["status"].to_list() == ["unknown"]
    assert reading.tables["quarantine"]["reason"].to_list() == ["the EOF code is none"]


def test_missing_and_new_columns(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="WITHDRAWN"):
        read(tmp_path, row()[:12] + row()[13:], header=HEADER[:12] + HEADER[13:])
    reading = read(tmp_path, [*row(), "x"], header=[*HEADER, "ORPHAN"])
    assert ("new_column", "ORPHAN") in issues(reading)


# -- the real snapshot


def test_the_real_snapshot(registers_dir: Path) -> None:
    import python_calamine

    (snapshot,) = Store(registers_dir).snapshots(REGISTER)
    real = catalogue()[REGISTER].read(snapshot)
    book = python_calamine.CalamineWorkbook.from_path(snapshot.path / "GRC_UNICOM_meds_v7.xlsx")
    assert real.tables["register_file"]["rows"].sum() == len(book.get_sheet_by_index(0).to_python()) - 1 == 239
    assert real.tables["issue"].is_empty()
    told = {one["record_id"]: one for one in real.tables["authorisation"].to_dicts()}
    assert len(told) == 194
    assert (told["1974101"]["product_name"], told["1974101"]["status"]) == ("ZOCOR", "authorised")
    assert {one["product_name"] for one in told.values() if one["status"] == "unknown"} == {"PEDEA", "NEOPROFEN"}
    assert {one["product_name"] for one in told.values() if one["legal_basis"] == "generic"} >= {"ABESYL", "NORVALET"}
    assert real.tables["event"]["date"].null_count() == real.tables["event"].height == 192
