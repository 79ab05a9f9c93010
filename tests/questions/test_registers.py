"""Registers: each in the words of its metadata and the numbers of its reading, with a picture."""

from __future__ import annotations

from dioscorides.facade import OpenAtlas


def test_one_register_shows_its_years(sample_atlas: OpenAtlas) -> None:
    answer = sample_atlas.registers("eu_ema_medicines")
    years = list(answer.further["by year"].records())
    spec = answer.chart("heat").spec
    first = next(row for row in years if row["authorised"])
    assert f"authorised, {first['year']}: {first['authorised']}" in str(spec)
    assert "eu_ema_medicines" in spec["description"]
    assert answer.release in spec["description"]


def test_all_registers_show_their_snapshots(sample_atlas: OpenAtlas) -> None:
    answer = sample_atlas.registers()
    drawn = str(answer.chart("timeline").spec)
    for row in answer.main.records():
        if row["snapshots"]:
            assert f"{row['register']}: snapshot, {row['snapshot']}" in drawn
    assert set(answer.sources["register"]) == {row["register"] for row in answer.main.records() if row["snapshots"]}


def test_a_register_without_dated_events_says_so(sample_atlas: OpenAtlas) -> None:
    assert "No event of its records has a date." in str(sample_atlas.registers("eaeu_inn_names").chart().spec)
