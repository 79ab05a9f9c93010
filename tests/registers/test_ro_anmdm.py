"""ANMDMR's nomenclator: packs become products, the year in a number is a date only where it is one."""

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import python_calamine
from workbook import write_xlsx

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "ro_anmdm"
HEADER = [
    "Cod CIM", "Denumire comerciala", "DCI", "Forma farmaceutica", "Concentratie", "Firma / tara producatoare APP",
    "Firma / tara detinatoare APP", "Cod ATC", "Actiune terapeutica", "Prescriptie", "Nr / data ambalaj APP", "Ambalaj",
    "Volum ambalaj", "Valabilitate ambalaj", "Bulina", "Diez", "Stea", "Triunghi", "Dreptunghi", "Data actualizare",
]  # fmt: skip
HOLDER = "NOVARTIS EUROPHARM LIMITED - IRLANDA"


def row(
    number: str = "9999/2016/01", pack: str = "W90001001", *, name: str = "EXEMPLU 10 mg", triangle: str = "",
    substances: str = "ATORVASTATINUM", holder: str = "EXEMPLU S.R.L. - ROMANIA", atc: str = "C10AA05",
) -> list[str]:  # fmt: skip
    return [pack, name, substances, "COMPR. FILM.", "10mg", "MAKER LTD. - MALTA", holder, atc, "", "P6L", number,
            "Cutie", "", "2 ani", "", "", "", triangle, "", "30.06.23"]  # fmt: skip


def european(number: str, pack: str = "W90001001", substances: str = "NUSINERSENUM") -> list[str]:
    return row(number, pack, triangle="X", substances=substances, holder=HOLDER)


def read(tmp_path: Path, *rows: list[str], header: list[str] = HEADER, day: date = date(2023, 7, 3)) -> Reading:
    write_xlsx(tmp_path / "nomenclator.xlsx", {"Worksheet": [header, *rows]})
    return opened(tmp_path, day)


def opened(tmp_path: Path, day: date = date(2023, 7, 3)) -> Reading:
    return catalogue()[REGISTER].read(Snapshot(REGISTER, day, tmp_path))


def issues(reading: Reading) -> set[tuple[str, str | None]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def events(reading: Reading) -> list[tuple[object, ...]]:
    return reading.tables["event"].select("event", "date", "precision", "before").rows()


def ingredients(reading: Reading) -> list[tuple[object, ...]]:
    return reading.tables["ingredient"].select("position", "name", "language").rows()


def test_packs_of_a_product_are_one_record(tmp_path: Path) -> None:
    reading = read(tmp_path, row(), row("9999/2016/02", "W90001002"), row("9999/2016/01", "W90002001"))
    assert reading.tables["authorisation"].select("record_id", "number", "other_numbers").rows() == [
        ("W90001", "9999/2016", ["W90001001", "W90001002"]),
        ("W90002", "9999/2016", ["W90002001"]),
    ]
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["holder_name"], one["holder_country"], one["agency"]) == ("EXEMPLU S.R.L.", "RO", "ANMDMR")
    assert (one["status"], one["procedure"], one["legal_basis"]) == ("authorised", "unknown", "unknown")
    assert ingredients(reading) == [(1, "ATORVASTATINUM", "la")] * 2
    assert reading.tables["source_row"]["record_id"].to_list() == ["W90001", "W90001", "W90002"]
    assert issues(reading) == set()


def test_the_year_of_a_national_number_may_be_that_of_a_renewal(tmp_path: Path) -> None:
    assert events(read(tmp_path, row("9999/2016/01"))) == [("authorised", None, None, date(2017, 1, 1))]


def test_a_european_number_is_dated_by_its_year(tmp_path: Path) -> None:
    reading = read(tmp_path, european("1188/2017/01"), european("1188/2017/02", "W90001002"))
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["number"], one["procedure"], one["holder_country"]) == ("1188/2017", "centralised", "IE")
    assert one["other_numbers"] == [
        "EU/1/17/1188", "EU/1/17/1188/001", "EU/1/17/1188/002", "W90001001", "W90001002",
    ]  # fmt: skip
    assert events(reading) == [("authorised", date(2017, 1, 1), "year", None)]


def test_the_serial_tells_the_year_of_the_european_number(tmp_path: Path) -> None:
    reading = read(tmp_path, european("1261/2018/01"))
    assert reading.tables["authorisation"]["other_numbers"].to_list() == [
        ["EU/1/17/1261", "EU/1/17/1261/001", "W90001001"]
    ]
    assert events(reading) == [("authorised", date(2018, 1, 1), "year", None)]


def test_a_number_as_a_european_one_without_the_triangle_is_national(tmp_path: Path) -> None:
    one = read(tmp_path, row("441/2008/01")).tables["authorisation"].row(0, named=True)
    assert (one["procedure"], one["other_numbers"]) == ("unknown", ["W90001001"])


