"""How names are led to substances: behaviour shown on a small dictionary that each test can read."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dioscorides.identity.names import COLUMNS, Index, StoreError, form
from dioscorides.identity.names import text as texts
from dioscorides.identity.names.text import normal, rows, squeezed
from dioscorides.identity.names.words import salted

LABELS = Path(__file__).with_name("labels")

INNS = [
    "abacavir",
    "acetylsalicylic_acid",
    "aciclovir",
    "adalimumab",
    "alprazolam",
    "amlodipine",
    "amoxicillin",
    "artemether",
    "atorvastatin",
    "axicabtagene_ciloleucel",
    "azithromycin",
    "bupropion",
    "buspirone",
    "captopril",
    "cefalexin",
    "chlorpromazine",
    "chlorpropamide",
    "ciclosporin",
    "ciprofloxacin",
    "citalopram",
    "clavulanic_acid",
    "clonazepam",
    "clonidine",
    "colecalciferol",
    "dexamethasone",
    "diclofenac",
    "escitalopram",
    "eszopiclone",
    "famotidine",
    "fludeoxyglucose_(18f)",
    "folic_acid",
    "folinic_acid",
    "furosemide",
    "ganciclovir",
    "hydralazine",
    "hydrochlorothiazide",
    "hydroxyzine",
    "ibuprofen",
    "interferon_beta-1a",
    "interferon_beta-1b",
    "ipratropium_bromide",
    "ketoconazole",
    "lamivudine",
    "lamotrigine",
    "losartan",
    "lumefantrine",
    "metformin",
    "metoprolol",
    "metronidazole",
    "mycophenolic_acid",
    "nifedipine",
    "omeprazole",
    "paracetamol",
    "prednisolone",
    "prednisone",
    "pregabalin",
    "propranolol",
    "quetiapine",
    "ranitidine",
    "risperidone",
    "rocuronium_bromide",
    "salbutamol",
    "sertraline",
    "simvastatin",
    "sodium_chloride",
    "tenofovir",
    "tramadol",
    "valaciclovir",
    "valproic_acid",
    "valsartan",
    "vinblastine",
    "vincristine",
    "zopiclone",
]


def record(
    code: str, name: str, language: str = "en", kind: str = "inn", base: str | None = None, register: str = "list"
) -> dict[str, str | None]:
    return {
        "register": register, "record_id": code, "code_system": register, "code": code, "name": name,
        "language": language, "script": texts.script(name), "kind": kind, "base_code": base,
    }  # fmt: skip


def names(*more: dict[str, str | None]) -> pl.DataFrame:
    own = [record(str(number), inn.replace("_", " ")) for number, inn in enumerate(INNS)]
    return pl.DataFrame([*own, *more], schema=dict.fromkeys(own[0], pl.String))


@pytest.fixture(scope="module")
def index() -> Index:
    return form(names(), national=False).index()


def answer(index: Index, name: str) -> str | None:
    found: str | None = index.resolve([name])["substance_id"][0]
    return found


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("Amoxicillinum", "amoxicillin"), ("amoxicilline", "amoxicillin"), ("amoxicilina", "amoxicillin"),
        ("amoksisilin", "amoxicillin"), ("amoksisilliini", "amoxicillin"), ("amoxycillin", "amoxicillin"),
        ("амоксициллин", "amoxicillin"), ("αμοξικιλλίνη", "amoxicillin"), ("アモキシシリン", "amoxicillin"),
        ("아목시실린", "amoxicillin"), ("أموكسيسيلين", "amoxicillin"), ("idroclorotiazide", "hydrochlorothiazide"),
        ("гидрохлоротиазид", "hydrochlorothiazide"), ("cetoconazol", "ketoconazole"), ("кветиапин", "quetiapine"),
        ("Κουετιαπίνη", "quetiapine"), ("クエチアピン", "quetiapine"), ("ファモチジン", "famotidine"),
        ("파모티딘", "famotidine"),
        ("kefaleksiini", "cefalexin"), ("siprofloksasin", "ciprofloxacin"), ("parasetamol", "paracetamol"),
        ("simwastatyna", "simvastatin"), ("ロクロニウム臭化物", "rocuronium bromide"),
        ("에스시탈로프람", "escitalopram"),
    ],
)  # fmt: skip
def test_a_name_in_another_language_or_script(index: Index, name: str, substance: str) -> None:
    assert answer(index, name) == substance


@pytest.mark.parametrize(
    ("name", "substance", "salt"),
    [
        ("ranitidine hydrochloride", "ranitidine", "hydrochloride"),
        ("Chlorhydrate de ranitidine", "ranitidine", "hydrochloride"),
        ("RANITIDINE (CHLORHYDRATE DE)", "ranitidine", "hydrochloride"),
        ("clorhidrato de ranitidina", "ranitidine", "hydrochloride"),
        ("Ranitidini hydrochloridum", "ranitidine", "hydrochloride"),
        ("ranitidin hidroklorür", "ranitidine", "hydrochloride"),
        ("ranitidiinihydrokloridi", "ranitidine", "hydrochloride"),
        ("ранитидина гидрохлорид", "ranitidine", "hydrochloride"),
        ("ラニチジン塩酸塩", "ranitidine", "hydrochloride"),
        ("라니티딘염산염", "ranitidine", "hydrochloride"),
        ("Metoprololsuccinat", "metoprolol", "succinate"),
        ("Diclofenac-Natrium", "diclofenac", "sodium"),
        ("phosphate sodique de dexaméthasone", "dexamethasone", "sodium phosphate"),
        ("Natrii valproas", "valproic acid", "sodium"),
        ("バルプロ酸ナトリウム", "valproic acid", "sodium"),
        ("tenofovir disoproksil fumarat", "tenofovir", "disoproxil fumarate"),
        ("esomeprazole", None, None),
    ],
)
def test_a_salt_leads_to_its_moiety_and_is_kept(
    index: Index, name: str, substance: str | None, salt: str | None
) -> None:
    row = index.resolve([name]).row(0, named=True)
    assert (row["substance_id"], row["salt"]) == (substance, salt)


def test_a_salt_that_has_the_inn_is_the_substance(index: Index) -> None:
    assert answer(index, "bromuro de ipratropio") == "ipratropium bromide"
    assert answer(index, "Cloruro de sodio") == "sodium chloride"
    assert answer(index, "натрия хлорид") == "sodium chloride"
    assert answer(index, "塩化ナトリウム") == "sodium chloride"


def test_acids_of_neighbouring_names_stay_apart(index: Index) -> None:
    assert answer(index, "acide folique") == "folic acid"
    assert answer(index, "фолиновая кислота") == "folinic acid"
    assert answer(index, "Acidum acetylsalicylicum") == "acetylsalicylic acid"


@pytest.mark.parametrize(
    ("label", "substances"),
    [
        ("amlodipine/valsartan", ["amlodipine", "valsartan"]),
        ("amlodipine; valsartan", ["amlodipine", "valsartan"]),
        ("Amlodipine and Valsartan", ["amlodipine", "valsartan"]),
        ("amlodipino y valsartán", ["amlodipine", "valsartan"]),
        ("amlodipine et valsartan", ["amlodipine", "valsartan"]),
        ("Amlodipin und Valsartan", ["amlodipine", "valsartan"]),
        ("амлодипин и валсартан", ["amlodipine", "valsartan"]),
        ("amlodipina e valsartan", ["amlodipine", "valsartan"]),
        ("amoxicillin trihydrate + clavulanate potassium", ["amoxicillin", "clavulanic acid"]),
        (
            "amlodipine 5 mg, valsartan 160 mg, hydrochlorothiazide 12.5 mg",
            ["amlodipine", "valsartan", "hydrochlorothiazide"],
        ),
    ],
)
def test_a_combination_is_its_parts(index: Index, label: str, substances: list[str]) -> None:
    row = index.resolve([label]).row(0, named=True)
    assert row["parts"] == substances
    assert row["substance_id"] == "+".join(sorted(substances))
    assert row["kind"] == "combination"


def test_a_combination_with_an_unknown_part_is_none_and_says_which(index: Index) -> None:
    row = index.resolve(["amlodipine + novumolol"]).row(0, named=True)
    assert row["substance_id"] is None
    assert row["parts"] == ["amlodipine"]
    assert "novumolol" in row["reason"]


def test_a_composition_in_free_text(index: Index) -> None:
    label = (
        "Each film coated tablet contains: Artemether 80 mg, Lumefantrine BP 480 mg\nExcipients q.s.\nColour: yellow"
    )
    row = index.resolve([label]).row(0, named=True)
    assert row["parts"] == ["artemether", "lumefantrine"]
    assert row["strengths"] == ["80 mg", "480 mg"]
    only = index.resolve(["Each tablet contains: Atorvastatin Calcium equivalent to Atorvastatin 10 mg"]).row(
        0, named=True
    )
    assert (only["substance_id"], only["strengths"]) == ("atorvastatin", ["10 mg"])


@pytest.mark.parametrize(
    ("label", "substance"),
    [
        ("metformin 500 mg film-coated tablets", "metformin"), ("Paracetamol BP 500 mg", "paracetamol"),
        ("Drug: Metformin", "metformin"), ("adalimumab-adaz", "adalimumab"), ("Ibuprofen Ph. Eur.", "ibuprofen"),
        ("CIPROFLOXACIN (CIPROFLOXACIN HYDROCHLORIDE)", "ciprofloxacin"), ("Metformin + placebo", "metformin"),
        ("fludeoxyglucose F18", "fludeoxyglucose (18f)"), ("[18F]fludeoxyglucose", "fludeoxyglucose (18f)"),
        ("¹⁸F-fludeoxyglucose", "fludeoxyglucose (18f)"), ("interferon β-1b", "interferon beta-1b"),
        ("インターフェロン ベータ-1a", "interferon beta-1a"), ("axicabtagene ciloleucel", "axicabtagene ciloleucel"),
    ],
)  # fmt: skip
def test_what_surrounds_a_name_is_put_aside(index: Index, label: str, substance: str | None) -> None:
    assert answer(index, label) == substance


def test_a_slip_is_accepted_when_one_name_is_far_ahead_and_else_proposed(index: Index) -> None:
    accepted = index.resolve(["metronidadole", "simvestatin"])
    assert accepted["substance_id"].to_list() == [None, "simvastatin"]
    assert "metronidazole" in accepted["candidates"][0].to_list()
    assert accepted["method"][1] == "slip"
    assert accepted["score"][1] < 0.9
    for wrong in ("hydraxyzine", "prednisolne", "vincblastine", "clonipine", "zopiclon e-1a"):
        found = answer(index, wrong)
        assert found is None or found[0] == wrong[0]


@pytest.mark.parametrize(
    "missing", ["prednisolone", "hydralazine", "vincristine", "interferon beta-1b", "escitalopram", "chlorpropamide"]
)
def test_an_inn_that_the_dictionary_lacks_is_not_its_neighbour(missing: str) -> None:
    rest = names().filter(pl.col("name") != missing)
    index = form(rest, national=False).index()
    for asked in (missing, missing + "um", missing.upper()):
        assert answer(index, asked) is None


def test_look_alikes_are_never_one() -> None:
    pairs = rows("lookalikes.tsv")
    assert len(pairs) >= 200
    inns = sorted({name for pair in pairs for name in pair[:2]})
    frame = pl.DataFrame(
        [record(str(number), inn) for number, inn in enumerate(inns)], schema=dict.fromkeys(record("", ""), pl.String)
    )
    index = form(frame, national=False).index()
    found = dict(index.resolve(inns).select("input", "substance_id").iter_rows())
    assert [pair for pair in pairs if found[pair[0]] == found[pair[1]]] == []
    assert [name for name, substance in found.items() if substance is None] == []


def test_what_is_no_substance_resolves_to_none(index: Index) -> None:
    texts_ = [
        line for line in (LABELS / "must_not.tsv").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]
    accepted = index.resolve(texts_).filter(pl.col("substance_id").is_not_null())["input"].to_list()
    assert accepted == []


def test_one_code_is_one_substance_and_equal_names_meet_across_lists() -> None:
    dictionary = form(
        names(
            record("a1", "AMOXICILLIN", register="other"),
            record("a1", "amoxicilline", "fr", register="other"),
            record("s1", "Amoxicillin trihydrate", kind="synonym", register="other"),
            record("u1", "амоксицилін", "uk", "inn", register="third"),
        ),
        national=False,
    )
    index = dictionary.index()
    assert (
        index.resolve(["amoxicilline", "Amoxicillin trihydrate", "амоксицилін"])["substance_id"].to_list()
        == ["amoxicillin"] * 3
    )
    assert dictionary.substances.filter(pl.col("substance_id") == "amoxicillin trihydrate")[
        "base_substance_id"
    ].to_list() == ["amoxicillin"]
    sounded = dictionary.judgements.filter(pl.col("method") == "sound")
    assert sounded["text"].to_list() == ["амоксицилін"]


def test_a_name_that_two_substances_share_is_none_with_both_as_candidates() -> None:
    index = form(
        names(record("x1", "compound", kind="synonym", register="one"), record("x1", "losartan", register="one"),
              record("x2", "compound", kind="synonym", register="two"), record("x2", "valsartan", register="two")),
        national=False,
    ).index()  # fmt: skip
    row = index.resolve(["compound"]).row(0, named=True)
    assert row["substance_id"] is None
    assert row["candidates"] == ["losartan", "valsartan"]


INGREDIENT = dict.fromkeys(("register", "record_id", "name", "language", "code_system", "code", "role"), pl.String)


def taught(rows_: list[tuple[str, str, str]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Products of one substance each: (register, name, ATC code)."""
    ingredients = [(reg, f"{reg}{n}", name, "en", None, None, "active") for n, (reg, name, _) in enumerate(rows_)]
    products = [(reg, f"{reg}{n}", [atc], f"Brandol {n} mg") for n, (reg, _, atc) in enumerate(rows_)]
    return (
        pl.DataFrame(ingredients, schema=INGREDIENT, orient="row").with_columns(position=pl.lit(1)),
        pl.DataFrame(
            products,
            schema={
                "register": pl.String,
                "record_id": pl.String,
                "atc": pl.List(pl.String),
                "product_name": pl.String,
            },
            orient="row",
        ),
    )


