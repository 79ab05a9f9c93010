"""ANMDMR: one record per product (code CIM without its pack), European ones linked to their number."""

import polars as pl

from dioscorides.registers import atc, eu_numbers
from dioscorides.registers.ro_anmdm.substances import ingredients
from dioscorides.registers.source import Source

NUMBER = pl.col("number").str.extract_groups(r"^0*(\d+)/((?:19|20)\d\d)/(\d*)$").struct
COUNTRY = pl.col("holder").str.extract(r" - ([^-]+?)$")
#: A pack that is listed once more under another ATC code says so behind its name.
REMARK = r"\s*\(\s*(?:vezi\s+)?[A-Z]\d\d[A-Z0-9]{0,4}\s*\)$"
#: Years between a European number and the decision, beyond which the serial wants a second witness.
USUAL_DELAY = 2
#: No European serial will be higher for years to come; national numbers had passed 15,000 in 2023.
HIGHEST_SERIAL = 4000
#: Numbers of marketing authorisations had long passed the thousand in 2012; lower ones are permits for special needs.
PERMIT = (pl.col("serial") < 1000) & (pl.col("year") >= 2012)


def read(source: Source) -> None:
    packs = source.rows("packs").key(pl.col("pack").str.extract(r"^(W\d{5})\d{3}$"))
    packs.frame = packs.frame.with_columns(
        pl.col("name").str.replace(REMARK, ""),
        NUMBER["1"].cast(pl.Int64).alias("serial"),
        NUMBER["2"].cast(pl.Int64).alias("year"),
        NUMBER["3"].alias("part"),
        pl.col("number").str.replace(r"^0*(\d+/\d+)/\d*$", "${1}"),
    )
    later = pl.col("year") > source.today.year
    source.issues("impossible_date", "packs.number", packs.frame.filter(later), "number")
    packs.frame = packs.frame.with_columns(pl.when(~later).then("year").alias("year"))
    source.decode(packs, "country", COUNTRY, "countries")
    atc.with_codes(source, packs)
    frame = with_kind(source, packs.frame)
    source.disagreements("packs", frame, "name", "substances", "holder", "number")
    products = frame.group_by("record_id", maintain_order=True).agg(
        pl.exclude("atc_codes", "pack", "european").first(),
        pl.col("atc_codes").explode().drop_nulls().unique(maintain_order=True),
        european_numbers().alias("european"),
        pl.col("pack").unique(maintain_order=True),
    )
    source.emit("authorisation", authorisations(products))
    source.emit("event", authorised(products))
    source.emit("ingredient", ingredients(products))


def with_kind(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """`kind`: centralised, permit or national, null where the marks contradict each other; `european` number."""
    serial, year, of_serial = pl.col("serial"), pl.col("year"), eu_numbers.year_of(pl.col("serial"))
    frame = frame.with_columns((year - of_serial).alias("delay"))
    central = pl.col("centralised_code").is_not_null()
    usual = central & pl.col("delay").is_between(0, USUAL_DELAY)
    witnessed = pl.struct("serial", "substances").is_in(
        frame.filter(usual).select(pl.struct("serial", "substances")).to_series().implode()
    )
    european = usual | (central & (pl.col("delay") > USUAL_DELAY) & witnessed)
    young = central & serial.is_between(eu_numbers.LAST_SERIAL + 1, HIGHEST_SERIAL) & (year >= 2024)
    doubtful = frame.filter(central & ~(european | young).fill_null(False))
    source.issues("unclear_number", "packs.number", doubtful, "number")
    return frame.with_columns(
        pl.when(european).then(eu_numbers.normal(serial, of_serial)).alias("european"),
        pl.when(european | young)
        .then(pl.lit("centralised"))
        .when(pl.col("centralised").is_not_null())
        .then(None)
        .when(PERMIT)
        .then(pl.lit("permit"))
        .otherwise(pl.lit("national"))
        .alias("kind"),
    )


def european_numbers() -> pl.Expr:
    """The European number and those of the packs, in the order of the rows."""
    packs = eu_numbers.of_pack(pl.col("european"), pl.col("part"))
    return pl.concat([pl.col("european"), packs]).drop_nulls().unique(maintain_order=True)


def authorisations(products: pl.DataFrame) -> pl.DataFrame:
    permit = (pl.col("kind") == "permit").fill_null(False)
    known = pl.col("country_code").is_not_null()
    homeopathic = (pl.col("substances") == "HOMEOPATE").fill_null(False)
    return products.select(
        "record_id",
        "row",
        pl.lit("RO").alias("jurisdiction"),
        pl.lit("ANMDMR").alias("agency"),
        "number",
        pl.col("name").alias("product_name"),
        pl.when(known).then(pl.col("holder").str.replace(r"\s+- [^-]+$", "")).otherwise("holder").alias("holder_name"),
        pl.col("country_code").alias("holder_country"),
        pl.col("substances").alias("substances_text"),
        pl.col("atc_codes").alias("atc"),
        "form",
        "strength",
        pl.lit("human").alias("domain"),
        pl.when(homeopathic).then(pl.lit("homeopathic")).otherwise(pl.lit("unknown")).alias("legal_basis"),
        pl.when(pl.col("kind") == "centralised").then("kind").otherwise(pl.lit("unknown")).alias("procedure"),
        pl.when(permit).then(pl.lit("unknown")).otherwise(pl.lit("authorised")).alias("status"),
        pl.when(permit).then(pl.lit(["emergency"])).alias("flags"),
        pl.concat_list("european", "pack").alias("other_numbers"),
    )


def authorised(products: pl.DataFrame) -> pl.DataFrame:
    """The year of the number, or its end as a bound where the number may be that of a renewal."""
    permit, year = (pl.col("kind") == "permit").fill_null(False), pl.col("year")
    dated = permit | (pl.col("kind") == "centralised").fill_null(False)
    return products.select(
        "record_id",
        "row",
        pl.when(permit).then(pl.lit("emergency_authorised")).otherwise(pl.lit("authorised")).alias("event"),
        pl.when(dated).then(pl.date(year, 1, 1)).alias("date"),
        pl.when(dated).then(pl.lit("year")).alias("precision"),
        pl.when(~dated).then(pl.date(year + 1, 1, 1)).alias("before"),
        pl.coalesce("number", "record_id").alias("text"),
    )
