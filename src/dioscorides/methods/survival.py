"""Time until an event: curves, quantiles, restricted means and tests for what is censored, enters late or competes.

An observation is watched over `(entry, time]` days and ends with an event code: 0 censored, 1 the event of interest,
2 and above a competing event that makes the event of interest impossible. An entry of 0 is no delay: such an
observation is watched from the origin itself, so an event on day 0 counts. Every function takes plain sequences or
arrays of one length and sorts them itself; the order of the rows changes nothing, not the last digit of a curve.

The estimator is one: the empirical transition matrix of Aalen & Johansen (Scand J Stat 1978; 5:141), of which the
product limit of Kaplan & Meier (JASA 1958; 53:457) is the case of a single event. Late entries leave and join the set
at risk, as in Andersen, Borgan, Gill & Keiding, *Statistical Models Based on Counting Processes* (1993), IV.1 and
IV.4. SciPy's `ecdf` and `logrank` know no delayed entry, statsmodels' `CumIncidenceRight` neither; hence own code.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CENSORED, EVENT = 0, 1

#: Below this a probability is rounding, not a probability.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Values:
    """A curve at asked times. Arrays of one length: `time` in days, `estimate` with its `variance`, `lower` and
    `upper` limit, `at_risk` just before. NaN: beyond the follow-up, or, for a limit, where the estimate is exactly 0
    or 1.
    """

    time: Floats
    estimate: Floats
    variance: Floats
    lower: Floats
    upper: Floats
    at_risk: Integers


@dataclass(frozen=True)
class Quantile:
    """The first day by which a share `p` has had the event, with its interval; None is "not reached"."""

    p: float
    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class RestrictedMean:
    """Mean days up to `horizon`: lived without the event on a survival curve, lost to it on an incidence curve."""

    horizon: float
    value: float
    standard_error: float
    lower: float
    upper: float


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


@dataclass(frozen=True, eq=False)
class _Ledger:
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


@dataclass(frozen=True, eq=False)
class Curve:
    """A step function of time with its variance and limits, constant from each `time` to before the next.

    `kind`: "survival" falls from 1, "incidence" rises from 0. Arrays of one length k, one entry per distinct exit:
    `time` (days), `estimate`, `variance`, `lower`, `upper` (NaN where the estimate is exactly 0 or 1), `at_risk` just
    before, and what happened at that time: `events`, `competing`, `censored`. Totals: `n`, `n_events`, `n_competing`,
    `n_censored`.

    `start` is when the first observation comes under watch, `follow_up` when the last one leaves. If `start` is not
    0, the curve is conditional on nothing having happened until then. `interrupted` says that between the two nobody
    was at risk for a while: from there on the curve hangs in the air, and late entries after it could not move it.
    """

    kind: Literal["survival", "incidence"]
    time: Floats
    estimate: Floats
    variance: Floats
    lower: Floats
    upper: Floats
    at_risk: Integers
    events: Integers
    competing: Integers
    censored: Integers
    n: int
    n_events: int
    n_competing: int
    n_censored: int
    start: float
    follow_up: float
    interrupted: bool
    confidence: float
    _ledger: _Ledger
    _steps: _Steps

    def at(self, times: ArrayLike) -> Values:
        """The curve at `times` (days; one or many). Raises ValueError for a negative or missing time."""
        asked = _days(np.atleast_1d(np.asarray(times)), "times")
        before = np.searchsorted(self.time, asked, side="right")
        known = self._known(asked)

        def pick(column: Floats, first: float) -> Floats:
            return np.where(known, np.concatenate(([first], column))[before], np.nan)

        return Values(
            time=asked,
            estimate=pick(self.estimate, 1.0 if self.kind == "survival" else 0.0),
            variance=pick(self.variance, 0.0),
            lower=pick(self.lower, np.nan),
            upper=pick(self.upper, np.nan),
            at_risk=self._ledger.at_risk_before(asked),
        )

    def quantile(self, p: float = 0.5) -> Quantile:
        """The first day by which the share `p` has had the event, None where the curve does not get there.

        The limits are the days on which the curve's own limits cross `p` (Brookmeyer & Crowley, Biometrics 1982;
        38:29). Raises ValueError unless 0 < p < 1.
        """
        if not 0 < p < 1:
            raise ValueError(f"A quantile needs a share between 0 and 1, not {p}.")
        falling = self.kind == "survival"
        share, early, late = (
            (1 - self.estimate, 1 - self.lower, 1 - self.upper) if falling else (self.estimate, self.upper, self.lower)
        )
        return Quantile(p, self._first(share, p), self._first(early, p), self._first(late, p))

    def median(self) -> Quantile:
        """`quantile(0.5)`."""
        return self.quantile(0.5)

    def restricted_mean(self, horizon: float) -> RestrictedMean | None:
        """The area under the curve from 0 to `horizon` days, None where the follow-up does not reach it.

        On a survival curve the restricted mean survival (Irwin 1949; Royston & Parmar, Stat Med 2011; 30:2409), on an
        incidence curve the mean time lost to the event (Andersen, Stat Med 2013; 32:5278). The standard error is the
        delta method's, with the same increments as the curve's. Raises ValueError unless `horizon` is above 0.
        """
        if not horizon > 0 or not np.isfinite(horizon):
            raise ValueError(f"A restricted mean needs a horizon of more than 0 days, not {horizon}.")
        if not bool(self._known(np.array([horizon]))[0]):
            return None
        lost, variance = self._steps.area(horizon)
        value = horizon - lost if self.kind == "survival" else lost
        error = float(np.sqrt(variance))
        reach = _normal(self.confidence) * error
        return RestrictedMean(horizon, value, error, max(0.0, value - reach), min(horizon, value + reach))

    def _known(self, times: Floats) -> NDArray[np.bool_]:
        settled = bool(self._steps.survival[-1] <= _ROUNDING)
        return (times <= self.follow_up) | settled

    def _first(self, share: Floats, p: float) -> float | None:
        with np.errstate(invalid="ignore"):
            there = np.flatnonzero(share >= p - _ROUNDING)
        return float(self.time[there[0]]) if there.size else None


def kaplan_meier(
    time: ArrayLike,
    event: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Curve:
    """The share that has not had event 1, by Kaplan & Meier (1958), competing events counted as censored.

    With competing events, one minus this curve is *not* the share that has had the event: see `cumulative_incidence`.
    Survival without any event is `kaplan_meier(time, event > 0)`.

    Shapes: n each; `time` and `entry` in days, `event` codes, `cluster` any labels. Variance after Greenwood (1926),
    or, with clusters, the sum of squared influences of whole clusters (Williams, Biometrics 1995; 51:1456). Limits on
    the log(-log) scale (Kalbfleisch & Prentice, *The Statistical Analysis of Failure Time Data*, 1.4). Raises
    ValueError for empty input, unlike lengths, missing or negative days, an entry not before its exit, codes that are
    not 0, 1, 2, ...
    """
    ledger = _ledger(time, event, entry, cluster)
    return _curve("survival", ledger, ledger.events, confidence)


def cumulative_incidence(
    time: ArrayLike,
    event: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Curve:
    """The share that has had event 1 in the presence of the others, by Aalen & Johansen (1978), with delayed entry.

    F(t) is the sum over u <= t of S(u-) d1(u) / n(u), S the Kaplan-Meier survival without any event. Variance by the
    delta method (Dinse & Larson, Biometrika 1986; 73:379; Marubini & Valsecchi 1995, 10.2), of Greenwood's kind:
    without competing events it is Greenwood's. Limits on the log(-log) scale of 1 - F (Beyersmann, Allignol &
    Schumacher, *Competing Risks and Multistate Models with R*, 2012, 4.3). Shapes, clusters and errors as in
    `kaplan_meier`.
    """
    ledger = _ledger(time, event, entry, cluster)
    return _curve("incidence", ledger, ledger.events + ledger.competing, confidence)


def naive_share(time: ArrayLike, event: ArrayLike, at: ArrayLike) -> Floats:
    """The share of all n seen to have event 1 by the days `at`, as if who is censored would never have it.

    For comparison only: it is too low as soon as anything is censored. Errors as in `kaplan_meier`.
    """
    ledger = _ledger(time, event, None, None)
    asked = _days(np.atleast_1d(np.asarray(at)), "at")
    seen = np.concatenate(([0], np.cumsum(ledger.events)))
    return np.asarray(seen[np.searchsorted(ledger.time, asked, side="right")] / ledger.exit.size, dtype=np.float64)


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
    labels, ledger, member = _grouped(time, event, group, entry, cluster)
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
    labels, ledger, member = _grouped(time, event, group, entry, None)
    happened = ledger.events + ledger.competing > 0
    at = ledger.time[happened]
    watched, ours = _by_group(ledger, member, len(labels), at)
    _, theirs = _by_group(ledger, member, len(labels), at, competing=True)

    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(watched > 0, 1 - (ours + theirs) / watched, 1.0)
        after = np.cumprod(left, axis=1)
        before = np.column_stack((np.ones(len(labels)), after[:, :-1]))
        present = (watched > 0) & (before > _ROUNDING)
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
        c = np.cumsum(a * np.where((total > 0) & (ahead > _ROUNDING), step / ahead, 0.0), axis=2)
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


@dataclass(frozen=True, eq=False)
class _Steps:
    """The increments that a curve and the variance of any weighted sum of them are made of.

    Arrays (k): `hit` the events that the curve counts, `all` those that end the state, whose share is `ahead` before
    and `survival` after each time, `incidence` after; `last` is the highest code among `all`. For weights a and b (k)
    the influence of an observation is the sum over its watch of a dM1 / n - b dM / (n - d), with M1 and M its
    martingales.
    """

    ledger: _Ledger
    hit: Integers
    all: Integers
    last: float
    ahead: Floats
    survival: Floats
    incidence: Floats

    def area(self, horizon: float) -> tuple[float, float]:
        """The area under the incidence from 0 to `horizon`, and its variance."""
        ledger = self.ledger
        lasting = np.clip(horizon - ledger.time, 0.0, None)
        rise = self.ahead * self.hit / ledger.at_risk
        lost = float(np.sum(lasting * rise))
        width = np.diff(np.minimum(np.append(ledger.time, horizon), horizon))
        tail = np.cumsum((self.incidence * width)[::-1])[::-1]  # the area from each time on
        within = ledger.time <= horizon
        a = np.where(within, lasting * self.ahead, 0.0)
        b = np.where(within, tail - lasting * self.incidence, 0.0)
        return lost, self.variance(a, b)

    def variance(self, a: Floats, b: Floats) -> float:
        if self.ledger.cluster is None:
            return max(0.0, float(np.sum(self._independent(a, b))))
        return self._clustered(a, b)

    def cumulative(self) -> Floats:
        """The variance of the incidence after each time (k)."""
        if self.ledger.cluster is not None:
            return self._cumulative_clustered()
        n, d1 = self.ledger.at_risk.astype(np.float64), self.hit
        g = self._greenwood()
        k = self.ahead * d1 / n**2
        f = self.incidence
        spread = f**2 * np.cumsum(g) - 2 * f * np.cumsum(g * f) + np.cumsum(g * f**2)
        direct = np.cumsum(self.ahead**2 * d1 * (n - d1) / n**3)
        return np.clip(spread + direct - 2 * (f * np.cumsum(k) - np.cumsum(k * f)), 0.0, None)

    def _greenwood(self) -> Floats:
        n, d = self.ledger.at_risk.astype(np.float64), self.all
        return np.divide(d, n * (n - d), out=np.zeros_like(n), where=n > d)

    def _independent(self, a: Floats, b: Floats) -> Floats:
        n, d1 = self.ledger.at_risk.astype(np.float64), self.hit
        return np.asarray(b**2 * self._greenwood() + a**2 * d1 * (n - d1) / n**3 - 2 * a * b * d1 / n**2)

    def _clustered(self, a: Floats, b: Floats) -> float:
        ledger = self.ledger
        assert ledger.cluster is not None
        n, d = ledger.at_risk.astype(np.float64), self.all
        own = a / n
        ended = np.divide(b, n - d, out=np.zeros_like(n), where=n > d)
        owed = np.concatenate(([0.0], np.cumsum(own * self.hit / n - ended * d / n)))
        leaves, joins = self._places()
        influence = owed[joins] - owed[leaves + 1]
        counted = ledger.code == EVENT
        ends = (ledger.code > CENSORED) & (ledger.code <= self.last)
        influence += np.where(counted, own[leaves], 0.0) - np.where(ends, ended[leaves], 0.0)
        return float(np.sum(np.bincount(ledger.cluster, weights=influence) ** 2))

    def _cumulative_clustered(self) -> Floats:
        moments = np.flatnonzero(self.all)
        result = np.zeros_like(self.incidence)
        for moment in moments:
            until = np.arange(self.incidence.size) <= moment
            b = np.where(until, self.incidence[moment] - self.incidence, 0.0)
            result[moment] = self._clustered(np.where(until, self.ahead, 0.0), b)
        last = np.maximum.accumulate(np.where(self.all > 0, np.arange(result.size), -1))
        return np.where(last >= 0, result[last], 0.0)

    def _places(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """For each observation: which time it leaves at, and how many times had passed when it came."""
        ledger = self.ledger
        return np.searchsorted(ledger.time, ledger.exit), np.searchsorted(ledger.time, ledger.entry, side="right")


def _curve(kind: Literal["survival", "incidence"], ledger: _Ledger, ending: Integers, confidence: float) -> Curve:
    z = _normal(confidence)
    n = ledger.at_risk.astype(np.float64)
    survival = np.cumprod(1 - ending / n, dtype=np.float64)
    ahead: Floats = np.concatenate(([1.0], survival[:-1]))
    if kind == "survival":
        incidence = np.asarray(1 - survival, dtype=np.float64)
        steps = _Steps(ledger, ledger.events, ledger.events, EVENT, ahead, survival, incidence)
    else:
        incidence = np.asarray(np.cumsum(ahead * ledger.events / n), dtype=np.float64)
        incidence[incidence > 1 - _ROUNDING] = 1.0
        steps = _Steps(ledger, ledger.events, ending, np.inf, ahead, survival, incidence)
    variance = steps.cumulative()
    without = survival if kind == "survival" else 1 - incidence
    low, high = _log_log(without, variance, z)
    estimate, lower, upper = (without, low, high) if kind == "survival" else (incidence, 1 - high, 1 - low)
    return Curve(
        kind=kind,
        time=ledger.time,
        estimate=estimate,
        variance=variance,
        lower=lower,
        upper=upper,
        at_risk=ledger.at_risk,
        events=ledger.events,
        competing=ledger.competing,
        censored=ledger.censored,
        n=ledger.exit.size,
        n_events=int(ledger.events.sum()),
        n_competing=int(ledger.competing.sum()),
        n_censored=int(ledger.censored.sum()),
        start=max(0.0, float(ledger.entries[0])),
        follow_up=float(ledger.time[-1]),
        interrupted=_interrupted(ledger),
        confidence=confidence,
        _ledger=ledger,
        _steps=steps,
    )


def _interrupted(ledger: _Ledger) -> bool:
    entered = np.searchsorted(ledger.entries, ledger.time, side="right")
    left = np.searchsorted(ledger.exit, ledger.time, side="right")
    return bool(np.any(entered[:-1] == left[:-1]))


def _log_log(survival: Floats, variance: Floats, z: float) -> tuple[Floats, Floats]:
    """Limits S^exp(+-z se / (S log S)); NaN where S is 0 or 1 or nothing is known of its spread."""
    usable = (survival > _ROUNDING) & (survival < 1) & (variance > 0)
    inner = np.where(usable, survival, 0.5)
    reach = np.exp(np.minimum(z * np.sqrt(variance) / np.abs(inner * np.log(inner)), 700.0))
    return np.where(usable, inner**reach, np.nan), np.where(usable, inner ** (1 / reach), np.nan)


def _normal(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"A confidence level lies between 0 and 1, not at {confidence}.")
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def _days(values: NDArray[Any], name: str) -> Floats:
    try:
        days = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers of days.") from None
    if days.ndim != 1:
        raise ValueError(f"{name} must be one column, not {days.ndim} dimensions.")
    _none(~np.isfinite(days), days, f"{name} must be finite numbers of days")
    _none(days < 0, days, f"{name} cannot be negative")
    return days


def _none(wrong: NDArray[np.bool_], values: NDArray[Any], complaint: str) -> None:
    """Raise ValueError naming the first of the wrong ones."""
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"{complaint}: row {row} has {values[row]} ({int(wrong.sum())} such in all).")


def _codes(values: ArrayLike) -> Integers:
    try:
        codes = np.asarray(np.asarray(values), dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("event must be codes 0, 1, 2, ...") from None
    if codes.ndim != 1:
        raise ValueError(f"event must be one column, not {codes.ndim} dimensions.")
    with np.errstate(invalid="ignore"):
        _none(~((codes >= 0) & (codes == np.floor(codes)) & (codes < 2**31)), codes, "event must be codes 0, 1, 2, ...")
    return codes.astype(np.int64)


def _numbered(values: ArrayLike, name: str) -> tuple[NDArray[Any], Integers]:
    """The distinct labels, sorted, and for each row the number of its label."""
    labels = np.asarray(values)
    if labels.ndim != 1:
        raise ValueError(f"{name} must be one column, not {labels.ndim} dimensions.")
    if labels.dtype.kind == "f":
        _none(np.isnan(labels), labels, f"{name} must not be missing")
    try:
        distinct, number = np.unique(labels, return_inverse=True)
    except TypeError:
        raise ValueError(f"{name} must have labels of one kind, none missing.") from None
    return distinct, np.asarray(number, dtype=np.int64)


def _ledger(
    time: ArrayLike,
    event: ArrayLike,
    entry: ArrayLike | None,
    cluster: ArrayLike | None,
    group: Integers | None = None,
) -> _Ledger:
    exits, codes = _days(np.asarray(time), "time"), _codes(event)
    if not exits.size:
        raise ValueError("There are no observations.")
    enter = np.zeros_like(exits) if entry is None else _days(np.asarray(entry), "entry")
    number = None if cluster is None else _numbered(cluster, "cluster")[1]
    columns = {"time": exits, "event": codes, "entry": enter, "cluster": number, "group": group}
    lengths = {name: column.size for name, column in columns.items() if column is not None}
    if len(set(lengths.values())) > 1:
        raise ValueError("Columns differ in length: " + ", ".join(f"{k} {v}" for k, v in lengths.items()) + ".")
    _none((enter > 0) & (enter >= exits), exits, "time must lie after its entry")

    enter = np.where(enter > 0, enter, -np.inf)
    order = np.lexsort([key for key in (group, number, codes, enter, exits) if key is not None])
    enter, exits, codes = enter[order], exits[order], codes[order]
    first = np.flatnonzero(np.concatenate(([True], exits[1:] > exits[:-1])))
    entries, times = np.sort(enter), exits[first]

    def count(which: NDArray[np.bool_]) -> Integers:
        return np.asarray(np.add.reduceat(which.astype(np.int64), first), dtype=np.int64)

    return _Ledger(
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


def _grouped(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, entry: ArrayLike | None, cluster: ArrayLike | None
) -> tuple[NDArray[Any], _Ledger, Integers]:
    """The groups' labels, the ledger of all, and each observation's group in the ledger's order."""
    labels, number = _numbered(group, "group")
    ledger = _ledger(time, event, entry, cluster, number)
    if len(labels) < 2:
        raise ValueError("A comparison needs two or more groups.")
    assert ledger.group is not None
    return labels, ledger, ledger.group


def _by_group(
    ledger: _Ledger, member: Integers, groups: int, at: Floats, *, competing: bool = False
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


def _clustered_scores(ledger: _Ledger, member: Integers, at: Floats, hazard: Floats, share: Floats) -> Floats:
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
