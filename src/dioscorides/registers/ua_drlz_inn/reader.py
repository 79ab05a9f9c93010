"""Ukrainian INN dictionary: one name per code."""

from functools import cache
from pathlib import Path

import polars as pl
import yaml

from dioscorides.registers.names import Named, emit_names
from dioscorides.registers.source import Source


def read(source: Source) -> None:
    rows = source.rows("names").key(pl.col("code"))
    rows.set_aside(~pl.col("code").str.contains(r"^ua_\d+_\d+$"), "the code is not of this dictionary")
    rows.set_aside(pl.col("dictionary_code").is_null(), "the row is of another dictionary")
    rows.leave_out(
        pl.col("name").str.to_lowercase().is_in(radicals()), "a radical or group, part of a salt's or ester's name"
    )
    emit_names(source, rows, [Named("name", "uk", "Cyrl", "inn")])


@cache
def radicals() -> list[str]:
    """Ukrainian names of radicals and groups, in lower case."""
    lines = yaml.safe_load(Path(__file__).with_name("radicals.yaml").read_text(encoding="utf-8"))
    return [name for line in lines for name in line]
