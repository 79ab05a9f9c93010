"""Purple Book: what its reader makes of ordinary rows, of the register's oddities and of layouts that drift."""

import csv
import datetime
from pathlib import Path

import polars as pl
import pytest

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot

REGISTER = "us_fda_purple_book"
#: Column of the register and the value that a row has where the test says nothing else.
ROW = {
    "N/R/U": "",
    "Applicant": "Helix, Inc.",
    "BLA Number": "125900",
    "Proprietary Name": "Helixa",
    "Proper Name": "helixagene exemplavec-abcd",
    "BLA Type": "351(a)",
    "Strength": "1ML",
    "Dosage Form": "Injection ",
    "Route of Administration": "Intravenous",
    "Product Presentation": "Single-Dose Vial",
    "Marketing Status": "Rx",
    "Licensure": "Licensed",
    "Approval Date": "17-Jan-22",
    "Ref. Product Proper Name": "",
    "Ref. Product Proprietary Name": "",
    "Supplement Number": "0",
    "Submission Type": "Original",
    "License Number": "2999",
    "Product Number": "1",
    "Center": "CBER",
    "Date of First Licensure": "",
    "Exclusivity Expiration Date": "",
    "First Interchangeable Exclusivity Exp. Date": "",
    "Ref. Product Exclusivity Exp. Date": "",
    "Orphan Exclusivity Exp. Date": "",
}
TITLES = [
    "Purple Book Monthly Historical Data Changes Report - March 2025",
    "",
    "Newly Approved Products (N) / ... (U)",
]


def row(**values: str) -> dict[str, str]:
    """A row, its columns named in short: `approval_date` for Approval Date."""
    return ROW | {next(name for name in ROW if short(name) == key): value for key, value in values.items()}


def short(name: str) -> str:
    return name.lower().replace(". ", "_").replace(" ", "_").replace("/", "").replace(".", "")


def read(
    folder: Path, *sections: list[dict[str, str]], on: str = "2025-02-28", name: str = "purplebook.csv"
) -> Reading:
    """A snapshot whose one file has these sections of rows, each under a header of its own."""
    path = folder / REGISTER / on
    path.mkdir(parents=True)
    with (path / name).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        if len(sections) > 1:
            writer.writerows([title, *[""] * (len(ROW) - 1)] for title in TITLES)
        for rows in sections:
            writer.writerow(list(rows[0]))
            writer.writerows(list(each.values()) for each in rows)
    snapshot = Snapshot(REGISTER, datetime.date.fromisoformat(on), path)
    return catalogue()[REGISTER].read(snapshot)


def authorised(reading: Reading) -> dict[str, datetime.date | None]:
    events = reading.tables["event"].filter(event="authorised")
    return dict(events.select("record_id", "date").iter_rows())


def issues(reading: Reading) -> list[tuple[str, str | None, int]]:
    """All issues but that a register of a few rows is short."""
    found = reading.tables["issue"].filter(pl.col("kind") != "unexpected_count")
    return list(found.select("kind", "value", "count").iter_rows())


def outcomes(reading: Reading) -> dict[str, int]:
    return dict(reading.tables["register_file"].group_by("outcome").agg(pl.col("rows").sum()).iter_rows())


# -- what a row says


def test_a_licensed_product_is_an_authorisation_with_its_date(tmp_path: Path) -> None:
    reading = read(tmp_path, [row()])

    (record,) = reading.tables["authorisation"].iter_rows(named=True)
    assert record["record_id"] == "125900-001"
    assert record["number"] == "BLA125900"
    assert (record["product_name"], record["holder_name"]) == ("Helixa", "Helix, Inc.")
    assert (record["form"], record["route"], record["strength"]) == ("Injection", "Intravenous", "1ML")
    assert (record["status"], record["legal_basis"], record["marketed"]) == ("authorised", "full", True)
    assert authorised(reading) == {"125900-001": datetime.date(2022, 1, 17)}
    assert reading.tables["ingredient"]["name"].to_list() == ["helixagene exemplavec-abcd"]
    assert issues(reading) == []


def test_a_number_has_its_leading_zeros_however_it_is_printed(tmp_path: Path) -> None:
    reading = read(
        tmp_path, [row(bla_number="20168", product_number="001"), row(bla_number="020168", product_number="2")]
    )
    assert reading.tables["authorisation"]["record_id"].to_list() == ["020168-001", "020168-002"]
    assert reading.tables["authorisation"]["number"].unique().to_list() == ["BLA020168"]


