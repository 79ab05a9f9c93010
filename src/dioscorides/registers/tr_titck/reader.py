"""TİTCK: one record per licence (its number and day), temporary permit of an allergen or radiopharmaceutical."""

import polars as pl

from dioscorides.registers import atc
from dioscorides.registers.source import Rows, Source
from dioscorides.registers.tr_titck.substances import ingredients

COLUMNS: dict[str, type[pl.DataType] | pl.DataType] = {
    "record_id": pl.String, "row": pl.String, "number": pl.String, "name": pl.String, "holder": pl.String,
    "substances": pl.String, "atc_codes": pl.List(pl.String), "barcode": pl.String, "status": pl.String,
    "event": pl.String, "licensed": pl.String, "licensed_date": pl.Date, "suspended": pl.String,
    "suspended_date": pl.Date, "suspension": pl.String,
}  # fmt: skip
#: Numbers of newer licences begin with the year.
YEAR = pl.col("number").str.extract(r"^((?:19|20)\d\d)/\d+$").cast(pl.Int32)
BARCODE = pl.col("barcode").str.replace_all(r"^\D|\s", "")


def read(source: Source) -> None:
    source.rows("cancelled_packs").key(pl.col("name")).leave_out(pl.lit(True), "a cancelled pack size, no licence")
    rows = pl.concat(
        [
            pl.DataFrame(schema=COLUMNS),
            chosen(licences(source, "products", pl.col("suspension_code")), "authorised"),
            chosen(licences(source, "suspended_products", pl.lit("suspended")), "authorised"),
            chosen(allergens(source), "emergency_authorised"),
            chosen(radiopharmaceuticals(source), "authorised"),
        ],
        how="diagonal",
    )
    source.disagreements("products", rows, "holder", "status")
    frame = rows.group_by("record_id", maintain_order=True).agg(
        pl.exclude("atc_codes", "barcode", "status").first(),
        pl.col("atc_codes").explode().drop_nulls().unique(maintain_order=True),
        pl.col("barcode").drop_nulls().unique(maintain_order=True).alias("barcodes"),
        # a licence is not suspended as long as one of its packs is not
        pl.when((pl.col("status") == "authorised").any())
        .then(pl.lit("authorised"))
        .when((pl.col("status") == "suspended").any())
        .then(pl.lit("suspended"))
        .otherwise(pl.lit("unknown"))
        .alias("status"),
    )
    source.emit("authorisation", authorisations(frame))
    source.emit("event", events(frame, rows))
    source.emit("ingredient", ingredients(source, frame))


def licences(source: Source, table: str, status: pl.Expr) -> Rows:
    """Packs keyed by their licence; one that is none of its packs, by substance and ATC code, by itself."""
    rows = source.rows(table)
    number = pl.col("number").str.replace_all(r"\s|[.]+$", "").str.replace("./", "/", literal=True)
    codes = pl.col("atc").str.replace_all(r"\sve\s", ";")
    rows.frame = rows.frame.with_columns(number, codes, status.alias("status"), BARCODE.alias("barcode"))
    atc.with_codes(source, rows)
    off = (pl.col("licensed_date").dt.year() - YEAR).abs() > 1
    text = pl.format("{} of {}", "number", "licensed").alias("contradiction")
    source.issues("impossible_date", f"{table}.licensed", rows.frame.filter(off).with_columns(text), "contradiction")
    rows.frame = rows.frame.with_columns(pl.when(~off.fill_null(False)).then("licensed_date").alias("licensed_date"))
    day = pl.coalesce(pl.col("licensed_date").cast(pl.String), "licensed")
    licence = pl.when(pl.col("number").is_not_null()).then(
        pl.concat_str("number", day, separator=" ", ignore_nulls=True)
    )
    rows.key(pl.coalesce(licence, "barcode", "name"))
    kind = (pl.col("atc_codes").list.first().str.slice(0, 3), pl.col("substances").str.to_lowercase())
    strange = pl.all_horizontal((one != one.first().over("record_id")).fill_null(False) for one in kind)
    source.issues("number_given_twice", f"{table}.number", rows.frame.filter(strange), "record_id")
    return rows.key(pl.when(strange).then(pl.format("{} {}", "record_id", "barcode")).otherwise("record_id"))


def allergens(source: Source) -> Rows:
    rows = source.rows("allergens").key(pl.col("number"))
    rows.frame = rows.frame.with_columns(pl.lit("authorised").alias("status"), BARCODE.alias("barcode"))
    return rows


def radiopharmaceuticals(source: Source) -> Rows:
    rows = source.rows("radiopharmaceuticals")
    rows.frame = rows.frame.with_columns(pl.lit("authorised").alias("status"))
    return rows.key(pl.format("{} ({})", "name", "holder"))


def chosen(rows: Rows, event: str) -> pl.DataFrame:
    frame = rows.frame.with_columns(pl.lit(event).alias("event"))
    return frame.select([name for name in COLUMNS if name in frame.columns])


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    emergency = pl.col("event") == "emergency_authorised"
    return frame.select(
        "record_id",
        "row",
        pl.lit("TR").alias("jurisdiction"),
        pl.lit("TİTCK").alias("agency"),
        "number",
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("substances").alias("substances_text"),
        pl.col("atc_codes").alias("atc"),
        pl.lit("human").alias("domain"),
        pl.lit("unknown").alias("legal_basis"),
        pl.lit("national").alias("procedure"),
        "status",
        pl.when(emergency).then(pl.lit(["emergency"])).alias("flags"),
        pl.col("barcodes").alias("other_numbers"),
    )


def events(frame: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The licence or permit, with or without its day; suspensions that hold for the whole licence."""
    day = pl.when(pl.col("date").is_not_null()).then(pl.lit("day")).alias("precision")
    granted = frame.select(
        "record_id", "row", "event", pl.col("licensed_date").alias("date"), said("licensed", "number")
    )
    same = rows.join(frame.select("record_id", "status"), on=["record_id", "status"], how="semi", maintain_order="left")
    suspended = same.filter((pl.col("status") == "suspended") | pl.col("suspended").is_not_null()).select(
        "record_id",
        "row",
        pl.lit("suspended").alias("event"),
        pl.col("suspended_date").alias("date"),
        said("suspended", "suspension"),
    )
    once = suspended.unique(["record_id", "date"], keep="first", maintain_order=True)
    return pl.concat([granted, once]).with_columns(day)


def said(*columns: str) -> pl.Expr:
    """The printed text of an event: a date or, where there is none, what shows the row to be of a licence."""
    return pl.coalesce(*columns, "name", "record_id").alias("text")
