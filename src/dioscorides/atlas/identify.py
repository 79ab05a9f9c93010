"""The identity stage: what registers print, linked to substances, medicines and organisations."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

import polars as pl

from dioscorides import contract
from dioscorides.atlas.records import Records, newest
from dioscorides.identity import brands, central, modality, organisations, substances, text
from dioscorides.identity.judgements import judgements
from dioscorides.identity.substances import Substances

#: Statuses of a product that is, or once was, authorised.
EVER_AUTHORISED = ("authorised", "suspended", "withdrawn", "expired")
#: Record tables that bear a holder.
HELD = ("authorisation", "designation", "shortage")


def identify(records: Sequence[Records], linking: Future[Substances]) -> dict[str, pl.DataFrame]:
    """Tables of the identity stage: substance, substance_name, medicine, organisation, organisation_name, judgement,
    and the links record_medicine, central_record, substance_link, holder, issue.

    `linking` is waited for once all is done that needs no substances.
    """
    ingredients = newest(records, "ingredient")
    authorisations = newest(records, "authorisation")
    centralised = authorisations.filter((pl.col("procedure") == "centralised") & (pl.col("domain") == "human"))
    in_eu = pl.col("jurisdiction") == "EU"
    ever = pl.col("status").is_in(EVER_AUTHORISED)
    in_states = centralised.filter(~in_eu)
    by_name = central.link(in_states, centralised.filter(in_eu & ever))
    holders = pl.concat(
        [
            (
                frame
                if "holder_country" in frame.columns
                else frame.with_columns(holder_country=pl.lit(None, pl.String))
            ).select("register", "holder_name", "holder_country")
            for frame in (_all(records, name) for name in HELD)
        ]
    )
    held = organisations.link(holders)
    linked = linking.result()
    record_medicine = medicines_of_records(ingredients, linked.links)
    by_brand = _by_brand(record_medicine, ingredients, linked, authorisations)
    record_medicine = _replaced(record_medicine, by_brand)
    by_number = central.link_by_number(in_states, by_name, record_medicine)
    central_record = pl.concat([by_name, by_number]).sort("register", "record_id")
    record_medicine = _as_central(record_medicine, central_record)
    flags = authorisations.select("register", "record_id", "flags", "atc")
    medicine = _medicines(record_medicine, linked.substance, flags)
    substance = _with_atc(linked.substance, record_medicine, flags)
    told = medicine.select(
        pl.col("medicine_id").alias("text"),
        pl.col("modality").alias("answer"),
        pl.col("modality_rule").alias("method"),
        pl.lit(1.0).alias("score"),
        pl.col("modality_rule").alias("reason"),
    ).filter(pl.col("answer") != modality.OTHER)
    return {
        "substance": _with_modality(substance, medicine),
        "substance_name": linked.substance_name,
        "medicine": medicine,
        "organisation": held.organisation,
        "organisation_name": held.organisation_name,
        "judgement": pl.concat(
            [
                linked.judgement,
                held.judgement,
                judgements("medicine", _told_by_brand(by_brand)),
                judgements("modality", told),
            ]
        ).sort("judgement_id"),
        "record_medicine": record_medicine,
        "central_record": central_record,
        "substance_link": linked.links,
        "holder": held.links,
        "issue": linked.issues,
    }


def _all(records: Sequence[Records], name: str) -> pl.DataFrame:
    frames = [one.frame(name) for one in records if one.table(name)]
    return pl.concat(frames) if frames else pl.DataFrame(schema=contract.RECORDS[name].schema())


def medicines_of_records(ingredients: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The medicine of each record: its active moieties, sorted, joined by `+`."""
    on = ["register", "name", "language", "code_system", "code"]
    stated = ingredients.filter(pl.col("role") != "excipient").join(
        links.select(*on, "moiety_id", "unresolved", "own_inn", "salt"), on=on, nulls_equal=True, how="inner"
    )
    record = ["register", "record_id"]
    # what has an INN of its own is itself, whatever it is said to be equivalent to: insulin glargine is not insulin;
    # of a salt it is not sure which side is meant: magnesium pidolate is magnesium
    active, place = pl.col("role") == "active", [*record, "position"]
    own = (active & pl.col("own_inn") & (active.sum().over(place) == 1)).any().over(place)
    whole = (active & pl.col("salt").is_null()).any().over(place)
    stated = stated.filter(active | pl.col("position").is_null() | ~own | ~(whole | pl.col("own_inn")))
    # a moiety that is only described gives way to the active substance that is named
    named = (~pl.col("unresolved") & (pl.col("role") == "active")).any().over(*record, "position")
    stated = stated.filter((pl.col("role") == "active") | ~pl.col("unresolved") | ~named)
    is_moiety = pl.col("role") == "moiety"
    counted = stated.filter(
        # where a moiety stands at the position its salt says no more; a position-less active counts only if alone
        is_moiety
        | (pl.col("position").is_not_null() & ~is_moiety.any().over(*record, "position"))
        | (pl.col("position").is_null() & ~pl.col("position").is_not_null().any().over(record))
    )
    return (
        counted.with_columns(pl.col("moiety_id").str.split("+"))
        .explode("moiety_id")
        .group_by(record)
        .agg(pl.col("moiety_id").unique().sort().str.join("+").alias("medicine_id"))
        .sort(record)
    )


