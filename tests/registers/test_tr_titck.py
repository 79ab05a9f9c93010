"""TİTCK's list: licences known by number and day, the states of packs, and sheets that come and go."""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import python_calamine
from workbook import write_xlsx

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "tr_titck"
SHEET = "RUHSATLI ÜRÜNLER LİSTESİ"
SUSPENSION = (
    "RUHSATI ASKIDA OLMAYAN ÜRÜN: 0\nMADDE-23 GEREKÇELİ ASKIDA OLAN ÜRÜN: 1\n"
    "FARMAKOVİJİLANS GEREKÇELİ ASKIDA OLAN ÜRÜN: 2\nMADDE-22 GEREKÇELİ ASKIDA OLAN ÜRÜN: 3"
)
HEADER = [
    "SIRA NO", "BARKOD", "ÜRÜN ADI", "ETKİN MADDE", "ATC KODU", "RUHSAT SAHİBİ", "RUHSAT TARİHİ", "RUHSAT NUMARASI",
    "DEĞİŞİKLİK", "Bu hafta değişiklik yapılan ürünler ile belirtilmiştir.", "DEĞİŞİKLİK TARİHİ", SUSPENSION,
    "ASKIYA ALINMA TARİHİ",
]  # fmt: skip
TITLE = ["RUHSATLI BEŞERİ TIBBİ ÜRÜNLER LİSTESİ", *[""] * 11, "İRD-LST-15"]
SUSPENDED = [
    "SIRA NO", "BARKOD", "ÜRÜN ADI", "ETKİN MADDE", "RUHSAT SAHİBİ", "RUHSAT TARİHİ", "RUHSAT NUMARASI", "AÇIKLAMA",
]  # fmt: skip
ALLERGENS = [
    "BARKOD", "ÜRÜN ADI", "AMBALAJ BOYUTU", "GEÇİCİ İZİN SAHİBİ", "ETKİN MADDE ", "İMAL/İTHAL/İHRAÇ", "TÜRÜ",
    "GEÇİCİ İZİN TARİHİ", "GEÇİCİ İZİN NO", "REÇETE TÜRÜ",
]  # fmt: skip
Cells = Sequence[str | float]


def row(
    number: str = "2022/1", licensed: str = "2022-10-11", *, barcode: str | float = 8690000000012.0,
    name: str = "ÖRNEKVASTATİN 10 MG TABLET", substances: str = "atorvastatin kalsiyum", atc: str = "C10AA05",
    state: str | float = 0.0, suspended: str = "", holder: str = "ÖRNEK A.Ş.",
) -> list[str | float]:  # fmt: skip
    return [1.0, barcode, name, substances, atc, holder, licensed, number, "", "", "", state, suspended]


def read(
    tmp_path: Path, *rows: Cells, header: Sequence[str] = HEADER, sheet: str = SHEET,
    file: str = "ruhsatli_ilaclar_listesi.xlsx", **sheets: Sequence[Cells],
) -> Reading:  # fmt: skip
    others = {
        "allergens": ("Geçici İzinli Alerjenler", [ALLERGENS]),
        "radiopharmaceuticals": ("Tescil Belgeli Radyofarmasötik", [["NO", "ÜRÜN ADI", "FİRMA ADI", "ETKİN MADDE"]]),
        "suspended": ("Ruhsatı Askıya Alınan Ürünler", [SUSPENDED]),
        "cancelled": ("Amb.Boyutu İptal Edilenler", [SUSPENDED]),
    }
    book = {sheet: [TITLE, header, *rows]}
    book |= {title: [*top, *sheets.get(name, [])] for name, (title, top) in others.items()}
    write_xlsx(tmp_path / file, book)
    return opened(tmp_path)


def opened(tmp_path: Path) -> Reading:
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2025, 6, 30), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str | None]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def events(reading: Reading) -> list[tuple[object, ...]]:
    return reading.tables["event"].select("event", "date", "precision").rows()


def names(reading: Reading) -> list[str]:
    return reading.tables["ingredient"].sort("record_id", "position")["name"].to_list()


