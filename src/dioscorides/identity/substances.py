"""Which substance is this name? Exact normalised names and codes, and the salts that authorities pair with a base."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dioscorides import contract
from dioscorides.identity.judgements import judgement_id, judgements
from dioscorides.identity.text import key

#: A four-letter suffix that FDA adds to the proper name of a biological product: no letter meaning, lower case.
FDA_SUFFIX = r"^(.*[a-z]{4,})-[a-z]{4}$"
LANGUAGE_ORDER = {"en": 0, "la": 1}


@dataclass(frozen=True)
class Substances:
    """Substances, their names, and what each printed ingredient is (register, name, language, code_system, code)."""

    substance: pl.DataFrame
    substance_name: pl.DataFrame
    judgement: pl.DataFrame
    links: pl.DataFrame
    issues: pl.DataFrame


def link(names: pl.DataFrame, ingredients: pl.DataFrame) -> Substances:
    """Substances of the authorities' `names` (record table name) and of the registers' `ingredients`.

    `ingredients` has a row per register, record_id, position, name, language, code_system, code, role. A name that no
    authority has stays visible as a substance of its own, with an issue.
    """
    authority = _authority(names)
    printed = (
        ingredients.select("register", "name", "language", "code_system", "code")
        .unique(maintain_order=True)
        .with_columns(key(pl.col("name").str.replace(FDA_SUFFIX, "${1}")).alias("key"))
    )
    known = (
        authority.select("key", "substance_id")
        .unique()
        .group_by("key")
        .agg(pl.col("substance_id").sort(), pl.len().alias("n"))
        .with_columns(pl.col("substance_id").list.first().alias("answer"))
    )
    printed = printed.join(
        known.select("key", "answer", "n"), on="key", how="left", maintain_order="left"
    ).with_columns(
        pl.when(pl.col("n") == 1).then("answer").otherwise("key").alias("substance_id"),
        pl.when(pl.col("n") == 1)
        .then(pl.lit("exact"))
        .when(pl.col("n") > 1)
        .then(pl.lit("ambiguous"))
        .otherwise(pl.lit("unresolved"))
        .alias("method"),
    )
    printed = (
        printed.filter(pl.col("substance_id") != "")
        .with_columns(
            pl.col("name").alias("text"),
            pl.col("substance_id").alias("answer"),
            pl.when(pl.col("method") == "exact").then(1.0).otherwise(0.0).alias("score"),
            pl.col("method")
            .replace_strict(
                {
                    "exact": "the normalised name is the name of one substance in a name authority",
                    "ambiguous": "name authorities give this name to several substances; kept apart",
                    "unresolved": "no name authority has this name; kept as a substance of its own",
                }
            )
            .alias("reason"),
        )
        .with_columns(judgement_id("substance"))
    )
    bases = _bases(authority, ingredients, printed)
    substance = _substances(authority, printed, bases)
    resolved = substance.select("substance_id", moiety_id=pl.coalesce("base_substance_id", "substance_id"))
    links = printed.select("register", "name", "language", "code_system", "code", "substance_id", "judgement_id").join(
        resolved, on="substance_id", how="left", maintain_order="left"
    )
    return Substances(
        substance,
        _names(authority, printed),
        pl.concat([judgements("substance", printed), judgements("base", bases)]),
        links,
        _issues(printed),
    )


def _authority(names: pl.DataFrame) -> pl.DataFrame:
    """Names of authorities with the substance they name: one per code, called by its English name where it has one."""
    frame = names.with_columns(key(pl.col("name")).alias("key")).filter(pl.col("key") != "")
    called = (
        frame.with_columns(pl.col("language").replace_strict(LANGUAGE_ORDER, default=9).alias("order"))
        .sort("order", "name", maintain_order=True)
        .group_by("code_system", "code", maintain_order=True)
        .agg(pl.col("key").first().alias("substance_id"))
    )
    return frame.join(called, on=["code_system", "code"], how="left", maintain_order="left")


def _bases(authority: pl.DataFrame, ingredients: pl.DataFrame, printed: pl.DataFrame) -> pl.DataFrame:
    """Salt to base, as judgements: an authority's pairs first, then actives that registers print beside one moiety."""
    codes = authority.select("code_system", "code", "substance_id").unique()
    stated = (
        authority.filter(pl.col("base_code").is_not_null())
        .select("code_system", "base_code", pl.col("substance_id").alias("text"))
        .unique()
        .join(
            codes.rename({"substance_id": "answer"}),
            left_on=["code_system", "base_code"],
            right_on=["code_system", "code"],
            maintain_order="left",
        )
        .select("text", "answer", pl.lit("authority_pair").alias("method"))
    )
    linked = ingredients.join(
        printed.select("register", "name", "language", "code_system", "code", "substance_id"),
        on=["register", "name", "language", "code_system", "code"],
        nulls_equal=True,
    ).filter(pl.col("position").is_not_null())
    beside = (
        linked.filter(pl.col("role") == "active")
        .join(
            linked.filter(pl.col("role") == "moiety").select(
                "register", "record_id", "position", pl.col("substance_id").alias("answer")
            ),
            on=["register", "record_id", "position"],
        )
        .select(pl.col("substance_id").alias("text"), "answer", pl.lit("register_pair").alias("method"))
    )
    pairs = pl.concat([stated, beside]).filter(pl.col("text") != pl.col("answer")).unique()
    single = (
        pairs.group_by("method", "text").agg(pl.col("answer").unique().sort()).filter(pl.col("answer").list.len() == 1)
    )
    return (
        single.with_columns(pl.col("answer").list.first())
        .sort("method", "text")
        .unique("text", keep="first", maintain_order=True)
        .with_columns(
            pl.lit(1.0).alias("score"),
            pl.when(pl.col("method") == "authority_pair")
            .then(pl.lit("a name authority pairs this salt or ester with its base"))
            .otherwise(pl.lit("registers print this active substance beside this moiety and no other"))
            .alias("reason"),
        )
    )


