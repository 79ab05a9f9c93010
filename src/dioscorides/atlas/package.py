"""What goes with a release's tables: the register table, release.json and datapackage.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from dioscorides import contract
from dioscorides.atlas.records import Records
from dioscorides.atlas.release import MANIFEST
from dioscorides.registers.catalogue import catalogue
from dioscorides.registers.metadata import Metadata, Yearly
from dioscorides.version import __version__

FRICTIONLESS = {
    "text": "string", "date": "date", "int": "integer", "float": "number", "bool": "boolean", "list": "list",
}  # fmt: skip


def cards() -> list[dict[str, Any]]:
    """What every known register says of itself."""
    return [_card(register.metadata) for register in catalogue().values()]


def yearly(register: str) -> Yearly | None:
    """How many authorisations the register is expected to state for each whole year."""
    return catalogue()[register].metadata.yearly


def _card(card: Metadata) -> dict[str, Any]:
    return {
        "register": card.id,
        "name": card.name,
        "publisher": card.publisher,
        "jurisdiction": card.jurisdiction,
        "agency": card.agency,
        "language": ", ".join(card.languages),
        "licence": card.licence,
        "licence_url": card.licence_url,
        "licence_confirmed": card.licence_confirmed,
        "published_at": card.homepage,
        "cadence": card.cadence,
        "rank": card.rank,
        "covers_from": card.covers_from,
        "population": card.population,
        "closed_world": card.closed_world,
        "dates": card.dates,
    }


def registers(read: Sequence[Records]) -> pl.DataFrame:
    """The register table: one row per register and snapshot."""
    newest = {one.register.id: one.snapshot.date for one in read}
    rows = []
    for one in read:
        rows_of = dict.fromkeys(("read", "quarantined", "duplicate", "out_of_scope"), 0)
        rows_of |= dict(one.frame("register_file").group_by("outcome").agg(pl.col("rows").sum()).rows())
        rows.append(
            _card(one.register.metadata)
            | {
                "snapshot": one.snapshot.date,
                "covers_to": one.snapshot.date,
                "rows": sum(rows_of.values()),
                "rows_read": rows_of["read"],
                "rows_quarantined": rows_of["quarantined"],
                "rows_duplicate": rows_of["duplicate"],
                "rows_out_of_scope": rows_of["out_of_scope"],
                "records": sum(one.count(name) for name in contract.ENTITIES),
                "issues": one.frame("issue").height,
                "current": one.snapshot.date == newest[one.register.id],
            }
        )
    table = contract.ATLAS["register"]
    return pl.DataFrame([{name: row[name] for name in table.names} for row in rows], schema=table.schema())


def unread(failures: Sequence[str]) -> pl.DataFrame:
    """Snapshots that could not be read, as issues."""
    rows = []
    for failure in failures:
        where, _, why = failure.partition(": ")
        register, _, snapshot = where.partition(" ")
        rows.append({"register": register, "kind": "unreadable_snapshot", "where": snapshot, "value": why, "count": 1})
    frame = pl.DataFrame(rows, schema=["register", "kind", "where", "value", "count"])
    return contract.ISSUE.frame(
        frame.with_columns(pl.col("where").cast(pl.String).str.to_date(strict=False).alias("snapshot"))
    )


def describe(
    folder: Path,
    name: str,
    read: Sequence[Records],
    failures: Sequence[str],
    counts: dict[str, int],
    left_out: Sequence[str] = (),
) -> None:
    """Write release.json (inputs, licences, counts, issues, program) and datapackage.json (Frictionless).

    `left_out` are registers that a part of a release goes without.
    """
    made_of = {table: _made_of(folder, table, read) for table in sorted(counts)}
    inputs = [
        {
            "register": one.register.id,
            "snapshot": one.snapshot.date.isoformat(),
            "records": one.path.name,
            "publisher": one.register.metadata.publisher,
            "licence": {
                "name": one.register.metadata.licence,
                "url": one.register.metadata.licence_url,
                "confirmed": one.register.metadata.licence_confirmed,
                "open": one.register.metadata.open_licence,
            },
            "files": [{"name": file, "sha256": digest} for file, digest in sorted(one.checksums.items())],
            "issues": one.frame("issue").height,
        }
        for one in read
    ]
    manifest = {
        "release": name,
        "program": {"name": "dioscorides", "version": __version__, "contract": contract.VERSION},
        "inputs": inputs,
        "unreadable": list(failures),
        "left_out": list(left_out),
        "tables": {
            table: {"rows": counts[table], "registers": registers, "licences": _licences(read, registers)}
            for table, registers in made_of.items()
        },
        "issues": counts["issue"],
    }
    _write(folder / "datapackage.json", _datapackage(name, read, made_of))
    _write(folder / MANIFEST, manifest)


def _made_of(folder: Path, table: str, read: Sequence[Records]) -> list[str]:
    """The registers that a table is made of: those that it names, or all where it names none."""
    if "register" not in contract.ATLAS[table].names:
        return sorted({one.register.id for one in read})
    named = pl.scan_parquet(folder / f"{table}.parquet").select(pl.col("register").drop_nulls().unique().sort())
    used = {one.register.id for one in read}  # an issue may name a register of which nothing could be used
    return [register for register in named.collect().to_series() if register in used]


def _licences(read: Sequence[Records], registers: Sequence[str]) -> list[str]:
    return sorted({one.register.metadata.licence for one in read if one.register.id in registers})


def _datapackage(name: str, read: Sequence[Records], made_of: dict[str, list[str]]) -> dict[str, Any]:
    cards = {one.register.id: one.register.metadata for one in read}
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"dioscorides-{name}",
        "title": "Dioscorides: the world's medicines from official registers",
        "version": name,
        "sources": [{"title": f"{card.name}, {card.publisher}", "path": card.homepage} for card in cards.values()],
        "licenses": _licenses(cards.values()),
        "resources": [
            {
                "name": table.replace("_", "-"),
                "path": f"{table}.parquet",
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                "description": f"One row is {contract.ATLAS[table].grain}.",
                "licenses": _licenses(cards[register] for register in registers),
                "schema": {
                    "fields": [
                        {"name": column.name, "type": FRICTIONLESS[column.type], "description": column.meaning}
                        | (
                            {"constraints": {"enum": list(column.codes)}}
                            if column.codes and column.type == "text"
                            else {}
                        )
                        for column in contract.ATLAS[table].columns
                    ]
                },
            }
            for table, registers in made_of.items()
        ],
    }


def _licenses(cards: Iterable[Metadata]) -> list[dict[str, str]]:
    return [{"title": title, "path": path} for title, path in sorted({(one.licence, one.licence_url) for one in cards})]


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=False) + "\n", encoding="utf-8")