def test_registers_teach_a_synonym_with_enough_evidence_and_it_can_be_taken_back() -> None:
    evidence = [("r1", "paracetamol", "N02BE01")] * 4 + [("r2", "acetaminophen", "N02BE01")] * 3
    dictionary = form(names(), *taught(evidence), national=False)
    assert answer(dictionary.index(), "Acetaminophen") == "paracetamol"
    judgement = dictionary.judgements.filter((pl.col("text") == "acetaminophen") & (pl.col("method") == "atc"))
    assert judgement["answer"].to_list() == ["paracetamol"]
    assert answer(dictionary.without(judgement["judgement_id"]).index(), "Acetaminophen") is None


@pytest.mark.parametrize(
    "evidence",
    [
        [("r2", "acetaminophen", "N02BE01")],  # too little
        [("r2", "acetaminophen", "N02BE01")] * 3 + [("r2", "acetaminophen", "C09CA01")] * 3,  # it contradicts itself
        [("r1", "tramadol", "N02BE01")] * 3 + [("r2", "acetaminophen", "N02BE01")] * 3,  # the code means two substances
    ],
)
def test_registers_do_not_teach_without_agreement(evidence: list[tuple[str, str, str]]) -> None:
    known = [("r1", "paracetamol", "N02BE01")] * 4 + [("r1", "losartan", "C09CA01")] * 4
    assert answer(form(names(), *taught(known + evidence), national=False).index(), "acetaminophen") is None


