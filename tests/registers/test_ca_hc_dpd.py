"""Drug Product Database: what a status history says, brackets in ingredients, layouts of other years, real files."""

import csv
import datetime
import io
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest

from dioscorides.registers import catalogue
from dioscorides.registers.source import Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "ca_hc_dpd"
DATE = datetime.date(2025, 5, 5)

DRUG = ["81", "", "Human", "02480514", "KYMRIAH", "", "N", "", "1", "02-MAY-2025", "0161", "Humain", "", ""]
COMPANY = ["81", "", "7", "NOVARTIS INC", "DIN_OWNER", "Y", "Y", "Y", "N", "", "1 RUE", "DORVAL", "QUEBEC", "CANADA"]
COMPANY += ["H9S 1A9", "", "QUÉBEC", "CANADA"]
INGREDIENT = ["81", "23", "TISAGENLECLEUCEL", "I", "600000000", "CELLS", "", "", "N", "BAG", "", "Tisa", "", "", ""]


def status(*entries: tuple[str, str], code: str = "81") -> list[list[str]]:
    """A history, its last entry the present one."""
    return [
        [code, "Y" if at == len(entries) else "N", text, date, "", "", ""] for at, (text, date) in enumerate(entries, 1)
    ]


def tables_of(**changes: list[list[str]]) -> dict[str, list[list[str]]]:
    """The tables of a snapshot with one typical product, but for the changes."""
    return {
        "drug": [DRUG],
        "status": status(("APPROVED", "05-SEP-2018"), ("MARKETED", "24-MAY-2019")),
        "comp": [COMPANY],
        "ingred": [INGREDIENT],
        "form": [["81", "1", "SUSPENSION", "Suspension"]],
        "route": [["81", "2", "INTRAVENOUS", "Intraveineuse"]],
        "ther": [["81", "L01XL04", "TISAGENLECLEUCEL", ""]],
        "biosimilar": [["99", "Biosimilar", "Biosimilaire", "6"]],
        "schedule": [["81", "Schedule D", "Annexe D"]],
    } | changes


