"""Building a release: registers to records, records to identity, both to the atlas tables, published at once."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.resources import files
from pathlib import Path

import polars as pl

from dioscorides import contract
from dioscorides.atlas import health, naming, package, tables
from dioscorides.atlas import records as kept
from dioscorides.atlas.home import Home, HomeError
from dioscorides.atlas.naming import Naming
from dioscorides.atlas.records import Failure, Records
from dioscorides.atlas.release import MANIFEST, Atlas, publish, use
from dioscorides.atlas.tables import Progress
from dioscorides.registers.catalogue import Register, catalogue
from dioscorides.snapshots.store import Snapshot, SnapshotError, Store
from dioscorides.version import __version__

#: How the name of a release of the bundled sample begins.
SAMPLE = "sample-"


class BuildError(contract.UserError):
    """A build that cannot be done; one sentence that says what to do."""


@dataclass(frozen=True)
class Built:
    """What a build did: the release, whether it had to be made, and the snapshots that could not be read, with why."""

    atlas: Atlas
    made: bool
    failures: list[str] = field(default_factory=list)


def build(
    home: Home,
    *,
    mirror: Path | None = None,
    sample: bool = False,
    only: Sequence[str] = (),
    progress: Progress = lambda *_: None,
) -> Built:
    """Build the atlas of all snapshots found and make it the one in use.

    Snapshots come from `mirror` (a folder <register>/<date>/<files>), from the bundled sample, or from what was fetched
    into the home. What did not change is not done again. Raises BuildError, HomeError.
    """
    found = find(home, mirror=mirror, sample=sample, only=only)
    home.make()
    with _alone(home):
        try:
            return _build(home, found, progress, sample=sample)
        except OSError as error:
            reason = error.strerror or str(error)
            raise BuildError(
                f"The build stopped: {error.filename or home.path}: {reason}. The release in use is untouched; "
                f"make room or check the permissions, then build again."
            ) from error


def find(home: Home, *, mirror: Path | None, sample: bool, only: Sequence[str]) -> list[tuple[Register, Snapshot]]:
    """The snapshots to build from, by register and date. Raises BuildError."""
    known = catalogue()
    if unknown := sorted(set(only) - set(known)):
        raise BuildError(f"No register is called {', '.join(unknown)}; `dioscorides registers` lists them.")
    wanted = [register for register in known.values() if not only or register.id in only]
    if sample:
        where = "the bundled sample"
        found = [
            (register, replace(snapshot, register=register.id))
            for register in wanted
            for snapshot in Store(register.folder).snapshots("sample")
        ]
    else:
        root = mirror if mirror is not None else home.snapshots
        where = str(root)
        if mirror is None and not root.is_dir():
            raise BuildError(
                f"There are no snapshots in {home.path} yet: run `dioscorides fetch` first, or build from a folder "
                f"with --mirror DIR, or from the bundled sample with --sample."
            )
        try:
            store = Store(root)
            found = [(register, snapshot) for register in wanted for snapshot in store.snapshots(register.id)]
        except SnapshotError as error:
            raise BuildError(str(error)) from error
    if not found:
        raise BuildError(
            f"No snapshot of a known register in {where}: a mirror holds <register>/<YYYY-MM-DD>/<files as published>."
        )
    return found


def _build(home: Home, found: list[tuple[Register, Snapshot]], progress: Progress, *, sample: bool) -> Built:
    _sweep(home)
    snapshots, failures = _located(home, found)
    with naming.stage(sum(_size(one.snapshot) for one in snapshots)) as names:
        read, unread = _read_all(snapshots, names, progress)
        failures += unread
        if not read:
            raise BuildError("No snapshot could be read: " + "; ".join(sorted(failures)))
        read, held_back = health.hold_back(read)
        newest = {one.register.id: one.snapshot.date for one in read}
        failures = sorted([_with_what_stays(failure, newest) for failure in failures] + held_back)
        name = _release_name(read, failures, sample=sample)
        if (home.releases / name / MANIFEST).is_file():
            use(home, name)
            return Built(Atlas(home.releases / name), made=False, failures=failures)
        partial = home.releases / f".building-{os.getpid()}"
        partial.mkdir()
        try:
            counts = tables.make(partial, read, names, failures, progress)
            package.describe(partial, name, read, failures, counts)
            atlas = publish(home, partial, name)
            names.remember(home.cache)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    kept.prune(home.cache, read)
    return Built(atlas, made=True, failures=failures)


def _with_what_stays(failure: str, newest: dict[str, date]) -> str:
    """A failure, and the snapshot of the register that stays in use."""
    register = failure.split(" ", 1)[0]
    stays = f" The snapshot of {newest[register]} stays in use." if register in newest else ""
    return failure + stays


def _located(home: Home, found: list[tuple[Register, Snapshot]]) -> tuple[list[Records], list[str]]:
    """Where the records of the snapshots are kept, or will be, and why some cannot be read."""
    located: list[Records] = []
    failures: list[str] = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for job in [pool.submit(kept.locate, register, snapshot, home.cache) for register, snapshot in found]:
            try:
                located.append(job.result())
            except Failure as error:
                failures.append(str(error))
        list(pool.map(lambda one: one.kept, located))  # found out side by side
    return located, failures


def _size(snapshot: Snapshot) -> int:
    return sum(path.stat().st_size for path in snapshot.path.rglob("*") if path.is_file())


def _has_names(register: Register) -> bool:
    try:
        return register.metadata.names
    except contract.UserError:  # what is wrong with it is told when it is read
        return False


def _read_all(snapshots: list[Records], names: Naming, progress: Progress) -> tuple[list[Records], list[str]]:
    """Read what is not kept yet, and let the naming stage begin with what there is."""
    read = [one for one in snapshots if one.kept]
    failures: list[str] = []
    # the names of authorities come first, for others wait for them; then the largest, so that no thread is left alone
    # with one at the end
    fresh = sorted(
        (one for one in snapshots if not one.kept),
        key=lambda one: (not _has_names(one.register), -_size(one.snapshot)),
    )
    waited_for = {one.path for one in fresh if _has_names(one.register)}
    told: set[Path] = set()
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = {pool.submit(kept.read, one): one for one in fresh}
        for job in as_completed(jobs):
            one = jobs[job]
            try:
                job.result()
                read.append(one)
            except Failure as error:
                failures.append(str(error))
            progress(f"{one.register.id} {one.snapshot.date}", len(read) + len(failures), len(snapshots))
            waited_for.discard(one.path)
            if not waited_for:
                if not told:
                    names.authorities(_in_order(read))
                for new in read:
                    if new.path not in told:
                        names.printed(new)
                        told.add(new.path)
    return _in_order(read), failures


def _in_order(records: Sequence[Records]) -> list[Records]:
    return sorted(records, key=lambda one: (one.register.id, one.snapshot.date))


def _release_name(read: Sequence[Records], failures: Sequence[str], *, sample: bool) -> str:
    """Named by its content: the newest snapshot's date and a digest of all that the tables depend on.

    A release of the bundled sample says so in its name, and with it every answer that rests on it.
    """
    digest = hashlib.sha256(_own_code())
    for one in read:
        digest.update(f"{one.register.id} {one.snapshot.date} {one.key}\n".encode())
    digest.update("\n".join(failures).encode())
    kind = SAMPLE if sample else ""
    return f"{kind}{max(one.snapshot.date for one in read)}-{digest.hexdigest()[:12]}"


def _own_code() -> bytes:
    root = Path(str(files("dioscorides")))
    digest = hashlib.sha256(f"{__version__} {pl.__version__} {contract.VERSION}".encode())
    paths = [*root.glob("atlas/**/*"), *root.glob("identity/**/*"), root / "contract.py"]
    for path in sorted(paths):
        if path.suffix in (".py", ".sql", ".yaml", ".tsv"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.digest()


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One build at a time in a home: the lock ends with the process, however that ends."""
    try:
        lock = (home.path / ".lock").open("a")
    except OSError as error:
        raise HomeError(f"{home.path} cannot be written ({error.strerror}): choose another --home.") from error
    with lock as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise HomeError(f"Another build is under way in {home.path}: wait for it to end.") from error
        yield


def _sweep(home: Home) -> None:
    """Remove what builds that were killed left behind."""
    for folder in (home.releases, home.cache):
        for path in folder.glob(".*"):
            shutil.rmtree(path, ignore_errors=True)
    for path in home.path.glob(".current-*"):
        path.unlink(missing_ok=True)