def test_a_brand_is_marked_as_such() -> None:
    dictionary = form(names(), *taught([("r1", "paracetamol", "N02BE01")] * 4), national=False)
    row = dictionary.index().resolve(["Brandol"]).row(0, named=True)
    assert (row["substance_id"], row["kind"]) == ("paracetamol", "brand")


def test_the_order_of_records_changes_nothing() -> None:
    frame = names(
        record("a1", "AMOXICILLIN", register="other"), record("u1", "амоксицилін", "uk", "national", register="third")
    )
    one = form(frame)
    other = form(frame.sample(fraction=1.0, shuffle=True, seed=3))
    assert one.substances.equals(other.substances)
    assert one.names.equals(other.names)
    assert one.judgements.equals(other.judgements)


def test_an_index_on_disk_is_the_index_in_memory(tmp_path: Path, index: Index) -> None:
    dictionary = form(names(), national=False)
    path = tmp_path / "names.idx"
    dictionary.index(path)
    again = tmp_path / "again.idx"
    dictionary.index(again)
    assert path.read_bytes() == again.read_bytes()
    asked = [*INNS, "amoxicilina", "nothing of the kind"]
    assert Index.open(path).resolve(asked).equals(index.resolve(asked))


def test_a_draft_answers_as_the_index_does(index: Index) -> None:
    asked = [
        *INNS,
        "amoxicilina",
        "amoxicilin",
        "амоксициллин",
        "アモキシシリン水和物",
        "아목시실린",
        "nothing of the kind",
    ]
    assert form(names()).draft.resolve(asked).equals(form(names()).index().resolve(asked))


