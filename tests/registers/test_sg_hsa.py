"""HSA's listing: cells of several lines, what an equivalence says of a moiety, and the columns of other years."""

import csv
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "sg_hsa"
HEADER = [
    "registration_number", "product_name", "product_registrant", "approval_date", "forensic_classification", "atc_code",
    "dosage_form", "route_of_administration", "manufacturer", "country_of_manufacturer", "active_ingredients",
    "strength",
]  # fmt: skip
LIVE = ["licence_no", "product_name", "license_holder", "approval_d", *HEADER[4:]]


def row(
    ingredients: str = "Adalimumab", strength: str = "40 mg", *, number: str = "SIN12360P", approved: str = "22/7/2003",
    atc: str = "L04AB04", route: str = "SUBCUTANEOUS", name: str = "Humira",
) -> list[str]:  # fmt: skip
    return [number, name, "ABBVIE PTE. LTD.", approved, "Prescription Only", atc, "INJECTION", route, "", "GERMANY",
            ingredients, strength]  # fmt: skip


def read(tmp_path: Path, *rows: list[str], header: list[str] = HEADER, encoding: str = "utf-8") -> Reading:
    with (tmp_path / "listing.csv").open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2015, 12, 29), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def ingredients(reading: Reading) -> list[tuple[object, ...]]:
    told = reading.tables["ingredient"].sort("record_id", "position", "role")
    return told.select("position", "role", "name", "strength").rows()


def test_a_row_is_an_authorisation_of_its_day(tmp_path: Path) -> None:
    reading = read(tmp_path, row())
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["number"], one["product_name"], one["atc"], one["status"], one["holder_name"], one["jurisdiction"]) == (
        "SIN12360P", "Humira", ["L04AB04"], "authorised", "ABBVIE PTE. LTD.", "SG",
    )  # fmt: skip
    assert reading.tables["event"].select("event", "date", "precision", "text").rows() == [
        ("authorised", date(2003, 7, 22), "day", "22/7/2003")
    ]
    assert ingredients(reading) == [(1, "active", "Adalimumab", "40 mg")]
    assert issues(reading) == set()


def test_lines_of_a_cell_are_ingredients_with_their_strengths(tmp_path: Path) -> None:
    reading = read(tmp_path, row("Emtricitabine\nRilpivirine", "200 mg\n25 mg", route="ORAL\nNASAL"))
    assert ingredients(reading) == [(1, "active", "Emtricitabine", "200 mg"), (2, "active", "Rilpivirine", "25 mg")]
    assert reading.tables["authorisation"]["route"].to_list() == ["ORAL; NASAL"]


def test_strengths_that_are_not_as_many_belong_to_no_ingredient(tmp_path: Path) -> None:
    reading = read(tmp_path, row("Emtricitabine\nRilpivirine", "200 mg 25 mg"))
    assert [one[3] for one in ingredients(reading)] == [None, None]
    assert reading.tables["authorisation"]["strength"].to_list() == ["200 mg 25 mg"]


@pytest.mark.parametrize(
    ("line", "active", "moiety"),
    [
        ("AMLODIPINE BESYLATE EQV AMLODIPINE", "AMLODIPINE BESYLATE", "AMLODIPINE"),
        ("Amlodipine besylate 6.94mg (corresponds to amlodipine base)", "Amlodipine besylate", "amlodipine"),
        ("Losartan 45.8 mg eqv Losartan Potassium", "Losartan Potassium", "Losartan"),
        ("MORPHINE BASE 7.5 mg EQV MORPHINE SULPHATE", "MORPHINE SULPHATE", "MORPHINE"),
        ("100mg Losartan Potassium is equivalent to 91.52mg of Losartan", "Losartan Potassium", "Losartan"),
        ("Valaciclovir (as Valaciclovir hydrochloride 611.7 mg)", "Valaciclovir hydrochloride", "Valaciclovir"),
        ("IOHEXOL 647 mg/ml EQV IODINE", "IOHEXOL", None),
        ("Raltegravir potassium 434.4mg eqv free phenol", "Raltegravir potassium", None),
        ("LISINOPRIL EQV LISINOPRIL (ANHYDROUS)", "LISINOPRIL", None),
        ("Vortioxetine (as hydrobromide 6.355 mg)", "Vortioxetine", None),
        ("(White Tablet) NORETHISTERONE ACETATE", "NORETHISTERONE ACETATE", None),
        ("DIENOGEST (in brown tablet)", "DIENOGEST", None),
        ("(S)-Lactic Acid Anhydrous", "(S)-Lactic Acid Anhydrous", None),
        ("SULFUR HEXAFLUORIDE", "SULFUR HEXAFLUORIDE", None),
        ("A 1 mg EQV B C 2 mg EQV D", "A 1 mg EQV B C 2 mg EQV D", None),
    ],
)
def test_which_of_two_equivalents_is_the_moiety(tmp_path: Path, line: str, active: str, moiety: str | None) -> None:
    told = {role: name for _, role, name, _ in ingredients(read(tmp_path, row(line)))}
    assert told == {"active": active} | ({"moiety": moiety} if moiety else {})


