"""Names that share a word, acids beside metals, words that say what is not there, and words of everyday life."""

from __future__ import annotations

import polars as pl
import pytest

from dioscorides.identity.names import Index, form

INNS = (
    "insulin glargine", "insulin glulisine", "insulin aspart", "insulin detemir", "insulin lispro", "insulin",
    "interferon beta-1a", "interferon beta-1b", "interferon gamma", "epoetin alfa", "epoetin beta", "epoetin zeta",
    "technetium (99mtc) sestamibi", "valproic acid", "fusidic acid", "mycophenolic acid", "alendronic acid",
    "ibandronic acid", "risedronic acid", "pantoprazole", "lactose", "gold", "pepper", "zinc", "axetil", "cefuroxime",
    "adalimumab", "heparin", "tocopherol", "tocoferil", "cefaclor", "bixalomer", "lamotrigine", "ketotifen",
    "aminolevulinic acid", "prednisolone steaglate", "tyrosine", "levothyroxine sodium", "ipratropium bromide",
)  # fmt: skip
NATIONAL = (
    "diazepam bp", "diazepam ph. eur.", "aniseed oil bp", "cefuroxime axetil", "water for injections", "orange",
    "timolol", "sodium chloride", "zinc oxide nf", "carbonic acid", "potassium carbonate", "potassium carbonate bp",
    "tocopherole ph. eur.",
)  # fmt: skip


@pytest.fixture(scope="module")
def index() -> Index:
    rows = [
        {"register": "list", "record_id": str(number), "code_system": "list", "code": str(number), "name": name,
         "language": "en", "script": "Latn", "kind": "inn" if name in INNS else "national", "base_code": None}
        for number, name in enumerate((*INNS, *NATIONAL))
    ]  # fmt: skip
    return form(pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String))).index()


def answer(index: Index, name: str) -> str | None:
    found: str | None = index.resolve([name])["substance_id"][0]
    return found


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("인슐린글라르진", "insulin glargine"),
        ("인슐린 글루리진", "insulin glulisine"),
        ("인슐린아스파트", "insulin aspart"),
        ("insulin detimir", "insulin detemir"),
        ("insuliinilisproo", "insulin lispro"),
        ("insulyne glargine", "insulin glargine"),
        ("インターフェロン ガンマ", "interferon gamma"),
        ("technetium (99mTc) sestemibi", "technetium (99mtc) sestamibi"),
    ],
)
def test_a_slip_in_a_family_is_accepted_where_the_word_that_differs_is_near(
    index: Index, name: str, substance: str
) -> None:
    assert answer(index, name) == substance


@pytest.mark.parametrize(
    "name",
    [
        "인슐린글라진",  # between glargine and glulisine, whichever is meant
        "인슐린글라신",
        "インスリングラジン",
        "insulin glarcine",
        "insulin lisprin",
        "epoetin zata",
        "epoetin zeda",
        "interferon beta-1c",
        "инсулин глардин",
        "инсулин уеглиспро",
        "إنسولين غلازين",
    ],
)
def test_a_family_lends_no_letters_to_its_members(index: Index, name: str) -> None:
    assert answer(index, name) is None
    assert index.resolve([name])["reason"][0] is not None


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("valproat de sodiu", "valproic acid"),
        ("valproatul de sodiu", "valproic acid"),
        ("valproate sodique", "valproic acid"),
        ("natrii valproas", "valproic acid"),
        ("Natriumvalproat", "valproic acid"),
        ("вальпроат натрия", "valproic acid"),
        ("натрію вальпроат", "valproic acid"),
        ("βαλπροϊκό νάτριο", "valproic acid"),
        ("νάτριο βαλπροϊκό", "valproic acid"),
        ("φουσιδικό νάτριο", "fusidic acid"),
        ("fusidat de sodiu", "fusidic acid"),
        ("micofenolat de sodiu", "mycophenolic acid"),
        ("μυκοφαινολικό νάτριο", "mycophenolic acid"),
        ("alendronato sódico", "alendronic acid"),
        ("αλενδρονικό νάτριο", "alendronic acid"),
        ("ibandronát sodný", "ibandronic acid"),
        ("sodyum risedronat", "risedronic acid"),
        ("natriumrisedronaatti", "risedronic acid"),
        ("pantoprazol de sodiu", "pantoprazole"),
        ("пантопразол натрия", "pantoprazole"),
    ],
)
def test_an_acid_is_known_by_its_salt_wherever_the_metal_stands(index: Index, name: str, substance: str) -> None:
    row = index.resolve([name]).row(0, named=True)
    assert row["substance_id"] == substance
    assert row["salt"] == "sodium"


