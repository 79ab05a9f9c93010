"""The register of Ukraine: certificates with an end and mostly no beginning, in two layouts."""

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

REGISTER = "ua_drlz"
HEADER = [
    "mpid", "pmsid", "inn_ua", "inn_en", "atc_code", "reg_num", "exp_date", "name_ua", "name_en", "package_pcid",
    "package_status", "package_description", "package_legal_status", "release_form", "manufactured_dose_form_id",
    "manufacturer", "package_qty",
]  # fmt: skip
CERTIFICATES = [
    "ID", "Торгівельне найменування", "Міжнародне непатентоване найменування", "Форма випуску", "Умови відпуску",
    "Склад (діючі)", "Фармакотерапевтична група", "Код АТС 1", "Код АТС 2", "Код АТС 3", "Заявник: назва українською",
    "Заявник: країна", "Заявник: адреса", "Кількість виробників", "Виробник 1: назва українською",
    "Номер Реєстраційного посвідчення", "Дата початку дії", "Дата закінчення", "Тип ЛЗ", "ЛЗ біологічного походження",
    "ЛЗ-сирота", "Гомеопатичний ЛЗ", "Дострокове припинення", "Дострокове припинення: останній день дії",
    "Дострокове припинення: причина", "URL інструкції",
]  # fmt: skip


def row(
    number: str = "UA/17852/01/01", ends: str = "11.01.2027", *, uk: str = "нусінерсен", en: str = "nusinersen",
    name: str = "СПІНРАЗА", atc: str = "M09AX07", status: str = "Діючий", product: str = "UA-1", pack: str = "по 1",
    description: str = "розчин для ін'єкцій",
) -> list[str]:  # fmt: skip
    return [product, "1", uk, en, atc, number, ends, name, "SPINRAZA", f"{product}-{pack}", status,
            f"{description}; {pack}", "за рецептом", "Розчин для ін'єкцій", "", "Виробник", "5 мл"]  # fmt: skip


def certificate(
    number: str = "UA/12345/01/01", begins: str = "05.06.2019", ends: str = "05.06.2029", *, orphan: str = "Ні",
    homeopathic: str = "Ні", early: str = "Ні", last: str = "", country: str = "Німеччина", inn: str = "Atorvastatin",
    form: str = "таблетки по 10 мг",
) -> list[str]:  # fmt: skip
    return ["A1B2", "ПРИКЛАДСТАТИН", inn, form, "за рецептом", "1 таблетка містить", "Група", "C10AA05", "", "",
            "Приклад ГмбХ", country, "Вулиця 1", "1", "Завод", number, begins, ends, "Звичайний", "Ні", orphan,
            homeopathic, early, last, "", "http://example.org"]  # fmt: skip


def read(tmp_path: Path, *rows: list[str], header: Sequence[str] = HEADER) -> Reading:
    write_xlsx(tmp_path / "medipro.xlsx", {"Sheet2": [header, *rows]})
    return opened(tmp_path)


def read_certificates(
    tmp_path: Path, *rows: list[str], header: Sequence[str] = CERTIFICATES, encoding: str = "cp1251"
) -> Reading:
    with (tmp_path / "reestr.csv").open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=";", quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return opened(tmp_path)


def opened(tmp_path: Path) -> Reading:
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2026, 3, 11), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str | None]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def events(reading: Reading) -> list[tuple[object, ...]]:
    return reading.tables["event"].select("event", "date", "before", "text").rows()


def ingredients(reading: Reading) -> list[tuple[object, ...]]:
    return reading.tables["ingredient"].select("position", "name", "language").rows()


# -- the list of packs


