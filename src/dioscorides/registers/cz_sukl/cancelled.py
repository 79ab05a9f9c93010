"""SÚKL's cancelled registrations as authorisations, and their ends."""

import polars as pl


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    particulars = {"orphan": pl.col("procedure") == "ORP", "biosimilar": pl.col("legal_basis_code") == "biosimilar"}
    flags = pl.concat_list(pl.when(is_so).then(pl.lit(flag)) for flag, is_so in particulars.items())
    whole = pl.col("number").str.extract(r"^(EU/\d/\d\d/\d+)/")
    return frame.select(
        "record_id",
        "row",
        pl.lit("CZ").alias("jurisdiction"),
        pl.lit("SÚKL").alias("agency"),
        "number",
        pl.col("name").alias("product_name"),
        "holder_name",
        pl.col("holder_country_iso").alias("holder_country"),
        pl.coalesce("form_name", "form").alias("form"),
        pl.coalesce("route_name", "route").alias("route"),
        "strength",
        pl.lit("human").alias("domain"),
        pl.col("legal_basis_code").alias("legal_basis"),
        pl.col("procedure_code").alias("procedure"),
        pl.col("status_code").alias("status"),
        flags.list.drop_nulls().alias("flags"),
        pl.concat_list(whole, "mrp_number").list.drop_nulls().alias("other_numbers"),
    )


def endings(frame: pl.DataFrame) -> pl.DataFrame:
    ended = pl.col("status_code").is_in(["withdrawn", "expired"])
    return frame.drop_nulls("ended").select(
        "record_id",
        "row",
        pl.when(ended).then("status_code").otherwise(pl.lit("status_change")).alias("event"),
        pl.col("ended_date").alias("date"),
        pl.col("ended_precision").alias("precision"),
        pl.col("ended").alias("text"),
    )
