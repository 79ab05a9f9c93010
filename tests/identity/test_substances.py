"""Which substance a printed name is: exact names, salts and their bases, and what stays apart."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dioscorides import contract
from dioscorides.identity.substances import Substances, link

Row = dict[str, Any]


def told(code: str, *names: str, base: str | None = None, language: str = "en", **more: Any) -> list[Row]:
    """What a name authority says of a code: its English name first, then others in Latin."""
    languages = [language, *["la"] * (len(names) - 1)]
    return [
        {"register": "xx_names", "snapshot": date(2024, 1, 1), "record_id": code, "code_system": "xx_names",
         "code": code, "name": name, "language": spoken, "script": "Latn", "kind": "inn", "base_code": base} | more
        for name, spoken in zip(names, languages, strict=True)
    ]  # fmt: skip


def printed(name: str, record: str = "1", position: int = 1, role: str = "active", **more: Any) -> Row:
    return {
        "register": "us_a", "snapshot": date(2024, 1, 1), "record_id": record, "position": position, "name": name,
        "language": "en", "role": role,
    } | more  # fmt: skip


def linked(names: list[Row], ingredients: list[Row]) -> Substances:
    frames = (
        contract.RECORDS[table].frame(
            pl.DataFrame(rows, schema={n: t for n, t in contract.RECORDS[table].schema().items()})
        )
        for table, rows in (("name", names), ("ingredient", ingredients))
    )
    return link(*frames)


def moieties(found: Substances) -> dict[str, str]:
    return dict(found.links.select("name", "moiety_id").rows())


def methods(found: Substances) -> dict[str, str]:
    judged = found.judgement.filter(kind="substance")
    return dict(judged.select("text", "method").rows())


def test_a_name_of_one_substance_is_that_substance() -> None:
    found = linked(
        told("1", "Tisagenlecleucel", "Tisagenlecleucelum"),
        [printed("TISAGENLECLEUCELUM"), printed("tisagenlecleucel", "2")],
    )
    assert moieties(found) == {"TISAGENLECLEUCELUM": "tisagenlecleucel", "tisagenlecleucel": "tisagenlecleucel"}
    assert set(methods(found).values()) == {"exact"}
    assert found.issues.is_empty()
    (substance,) = found.substance.to_dicts()
    assert (substance["substance_id"], substance["inn"]) == ("tisagenlecleucel", "tisagenlecleucel")


@pytest.mark.parametrize(
    ("name", "substance"),
    [
        ("onasemnogene abeparvovec-xioi", "onasemnogene abeparvovec"),
        ("Onasemnogene Abeparvovec-xioi", "onasemnogene abeparvovec"),
        ("trastuzumab-dkst", "trastuzumab"),
        ("interferon beta-1a", "interferon beta 1a"),
        ("azficel-T", "azficel t"),
        ("insulin-ZINC", "insulin zinc"),
    ],
)
def test_the_suffix_of_four_letters_is_no_part_of_the_name(name: str, substance: str) -> None:
    found = linked(told("1", substance), [printed(name)])
    assert moieties(found) == {name: substance}
    assert methods(found) == {name: "exact"}


def test_a_name_that_nobody_knows_stays_visible_as_its_own_substance() -> None:
    found = linked(told("1", "imatinib"), [printed("Unknownib"), printed("Otherib", "2"), printed("imatinib", "3")])
    assert moieties(found) == {"Unknownib": "unknownib", "Otherib": "otherib", "imatinib": "imatinib"}
    judged = {row["text"]: row for row in found.judgement.to_dicts()}
    assert (judged["Unknownib"]["method"], judged["Unknownib"]["score"]) == ("unresolved", 0.0)
    assert "no name authority has this name" in judged["Unknownib"]["reason"]
    (issue,) = found.issues.to_dicts()
    assert (issue["register"], issue["kind"], issue["count"], issue["value"]) == (
        "us_a", "unresolved_substance", 2, "Otherib",
    )  # fmt: skip
    names = found.substance_name.filter(pl.col("substance_id") == "unknownib").to_dicts()
    assert [(row["name"], row["kind"], row["register"]) for row in names] == [("Unknownib", "synonym", "us_a")]


def test_a_name_of_several_substances_stays_apart() -> None:
    found = linked(
        told("1", "alphin", "commune") + told("2", "betin", "commune"), [printed("Commune"), printed("alphin", "2")]
    )
    assert moieties(found) == {"Commune": "commune", "alphin": "alphin"}
    assert methods(found)["Commune"] == "ambiguous"
    assert found.issues["kind"].to_list() == ["ambiguous_substance"]
    assert set(found.substance["substance_id"]) == {"alphin", "betin", "commune"}


def test_authorities_that_call_a_substance_alike_mean_the_same() -> None:
    other = {"register": "yy_names", "code_system": "yy_names"}
    found = linked(told("1", "alphin") + told("9", "Alphin", "alphinum", **other), [printed("alphinum")])
    assert moieties(found) == {"alphinum": "alphin"}


def test_a_substance_is_called_by_its_english_name() -> None:
    names = told("1", "alphinum", language="la") + told("1", "Alphin") + told("1", "alfin", language="cs")
    found = linked(names, [printed("alfin")])
    assert found.substance["substance_id"].to_list() == ["alphin"]


# -- salts and bases


def test_a_salt_leads_to_its_base() -> None:
    found = linked(told("1", "imatinib") + told("2", "imatinib mesylate", base="1"), [printed("Imatinib Mesylate")])
    (row,) = found.links.to_dicts()
    assert (row["substance_id"], row["moiety_id"]) == ("imatinib mesylate", "imatinib")
    base = found.judgement.filter(kind="base").to_dicts()
    assert [(one["text"], one["answer"], one["method"]) for one in base] == [
        ("imatinib mesylate", "imatinib", "authority_pair")
    ]


def test_the_base_of_a_base() -> None:
    names = told("1", "alphin") + told("2", "alphin ester", base="1") + told("3", "alphin ester sodium", base="2")
    found = linked(names, [printed("alphin ester sodium")])
    assert moieties(found) == {"alphin ester sodium": "alphin"}


def test_pairs_that_go_round_in_a_circle_come_to_one_substance() -> None:
    names = told("1", "gammin", base="2") + told("2", "alphin", base="3") + told("3", "betin", base="1")
    names += told("4", "deltin", base="1")
    found = linked(names, [printed(name, record) for record, name in enumerate("gammin alphin betin deltin".split())])
    assert set(moieties(found).values()) == {"alphin"}
    bases = dict(found.substance.select("substance_id", "base_substance_id").rows())
    assert bases == {"alphin": None, "betin": "alphin", "gammin": "alphin", "deltin": "alphin"}


def test_a_pair_with_itself_is_none() -> None:
    found = linked(told("1", "alphin", base="1"), [printed("alphin")])
    assert found.substance["base_substance_id"].to_list() == [None]


def test_a_moiety_printed_beside_its_salt() -> None:
    found = linked(told("1", "alphin"), [printed("alphin hydrochloride"), printed("alphin", role="moiety")])
    assert moieties(found)["alphin hydrochloride"] == "alphin"
    assert found.judgement.filter(kind="base")["method"].to_list() == ["register_pair"]


def test_a_salt_beside_different_moieties_has_no_base() -> None:
    found = linked(
        [],
        [
            printed("doublate", "1"), printed("alphin", "1", role="moiety"),
            printed("doublate", "2"), printed("betin", "2", role="moiety"),
        ],
    )  # fmt: skip
    assert moieties(found)["doublate"] == "doublate"


def test_moieties_belong_to_their_position() -> None:
    found = linked(
        [],
        [
            printed("alphin hydrochloride", position=1), printed("alphin", position=1, role="moiety"),
            printed("betin sodium", position=2), printed("betin", position=2, role="moiety"),
        ],
    )  # fmt: skip
    assert moieties(found)["alphin hydrochloride"] == "alphin"
    assert moieties(found)["betin sodium"] == "betin"


def test_an_authority_is_believed_before_a_register() -> None:
    names = told("1", "alphin") + told("2", "alphin hydrochloride", base="1")
    found = linked(names, [printed("alphin hydrochloride"), printed("othrin", role="moiety")])
    assert moieties(found)["alphin hydrochloride"] == "alphin"


def test_a_pair_with_a_code_that_nobody_has_is_none() -> None:
    found = linked(told("2", "alphin sodium", base="77"), [printed("alphin sodium")])
    assert moieties(found) == {"alphin sodium": "alphin sodium"}


# -- in general


def test_every_name_rests_on_a_judgement_with_an_id_of_its_own() -> None:
    found = linked(told("1", "alphin"), [printed("alphin"), printed("betin", "2"), printed("Betin", "3")])
    assert found.judgement["judgement_id"].is_unique().all()
    cited = set(found.links["judgement_id"]) | set(found.substance_name["judgement_id"].drop_nulls())
    assert cited <= set(found.judgement["judgement_id"])
    assert found.links["judgement_id"].null_count() == 0


def test_names_that_are_no_text_are_no_substance() -> None:
    found = linked(told("1", "--"), [printed("***")])
    assert found.links.is_empty()
    assert found.substance.is_empty()


def test_nothing_at_all() -> None:
    found = linked([], [])
    assert found.substance.is_empty()
    assert found.issues.is_empty()


WORDS = st.sampled_from(["alphin", "betin", "gammin", "Alphin", "BETIN", "deltin sodium", "alphin-xyzw", "epsilin"])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5), WORDS, st.one_of(st.none(), st.integers(1, 6))), max_size=8),
    st.lists(
        st.tuples(WORDS, st.integers(1, 4), st.integers(1, 2), st.sampled_from(["active", "moiety"])), max_size=10
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_does_not_matter_and_every_name_leads_to_a_root(
    authority: list[tuple[int, str, int | None]], products: list[tuple[str, int, int, str]], chance: random.Random
) -> None:
    names = [row for code, name, base in authority for row in told(str(code), name, base=str(base) if base else None)]
    ingredients = [printed(name, str(record), position, role) for name, record, position, role in products]
    found = linked(names, ingredients)
    again = linked(chance.sample(names, len(names)), chance.sample(ingredients, len(ingredients)))
    assert found.substance.equals(again.substance)
    for table in ("links", "substance_name", "judgement"):
        one, other = (getattr(each, table) for each in (found, again))
        assert one.sort(one.columns).equals(other.sort(other.columns)), table
    bases = dict(found.substance.select("substance_id", "base_substance_id").rows())
    assert all(base is None or bases[base] is None for base in bases.values())
    assert set(found.links["moiety_id"]) <= bases.keys()
    assert {row["name"] for row in ingredients} == set(found.links["name"])