def test_a_pack_belongs_to_the_licence_of_its_number_and_day(tmp_path: Path) -> None:
    reading = read(tmp_path, row(), row("2022/ 1", "11.10.2022", barcode=8690000000029.0, atc="C10AA05\xa0"))
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["record_id"], one["number"], one["agency"]) == ("2022/1 2022-10-11", "2022/1", "TİTCK")
    assert (one["status"], one["procedure"], one["atc"]) == ("authorised", "national", ["C10AA05"])
    assert one["other_numbers"] == ["8690000000012", "8690000000029"]
    assert events(reading) == [("authorised", date(2022, 10, 11), "day")]
    assert reading.tables["ingredient"].select("name", "language").rows() == [("atorvastatin kalsiyum", "tr")]
    assert reading.tables["authorisation"].height == 1
    assert issues(reading) == set()


def test_older_numbers_were_given_twice(tmp_path: Path) -> None:
    reading = read(tmp_path, row("109/90", "1970-01-01"), row("109/90", "1991-05-02"))
    assert reading.tables["authorisation"]["record_id"].to_list() == ["109/90 1970-01-01", "109/90 1991-05-02"]


def test_another_product_under_the_same_number_and_day_is_told_and_stands_alone(tmp_path: Path) -> None:
    other = row(barcode=8690000000029.0, substances="varfarin sodyum", atc="B01AA03")
    reading = read(tmp_path, row(), other)
    assert reading.tables["authorisation"].select("record_id", "substances_text").rows() == [
        ("2022/1 2022-10-11", "atorvastatin kalsiyum"),
        ("2022/1 2022-10-11 8690000000029", "varfarin sodyum"),
    ]
    assert issues(reading) == {("number_given_twice", "2022/1 2022-10-11")}


def test_a_pack_without_number_and_day_is_authorised_without_a_date(tmp_path: Path) -> None:
    reading = read(tmp_path, row("", ""), row("", "", barcode="", name="ÖRNEKSİN ŞURUP"))
    assert reading.tables["authorisation"].select("record_id", "number", "status").rows() == [
        ("8690000000012", None, "authorised"),
        ("ÖRNEKSİN ŞURUP", None, "authorised"),
    ]
    assert events(reading) == [("authorised", None, None)] * 2
    assert reading.tables["event"]["text"].to_list() == ["ÖRNEKVASTATİN 10 MG TABLET", "ÖRNEKSİN ŞURUP"]


@pytest.mark.parametrize(("state", "status"), [(0.0, "authorised"), (1.0, "suspended"), (2.0, "suspended"),
                                               (3.0, "suspended"), ("", "unknown"), (4.0, "unknown")])  # fmt: skip
def test_the_codes_of_suspension(tmp_path: Path, state: str | float, status: str) -> None:
    reading = read(tmp_path, row(state=state, suspended="2024-05-14" if status == "suspended" else ""))
    assert reading.tables["authorisation"]["status"].to_list() == [status]
    assert events(reading)[1:] == ([("suspended", date(2024, 5, 14), "day")] if status == "suspended" else [])
    assert issues(reading) == ({("unknown_code", "4")} if state == 4.0 else set())


def test_a_licence_with_a_pack_that_is_not_suspended_is_in_force(tmp_path: Path) -> None:
    reading = read(tmp_path, row(state=1.0, suspended="2024-05-14"), row(barcode=8690000000029.0))
    assert reading.tables["authorisation"]["status"].to_list() == ["authorised"]
    assert events(reading) == [("authorised", date(2022, 10, 11), "day")]
    assert issues(reading) == {("rows_disagree", "2022/1 2022-10-11")}


def test_bad_days_are_issues(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row("200/1", "20.08.202"),
        row("200/2", "26.11.219"),
        row("200/3", "02.26.2020"),
        row("2015/4", "2019-01-02"),
        row("2024/5", "2031-01-02"),
        row("200/6", "05.02.2001."),
    )
    assert issues(reading) == {
        ("impossible_date", "20.08.202"),
        ("impossible_date", "26.11.219"),
        ("bad_date", "02.26.2020"),
        ("impossible_date", "2015/4 of 2019-01-02"),
        ("impossible_date", "2031-01-02"),
    }
    assert events(reading) == [("authorised", None, None)] * 5 + [("authorised", date(2001, 2, 5), "day")]
    assert reading.tables["authorisation"]["record_id"].to_list()[:4] == [
        "200/1 20.08.202", "200/2 26.11.219", "200/3 02.26.2020", "2015/4 2019-01-02",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "substances"),
    [
        ("valsartan/hidroklorotiyazid", ["valsartan", "hidroklorotiyazid"]),
        ("amoksisilin trihidrat ve potasyum klavulanat", ["amoksisilin trihidrat", "potasyum klavulanat"]),
        ("kalsiyum karbonat (680 mg, tablet)", ["kalsiyum karbonat (680 mg, tablet)"]),
        ("vitamin b1, b6 ve b12", []),
        ("salmeterol and fluticasone", []),
        ("elektrolitler", []),
        ("parasetamol (500 mg", []),
    ],
)
def test_substances_are_read_where_every_part_is_a_name(tmp_path: Path, text: str, substances: list[str]) -> None:
    reading = read(tmp_path, row(substances=text))
    assert names(reading) == substances
    assert issues(reading) == (set() if substances else {("unsplit_substances", text)})


