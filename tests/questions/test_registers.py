"""Registers: each in the words of its metadata and the numbers of its reading, with a picture."""

from __future__ import annotations

import dioscorides
from dioscorides.facade import OpenAtlas
from tiny import World, card, product


def test_one_register_shows_its_years(sample_atlas: OpenAtlas) -> None:
    answer = sample_atlas.registers("eu_ema_medicines")
    years = list(answer.further["by year"].records())
    spec = answer.chart("heat").spec
    first = next(row for row in years if row["authorised"])
    assert f"authorised, {first['year']}: {first['authorised']}" in str(spec)
    assert "eu_ema_medicines" in spec["description"]
    assert answer.release in spec["description"]


def test_years_stand_beside_what_is_expected_of_them(world: World) -> None:
    coverage = card()["coverage"] | {"yearly": {"since": 2021, "authorised": [2, 3]}}
    world.register("us_a", coverage=coverage)
    days = ["2020-05-01", "2021-05-01", "2021-06-01", "2023-01-02", "2024-01-01"]
    world.publish("us_a", "2024-02-01", *(product(str(at), authorised=day) for at, day in enumerate(days)))
    world.build()
    answer = dioscorides.open(world.home.path).registers("us_a")
    assert answer.further["by year"].only("year", "authorised", "expected").rows == (
        ("2024", 1, None),  # not over yet
        ("2023", 1, "2 to 3"),
        ("2022", 0, "2 to 3"),
        ("2021", 2, "2 to 3"),
        ("2020", 1, None),  # before its time
    )
    assert answer.caveats == ("Not 2 to 3 authorised, as is expected of a whole year: 2023 (1), 2022 (0).",)


def test_all_registers_show_their_snapshots(sample_atlas: OpenAtlas) -> None:
    answer = sample_atlas.registers()
    drawn = str(answer.chart("timeline").spec)
    for row in answer.main.records():
        if row["snapshots"]:
            assert f"{row['register']}: snapshot, {row['snapshot']}" in drawn
    assert set(answer.sources["register"]) == {row["register"] for row in answer.main.records() if row["snapshots"]}


def test_a_register_without_dated_events_says_so(sample_atlas: OpenAtlas) -> None:
    assert "No event of its records has a date." in str(sample_atlas.registers("eaeu_inn_names").chart().spec)
