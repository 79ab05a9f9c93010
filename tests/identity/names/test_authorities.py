"""What unique codes and crowd-sourced labels may do in the dictionary, and what they may not."""

from __future__ import annotations

import polars as pl

from dioscorides.identity.names import form
from dioscorides.identity.names.dictionary import Dictionary

UNII, LIST, CROWD = "us_fda_unii", "eu_list", "wikidata_labels"
FIELDS = ("register", "code_system", "record_id", "code", "name", "language", "kind")
Row = tuple[str | None, ...]


def names(*rows: Row) -> pl.DataFrame:
    """Name records: (register, code, name, language, kind), where the register's codes are its own, or all `FIELDS`."""
    full = [row if len(row) == len(FIELDS) else (row[0], row[0], row[1], *row[1:]) for row in rows]
    nothing = pl.lit(None, pl.String)
    return pl.DataFrame(full, schema=dict.fromkeys(FIELDS, pl.String), orient="row").with_columns(
        nothing.alias("script"), nothing.alias("base_code")
    )


def label(item: str, name: str, language: str, unii: str | None = None) -> Row:
    """A label of an item, with the UNII that the item states."""
    return (CROWD, UNII if unii else CROWD, item, unii or item, name, language, "synonym")


def formed(*rows: Row) -> Dictionary:
    return form(names(*rows), national=False, crowd={CROWD})


def answer(dictionary: Dictionary, name: str) -> str | None:
    found: str | None = dictionary.index().resolve([name])["substance_id"][0]
    return found


PARACETAMOL = [
    (LIST, "1", "paracetamol", "en", "inn"),
    (UNII, "362O9ITL9D", "ACETAMINOPHEN", "en", "national"),
    (UNII, "362O9ITL9D", "PARACETAMOL", "en", "synonym"),
]
AMOXICILLIN = [
    (LIST, "2", "amoxicillin", "en", "inn"),
    (UNII, "804826J2HU", "AMOXICILLIN", "en", "national"),
    (UNII, "9EM05410Q9", "AMOXICILLIN ANHYDROUS", "en", "national"),
]


# -- codes that are unique


def test_a_substance_has_the_unii_of_its_names() -> None:
    dictionary = formed(*PARACETAMOL)
    assert dictionary.substances.rows() == [("paracetamol", "paracetamol", "362O9ITL9D", None)]
    assert answer(dictionary, "acetaminophen") == "paracetamol"


def test_a_register_that_states_an_authority_s_code_names_its_substance() -> None:
    """Whatever it calls it: a code merges by itself, a name need not be known."""
    dictionary = formed(*PARACETAMOL, ("xx_list", UNII, "17", "362O9ITL9D", "Fiebersenker Eins", "de", "national"))
    assert len(dictionary.substances) == 1
    assert answer(dictionary, "fiebersenker eins") == "paracetamol"


def test_a_common_name_never_makes_two_uniis_one() -> None:
    dictionary = formed(
        (UNII, "AAAAAAAAA1", "EXEMPLIMAB", "en", "national"),
        (UNII, "AAAAAAAAA1", "RED FACTOR", "en", "synonym"),
        (UNII, "BBBBBBBBB2", "OTHERMAB", "en", "national"),
        (UNII, "BBBBBBBBB2", "RED FACTOR", "en", "synonym"),
        (LIST, "1", "red factor", "en", "national"),
    )
    assert sorted(dictionary.substances["unii"].drop_nulls()) == ["AAAAAAAAA1", "BBBBBBBBB2"]
    assert answer(dictionary, "exemplimab") == "exemplimab"
    assert answer(dictionary, "othermab") == "othermab"


def test_codes_of_a_list_that_share_a_name_are_one_substance_but_uniis_are_not() -> None:
    shared = [(LIST, "1", "exemplimab", "en", "national"), (LIST, "2", "exemplimab", "en", "national")]
    assert len(formed(*shared).substances) == 1
    unique = [(UNII, f"AAAAAAAAA{row[1]}", *row[2:]) for row in shared]
    assert len(formed(*unique).substances) == 2


def test_the_inn_goes_before_the_synonym() -> None:
    """A list's INN meets the UNII whose own name it is, not the one that has it among its synonyms."""
    dictionary = formed(
        *AMOXICILLIN,
        (UNII, "000AAAAAA0", "ADAMOXICILLIN", "en", "national"),
        (UNII, "000AAAAAA0", "AMOXICILLIN", "en", "synonym"),
    )
    uniis = dict(dictionary.substances.select("substance_id", "unii").rows())
    assert uniis["amoxicillin"] == "804826J2HU"


def test_a_company_s_code_in_two_lists_is_one_substance() -> None:
    dictionary = formed(
        (LIST, "7", "KTE-C19", None, "code"),
        (UNII, "U2I8T43Y7R", "AXICABTAGENE CILOLEUCEL", "en", "national"),
        (UNII, "U2I8T43Y7R", "KTE-C19", None, "code"),
    )
    assert len(dictionary.substances) == 1
    assert answer(dictionary, "KTE C19") == "axicabtagene ciloleucel"
    short = formed((LIST, "8", "AB-1", None, "code"), (UNII, "CCCCCCCCC3", "AB-1", None, "code"))
    assert len(short.substances) == 2


