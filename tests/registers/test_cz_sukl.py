"""SÚKL: names of substances and their bases, cancelled registrations, organisations, and layouts that drift."""

import csv
import datetime
import zipfile
from pathlib import Path

import polars as pl
import pytest

from dioscorides.registers import catalogue
from dioscorides.registers.cz_sukl.salts import is_salt
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "cz_sukl"
DATE = datetime.date(2026, 1, 31)

FILES = {
    "dlp_latky.csv": """KOD_LATKY;ZDROJ;NAZEV_INN;NAZEV_EN;NAZEV;ZAV;DOP;NARVLA
-1;;OR:;;NEBO:;;;
10;INN;SERTRALINUM;SERTRALINE;SERTRALIN;;;
11;C18;SERTRALINI HYDROCHLORIDUM;SERTRALINE HYDROCHLORIDE;SERTRALIN-HYDROCHLORID;;;
12;INN;TRASTUZUMABUM;TRASTUZUMAB;TRASTUZUMAB;;;
13;INN;TRASTUZUMABUM EMTANSINUM;TRASTUZUMAB EMTANSINE;TRASTUZUMAB EMTANSIN;;;
14;CZ;AROMA MUSAE;;BANÁNOVÉ AROMA ŠÍŽ;;;
""",
    "dlp_soli.csv": "KOD_LATKY;KOD_SOLI\n10;11\n12;13\n10;99\n",
    "dlp_organizace.csv": """ZKR_ORG;ZEM;NAZEV;VYROBCE;DRZITEL
UNB;NL;"uniQure ""biopharma"" B.V., Amsterdam";;D
SKO;D;Sankyo, Mnichov;;D
""",
    "dlp_zeme.csv": "ZEM;NAZEV;NAZEV_EN;KOD_EDQM\nNL;NIZOZEMSKO;NETHERLANDS;NL\nD;NĚMECKO;GERMANY;DE\nSU;SNS;USSR;\n",
    "dlp_formy.csv": """FORMA;NAZEV;NAZEV_EN;NAZEV_LAT;JE_KONOPI;KOD_EDQM
INJ SOL;Injekční roztok;Solution for injection;Solutio;;1
""",
    "dlp_cesty.csv": "CESTA;NAZEV;NAZEV_EN;NAZEV_LAT;KOD_EDQM\nIMS;Intramuskulární podání;Intramuscular use;Usus;2\n",
    "dlp_zruseneregistrace.csv": """NAZEV;CESTA;FORMA;SILA;REGISTRACNI_CISLO;SOUBEZNY_DOVOZ;MRP_CISLO;TYP_REGISTRACE;\
PRAVNI_ZAKLAD_REGISTRACE;DRZITEL;ZEME_DRZITELE;KONEC_PLATNOSTI_REGISTRACE;STAV_REGISTRACE
GLYBERA;IMS;INJ SOL;3X10^12;EU/1/12/791/001;;;ORP;S;UNB;NL;29.10.2017;Z
LUIVAC;POR;TBL;3MG;59/381/95-C;;DE/H/0399/001;CMS;O;SKO;D;15.11.2024;N
LUIVAC;POR;TBL;3MG;59/381/95-C;PI/024/19;;SOU;S;SKO;D;09.07.2025;Z
""",
}


def write(folder: Path, encoding: str = "cp1250", **changes: str | None) -> Snapshot:
    """A snapshot of `FILES`; a change names a file without `dlp_` and `.csv`."""
    for name, text in (FILES | {f"dlp_{name}.csv": text for name, text in changes.items()}).items():
        if text is not None:
            (folder / name).write_bytes(text.replace("\n", "\r\n").encode(encoding))
    return Snapshot(REGISTER, DATE, folder)


def read(snapshot: Snapshot) -> dict[str, pl.DataFrame]:
    reading: Reading = catalogue()[REGISTER].read(snapshot)
    return reading.tables


def issues(tables: dict[str, pl.DataFrame]) -> set[tuple[str, str, str | None]]:
    found = tables["issue"].filter(pl.col("kind") != "unexpected_count")
    return set(found.select("kind", "where", "value").rows())


def outcomes(tables: dict[str, pl.DataFrame], file: str) -> dict[str, int]:
    accounts = tables["register_file"].filter(pl.col("file").str.ends_with(file))
    return dict(accounts.group_by("outcome").agg(pl.col("rows").sum()).rows())


def row_of(table: pl.DataFrame, record_id: str) -> dict[str, object]:
    return table.row(by_predicate=pl.col("record_id") == record_id, named=True)


