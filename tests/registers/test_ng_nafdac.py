"""NAFDAC Greenbook: certificates that are renewed, numbers that a spreadsheet spoilt, contacts that are not kept."""

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "ng_nafdac"
HEADER = [
    "Product name", "ROA", "Applicant Name", "NRN", "Status", "Composition", "ATC Code/ATCvet Code", "Product Category",
    "Marketing Category", "Packsize", "Product Description", "Manufacturer Name", "Manufacturer Country",
    "Approval Date", "Expiry Date",
]  # fmt: skip
TYPICAL = {
    "Product name": "Exforge", "ROA": "Oral", "Applicant Name": "Novartis Nigeria Limited", "NRN": "B4-1701",
    "Status": "Active", "Composition": "Each tablet contains: Amlodipine 10 mg,\nValsartan 320 mg",
    "ATC Code/ATCvet Code": "C09DB01", "Product Category": "Drugs", "Approval Date": "11/10/2023",
    "Expiry Date": "11/9/2028",
}  # fmt: skip


def row(**changes: str) -> dict[str, str]:
    named = {"name": "Product name", "number": "NRN", "holder": "Applicant Name", "approved": "Approval Date",
             "expires": "Expiry Date", "atc": "ATC Code/ATCvet Code", "description": "Product Description",
             "composition": "Composition", "category": "Product Category", "status": "Status"}  # fmt: skip
    return TYPICAL | {named.get(key, key): value for key, value in changes.items()}


def read(tmp_path: Path, *rows: dict[str, str], header: list[str] = HEADER) -> Reading:
    with (tmp_path / "nafdac_data.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, quoting=csv.QUOTE_ALL, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2025, 1, 30), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def events(reading: Reading) -> list[tuple[object, ...]]:
    return reading.tables["event"].select("record_id", "event", "date", "before").rows()


def test_an_approval_is_a_decision_and_a_bound_of_the_authorisation(tmp_path: Path) -> None:
    reading = read(tmp_path, row())
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["number"], one["holder_name"], one["atc"], one["domain"], one["status"], one["legal_basis"]) == (
        "B4-1701", "Novartis Nigeria Limited", ["C09DB01"], "human", "authorised", "unknown",
    )  # fmt: skip
    assert one["substances_text"] == "Each tablet contains: Amlodipine 10 mg,\nValsartan 320 mg"
    assert events(reading) == [
        ("B4-1701", "decision", date(2023, 11, 10), None),
        ("B4-1701", "authorised", None, date(2023, 11, 11)),
    ]
    assert reading.tables["ingredient"].is_empty()
    assert issues(reading) == set()


def test_active_after_its_expiry_is_a_contradiction(tmp_path: Path) -> None:
    reading = read(tmp_path, row(approved="10/3/2018", expires="10/2/2023"))
    assert reading.tables["authorisation"]["status"].to_list() == ["unknown"]
    assert ("B4-1701", "expired", date(2023, 10, 2), None) in events(reading)
    assert issues(reading) == {("expired_but_active", "10/2/2023")}


def test_a_renewed_certificate_has_the_number_and_the_old_one_a_number_behind_it(tmp_path: Path) -> None:
    old, new = row(approved="9/2/2018", expires="9/1/2023"), row(approved="3/28/2023", expires="3/27/2028")
    for rows in ((old, new), (new, old)):
        reading = read(tmp_path, *rows)
        statuses = dict(reading.tables["authorisation"].select("record_id", "status").rows())
        assert statuses == {"B4-1701": "authorised", "B4-1701#1": "unknown"}
        assert ("B4-1701", "decision", date(2023, 3, 28), None) in events(reading)
        assert not [one for one in events(reading) if one[1] == "expired"]
        assert ("repeated_number", "B4-1701") in issues(reading)


def test_of_repeated_rows_the_one_that_is_no_duplicate_by_its_own_word_has_the_number(tmp_path: Path) -> None:
    reading = read(tmp_path, row(name="Hanmal (duplicate)"), row(name="Hanmal"))
    assert dict(reading.tables["authorisation"].select("product_name", "record_id").rows()) == {
        "Hanmal": "B4-1701",
        "Hanmal (duplicate)": "B4-1701#1",
    }


@pytest.mark.parametrize("number", ["Apr-53", "4/1/9087", "Oral", "Not available yet", ""])
def test_a_spoilt_number_is_none_and_the_row_is_known_by_its_name(tmp_path: Path, number: str) -> None:
    one = read(tmp_path, row(number=number)).tables["authorisation"].row(0, named=True)
    assert (one["number"], one["record_id"]) == (None, "exforge / novartis nigeria limited")


@pytest.mark.parametrize(
    ("printed", "number"), [("A4 -5363", "A4-5363"), ("04–2045", "04-2045"), ("04--3792", "04-3792")]
)
def test_a_number_loses_what_is_no_part_of_it(tmp_path: Path, printed: str, number: str) -> None:
    assert read(tmp_path, row(number=printed)).tables["authorisation"]["record_id"].to_list() == [number]


def test_contacts_in_the_description_are_not_kept(tmp_path: Path) -> None:
    pasted = "Tablet\n\nEXFORGE\tB4-1701\tDrugs\t8031234567\tsomebody@example.org"
    reading = read(
        tmp_path, row(composition="", description=f"Each tablet contains: Valsartan 320 mg\n{pasted}"), row()
    )
    assert "example.org" not in str({name: frame.to_dicts() for name, frame in reading.tables.items()})
    assert reading.tables["authorisation"]["substances_text"][0] == "Each tablet contains: Valsartan 320 mg"
    assert reading.tables["register_file"].select("outcome", "rows").rows() == [("read", 2)]


