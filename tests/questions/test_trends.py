"""Trends: first authorisations by year, who is first, and how far a year's medicines get."""

from __future__ import annotations

from datetime import date

import pytest

from dioscorides.facade import OpenAtlas
from dioscorides.questions.answer import QuestionError
from tiny import World, product

CLOSED = {"population": "All.", "from": date(1990, 1, 1), "closed_world": True}


@pytest.fixture
def two(world: World) -> OpenAtlas:
    """The US has three medicines of 2010, the EU one after half a year and one after three years."""
    for register, place in (("us_a", "US"), ("eu_a", "EU")):
        world.register(register, jurisdiction=place, coverage=CLOSED)
    us, eu = {"1": "2010-01-01", "2": "2010-02-01", "3": "2010-03-01", "4": "2020-01-01"}, {
        "1": "2010-06-01", "2": "2013-02-01", "5": "2009-01-01",
    }  # fmt: skip
    world.publish("us_a", "2020-06-30", *(product(n, substance=f"a{n}", authorised=day) for n, day in us.items()))
    world.publish(
        "eu_a",
        "2020-06-30",
        *(product(n, substance=f"a{n}", authorised=day, jurisdiction="EU") for n, day in eu.items()),
    )
    return OpenAtlas(world.build().atlas.path)


def test_medicines_and_firsts_by_year(two: OpenAtlas) -> None:
    found = {
        (row["jurisdiction"], row["year"]): (row["medicines"], row["firsts"], row["share_of_firsts"])
        for row in two.trends(among="US,EU").main.records()
    }
    assert found == {
        ("US", 2010): (3, 3, 1.0),
        ("EU", 2010): (1, 0, 0.0),
        ("EU", 2009): (1, 1, 1.0),
        ("EU", 2013): (1, 0, None),  # nobody's first year
        ("US", 2020): (1, None, None),  # a year that the registers cover in part
    }
    assert set(two.trends(among="US,EU", from_=2010, to=2012).main["year"]) == {2010}


def test_reach_is_how_many_medicines_get_how_far(two: OpenAtlas) -> None:
    reach = {
        (row["year"], row["within_years"]): (row["medicines"], row["in_1"], row["in_2"], row["mean"])
        for row in two.trends(among="US,EU").further["reach"].records()
    }
    assert reach["2010", 1] == (3, 2, 1, pytest.approx(4 / 3))
    assert reach["2010", 2] == (3, 2, 1, pytest.approx(4 / 3))
    assert reach["2010", 5] == (3, 1, 2, pytest.approx(5 / 3))
    assert ("2020", 1) not in reach  # not followed for a year


def test_one_jurisdiction_has_trends_too(two: OpenAtlas) -> None:
    answer = two.trends(among="US")
    assert [row["medicines"] for row in answer.main.records()] == [3, 1]
    assert answer.main["share_of_firsts"] == [1.0, None]


def test_none_is_nought_only_where_absence_can_be_proved(world: World) -> None:
    for register, place, closed in (("us_a", "US", True), ("ca_a", "CA", False)):
        world.register(register, jurisdiction=place, coverage=CLOSED | {"closed_world": closed})
        days = {"1": "2010-01-01", "2": "2012-01-01"}
        rows = (product(n, substance=f"a{n}", authorised=day, jurisdiction=place) for n, day in days.items())
        world.publish(register, "2020-06-30", *rows)
    picture = str(OpenAtlas(world.build().atlas.path).trends(among="US,CA").chart("heat").spec)
    assert "US, 2011: 0" in picture
    assert "CA, 2011: no data" in picture


@pytest.fixture(scope="module", params=["sample", "real"])
def atlas(request: pytest.FixtureRequest) -> OpenAtlas:
    opened: OpenAtlas = request.getfixturevalue(f"{request.param}_atlas")
    return opened


def test_what_holds_of_the_registers(atlas: OpenAtlas) -> None:
    answer = atlas.trends(from_=2005)
    for row in answer.main.records():
        assert row["firsts"] is None or row["firsts"] <= row["medicines"]
    for row in answer.further["reach"].records():
        assert row["medicines"] == row["in_1"] + row["in_2"] + row["in_3"]
        assert 1 <= row["mean"] <= 3
    parts: dict[tuple[str, str], int] = {}
    for row in answer.further["by modality"].records():
        key = (row["jurisdiction"], row["year"])
        parts[key] = parts.get(key, 0) + row["medicines"]
    assert parts == {(row["jurisdiction"], str(row["year"])): row["medicines"] for row in answer.main.records()}
    assert len(answer.evidence) == sum(answer.main["medicines"])
    assert all(answer.sources["licence"])
    assert set(answer.licences) == set(answer.sources["licence"])
    assert answer.coverage.columns == ("register", "covers_from", "covers_to", "closed_world")
    assert [row["closed_world"] for row in answer.coverage.records() if row["register"] == "eu_ema_medicines"] == [True]
    (picture,) = answer.pictures
    assert answer.release in answer.chart(picture).spec["description"]


def test_a_figure_opens_down_to_its_rows(sample_atlas: OpenAtlas) -> None:
    answer = sample_atlas.trends(modality="gene_ex_vivo")
    figure = next(row for row in answer.main.records() if (row["jurisdiction"], row["year"]) == ("EU", 2018))
    rows = answer.published(sample_atlas, jurisdiction="EU", year=2018)
    assert len(set(rows["record_id"])) == figure["medicines"]


def test_what_cannot_be_answered(sample_atlas: OpenAtlas) -> None:
    with pytest.raises(QuestionError, match="No medicine was first authorised"):
        sample_atlas.trends(from_=2090)