def text_of(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def write(folder: Path, suffix: str = "", **changes: list[list[str]]) -> Snapshot:
    """A snapshot with one archive, `allfiles` and suffix."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"allfiles{suffix}.zip", "w") as archive:
        for name, rows in tables_of(**changes).items():
            archive.writestr(f"{name}{suffix}.txt", text_of(rows))
    return Snapshot(REGISTER, DATE, folder)


def read(snapshot: Snapshot) -> dict[str, pl.DataFrame]:
    tables: dict[str, pl.DataFrame] = catalogue()[REGISTER].read(snapshot).tables
    return tables


def issues(tables: dict[str, pl.DataFrame]) -> set[tuple[str, str, str | None]]:
    found = tables["issue"].filter(~pl.col("kind").is_in(["unexpected_count", "missing_part"]))
    return set(found.select("kind", "where", "value").rows())


def events(
    tables: dict[str, pl.DataFrame], record_id: str = "81"
) -> list[tuple[str, str | None, str | None, str | None]]:
    found = tables["event"].filter(record_id=record_id)
    return found.select("event", pl.col("date").cast(str), "precision", pl.col("before").cast(str)).rows()


def history(folder: Path, *entries: tuple[str, str]) -> dict[str, pl.DataFrame]:
    return read(write(folder, status=status(*entries)))


def test_a_typical_product(tmp_path: Path) -> None:
    tables = read(write(tmp_path))
    record = tables["authorisation"].row(0, named=True)
    assert (record["record_id"], record["number"], record["row"]) == ("81", "02480514", "allfiles.zip/drug.txt:1")
    assert (record["holder_name"], record["holder_country"]) == ("NOVARTIS INC", "CA")
    assert (record["form"], record["route"], record["atc"]) == ("SUSPENSION", "INTRAVENOUS", ["L01XL04"])
    assert (record["status"], record["marketed"], record["flags"]) == ("authorised", True, [])
    assert (record["domain"], record["legal_basis"], record["procedure"]) == ("human", "unknown", "national")
    assert events(tables) == [("authorised", "2018-09-05", "day", None), ("marketed", "2019-05-24", "day", None)]
    assert tables["ingredient"].select("position", "name", "role", "code", "strength").rows() == [
        (1, "TISAGENLECLEUCEL", "active", "23", "600000000 CELLS / BAG")
    ]
    assert issues(tables) == set()


@pytest.mark.parametrize(
    ("present", "coded", "marketed", "event"),
    [
        ("APPROVED", "authorised", False, None),
        ("DORMANT", "authorised", False, "status_change"),
        ("RESTRICTED ACCESS", "authorised", None, "status_change"),
        ("CANCELLED POST MARKET", "withdrawn", False, "withdrawn"),
        ("CANCELLED PRE MARKET", "withdrawn", False, "withdrawn"),
        ("CANCELLED (SAFETY ISSUE)", "withdrawn", False, "withdrawn"),
        ("CANCELLED (UNRETURNED ANNUAL)", "expired", False, "expired"),
        ("Cancelled Post Market", "withdrawn", False, "withdrawn"),
    ],
)
def test_present_statuses(tmp_path: Path, present: str, coded: str, marketed: bool | None, event: str | None) -> None:
    tables = history(tmp_path, *[("APPROVED", "05-SEP-2018")] * (event is not None), (present, "01-JUN-2020"))
    assert tables["authorisation"].select("status", "marketed").rows() == [(coded, marketed)]
    assert events(tables)[0][0] == "authorised"
    assert [found[0] for found in events(tables)[1:]] == [event] * (event is not None)


def test_the_history_is_not_sorted_and_a_transfer_approves_again(tmp_path: Path) -> None:
    tables = history(
        tmp_path,
        ("APPROVED", "24-MAR-2023"),
        ("MARKETED", "16-DEC-2021"),
        ("APPROVED", "08-JUN-2021"),
        ("MARKETED", "24-MAR-2023"),
    )
    assert events(tables) == [
        ("authorised", "2021-06-08", "day", None),
        ("status_change", "2023-03-24", "day", None),
        ("marketed", "2021-12-16", "day", None),
        ("marketed", "2023-03-24", "day", None),
    ]
    assert "APPROVED 24-MAR-2023" in tables["event"]["text"].to_list()


def test_marketed_first_was_authorised_before(tmp_path: Path) -> None:
    tables = history(tmp_path, ("MARKETED", "20-NOV-2006"), ("APPROVED", "22-JAN-2016"), ("MARKETED", "22-JAN-2016"))
    assert events(tables)[:3] == [
        ("authorised", None, None, "2006-11-21"),
        ("marketed", "2006-11-20", "day", None),
        ("status_change", "2016-01-22", "day", None),
    ]


def test_the_last_day_of_an_old_year_is_the_year(tmp_path: Path) -> None:
    tables = history(tmp_path, ("MARKETED", "31-DEC-1975"), ("MARKETED", "31-DEC-2012"))
    assert events(tables) == [
        ("authorised", None, None, "1976-01-01"),
        ("marketed", "1975-01-01", "year", None),
        ("marketed", "2012-12-31", "day", None),
    ]


def test_the_end_of_1951_is_no_date(tmp_path: Path) -> None:
    tables = history(tmp_path, ("MARKETED", "31-DEC-1951"))
    assert events(tables) == [("authorised", None, None, "1952-01-01"), ("marketed", None, None, "1952-01-01")]


def test_an_entry_without_a_date_still_happened(tmp_path: Path) -> None:
    tables = history(tmp_path, ("MARKETED", ""))
    assert events(tables) == [("authorised", None, None, None), ("marketed", None, None, None)]


def test_an_interim_order_is_an_emergency_authorisation(tmp_path: Path) -> None:
    tables = history(
        tmp_path,
        ("APPROVED", "16-SEP-2021"),
        ("AUTHORIZATION BY INTERIM ORDER REVOKED", "16-SEP-2021"),
        ("AUTHORIZED BY INTERIM ORDER", "09-DEC-2020"),
        ("MARKETED", "14-DEC-2020"),
    )
    assert set(events(tables)) == {
        ("authorised", "2021-09-16", "day", None),
        ("status_change", "2021-09-16", "day", None),
        ("emergency_authorised", "2020-12-09", "day", None),
        ("marketed", "2020-12-14", "day", None),
    }
    assert tables["authorisation"]["flags"].to_list() == [[]]


def test_marketed_under_an_interim_order_is_not_authorised_otherwise(tmp_path: Path) -> None:
    tables = history(tmp_path, ("AUTHORIZED BY INTERIM ORDER", "30-JUL-2021"), ("MARKETED", "08-OCT-2021"))
    assert [event for event, *_ in events(tables)] == ["emergency_authorised", "marketed"]
    assert tables["authorisation"].select("status", "flags").rows() == [("authorised", ["emergency"])]


@pytest.mark.parametrize(
    ("name", "active", "moiety"),
    [
        ("AZITHROMYCIN", ["AZITHROMYCIN"], []),
        ("DOBUTAMINE (DOBUTAMINE HYDROCHLORIDE)", ["DOBUTAMINE HYDROCHLORIDE"], ["DOBUTAMINE"]),
        ("IBUPROFEN (IBUPROFEN, IBUPROFEN POTASSIUM)", ["IBUPROFEN", "IBUPROFEN POTASSIUM"], ["IBUPROFEN"]),
        ("SODIUM PHOSPHATE (SODIUM PHOSPHATE, DIBASIC)", ["SODIUM PHOSPHATE, DIBASIC"], ["SODIUM PHOSPHATE"]),
        ("VITAMIN E (DL-ALPHA TOCOPHERYL ACETATE)", ["DL-ALPHA TOCOPHERYL ACETATE"], ["VITAMIN E"]),
        ("IRON (FERROUS FUMARATE)", ["FERROUS FUMARATE"], ["IRON"]),
        ("ALBUMIN (HUMAN)", ["ALBUMIN (HUMAN)"], []),
        ("INFLUENZA VIRUS TYPE A (H1N1)", ["INFLUENZA VIRUS TYPE A (H1N1)"], []),
        ("COAGULATION FACTOR IX (RECOMBINANT), PEGYLATED", ["COAGULATION FACTOR IX (RECOMBINANT), PEGYLATED"], []),
        (
            "GLUCAGON (RECOMBINANT DNA ORIGIN) (GLUCAGON HYDROCHLORIDE)",
            ["GLUCAGON HYDROCHLORIDE"],
            ["GLUCAGON (RECOMBINANT DNA ORIGIN)"],
        ),
    ],
)
def test_brackets_name_the_salt_that_is_supplied(
    tmp_path: Path, name: str, active: list[str], moiety: list[str]
) -> None:
    row = [*INGREDIENT[:2], name, "I", "250", "MG", *INGREDIENT[6:9], "", *INGREDIENT[10:]]
    found = read(write(tmp_path, ingred=[row]))["ingredient"]
    assert found.filter(role="active")["name"].to_list() == active
    assert found.filter(role="moiety")["name"].to_list() == moiety
    assert set(found["position"]) == {1}
    stating = found.filter(pl.col("strength").is_not_null())
    assert stating.select("name", "strength").rows() == [((moiety or active)[0], "250 MG")]


def test_strengths_of_several_ingredients(tmp_path: Path) -> None:
    one = ["81", "1", "A", "I", "250", "MG", "", "5", "N", "ML", "", "A", "MG", "", "ML"]
    two = ["81", "2", "B", "I", "1.5", "%", "", "", "N", "W/V", "", "B", "%", "", "W/V"]
    tables = read(write(tmp_path, ingred=[one, two]))
    assert tables["ingredient"]["strength"].to_list() == ["250 MG / 5 ML", "1.5 % W/V"]
    assert tables["authorisation"].select("substances_text", "strength").rows() == [
        ("A; B", "250 MG / 5 ML; 1.5 % W/V")
    ]


def test_a_radiopharmaceutical_without_a_din(tmp_path: Path) -> None:
    drug = [*DRUG[:2], "Radiopharmaceutical", "Not Applicable/non applicable", *DRUG[4:]]
    tables = read(write(tmp_path, drug=[drug, ["82", *drug[1:]]], status=status(("APPROVED", "05-SEP-2018"))))
    assert tables["authorisation"].select("record_id", "number", "domain", "status").rows() == [
        ("81", None, "human", "authorised"),
        ("82", None, "human", "unknown"),
    ]


def test_a_biosimilar(tmp_path: Path) -> None:
    tables = read(write(tmp_path, biosimilar=[["81", "Biosimilar", "Biosimilaire", "6"]]))
    assert tables["authorisation"].select("legal_basis", "flags").rows() == [("biosimilar", ["biosimilar"])]


def test_archives_of_one_snapshot_are_one_register(tmp_path: Path) -> None:
    write(tmp_path)
    others = {
        name: [["82", *row[1:]] for row in rows] for name, rows in tables_of(biosimilar=[]).items() if name != "status"
    }
    snapshot = write(tmp_path, "_dr", **others, status=status(("DORMANT", "24-MAR-2023"), code="82"))
    tables = read(snapshot)
    assert tables["authorisation"].select("record_id", "marketed").rows() == [("81", True), ("82", False)]


def test_loose_files_of_the_years_before_2017(tmp_path: Path) -> None:
    """No columns in French, no lots; AHFS classes; statuses DISCONTINUED."""
    widths = {"drug": 11, "status": 4, "comp": 16, "ingred": 11, "form": 3, "route": 3}
    old = {name: [row[: widths[name]] for row in rows] for name, rows in tables_of().items() if name in widths}
    old["comp"] = [[text.replace("DIN_OWNER", "DIN OWNER") for text in row] for row in old["comp"]]
    old["ther"] = [["81", "L01XL04", "TISAGENLECLEUCEL", "10:00.00", "ANTINEOPLASTICS"]]
    old["status"].append(["81", "N", "DISCONTINUED (ADMINISTRATIVE)", "01-JUN-2019"])
    for name, rows in old.items():
        (tmp_path / f"{name}.txt").write_text(text_of(rows), encoding="cp1252")
    tables = read(Snapshot(REGISTER, DATE, tmp_path))
    assert tables["authorisation"].select("number", "holder_name", "atc").rows() == [
        ("02480514", "NOVARTIS INC", ["L01XL04"])
    ]
    assert [event for event, *_ in events(tables)] == ["authorised", "marketed", "withdrawn"]
    assert {kind for kind, *_ in issues(tables)} == {"missing_file"}


def test_a_new_column_at_the_end_and_a_new_code(tmp_path: Path) -> None:
    tables = read(write(tmp_path, drug=[[*DRUG, "new"]], status=status(("PAUSED", "05-SEP-2018"))))
    assert tables["authorisation"]["status"].to_list() == ["unknown"]
    assert events(tables) == [("status_change", "2018-09-05", "day", None)]
    assert issues(tables) == {
        ("new_column", "allfiles.zip/drug.txt", "column 15"),
        ("unknown_code", "status.status", "PAUSED"),
    }


def test_columns_that_have_moved_are_not_read(tmp_path: Path) -> None:
    moved = [[str(code), "N", "", "Human", f"{code:08}", *DRUG[4:13]] for code in range(30)]
    with pytest.raises(Unreadable, match="Have columns moved"):
        read(write(tmp_path, drug=moved))


@pytest.mark.parametrize(
    ("table", "one", "other"),
    [
        ("drug", 0, 8), ("drug", 0, 10), ("drug", 2, 11), ("drug", 3, 4), ("drug", 4, 5), ("drug", 4, 12),
        ("comp", 0, 2), ("comp", 3, 10), ("comp", 3, 11), ("comp", 3, 12), ("comp", 3, 13),
        ("ingred", 0, 1), ("ingred", 2, 10), ("ingred", 2, 11), ("ingred", 4, 7), ("ingred", 5, 9), ("ingred", 1, 4),
        ("status", 2, 4), ("status", 3, 6), ("form", 2, 3), ("route", 2, 3), ("form", 0, 1), ("ther", 1, 2),
    ],
)  # fmt: skip
def test_no_column_is_taken_for_another(tmp_path: Path, table: str, one: int, other: int) -> None:
    """Two columns of a table changed about: its rows are not read, and it is said."""
    (sample, _) = Store(catalogue()[REGISTER].folder).snapshots("sample")
    folder = tmp_path / "changed"
    folder.mkdir()
    for archive in sorted(sample.path.glob("*.zip")):
        with zipfile.ZipFile(archive) as given, zipfile.ZipFile(folder / archive.name, "w") as made:
            for name in given.namelist():
                rows = list(csv.reader(io.StringIO(given.read(name).decode("utf-8-sig"))))
                if name.removesuffix(".txt").split("_")[0] == table:
                    for row in rows:
                        row[one], row[other] = row[other], row[one]
                made.writestr(name, text_of(rows))
    try:
        tables = read(Snapshot(REGISTER, sample.date, folder))
    except Unreadable as error:
        assert re.search("Have columns moved|has the layout changed", str(error))
    else:
        assert "unreadable_table" in set(tables["issue"]["kind"])
        assert not tables["source_row"]["row"].str.contains(rf"/{table}(_\w+)?\.txt:").any()


@pytest.mark.parametrize(
    "strange", [("AUTHORISED AGAIN", "01-JAN-1990"), ("AUTHORISED AGAIN", "41-JAN-1990"), ("APPROVED", "41-JAN-1990")]
)
def test_an_entry_that_is_not_understood_may_have_been_the_authorisation(
    tmp_path: Path, strange: tuple[str, str]
) -> None:
    tables = read(write(tmp_path, status=status(strange, ("APPROVED", "05-SEP-2018"), ("MARKETED", "24-MAY-2019"))))
    (permitted,) = tables["event"].filter(event="authorised").select("date", "before", "text").rows()
    assert permitted == (None, datetime.date(2018, 9, 6), "APPROVED 05-SEP-2018")
    assert issues(tables)


def test_a_missing_archive_is_a_missing_part_of_the_register(tmp_path: Path) -> None:
    write(tmp_path)
    told = read(write(tmp_path, "_ap", drug=[], status=[]))["issue"].filter(kind="missing_part")
    assert dict(told.select("where", "value").rows()) == {
        "drug_dr*.txt": "no file drug_dr*.txt: its part of drug is missing; fetch it as well",
        "status_dr*.txt": "no file status_dr*.txt: its part of status is missing; fetch it as well",
    }


def test_rows_that_cannot_be_read(tmp_path: Path) -> None:
    strays = [["DRUG_CODE", *DRUG[1:]], ["83", "Human"]]
    tables = read(
        write(
            tmp_path, drug=[DRUG, *strays], ther=[["77", "L01XL04", "", ""]], status=status(("APPROVED", "31-FEB-2018"))
        )
    )
    assert set(tables["quarantine"]["reason"]) == {
        "the first field is no drug code",
        "2 fields where the table has 14",
        "belongs to no record: its key is not in the main table",
    }
    assert events(tables) == [("authorised", None, None, None)]
    assert ("bad_date", "status.dated", "31-FEB-2018") in issues(tables)
    accounts = tables["register_file"].group_by("file", maintain_order=True).agg(pl.col("rows").sum())
    assert dict(accounts.rows())["allfiles.zip/drug.txt"] == 3


def test_disinfectants_of_surfaces_are_no_medicines(tmp_path: Path) -> None:
    spray = ["82", "CAT IV - HARD SURFACE DISINFECTANTS", "Disinfectant", *DRUG[3:]]
    bleach = ["82", "9", "SODIUM HYPOCHLORITE", *INGREDIENT[3:]]
    both = [*status(("APPROVED", "05-SEP-2018")), *status(("APPROVED", "05-SEP-2019"), code="82")]
    tables = read(write(tmp_path, drug=[DRUG, spray], ingred=[INGREDIENT, bleach], status=both))
    assert tables["authorisation"].select("record_id", "domain").rows() == [("81", "human")]
    assert set(tables["ingredient"]["record_id"]) == set(tables["event"]["record_id"]) == {"81"}
    left = tables["register_file"].filter(pl.col("reason").str.contains("disinfectant"))
    assert dict(left.select("file", "rows").rows()) == {
        f"allfiles.zip/{name}.txt": 1 for name in ("drug", "ingred", "status")
    }
    assert set(left["outcome"]) == {"out_of_scope"}
    assert issues(tables) == set()


def test_two_present_statuses_and_two_owners(tmp_path: Path) -> None:
    double = [*status(("MARKETED", "24-MAY-2019")), *status(("CANCELLED POST MARKET", "24-MAY-2021"))]
    tables = read(write(tmp_path, status=double, comp=[COMPANY, [*COMPANY[:3], "OTHER", *COMPANY[4:]]]))
    assert tables["authorisation"].select("status", "holder_name").rows() == [("withdrawn", "NOVARTIS INC")]
    assert issues(tables) == {("several_for_one", "status.current", "81"), ("several_for_one", "company.type", "81")}


def test_without_its_lesser_tables(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "allfiles.zip", "w") as archive:
        for name in ("drug", "status"):
            archive.writestr(f"{name}.txt", text_of(tables_of()[name]))
    tables = read(Snapshot(REGISTER, DATE, tmp_path))
    assert tables["authorisation"].select("holder_name", "atc", "status").rows() == [(None, None, "authorised")]
    assert {kind for kind, *_ in issues(tables)} == {"missing_file"}


# -- the real snapshots


@pytest.fixture(scope="module")
def snapshots(registers_dir: Path) -> dict[str, Snapshot]:
    return {str(snapshot.date): snapshot for snapshot in Store(registers_dir).snapshots(REGISTER)}


@pytest.fixture(scope="module")
def readings(snapshots: dict[str, Snapshot]) -> dict[str, dict[str, pl.DataFrame]]:
    return {date: read(snapshot) for date, snapshot in snapshots.items()}


def published_lines(folder: Path) -> dict[str, int]:
    """Lines of each file in the archives of a snapshot; no cell in them breaks a line."""
    lines = {}
    for path in folder.glob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            lines |= {f"{path.name}/{name}": archive.read(name).count(b"\n") for name in archive.namelist()}
    return lines


def test_every_published_row_is_accounted_for(
    snapshots: dict[str, Snapshot], readings: dict[str, dict[str, pl.DataFrame]]
) -> None:
    for date, tables in readings.items():
        accounts = tables["register_file"].group_by("file").agg(pl.col("rows").sum())
        assert dict(accounts.rows()) == published_lines(snapshots[date].path)
        assert tables["register_file"].filter(outcome="quarantined").is_empty()
        assert tables["authorisation"]["record_id"].is_unique().all()


def test_real_issues_are_those_that_are_understood(readings: dict[str, dict[str, pl.DataFrame]]) -> None:
    assert {date: issues(tables) for date, tables in readings.items()} == {
        "2023-07-05": {
            ("impossible_date", "status.dated", "15-DEC-2023"),
            ("unexpected_shape", "class.atc", "UNASSIGN"),
            ("unexpected_shape", "class.atc", "L04AA40*"),
        },
        "2025-05-05": {
            ("unexpected_shape", "class.atc", "UNASSIGN"),
            ("unexpected_shape", "class.atc", "L04AA40*"),
        },
    }


def test_no_country_and_no_class_is_unknown(readings: dict[str, dict[str, pl.DataFrame]]) -> None:
    for tables in readings.values():
        records = tables["authorisation"]
        assert records["domain"].null_count() == 0
        assert records.filter(pl.col("holder_country").is_null() & pl.col("holder_name").is_not_null()).is_empty()


@pytest.mark.parametrize(
    ("product", "event", "expected"),
    [
        ("2025-05-05 02480514 KYMRIAH", "authorised", "2018-09-05"),
        ("2025-05-05 02509695 ZOLGENSMA", "authorised", "2020-12-15"),
        ("2025-05-05 02505851 LUXTURNA", "authorised", "2020-10-13"),
        ("2025-05-05 02489252 ONPATTRO", "authorised", "2019-06-07"),
        ("2025-05-05 02386380 PROCHYMAL", "authorised", "2012-05-15"),
        ("2025-05-05 02527138 BREYANZI", "authorised", "2022-05-06"),
        ("2023-07-05 02516233 ABECMA", "authorised", "2021-05-26"),
        ("2023-07-05 02509210 COMIRNATY", "emergency_authorised", "2020-12-09"),
        ("2023-07-05 02509210 COMIRNATY", "authorised", "2021-09-16"),
        ("2023-07-05 02510014 SPIKEVAX", "emergency_authorised", "2020-12-23"),
    ],
)
def test_known_facts(readings: dict[str, dict[str, pl.DataFrame]], product: str, event: str, expected: str) -> None:
    date, number, name = product.split()
    record = readings[date]["authorisation"].filter(number=number).row(0, named=True)
    assert record["product_name"].startswith(name)
    assert [day for kind, day, *_ in events(readings[date], record["record_id"]) if kind == event] == [expected]


def test_one_authorisation_a_product_at_most(readings: dict[str, dict[str, pl.DataFrame]]) -> None:
    for tables in readings.values():
        authorised = tables["event"].filter(event="authorised")
        assert authorised["record_id"].is_unique().all()
        undated = authorised.filter(pl.col("date").is_null())
        assert undated["before"].null_count() == 0
        without = tables["authorisation"].join(authorised, on="record_id", how="anti")
        assert set(without["flags"].explode()) <= {"emergency"}
