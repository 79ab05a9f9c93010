"""Curves, means and tests of the time until an event: against published answers, lifelines, what must always hold."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import lifelines
import lifelines.statistics
import lifelines.utils
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dioscorides.methods.comparison import Comparison, gray, log_rank
from dioscorides.methods.survival import Curve, cumulative_incidence, kaplan_meier, naive_share

# -- Published data

# Decisions to fund 28 advanced therapies, in months: f funded, x refused, terminated or withdrawn, c censored.
ENGLAND = (
    "27.4x 3.3c 4.8f 9.7x 35.7f 11.7x 7.1f 17.1f 9.4f 2.2c 9.0f 3.9f 15.3f 10.5f 48.4c 4.1x 2.4f 16.4c 7.9c 5.0f 13.6f "
    "33.8x 17.6x 60.1x 20.4f 37.7x 9.6x 10.1x"
)
GERMANY = (
    "9.9f 3.3c 13.6c 9.7x 19.4f 14.8f 16.8f 2.7f 12.0x 2.2c 6.5f 6.4f 10.6f 10.8f 5.3f 4.1x 7.7f 9.9f 7.9c 8.3f 8.6f "
    "11.5f 18.4f 30.8f 123.3c 22.5f 8.0f 9.6f"
)

# Weeks of remission of acute leukaemia under 6-mercaptopurine and placebo (Freireich et al., Blood 1963; 21:699).
MERCAPTOPURINE = "6f 6f 6f 6c 7f 9c 10f 10c 11c 13f 16f 17c 19c 20c 22f 23f 25c 32c 32c 34c 35c"
PLACEBO = "1f 1f 2f 2f 3f 4f 4f 5f 5f 8f 8f 8f 8f 11f 11f 12f 12f 15f 17f 22f 23f"

# Days from bone marrow transplantation to relapse (f) or death in remission (x): Klein & Moeschberger, *Survival
# Analysis* (1997), table D.1; acute lymphoblastic leukaemia, myeloid of low risk, myeloid of high risk.
LYMPHOBLASTIC = (
    "2081c 1602c 1496c 1462c 1433c 1377c 1330c 996c 226c 1199c 1111c 530c 1182c 1167c 418x 383f 276x 104f 609f 172x "
    "487x 662f 194x 230f 526x 122x 129f 74f 122f 86x 466x 192f 109f 55f 1x 107x 110f 332x"
)
LOW_RISK = (
    "2569c 2506c 2409c 2218c 1857c 1829c 1562c 1470c 1363c 1030c 860c 1258c 2246c 1870c 1799c 1709c 1674c 1568c 1527c "
    "1324c 957c 932c 847c 848c 1850c 1843c 1535c 1447c 1384c 414x 2204x 1063x 481x 105x 641x 390x 288x 421f 79x 748f "
    "486f 48x 272f 1074x 381f 10x 53x 80x 35x 248f 704x 211f 219f 606f"
)
HIGH_RISK = (
    "2640c 2430c 2252c 2140c 2133c 1238c 1631c 2024c 1345c 1136c 845c 422f 162x 84f 100f 2x 47f 242f 456f 268f 318x "
    "32f 467f 47f 390f 183x 105x 115f 164x 93f 120f 80x 677x 64f 168x 74x 16x 157f 625f 48f 273f 63x 76f 113f 363x"
)

CODES = {"c": 0, "f": 1, "x": 2}


def read(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Times and codes of a line such as "9.9f 3.3c"."""
    words = text.split()
    return np.array([float(word[:-1]) for word in words]), np.array([CODES[word[-1]] for word in words])


