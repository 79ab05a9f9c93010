"""CIMA: which numbers are European, what a state and its day mean, and what happens when the layout drifts."""

import csv
from datetime import date
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
import python_calamine
from workbook import write_xlsx

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "es_aemps_cima"
HEADER = [
    "Nº Registro", "Medicamento", "Laboratorio", "Fecha Aut.", "Estado", "Fecha Estado", "Cód. ATC",
    "Principios Activos", "Nº P. Activos", "¿Comercializado?", "¿Triangulo Amarillo?", "Observaciones",
    "¿Sustituible?", "¿Afecta conducción?", "¿Problemas de suministro?",
]  # fmt: skip


def row(
    number: str = "71234", name: str = "ATORVASTATINA EJEMPLO 10 mg COMPRIMIDOS EFG", authorised: str = "05/03/2010",
    status: str = "Autorizado", since: str = "05/03/2010", substances: str = "ATORVASTATINA CALCIO", count: str = "1",
    marketed: str = "SI", atc: str = "C10AA05",
) -> list[str]:  # fmt: skip
    return [number, name, "Ejemplo S.A.", authorised, status, since, atc, substances, count, marketed, "NO",
            "Medicamento Sujeto A Prescripción Médica", "SI", "NO", "NO"]  # fmt: skip


def read(tmp_path: Path, *rows: list[str], header: list[str] = HEADER) -> Reading:
    write_xlsx(tmp_path / "Medicamentos.xls", {"Hoja1": [header, *rows], "Hoja2": [], "Hoja3": []})
    return opened(tmp_path)


def opened(tmp_path: Path) -> Reading:
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2020, 2, 29), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str | None]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def events(reading: Reading) -> list[tuple[object, ...]]:
    return reading.tables["event"].select("event", "date", "text").rows()


def test_a_row_is_an_authorisation_of_its_day(tmp_path: Path) -> None:
    reading = read(tmp_path, row())
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["record_id"], one["number"], one["jurisdiction"], one["agency"]) == ("71234", "71234", "ES", "AEMPS")
    assert (one["status"], one["legal_basis"], one["procedure"]) == ("authorised", "generic", "unknown")
    assert (one["atc"], one["marketed"], one["other_numbers"]) == (["C10AA05"], True, [])
    assert events(reading) == [("authorised", date(2010, 3, 5), "05/03/2010")]
    assert reading.tables["ingredient"].select("name", "language", "role").rows() == [
        ("ATORVASTATINA CALCIO", "es", "active")
    ]
    assert issues(reading) == set()


@pytest.mark.parametrize(
    ("number", "numbers"),
    [
        ("1171261001", ["EU/1/17/1261", "EU/1/17/1261/001"]),
        ("112791001", ["EU/1/12/791", "EU/1/12/791/001"]),
        ("05325002", ["EU/1/05/325", "EU/1/05/325/002"]),
        ("97055003", ["EU/1/97/055", "EU/1/97/055/003"]),
        ("EU/1/05/325/002", ["EU/1/05/325", "EU/1/05/325/002"]),
    ],
)
def test_a_european_number_without_its_slashes(tmp_path: Path, number: str, numbers: list[str]) -> None:
    one = read(tmp_path, row(number, authorised="19/07/2018")).tables["authorisation"].row(0, named=True)
    assert (one["number"], one["procedure"], one["other_numbers"]) == (number, "centralised", numbers)


@pytest.mark.parametrize("number", ["1171361001", "3417516", "11712610011", "1101261001", "05999002"])
def test_a_number_that_is_neither_spanish_nor_european_is_told(tmp_path: Path, number: str) -> None:
    reading = read(tmp_path, row(number))
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["procedure"], one["other_numbers"]) == ("unknown", [])
    assert issues(reading) == {("unclear_number", number)}


@pytest.mark.parametrize("number", ["71234IP", "EU/1/00/131/002IP1", "PA 0749/005/001", "3400936000001", "034567012"])
def test_parallel_imports_are_left_out(tmp_path: Path, number: str) -> None:
    reading = read(tmp_path, row(), row(number))
    assert reading.tables["authorisation"]["number"].to_list() == ["71234"]
    account = dict(reading.tables["register_file"].select("outcome", "rows").rows())
    assert account == {"read": 1, "out_of_scope": 1}


