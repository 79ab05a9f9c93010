"""What `import dioscorides` gives: open, build, and an atlas that answers by the names of its questions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import dioscorides
from dioscorides.atlas.release import NoAtlas
from dioscorides.facade import OpenAtlas, question_names


def test_what_the_module_offers() -> None:
    assert {"__version__", "build", "open"} <= set(dioscorides.__all__)
    assert all(hasattr(dioscorides, name) for name in dioscorides.__all__)
    assert dioscorides.__version__.count(".") == 2


def test_build_and_open(tmp_path: Path) -> None:
    built = dioscorides.build(tmp_path, sample=True, only=["us_fda_orange_book"])
    opened = dioscorides.open(str(tmp_path))
    assert isinstance(built, OpenAtlas)
    assert opened.release == built.release
    assert opened.path == built.path
    assert repr(opened) == f"<Atlas {opened.release} at {opened.path}>"


def test_open_without_an_atlas(tmp_path: Path) -> None:
    with pytest.raises(NoAtlas, match=r"^There is no atlas in .* yet: "):
        dioscorides.open(tmp_path)


def test_the_home_from_the_environment(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIOSCORIDES_HOME", str(sample_home))
    assert dioscorides.open().passport("Kymriah").facts["medicine"] == "tisagenlecleucel"
    monkeypatch.setenv("DIOSCORIDES_HOME", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(sample_home / "nowhere"))
    with pytest.raises(NoAtlas):
        dioscorides.open()


def test_sql_gives_polars_frames(sample_atlas: OpenAtlas) -> None:
    frame = sample_atlas.sql(
        "SELECT jurisdiction, date FROM first_authorisation WHERE medicine_id = 'patisiran' ORDER BY date"
    )
    assert isinstance(frame, pl.DataFrame)
    assert frame.schema == {"jurisdiction": pl.String, "date": pl.Date}
    assert frame["jurisdiction"][0] == "US"
    assert {"US", "EU", "FR", "CA"} <= set(frame["jurisdiction"])


def test_every_question_is_a_method(sample_atlas: OpenAtlas) -> None:
    assert {"passport", "registers", "issues"} <= set(question_names())
    assert "answer" not in question_names()
    for name in question_names():
        assert name in dir(sample_atlas)
        assert callable(getattr(sample_atlas, name))
    assert sample_atlas.registers("cz_sukl").facts["name"]
    assert sample_atlas.issues().title == "Issues of all registers"


def test_what_is_no_question(sample_atlas: OpenAtlas) -> None:
    with pytest.raises(AttributeError, match=r"^an atlas has no question 'weather'; it answers .*passport"):
        sample_atlas.weather("today")
    assert not hasattr(sample_atlas, "answer")


def test_answers_have_frames(sample_atlas: OpenAtlas) -> None:
    answer = sample_atlas.passport("Kymriah")
    assert answer.table["jurisdiction"].to_list()[0] == "US"
    assert answer.table.schema["date"] == pl.Date
    assert answer.table.schema["flags"] == pl.List(pl.String)
    assert {"names", "other events", "protection"} <= answer.parts.keys()


def test_an_atlas_is_asked_from_several_threads(sample_atlas: OpenAtlas) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda name: sample_atlas.passport(name).facts["medicine"], ["Kymriah", "Onpattro"] * 20))
    assert found == ["tisagenlecleucel", "patisiran"] * 20


def test_opening_an_atlas_loads_no_more_than_an_answer_needs(sample_home: Path) -> None:
    """A command that must answer at once waits for nothing that it does not use."""
    code = (
        "import sys, dioscorides; dioscorides.open(sys.argv[1]).passport('Kymriah').as_dict(); "
        "unused = ('polars', 'yaml', 'httpx', 'python_calamine', 'rich', 'altair'); "
        "print([name for name in unused if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(sample_home)], capture_output=True, text=True, check=True, env=os.environ
    )
    assert ended.stdout == "[]\n"
