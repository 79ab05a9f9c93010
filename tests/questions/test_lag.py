"""Lag: who is at risk, what ends a wait, what is left out; its numbers against counts made by hand and publications."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import dioscorides
from dioscorides.atlas.cohort import AUTHORISED, CENSORED, COMPETING, cohort
from dioscorides.atlas.release import Atlas
from dioscorides.facade import OpenAtlas
from dioscorides.methods.survival import kaplan_meier
from dioscorides.questions import lag
from dioscorides.questions.answer import Answer, QuestionError
from tiny import Row, World, product

DAY = "2020-12-31"
#: Since when and whether a register is complete.
CLOSED: Row = {"population": "All.", "from": date(1990, 1, 1), "closed_world": True}
OPEN: Row = {"population": "Some.", "closed_world": False}

#: What the test's publication counts as advanced therapies: gene, cell and tissue, not nucleic acids.
ADVANCED = ("cell", "gene_ex_vivo", "gene_in_vivo", "gene_editing", "oncolytic_virus", "tissue")


@pytest.fixture
def two(world: World) -> World:
    """A world with complete registers of the US and of the EU since 1990."""
    return registers(world, us_a=("US", CLOSED), eu_a=("EU", CLOSED))


def registers(world: World, **named: tuple[str, Row]) -> World:
    for register, (place, coverage) in named.items():
        world.register(register, jurisdiction=place, coverage=coverage)
    return world


def us(record: str, **said: Any) -> Row:
    return product(record, substance=f"exemplin{record}", **said)


def eu(record: str, **said: Any) -> Row:
    return us(record, jurisdiction="EU", **said)


def opened(world: World) -> OpenAtlas:
    built = world.build()
    assert built.failures == []
    return OpenAtlas(built.atlas.path)


def lines(answer: Answer) -> dict[tuple[str, str], Row]:
    return {(row["jurisdiction"], row["group"]): row for row in answer.main.records()}


def states(atlas: Atlas, *among: str) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(entry, time, state) by medicine and jurisdiction."""
    rows = cohort(atlas, list(among or ("US", "EU"))).rows
    return {
        (row["medicine_id"], row["jurisdiction"]): (row["entry"], row["time"], row["state"])
        for row in rows.iter_rows(named=True)
    }


# -- what a wait is, and what ends it


def test_a_lag_runs_from_the_first_authorisation_anywhere(two: World) -> None:
    two.publish("us_a", DAY, us("1", authorised="2010-01-01"))
    two.publish("eu_a", DAY, eu("1", authorised="2010-04-11"))
    found = states(opened(two))
    assert found == {("exemplin1", "US"): (0, 0, AUTHORISED), ("exemplin1", "EU"): (0, 100, AUTHORISED)}


def test_the_not_authorised_are_censored_at_the_cut_off_and_never_dropped(two: World) -> None:
    two.publish("us_a", DAY, us("1", authorised="2020-01-01"))
    two.publish("eu_a", DAY, eu("2", authorised="2019-01-01"))
    atlas = opened(two)
    assert states(atlas)["exemplin1", "EU"] == (0, 365, CENSORED)
    answer = lines(atlas.lag(among="US,EU"))
    assert [answer[place, "all"]["at_risk"] for place in ("US", "EU")] == [2, 2]
    assert [answer[place, "all"]["censored"] for place in ("US", "EU")] == [1, 1]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        # a refusal, or an application withdrawn for good, ends the wait
        ({"status": "refused", "events": [{"event": "refused", "date": "2011-01-01"}]}, (0, 365, COMPETING)),
        (
            {"status": "application_withdrawn", "events": [{"event": "application_withdrawn", "date": "2010-01-31"}]},
            (0, 30, COMPETING),
        ),
        # an authorisation after it shows that it was not for good
        (
            {"authorised": "2012-01-01", "events": [{"event": "refused", "date": "2011-01-01"}]},
            (0, 730, AUTHORISED),
        ),
        # what was refused before the first authorisation anywhere is another application's story
        ({"status": "refused", "events": [{"event": "refused", "date": "2009-01-01"}]}, (0, 4017, CENSORED)),
        # and so is the refusal of a generic
        (
            {"status": "refused", "legal_basis": "generic", "events": [{"event": "refused", "date": "2011-01-01"}]},
            (0, 4017, CENSORED),
        ),
    ],
)
def test_what_competes_with_authorisation(two: World, said: Row, outcome: tuple[int, int, int]) -> None:
    two.publish("us_a", DAY, us("1", authorised="2010-01-01"))
    two.publish("eu_a", DAY, eu("1", **said), eu("2", authorised="2000-01-01"))
    assert states(opened(two))["exemplin1", "EU"] == outcome


