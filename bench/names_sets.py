"""Development sets for `bench/names.py`, made from real register files; only how they are made is kept, not the rows.

Name authorities give the dictionary. Registers that print an ATC code beside a name give the questions: the answer
is the
substance to which the code's English name leads. No register that asks teaches the dictionary, so no set tests what
taught it.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import python_calamine

NAME = dict.fromkeys(
    ("register", "record_id", "code_system", "code", "name", "language", "script", "kind", "base_code"), pl.String
)
ASKED = {"register": pl.String, "record_id": pl.String, "name": pl.String, "language": pl.String, "atc": pl.String}


def _newest(registers: Path, register: str) -> Path:
    return max((registers / register).iterdir())


def _sheet(path: Path) -> list[list[object]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    return [list(row) for row in book.get_sheet_by_name(book.sheet_names[0]).to_python()]


def authorities(registers: Path) -> pl.DataFrame:
    """The `name` records of the name authorities."""
    rows: list[tuple[str | None, ...]] = []

    def add(
        register: str, code: str, name: str, language: str, script: str, kind: str, base: str | None = None
    ) -> None:
        if name.strip():
            rows.append((register, code, register, code, name.strip(), language, script, kind, base))

    folder = _newest(registers, "cz_sukl")

    def table(name: str) -> csv.DictReader[str]:
        return csv.DictReader(io.StringIO((folder / name).read_text("cp1250")), delimiter=";")

    base: dict[str, str] = {}
    for row in table("dlp_soli.csv"):
        base.setdefault(row["KOD_SOLI"], row["KOD_LATKY"])
    for row in table("dlp_latky.csv"):
        code = row["KOD_LATKY"]
        if int(code) > 0:
            kind = "inn" if row["ZDROJ"] == "INN" else "national"
            add("cz_sukl", code, row["NAZEV_INN"], "la", "Latn", kind, base.get(code))
            add("cz_sukl", code, row["NAZEV_EN"], "en", "Latn", kind, base.get(code))
            add("cz_sukl", code, row["NAZEV"], "cs", "Latn", "national", base.get(code))
    for cells in _sheet(next(_newest(registers, "eu_spor_substances").iterdir())):
        if re.fullmatch(r"1\d{11}", str(cells[2])):
            add("eu_spor_substances", str(cells[2]), str(cells[3]), "en", "Latn", "synonym")
    with next(_newest(registers, "eaeu_inn_names").iterdir()).open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            for column, script in (("en", "Latn"), ("la", "Latn"), ("ru", "Cyrl")):
                add("eaeu_inn_names", row["code"], row[column], column, script, "inn")
            add("eaeu_inn_names", row["code"], row["uz_latn"], "uz", "Latn", "national")
    with next(_newest(registers, "ua_drlz_inn").iterdir()).open(encoding="utf-8") as file:
        for line in csv.reader(file):
            add("ua_drlz_inn", line[1], line[3], "uk", "Cyrl", "national")
    return pl.DataFrame(rows, schema=NAME, orient="row")


def atc_names(registers: Path) -> dict[str, str]:
    """English names of the ATC codes of level 5."""
    text = (_newest(registers, "cz_sukl") / "dlp_atc.csv").read_text("cp1250")
    rows = csv.DictReader(io.StringIO(text), delimiter=";")
    return {row["ATC"]: row["NAZEV_EN"] for row in rows if len(row["ATC"]) == 7 and row["NAZEV_EN"]}


def questions(registers: Path) -> pl.DataFrame:
    """Names of the substances of products of one substance, with the ATC code beside them."""
    rows = [row for ask in (_ca, _es, _ro, _tr, _ua, _co, _sg) for row in ask(registers)]
    frame = pl.DataFrame(rows, schema={**ASKED, "parts": pl.Int64}, orient="row").filter(
        pl.col("name").str.strip_chars() != ""
    )
    return (
        frame.filter(pl.col("parts") == 1)
        .drop("parts")
        .with_columns(pl.col("atc").str.replace_all("\u00a0", "").str.strip_chars())
    )


_Row = tuple[str, str, str, str, str, int]


def _ca(registers: Path) -> Iterator[_Row]:
    for path in sorted(_newest(registers, "ca_hc_dpd").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            files = {re.split(r"[_.]", name)[0]: name for name in archive.namelist()}

            def table(name: str, archive: zipfile.ZipFile = archive, files: dict[str, str] = files) -> list[list[str]]:
                return list(csv.reader(io.TextIOWrapper(archive.open(files[name]), "utf-8", errors="replace")))

            atc = {row[0]: row[1] for row in table("ther")}
            ingredients = table("ingred")
            parts: dict[str, int] = {}
            for row in ingredients:
                parts[row[0]] = parts.get(row[0], 0) + 1
            for row in ingredients:
                yield "ca_hc_dpd", row[0], row[2], "en", atc.get(row[0], ""), parts[row[0]]
                if len(row) > 11:
                    yield "ca_hc_dpd", row[0], row[11], "fr", atc.get(row[0], ""), parts[row[0]]


def _es(registers: Path) -> Iterator[_Row]:
    for row in _sheet(next(_newest(registers, "es_aemps_cima").iterdir()))[1:]:
        yield "es_aemps_cima", str(row[0]), str(row[7]), "es", str(row[6]), int(float(str(row[8] or 0)))


def _ro(registers: Path) -> Iterator[_Row]:
    for row in _sheet(next(_newest(registers, "ro_anmdm").iterdir()))[1:]:
        yield "ro_anmdm", str(row[0]), str(row[2]), "la", str(row[7]), 2 if "COMBINATII" in str(row[2]) else 1


def _tr(registers: Path) -> Iterator[_Row]:
    for row in _sheet(_newest(registers, "tr_titck") / "ruhsatli_ilaclar_listesi.xlsx")[2:]:
        yield (
            "tr_titck",
            str(row[1]),
            str(row[3]),
            "tr",
            str(row[4]),
            2 if re.search(r"[+/,;]| ve ", str(row[3])) else 1,
        )


def _ua(registers: Path) -> Iterator[_Row]:
    for row in _sheet(next(_newest(registers, "ua_drlz").iterdir()))[1:]:
        parts = 2 if ";" in str(row[2]) else 1
        yield "ua_drlz", str(row[0]), str(row[2]), "uk", str(row[4]), parts
        yield "ua_drlz", str(row[0]), str(row[3]), "en", str(row[4]), parts


def _co(registers: Path) -> Iterator[_Row]:
    for row in _sheet(next(_newest(registers, "co_invima").iterdir()))[1:]:
        yield "co_invima", str(row[0]), str(row[2]), "es", str(row[10]), 2 if "+" in str(row[2]) else 1


def _sg(registers: Path) -> Iterator[_Row]:
    text = next(_newest(registers, "sg_hsa").iterdir()).read_text("cp1252", errors="replace")
    for row in csv.DictReader(io.StringIO(text)):
        names = re.split(r"[\r\n]+", row["active_ingredients"])
        for name in names:
            yield "sg_hsa", row["registration_number"], name, "en", row["atc_code"], len(names)


def price_list_names(registers: Path) -> list[str]:
    """Japanese substance names: asked for coverage and speed only, nobody prints an ATC code beside them."""
    with next(_newest(registers, "jp_mhlw_price_list").iterdir()).open(encoding="utf-8-sig") as file:
        return sorted({row["成分名"] for row in csv.DictReader(file)})
