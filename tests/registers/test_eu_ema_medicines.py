"""EMA medicines report: what the status and the dates say together, layouts of other years, and the real files."""

import csv
import datetime
import io
import json
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest
from workbook import write_xlsx

from dioscorides.registers import catalogue
from dioscorides.registers.source import Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "eu_ema_medicines"
DATE = datetime.date(2026, 1, 29)
FILE = "medicines-output-medicines-report_en.xlsx"

COLUMNS = {
    "Category": "Human",
    "Name of medicine": "Kymriah",
    "EMA product number": "EMEA/H/C/004090",
    "Medicine status": "Authorised",
    "Opinion status": "",
    "Latest procedure affecting product information": "II/0089",
    "International non-proprietary name (INN) / common name": "tisagenlecleucel",
    "Active substance": "tisagenlecleucel",
    "Therapeutic area (MeSH)": "Lymphoma",
    "Species\n(veterinary)": "",
    "Patient safety": "No",
    "ATC code (human)": "L01XL04",
    "ATCvet code (veterinary)": "",
    "Pharmacotherapeutic group\n(human)": "Antineoplastic agents",
    "Pharmacotherapeutic group\n(veterinary)": "",
    "Therapeutic indication": "Kymriah is indicated for &hellip;",
    "Accelerated assessment": "No",
    "Additional monitoring": "Yes",
    "Advanced therapy": "Yes",
    "Biosimilar": "No",
    "Conditional approval": "No",
    "Exceptional circumstances": "No",
    "Generic or hybrid": "No",
    "Orphan medicine": "Yes",
    "PRIME: priority medicine": "Yes",
    "Marketing authorisation developer / applicant / holder": "Novartis Europharm Limited",
    "European Commission decision date": "12/05/2025",
    "Start of rolling review date": "",
    "Start of evaluation date": "",
    "Opinion adopted date": "28/06/2018",
    "Withdrawal of application date": "",
    "Marketing authorisation date": "23/08/2018",
    "Refusal of marketing authorisation date": "",
    "Withdrawal / expiry / revocation / lapse of marketing authorisation date": "",
    "Suspension of marketing authorisation date": "",
    "Revision number": "17",
    "First published date": "28/06/2018",
    "Last updated date": "12/05/2025",
    "Medicine URL": "https://www.ema.europa.eu/en/medicines/human/EPAR/kymriah",
}
SHORT = {
    "name": "Name of medicine",
    "number": "EMA product number",
    "status": "Medicine status",
    "opinion_status": "Opinion status",
    "inn": "International non-proprietary name (INN) / common name",
    "substance": "Active substance",
    "generic": "Generic or hybrid",
    "biosimilar": "Biosimilar",
    "atc": "ATC code (human)",
    "holder": "Marketing authorisation developer / applicant / holder",
    "decision": "European Commission decision date",
    "rolling_review": "Start of rolling review date",
    "opinion": "Opinion adopted date",
    "application_withdrawn": "Withdrawal of application date",
    "authorised": "Marketing authorisation date",
    "refused": "Refusal of marketing authorisation date",
    "ended": "Withdrawal / expiry / revocation / lapse of marketing authorisation date",
    "suspended": "Suspension of marketing authorisation date",
    "page": "Medicine URL",
}
UNDATED = dict.fromkeys(
    ("decision", "opinion", "application_withdrawn", "authorised", "refused", "ended", "suspended"), ""
)
OLD = {
    "Category": "Human",
    "Medicine name": "Stribild",
    "Therapeutic area": "HIV Infections",
    "International non-proprietary name (INN) / common name": "elvitegravir / cobicistat",
    "Active substance": "elvitegravir, cobicistat on silicon dioxide",
    "Product number": "EMEA/H/C/002574",
    "Patient safety": "no",
    "Authorisation status": "Authorised",
    "ATC code": "J05AR09",
    "Additional monitoring": "no",
    "Generic": "no",
    "Biosimilar": "no",
    "Conditional approval": "no",
    "Exceptional circumstances": "no",
    "Accelerated assessment": "no",
    "Orphan medicine": "no",
    "Marketing authorisation date": "2013-05-24",
    "Date of refusal of marketing authorisation": "",
    "Marketing authorisation holder/company name": "Gilead Sciences Ireland UC",
    "Human pharmacotherapeutic group": "Antivirals for systemic use, ",
    "Vet pharmacotherapeutic group": "",
    "Date of opinion": "2013-03-21",
    "Decision date": "2018-11-16",
    "Revision number": "25",
    "Condition / indication": "Treatment of ...",
    "Species": "",
    "ATCvet code": "",
    "First published": "2018-07-25",
    "Revision date": "2018-12-01",
    "URL": "https://www.ema.europa.eu/en/medicines/human/EPAR/stribild",
}


