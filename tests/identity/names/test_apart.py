"""Names that look like another's salt, or like another's name, and must never be taken for it."""

from __future__ import annotations

import polars as pl
import pytest

from dioscorides.identity.names import Index, form

INNS = (
    "acetylsalicylic acid", "adenosine", "albendazole", "amitriptyline", "cysteine", "dabigatran etexilate",
    "dabigatran", "fluticasone furoate", "fluticasone", "glycerol", "isosorbide dinitrate", "isosorbide mononitrate",
    "isosorbide", "potassium chloride", "salicylic acid", "sodium carbonate", "sodium chloride", "sulfur",
    "tenofovir alafenamide", "tenofovir", "thiamine", "baloxavir marboxil", "immunoglobulin d", "trametinib",
    "albendazole oxide", "cefotaxime", "metoprolol", "amlodipine", "salbutamol", "amfetamine", "cloperastine",
    "ornithine", "glucosamine",
)  # fmt: skip
NATIONAL = (
    "adenosine phosphate", "dabigatran etexilate mesilate", "fluticasone propionate", "sodium hydrogen carbonate",
    "baloxavir", "tenofovir alafenamide fumarate", "tenofovir disoproxil fumarate", "cefotaxime sodium sterile",
    "tin chloride", "antithrombin iii", "coagulation factor viii", "factor viii", "saccharomyces cerevisiae",
    "covid-19 vaccine", "antimony", "propylene glycol", "propylene glycol alginate", "citric acid", "ASA",
    "lysine hydrochloride", "l-lysine hydrochloride", "dl-lysine hydrochloride",
    "oxalic acid dihydrate", "oxalic acid", "radish", "solution",
    "benzyl benzoate", "benzyl benzoate bp",
)  # fmt: skip


@pytest.fixture(scope="module")
def index() -> Index:
    rows = [
        {"register": "list", "record_id": str(number), "code_system": "list", "code": str(number), "name": name,
         "language": "en", "script": "Latn", "kind": "inn" if name in INNS else "national", "base_code": None}
        for number, name in enumerate((*INNS, *NATIONAL))
    ]  # fmt: skip
    return form(pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String)), national=False).index()


def answer(index: Index, name: str) -> str | None:
    found: str | None = index.resolve([name])["substance_id"][0]
    return found