def test_temporary_permits_of_allergens(tmp_path: Path) -> None:
    allergen = [8690000000104.0, "ÖRNEKALERJEN", "1 Adet", "ÖRNEK A.Ş.", "Phleum pratense polen ekstraktı", "İTHAL",
                "ALERJEN", "12.08.2022", "2022-ALJ/900", "BEYAZ"]  # fmt: skip
    reading = read(tmp_path, row(), allergens=[allergen, allergen])
    one = reading.tables["authorisation"].filter(number="2022-ALJ/900").row(0, named=True)
    assert (one["status"], one["flags"], one["other_numbers"]) == ("authorised", ["emergency"], ["8690000000104"])
    assert events(reading)[1:] == [("emergency_authorised", date(2022, 8, 12), "day")]
    assert reading.tables["register_file"].filter(outcome="duplicate")["rows"].to_list() == [1]


def test_radiopharmaceuticals_have_no_date(tmp_path: Path) -> None:
    reading = read(tmp_path, row(), radiopharmaceuticals=[[1.0, "ÖRNEKSCAN", "ÖRNEK A.Ş.", "METİLEN DİFOSFONİK ASİT"]])
    told = reading.tables["authorisation"].filter(record_id="ÖRNEKSCAN (ÖRNEK A.Ş.)")
    assert told.select("number", "status").rows() == [(None, "authorised")]
    assert events(reading)[1:] == [("authorised", None, None)]


def test_lists_of_suspended_products_and_of_cancelled_packs(tmp_path: Path) -> None:
    suspended = [1.0, 8690000000111.0, "ÖRNEKSART", "valsartan", "ÖRNEK A.Ş.", "2016-02-17", "2016/1", "Madde 23"]
    cancelled = [1.0, 8690000000012.0, "ÖRNEKVASTATİN 10 MG", "atorvastatin", "ÖRNEK A.Ş.", "2022-10-11", "2022/1", ""]
    reading = read(tmp_path, row(), suspended=[suspended], cancelled=[cancelled])
    assert reading.tables["authorisation"].select("number", "status").rows() == [
        ("2022/1", "authorised"),
        ("2016/1", "suspended"),
    ]
    assert events(reading)[1:] == [("authorised", date(2016, 2, 17), "day"), ("suspended", None, None)]
    assert reading.tables["register_file"].filter(outcome="out_of_scope")["reason"].to_list() == [
        "a cancelled pack size, no licence"
    ]


def test_a_changed_meaning_of_the_codes_is_not_read(tmp_path: Path) -> None:
    header = [one if one != SUSPENSION else SUSPENSION.replace(": 3", ": 4") for one in HEADER]
    reading = read(tmp_path, row(state=1.0), header=header)
    assert reading.tables["authorisation"]["status"].to_list() == ["unknown"]
    assert {kind for kind, _ in issues(reading)} == {"new_column", "missing_column"}


def test_an_older_list_without_states_and_other_sheets(tmp_path: Path) -> None:
    write_xlsx(
        tmp_path / "RuhsatlBeeriTbbirnlerListesi.xlsx", {"RUHSATLI ÜRÜNLER LİSTESİ": [TITLE, HEADER[:8], row()[:8]]}
    )
    reading = opened(tmp_path)
    assert reading.tables["authorisation"].select("number", "status").rows() == [("2022/1", "unknown")]
    assert events(reading) == [("authorised", date(2022, 10, 11), "day")]
    kinds = reading.tables["issue"]["kind"].to_list()
    assert set(kinds) == {"unexpected_count", "missing_sheet", "missing_column"}
    assert kinds.count("missing_sheet") == 4