def _by_brand(
    record_medicine: pl.DataFrame,
    ingredients: pl.DataFrame,
    linked: substances.Substances,
    authorisations: pl.DataFrame,
) -> pl.DataFrame:
    """The medicine of products that print a description, from other products of their brand."""
    stated = ingredients.filter(pl.col("role") != "excipient").join(
        linked.links.select(*substances.PRINTED, "unresolved"), on=list(substances.PRINTED), nulls_equal=True
    )
    record = ["register", "record_id"]
    known = stated.group_by(record).agg(
        (~pl.col("unresolved")).mean().alias("known"), (pl.col("language") == "en").all().alias("english")
    )
    # homeopathic stocks are called by their plant, which is no brand
    human = authorisations.filter((pl.col("domain") == "human") & (pl.col("legal_basis") != "homeopathic"))
    words = linked.links.select(text.key(pl.col("name")).str.split(" ").list.first()).to_series()
    # a name may be an authority's too, spelt otherwise: the substance that bears it is meant
    bears = linked.substance_name.filter(pl.col("register") == brands.OWN).select(
        text.key(pl.col("name")).alias("name"), pl.col("substance_id").alias("medicine_id")
    )
    told = brands.listed().with_columns(text.key(pl.col("name"))).join(bears, on="name").select("brand", "medicine_id")
    return brands.adopt(
        human.select(*record, "product_name", "atc").join(record_medicine, on=record).join(known, on=record),
        words.unique(),
        told.unique("brand", maintain_order=True),
    )


def _told_by_brand(by_brand: pl.DataFrame) -> pl.DataFrame:
    return by_brand.select(
        pl.format("{} {} {}", "register", "record_id", "brand").alias("text"),
        pl.col("medicine_id").alias("answer"),
        "method",
        pl.col("method").replace_strict(brands.SCORES, return_dtype=pl.Float64).alias("score"),
        pl.col("method").replace_strict(brands.REASONS, return_dtype=pl.String).alias("reason"),
    )


def _replaced(record_medicine: pl.DataFrame, better: pl.DataFrame) -> pl.DataFrame:
    """The medicines of records, those in `better` instead where it has one."""
    others = record_medicine.join(better, on=["register", "record_id"], how="anti")
    return pl.concat([others, better.select(record_medicine.columns)]).sort("register", "record_id")


def _as_central(record_medicine: pl.DataFrame, central_record: pl.DataFrame) -> pl.DataFrame:
    """A national record of a central authorisation is the medicine that the central record is."""
    of_central = central_record.join(
        record_medicine,
        left_on=["central_register", "central_record_id"],
        right_on=["register", "record_id"],
    ).select("register", "record_id", "medicine_id")
    return _replaced(record_medicine, of_central)


def _medicines(record_medicine: pl.DataFrame, substance: pl.DataFrame, flags: pl.DataFrame) -> pl.DataFrame:
    stated = record_medicine.join(flags, on=["register", "record_id"], how="left")
    medicine = (
        stated.group_by("medicine_id")
        .agg(
            pl.col("flags").explode(empty_as_null=True).drop_nulls().unique().sort(),
            pl.col("atc").explode(empty_as_null=True).drop_nulls().unique().sort(),
        )
        .sort("medicine_id")
        .with_columns(pl.col("medicine_id").str.split("+").alias("names"))
        .with_columns(pl.col("names").list.join(" + ").alias("name"))
    )
    return contract.ATLAS["medicine"].frame(modality.table(medicine).drop("names", "flags"))


def _with_atc(substance: pl.DataFrame, record_medicine: pl.DataFrame, flags: pl.DataFrame) -> pl.DataFrame:
    """Substances with the ATC codes of the products that contain them alone."""
    single = (
        record_medicine.join(flags, on=["register", "record_id"])
        .filter(~pl.col("medicine_id").str.contains("+", literal=True))
        .group_by(pl.col("medicine_id").alias("substance_id"))
        .agg(pl.col("atc").explode(empty_as_null=True).drop_nulls().unique().sort().alias("atc"))
    )
    return substance.drop("atc").join(single, on="substance_id", how="left", maintain_order="left")


def _with_modality(substance: pl.DataFrame, medicine: pl.DataFrame) -> pl.DataFrame:
    own = medicine.select(pl.col("medicine_id").alias("substance_id"), "modality")
    joined = substance.drop("modality").join(own, on="substance_id", how="left", maintain_order="left")
    return contract.ATLAS["substance"].frame(joined)