def test_opening_an_index_waits_for_no_other_library(tmp_path: Path) -> None:
    path = tmp_path / "names.idx"
    form(names(), national=False).index(path)
    code = (
        "import sys\nfrom dioscorides.identity.names import Index\nIndex.open(sys.argv[1])\n"
        "print(sorted({'polars', 'rapidfuzz', 'yaml'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_file_that_is_no_index_says_so(tmp_path: Path) -> None:
    broken = tmp_path / "names.idx"
    broken.write_bytes(b"PAR1 something else")
    with pytest.raises(StoreError, match="no index of names"):
        Index.open(broken)
    broken.write_bytes(b"")
    with pytest.raises(StoreError, match="empty"):
        Index.open(broken)
    whole = tmp_path / "whole.idx"
    form(names(), national=False).index(whole)
    broken.write_bytes(whole.read_bytes()[:-100])
    with pytest.raises(StoreError, match="cut short"):
        Index.open(broken)


def test_explain_ends_with_the_answer(index: Index) -> None:
    steps = index.explain("Clorhidrato de ranitidina 150 mg")
    assert steps[0].step == "normalise"
    assert steps[-1].outcome.startswith("ranitidine (")
    assert index.explain("placebo")[-1].outcome.startswith("none")


def test_the_answer_has_its_columns_even_for_nothing(index: Index) -> None:
    assert dict(index.resolve([]).schema) == COLUMNS
    assert index.resolve(["", "  ", "123"])["substance_id"].to_list() == [None] * 3


def test_resolve_keeps_the_order_asked(index: Index) -> None:
    asked = [*INNS, "amoxicilina", "placebo", "xyz"] * 2
    random.Random(1).shuffle(asked)
    assert index.resolve(asked)["input"].to_list() == asked


@given(st.text(max_size=60))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@given(st.text(max_size=60))
def test_a_key_has_only_letters_and_figures(text: str) -> None:
    assert all(char.isalnum() or char == "·" for char in squeezed(normal(text)))


@settings(deadline=None)
@given(st.lists(st.text(max_size=80), max_size=8))
def test_any_text_gets_an_answer_of_its_own(index: Index, labels: list[str]) -> None:
    together = index.resolve(labels)
    assert together["input"].to_list() == labels
    alone = [index.resolve([label])["substance_id"][0] for label in labels]
    assert together["substance_id"].to_list() == alone


@given(
    st.sampled_from([inn.replace("_", " ") for inn in INNS]),
    st.sampled_from(["hydrochloride", "sodium", "monohydrate"]),
)
def test_a_salt_never_leads_to_another_substance(index: Index, inn: str, salt: str) -> None:
    assert answer(index, f"{inn} {salt}") in (answer(index, inn), None)


def test_a_salt_is_read_the_same_wherever_its_words_stand() -> None:
    assert salted("sodium phosphate dexamethasone").salt_name == salted("dexamethasone phosphate sodium").salt_name


def test_what_is_no_text_is_answered_and_not_a_crash(index: Index) -> None:
    halves = index.resolve(["amoxicillin\udcff", "\ud800"])
    assert halves["input"].to_list() == ["amoxicillin?", "?"]
    assert halves["substance_id"].to_list() == ["amoxicillin", None]


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("Metoprololsuccinat-Monohydrat", "metoprolol"), ("Natriumvalproat", "valproic acid"),
        ("Valproinsäure", "valproic acid"), ("Valproiinihappo", "valproic acid"),
        ("Folinsäure", "folinic acid"), ("Asetyylisalisyylihappo", "acetylsalicylic acid"),
        ("Metoprololisuksinaatti", "metoprolol"), ("Metoprololifumaraattidihydraatti", "metoprolol"),
        ("Propranololhydrochlorid", "propranolol"), ("фолий қышқылы", "folic acid"),
        ("metoprolol sesqui-hidratado", "metoprolol"), ("asam valproat", "valproic acid"),
        ("باراسيتامول", "paracetamol"), ("حمض الفالبرويك", "valproic acid"), ("إيبوبروفين", "ibuprofen"),
        ("أملوديبين بيسيلات", "amlodipine"), ("ألبرازولام", "alprazolam"),
    ],
)  # fmt: skip
def test_salts_and_acids_in_one_word_or_behind_an_article(index: Index, name: str, substance: str) -> None:
    assert answer(index, name) == substance


