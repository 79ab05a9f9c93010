"""Japan's price list: one record per code. It proves that a product was authorised, and says not when."""

from datetime import timedelta

import polars as pl

from dioscorides.registers.source import Source

#: The year before the first of each era, by the letter in front of a date.
ERAS = {"R": 2018, "H": 1988, "": 0}
#: Names with ・ that are those of one preparation or of classes of substances.
WHOLE = r"配合剤|複方|製剤|除去|アミノ酸・|・電解質|無機塩類|生薬|リニメント|・ウイキョウ精|ダイアルミネート"
#: Marks a follow-on biological behind the name of the substance.
FOLLOW_ON = r"［[^］]*後続[^］]*］"
#: How much water a substance holds, at the end of its name.
WATER = r"(?:ヘミペンタ|[一二三]?)水和物$"


def read(source: Source) -> None:
    rows = source.rows("products")
    rows.frame = rows.frame.with_columns(pl.col("code").str.normalize("NFKC"))
    rows.key(pl.col("code"))
    rows.set_aside(~pl.col("code").str.contains(r"^\d{7}[A-Z]\d{4}$"), "the code is none of the price list")
    frame = rows.frame.with_columns(
        era_date("until", "まで").alias("until_date"), era_date("remark", "収載").alias("listed")
    )
    source.issues(
        "bad_date", "products.until", frame.filter(pl.col("until_date").is_null()).drop_nulls("until"), "until"
    )
    source.issues(
        "unknown_remark", "products.remark", frame.filter(pl.col("listed").is_null()).drop_nulls("remark"), "remark"
    )
    source.emit("authorisation", authorisations(frame, gone=pl.col("until_date") < source.today))
    source.emit("event", bounds(frame, pl.lit(source.today + timedelta(days=1))))
    source.emit("ingredient", ingredients(source, frame))


def era_date(column: str, behind: str) -> pl.Expr:
    """The date in a text such as R8.3.31まで or 2026/3/31; null where there is none."""
    pattern = rf"^([RH])?(\d+)[./-](\d+)[./-](\d+)(?:{behind})?$"
    part = pl.col(column).str.normalize("NFKC").str.extract_groups(pattern).struct
    era = part["1"].fill_null("").replace_strict(ERAS, default=None, return_dtype=pl.Int32)
    year = era + part["2"].cast(pl.Int32, strict=False)
    return pl.format("{}-{}-{}", year, part["3"], part["4"]).str.to_date("%Y-%m-%d", strict=False)


def authorisations(frame: pl.DataFrame, gone: pl.Expr) -> pl.DataFrame:
    biosimilar = pl.col("substance").str.contains(FOLLOW_ON) | pl.col("name").str.contains("ＢＳ")
    marked = (pl.col("generic_code") == "generic").fill_null(False)
    return frame.select(
        "record_id",
        "row",
        pl.lit("JP").alias("jurisdiction"),
        pl.lit("MHLW").alias("agency"),
        pl.col("code").alias("number"),
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("substance").alias("substances_text"),
        "route",
        "strength",
        pl.lit("human").alias("domain"),
        pl.when(marked & biosimilar)
        .then(pl.lit("biosimilar"))
        .when(marked)
        .then(pl.lit("generic"))
        .otherwise(pl.lit("unknown"))
        .alias("legal_basis"),
        pl.lit("national").alias("procedure"),
        pl.when(gone).then(pl.lit("unknown")).otherwise(pl.lit("authorised")).alias("status"),
        pl.when(marked & biosimilar).then(pl.lit(["biosimilar"])).alias("flags"),
    )


def bounds(frame: pl.DataFrame, after: pl.Expr) -> pl.DataFrame:
    """A listed product was authorised before it was listed, at the latest on the day of the snapshot."""
    return frame.select(
        "record_id",
        "row",
        pl.lit("authorised").alias("event"),
        pl.min_horizontal(pl.col("listed"), after).alias("before"),
        pl.coalesce("remark", pl.lit("薬価基準収載")).alias("text"),
    )


def ingredients(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """The substance of each row with its code, or those of a combination without one."""
    named = pl.col("substance").str.replace(FOLLOW_ON, "")
    combined = named.str.contains("・") & ~named.str.contains(WHOLE)
    code = pl.col("code").str.slice(0, 7)
    told = frame.with_columns(named.alias("named"), combined.alias("combined"), code.alias("stem"))
    dry = pl.when(~pl.col("combined")).then(pl.col("named").str.replace_all(WATER, "")).drop_nulls()
    told = told.with_columns((dry.n_unique().over("stem") > 1).alias("shared"))
    shared = told.filter("shared", ~pl.col("combined"))
    source.issues("shared_code", "products.code", shared, "stem")
    alone = ~pl.col("combined")
    return (
        told.select(
            "record_id",
            "row",
            pl.when("combined").then(pl.col("named").str.split("・")).otherwise(pl.concat_list("named")).alias("name"),
            pl.lit("ja").alias("language"),
            pl.when(alone & ~pl.col("shared")).then(pl.lit("jp_yj7")).alias("code_system"),
            pl.when(alone & ~pl.col("shared")).then("stem").alias("code"),
            pl.lit("active").alias("role"),
            pl.when(alone).then(pl.col("strength").str.normalize("NFKC")).alias("strength"),
        )
        .with_columns(pl.int_ranges(1, pl.col("name").list.len() + 1).alias("position"))
        .explode("name", "position")
        .with_columns(pl.col("name").str.strip_chars())
        .filter(pl.col("name") != "")
    )
