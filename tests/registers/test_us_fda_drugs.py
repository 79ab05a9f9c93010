"""Drugs@FDA: what its reader makes of ordinary rows, of the register's oddities and of layouts that drift."""

import datetime
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot

REGISTER = "us_fda_drugs"
HEADERS = {
    "Applications": "ApplNo ApplType ApplPublicNotes SponsorName",
    "Products": "ApplNo ProductNo Form Strength ReferenceDrug DrugName ActiveIngredient ReferenceStandard",
    "Submissions": "ApplNo SubmissionClassCodeID SubmissionType SubmissionNo SubmissionStatus SubmissionStatusDate "
    "SubmissionsPublicNotes ReviewPriority",
    "SubmissionPropertyType": "ApplNo SubmissionType SubmissionNo SubmissionPropertyTypeCode SubmissionPropertyTypeID",
    "MarketingStatus": "MarketingStatusID ApplNo ProductNo",
    "MarketingStatus_Lookup": "MarketingStatusID MarketingStatusDescription",
    "SubmissionClass_Lookup": "SubmissionClassCodeID SubmissionClassCode SubmissionClassCodeDescription",
    "TE": "ApplNo ProductNo MarketingStatusID TECode",
}
LOOKUPS = {
    "MarketingStatus_Lookup": [
        ["1", "Prescription"],
        ["2", "Over-the-counter"],
        ["3", "Discontinued"],
        ["4", "None (Tentative Approval)"],
    ],
    "SubmissionClass_Lookup": [["7", "TYPE 1", "Type 1 - New Molecular Entity"], ["12", "TYPE 3", "Type 3"]],
}
PRODUCT = ["213999", "001", "TABLET;ORAL", "10MG", "1", "EXEMPLA", "EXEMPLINIB SODIUM", "1"]
APPLICATION = ["213999", "NDA  ", "", "HELIX INC"]
ORIGINAL = ["213999", "7", "ORIG      ", "1", "AP", "2017-05-19 00:00:00", "", "PRIORITY"]
MARKETED = ["1", "213999", "001"]

Tables = dict[str, list[list[str]]]


def tables(**others: list[list[str]]) -> Tables:
    """One marketed product of one application, or what the test says instead."""
    usual = {
        "Products": [PRODUCT],
        "Applications": [APPLICATION],
        "Submissions": [ORIGINAL],
        "MarketingStatus": [MARKETED],
    }
    return usual | LOOKUPS | {"SubmissionPropertyType": [], "TE": []} | others


def changed(row: list[str], **at: str) -> list[str]:
    """The row with other cells: `_3="2"` puts 2 in the cell at position 3."""
    return [at.get(f"_{position}", cell) for position, cell in enumerate(row)]


def read(folder: Path, contents: Tables, headers: dict[str, str] = HEADERS, encoding: str = "cp1252") -> Reading:
    path = folder / REGISTER / "2018-06-26"
    path.mkdir(parents=True)
    for name, rows in contents.items():
        lines = [headers[name].split(), *rows]
        text = "".join("\t".join(cells) + "\r\n" for cells in lines)
        (path / f"{name}.txt").write_bytes(text.encode(encoding))
    return catalogue()[REGISTER].read(Snapshot(REGISTER, datetime.date(2018, 6, 26), path))


def records(reading: Reading) -> list[dict[str, Any]]:
    return reading.tables["authorisation"].to_dicts()


def events(reading: Reading) -> list[tuple[Any, ...]]:
    return reading.tables["event"].select("record_id", "event", "date", "before").rows()


def issues(reading: Reading) -> list[tuple[Any, ...]]:
    """All issues but that a register of a few rows is short."""
    return reading.tables["issue"].filter(pl.col("kind") != "unexpected_count").select("kind", "value", "count").rows()


def outcomes(reading: Reading, name: str) -> dict[str, int]:
    files = reading.tables["register_file"].filter(pl.col("file").str.ends_with(f"{name}.txt"))
    return dict(files.group_by("outcome").agg(pl.col("rows").sum()).iter_rows())


# -- what the rows say


