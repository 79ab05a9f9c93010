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
        ("xyzotagene parvec", "gene_in_vivo", "AAV"),
        ("xyzotagene xyparvovec", "gene_in_vivo", "AAV"),
        ("xyzotagene xyadenovec", "gene_in_vivo", "adenovirus"),
        ("xyzotagene xylentivec", "gene_in_vivo", "lentivirus"),
        ("xyzotagene xyplasmid", "gene_in_vivo", "plasmid"),
        ("xyzotagene xyrepvec", "oncolytic_virus", None),
        ("xyzotagene xyvec", "gene_in_vivo", None),
        ("xyzotagene xyherpavec", "gene_in_vivo", "HSV"),
        ("xyzotagene xyretrovec", "gene_in_vivo", "retrovirus"),
        ("xyzotagene xyherparepvec", "oncolytic_virus", "HSV"),
        ("xyzotagene xyvacirepvec", "oncolytic_virus", "vaccinia"),
        ("xyzotagene xyadenorepvec", "oncolytic_virus", "adenovirus"),
        ("xyzoplasmid", "gene_in_vivo", "plasmid"),
        ("xyzotagene autogedtemcel", "gene_editing", None),
        ("xyzoguran xyzomeran", "gene_editing", None),
        ("xyzotagen autotemcel", "gene_ex_vivo", None),  # as Germans, Czechs and Spaniards write it
        ("xyzotagene parvec-abcd", "gene_in_vivo", "AAV"),
        ("xyzotuzumab-abcd", "antibody", None),
        ("xyzostemcel-l", "cell", None),
        ("xyzostemcel l abcd", "cell", None),
        ("xyzosiran sodium", "siRNA", None),
        ("xyzaptanib sodium", "aptamer", None),
        ("xyzaptesed pegol", "aptamer", None),
        ("xyzozobart", "antibody", None),
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
     "docetaxcel", "taxocel sodium", "avicel", "methocel", "captopril", "mercaptopurine", "daptomycin", "imiquimod",
     "imatinib", "dextromethorphan", "omeprazole", "valerian root extract", "norgestrel", "calcium"],
)  # fmt: skip
def test_names_that_only_sound_so(name: str) -> None:
    assert modality.of([name], []) == modality.Modality("other", "no rule")


def test_a_stem_stands_at_the_end_of_a_word() -> None:
    for name in ("leucelin", "sirancid", "rsenol", "meranib", "xyzotagenes autoleucel"):
        assert modality.of([name], []).modality == "other", name


@pytest.mark.parametrize(
    ("name", "expected", "vector"),
    [
        ("covid 19 mrna vaccine nucleoside modified", "mRNA", None),
        ("xyz f protein mrna 5 m7g 5 ppp 5 gm 3 polya", "mRNA", None),
        ("modified mrna encoding something encapsulated into lipid nanoparticles", "mRNA", "LNP"),
        ("hpc cord blood of somebody", "cell", "HSC"),
        ("hematopoietic progenitor cells cord", "cell", "HSC"),
        ("autologous cultured chondrocytes of somebody", "tissue", "autologous chondrocytes"),
        ("allogeneic cultured keratinocytes and fibroblasts in bovine collagen", "tissue", "allogeneic keratinocytes"),
        ("human dermal fibroblasts cultured on a mesh", "tissue", "fibroblasts"),
        ("allogeneic something cells", "cell", "allogeneic"),
        ("autologous tumour infiltrating lymphocytes", "cell", "autologous TIL"),
        ("autologous induced pluripotent stem cells", "cell", "autologous iPSC"),
        ("autologous dendritic cells pulsed with rna from tumour cells", "cell", "autologous dendritic cells"),
        ("autologous t cells transduced with a lentiviral vector encoding a chimeric antigen receptor", "gene_ex_vivo",
         "lentivirus; autologous CAR-T"),
        ("autologous cd34 cells transduced with a gamma-retroviral vector", "gene_ex_vivo",
         "gamma-retrovirus; autologous HSC"),
        ("autologous cd34 cells encoding something gene", "gene_ex_vivo", "autologous HSC"),
        ("autologous cd34 cells crispr edited by electroporation", "gene_editing",
         "electroporation; CRISPR-Cas9; autologous HSC"),
        ("adeno associated viral vector serotype 9 containing the human something gene", "gene_in_vivo", "AAV9"),
        ("adeno-associated virus serotype rh 10 encoding something", "gene_in_vivo", "AAVrh10"),
        ("adeno associated viral vector lk03 encoding something", "gene_in_vivo", "AAVLK03"),
        ("adenovirus mediated herpes simplex virus thymidine kinase gene", "gene_in_vivo", "adenovirus"),
        ("herpes simplex virus 1 expressing something", "gene_in_vivo", "HSV"),
        ("dna plasmid containing something", "gene_in_vivo", "plasmid"),
        ("oncolytic vaccinia virus", "oncolytic_virus", "vaccinia"),
        ("antisense oligonucleotide targeting something pre mrna", "antisense", None),
        ("n-acetylgalactosamine conjugated double stranded sirna", "siRNA", "GalNAc"),
        ("anti something aptamer", "aptamer", None),
        ("phosphodiester dna oligonucleotide", "other_nucleic_acid", None),
        ("celulas autologas del condrocito", "cell", "autologous"),
    ],
)  # fmt: skip
def test_descriptions_in_the_place_of_a_name(name: str, expected: str, vector: str | None) -> None:
    found = modality.of([name], [])
    assert (found.modality, found.vector) == (expected, vector)


@pytest.mark.parametrize(
    "name",
    [
        "humanised monoclonal antibody against t cells",
        "rabbit anti human t lymphocyte globulin",
        "dexamethasone encapsulated in human autologous erythrocytes",
        "technetium (99mtc) red blood cells",
        "influenza vaccine prepared in cell cultures",
        "diphtheria tetanus whole cell pertussis vaccine",
        "live attenuated listeria transfected with plasmids",
        "chimpanzee adenovirus encoding the sars cov 2 spike glycoprotein",
        "turkey herpes virus expressing a bursal disease virus protein",
        "thymus vulgaris extract",
        "microcrystalline cellulose",
        "cellulase+amylase",
        "coagulation factor ix recombinant dna",
        "fusion protein consisting of the extracellular domain of a cell receptor",
    ],
)
def test_descriptions_of_something_else(name: str) -> None:
    assert modality.of([name], []) == modality.Modality("other", "no rule")


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
