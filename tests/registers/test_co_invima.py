"""INVIMA: the day of the first grant, what an equivalence says of a moiety, and the layouts of other lists."""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import python_calamine
from workbook import write_xlsx

from dioscorides.registers import catalogue
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.store import Snapshot, Store

REGISTER = "co_invima"
HEADER = [
    "registrosanitario", "producto", "principio_activo", "titular", "fabricante", "importador", "segmento_mercado",
    "formafarmaceutica", "viaadministracion", "concentracion", "atc", "descripcionatc", "categoria_atc",
    "fechaexpedicion", "fechavencimiento", "estado_regulatorio_final", "es_vigente", "modalidad", "expediente",
]  # fmt: skip
#: The agency's own list: a row for each pack, substance and maker.
PACKS = [
    "EXPEDIENTE", "PRODUCTO", "TITULAR", "REGISTRO SANITARIO", "FECHA EXPEDICION", "FECHA VENCIMIENTO",
    "ESTADO REGISTRO", "EXPEDIENTE CUM", "CONSECUTIVO", "CANTIDAD CUM", "DESCRIPCION COMERCIAL", "ESTADO CUM",
    "FECHA ACTIVO", "FECHA INACTIVO", "MUESTRA MEDICA", "UNIDAD", "ATC", "DESCRIPCION_ATC", "VIA ADMINISTRACION",
    "CONCENTRACION", "PRINCIPIO ACTIVO", "UNIDAD MEDIDA", "CANTIDAD", "UNIDAD REFERENCIA", "FORMA FARMACEUTICA",
    "NOMBRE ROL", "TIPO ROL", "MODALIDAD", "IUM",
]  # fmt: skip


def row(
    number: str = "INVIMA 2019M-0018946", granted: str = "2019-04-11", *, file_number: str = "20134513",
    substances: str = "NUSINERSEN", status: str = "VIGENTE", mode: str = "IMPORTAR Y VENDER", atc: str = "M09AX07",
    ends: str = "3000-01-01",
) -> list[str]:  # fmt: skip
    return [number, "EJEMPLO® 12 MG", substances, "EJEMPLO S.A.S.", "FÁBRICA", "EJEMPLO S.A.S.", "IMPORTADO",
            "SOLUCION INYECTABLE", "INTRATECAL", "A", atc, "NUSINERSEN", "Sistema nervioso", granted, ends, status,
            "True", mode, file_number]  # fmt: skip


def pack(
    substance: str = "AMOXICILINA TRIHIDRATO", state: str = "Vigente", *, number: str = "INVIMA 2021M-0099902-R1",
    granted: str = "2010-05-30", ends: str = "2026-05-30", consecutive: str = "1", mode: str = "FABRICAR Y VENDER",
) -> list[str]:  # fmt: skip
    return ["99902", "AMOXICLAV EJEMPLO", "EJEMPLO S.A.S.", number, granted, ends, state, "99902", consecutive, "10",
            "CAJA", "Activo", "2010-06-01", "", "No", "U", "J01CR02", "AMOXICILINA", "ORAL", "A", substance, "mg",
            "500", "TABLETA", "TABLETA", "FÁBRICA", "FABRICANTE", mode, ""]  # fmt: skip


def read(tmp_path: Path, *rows: Sequence[str], header: Sequence[str] = HEADER) -> Reading:
    write_xlsx(tmp_path / "CO_medicamentos_aprobados.xlsx", {"medicamentos": [header, *rows]})
    return opened(tmp_path)


def read_text(tmp_path: Path, *rows: Sequence[str], header: Sequence[str]) -> Reading:
    name = "codigo_unico_de_medicamentos_vigentes.csv"
    with (tmp_path / name).open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return opened(tmp_path)


def opened(tmp_path: Path) -> Reading:
    return catalogue()[REGISTER].read(Snapshot(REGISTER, date(2026, 6, 12), tmp_path))


def issues(reading: Reading) -> set[tuple[str, str | None]]:
    return {pair for pair in reading.tables["issue"].select("kind", "value").rows() if pair[0] != "unexpected_count"}


def events(reading: Reading) -> list[tuple[object, ...]]:
    return reading.tables["event"].select("event", "date", "precision", "before").rows()


