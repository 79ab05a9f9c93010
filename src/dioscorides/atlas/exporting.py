"""Copying a release to a folder, to pass it on: whole or not at all, and on wish without what may not be passed on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dioscorides.atlas.home import Home
from dioscorides.atlas.release import Atlas
from dioscorides.contract import UserError


class ExportError(UserError):
    """An export that cannot be done."""


@dataclass(frozen=True)
class Exported:
    """What was exported: the folder, its files, and the registers left out with their licences."""

    folder: Path
    files: list[str]
    left_out: list[str]


def export_release(atlas: Atlas, to: Path, *, home: Home, open_only: bool = False) -> Exported:
    """Copy the release to the new folder `to`.

    With `open_only` the tables are made anew from the registers alone whose licence lets them be passed on, so that
    nothing learnt from another is in them. Raises ExportError.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise ExportError(f"{to} is there already: name a new or an empty folder with --to.")
    left_out: list[str] = []

    def copy(partial: Path) -> None:
        shutil.copytree(atlas.path, partial)

    def make(partial: Path) -> None:
        left_out.extend(_make_open(atlas, home, partial))

    _whole(to, make if open_only else copy)
    return Exported(to, sorted(path.name for path in to.iterdir()), left_out)


def _whole(to: Path, fill: Callable[[Path], None]) -> None:
    """Make the folder `to` with what `fill` puts into it, by one rename."""
    partial = to.parent / f".{to.name}-{os.getpid()}"
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        fill(partial)
        partial.replace(to)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExportError(f"{to} could not be written ({reason}): make room or choose another folder.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _make_open(atlas: Atlas, home: Home, partial: Path) -> list[str]:
    """The tables of the open registers of a release in `partial`; gives what is left out, a sentence each."""
    from dioscorides.atlas import naming, package, tables
    from dioscorides.atlas.records import Records
    from dioscorides.registers.catalogue import catalogue
    from dioscorides.snapshots.store import Snapshot

    known = catalogue()
    read, closed = [], {}
    for one in atlas.manifest["inputs"]:
        register, path = known.get(one["register"]), home.cache / one["records"]
        if not one["licence"]["open"]:
            closed[one["register"]] = f"{one['register']}: {one['licence']['name']}"
            continue
        snapshot = Snapshot(one["register"], date.fromisoformat(one["snapshot"]), path)
        checksums = {file["name"]: file["sha256"] for file in one["files"]}
        key = path.name.rsplit("-", 1)[1]
        records = Records(register, snapshot, checksums, key, path) if register else None
        if records is None or not records.kept:
            raise ExportError(
                f"The records of {one['register']} {one['snapshot']} are not in {home.cache} any more: "
                f"build again, then export."
            )
        read.append(records)
    if not read:
        raise ExportError("No register of this release has a licence that lets it be passed on.")
    partial.mkdir()
    left_out = [closed[register] for register in sorted(closed)]
    counts = tables.make(partial, read, naming.Here(), [], lambda *_: None)
    package.describe(partial, f"{atlas.release}-open", read, [], counts, left_out)
    return left_out
