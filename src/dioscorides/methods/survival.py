"""Time until an event: curves, quantiles and restricted means for what is censored, enters late or competes.

Observations are as in `observations`: `(entry, time]` days and an event code each. Every function takes plain sequences
or arrays of one length and sorts them itself; the order of the rows changes nothing, not the last digit of a curve.

The estimator is one: the empirical transition matrix of Aalen & Johansen (Scand J Stat 1978; 5:141), of which the
product limit of Kaplan & Meier (JASA 1958; 53:457) is the case of a single event. Late entries leave and join the set
at risk, as in Andersen, Borgan, Gill & Keiding, *Statistical Models Based on Counting Processes* (1993), IV.1 and
IV.4. SciPy's `ecdf` and `logrank` know no delayed entry, statsmodels' `CumIncidenceRight` neither; hence own code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dioscorides.methods.observations import (
    CENSORED,
    EVENT,
    ROUNDING,
    Floats,
    Integers,
    Ledger,
    days_of,
    ledger_of,
    z_of,
)


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
    _ledger: Ledger
    _steps: _Steps

    def at(self, times: ArrayLike) -> Values:
        """The curve at `times` (days; one or many). Raises ValueError for a negative or missing time."""
        asked = days_of(np.atleast_1d(np.asarray(times)), "times")
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
        reach = z_of(self.confidence) * error
        return RestrictedMean(horizon, value, error, max(0.0, value - reach), min(horizon, value + reach))

    def _known(self, times: Floats) -> NDArray[np.bool_]:
        settled = bool(self._steps.survival[-1] <= ROUNDING)
        return (times <= self.follow_up) | settled

    def _first(self, share: Floats, p: float) -> float | None:
        with np.errstate(invalid="ignore"):
            there = np.flatnonzero(share >= p - ROUNDING)
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
    ledger = ledger_of(time, event, entry, cluster)
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
    ledger = ledger_of(time, event, entry, cluster)
    return _curve("incidence", ledger, ledger.events + ledger.competing, confidence)


def naive_share(time: ArrayLike, event: ArrayLike, at: ArrayLike) -> Floats:
    """The share of all n seen to have event 1 by the days `at`, as if who is censored would never have it.

    For comparison only: it is too low as soon as anything is censored. Errors as in `kaplan_meier`.
    """
    ledger = ledger_of(time, event, None, None)
    asked = days_of(np.atleast_1d(np.asarray(at)), "at")
    seen = np.concatenate(([0], np.cumsum(ledger.events)))
    return np.asarray(seen[np.searchsorted(ledger.time, asked, side="right")] / ledger.exit.size, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Steps:
    """The increments that a curve and the variance of any weighted sum of them are made of.

    Arrays (k): `hit` the events that the curve counts, `all` those that end the state, whose share is `ahead` before
    and `survival` after each time, `incidence` after; `last` is the highest code among `all`. For weights a and b (k)
    the influence of an observation is the sum over its watch of a dM1 / n - b dM / (n - d), with M1 and M its
    martingales.
    """

    ledger: Ledger
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


def _curve(kind: Literal["survival", "incidence"], ledger: Ledger, ending: Integers, confidence: float) -> Curve:
    z = z_of(confidence)
    n = ledger.at_risk.astype(np.float64)
    survival = np.cumprod(1 - ending / n, dtype=np.float64)
    ahead: Floats = np.concatenate(([1.0], survival[:-1]))
    if kind == "survival":
        incidence = np.asarray(1 - survival, dtype=np.float64)
        steps = _Steps(ledger, ledger.events, ledger.events, EVENT, ahead, survival, incidence)
    else:
        incidence = np.asarray(np.cumsum(ahead * ledger.events / n), dtype=np.float64)
        incidence[incidence > 1 - ROUNDING] = 1.0
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


def _interrupted(ledger: Ledger) -> bool:
    entered = np.searchsorted(ledger.entries, ledger.time, side="right")
    left = np.searchsorted(ledger.exit, ledger.time, side="right")
    return bool(np.any(entered[:-1] == left[:-1]))


def _log_log(survival: Floats, variance: Floats, z: float) -> tuple[Floats, Floats]:
    """Limits S^exp(+-z se / (S log S)); NaN where S is 0 or 1 or nothing is known of its spread."""
    usable = (survival > ROUNDING) & (survival < 1) & (variance > 0)
    inner = np.where(usable, survival, 0.5)
    reach = np.exp(np.minimum(z * np.sqrt(variance) / np.abs(inner * np.log(inner)), 700.0))
    return np.where(usable, inner**reach, np.nan), np.where(usable, inner ** (1 / reach), np.nan)