@pytest.mark.parametrize("number", ["14383/2022/01", "98/1998/01", "1188/2012/01", "1188/2022/01"])
def test_a_triangle_that_contradicts_the_number_is_told(tmp_path: Path, number: str) -> None:
    reading = read(tmp_path, european(number))
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["procedure"], one["other_numbers"]) == ("unknown", ["W90001001"])
    assert [event[:3] for event in events(reading)] == [("authorised", None, None)]
    assert {kind for kind, _ in issues(reading)} == {"unclear_number"}


def test_a_later_year_is_read_where_other_packs_bear_the_serial_in_its_own(tmp_path: Path) -> None:
    reading = read(tmp_path, european("1188/2017/01"), european("1188/2022/02", "W90002001"))
    told = reading.tables["authorisation"].select("procedure", pl.col("other_numbers").list.first())
    assert told.rows() == [("centralised", "EU/1/17/1188")] * 2
    assert issues(reading) == set()


def test_a_serial_younger_than_those_known_has_no_european_number(tmp_path: Path) -> None:
    reading = read(tmp_path, european("1902/2025/01"), day=date(2025, 7, 1))
    assert reading.tables["authorisation"].select("procedure", "other_numbers").rows() == [
        ("centralised", ["W90001001"])
    ]
    assert events(reading) == [("authorised", date(2025, 1, 1), "year", None)]


def test_a_permit_for_special_needs_is_an_emergency_authorisation(tmp_path: Path) -> None:
    reading = read(tmp_path, row("799/2022/01"))
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["status"], one["flags"], one["procedure"]) == ("unknown", ["emergency"], "unknown")
    assert events(reading) == [("emergency_authorised", date(2022, 1, 1), "year", None)]


@pytest.mark.parametrize("number", ["9999/2031/01", "799/2031/01"])
def test_a_year_to_come_is_no_date(tmp_path: Path, number: str) -> None:
    reading = read(tmp_path, row(number))
    assert [event[1:] for event in events(reading)] == [(None, None, None)]
    assert ("impossible_date", number[:-3]) in issues(reading)


def test_a_pack_listed_once_for_each_atc_code(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row(name="METRONIDAZOL EXEMPLU 250 mg (vezi J01XD01)", atc="P01AB01"),
        row(name="METRONIDAZOL EXEMPLU 250 mg (vezi P01AB01)", atc="J01XD01"),
    )
    told = reading.tables["authorisation"].select("product_name", "atc", "other_numbers").rows()
    assert told == [("METRONIDAZOL EXEMPLU 250 mg", ["P01AB01", "J01XD01"], ["W90001001"])]
    assert issues(reading) == set()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("COMBINATII (IBUPROFENUM+PSEUDOEFEDRINUM)", ["IBUPROFENUM", "PSEUDOEFEDRINUM"]),
        ("AMOXICILLINUM + ACIDUM CLAVULANICUM", ["AMOXICILLINUM", "ACIDUM CLAVULANICUM"]),
        ("PEGAPTANIBUM  SODICUM", ["PEGAPTANIBUM SODICUM"]),
        ("COMBINATII", []),
        ("PLANTE", []),
        ("HOMEOPATE", []),
        ("", []),
    ],
)
def test_substances(tmp_path: Path, text: str, names: list[str]) -> None:
    assert [name for _, name, _ in ingredients(read(tmp_path, row(substances=text)))] == names


def test_a_romanian_name_is_no_latin_one(tmp_path: Path) -> None:
    assert ingredients(read(tmp_path, row(substances="EXTRACT DE VALERIANA"))) == [(1, "EXTRACT DE VALERIANA", "ro")]


def test_homeopathic_products(tmp_path: Path) -> None:
    assert read(tmp_path, row(substances="HOMEOPATE")).tables["authorisation"]["legal_basis"][0] == "homeopathic"


def test_a_holder_without_a_country_stays_whole(tmp_path: Path) -> None:
    reading = read(
        tmp_path, row(holder="KYOWA KIRIN HOLDINGS B.V. -"), row(pack="W90002001", holder="EXEMPLU S.R.L. - CROMANIA")
    )
    assert reading.tables["authorisation"].select("holder_name", "holder_country").rows() == [
        ("KYOWA KIRIN HOLDINGS B.V. -", None),
        ("EXEMPLU S.R.L. - CROMANIA", None),
    ]
    assert issues(reading) == {("unexpected_shape", "KYOWA KIRIN HOLDINGS B.V. -"), ("unknown_code", "CROMANIA")}