def test_a_product_is_an_authorisation_of_its_application(tmp_path: Path) -> None:
    reading = read(tmp_path, tables())

    (record,) = records(reading)
    assert (record["record_id"], record["number"]) == ("213999-001", "NDA213999")
    assert (record["product_name"], record["holder_name"]) == ("EXEMPLA", "HELIX INC")
    assert (record["form"], record["route"], record["strength"]) == ("TABLET", "ORAL", "10MG")
    assert (record["status"], record["marketed"], record["legal_basis"]) == ("authorised", True, "full")
    assert record["flags"] == ["priority", "new_active_substance"]
    assert events(reading) == [("213999-001", "authorised", datetime.date(2017, 5, 19), None)]
    assert reading.tables["event"]["text"].item() == "ORIG 1 AP 2017-05-19 00:00:00 of application NDA213999"
    assert reading.tables["ingredient"].select("name", "strength").rows() == [("EXEMPLINIB SODIUM", "10MG")]
    assert issues(reading) == []


def test_every_product_has_the_approval_of_its_application_and_its_row(tmp_path: Path) -> None:
    second = changed(PRODUCT, _1="002")
    reading = read(
        tmp_path, tables(Products=[PRODUCT, second], MarketingStatus=[MARKETED, changed(MARKETED, _2="002")])
    )

    day = datetime.date(2017, 5, 19)
    assert events(reading) == [("213999-001", "authorised", day, None), ("213999-002", "authorised", day, None)]
    evidence = reading.tables["source_row"].select("record_id", "row")
    for row in ("Submissions.txt:2", "Applications.txt:2"):
        assert evidence.filter(row=row)["record_id"].to_list() == ["213999-001", "213999-002"]
    assert outcomes(reading, "Submissions") == {"read": 1}


@pytest.mark.parametrize(
    ("kind", "submission_class", "basis", "new"),
    [
        ("NDA", "7", "full", True),
        ("NDA", "12", "unknown", False),
        ("ANDA", "", "generic", False),
        ("BLA", "7", "unknown", False),  # biosimilars are of type 1 there too
    ],
)
def test_the_legal_basis_is_as_far_as_stated(
    tmp_path: Path, kind: str, submission_class: str, basis: str, new: bool
) -> None:
    contents = tables(
        Applications=[changed(APPLICATION, _1=kind)], Submissions=[changed(ORIGINAL, _1=submission_class)]
    )
    (record,) = records(read(tmp_path, contents))
    assert record["legal_basis"] == basis
    assert ("new_active_substance" in record["flags"]) == new
    assert record["number"] == f"{kind}213999"


def test_an_orphan_property_of_the_original_flags_the_product(tmp_path: Path) -> None:
    orphan = [["213999", "ORIG      ", "1", "Orphan", "0"], ["213999", "SUPPL     ", "2", "Orphan", "0"]]
    reading = read(tmp_path, tables(SubmissionPropertyType=orphan))
    assert records(reading)[0]["flags"] == ["orphan", "priority", "new_active_substance"]
    assert outcomes(reading, "SubmissionPropertyType") == {"read": 1, "out_of_scope": 1}


def test_an_orphan_supplement_does_not(tmp_path: Path) -> None:
    reading = read(tmp_path, tables(SubmissionPropertyType=[["213999", "SUPPL     ", "2", "Orphan", "0"]]))
    assert "orphan" not in records(reading)[0]["flags"]


@pytest.mark.parametrize(
    ("ids", "marketed"), [(["1"], True), (["2"], True), (["3"], False), (["1", "3"], True), ([], None)]
)
def test_marketing_is_what_its_status_says(tmp_path: Path, ids: list[str], marketed: bool | None) -> None:
    reading = read(tmp_path, tables(MarketingStatus=[changed(MARKETED, _0=identifier) for identifier in ids]))
    assert (records(reading)[0]["marketed"], records(reading)[0]["status"]) == (marketed, "authorised")


@pytest.mark.parametrize(
    ("printed", "strength", "parts"),
    [
        ("ABACAVIR;LAMIVUDINE", "600MG;300MG", [("ABACAVIR", "600MG"), ("LAMIVUDINE", "300MG")]),
        ("A ACID; B SODIUM", "1MG; 2MG **Federal Register determination**", [("A ACID", "1MG"), ("B SODIUM", "2MG")]),
        ("A ACID; B SODIUM", "1MG", [("A ACID", None), ("B SODIUM", None)]),
        ("TRIPLE SULFA (X;Y;Z)", "1%;2%;3%", [("TRIPLE SULFA (X;Y;Z)", None)]),
    ],
)
def test_semicolons_separate_ingredients(
    tmp_path: Path, printed: str, strength: str, parts: list[tuple[str, str | None]]
) -> None:
    found = read(tmp_path, tables(Products=[changed(PRODUCT, _6=printed, _3=strength)])).tables["ingredient"]
    assert found.select("name", "strength").rows() == parts
    assert found["position"].to_list() == list(range(1, len(parts) + 1))


