"""A release that is passed on: whole, or without what may not be passed on, and it says what it goes without."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dioscorides.atlas.exporting import ExportError, export_release
from dioscorides.atlas.release import Atlas
from tiny import World, card, contents, product

DAY = "2024-01-01"
CLOSED = {"name": "Ask first", "url": "https://example.org/terms", "confirmed": True, "open": False}


@pytest.fixture
def mixed(world: World) -> World:
    """A world with a register that may be passed on, and one that may not and alone knows a second medicine."""
    world.register("us_open")
    world.register("eu_closed", jurisdiction="EU", licence=CLOSED)
    world.publish("us_open", DAY, product("1", authorised="2012-01-01"))
    secret = product("3", authorised="2015-01-01", substance="secretin", jurisdiction="EU")
    world.publish("eu_closed", DAY, product("2", authorised="2010-01-01", jurisdiction="EU"), secret)
    return world


def tables(folder: Path) -> dict[str, pl.DataFrame]:
    return {path.stem: pl.read_parquet(path) for path in folder.glob("*.parquet")}


def test_all_of_a_release_is_copied_to_the_byte(mixed: World, tmp_path: Path) -> None:
    atlas = mixed.build().atlas
    exported = export_release(atlas, tmp_path / "out", home=mixed.home)
    assert contents(exported.folder) == contents(atlas.path)
    assert exported.left_out == []


def test_open_leaves_out_all_that_a_closed_register_told_and_says_so(mixed: World, tmp_path: Path) -> None:
    exported = export_release(mixed.build().atlas, tmp_path / "out", home=mixed.home, open_only=True)
    assert exported.left_out == ["eu_closed: Ask first"]
    found = tables(exported.folder)
    for name, table in found.items():
        assert "eu_closed" not in str(table.to_dicts()), name
        assert "secretin" not in str(table.to_dicts()), name
    assert found["first_authorisation"].select("jurisdiction", "record_id").rows() == [("US", "1")]
    manifest = Atlas(exported.folder).manifest
    assert manifest["left_out"] == ["eu_closed: Ask first"]
    assert [one["register"] for one in manifest["inputs"]] == ["us_open"]


def test_each_table_carries_the_licences_of_what_it_is_made_of(mixed: World) -> None:
    mixed.publish("eu_closed", DAY, designation=[{"id": "9", "kind": "orphan", "substances_text": "secretin"}])
    mixed.publish("us_open", DAY, product("1", authorised="2012-01-01"))
    stated = mixed.build().atlas.manifest["tables"]
    assert (stated["designation"]["registers"], stated["designation"]["licences"]) == (["eu_closed"], ["Ask first"])
    assert stated["authorisation"]["licences"] == [CLOSED["name"], card()["licence"]["name"]]


def test_nothing_open_is_an_error_and_leaves_no_folder(world: World, tmp_path: Path) -> None:
    world.register("eu_closed", licence=CLOSED)
    world.publish("eu_closed", DAY, product("2", authorised="2010-01-01"))
    with pytest.raises(ExportError, match="No register of this release has a licence"):
        export_release(world.build().atlas, tmp_path / "out", home=world.home, open_only=True)
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_in_it_is_not_written_into(mixed: World, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").touch()
    with pytest.raises(ExportError, match="is there already"):
        export_release(mixed.build().atlas, tmp_path / "out", home=mixed.home)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]
