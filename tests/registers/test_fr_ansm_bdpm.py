"""The French register: specialities, their salts and moieties, packs and generic groups, and layouts that drift."""

import csv
import datetime
import shutil
from pathlib import Path

import polars as pl
import pytest

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "fr_ansm_bdpm"
DATE = datetime.date(2024, 3, 1)

KYMRIAH = (
    "65000001", "KYMRIAH, dispersion pour perfusion", "dispersion pour perfusion", "intraveineuse",
    "Autorisation active", "Procédure centralisée", "Commercialisée", "23/08/2018", "", "EU/1/18/1297",
    " NOVARTIS EUROPHARM (IRLANDE)", "Oui",
)  # fmt: skip
RANITIDINE = (
    "60000002", "RANITIDINE DUPONT 150 mg, comprimé", "comprimé", "orale;sublinguale",
    "Autorisation suspendue", "Procédure nationale", "Non commercialisée", "26/02/1999", "Alerte", "", " DUPONT", "Non",
)  # fmt: skip
PACKS = [
    ("65000001", "3000001", "1 poche", "Présentation active", "Déclaration de commercialisation", "16/01/2019",
     "3400930000019", "oui", "", "", "", "", ""),
    ("60000002", "3000002", "30 comprimés", "Présentation active", "Déclaration d'arrêt de commercialisation",
     "25/09/2019", "3400930000026", "non", "65 %", "1,466,29", "1,467,31", "1,02", "Cas suivants : ; JO"),
]  # fmt: skip
COMPOSITION = [
    ("65000001", "dispersion", "10001", "TISAGENLECLEUCEL", "1,2 × 10^6", "une poche", "SA", "1", ""),
    ("60000002", "comprimé", "25783", "RANITIDINE (CHLORHYDRATE DE)", "168 mg", "un comprimé", "SA", "1", ""),
    ("60000002", "comprimé", "49632", "RANITIDINE BASE", "150 mg", "un comprimé", "FT", "1", ""),
]
GROUPS = [("1", "RANITIDINE 150 mg - AZANTAC 150 mg, comprimé", "60000002", "1", "2", "")]


def write(folder: Path, specialities=(KYMRIAH, RANITIDINE), *, encoding="cp1252", **tables) -> Snapshot:  # type: ignore[no-untyped-def]
    given = {"CIP": PACKS, "COMPO": COMPOSITION, "GENER": GROUPS} | tables
    for name, rows in {"": specialities, **given}.items():
        if rows is not None:
            text = "".join("\t".join(row) + "\r\n" for row in rows)
            (folder / f"CIS{'_' + name if name else ''}_bdpm.txt").write_bytes(text.encode(encoding))
    return Snapshot(REGISTER, DATE, folder)


def read(snapshot: Snapshot) -> dict[str, pl.DataFrame]:
    reading: Reading = catalogue()[REGISTER].read(snapshot)
    return reading.tables


def changed(row: tuple[str, ...], **cells: str) -> tuple[str, ...]:
    """`row` of the specialities with other cells, given as c0, c1, ..."""
    return tuple(cells.get(f"c{place}", cell) for place, cell in enumerate(row))


def issues(tables: dict[str, pl.DataFrame]) -> set[tuple[str, str, str | None]]:
    """Kind, place and value of each issue; a sample has too few rows, which is no matter here."""
    found = tables["issue"].filter(pl.col("kind") != "unexpected_count")
    return set(found.select("kind", "where", "value").rows())


def record(tables: dict[str, pl.DataFrame], record_id: str) -> dict[str, object]:
    return tables["authorisation"].row(by_predicate=pl.col("record_id") == record_id, named=True)


def events(tables: dict[str, pl.DataFrame], record_id: str) -> list[tuple[object, ...]]:
    return tables["event"].filter(pl.col("record_id") == record_id).select("event", "date", "precision").rows()


