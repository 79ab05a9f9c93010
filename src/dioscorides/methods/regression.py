"""Which observations have the event sooner? Cox's regression for what is censored, enters late and comes in clusters.

Observations are as in `observations`: `(entry, time]` days and an event code each; competing events end the watch, so
that the hazard is that of event 1 among those to whom nothing has happened yet. SciPy has no such regression, and
statsmodels' would bring a second library of tables for it; hence own code, checked against lifelines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dioscorides.methods.observations import EVENT, Floats, Integers, ledger_of, numbered

#: Newton's steps at most, and when a step is none any more.
STEPS, STILL = 50, 1e-9
#: Of fewer clusters than these nobody can tell how far they vary.
LEAST = 5


@dataclass(frozen=True)
class Ratio:
    """How many times the hazard of the reference a group has, with its interval; None where it or the reference has no
    event or too few clusters, or where the two cannot be compared. `n` observations, `observed` events.
    """

    group: Any
    n: int
    observed: int
    ratio: float | None
    lower: float | None
    upper: float | None
    p_value: float | None


@dataclass(frozen=True, eq=False)
class _Moments:
    """The distinct pairs of stratum and time with events, and their events one by one.

    `joins` and `leaves` say for each observation between which moments it is watched, `hits` at which moment it has
    its event (-1: none). By event (k), in the order of moments: `moment`, and `ahead`, the share of the events of its
    moment that come before it (Efron's way with ties).
    """

    joins: NDArray[np.intp]
    leaves: NDArray[np.intp]
    hits: NDArray[np.intp]
    moment: NDArray[np.intp]
    ahead: Floats
    count: int


def hazard_ratios(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    reference: Any,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    confidence: float = 0.95,
) -> list[Ratio]:
    """The hazard of event 1 in each group against that in the group `reference`, the reference first.

    Cox (J R Stat Soc B 1972; 34:187), ties after Efron (J Am Stat Assoc 1977; 72:557). Observations are compared
    within a stratum only. The variance is that of Lin & Wei (J Am Stat Assoc 1989; 84:1074): squared scores, summed by
    cluster where there are clusters, so that neither proportional hazards nor independence within a cluster is taken
    for granted; where hazards are not proportional, the ratio is an average over the time watched. That variance is too
    small for few clusters: with G of them in the smaller of two groups it is taken G / (G - 1) times, and the interval
    is that of Student's t with G - 1 degrees of freedom, as for the mean of G clusters. A group without a ratio has no
    part in the comparison of the others.

    Shapes: n each; `group`, `strata`, `cluster` any labels. Raises ValueError as `survival.kaplan_meier` does, and
    for a reference that is no group.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"A confidence level lies between 0 and 1, not at {confidence}.")
    labels, member = numbered(group, "group")
    if reference not in labels.tolist():
        raise ValueError(f"The reference {reference!r} is none of the groups.")
    stratum = np.zeros(member.size, dtype=np.int64) if strata is None else numbered(strata, "strata")[1]
    if stratum.size != member.size:
        raise ValueError(f"Columns differ in length: group {member.size}, strata {stratum.size}.")
    ledger = ledger_of(time, event, entry, cluster, stratum * len(labels) + member)
    assert ledger.group is not None
    stratum, member = np.divmod(ledger.group, len(labels))
    enter, exits, codes = ledger.entry, ledger.exit, ledger.code
    unit = np.arange(exits.size) if ledger.cluster is None else ledger.cluster

    size = len(labels)
    n, observed = (np.bincount(member[which], minlength=size) for which in (slice(None), codes == EVENT))
    clusters = np.bincount(np.unique(unit * size + member) % size, minlength=size)
    first = labels.tolist().index(reference)
    told = (observed > 0) & (clusters >= LEAST)
    columns = [k for k in range(size) if k != first and told[k] and told[first]]
    part = np.isin(member, [first, *columns])
    moments = _moments(enter[part], exits[part], codes[part] == EVENT, stratum[part])
    design = (member[part, None] == np.array(columns, dtype=np.int64)).astype(np.float64)
    beta, spread = _estimate(design, moments, unit[part])
    found = [Ratio(reference, int(n[first]), int(observed[first]), 1.0, None, None, None)]
    for k, label in enumerate(labels.tolist()):
        if k == first:
            continue
        limits: tuple[float | None, ...] = (None,) * 4
        if k in columns:
            at = columns.index(k)
            limits = _limits(float(beta[at]), float(spread[at]), int(min(clusters[k], clusters[first])), confidence)
        found.append(Ratio(label, int(n[k]), int(observed[k]), *limits))
    return found


def _limits(beta: float, variance: float, clusters: int, confidence: float) -> tuple[float | None, ...]:
    """The ratio, its limits and the probability of one so far from 1 by chance."""
    from scipy.special import stdtr, stdtrit

    if not np.isfinite(beta) or not variance > 0:
        return None, None, None, None
    freedom = clusters - 1
    error = math.sqrt(variance * clusters / freedom)
    reach = float(stdtrit(freedom, 0.5 + confidence / 2)) * error
    ratio, lower, upper = (float(np.exp(beta + side * reach)) for side in (0, -1, 1))
    return ratio, lower, upper, float(2 * stdtr(freedom, -abs(beta / error)))