def test_a_substance_has_a_latin_an_english_and_a_czech_name(tmp_path: Path) -> None:
    found = read(write(tmp_path))["name"]
    assert found.filter(code="10").select("name", "language", "kind").rows() == [
        ("SERTRALINUM", "la", "inn"),
        ("SERTRALINE", "en", "inn"),
        ("SERTRALIN", "cs", "national"),
    ]
    assert found.filter(code="14").select("name", "language", "kind").rows() == [
        ("AROMA MUSAE", "la", "national"),
        ("BANÁNOVÉ AROMA ŠÍŽ", "cs", "national"),
    ]
    assert set(found["code_system"]) == {"cz_sukl"}


def test_a_salt_names_its_base_and_a_conjugate_does_not(tmp_path: Path) -> None:
    tables = read(write(tmp_path))
    bases = dict(tables["name"].select("code", "base_code").unique().rows())
    assert bases == {"10": None, "11": "10", "12": None, "13": None, "14": None}
    assert outcomes(tables, "dlp_soli.csv") == {"read": 1, "out_of_scope": 2}


def test_a_salt_of_two_bases_names_none(tmp_path: Path) -> None:
    latky = FILES["dlp_latky.csv"] + "15;INN;SERTRALINUM;SERTRALINE;SERTRALIN;;;\n"
    tables = read(write(tmp_path, latky=latky, soli="KOD_LATKY;KOD_SOLI\n10;11\n15;11\n"))
    assert tables["name"].filter(code="11")["base_code"].null_count() == 3
    assert ("ambiguous_base", "salts.salt", "11") in issues(tables)


@pytest.mark.parametrize(
    ("base", "salt", "expected"),
    [
        ("SERTRALINUM", "SERTRALINI HYDROCHLORIDUM", True),
        ("TENOFOVIRUM DISOPROXILUM", "TENOFOVIRI DISOPROXILI FUMARAS", True),
        ("TENOFOVIRUM", "TENOFOVIRI ALAFENAMIDI FUMARAS", False),
        ("BETAMETHASONUM", "BETAMETHASONI NATRII PHOSPHAS", True),
        ("ATORVASTATINUM", "ATORVASTATINUM CALCICUM TRIHYDRICUM", True),
        ("PEMETREXEDUM", "PEMETREXEDUM DITROMETAMOLUM", True),
        ("ACIDUM VALPROICUM", "NATRII VALPROAS", True),
        ("ACIDUM CLAVULANICUM", "KALII CLAVULANAS PRO INIECTIONE", True),
        ("ACIDUM SULFURICUM", "MAGNESII SULFAS HEPTAHYDRICUS", False),
        ("ACIDUM HYDROCHLORICUM CONCENTRATUM", "NATRII CHLORIDUM", False),
        ("INSULINUM", "INSULINUM GLARGINUM", False),
        ("FENTANYLUM", "REMIFENTANILUM", False),
        ("OLMESARTANUM", "OLMESARTANUM MEDOXOMILUM", False),
        ("ISOSORBIDUM", "ISOSORBIDI DINITRAS DILUTUS", False),
        ("MACROGOLUM", "MACROGOLUM 4000", False),
    ],
)
def test_the_latin_names_tell_a_salt(base: str, salt: str, expected: bool) -> None:
    frame = pl.DataFrame({"salt": [salt], "base": [base], "no": [False], "yes": [True]})
    assert frame.select(is_salt(*map(pl.col, ("salt", "base", "no", "yes")))).item() is expected


def test_a_salt_with_an_inn_of_its_own_is_its_own_substance() -> None:
    frame = pl.DataFrame({"salt": ["ESTRADIOLI VALERAS", "HEPARINUM NATRICUM"], "base": ["ESTRADIOLUM", "HEPARINUM"]})
    told = is_salt(pl.col("salt"), pl.col("base"), pl.lit(True), pl.lit(True))
    assert frame.select(told).to_series().to_list() == [False, True]


def test_words_that_join_substances_are_none(tmp_path: Path) -> None:
    latky = FILES["dlp_latky.csv"] + "77;;INSTEAD OF:;;MÍSTO:;;;\n78;INN;;;;;;X\n"
    tables = read(write(tmp_path, latky=latky))
    assert not set(tables["name"]["code"]) & {"-1", "77", "78"}
    assert outcomes(tables, "dlp_latky.csv") == {"read": 5, "out_of_scope": 2, "quarantined": 1}