@pytest.mark.parametrize(("ended", "outcome"), [("2010-04-11", COMPETING), (None, CENSORED)])
def test_a_medicine_that_ended_everywhere_waits_no_more(two: World, ended: str | None, outcome: int) -> None:
    end = {"event": "withdrawn", "date": ended}
    two.publish("us_a", DAY, us("1", authorised="2010-01-01", status="withdrawn", events=[end]))
    two.publish("eu_a", DAY, eu("2", authorised="2000-01-01"))
    found = states(opened(two))["exemplin1", "EU"]
    # an end without a day is none that a wait could stop at
    assert found == (0, 100 if ended else 4017, outcome)


def test_the_end_of_a_central_authorisation_is_the_eus_own(world: World) -> None:
    """A member state's list follows late, or, being older than the end, still shows it."""
    registers(world, us_a=("US", CLOSED), eu_a=("EU", CLOSED), es_a=("ES", OPEN), cz_a=("CZ", OPEN))
    central = {"procedure": "centralised", "product_name": "Centralo"}
    ended = {"status": "withdrawn", "events": [{"event": "withdrawn", "date": "2010-04-11"}]}
    world.publish("us_a", DAY, us("2", authorised="2000-01-01"))
    world.publish("eu_a", DAY, eu("1", authorised="2010-01-01", **central, **ended))
    shown = us("1", jurisdiction="ES", number="EU/1/10/1", authorised="2010-02-01", **central)
    world.publish("es_a", DAY, shown)
    late = {"status": "withdrawn", "events": [{"event": "withdrawn", "date": "2011-01-01"}]}
    world.publish("cz_a", DAY, us("1", jurisdiction="CZ", number="EU/1/10/1", **central, **late))
    atlas = opened(world)
    assert states(atlas)["exemplin1", "US"] == (0, 100, COMPETING)
    assert ("eu_a", "1", "competing") in zip(
        *(atlas.lag(among="US,EU").evidence[name] for name in ("register", "record_id", "state")), strict=True
    )


def test_a_register_that_states_no_days_has_no_part_in_t0(two: World) -> None:
    """A list of prices says what is authorised, not since when: it can neither be late nor make others late."""
    two.register("jp_a", jurisdiction="JP", coverage=OPEN)
    two.publish("us_a", DAY, us("1", authorised="2010-01-01"))
    two.publish("eu_a", DAY, eu("1", authorised="2010-04-11"))
    two.publish("jp_a", DAY, us("1", jurisdiction="JP", before="2020-12-31"))
    atlas = opened(two)
    answer = atlas.lag(among="US,EU,JP")
    assert set(answer.main["jurisdiction"]) == {"US", "EU"}
    assert [row["median_days"] for row in answer.further["relative lag"].records()] == [100]
    assert any(caveat.startswith("JP: set aside, as its registers have a day for 0 of 1") for caveat in answer.caveats)
    with pytest.raises(dioscorides.contract.UserError, match="JP state no day"):
        atlas.lag(among="US,JP")


def test_what_was_authorised_before_the_years_asked_for_is_not_missed_in_them(two: World) -> None:
    undated = us("1", before="1982-01-01"), us("3", before="2019-01-01")
    two.publish("us_a", DAY, *undated, us("2", authorised="2010-01-01"), us("4", authorised="2010-01-01"))
    two.publish("eu_a", DAY, eu("1", authorised="2012-01-01"), eu("2", authorised="2011-01-01"))
    atlas = opened(two)
    assert any(caveat.startswith("Left out: 2 ") for caveat in atlas.lag(among="US,EU").caveats)
    assert any(caveat.startswith("Left out: 1 ") for caveat in atlas.lag(among="US,EU", from_=2005).caveats)


