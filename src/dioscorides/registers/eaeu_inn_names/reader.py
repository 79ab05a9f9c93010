"""Eurasian INN reference book: one code, up to four names."""

import polars as pl

from dioscorides.registers.names import Named, emit_names
from dioscorides.registers.source import Source

#: The Uzbek names follow the Russian ones; WHO gives no INN in Uzbek.
NAMES = (
    Named("english", "en", "Latn", "inn"),
    Named("latin", "la", "Latn", "inn"),
    Named("russian", "ru", "Cyrl", "inn"),
    Named("uzbek", "uz", "Latn", "national"),
)


def read(source: Source) -> None:
    rows = source.rows("names").key(pl.col("code"))
    rows.leave_out(pl.col("code") == "local", "says that there is no international non-proprietary name")
    rows.set_aside(~pl.col("code").str.contains(r"^\d+$"), "the code is not of this list")
    radical = pl.any_horizontal(pl.col(named.column).str.contains(r"\(R\)\s*$").fill_null(False) for named in NAMES)
    rows.leave_out(radical, "a radical or group, part of a salt's or ester's name")
    emit_names(source, rows, NAMES)
