"""What a medicine is: cell, gene in vivo, siRNA, ... A cascade of stated rules, each hit says which.

Rules and their sources: `data/modality.yaml` (INN stems, register flags, texts) and `data/advanced_therapies.tsv`
(facts that no stem tells, and vectors).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from dioscorides.identity.text import key_of

DATA = files("dioscorides.identity") / "data"
OTHER = "other"


@dataclass(frozen=True)
class Modality:
    """A modality, the rule that says so, and the vector or way of delivery where known."""

    modality: str
    rule: str
    vector: str | None = None


@cache
def _facts() -> dict[str, Modality]:
    with (DATA / "advanced_therapies.tsv").open(encoding="utf-8") as stream:
        return {
            key_of(row["inn"]): Modality(
                row["modality"], "facts: named advanced therapy", row["vector_or_delivery"] or None
            )
            for row in csv.DictReader(stream, delimiter="\t")
        }


@cache
def _rules() -> dict[str, Any]:
    import yaml

    rules: dict[str, Any] = yaml.safe_load((DATA / "modality.yaml").read_text(encoding="utf-8"))
    return rules


def of(names: list[str], flags: list[str]) -> Modality:
    """Modality of a medicine whose moieties are called `names`, with the flags that registers set.

    Of several moieties the first that a rule knows decides. Without a hit it is `other`, by no rule.
    """
    for name in names:
        if (hit := _facts().get(key_of(name))) is not None:
            return hit
    for name in names:
        if (hit := _by_stem(name.lower().strip())) is not None:
            return hit
    text = " ".join(names).lower()
    described = next(
        (Modality(rule["modality"], rule["rule"]) for rule in _rules()["text"] if re.search(rule["pattern"], text)),
        None,
    )
    flagged = next((_rules()["flags"][flag] for flag in flags if flag in _rules()["flags"]), None)
    if flagged is not None:
        return described or Modality(flagged["modality"], flagged["rule"])
    return described or Modality(OTHER, "no rule")


def _by_stem(name: str) -> Modality | None:
    for rule in _rules()["stems"]:
        if rule.get("words") == 1 and " " in name:
            continue
        if re.search(rule["pattern"], name) and not re.search(rule.get("not", r"(?!)"), name):
            return Modality(rule["modality"], rule["rule"], rule.get("vector"))
    return None


def table(medicines: pl.DataFrame) -> pl.DataFrame:
    """`medicines` (medicine_id, names: list, flags: list) with modality, modality_rule, vector_or_delivery."""
    hits = [of(names, flags or []) for names, flags in medicines.select("names", "flags").iter_rows()]
    return medicines.with_columns(
        pl.Series("modality", [hit.modality for hit in hits], pl.String),
        pl.Series("modality_rule", [hit.rule for hit in hits], pl.String),
        pl.Series("vector_or_delivery", [hit.vector for hit in hits], pl.String),
    )