@pytest.mark.parametrize(
    ("name", "never"),
    [
        ("sulphur hexafluoride", "sulfur"),
        ("azufre hexafluoruro", "sulfur"),
        ("amitriptylinoxide", "amitriptyline"),
        ("amitriptyline oxide", "amitriptyline"),
        ("albendazole sulfoxide", "albendazole"),
        ("gliserol trinitrat", "glycerol"),
        ("dinitrato de isosorbida", "isosorbide"),
        ("bicarbonato de sodio", "sodium carbonate"),
        ("гидрокарбонат натрия", "sodium carbonate"),
        ("KALAY KLORÜR", "potassium chloride"),
        ("acetil cisteina", "cysteine"),
        ("asetil salisilik asit", "salicylic acid"),
        ("immunoglobulin", "immunoglobulin d"),
        ("nitrate céreux", "sodium chloride"),
        ("S-metoprolol succinate", "metoprolol"),
        ("cloruro de magnesio haxahidratado", "acetylsalicylic acid"),
        ("adenosina trifosfato disodio", "adenosine"),
        ("ANTIMOINE (ARSÉNITE D')", "antimony"),
        ("SODIUM ALGINATE", "propylene glycol"),
        ("ADENOSINE, SOLUTION DE", "adenosine+sodium chloride"),
        ("THIAMINE, RADIX", "radish+thiamine"),
        ("s-amlodipin besilat", "amlodipine"),
        ("R-salbutamol sulfate", "salbutamol"),
        ("d-amphetamine sulfate", "amfetamine"),
        ("L-cloperastina fendizoato", "cloperastine"),
        ("antithrombin (recombinant)", "antithrombin iii"),
        ("coagulation factor VIII (recombinant)", "coagulation factor viii"),
        ("factor VIII recombinante", "factor viii"),
        ("adsorbed antigen produced in yeast cells (Saccharomyces cerevisiae)", "saccharomyces cerevisiae"),
        ("canine vaccine (Saccharomyces cerevisiae)", "saccharomyces cerevisiae"),
        ("COVID-19 vaccine (recombinant, adjuvanted)", "covid-19 vaccine"),
        ("維持液（グリセロール加）", "glycerol"),
    ],
)
def test_what_makes_another_substance_is_never_taken_off(index: Index, name: str, never: str) -> None:
    assert answer(index, name) != never


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("tenofovir alafenamida", "tenofovir alafenamide"),
        ("tenofovir alafenamid fumarat", "tenofovir alafenamide"),
        ("тенофовир алафенамид", "tenofovir alafenamide"),
        ("テノホビル アラフェナミドフマル酸塩", "tenofovir alafenamide"),
        ("tenofovir disoproxil fumarate", "tenofovir"),
        ("tenofovir disoproksil maleat", "tenofovir"),
        ("dabigatran etexilato mesilato", "dabigatran etexilate"),
        ("dabigatran etexilate mesilate", "dabigatran etexilate"),
        ("fluticasona furoato", "fluticasone furoate"),
        ("fluticasone propionate", "fluticasone"),
        ("isosorbid mononitrat", "isosorbide mononitrate"),
        ("tiamina mononitrato", "thiamine"),
        ("baloxavir", "baloxavir marboxil"),
    ],
)
def test_a_derivative_with_an_inn_of_its_own_is_a_substance_of_its_own(index: Index, name: str, substance: str) -> None:
    assert answer(index, name) == substance


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("sodyum hidrojen karbonat", "sodium hydrogen carbonate"),
        ("sodium bicarbonate", "sodium hydrogen carbonate"),
        ("炭酸水素ナトリウム", "sodium hydrogen carbonate"),
        ("trametinib dimethyl sulfoxide", "trametinib"),
        ("cefotaxima sodica esteril", "cefotaxime"),
        ("azufre", "sulfur"),
        ("ácido acetilsalicílico", "acetylsalicylic acid"),
        ("kalay klorür", "tin chloride"),
        ("adenosina", "adenosine"),
        ("L-ornithine hydrochloride", "ornithine"),
        ("chlorhydrate d'ornithine", "ornithine"),
        ("D-glucosamina sulfato", "glucosamine"),
        ("metoprolol (S)-malate", "metoprolol"),
        ("lisina hidrocloruro", "lysine hydrochloride"),
        ("benzil benzoat", "benzyl benzoate"),
        ("L-lisina hidrocloruro", "l-lysine hydrochloride"),
        ("ácido cítrico anhidro", "citric acid"),
        ("oxalic acid dihydrate", "oxalic acid"),
    ],
)
def test_what_says_the_same_in_other_words_meets(index: Index, name: str, substance: str) -> None:
    assert answer(index, name) == substance


def test_an_alcohol_is_not_short_for_its_ester() -> None:
    names = (("1", "adenosine phosphate", "inn"), ("2", "adenosine", "national"))
    rows = [
        {"register": "list", "record_id": code, "code_system": "list", "code": code, "name": name, "language": "en",
         "script": "Latn", "kind": kind, "base_code": None}
        for code, name, kind in names
    ]  # fmt: skip
    index = form(pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String)), national=False).index()
    assert answer(index, "adenosine") == answer(index, "adenosina") == "adenosine"


@pytest.mark.parametrize(
    ("names", "identity"),
    [
        (("(±)-lactic acid", "lactic acid"), "lactic acid"),
        (("povidone-iodine usp", "povidone-iodine"), "povidone-iodine"),
        (("butylscopolaminium (cation)", "butylscopolaminium"), "butylscopolaminium"),
    ],
)
def test_an_id_is_made_of_the_plainest_name(names: tuple[str, ...], identity: str) -> None:
    rows = [
        {"register": "list", "record_id": "1", "code_system": "list", "code": "1", "name": name, "language": "en",
         "script": "Latn", "kind": "national", "base_code": None}
        for name in names
    ]  # fmt: skip
    formed = form(pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String)), national=False)
    assert formed.substances["substance_id"].to_list() == [identity]