def row(**changes: str) -> dict[str, str]:
    """A row of the present layout, a typical one but for the changes."""
    return COLUMNS | {SHORT[name]: value for name, value in changes.items()}


def write(folder: Path, *rows: dict[str, str], file: str = FILE) -> Snapshot:
    header = list(rows[0])
    preamble = [["Content type:", "Medicine"], [], ["Report generated"], [], [], [], [], []]
    write_xlsx(
        folder / file, {"Medicine": [*preamble, header, *([line.get(name, "") for name in header] for line in rows)]}
    )
    return Snapshot(REGISTER, DATE, folder)


def read(snapshot: Snapshot) -> dict[str, pl.DataFrame]:
    tables: dict[str, pl.DataFrame] = catalogue()[REGISTER].read(snapshot).tables
    return tables


def read_rows(folder: Path, *rows: dict[str, str]) -> dict[str, pl.DataFrame]:
    return read(write(folder, *rows))


def issues(tables: dict[str, pl.DataFrame]) -> list[tuple[str, str, str | None, int]]:
    found = tables["issue"].filter(pl.col("kind") != "unexpected_count")
    return found.select("kind", "where", "value", "count").rows()


def events(tables: dict[str, pl.DataFrame], record_id: str | None = None) -> dict[str, str | None]:
    """The date of each kind of event, but for the latest decision."""
    found = tables["event"].filter(pl.col("event") != "decision")
    if record_id is not None:
        found = found.filter(record_id=record_id)
    return {event: date and date.isoformat() for event, date in found.select("event", "date").rows()}


def ingredients(tables: dict[str, pl.DataFrame]) -> dict[str, list[tuple[int | None, str]]]:
    found = tables["ingredient"]
    return {role: found.filter(role=role).select("position", "name").rows() for role in ("active", "moiety")}


def test_a_typical_row(tmp_path: Path) -> None:
    tables = read_rows(tmp_path, row())
    record = tables["authorisation"].row(0, named=True)
    assert record["record_id"] == record["number"] == "EMEA/H/C/004090"
    assert record["row"] == f"{FILE}:10"
    assert (record["jurisdiction"], record["agency"], record["procedure"]) == ("EU", "EMA", "centralised")
    assert (record["domain"], record["status"], record["legal_basis"]) == ("human", "authorised", "full")
    assert (record["atc"], record["flags"]) == (["L01XL04"], ["orphan", "advanced_therapy", "priority"])
    assert tables["event"].select("event", pl.col("date").cast(str), "precision", "text").rows() == [
        ("authorised", "2018-08-23", "day", "23/08/2018"),
        ("opinion", "2018-06-28", "day", "28/06/2018"),
        ("decision", "2025-05-12", "day", "12/05/2025"),
    ]
    assert ingredients(tables) == {"active": [(1, "tisagenlecleucel")], "moiety": [(1, "tisagenlecleucel")]}
    assert issues(tables) == []
    assert "&hellip;" in tables["source_row"]["raw"][0]


