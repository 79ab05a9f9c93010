"""A release is whole or absent, follows from its input alone, and says what it is made of."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import dioscorides
from dioscorides import contract
from dioscorides.atlas.build import BuildError, Built, build
from dioscorides.atlas.home import Home, HomeError
from dioscorides.atlas.records import DONE
from dioscorides.atlas.release import Atlas, NoAtlas, open_current
from dioscorides.facade import OpenAtlas
from dioscorides.registers import catalogue
from tiny import BROKEN_READER, World, contents, environment, product

HERE = Path(__file__).parent
#: Steps at which a build is killed: some anywhere, and the last ones, which publish.
ANYWHERE, LAST = 12, 6


def leftovers(home: Path) -> list[str]:
    """What no build should leave behind."""
    hidden = [path for path in home.rglob(".*") if path.name != ".lock"]
    unfinished = [path for path in (home / "cache").glob("*") if not (path / DONE).exists()]
    partial = [path for path in (home / "releases").glob("*") if not (path / "release.json").exists()]
    return [str(path.relative_to(home)) for path in hidden + unfinished + partial]


def states(home: Path) -> dict[str, tuple[int, int, int]]:
    """Every file and folder of a home with its inode, size and time of change."""
    found = {}
    for path in (home, *home.rglob("*")):
        told = path.stat()
        found[str(path)] = (told.st_ino, told.st_size, told.st_mtime_ns)
    return found


def publish_first(world: World) -> None:
    world.register("us_a")
    world.register("eu_b")
    world.publish("us_a", "2024-01-01", product("1", authorised="2010-01-01", product_name="Alpha"))
    world.publish("eu_b", "2024-01-01", product("1", authorised="2011-05-06", jurisdiction="EU", product_name="Alpha"))


def publish_more(world: World) -> None:
    world.publish(
        "us_a",
        "2024-02-01",
        product("1", authorised="2010-01-01", product_name="Alpha"),
        product("2", authorised="2024-01-15", product_name="Beta", substance="novelin"),
    )


# -- killed, full, unreadable


class Scene:
    """A world with a release in use, a later input, and the releases that the two lead to."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        publish_first(world)
        self.old = world.build().atlas
        self.old_files = contents(self.old.path)
        self.with_old = shutil.copytree(world.home.path, folder / "with old")
        self.without = folder / "without"
        self.without.mkdir()
        publish_more(world)
        self.new = world.build().atlas
        self.new_files = contents(self.new.path)
        self.cache = sorted(path.name for path in world.home.cache.iterdir())

    def run(self, script: str, *arguments: object, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """A script of this folder, in a process that finds the world's registers."""
        return subprocess.run(
            [*before, sys.executable, str(HERE / script), *map(str, arguments)],
            env=environment(self.world.site),
            capture_output=True,
            text=True,
            check=False,
        )

    def killed_at(self, step: int, start: Path) -> Path:
        """A copy of the home `start` in which a build was killed at its n-th step."""
        home = shutil.copytree(start, self.folder / f"{start.name} {step}")
        ended = self.run("dying.py", home, self.world.mirror, step)
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        return home


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    with World(folder / "world") as world:
        yield Scene(world, folder)


@pytest.fixture(scope="module")
def killed(scene: Scene) -> list[tuple[Path, Path, int]]:
    """Homes in which a build was killed, with the home that it began in and the step at which it died."""
    wanted = []
    for start in (scene.with_old, scene.without):
        counting = scene.run("dying.py", shutil.copytree(start, scene.folder / f"{start.name} counted"),
                             scene.world.mirror, 0)  # fmt: skip
        steps = int(counting.stdout)
        chance = random.Random(start.name)
        anywhere = chance.sample(range(1, steps - LAST), ANYWHERE if start == scene.with_old else ANYWHERE // 3)
        wanted += [(start, step) for step in (*anywhere, *range(steps - LAST, steps + 1))]
    with ThreadPoolExecutor(2) as pool:
        homes = list(pool.map(lambda pair: scene.killed_at(pair[1], pair[0]), wanted))
    # the steps really cover reading, making tables, and publishing before and after the switch
    assert any(list((home / "cache").glob(".*")) for home in homes)
    assert any(list((home / "releases").glob(".building-*/*.parquet")) for home in homes)
    assert any(list((home / "releases").glob(".building-*/release.json")) for home in homes)
    assert {len(list((home / "releases").glob("*-*-*"))) for home in homes} == {0, 1, 2}
    return [(home, start, step) for home, (start, step) in zip(homes, wanted, strict=True)]


@pytest.mark.parametrize("at", range(ANYWHERE + ANYWHERE // 3 + 2 * (LAST + 1)))
def test_a_build_that_is_killed_leaves_the_release_in_use_and_the_next_build_succeeds(
    scene: Scene, killed: list[tuple[Path, Path, int]], at: int
) -> None:
    home, start, _ = killed[at]
    if start == scene.without and not (home / "current").exists():
        with pytest.raises(NoAtlas, match=r"There is no atlas in .* yet"):
            open_current(Home.of(home))
    else:
        atlas = open_current(Home.of(home))
        expected = scene.new if atlas.release == scene.new.release else scene.old
        files = scene.new_files if atlas.release == scene.new.release else scene.old_files
        assert atlas.release == expected.release
        assert contents(atlas.path) == files
        assert OpenAtlas(atlas.path).passport("Alpha").table["jurisdiction"].to_list() == ["US", "EU"]

    again = build(Home.of(home), mirror=scene.world.mirror)
    assert again.failures == []
    assert open_current(Home.of(home)).release == scene.new.release
    assert contents(again.atlas.path) == scene.new_files
    assert leftovers(home) == []
    assert sorted(path.name for path in (home / "cache").iterdir()) == scene.cache
    assert not build(Home.of(home), mirror=scene.world.mirror).made


def cramped(scene: Scene, what: str, sizes: list[int], before: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    ended = scene.run("cramped.py", what, scene.with_old, scene.world.mirror, *sizes, before=before)
    assert ended.returncode == 0, ended.stderr
    result: list[dict[str, Any]] = json.loads(ended.stdout)
    return result


def check_cramped(scene: Scene, told: list[dict[str, Any]]) -> None:
    new = [scene.new.release, told[-1]["roomy"][1]]
    for one in told:
        if one["said"].startswith("built"):
            assert one["cramped"] == new
        else:
            assert one["said"].startswith("BuildError: The build stopped: ")
            assert one["said"].endswith(
                "The release in use is untouched; make room or check the permissions, then build again."
            )
            assert one["cramped"][0] == scene.old.release
        assert one["roomy"] == new
        assert one["left"] == []


def test_a_full_disk_leaves_the_release_in_use(scene: Scene) -> None:
    namespace = ("unshare", "--user", "--map-root-user", "--mount")
    if not succeeds(*namespace, "sh", "-c", 'mount -t tmpfs tmpfs "$(mktemp -d)"'):
        pytest.skip("no small filesystem can be mounted here; limits on files are tested below")
    told = cramped(scene, "disk", [size * 1024 for size in range(0, 260, 20)], before=namespace)
    check_cramped(scene, told)
    assert "No space left on device" in told[0]["said"]
    assert {"cache", "releases"} <= {part for one in told for part in one["said"].split("/")}


def test_a_file_that_cannot_be_written_whole_leaves_the_release_in_use(scene: Scene) -> None:
    told = cramped(scene, "files", [1, 500, 2000, 4000, 5000, 6000, 8000, 12_000, 10**7])
    check_cramped(scene, told)
    assert "File too large" in told[0]["said"]
    assert told[-1]["said"].startswith("built")


def test_a_file_that_cannot_be_read_keeps_no_other_register_out(world: World) -> None:
    publish_first(world)
    (world.mirror / "us_a" / "2024-01-01" / "event.csv").unlink()
    (world.mirror / "us_a" / "2024-01-01" / "event.csv").symlink_to(world.mirror / "gone.csv")
    built = world.build()
    assert built.failures == [
        "us_a 2024-01-01: event.csv cannot be read (No such file or directory); check its permissions and the disk."
    ]
    assert built.atlas.sql("SELECT DISTINCT register FROM authorisation")["register"].to_list() == ["eu_b"]
    issue = built.atlas.sql("SELECT register, snapshot, value FROM issue WHERE kind = 'unreadable_snapshot'")
    (told,) = issue.rows()
    assert told[:2] == ("us_a", date(2024, 1, 1))
    assert "event.csv cannot be read" in told[2]
    assert built.atlas.manifest["unreadable"] == built.failures


def test_a_file_without_permission_is_named(scene: Scene, tmp_path: Path) -> None:
    mirror = shutil.copytree(scene.world.mirror, tmp_path / "mirror")
    (mirror / "us_a" / "2024-02-01" / "event.csv").chmod(0)
    # permissions do not bind root, unless it is in a namespace of its own
    without_power = ("unshare", "--user") if os.getuid() == 0 else ()
    if without_power and not succeeds(*without_power, "true"):
        pytest.skip("root, and no namespace in which it is not")
    ended = scene.run("failures.py", shutil.copytree(scene.with_old, tmp_path / "home"), mirror, before=without_power)
    assert ended.stdout == (
        "us_a 2024-02-01: event.csv cannot be read (Permission denied); check its permissions and the disk. "
        "The snapshot of 2024-01-01 stays in use.\n"
    ), ended.stderr


def succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def test_a_damaged_archive_keeps_no_other_snapshot_out(world: World) -> None:
    publish_first(world)
    publish_more(world)
    packed = world.mirror / "us_a" / "2024-02-01"
    with zipfile.ZipFile(packed / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(packed.glob("*.csv")):
            archive.write(path, path.name)
            path.unlink()
    whole = world.build()
    assert whole.failures == []
    assert len(whole.atlas.sql("SELECT * FROM authorisation")) == 3

    (packed / "all.zip").write_bytes((packed / "all.zip").read_bytes()[:-200])
    damaged = world.build()
    (told,) = damaged.failures
    assert told.startswith("us_a 2024-02-01: all.zip is damaged or cut short (")
    assert told.endswith("tell its publisher. The snapshot of 2024-01-01 stays in use.")
    assert len(damaged.atlas.sql("SELECT * FROM authorisation")) == 2
    (issue,) = damaged.atlas.sql("SELECT * FROM issue WHERE kind = 'unreadable_snapshot'").to_dicts()
    assert (issue["register"], issue["snapshot"]) == ("us_a", date(2024, 1, 1).replace(month=2))


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        (BROKEN_READER, "its reader failed (KeyError: 'a column that the reader forgot'); please report it"),
        ("def read(source):\n    source.rows('authorisation')\n", "never said what the rows of authorisation belong"),
        ("import nothing_of_this_name\n", "its reader failed (ModuleNotFoundError"),
    ],
)
def test_a_reader_that_fails_keeps_no_other_register_out(world: World, reader: str, said: str) -> None:
    world.register("us_a")
    world.register("xx_broken", reader=reader)
    world.publish("us_a", "2024-01-01", product("1", authorised="2010-01-01"))
    world.publish("xx_broken", "2024-01-01", product("1", authorised="2010-01-01"))
    built = world.build()
    (failure,) = built.failures
    assert failure.startswith("xx_broken 2024-01-01: ")
    assert said in failure
    assert built.atlas.sql("SELECT register FROM first_authorisation")["register"].to_list() == ["us_a"]
    assert not world.build().made


def test_when_no_snapshot_can_be_read_the_release_in_use_stays(world: World) -> None:
    publish_first(world)
    before = world.build().atlas.release
    for path in world.mirror.glob("*/*"):
        (path / "more.zip").write_bytes(b"PK\x03\x04 and no more")
    said = r"^No snapshot could be read: eu_b 2024-01-01: more.zip is damaged .*; us_a 2024-01-01: more.zip is damaged"
    with pytest.raises(BuildError, match=said):
        world.build()
    assert open_current(world.home).release == before


def test_two_builds_do_not_get_in_each_others_way(world: World) -> None:
    publish_first(world)
    refused: list[str] = []

    def meanwhile(*_: object) -> None:
        if not refused:
            with pytest.raises(HomeError) as told:
                world.build()
            refused.append(str(told.value))

    built = world.build(progress=meanwhile)
    assert refused == [f"Another build is under way in {world.home.path}: wait for it to end."]
    assert not world.build().made
    assert leftovers(world.home.path) == []
    assert len(built.atlas.sql("SELECT * FROM first_authorisation")) == 2


def test_readers_of_a_release_notice_nothing_of_a_new_one(world: World) -> None:
    publish_first(world)
    reader = dioscorides.open(world.build().atlas.path.parents[1])
    unopened = open_current(world.home)
    before = reader.sql("SELECT * FROM authorisation")
    publish_more(world)

    seen = []

    def read(*_: object) -> None:
        seen.append(reader.sql("SELECT * FROM authorisation").equals(before))

    new = world.build(progress=read).atlas
    assert new.release != reader.release
    assert len(seen) > 3
    assert all(seen)
    assert reader.sql("SELECT * FROM authorisation").equals(before)
    assert [snapshot["snapshot"] for snapshot in reader.manifest["inputs"]] == ["2024-01-01", "2024-01-01"]
    assert len(unopened.sql("SELECT * FROM authorisation")) == 2
    assert len(open_current(world.home).sql("SELECT * FROM authorisation")) == 3


# -- what follows from what


def test_a_rebuild_of_the_same_touches_nothing(world: World) -> None:
    publish_first(world)
    first = world.build()
    before = states(world.home.path)
    steps: list[str] = []
    again = world.build(progress=lambda step, *_: steps.append(step))
    assert first.made
    assert not again.made
    assert again.atlas.release == first.atlas.release
    assert not [step for step in steps if step.startswith("table")]
    assert states(world.home.path) == before


def test_going_back_to_an_earlier_input_takes_up_its_release(world: World) -> None:
    publish_first(world)
    old = world.build().atlas
    publish_more(world)
    assert world.build().made
    shutil.rmtree(world.mirror / "us_a" / "2024-02-01")
    again = world.build()
    assert not again.made
    assert open_current(world.home).release == old.release


def test_only_a_changed_snapshot_is_read_again(world: World) -> None:
    publish_first(world)
    publish_more(world)
    first = world.build()
    before = {path.name: states(path) for path in world.home.cache.iterdir()}
    assert sorted(name.rsplit("-", 1)[0] for name in before) == [
        "eu_b-2024-01-01",
        "us_a-2024-01-01",
        "us_a-2024-02-01",
    ]

    world.publish("us_a", "2024-02-01", product("1", authorised="2010-01-01", product_name="Alpha Neo"))
    again = world.build()
    after = {path.name: states(path) for path in world.home.cache.iterdir()}
    assert again.made
    assert again.atlas.release != first.atlas.release
    assert len(after) == 3
    assert {name for name in after if after[name] == before.get(name)} == {
        name for name in before if not name.startswith("us_a-2024-02-01")
    }


def test_a_changed_reader_reads_its_register_again(world: World) -> None:
    publish_first(world)
    world.build()
    before = {path.name for path in world.home.cache.iterdir()}
    (reader,) = world.site.glob("tiny_*_us_a/reader.py")
    reader.write_text(reader.read_text() + "\n# another edition\n")
    again = world.build()
    after = {path.name for path in world.home.cache.iterdir()}
    assert again.made
    assert set(before & after) == {name for name in before if name.startswith("eu_b")}


def test_two_builds_of_the_same_input_are_alike_to_the_byte(tmp_path: Path, sample_home: Path) -> None:
    one, two = (Home.of(home) for home in (sample_home, tmp_path / "another home"))
    again = build(two, sample=True)
    assert again.made
    assert contents(again.atlas.path) == contents(open_current(one).path)


def test_the_order_in_which_files_came_does_not_matter(tmp_path: Path) -> None:
    releases = []
    for name, reverse in (("forward", False), ("backward", True)):
        with World(tmp_path / name) as world:
            publish_first(world)
            publish_more(world)
            everything = sorted(contents(world.mirror).items(), reverse=reverse)
            mirror = tmp_path / name / "copied"
            for path, data in everything:
                (mirror / path).parent.mkdir(parents=True, exist_ok=True)
                (mirror / path).write_bytes(data)
            world.mirror = mirror
            releases.append(tables(world.build()))
    assert releases[0] == releases[1]


def tables(built: Built) -> dict[str, bytes]:
    return {name: data for name, data in contents(built.atlas.path).items() if name.endswith(".parquet")}


def test_a_build_of_some_registers_holds_these_alone(world: World) -> None:
    publish_first(world)
    built = world.build(only=["eu_b"])
    assert built.atlas.sql("SELECT DISTINCT register FROM register")["register"].to_list() == ["eu_b"]


# -- what a release says of itself


@pytest.fixture(scope="module", params=["sample", "real"])
def released(request: pytest.FixtureRequest) -> Atlas:
    atlas: Atlas = request.getfixturevalue(f"{request.param}_atlas")
    return atlas


def test_each_table_has_the_columns_of_the_contract(released: Atlas) -> None:
    assert released.tables == sorted(contract.ATLAS)
    for name, table in contract.ATLAS.items():
        assert pl.read_parquet_schema(released.path / f"{name}.parquet") == table.schema(), name


def test_coded_columns_hold_codes_of_the_contract(released: Atlas) -> None:
    for name, table in contract.ATLAS.items():
        frame = pl.read_parquet(released.path / f"{name}.parquet")
        for column in table.columns:
            if column.codes:
                values = frame[column.name].explode(empty_as_null=True) if column.type == "list" else frame[column.name]
                assert set(values.drop_nulls().unique()) <= set(column.codes), (name, column.name)


def test_release_json_names_the_inputs_and_counts_the_tables(released: Atlas, request: pytest.FixtureRequest) -> None:
    manifest = json.loads((released.path / "release.json").read_text(encoding="utf-8"))
    assert manifest["release"] == released.release == released.path.name
    assert manifest["program"] == {
        "name": "dioscorides", "version": dioscorides.__version__, "contract": contract.VERSION,
    }  # fmt: skip
    assert manifest["unreadable"] == []
    known = catalogue()
    read = released.sql("SELECT register, snapshot FROM register ORDER BY register, snapshot")
    assert [(one["register"], one["snapshot"]) for one in manifest["inputs"]] == [
        (register, snapshot.isoformat()) for register, snapshot in read.rows()
    ]
    sample = "sample" in request.node.name
    for one in manifest["inputs"]:
        register = known[one["register"]]
        root = register.sample.parent / "sample" if sample else request.getfixturevalue("registers_dir") / register.id
        folder = root / one["snapshot"]
        assert {file["name"]: file["sha256"] for file in one["files"]} == {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file() and path.name != "manifest.json"
        }
        card = register.metadata
        assert one["publisher"] == card.publisher
        assert one["licence"] == {
            "name": card.licence, "url": card.licence_url, "confirmed": card.licence_confirmed,
            "open": card.open_licence,
        }  # fmt: skip
        issues = released.sql(
            f"SELECT count(*) AS n FROM issue WHERE register = '{one['register']}' AND snapshot = '{one['snapshot']}' "
            "AND \"where\" NOT LIKE 'identity.%'"
        )
        assert one["issues"] == issues["n"][0]
    assert manifest["tables"].keys() == contract.ATLAS.keys()
    for name, table in manifest["tables"].items():
        assert table["rows"] == pl.read_parquet(released.path / f"{name}.parquet").height, name
    assert manifest["issues"] == manifest["tables"]["issue"]["rows"]


def test_datapackage_json_describes_every_table_and_column(released: Atlas) -> None:
    package = json.loads((released.path / "datapackage.json").read_text(encoding="utf-8"))
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert package["name"] == f"dioscorides-{released.release}"
    assert {source["title"] for source in package["sources"]} == {
        f"{catalogue()[one['register']].metadata.name}, {one['publisher']}" for one in released.manifest["inputs"]
    }
    assert {(one["title"], one["path"]) for one in package["licenses"]} == {
        (one["licence"]["name"], one["licence"]["url"]) for one in released.manifest["inputs"]
    }
    assert sorted(resource["path"] for resource in package["resources"]) == [
        f"{name}.parquet" for name in sorted(contract.ATLAS)
    ]
    frictionless = {
        "text": "string", "date": "date", "int": "integer", "float": "number", "bool": "boolean", "list": "list",
    }  # fmt: skip
    for resource in package["resources"]:
        table = contract.ATLAS[resource["path"].removesuffix(".parquet")]
        assert (released.path / resource["path"]).is_file()
        assert table.grain in resource["description"]
        assert [(one["name"], one["type"], one["description"]) for one in resource["schema"]["fields"]] == [
            (column.name, frictionless[column.type], column.meaning) for column in table.columns
        ]
        for field, column in zip(resource["schema"]["fields"], table.columns, strict=True):
            assert column.meaning
            if column.codes and column.type == "text":
                assert field["constraints"]["enum"] == list(column.codes)


def test_every_link_leads_somewhere(released: Atlas) -> None:
    """Ids of substances, medicines, organisations and judgements that a table names stand in their tables."""
    for table, column, target, key in (
        ("authorisation", "medicine_id", "medicine", "medicine_id"),
        ("authorisation", "holder_id", "organisation", "organisation_id"),
        ("event", "medicine_id", "medicine", "medicine_id"),
        ("first_authorisation", "medicine_id", "medicine", "medicine_id"),
        ("search", "medicine_id", "medicine", "medicine_id"),
        ("ingredient", "substance_id", "substance", "substance_id"),
        ("ingredient", "moiety_id", "substance", "substance_id"),
        ("ingredient", "judgement_id", "judgement", "judgement_id"),
        ("substance", "base_substance_id", "substance", "substance_id"),
        ("substance_name", "substance_id", "substance", "substance_id"),
        ("substance_name", "judgement_id", "judgement", "judgement_id"),
        ("organisation_name", "organisation_id", "organisation", "organisation_id"),
        ("organisation_name", "judgement_id", "judgement", "judgement_id"),
    ):
        named = released.sql(f'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL').to_series()
        if table == "ingredient" and target == "substance":  # a name may stand for several substances
            named = named.str.split("+").explode().unique()
        there = released.sql(f'SELECT "{key}" FROM "{target}"').to_series()
        assert set(named) <= set(there), (table, column)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("register", ("register", "snapshot")),
        ("substance", ("substance_id",)),
        ("medicine", ("medicine_id",)),
        ("authorisation", ("register", "record_id")),
        ("designation", ("register", "record_id")),
        ("first_authorisation", ("medicine_id", "jurisdiction")),
        ("organisation", ("organisation_id",)),
        ("judgement", ("judgement_id",)),
        ("search", ("key", "medicine_id", "kind")),
        ("change", ("register", "from", "record_id", "kind")),
    ],
)
def test_the_grain_of_a_table_is_what_it_says(released: Atlas, table: str, key: tuple[str, ...]) -> None:
    frame = pl.read_parquet(released.path / f"{table}.parquet")
    assert frame.select(key).is_unique().all()


def test_the_register_table_says_what_became_of_the_rows(released: Atlas) -> None:
    register = released.sql("SELECT * FROM register")
    assert register["rows"].to_list() == [sum(each) for each in register.select(pl.col("^rows_.*$")).rows()]
    files = released.sql(
        "SELECT register, snapshot, CAST(sum(rows) AS BIGINT) AS rows FROM register_file GROUP BY ALL ORDER BY ALL"
    )
    assert_frame_equal(register.select("register", "snapshot", "rows").sort("register", "snapshot"), files)
    newest = register.group_by("register").agg(pl.col("snapshot").max()).sort("register")
    assert_frame_equal(register.filter("current").select("register", "snapshot").sort("register"), newest)
    quarantined = released.sql(
        "SELECT register, snapshot, count(*) AS n FROM quarantine GROUP BY ALL ORDER BY register, snapshot"
    )
    told = register.filter(pl.col("rows_quarantined") > 0).sort("register", "snapshot")
    assert told["rows_quarantined"].to_list() == quarantined["n"].to_list()


# -- wrong usage


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(HomeError, match=rf"^{file} is a file: give --home a folder\.$"):
        dioscorides.build(file, sample=True)
    with pytest.raises(HomeError, match=r"cannot be written \(Not a directory\): choose another --home\.$"):
        dioscorides.build(file / "below", sample=True)


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match=r"cannot be written \(.*\): choose another --home\.$"):
        dioscorides.build("/proc/dioscorides", sample=True)
    home = Home.of(tmp_path)
    home.make()
    (tmp_path / ".lock").mkdir()
    with pytest.raises(HomeError, match=r"cannot be written \(Is a directory\): choose another --home\.$"):
        build(home, sample=True)


def test_a_mirror_that_is_missing_or_empty(tmp_path: Path) -> None:
    with pytest.raises(
        BuildError, match=r"^There is no folder .*gone with snapshots; run `dioscorides fetch`, or name"
    ):
        dioscorides.build(tmp_path / "home", mirror=tmp_path / "gone")
    (tmp_path / "empty").mkdir()
    said = (
        r"^No snapshot of a known register in .*empty: a mirror holds <register>/<YYYY-MM-DD>/<files as published>\.$"
    )
    with pytest.raises(BuildError, match=said):
        dioscorides.build(tmp_path / "home", mirror=tmp_path / "empty")
    (tmp_path / "empty" / "us_fda_orange_book" / "yesterday").mkdir(parents=True)
    (tmp_path / "empty" / "xx_unknown" / "2024-01-01").mkdir(parents=True)
    with pytest.raises(BuildError, match=said):
        dioscorides.build(tmp_path / "home", mirror=tmp_path / "empty")
    assert not (tmp_path / "home").exists()


def test_nothing_fetched_yet(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"^There are no snapshots in .* yet: run `dioscorides fetch` first, or"):
        dioscorides.build(tmp_path)


def test_an_unknown_register(tmp_path: Path) -> None:
    said = r"^No register is called us_fda_orange_bok; `dioscorides registers` lists them\.$"
    with pytest.raises(BuildError, match=said):
        dioscorides.build(tmp_path, sample=True, only=["us_fda_orange_bok", "cz_sukl"])


@pytest.mark.parametrize("pointer", ["", "2020-01-01-000000000000", "../..", "."])
def test_a_home_whose_current_leads_nowhere(tmp_path: Path, pointer: str) -> None:
    (tmp_path / "current").write_text(pointer)
    with pytest.raises(NoAtlas, match=r"^There is no atlas in .* yet: run `dioscorides build --sample`, or"):
        dioscorides.open(tmp_path)


def test_a_release_whose_manifest_is_gone_is_made_anew(world: World) -> None:
    publish_first(world)
    built = world.build()
    before = contents(built.atlas.path)
    (built.atlas.path / "release.json").unlink()
    (built.atlas.path / "search.parquet").unlink()
    assert world.build().made
    assert contents(open_current(world.home).path) == before