def _substances(authority: pl.DataFrame, printed: pl.DataFrame, bases: pl.DataFrame) -> pl.DataFrame:
    inns = (
        authority.filter(pl.col("kind") == "inn")
        .group_by("substance_id")
        .agg(pl.col("name").sort_by("language").first().alias("latin"))
    )
    ids = (
        pl.concat(
            [authority.select("substance_id"), printed.select("substance_id"), bases.select(substance_id="answer")]
        )
        .unique()
        .sort("substance_id")
    )
    direct = dict(zip(bases["text"], bases["answer"], strict=True))
    roots = {text: _root(text, direct) for text in direct}
    base = pl.DataFrame(
        {"substance_id": list(roots), "base_substance_id": list(roots.values())},
        schema={"substance_id": pl.String, "base_substance_id": pl.String},
    )
    frame = (
        ids.join(inns, on="substance_id", how="left")
        .join(base, on="substance_id", how="left", maintain_order="left")
        .with_columns(pl.when(pl.col("latin").is_not_null()).then("substance_id").alias("inn"))
        .drop("latin")
    )
    return contract.ATLAS["substance"].frame(frame).sort("substance_id")


def _root(text: str, direct: dict[str, str]) -> str:
    """The base of the base, and so on; where pairs go round in a circle, the first of it in the alphabet."""
    seen = [text]
    while (upper := direct.get(seen[-1])) is not None:
        if upper in seen:
            return min(seen[seen.index(upper) :])
        seen.append(upper)
    return seen[-1]


def _names(authority: pl.DataFrame, printed: pl.DataFrame) -> pl.DataFrame:
    told = authority.select("substance_id", "name", "language", "script", "kind", "register")
    seen = printed.select(
        "substance_id", "name", "language", pl.lit("synonym").alias("kind"), "register", "judgement_id"
    )
    return (
        contract.ATLAS["substance_name"]
        .frame(pl.concat([told, seen], how="diagonal"))
        .unique(maintain_order=True)
        .sort("substance_id", "kind", "language", "name", "register")
    )


def _issues(printed: pl.DataFrame) -> pl.DataFrame:
    return (
        printed.filter(pl.col("method") != "exact")
        .group_by("register", "method")
        .agg(pl.len().alias("count"), pl.col("name").sort().first().alias("value"))
        .select(
            "register",
            (pl.col("method") + "_substance").alias("kind"),
            pl.lit("identity.substances").alias("where"),
            "value",
            "count",
        )
        .sort("register", "kind")
    )