def test_a_register_that_begins_later_has_medicines_under_watch_from_then_on(world: World) -> None:
    registers(world, us_a=("US", CLOSED), eu_a=("EU", CLOSED | {"from": date(2015, 1, 1)}))
    world.publish("us_a", DAY, us("1", authorised="2014-01-01"), us("2", authorised="2016-01-01"))
    world.publish("eu_a", DAY, eu("1", authorised="2018-01-01"), eu("2", authorised="2017-01-01"))
    found = states(opened(world))
    assert found["exemplin1", "EU"] == (365, 1461, AUTHORISED)
    assert found["exemplin2", "EU"] == (0, 366, AUTHORISED)


def test_before_a_day_is_no_day(two: World) -> None:
    two.publish("us_a", DAY, us("1", before="1982-01-01"), us("2", authorised="2010-01-01"))
    two.publish("eu_a", DAY, eu("1", authorised="2000-01-01"), eu("2", authorised="2011-01-01"))
    answer = opened(two).lag(among="US,EU")
    assert {row["at_risk"] for row in answer.main.records()} == {1}
    assert any(caveat.startswith("Left out: 1 with a first authorisation that has no day") for caveat in answer.caveats)


def test_what_comes_after_the_earliest_cut_off_could_have_come_elsewhere_before(two: World) -> None:
    two.publish("us_a", "2015-12-31", us("1", authorised="2010-01-01"))
    two.publish("eu_a", DAY, eu("1", authorised="2017-01-01"), eu("2", authorised="2018-01-01"))
    answer = opened(two).lag(among="US,EU")
    # the first is followed in the EU to the EU's own cut-off; of the second nobody knows whether it was the first
    assert lines(answer)["EU", "all"]["authorised"] == 1
    assert lines(answer)["EU", "all"]["at_risk"] == 1
    assert any("Left out: 1 first authorised after 2015-12-31" in caveat for caveat in answer.caveats)


def test_a_register_that_cannot_prove_absence_gets_no_curve(world: World) -> None:
    registers(world, us_a=("US", CLOSED), ca_a=("CA", OPEN))
    world.publish("us_a", DAY, *(us(str(n), authorised="2010-01-01") for n in range(5)))
    world.publish("ca_a", DAY, *(us(str(n), jurisdiction="CA", authorised="2010-04-11") for n in range(3)))
    answer = opened(world).lag(among="US,CA")
    line = lines(answer)["CA", "all"]
    assert (line["at_risk"], line["authorised"], line["censored"]) == (5, 3, 2)
    assert all(line[name] is None for name in line if name.startswith(("share_1", "share_2", "share_5", "median")))
    assert line["lost_5y_days"] is None
    (pair,) = answer.further["relative lag"].records()
    assert (pair["a"], pair["b"], pair["medicines"], pair["median_days"]) == ("US", "CA", 3, 100)
    assert pair["selection"] == "authorised in both"
    assert any(caveat.startswith("CA: absence from ca_a proves nothing") for caveat in answer.caveats)
    assert {name for layer in answer.chart("curves").spec["layer"] for name in _curve_names(layer)} == {"US"}


def test_a_median_lies_within_the_years_that_registers_cover(two: World) -> None:
    """The EU's register covers 31 years: that one of three came after 40 does not say when half of them come."""
    old = [us(str(n), authorised="1950-01-01") for n in range(3)]
    two.publish("us_a", DAY, *old, *(us(n, authorised="2000-01-01") for n in ("7", "8")))
    two.publish("eu_a", DAY, *(eu(str(n), authorised="2019-01-01") for n in range(2)), eu("9", authorised="2001-01-01"))
    line = lines(opened(two).lag(among="US,EU"))["EU", "all"]
    assert (line["authorised"], line["median_days"], line["median_high"]) == (3, None, None)