def ingredients(reading: Reading) -> list[tuple[object, ...]]:
    return reading.tables["ingredient"].sort("position", "role").select("position", "role", "name").rows()


def test_a_row_is_a_registration_of_its_day(tmp_path: Path) -> None:
    reading = read(tmp_path, row())
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["record_id"], one["number"], one["agency"]) == ("20134513", "INVIMA 2019M-0018946", "INVIMA")
    assert (one["status"], one["procedure"], one["legal_basis"]) == ("authorised", "national", "unknown")
    assert (one["atc"], one["form"], one["other_numbers"]) == (["M09AX07"], "SOLUCION INYECTABLE", ["20134513"])
    assert events(reading) == [("authorised", date(2019, 4, 11), "day", None)]
    assert ingredients(reading) == [(1, "active", "NUSINERSEN")]
    assert reading.tables["ingredient"]["language"].to_list() == ["es"]
    assert issues(reading) == set()


@pytest.mark.parametrize(
    ("number", "granted", "event"),
    [
        # renewed, and the day is years before: that of the first grant
        ("INVIMA 2022M-0008130-R1", "2016-05-23", (date(2016, 5, 23), "day", None)),
        # renewed, and the day is too near, or the serial too old, to be that of the first grant
        ("INVIMA 2022M-0008130-R1", "2021-11-30", (None, None, date(2021, 12, 1))),
        ("INVIMA 2021M-099902-R3", "1997-05-30", (None, None, date(1997, 5, 31))),
        # not known
        ("INVIMA 2008 M-099903 R1", "1999-01-01", (None, None, date(2009, 1, 1))),
        ("INVIMA 2020M-0099904", "", (date(2020, 1, 1), "year", None)),
        ("INVIMA M-99904", "1994-03-02", (date(1994, 3, 2), "day", None)),
        ("INVIMA 2024MBT-0000130", "2024-12-16", (date(2024, 12, 16), "day", None)),
    ],
)
def test_which_day_is_that_of_the_grant(tmp_path: Path, number: str, granted: str, event: tuple[object, ...]) -> None:
    reading = read(tmp_path, row(number, granted))
    assert events(reading) == [("authorised", *event)]
    assert issues(reading) == set()


def test_a_day_that_contradicts_the_number_is_told(tmp_path: Path) -> None:
    reading = read(tmp_path, row("INVIMA 2023M-0020924", "2022-08-09"))
    assert events(reading) == [("authorised", None, None, date(2024, 1, 1))]
    assert issues(reading) == {("impossible_date", "INVIMA 2023M-0020924 of 2022-08-09")}


@pytest.mark.parametrize(
    ("number", "mode"), [("RSM-EXP20240099905", "FABRICAR Y EXPORTAR"), ("INVIMA 2019M-0018947", "FABRICAR Y EXPORTAR")]
)
def test_registrations_for_export_are_left_out(tmp_path: Path, number: str, mode: str) -> None:
    reading = read(tmp_path, row(), row(number, file_number="99905", mode=mode))
    assert reading.tables["authorisation"]["record_id"].to_list() == ["20134513"]
    assert dict(reading.tables["register_file"].select("outcome", "rows").rows()) == {"read": 1, "out_of_scope": 1}