@pytest.mark.parametrize("licence_type", ["351(k) Biosimilar", "351(k) Interchangeable"])
def test_a_biosimilar_is_flagged(tmp_path: Path, licence_type: str) -> None:
    record = read(tmp_path, [row(bla_type=licence_type)]).tables["authorisation"]
    assert record["legal_basis"].to_list() == ["biosimilar"]
    assert record["flags"].to_list() == [["biosimilar"]]


@pytest.mark.parametrize("licensure", ["Revoked", "Voluntarily Revoked"])
def test_a_revoked_licence_is_withdrawn_on_a_day_that_nobody_states(tmp_path: Path, licensure: str) -> None:
    reading = read(tmp_path, [row(licensure=licensure, marketing_status="Disc")])
    assert reading.tables["authorisation"]["status"].to_list() == ["withdrawn"]
    events = reading.tables["event"].select("event", "date", "text").rows()
    assert ("withdrawn", None, licensure) in events
    assert ("authorised", datetime.date(2022, 1, 17), "17-Jan-22") in events


@pytest.mark.parametrize("status", ["Disc", "Disc*"])
def test_a_discontinued_product_stays_authorised(tmp_path: Path, status: str) -> None:
    record = read(tmp_path, [row(marketing_status=status)]).tables["authorisation"]
    assert (record["status"].item(), record["marketed"].item()) == ("authorised", False)


def test_no_proprietary_name_is_no_name(tmp_path: Path) -> None:
    assert read(tmp_path, [row(proprietary_name="N/A")]).tables["authorisation"]["product_name"].item() is None


def test_exclusivities_end_in_the_century_to_come(tmp_path: Path) -> None:
    exclusive = row(
        date_of_first_licensure="17-Jan-22",
        ref_product_exclusivity_exp_date="17-Jan-34",
        orphan_exclusivity_exp_date="17-Jan-29",
        first_interchangeable_exclusivity_exp_date="Date TBD",
    )
    past = row(product_number="2", orphan_exclusivity_exp_date="21-Nov-95")
    reading = read(tmp_path, [exclusive, past])

    assert sorted(reading.tables["protection"].select("record_id", "code", "kind", "starts", "expires").rows()) == [
        ("125900-001", "FIE", "market_exclusivity", None, None),
        ("125900-001", "ODE", "orphan_exclusivity", None, datetime.date(2029, 1, 17)),
        ("125900-001", "RPE", "data_exclusivity", datetime.date(2022, 1, 17), datetime.date(2034, 1, 17)),
        ("125900-002", "ODE", "orphan_exclusivity", None, datetime.date(1995, 11, 21)),
    ]
    assert issues(reading) == []


def test_an_exclusivity_in_the_column_that_never_had_one_is_an_issue(tmp_path: Path) -> None:
    reading = read(tmp_path, [row(exclusivity_expiration_date="17-Jan-34")])
    assert issues(reading) == [("unknown_exclusivity", "17-Jan-34", 1)]
    assert "protection" not in reading.tables or reading.tables["protection"].is_empty()


@pytest.mark.parametrize(
    ("center", "proper_name", "names"),
    [
        ("CDER", "nivolumab and relatlimab-rmbw", ["nivolumab", "relatlimab-rmbw"]),
        ("CDER", "atoltivimab, maftivimab, and odesivimab-ebgn", ["atoltivimab", "maftivimab", "odesivimab-ebgn"]),
        ("CDER", "immune globulin, 10% liquid", ["immune globulin, 10% liquid"]),
        ("CBER", "Tetanus and Diphtheria Toxoids Adsorbed", ["Tetanus and Diphtheria Toxoids Adsorbed"]),
    ],
)
def test_a_combination_of_cder_is_several_substances(
    tmp_path: Path, center: str, proper_name: str, names: list[str]
) -> None:
    ingredients = read(tmp_path, [row(center=center, proper_name=proper_name)]).tables["ingredient"]
    assert ingredients["name"].to_list() == names
    assert ingredients["position"].to_list() == list(range(1, len(names) + 1))


# -- when it was approved