def test_a_centralised_speciality_is_cited_by_its_european_number(tmp_path: Path) -> None:
    tables = read(write(tmp_path))
    found = record(tables, "65000001")
    assert found["number"] == "EU/1/18/1297"
    assert found["other_numbers"] == ["65000001", "3400930000019", "3000001"]
    assert (found["jurisdiction"], found["procedure"], found["legal_basis"]) == ("FR", "centralised", "unknown")
    assert (found["status"], found["marketed"]) == ("authorised", True)
    assert (found["holder_name"], found["holder_country"]) == ("NOVARTIS EUROPHARM (IRLANDE)", "IE")
    assert events(tables, "65000001") == [
        ("authorised", datetime.date(2018, 8, 23), "day"),
        ("marketed", datetime.date(2019, 1, 16), "day"),
    ]
    assert issues(tables) == set()


def test_a_national_generic(tmp_path: Path) -> None:
    tables = read(write(tmp_path))
    found = record(tables, "60000002")
    assert (found["number"], found["legal_basis"], found["procedure"]) == ("60000002", "generic", "national")
    assert (found["status"], found["marketed"], found["holder_country"]) == ("suspended", False, None)
    assert found["route"] == "orale;sublinguale"
    assert ("status_change", datetime.date(2019, 9, 25), "day") in events(tables, "60000002")


def test_a_salt_and_its_moiety_share_a_position(tmp_path: Path) -> None:
    two_elements = [
        ("60000002", "comprimé blanc", "00196", "LÉVONORGESTREL", "0,150 mg", "un comprimé", "SA", "1", ""),
        ("60000002", "comprimé blanc", "01807", "ÉTHINYLESTRADIOL", "", "", "SA", "2", ""),
        ("60000002", "comprimé rose", "00196", "LÉVONORGESTREL", "0,200 mg", "", "SA", "1", ""),
        ("60000002", "comprimé rose", "00197", "LÉVONORGESTREL BASE", "0,190 mg", "", "ST", "1", ""),
    ]
    found = read(write(tmp_path, COMPO=two_elements))["ingredient"]
    assert found.select("position", "name", "role", "strength").rows() == [
        (1, "LÉVONORGESTREL", "active", "0,150 mg / un comprimé"),
        (2, "ÉTHINYLESTRADIOL", "active", None),
        (3, "LÉVONORGESTREL", "active", "0,200 mg"),
        (3, "LÉVONORGESTREL BASE", "moiety", "0,190 mg"),
    ]
    assert set(found["language"]) == {"fr"}


def test_legal_basis_comes_from_the_procedure_or_the_generic_groups(tmp_path: Path) -> None:
    rows = [
        changed(RANITIDINE, c0="60000003", c5="Enreg homéo (Proc. Nat.)"),
        changed(RANITIDINE, c0="60000004", c5="Enreg phyto (Proc. Dec.)"),
        changed(RANITIDINE, c0="60000005"),
        changed(RANITIDINE, c0="60000006"),
    ]
    groups = [
        ("1", "g", "60000005", "0", "1", ""),
        ("2", "g", "60000005", "1", "1", ""),
        ("1", "g", "60000006", "4", "2", ""),
    ]
    tables = read(write(tmp_path, rows, GENER=groups, CIP=[], COMPO=[]))
    assert tables["authorisation"].select("record_id", "procedure", "legal_basis").rows() == [
        ("60000003", "national", "homeopathic"),
        ("60000004", "decentralised", "traditional"),
        ("60000005", "national", "unknown"),
        ("60000006", "national", "generic"),
    ]


def test_a_parallel_import_is_out_of_scope_with_all_its_rows(tmp_path: Path) -> None:
    imported = changed(RANITIDINE, c5="Autorisation d'importation parallèle")
    tables = read(write(tmp_path, [KYMRIAH, imported]))
    assert tables["authorisation"]["record_id"].to_list() == ["65000001"]
    assert "60000002" not in tables["ingredient"]["record_id"].to_list()
    left = tables["register_file"].filter(pl.col("outcome") == "out_of_scope")
    assert left["rows"].sum() == 1 + 1 + 2 + 1
    assert all(reason.startswith("parallel import") for reason in left["reason"])


