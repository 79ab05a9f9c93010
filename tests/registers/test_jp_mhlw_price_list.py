"""Japan's price list: presence proves an authorisation before a day; codes, eras, full-width text, combinations."""

import csv
from datetime import date
from pathlib import Path

import pytest
from workbook import write_xlsx

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "jp_mhlw_price_list"
GENERIC = "診療報酬において加算等の算定対象となる後発医薬品"
HEADER = [
    "区分", "薬価基準収載医薬品コード", "成分名", "規格", "日本薬局方", "麻薬", "業者名追記", "品名", "メーカー名",
    GENERIC, "先発医薬品", "同一剤形・規格の後発医薬品がある先発医薬品", "薬価", "経過措置による使用期限", "備考",
]  # fmt: skip
#: The ministry's own workbooks have no name above three columns.
MINISTRY = [*HEADER[:4], "", "", "", *HEADER[7:]]


def row(
    substance: str = "パチシランナトリウム", *, code: str = "1290400A1024", name: str = "オンパットロ点滴静注",
    holder: str = "Ａｌｎｙｌａｍ　Ｊａｐａｎ", generic: str = "", until: str = "", remark: str = "",
    strength: str = "８．８ｍｇ４．４ｍＬ１瓶", route: str = "注射薬",
) -> list[str]:  # fmt: skip
    return [route, code, substance, strength, "", "", "", name, holder, generic, "先発品", "", "100", until, remark]


def snapshot(tmp_path: Path) -> Reading:
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2025, 4, 1), tmp_path))


def read(tmp_path: Path, *rows: list[str], header: list[str] = HEADER, encoding: str = "utf-8") -> Reading:
    with (tmp_path / "20250401.csv").open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return snapshot(tmp_path)


def issues(reading: Reading) -> set[tuple[str, str]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def test_a_listed_product_was_authorised_before_the_day_after(tmp_path: Path) -> None:
    reading = read(tmp_path, row())
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["number"], one["status"], one["legal_basis"]) == ("1290400A1024", "authorised", "unknown")
    assert (one["product_name"], one["strength"]) == ("オンパットロ点滴静注", "８．８ｍｇ４．４ｍＬ１瓶")
    assert one["holder_name"] == "Ａｌｎｙｌａｍ　Ｊａｐａｎ"
    assert reading.tables["event"].select("event", "date", "precision", "before").rows() == [
        ("authorised", None, None, date(2025, 4, 2))
    ]
    assert reading.tables["ingredient"].select("name", "language", "code_system", "code", "strength").rows() == [
        ("パチシランナトリウム", "ja", "jp_yj7", "1290400", "8.8mg4.4mL1瓶")
    ]
    assert issues(reading) == set()


def test_a_day_of_listing_is_a_closer_bound(tmp_path: Path) -> None:
    reading = read(tmp_path, row(remark="R7.3.19収載"))
    assert reading.tables["event"].select("before", "text").rows() == [(date(2025, 3, 19), "R7.3.19収載")]


@pytest.mark.parametrize(
    ("until", "status"),
    [
        ("R8.3.31まで", "authorised"),
        ("R7.3.31まで", "unknown"),
        ("H31.3.31まで", "unknown"),
        ("2026/03/31", "authorised"),
    ],
)
def test_a_product_that_left_the_list_has_no_known_status(tmp_path: Path, until: str, status: str) -> None:
    reading = read(tmp_path, row(until=until))
    assert reading.tables["authorisation"]["status"].to_list() == [status]
    assert issues(reading) == set()


@pytest.mark.parametrize(
    ("substance", "name", "mark", "basis"),
    [
        ("ドネペジル塩酸塩", "ドネペジル錠", "後発品", "generic"),
        ("ドネペジル塩酸塩", "ドネペジル錠", "★", "generic"),
        ("アダリムマブ（遺伝子組換え）［アダリムマブ後続１］", "アダリムマブＢＳ皮下注", "後発品", "biosimilar"),
        ("ソマトロピン（遺伝子組換え）", "ソマトロピンＢＳ皮下注", "後発品", "biosimilar"),
        ("人工透析液", "サブラッド血液ろ過用補充液ＢＳＧ", "", "unknown"),
    ],
)
def test_what_the_mark_of_a_generic_tells(tmp_path: Path, substance: str, name: str, mark: str, basis: str) -> None:
    reading = read(tmp_path, row(substance, name=name, generic=mark))
    assert reading.tables["authorisation"]["legal_basis"].to_list() == [basis]
    assert "後続" not in reading.tables["ingredient"]["name"][0]


