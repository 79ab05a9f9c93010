"""Which central authorisation is this national record? A member state prints the EU's authorisations in its own list,
by the brand with strength and form behind it; the brand is the same everywhere, by law.
"""

from __future__ import annotations

import polars as pl

from dioscorides.identity.text import key

#: A brand has at most so many words.
WORDS = 6
#: Earlier brands, as the EU's list names them behind the present one.
EARLIER = r"\((?:previously|formerly) ([^)]*)\)"
#: The European number of an authorisation, without that of a pack.
NUMBER = r"^EU/1/\d{2}/\d+"
EMPTY = {"register": pl.String, "record_id": pl.String, "central_register": pl.String, "central_record_id": pl.String}


def link(national: pl.DataFrame, central: pl.DataFrame) -> pl.DataFrame:
    """The central record behind each national record of a centralised procedure.

    Both have register, record_id, product_name; `national` those that carry an EU number, `central` those that were
    ever authorised. A national name begins with the brand, or with an earlier one; the longest that fits is meant. A
    brand of several central records, as when one was withdrawn and another authorised later, is left open. Gives
    register, record_id, central_register, central_record_id.
    """
    brands = (
        central.select(
            _brands(pl.col("product_name")).alias("brand"),
            pl.col("register").alias("central_register"),
            pl.col("record_id").alias("central_record_id"),
        )
        .explode("brand", empty_as_null=True)
        .with_columns(key(pl.col("brand")))
        .filter(pl.col("brand") != "")
        .unique()
        .filter(pl.len().over("brand") == 1)
    )
    if brands.is_empty() or national.is_empty():
        return pl.DataFrame(schema=EMPTY)
    begun = (
        national.select("register", "record_id", key(pl.col("product_name")).str.split(" ").alias("words"))
        .with_columns(pl.int_ranges(1, pl.min_horizontal(pl.col("words").list.len(), WORDS) + 1).alias("length"))
        .explode("length", empty_as_null=True)
        .drop_nulls("length")
        .with_columns(pl.col("words").list.head("length").list.join(" ").alias("brand"))
    )
    return (
        begun.join(brands, on="brand")
        .sort("register", "record_id", "length", descending=[False, False, True])
        .unique(["register", "record_id"], keep="first", maintain_order=True)
        .select(EMPTY.keys())
    )


def link_by_number(national: pl.DataFrame, linked: pl.DataFrame, medicine: pl.DataFrame) -> pl.DataFrame:
    """The central record behind national records whose name tells none, by others that bear the same EU number.

    States translate the names of generics; the number is the same everywhere. `national` has register, record_id,
    product_name, number, other_numbers; `linked` is what `link` found among them; `medicine` has register, record_id,
    medicine_id of all records. All that are linked under a number must agree, and as a number may be misprinted, the
    medicine or the first word of the name must be theirs. Gives rows as `link` does.
    """
    on = ["register", "record_id"]
    own = pl.col("number").str.extract(f"({NUMBER})")
    others = pl.col("other_numbers").list.eval(pl.element().str.extract(f"({NUMBER})").drop_nulls()).list.first()
    numbered = national.select(
        *on, key(pl.col("product_name")).str.split(" ").list.first().alias("word"), pl.coalesce(own, others).alias("eu")
    ).drop_nulls("eu")
    agreed = (
        numbered.join(linked, on=on)
        .group_by("eu")
        .agg(pl.col("word").alias("words"), pl.col("central_register", "central_record_id").unique())
        .filter(pl.col("central_record_id").list.len() == 1)
        .explode("central_register", "central_record_id")
    )
    theirs = medicine.select(
        pl.col("register").alias("central_register"),
        pl.col("record_id").alias("central_record_id"),
        pl.col("medicine_id").alias("medicine_there"),
    )
    return (
        numbered.join(linked, on=on, how="anti")
        .join(agreed, on="eu")
        .join(medicine, on=on, how="left")
        .join(theirs, on=["central_register", "central_record_id"], how="left")
        .filter(pl.col("words").list.contains("word") | (pl.col("medicine_id") == pl.col("medicine_there")))
        .select(EMPTY.keys())
    )


def _brands(name: pl.Expr) -> pl.Expr:
    """The brands in a name such as "Qarziba (previously Dinutuximab beta EUSA and Dinutuximab beta Apeiron)"."""
    present = name.str.replace(r"\s*\(.*$", "")
    earlier = name.str.extract(EARLIER).str.replace_all(" and ", ",", literal=True).str.split(",")
    return pl.concat_list(name, present, earlier.fill_null([]))
