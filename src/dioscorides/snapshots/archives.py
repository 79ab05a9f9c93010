"""Reads published files, also those inside archives, without trusting what an archive says of itself.

Archives are known by their first bytes, never by their name. A spreadsheet is a zip too, but it is one published file.
Sizes and paths are checked while the bytes are expanded, because a forged header is what a harmful archive has.
"""

from __future__ import annotations

import errno
import gzip
import io
import os
import re
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from typing import IO, Literal

from dioscorides.contract import UserError

MIB = 1024**2
GIB = 1024**3
MANIFEST = "manifest.json"

_CHUNK = MIB
_HEAD = tarfile.BLOCKSIZE
_IN_MEMORY = 64 * MIB
_DEEPEST = 1  # an archive inside an archive is opened; one inside that is handed on as it is

Kind = Literal["zip", "spreadsheet", "gzip", "tar", "plain"]
_Packed = Callable[[], Path | io.BytesIO]


class SnapshotError(UserError):
    """One clear sentence for the user: what is wrong, where, and what to do next."""


class ArchiveError(SnapshotError):
    """An archive that is damaged, harmful or unreadable; nothing of it should be used."""


@dataclass(frozen=True)
class Limits:
    """How far an archive may expand. Sizes in bytes; `ratio` is expanded to packed, held only beyond `ratio_from`."""

    total: int = 4 * GIB
    member: int = GIB
    ratio: int = 200
    ratio_from: int = 50 * MIB


@dataclass(frozen=True)
class PublishedFile:
    """One file as its publisher made it.

    `name` is relative to the snapshot's folder, through archives where needed (`allfiles.zip/drug.txt`).
    `size` is in bytes, as the folder or the archive declares it. Reading raises ArchiveError when the archive is
    damaged or expands beyond its limits.
    """

    name: str
    size: int
    _chunks: Callable[[], Iterator[bytes]] = field(repr=False, compare=False)

    def chunks(self) -> Iterator[bytes]:
        """The content in pieces of at most 1 MiB, for a file that should not lie in memory at once."""
        return self._chunks()

    def read(self) -> bytes:
        """The whole content."""
        return b"".join(self._chunks())


def published_names(folder: Path) -> list[str]:
    """Files below `folder` as sorted relative POSIX names; leaves out the manifest, hidden and partial files."""
    names = []
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        below = Path(where).relative_to(folder)
        names += [(below / name).as_posix() for name in files if not (name.startswith(".") or name.endswith(".part"))]
    return sorted(name for name in names if name != MANIFEST)


def published_files(folder: Path, limits: Limits | None = None) -> Iterator[PublishedFile]:
    """Every published file below `folder`, archives flattened (nested ones one level deep), spreadsheets whole.

    Raises ArchiveError when an archive is damaged, encrypted, expands beyond `limits`, or has a member whose path
    would leave the archive. An archive stays open as long as its files are referred to.
    """
    for name in published_names(folder):
        yield from _open_file(folder / name, name, limits)


def members(path: Path, name: str, limits: Limits | None = None) -> Iterator[PublishedFile]:
    """What is packed in the one file at `path`, spreadsheets opened too: for checking a file before it is kept.

    `name` is what messages call the file. A file that is not packed gives itself. Raises ArchiveError like
    `published_files`.
    """
    return _open_file(path, name, limits, open_spreadsheets=True)


def kind(path: Path, name: str) -> Kind:
    """What the file at `path` is by its content. Raises ArchiveError for a zip whose list of members is damaged."""
    with _in_words(name), path.open("rb") as file:
        found = _kind(file.read(_HEAD))
    if found == "zip":
        with _in_words(name), zipfile.ZipFile(path) as archive:
            return "spreadsheet" if _is_spreadsheet(archive) else "zip"
    return found


class _Budget:
    """Counts what one published archive expands to and stops it at the limits."""

    def __init__(self, archive: str, packed: int, limits: Limits) -> None:
        self.archive, self.packed, self.limits = archive, packed, limits
        self._expanded: dict[str, int] = {}

    def drain(
        self, stream: IO[bytes] | gzip.GzipFile, name: str, packed: int, limit: int | None = None
    ) -> Iterator[bytes]:
        """What `stream` expands `packed` bytes to; raises ArchiveError once it is over `limit` or the archive's own."""
        # A member that is read twice counts once.
        elsewhere = sum(self._expanded.values()) - self._expanded.get(name, 0)
        size = 0
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            self._expanded[name] = max(size, self._expanded.get(name, 0))
            self.check(name, size, packed, limit or self.limits.member)
            self.check(self.archive, elsewhere + size, self.packed, self.limits.total)
            yield chunk

    def check(self, name: str, size: int, packed: int, limit: int) -> None:
        if size > limit:
            excess = f"{limit:,} bytes"
        elif size > self.limits.ratio_from and size > self.limits.ratio * packed:
            excess = f"{self.limits.ratio} times its packed size"
        else:
            return
        raise ArchiveError(
            f"{name} expands to more than {excess}, as a zip bomb does; it was not read further. "
            "If you trust its publisher, unpack it yourself and put the unpacked files in the snapshot's place."
        )


