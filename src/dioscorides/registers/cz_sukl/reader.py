"""SÚKL: names of substances and which of them are salts of others; cancelled registrations; organisations."""

import polars as pl

from dioscorides.registers.cz_sukl.cancelled import authorisations, endings
from dioscorides.registers.cz_sukl.salts import is_salt
from dioscorides.registers.source import Rows, Source

#: So many codes unknown to a list are named in its issue.
SHOWN = 10
CODE_LISTS = ("countries", "forms", "routes")


def read(source: Source) -> None:
    for table in CODE_LISTS:
        source.rows(table).lookup = True
    substances = source.rows("substances").key(pl.col("code"))
    joining = (pl.col("code").cast(pl.Int64, strict=False) <= 0) | pl.col("latin").str.ends_with(":")
    substances.leave_out(joining, "joins substances in a composition, is none")
    substances.set_aside(pl.all_horizontal(pl.col("latin", "english", "czech").is_null()), "names no substance")
    source.emit("name", names(substances.frame.join(bases(source, substances.frame), on="code", how="left")))

    organisations = source.rows("organisations").key(pl.format("{}-{}", "code", "country"))
    listed(source, organisations, "country", table="countries", value="iso")
    source.emit("organisation_record", organisation_records(organisations.frame))

    cancelled = source.rows("cancelled").key(pl.col("number"))
    parallel = (pl.col("procedure_code") == "parallel") | pl.col("parallel_import").is_not_null()
    cancelled.leave_out(parallel, "parallel import or distribution: no registration of its own")
    cancelled.frame = cancelled.frame.with_columns(pl.format("{}-{}", "holder", "holder_country").alias("holder"))
    listed(source, cancelled, "holder", table="organisations", value="name", key="record_id")
    listed(source, cancelled, "holder_country", table="countries", value="iso")
    listed(source, cancelled, "form", table="forms", value="name")
    listed(source, cancelled, "route", table="routes", value="name")
    source.emit("authorisation", authorisations(cancelled.frame))
    source.emit("event", endings(cancelled.frame))


def listed(source: Source, rows: Rows, column: str, *, table: str, value: str, key: str = "code") -> None:
    """Add `<column>_<value>`: what a list of the register says of a code. Codes that the list lacks are one issue."""
    code_list = source.rows(table)
    says = code_list.frame.select(pl.col(key).alias(column), pl.col(value).alias(f"{column}_{value}"))
    says = says.drop_nulls(column).unique(column, keep="first").with_columns(pl.lit(True).alias("listed"))
    frame = rows.frame.join(says, on=column, how="left", maintain_order="left")
    rows.frame = frame.drop("listed")
    unlisted = frame.filter(pl.col(column).is_not_null() & pl.col("listed").is_null())
    if not says.is_empty() and not unlisted.is_empty():
        codes = unlisted[column].unique(maintain_order=True).to_list()
        text = ", ".join(codes[:SHOWN]) + (f" and {len(codes) - SHOWN} more" if len(codes) > SHOWN else "")
        source.issue("unknown_code", f"{rows.spec.name}.{column}", text, len(unlisted), unlisted["row"][0])


def bases(source: Source, substances: pl.DataFrame) -> pl.DataFrame:
    """The base of each salt, of the pairs that are a salt and its base."""
    salts = source.rows("salts").key(pl.col("salt"))
    latin = substances.select("code", pl.col("latin").str.to_uppercase(), (pl.col("source") == "INN").alias("inn"))
    of = latin.rename({"code": "base", "latin": "base_latin", "inn": "base_inn"})
    pairs = salts.frame.join(of, on="base", how="left", maintain_order="left")
    pairs = pairs.join(latin, left_on="salt", right_on="code", how="left", maintain_order="left")
    told = is_salt(*(pl.col(name) for name in ("latin", "base_latin", "inn", "base_inn")))
    nameless = pl.any_horizontal(pl.col("latin", "base_latin").is_null())
    for where, reason in (
        (nameless, "pairs a substance without a Latin name"),
        (~nameless & ~told, "pairs related substances, not a salt and its base"),
    ):
        salts.leave_out(pl.col("_at").is_in(pairs.filter(where)["_at"].implode()), reason)
    stated = pairs.filter(told).unique(["salt", "base"], maintain_order=True)
    several = stated.filter(pl.col("base").n_unique().over("salt") > 1)
    source.issues("ambiguous_base", "salts.salt", several, "salt")
    single = stated.join(several, on="salt", how="anti")
    return single.select(pl.col("salt").alias("code"), pl.col("base").alias("base_code"))


def names(frame: pl.DataFrame) -> pl.DataFrame:
    kind = pl.when(pl.col("source") == "INN").then(pl.lit("inn")).otherwise(pl.lit("national"))
    columns = (("latin", "la", kind), ("english", "en", kind), ("czech", "cs", pl.lit("national")))
    return pl.concat(
        frame.drop_nulls(column).select(
            "record_id",
            "row",
            pl.lit("cz_sukl").alias("code_system"),
            "code",
            pl.col(column).alias("name"),
            pl.lit(language).alias("language"),
            pl.lit("Latn").alias("script"),
            of_kind.alias("kind"),
            "base_code",
        )
        for column, language, of_kind in columns
    )


def organisation_records(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        "record_id",
        "row",
        pl.lit("cz_sukl").alias("code_system"),
        pl.col("record_id").alias("code"),
        "name",
        pl.col("country_iso").alias("country"),
    )