def test_packs_of_a_certificate_are_one_record_without_a_date(tmp_path: Path) -> None:
    reading = read(tmp_path, row(), row(product="UA-2", pack="по 2"))
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["record_id"], one["number"], one["jurisdiction"]) == ("UA/17852/01/01", "UA/17852/01/01", "UA")
    assert (one["product_name"], one["status"], one["procedure"]) == ("СПІНРАЗА", "authorised", "national")
    assert (one["atc"], one["other_numbers"], one["holder_name"]) == (["M09AX07"], ["UA-1", "UA-2"], None)
    assert events(reading) == [("authorised", None, None, "Діючий")]
    assert ingredients(reading) == [(1, "nusinersen", "en")]
    assert issues(reading) == set()


def test_backticks_are_quotation_marks(tmp_path: Path) -> None:
    reading = read(tmp_path, row(name="ПРИКЛАДОКЛАВ `ДУО`"))
    assert reading.tables["authorisation"]["product_name"].to_list() == ['ПРИКЛАДОКЛАВ "ДУО"']


@pytest.mark.parametrize("ends", ["08.11.2124", "12.03.2026", "11.03.2026"])
def test_a_certificate_with_an_end_to_come_is_in_force(tmp_path: Path, ends: str) -> None:
    assert read(tmp_path, row(ends=ends)).tables["authorisation"]["status"].to_list() == ["authorised"]


def test_the_state_of_a_certificate_whose_end_has_passed_is_unknown(tmp_path: Path) -> None:
    reading = read(tmp_path, row(ends="01.02.2022"))
    assert reading.tables["authorisation"]["status"].to_list() == ["unknown"]
    assert issues(reading) == {("certificate_over", "UA/17852/01/01")}


def test_of_an_old_and_a_new_end_the_later_one_counts(tmp_path: Path) -> None:
    reading = read(
        tmp_path, row(ends="17.12.2025", name="ПРИКЛАД"), row(ends="08.11.2124", name="ПРИКЛАД®", product="UA-2")
    )
    told = reading.tables["authorisation"].select("product_name", "status", "other_numbers").rows()
    assert told == [("ПРИКЛАД®", "authorised", ["UA-2", "UA-1"])]
    assert issues(reading) == {("rows_disagree", "UA/17852/01/01")}


def test_packs_that_are_all_obsolete_say_nothing_of_the_state(tmp_path: Path) -> None:
    reading = read(tmp_path, row(status="Застарілий"))
    assert reading.tables["authorisation"]["status"].to_list() == ["unknown"]


def test_bulk_substances_are_left_out(tmp_path: Path) -> None:
    reading = read(tmp_path, row(), row("UA/99906/01/01", description="порошок (субстанція) у пакетах"))
    assert reading.tables["authorisation"].height == 1
    assert dict(reading.tables["register_file"].select("outcome", "rows").rows()) == {"read": 1, "out_of_scope": 1}


@pytest.mark.parametrize(
    ("uk", "en", "names"),
    [
        ("амоксицилін; клавуланова кислота", "amoxicillin; clavulanic acid",
         [(1, "amoxicillin", "en"), (2, "clavulanic acid", "en")]),
        ("амоксицилін; *клавуланова кислота", "amoxicillin; ",
         [(1, "amoxicillin", "en"), (2, "клавуланова кислота", "uk")]),
        ("*мельдоній", "", [(1, "мельдоній", "uk")]),
        ("а; б", "amoxicillin", [(1, "amoxicillin", "en")]),
        ("парацетамол, комбінації без психолептиків", "paracetamol, combinations excl. psycholeptics", []),
        ("", "", []),
    ],
)  # fmt: skip
def test_substances_in_two_languages(tmp_path: Path, uk: str, en: str, names: list[tuple[object, ...]]) -> None:
    assert ingredients(read(tmp_path, row(uk=uk, en=en))) == names


def test_a_row_for_each_language_of_the_name(tmp_path: Path) -> None:
    header = ["language", *[one.replace("name_ua", "name") for one in HEADER if one != "name_en"]]
    cells = row()[:8] + row()[9:]
    english = [*cells[:7], "SPINRAZA", *cells[8:]]
    reading = read(tmp_path, ["Англійська", *english], ["Українська", *cells], header=header)
    assert reading.tables["authorisation"].select("product_name", "status").rows() == [("СПІНРАЗА", "authorised")]
    assert issues(reading) == set()


