"""Hazard ratios with clusters: against lifelines, the jackknife and known hazards."""

from __future__ import annotations

import math
from typing import Any

import lifelines
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dioscorides.methods.regression import Ratio, hazard_ratios


def cohort(seed: int, n: int = 400, tied: bool = False) -> dict[str, np.ndarray]:
    """Three groups that differ, in two strata and in clusters of two, half of them late."""
    chance = np.random.default_rng(seed)
    group, strata, cluster = chance.integers(0, 3, n), chance.integers(0, 2, n), np.arange(n) // 2
    time = chance.exponential(100 * (1 + group) * (1 + strata) * np.repeat(chance.gamma(4, 0.25, n // 2), 2)) + 1
    time = np.ceil(time / 15) if tied else time
    entry = np.where(chance.random(n) < 0.5, time * chance.random(n) * 0.9, 0)
    return {
        "time": time, "event": chance.choice([0, 1, 1, 2], n), "group": group, "strata": strata, "cluster": cluster,
        "entry": np.floor(entry) if tied else entry,
    }  # fmt: skip


def logs(found: list[Ratio]) -> list[float]:
    return [math.log(one.ratio) for one in found if one.ratio is not None and one.lower is not None]


def error(one: Ratio) -> float:
    """Half the width of the interval of the logarithm."""
    assert one.upper is not None
    assert one.lower is not None
    return math.log(one.upper / one.lower) / 2


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("strata", [False, True])
def test_ratios_as_in_lifelines(tied: bool, strata: bool) -> None:
    data = cohort(1, tied=tied)
    frame = pd.DataFrame(
        {
            "time": data["time"], "entry": data["entry"], "event": data["event"] == 1,
            "one": data["group"] == 1, "two": data["group"] == 2, "strata": data["strata"],
        }
    ).astype(float)  # fmt: skip
    kept = frame if strata else frame.drop(columns="strata")
    theirs = lifelines.CoxPHFitter().fit(kept, "time", "event", entry_col="entry", strata=["strata"] * strata or None)
    within = {"strata": data["strata"]} if strata else {}
    ours = hazard_ratios(data["time"], data["event"], data["group"], reference=0, entry=data["entry"], **within)
    assert logs(ours) == pytest.approx(theirs.params_.tolist(), abs=1e-5)


def test_clustered_errors_as_in_lifelines() -> None:
    """Theirs know neither late entries nor few clusters: without the first, and with our factor for the second."""
    from scipy.stats import t

    data = cohort(2)
    frame = pd.DataFrame(
        {
            "time": data["time"], "event": data["event"] == 1, "cluster": data["cluster"],
            "one": data["group"] == 1, "two": data["group"] == 2,
        }
    ).astype(float)  # fmt: skip
    theirs = lifelines.CoxPHFitter().fit(frame, "time", "event", cluster_col="cluster")
    ours = hazard_ratios(data["time"], data["event"], data["group"], reference=0, cluster=data["cluster"])[1:]
    for one, known in zip(ours, theirs.standard_errors_, strict=True):
        size = min(np.unique(data["cluster"][data["group"] == k]).size for k in (0, one.group))
        expected = known * math.sqrt(size / (size - 1)) * t.ppf(0.975, size - 1)
        assert error(one) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("tied", [False, True])
def test_clustered_errors_resemble_the_jackknife(tied: bool) -> None:
    """One cluster left out at a time, with late entries and strata."""
    data = cohort(3, tied=tied)
    columns = ("time", "event", "group")

    def fit(kept: np.ndarray) -> list[Ratio]:
        named = {name: data[name][kept] for name in ("entry", "strata", "cluster")}
        return hazard_ratios(*(data[name][kept] for name in columns), reference=0, **named)

    units = np.unique(data["cluster"])
    without = np.array([logs(fit(data["cluster"] != unit)) for unit in units])
    jackknife = np.sqrt((units.size - 1) / units.size * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    ours = [error(one) / 1.97 for one in fit(np.ones(data["time"].size, dtype=bool))[1:]]
    assert ours == pytest.approx(jackknife.tolist(), rel=0.06)


@pytest.mark.parametrize(("few", "least"), [(6, 0.9), (200, 0.9)])
def test_known_ratios_lie_in_the_intervals(few: int, least: float) -> None:
    """Pairs whose waits go together, one group twice as fast, with late entries, censoring and competing events."""
    from scipy.special import ndtr

    chance = np.random.default_rng(4)
    hits, estimates = [], []
    for _ in range(150):
        cluster = np.repeat(np.arange(200 + few), 2)
        group = (cluster < few).astype(int)
        common = np.repeat(chance.normal(0, 0.8, 200 + few), 2)
        time = -np.log(ndtr(common + chance.normal(0, 0.6, cluster.size))) * 100 / (1 + group)
        other = np.minimum(chance.exponential(250, cluster.size), chance.exponential(400, cluster.size))
        entry = np.where(chance.random(cluster.size) < 0.2, chance.exponential(30, cluster.size), 0)
        end = np.minimum(time, other)
        seen = entry < end
        event = np.where(time <= other, 1, np.arange(cluster.size) % 2 * 2)
        _, one = hazard_ratios(
            end[seen], event[seen], group[seen], reference=0, entry=entry[seen], cluster=cluster[seen]
        )
        if one.ratio and one.lower and one.upper:
            hits.append(one.lower < 2 < one.upper)
            estimates.append(math.log(one.ratio))
    assert least < np.mean(hits) <= 1
    assert np.mean(estimates) == pytest.approx(math.log(2), abs=0.1)


@given(st.integers(0, 500), st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_rows_changes_nothing(seed: int, chance: Any, tied: bool) -> None:
    data = cohort(seed, 60, tied)
    order = np.array(chance.sample(range(60), 60))

    def fit(rows: np.ndarray) -> list[Ratio]:
        named = {name: data[name][rows] for name in ("entry", "strata", "cluster")}
        return hazard_ratios(*(data[name][rows] for name in ("time", "event", "group")), reference=1, **named)

    assert fit(order) == fit(np.arange(60))


def test_what_cannot_be_compared_has_no_ratio() -> None:
    """A group without events, one of too few, and one that never meets the reference."""
    chance = np.random.default_rng(5)
    time = chance.permutation(np.arange(1.0, 81.0))
    group = np.repeat(["a", "b", "silent", "small"], [38, 30, 9, 3])
    event = np.where(group == "silent", 0, 1)
    found = {one.group: one for one in hazard_ratios(time, event, group, reference="a")}
    assert (found["a"].ratio, found["a"].lower) == (1, None)
    assert found["b"].lower is not None
    assert (found["silent"].ratio, found["silent"].n, found["silent"].observed) == (None, 9, 0)
    assert (found["small"].ratio, found["small"].observed) == (None, 3)
    # those without a ratio take no part in the comparison of the others
    kept = np.isin(group, ["a", "b"])
    assert logs(hazard_ratios(time[kept], event[kept], group[kept], reference="a")) == pytest.approx(
        [math.log(found["b"].ratio or 0)]
    )
    apart = hazard_ratios(time[kept], event[kept], group[kept], reference="a", strata=group[kept])
    assert apart[1].ratio is None


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"reference": "c"}, "none of the groups"),
        ({"reference": "a", "strata": [1]}, "group 2, strata 1"),
        ({"reference": "a", "entry": [5, 0]}, "after its entry"),
        ({"reference": "a", "confidence": 95}, "confidence level"),
    ],
)
def test_bad_input_is_named(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        hazard_ratios([3, 4], [1, 1], ["a", "b"], **options)
