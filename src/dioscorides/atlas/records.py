"""Records of snapshots, read once and kept under a key of all that decides them: files, reader, contract, skills."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Literal

import polars as pl

from dioscorides import contract
from dioscorides.registers.catalogue import Register
from dioscorides.registers.source import Reading, Unreadable
from dioscorides.snapshots.archives import SnapshotError
from dioscorides.snapshots.store import Snapshot

#: What every reader's result depends on, besides its own folder and the snapshot.
SHARED_CODE = ("contract.py", "registers/*.py", "snapshots/archives.py", "snapshots/dates.py", "snapshots/tables.py")
#: The file that says that a kept folder is whole, with the checksums of the others.
DONE = "done"
#: Rows of a Parquet row group: small enough that a look-up in a sorted table reads a few of them only.
ROW_GROUP = 16_384


@dataclass(frozen=True)
class Records:
    """The record tables of one snapshot, as Parquet files below `path`; `key` names their content."""

    register: Register
    snapshot: Snapshot
    checksums: dict[str, str]
    key: str
    path: Path

    @cached_property
    def kept(self) -> bool:
        """Whether they were there, whole and undamaged, when this was first asked."""
        return whole(self.path)

    def table(self, name: str) -> Path | None:
        path = self.path / f"{name}.parquet"
        return path if path.exists() else None

    def frame(self, name: str) -> pl.DataFrame:
        """A record table; empty where the register has none."""
        path = self.table(name)
        return pl.read_parquet(path) if path else pl.DataFrame(schema=table_of(name).schema())

    def count(self, name: str) -> int:
        """How many records (of a table of records) or rows (of a table that belongs to one) there are."""
        path = self.table(name)
        if path is None:
            return 0
        counted = pl.col("record_id").n_unique() if name in contract.ENTITIES else pl.len()
        return int(pl.scan_parquet(path).select(counted).collect().item())

    def filled(self, name: str, column: str) -> int:
        """In how many rows of a record table a column says something; `unknown` says nothing."""
        path = self.table(name)
        if path is None:
            return 0
        said = pl.col(column).is_not_null()
        if table_of(name).schema()[column] == pl.String:
            said &= ~pl.col(column).is_in(["", "unknown"])
        return int(pl.scan_parquet(path).select(said.sum()).collect().item() or 0)

    def dated_events(self) -> int:
        """How many events have a date."""
        path = self.table("event")
        return int(pl.scan_parquet(path).select(pl.col("date").count()).collect().item()) if path else 0


def newest(records: Sequence[Records], name: str) -> pl.DataFrame:
    """Rows of a record table as the newest snapshot that shows the record states them."""
    by_register: dict[str, list[pl.DataFrame]] = {}
    for one in records:
        if one.table(name):
            by_register.setdefault(one.register.id, []).append(one.frame(name))
    frames = [
        frames[0]
        if len(frames) == 1
        else pl.concat(frames).filter(pl.col("snapshot") == pl.col("snapshot").max().over("record_id"))
        for frames in by_register.values()
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=contract.RECORDS[name].schema())


class Failure(Exception):
    """A snapshot that could not be read, with the reason; other registers are not concerned."""


def table_of(name: str) -> contract.Table:
    return contract.RECORDS.get(name) or contract.ATLAS[name]


def locate(register: Register, snapshot: Snapshot, cache_folder: Path) -> Records:
    """Where the records of a snapshot are kept, or will be once they have been read. Raises Failure."""
    try:
        checksums = snapshot.checksums()
    except SnapshotError as error:
        raise _failure(register, snapshot, str(error)) from error
    key = _key(register, snapshot, checksums)
    return Records(register, snapshot, checksums, key, cache_folder / f"{register.id}-{snapshot.date}-{key}")


def read(records: Records) -> None:
    """Read a snapshot, and keep its records. Raises Failure."""
    register, snapshot = records.register, records.snapshot
    try:
        reading = register.read(snapshot)
    except (Unreadable, SnapshotError) as error:
        raise _failure(register, snapshot, str(error)) from error
    except Exception as error:  # a fault of one reader keeps no other register out of the atlas
        told = " ".join(str(error).split())
        reason = f"its reader failed ({type(error).__name__}: {told}); please report it"
        raise _failure(register, snapshot, reason) from error
    _keep(reading, records.path)


def _failure(register: Register, snapshot: Snapshot, reason: str) -> Failure:
    """A failure that begins with register and date, and names files as the snapshot does, wherever it lies."""
    here = f"{register.id} {snapshot.date}: "
    return Failure(here + reason.removeprefix(here).replace(f"{snapshot.path}/", ""))


def write(frame: pl.DataFrame, path: Path, *, fast: bool = False) -> None:
    """A frame as a Parquet file whose bytes depend on its content alone; `fast` rather than small. Raises OSError."""
    compression: Literal["lz4", "zstd"] = "lz4" if fast else "zstd"
    level = None if fast else 1
    try:
        frame.rechunk().write_parquet(path, compression=compression, compression_level=level, row_group_size=ROW_GROUP)
    except pl.exceptions.ComputeError as error:  # how the library says that a disk is full
        told = re.search(r"os error (\d+)", str(error))
        number = int(told[1]) if told else errno.EIO
        reason = os.strerror(number) if told else "it cannot be written, as on a full disk"
        raise OSError(number, reason, str(path)) from error


def prune(cache_folder: Path, keep: Sequence[Records]) -> None:
    """Remove what earlier builds left of the same snapshots under other keys."""
    kept = {records.path.name for records in keep}
    stems = {name.rsplit("-", 1)[0] for name in kept}
    for path in cache_folder.iterdir():
        if path.name not in kept and path.name.rsplit("-", 1)[0] in stems:
            shutil.rmtree(path, ignore_errors=True)


def _keep(reading: Reading, path: Path) -> None:
    def fill(folder: Path) -> None:
        for name, frame in reading.tables.items():
            if not frame.is_empty():
                write(frame, folder / f"{name}.parquet", fast=True)

    keep(path, fill)


def keep(path: Path, fill: Callable[[Path], None]) -> None:
    """Make the folder `path` with the files that `fill` writes: whole, with their checksums, or not at all."""
    partial = path.with_name(f".{path.name}-{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        fill(partial)
        (partial / DONE).write_text(_checksums(partial), encoding="utf-8")
        shutil.rmtree(path, ignore_errors=True)
        partial.rename(path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def whole(path: Path) -> bool:
    """Whether a folder that was made by `keep` is there and undamaged."""
    try:
        return (path / DONE).read_text(encoding="utf-8") == _checksums(path)
    except OSError:
        return False


def _checksums(folder: Path) -> str:
    """A line for each file of a folder: its SHA-256 and its name. Raises OSError."""
    lines = []
    for path in sorted(folder.iterdir()):
        if path.name != DONE:
            with path.open("rb") as stream:
                lines.append(f"{hashlib.file_digest(stream, 'sha256').hexdigest()}  {path.name}\n")
    return "".join(lines)


def _key(register: Register, snapshot: Snapshot, checksums: dict[str, str]) -> str:
    digest = hashlib.sha256(shared_code())
    digest.update(register.code())
    digest.update(f"{register.id} {snapshot.date}".encode())
    for name, checksum in sorted(checksums.items()):
        digest.update(f"\0{name}\0{checksum}".encode())
    return digest.hexdigest()[:16]


@cache
def shared_code() -> bytes:
    """A digest of the contract, the reading skills and the libraries that they stand on."""
    root = Path(str(files("dioscorides")))
    digest = hashlib.sha256(f"polars {pl.__version__}".encode())
    for pattern in SHARED_CODE:
        for path in sorted(root.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.digest()
