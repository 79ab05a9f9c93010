"""Are groups alike in the time until an event? Tests that know censoring, late entries, competing events and clusters.

Observations are as in `observations`: `(entry, time]` days and an event code each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dioscorides.methods.observations import EVENT, ROUNDING, Floats, Integers, Ledger, grouped


@dataclass(frozen=True)
class Comparison:
    """A test of the hypothesis that all groups have the same curve.

    `statistic` is chi-squared with `df` degrees of freedom under it. For each of `groups`: `n`, `observed` events and
    those `expected` under the hypothesis.
    """

    test: str
    statistic: float
    df: int
    p_value: float
    groups: tuple[Any, ...]
    n: tuple[int, ...]
    observed: tuple[int, ...]
    expected: tuple[float, ...]


def log_rank(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> Comparison:
    """Are the hazards of event 1 the same in all groups? Mantel (1966), Peto & Peto (1972); competing events censor.

    `group` holds n labels of two or more groups. The variance is hypergeometric; with `cluster`, the sum of squared
    scores of whole clusters (Lee, Wei & Amato 1992), which is needed when one cluster has members in several groups.
    Degrees of freedom: the rank of the variance, at most groups - 1. Errors as in `kaplan_meier`, and for fewer than
    two groups.
    """
    labels, ledger, member = grouped(time, event, group, entry, cluster)
    happened = ledger.events > 0
    at = ledger.time[happened]
    deaths = ledger.events[happened].astype(np.float64)
    watched, observed = _by_group(ledger, member, len(labels), at)
    total = watched.sum(axis=0)
    share = watched / total
    expected = (deaths * share).sum(axis=1)
    score = observed.sum(axis=1) - expected
    if ledger.cluster is None:
        spread = deaths * np.divide(total - deaths, total - 1, out=np.zeros_like(total), where=total > 1)
        variance = np.diag((spread * share).sum(axis=1)) - (spread * share) @ share.T
    else:
        variance = _clustered_scores(ledger, member, at, deaths / total, share)
    return _compared("log-rank", labels, member, score=score, variance=variance, observed=observed, expected=expected)


def gray(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    rho: float = 0.0,
) -> Comparison:
    """Is the cumulative incidence of event 1 the same in all groups? Gray, Ann Stat 1988; 16:1141, weight (1 -
    F)^rho.

    Compares the hazards of the subdistribution: who had a competing event stays at risk, in the measure R = n (1 -
    F(t-)) / S(t-) of its group. That measure and the martingale variance only need the numbers at risk, so late
    entries take part in it as in the curves. Tied events are treated as Gray's own program does. A group leaves the
    comparison when nobody of it is without an event. `group` holds n labels of two or more groups; errors as in
    `log_rank`.
    """
    labels, ledger, member = grouped(time, event, group, entry, None)
    happened = ledger.events + ledger.competing > 0
    at = ledger.time[happened]
    watched, ours = _by_group(ledger, member, len(labels), at)
    _, theirs = _by_group(ledger, member, len(labels), at, competing=True)

    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(watched > 0, 1 - (ours + theirs) / watched, 1.0)
        after = np.cumprod(left, axis=1)
        before = np.column_stack((np.ones(len(labels)), after[:, :-1]))
        present = (watched > 0) & (before > ROUNDING)
        jump = np.where(present, before * ours / watched, 0.0)
        incidence = np.cumsum(jump, axis=1) - jump  # just before
        weightless = np.where(present, watched / before, 0.0)
        measure = weightless * (1 - incidence)
        ours, theirs = ours * present, theirs * present
        events, total = ours.sum(axis=0), weightless.sum(axis=0)
        step = np.where(total > 0, events / total, 0.0)
        pooled = np.cumsum(step)
        ahead = 1 - (pooled - step)
        weight = ahead**rho
        share = np.where(measure.sum(axis=0) > 0, measure / measure.sum(axis=0), 0.0)
        expected = (events * share).sum(axis=1)
        score = (weight * (ours - events * share)).sum(axis=1)

        # Gray's (2.9)-(2.14): a is the direct part of a group's score, c what it owes to the pooled estimate.
        part = np.where(total > 0, weightless / total, 0.0)
        a = weight * weightless * (np.eye(len(labels))[:, :, None] - part[:, None, :])
        c = np.cumsum(a * np.where((total > 0) & (ahead > ROUNDING), step / ahead, 0.0), axis=2)
        rest = c[:, :, -1:] - c
        ratio = np.where(after > 0, (1 - pooled) / after, 0.0)

        ties = np.where(events > 1, 1 - (events - 1) / (total * before - 1), 1.0)
        spread = np.where(present & (events > 0), ties * before * step / watched, 0.0)
        direct = a + (1 - ratio) * rest
        other_ties = np.where(theirs > 1, 1 - (theirs - 1) / (watched - 1), 1.0)
        other_spread = np.where(present & (after > 0), other_ties * before**2 * theirs / watched**2, 0.0)
        other_direct = ratio * rest
    variance = np.einsum("ikt,jkt,kt->ij", direct, direct, spread)
    variance += np.einsum("ikt,jkt,kt->ij", other_direct, other_direct, other_spread)
    return _compared("Gray", labels, member, score=score, variance=variance, observed=ours, expected=expected)


def _by_group(
    ledger: Ledger, member: Integers, groups: int, at: Floats, *, competing: bool = False
) -> tuple[Floats, Floats]:
    """Groups x times: how many are at risk just before each of `at`, and how many have the event then."""
    watched, happened = np.zeros((groups, at.size)), np.zeros((groups, at.size))
    ends = ledger.code > EVENT if competing else ledger.code == EVENT
    for number in range(groups):
        ours = member == number
        exits = ledger.exit[ours]
        watched[number] = np.searchsorted(np.sort(ledger.entry[ours]), at) - np.searchsorted(exits, at)
        when = exits[ends[ours]]
        happened[number] = np.searchsorted(when, at, side="right") - np.searchsorted(when, at)
    return watched, happened


def _clustered_scores(ledger: Ledger, member: Integers, at: Floats, hazard: Floats, share: Floats) -> Floats:
    """The groups' log-rank scores, summed by cluster, squared (groups x groups)."""
    assert ledger.cluster is not None
    leaves, joins = np.searchsorted(at, ledger.exit, side="right"), np.searchsorted(at, ledger.entry, side="right")
    cumulative = np.concatenate(([0.0], np.cumsum(hazard)))
    owed = cumulative[leaves] - cumulative[joins]
    scores = np.empty((share.shape[0], int(ledger.cluster.max()) + 1))
    for number, part in enumerate(share):
        ours = (member == number).astype(np.float64)
        shared = np.concatenate(([0.0], np.cumsum(part * hazard)))
        score = shared[leaves] - shared[joins] - ours * owed
        hit = ledger.code == EVENT
        score[hit] += ours[hit] - part[leaves[hit] - 1]
        scores[number] = np.bincount(ledger.cluster, weights=score)
    return np.asarray(scores @ scores.T, dtype=np.float64)


def _compared(
    test: str,
    labels: NDArray[Any],
    member: Integers,
    *,
    score: Floats,
    variance: Floats,
    observed: Floats,
    expected: Floats,
) -> Comparison:
    # SciPy is slow to import, and only a test's tail probability needs it.
    from scipy.special import chdtrc

    df = int(np.linalg.matrix_rank(variance, hermitian=True)) if np.any(variance) else 0
    df = min(df, len(labels) - 1)
    statistic = float(score @ np.linalg.pinv(variance, rcond=1e-10, hermitian=True) @ score) if df else 0.0
    return Comparison(
        test=test,
        statistic=max(0.0, statistic),
        df=df,
        p_value=float(chdtrc(df, max(0.0, statistic))) if df else 1.0,
        groups=tuple(labels.tolist()),
        n=tuple(np.bincount(member, minlength=len(labels)).tolist()),
        observed=tuple(int(count) for count in observed.sum(axis=1)),
        expected=tuple(expected.tolist()),
    )
