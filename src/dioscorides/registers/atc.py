"""ATC codes as registers print them: one or several in a cell, with blanks, cut off, or not yet given."""

from __future__ import annotations

import polars as pl

from dioscorides.registers.source import Rows, Source

#: A code of any of the five levels, of a human or a veterinary medicine.
CODE = r"^Q?[A-Z]\d\d(?:[A-Z](?:[A-Z](?:\d\d)?)?)?$"
SEPARATOR = r"&&|[;,\n/]"


def with_codes(source: Source, rows: Rows, column: str = "atc") -> None:
    """Add `<column>_codes`, the ATC codes in a column of `rows`; a cell that holds anything else counts in one issue.

    What a register prints instead of a code is no issue: the keys of the code map `no_atc` in its metadata.
    """
    nothing = ["", *(key.replace(" ", "") for key in source.metadata.codes.get("no_atc", {}))]
    parts = (
        rows.frame.select("_at", "row", pl.col(column).alias("printed"))
        .drop_nulls("printed")
        .with_columns(pl.col("printed").str.replace_all(SEPARATOR, "|").str.split("|").alias("code"))
        .explode("code")
        .with_columns(pl.col("code").str.replace_all(r"\s", "").str.to_uppercase())
        .filter(~pl.col("code").str.to_lowercase().is_in(nothing))
    )
    is_code = pl.col("code").str.contains(CODE)
    odd = parts.filter(~is_code).unique("_at", keep="first", maintain_order=True)
    if not odd.is_empty():
        source.issue("no_atc_code", f"{rows.spec.name}.{column}", odd["printed"][0], len(odd), odd["row"][0])
    codes = (
        parts.filter(is_code)
        .group_by("_at", maintain_order=True)
        .agg(pl.col("code").unique(maintain_order=True).alias(f"{column}_codes"))
    )
    rows.frame = rows.frame.join(codes, on="_at", how="left", maintain_order="left")
