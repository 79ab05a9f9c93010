"""What every list of names needs: the script of each name, and no damaged text taken for a name."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from dioscorides.registers.source import Rows, Source

#: ISO 15924 scripts by the Unicode property of their letters.
SCRIPTS = {
    "Latn": "Latin", "Cyrl": "Cyrillic", "Grek": "Greek", "Armn": "Armenian", "Geor": "Georgian", "Arab": "Arabic",
    "Hira": "Hiragana", "Kana": "Katakana", "Hani": "Han", "Hang": "Hangul",
}  # fmt: skip
#: Letters of two scripts that look the same in print, in the same order.
LATIN, CYRILLIC = "ABCEHIKMOPTXaceiopxy", "АВСЕНІКМОРТХасеіорху"
MIXED = r"\p{Latin}\p{Cyrillic}|\p{Cyrillic}\p{Latin}"
#: A small letter before a capital of the other script: the letter was typed twice, once in each.
TYPED_TWICE = r"[\p{Latin}&&\p{Ll}][\p{Cyrillic}&&\p{Lu}]|[\p{Cyrillic}&&\p{Ll}][\p{Latin}&&\p{Lu}]"
#: What makes a text no name, by the kind of the issue. Doubled question marks are what a wrong codepage leaves.
DAMAGE = {
    "unreadable_name": r"\x{FFFD}|\?\?|^[^\p{L}]*$",
    "unfinished_name": r"[/,;:|=(\[]$",
    "mixed_script": MIXED,
}


@dataclass(frozen=True)
class Named:
    """A column of names: in which language and script it should be, and the kind of name, fixed or as an expression.

    Without a `script` any will do.
    """

    column: str
    language: str | pl.Expr
    script: str | None
    kind: str | pl.Expr


def emit_names(
    source: Source,
    rows: Rows,
    columns: Iterable[Named],
    code: str = "code",
    *,
    system: str | None = None,
    several: bool = False,
) -> None:
    """Name records of `rows`, one per column of names that is filled.

    The codes are the register's own, unless a column `system` says whose.

    Blanks are single, entities are characters, a look-alike letter belongs to the script of its neighbours. A text that
    is no name becomes an issue, a row without any name goes to quarantine. A name in another script than its column's
    keeps its script and has no language. The first column is the one that a code has a single name in, unless a code
    has `several` rows: then each row is a name or, where it is empty, says something else of the code.
    """
    columns = list(columns)
    if not several:
        _set_aside_renamed(source, rows, columns[0].column, code)
    whose = pl.lit(source.metadata.id) if system is None else pl.col(system)
    parts = [_column(rows, column, code, whose) for column in columns]
    names = _with_script(_mended(pl.concat(parts).drop_nulls("name").with_row_index("at")))
    damage = pl.coalesce(
        pl.when(pl.col("name").str.contains(pattern)).then(pl.lit(kind)) for kind, pattern in DAMAGE.items()
    )
    names = names.with_columns(damage.alias("damage"))
    for (kind, where), lost in names.drop_nulls("damage").group_by("damage", "where", maintain_order=True):
        source.issues(str(kind), str(where), lost, "name")
    names = names.filter(pl.col("damage").is_null())
    strange = (pl.col("script") != pl.col("expected")).fill_null(False)
    for (where,), odd in names.filter(strange).group_by("where", maintain_order=True):
        source.issues("unexpected_script", str(where), odd, "name")
    _count_unbalanced(source, names)
    _count_shared(source, names)
    source.emit(
        "name",
        names.with_columns(pl.when(~strange).then("language").alias("language")).select(
            "record_id",
            "row",
            "code_system",
            "code",
            "name",
            "language",
            "script",
            "kind",
        ),
    )
    named = pl.any_horizontal(pl.col(column.column).is_not_null() for column in columns) if several else pl.lit(True)
    nameless = named & ~pl.col("_at").is_in(names["of"].implode())
    rows.set_aside(nameless & pl.col("record_id").is_not_null(), "nothing in the row can be read as a name")


def _set_aside_renamed(source: Source, rows: Rows, chief_column: str, code: str) -> None:
    chief = pl.col(chief_column)
    renamed = pl.col(code).is_not_null() & (chief != chief.drop_nulls().first().over(code))
    twice = rows.frame.filter(renamed)
    if not twice.is_empty():
        source.issue("repeated_key", rows.spec.name, twice[code][0], len(twice), twice["row"][0])
        rows.set_aside(renamed, "its code stands for another name in a row above")


def _column(rows: Rows, named: Named, code: str, system: pl.Expr) -> pl.DataFrame:
    def fixed(value: str | pl.Expr) -> pl.Expr:
        return pl.lit(value) if isinstance(value, str) else value

    blanks = pl.col(named.column).str.replace_all("\u00ad", "").str.replace_all(r"[\s\x{A0}]+", " ")
    return rows.frame.select(
        pl.col("_at").alias("of"),
        "record_id",
        "row",
        pl.col(code).alias("code"),
        blanks.str.strip_chars().alias("name"),
        fixed(named.language).alias("language"),
        pl.lit(named.script, pl.String).alias("expected"),
        system.alias("code_system"),
        fixed(named.kind).alias("kind"),
        pl.lit(f"{rows.spec.name}.{named.column}").alias("where"),
    )


def _mended(names: pl.DataFrame) -> pl.DataFrame:
    """Names with their entities as characters, and with look-alikes in the script of the letters that they touch."""
    name = pl.col("name")
    unescaped = name.map_elements(html.unescape, return_dtype=pl.String)
    names = _where(names, name.str.contains(r"&#?\w+;"), lambda found: found.with_columns(unescaped))
    return _where(names, name.str.contains(MIXED) & ~name.str.contains(TYPED_TWICE), _in_one_script)


def _where(names: pl.DataFrame, which: pl.Expr, change: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    found = names.filter(which)
    if found.is_empty():
        return names
    return pl.concat([names.join(found, on="at", how="anti"), change(found)]).sort("at")


def _in_one_script(names: pl.DataFrame) -> pl.DataFrame:
    """Names with each look-alike that touches two letters of the other script as a letter of that script."""
    name = pl.col("name")
    for latin, cyrillic in zip(LATIN, CYRILLIC, strict=True):
        for letter, other, script in ((latin, cyrillic, "Cyrillic"), (cyrillic, latin, "Latin")):
            pair = rf"(\p{{{script}}}{{2}})"
            names = names.with_columns(name.str.replace_all(f"{pair}{letter}|{letter}{pair}", f"${{1}}{other}${{2}}"))
    return names


def _with_script(names: pl.DataFrame) -> pl.DataFrame:
    """The script that most letters of each name are written in."""
    ascii_only = pl.col("name").str.len_bytes() == pl.col("name").str.len_chars()
    plain = names.filter(ascii_only).with_columns(pl.lit("Latn").alias("script"))
    counts = pl.concat_list(pl.col("name").str.count_matches(rf"\p{{{letters}}}") for letters in SCRIPTS.values())
    most = counts.list.arg_max().replace_strict(list(range(len(SCRIPTS))), list(SCRIPTS), return_dtype=pl.String)
    other = names.filter(~ascii_only).with_columns(most.alias("script"))
    return pl.concat([plain, other]).sort("at")


def _count_unbalanced(source: Source, names: pl.DataFrame) -> None:
    """One issue per column for the names with a bracket that is not closed or not opened: misprinted, or cut."""
    name = pl.col("name")
    unequal = pl.any_horizontal(
        name.str.count_matches(left, literal=True) != name.str.count_matches(right, literal=True)
        for left, right in ("()", "[]", "{}")
    )
    for (where,), odd in names.filter(unequal).group_by("where", maintain_order=True):
        source.issue("unbalanced_brackets", str(where), odd["name"][0], len(odd), odd["row"][0])


def _count_shared(source: Source, names: pl.DataFrame) -> None:
    """One issue per column for the names that stand under several codes: none of them can be told by the name."""
    keyed = names.with_columns(pl.col("name").str.to_lowercase().alias("key")).select("where", "key", "code").unique()
    twice = keyed.group_by("where", "key").len().filter(pl.col("len") > 1)
    shared = names.with_columns(pl.col("name").str.to_lowercase().alias("key")).join(
        twice, on=["where", "key"], how="semi"
    )
    for (where,), odd in shared.sort("at").group_by("where", maintain_order=True):
        source.issue("shared_name", str(where), odd["name"][0], len(odd), odd["row"][0])
