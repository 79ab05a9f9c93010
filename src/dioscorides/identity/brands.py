"""Which medicine is a product whose register prints a description instead of a name? The brand may tell."""

from __future__ import annotations

from importlib.resources import files

import polars as pl

from dioscorides import contract
from dioscorides.identity.names import dictionary
from dioscorides.identity.text import key

#: The register of what comes from this project's own lists.
OWN = dictionary.OWN
#: A brand that can stand for itself: one word, long enough not to be another's by chance.
BRAND = r"^\p{L}{5,}$"
#: A whole ATC code, down to the substance.
SUBSTANCE = r"^[A-Z]\d{2}[A-Z]{2}\d{2}$"
#: Registers that must agree where no ATC code does.
REGISTERS = 2
#: A word that tells something: two descriptions that share one may mean the same.
TELLING = r"[\p{L}\d]{4,}"
#: How a brand told, and what is said of it in the judgement.
REASONS = {
    "brand list": "the register prints a description; the project's list of brands names what it is",
    "same_brand": "the register prints a description; all products of this brand that name a substance are it",
    "same_description": "registers print descriptions of this brand that share words or the ATC code; one is chosen",
}
SCORES = {"brand list": 1.0, "same_brand": 0.9, "same_description": 0.9}
ADOPTED = ("register", "record_id", "medicine_id", "brand", "method")


def listed() -> pl.DataFrame:
    """The project's list (data/brands.tsv): name, kind (inn, common), brand; a row for each brand."""
    text = (files("dioscorides.identity") / "data" / "brands.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return pl.DataFrame(
        [(name, kind, brand) for name, kind, brands in rows for brand in brands.split("|")],
        schema=["name", "kind", "brand"],
        orient="row",
    )


def names() -> pl.DataFrame:
    """What the project's list calls medicines, as a name authority's entries."""
    entries = listed().select("name", "kind").unique(maintain_order=True)
    return contract.RECORDS["name"].frame(
        entries.select(
            pl.lit(OWN).alias("register"),
            pl.col("name").alias("record_id"),
            pl.lit(OWN).alias("code_system"),
            pl.col("name").alias("code"),
            "name",
            pl.lit("en").alias("language"),
            pl.lit("Latn").alias("script"),
            pl.when(pl.col("kind") == "inn").then(pl.lit("inn")).otherwise(pl.lit("national")).alias("kind"),
        )
    )


def adopt(records: pl.DataFrame, words: pl.Series, told: pl.DataFrame) -> pl.DataFrame:
    """The medicine of records that print only a description, as their brand tells it.

    `records` has register, record_id, product_name, atc (list), medicine_id, english (bool: the ingredients are printed
    in English), known (share of the ingredients that an authority knows: 0 is a description, 1 a product that is named
    whole). `words`: first words of names of substances,
    which are no brands (`key`ed). `told`: brand and medicine_id of the project's list. The list speaks first, then
    products of the brand that are named whole, then another description of the brand. Gives register, record_id,
    medicine_id, brand, method.
    """
    first_word = pl.col("product_name").str.replace(r"[\s,(®™].*$", "")
    codes = pl.col("atc").list.eval(pl.element().filter(pl.element().str.contains(SUBSTANCE)))
    known = records.with_columns(key(first_word).alias("brand"), codes.alias("codes"))
    by_list = (
        known.filter(pl.col("known") < 1)
        .drop("medicine_id")
        .join(told, on="brand")
        .select("register", "record_id", "medicine_id", "brand", pl.lit("brand list").alias("method"))
    )
    branded = known.filter(pl.col("brand").str.contains(BRAND) & ~pl.col("brand").is_in(words.implode()))
    found = [by_list, _named(branded), _described(branded)]
    return pl.concat(found).select(ADOPTED).unique(["register", "record_id"], keep="first", maintain_order=True)


def _named(known: pl.DataFrame) -> pl.DataFrame:
    """By products that name a substance: all of the brand that are named whole are one medicine, and either they bear
    the very ATC code of the described product, or that bears none and two registers agree on the medicine.
    """
    named = (
        known.filter(pl.col("known") == 1)
        .group_by("brand")
        .agg(
            pl.col("medicine_id").n_unique().alias("medicines"),
            pl.col("medicine_id").first().alias("answer"),
            pl.col("register").n_unique().alias("registers"),
            pl.col("codes").explode(empty_as_null=True).drop_nulls().unique().alias("theirs"),
        )
        .filter(pl.col("medicines") == 1)
    )
    same_code = pl.col("codes").list.set_intersection("theirs").list.len() > 0
    no_code = (pl.col("codes").list.len().fill_null(0) == 0) & (pl.col("registers") >= REGISTERS)
    return (
        known.filter(pl.col("known") == 0)
        .join(named, on="brand")
        .filter(same_code | no_code)
        .select(
            "register",
            "record_id",
            pl.col("answer").alias("medicine_id"),
            "brand",
            pl.lit("same_brand").alias("method"),
        )
    )


def _described(known: pl.DataFrame) -> pl.DataFrame:
    """By another description: where no product of the brand is named, each register describes it in one way, and the
    descriptions share the ATC code or, where one has none, a word, one of them is meant: an English one, the one that
    most registers print, the shortest.
    """
    silent = known.filter((pl.col("known") == 0).all().over("brand"))
    univocal = silent.filter((pl.col("medicine_id").n_unique().over("brand", "register") == 1).all().over("brand"))
    several = univocal.filter(pl.col("medicine_id").n_unique().over("brand") > 1)
    chosen = (
        several.group_by("brand", "medicine_id")
        .agg(
            pl.col("english").any(),
            pl.col("register").n_unique().alias("registers"),
            pl.col("codes").explode(empty_as_null=True).drop_nulls().unique().alias("theirs"),
        )
        .with_columns(pl.col("medicine_id").str.len_chars().alias("length"))
        .sort(
            "brand",
            "english",
            "registers",
            "length",
            "medicine_id",
            descending=[False, True, True, False, False],
        )
        .unique("brand", keep="first", maintain_order=True)
        .select("brand", pl.col("medicine_id").alias("answer"), "theirs")
    )
    words = [pl.col(column).str.extract_all(TELLING) for column in ("medicine_id", "answer")]
    same_code = pl.col("codes").list.set_intersection("theirs").list.len() > 0
    no_code = (pl.col("codes").list.len().fill_null(0) == 0) | (pl.col("theirs").list.len() == 0)
    same_word = words[0].list.set_intersection(words[1]).list.len() > 0
    return (
        several.join(chosen, on="brand")
        .filter((pl.col("medicine_id") != pl.col("answer")) & (same_code | (no_code & same_word)))
        .select(
            "register",
            "record_id",
            pl.col("answer").alias("medicine_id"),
            "brand",
            pl.lit("same_description").alias("method"),
        )
    )