@pytest.mark.parametrize(
    ("status", "coded", "event"),
    [
        ("Withdrawn", "withdrawn", "withdrawn"),
        ("Revoked", "withdrawn", "withdrawn"),
        ("Lapsed", "expired", "expired"),
        ("Expired", "expired", "expired"),
    ],
)
def test_an_authorisation_that_ended_keeps_its_beginning(tmp_path: Path, status: str, coded: str, event: str) -> None:
    tables = read_rows(tmp_path, row(status=status, opinion="", ended="28/10/2020"))
    assert tables["authorisation"]["status"].to_list() == [coded]
    assert events(tables) == {"authorised": "2018-08-23", event: "2020-10-28"}


def test_an_end_without_a_date_is_an_event_without_a_date(tmp_path: Path) -> None:
    tables = read_rows(tmp_path, row(status="Withdrawn", opinion=""))
    assert events(tables) == {"authorised": "2018-08-23", "withdrawn": None}
    assert tables["event"].filter(event="withdrawn")["text"].to_list() == ["Withdrawn"]


def test_an_end_that_does_not_follow_its_beginning_is_no_date(tmp_path: Path) -> None:
    tables = read_rows(tmp_path, row(status="Withdrawn", opinion="", ended="23/08/2018"))
    assert events(tables) == {"authorised": "2018-08-23", "withdrawn": None}
    assert issues(tables) == [("dates_out_of_order", "medicines", "ended before authorised", 1)]


def test_authorised_without_a_date(tmp_path: Path) -> None:
    tables = read_rows(tmp_path, row(**UNDATED | {"decision": "01/08/2024"}))
    assert events(tables) == {"authorised": None}
    assert tables["event"].filter(event="authorised")["before"].to_list() == [None]


def test_suspended(tmp_path: Path) -> None:
    tables = read_rows(tmp_path, row(status="Suspended", opinion=""))
    assert events(tables) == {"authorised": "2018-08-23", "suspended": None}


def test_a_refused_product_is_not_authorised(tmp_path: Path) -> None:
    refused = row(
        **UNDATED
        | {"status": "Refused", "opinion_status": "Negative", "opinion": "21/03/2013", "refused": "29/05/2013"}
    )
    tables = read_rows(tmp_path, refused)
    assert events(tables) == {"refused": "2013-05-29", "opinion": "2013-03-21"}
    assert tables["event"].filter(event="opinion")["text"].to_list() == ["Negative 21/03/2013"]
    assert issues(tables) == []


@pytest.mark.parametrize("refused", ["", "29/05/2013"])
def test_a_refusal_in_the_column_of_authorisations(tmp_path: Path, refused: str) -> None:
    tables = read_rows(tmp_path, row(**UNDATED | {"status": "Refused", "authorised": "29/05/2013", "refused": refused}))
    assert events(tables) == {"refused": "2013-05-29"}
    assert issues(tables) == []


def test_a_refusal_date_does_not_undo_an_authorisation(tmp_path: Path) -> None:
    tables = read_rows(tmp_path, row(opinion="", refused="26/04/2018"))
    assert events(tables) == {"authorised": "2018-08-23"}
    assert issues(tables) == [("date_contradicts_status", "medicines.refused", "Authorised", 1)]


def test_an_authorisation_date_does_not_authorise_a_withdrawn_application(tmp_path: Path) -> None:
    tables = read_rows(
        tmp_path, row(status="Application withdrawn", opinion="", application_withdrawn="22/06/2018", decision="")
    )
    assert tables["authorisation"]["status"].to_list() == ["application_withdrawn"]
    assert events(tables) == {"application_withdrawn": "2018-06-22"}
    assert issues(tables) == [("date_contradicts_status", "medicines.authorised", "Application withdrawn", 1)]


def test_a_rolling_review_that_was_withdrawn(tmp_path: Path) -> None:
    withdrawn = row(
        **UNDATED
        | {
            "status": "Withdrawn from rolling review",
            "rolling_review": "12/02/2021",
            "application_withdrawn": "11/10/2021",
        }
    )
    tables = read_rows(tmp_path, withdrawn)
    assert events(tables) == {"application_withdrawn": "2021-10-11", "status_change": "2021-02-12"}
    assert "Start of rolling review 12/02/2021" in tables["event"]["text"].to_list()


