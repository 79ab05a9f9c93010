"""SMS substances: which rows are substances, and what happens when the layout drifts."""

from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import python_calamine
from workbook import write_xlsx

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "eu_spor_substances"
SYSTEM = "1.3.6.1.4.1.12559.11.10.1.3.1.44.100000075825"
TITLES = [
    ["Value Set ID", "1.3.6"],
    ["Value Set Name", "eHDSISubstance"],
    [],
    ["MVC", "", "", "", "NATIONAL CODE SYSTEM"],
]
HEADER = [
    "Code System ID", "Code System Version", "Concept Code", "Description (FSN)", "National Concept Code",
    "National Description",
]  # fmt: skip


def row(code: int, name: str, national: str = "") -> list[str]:
    return [SYSTEM, "2022-05-30", f"{100000000000 + code}", name, "13188" if national else "", national]


def read(
    tmp_path: Path, *rows: list[str], header: list[str] = HEADER, file: str = "Substances-EEmappings.xlsx"
) -> Reading:
    write_xlsx(tmp_path / file, {"eHDSISubstance": [*TITLES, header, *rows]})
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2022, 9, 1), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def left_out(reading: Reading) -> dict[str, int]:
    account = reading.tables["register_file"].filter(pl.col("outcome") == "out_of_scope")
    return {reason.split(",")[0].split(":")[0]: rows for reason, rows in account.select("reason", "rows").rows()}


def test_a_row_is_a_substance_with_its_name_and_the_mapped_national_one(tmp_path: Path) -> None:
    reading = read(tmp_path, row(1, "Abiraterone", "abirateroon"), row(2, "METFORMIN HYDROCHLORIDE"))
    assert reading.tables["name"].select("code", "name", "language", "script", "kind").rows() == [
        ("100000000001", "Abiraterone", "en", "Latn", "national"),
        ("100000000002", "METFORMIN HYDROCHLORIDE", "en", "Latn", "national"),
        ("100000000001", "abirateroon", "et", "Latn", "national"),
    ]
    assert issues(reading) == set()


@pytest.mark.parametrize(
    "name",
    [
        "Urtica urens C6", "PULSATILLA D30", "Imperial topaz C700000", "Gelsemium sempervirens K200", "Codeinum LM9",
        "ACIDUM SILICICUM DIL. D 8", "CALENDULA MOTHER TINCTURE", "ARNICA Ø", "BETULA ALBA (HAB 34) D2",
        "PSORINUM NOSODE D30",
        "JUNIPERUS COMMUNIS Ø = D1", "COCCUS CACTI C4 FR. PH.", "RHUS TOXICODENDRON Q1", "Hepar bovis Gl",
    ],
)  # fmt: skip
def test_homoeopathic_preparations_are_left_out(tmp_path: Path, name: str) -> None:
    assert left_out(read(tmp_path, row(1, name), row(2, "Abiraterone"))) == {"a homoeopathic preparation": 1}


