"""Names that everybody may write (Wikidata): added to the substances that authorities have; they join none, make none.

An item is one substance if the code that it states and its English and Latin names lead to that substance and to no
other. Its names in other tongues then are names of that substance, except those by which an authority calls another
one, and those that two items of different substances share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from dioscorides.identity.names.contents import Readings

#: Languages in which an item's name is compared with the names of authorities.
COMPARED = ("en", "la")


class Label(NamedTuple):
    """A name that an item gives to a substance; `plain` and `key` as the engine reads it."""

    name: str
    plain: str
    key: str
    language: str
    script: str
    kind: str


@dataclass
class Item:
    """An item of a crowd-sourced list: what it says, the number of its substance or None, and why."""

    register: str
    record: str
    code: tuple[str, str]
    labels: list[Label] = field(default_factory=list)
    substance: int | None = None
    reason: str = ""

    @property
    def title(self) -> str:
        """What to call it: its English or Latin name, or its number."""
        return min((label.name for label in self.labels if label.language in COMPARED), default=self.record)


def items(
    records: pl.DataFrame,
    readings: Readings,
    by_code: Mapping[tuple[str, str], int],
    by_key: Mapping[str, set[int]],
) -> list[Item]:
    """The items of these `name` records, each with the substance that it is and the labels that may be taken from it.

    `by_code` and `by_key` lead from an authority's code, and from a name as the engine reads it, to the numbers of the
    authorities' substances.
    """
    compared = pl.col("language").is_in(COMPARED)
    found = _read(records.filter(compared), readings)
    coded = records.select("register", "record_id", _system(), "code").unique().sort(pl.all())
    for register, record, system, code in coded.iter_rows():
        found.setdefault((register, record), Item(register, record, (system, code)))
    for item in found.values():
        item.substance, item.reason = _substance(item, by_code, by_key)
    # what no authority has is the most, and its names in other tongues are of no use
    known = pl.DataFrame(
        [pair for pair, item in found.items() if item.substance is not None],
        schema={"register": pl.String, "record_id": pl.String},
        orient="row",
    )
    others = _read(
        records.filter(~compared.fill_null(False)).join(known, on=["register", "record_id"], how="semi"), readings
    )
    for pair, item in others.items():
        found[pair].labels += item.labels
    return _freed(list(found.values()), by_key)


def _freed(found: list[Item], by_key: Mapping[str, set[int]]) -> list[Item]:
    """The items without the labels that authorities have, and those that items of different substances share."""
    claims: dict[str, set[int]] = defaultdict(set)
    for item in found:
        if item.substance is not None:
            for label in item.labels:
                claims[label.key].add(item.substance)
    for item in found:
        item.labels = [
            label
            for label in item.labels
            if item.substance is None or (not by_key.get(label.key) and len(claims[label.key]) == 1)
        ]
    return found


def _system() -> pl.Expr:
    return pl.coalesce("code_system", "register").alias("code_system")


def _read(records: pl.DataFrame, readings: Readings) -> dict[tuple[str, str], Item]:
    """The items of name records, by register and record, with the labels that can be names."""
    found: dict[tuple[str, str], Item] = {}
    wanted = ["register", "record_id", "code_system", "code", "name", "language", "script", "kind"]
    rows = records.with_columns(_system()).select(wanted).unique().sort(wanted, nulls_last=True)
    for register, record, system, code, name, language, script, kind in zip(
        *(rows[column].to_list() for column in wanted), strict=True
    ):
        plain, key, nothing = readings.read(name or "")
        if plain and not nothing:
            item = found.setdefault((register, record), Item(register, record, (system, code)))
            item.labels.append(Label(name, plain, key, language or "", script or "", kind))
    return found


def _substance(
    item: Item, by_code: Mapping[tuple[str, str], int], by_key: Mapping[str, set[int]]
) -> tuple[int | None, str]:
    coded = by_code.get(item.code)
    meant = set() if coded is None else {coded}
    for label in item.labels:
        if label.language in COMPARED and coded not in (named := by_key.get(label.key, set())):
            meant |= named
    if len(meant) > 1:
        return None, "its code and its names, or its names, are those of different substances"
    if not meant:
        return None, "no authority has it"
    how = "no other name" if coded is None else "no other code"
    return meant.pop(), f"it has the {'name' if coded is None else 'code'} of this substance and {how}"