def test_a_cancelled_registration_of_a_centrally_authorised_pack(tmp_path: Path) -> None:
    tables = read(write(tmp_path))
    found = row_of(tables["authorisation"], "EU/1/12/791/001")
    assert (found["number"], found["other_numbers"]) == ("EU/1/12/791/001", ["EU/1/12/791"])
    assert (found["jurisdiction"], found["procedure"], found["legal_basis"]) == ("CZ", "centralised", "full")
    assert (found["status"], found["flags"], found["marketed"]) == ("expired", ["orphan"], None)
    assert (found["holder_name"], found["holder_country"]) == ('uniQure "biopharma" B.V., Amsterdam', "NL")
    assert (found["form"], found["route"]) == ("Solution for injection", "Intramuscular use")
    assert tables["event"].filter(record_id="EU/1/12/791/001").select("event", "date", "precision", "text").rows() == [
        ("expired", datetime.date(2017, 10, 29), "day", "29.10.2017")
    ]
    assert "ingredient" not in tables


def test_a_parallel_import_shares_the_number_and_is_left_out(tmp_path: Path) -> None:
    tables = read(write(tmp_path))
    found = row_of(tables["authorisation"], "59/381/95-C")
    assert (found["procedure"], found["legal_basis"], found["status"]) == ("mutual_recognition", "generic", "withdrawn")
    assert found["other_numbers"] == ["DE/H/0399/001"]
    assert outcomes(tables, "dlp_zruseneregistrace.csv") == {"read": 2, "out_of_scope": 1}


def test_organisations_are_known_by_code_and_country(tmp_path: Path) -> None:
    tables = read(write(tmp_path))
    assert tables["organisation_record"].select("code", "country").rows() == [("UNB-NL", "NL"), ("SKO-D", "DE")]


def test_codes_that_a_list_lacks_stay_as_printed(tmp_path: Path) -> None:
    tables = read(write(tmp_path, organizace="ZKR_ORG;ZEM;NAZEV;VYROBCE;DRZITEL\nUNB;NL;uniQure;;D\nABC;SU;Abc;;D\n"))
    found = row_of(tables["authorisation"], "59/381/95-C")
    assert (found["form"], found["holder_name"], found["holder_country"]) == ("TBL", None, "DE")
    assert issues(tables) == {
        ("unknown_code", "cancelled.holder", "SKO-D"),
        ("unknown_code", "cancelled.form", "TBL"),
        ("unknown_code", "cancelled.route", "POR"),
    }
    assert row_of(tables["organisation_record"], "ABC-SU")["country"] is None


def test_unknown_codes_and_impossible_dates_are_issues(tmp_path: Path) -> None:
    rows = FILES["dlp_zruseneregistrace.csv"].replace(";ORP;S;", ";NEW;QQ;").replace("29.10.2017;Z", "31.02.2017;W")
    tables = read(write(tmp_path, zruseneregistrace=rows))
    found = row_of(tables["authorisation"], "EU/1/12/791/001")
    assert (found["procedure"], found["legal_basis"], found["status"]) == ("unknown", "unknown", "unknown")
    assert tables["event"].filter(record_id="EU/1/12/791/001").select("event", "date").rows() == [
        ("status_change", None)
    ]
    assert issues(tables) >= {
        ("unknown_code", "cancelled.procedure", "NEW"),
        ("unknown_code", "cancelled.legal_basis", "QQ"),
        ("unknown_code", "cancelled.status", "W"),
        ("bad_date", "cancelled.ended", "31.02.2017"),
    }