@pytest.mark.parametrize(
    "name",
    [
        "VITAMIN D3", "POVIDONE K30", "COENZYME Q10", "Procyanidin C1", "16,16-DIMETHYLPROSTAGLANDIN D2",
        "PARACETAMOL-D4", "TICK-BORNE ENCEPHALITIS VIRUS (INACTIVATED), STRAIN K23",
        "Humanised IgG1 monoclonal antibody against complement C3",
        "C1-INHIBITOR", "STREPTOCOCCUS SALIVARIUS K12", "HYPROMELLOSE K100 LV", "FEL D 1 CHAIN 1 (3-15)",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_potency_is_kept(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, row(1, name)).tables["name"]["name"].to_list() == [name]


def test_mixtures_classes_and_templates_are_left_out_each_with_its_reason(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row(1, "CHERRY FLAVOUR K11181"),
        row(2, "OPADRY II PINK 85F265024"),
        row(3, "VITAMINS NOS"),
        row(4, "REASSORTANT INFLUENZA VIRUS B/<OFFICIAL STRAIN> LIKE STRAIN"),
        row(5, "PLACEBO"),
        row(6, "CAFFEINE AND SODIUM BENZOATE"),
        row(7, "TIPIRACIL HYDROCHLORIDE MIXTURE WITH TRIFLURIDINE"),
        row(8, "LACTOSE MONOHYDRATE + MAIZE STARCH"),
    )
    assert left_out(reading) == {"a flavour": 2, "a class": 3, "several substances in one name": 3}
    assert "name" not in reading.tables or reading.tables["name"].is_empty()


@pytest.mark.parametrize(
    "name",
    [
        "DIPHTHERIA AND TETANUS VACCINE (ADSORBED)",
        "DRY EXTRACT OF HAWTHORN LEAF AND FLOWER (4-7:1), EXTRACTION SOLVENT: METHANOL 70 % (V/V)",
        "Humanised nanobody against angiopoietin-2 and vascular endothelial growth factor",
        "COPOLYMER OF ETHYL ACRYLATE AND ACRYLIC ACID",
    ],
)
def test_one_thing_described_with_and_is_one_name(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, row(1, name)).tables["name"]["name"].to_list() == [name]


def test_language_is_empty_where_the_text_is_not_english(tmp_path: Path) -> None:
    reading = read(tmp_path, row(1, "VISCI HERBA"), row(2, "BÄRLAUCHBLÄTTER-PULVER"), row(3, "Λ-CARRAGEENAN"))
    assert reading.tables["name"].select("language", "script").rows() == [
        (None, "Latn"),
        (None, "Latn"),
        ("en", "Latn"),
    ]


def test_a_company_code_is_a_code(tmp_path: Path) -> None:
    reading = read(tmp_path, row(1, "MK-3655"), row(2, "LY3499446"), row(3, "BI 765179"))
    assert reading.tables["name"]["kind"].unique().to_list() == ["code"]
    assert reading.tables["name"]["language"].null_count() == 3


def test_national_names_of_an_unknown_country_are_told_and_not_emitted(tmp_path: Path) -> None:
    reading = read(tmp_path, row(1, "Abiraterone", "abiraterone"), file="Substances-LUmappings.xlsx")
    assert len(reading.tables["name"]) == 1
    assert issues(reading) == {("unknown_language", "Substances-LUmappings.xlsx")}


def test_the_plain_value_set_without_national_columns_is_read(tmp_path: Path) -> None:
    header = ["Code System Id", "Code System Version", "Concept Code", "Description"]
    reading = read(tmp_path, row(1, "Abiraterone")[:4], header=header, file="eHDSISubstance.xlsx")
    assert reading.tables["name"]["name"].to_list() == ["Abiraterone"]
    assert {kind for kind, _ in issues(reading)} == {"missing_column"}


def test_a_new_column_is_told_and_a_missing_name_column_refused(tmp_path: Path) -> None:
    reading = read(tmp_path, [*row(1, "Abiraterone"), "current"], header=[*HEADER, "Status"])
    assert issues(reading) == {("new_column", "Status")}
    with pytest.raises(Unreadable, match="Description"):
        read(tmp_path, row(1, "Abiraterone"), header=[*HEADER[:3], "Term", *HEADER[4:]])


def test_real_snapshots(registers_dir: Path) -> None:
    for snapshot in Store(registers_dir).snapshots(REGISTER):
        reading = catalogue()[REGISTER].read(snapshot)
        book = python_calamine.CalamineWorkbook.from_path(str(next(snapshot.path.glob("*.xlsx"))))
        published = [cells for cells in book.get_sheet_by_index(0).to_python() if str(cells[2]).isdigit()]
        assert reading.tables["register_file"]["rows"].sum() == len(published) == 60_328
        names = reading.tables["name"]
        assert names.filter(pl.col("language") != "et")["record_id"].is_unique().all()
        assert (
            names["record_id"].n_unique()
            == reading.tables["register_file"].filter(pl.col("outcome") == "read")["rows"].sum()
        )
        english = set(names["name"].str.to_lowercase())
        assert {
            "tisagenlecleucel", "onasemnogene abeparvovec", "nusinersen", "patisiran", "inclisiran", "paracetamol",
            "metformin", "amoxicillin trihydrate", "potassium clavulanate", "povidone k30", "paratsetamool",
        } <= english  # fmt: skip
        potency = pl.col("name").str.contains(r"(?i) (?:D\d+|C200|LM\d+)$")
        assert names.filter(potency)["name"].str.contains("(?i)vitamin|prostaglandin|protectin").all()
        assert reading.tables["quarantine"]["record_id"].len() == 7
        assert Counter(reading.tables["issue"]["kind"].to_list()) == {
            "unexpected_shape": 1, "unreadable_name": 1, "unfinished_name": 6, "unbalanced_brackets": 1,
            "shared_name": 1,
        }  # fmt: skip


def test_the_sample_is_read_without_surprises() -> None:
    snapshot = Store(catalogue()[REGISTER].folder).snapshots("sample")[0]
    reading = catalogue()[REGISTER].read(snapshot)
    assert {"Tisagenlecleucel", "METFORMIN HYDROCHLORIDE", "paratsetamool"} <= set(reading.tables["name"]["name"])
    assert left_out(reading) == {
        "a homoeopathic preparation": 1, "a flavour": 1, "a class": 1, "several substances in one name": 1,
    }  # fmt: skip
    assert reading.tables["quarantine"].is_empty()