def test_full_counts_only_what_states_a_full_application(two: World) -> None:
    two.publish("us_a", DAY, us("1", authorised="2010-01-01"), us("2", authorised="2010-01-01"))
    two.publish("eu_a", DAY, eu("1", authorised="2011-01-01", legal_basis="unknown"), eu("2", authorised="2011-01-01"))
    atlas = opened(two)
    assert lines(atlas.lag(among="US,EU"))["EU", "all"]["authorised"] == 2
    assert lines(atlas.lag(among="US,EU", legal_basis="full"))["EU", "all"]["authorised"] == 1
    assert any(
        "EU: for 1 of 2 medicines the register states no legal basis" in c for c in atlas.lag(among="US,EU").caveats
    )


# -- submission and review


def test_a_lag_is_submission_gap_and_difference_of_reviews_exactly(two: World) -> None:
    def submitted(day: str) -> list[Row]:
        return [{"event": "submission_received", "date": day}]

    rng = random.Random(7)
    days = [[date(2010, 1, 1).toordinal() + rng.randrange(3000) for _ in range(2)] for _ in range(8)]
    reviews = [[rng.randrange(700) for _ in range(2)] for _ in range(8)]
    for at, (register, place) in enumerate((("us_a", us), ("eu_a", eu))):
        two.publish(
            register,
            DAY,
            *(
                place(
                    str(n),
                    authorised=date.fromordinal(days[n][at] + reviews[n][at]).isoformat(),
                    events=submitted(date.fromordinal(days[n][at]).isoformat()),
                )
                for n in range(8)
            ),
        )
    answer = opened(two).lag(among="US,EU")
    rows = list(answer.further["submission"].records())
    assert len(rows) == 8
    for row in rows:
        assert row["lag_days"] == row["submission_gap_days"] + row["review_difference_days"]
        assert row["review_difference_days"] == row["review_b_days"] - row["review_a_days"]
    assert {(row["a"], row["b"]) for row in rows} == {("EU", "US")}
    known = {f"exemplin{n}": reviews[n][1] for n in range(8)}
    assert {row["medicine_id"]: row["review_a_days"] for row in rows} == known


def test_a_submission_may_stand_on_a_record_of_its_own(two: World) -> None:
    """As accelerated approvals do: a designation under the number of the application, with the same approval."""
    two.register("us_fast", coverage=OPEN)
    two.publish("us_a", DAY, us("1", authorised="2010-06-01", number="NDA000001"))
    two.publish("eu_a", DAY, eu("1", authorised="2010-06-01", events=[{"event": "opinion", "date": "2010-04-01"}]))
    said = {"submission_received": "2010-01-01", "authorised": "2010-06-01"}
    two.publish(
        "us_fast",
        DAY,
        designation=[{"id": "NDA000001 ORIG 1", "jurisdiction": "US", "kind": "accelerated"}],
        event=[
            {"id": "NDA000001 ORIG 1", "event": event, "date": day, "precision": "day"} for event, day in said.items()
        ],
    )
    answer = opened(two).lag(among="US,EU")
    review = {(row["jurisdiction"], row["since"]): row["median_days"] for row in answer.further["review"].records()}
    assert review == {("US", "submission received"): 151, ("EU", "opinion"): 61}
    assert "us_fast" in answer.sources["register"]
    assert ("us_fast", "NDA000001 ORIG 1") in zip(
        answer.evidence["register"], answer.evidence["record_id"], strict=True
    )


def test_review_times_of_the_real_registers(registers_dir: Path, tmp_path: Path) -> None:
    only = ["us_fda_orange_book", "us_fda_purple_book", "us_fda_accelerated_approvals", "eu_ema_medicines"]
    if not (registers_dir / only[2]).is_dir():
        pytest.skip("no accelerated approvals beside the checkout")
    answer = dioscorides.build(tmp_path, mirror=registers_dir, only=only).lag(among="US,EU")
    review = {(row["jurisdiction"], row["since"]): row for row in answer.further["review"].records()}
    assert review["US", "submission received"]["medicines"] > 100
    # priority reviews of six months after filing, decisions of the Commission within 67 days of the opinion
    assert 150 < review["US", "submission received"]["median_days"] < 310
    assert 50 < review["EU", "opinion"]["median_days"] < 75
    # EMA prints no day of submission for authorised medicines: there is no pair to take apart
    assert len(answer.further["submission"]) == 0
    (told,) = (caveat for caveat in answer.caveats if caveat.startswith("Submission: "))
    assert told.startswith("Submission: 0 medicines have a day of submission in two jurisdictions")
    assert told.endswith(f"US {review['US', 'submission received']['medicines']:,}.")