def test_an_opinion_is_not_yet_an_authorisation(tmp_path: Path) -> None:
    tables = read_rows(
        tmp_path, row(**UNDATED | {"status": "Opinion", "opinion_status": "Positive", "opinion": "25/07/2024"})
    )
    assert tables["authorisation"]["status"].to_list() == ["unknown"]
    assert events(tables) == {"opinion": "2024-07-25"}


def test_where_the_status_does_not_tell_a_date_that_stands_alone_does(tmp_path: Path) -> None:
    tables = read_rows(
        tmp_path,
        row(status="Opinion", opinion_status="Positive", opinion=""),
        row(status="Opinion", opinion_status="Negative", opinion="", number="EMEA/H/C/000002"),
    )
    assert events(tables, "EMEA/H/C/004090") == {"authorised": "2018-08-23", "opinion": None}
    assert events(tables, "EMEA/H/C/000002") == {"opinion": None}
    assert issues(tables) == [("date_contradicts_status", "medicines.authorised", "Opinion", 2)]


def test_generic_biosimilar_or_full(tmp_path: Path) -> None:
    tables = read_rows(
        tmp_path,
        row(number="EMEA/H/C/000001", generic="Yes"),
        row(number="EMEA/H/C/000002", biosimilar="Yes"),
        row(number="EMEA/H/C/000003", generic=""),
    )
    assert tables["authorisation"]["legal_basis"].to_list() == ["generic", "biosimilar", "unknown"]


def test_entities_and_no_break_blanks_are_resolved(tmp_path: Path) -> None:
    tables = read_rows(tmp_path, row(name="D&eacute;mo\u00a0Vet", holder="Merck &amp; Co."))
    assert tables["authorisation"].select("product_name", "holder_name").rows() == [("Démo Vet", "Merck & Co.")]


def test_a_product_number_written_otherwise(tmp_path: Path) -> None:
    tables = read_rows(
        tmp_path,
        row(number="H/C/005084"),
        row(number="H/C/002840/N/0049"),
        row(number="EMEA/H/C005201"),
        row(number="R/0023", page="https://www.ema.europa.eu/en/medicines/human/EPAR/xromi"),
    )
    assert tables["authorisation"].select("record_id", "number", "other_numbers").rows() == [
        ("EMEA/H/C/005084", "EMEA/H/C/005084", ["H/C/005084"]),
        ("EMEA/H/C/002840", "EMEA/H/C/002840", ["H/C/002840/N/0049"]),
        ("EMEA/H/C/005201", "EMEA/H/C/005201", ["EMEA/H/C005201"]),
        ("human/EPAR/xromi", None, ["R/0023"]),
    ]
    assert {kind for kind, *_ in issues(tables)} == {"unexpected_shape"}


def test_two_medicines_with_one_number_are_told_apart_by_their_pages(tmp_path: Path) -> None:
    tables = read_rows(
        tmp_path,
        row(),
        row(name="Other", page="https://www.ema.europa.eu/en/medicines/human/EPAR/other"),
        row(name="Kymriah again"),
    )
    assert tables["authorisation"]["record_id"].to_list() == ["human/EPAR/kymriah", "human/EPAR/other"]
    assert tables["quarantine"]["reason"].to_list() == ["describes a medicine once more"]
    assert ("repeated_key", "medicines.number", "EMEA/H/C/004090", 2) in issues(tables)