def test_an_unknown_sheet_is_told(tmp_path: Path) -> None:
    book = {SHEET: [TITLE, HEADER, row()], "YENİ LİSTE": [["ÜRÜN ADI"], ["ÖRNEK"]]}
    write_xlsx(tmp_path / "ruhsatli_ilaclar_listesi.xlsx", book)
    told = opened(tmp_path).tables["issue"].filter(kind="unknown_sheet")
    assert told["where"].to_list() == ["ruhsatli_ilaclar_listesi.xlsx/YENİ LİSTE"]


def test_a_renamed_key_column_or_sheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="RUHSAT NUMARASI"):
        read(tmp_path, row(), header=[one.replace("NUMARASI", "NO") for one in HEADER])
    with pytest.raises(Unreadable, match="no sheet"):
        read(tmp_path, row(), sheet="Sayfa1")


def test_odd_cells(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row("2022/1", barcode=":8690000000098", atc="S03CA0l"),
        row("2022/2", barcode="86995870l3286", atc="A02BC01 ve J01FA09"),
        row("", "", barcode="", name=""),
    )
    assert reading.tables["authorisation"].select("other_numbers", "atc").rows()[:2] == [
        (["8690000000098"], []),
        (["86995870l3286"], ["A02BC01", "J01FA09"]),
    ]
    assert issues(reading) == {("no_atc_code", "S03CA0l"), ("unexpected_shape", "86995870l3286")}
    assert reading.tables["quarantine"]["reason"].to_list() == ["the row has no key"]


# -- the real snapshot


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> Reading:
    (snapshot,) = Store(registers_dir).snapshots(REGISTER)
    return catalogue()[REGISTER].read(snapshot)


def test_every_row_of_the_real_snapshot_is_accounted_for(real: Reading, registers_dir: Path) -> None:
    book = python_calamine.CalamineWorkbook.from_path(
        str(registers_dir / REGISTER / "2025-06-30/ruhsatli_ilaclar_listesi.xlsx")
    )
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    rows = [[str(cell) for cell in cells] for sheet in sheets for cells in sheet]
    data = [cells for cells in rows if any(cells) and cells[0].replace(".", "").isdigit()]
    account = real.tables["register_file"].filter(pl.col("file").str.starts_with("ruhsatli"))
    assert account["rows"].sum() == len(data) == 22_462
    assert real.tables["authorisation"]["record_id"].is_unique().all()


def test_the_dates_of_the_real_snapshot_are_the_facts(real: Reading, facts_dir: Path) -> None:
    with (facts_dir / "advanced_therapies.csv").open(encoding="utf-8", newline="") as stream:
        facts = [one for one in csv.DictReader(stream) if one["evidence"] == f"register:{REGISTER}/2025-06-30"]
    dated = real.tables["authorisation"].join(real.tables["event"], on="record_id").filter(event="authorised")
    known = dict(dated.select("number", "date").rows())
    told = {one["brand"]: known.get(one["licence_number"]) for one in facts}
    # the list of prescriptions has Macugen, that of licences has it not
    assert told.pop("Macugen") is None
    assert told == {"Spinraza": date(2022, 11, 25), "Lyptimzia": date(2024, 8, 2)}
    assert known["2015/605"] == date(2015, 8, 11)


def test_the_issues_of_the_real_snapshot_are_known(real: Reading) -> None:
    found = real.tables["issue"].group_by("kind").agg(pl.col("count").sum()).rows()
    assert dict(found) == {
        "bad_date": 11, "impossible_date": 21, "no_atc_code": 12, "number_given_twice": 11, "rows_disagree": 38,
        "unexpected_shape": 2, "unsplit_substances": 475,
    }  # fmt: skip
    assert dict(real.tables["authorisation"].group_by("status").len().rows()) == {
        "authorised": 14_216, "suspended": 460, "unknown": 35,
    }  # fmt: skip
    assert real.tables["quarantine"].is_empty()


def test_the_sample_is_read_without_surprises() -> None:
    reading = catalogue()[REGISTER].read(Store(catalogue()[REGISTER].folder).snapshots("sample")[0])
    assert {kind for kind, _ in issues(reading)} == {"impossible_date", "rows_disagree", "unsplit_substances"}
    assert dict(reading.tables["register_file"].group_by("outcome").agg(pl.col("rows").sum()).rows()) == {
        "read": 13, "out_of_scope": 5,
    }  # fmt: skip
    spinraza = reading.tables["event"].filter(pl.col("record_id").str.starts_with("2022/677"))
    assert spinraza.select("event", "date").rows() == [("authorised", date(2022, 11, 25))]
