"""What a medicine is: cell, gene in vivo, siRNA, ... A cascade of stated rules, each hit says which.

Rules and their sources: `data/modality.yaml` (INN stems, register flags, texts) and `data/advanced_therapies.tsv`
(facts that no stem tells, and vectors).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from dioscorides.identity.text import key_of

DATA = files("dioscorides.identity") / "data"
OTHER = "other"
#: What descriptions name besides the vector, by the lists of `modality.yaml`.
NAMED = ("sources", "cells", "editing")


@dataclass(frozen=True)
class Modality:
    """A modality, the rule that says so, and the vector or way of delivery where known."""

    modality: str
    rule: str
    vector: str | None = None


#: What FDA appends to the names of biological products, and the letter of a cell product: -xioi, -t.
SUFFIX = re.compile(r"[ -][a-z]{4}$")
LETTER = re.compile(r"[ -][a-z]$")
#: Words after a name that say its salt.
SALT = re.compile(r"( \w*(sodium|potassium|calcium|hydrochloride|acetate))+$")


@cache
def _facts() -> dict[str, Modality]:
    with (DATA / "advanced_therapies.tsv").open(encoding="utf-8") as stream:
        return {
            key_of(row["inn"]): Modality(
                row["modality"], "facts: named advanced therapy", row["vector_or_delivery"] or None
            )
            for row in csv.DictReader(stream, delimiter="\t")
        }


@dataclass(frozen=True)
class Rule:
    """A rule of `modality.yaml`: what must be in a text, what must be besides, and what must not."""

    pattern: re.Pattern[str]
    requires: re.Pattern[str]
    against: re.Pattern[str]
    one_word: bool
    says: Modality

    def applies(self, text: str) -> bool:
        return bool(
            self.pattern.search(text)
            and self.requires.search(text)
            and not self.against.search(text)
            and not (self.one_word and " " in text)
        )


@dataclass(frozen=True)
class Rules:
    """The rules of a kind in their order, and one pattern that every text has to which any of them applies."""

    rules: tuple[Rule, ...]
    any: re.Pattern[str]

    def first(self, text: str) -> Modality | None:
        """What the first rule says that applies."""
        if not self.any.search(text):
            return None
        return next((rule.says for rule in self.rules if rule.applies(text)), None)


@cache
def _data() -> dict[str, Any]:
    import yaml

    rules: dict[str, Any] = yaml.safe_load((DATA / "modality.yaml").read_text(encoding="utf-8"))
    return rules


@cache
def _rules(kind: str) -> Rules:
    rules = [
        Rule(
            re.compile(one["pattern"]),
            re.compile(one.get("requires", "")),
            re.compile(one.get("not", r"(?!)")),
            one.get("words") == 1,
            Modality(one.get("modality", OTHER), one.get("rule", kind), one.get("vector")),
        )
        for one in _data()[kind]
    ]
    return Rules(tuple(rules), re.compile("|".join(f"(?:{one['pattern']})" for one in _data()[kind])))


def of(names: list[str], flags: list[str]) -> Modality:
    """Modality of a medicine whose moieties are called `names`, with the flags that registers set.

    Of several moieties the first that a rule knows decides. Without a hit it is `other`, by no rule.
    """
    for tell in (_by_facts, _by_stem):
        for name in names:
            if (hit := tell(name)) is not None:
                return hit
    text = " ".join(name.lower() for name in names)
    described = _rules("text").first(text)
    if described is not None and described.modality != OTHER:
        return replace(described, vector=delivery(text))
    flagged = next((_data()["flags"][flag] for flag in flags if flag in _data()["flags"]), None)
    return Modality(flagged["modality"], flagged["rule"]) if flagged else Modality(OTHER, "no rule")


@cache
def _by_facts(name: str) -> Modality | None:
    return next(filter(None, (_facts().get(key_of(one)) for one in _spellings(name))), None)


@cache
def _by_stem(name: str) -> Modality | None:
    return next(filter(None, map(_rules("stems").first, _spellings(name))), None)


def _spellings(name: str) -> list[str]:
    """A name as it is, and without what FDA appends and without its salt."""
    plain = name.lower().strip()
    cut = [plain, SUFFIX.sub("", plain), SALT.sub("", plain)]
    return list(dict.fromkeys([*cut, *(LETTER.sub("", one) for one in cut)]))


def delivery(text: str) -> str | None:
    """Vector or way of delivery, editing, and source and kind of cells, as a description names them."""
    text = text.lower()
    found = [
        (match.start(), rule.says.vector or "")
        for rule in _rules("vectors").rules
        if (match := rule.pattern.search(text))
    ]
    vector = min(found)[1] if found else None
    if vector == "AAV" and (serotype := re.search(_data()["serotype"], text)):
        vector += _serotype(serotype[1])
    said = [hit.vector if (hit := _rules(kind).first(text)) else None for kind in NAMED]
    source, cells, editing = said
    return "; ".join(filter(None, [vector, editing, " ".join(filter(None, [source, cells]))])) or None


def _serotype(printed: str) -> str:
    """A serotype as one writes it: rh10, hu68, LK03, 2.7m8."""
    plain = re.sub(r"^(rh[ .]*)+", "rh", printed.replace(" ", ""))
    return plain if re.match(r"rh|hu|\d", plain) else plain.upper()


def table(medicines: pl.DataFrame) -> pl.DataFrame:
    """`medicines` (medicine_id, names: list, flags: list) with modality, modality_rule, vector_or_delivery."""
    hits = [of(names, flags or []) for names, flags in medicines.select("names", "flags").iter_rows()]
    return medicines.with_columns(
        pl.Series("modality", [hit.modality for hit in hits], pl.String),
        pl.Series("modality_rule", [hit.rule for hit in hits], pl.String),
        pl.Series("vector_or_delivery", [hit.vector for hit in hits], pl.String),
    )