@pytest.mark.parametrize(
    ("inn", "substance", "active", "moiety"),
    [
        (
            "bictegravir;emtricitabine;tenofovir alafenamide",
            "bictegravir;emtricitabine;tenofovir alafenamide;fumarate",
            [(1, "bictegravir"), (2, "emtricitabine"), (3, "tenofovir alafenamide fumarate")],
            [(1, "bictegravir"), (2, "emtricitabine"), (3, "tenofovir alafenamide")],
        ),
        (
            "vildagliptin / metformin",
            "metformin hydrochloride;vildagliptin",
            [(2, "metformin hydrochloride"), (1, "vildagliptin")],
            [(1, "vildagliptin"), (2, "metformin")],
        ),
        (
            "human papillomavirus vaccine [types 16, 18] (recombinant, adsorbed)",
            "human papillomavirus type 16 L1 protein;human papillomavirus type 18 L1 protein",
            [(None, "human papillomavirus type 16 L1 protein"), (None, "human papillomavirus type 18 L1 protein")],
            [(1, "human papillomavirus vaccine [types 16, 18] (recombinant, adsorbed)")],
        ),
        ("dopamine hydrochloride", "dopamine", [(None, "dopamine")], [(1, "dopamine hydrochloride")]),
        ("", "telmisartan;hydrochlorothiazide", [(1, "telmisartan"), (2, "hydrochlorothiazide")], []),
        ("antigens (rdESAT-6 / rCFP-10)", "", [], [(1, "antigens (rdESAT-6 / rCFP-10)")]),
        ("amino acids", "glycine,L-alanine", [(None, "glycine"), (None, "L-alanine")], [(1, "amino acids")]),
        ("pemetrexed", "pemetrexed, disodium", [(1, "pemetrexed, disodium")], [(1, "pemetrexed")]),
    ],
)
def test_substances(
    tmp_path: Path, inn: str, substance: str, active: list[tuple[int, str]], moiety: list[tuple[int, str]]
) -> None:
    semicolons = [row(number=f"EMEA/H/C/0000{at:02}", inn="a;b", substance="") for at in range(12)]
    tables = read_rows(tmp_path, row(inn=inn, substance=substance), *semicolons)
    tables["ingredient"] = tables["ingredient"].filter(record_id="EMEA/H/C/004090")
    assert ingredients(tables) == {"active": active, "moiety": moiety}


def test_the_layout_until_2023(tmp_path: Path) -> None:
    vaccine = "measles, mumps and rubella vaccine (live)"
    tables = read(
        write(
            tmp_path,
            OLD,
            OLD
            | {
                "Product number": "EMEA/H/C/005814",
                "International non-proprietary name (INN) / common name": "casirivimab, imdevimab",
                "Active substance": "imdevimab, casirivimab",
                "Authorisation status": "Refused",
                "Marketing authorisation date": "2021-11-12",
            },
            OLD
            | {
                "Product number": "EMEA/V/C/000001",
                "Category": "Veterinary",
                "International non-proprietary name (INN) / common name": vaccine,
                "Active substance": vaccine,
                "Authorisation status": "",
                "Marketing authorisation date": "",
                "Generic": "yes",
            },
            file="Medicines_output_european_public_assessment_reports.xlsx",
        )
    )
    records = tables["authorisation"]
    assert records["status"].to_list() == ["authorised", "refused", "unknown"]
    assert records["legal_basis"].to_list() == ["full", "full", "generic"]
    assert events(tables, "EMEA/H/C/002574") == {"authorised": "2013-05-24", "opinion": "2013-03-21"}
    assert events(tables, "EMEA/H/C/005814") == {"refused": "2021-11-12", "opinion": "2013-03-21"}
    names = tables["ingredient"].group_by("record_id", "role", maintain_order=True).agg("position", "name")
    assert {(number, role): (at, name) for number, role, at, name in names.rows()} == {
        ("EMEA/H/C/002574", "active"): ([1, 2], ["elvitegravir", "cobicistat on silicon dioxide"]),
        ("EMEA/H/C/002574", "moiety"): ([1, 2], ["elvitegravir", "cobicistat"]),
        ("EMEA/H/C/005814", "active"): ([2, 1], ["imdevimab", "casirivimab"]),
        ("EMEA/H/C/005814", "moiety"): ([1, 2], ["casirivimab", "imdevimab"]),
        ("EMEA/V/C/000001", "active"): ([1], [vaccine]),
        ("EMEA/V/C/000001", "moiety"): ([1], [vaccine]),
    }
    assert {kind for kind, *_ in issues(tables)} == {"missing_column"}
    assert "Withdrawal of application date" in {value for _, _, value, _ in issues(tables)}


