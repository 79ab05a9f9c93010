"""Observations of the time until an event: checked, sorted, and counted at each time.

An observation is watched over `(entry, time]` days and ends with an event code: 0 censored, 1 the event of interest,
2 and above a competing event that makes the event of interest impossible. An entry of 0 is no delay: such an
observation is watched from the origin itself, so an event on day 0 counts. Columns are plain sequences or arrays of
one length in any order; bad ones end in a ValueError that names the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CENSORED, EVENT = 0, 1

#: Below this a probability is rounding, not a probability.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Ledger:
    """The observations sorted by exit, and the counts at each distinct exit.

    By observation (n): `entry` (minus infinity where there is no delay), `exit`, `code`; `cluster` and `group`,
    numbered from 0, or None. By exit (k): `time`, `at_risk`, `events`, `competing`, `censored`; `entries` are the n
    entries sorted.
    """

    entry: Floats
    exit: Floats
    code: Integers
    cluster: Integers | None
    group: Integers | None
    entries: Floats
    time: Floats
    at_risk: Integers
    events: Integers
    competing: Integers
    censored: Integers

    def at_risk_before(self, times: Floats) -> Integers:
        """How many are watched just before each of `times`."""
        entered = np.searchsorted(self.entries, times, side="left")
        return np.asarray(entered - np.searchsorted(self.exit, times, side="left"), dtype=np.int64)


def z_of(confidence: float) -> float:
    """How many standard errors a two-sided interval of this `confidence` reaches to each side."""
    if not 0 < confidence < 1:
        raise ValueError(f"A confidence level lies between 0 and 1, not at {confidence}.")
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def days_of(values: NDArray[Any], name: str) -> Floats:
    """A column of days, none missing or negative; `name` is what a complaint calls it."""
    try:
        days = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers of days.") from None
    if days.ndim != 1:
        raise ValueError(f"{name} must be one column, not {days.ndim} dimensions.")
    refuse(~np.isfinite(days), days, f"{name} must be finite numbers of days")
    refuse(days < 0, days, f"{name} cannot be negative")
    return days


def refuse(wrong: NDArray[np.bool_], values: NDArray[Any], complaint: str) -> None:
    """Raise ValueError naming the first of the wrong ones."""
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"{complaint}: row {row} has {values[row]} ({int(wrong.sum())} such in all).")


def codes_of(values: ArrayLike) -> Integers:
    """A column of event codes: 0, 1, 2, ..."""
    try:
        codes = np.asarray(np.asarray(values), dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("event must be codes 0, 1, 2, ...") from None
    if codes.ndim != 1:
        raise ValueError(f"event must be one column, not {codes.ndim} dimensions.")
    with np.errstate(invalid="ignore"):
        refuse(
            ~((codes >= 0) & (codes == np.floor(codes)) & (codes < 2**31)), codes, "event must be codes 0, 1, 2, ..."
        )
    return codes.astype(np.int64)


def numbered(values: ArrayLike, name: str) -> tuple[NDArray[Any], Integers]:
    """The distinct labels, sorted, and for each row the number of its label."""
    labels = np.asarray(values)
    if labels.ndim != 1:
        raise ValueError(f"{name} must be one column, not {labels.ndim} dimensions.")
    if labels.dtype.kind == "f":
        refuse(np.isnan(labels), labels, f"{name} must not be missing")
    try:
        distinct, number = np.unique(labels, return_inverse=True)
    except TypeError:
        raise ValueError(f"{name} must have labels of one kind, none missing.") from None
    return distinct, np.asarray(number, dtype=np.int64)


def ledger_of(
    time: ArrayLike,
    event: ArrayLike,
    entry: ArrayLike | None,
    cluster: ArrayLike | None,
    group: Integers | None = None,
) -> Ledger:
    """The observations checked, sorted and counted; n each, `group` numbered from 0."""
    exits, codes = days_of(np.asarray(time), "time"), codes_of(event)
    if not exits.size:
        raise ValueError("There are no observations.")
    enter = np.zeros_like(exits) if entry is None else days_of(np.asarray(entry), "entry")
    number = None if cluster is None else numbered(cluster, "cluster")[1]
    columns = {"time": exits, "event": codes, "entry": enter, "cluster": number, "group": group}
    lengths = {name: column.size for name, column in columns.items() if column is not None}
    if len(set(lengths.values())) > 1:
        raise ValueError("Columns differ in length: " + ", ".join(f"{k} {v}" for k, v in lengths.items()) + ".")
    refuse((enter > 0) & (enter >= exits), exits, "time must lie after its entry")

    enter = np.where(enter > 0, enter, -np.inf)
    order = np.lexsort([key for key in (group, number, codes, enter, exits) if key is not None])
    enter, exits, codes = enter[order], exits[order], codes[order]
    first = np.flatnonzero(np.concatenate(([True], exits[1:] > exits[:-1])))
    entries, times = np.sort(enter), exits[first]

    def count(which: NDArray[np.bool_]) -> Integers:
        return np.asarray(np.add.reduceat(which.astype(np.int64), first), dtype=np.int64)

    return Ledger(
        entry=enter,
        exit=exits,
        code=codes,
        cluster=None if number is None else number[order],
        group=None if group is None else group[order],
        entries=entries,
        time=times,
        at_risk=np.asarray(np.searchsorted(entries, times, side="left") - first, dtype=np.int64),
        events=count(codes == EVENT),
        competing=count(codes > EVENT),
        censored=count(codes == CENSORED),
    )


def grouped(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, entry: ArrayLike | None, cluster: ArrayLike | None
) -> tuple[NDArray[Any], Ledger, Integers]:
    """The groups' labels, the ledger of all, and each observation's group in the ledger's order."""
    labels, number = numbered(group, "group")
    ledger = ledger_of(time, event, entry, cluster, number)
    if len(labels) < 2:
        raise ValueError("A comparison needs two or more groups.")
    assert ledger.group is not None
    return labels, ledger, ledger.group