# -- what authorises and what does not


def test_a_tentative_approval_authorises_nothing(tmp_path: Path) -> None:
    tentative = tables(Submissions=[changed(ORIGINAL, _4="TA")], MarketingStatus=[changed(MARKETED, _0="4")])
    reading = read(tmp_path, tentative)
    assert records(reading) == []
    for name in ("Products", "Applications", "Submissions", "MarketingStatus"):
        assert outcomes(reading, name) == {"out_of_scope": 1}
    assert issues(reading) == []


def test_a_tentative_product_of_an_approved_application_is_left_out_alone(tmp_path: Path) -> None:
    both = tables(
        Products=[PRODUCT, changed(PRODUCT, _1="002")],
        MarketingStatus=[MARKETED, ["4", "213999", "002"]],
        Submissions=[ORIGINAL, changed(ORIGINAL, _3="2", _4="TA", _5="2018-01-05 00:00:00")],
    )
    reading = read(tmp_path, both)
    assert events(reading) == [
        ("213999-001", "authorised", datetime.date(2017, 5, 19), None),
        ("213999-001", "decision", datetime.date(2018, 1, 5), None),
    ]


def test_a_product_on_the_market_without_final_approval_has_no_date_and_an_issue(tmp_path: Path) -> None:
    reading = read(tmp_path, tables(Submissions=[changed(ORIGINAL, _4="TA")]))
    assert records(reading)[0]["status"] == "authorised"
    assert [event for _, event, *_ in events(reading)] == ["decision"]
    assert issues(reading) == [("marketed_but_tentative", "Products.txt", 1)]


def test_supplements_change_what_is_authorised_already(tmp_path: Path) -> None:
    supplement = changed(ORIGINAL, _2="SUPPL     ", _3="4", _5="2018-02-01 00:00:00")
    reading = read(tmp_path, tables(Submissions=[ORIGINAL, supplement]))
    assert len(events(reading)) == 1
    assert outcomes(reading, "Submissions") == {"read": 1, "out_of_scope": 1}


@pytest.mark.parametrize("original", [[], [changed(ORIGINAL, _5="1900-01-01 00:00:00")], [changed(ORIGINAL, _5="")]])
def test_without_a_dated_original_the_first_supplement_bounds_the_approval(
    tmp_path: Path, original: list[list[str]]
) -> None:
    supplements = [
        changed(ORIGINAL, _2="SUPPL", _3="4", _5="1991-02-01 00:00:00"),
        changed(ORIGINAL, _2="SUPPL", _3="2", _5="1989-08-03 00:00:00"),
    ]
    reading = read(tmp_path, tables(Submissions=original + supplements))
    bounded = ("213999-001", "authorised", None, datetime.date(1989, 8, 4))
    undated = [("213999-001", "authorised", None, None)] * len(original)
    assert sorted(events(reading), key=str) == sorted([bounded, *undated], key=str)
    assert issues(reading) == []


def test_an_application_without_submissions_is_authorised_and_undated(tmp_path: Path) -> None:
    reading = read(
        tmp_path, tables(Submissions=[changed(ORIGINAL, _0="213000")], MarketingStatus=[["3", "213999", "001"]])
    )
    assert (records(reading)[0]["status"], records(reading)[0]["marketed"]) == ("authorised", False)
    assert events(reading) == []


def test_a_supplement_before_its_original_is_noted(tmp_path: Path) -> None:
    supplement = changed(ORIGINAL, _2="SUPPL", _3="4", _5="1991-02-01 00:00:00")
    reading = read(tmp_path, tables(Submissions=[ORIGINAL, supplement]))
    assert [day for _, _, day, _ in events(reading)] == [datetime.date(2017, 5, 19)]
    assert issues(reading) == [("supplement_before_original", "Submissions.txt", 1)]


def test_a_withdrawal_in_the_federal_register_ends_the_authorisation(tmp_path: Path) -> None:
    reading = read(tmp_path, tables(Submissions=[changed(ORIGINAL, _6="Withdrawn FR Effective 11/03/2017")]))
    assert records(reading)[0]["status"] == "withdrawn"
    assert ("213999-001", "withdrawn", datetime.date(2017, 11, 3), None) in events(reading)