def test_an_archived_authorisation_ended_in_a_way_not_told(tmp_path: Path) -> None:
    statuses = {
        "Autorisation archivée": "unknown",
        "Autorisation abrogée": "withdrawn",
        "Autorisation retirée": "withdrawn",
    }
    rows = [changed(RANITIDINE, c0=f"6000000{place}", c4=status) for place, status in enumerate(statuses)]
    tables = read(write(tmp_path, rows, CIP=[], COMPO=[], GENER=[]))
    assert tables["authorisation"]["status"].to_list() == list(statuses.values())
    assert set(tables["event"]["event"]) == {"authorised"}


def test_a_date_before_the_european_number_is_none(tmp_path: Path) -> None:
    tables = read(write(tmp_path, [changed(KYMRIAH, c7="23/08/2017", c9="EU/1/18/1297/")]))
    assert events(tables, "65000001")[0] == ("authorised", None, None)
    assert ("impossible_date", "specialities.approved", "23/08/2017 before EU/1/18/1297/") in issues(tables)
    assert record(tables, "65000001")["number"] == "EU/1/18/1297"


@pytest.mark.parametrize(
    ("printed", "kind"), [("31/02/2018", "bad_date"), ("23/08/2098", "impossible_date"), ("2018-08-23", "bad_date")]
)
def test_an_unbelievable_date_is_an_issue_and_no_date(tmp_path: Path, printed: str, kind: str) -> None:
    tables = read(write(tmp_path, [changed(KYMRIAH, c7=printed)], CIP=[]))
    assert events(tables, "65000001") == [("authorised", None, None)]
    assert (kind, "specialities.approved", printed) in issues(tables)


def test_unknown_codes_are_issues_and_never_guessed(tmp_path: Path) -> None:
    odd = changed(
        KYMRIAH, c4="Autorisation caduque", c5="Procédure accélérée", c6="Commercialisée ailleurs", c10="X (RURITANIE)"
    )
    composition = [(*COMPOSITION[0][:6], "EX", "1", "")]
    tables = read(write(tmp_path, [odd], COMPO=composition, GENER=[("1", "g", "65000001", "9", "1", "")]))
    found = record(tables, "65000001")
    assert (found["status"], found["procedure"], found["legal_basis"]) == ("unknown", "unknown", "unknown")
    assert (found["marketed"], found["holder_country"]) == (None, None)
    assert {(where, value) for kind, where, value in issues(tables) if kind == "unknown_code"} == {
        ("specialities.status", "Autorisation caduque"),
        ("specialities.procedure", "Procédure accélérée"),
        ("specialities.marketing", "Commercialisée ailleurs"),
        ("specialities.holder_country", "RURITANIE"),
        ("compositions.nature", "EX"),
        ("generics.type", "9"),
    }
    assert "ingredient" not in tables or tables["ingredient"].is_empty()
    assert "neither an active substance nor a moiety" in tables["quarantine"]["reason"].to_list()


def test_ragged_and_stray_rows_go_to_quarantine(tmp_path: Path) -> None:
    header = ("Code CIS", *KYMRIAH[1:])
    shifted = [*GROUPS, *GROUPS, ("9", "label", "", "65000001", "0", "1", "")]
    packs = [*PACKS, ("69999999", *PACKS[0][1:])]
    tables = read(write(tmp_path, [header, KYMRIAH, RANITIDINE, KYMRIAH[:-1]], GENER=shifted, CIP=packs))
    assert sorted(tables["quarantine"].select("row", "reason").rows()) == [
        ("CIS_CIP_bdpm.txt:3", "belongs to no record: its key is not in the main table"),
        ("CIS_GENER_bdpm.txt:3", "has no CIS code where it should stand"),
        ("CIS_bdpm.txt:1", "has no CIS code where it should stand"),
        ("CIS_bdpm.txt:4", "11 fields where the table has 12"),
    ]
    outcomes = dict(tables["register_file"].group_by("outcome").agg(pl.col("rows").sum()).rows())
    assert outcomes == {"read": 2 + 2 + 3 + 1, "quarantined": 4, "duplicate": 1}


