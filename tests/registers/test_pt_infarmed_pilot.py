"""Infarmed's pilot list: several sheets, headers of two lines, substances with their moieties and codes."""

from datetime import date
from pathlib import Path

import pytest
from workbook import write_xlsx

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

Row = list[str | float]
Sheets = dict[str, list[Row]]

REGISTER = "pt_infarmed_pilot"
FILE = "PT_Data_PPL.xlsx"
PRODUCTS: Row = [
    "MED ID", "Nome PMS", "Full name 1.14.1", "Dosagem \n(Dosege)", "Forma Farmacêutica \n(Pharmaceutical form)",
    "Código ATC\n(ATC code)", "ATC-RMS ID 1.13.3", "Nome Titular AIM\n(Titular name AIM)",
    "Morada Titular AIM\n(Adress AIM)", "País Morada Titular\n(Country Adress)",
    "Titular AIM - OMS LOC-ID 2.8\n(SPOR-OMS LOC-ID)",
]  # fmt: skip
PACKS: list[Row] = [
    ["", "", "", "", "", "Package"],
    [
        "Forma farmacêutica\n(Pharmaceutical form)",
        "MED ID",
        "EMB ID",
        "Nº de Registo",
        "CNPEM",
        "id",
    ],
]
FORMS: list[Row] = [
    ["MED ID", "ProdFarm ID", "administrableDoseForm 6.2", "", "Route of Administration 6.6", "", "Ingredient ID"],
    ["", "", "Descrição \n(description)", "RMS-ID", "Descrição \n(description)", "RMS-ID", ""],
]
STRENGTH = "Strength (Concatenação dos campos) (Concatenation of the fields)"
INGREDIENTS: list[Row] = [
    ["MED ID", "Ingredient ID", "Substância 5.5.1", "", "Ingredient Role 5.1", "", "Strength"],
    [
        "", "", "Nome Substância\n(Substance name)", "EU-SMS/SRS", "Tipo Ingrediente\n(Ingredient role)", "RMS-ID",
        STRENGTH, "Numerator value", STRENGTH, "Numerator value", "Descrição\n(Description)", "EU-SMS/SRS", STRENGTH,
    ],
]  # fmt: skip


def substance(
    name: str = "Besilato de amlodipina", code: str = "100000090079", reference: str = "Amlodipina", *,
    reference_code: str = "100000085259", product: float | str = 6249.0, strength: str = "6,944 mg",
    role: str = "Ativo",
) -> Row:  # fmt: skip
    return [product, 1.0, name, code, role, 100000072072.0, strength, 6.944, "", "", reference, reference_code, "5 mg"]


def sheets(*substances: Row) -> Sheets:
    return {
        "Legenda": [["", "Explanations"]],
        "Titular-Medicine": [
            PRODUCTS,
            [
                6249.0,
                "Norvasc 5 mg Comprimido",
                "Norvasc",
                "5 mg",
                "Comprimido",
                "C08CA01",
                1.0,
                "Upjohn EESV",
                "",
                "Países Baixos",
            ],
        ],
        "Package": [*PACKS, ["Comprimido", 6249.0, 1.0, 5829585.0, 1.0], ["Comprimido", 6249.0, 2.0, 5829593.0, 1.0]],
        "Pharmaceutical Product": [*FORMS, [6249.0, 329.0, "Comprimido", 1.0, "Via oral", 1.0, "1778"]],
        "Ingredient": [*INGREDIENTS, *(substances or [substance()])],
        "ATC": [["x", "ID_SPOR"], ["", 1.0]],
    }


def read(tmp_path: Path, published: Sheets) -> Reading:
    write_xlsx(tmp_path / FILE, published)
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2022, 12, 1), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str | None]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def ingredients(reading: Reading) -> list[tuple[object, ...]]:
    return reading.tables["ingredient"].select("position", "role", "name", "code_system", "code", "strength").rows()


def test_sheets_are_joined_by_the_product(tmp_path: Path) -> None:
    reading = read(tmp_path, sheets())
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["record_id"], one["number"], one["other_numbers"]) == ("6249", "5829585", ["5829593", "6249"])
    assert (one["product_name"], one["atc"], one["route"], one["holder_country"], one["status"]) == (
        "Norvasc", ["C08CA01"], "Via oral", "NL", "unknown",
    )  # fmt: skip
    assert one["substances_text"] == "Besilato de amlodipina"
    assert reading.tables["event"].select("event", "date", "before").rows() == [("authorised", None, date(2022, 12, 2))]
    assert ingredients(reading) == [
        (1, "active", "Besilato de amlodipina", "eu_spor_substances", "100000090079", "6,944 mg"),
        (1, "moiety", "Amlodipina", "eu_spor_substances", "100000085259", "5 mg"),
    ]
    assert issues(reading) == set()