def test_bad_cells_end_in_issues(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row("13898/2021/"),
        row("AUT. NOUA", "W90002001"),
        row(pack="90003001"),
        row("878/2013/01", "W90004001", triangle="?"),
        row(pack="W90005001", atc="L0XX"),
    )
    assert issues(reading) == {
        ("unexpected_shape", "13898/2021/"), ("unexpected_shape", "AUT. NOUA"), ("unexpected_shape", "90003001"),
        ("unknown_code", "?"), ("no_atc_code", "L0XX"),
    }  # fmt: skip
    told = dict(reading.tables["authorisation"].select("record_id", "number").rows())
    assert told["W90001"] == "13898/2021"
    assert reading.tables["quarantine"]["reason"].to_list() == ["the row has no key"]
    undated = reading.tables["event"].filter(record_id="W90002").select("date", "before", "text").rows()
    assert undated == [(None, None, "AUT. NOUA")]
    unmarked = reading.tables["event"].filter(record_id="W90004").select("event", "date", "before").rows()
    assert unmarked == [("authorised", None, date(2014, 1, 1))]


def test_packs_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    reading = read(tmp_path, row(), row("8888/2016/01", "W90001002"))
    assert reading.tables["authorisation"]["number"].to_list() == ["9999/2016"]
    assert issues(reading) == {("rows_disagree", "W90001")}


def test_missing_and_new_columns(tmp_path: Path) -> None:
    without = [name for name in HEADER if name != "Triunghi"]
    with pytest.raises(Unreadable, match="Triunghi"):
        read(tmp_path, row()[:17] + row()[18:], header=without)
    reading = read(tmp_path, row(), header=[*HEADER[:3], "Forma noua", *HEADER[4:]])
    assert issues(reading) == {
        ("missing_column", "Forma farmaceutica (renamed to Forma noua?)"),
        ("new_column", "Forma noua"),
    }


def test_other_numbers_in_the_column_of_the_number_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="number"):
        read(tmp_path, *(row("30.06.23", f"W{90000 + at}001") for at in range(40)))


def test_a_text_with_columns_in_another_order(tmp_path: Path) -> None:
    with (tmp_path / "nomenclator.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEADER[::-1], european("1188/2017/01")[::-1], row()[:-3][::-1]])
    reading = opened(tmp_path)
    assert reading.tables["authorisation"].select("number", "holder_country").rows() == [("1188/2017", "IE")]
    assert reading.tables["quarantine"]["reason"].to_list() == ["17 fields where the table has 20"]


# -- the real snapshot


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> Reading:
    (snapshot,) = Store(registers_dir).snapshots(REGISTER)
    return catalogue()[REGISTER].read(snapshot)


def test_every_row_of_the_real_snapshot_is_accounted_for(real: Reading, registers_dir: Path) -> None:
    path = registers_dir / REGISTER / "2023-07-03/nomenclator.xlsx"
    published = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[1:]
    assert real.tables["register_file"].select("outcome", "rows").rows() == [("read", len(published))]
    assert len({str(cells[0])[:6] for cells in published}) == real.tables["authorisation"].height == 7_545
    assert real.tables["authorisation"]["record_id"].is_unique().all()


def test_the_dates_of_the_real_snapshot_are_the_facts(real: Reading, facts_dir: Path) -> None:
    with (facts_dir / "advanced_therapies.csv").open(encoding="utf-8", newline="") as stream:
        facts = [one for one in csv.DictReader(stream) if one["evidence"] == f"register:{REGISTER}/2023-07-03"]
    assert len(facts) > 10
    told = real.tables["authorisation"].join(real.tables["event"], on="record_id")
    for fact in facts:
        rows = told.filter(number=fact["licence_number"])
        assert not rows.is_empty()
        assert set(rows.select("event", "date", "precision", "procedure", "status").rows()) == {
            ("authorised", date(int(fact["date"]), 1, 1), "year", "centralised", "authorised")
        }, fact["brand"]


def test_the_issues_of_the_real_snapshot_are_known(real: Reading) -> None:
    found = real.tables["issue"].group_by("kind").agg(pl.col("count").sum()).rows()
    assert dict(found) == {
        "no_atc_code": 225, "rows_disagree": 3, "unclear_number": 56, "unexpected_shape": 8, "unknown_code": 8,
        "garbled_text": 13,
    }  # fmt: skip
    stated = real.tables["authorisation"]
    assert dict(stated.group_by("procedure").len().rows()) == {"centralised": 1_939, "unknown": 5_606}
    assert stated.filter(pl.col("flags").list.contains("emergency")).height == 91
    alofisel = stated.filter(number="1261/2018")["other_numbers"].list.first()
    assert alofisel.to_list() == ["EU/1/17/1261"]


def test_the_sample_is_read_without_surprises() -> None:
    reading = catalogue()[REGISTER].read(Store(catalogue()[REGISTER].folder).snapshots("sample")[0])
    assert issues(reading) == {("no_atc_code", "L0XX")}
    assert reading.tables["register_file"].select("outcome", "rows").rows() == [("read", 24)]
    assert reading.tables["authorisation"].filter(procedure="centralised").height == 16
    assert reading.tables["authorisation"]["record_id"].is_unique().all()