# -- properties


@pytest.fixture(scope="module", params=["sample", "real"])
def atlas(request: pytest.FixtureRequest) -> OpenAtlas:
    made: OpenAtlas = request.getfixturevalue(f"{request.param}_atlas")
    return made


def test_regions_of_holders_say_how_many_are_not_known_and_what_they_are_no_measure_of(two: World) -> None:
    two.publish("us_a", DAY, us("1", authorised="2010-01-01"), us("2", authorised="2011-01-01"))
    two.publish("eu_a", DAY, eu("3", authorised="2012-01-01", holder_name="Firma AG", holder_country="DE"))
    answer = opened(two).lag(among="US,EU", by="holder-region")
    assert {group for _, group in lines(answer)} == {"Europe", "not stated"}
    (said,) = (caveat for caveat in answer.caveats if "holder" in caveat)
    assert "for 2 of 3 medicines it states no country" in said
    assert "differences are not those of firms" in said


@pytest.mark.parametrize("by", ["jurisdiction", "modality", "period", "holder-region"])
def test_counts_add_up(atlas: OpenAtlas, by: str) -> None:
    answer = atlas.lag(among="US,EU,CA", by=by)
    rows = list(answer.main.records())
    for row in rows:
        assert row["at_risk"] == row["authorised"] + row["censored"] + row["competing"]
        shares = [row[f"share_{years}y"] for years in (1, 2, 5)]
        known = [share for share in shares if share is not None]
        assert known == sorted(known)
        if not row["closed"]:
            assert known == []
        assert 0 <= row["share_of_firsts"] <= 1
    at_risk: Counter[str] = Counter()
    for row in rows:
        at_risk[row["jurisdiction"]] += row["at_risk"]
    whole = {row["jurisdiction"]: row["at_risk"] for row in atlas.lag(among="US,EU,CA").main.records()}
    assert at_risk == whole
    told = Counter((row["jurisdiction"], row["state"]) for row in answer.evidence.records())
    for place in whole:
        here = [row for row in rows if row["jurisdiction"] == place]
        assert told[place, "authorised"] == sum(row["authorised"] for row in here)
        assert told[place, "competing"] == sum(row["competing"] for row in here)
    assert len(answer.further["tests"]) > 0


@pytest.mark.parametrize("by", ["jurisdiction", "modality", "period"])
def test_the_regression_rests_on_the_same_medicines(real_atlas: OpenAtlas, by: str) -> None:
    answer = real_atlas.lag(among="US,EU,CA", by=by)
    found = {row["group"]: row for row in answer.further["regression"].records()}
    closed = [row for row in answer.main.records() if row["closed"]]
    name = "jurisdiction" if by == "jurisdiction" else "group"
    for group, row in found.items():
        ours = [line for line in closed if line[name] == group]
        assert (row["at_risk"], row["authorised"]) == tuple(sum(o[n] for o in ours) for n in ("at_risk", "authorised"))
        if row["ratio_low"] is not None:
            assert row["ratio_low"] < row["ratio"] < row["ratio_high"]
    assert len({row["against"] for row in found.values()}) == 1
    if by == "jurisdiction":
        # what the curves show, and the test says
        assert found["EU"]["ratio_high"] < 1
        assert answer.further["tests"]["p"][0] < 1e-6