def _estimate(design: Floats, moments: _Moments, unit: Integers) -> tuple[Floats, Floats]:
    """The coefficients and their variances, scores summed by `unit`."""
    beta, information = _fit(design, moments)
    if not beta.size or not np.isfinite(beta).all():
        return beta, np.full_like(beta, np.nan)
    scores = _added(unit, _scores(design, moments, beta), int(unit.max()) + 1)
    bread = np.linalg.pinv(information, hermitian=True)
    return beta, np.diag(bread @ (scores.T @ scores) @ bread)


def _moments(enter: Floats, exits: Floats, hit: NDArray[np.bool_], stratum: Integers) -> _Moments:
    """Strata are laid one after the other on one axis of time, so that nobody is watched in two."""
    width = float(exits.max()) + 2
    origin = stratum * width
    ends = origin + 1 + exits
    starts = np.where(enter > 0, origin + 1 + enter, origin)
    at, events = np.unique(ends[hit], return_counts=True)
    moment = np.repeat(np.arange(at.size), events)
    ahead = (np.arange(moment.size) - np.repeat(np.cumsum(events) - events, events)) / events[moment]
    return _Moments(
        joins=np.searchsorted(at, starts, side="right"),
        leaves=np.searchsorted(at, ends, side="right"),
        hits=np.where(hit, np.searchsorted(at, ends), -1),
        moment=moment,
        ahead=ahead,
        count=at.size,
    )


def _fit(design: Floats, moments: _Moments) -> tuple[Floats, Floats]:
    """The coefficients by Newton's way with halved steps, and the information there; NaN where there is no maximum."""
    beta = np.zeros(design.shape[1])
    if not beta.size:
        return beta, np.zeros((0, 0))
    value, score, information = _likelihood(design, moments, beta)
    for _ in range(STEPS):
        step = np.linalg.pinv(information, hermitian=True) @ score
        tried = _likelihood(design, moments, beta + step)
        while not tried[0] >= value - 1e-9 * abs(value) and np.abs(step).max() > STILL:
            step = step / 2
            tried = _likelihood(design, moments, beta + step)
        beta = beta + step
        value, score, information = tried
        if np.abs(step).max() < STILL:
            return beta, information
    return np.full_like(beta, np.nan), information


def _added(place: NDArray[Any], values: Floats, size: int) -> Floats:
    """The sum of `values` (n, or n x any) by their place, of `size` places."""
    if values.ndim == 1:
        return np.asarray(np.bincount(place, weights=values, minlength=size), dtype=np.float64)
    return np.stack([np.bincount(place, weights=column, minlength=size) for column in values.T], axis=1)


def _sums(moments: _Moments, values: Floats) -> tuple[Floats, Floats]:
    """By event (k x any): the sum of `values` (n x any) over those watched, less its part of the sum over the tied."""
    size = moments.count + 1
    watched = _added(moments.joins, values, size) - _added(moments.leaves, values, size)
    hit = moments.hits >= 0
    tied = _added(moments.hits[hit], values[hit], size)
    all_, ties = np.cumsum(watched, axis=0)[moments.moment], tied[moments.moment]
    ahead = moments.ahead.reshape(-1, *(1,) * (values.ndim - 1))
    return all_ - ahead * ties, ties


def _likelihood(design: Floats, moments: _Moments, beta: Floats) -> tuple[float, Floats, Floats]:
    """Efron's partial log-likelihood, its score and its information."""
    relative = np.exp(design @ beta)
    total, _ = _sums(moments, relative)
    mean = _sums(moments, relative[:, None] * design)[0] / total[:, None]
    hit = moments.hits >= 0
    value = float((design[hit] @ beta).sum() - np.log(total).sum())
    score = design[hit].sum(axis=0) - mean.sum(axis=0)
    # the groups exclude each other, so that the matrix of their products is diagonal
    information = np.diag(mean.sum(axis=0)) - mean.T @ mean
    return value, score, information


def _scores(design: Floats, moments: _Moments, beta: Floats) -> Floats:
    """What each observation adds to the score (n x groups): its event against the mean of those watched with it, less
    what was to be expected of it while it was watched.
    """
    relative = np.exp(design @ beta)
    total, _ = _sums(moments, relative)
    mean = _sums(moments, relative[:, None] * design)[0] / total[:, None]

    def by_moment(values: Floats) -> Floats:
        return _added(moments.moment, values, moments.count)

    def while_watched(values: Floats) -> Floats:
        run = np.concatenate((np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)))
        return np.asarray(run[moments.leaves] - run[moments.joins])

    hazard, moved = 1 / total, mean / total[:, None]
    owed = design * while_watched(by_moment(hazard))[:, None] - while_watched(by_moment(moved))
    hit = moments.hits >= 0
    at = moments.hits[hit]
    events = np.bincount(moments.moment, minlength=moments.count)[:, None]
    spared = (
        design[hit] * by_moment(moments.ahead * hazard)[at][:, None] - by_moment(moments.ahead[:, None] * moved)[at]
    )
    owed[hit] -= spared
    scores = -relative[:, None] * owed
    scores[hit] += design[hit] - (by_moment(mean) / events)[at]
    return np.asarray(scores)
