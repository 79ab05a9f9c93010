"""Accelerated approvals: receipt and approval of each indication, and what became of it."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
import python_calamine
from workbook import write_xlsx

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "us_fda_accelerated_approvals"
HEADER = [
    "Application Number", "Supplement", "Supplement Number", "Original", "Proprietary Name", "Established Name",
    "Applicant", "FDA Received Date", "Accelerated Approval Date", "Total Time to Accelerated Approval (Months)",
    "Accelerated Approval Indication", "Conversion-Withdrawal Status", "Full Approval Conversion- Withdrawal Date",
    "Category", "Full_App_Supp_Number", "openfda_route_x", "Total Time to Conversion (Months)",
]  # fmt: skip


def row(
    application: str = "NDA 215887",
    *,
    original: str = "ORIG 1",
    supplement: str = "",
    substances: str = "TOFERSEN",
    dates: tuple[str, str] = ("2022-05-25", "2023-04-25"),
    use: str = "ALS WITH A SOD1 MUTATION",
    status: str = "Not Yet Converted",
    settled: str = "",
) -> list[str]:
    kind = "SUPPL" if supplement else ""
    return [
        application, kind, supplement, original, "QALSODY", substances, "BIOGEN INC", *dates, "11.0", use, status,
        settled, "Adults Only", "", "INTRATHECAL", "",
    ]  # fmt: skip


def read(tmp_path: Path, *rows: list[str], header: list[str] = HEADER) -> Reading:
    write_xlsx(tmp_path / "accelerated_approvals.xlsx", {"Sheet1": [header, *rows]})
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2024, 3, 31), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def events(reading: Reading) -> list[tuple[str, str, str]]:
    return [
        (key, event, str(day))
        for key, event, day in reading.tables["event"].select("record_id", "event", "date").rows()
    ]


def test_a_row_is_an_approval_with_its_receipt(tmp_path: Path) -> None:
    reading = read(tmp_path, row())
    found = reading.tables["designation"].row(0, named=True)
    assert (found["record_id"], found["kind"], found["status"]) == ("NDA215887 ORIG 1", "accelerated", "not_converted")
    assert (found["product_name"], found["substances_text"], found["holder_name"]) == (
        "QALSODY",
        "TOFERSEN",
        "BIOGEN INC",
    )
    assert events(reading) == [
        ("NDA215887 ORIG 1", "submission_received", "2022-05-25"),
        ("NDA215887 ORIG 1", "authorised", "2023-04-25"),
    ]
    assert issues(reading) == set()


@pytest.mark.parametrize(
    ("status", "code", "event"),
    [
        ("Converted", "converted", "status_change"),
        ("Not Converted - Application\nWithdrawn", "withdrawn", "withdrawn"),
        ("Not Converted - Indication\nWithdrawn", "indication_withdrawn", "withdrawn"),
    ],
)
def test_the_last_date_is_that_of_conversion_or_withdrawal(tmp_path: Path, status: str, code: str, event: str) -> None:
    reading = read(tmp_path, row(status=status, settled="2023-07-06"))
    assert reading.tables["designation"]["status"].to_list() == [code]
    assert ("NDA215887 ORIG 1", event, "2023-07-06") in events(reading)


def test_indications_of_a_submission_have_each_their_record_whatever_their_order(tmp_path: Path) -> None:
    rows = [row(original="", supplement="4", use=use, dates=dates) for use, dates in (
        ("OVARIAN", ("2016-06-23", "2016-12-19")), ("PROSTATE", ("2019-11-15", "2020-05-15")),
    )]  # fmt: skip
    uses = [
        dict(read(tmp_path, *some).tables["designation"].select("record_id", "use_text").rows())
        for some in (rows, rows[::-1])
    ]
    assert uses[0] == uses[1] == {"NDA215887 SUPPL 4": "OVARIAN", "NDA215887 SUPPL 4 #2": "PROSTATE"}


def test_line_breaks_are_blanks_save_where_they_break_a_word(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row(substances="HYDROXYPROGESTERO\nNE CAPROATE"),
        row("NDA 123456", substances="TENOFOVIR DISOPROXIL\nFUMARATE"),
    )
    assert reading.tables["designation"]["substances_text"].to_list() == [
        "HYDROXYPROGESTERONE CAPROATE", "TENOFOVIR DISOPROXIL FUMARATE",
    ]  # fmt: skip


def test_what_is_unknown_or_impossible_is_told(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row(status="Paused", settled="2023-07-06"),
        row("NDA 200001", dates=("2023-05-25", "2023-04-25")),
        row("NDA 200002", dates=("2022-05-25", "2099-04-25")),
        row("NDA 200003", original=""),
    )
    assert {
        ("unknown_code", "Paused"), ("date_without_status", "2023-07-06"), ("approved_before_received", "2023-05-25"),
        ("impossible_date", "2099-04-25"),
    } <= issues(reading)  # fmt: skip
    assert ("NDA215887 ORIG 1", "status_change", "2023-07-06") not in events(reading)
    assert reading.tables["quarantine"]["reason"].to_list() == ["neither an original submission nor a supplement"]


def test_the_agencys_own_table_without_added_columns_and_a_title(tmp_path: Path) -> None:
    own = [name for name in HEADER if name not in ("Full_App_Supp_Number", "openfda_route_x")]
    cells = [cell for name, cell in zip(HEADER, row(), strict=True) if name in own]
    write_xlsx(tmp_path / "CDER accelerated approvals.xlsx", {"Sheet1": [["Accelerated approvals"], [], own, cells]})
    reading = catalogue()[REGISTER].read(Snapshot(REGISTER, date(2024, 3, 31), tmp_path))
    assert len(reading.tables["designation"]) == 1
    assert issues(reading) == set()


def test_without_receipt_dates_the_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="FDA Received Date"):
        read(tmp_path, row(), header=["Arrival" if name == "FDA Received Date" else name for name in HEADER])


def test_real_snapshots(registers_dir: Path) -> None:
    for snapshot in Store(registers_dir).snapshots(REGISTER):
        reading = catalogue()[REGISTER].read(snapshot)
        book = python_calamine.CalamineWorkbook.from_path(str(next(snapshot.path.glob("*.xlsx"))))
        published = book.get_sheet_by_index(0).to_python()[1:]
        assert reading.tables["register_file"].select("outcome", "rows").rows() == [("read", len(published))]
        designations = reading.tables["designation"]
        assert designations["record_id"].is_unique().all() and len(designations) == len(published)
        assert reading.tables["issue"].is_empty()
        counts = dict(reading.tables["event"].group_by("event").len().rows())
        assert counts["submission_received"] == counts["authorised"] == len(published)
        assert counts["status_change"] + counts["withdrawn"] == sum(bool(cells[12]) for cells in published)
        known = {
            ("NDA215887 ORIG 1", "submission_received", "2022-05-25"), ("NDA215887 ORIG 1", "authorised", "2023-04-25"),
            ("NDA212154 ORIG 1", "authorised", "2020-08-12"), ("NDA206488 ORIG 1", "authorised", "2016-09-19"),
            ("NDA211970 ORIG 1", "authorised", "2019-12-12"), ("NDA213026 ORIG 1", "authorised", "2021-02-25"),
            ("NDA021945 ORIG 1", "withdrawn", "2023-04-06"),
        }  # fmt: skip
        assert known <= set(events(reading))
        assert not designations["substances_text"].str.contains("\n").any()
        assert designations.filter(pl.col("status").is_null()).is_empty()


def test_the_sample_is_read_without_surprises() -> None:
    reading = catalogue()[REGISTER].read(Store(catalogue()[REGISTER].folder).snapshots("sample")[0])
    assert issues(reading) == set()
    assert len(reading.tables["designation"]) == 15
