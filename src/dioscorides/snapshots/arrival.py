"""What a fetch hands from room to room: the files asked for, how far they have come, and where they grow."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dioscorides.snapshots.archives import MANIFEST, SnapshotError

#: What a file may be expected to be, in words.
EXPECTED = {
    "zip": "a zip archive",
    "gzip": "a gzip archive",
    "xlsx": "an xlsx or ods spreadsheet",
    "xls": "a spreadsheet",
    "csv": "a text table",
    "text": "a text",
    "json": "a JSON document",
    "xml": "an XML document",
}
_FILE_NAME = re.compile(r"[^./\\][^/\\]*")
#: What to do where an address is no longer right.
CORRECT = "look up the present address and correct it in the register's register.yaml."


class FetchError(SnapshotError):
    """A register could not be fetched; the store is as it was. The message says why and what to do."""


@dataclass(frozen=True)
class SourceFile:
    """A file that a register publishes at `url`, to be stored as `name`.

    `expect` says what it has to be: zip, gzip, xlsx, xls, csv, text, json or xml. It is refused when it is smaller
    than `min_bytes`, or lacks the bytes `contains` (looked for in the text, or in an archive's member names and
    contents), or has the bytes `excludes`, which only an error has. `accept` is the media type that is asked for.
    Raises SnapshotError for a name or an expectation that cannot be.
    """

    url: str
    name: str
    expect: str
    min_bytes: int = 1
    contains: bytes = b""
    excludes: bytes = b""
    accept: str = "*/*"

    def __post_init__(self) -> None:
        if self.expect not in EXPECTED:
            known = ", ".join(EXPECTED)
            raise SnapshotError(f"{self.name}: {self.expect!r} is not one of {known}; correct register.yaml.")
        if not _FILE_NAME.fullmatch(self.name) or self.name == MANIFEST or self.name.endswith(".part"):
            raise SnapshotError(f"{self.name!r} cannot be the name of a published file; correct register.yaml.")


@dataclass(frozen=True)
class Progress:
    """How far `file` has come: bytes `received` of `total` (None where unknown), or a `message` worth a line."""

    file: str
    received: int = 0
    total: int | None = None
    message: str = ""


Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Entry:
    """What the manifest says of one file. `etag` and `last_modified` are the publisher's words, for asking again."""

    name: str
    bytes: int
    sha256: str
    url: str
    etag: str | None
    last_modified: str | None
    retrieved_at: str


class RefusedError(Exception):
    """Why a file or an address is not taken, and what to do; trying again now would not help."""


class BrokenOffError(Exception):
    """Why a download stopped; trying again may help, not before `wait` seconds where the server asked for that."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class Slot:
    """One file on its way: `.<name>.part` while it grows, `<name>` when whole, `.<name>.json` about either."""

    def __init__(self, folder: Path, name: str) -> None:
        self.whole = folder / name
        self.part = folder / f".{name}.part"
        self.note = folder / f".{name}.json"

    def resumable(self, url: str) -> tuple[int, str]:
        """How many bytes are there already, and the validator that proves them to be of the same file; else 0."""
        note = self.read_note()
        validator = note.get("validator")
        if note.get("url") != url or not isinstance(validator, str) or not self.part.exists():
            return 0, ""
        return self.part.stat().st_size, validator

    def start(self, url: str, validator: str | None) -> None:
        # In this order a kill in between never leaves old bytes with a new validator.
        self.discard()
        write_json(self.note, {"url": url, "validator": validator})
        self.part.touch()

    def finish(self, entry: Entry) -> None:
        write_json(self.note, asdict(entry))
        self.part.replace(self.whole)

    def discard(self) -> None:
        self.part.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    def read_note(self) -> dict[str, Any]:
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Writes JSON so that the file is there whole or not at all."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sync(beside)
    beside.replace(path)


def sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
