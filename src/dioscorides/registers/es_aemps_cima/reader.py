"""CIMA: one record per registration number (a form and strength of a medicine), European ones with their number."""

import polars as pl

from dioscorides.registers import atc, eu_numbers
from dioscorides.registers.source import Rows, Source

#: European numbers without slashes, also where they are printed with them.
DIGITS = pl.col("number").str.replace_all(r"^EU/(1)/(\d\d)/(\d+)/(\d+)$", "${1}${2}${3}${4}")
IMPORT = pl.col("number").str.contains(r"IP\s?\d*$")
#: Spanish numbers are digits, so are European ones without slashes. French packs begin with 34009, Italian with 0.
FOREIGN = DIGITS.str.contains(r"[^\d]|^34009\d{8}|^0\d{8}$")
#: EU/1/yy/serial/pack without slashes, the leading EU/1 as 1 or not at all.
EUROPEAN = DIGITS.str.extract_groups(r"^(?:(\d\d)(\d{3})|1(\d\d)(\d{3})|1(\d\d)(\d{4}))(\d{3})$").struct
#: A Spanish number has at most six digits.
SPANISH = pl.col("number").str.contains(r"^\d{4,6}$")
ENDED = ("withdrawn", "suspended")


def read(source: Source) -> None:
    medicines = source.rows("medicines").key(pl.col("number"))
    medicines.leave_out(IMPORT, "parallel import: no authorisation of its own")
    medicines.leave_out(FOREIGN, "parallel import: bears the number of the state of origin")
    medicines.frame = medicines.frame.with_columns(pl.col("atc").str.strip_chars_end("_"))
    atc.with_codes(source, medicines)
    frame = with_european_number(source, medicines.frame)
    source.emit("authorisation", authorisations(frame))
    source.events(frame.with_columns(pl.coalesce("authorised", "status")), authorised="authorised")
    emit_states(source, frame)
    source.emit("ingredient", ingredients(source, medicines))


def with_european_number(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """`european` and `pack` where the number is one; dates before the year of the European number are none."""
    short, serial = (pl.coalesce(EUROPEAN[str(at)], EUROPEAN[str(at + 2)], EUROPEAN[str(at + 4)]) for at in (1, 2))
    frame = frame.with_columns(
        (short.cast(pl.Int64) + pl.when(short < "90").then(2000).otherwise(1900)).alias("year"),
        serial.cast(pl.Int64).alias("serial"),
        EUROPEAN["7"].alias("pack"),
    )
    european = eu_numbers.belongs(pl.col("serial"), pl.col("year"))
    unclear = frame.filter(~european & ~SPANISH)
    if not unclear.is_empty():
        first = unclear.row(0, named=True)
        source.issue("unclear_number", "medicines.number", first["number"], len(unclear), first["row"])
    frame = frame.with_columns(
        pl.when(european).then(eu_numbers.normal(pl.col("serial"), pl.col("year"))).alias("european")
    )
    early = (pl.col("european").is_not_null() & (pl.col("authorised_date").dt.year() < pl.col("year"))).fill_null(False)
    text = pl.format("{} before {}", "authorised", "european").alias("contradiction")
    source.issues("impossible_date", "medicines.authorised", frame.filter(early).with_columns(text), "contradiction")
    return frame.with_columns(pl.when(~early).then(pl.col("^authorised_(date|precision)$")))


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    european = pl.col("european")
    return frame.select(
        "record_id",
        "row",
        pl.lit("ES").alias("jurisdiction"),
        pl.lit("AEMPS").alias("agency"),
        "number",
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("substances").alias("substances_text"),
        pl.col("atc_codes").alias("atc"),
        pl.lit("human").alias("domain"),
        pl.when(pl.col("name").str.contains(r"\bEFG\b"))
        .then(pl.lit("generic"))
        .otherwise(pl.lit("unknown"))
        .alias("legal_basis"),
        pl.when(european.is_not_null()).then(pl.lit("centralised")).otherwise(pl.lit("unknown")).alias("procedure"),
        pl.col("status_code").alias("status"),
        (pl.col("marketed_code") == "marketed").alias("marketed"),
        pl.concat_list(european, eu_numbers.of_pack(european, pl.col("pack"))).list.drop_nulls().alias("other_numbers"),
    )


def emit_states(source: Source, frame: pl.DataFrame) -> None:
    """When the state of the authorisation came about, unless that is the authorisation itself."""
    state, begun, since = pl.col("status_code"), pl.col("authorised_date"), pl.col("since_date")
    frame = frame.with_columns(
        pl.format("{} {}", pl.col("status").fill_null(""), "since").fill_null(pl.col("status")).alias("text")
    )
    early = frame.filter(since < begun)
    if not early.is_empty():
        source.issue("dates_out_of_order", "medicines", "state before authorised", len(early), early["row"][0])
    told = state.is_in(ENDED) | (since.is_not_null() & since.ne_missing(begun))
    source.emit(
        "event",
        frame.filter(told).select(
            "record_id",
            "row",
            pl.when(state.is_in(ENDED)).then(state).otherwise(pl.lit("status_change")).alias("event"),
            since.alias("date"),
            pl.col("since_precision").alias("precision"),
            "text",
        ),
    )


def ingredients(source: Source, medicines: Rows) -> pl.DataFrame:
    """Substances, where splitting gives as many as the row states."""
    names = pl.col("substances").str.split(", ").list.eval(pl.element().str.replace_all(r"\s+", " ").str.strip_chars())
    frame = medicines.frame.drop_nulls("substances").select("record_id", "row", "count", names.alias("name"))
    stated, single = pl.col("count").cast(pl.Int64, strict=False), pl.concat_list(pl.col("name").list.join(", "))
    frame = frame.with_columns(pl.when(stated == 1).then(single).otherwise("name").alias("name"))
    unsplit = frame.filter(stated.ne_missing(pl.col("name").list.len()))
    if not unsplit.is_empty():
        first = unsplit.row(0, named=True)
        text = ", ".join(first["name"])[:200]
        source.issue("unsplit_substances", "medicines.substances", text, len(unsplit), first["row"])
    return (
        frame.join(unsplit, on="row", how="anti", maintain_order="left")
        .with_columns(pl.int_ranges(1, pl.col("name").list.len() + 1).alias("position"))
        .explode("name", "position")
        .select("record_id", "row", "position", "name", pl.lit("es").alias("language"), pl.lit("active").alias("role"))
    )