# -- rows that hang together badly


def test_a_product_without_its_application_keeps_the_bare_number(tmp_path: Path) -> None:
    lone = changed(PRODUCT, _0="040850")
    reading = read(tmp_path, tables(Products=[PRODUCT, lone]))
    record = records(reading)[1]
    assert (record["number"], record["holder_name"], record["legal_basis"]) == ("040850", None, "unknown")
    assert issues(reading) == [("no_application", "Products.txt", 1)]


def test_applications_and_submissions_without_a_product_are_out_of_scope(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        tables(
            Applications=[APPLICATION, changed(APPLICATION, _0="091003")],
            Submissions=[ORIGINAL, changed(ORIGINAL, _0="009658")],
        ),
    )
    assert outcomes(reading, "Applications") == outcomes(reading, "Submissions") == {"read": 1, "out_of_scope": 1}
    assert issues(reading) == [("no_product", "Applications.txt", 1), ("no_product", "Submissions.txt", 1)]


def test_a_marketing_status_without_its_product_is_set_aside(tmp_path: Path) -> None:
    reading = read(tmp_path, tables(MarketingStatus=[MARKETED, ["1", "021584", "001"]]))
    assert outcomes(reading, "MarketingStatus") == {"read": 1, "quarantined": 1}


def test_a_product_number_given_twice_counts_once(tmp_path: Path) -> None:
    reading = read(tmp_path, tables(Products=[PRODUCT, changed(PRODUCT, _1="01 ")]))
    assert len(records(reading)) == 1
    assert outcomes(reading, "Products") == {"read": 1, "quarantined": 1}


def test_a_stray_tab_at_the_end_is_no_field_and_one_within_is_no_row(tmp_path: Path) -> None:
    broken = changed(PRODUCT, _1="002", _5="EXEM\tPLA")
    reading = read(tmp_path, tables(Products=[[*PRODUCT, ""], broken]))
    assert [record["record_id"] for record in records(reading)] == ["213999-001"]
    assert "PLA" in reading.tables["quarantine"]["text"].item()


# -- drift