@pytest.mark.parametrize(
    "name",
    [
        "lactose-free", "lactose free", "free of lactose", "without lactose", "ohne Lactose", "sans lactose",
        "sin lactosa", "sem lactose", "senza lattosio", "fără lactoză", "bez laktosy", "без лактозы", "χωρίς λακτόζη",
        "lactosefrei", "insulin-like", "heparin-lock", "zinc-rich",
    ],
)  # fmt: skip
def test_what_is_not_there_is_no_substance(index: Index, name: str) -> None:
    assert answer(index, name) is None


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("timolol preservative-free", "timolol"),
        ("timolol, without benzalkonium chloride", "timolol"),
        ("adalimumab-adaz", "adalimumab"),
        ("Natriumvalproat wasserfrei", "valproic acid"),
    ],
)
def test_what_stands_before_the_negation_counts(index: Index, name: str, substance: str) -> None:
    assert answer(index, name) == substance


def test_a_metal_beside_a_latin_acid_is_not_the_acid(index: Index) -> None:
    assert answer(index, "kalium carbonicum") != "carbonic acid"


@pytest.mark.parametrize("name", ["gold", "pepper", "Orange", "water for injections"])
def test_a_word_of_everyday_life_is_proposed_and_stands_for_itself_in_a_register(index: Index, name: str) -> None:
    row = index.resolve([name]).row(0, named=True)
    assert row["substance_id"] is None
    assert row["candidates"] == [name.lower()]
    assert answer(index.without_brands(), name) == name.lower()


def test_what_is_sold_as_a_medicine_under_its_common_name_is_no_everyday_word(index: Index) -> None:
    assert answer(index, "zinc") == "zinc"


@pytest.mark.parametrize("name", ["axetil", "decanoate", "medoxomil"])
def test_the_name_of_a_group_is_no_substance(index: Index, name: str) -> None:
    assert answer(index, name) is None


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("diazepam", "diazepam"),
        ("Diazepam BP", "diazepam"),
        ("diazepam EP", "diazepam"),
        ("aniseed oil", "aniseed oil"),
        ("zinc oxide", "zinc oxide"),
        ("tocopheryl acetate", "tocopherol"),
        ("tocopherole", "tocopherol"),
        ("kalii carbonas", "potassium carbonate"),
    ],
)
def test_a_grade_makes_no_substance(index: Index, name: str, substance: str) -> None:
    assert answer(index, name) == substance


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("세파클러수화물", "cefaclor"),
        ("ビキサロマー", "bixalomer"),
        ("라모트리진", "lamotrigine"),
        ("Ketotifene fumarato acido", "ketotifen"),
        ("aminolevulinic acid hydrochloride", "aminolevulinic acid"),
    ],
)
def test_sounds_with_two_letters_and_acids_of_two_kinds(index: Index, name: str, substance: str) -> None:
    assert answer(index, name) == substance


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("CLORHIDRATO DE KETOTIFENOEQUIVALENTE A KETOTIFENO", "ketotifen"),
        ("KETOTIFENO FUMARATO 1.38 MGEQUIVALENTE AKETOTIFENO BASE", "ketotifen"),
        ("PANTOPRAZOL SODICO45.11 MG", "pantoprazole"),
        ("MATERIALES INTRAGRANULARES: LAMOTRIGINA", "lamotrigine"),
        ("LAMOTRIGINAMICRONIZADA", "lamotrigine"),
        ("lamotrijin", "lamotrigine"),
        ("pantoprazol pelletleri", "pantoprazole"),
        ("vitamin e (tokoferol", "tocopherol"),
    ],
)
def test_lost_blanks_brackets_and_qualities(index: Index, name: str, substance: str) -> None:
    assert answer(index, name) == substance


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("prednisolone steaglate", "prednisolone steaglate"),
        ("prednisolona esteaglato", "prednisolone steaglate"),
        ("prednisolone", None),  # the moiety is another substance, which this list does not have
        ("ipratropium", "ipratropium bromide"),
        ("tirosina", "tyrosine"),
        ("тироксин", "levothyroxine sodium"),
        ("tiroxina", "levothyroxine sodium"),
    ],
)
def test_a_moiety_is_not_its_derivative_nor_what_sounds_alike(index: Index, name: str, substance: str | None) -> None:
    assert answer(index, name) == substance
