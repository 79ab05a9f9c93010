"""The engine on real name authorities, where their snapshots lie beside the checkout: floors under its figures."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

from dioscorides.identity.names import Index, form

LABELS = Path(__file__).with_name("labels")
sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))


@pytest.fixture(scope="module")
def real(registers_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Index:
    names_sets = pytest.importorskip("names_sets")
    dictionary = form(names_sets.authorities(registers_dir))
    return dictionary.index(tmp_path_factory.mktemp("names") / "names.idx")


#: Least recall of each list; Chinese has no rule of sound, and the list of its names has the same source as the labels.
LISTS = {
    "de": 0.95, "it": 0.95, "pt": 0.95, "fi": 0.95, "id": 0.95,
    "kk": 0.95, "el": 0.95, "ja": 0.95, "ko": 0.95, "ar": 0.9, "zh": 0.9,
}  # fmt: skip


@pytest.mark.parametrize(("language", "least"), LISTS.items())
def test_names_labelled_by_hand(real: Index, language: str, least: float) -> None:
    lines = (LABELS / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if not line.startswith("#")]
    assert len(pairs) >= 100
    wanted = real.resolve([pair[1] for pair in pairs])["substance_id"].to_list()
    found = real.resolve([pair[0] for pair in pairs])["substance_id"].to_list()
    right = sum(one == two for one, two in zip(found, wanted, strict=True) if one is not None)
    accepted = sum(one is not None for one in found)
    assert right / accepted >= 0.99
    assert right / len(pairs) >= least


def test_nothing_of_the_must_not_list_is_accepted(real: Index) -> None:
    lines = (LABELS / "must_not.tsv").read_text(encoding="utf-8").splitlines()
    asked = [line for line in lines if not line.startswith("#")]
    accepted = real.resolve(asked).filter(pl.col("substance_id").is_not_null())
    assert len(accepted) <= len(asked) // 100


def test_words_for_one_substance_in_many_lists_meet(real: Index) -> None:
    asked = [
        "PARACETAMOLUM",
        "acetaminophen",
        "парацетамол",
        "アセトアミノフェン",
        "아세트아미노펜",
        "Παρακεταμόλη",
        "parasetamol",
    ]
    assert set(real.resolve(asked)["substance_id"]) == {"paracetamol"}