def test_kaplan_meier_would_flatter(atlas: OpenAtlas) -> None:
    rows = cohort(atlas, ["US", "EU"]).rows
    for _, part in rows.group_by("jurisdiction"):
        ours = lag.curve_of(part)
        event = (part["state"] == AUTHORISED).cast(pl.Int64).to_numpy()
        naive = kaplan_meier(part["time"].to_numpy(), event, entry=part["entry"].to_numpy())
        at = [365.25, 730.5, 1826.25]
        for share, survival in zip(ours.at(at).estimate, naive.at(at).estimate, strict=True):
            assert 1 - survival >= share - 1e-12


def test_the_order_of_rows_does_not_matter(sample_atlas: OpenAtlas, tmp_path: Path) -> None:
    shuffled = tmp_path / sample_atlas.release
    shuffled.mkdir()
    for path in sample_atlas.path.iterdir():
        if path.suffix == ".parquet":
            pl.read_parquet(path).sample(fraction=1, shuffle=True, seed=5).write_parquet(shuffled / path.name)
        else:
            (shuffled / path.name).write_bytes(path.read_bytes())
    other = OpenAtlas(shuffled)
    for by in ("jurisdiction", "modality", "holder-region"):
        one, two = sample_atlas.lag(by=by).as_dict(), other.lag(by=by).as_dict()
        assert one == two


def test_numbers_open_down_to_published_rows(sample_atlas: OpenAtlas) -> None:
    answer = sample_atlas.lag()
    rows = answer.published(sample_atlas, medicine_id="tisagenlecleucel", jurisdiction="EU", state="authorised")
    assert set(rows["register"]) == {"eu_ema_medicines"}
    assert len(rows) == 1  # the newest snapshot that shows it
    assert "Kymriah" in rows["raw"][0]
    with pytest.raises(QuestionError, match="has no nonsense"):
        answer.published(sample_atlas, nonsense=1)


def test_a_lag_counted_by_hand(atlas: OpenAtlas) -> None:
    """The EU's line for medicines first authorised 2010 to 2014, in plain SQL."""
    counted = atlas.table(
        """
        WITH dated AS (
            SELECT
                medicine_id,
                min(date) FILTER (jurisdiction = 'US') AS us,
                min(date) FILTER (jurisdiction = 'EU') AS eu
            FROM first_authorisation
            WHERE jurisdiction IN ('US', 'EU')
            GROUP BY medicine_id
            HAVING bool_and(date IS NOT NULL)
        )
        SELECT
            count(*) AS medicines, count(us) AS us, count(eu) AS eu,
            count(*) FILTER (eu - least(us, eu) <= 365) AS soon,
            count(*) FILTER (eu <= coalesce(us, eu)) AS firsts,
            CAST(median(eu - us) AS DOUBLE) AS lag
        FROM dated
        WHERE year(least(us, eu)) BETWEEN 2010 AND 2014
        """
    )
    (by_hand,) = counted.records()
    answer = atlas.lag(among="US,EU", from_=2010, to=2014)
    found = lines(answer)
    assert found["EU", "all"]["at_risk"] == found["US", "all"]["at_risk"] == by_hand["medicines"]
    assert (found["US", "all"]["authorised"], found["EU", "all"]["authorised"]) == (by_hand["us"], by_hand["eu"])
    # nothing is censored within a year, so that Aalen-Johansen's share is the plain one
    assert found["EU", "all"]["share_1y"] == pytest.approx(by_hand["soon"] / by_hand["medicines"])
    assert found["EU", "all"]["share_of_firsts"] == pytest.approx(by_hand["firsts"] / by_hand["medicines"])
    pairs = [row["median_days"] for row in answer.further["relative lag"].records()]
    assert pairs == ([by_hand["lag"]] if by_hand["lag"] is not None else [])


def test_a_period_has_only_shares_that_all_of_it_was_followed_for(real_atlas: OpenAtlas) -> None:
    for row in real_atlas.lag(among="US,EU", by="period").main.records():
        if row["group"] == "2020-2024":
            assert (row["share_5y"], row["lost_5y_days"]) == (None, None)
        if row["group"] == "2010-2014":
            assert row["share_5y"] is not None