@pytest.mark.parametrize(
    ("substance", "names"),
    [
        ("テルミサルタン・アムロジピンベシル酸塩", ["テルミサルタン", "アムロジピンベシル酸塩"]),
        (
            "エムトリシタビン・テノホビル　ジソプロキシルフマル酸塩",
            ["エムトリシタビン", "テノホビル　ジソプロキシルフマル酸塩"],
        ),
        ("フェニトイン・フェノバルビタール配合剤", ["フェニトイン・フェノバルビタール配合剤"]),
        ("アミノ酸・糖・電解質", ["アミノ酸・糖・電解質"]),
        ("複方オキシコドン・アトロピン", ["複方オキシコドン・アトロピン"]),
    ],
)
def test_which_names_are_combinations(tmp_path: Path, substance: str, names: list[str]) -> None:
    told = read(tmp_path, row(substance)).tables["ingredient"]
    assert told["name"].to_list() == names
    assert told["position"].to_list() == list(range(1, len(names) + 1))
    assert told["code"].to_list() == (["1290400"] if len(names) == 1 else [None] * len(names))


def test_a_code_of_substances_that_differ_in_more_than_water_is_none(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row("ドセタキセル", code="4240405A1016"), row("ドセタキセル水和物", code="4240405A1024"),
        row("トウヒ", code="2333004X1010"), row("トウヒチンキ", code="2333004X1028"),
    )  # fmt: skip
    assert reading.tables["ingredient"]["code"].to_list() == ["4240405", "4240405", None, None]
    assert issues(reading) == {("shared_code", "2333004")}


def test_the_ministrys_workbooks_are_read_together(tmp_path: Path) -> None:
    oral = row("アムロジピンベシル酸塩", code="2171022F2025", route="内用薬")
    write_xlsx(tmp_path / "tp20250401-01_01.xlsx", {"ＨＰ用": [MINISTRY, oral]})
    write_xlsx(tmp_path / "tp20250401-01_02.xlsx", {"ＨＰ用": [MINISTRY, row()]})
    write_xlsx(
        tmp_path / "tp20250401-01_05.xlsx",
        {"ＨＰ用": [["薬価基準収載医薬品コード", "後発医薬品の有無"], ["2171022F2025", "1"]]},
    )
    reading = snapshot(tmp_path)
    assert reading.tables["authorisation"]["record_id"].to_list() == ["2171022F2025", "1290400A1024"]
    assert issues(reading) == set()


def test_an_older_codepage(tmp_path: Path) -> None:
    assert read(tmp_path, row(), encoding="cp932").tables["ingredient"]["name"].to_list() == ["パチシランナトリウム"]


def test_bad_rows_end_in_issues_or_in_quarantine(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row(code="620001234"),
        row(until="来年まで", generic="後発"),
        row(code="1290401G1021", remark="新規"),
        ["x"],
    )
    assert issues(reading) == {
        ("unexpected_shape", "620001234"),
        ("unexpected_shape", "来年まで"),
        ("bad_date", "来年まで"),
        ("unknown_code", "後発"),
        ("unknown_remark", "新規"),
    }
    assert reading.tables["quarantine"]["reason"].to_list() == ["the code is none of the price list"]


def test_missing_and_new_columns(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="成分名"):
        read(tmp_path, row()[:2] + row()[3:], header=HEADER[:2] + HEADER[3:])
    reading = read(tmp_path, row()[:9] + row()[10:] + ["a"], header=[*HEADER[:9], *HEADER[10:], "包装"])
    assert {kind for kind, _ in issues(reading)} == {"missing_column", "new_column"}
    assert reading.tables["authorisation"]["legal_basis"].to_list() == ["unknown"]


# -- the real snapshot


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> Reading:
    (found,) = Store(registers_dir).snapshots(REGISTER)
    return catalogue()[REGISTER].read(found)


def test_every_row_of_the_real_snapshot_is_accounted_for(real: Reading, registers_dir: Path) -> None:
    lines = (registers_dir / REGISTER / "2025-04-01/20250401.csv").read_bytes().count(b"\n") - 1
    assert real.tables["register_file"].select("outcome", "rows").rows() == [("read", lines)]
    assert real.tables["authorisation"]["record_id"].is_unique().all()


def test_medicines_that_the_facts_know_in_the_list_are_in_it(real: Reading, facts_dir: Path) -> None:
    with (facts_dir / "advanced_therapies.csv").open(encoding="utf-8", newline="") as stream:
        notes = [one["note"] for one in csv.DictReader(stream) if "presence confirmed: jp_mhlw" in one["note"]]
    codes = {note.split(" code ")[1].split(",")[0] for note in notes}
    told = {one["record_id"]: one for one in real.tables["authorisation"].to_dicts()}
    assert len(codes) > 15
    assert {told[code]["status"] for code in codes} == {"authorised"}
    assert {told[code]["legal_basis"] for code in codes} == {"unknown"}
    assert told["4900409X1022"]["product_name"] == "アベクマ点滴静注"
    assert real.tables["event"]["date"].null_count() == real.tables["event"].height


def test_the_issues_of_the_real_snapshot_are_known(real: Reading) -> None:
    assert {pair[0] for pair in issues(real)} == {"shared_code"}
    assert dict(real.tables["authorisation"]["legal_basis"].value_counts().rows()) == {
        "unknown": 7585, "generic": 4652, "biosimilar": 107,
    }  # fmt: skip