def test_a_generic_group_of_a_speciality_that_left_the_list_is_out_of_scope(tmp_path: Path) -> None:
    tables = read(write(tmp_path, GENER=[*GROUPS, ("1", "g", "69999999", "0", "1", "")]))
    left = tables["register_file"].filter(pl.col("outcome") == "out_of_scope")
    assert left.select("file", "rows").rows() == [("CIS_GENER_bdpm.txt", 1)]


def test_newer_copies_have_utf8_no_trailing_tab_and_atc_codes(tmp_path: Path) -> None:
    snapshot = write(
        tmp_path, encoding="utf-8", COMPO=[row[:-1] for row in COMPOSITION], GENER=[row[:-1] for row in GROUPS]
    )
    (tmp_path / "CIS_MITM.txt").write_text("65000001\tL01XL04\tKYMRIAH\thttps://example.org\n", encoding="utf-8")
    (tmp_path / "CIS_InfoImportantes_20240301080000_bdpm.txt").write_text("65000001\t2024-02-01\t2025-02-01\tx\n")
    (tmp_path / "CIS_CIP_Dispo_Spec.txt").write_bytes("60000002\t\t1\tRupture\t\t\t\t\n".encode("cp1252"))
    tables = read(snapshot)
    assert issues(tables) == set()
    assert record(tables, "65000001")["atc"] == ["L01XL04"]
    assert record(tables, "60000002")["product_name"] == "RANITIDINE DUPONT 150 mg, comprimé"
    assert len(tables["ingredient"]) == 3


def test_a_new_column_is_an_issue(tmp_path: Path) -> None:
    compositions = [(*row[:-1], "nouveau") for row in COMPOSITION]
    tables = read(write(tmp_path, [(*KYMRIAH, "x"), (*RANITIDINE, "y")], COMPO=compositions))
    assert {(kind, where) for kind, where, _ in issues(tables)} == {
        ("new_column", "CIS_bdpm.txt"),
        ("unexpected_shape", "compositions.end"),
    }
    assert len(tables["authorisation"]) == 2


@pytest.mark.parametrize(
    ("table", "one", "other"),
    [
        ("", 0, 7), ("", 1, 2), ("", 1, 10), ("", 2, 3), ("", 4, 5), ("", 5, 6), ("", 9, 10), ("", 1, 3), ("", 7, 9),
        ("_COMPO", 1, 3), ("_COMPO", 1, 4), ("_COMPO", 1, 5), ("_COMPO", 3, 4), ("_COMPO", 4, 5), ("_COMPO", 6, 7),
        ("_COMPO", 0, 2), ("_CIP", 0, 1), ("_CIP", 1, 6), ("_CIP", 2, 3), ("_CIP", 4, 5), ("_GENER", 2, 3),
    ],
)  # fmt: skip
def test_no_column_is_taken_for_another(tmp_path: Path, table: str, one: int, other: int) -> None:
    """Two columns of the sample changed about: the table is not read, and it is said."""
    (sample,) = Store(catalogue()[REGISTER].folder).snapshots("sample")
    name = f"CIS{table}_bdpm.txt"
    shutil.copytree(sample.path, tmp_path, dirs_exist_ok=True)
    rows = [line.split("\t") for line in (tmp_path / name).read_text("cp1252").splitlines()]
    for row in rows:
        row[one], row[other] = row[other], row[one]
    (tmp_path / name).write_text("".join("\t".join(row) + "\r\n" for row in rows), "cp1252", newline="")
    try:
        tables = read(Snapshot(REGISTER, sample.date, tmp_path))
    except Unreadable as error:
        assert "Have columns moved" in str(error)
    else:
        assert "unreadable_table" in set(tables["issue"]["kind"])
        assert not tables["source_row"]["row"].str.starts_with(f"{name}:").any()


def test_moved_columns_are_refused_not_misread(tmp_path: Path) -> None:
    many = [changed(RANITIDINE, c0=str(60000000 + number)) for number in range(50)]
    moved = [(row[0], "nouveau", *row[1:]) for row in many]
    with pytest.raises(Unreadable, match="Have columns moved"):
        read(write(tmp_path, moved, CIP=[], COMPO=[], GENER=[]))


