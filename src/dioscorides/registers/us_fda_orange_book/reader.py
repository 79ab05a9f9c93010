"""Orange Book: one record per product of an application, with its patents and exclusivities."""

import polars as pl

from dioscorides.registers.source import Rows, Source

APPLICATION = {"N": "NDA", "A": "ANDA"}
#: An exclusivity that no other kind claims keeps competitors off the market for a use, a form or a first generic.
EXCLUSIVITY = {"NCE": "data_exclusivity", "ODE": "orphan_exclusivity", "PED": "paediatric_extension"}


def read(source: Source) -> None:
    products = keyed(source.rows("products"))
    frame = products.frame
    source.emit("authorisation", authorisations(frame))
    source.events(frame, authorised="approved")
    source.emit("ingredient", ingredients(frame))
    source.emit("protection", patents(keyed(source.rows("patents")).frame))
    source.emit("protection", exclusivities(keyed(source.rows("exclusivities")).frame))


def keyed(rows: Rows) -> Rows:
    return rows.key(pl.format("{}{}-{}", "type", "application", "product"))


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    form_route = pl.col("form_route").str.split(";")
    return frame.select(
        "record_id",
        "row",
        pl.lit("US").alias("jurisdiction"),
        pl.lit("FDA").alias("agency"),
        (pl.col("type").replace(APPLICATION) + pl.col("application")).alias("number"),
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("ingredients").alias("substances_text"),
        form_route.list.get(0, null_on_oob=True).alias("form"),
        form_route.list.get(1, null_on_oob=True).alias("route"),
        "strength",
        pl.lit("human").alias("domain"),
        pl.col("type_code").alias("legal_basis"),
        pl.lit("national").alias("procedure"),
        pl.lit("authorised").alias("status"),
        (pl.col("marketing_code") == "marketed").alias("marketed"),
    )


def ingredients(frame: pl.DataFrame) -> pl.DataFrame:
    """Ingredients stand behind each other, separated by semicolons; so do their strengths, where they are as many."""
    return (
        frame.select("record_id", "row", pl.col("ingredients").str.split(";").alias("name"))
        .with_columns(pl.int_ranges(1, pl.col("name").list.len() + 1).alias("position"))
        .explode("name", "position")
        .with_columns(pl.col("name").str.strip_chars(), pl.lit("en").alias("language"), pl.lit("active").alias("role"))
        .filter(pl.col("name") != "")
    )


def patents(frame: pl.DataFrame) -> pl.DataFrame:
    paediatric = pl.col("patent").str.ends_with("*PED")
    use = pl.when(pl.col("use").is_not_null()).then(pl.lit("use"))
    return frame.select(
        "record_id",
        "row",
        pl.when(paediatric).then(pl.lit("paediatric_extension")).otherwise(pl.lit("patent")).alias("kind"),
        pl.col("patent").str.strip_suffix("*PED").alias("number"),
        pl.col("use").alias("code"),
        pl.col("expires_date").alias("expires"),
        pl.concat_list("substance_code", "drug_product_code", use, "delisted_code").list.drop_nulls().alias("claims"),
    )


def exclusivities(frame: pl.DataFrame) -> pl.DataFrame:
    family = pl.col("code").str.extract(r"^([A-Z]+)")
    return frame.select(
        "record_id",
        "row",
        family.replace_strict(EXCLUSIVITY, default="market_exclusivity").alias("kind"),
        "code",
        pl.col("expires_date").alias("expires"),
    )
