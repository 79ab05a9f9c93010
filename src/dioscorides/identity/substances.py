"""Which substance is this ingredient? The names engine answers; what it does not know stays visible on its own."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dioscorides import contract
from dioscorides.identity import brands
from dioscorides.identity.judgements import judgement_id, judgements
from dioscorides.identity.names import Dictionary, Index
from dioscorides.identity.text import key

#: A four-letter suffix that FDA adds to the proper name of a biological product: no letter meaning, lower case.
FDA_SUFFIX = r"^(.*[a-z]{4,}(?:-[A-Za-z])?)-[a-z]{4}$"
#: What tells two printed ingredients apart.
PRINTED = ("register", "name", "language", "code_system", "code")
UNRESOLVED = "unresolved"
#: The method of a misspelt name's answer.
GUESS = "slip"


@dataclass(frozen=True)
class Substances:
    """Substances, their names, and what each printed ingredient is.

    `links` has a row per register, name, language, code_system, code: substance_id, moiety_id (of a name for several
    substances their ids, joined by +), salt, judgement_id, unresolved (no list knows it), own_inn (it is a moiety that
    has an INN).
    """

    substance: pl.DataFrame
    substance_name: pl.DataFrame
    judgement: pl.DataFrame
    links: pl.DataFrame
    issues: pl.DataFrame


def link(dictionary: Dictionary, ingredients: pl.DataFrame, authorisations: pl.DataFrame) -> Substances:
    """Substances of a dictionary and of the registers' `ingredients`, with the `authorisations` that bear ATC codes.

    A name that nobody knows stays a substance of its own, with an issue.
    """
    answers = _answers(ingredients, dictionary.draft.without_brands())
    printed = _resolved(ingredients, _confirmed(answers, ingredients, authorisations))
    substance = _substances(dictionary.substances, printed)
    base = substance.select("substance_id", "base_substance_id", "inn")
    links = printed.join(base, on="substance_id", how="left", maintain_order="left").select(
        *PRINTED,
        "substance_id",
        pl.coalesce("base_substance_id", "substance_id").alias("moiety_id"),
        "salt",
        "judgement_id",
        (pl.col("method") == UNRESOLVED).alias("unresolved"),
        (pl.col("inn").is_not_null() & pl.col("base_substance_id").is_null()).alias("own_inn"),
    )
    return Substances(
        substance,
        _names(dictionary.names, printed),
        pl.concat([contract.ATLAS["judgement"].frame(dictionary.judgements), judgements("substance", printed)]).unique(
            "judgement_id", keep="first", maintain_order=True
        ),
        links,
        _issues(printed),
    )


def _answers(ingredients: pl.DataFrame, index: Index) -> pl.DataFrame:
    """What the engine says of each distinct name: name, answer, method, score, said, salt."""
    texts = ingredients.filter(key(pl.col("name")) != "")["name"].unique(maintain_order=True)
    return index.resolve(texts.to_list()).select(
        pl.col("input").alias("name"),
        pl.col("substance_id").alias("answer"),
        "method",
        "score",
        pl.col("reason").alias("said"),
        "salt",
    )


def _confirmed(answers: pl.DataFrame, ingredients: pl.DataFrame, authorisations: pl.DataFrame) -> pl.DataFrame:
    """The answers, those to misspelt names only where a product bears an ATC code of the substance.

    A new substance differs from an old one by a letter or two as often as a misspelt one does; the code tells them
    apart.
    """
    record = ["register", "record_id"]
    codes = authorisations.select(*record, pl.col("atc").alias("atc_code")).explode("atc_code", empty_as_null=True)
    coded = (
        ingredients.filter(pl.col("role") != "excipient")
        .join(codes.filter(pl.col("atc_code").str.contains(brands.SUBSTANCE)), on=record)
        .select("name", "atc_code")
        .unique()
    )
    judged = coded.join(answers.drop_nulls("answer"), on="name")
    sure = judged.filter(pl.col("method") != GUESS).select("answer", "atc_code").unique()
    agreed = judged.filter(pl.col("method") == GUESS).join(sure, on=["answer", "atc_code"], how="semi")
    doubted = (pl.col("method") == GUESS) & ~pl.col("name").is_in(agreed["name"].implode())
    said = pl.format("a slip of {}, perhaps, which no ATC code confirms", "answer")
    return answers.with_columns(
        pl.when(doubted).then(None).otherwise(pl.col("answer")).alias("answer"),
        pl.when(doubted).then(said).otherwise(pl.col("said")).alias("said"),
    )


def _resolved(ingredients: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """The distinct printed ingredients with the answer to each: substance_id, method, score, reason, salt."""
    printed = ingredients.select(PRINTED).unique(maintain_order=True).filter(key(pl.col("name")) != "")
    own = key(pl.col("name").str.replace(FDA_SUFFIX, "${1}"))
    known = pl.col("answer").is_not_null()
    return (
        printed.join(answers, on="name", how="left", maintain_order="left")
        .with_columns(
            pl.when(known).then("answer").otherwise(own).alias("substance_id"),
            pl.when(known).then("method").otherwise(pl.lit(UNRESOLVED)).alias("method"),
            pl.when(known).then("score").otherwise(0.0).alias("score"),
            pl.when(known)
            .then(pl.coalesce("said", pl.lit("the names engine leads this name to it")))
            .otherwise(
                pl.format(
                    "{}; kept as a substance of its own", pl.coalesce("said", pl.lit("no authority has this name"))
                )
            )
            .alias("reason"),
        )
        .with_columns(pl.col("name").alias("text"), pl.col("substance_id").alias("answer"))
        .with_columns(judgement_id("substance"))
        .drop("said")
    )


def _substances(known: pl.DataFrame, printed: pl.DataFrame) -> pl.DataFrame:
    """All substances: the dictionary's, and those that only a printed name stands for."""
    own = printed.filter(pl.col("method") == UNRESOLVED).select("substance_id").unique()
    frame = pl.concat([known, own.join(known, on="substance_id", how="anti")], how="diagonal")
    return contract.ATLAS["substance"].frame(frame).sort("substance_id")


def _names(known: pl.DataFrame, printed: pl.DataFrame) -> pl.DataFrame:
    """All names: the dictionary's, and those that registers print (of several substances: under each)."""
    seen = (
        printed.with_columns(pl.col("substance_id").str.split("+"))
        .explode("substance_id")
        .select("substance_id", "name", "language", pl.lit("synonym").alias("kind"), "register", "judgement_id")
    )
    single = seen.filter(pl.len().over("name", "register") == 1)
    return (
        contract.ATLAS["substance_name"]
        .frame(pl.concat([known, single], how="diagonal"))
        .unique(maintain_order=True)
        .sort("substance_id", "kind", "language", "name", "register")
    )


def _issues(printed: pl.DataFrame) -> pl.DataFrame:
    return (
        printed.filter(pl.col("method") == UNRESOLVED)
        .group_by("register")
        .agg(pl.col("name").n_unique().alias("count"), pl.col("name").sort().first().alias("value"))
        .select(
            "register",
            pl.lit("unresolved_substance").alias("kind"),
            pl.lit("identity.substances").alias("where"),
            "value",
            "count",
        )
        .sort("register")
    )