@pytest.mark.parametrize(
    ("bla", "submission", "printed", "day"),
    [
        ("103871", "Original", "13-Mar-24", "1924-03-13"),  # a number of the old series: not a BLA of 2024
        ("125820", "Original", "13-Mar-24", "2024-03-13"),  # a number that was given out a hundred years later
        ("103951", "Original", "17-Sep-01", "2001-09-17"),  # the old series was given out until 2003
        ("101383", "Original", "14-Jun-30", "1930-06-14"),
        ("17016", "Original", "15-Jan-74", "1974-01-15"),
        ("17016", "Supplement", "25-May-22", "2022-05-25"),  # there was no NDA in 1922
        ("761071", "Original", "30-Oct-18", "2018-10-30"),
        ("125900", "Original", "29-Feb-24", "2024-02-29"),
        ("103871", "Original", "3/13/1924", "1924-03-13"),
        ("103951", "Supplement", "2022-05-25", "2022-05-25"),
        ("103871", "Original", "March 13, 1924", "1924-03-13"),
    ],
)
def test_a_year_of_two_digits_lies_in_the_century_of_the_number(
    tmp_path: Path, bla: str, submission: str, printed: str, day: str
) -> None:
    first = row(bla_number=bla, product_number="9", approval_date="9/17/1999")
    rows = [row(bla_number=bla, submission_type=submission, approval_date=printed)]
    reading = read(tmp_path, rows + [first] * (submission == "Supplement"))
    assert authorised(reading)[f"{int(bla):06}-001"] == datetime.date.fromisoformat(day)
    assert issues(reading) == []


def test_a_supplement_is_younger_than_its_original(tmp_path: Path) -> None:
    rows = [
        row(bla_number="101069", approval_date="22-Apr-71"),
        row(bla_number="101069", product_number="2", submission_type="Supplement", approval_date="27-Feb-23"),
    ]
    assert authorised(read(tmp_path, rows))["101069-002"] == datetime.date(2023, 2, 27)


@pytest.mark.parametrize(
    ("bla", "submission", "printed"),
    [
        ("103871", "Supplement", "13-Mar-24"),  # of 1924 as its original, or of 2024
        ("103871", "", "13-Mar-24"),
        ("103871", "Original", "13-Mar-07"),  # too late for the series, too early for a licence
        ("761071", "Original", "30-Oct-68"),  # long before the number was given out
    ],
)
def test_a_century_that_stays_open_is_no_date_but_an_issue(
    tmp_path: Path, bla: str, submission: str, printed: str
) -> None:
    rows = [
        row(bla_number=bla, submission_type=submission, approval_date=printed),
        row(bla_number=bla, product_number="2", approval_date="1/1/1920"),
    ]
    reading = read(tmp_path, rows)
    assert authorised(reading)[f"{bla}-001"] is None
    assert ("ambiguous_century", printed, 1) in issues(reading)
    text = reading.tables["event"].filter(record_id=f"{bla}-001")["text"].item()
    assert text.endswith(printed)


def test_a_product_of_a_supplement_has_the_date_of_the_supplement(tmp_path: Path) -> None:
    late = row(product_number="2", submission_type="Supplement", supplement_number="18", approval_date="10-Nov-23")
    reading = read(tmp_path, [row(), late])
    assert authorised(reading)["125900-002"] == datetime.date(2023, 11, 10)
    assert "Supplement 18: 10-Nov-23" in reading.tables["event"]["text"].to_list()


def test_supplements_alone_only_say_until_when(tmp_path: Path) -> None:
    reading = read(tmp_path, [row(submission_type="Supplement", supplement_number="22", approval_date="20-Dec-10")])
    (event,) = reading.tables["event"].iter_rows(named=True)
    assert (event["event"], event["date"], event["precision"]) == ("authorised", None, None)
    assert event["before"] == datetime.date(2010, 12, 21)
    assert issues(reading) == [("no_original", "125900", 1)]


@pytest.mark.parametrize("original", ["", "31-Feb-07", "13-Mar-07"])
def test_so_do_supplements_of_an_original_without_a_date(tmp_path: Path, original: str) -> None:
    rows = [
        row(bla_number="103871", approval_date=original),
        row(bla_number="103871", product_number="2", submission_type="Supplement", approval_date="5/1/2015"),
    ]
    reading = read(tmp_path, rows)
    assert {day for day in authorised(reading).values() if day} == set()
    assert reading.tables["event"]["before"].drop_nulls().to_list() == [datetime.date(2015, 5, 2)]
    assert ("no_original", "103871", 1) in issues(reading)


def test_a_supplement_before_its_original_is_kept_and_noted(tmp_path: Path) -> None:
    late = row(product_number="2", submission_type="Supplement", supplement_number="5", approval_date="17-Feb-20")
    reading = read(tmp_path, [row(), late])
    assert authorised(reading)["125900-002"] == datetime.date(2020, 2, 17)
    assert issues(reading) == [("supplement_before_original", "125900", 1)]


def test_a_licensed_product_without_a_date_stays_without(tmp_path: Path) -> None:
    reading = read(tmp_path, [row(approval_date="")])
    assert reading.tables["authorisation"]["status"].to_list() == ["authorised"]
    assert authorised(reading) == {}


# -- the change section


