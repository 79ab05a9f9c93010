"""Products with what is known of their application, as authorisations with their ingredients."""

import polars as pl

from dioscorides.registers.us_fda_drugs.submissions import APPROVED, ORIGINAL, WITHDRAWN, one_of


def described(
    products: pl.DataFrame,
    applications: pl.DataFrame,
    submissions: pl.DataFrame,
    properties: pl.DataFrame,
    marketing: pl.DataFrame,
) -> pl.DataFrame:
    """Products with what is known of their application and its first original, and with their marketing status."""
    originals = submissions.filter(ORIGINAL & APPROVED).sort("acted_date", nulls_last=True, maintain_order=True)
    orphan = originals.join(properties.filter(property_code="orphan"), on=["application", "submission"], how="semi")
    first = originals.group_by("application").agg(
        pl.col("class_code", "review_code").first(), pl.col("remark").str.contains(WITHDRAWN).any().alias("withdrawn")
    )
    market = {"marketed": True, "discontinued": False}
    marketed = pl.col("status_code").replace_strict(market, default=None, return_dtype=pl.Boolean).max()
    of_application = applications.unique("application", keep="first").select(
        "application", "type", "type_code", "holder"
    )
    for of_product, key in (
        (of_application, "application"),
        (first, "application"),
        (marketing.group_by("record_id").agg(marketed.alias("marketed")), "record_id"),
    ):
        products = products.join(of_product, on=key, how="left", maintain_order="left")
    return products.with_columns(
        (pl.col("type").fill_null("") + pl.col("application")).alias("number"),
        pl.col("application").is_in(one_of(orphan["application"])).alias("orphan"),
        ((pl.col("type_code") == "NDA") & (pl.col("class_code") == "new_molecular_entity")).alias("new_entity"),
    )


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    parts = pl.col("form").str.split(";")
    basis = pl.when(type_code="ANDA").then(pl.lit("generic")).when("new_entity").then(pl.lit("full"))
    flags = {"orphan": pl.col("orphan"), "priority": pl.col("review_code") == "priority"}
    flags["new_active_substance"] = pl.col("new_entity")
    return frame.select(
        "record_id",
        "row",
        pl.lit("US").alias("jurisdiction"),
        pl.lit("FDA").alias("agency"),
        "number",
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("ingredients").alias("substances_text"),
        pl.when(parts.list.len() == 2).then(parts.list.first().str.strip_chars()).otherwise("form").alias("form"),
        pl.when(parts.list.len() == 2).then(parts.list.last().str.strip_chars()).alias("route"),
        "strength",
        pl.lit("human").alias("domain"),
        basis.otherwise(pl.lit("unknown")).alias("legal_basis"),
        pl.lit("national").alias("procedure"),
        pl.when("withdrawn").then(pl.lit("withdrawn")).otherwise(pl.lit("authorised")).alias("status"),
        "marketed",
        pl.concat_list(pl.when(so).then(pl.lit(flag)) for flag, so in flags.items()).list.drop_nulls().alias("flags"),
    )


def ingredients(frame: pl.DataFrame) -> pl.DataFrame:
    """Semicolons outside brackets separate ingredients, and their strengths where these are as many."""
    names = pl.col("ingredients").str.extract_all(r"(?:[^;()]|\([^()]*\)|[()])+")
    strengths = pl.col("strength").str.replace(r"\s*\*\*.*$", "").str.split(";")
    none = pl.lit(None, pl.String).repeat_by(names.list.len())
    return (
        frame.select(
            "record_id",
            "row",
            names.alias("name"),
            pl.when(names.list.len() == strengths.list.len()).then(strengths).otherwise(none).alias("strength"),
            pl.int_ranges(1, names.list.len() + 1).alias("position"),
            pl.lit("en").alias("language"),
            pl.lit("active").alias("role"),
        )
        .explode("name", "strength", "position")
        .with_columns(pl.col("name", "strength").str.strip_chars())
        .filter(pl.col("name") != "")
    )