def test_a_zip_with_newer_tables_reads_the_same(tmp_path: Path) -> None:
    plain = read(tmp_path / "plain", tables())
    folder = tmp_path / "plain" / REGISTER / "2018-06-26"
    (tmp_path / "zipped").mkdir()
    with zipfile.ZipFile(tmp_path / "zipped" / "drugsatfda.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
        archive.writestr("Join_Submission_ActionTypes_Lookup.txt", "ApplNo\tActionTypes_LookupID\r\n213999\t1\r\n")
    zipped = catalogue()[REGISTER].read(Snapshot(REGISTER, datetime.date(2018, 6, 26), tmp_path / "zipped"))
    assert records(zipped)[0] | {"row": ""} == records(plain)[0] | {"row": ""}
    assert issues(zipped) == []


def test_columns_may_change_places_and_older_files_lack_two(tmp_path: Path) -> None:
    headers = HEADERS | {
        "MarketingStatus": "ApplNo ProductNo MarketingStatusID",
        "Products": "ApplNo ProductNo Form Strength ReferenceDrug DrugName ActiveIngredient",
        "SubmissionPropertyType": "ApplNo SubmissionType SubmissionNo SubmissionPropertyTypeCode",
    }
    older = tables(MarketingStatus=[["213999", "001", "3"]], Products=[PRODUCT[:7]])
    reading = read(tmp_path, older, headers)
    assert records(reading)[0]["marketed"] is False
    assert issues(reading) == []


def test_numbers_get_their_leading_zeros_back(tmp_path: Path) -> None:
    bare = {
        "Products": [changed(PRODUCT, _0="4782", _1="1")],
        "Applications": [changed(APPLICATION, _0="4782")],
        "Submissions": [changed(ORIGINAL, _0="4782")],
        "MarketingStatus": [["1", "4782", "1"]],
    }
    reading = read(tmp_path, tables(**bare))
    assert (records(reading)[0]["record_id"], records(reading)[0]["number"]) == ("004782-001", "NDA004782")


def test_unknown_codes_and_bad_dates_are_issues(tmp_path: Path) -> None:
    strange = tables(
        Applications=[changed(APPLICATION, _1="XDA")],
        Submissions=[
            changed(ORIGINAL, _1="99", _7="URGENT"),
            changed(ORIGINAL, _3="2", _4="QQ"),
            changed(ORIGINAL, _3="3", _5="2017-02-31 00:00:00"),
            changed(ORIGINAL, _3="4", _5="2027-02-01 00:00:00"),
        ],
        MarketingStatus=[changed(MARKETED, _0="9")],
    )
    reading = read(tmp_path, strange)
    assert records(reading)[0]["legal_basis"] == "unknown"
    assert records(reading)[0]["marketed"] is None
    assert {(kind, value) for kind, value, _ in issues(reading)} == {
        ("unknown_code", "XDA"),
        ("unknown_code", "99"),
        ("unknown_code", "URGENT"),
        ("unknown_code", "QQ"),
        ("unknown_code", "9"),
        ("bad_date", "2017-02-31 00:00:00"),
        ("impossible_date", "2027-02-01 00:00:00"),
    }
    days = [day for _, event, day, _ in events(reading) if event == "authorised"]
    assert sorted(days, key=str) == [datetime.date(2017, 5, 19), None, None]


def test_a_snapshot_without_the_lists_of_codes_still_dates_its_products(tmp_path: Path) -> None:
    contents = {name: rows for name, rows in tables().items() if "Lookup" not in name and "Property" not in name}
    reading = read(tmp_path, contents)
    assert records(reading)[0]["marketed"] is None
    assert events(reading) == [("213999-001", "authorised", datetime.date(2017, 5, 19), None)]
    assert {kind for kind, _, _ in issues(reading)} == {"missing_file"}


def test_without_the_column_that_carries_the_dates_nothing_is_read(tmp_path: Path) -> None:
    renamed = HEADERS | {"Submissions": HEADERS["Submissions"].replace("SubmissionStatusDate", "StatusDate")}
    with pytest.raises(Unreadable, match=r"SubmissionStatusDate \(renamed to StatusDate\?\) is missing"):
        read(tmp_path, tables(), headers=renamed)


def test_dates_with_the_day_first_are_refused(tmp_path: Path) -> None:
    """Where 26/05/2017 shows that the day stands first, 03/04/2017 is no fourth of March."""
    many = [
        changed(ORIGINAL, _0=f"{213000 + at}", _5=f"{1 + at % 28:02}/04/2017 00:00:00", _1="12") for at in range(60)
    ]
    products = [changed(PRODUCT, _0=row[0]) for row in many]
    with pytest.raises(Unreadable, match=r"57 of 60 dates of 'acted' cannot be read for certain, .* Has their form"):
        read(tmp_path, tables(Submissions=many, Products=products))
    few = [changed(ORIGINAL, _5="03/04/2017"), changed(ORIGINAL, _3="2", _5="26/05/2017")]
    reading = read(tmp_path / "few", tables(Submissions=few))
    assert [event[2] for event in events(reading)] == [None, None]
    assert {kind for kind, *_ in issues(reading)} == {"ambiguous_date", "bad_date"}


@pytest.mark.parametrize("printed", ["1900-01-01 00:00:00", "1900-01-01", "01/01/1900", "1/1/1900 00:00:00"])
def test_the_day_that_stands_for_none_does_so_however_it_is_written(tmp_path: Path, printed: str) -> None:
    reading = read(tmp_path, tables(Submissions=[changed(ORIGINAL, _5=printed)]))
    assert [event[2] for event in events(reading)] == [None]
    assert not issues(reading)


def test_the_layout_before_november_2016_is_refused(tmp_path: Path) -> None:
    headers = {"Application": "ApplNo ApplType SponsorApplicant", "Product": "ApplNo ProductNo Form Dosage drugname"}
    with pytest.raises(Unreadable, match=r"Products\.txt"):
        read(tmp_path, {"Application": [["004782", "N", "HELIX"]], "Product": [["004782", "001", "", "", ""]]}, headers)


def test_bytes_of_the_windows_codepage_are_read(tmp_path: Path) -> None:
    reading = read(tmp_path, tables(Submissions=[changed(ORIGINAL, _6="Date of Approval – May 12")]))
    assert records(reading)[0]["status"] == "authorised"
    raw = reading.tables["source_row"].filter(pl.col("row") == "Submissions.txt:2")["raw"].item()
    assert "–" in raw


# -- the real register


@pytest.fixture(scope="module")
def folder(registers_dir: Path) -> Path:
    return registers_dir / REGISTER / "2018-06-26"


@pytest.fixture(scope="module")
def real(folder: Path) -> Reading:
    return catalogue()[REGISTER].read(Snapshot(REGISTER, datetime.date(2018, 6, 26), folder))


def test_every_published_row_is_accounted_for(real: Reading, folder: Path) -> None:
    for path in folder.iterdir():
        lines = sum(bool(line.strip()) for line in path.read_bytes().split(b"\n"))
        assert sum(outcomes(real, path.stem).values()) == lines - 1, path.name


def test_only_known_issues_remain(real: Reading) -> None:
    assert issues(real) == [
        ("no_application", "Products.txt", 1100),
        ("no_product", "Applications.txt", 122),
        ("no_product", "Submissions.txt", 4174),
        ("supplement_before_original", "Submissions.txt", 289),
        ("marketed_but_tentative", "Products.txt", 6),
    ]
    assert real.tables["quarantine"]["row"].to_list() == [
        *(f"Products.txt:{line}" for line in (34617, 34618, 34619)),  # a tab has strayed into each
        "Products.txt:36047",
        "MarketingStatus.txt:6716",
        "MarketingStatus.txt:29386",
        "MarketingStatus.txt:34736",
    ]


def test_every_event_and_record_rests_on_a_published_row(real: Reading) -> None:
    evidence = real.tables["source_row"].select("record_id", "row")
    assert len(evidence) == len(evidence.unique())
    for name in ("authorisation", "event", "ingredient"):
        assert real.tables[name].join(evidence, on=["record_id", "row"], how="anti").is_empty()
    assert real.tables["authorisation"]["record_id"].is_unique().all()


@pytest.mark.parametrize(
    ("number", "date", "basis", "flags"),
    [
        ("NDA209531", "2016-12-23", "full", {"orphan", "priority", "new_active_substance"}),  # Spinraza
        ("NDA206488", "2016-09-19", "full", {"orphan", "priority", "new_active_substance"}),  # Exondys 51
        ("NDA203568", "2013-01-29", "full", {"orphan", "new_active_substance"}),  # Kynamro
        ("NDA208114", "2016-03-30", "full", {"orphan", "priority", "new_active_substance"}),  # Defitelio
        ("NDA020961", "1998-08-26", "full", {"priority", "new_active_substance"}),  # Vitravene
        ("NDA021756", "2004-09-17", "full", {"priority", "new_active_substance"}),  # Macugen
        ("BLA125553", "2015-03-06", "unknown", set()),  # Zarxio
    ],
)
def test_known_authorisations(real: Reading, number: str, date: str, basis: str, flags: set[str]) -> None:
    found = real.tables["authorisation"].filter(number=number)
    days = real.tables["event"].filter(event="authorised").join(found, on="record_id", how="semi")["date"]
    assert str(days.min()) == date
    assert found["legal_basis"].unique().to_list() == [basis]
    assert all(set(each) == flags for each in found["flags"])


def test_the_one_withdrawal_that_the_register_states(real: Reading) -> None:
    withdrawn = real.tables["authorisation"].filter(status="withdrawn")
    assert withdrawn["product_name"].to_list() == ["LEUSTATIN"]
    events = real.tables["event"].filter(event="withdrawn")
    assert events["date"].to_list() == [datetime.date(2016, 11, 3)]


def test_dates_agree_with_the_orange_book(real: Reading, registers_dir: Path) -> None:
    """Two registers of one agency: nearly all new drug applications have one and the same first day in both."""
    other = "us_fda_orange_book"
    path = next(iter(sorted((registers_dir / other).iterdir())))
    orange = catalogue()[other].read(Snapshot(other, datetime.date.fromisoformat(path.name), path))
    both = first_days(real).join(first_days(orange), on="number").drop_nulls()
    assert len(both) > 10_000
    assert both.filter(pl.col("date") == pl.col("date_right")).height / len(both) > 0.95


def first_days(reading: Reading) -> pl.DataFrame:
    events = reading.tables["event"].filter(event="authorised")
    return (
        events.join(reading.tables["authorisation"].select("record_id", "number"), on="record_id")
        .group_by("number")
        .agg(pl.col("date").min())
    )