def test_bad_cells_end_in_issues(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row("18322/01/01"),
        row("UA/10001/01/01", ends="31.02.2027"),
        row("UA/10002/01/01", status="Новий"),
        row("UA/10003/01/01", atc="M03AC011"),
        row("UA/10004/01/01", atc="*C01EB22"),
        row("", name="БЕЗ НОМЕРА"),
    )
    assert issues(reading) == {
        ("unexpected_shape", "18322/01/01"), ("bad_date", "31.02.2027"), ("unknown_code", "Новий"),
        ("no_atc_code", "M03AC011"),
    }  # fmt: skip
    told = {one: (status, atc) for one, status, atc in
            reading.tables["authorisation"].select("number", "status", "atc").rows()}  # fmt: skip
    assert told["UA/10001/01/01"][0] == told["UA/10002/01/01"][0] == "unknown"
    assert (told["UA/10003/01/01"][1], told["UA/10004/01/01"][1]) == ([], ["C01EB22"])
    assert reading.tables["quarantine"]["reason"].to_list() == ["the row has no key"]


def test_missing_and_new_columns(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="exp_date"):
        read(tmp_path, row(), header=[one.replace("exp_date", "valid_to") for one in HEADER])
    header = [one.replace("inn_en", "inn_lat") for one in HEADER]
    reading = read(tmp_path, row(), header=header)
    assert {kind for kind, _ in issues(reading)} == {"missing_column", "new_column"}
    assert ingredients(reading) == [(1, "нусінерсен", "uk")]


# -- the list of certificates


def test_a_certificate_began_on_a_day_that_may_be_of_a_renewal(tmp_path: Path) -> None:
    reading = read_certificates(tmp_path, certificate())
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["number"], one["holder_name"], one["holder_country"]) == ("UA/12345/01/01", "Приклад ГмбХ", "DE")
    assert (one["product_name"], one["status"], one["form"]) == ("ПРИКЛАДСТАТИН", "authorised", "таблетки по 10 мг")
    assert events(reading) == [("authorised", None, date(2019, 6, 6), "05.06.2019")]
    assert ingredients(reading) == [(1, "Atorvastatin", "en")]
    assert issues(reading) == set()


def test_certificates_without_end_orphans_and_homeopathic_products(tmp_path: Path) -> None:
    reading = read_certificates(
        tmp_path,
        certificate(ends="необмежений", orphan="Так"),
        certificate("UA/12346/01/01", homeopathic="Так", country="Нарнія"),
        certificate("UA/12347/01/01", form="порошок (субстанція)"),
    )
    assert reading.tables["authorisation"].select("status", "flags", "legal_basis", "holder_country").rows() == [
        ("authorised", ["orphan"], "unknown", "DE"),
        ("authorised", None, "homeopathic", None),
    ]
    assert issues(reading) == {("unknown_code", "Нарнія")}


@pytest.mark.parametrize(
    ("last", "status", "ended"),
    [
        ("01.02.2024", "withdrawn", [("withdrawn", date(2024, 2, 1), None, "01.02.2024")]),
        ("", "withdrawn", [("withdrawn", None, None, "Так")]),
        ("30.03.2026", "authorised", []),
    ],
)
def test_a_certificate_that_ended_early(
    tmp_path: Path, last: str, status: str, ended: list[tuple[object, ...]]
) -> None:
    reading = read_certificates(tmp_path, certificate(early="Так", last=last))
    assert reading.tables["authorisation"]["status"].to_list() == [status]
    assert events(reading)[1:] == ended


