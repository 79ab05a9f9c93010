"""Which substance a printed ingredient is: what the names engine answers, and what stays visible on its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dioscorides import contract
from dioscorides.identity.names import Index, form
from dioscorides.identity.substances import Substances, link

Row = dict[str, Any]
Linking = Callable[..., Substances]


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


def typed(table: str, rows: list[Row]) -> pl.DataFrame:
    return contract.RECORDS[table].frame(pl.DataFrame(rows, schema=dict(contract.RECORDS[table].schema().items())))


@pytest.fixture
def linked(tmp_path: Path) -> Linking:
    """What is linked; the index is written to `names.idx`."""

    def made(names: list[Row], ingredients: list[Row], authorisations: Sequence[Row] = ()) -> Substances:
        stated = typed("ingredient", ingredients)
        dictionary = form(typed("name", names), stated, typed("authorisation", list(authorisations)))
        found = link(dictionary, stated, typed("authorisation", list(authorisations)))
        dictionary.index(tmp_path / "names.idx")
        return found

    return made


def moieties(found: Substances) -> dict[str, str]:
    return dict(found.links.select("name", "moiety_id").rows())


def test_a_name_of_one_substance_is_that_substance(linked: Linking) -> None:
    found = linked(
        told("1", "Tisagenlecleucel", "Tisagenlecleucelum"),
        [printed("TISAGENLECLEUCELUM"), printed("tisagenlecleucel", "2")],
    )
    assert moieties(found) == {"TISAGENLECLEUCELUM": "tisagenlecleucel", "tisagenlecleucel": "tisagenlecleucel"}
    assert found.issues.is_empty()
    assert not found.links["unresolved"].any()


@pytest.mark.parametrize("name", ["onasemnogene abeparvovec-xioi", "Onasemnogene Abeparvovec-XIOI"])
def test_the_suffix_of_four_letters_is_no_part_of_the_name(linked: Linking, name: str) -> None:
    found = linked(told("1", "onasemnogene abeparvovec"), [printed(name)])
    assert moieties(found) == {name: "onasemnogene abeparvovec"}


def test_a_name_that_nobody_knows_stays_visible_as_its_own_substance(linked: Linking) -> None:
    found = linked(told("1", "imatinib"), [printed("Zzyxqol"), printed("Qwvortan", "2"), printed("imatinib", "3")])
    assert moieties(found) == {"Zzyxqol": "zzyxqol", "Qwvortan": "qwvortan", "imatinib": "imatinib"}
    judged = {row["text"]: row for row in found.judgement.filter(method="unresolved").to_dicts()}
    assert set(judged) == {"Zzyxqol", "Qwvortan"}
    assert judged["Zzyxqol"]["score"] == 0.0
    assert judged["Zzyxqol"]["reason"].endswith("kept as a substance of its own")
    (issue,) = found.issues.to_dicts()
    assert (issue["register"], issue["kind"], issue["count"], issue["value"]) == (
        "us_a", "unresolved_substance", 2, "Qwvortan",
    )  # fmt: skip
    names = found.substance_name.filter(pl.col("substance_id") == "zzyxqol").to_dicts()
    assert [(row["name"], row["kind"], row["register"]) for row in names] == [("Zzyxqol", "synonym", "us_a")]


def test_a_salt_leads_to_its_moiety_with_the_salt_kept(linked: Linking) -> None:
    found = linked(told("1", "imatinib") + told("2", "imatinib mesylate", base="1"), [printed("Imatinib Mesylate")])
    (row,) = found.links.to_dicts()
    assert (row["moiety_id"], row["salt"]) == ("imatinib", "mesilate")


def test_every_answer_is_a_judgement(linked: Linking) -> None:
    found = linked(told("1", "imatinib"), [printed("IMATINIB"), printed("Zzyxqol", "2")])
    assert set(found.links["judgement_id"]) <= set(found.judgement["judgement_id"])
    assert found.judgement["judgement_id"].is_unique().all()


def test_the_index_that_is_written_answers_as_the_links_do(linked: Linking, tmp_path: Path) -> None:
    found = linked(told("1", "imatinib"), [printed("IMATINIB MESYLATE")])
    (answer,) = Index.open(tmp_path / "names.idx").resolve(["imatinib mesylate"])["substance_id"].to_list()
    assert answer == found.links["substance_id"][0] == "imatinib"


def test_the_order_of_rows_does_not_matter(linked: Linking) -> None:
    names = told("1", "imatinib", "imatinibum") + told("2", "nilotinib") + told("3", "imatinib mesilate", base="1")
    ingredients = [
        printed(name, str(at)) for at, name in enumerate(["Imatinib", "NILOTINIB", "imatinib mesilate", "Zz"])
    ]
    first = linked(names, ingredients)
    for seed in range(3):
        shuffler = random.Random(seed)
        again = linked(shuffler.sample(names, len(names)), shuffler.sample(ingredients, len(ingredients)))
        assert again.substance.equals(first.substance)
        assert again.links.sort("name").equals(first.links.sort("name"))


def test_a_brand_is_no_name_of_an_ingredient(linked: Linking, tmp_path: Path) -> None:
    """A brand learnt from products must not lead an ingredient that is printed like it to the brand's substance."""
    names = [*told("1", "isoetarine"), *told("2", "follitropin alfa")]
    sold = [printed("isoetarine", str(number), register=f"us_{number}") for number in range(4)]
    asked = [printed("follitropin alfa/betapol", "9", register="us_9"), printed("Betapol", "8", register="us_9")]
    authorisations = [
        {"register": f"us_{number}", "snapshot": date(2024, 1, 1), "record_id": str(number), "product_name": "BETAPOL"}
        for number in range(4)
    ]
    found = linked(names, sold + asked, authorisations)
    assert moieties(found)["follitropin alfa/betapol"] != "follitropin alfa+isoetarine"
    assert moieties(found)["Betapol"] == "betapol"
    assert Index.open(tmp_path / "names.idx").resolve(["Betapol"])["substance_id"].to_list() == ["isoetarine"]


@pytest.mark.parametrize(
    ("code", "substance"), [("M01AB15", "ketorolac"), ("M01AB99", "ketoralac"), (None, "ketoralac")]
)
def test_a_misspelt_name_counts_only_where_the_atc_code_confirms_it(
    linked: Linking, code: str | None, substance: str
) -> None:
    """Ketoralac may be ketorolac or another substance: the code of its product tells."""
    sold = [printed("ketorolac", "1"), printed("ketoralac", "2")]
    authorisations = [
        {"register": "us_a", "snapshot": date(2024, 1, 1), "record_id": record, "atc": [atc] if atc else None}
        for record, atc in (("1", "M01AB15"), ("2", code))
    ]
    found = linked(told("1", "ketorolac"), sold, authorisations)
    assert moieties(found)["ketoralac"] == substance
