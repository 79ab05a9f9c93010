"""Is a snapshot fit to follow the one before it? A register that shrank a lot is more likely cut than changed."""

from __future__ import annotations

from collections.abc import Sequence

from dioscorides import contract
from dioscorides.atlas.records import Records

#: A snapshot with fewer records than this share of those before it is held back.
LEAST = 0.8
#: Below this many records before, a share says nothing.
ENOUGH = 50
#: Columns without which a table answers nothing, and the share of what they said before that they must still say.
MATTERS = {
    "authorisation": ("product_name", "holder_name", "substances_text", "status", "legal_basis"),
    "ingredient": ("name",),
    "designation": ("substances_text", "holder_name", "status"),
    "protection": ("expires",),
    "shortage": ("product_name", "starts", "status"),
    "establishment": ("name", "country"),
    "name": ("name", "code"),
}
HALF = 0.5


def hold_back(read: Sequence[Records]) -> tuple[list[Records], list[str]]:
    """The snapshots that may be used, and why others may not, one sentence each.

    `read` is sorted by register and date. A snapshot is compared with the last one of its register that may be used:
    each kind of record, and what belongs to records, may lose less than a fifth, and so may the events with a date; a
    column that matters may not fall silent. A part of the register that was there before may not be missing: what it
    lists would seem to be gone.
    """
    fit: list[Records] = []
    told: list[str] = []
    for one in read:
        before = fit[-1] if fit and fit[-1].register.id == one.register.id else None
        loss = _loss(before, one) if before else None
        if before and loss:
            told.append(
                f"{one.register.id} {one.snapshot.date}: {loss} than on {before.snapshot.date}, which stays in use. "
                f"Is the download whole? If the register really shrank, remove the older snapshots."
            )
        else:
            fit.append(one)
    return fit, told


def _loss(before: Records, now: Records) -> str | None:
    if lost := sorted(_missing_parts(now) - _missing_parts(before)):
        return f"no file {', '.join(lost)}, fewer parts of the register"
    for name in contract.RECORDS:
        had, has = before.count(name), now.count(name)
        if had < ENOUGH:
            continue
        if has == 0:
            return f"no {name} any more, {had:,} fewer"
        if has < LEAST * had:
            return f"{has:,} {name} records, {had - has:,} fewer"
    for name, columns in MATTERS.items():
        for column in columns:
            had, has = before.filled(name, column), now.filled(name, column)
            if had >= ENOUGH and has < HALF * had:
                return f"{name}.{column} filled in {has:,} rows, {had - has:,} fewer"
    had, has = before.dated_events(), now.dated_events()
    if had >= ENOUGH and has < LEAST * had:
        return f"{has:,} dated events, {had - has:,} fewer"
    return None


def _missing_parts(records: Records) -> set[str]:
    return set(records.frame("issue").filter(kind="missing_part")["where"])
