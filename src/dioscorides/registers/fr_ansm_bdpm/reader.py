"""BDPM: one record per speciality (code CIS), with its composition and what its packs and generic groups add."""

import polars as pl

from dioscorides.registers.source import Rows, Source

CODE = pl.col("cis").str.contains(r"^\d{8}$")
#: The European number without what follows it.
EU_NUMBER = pl.col("eu_number").str.extract(r"^(EU/\d/\d\d/\d+)")
#: The country in brackets behind the name of the only holder.
COUNTRY = pl.col("holder").str.extract(r"^[^;]*\(([^();]+)\)$")
SECONDARY = ("presentations", "compositions", "generics", "atc")


def read(source: Source) -> None:
    specialities = keyed(source.rows("specialities"))
    imports = specialities.frame.filter(pl.col("procedure_code") == "parallel_import").select("cis")
    others = {name: keyed(source.rows(name)) for name in SECONDARY if name != "atc" or source.has(name)}
    for rows in (specialities, *others.values()):
        rows.leave_out(pl.col("cis").is_in(imports["cis"].implode()), "parallel import: no authorisation of its own")
    source.decode(specialities, "holder_country", COUNTRY, "countries")
    frame = specialities.frame.with_columns(believed(source, specialities.frame))
    others["generics"].leave_out(
        ~pl.col("cis").is_in(frame["cis"].implode()), "generic group of a speciality that has left the list"
    )
    source.emit("authorisation", authorisations(frame, {name: rows.frame for name, rows in others.items()}))
    source.events(frame, authorised="approved")
    source.emit("event", declarations(others["presentations"].frame))
    others["compositions"].set_aside(pl.col("nature_code").is_null(), "neither an active substance nor a moiety")
    others["compositions"].set_aside(pl.col("name").is_null(), "names no substance")
    source.emit("ingredient", ingredients(others["compositions"].frame))


def keyed(rows: Rows) -> Rows:
    return rows.set_aside(~CODE.fill_null(False), "has no CIS code where it should stand").key(pl.col("cis"))


def believed(source: Source, frame: pl.DataFrame) -> list[pl.Expr]:
    """The date of authorisation and its precision, unless it lies before the year in the European number."""
    short = pl.col("eu_number").str.extract(r"^EU/\d/(\d\d)/").cast(pl.Int32)
    year = pl.when(short >= 90).then(short + 1900).otherwise(short + 2000)
    early = (pl.col("approved_date").dt.year() < year).fill_null(False)
    text = pl.format("{} before {}", "approved", "eu_number").alias("contradiction")
    source.issues("impossible_date", "specialities.approved", frame.filter(early).with_columns(text), "contradiction")
    return [pl.when(~early).then(name).alias(name) for name in ("approved_date", "approved_precision")]


def authorisations(frame: pl.DataFrame, others: dict[str, pl.DataFrame]) -> pl.DataFrame:
    packs = others["presentations"].select("cis", pl.concat_list("cip13", "cip7").alias("numbers")).explode("numbers")
    packs = packs.group_by("cis", maintain_order=True).agg("numbers")
    groups = (
        others["generics"]
        .group_by("cis")
        .agg((pl.col("type_code") == "generic").fill_null(False).all().alias("generic"))
    )
    atc = others["atc"] if "atc" in others else pl.DataFrame(schema={"cis": pl.String, "atc": pl.String})
    atc = atc.drop_nulls("atc").group_by("cis", maintain_order=True).agg(pl.col("atc").unique(maintain_order=True))
    stated = pl.col("procedure_code").str.extract(r" (\w+)$")
    itself = pl.when(EU_NUMBER.is_not_null()).then(pl.concat_list("cis"))
    for other in (packs, groups, atc):
        frame = frame.join(other, on="cis", how="left", maintain_order="left")
    return frame.select(
        "record_id",
        "row",
        pl.lit("FR").alias("jurisdiction"),
        pl.lit("ANSM").alias("agency"),
        pl.coalesce(EU_NUMBER, "cis").alias("number"),
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("holder_country_code").alias("holder_country"),
        "atc",
        "form",
        "route",
        pl.lit("human").alias("domain"),
        pl.coalesce(stated, pl.when("generic").then(pl.lit("generic")), pl.lit("unknown")).alias("legal_basis"),
        pl.col("procedure_code").str.extract(r"^(\w+)").alias("procedure"),
        pl.col("status_code").alias("status"),
        (pl.col("marketing_code") == "marketed").alias("marketed"),
        pl.concat_list(itself.fill_null([]), pl.col("numbers").fill_null([]).list.drop_nulls()).alias("other_numbers"),
    )


def declarations(packs: pl.DataFrame) -> pl.DataFrame:
    """When a pack came to the market, and when its marketing was declared ended or interrupted; once per day."""
    return (
        packs.drop_nulls(["marketing_code", "declared_date"])
        .select(
            "record_id",
            "row",
            pl.col("marketing_code").alias("event"),
            pl.col("declared_date").alias("date"),
            pl.col("declared_precision").alias("precision"),
            pl.format("{}: {}", "marketing", "declared").alias("text"),
        )
        .unique(["record_id", "text"], keep="first", maintain_order=True)
    )


def ingredients(frame: pl.DataFrame) -> pl.DataFrame:
    """Substances in the order of the file; a salt and its moiety share an element and a link number."""
    linked = pl.col("_at").min().over("cis", "element", pl.coalesce("link", "row"))
    return frame.with_columns(linked.alias("first")).select(
        "record_id",
        "row",
        pl.col("first").rank("dense").over("cis").cast(pl.Int64).alias("position"),
        "name",
        pl.lit("fr").alias("language"),
        pl.lit("fr_ansm_bdpm").alias("code_system"),
        pl.col("substance").alias("code"),
        pl.col("nature_code").alias("role"),
        pl.concat_str(
            "dosage", pl.when(pl.col("dosage").is_not_null()).then("reference"), separator=" / ", ignore_nulls=True
        )
        .replace("", None)
        .alias("strength"),
    )