def test_the_same_as_delimited_text(tmp_path: Path) -> None:
    expected = read_rows(tmp_path / "xlsx", row())
    text = io.StringIO()
    csv.writer(text).writerows([list(COLUMNS), list(row().values())])
    (tmp_path / "csv").mkdir()
    (tmp_path / "csv" / "medicines_output_medicines_en.csv").write_text(text.getvalue(), encoding="utf-8-sig")
    found = read(Snapshot(REGISTER, DATE, tmp_path / "csv"))
    assert_same(found, expected)


def test_the_same_as_json(tmp_path: Path) -> None:
    expected = read_rows(tmp_path / "xlsx", row())
    plain = {
        re.sub("[^a-z]+", "_", name.lower().replace("(inn) ", "")).strip("_"): text for name, text in row().items()
    }
    document = {"meta": {"total": 1}, "data": [{name: text or None for name, text in plain.items()}]}
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "medicines-output-medicines_json-report_en.json").write_text(json.dumps(document))
    found = read(Snapshot(REGISTER, DATE, tmp_path / "json"))
    assert_same(found, expected)


@pytest.mark.parametrize("content", ["[1, 2]", "{} {}", "<html>Sorry</html>"])
def test_what_is_no_table_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "medicines_output_medicines_en.json").write_text(content)
    with pytest.raises(Unreadable, match=r"medicines_output_medicines_en\.json"):
        read(Snapshot(REGISTER, DATE, tmp_path))


def assert_same(found: dict[str, pl.DataFrame], expected: dict[str, pl.DataFrame]) -> None:
    for table in ("authorisation", "event", "ingredient"):
        assert found[table].drop("row").equals(expected[table].drop("row")), table
    assert issues(found) == issues(expected)


def test_columns_that_are_new_renamed_or_moved(tmp_path: Path) -> None:
    moved = {name: row()[name] for name in reversed(list(COLUMNS))}
    moved["Orphan status"] = moved.pop("Orphan medicine")
    tables = read_rows(tmp_path, moved)
    assert tables["authorisation"].select("record_id", "flags").rows() == [
        ("EMEA/H/C/004090", ["advanced_therapy", "priority"])
    ]
    assert set(issues(tables)) == {
        ("missing_column", FILE, "Orphan medicine (renamed to Orphan status?)", 1),
        ("new_column", FILE, "Orphan status", 1),
    }


def test_without_the_status_nothing_can_be_read(tmp_path: Path) -> None:
    renamed = row()
    renamed["State"] = renamed.pop("Medicine status")
    with pytest.raises(Unreadable, match="Medicine status"):
        read_rows(tmp_path, renamed)


def test_an_unknown_status_and_an_impossible_date(tmp_path: Path) -> None:
    tables = read_rows(tmp_path, row(status="Paused", opinion="31/02/2018", decision="25/12/2030"))
    assert tables["authorisation"]["status"].to_list() == ["unknown"]
    assert events(tables) == {"authorised": "2018-08-23", "opinion": None}
    assert set(issues(tables)) == {
        ("unknown_code", "medicines.status", "Paused", 1),
        ("bad_date", "medicines.opinion", "31/02/2018", 1),
        ("impossible_date", "medicines.decision", "25/12/2030", 1),
        ("date_contradicts_status", "medicines.authorised", "Paused", 1),
    }


def test_a_row_without_any_key_is_quarantined(tmp_path: Path) -> None:
    tables = read_rows(tmp_path, row(), row(number="R/0023", page=""))
    assert tables["quarantine"]["reason"].to_list() == ["neither a product number nor the address of a page"]
    assert tables["register_file"].select("outcome", "rows").rows() == [("quarantined", 1), ("read", 1)]