def test_chinese_names_are_listed_and_their_salts_read() -> None:
    own = form(names()).index()
    asked = {"苯磺酸氨氯地平": "amlodipine", "阿托伐他汀钙": "atorvastatin", "琥珀酸美托洛尔": "metoprolol"}
    assert own.resolve(list(asked))["substance_id"].to_list() == list(asked.values())


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("Artemether 20mg Lumefantrine 120mg", ["artemether", "lumefantrine"]),
        ("amlodipine-valsartan", ["amlodipine", "valsartan"]),
        ("amlodipine-novumolol", None),
    ],
)
def test_parts_that_no_sign_marks_must_all_be_known(index: Index, label: str, parts: list[str] | None) -> None:
    row = index.resolve([label]).row(0, named=True)
    assert row["parts"] == parts


@pytest.mark.parametrize(
    ("label", "substance"),
    [
        ("NUCLEO: METFORMINA CLORHIDRATO", "metformin"),
        ("Mezcla en seco: omeprazol", "omeprazole"),
        ("CADA TABLETA CONTIENE LOSARTAN POTASICO", "losartan"),
        ("siprofloksasin baz", "ciprofloxacin"),
        ("아달리무맙", "adalimumab"),
    ],
)
def test_layers_bases_and_last_sounds(index: Index, label: str, substance: str) -> None:
    assert answer(index, label) == substance


def test_a_research_code_leads_to_its_inn() -> None:
    index = form(names(record("o1", "osimertinib"))).index()
    for written in ("AZD9291", "AZD-9291", "azd 9291"):
        row = index.resolve([written]).row(0, named=True)
        assert (row["substance_id"], row["kind"]) == ("osimertinib", "code")
