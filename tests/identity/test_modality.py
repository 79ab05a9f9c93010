"""What a medicine is, by which rule, and the traps on the way."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl
import pytest

from dioscorides.identity import modality
from dioscorides.identity.text import key_of


@pytest.mark.parametrize(
    ("name", "expected", "vector"),
    [
        ("tisagenlecleucel", "gene_ex_vivo", "lentivirus"),
        ("exagamglogene autotemcel", "gene_editing", "CRISPR-Cas9"),
        ("onasemnogene abeparvovec", "gene_in_vivo", "AAV9"),
        ("voretigene neparvovec", "gene_in_vivo", "AAV2"),
        ("lunsotogene parvec", "gene_in_vivo", "AAV1"),
        ("talimogene laherparepvec", "oncolytic_virus", "HSV-1"),
        ("teserpaturev", "oncolytic_virus", "HSV-1"),
        ("nadofaragene firadenovec", "gene_in_vivo", "adenovirus"),
        ("beperminogene perplasmid", "gene_in_vivo", "plasmid"),
        ("darvadstrocel", "cell", None),
        ("patisiran", "siRNA", "LNP"),
        ("nusinersen", "antisense", None),
        ("elasomeran", "mRNA", "LNP"),
        ("pegaptanib", "aptamer", None),
        ("imetelstat", "other_nucleic_acid", None),
    ],
)
def test_named_therapies(name: str, expected: str, vector: str | None) -> None:
    found = modality.of([name], [])
    assert found.modality == expected
    assert found.rule == "facts: named advanced therapy"
    assert vector is None or vector in (found.vector or "")


@pytest.mark.parametrize(
    ("name", "expected", "vector"),
    [  # names that nobody bears, so that only their stems can tell
        ("xyzotagene autoleucel", "gene_ex_vivo", None),
        ("xyzotagene autotemcel", "gene_ex_vivo", None),
        ("xyzotagene parvec", "gene_in_vivo", "adeno-associated virus"),
        ("xyzotagene xyparvovec", "gene_in_vivo", "adeno-associated virus"),
        ("xyzotagene xyadenovec", "gene_in_vivo", "adenovirus"),
        ("xyzotagene xylentivec", "gene_in_vivo", "lentivirus"),
        ("xyzotagene xyplasmid", "gene_in_vivo", "plasmid"),
        ("xyzotagene xyrepvec", "oncolytic_virus", None),
        ("xyzotagene xyvec", "gene_in_vivo", None),
        ("xyzoleucel", "cell", None),
        ("xyzostrocel", "cell", None),
        ("xyzorsen", "antisense", None),
        ("xyzosiran", "siRNA", None),
        ("xyzomeran", "mRNA", None),
        ("xyzotuzumab", "antibody", None),
        ("xyzotuzumab vedotin", "antibody", None),
    ],
)
def test_stems(name: str, expected: str, vector: str | None) -> None:
    found = modality.of([name], [])
    assert (found.modality, found.vector) == (expected, vector)
    assert found.rule.startswith("INN: ")


@pytest.mark.parametrize(
    "name",
    ["gleevec", "redivec", "persen", "pusiran", "omeran", "homeogene", "homeogene 9", "docetaxel", "paclitaxel",
     "imiquimod", "imatinib", "dextromethorphan", "omeprazole", "valerian root extract", "norgestrel", "calcium"],
)  # fmt: skip
def test_names_that_only_sound_so(name: str) -> None:
    assert modality.of([name], []) == modality.Modality("other", "no rule")


def test_a_stem_stands_at_the_end_of_a_word() -> None:
    for name in ("leucelin", "sirancid", "rsenol", "meranib", "xyzotagenes autoleucel"):
        assert modality.of([name], []).modality == "other", name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("covid 19 mrna vaccine nucleoside modified", "mRNA"),
        ("hpc cord blood", "cell"),
        ("autologous cultured chondrocytes of somebody", "tissue"),
        ("allogeneic something cells", "cell"),
    ],
)
def test_descriptions_in_the_place_of_a_name(name: str, expected: str) -> None:
    found = modality.of([name], [])
    assert found.modality == expected


def test_a_flag_tells_where_nothing_else_does() -> None:
    flagged = modality.of(["something new"], ["orphan", "advanced_therapy"])
    assert (flagged.modality, flagged.rule) == ("advanced_therapy", "a register flags an advanced therapy")
    assert modality.of(["something new"], ["orphan"]).modality == "other"


def test_what_it_is_goes_before_what_the_law_calls_it() -> None:
    assert modality.of(["xyzosiran"], ["advanced_therapy"]).modality == "siRNA"
    assert modality.of(["autologous keratinocytes"], ["advanced_therapy"]).modality == "tissue"


def test_of_several_moieties_the_one_that_is_known_decides() -> None:
    assert modality.of(["water", "patisiran"], []).modality == "siRNA"


def test_a_column_of_medicines() -> None:
    medicines = pl.DataFrame(
        {"medicine_id": ["patisiran", "imatinib"], "names": [["patisiran"], ["imatinib"]], "flags": [["orphan"], None]}
    )
    assert modality.table(medicines).select("modality", "modality_rule").rows() == [
        ("siRNA", "facts: named advanced therapy"), ("other", "no rule"),
    ]  # fmt: skip


def test_the_facts_are_told_by_the_published_table(facts_dir: Path) -> None:
    """Every therapy of the table of facts has its modality there."""
    with (facts_dir / "advanced_therapies.csv").open(encoding="utf-8") as stream:
        rows = csv.DictReader(stream)
        stated = {re.sub(r" \(.*\)$", "", row["inn"]): row["modality"] for row in rows}
    wrong = {
        inn: (found.modality, expected)
        for inn, expected in stated.items()
        if (found := modality.of([key_of(inn)], [])).modality != expected
    }
    assert wrong == {}
