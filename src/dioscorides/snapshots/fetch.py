"""Fetches what a register publishes into the snapshot store: whole and as it should be, or not at all.

Files grow in a hidden folder beside the snapshots, so that a break costs only what was not yet received. The folder
becomes a snapshot by one rename, after the checks and the manifest. A snapshot is never overwritten: when a register
changes twice on one date, the first one of that date stays and the second fetch says so.
"""

from __future__ import annotations

import datetime
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dioscorides.snapshots.archives import MANIFEST
from dioscorides.snapshots.arrival import (
    Entry,
    FetchError,
    Progress,
    RefusedError,
    Report,
    Slot,
    SourceFile,
    sync,
    write_json,
)
from dioscorides.snapshots.checks import check
from dioscorides.snapshots.client import Client
from dioscorides.snapshots.store import Snapshot, Store, sha256

if sys.platform != "win32":
    import fcntl

__all__ = ["Client", "FetchError", "Progress", "SourceFile", "fetch"]


def fetch(
    register: str,
    sources: Sequence[SourceFile],
    store: Store,
    *,
    client: Client,
    today: datetime.date,
    progress: Report | None = None,
    licence: str | None = None,
) -> Snapshot:
    """The register's snapshot of `today`, fetched from `sources`; the last one where nothing changed since.

    Makes the store's folders where needed. `licence` goes into the manifest. Raises FetchError, and then leaves the
    earlier snapshots as they were; what has arrived is kept aside and used by the next fetch.
    """
    if not sources:
        raise FetchError(f"{register} has no download address; put its files into the snapshot store by hand.")
    folder = store.folder(register)
    report = progress or (lambda _: None)
    try:
        with _alone(folder, register):
            last = store.latest(register)
            partial = _partial_folder(folder, today, sources)
            arrivals = [_arrive(source, partial, last, client, report) for source in sources]
            new = Snapshot(register, today, folder / today.isoformat())
            if existing := _same_as(arrivals, last, new):
                shutil.rmtree(partial)
                report(Progress(register, message=f"unchanged since the snapshot of {existing.date}"))
                return existing
            if new.path.exists():
                shutil.rmtree(partial)
                raise FetchError(
                    f"{register} has changed since its snapshot of today, {today}, which stays as it is; "
                    f"fetch again tomorrow, or move {new.path} away first."
                )
            _publish(new, partial, arrivals, licence)
            report(Progress(register, message=f"new snapshot of {today}"))
            return new
    except RefusedError as refused:
        kept = f" The snapshot of {last.date} is untouched." if last else ""
        raise FetchError(f"{register}: {refused}{kept}") from refused
    except OSError as error:
        raise FetchError(
            f"{register} could not be stored below {folder} ({error.strerror}); "
            "make room or correct the permissions, then fetch again: it goes on where it stopped."
        ) from error


@dataclass(frozen=True)
class _Arrival:
    """A file that the new snapshot will hold, and where its bytes are now."""

    entry: Entry
    path: Path


def _arrive(source: SourceFile, partial: Path, last: Snapshot | None, client: Client, report: Report) -> _Arrival:
    slot = Slot(partial, source.name)
    held = _held(source, partial, [slot.read_note()])
    if held is None and last:
        held = _held(source, last.path, (last.manifest() or {}).get("files"))
    try:
        entry = client.download(source, slot, held.entry if held else None, report)
        if entry is None:
            assert held
            report(Progress(source.name, held.entry.bytes, held.entry.bytes, "unchanged"))
            return held
        try:
            check(slot.part, source)
        except RefusedError:
            slot.discard()
            raise
    except RefusedError as refused:
        raise RefusedError(f"{source.name} from {source.url} was not taken: {refused}") from refused
    slot.finish(entry)
    return _Arrival(entry, slot.whole)


def _held(source: SourceFile, folder: Path, listed: Any) -> _Arrival | None:
    """The file as `folder` holds it, where its bytes are the listed ones and the server can be asked about them."""
    for fields in listed if isinstance(listed, list) else []:
        try:
            entry = Entry(**fields)
        except TypeError:
            continue
        path = folder / source.name
        same = (entry.name, entry.url) == (source.name, source.url) and (entry.etag or entry.last_modified)
        if same and path.is_file() and sha256(path) == entry.sha256:
            return _Arrival(entry, path)
    return None


def _same_as(arrivals: Sequence[_Arrival], *snapshots: Snapshot | None) -> Snapshot | None:
    """The first of the snapshots that is there and holds exactly the bytes that arrived."""
    arrived = {arrival.entry.name: arrival.entry.sha256 for arrival in arrivals}
    present = (snapshot for snapshot in snapshots if snapshot and snapshot.path.exists())
    return next((snapshot for snapshot in present if snapshot.checksums() == arrived), None)


def _publish(new: Snapshot, partial: Path, arrivals: Sequence[_Arrival], licence: str | None) -> None:
    """Completes the partial folder, the manifest last, and makes it the snapshot `new` by one rename."""
    for arrival in arrivals:
        if arrival.path.parent != partial:
            shutil.copyfile(arrival.path, partial / arrival.entry.name)
        sync(partial / arrival.entry.name)
    for note in partial.glob(".*"):
        note.unlink()
    files = [asdict(arrival.entry) for arrival in arrivals]
    manifest = {"register": new.register, "date": new.date.isoformat(), "licence": licence, "files": files}
    write_json(partial / MANIFEST, manifest)
    sync(partial)
    partial.rename(new.path)
    sync(new.path.parent)


def _partial_folder(folder: Path, today: datetime.date, sources: Sequence[SourceFile]) -> Path:
    """Where today's files grow; takes over the newest folder that a broken fetch left, and clears the others."""
    partial = folder / f".partial-{today}"
    left = sorted(folder.glob(".partial-*"))
    if left and partial not in left:
        left.pop().rename(partial)
    for old in left:
        if old != partial:
            shutil.rmtree(old)
    partial.mkdir(exist_ok=True)
    slots = [Slot(partial, source.name) for source in sources]
    known = {path for slot in slots for path in (slot.whole, slot.part, slot.note)}
    for stray in set(partial.iterdir()) - known:
        stray.unlink()
    return partial


@contextmanager
def _alone(folder: Path, register: str) -> Iterator[None]:
    """Keeps a second fetch of the same register out; the system lets go of the lock even when the process is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".fetch.lock").open("w") as lock:
        if sys.platform != "win32":
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise FetchError(f"{register} is being fetched by another process; wait until it has ended.") from error
        yield