def test_live_columns_with_double_ampersands_and_quotes_of_their_own(tmp_path: Path) -> None:
    one = row('"Adapalene&&Benzoyl peroxide"', '"0.1%&&2.5%"', number="SIN13789P", name='"EPIDUO GEL"', route="TOPICAL")
    reading = read(tmp_path, one, header=LIVE)
    assert reading.tables["authorisation"].select("number", "product_name").rows() == [("SIN13789P", "EPIDUO GEL")]
    assert ingredients(reading) == [(1, "active", "Adapalene", "0.1%"), (2, "active", "Benzoyl peroxide", "2.5%")]
    assert issues(reading) == set()


@pytest.mark.parametrize(("atc", "codes"), [("NA", None), ("Pending", None), ("-", None), ("R06A B52", ["R06AB52"]),
                                            ("A02AD01\nA02BX13", ["A02AD01", "A02BX13"])])  # fmt: skip
def test_what_stands_for_an_atc_code(tmp_path: Path, atc: str, codes: list[str] | None) -> None:
    reading = read(tmp_path, row(atc=atc))
    assert reading.tables["authorisation"]["atc"].to_list() == [codes]
    assert issues(reading) == set()


def test_an_older_codepage(tmp_path: Path) -> None:
    reading = read(tmp_path, row(name="Truvada® Tablet"), encoding="cp1252")
    assert reading.tables["authorisation"]["product_name"].to_list() == ["Truvada® Tablet"]


def test_a_cell_of_many_lines_is_one_cell(tmp_path: Path) -> None:
    names = [f"Amino acid {letter}{place}" for letter in "ABCDE" for place in range(9)]
    reading = read(tmp_path, row("\n".join(names), "\n".join("1 g" for _ in names)), row(number="SIN00001P"))
    assert reading.tables["authorisation"].height == 2
    assert reading.tables["ingredient"].height == len(names) + 1


def test_bad_rows_end_in_issues_or_in_quarantine(tmp_path: Path) -> None:
    reading = read(
        tmp_path, row(approved="31/2/2003"), row(number="HS-1"), row(number="SIN00002P", atc="JA5AR10"), ["x"]
    )
    assert issues(reading) == {
        ("bad_date", "31/2/2003"),
        ("unexpected_shape", "HS-1"),
        ("no_atc_code", "JA5AR10"),
    }
    assert reading.tables["quarantine"]["reason"].to_list() == ["the number is none of a therapeutic product"]
    assert reading.tables["register_file"]["rows"].sum() == 4


def test_dates_with_the_month_first_are_refused(tmp_path: Path) -> None:
    rows = [row(number=f"SIN{10000 + day}P", approved=f"5/{day % 28 + 1}/2003") for day in range(60)]
    with pytest.raises(Unreadable, match="approved"):
        read(tmp_path, *rows)


def test_missing_and_new_columns(tmp_path: Path) -> None:
    without = [name for name in HEADER if name != "active_ingredients"]
    with pytest.raises(Unreadable, match="active_ingredients"):
        read(tmp_path, row()[:10] + row()[11:], header=without)
    reading = read(tmp_path, [*row()[:11], "ctgtp"], header=[*HEADER[:11], "product_class"])
    assert issues(reading) == {("missing_column", "strength"), ("new_column", "product_class")}


# -- the real snapshot


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> Reading:
    (snapshot,) = Store(registers_dir).snapshots(REGISTER)
    return catalogue()[REGISTER].read(snapshot)


def test_every_row_of_the_real_snapshot_is_accounted_for(real: Reading, registers_dir: Path) -> None:
    path = registers_dir / REGISTER / "2015-12-29/listing-of-registered-therapeutic-products.csv"
    assert len(re.findall(rb"\nSIN\d{5}P,", path.read_bytes())) == 5633
    assert real.tables["register_file"].select("outcome", "rows").rows() == [("read", 5633)]
    assert real.tables["authorisation"]["record_id"].is_unique().all()


def test_the_dates_of_the_real_snapshot_are_the_facts(real: Reading, facts_dir: Path) -> None:
    with (facts_dir / "advanced_therapies.csv").open(encoding="utf-8", newline="") as stream:
        facts = [one for one in csv.DictReader(stream) if one["evidence"] == "register:sg_hsa/2015-12-29"]
    dated = dict(real.tables["event"].filter(event="authorised").select("record_id", "date").rows())
    assert {one["licence_number"]: date.fromisoformat(one["date"]) for one in facts} == {
        one["licence_number"]: dated[one["licence_number"]] for one in facts
    }
    assert dated["SIN05277P"] == date(1990, 12, 27)
    assert dated["SIN14771P"] == date(2015, 4, 10)


def test_the_issues_of_the_real_snapshot_are_known(real: Reading) -> None:
    assert real.tables["issue"].select("kind", "count").rows() == [("no_atc_code", 11)]
    told = real.tables["ingredient"]
    assert told.filter(record_id="SIN11718P", role="active").height == 31
    assert "IODINE" not in set(told.filter(role="moiety")["name"])
    assert told.filter(pl.col("name").str.contains(r"(?i)\beqv\b")).height < 10
