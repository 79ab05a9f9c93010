"""Finding a medicine by any text: the search table, and looking up in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dioscorides.identity.text import key_of

if TYPE_CHECKING:
    import polars as pl

    from dioscorides.atlas.release import Atlas

#: The code of a group of the ATC classification.
GROUP = re.compile(r"[A-Z]\d\d[A-Z]{0,2}")
#: What a text is taken for first. A substance's name before a brand that happens to be spelt alike.
KINDS = ("substance", "number", "brand", "atc")
LETTERED = r"^([a-z]+)(\d{4,})$"


def table(
    authorisation: pl.DataFrame, substance_name: pl.DataFrame, substance: pl.DataFrame, medicine: pl.DataFrame
) -> pl.DataFrame:
    """Every text by which a medicine can be found, with the medicine."""
    import polars as pl

    from dioscorides import contract
    from dioscorides.identity.text import key

    known = authorisation.filter(pl.col("medicine_id").is_not_null())
    brand = pl.col("product_name")
    texts = [
        known.select("medicine_id", pl.lit("brand").alias("kind"), brand.alias("text")),
        # what stands before a strength or a form is the brand: "KYMRIAH 1,2 x 10^6 cellules, dispersion"
        known.select(
            "medicine_id", pl.lit("brand").alias("kind"), brand.str.extract(r"^([^,0-9]*[^,0-9\s(])").alias("text")
        ),
        known.select("medicine_id", pl.lit("number").alias("kind"), pl.col("number").alias("text")),
        known.select("medicine_id", pl.lit("number").alias("kind"), pl.col("other_numbers").alias("text")).explode(
            "text"
        ),
        known.select("medicine_id", pl.lit("atc").alias("kind"), pl.col("atc").alias("text"))
        .explode("text")
        .filter(pl.col("text").str.len_chars() == 7),  # a group of the classification is no medicine
    ]
    moiety = substance.select("substance_id", pl.coalesce("base_substance_id", "substance_id").alias("moiety_id"))
    names = (
        substance_name.filter(pl.col("kind") != "brand")  # a brand leads to the products that bear it
        .join(moiety, on="substance_id")
        .select("moiety_id", pl.col("name").alias("text"))
        .unique()
    )
    parts = medicine.select("medicine_id").with_columns(pl.col("medicine_id").str.split("+").alias("moiety_id"))
    alone = parts.with_columns((pl.col("moiety_id").list.len() == 1).alias("alone")).explode("moiety_id")
    # a substance leads to the medicine that it is alone; where there is none, to the combinations that it is in
    leads = alone.filter(pl.col("alone") | ~pl.col("alone").any().over("moiety_id"))
    as_substance = pl.lit("substance").alias("kind")
    texts.append(leads.join(names, on="moiety_id").select("medicine_id", as_substance, "text"))
    texts.append(parts.select("medicine_id", as_substance, pl.col("medicine_id").alias("text")))
    printed = pl.concat(texts).drop_nulls("text").group_by("medicine_id", "kind", "text").agg(pl.len().alias("n"))
    keyed = printed.with_columns(key(pl.col("text")).alias("key"))
    # a number with letters before it is also written with a blank between, or without the letters: BLA 125646, 125646
    lettered = keyed.filter((pl.col("kind") == "number") & pl.col("key").str.contains(LETTERED))
    spellings = [lettered.with_columns(pl.col("key").str.replace(LETTERED, new)) for new in ("${1} ${2}", "${2}")]
    found = (
        pl.concat([keyed, *spellings])
        .filter(pl.col("key") != "")
        .group_by("key", "medicine_id", "kind")
        .agg(
            pl.col("text").sort_by([pl.col("n"), "text"], descending=[True, False]).first(),
            pl.col("n").sum().alias("authorisations"),
        )
    )
    return contract.ATLAS["search"].frame(found).sort("key", "kind", "medicine_id")


def candidates(atlas: Atlas, text: str) -> list[dict[str, Any]]:
    """The medicines that `text` may mean, as rows of the search table: one, several or none.

    Of what a text may be (a substance, a number, a brand, an ATC code) the first that has a hit counts; a medicine
    whose id is the very text is meant alone. A number may be written otherwise than its register does.
    """
    wanted = key_of(text)
    if found := _spelt(atlas, wanted, KINDS):
        return found
    for number in _numbers(wanted):
        if found := _spelt(atlas, number, ("number",)):
            return found
    return _in_group(atlas, wanted) if is_group(text) else _by_names(atlas, text)


def _spelt(atlas: Atlas, wanted: str, kinds: Sequence[str]) -> list[dict[str, Any]]:
    hits = list(
        atlas.table(
            "SELECT medicine_id, kind, text, authorisations FROM search WHERE key = ? "
            "ORDER BY authorisations DESC, medicine_id",
            [wanted],
        ).records()
    )
    for kind in kinds:
        of_kind = {hit["medicine_id"]: hit for hit in reversed(hits) if hit["kind"] == kind}
        if of_kind:
            exact = [hit for hit in of_kind.values() if key_of(hit["medicine_id"]) == wanted]
            return exact if len(exact) == 1 else list(reversed(of_kind.values()))
    return []


def _numbers(wanted: str) -> list[str]:
    """Keys of the numbers that a text may be: without the name of the number before it (DIN 02480514), with the zeros
    that stand before it (2480514, EMEA/H/C/4090), without the pack after it (1307/2018/01, EU/1/18/1297/1).
    """
    spelt = [wanted]
    if named := re.fullmatch(r"[a-z]{1,6} ?(\d{4,})", wanted):
        spelt.append(named[1])
    if packed := re.fullmatch(r"(eu \d \d\d \d+|\d+ (?:19|20)\d\d) \d+", wanted):
        spelt.append(packed[1])
    digits = [(one, found) for one in spelt if (found := re.fullmatch(r"(|emea [hv] c )(\d{3,7})", one))]
    spelt += [found[1] + found[2].zfill(length) for _, found in digits for length in (6, 8)]
    return [one for one in dict.fromkeys(spelt) if one != wanted]


def is_group(text: str) -> bool:
    """Whether a text is the code of a group of the ATC classification, such as L01X: many medicines by its nature."""
    return GROUP.fullmatch(text.strip().upper()) is not None


def _in_group(atlas: Atlas, wanted: str) -> list[dict[str, Any]]:
    """The medicines of an ATC group."""
    found = atlas.table(
        "SELECT medicine_id, 'atc' AS kind, min(text) AS text, sum(authorisations) AS authorisations FROM search "
        "WHERE kind = 'atc' AND starts_with(key, ?) GROUP BY medicine_id ORDER BY authorisations DESC, medicine_id",
        [wanted],
    )
    return list(found.records())


def _by_names(atlas: Atlas, text: str) -> list[dict[str, Any]]:
    """The medicine that the names engine leads a text to: another language, another salt, a slip of the pen."""
    answer = atlas.names.resolve([text]).row(0, named=True)
    if answer["substance_id"] is None:
        return []
    medicine_id = "+".join(sorted(answer["substance_id"].split("+")))
    known = atlas.table("SELECT medicine_id FROM medicine WHERE medicine_id = ?", [medicine_id])
    hit = {"kind": "substance", "text": answer["substance_id"], "authorisations": 0}
    return [{"medicine_id": medicine_id} | hit for medicine_id in known["medicine_id"]]


def alike(atlas: Atlas, text: str, limit: int = 6) -> list[str]:
    """Names in the release that are spelt like `text`, the most alike first."""
    wanted = key_of(text)
    found = atlas.table(
        """
        SELECT text FROM (
            SELECT min(text) AS text, max(jaro_winkler_similarity(key, ?)) AS likeness
            FROM search
            WHERE kind IN ('brand', 'substance') AND abs(length(key) - length(?)) <= 4
            GROUP BY key
            UNION ALL
            -- the first word of a name of several
            SELECT min(text), 0.9
            FROM search
            WHERE kind IN ('brand', 'substance') AND length(?) >= 5 AND starts_with(key, concat(?, ' '))
            GROUP BY key
        ) AS alike
        WHERE likeness >= 0.88
        GROUP BY text
        ORDER BY max(likeness) DESC, text
        LIMIT ?
        """,
        [wanted, wanted, wanted, wanted, limit],
    )
    return found["text"]


def without_substance(atlas: Atlas, text: str) -> list[dict[str, Any]]:
    """Authorisations of this name or number of which no substance is known: register, number, status of each."""
    found = atlas.table(
        """
        SELECT register, number, status FROM authorisation
        WHERE medicine_id IS NULL AND (lower(product_name) = lower(trim(?)) OR lower(number) = lower(trim(?)))
        ORDER BY snapshot DESC, register, number
        """,
        [text, text],
    )
    return list(found.records())