def test_rows_that_differ_in_the_description_alone_are_no_repetition(tmp_path: Path) -> None:
    reading = read(tmp_path, row(description="Tablet"), row(description="Caplet"), row(description="Caplet"))
    assert dict(reading.tables["register_file"].select("outcome", "rows").rows()) == {"read": 2, "duplicate": 1}


@pytest.mark.parametrize(("atc", "codes"), [("Pending", None), ("C09DB", ["C09DB"]), ("QJ01FA01", ["QJ01FA01"])])
def test_what_stands_for_an_atc_code(tmp_path: Path, atc: str, codes: list[str] | None) -> None:
    reading = read(tmp_path, row(atc=atc))
    assert reading.tables["authorisation"]["atc"].to_list() == [codes]
    assert issues(reading) == set()


def test_a_misspelt_atc_code_is_left_out_and_said(tmp_path: Path) -> None:
    reading = read(tmp_path, row(atc="CO9DX01"))
    assert reading.tables["authorisation"]["atc"].to_list() == [None]
    assert issues(reading) == {("no_atc_code", "CO9DX01")}


def test_dates_that_cannot_be_and_codes_that_are_unknown(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row(expires="0026-12-01"),
        row(number="A4-0001", approved="0000-00-00", expires="0000-00-00"),
        row(number="A4-0002", status="Recalled", category="Cosmetics"),
    )
    assert issues(reading) == {
        ("bad_date", "0026-12-01"),
        ("unknown_code", "Recalled"),
        ("unknown_code", "Cosmetics"),
    }
    assert reading.tables["authorisation"]["status"].to_list() == ["authorised", "authorised", "unknown"]
    assert "A4-0001" not in {one[0] for one in events(reading)}


def test_dates_with_the_day_first_are_refused(tmp_path: Path) -> None:
    rows = [row(number=f"A4-{1000 + day}", approved=f"{day % 28 + 1}/5/2023") for day in range(60)]
    with pytest.raises(Unreadable, match="approved"):
        read(tmp_path, *rows)


def test_a_column_of_substances_is_read_where_it_states_them_clearly(tmp_path: Path) -> None:
    header = [*HEADER, "Active Ingredients", "Dosage Form"]
    reading = read(
        tmp_path,
        row(**{"Active Ingredients": "Artemether<br />Lumefantrine", "Dosage Form": "Tablet"}),
        row(number="A4-0001", **{"Active Ingredients": "Paracetamol 500 mg, Caffeine"}),
        header=header,
    )
    assert reading.tables["ingredient"].select("record_id", "position", "name", "language", "role").rows() == [
        ("B4-1701", 1, "Artemether", "en", "active"),
        ("B4-1701", 2, "Lumefantrine", "en", "active"),
    ]
    assert reading.tables["authorisation"]["form"].to_list() == ["Tablet", None]
    assert issues(reading) == {("unclear_ingredients", "Paracetamol 500 mg, Caffeine")}


def test_missing_and_new_columns(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="NRN"):
        read(tmp_path, row(), header=[name for name in HEADER if name != "NRN"])
    reading = read(tmp_path, row(), header=[*(name for name in HEADER if name != "Expiry Date"), "Recall"])
    assert issues(reading) == {("missing_column", "Expiry Date"), ("new_column", "Recall")}
    assert reading.tables["authorisation"]["status"].to_list() == ["authorised"]


# -- the real snapshot


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> Reading:
    (snapshot,) = Store(registers_dir).snapshots(REGISTER)
    return catalogue()[REGISTER].read(snapshot)


def test_every_row_of_the_real_snapshot_is_accounted_for(real: Reading, registers_dir: Path) -> None:
    with (registers_dir / REGISTER / "2025-01-30/nafdac_data.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = len(list(csv.reader(stream))) - 1
    assert rows == real.tables["register_file"]["rows"].sum() == 7234
    assert real.tables["authorisation"]["record_id"].is_unique().all()
    assert real.tables["authorisation"].height == real.tables["source_row"].height


def test_what_the_real_snapshot_says(real: Reading) -> None:
    told = {one["record_id"]: one for one in real.tables["authorisation"].to_dicts()}
    assert told["B4-8211"]["holder_name"] == "J & J Company West Africa Limited"
    assert (told["B4-8211"]["status"], told["B4-8211#1"]["status"]) == ("authorised", "unknown")
    assert (told["A4-9056"]["status"], told["B4-1701"]["status"]) == ("unknown", "authorised")
    assert told["truvada tablets / phillips pharmaceuticals (nigeria) limited"]["number"] is None
    firsts = real.tables["event"].filter(event="authorised")
    assert firsts["date"].null_count() == firsts.height
    assert dict(real.tables["authorisation"]["domain"].value_counts().rows()) == {"human": 7219, "veterinary": 5}


def test_the_issues_of_the_real_snapshot_are_known(real: Reading) -> None:
    kinds = dict(real.tables["issue"].group_by("kind").agg(pl.col("count").sum()).rows())
    assert kinds == {
        "unexpected_shape": 21,
        "bad_date": 1,
        "no_number": 727,
        "repeated_number": 617,
        "no_atc_code": 84,
        "expired_but_active": 2483,
    }