def test_the_project_s_list_of_national_names_joins_no_two_uniis() -> None:
    rows = (
        (UNII, "362O9ITL9D", "paracetamol", "en", "inn"),
        (UNII, "DDDDDDDDD4", "acetaminophen", "en", "national"),
    )
    assert set(form(names(*rows)).substances["unii"]) == {"362O9ITL9D", "DDDDDDDDD4"}


# -- the crowd


def test_a_label_is_added_to_the_substance_of_the_code_that_its_item_states() -> None:
    dictionary = formed(
        *PARACETAMOL,
        label("Q1", "paracetamol", "en", "362O9ITL9D"),
        label("Q1", "对乙酰氨基酚", "zh", "362O9ITL9D"),
        label("Q1", "باراسيتامول", "ar", "362O9ITL9D"),
    )
    assert answer(dictionary, "对乙酰氨基酚") == "paracetamol"
    assert answer(dictionary, "باراسيتامول") == "paracetamol"
    added = dictionary.names.filter(pl.col("register") == CROWD)
    assert set(added["language"]) == {"zh", "ar"}  # the English name is an authority's already
    assert added["judgement_id"].null_count() == 0
    assert answer(dictionary.without(added["judgement_id"]), "对乙酰氨基酚") is None


def test_without_a_code_the_english_name_tells() -> None:
    dictionary = formed(*PARACETAMOL, label("Q1", "Paracetamol", "en"), label("Q1", "아세트아미노펜", "ko"))
    assert answer(dictionary, "아세트아미노펜") == "paracetamol"


def test_a_unii_that_only_the_crowd_states_is_kept_where_it_is_the_only_one() -> None:
    item = [label("Q1", "paracetamol", "en", "362O9ITL9D")]
    assert formed(PARACETAMOL[0], *item).substances["unii"].to_list() == ["362O9ITL9D"]
    other = [label("Q2", "paracetamol", "en", "ZZZZZZZZZ9")]
    assert formed(PARACETAMOL[0], *item, *other).substances["unii"].to_list() == [None]


def test_an_item_whose_code_and_name_disagree_is_no_substance() -> None:
    dictionary = formed(
        *PARACETAMOL,
        *AMOXICILLIN,
        label("Q1", "amoxicillin", "en", "362O9ITL9D"),
        label("Q1", "阿莫西林", "zh", "362O9ITL9D"),
    )
    assert answer(dictionary, "阿莫西林") is None
    kept_apart = dictionary.judgements.filter(pl.col("method") == "kept apart")
    assert f"{CROWD} Q1: its code and its names, or its names, are those of different substances" in set(
        kept_apart["reason"]
    )


def test_labels_join_no_two_substances() -> None:
    """An item whose names in English and Latin are of two substances tells nothing, and they stay two."""
    dictionary = formed(
        *PARACETAMOL,
        *AMOXICILLIN,
        label("Q1", "paracetamol", "en"),
        label("Q1", "amoxicillin", "la"),
        label("Q1", "药", "zh"),
    )
    assert answer(dictionary, "药") is None
    assert {"paracetamol", "amoxicillin"} <= set(dictionary.substances["substance_id"])


def test_a_label_that_two_substances_share_leads_to_none() -> None:
    dictionary = formed(
        *PARACETAMOL,
        *AMOXICILLIN,
        label("Q1", "paracetamol", "en"),
        label("Q1", "عينة", "ar"),
        label("Q2", "amoxicillin", "en"),
        label("Q2", "عينة", "ar"),
    )
    assert answer(dictionary, "عينة") is None


def test_a_label_never_stands_against_an_authority() -> None:
    dictionary = formed(
        *PARACETAMOL,
        *AMOXICILLIN,
        (LIST, "2", "амоксициллин", "ru", "inn"),
        label("Q1", "paracetamol", "en"),
        label("Q1", "амоксициллин", "ru"),
    )
    assert answer(dictionary, "амоксициллин") == "amoxicillin"
    assert dictionary.names.filter(pl.col("register") == CROWD).is_empty()


def test_what_no_authority_has_makes_no_substance_and_is_counted() -> None:
    dictionary = formed(*PARACETAMOL, label("Q9", "unobtainium", "en", "QQQQQQQQQ0"), label("Q9", "无", "zh"))
    assert dictionary.substances.equals(formed(*PARACETAMOL).substances)
    assert answer(dictionary, "unobtainium") is None
    (said,) = dictionary.judgements.filter(pl.col("method") == "left out")["reason"]
    assert said.startswith("1 items")


def test_the_order_of_rows_does_not_matter() -> None:
    rows = names(
        *PARACETAMOL,
        *AMOXICILLIN,
        label("Q1", "paracetamol", "en"),
        label("Q1", "對乙醯氨基酚", "zh"),
        label("Q2", "x", "en"),
    )
    one = form(rows, crowd={CROWD})
    other = form(rows.sample(fraction=1.0, shuffle=True, seed=5), crowd={CROWD})
    assert one.names.equals(other.names)
    assert one.judgements.equals(other.judgements)
