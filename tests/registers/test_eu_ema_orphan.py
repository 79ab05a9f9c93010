"""Orphan designations of the EMA: which date is the designation's own, which substance is named, drift."""

import csv
from datetime import date
from pathlib import Path

import pytest
from listed import events, ingredients, issues, kinds, only, outcomes, published, read, real, reasons, sample

from dioscorides.registers.source import Reading, Unreadable

REGISTER = "eu_ema_orphan"
TODAY = date(2025, 3, 12)
FILE = "medicines_output_orphan_designations_en.csv"
PAGE = "https://www.ema.europa.eu/en/medicines/human/orphan-designations/"
USUAL = {
    "Medicine name": "Kymriah",
    "Related EMA product number": "EMEA/H/C/004090",
    "Active substance": "Autologous T cells against CD19 (tisagenlecleucel)",
    "Date of designation / refusal": "29/04/2014",
    "Intended use": "Treatment of B-lymphoblastic leukaemia",
    "EU designation number": "EU/3/14/1266",
    "Status": "Positive",
    "First published date": "04/06/2014",
    "Last updated date": "",
    "Orphan designation URL": f"{PAGE}eu-3-14-1266",
}


def read_rows(tmp_path: Path, *rows: dict[str, str], file: str = FILE, preamble: int = 0) -> Reading:
    published(tmp_path / file, *rows, preamble=preamble)
    return read(REGISTER, tmp_path, TODAY)


def test_a_designation_with_the_day_of_its_decision(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL)
    row = only(reading, "designation")
    assert (row["record_id"], row["jurisdiction"], row["kind"], row["status"]) == (
        "EU/3/14/1266", "EU", "orphan", "designated",
    )  # fmt: skip
    assert (row["product_name"], row["use_text"]) == ("Kymriah", "Treatment of B-lymphoblastic leukaemia")
    assert events(reading) == [("decision", "2014-04-29", "29/04/2014")]
    assert ingredients(reading) == [
        (1, "Autologous T cells against CD19 (tisagenlecleucel)", "active"),
        (1, "tisagenlecleucel", "moiety"),
    ]
    assert issues(reading) == set()


def test_a_refusal_has_no_number(tmp_path: Path) -> None:
    refusal = USUAL | {
        "EU designation number": "-", "Status": "Negative", "Orphan designation URL": f"{PAGE}refusal-fibromyalgia",
    }  # fmt: skip
    reading = read_rows(tmp_path, refusal)
    row = only(reading, "designation")
    assert (row["record_id"], row["status"]) == ("human/orphan-designations/refusal-fibromyalgia", "refused")
    assert events(reading) == [("refused", "2014-04-29", "29/04/2014")]


@pytest.mark.parametrize(("status", "event"), [("Withdrawn", "withdrawn"), ("Expired", "expired")])
def test_an_end_has_no_date_and_the_designation_keeps_its_own(tmp_path: Path, status: str, event: str) -> None:
    reading = read_rows(tmp_path, USUAL | {"Status": status})
    assert only(reading, "designation")["status"] == event
    assert events(reading) == [("decision", "2014-04-29", "29/04/2014"), (event, None, status)]


def test_a_decision_years_after_that_of_the_number_is_not_the_designation(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL | {"Date of designation / refusal": "06/04/2017"})
    assert events(reading) == [
        ("decision", None, "Positive"),
        ("status_change", "2017-04-06", "Date of designation / refusal 06/04/2017"),
    ]
    assert reading.tables["event"]["before"].to_list() == [date(2014, 6, 5), None]
    assert issues(reading) == {("date_contradicts_number", "years after that of the number")}


@pytest.mark.parametrize(
    ("decided", "told", "before"),
    [
        ("29/04/2013", "before the year of the number", date(2014, 6, 5)),
        ("30/06/2014", "after the page was published", None),
    ],
)
def test_a_decision_that_cannot_be_the_designation_dates_nothing(
    tmp_path: Path, decided: str, told: str, before: date | None
) -> None:
    reading = read_rows(tmp_path, USUAL | {"Date of designation / refusal": decided})
    assert events(reading) == [("decision", None, "Positive")]
    assert reading.tables["event"]["before"].to_list() == [before]
    assert issues(reading) == {("date_contradicts_number", told)}


def test_of_two_pages_of_a_number_the_one_changed_last_is_read(tmp_path: Path) -> None:
    page = f"{PAGE}eu-3-14-1266-0"
    newer = USUAL | {"Status": "Withdrawn", "Last updated date": "01/02/2024", "Orphan designation URL": page}
    reading = read_rows(tmp_path, USUAL, newer)
    assert only(reading, "designation")["status"] == "withdrawn"
    assert len(reading.tables["source_row"]) == 2
    assert issues(reading) == {("conflicting_values", "EU/3/14/1266")}


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("nusinersen", [(1, "nusinersen", "active")]),
        ("Gene vector;eladocagene exuparvovec", []),
        ("avibactam and aztreonam", []),
        ("5,6-dihydroxy-compound (sodium salt)", [(1, "5,6-dihydroxy-compound (sodium salt)", "active")]),
        ("siRNA (also known as patisiran)", [
            (1, "siRNA (also known as patisiran)", "active"), (1, "patisiran", "moiety"),
        ]),
        ("Alpha-1 antitrypsin (human)", [(1, "Alpha-1 antitrypsin (human)", "active")]),
    ],
)  # fmt: skip
def test_substances(tmp_path: Path, printed: str, expected: list[tuple[int, str, str]]) -> None:
    assert ingredients(read_rows(tmp_path, USUAL | {"Active substance": printed})) == expected