class _Expanded:
    """The expanded bytes of a tar, in memory or in a nameless temporary file, read at any place.

    A compressed stream can only be read from its start: members asked for in another order than theirs would expand
    the whole archive once each.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - open as long as its members
        self._lock = Lock()
        for chunk in chunks:
            self.file.write(chunk)
        self.file.seek(0)

    def read(self, start: int, size: int) -> bytes:
        with self._lock:
            self.file.seek(start)
            return self.file.read(size)

    def __del__(self) -> None:
        self.file.close()


def _open_file(
    path: Path, name: str, limits: Limits | None, *, open_spreadsheets: bool = False
) -> Iterator[PublishedFile]:
    def chunks() -> Iterator[bytes]:
        with _in_words(name), path.open("rb") as opened:
            while chunk := opened.read(_CHUNK):
                yield chunk

    with _in_words(name), path.open("rb") as opened:
        head = opened.read(_HEAD)
        file = PublishedFile(name, os.fstat(opened.fileno()).st_size, chunks)
    budget = _Budget(name, file.size, limits or Limits())
    return _flatten(file, head, lambda: path, budget, depth=0, open_spreadsheets=open_spreadsheets)


def _flatten(
    file: PublishedFile, head: bytes, packed: _Packed, budget: _Budget, depth: int, *, open_spreadsheets: bool = False
) -> Iterator[PublishedFile]:
    """The files packed in `file`, or `file` itself where it is no archive."""
    match _kind(head):
        case "zip":
            with _in_words(file.name):
                archive = zipfile.ZipFile(packed())
            if open_spreadsheets or not _is_spreadsheet(archive):
                yield from _zip_members(file, archive, budget, depth)
            else:
                archive.close()
                yield file
        case "gzip":
            yield from _gzip_members(file, packed, budget, depth)
        case "tar":
            yield from _tar_members(file, file.chunks(), budget, depth)
        case _:
            yield file


def _nested(member: PublishedFile, head: bytes, budget: _Budget, depth: int) -> Iterator[PublishedFile]:
    if depth == _DEEPEST:
        yield member
    else:
        yield from _flatten(member, head, lambda: io.BytesIO(member.read()), budget, depth + 1)


def _zip_members(file: PublishedFile, archive: zipfile.ZipFile, budget: _Budget, depth: int) -> Iterator[PublishedFile]:
    names: set[str] = set()
    for info in archive.infolist():
        name = _member_name(file.name, info.filename, names)
        # Macintosh archivers add a shadow of each file there, under the file's own name.
        if info.is_dir() or info.filename.startswith("__MACOSX/"):
            continue
        if stat.S_ISLNK(info.external_attr >> 16):
            raise ArchiveError(f"{name} is a link, not a file; {_NOT_USED}")
        if info.flag_bits & 0x1:
            raise ArchiveError(f"{name} is encrypted; unpack it yourself and put the file in the snapshot's place.")
        # Other methods cannot be expanded piece by piece, so their size could not be held in bounds.
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveError(
                f"{name} is packed by zip method {info.compress_type}, which is not read here; "
                "unpack it yourself and put the file in the snapshot's place."
            )
        with _in_words(name), archive.open(info) as stream:
            head = stream.read(_HEAD)
        member = PublishedFile(name, info.file_size, partial(_zip_chunks, archive, info, name, budget))
        yield from _nested(member, head, budget, depth)


def _zip_chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, budget: _Budget) -> Iterator[bytes]:
    with _in_words(name), archive.open(info) as stream:
        yield from budget.drain(stream, name, info.compress_size)


def _gzip_members(file: PublishedFile, packed: _Packed, budget: _Budget, depth: int) -> Iterator[PublishedFile]:
    stem = re.sub(r"\.gz$", "", file.name.rsplit("/", 1)[-1], flags=re.IGNORECASE)
    name = f"{file.name}/{stem}"

    def chunks(limit: int | None = None) -> Iterator[bytes]:
        with _in_words(file.name), gzip.open(packed(), "rb") as stream:
            yield from budget.drain(stream, name, file.size, limit)

    with _in_words(file.name), gzip.open(packed(), "rb") as stream:
        head = stream.read(_HEAD)
    if _kind(head) == "tar":
        yield from _tar_members(file, chunks(budget.limits.total), budget, depth)
    else:
        yield from _nested(PublishedFile(name, _gzip_size(packed()), chunks), head, budget, depth)


def _gzip_size(packed: Path | io.BytesIO) -> int:
    """The expanded size that the end of a gzip file declares, in bytes (modulo 4 GiB)."""
    with packed.open("rb") if isinstance(packed, Path) else packed as stream:
        stream.seek(-4, os.SEEK_END)
        return int.from_bytes(stream.read(4), "little")


def _tar_members(file: PublishedFile, packed: Iterator[bytes], budget: _Budget, depth: int) -> Iterator[PublishedFile]:
    with _in_words(file.name):
        expanded = _Expanded(packed)
        with tarfile.open(fileobj=expanded.file, mode="r:") as archive:
            infos = archive.getmembers()
            end = archive.offset
    # A tar ends with blocks of zeros; the library takes a damaged header or a cut for its end, too.
    if expanded.read(end, _HEAD) != bytes(_HEAD):
        raise ArchiveError(f"{file.name} is damaged or cut short after {len(infos)} members; {_FETCH_AGAIN}")
    names: set[str] = set()
    for info in infos:
        name = _member_name(file.name, info.name, names)
        if info.isdir():
            continue
        if not info.isfile() or info.issparse():
            raise ArchiveError(f"{name} is a link or a device, not a file; {_NOT_USED}")
        chunks = partial(_tar_chunks, expanded, info, name, budget)
        head = expanded.read(info.offset_data, min(_HEAD, info.size))
        yield from _nested(PublishedFile(name, info.size, chunks), head, budget, depth)


def _tar_chunks(expanded: _Expanded, info: tarfile.TarInfo, name: str, budget: _Budget) -> Iterator[bytes]:
    budget.check(name, info.size, info.size, budget.limits.member)
    for offset in range(0, info.size, _CHUNK):
        wanted = min(_CHUNK, info.size - offset)
        chunk = expanded.read(info.offset_data + offset, wanted)
        if len(chunk) < wanted:
            raise ArchiveError(f"{name} is cut short; {_FETCH_AGAIN}")
        yield chunk


def _kind(head: bytes) -> Kind:
    # A zip without members is nothing but its end record.
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.TarError:
        return "plain"
    return "tar"


def _is_spreadsheet(archive: zipfile.ZipFile) -> bool:
    return not {"[Content_Types].xml", "mimetype"}.isdisjoint(archive.namelist())


def _member_name(archive: str, member: str, names: set[str]) -> str:
    """The published name of an archive's member, added to `names`; raises ArchiveError for a path that leads out."""
    parts = member.replace("\\", "/").split("/")
    if parts[0] == "" or ".." in parts or re.match("[A-Za-z]:", member):
        raise ArchiveError(f"{archive}: the path of its member {member!r} leads out of the archive; {_NOT_USED}")
    name = "/".join([archive, *(part for part in parts if part not in ("", "."))])
    if name in names:
        raise ArchiveError(f"{archive} has two members named {member!r} and does not say which counts; {_NOT_USED}")
    names.add(name)
    return name


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    """Says in words for the user what the libraries raise while `name` is read."""
    try:
        yield
    except (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, struct.error, EOFError, ValueError,
            OverflowError, NotImplementedError) as error:  # fmt: skip
        raise ArchiveError(_damaged(name, error)) from error
    except OSError as error:
        # A forged offset before the file's start.
        if error.errno == errno.EINVAL:
            raise ArchiveError(_damaged(name, error)) from error
        raise SnapshotError(f"{name} cannot be read ({error.strerror}); check its permissions and the disk.") from error


_FETCH_AGAIN = "fetch the register again, and if it stays so, tell its publisher."
_NOT_USED = "the archive was not used. Ask its publisher, or unpack it yourself and put the files in its place."


def _damaged(name: str, error: Exception) -> str:
    return f"{name} is damaged or cut short ({str(error).rstrip('.')}); {_FETCH_AGAIN}"
