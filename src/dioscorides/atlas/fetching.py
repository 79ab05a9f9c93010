"""Fetching live registers into a home: each on its own, so that one that fails keeps no other from arriving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from dioscorides.atlas.home import Home
from dioscorides.contract import UserError
from dioscorides.registers.catalogue import Register, catalogue
from dioscorides.snapshots.archives import SnapshotError
from dioscorides.snapshots.fetch import Client, Progress, SourceFile, fetch
from dioscorides.snapshots.store import Store
from dioscorides.version import __version__

MONTHS_BACK = 4
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


class FetchingError(UserError):
    """A fetch that cannot be begun."""


@dataclass(frozen=True)
class Fetched:
    """What became of one register: its newest snapshot, or why it could not be fetched."""

    register: str
    snapshot: date | None
    said: str
    ok: bool


def fetch_registers(
    home: Home,
    only: Sequence[str] = (),
    *,
    today: date,
    client: Client | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> list[Fetched]:
    """Fetch the newest files of the registers named (all that have an address, if none is). Raises FetchingError.

    `client` is made for the purpose where none is given; one that is given may be set up for a local mirror.
    """
    known = catalogue()
    if unknown := sorted(set(only) - set(known)):
        raise FetchingError(f"No register is called {', '.join(unknown)}; `dioscorides registers` lists them.")
    wanted = [known[name] for name in only] if only else [one for one in known.values() if one.metadata.downloads]
    try:
        home.snapshots.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FetchingError(f"{home.snapshots} cannot be made ({error.strerror}): choose another --home.") from error
    with client or Client(__version__) as asking:
        return [_fetch(register, Store(home.snapshots), asking, today, progress) for register in wanted]


def _fetch(
    register: Register, store: Store, client: Client, today: date, progress: Callable[[str, int, int], None]
) -> Fetched:
    said: list[str] = []

    def report(step: Progress) -> None:
        if step.message:
            said.append(step.message)
        progress(f"{register.id} {step.file}", step.received, step.total or 0)

    failure: SnapshotError | None = None
    for month in _months(register, today):
        sources = [
            SourceFile(
                one.url.format(**month),
                one.name,
                one.expect,
                contains=(one.contains or "").encode(),
                excludes=(one.excludes or "").encode(),
                accept=one.accept or "*/*",
            )
            for one in register.metadata.downloads
        ]
        try:
            snapshot = fetch(
                register.id,
                sources,
                store,
                client=client,
                today=today,
                progress=report,
                licence=register.metadata.licence,
            )
        except SnapshotError as error:
            failure = failure or error
        else:
            return Fetched(register.id, snapshot.date, said[-1] if said else "", ok=True)
    return Fetched(register.id, None, str(failure), ok=False)


def _months(register: Register, today: date) -> list[dict[str, str]]:
    """What stands for `{year}` and `{month}` in addresses: this month, then those before, as lists appear late.

    A register whose addresses bear no month is asked once.
    """
    if not any("{month}" in one.url for one in register.metadata.downloads):
        return [{}]
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(MONTHS_BACK)]
    return [{"year": str(year), "month": MONTHS[month]} for year, month in months]