@pytest.mark.parametrize("order", [(0, 1, 1, 2, 3, 4, 5, 6, 7, 8), (0, 1, 3, 2, 4, 5, 6, 7, 8)])
def test_moved_columns_of_a_lesser_table_leave_the_specialities(tmp_path: Path, order: tuple[int, ...]) -> None:
    rows = [(str(60000000 + number), *COMPOSITION[0][1:]) for number in range(50)]
    tables = read(write(tmp_path, COMPO=[tuple(row[place] for place in order) for row in rows]))
    assert len(tables["authorisation"]) == 2
    assert ("unreadable_table", "compositions") in {(kind, where) for kind, where, _ in issues(tables)}
    assert len(tables["quarantine"]) == 50


def test_missing_and_empty_files(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no file"):
        read(Snapshot(REGISTER, DATE, tmp_path))
    tables = read(write(tmp_path, CIP=None, COMPO=None, GENER=None))
    assert {kind for kind, _, _ in issues(tables)} == {"missing_file"}
    assert record(tables, "60000002")["other_numbers"] == []
    tables = read(write(tmp_path, CIP=[], COMPO=[], GENER=[]))
    assert {kind for kind, _, _ in issues(tables)} == {"empty_file"}
    with pytest.raises(Unreadable, match=r"CIS_bdpm\.txt: there is no row of specialities in it"):
        read(write(tmp_path, []))


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> list[tuple[Snapshot, dict[str, pl.DataFrame]]]:
    return [(snapshot, read(snapshot)) for snapshot in Store(registers_dir).snapshots(REGISTER)]


def test_real_every_row_is_accounted_for(real: list[tuple[Snapshot, dict[str, pl.DataFrame]]]) -> None:
    for snapshot, tables in real:
        counted = {
            path.name: sum(1 for line in path.read_bytes().splitlines() if line.strip())
            for path in snapshot.path.iterdir()
        }
        accounts = dict(tables["register_file"].group_by("file").agg(pl.col("rows").sum()).rows())
        assert accounts == counted


def test_real_records_are_unique_and_issues_are_known(real: list[tuple[Snapshot, dict[str, pl.DataFrame]]]) -> None:
    for _, tables in real:
        assert tables["authorisation"]["record_id"].is_unique().all()
        found = set(tables["issue"].select("kind", "where").rows())
        assert found == {
            ("impossible_date", "presentations.declared"),
            ("impossible_date", "specialities.approved"),
        }
        assert len(tables["quarantine"]) == 13


def test_real_dates_agree_with_the_facts(real: list[tuple[Snapshot, dict[str, pl.DataFrame]]], facts_dir: Path) -> None:
    tables = {str(snapshot.date): tables for snapshot, tables in real}
    compared = 0
    with (facts_dir / "advanced_therapies.csv").open(encoding="utf-8", newline="") as file:
        for fact in csv.DictReader(file):
            register, _, date = fact["evidence"].removeprefix("register:").partition("/")
            if register != REGISTER or fact["event"] != "approval":
                continue
            codes = [code.removeprefix("CIS") for code in fact["licence_number"].split("; ") if code.startswith("CIS")]
            found = tables[date]["event"].filter(pl.col("record_id").is_in(codes), event="authorised")
            assert str(found["date"].min()) == fact["date"], fact["brand"]
            compared += 1
    assert compared == 18


def test_real_known_specialities(real: list[tuple[Snapshot, dict[str, pl.DataFrame]]]) -> None:
    _, tables = real[0]
    zolgensma = record(tables, "69200149")
    assert (zolgensma["number"], zolgensma["holder_country"], zolgensma["status"]) == (
        "EU/1/20/1443",
        "IE",
        "authorised",
    )
    ranitidine = tables["ingredient"].filter(record_id="60002504").select("position", "name", "role").rows()
    assert ranitidine == [(1, "RANITIDINE (CHLORHYDRATE DE)", "active"), (1, "RANITIDINE BASE", "moiety")]