def test_a_picture_shows_as_many_groups_as_can_be_told_apart(real_atlas: OpenAtlas) -> None:
    answer = real_atlas.lag(among="US,EU", by="modality")
    spec = answer.chart("curves").spec
    assert len({word for layer in spec["layer"] for word in _curve_names(layer)}) == 8
    assert "The 4 largest of" in spec["description"]


def _curve_names(layer: dict[str, Any]) -> set[str]:
    values = layer.get("data", {}).get("values", [])
    return {row["curve"] for row in values if isinstance(row, dict) and "curve" in row}


# -- published counts


def test_advanced_therapies_to_may_2020(real_atlas: OpenAtlas) -> None:
    """Published: 15 in the EU, 9 in the US, 7 in both, authorised to 2020-05-31.

    Population: gene, cell and tissue therapies, whatever became of them, without cord blood (in the EU no medicine).
    The EU's 15 come out. The US register has one more than the 9: Carticel, which the publication does not count beside
    its successor MACI. The 7 in both are 7 medicines, also MACI and Provenge, which EMA describes in other
    words than FDA.
    """
    found = real_atlas.sql(
        f"""
        SELECT f.jurisdiction, f.medicine_id, lower(split_part(a.product_name, ' ', 1)) AS brand
        FROM first_authorisation AS f
        INNER JOIN medicine AS m ON f.medicine_id = m.medicine_id
        LEFT JOIN authorisation AS a ON f.register = a.register AND f.record_id = a.record_id
        WHERE f.jurisdiction IN ('US', 'EU') AND f.date <= DATE '2020-05-31' AND m.modality IN {ADVANCED}
            AND NOT regexp_matches(concat(m.name, ' ', m.medicine_id), '\\bcord\\b')
        """
    )
    eu, us = (
        {row["brand"]: row["medicine_id"] for row in found.filter(jurisdiction=p).to_dicts()} for p in ("EU", "US")
    )
    assert len(eu) == 15
    assert set(us) - {"carticel"} == {
        "gintuit", "imlygic", "kymriah", "laviv", "luxturna", "maci", "provenge", "yescarta", "zolgensma",
    }  # fmt: skip
    both = set(eu) & set(us)
    assert both == {"imlygic", "kymriah", "luxturna", "maci", "provenge", "yescarta", "zolgensma"}
    assert {brand: eu[brand] for brand in both} == {brand: us[brand] for brand in both}
    assert len(set(eu.values()) & set(us.values())) == 7


def test_advanced_therapies_of_the_eu_to_february_2024(real_atlas: OpenAtlas) -> None:
    """Published: 26 ever authorised in the EU to February 2024, by the same population."""
    (row,) = real_atlas.table(
        f"""
        SELECT count(*) AS medicines
        FROM first_authorisation AS f
        INNER JOIN medicine AS m ON f.medicine_id = m.medicine_id
        WHERE f.jurisdiction = 'EU' AND f.date <= DATE '2024-02-29' AND m.modality IN {ADVANCED}
        """
    ).records()
    assert row["medicines"] == 26


# -- as it is asked


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"among": "US"}, "needs two jurisdictions"),
        ({"among": "US,XX"}, "no authorisations of XX"),
        ({"by": "colour"}, "--by is one of"),
        ({"legal_basis": "half"}, "full or left out"),
        ({"modality": "magic"}, "No medicine here has the modality"),
        ({"from_": 2090}, "No medicine was first authorised"),
    ],
)
def test_what_cannot_be_answered(sample_atlas: OpenAtlas, options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(dioscorides.contract.UserError, match=complaint):
        sample_atlas.lag(**options)


def test_an_answer_says_what_it_rests_on(sample_atlas: OpenAtlas) -> None:
    answer = sample_atlas.lag(among="all")
    assert answer.release == sample_atlas.release
    assert all(answer.sources["licence"])
    assert set(answer.pictures) == {"curves", "dots"}
    assert len(answer.further["coverage"]) == len(answer.main)
    shown = sample_atlas.lag()._repr_mimebundle_()["text/html"]
    assert all(part in shown for part in ("<svg", "<table", "CA: absence from"))