def test_entities_are_characters(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL | {"Intended use": "Leber&amp;#039;s  congenital\u00a0amaurosis"})
    assert only(reading, "designation")["use_text"] == "Leber's congenital amaurosis"


def test_a_workbook_with_lines_above_the_header(tmp_path: Path) -> None:
    file = "medicines-output-orphan_designations-report_en.xlsx"
    later = {"Date of designation or refusal" if "refusal" in name else name: text for name, text in USUAL.items()}
    reading = read_rows(tmp_path, later, file=file, preamble=8)
    assert events(reading) == [("decision", "2014-04-29", "29/04/2014")]
    assert issues(reading) == set()


def test_a_json_list(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, USUAL, file="medicines-output-orphan_designations-json-report_en.json")
    assert only(reading, "designation")["record_id"] == "EU/3/14/1266"
    assert events(reading) == [("decision", "2014-04-29", "29/04/2014")]
    assert issues(reading) == set()


def test_what_is_unknown_or_impossible_is_told(tmp_path: Path) -> None:
    odd = USUAL | {"Status": "Transferred", "Date of designation / refusal": "29/04/2114"}
    vague = USUAL | {"EU designation number": "EU/3/14/1267", "Date of designation / refusal": "spring 2014"}
    nameless = USUAL | {"EU designation number": "-", "Orphan designation URL": ""}
    reading = read_rows(tmp_path, odd, vague, nameless)
    assert {
        ("unknown_code", "Transferred"), ("impossible_date", "29/04/2114"), ("bad_date", "spring 2014"),
    } <= issues(reading)  # fmt: skip
    assert reading.tables["designation"]["status"].to_list() == [None, "designated"]
    assert reading.tables["event"]["date"].null_count() == len(reading.tables["event"])
    assert reasons(reading) == ["neither a designation number nor the address of a page"]


def test_a_row_that_lacks_fields_is_quarantined(tmp_path: Path) -> None:
    published(tmp_path / FILE, USUAL)
    with (tmp_path / FILE).open("a", encoding="utf-8") as stream:
        stream.write("Yescarta,EMEA/H/C/004480\n")
    reading = read(REGISTER, tmp_path, TODAY)
    assert reasons(reading) == ["2 fields where the table has 10"]
    assert outcomes(reading) == {"read": 1, "quarantined": 1}


def test_new_and_missing_columns(tmp_path: Path) -> None:
    drifted = {name: text for name, text in USUAL.items() if name != "First published date"} | {"Sponsor": "Novartis"}
    reading = read_rows(tmp_path, drifted)
    assert issues(reading) == {("new_column", "Sponsor"), ("missing_column", "First published date")}
    assert events(reading) == [("decision", "2014-04-29", "29/04/2014")]


def test_a_designation_whose_date_is_no_longer_published_lies_before_its_page(tmp_path: Path) -> None:
    reading = read_rows(tmp_path, {name: text for name, text in USUAL.items() if not name.startswith("Date of")})
    assert events(reading) == [("decision", None, "Positive")]
    assert reading.tables["event"]["before"].to_list() == [date(2014, 6, 5)]
    assert {kind for kind, _ in issues(reading)} == {"missing_column"}


def test_without_the_number_nothing_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="EU designation number"):
        read_rows(tmp_path, {name: text for name, text in USUAL.items() if name != "EU designation number"})


#: Designations whose day is known from the Commission's decisions.
KNOWN = {
    "EU/3/14/1266": "2014-04-29",  # tisagenlecleucel
    "EU/3/14/1393": "2014-12-16",  # axicabtagene ciloleucel
    "EU/3/15/1509": "2015-06-19",  # onasemnogene abeparvovec
    "EU/3/12/976": "2012-04-02",  # nusinersen
    "EU/3/16/1731": "2016-08-29",  # givosiran
    "EU/3/07/446": "2007-04-13",  # atidarsagene autotemcel
    "EU/3/12/981": "2012-04-02",  # voretigene neparvovec
    "EU/3/18/1999": "2018-03-21",  # etranacogene dezaparvovec
}


def test_the_real_snapshot(registers_dir: Path) -> None:
    reading, folder = real(REGISTER, registers_dir, TODAY)
    with (folder / FILE).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert outcomes(reading) == {"read": len(rows)}
    designations = reading.tables["designation"]
    assert designations["record_id"].is_unique().all()
    numbers = {row["EU designation number"].strip() for row in rows} - {"-"}
    assert sum(key.startswith("EU/3/") for key in designations["record_id"]) == len(
        {number for number in numbers if number.startswith("EU/3/")}
    )
    dated = {
        key: str(day)
        for key, event, day in reading.tables["event"].select("record_id", "event", "date").rows()
        if event in ("decision", "refused")
    }
    assert dated.keys() == set(designations["record_id"].to_list())
    assert {key: dated[key] for key in KNOWN} == KNOWN
    assert kinds(reading) == {
        "impossible_date": 2, "date_contradicts_number": 45, "conflicting_values": 2, "unexpected_shape": 1,
    }  # fmt: skip


def test_the_sample_is_read_without_surprises() -> None:
    assert kinds(sample(REGISTER)) == {"date_contradicts_number": 1}