def test_changes_above_the_full_list_count_once(tmp_path: Path) -> None:
    new, old = row(nru="N"), row(product_number="2")
    reading = read(tmp_path, [new], [new, old])
    assert reading.tables["authorisation"]["record_id"].to_list() == ["125900-001", "125900-002"]
    assert outcomes(reading) == {"duplicate": 1, "read": 2}


def test_a_change_written_otherwise_gives_way_to_the_full_list(tmp_path: Path) -> None:
    change = row(nru="U", approval_date="January 17, 2022", marketing_status="Disc")
    listed = row(nru="U", marketing_status="Rx")
    reading = read(tmp_path, [change], [listed])
    assert reading.tables["authorisation"]["marketed"].to_list() == [True]
    assert outcomes(reading) == {"out_of_scope": 1, "read": 1}
    assert issues(reading) == []


def test_a_change_that_the_full_list_lacks_is_kept(tmp_path: Path) -> None:
    change = row(nru="N", bla_number="125819")
    reading = read(tmp_path, [change], [row()])
    assert reading.tables["authorisation"]["number"].to_list() == ["BLA125819", "BLA125900"]


def test_sections_may_have_other_columns(tmp_path: Path) -> None:
    listed = [{name: value for name, value in row().items() if name not in ("N/R/U", "License Number")}]
    reading = read(tmp_path, [row(nru="N", bla_number="125819")], listed)
    assert reading.tables["authorisation"]["number"].to_list() == ["BLA125819", "BLA125900"]
    assert authorised(reading)["125900-001"] == datetime.date(2022, 1, 17)


# -- drift


def test_the_spellings_of_other_years_are_known(tmp_path: Path) -> None:
    names = {"BLA Type": "License Type", "Marketing Status": "Status"}
    other = {names.get(name, name): value for name, value in row().items()}
    other |= {"Inter. Approval Date": "20-Aug-24", "Inter. Supplement Number": "19", "Patent List Provided": "YES"}
    reading = read(tmp_path, [dict(reversed(other.items()))])
    assert reading.tables["authorisation"].select("legal_basis", "marketed").rows() == [("full", True)]
    assert reading.tables["event"].filter(event="decision")["date"].to_list() == [datetime.date(2024, 8, 20)]
    assert issues(reading) == []


def test_a_renamed_column_is_an_issue_and_no_guess(tmp_path: Path) -> None:
    renamed = {("Licensure State" if name == "Licensure" else name): value for name, value in row().items()}
    reading = read(tmp_path, [renamed])
    assert reading.tables["authorisation"]["status"].to_list() == ["unknown"]
    assert {kind for kind, _, _ in issues(reading)} == {"missing_column", "new_column"}


def test_without_the_key_nothing_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="BLA Number"):
        read(tmp_path, [{name: value for name, value in row().items() if name != "BLA Number"}])


def test_another_file_is_not_the_register(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="header"):
        read(tmp_path, [{"Country": "US", "Price": "1"}])


def test_unknown_codes_and_impossible_dates_are_issues(tmp_path: Path) -> None:
    rows = [
        row(bla_type="351(z)", licensure="Pending", marketing_status="Herbal", center="CFSAN"),
        row(product_number="2", approval_date="31-Feb-22"),
        row(product_number="3", approval_date="1/17/2031"),
    ]
    reading = read(tmp_path, rows)
    record = reading.tables["authorisation"].row(0, named=True)
    assert (record["legal_basis"], record["status"], record["marketed"]) == ("unknown", "unknown", None)
    assert authorised(reading) == {"125900-001": datetime.date(2022, 1, 17), "125900-002": None, "125900-003": None}
    assert {(kind, value) for kind, value, _ in issues(reading)} == {
        ("unknown_code", "351(z)"),
        ("unknown_code", "Pending"),
        ("unknown_code", "Herbal"),
        ("unknown_code", "CFSAN"),
        ("bad_date", "31-Feb-22"),
        ("impossible_date", "1/17/2031"),
    }


def test_rows_without_a_key_are_set_aside_with_their_text(tmp_path: Path) -> None:
    reading = read(tmp_path, [row(), row(bla_number="see note"), row(product_number="")])
    assert outcomes(reading) == {"read": 1, "quarantined": 2}
    assert "see note" in reading.tables["quarantine"]["text"].to_list()[0]


def test_two_products_of_one_number_are_an_issue(tmp_path: Path) -> None:
    reading = read(tmp_path, [row(), row(strength="2ML")])
    assert issues(reading) == [("repeated_key", "125900-001", 1)]
    assert reading.tables["authorisation"].height == 1


# -- the real register