def test_a_day_before_the_year_of_the_european_number_is_none(tmp_path: Path) -> None:
    reading = read(tmp_path, row("111719001", authorised="26/01/2010", since="26/01/2010"))
    assert events(reading)[0] == ("authorised", None, "26/01/2010")
    assert issues(reading) == {("impossible_date", "26/01/2010 before EU/1/11/719")}


def test_states_and_the_day_since_when_they_hold(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row("60001", status="Anulado", since="17/12/2018"),
        row("60002", status="Suspenso", since="01/02/2019"),
        row("60003", since="01/02/2019"),
        row("60004", status="Anulado", since=""),
        row("60005", authorised="", since=""),
    )
    assert reading.tables["authorisation"]["status"].to_list() == [
        "withdrawn", "suspended", "authorised", "withdrawn", "authorised",
    ]  # fmt: skip
    assert events(reading)[4:] == [
        ("authorised", None, "Autorizado"),
        ("withdrawn", date(2018, 12, 17), "Anulado 17/12/2018"),
        ("suspended", date(2019, 2, 1), "Suspenso 01/02/2019"),
        ("status_change", date(2019, 2, 1), "Autorizado 01/02/2019"),
        ("withdrawn", None, "Anulado"),
    ]


def test_a_state_older_than_the_authorisation_is_told(tmp_path: Path) -> None:
    reading = read(tmp_path, row(status="Anulado", since="01/01/2009"))
    assert issues(reading) == {("dates_out_of_order", "state before authorised")}


def test_substances_are_split_where_their_number_agrees(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row("60001", substances="AMOXICILINA TRIHIDRATO, CLAVULANATO POTASIO", count="2"),
        row("60002", substances="PIRIDOXINA HIDROCLORURO, DOXILAMINA, HIDROGENOSUCCINATO DE", count="2"),
        row("60003", substances="ACEITE DE PARAFINA, LIGERO", count="1"),
    )
    assert reading.tables["ingredient"].select("record_id", "position", "name").rows() == [
        ("60001", 1, "AMOXICILINA TRIHIDRATO"),
        ("60001", 2, "CLAVULANATO POTASIO"),
        ("60003", 1, "ACEITE DE PARAFINA, LIGERO"),
    ]
    assert {kind for kind, _ in issues(reading)} == {"unsplit_substances"}


def test_bad_cells_end_in_issues(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row("60001", authorised="31/02/2010", since="31/02/2010"),
        row("60002", status="Pendiente"),
        row("60003", marketed="QUIZÁS"),
        row("60004", atc="C10AA0X"),
        row("60005", authorised="01/01/2031", since="01/01/2031"),
        row("", "SIN NÚMERO"),
    )
    assert {(kind, value) for kind, value in issues(reading) if kind != "unexpected_shape"} == {
        ("bad_date", "31/02/2010"),
        ("impossible_date", "01/01/2031"),
        ("unknown_code", "Pendiente"),
        ("unknown_code", "QUIZÁS"),
        ("no_atc_code", "C10AA0X"),
    }
    stated = reading.tables["authorisation"].select("number", "status", "marketed", "atc")
    assert stated.row(1) == ("60002", "unknown", True, ["C10AA05"])
    assert stated.row(2) == ("60003", "authorised", None, ["C10AA05"])
    assert stated.row(3) == ("60004", "authorised", True, None)
    assert reading.tables["quarantine"]["reason"].to_list() == ["the row has no key"]


def test_columns_in_another_order_with_new_ones(tmp_path: Path) -> None:
    header = ["Estado", *HEADER[:4], *HEADER[5:-1], "¿Biosimilar?"]
    cells = row(since="01/04/2012")
    reading = read(tmp_path, [cells[4], *cells[:4], *cells[5:-1], "NO"], header=header)
    assert reading.tables["authorisation"].select("number", "status").rows() == [("71234", "authorised")]
    assert issues(reading) == {
        ("new_column", "¿Biosimilar?"),
        ("missing_column", "¿Problemas de suministro? (ignored)"),
    }