# -- the real snapshots


@pytest.fixture(scope="module")
def snapshots(registers_dir: Path) -> dict[str, Snapshot]:
    return {str(snapshot.date): snapshot for snapshot in Store(registers_dir).snapshots(REGISTER)}


@pytest.fixture(scope="module")
def readings(snapshots: dict[str, Snapshot]) -> dict[str, dict[str, pl.DataFrame]]:
    return {date: read(snapshot) for date, snapshot in snapshots.items()}


def published_rows(path: Path) -> int:
    """Rows whose first cell is a category, counted in the workbook's own XML."""
    with zipfile.ZipFile(path) as archive:
        strings = re.findall(r"<si>.*?</si>", archive.read("xl/sharedStrings.xml").decode(), re.DOTALL)
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    categories = {at for at, text in enumerate(strings) if re.sub("<.*?>", "", text) in ("Human", "Veterinary")}
    firsts = re.findall(r'<c r="A\d+"[^>]*t="s"[^>]*>\s*<v>(\d+)</v>', sheet)
    return sum(int(first) in categories for first in firsts)


def test_every_published_row_is_accounted_for(
    snapshots: dict[str, Snapshot], readings: dict[str, dict[str, pl.DataFrame]]
) -> None:
    for date, tables in readings.items():
        (path,) = snapshots[date].path.glob("*.xlsx")
        assert tables["register_file"]["rows"].sum() == published_rows(path) == tables["authorisation"].height
        assert tables["authorisation"]["record_id"].is_unique().all()


def test_real_issues_are_those_that_are_understood(readings: dict[str, dict[str, pl.DataFrame]]) -> None:
    found = {date: set(tables["issue"]["kind"]) for date, tables in readings.items()}
    assert found == {
        "2024-08-22": {"unexpected_shape", "impossible_date", "date_contradicts_status", "dates_out_of_order"},
        "2026-01-29": {"unexpected_shape", "date_contradicts_status", "dates_out_of_order"},
    }


@pytest.mark.parametrize(
    ("number", "status", "expected"),
    [
        ("EMEA/H/C/004090", "authorised", {"authorised": "2018-08-23"}),
        ("EMEA/H/C/004750", "authorised", {"authorised": "2020-05-18"}),
        ("EMEA/H/C/004451", "authorised", {"authorised": "2018-11-22"}),
        ("EMEA/H/C/002145", "expired", {"authorised": "2012-10-25", "expired": "2017-10-28"}),
        ("EMEA/H/C/002522", "expired", {"authorised": "2013-06-27", "expired": "2018-07-01"}),
        ("EMEA/H/C/003690", "withdrawn", {"authorised": "2021-07-16", "withdrawn": None}),
        ("EMEA/H/C/005293", "refused", {"refused": "2025-09-24"}),
        ("EMEA/H/C/004594", "application_withdrawn", {"application_withdrawn": "2025-11-11"}),
        ("EMEA/H/C/005845", "application_withdrawn", {"application_withdrawn": "2021-10-11"}),
    ],
)
def test_known_facts(
    readings: dict[str, dict[str, pl.DataFrame]], number: str, status: str, expected: dict[str, str | None]
) -> None:
    tables = readings["2026-01-29"]
    assert tables["authorisation"].filter(number=number)["status"].to_list() == [status]
    found = events(tables, number)
    assert {event: found[event] for event in found if event not in ("opinion", "status_change")} == expected


def test_no_refused_product_is_authorised(readings: dict[str, dict[str, pl.DataFrame]]) -> None:
    for tables in readings.values():
        never = tables["authorisation"].filter(pl.col("status").is_in(("refused", "application_withdrawn")))
        events = tables["event"].join(never, on="record_id", how="semi")
        assert set(events["event"]) <= {"refused", "application_withdrawn", "opinion", "decision", "status_change"}