def test_certificates_in_another_codepage_and_with_bad_cells(tmp_path: Path) -> None:
    reading = read_certificates(tmp_path, certificate(begins="99.06.2019"), certificate()[:-3], encoding="utf-8-sig")
    assert events(reading) == [("authorised", None, None, "99.06.2019")]
    assert issues(reading) == {("bad_date", "99.06.2019")}
    assert reading.tables["quarantine"]["reason"].to_list() == ["23 fields where the table has 26"]


def test_certificates_without_their_beginning_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="Дата початку дії"):
        read_certificates(tmp_path, certificate(), header=[one.replace("початку", "старту") for one in CERTIFICATES])


def test_both_lists_tell_of_one_certificate(tmp_path: Path) -> None:
    read_certificates(tmp_path, certificate("UA/17852/01/01", ends="11.01.2027"))
    reading = read(tmp_path, row(name="ПРИКЛАДСТАТИН"))
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["record_id"], one["holder_country"], one["status"]) == ("UA/17852/01/01", "DE", "authorised")
    assert one["other_numbers"] == ["A1B2", "UA-1"]
    assert reading.tables["source_row"].height == 2


def test_neither_list(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(Unreadable, match="medipro"):
        opened(tmp_path)


# -- the real snapshot


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> Reading:
    (snapshot,) = Store(registers_dir).snapshots(REGISTER)
    return catalogue()[REGISTER].read(snapshot)


def test_every_row_of_the_real_snapshot_is_accounted_for(real: Reading, registers_dir: Path) -> None:
    path = registers_dir / REGISTER / "2026-03-11/medipro.xlsx"
    published = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[1:]
    bulk = [cells for cells in published if "(субстанц" in str(cells[HEADER.index("package_description")])]
    assert dict(real.tables["register_file"].select("outcome", "rows").rows()) == {
        "read": len(published) - len(bulk), "out_of_scope": len(bulk),
    }  # fmt: skip
    assert len(published) == 29_777
    assert real.tables["authorisation"]["record_id"].is_unique().all()


def test_what_the_real_snapshot_says_of_known_medicines(real: Reading) -> None:
    told = real.tables["authorisation"].join(real.tables["ingredient"].select("record_id", "name"), on="record_id")
    known = told.filter(pl.col("name").is_in(["nusinersen", "onasemnogene abeparvovec", "inclisiran"]))
    assert set(known.select("name", "number", "product_name", "status").rows()) >= {
        ("nusinersen", "UA/17852/01/01", "СПІНРАЗА", "authorised"),
        ("onasemnogene abeparvovec", "UA/20817/01/01", "ЗОЛГЕНСМА", "authorised"),
        ("inclisiran", "UA/20570/01/01", "СІБРАВА", "authorised"),
    }
    # no beginning is stated, so that no date may be
    assert real.tables["event"].select("event", "date", "before").unique().rows() == [("authorised", None, None)]


def test_the_issues_of_the_real_snapshot_are_known(real: Reading) -> None:
    found = real.tables["issue"].select("kind", "where", "count").rows()
    assert {(kind, where): count for kind, where, count in found} == {
        ("no_atc_code", "packages.atc"): 4,
        ("unexpected_shape", "packages.number"): 1,
        ("certificate_over", "register.ends"): 81,
        ("rows_disagree", "register.name"): 211,
        ("rows_disagree", "register.inn_uk"): 406,
        ("rows_disagree", "register.form"): 168,
    }
    assert real.tables["quarantine"].is_empty()


def test_the_sample_is_read_without_surprises() -> None:
    reading = catalogue()[REGISTER].read(Store(catalogue()[REGISTER].folder).snapshots("sample")[0])
    assert {kind for kind, _ in issues(reading)} == {"rows_disagree", "certificate_over"}
    assert dict(reading.tables["register_file"].select("outcome", "rows").rows()) == {"read": 10, "out_of_scope": 1}
    assert "onasemnogene abeparvovec" in set(reading.tables["ingredient"]["name"])