@pytest.mark.parametrize("name", ["Nº Registro", "Fecha Aut.", "Estado"])
def test_a_renamed_key_column_is_refused(tmp_path: Path, name: str) -> None:
    header = [f"{one} nuevo" if one == name else one for one in HEADER]
    with pytest.raises(Unreadable, match=name.replace(".", r"\.")):
        read(tmp_path, row(), header=header)


def test_moved_cells_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="authorised"):
        read(tmp_path, *([str(60000 + at), "X", "Y", "Z", *row()[3:-1]] for at in range(30)))


def test_a_text_instead_of_a_workbook(tmp_path: Path) -> None:
    with (tmp_path / "Medicamentos.csv").open("w", encoding="cp1252", newline="") as stream:
        csv.writer(stream).writerows([HEADER, row("1171261001"), row()[:-2]])
    reading = opened(tmp_path)
    assert reading.tables["authorisation"]["other_numbers"].to_list() == [["EU/1/17/1261", "EU/1/17/1261/001"]]
    assert reading.tables["quarantine"]["reason"].to_list() == ["13 fields where the table has 15"]


# -- the real snapshot


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> Reading:
    (snapshot,) = Store(registers_dir).snapshots(REGISTER)
    return catalogue()[REGISTER].read(snapshot)


def test_every_row_of_the_real_snapshot_is_accounted_for(real: Reading, registers_dir: Path) -> None:
    path = registers_dir / REGISTER / "2020-02-29/Medicamentos.xls"
    published = python_calamine.CalamineWorkbook.from_filelike(BytesIO(path.read_bytes())).get_sheet_by_index(0)
    numbers = [str(cells[0]) for cells in published.to_python()[1:]]
    assert real.tables["register_file"]["rows"].sum() == len(numbers) == 23_406
    assert dict(real.tables["register_file"].group_by("outcome").agg(pl.col("rows").sum()).rows()) == {
        "read": 22_855, "out_of_scope": 551,
    }  # fmt: skip
    assert real.tables["authorisation"]["record_id"].is_unique().all()
    assert sum(len(one) == 10 and one.startswith("11") for one in numbers) > 500


def test_the_dates_of_the_real_snapshot_are_the_facts(real: Reading, facts_dir: Path) -> None:
    with (facts_dir / "advanced_therapies.csv").open(encoding="utf-8", newline="") as stream:
        facts = [one for one in csv.DictReader(stream) if one["evidence"] == f"register:{REGISTER}/2020-02-29"]
    assert len(facts) > 10
    centralised = set(real.tables["authorisation"].filter(procedure="centralised")["record_id"])
    for fact in facts:
        event = {"approval": "authorised", "withdrawal": "withdrawn"}[fact["event"]]
        for number in fact["licence_number"].split("; "):
            told = real.tables["event"].filter(record_id=number, event=event)
            assert told.select("date", "precision").rows() == [(date.fromisoformat(fact["date"]), "day")], fact["brand"]
            assert number in centralised


def test_the_issues_of_the_real_snapshot_are_known(real: Reading) -> None:
    found = real.tables["issue"].group_by("kind").agg(pl.col("count").sum()).rows()
    assert dict(found) == {
        "dates_out_of_order": 4, "impossible_date": 5, "unclear_number": 77, "unsplit_substances": 21,
    }  # fmt: skip
    assert real.tables["quarantine"].is_empty()
    stated = real.tables["authorisation"]
    assert dict(stated.filter(record_id="09563001").select("record_id", "status").rows()) == {"09563001": "withdrawn"}
    european = stated.filter(procedure="centralised")["other_numbers"].list.first()
    assert european.str.contains(r"^EU/1/\d\d/\d{3,4}$").all()


def test_the_sample_is_read_without_surprises() -> None:
    reading = catalogue()[REGISTER].read(Store(catalogue()[REGISTER].folder).snapshots("sample")[0])
    assert {kind for kind, _ in issues(reading)} == {"unsplit_substances"}
    assert reading.tables["register_file"]["rows"].sum() == 20
    spinraza = reading.tables["authorisation"].filter(record_id="1171188001").row(0, named=True)
    assert spinraza["other_numbers"] == ["EU/1/17/1188", "EU/1/17/1188/001"]
    told = reading.tables["event"].filter(record_id="05325002", event="withdrawn")
    assert told["date"].to_list() == [date(2018, 12, 17)]
