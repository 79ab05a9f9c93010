"""Which organisation is this name? Only spellings of the very same name come together; likeness says nothing."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dioscorides import contract
from dioscorides.identity.judgements import judgement_id, judgements
from dioscorides.identity.text import key

#: Legal forms written out and abbreviated. A form is never dropped: two companies may differ by it alone.
FORMS = {
    "limited": "ltd", "incorporated": "inc", "corporation": "corp", "company": "co", "societe anonyme": "sa",
    "gesellschaft mit beschrankter haftung": "gmbh", "b v": "bv", "s a": "sa", "a s": "as", "s p a": "spa",
    "s r l": "srl", "s l": "sl", "s a s": "sas", "s a r l": "sarl", "d a c": "dac", "u c": "uc", "e e i g": "eeig",
}  # fmt: skip


@dataclass(frozen=True)
class Organisations:
    """Organisations, their names, and the id behind each printed holder (register, holder_name)."""

    organisation: pl.DataFrame
    organisation_name: pl.DataFrame
    judgement: pl.DataFrame
    links: pl.DataFrame


def link(holders: pl.DataFrame) -> Organisations:
    """Organisations of the holders printed: `holders` has register, holder_name, holder_country, a row per record."""
    counted = (
        holders.filter(pl.col("holder_name").is_not_null())
        .group_by("register", "holder_name")
        .agg(pl.len().alias("n"), pl.col("holder_country").drop_nulls().mode().sort().first())
    )
    text = " " + key(pl.col("holder_name")) + " "
    for long, short in sorted(FORMS.items(), key=lambda form: -len(form[0])):  # S.A.R.L. is no S.A.
        text = text.str.replace_all(f" {long} ", f" {short} ", literal=True)
    links = counted.with_columns(text.str.strip_chars().str.replace_all(" ", "-").alias("organisation_id")).filter(
        pl.col("organisation_id") != ""
    )
    told = links.with_columns(
        pl.col("holder_name").alias("text"),
        pl.col("organisation_id").alias("answer"),
        pl.lit("exact").alias("method"),
        pl.lit(1.0).alias("score"),
        pl.lit("the name, with case, marks and spelling of the legal form set aside").alias("reason"),
    ).with_columns(judgement_id("organisation"))
    organisation = (
        links.sort("organisation_id", "n", "holder_name", descending=[False, True, False])
        .group_by("organisation_id", maintain_order=True)
        .agg(
            pl.col("holder_name").first().alias("name"), pl.col("holder_country").drop_nulls().first().alias("country")
        )
    )
    return Organisations(
        contract.ATLAS["organisation"].frame(organisation),
        contract.ATLAS["organisation_name"]
        .frame(told.select("organisation_id", pl.col("holder_name").alias("name"), "register", "judgement_id"))
        .sort("organisation_id", "register", "name"),
        judgements("organisation", told.sort("text", "register")),
        links.select("register", "holder_name", pl.col("organisation_id").alias("holder_id")).sort(
            "register", "holder_name"
        ),
    )
