"""Names are worked out beside the reading and remembered from build to build; neither shows in a release."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from dioscorides.atlas import naming
from dioscorides.atlas.build import Built
from dioscorides.atlas.records import DONE
from tiny import Row, World, contents, environment, product

DAY = "2024-01-01"
NAMES = [
    ("1", "imatinib", "en", "inn"), ("1", "imatinibum", "la", "inn"), ("1", "иматиниб", "ru", "national"),
    ("2", "imatinib mesilate", "en", "synonym"), ("3", "nilotinib", "en", "inn"), ("4", "dasatinib", "en", "inn"),
]  # fmt: skip


def told(names: list[tuple[str, str, str, str]]) -> list[Row]:
    return [
        {"id": code, "code": code, "name": name, "language": language, "script": "Latn", "kind": kind}
        for code, name, language, kind in names
    ]


def publish(world: World, *, hint: bool = True) -> None:
    world.register("xx_names", coverage={"population": "Names.", "closed_world": False, "names": hint})
    world.register("us_a")
    world.register("eu_b")
    world.publish("xx_names", DAY, name=told(NAMES))
    sold = [("Imatinib mesilate", "Glivex 100 mg"), ("IMATINIB", "Glivex"), ("nilotinib+dasatinib", "Both"),
            ("nilotinibe", "Slip")]  # fmt: skip
    products = [
        product(str(at), authorised="2010-01-01", substance=substance, product_name=brand)
        for at, (substance, brand) in enumerate(sold)
    ]
    world.publish("us_a", DAY, *products)
    world.publish("eu_b", DAY, product("1", authorised="2011-05-06", substance="Glivex", jurisdiction="EU"))


def change(world: World) -> None:
    world.publish("eu_b", DAY, product("1", authorised="2011-05-06", substance="dasatinib", jurisdiction="EU"),
                  product("2", authorised="2012-05-06", substance="imatinibb", jurisdiction="EU"))  # fmt: skip


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "WORTH_A_PROCESS", 0)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        publish(world)
        yield world


def files(built: Built) -> dict[str, bytes]:
    return contents(built.atlas.path)


def tables(built: Built) -> dict[str, bytes]:
    return {name: data for name, data in files(built).items() if not name.endswith(".json")}


def anew(world: World, folder: Path) -> dict[str, bytes]:
    """The release of a build in a home of its own, in this process alone."""
    kept, world.home = world.home, type(world.home).of(folder)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(naming, "WORTH_A_PROCESS", 10**12)
            return files(world.build())
    finally:
        world.home = kept


def memory(world: World) -> Path:
    (found,) = world.home.cache.glob("names-*")
    return found


@pytest.mark.usefixtures("beside")
def test_a_release_made_with_a_process_beside_is_the_same_to_the_byte(two: World, tmp_path: Path) -> None:
    built = two.build()
    assert memory(two).is_dir()
    assert files(built) == anew(two, tmp_path / "anew")
    assert built.atlas.names.resolve(["Иматиниб"])["substance_id"].to_list() == ["imatinib"]


@pytest.mark.usefixtures("beside")
def test_that_a_register_is_an_authority_of_names_is_a_hint_alone(tmp_path: Path) -> None:
    with World(tmp_path / "hint") as world:
        publish(world)
        told_before = tables(world.build())
    with World(tmp_path / "none") as world:
        publish(world, hint=False)
        assert tables(world.build()) == told_before


@pytest.mark.usefixtures("beside")
def test_what_is_remembered_changes_nothing(two: World, tmp_path: Path) -> None:
    two.build()
    before = memory(two)
    change(two)
    again = two.build()
    assert memory(two).name == before.name, "the names of authorities are what they were"
    assert files(again) == anew(two, tmp_path / "anew")


@pytest.mark.usefixtures("beside")
def test_other_names_of_authorities_are_another_memory(two: World, tmp_path: Path) -> None:
    two.build()
    before = memory(two)
    two.publish("xx_names", DAY, name=told([*NAMES, ("5", "novelinib", "en", "inn")]))
    again = two.build()
    assert memory(two).name != before.name
    assert files(again) == anew(two, tmp_path / "anew")
    assert "novelinib" in again.atlas.sql("SELECT substance_id FROM substance")["substance_id"]


@pytest.mark.usefixtures("beside")
@pytest.mark.parametrize("file", ["dictionary", "answers", DONE])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_a_damaged_memory_is_not_trusted(two: World, tmp_path: Path, file: str, damage: str) -> None:
    two.build()
    spoil(memory(two) / file, damage)
    change(two)
    assert files(two.build()) == anew(two, tmp_path / "anew")


@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_damaged_records_are_read_again(two: World, tmp_path: Path, damage: str) -> None:
    two.build()
    (kept,) = two.home.cache.glob("us_a-*")
    spoil(kept / "ingredient.parquet", damage)
    change(two)
    assert files(two.build()) == anew(two, tmp_path / "anew")
    assert pl.read_parquet(kept / "ingredient.parquet").height == 5


def spoil(path: Path, damage: str) -> None:
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


@pytest.mark.usefixtures("beside")
@pytest.mark.parametrize(
    "serve", ["raise SystemExit", "import sys; sys.stdout.write('no pickle'); sys.stdout.flush(); sys.stdin.read()"]
)
def test_a_process_that_fails_is_done_without(
    two: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve: str
) -> None:
    monkeypatch.setattr(naming, "SERVE", serve)
    assert files(two.build()) == anew(two, tmp_path / "anew")


@pytest.mark.usefixtures("beside")
def test_no_program_to_start_is_done_without(two: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    assert files(two.build()) == anew(two, tmp_path / "anew")


KILLED = """
import os, signal, sys
from pathlib import Path
from dioscorides.atlas import naming
from dioscorides.atlas.build import build
from dioscorides.atlas.home import Home
naming.WORTH_A_PROCESS = 0
link = naming.Beside.link
def die(self, records):
    self._ask("link", [])
    print(self._process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
naming.Beside.link = die
build(Home.of(sys.argv[1]), mirror=Path(sys.argv[2]))
"""


def test_the_process_beside_ends_with_the_build(two: World) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, two.home.path, two.mirror],
        env=environment(two.site), stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL
    other = Path("/proc") / ended.stdout.strip()
    deadline = time.monotonic() + 60
    while other.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not other.exists()
    assert two.build().failures == []