def test_each_sheet_has_its_rows(tmp_path: Path) -> None:
    reading = read(tmp_path, sheets())
    told = reading.tables["register_file"].select("file", "outcome", "rows").rows()
    assert {(file.rsplit("/", 1)[1], outcome, rows) for file, outcome, rows in told} == {
        ("Legenda", "out_of_scope", 1),
        ("Titular-Medicine", "read", 1),
        ("Package", "read", 2),
        ("Pharmaceutical Product", "out_of_scope", 1),
        ("Pharmaceutical Product", "read", 1),
        ("Ingredient", "read", 1),
        ("ATC", "out_of_scope", 2),
    }
    assert f"{FILE}/Ingredient:3" in set(reading.tables["source_row"]["row"])


def test_a_substance_that_its_strength_refers_to_itself_has_no_moiety(tmp_path: Path) -> None:
    tramadol = substance("Tramadol, cloridrato", "100000093275", "Tramadol, cloridrato", reference_code="100000093275")
    assert [one[:3] for one in ingredients(read(tmp_path, sheets(tramadol)))] == [(1, "active", "Tramadol, cloridrato")]


def test_phases_of_a_pill_are_the_same_substances_at_the_same_positions(tmp_path: Path) -> None:
    phases = [
        substance(name, "ND", name, reference_code="ND", strength=strength)
        for strength in ("0,05 mg", "0,075 mg")
        for name in ("Levonorgestrel", "Etinilestradiol")
    ]
    assert [(one[0], one[2], one[4], one[5]) for one in ingredients(read(tmp_path, sheets(*phases)))] == [
        (1, "Levonorgestrel", None, "0,05 mg"),
        (2, "Etinilestradiol", None, "0,05 mg"),
        (1, "Levonorgestrel", None, "0,075 mg"),
        (2, "Etinilestradiol", None, "0,075 mg"),
    ]


def test_what_is_wrong_is_said_or_quarantined(tmp_path: Path) -> None:
    published = sheets(
        substance(), substance(product=""), substance(product=7.0), substance("Talco", "X1", role="Auxiliar")
    )
    published["Notes"] = [["later"]]
    published["Titular-Medicine"][1][9] = "Marte"
    reading = read(tmp_path, published)
    assert issues(reading) == {
        ("unexpected_shape", "X1"),
        ("unknown_code", "Auxiliar"),
        ("unknown_code", "Marte"),
        ("unknown_sheet", None),
    }
    assert reading.tables["quarantine"]["reason"].to_list() == [
        "the row has no key",
        "belongs to no record: its key is not in the main table",
    ]
    assert len(ingredients(reading)) == 2


def test_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    published = sheets()
    del published["Package"]
    reading = read(tmp_path, published)
    assert {kind for kind, _ in issues(reading)} == {"missing_sheet"}
    assert reading.tables["authorisation"].select("number", "other_numbers").rows() == [(None, ["6249"])]
    assert reading.tables["event"].is_empty()
    del published["Titular-Medicine"]
    with pytest.raises(Unreadable, match="Titular-Medicine"):
        read(tmp_path, published)


def test_missing_and_new_columns(tmp_path: Path) -> None:
    published = sheets()
    published["Titular-Medicine"] = [[*one[:7], *one[8:], "x"] for one in published["Titular-Medicine"]]
    assert {kind for kind, _ in issues(read(tmp_path, published))} == {"missing_column", "new_column"}
    published["Titular-Medicine"] = [one[:2] + one[3:] for one in published["Titular-Medicine"]]
    with pytest.raises(Unreadable, match="Full name"):
        read(tmp_path, published)


# -- the real snapshot


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> Reading:
    (snapshot,) = Store(registers_dir).snapshots(REGISTER)
    return catalogue()[REGISTER].read(snapshot)


def test_every_row_of_the_real_snapshot_is_accounted_for(real: Reading, registers_dir: Path) -> None:
    import python_calamine

    path = registers_dir / REGISTER / "2022-12-01/PT_Data_PPL-MALeH_translated.xlsx"
    book = python_calamine.CalamineWorkbook.from_path(path)
    told = dict(
        real.tables["register_file"].group_by("file").agg(rows=real.tables["register_file"]["rows"].sum()).rows()
    )
    assert len(told) == len(book.sheet_names)
    counted = dict(real.tables["register_file"].filter(outcome="read").select("file", "rows").rows())
    for sheet, titles in (("Titular-Medicine", 1), ("Package", 2), ("Pharmaceutical Product", 2), ("Ingredient", 2)):
        rows = [row for row in book.get_sheet_by_name(sheet).to_python() if any(str(cell).strip() for cell in row)]
        assert counted[f"{path.name}/{sheet}"] == len(rows) - titles
    assert real.tables["issue"].is_empty()
    assert real.tables["quarantine"].is_empty()


def test_what_the_real_snapshot_says(real: Reading) -> None:
    told = {one["record_id"]: one for one in real.tables["authorisation"].to_dicts()}
    assert len(told) == 1214
    assert (told["709"]["number"], told["709"]["substances_text"]) == (
        "8604702", "Amoxicilina tri-hidratada; Clavulanato de potássio",
    )  # fmt: skip
    named = real.tables["ingredient"].filter(record_id="37435").select("role", "name", "code").rows()
    assert named == [("active", "Imatinib, mesilato", "100000091825"), ("moiety", "Imatinib", "100000091894")]
    assert real.tables["event"]["date"].null_count() == real.tables["event"].height == 1207
