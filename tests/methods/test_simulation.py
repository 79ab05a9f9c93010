"""Curves of worlds whose truth is known: right on average, and inside their intervals as often as they promise.

Constant hazards a of the event and b of the competing one: the share by t is a / (a + b) * (1 - exp(-(a + b) t)).
"""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from dioscorides.methods.survival import cumulative_incidence, kaplan_meier

A, B = 1 / 400, 1 / 900
DAYS = (100.0, 300.0, 700.0)
HORIZON = 700.0
WORLDS, SIZE = 400, 150


def share(day: float) -> float:
    return A / (A + B) * (1 - exp(-(A + B) * day))


def lost(day: float) -> float:
    """The area under the share."""
    return A / (A + B) * (day - (1 - exp(-(A + B) * day)) / (A + B))


def world(chance: np.random.Generator, late: float, pairs: bool = False) -> tuple[np.ndarray, ...]:
    """Times, codes, entries, clusters of those seen: a share `late` comes under watch after the origin, if it lives so
    long. In `pairs` two share what happens to them four times in five, and whether and when they come late.
    """
    wait = chance.exponential(1 / (A + B), SIZE)
    code = np.where(chance.random(SIZE) < A / (A + B), 1, 2)
    entry = np.where(chance.random(SIZE) < late, chance.exponential(150, SIZE), 0)
    if pairs:
        alike = np.repeat(chance.random(SIZE // 2) < 0.8, 2) & (np.arange(SIZE) % 2 == 1)
        wait[alike], code[alike] = np.roll(wait, 1)[alike], np.roll(code, 1)[alike]
        entry[1::2] = entry[::2]
    end = chance.uniform(250, 2000, SIZE)
    time, event = np.minimum(wait, end), np.where(wait <= end, code, 0)
    seen = time > entry
    return time[seen], event[seen], entry[seen], (np.arange(SIZE) // 2)[seen]


@pytest.mark.parametrize(("late", "pairs"), [(0.0, False), (0.5, False), (0.3, True)])
def test_shares_are_right_on_average_and_in_their_intervals(late: float, pairs: bool) -> None:
    chance = np.random.default_rng(1)
    shares, inside, areas, inside_area = [], [], [], []
    truth = np.array([share(day) for day in DAYS])
    for _ in range(WORLDS):
        time, event, entry, cluster = world(chance, late, pairs)
        curve = cumulative_incidence(time, event, entry=entry, cluster=cluster if pairs else None)
        found = curve.at(DAYS)
        shares.append(found.estimate)
        inside.append((found.lower <= truth) & (truth <= found.upper))
        mean = curve.restricted_mean(HORIZON)
        assert mean is not None
        areas.append(mean.value)
        inside_area.append(mean.lower <= lost(HORIZON) <= mean.upper)
    # three standard errors of the mean of the worlds
    assert np.all(np.abs(np.mean(shares, axis=0) - truth) < 3 * np.std(shares, axis=0) / WORLDS**0.5)
    assert np.mean(areas) == pytest.approx(lost(HORIZON), abs=3 * np.std(areas) / WORLDS**0.5)
    assert np.all(np.abs(np.mean(inside, axis=0) - 0.95) < 0.03)
    assert abs(np.mean(inside_area) - 0.95) < 0.03


def test_variances_are_those_of_the_worlds() -> None:
    chance = np.random.default_rng(2)
    found = [cumulative_incidence(*columns[:2], entry=columns[2]).at(DAYS) for columns in _worlds(chance)]
    seen = np.var([one.estimate for one in found], axis=0)
    assert np.mean([one.variance for one in found], axis=0) == pytest.approx(seen, rel=0.15)


def test_what_leaves_out_competition_or_late_entry_is_wrong() -> None:
    """One minus Kaplan-Meier is too high, and so is a curve that counts late entries from the origin too low."""
    chance = np.random.default_rng(3)
    ours, flattered, early = [], [], []
    for time, event, entry, _ in _worlds(chance):
        ours.append(cumulative_incidence(time, event, entry=entry).at(300).estimate[0])
        flattered.append(1 - kaplan_meier(time, event, entry=entry).at(300).estimate[0])
        early.append(cumulative_incidence(time, event).at(300).estimate[0])
    assert np.mean(ours) == pytest.approx(share(300), abs=0.01)
    assert np.mean(flattered) > share(300) + 0.05
    assert np.mean(early) < share(300) - 0.03


def _worlds(chance: np.random.Generator) -> list[tuple[np.ndarray, ...]]:
    return [world(chance, late=0.5) for _ in range(WORLDS)]