DATES = ("2023-01-31", "2025-02-28")


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> dict[str, Reading]:
    register = catalogue()[REGISTER]
    folder = registers_dir / REGISTER
    return {day: register.read(Snapshot(REGISTER, datetime.date.fromisoformat(day), folder / day)) for day in DATES}


def published(registers_dir: Path, date: str) -> list[list[str]]:
    """The product rows of a snapshot, by the standard library."""
    (path,) = (registers_dir / REGISTER / date).iterdir()
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [cells for cells in csv.reader(file) if len(cells) > 2 and cells[2].strip().isdigit()]


@pytest.mark.parametrize("date", DATES)
def test_every_published_row_is_accounted_for(real: dict[str, Reading], registers_dir: Path, date: str) -> None:
    rows = published(registers_dir, date)
    assert sum(outcomes(real[date]).values()) == len(rows)
    records = real[date].tables["authorisation"]["record_id"]
    assert len(records) == records.n_unique() == len({(cells[2].strip(), cells[18].strip()) for cells in rows})
    assert "quarantined" not in outcomes(real[date])


@pytest.mark.parametrize("date", DATES)
def test_only_known_issues_remain(real: dict[str, Reading], date: str) -> None:
    found = {(kind, value) for kind, value, _ in issues(real[date])}
    without = ["101246", "101448", "102367", "103332", "103779", "103932", "103953", "125251"]
    assert found == {("no_original", number) for number in without} | {("supplement_before_original", "103352")}


def test_editions_agree_on_every_date_that_the_register_did_not_change(
    real: dict[str, Reading], registers_dir: Path
) -> None:
    """The edition of 2023 prints four-digit years: it settles what the two digits of the later one mean."""
    early, late = ({f"{int(c[2]):06}-{int(c[18]):03}": c for c in published(registers_dir, date)} for date in DATES)
    dates = {record: authorised(real["2025-02-28"]).get(record) for record in late}
    same = 0
    for record in early.keys() & late.keys():
        submission = [cells[at].strip() for cells in (early[record], late[record]) for at in (15, 16)]
        if submission[:2] != submission[2:] or dates[record] is None:
            continue
        month, day, year = map(int, early[record][12].split("/"))
        if late[record][12].strip() == f"{day}-{datetime.date(2000, month, 1):%b}-{year % 100:02}":
            assert dates[record] == datetime.date(year, month, day), record
            same += 1
    assert same > 1700


@pytest.mark.parametrize(
    ("number", "date", "status"),
    [
        ("BLA125646", "2017-08-30", "authorised"),  # Kymriah
        ("BLA125643", "2017-10-18", "authorised"),  # Yescarta
        ("BLA125610", "2017-12-19", "authorised"),  # Luxturna
        ("BLA125694", "2019-05-24", "authorised"),  # Zolgensma
        ("BLA125772", "2022-11-22", "authorised"),  # Hemgenix
        ("BLA125197", "2010-04-29", "authorised"),  # Provenge
        ("BLA103661", "1997-08-22", "authorised"),  # Carticel, no longer marketed
        ("BLA125730", "2021-06-15", "withdrawn"),  # StrataGraft
    ],
)
def test_known_authorisations(real: dict[str, Reading], number: str, date: str, status: str) -> None:
    tables = real["2025-02-28"].tables
    records = tables["authorisation"].filter(number=number)
    events = tables["event"].filter(event="authorised").join(records, on="record_id", how="semi")
    assert str(events["date"].min()) == date
    assert records["status"].unique().to_list() == [status]


def test_what_was_licensed_may_be_revoked_later(real: dict[str, Reading]) -> None:
    stratagraft = [
        tables.tables["authorisation"].filter(record_id="125730-001")["status"].item() for tables in real.values()
    ]
    assert stratagraft == ["authorised", "withdrawn"]


def test_every_fact_on_advanced_therapies_agrees(real: dict[str, Reading], facts_dir: Path) -> None:
    facts = pl.read_csv(facts_dir / "advanced_therapies.csv", infer_schema=False).filter(
        pl.col("evidence").str.starts_with(f"register:{REGISTER}/2025-02-28"), event="approval"
    )
    tables = real["2025-02-28"].tables
    events = tables["event"].filter(event="authorised").join(tables["authorisation"], on="record_id")
    first = events.group_by("number").agg(pl.col("date").min().cast(pl.String).alias("first"))
    differing = facts.join(first, left_on="licence_number", right_on="number", how="left").filter(
        ~pl.col("first").eq_missing(pl.col("date"))
    )
    assert len(facts) > 40
    assert differing.is_empty(), differing.select("brand", "date", "first")