@pytest.mark.parametrize(
    ("state", "status", "ended"),
    [
        ("En tramite renov", "authorised", None),
        ("Temp. no comerc - Vigente", "authorised", None),
        ("Vencido", "expired", ("expired", date(2024, 5, 30), "day", None)),
        ("Cancelado", "withdrawn", ("withdrawn", None, None, None)),
        ("Suspendido", "suspended", ("suspended", None, None, None)),
        ("Negado", "unknown", None),
    ],
)
def test_states(tmp_path: Path, state: str, status: str, ended: tuple[object, ...] | None) -> None:
    reading = read(tmp_path, row(status=state, ends="2024-05-30"))
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["status"], one["marketed"]) == (status, False if state.startswith("Temp") else None)
    assert events(reading)[1:] == ([ended] if ended else [])
    assert issues(reading) == set()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("INOTERSEN SODICO EQUIVALENTE A INOTERSEN", [("active", "INOTERSEN SODICO"), ("moiety", "INOTERSEN")]),
        ("GIVOSIRAN SODICO 200 MG. EQUIVALENTES A 189 MG DE GIVOSIRAN",
         [("active", "GIVOSIRAN SODICO"), ("moiety", "GIVOSIRAN")]),
        ("ATORVASTATINA CÁLCICA 10.36 MG EQUIVALENTE A ATORVASTATINA BASE",
         [("active", "ATORVASTATINA CÁLCICA"), ("moiety", "ATORVASTATINA")]),
        ("HIERRO POLIMALTOSADO EQUIVALENTE A HIERRO ELEMENTAL", [("active", "HIERRO POLIMALTOSADO")]),
        ("LOSARTAN POTASICO 50 MG", [("active", "LOSARTAN POTASICO")]),
        ("NUSINERSEN (COMO ÁCIDO LIBRE)", [("active", "NUSINERSEN")]),
        ("", []),
    ],
)  # fmt: skip
def test_a_substance_and_its_moiety(tmp_path: Path, text: str, names: list[tuple[str, str]]) -> None:
    reading = read(tmp_path, row(substances=text))
    assert [(role, name) for _, role, name in ingredients(reading)] == names


def test_substances_share_their_position_with_their_moiety(tmp_path: Path) -> None:
    text = "AMOXICILINA TRIHIDRATO EQUIVALENTE A AMOXICILINA + CLAVULANATO DE POTASIO EQUIVALENTE A ÁCIDO CLAVULÁNICO"
    assert ingredients(read(tmp_path, row(substances=text))) == [
        (1, "active", "AMOXICILINA TRIHIDRATO"),
        (1, "moiety", "AMOXICILINA"),
        (2, "active", "CLAVULANATO DE POTASIO"),
        (2, "moiety", "ÁCIDO CLAVULÁNICO"),
    ]


def test_bad_cells_end_in_issues(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        row(granted="2019-13-40", file_number="101"),
        row(granted="2031-04-11", file_number="102"),
        row(status="En estudio", file_number="103"),
        row("REG-7", file_number="104"),
        row(atc="V07ABX1", file_number="105"),
        row(mode="DONAR", file_number="106"),
        row(file_number=""),
    )
    assert issues(reading) == {
        ("bad_date", "2019-13-40"), ("impossible_date", "2031-04-11"), ("unknown_code", "En estudio"),
        ("unexpected_shape", "REG-7"), ("no_atc_code", "V07ABX1"), ("unknown_code", "DONAR"),
    }  # fmt: skip
    told = dict(reading.tables["authorisation"].select("record_id", "status").rows())
    assert told["103"] == "unknown"
    # the number still tells the year
    assert events(reading)[:2] == [("authorised", date(2019, 1, 1), "year", None)] * 2
    assert reading.tables["quarantine"]["reason"].to_list() == ["the row has no key"]


def test_columns_that_others_added_are_not_read_and_new_ones_told(tmp_path: Path) -> None:
    reading = read(tmp_path, [*row(), "5", "12", "x"], header=[*HEADER, "stock_2025", "precio_medio", "alerta"])
    assert issues(reading) == {("new_column", "alerta")}


def test_a_missing_key_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="fechaexpedicion"):
        read(tmp_path, row(), header=[one.replace("fechaexpedicion", "fecha") for one in HEADER])


# -- the list that the agency publishes


def test_packs_substances_and_makers_of_a_registration(tmp_path: Path) -> None:
    titles = [["CÓDIGO ÚNICO DE MEDICAMENTOS VIGENTES"], ["31 de mayo"], []]
    rows = [pack(), pack(consecutive="2"), pack("CLAVULANATO DE POTASIO")]
    write_xlsx(tmp_path / "CUM_VIGENTES.xlsx", {"Hoja1": [*titles, PACKS, *rows]})
    reading = opened(tmp_path)
    one = reading.tables["authorisation"].row(0, named=True)
    assert (one["record_id"], one["status"]) == ("99902", "authorised")
    assert one["substances_text"] == "AMOXICILINA TRIHIDRATO + CLAVULANATO DE POTASIO"
    assert events(reading) == [("authorised", date(2010, 5, 30), "day", None)]
    assert [name for _, _, name in ingredients(reading)] == ["AMOXICILINA TRIHIDRATO", "CLAVULANATO DE POTASIO"]
    assert issues(reading) == set()
    outcomes = dict(reading.tables["register_file"].group_by("outcome").agg(pl.col("rows").sum()).rows())
    assert outcomes["read"] == 3