def pool(*texts: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times, codes and the number of the text they come from."""
    parts = [read(text) for text in texts]
    group = np.repeat(np.arange(len(parts)), [times.size for times, _ in parts])
    return np.concatenate([times for times, _ in parts]), np.concatenate([codes for _, codes in parts]), group


# -- Published answers


@pytest.mark.parametrize(
    ("decisions", "aalen_johansen", "one_minus_kaplan_meier", "naive"),
    [(ENGLAND, 0.529, 0.682, 0.464), (GERMANY, 0.834, 0.942, 0.714)],
)
def test_share_funded_at_sixty_months(
    decisions: str, aalen_johansen: float, one_minus_kaplan_meier: float, naive: float
) -> None:
    """Competing decisions taken for censored ones flatter the share, counting only what is seen belittles it."""
    time, event = read(decisions)
    assert cumulative_incidence(time, event).at(60).estimate[0] == pytest.approx(aalen_johansen, abs=5e-4)
    assert 1 - kaplan_meier(time, event).at(60).estimate[0] == pytest.approx(one_minus_kaplan_meier, abs=5e-4)
    assert naive_share(time, event, 60)[0] == pytest.approx(naive, abs=5e-4)


def test_the_published_decisions_are_those_above(facts_dir: Path) -> None:
    kinds = {"funded": "f", "censored": "c", "refused-or-terminated": "x", "withdrawn-from-market": "x"}
    with (facts_dir / "access_competing_risks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for system, text in (("England", ENGLAND), ("Germany", GERMANY)):
        assert [row["months"] + kinds[row["event"]] for row in rows if row["system"] == system] == text.split()


def test_remission_of_leukaemia() -> None:
    """Kaplan-Meier with Greenwood's errors as in Kalbfleisch & Prentice, table 1.1; median 23 weeks."""
    curve = kaplan_meier(*read(MERCAPTOPURINE))
    values = curve.at([6, 7, 10, 13, 16, 22, 23])
    assert values.estimate == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)
    assert np.sqrt(values.variance) == pytest.approx([0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5)
    assert values.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.median().value == 23
    assert kaplan_meier(*read(PLACEBO)).median().value == 8
    assert (curve.n, curve.n_events, curve.n_censored, curve.n_competing) == (21, 9, 12, 0)


def test_log_rank_of_leukaemia() -> None:
    """16.79 with 9 events seen and 19.25 expected: Cox & Oakes, *Analysis of Survival Data* (1984), 7.4."""
    found = log_rank(*pool(MERCAPTOPURINE, PLACEBO))
    assert found.statistic == pytest.approx(16.79, abs=5e-3)
    assert (found.df, found.groups, found.n, found.observed) == (1, (0, 1), (21, 21), (9, 21))
    assert found.expected == pytest.approx((19.25, 10.75), abs=5e-3)
    assert found.p_value == pytest.approx(4.2e-5, abs=5e-7)


def test_gray_of_bone_marrow_transplants() -> None:
    """Relapse differs between three diseases, death in remission does not: as Gray's own program, cmprsk, has it."""
    time, event, group = pool(LYMPHOBLASTIC, LOW_RISK, HIGH_RISK)
    relapse = gray(time, event, group)
    assert (relapse.statistic, relapse.df) == (pytest.approx(11.922882048591756, rel=1e-12), 2)
    assert relapse.p_value == pytest.approx(0.0025762, abs=5e-7)
    death = gray(time, np.array([0, 2, 1])[event], group)
    assert death.statistic == pytest.approx(0.1374, abs=5e-5)


def test_late_entries_by_hand() -> None:
    """Five observations, two of which come late, in fractions: n is 3, 3, 2, 1 at days 2, 4, 5, 7."""
    time, event, entry = [2, 4, 5, 7, 3], [1, 2, 1, 1, 0], [0, 0, 1, 3, 0]
    curve = cumulative_incidence(time, event, entry=entry)
    assert curve.time.tolist() == [2, 3, 4, 5, 7]
    assert curve.at_risk.tolist() == [4, 3, 3, 2, 1]
    first = Fraction(1, 4)
    second = first + Fraction(3, 4) * Fraction(2, 3) * Fraction(1, 2)
    third = second + Fraction(3, 4) * Fraction(2, 3) * Fraction(1, 2)
    assert curve.at([2, 4.5, 5, 7]).estimate == pytest.approx([float(x) for x in (first, first, second, third)])
    assert curve.restricted_mean(6).value == pytest.approx(float(3 * first + second))
    assert curve.at([0, 1, 1.5, 3, 3.5, 7, 8]).at_risk.tolist() == [3, 3, 4, 3, 3, 1, 0]
    assert (curve.start, curve.follow_up, curve.interrupted) == (0, 7, False)


# -- lifelines


def cohort(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Times with many ties, codes, entries of which half are late, three groups that differ."""
    chance = np.random.default_rng(seed)
    group = chance.integers(0, 3, n)
    time = np.ceil(chance.exponential(60 + 40 * group, n)) + 1
    entry = np.where(chance.random(n) < 0.5, np.floor(time * chance.random(n) * 0.9), 0)
    return time, chance.choice([0, 1, 1, 2], n), entry, group


@pytest.mark.parametrize("late", [False, True])
def test_kaplan_meier_as_in_lifelines(late: bool) -> None:
    time, event, entry, _ = cohort(1)
    theirs = lifelines.KaplanMeierFitter().fit(time, event == 1, entry=entry if late else None)
    ours = kaplan_meier(time, event, entry=entry if late else None)
    days = np.unique(time[event == 1])[:-1]
    values = ours.at(days)
    assert values.estimate == pytest.approx(theirs.survival_function_at_times(days).to_numpy(), rel=1e-9)
    limits = theirs.confidence_interval_.loc[days].to_numpy()
    assert values.lower == pytest.approx(limits[:, 0], rel=1e-6)
    assert values.upper == pytest.approx(limits[:, 1], rel=1e-6)
    assert ours.median().value == theirs.median_survival_time_
    table = theirs.event_table.loc[ours.time]
    # Who comes on a day is at risk from the next.
    assert ours.at_risk.tolist() == (table["at_risk"] - np.where(table.index > 0, table["entrance"], 0)).tolist()


def test_aalen_johansen_as_in_lifelines() -> None:
    """Ties are broken there by jitter, so only data without ties compare; its variance is of another kind, but near."""
    _, event, _, _ = cohort(2)
    time = np.random.default_rng(3).permutation(np.cumsum(1 + np.arange(event.size) % 5)).astype(float)
    theirs = lifelines.AalenJohansenFitter(calculate_variance=True).fit(time, event, event_of_interest=1)
    days = np.sort(time)[[40, 120, 200, 280, 360]]
    values = cumulative_incidence(time, event).at(days)
    assert values.estimate == pytest.approx(theirs.predict(days).to_numpy(), rel=1e-9)
    assert values.variance == pytest.approx(theirs.variance_.loc[days].to_numpy(), rel=0.02)


def test_late_entries_to_aalen_johansen_as_in_lifelines() -> None:
    """There is no such curve there, but there are its parts: survival and cumulative hazard with entries."""
    time, event, entry, _ = cohort(4)
    survival = lifelines.KaplanMeierFitter().fit(time, event > 0, entry=entry).survival_function_.iloc[:, 0]
    fitter = lifelines.NelsonAalenFitter(nelson_aalen_smoothing=False)
    hazard = fitter.fit(time, event == 1, entry=entry).cumulative_hazard_.iloc[:, 0]
    share = (survival.shift(1, fill_value=1.0) * hazard.diff().fillna(0)).cumsum()
    ours = cumulative_incidence(time, event, entry=entry)
    assert ours.estimate == pytest.approx(share.loc[ours.time].to_numpy(), rel=1e-9)


def test_log_rank_as_in_lifelines() -> None:
    time, event, _, group = cohort(5)
    theirs = lifelines.statistics.multivariate_logrank_test(time, group, event == 1)
    ours = log_rank(time, event, group)
    assert (ours.statistic, ours.df) == (pytest.approx(theirs.test_statistic), 2)
    assert ours.p_value == pytest.approx(theirs.p_value)
    two = group < 2
    pair = lifelines.statistics.logrank_test(
        time[group == 0], time[group == 1], event[group == 0] == 1, event[group == 1] == 1
    )
    assert log_rank(time[two], event[two], group[two]).statistic == pytest.approx(pair.test_statistic)


def test_late_entries_to_log_rank_as_the_score_of_cox() -> None:
    """Without ties the log-rank statistic is the score test of Cox's model, which lifelines fits with late entries."""
    chance = np.random.default_rng(6)
    n = 150
    arm = np.arange(n) % 2
    time = np.cumsum(chance.permutation(np.arange(1, n + 1)))[chance.permutation(n)].astype(float)
    entry = np.floor(time * np.where(chance.random(n) < 0.5, chance.random(n), 0) * 0.8)
    event = (chance.random(n) < 0.7).astype(int)
    observed = expected = spread = 0.0
    for day in time[event == 1]:
        watched = (entry < day) & (day <= time)
        share = arm[watched].mean()
        observed += arm[time == day].sum()
        expected += share
        spread += share * (1 - share)
    found = log_rank(time, event, arm, entry=entry)
    assert found.statistic == pytest.approx((observed - expected) ** 2 / spread)


@pytest.mark.parametrize("horizon", [30, 75.5, 120])
def test_restricted_mean_as_in_lifelines(horizon: float) -> None:
    time, event, entry, _ = cohort(7)
    fitted = lifelines.KaplanMeierFitter().fit(time, event == 1, entry=entry)
    mean = lifelines.utils.restricted_mean_survival_time(fitted, t=horizon)
    ours = kaplan_meier(time, event, entry=entry).restricted_mean(horizon)
    assert ours.value == pytest.approx(mean)
    lost = cumulative_incidence(time, event == 1, entry=entry).restricted_mean(horizon)
    assert lost.value == pytest.approx(horizon - mean)
    assert lost.standard_error == pytest.approx(ours.standard_error)


def test_restricted_mean_error_of_leukaemia() -> None:
    """The sum of (area to the right)^2 d / (n (n - d)): Klein & Moeschberger, 4.5."""
    time, event = read(MERCAPTOPURINE)
    curve = kaplan_meier(time, event)
    variance = 0.0
    for day, n, d in zip(curve.time, curve.at_risk, curve.events, strict=True):
        if d:
            right = curve.restricted_mean(35).value - curve.restricted_mean(day).value
            variance += right**2 * d / (n * (n - d))
    assert curve.restricted_mean(35).standard_error == pytest.approx(variance**0.5)


# -- What must always hold


@st.composite
def observations(draw: st.DrawFn, least: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Times, codes, entries and groups of a few observations, with ties and late entries."""
    row = st.tuples(st.integers(0, 12), st.integers(0, 3), st.integers(0, 12), st.integers(0, 2))
    rows = draw(st.lists(row, min_size=least, max_size=30))
    time = np.array([a for a, *_ in rows], dtype=float)
    entry = np.array([c if c < a else 0 for a, _, c, _ in rows], dtype=float)
    return time, np.array([b for _, b, _, _ in rows]), entry, np.array([d for *_, d in rows])


def arrays(curve: Curve) -> list[Any]:
    return [getattr(curve, name) for name in ("time", "estimate", "variance", "lower", "upper", "at_risk", "events")]


def same(one: Curve, other: Curve) -> bool:
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(arrays(one), arrays(other), strict=True))


@given(observations(), st.randoms(use_true_random=False), st.booleans())
def test_order_of_rows_changes_nothing(data: Any, chance: Any, clustered: bool) -> None:
    time, event, entry, group = data
    order = np.array(chance.sample(range(time.size), time.size))
    for estimate in (kaplan_meier, cumulative_incidence):
        one = estimate(time, event, entry=entry, cluster=group if clustered else None)
        other = estimate(time[order], event[order], entry=entry[order], cluster=group[order] if clustered else None)
        assert same(one, other)
    if np.unique(group).size > 1:
        assert log_rank(time, event, group, entry=entry) == log_rank(
            time[order], event[order], group[order], entry=entry[order]
        )
        assert gray(time, event, group, entry=entry) == gray(
            time[order], event[order], group[order], entry=entry[order]
        )


@given(observations())
def test_incidences_and_survival_sum_to_one(data: Any) -> None:
    time, event, entry, _ = data
    alive = kaplan_meier(time, event > 0, entry=entry).estimate
    total = alive.copy()
    for cause in (1, 2, 3):
        # The cause of interest becomes code 1, the others compete.
        codes = np.where(event == 0, 0, np.where(event == cause, 1, 2))
        total += cumulative_incidence(time, codes, entry=entry).estimate
    assert total == pytest.approx(np.ones_like(total))


@given(observations())
def test_competing_events_lower_the_incidence(data: Any) -> None:
    time, event, entry, _ = data
    incidence = cumulative_incidence(time, event, entry=entry)
    assert np.all(incidence.estimate <= 1 - kaplan_meier(time, event, entry=entry).estimate + 1e-12)
    assert np.all(np.diff(incidence.estimate) >= -1e-12)
    with np.errstate(invalid="ignore"):
        assert not np.any((incidence.lower > incidence.estimate) | (incidence.upper < incidence.estimate))


@given(observations())
def test_without_competing_events_incidence_is_one_minus_survival(data: Any) -> None:
    time, event, entry, _ = data
    incidence, survival = (f(time, event == 1, entry=entry) for f in (cumulative_incidence, kaplan_meier))
    assert incidence.estimate == pytest.approx(1 - survival.estimate)
    assert incidence.variance == pytest.approx(survival.variance, abs=1e-12)
    assert incidence.lower == pytest.approx(1 - survival.upper, nan_ok=True, abs=1e-6)
    assert incidence.median().value == survival.median().value


@given(observations())
def test_entry_at_the_origin_is_no_delay(data: Any) -> None:
    time, event, _, _ = data
    for estimate in (kaplan_meier, cumulative_incidence):
        assert same(estimate(time, event), estimate(time, event, entry=np.zeros_like(time)))


@given(observations(least=2), st.integers(2, 4))
def test_repeated_rows_keep_the_curve(data: Any, times: int) -> None:
    """As does the clustered variance, in which the copies of a row are one cluster."""
    time, event, entry, _ = data
    row = np.arange(time.size)
    for estimate in (kaplan_meier, cumulative_incidence):
        once = estimate(time, event, entry=entry, cluster=row)
        again = estimate(*(np.repeat(column, times) for column in (time, event)),
                         entry=np.repeat(entry, times), cluster=np.repeat(row, times))  # fmt: skip
        assert again.estimate == pytest.approx(once.estimate)
        assert again.variance == pytest.approx(once.variance, abs=1e-12)
        assert (again.at_risk == times * once.at_risk).all()


@given(observations())
def test_clusters_of_one_row_have_the_ordinary_variance(data: Any) -> None:
    """Without late entries the squared influences sum to the delta method's variance exactly."""
    time, event, _, _ = data
    for estimate in (kaplan_meier, cumulative_incidence):
        plain, robust = estimate(time, event), estimate(time, event, cluster=np.arange(time.size))
        assert robust.variance == pytest.approx(plain.variance, abs=1e-12)
        for horizon in (3.0, 8.5):
            mean, other = plain.restricted_mean(horizon), robust.restricted_mean(horizon)
            assert (mean is None) == (other is None)
            if mean is not None and other is not None:
                assert other.standard_error == pytest.approx(mean.standard_error, abs=1e-9)


def test_clusters_of_one_row_with_late_entries() -> None:
    """Then the two variances differ by chance alone."""
    time, event, entry, _ = cohort(8, 4000)
    for estimate in (kaplan_meier, cumulative_incidence):
        plain = estimate(time, event, entry=entry).at([20, 60, 120]).variance
        robust = estimate(time, event, entry=entry, cluster=np.arange(time.size)).at([20, 60, 120]).variance
        assert robust == pytest.approx(plain, rel=0.05)


@given(observations())
def test_time_lost_is_the_area_under_the_curve(data: Any) -> None:
    time, event, entry, _ = data
    curve = cumulative_incidence(time, event, entry=entry)
    for horizon in (1.0, 4.5, 12.0):
        mean = curve.restricted_mean(horizon)
        if mean is None:
            assert horizon > curve.follow_up
        else:
            middle = np.arange(0.25, horizon, 0.5)
            assert mean.value == pytest.approx(0.5 * curve.at(middle).estimate.sum())


@given(observations(least=2), st.permutations([0, 1, 2]))
def test_names_of_groups_change_nothing(data: Any, names: list[int]) -> None:
    time, event, entry, group = data
    if np.unique(group).size < 2:
        return
    for test in (log_rank, gray):
        one = test(time, event, group, entry=entry)
        other = test(time, event, np.array(names)[group], entry=entry)
        assert one.df == other.df
        assert one.statistic == pytest.approx(other.statistic, rel=1e-6, abs=1e-9)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_gray_resembles_log_rank_without_competing_events(seed: int) -> None:
    """The scores are then equal; the variances agree when no two events coincide and groups are large."""
    chance = np.random.default_rng(seed)
    time = chance.permutation(np.arange(1, 401)).astype(float)
    event, group = (chance.random(400) < 0.7).astype(int), chance.integers(0, 2, 400)
    ours, other = gray(time, event, group), log_rank(time, event, group)
    assert ours.expected == pytest.approx(other.expected)
    assert ours.statistic == pytest.approx(other.statistic, rel=0.1, abs=0.05)


@pytest.mark.parametrize("test", [log_rank, gray])
def test_tests_keep_their_level_with_late_entries(test: Any) -> None:
    """Of 400 comparisons of like with like, about one in twenty is significant at 5 per cent."""
    chance = np.random.default_rng(11)
    found: list[Comparison] = []
    while len(found) < 400:
        time = np.ceil(chance.exponential(300, 240)) + 1
        entry = np.floor(chance.exponential(60, 240) * (chance.random(240) < 0.5))
        seen = entry < time
        event, group = chance.choice([0, 1, 2], 240), np.arange(240) % 3
        found.append(test(time[seen], event[seen], group[seen], entry=entry[seen]))
    assert 0.025 < np.mean([one.p_value < 0.05 for one in found]) < 0.08


def test_clusters_in_several_groups() -> None:
    """Each cluster in both groups, the second a little later: the plain test is too mild, the clustered one sees it."""
    chance = np.random.default_rng(12)
    first = np.ceil(chance.exponential(500, 200)) + 5
    time = np.concatenate((first, first + 40))
    group, cluster = np.repeat([0, 1], 200), np.tile(np.arange(200), 2)
    assert log_rank(time, np.ones(400), group).p_value > 0.1
    assert log_rank(time, np.ones(400), group, cluster=cluster).p_value < 1e-6


# -- At the edges


def test_not_reached_and_beyond_the_follow_up() -> None:
    curve = cumulative_incidence([10, 20, 30, 40], [1, 0, 0, 0])
    assert curve.median().value is None
    assert curve.quantile(0.25).value == 10
    assert curve.restricted_mean(41) is None
    values = curve.at([0, 9.9, 10, 40, 41])
    assert values.estimate[:4].tolist() == [0, 0, 0.25, 0.25]
    assert np.isnan(values.estimate[4])
    assert np.isnan(values.lower[0])


def test_a_settled_curve_is_known_for_ever() -> None:
    curve = cumulative_incidence([10, 20], [1, 2])
    assert curve.at(1000).estimate[0] == 0.5
    assert curve.restricted_mean(1000).value == pytest.approx(0.5 * 990)


def test_events_on_the_first_day_count() -> None:
    curve = cumulative_incidence([0, 0, 5, 9], [1, 2, 1, 0])
    assert curve.at([0, 5]).estimate.tolist() == [0.25, 0.5]
    assert curve.at([0, 1]).at_risk.tolist() == [4, 2]


def test_a_gap_in_the_watch_is_told() -> None:
    """After day 3 nobody is left, so the latecomer cannot move a curve that has already fallen to nothing."""
    curve = kaplan_meier([3, 9], [1, 1], entry=[0, 5])
    assert curve.interrupted
    assert curve.estimate.tolist() == [0, 0]
    assert not kaplan_meier([3, 9], [1, 1], entry=[0, 2]).interrupted
    assert kaplan_meier([8, 9], [1, 0], entry=[5, 7]).start == 5


def test_groups_that_never_meet_are_not_compared() -> None:
    for test in (log_rank, gray):
        found = test([1, 2, 8, 9], [1, 1, 1, 1], ["a", "a", "b", "b"], entry=[0, 0, 7, 7])
        assert (found.df, found.p_value) == (0, 1.0)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: kaplan_meier([], []), "no observations"),
        (lambda: kaplan_meier([1, 2], [1]), "time 2, event 1"),
        (lambda: kaplan_meier([1, -2], [1, 1]), "cannot be negative: row 1 has -2.0"),
        (lambda: kaplan_meier([1, float("nan")], [1, 1]), "finite numbers of days: row 1"),
        (lambda: kaplan_meier([1, 2], [1, None]), "event must be codes"),
        (lambda: kaplan_meier([1, 2], [1, 0.5]), "event must be codes"),
        (lambda: kaplan_meier([1, 2], [1, -1]), "event must be codes"),
        (lambda: kaplan_meier(["a"], [1]), "time must be numbers of days"),
        (lambda: kaplan_meier([[1]], [1]), "one column"),
        (lambda: kaplan_meier([3, 5], [1, 1], entry=[0, 5]), "after its entry: row 1 has 5.0"),
        (lambda: kaplan_meier([3], [1], confidence=95), "confidence level"),
        (lambda: kaplan_meier([3], [1]).quantile(1), "between 0 and 1"),
        (lambda: kaplan_meier([3], [1]).restricted_mean(0), "more than 0 days"),
        (lambda: kaplan_meier([3], [1]).at(-1), "cannot be negative"),
        (lambda: log_rank([1, 2], [1, 1], ["a", "a"]), "two or more groups"),
        (lambda: log_rank([1, 2], [1, 1], ["a", None]), "labels of one kind"),
        (lambda: gray([1, 2], [1, 1], ["a"]), "group 1"),
    ],
)
def test_bad_input_is_named(call: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        call()
