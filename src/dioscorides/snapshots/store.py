"""The snapshot store: `<root>/<register>/<YYYY-MM-DD>/<files as published>`, read only once a snapshot is there."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from dioscorides.snapshots.archives import MANIFEST, PublishedFile, SnapshotError, published_files, published_names

__all__ = ["Snapshot", "SnapshotError", "Store", "sha256", "verify"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_REGISTER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Snapshot:
    """What `register` published on `date`: the folder `path` with its files untouched."""

    register: str
    date: datetime.date
    path: Path

    def files(self) -> list[str]:
        """The files as stored: sorted POSIX names relative to `path`, without manifest, hidden and partial ones."""
        return published_names(self.path)

    def contents(self, pattern: str = "*") -> list[PublishedFile]:
        """The published files whose base name matches `pattern` (as in a shell, any case), archives looked into.

        Sorted by name. Raises ArchiveError when any archive of the snapshot is damaged or harmful.
        """
        wanted = pattern.casefold()
        return [file for file in self._contents if fnmatchcase(file.name.rsplit("/", 1)[-1].casefold(), wanted)]

    def checksums(self) -> dict[str, str]:
        """The SHA-256 of each of `files()`, in hexadecimal."""
        return {name: sha256(self.path / name) for name in self.files()}

    def manifest(self) -> dict[str, Any] | None:
        """What `fetch` wrote down about the files; None where the files came another way. Raises SnapshotError."""
        path = self.path / MANIFEST
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise SnapshotError(f"{path} is not JSON ({error}); move {self.path} away and fetch again.") from error
        if not isinstance(manifest, dict):
            raise SnapshotError(f"{path} is not a snapshot's manifest; move {self.path} away and fetch again.")
        return manifest

    @cached_property
    def _contents(self) -> list[PublishedFile]:
        # Readers ask for many patterns; a snapshot never changes, so its archives are listed once.
        return sorted(published_files(self.path), key=lambda file: file.name)

    def __getstate__(self) -> dict[str, Any]:
        # Open archives do not travel to another process.
        return {name: value for name, value in self.__dict__.items() if name != "_contents"}


@dataclass(frozen=True)
class Store:
    """The snapshots below the folder `root`. Methods raise SnapshotError when the folder is not there."""

    root: Path

    def registers(self) -> list[str]:
        """The registers with at least one snapshot, sorted."""
        names = sorted(path.name for path in self._existing_root().iterdir() if _REGISTER.fullmatch(path.name))
        return [name for name in names if self.snapshots(name)]

    def snapshots(self, register: str) -> list[Snapshot]:
        """The register's snapshots by date; none when the register has no folder. Other folders are left alone."""
        self._existing_root()
        folder = self.folder(register)
        if not folder.is_dir():
            return []
        dated = ((_date(path.name), path) for path in folder.iterdir() if path.is_dir())
        return sorted((Snapshot(register, date, path) for date, path in dated if date), key=lambda found: found.date)

    def latest(self, register: str) -> Snapshot | None:
        """The register's newest snapshot."""
        return next(reversed(self.snapshots(register)), None)

    def folder(self, register: str) -> Path:
        """Where the register's snapshots lie. Raises SnapshotError for a name that is not a register's."""
        if not _REGISTER.fullmatch(register):
            raise SnapshotError(f"{register!r} is not a register's name; names look like us_fda_orange_book.")
        return self.root / register

    def _existing_root(self) -> Path:
        if not self.root.is_dir():
            raise SnapshotError(
                f"There is no folder {self.root} with snapshots; run `dioscorides fetch`, "
                "or name a folder that holds <register>/<YYYY-MM-DD>/<files>."
            )
        return self.root


def verify(snapshot: Snapshot) -> list[str]:
    """How the snapshot's files differ from its manifest, one sentence each; empty when they agree."""
    try:
        manifest = snapshot.manifest()
    except SnapshotError as error:
        return [str(error)]
    if manifest is None:
        return [f"{snapshot.path} has no {MANIFEST}, so nothing says what its files should be."]
    try:
        expected = {entry["name"]: entry["sha256"] for entry in manifest["files"]}
    except (TypeError, KeyError):
        return [f"{snapshot.path / MANIFEST} does not list its files; move {snapshot.path} away and fetch again."]
    found = snapshot.checksums()
    differences = []
    for name in sorted(expected.keys() | found.keys()):
        if name not in found:
            differences.append(f"{name} is missing.")
        elif name not in expected:
            differences.append(f"{name} is extra: the manifest does not list it.")
        elif found[name] != expected[name]:
            differences.append(f"{name} was changed: its SHA-256 is {found[name]}, the manifest says {expected[name]}.")
    return differences


def sha256(path: Path) -> str:
    """The file's SHA-256 in hexadecimal, read in a stream. Raises SnapshotError for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SnapshotError(f"{path} cannot be read ({error.strerror}); check its permissions and the disk.") from error


def _date(name: str) -> datetime.date | None:
    if not _DATE.fullmatch(name):
        return None
    try:
        return datetime.date.fromisoformat(name)
    except ValueError:
        return None