def test_the_list_of_open_data(tmp_path: Path) -> None:
    header = [one.replace(" ", "").lower() for one in PACKS]
    rows = [pack(granted="2010-05-30T00:00:00.000"), pack("X Y", granted="2010-05-30T00:00:00.000")[:-2]]
    reading = read_text(tmp_path, *rows, header=header)
    assert events(reading) == [("authorised", date(2010, 5, 30), "day", None)]
    assert reading.tables["quarantine"]["reason"].to_list() == ["27 fields where the table has 29"]
    assert issues(reading) == set()


def test_rows_of_a_registration_that_contradict_each_other(tmp_path: Path) -> None:
    reading = read_text(tmp_path, pack(), pack(state="Vencido", consecutive="2"), header=PACKS)
    assert reading.tables["authorisation"]["status"].to_list() == ["authorised"]
    assert issues(reading) == {("rows_disagree", "99902")}


def test_a_text_of_another_agency_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="header"):
        read_text(tmp_path, ["1", "2"], header=["a", "b"])


# -- the real snapshot


@pytest.fixture(scope="module")
def real(registers_dir: Path) -> Reading:
    (snapshot,) = Store(registers_dir).snapshots(REGISTER)
    return catalogue()[REGISTER].read(snapshot)


def test_every_row_of_the_real_snapshot_is_accounted_for(real: Reading, registers_dir: Path) -> None:
    path = registers_dir / REGISTER / "2026-06-12/CO_medicamentos_aprobados.xlsx"
    header, *published = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    mode = header.index("modalidad")
    export = [cells for cells in published if cells[mode] == "FABRICAR Y EXPORTAR" or "RSM-EXP" in str(cells)]
    assert dict(real.tables["register_file"].select("outcome", "rows").rows()) == {
        "read": len(published) - len(export), "out_of_scope": len(export),
    }  # fmt: skip
    assert len(published) == 9_655
    assert real.tables["authorisation"]["record_id"].is_unique().all()


def test_the_dates_of_the_real_snapshot_are_the_facts(real: Reading, facts_dir: Path) -> None:
    with (facts_dir / "advanced_therapies.csv").open(encoding="utf-8", newline="") as stream:
        facts = [one for one in csv.DictReader(stream) if one["evidence"] == f"register:{REGISTER}/2026-06-12"]
    assert len(facts) > 5
    told = real.tables["authorisation"].join(real.tables["event"], on="record_id")
    for fact in facts:
        rows = told.filter(number=fact["licence_number"])
        assert rows.select("event", "date", "precision", "status").rows() == [
            ("authorised", date.fromisoformat(fact["date"]), "day", "authorised")
        ], fact["brand"]


def test_the_issues_of_the_real_snapshot_are_known(real: Reading) -> None:
    found = real.tables["issue"].group_by("kind").agg(pl.col("count").sum()).rows()
    assert dict(found) == {"impossible_date": 2, "no_atc_code": 9}
    assert real.tables["quarantine"].is_empty()
    dated = real.tables["event"].group_by("precision").len().rows()
    assert dict(dated) == {"day": 8_323, "year": 19, None: 1_233}


def test_the_sample_is_read_without_surprises() -> None:
    reading = catalogue()[REGISTER].read(Store(catalogue()[REGISTER].folder).snapshots("sample")[0])
    assert issues(reading) == set()
    assert dict(reading.tables["register_file"].select("outcome", "rows").rows()) == {"read": 11, "out_of_scope": 1}
    told = reading.tables["ingredient"].filter(role="moiety")["name"]
    assert {"INOTERSEN", "GIVOSIRAN", "INCLISIRAN", "AMOXICILINA"} <= set(told)
