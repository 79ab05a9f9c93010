"""Fimea's pilot list: packs of a product, combinations that are named in part, European numbers."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from workbook import write_xlsx

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "fi_fimea_pilot"
HEADER = [
    "authorization_country", "substance_name", "mpid", "package_id", "medicinal_product_name", "MA_holder", "MA_number",
    "spc_fi", "spc_sv", "basis_substance", "reference_substance", "formname_fi", "formname_sv", "formname_en",
    "spor_form_list", "spor_form", "manufactureddoseform", "route_of_admin_fi", "route_of_admin_sv",
    "route_of_admin_en", "route_of_admin_spor_id", "edqm_roa_id", "strength_with_unit", "ingredient_quantity_operator",
    "ingredient_base_strength", "ingredient_strength_min", "ingredient_strength_max", "strength_unit_fi",
    "strength_unit_sv", "strength_unit_en", "reference_substance_strength", "code", "free_form_package_size",
    "legal_status_for_supply",
]  # fmt: skip


def row(
    substances: str = "Omeprazole magnesium", moieties: str = "", *, product: float = 9426.0, pack: float = 9584.0,
    number: str = "12832", strength: str = "20 mg", atc: str = "A02BC01", name: str = "Losec MUPS",
) -> list[str | float]:  # fmt: skip
    told: dict[str, str | float] = {
        "authorization_country": "FIN", "substance_name": substances, "mpid": product, "package_id": pack,
        "medicinal_product_name": name, "MA_holder": "Cheplapharm", "MA_number": number, "basis_substance": substances,
        "reference_substance": moieties, "formname_fi": "enterotabletti", "formname_sv": "enterotablett",
        "formname_en": "gastro-resistant tablet", "route_of_admin_en": "Oral use", "strength_with_unit": strength,
        "code": atc, "free_form_package_size": "14",
    }  # fmt: skip
    return [told.get(name, "") for name in HEADER]


def read(tmp_path: Path, *rows: list[str | float], header: list[str] = HEADER) -> Reading:
    write_xlsx(tmp_path / "FIN_WP6_lista.xlsx", {"Fimea": [header, *rows]})
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2023, 3, 1), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def ingredients(reading: Reading) -> list[tuple[object, ...]]:
    return reading.tables["ingredient"].select("position", "role", "name").rows()


def test_packs_of_a_product_are_one_authorisation(tmp_path: Path) -> None:
    reading = read(tmp_path, row(), row(pack=9585.0))
    assert reading.tables["authorisation"].select(
        "record_id", "number", "atc", "form", "procedure", "status"
    ).rows() == [("9426", "12832", ["A02BC01"], "gastro-resistant tablet", "unknown", "unknown")]
    assert reading.tables["source_row"].height == 2
    assert reading.tables["event"].select("event", "date", "before").rows() == [("authorised", None, date(2023, 3, 2))]
    assert issues(reading) == set()


def test_a_moiety_shares_the_position_of_its_salt(tmp_path: Path) -> None:
    assert ingredients(read(tmp_path, row("Omeprazole magnesium", "Omeprazole"))) == [
        (1, "active", "Omeprazole magnesium"),
        (1, "moiety", "Omeprazole"),
    ]
    both = row(
        "Amoxicillin trihydrate, Potassium clavulanate", "Amoxicillin, Clavulanic acid", atc="J01CR02",
        strength="875 mg / 125 mg",
    )  # fmt: skip
    assert ingredients(read(tmp_path, both)) == [
        (1, "active", "Amoxicillin trihydrate"),
        (2, "active", "Potassium clavulanate"),
        (1, "moiety", "Amoxicillin"),
        (2, "moiety", "Clavulanic acid"),
    ]


def test_moieties_that_are_not_as_many_leave_their_salts_without_position(tmp_path: Path) -> None:
    one = row("Amoxicillin trihydrate, Potassium clavulanate", "Amoxicillin", atc="J01CR02", strength="875 mg / 125 mg")
    assert ingredients(read(tmp_path, one)) == [
        (None, "active", "Amoxicillin trihydrate"),
        (None, "active", "Potassium clavulanate"),
        (1, "moiety", "Amoxicillin"),
    ]


@pytest.mark.parametrize(
    ("atc", "strength"),
    [("C09DX01", "5 mg / 160 mg / 12,5 mg"), ("C09DB01", ""), ("M01AB55", "75 mg"), ("Z99ZZ99", "5 mg")],
)
def test_of_a_combination_that_is_named_in_part_no_substance_is_read(tmp_path: Path, atc: str, strength: str) -> None:
    reading = read(tmp_path, row("Amlodipine besylate", atc=atc, strength=strength))
    assert ingredients(reading) == []
    assert reading.tables["authorisation"]["substances_text"].to_list() == ["Amlodipine besylate"]


@pytest.mark.parametrize(
    ("printed", "number", "further"),
    [
        ("EU/1/06/371/", "EU/1/06/371", ["EU/1/06/371/", "9426"]),
        ("EU/1/07/425/1..-045", "EU/1/07/425", ["EU/1/07/425/1..-045", "9426"]),
        ("EU/1/18/1265", "EU/1/18/1265", ["9426"]),
    ],
)
def test_a_european_number_is_its_first_parts(tmp_path: Path, printed: str, number: str, further: list[str]) -> None:
    told = read(tmp_path, row(number=printed)).tables["authorisation"].row(0, named=True)
    assert (told["number"], told["procedure"], told["other_numbers"]) == (number, "centralised", further)


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    reading = read(tmp_path, row(), row(strength="40 mg", pack=1.0), row(product=1.0, number="n/a", atc="A99ZZ99"))
    assert issues(reading) == {
        ("rows_disagree", "9426"),
        ("unexpected_shape", "n/a"),
        ("unknown_code", "A99ZZ99"),
    }


def test_missing_and_new_columns_and_a_sheet_of_notes(tmp_path: Path) -> None:
    without = [name for name in HEADER if name != "MA_number"]
    with pytest.raises(Unreadable, match="MA_number"):
        read(tmp_path, row()[:6] + row()[7:], header=without)
    write_xlsx(
        tmp_path / "FIN_WP6_lista.xlsx",
        {
            "Read me": [["Pilot list of the project"], ["Version 2"]],
            "Fimea": [[*HEADER, "mah_country"], [*row(), "DE"]],
        },
    )
    reading = catalogue()[REGISTER].read(Snapshot(REGISTER, date(2023, 3, 1), tmp_path))
    assert reading.tables["authorisation"].height == 1
    assert {kind for kind, _ in issues(reading)} == {"new_column", "unknown_sheet"}


# -- the real snapshot


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> Reading:
    (snapshot,) = Store(registers_dir).snapshots(REGISTER)
    return catalogue()[REGISTER].read(snapshot)


def test_the_real_snapshot(real: Reading, registers_dir: Path) -> None:
    import python_calamine

    path = registers_dir / REGISTER / "2023-03-01/FIN_WP6_lista_UPDATED.xlsx"
    rows = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name("Fimea").to_python()
    assert real.tables["register_file"]["rows"].sum() == len(rows) - 1
    assert real.tables["authorisation"].height == len({one[2] for one in rows[1:]}) == 656
    assert real.tables["issue"].is_empty()
    told = real.tables["authorisation"].join(real.tables["ingredient"], on="record_id", how="left")
    assert (
        told.filter(product_name="Exforge Hct")["name"].null_count() == told.filter(product_name="Exforge Hct").height
    )
    assert set(told.filter(pl.col("product_name") == "Zocor")["name"]) == {"Simvastatin"}