def test_the_live_zip_reads_like_the_loose_files(tmp_path: Path) -> None:
    loose, packed = tmp_path / "loose", tmp_path / "packed"
    loose.mkdir(), packed.mkdir()
    expected = read(write(loose))
    with zipfile.ZipFile(packed / "DLP20260131.zip", "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text.encode("cp1250"))
        archive.writestr("dlp_lecivepripravky.csv", "KOD_SUKL;NAZEV\n1;X\n")
    tables = read(Snapshot(REGISTER, DATE, packed))
    assert issues(tables) == issues(expected)
    for name in ("name", "authorisation", "event", "organisation_record"):
        assert tables[name].drop("row").equals(expected[name].drop("row"))
    assert outcomes(tables, "dlp_lecivepripravky.csv") == {"out_of_scope": 1}


def test_another_codepage_and_another_order_of_columns(tmp_path: Path) -> None:
    latky = "NAZEV;KOD_LATKY;NAZEV_EN;ZDROJ;NAZEV_INN;ZAV;DOP;NARVLA;NOVY\nŠAFRÁN;20;SAFFRON;CZ;CROCI STIGMA;;;;x\n"
    tables = read(write(tmp_path, encoding="utf-8", latky=latky))
    assert tables["name"].select("code", "name", "language").rows() == [
        ("20", "CROCI STIGMA", "la"),
        ("20", "SAFFRON", "en"),
        ("20", "ŠAFRÁN", "cs"),
    ]
    assert ("new_column", "dlp_latky.csv", "NOVY") in issues(tables)


def test_a_renamed_column_is_an_issue(tmp_path: Path) -> None:
    latky = FILES["dlp_latky.csv"].replace("NAZEV_EN", "NAZEV_ENG", 1)
    tables = read(write(tmp_path, latky=latky))
    assert {(kind, value) for kind, where, value in issues(tables) if where == "dlp_latky.csv"} == {
        ("missing_column", "NAZEV_EN (renamed to NAZEV_ENG?)"),
        ("new_column", "NAZEV_ENG"),
    }
    assert set(tables["name"]["language"]) == {"la", "cs"}


def test_a_lesser_file_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    tables = read(write(tmp_path, soli="KOD_LATKY;KOD_SUL\n10;11\n", zeme=None, zruseneregistrace="<html>\nx\n"))
    assert {(kind, where) for kind, where, _ in issues(tables)} == {
        ("unreadable_table", "salts"),
        ("unreadable_table", "cancelled"),
        ("missing_file", "dlp_zeme.csv"),
    }
    assert outcomes(tables, "dlp_soli.csv") == {"quarantined": 2}
    assert tables["name"]["base_code"].null_count() == len(tables["name"]) == 14
    with pytest.raises(Unreadable, match="KOD_LATKY"):
        read(write(tmp_path, latky=FILES["dlp_latky.csv"].replace("KOD_LATKY", "KOD", 1)))


def test_a_ragged_row_goes_to_quarantine(tmp_path: Path) -> None:
    tables = read(write(tmp_path, latky=FILES["dlp_latky.csv"] + "16;INN;X\n"))
    assert tables["quarantine"].select("row", "reason").rows() == [
        ("dlp_latky.csv:8", "3 fields where the table has 8")
    ]


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> list[tuple[Snapshot, dict[str, pl.DataFrame]]]:
    return [(snapshot, read(snapshot)) for snapshot in Store(registers_dir).snapshots(REGISTER)]


def test_real_every_row_is_accounted_for(real: list[tuple[Snapshot, dict[str, pl.DataFrame]]]) -> None:
    for snapshot, tables in real:
        accounts = dict(tables["register_file"].group_by("file").agg(pl.col("rows").sum()).rows())
        for path in snapshot.path.iterdir():
            with path.open(encoding="cp1250", newline="") as file:
                rows = sum(1 for row in csv.reader(file, delimiter=";") if row)
            assert accounts[path.name] == rows - 1, path.name


def test_real_records_are_unique_and_issues_are_known(real: list[tuple[Snapshot, dict[str, pl.DataFrame]]]) -> None:
    for _, tables in real:
        for name in ("authorisation", "organisation_record"):
            assert tables[name]["record_id"].is_unique().all()
        assert set(tables["issue"].select("kind", "where").rows()) == {
            ("unknown_code", "cancelled.holder"),
            ("unknown_code", "cancelled.form"),
        }
        assert "quarantine" not in tables or tables["quarantine"].is_empty()


def test_real_endings_agree_with_the_facts(
    real: list[tuple[Snapshot, dict[str, pl.DataFrame]]], facts_dir: Path
) -> None:
    tables = {str(snapshot.date): tables for snapshot, tables in real}
    compared = 0
    with (facts_dir / "advanced_therapies.csv").open(encoding="utf-8", newline="") as file:
        for fact in csv.DictReader(file):
            register, _, date = fact["evidence"].removeprefix("register:").partition("/")
            if register != REGISTER:
                continue
            numbers = fact["licence_number"].split("; ")
            found = tables[date]["event"].filter(pl.col("record_id").is_in(numbers))
            # Of a medicine with several packs, the end of the last one counts.
            assert str(found["date"].max()) == fact["date"], fact["brand"]
            assert set(found["event"]) <= {"withdrawn", "expired"}
            compared += 1
    assert compared == 10


def test_real_bases_are_bases(real: list[tuple[Snapshot, dict[str, pl.DataFrame]]]) -> None:
    _, tables = real[0]
    english = tables["name"].filter(language="en")
    names = dict(english.select("code", "name").rows())
    bases = {name: names.get(base) for name, base in english.select("name", "base_code").rows()}
    assert bases["SERTRALINE HYDROCHLORIDE"] == "SERTRALINE"
    assert bases["SODIUM VALPROATE"] == "VALPROIC ACID"
    assert bases["LEVOTHYROXINE SODIUM"] == "LEVOTHYROXINE"
    for own in ("TRASTUZUMAB EMTANSINE", "INSULIN GLARGINE", "REMIFENTANIL", "METAMFETAMINE", "DEXIBUPROFEN"):
        assert bases[own] is None
    assert sum(base is not None for base in bases.values()) > 1500
