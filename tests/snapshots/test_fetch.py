"""A register's snapshot comes whole from a server that may misbehave, or the last good one stays."""

from __future__ import annotations

import datetime
import gzip
import io
import json
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.utils import format_datetime
from pathlib import Path
from threading import Event
from typing import Any

import httpcore
import httpx
import pytest
from server import LONG_AGO, Answer, Server, declaring, endless, file, page, redirect, stalling, status

from dioscorides.snapshots.fetch import Client, FetchError, Progress, SourceFile, fetch
from dioscorides.snapshots.store import Snapshot, SnapshotError, Store, verify

REGISTER = "us_fda_orange_book"
MONDAY = datetime.date(2026, 3, 2)
TUESDAY = datetime.date(2026, 3, 3)
TABLE = b"Ingredient~Trade_Name\n" + b"".join(b"SUBSTANCE %d~BRAND %d\n" % (n, n) for n in range(20_000))
CHANGED = TABLE + b"NEW~ONE\n"


class World:
    """A server, a store and a clock that only sleeping moves."""

    def __init__(self, server: Server, root: Path) -> None:
        self.server, self.store = server, Store(root)
        self.time = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)
        self.slept: list[float] = []
        self.told: list[Progress] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += datetime.timedelta(seconds=seconds)

    def client(self, **options: Any) -> Client:
        wanted = {"allow_hosts": [self.server.netloc], "min_interval": 0.0, "jitter": lambda: 0.5, **options}
        return Client("1.2.3", now=lambda: self.time, sleep=self.sleep, **wanted)

    def fetch(self, *sources: SourceFile, today: datetime.date = TUESDAY, **options: Any) -> Snapshot:
        with self.client(**options) as client:
            return fetch(REGISTER, sources, self.store, client=client, today=today, progress=self.told.append)

    def messages(self) -> list[str]:
        return [progress.message for progress in self.told if progress.message]

    def source(self, *answers: Answer, expect: str = "text", name: str = "products.txt", **wanted: Any) -> SourceFile:
        return SourceFile(self.server.at(f"/{name}", *answers), name, expect, **wanted)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Server() as server:
        yield World(server, tmp_path / "store")


@pytest.fixture
def monday(world: World) -> Snapshot:
    """A good snapshot of the day before, fetched as a user would have."""
    return world.fetch(world.source(file(TABLE, '"one"')), today=MONDAY)


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def refusal(world: World, *sources: SourceFile, **options: Any) -> str:
    """The message of a refused fetch, after which Monday's snapshot is the only one and unharmed."""
    with pytest.raises(FetchError) as refused:
        world.fetch(*sources, **options)
    (kept,) = world.store.snapshots(REGISTER)
    assert kept.date == MONDAY
    assert verify(kept) == []
    assert "The snapshot of 2026-03-02 is untouched." in str(refused.value)
    return str(refused.value)


def test_a_snapshot_is_the_files_and_a_manifest_that_vouches_for_them(world: World) -> None:
    table = world.source(file(TABLE, '"one"', LONG_AGO), expect="csv", contains=b"Trade_Name", min_bytes=100_000)
    archive = world.source(
        file(zipped({"drug.txt": b"1,2\n"})), expect="zip", name="allfiles.zip", contains=b"drug.txt"
    )

    snapshot = world.fetch(table, archive)

    assert sorted(path.name for path in snapshot.path.iterdir()) == ["allfiles.zip", "manifest.json", "products.txt"]
    assert (snapshot.path / "products.txt").read_bytes() == TABLE
    assert verify(snapshot) == []
    manifest = snapshot.manifest()
    assert manifest is not None
    assert (manifest["register"], manifest["date"]) == (REGISTER, "2026-03-03")
    assert manifest["files"][0] == {
        "name": "products.txt",
        "bytes": len(TABLE),
        "sha256": snapshot.checksums()["products.txt"],
        "url": table.url,
        "etag": '"one"',
        "last_modified": LONG_AGO,
        "retrieved_at": "2026-03-02T09:00:00+00:00",
    }
    assert set(world.server.asked("User-Agent")) == {"dioscorides/1.2.3"}
    assert world.told[-1].message == "new snapshot of 2026-03-03"
    assert max(progress.received for progress in world.told if progress.total) == len(TABLE)


def test_a_broken_download_goes_on_where_it_stopped(world: World) -> None:
    snapshot = world.fetch(world.source(file(TABLE, '"one"', cut_at=100_000), file(TABLE, '"one"')))

    assert (snapshot.path / "products.txt").read_bytes() == TABLE
    assert world.server.asked("Range") == [None, "bytes=100000-"]
    assert world.server.asked("If-Range") == [None, '"one"']
    assert world.slept == [1.0]
    assert "trying again in 1 s" in world.messages()[0]


def test_a_last_modified_date_proves_a_file_too_when_it_is_old_enough(world: World) -> None:
    world.fetch(world.source(file(TABLE, modified=LONG_AGO, cut_at=100_000), file(TABLE, modified=LONG_AGO)))

    assert world.server.asked("If-Range") == [None, LONG_AGO]


@pytest.mark.parametrize(
    ("first", "then", "asked"),
    [
        pytest.param(
            file(TABLE, '"one"', cut_at=1000),
            file(TABLE, '"one"', knows_ranges=False),
            "bytes=1000-",
            id="ignores Range",
        ),
        pytest.param(file(CHANGED, '"one"', cut_at=1000), file(TABLE, '"two"'), "bytes=1000-", id="changed in between"),
        pytest.param(
            file(CHANGED, '"one"', cut_at=1000), file(TABLE, '"two"', knows_if_range=False), None, id="ignores If-Range"
        ),
        pytest.param(file(TABLE, cut_at=1000), file(TABLE), None, id="says nothing to prove the file by"),
        pytest.param(file(TABLE, 'W/"one"', cut_at=1000), file(TABLE, 'W/"one"'), None, id="weak ETag"),
    ],
)
def test_a_download_that_cannot_go_on_starts_over(world: World, first: Answer, then: Answer, asked: str | None) -> None:
    snapshot = world.fetch(world.source(first, then))

    assert (snapshot.path / "products.txt").read_bytes() == TABLE
    assert world.server.asked("Range")[-1] == asked


def test_a_busy_server_is_asked_again_when_it_says(world: World) -> None:
    half_a_minute_on = format_datetime(world.time + datetime.timedelta(seconds=30), usegmt=True)
    world.fetch(
        world.source(
            status(503, {"Retry-After": "7"}),
            status(429, {"Retry-After": half_a_minute_on}),
            status(500),
            file(TABLE),
        )
    )

    # 7 seconds as asked, then up to the date asked for, then the back-off of a third try.
    assert world.slept == [7.0, 23.0, 4.0]
    assert world.messages()[0] == "the server answers 503 Service Unavailable; trying again in 7 s"


def test_a_server_that_stays_busy_is_left_alone_after_five_tries(world: World, monday: Snapshot) -> None:
    world.server.seen.clear()
    said = refusal(world, world.source(status(503)))

    assert len(world.server.seen) == 5
    assert world.slept == [1.0, 2.0, 4.0, 8.0]
    assert "the server answers 503 Service Unavailable, 5 times over; fetch again later" in said


def test_a_long_wait_is_left_to_the_user(world: World, monday: Snapshot) -> None:
    said = refusal(world, world.source(status(429, {"Retry-After": "3600"})))

    assert "asks to wait 3,600 seconds; fetch again after that" in said
    assert world.slept == []


def test_requests_to_one_host_keep_a_pace(world: World) -> None:
    sources = [world.source(file(TABLE), name=f"{n}.txt") for n in range(3)]
    world.fetch(*sources, min_interval=2.0)

    assert world.slept == [2.0, 2.0]


def test_nothing_new_makes_no_new_snapshot(world: World, monday: Snapshot) -> None:
    world.server.seen.clear()
    assert world.fetch(world.source(file(TABLE, '"one"'))) == monday
    assert world.server.asked("If-None-Match") == ['"one"']
    assert world.told[-1].message == "unchanged since the snapshot of 2026-03-02"

    assert world.fetch(world.source(file(TABLE, '"renamed"'))) == monday, "a new ETag on the old bytes is nothing new"
    assert [path.name for path in monday.path.parent.iterdir() if "2026" in path.name] == ["2026-03-02"]


def test_one_new_file_makes_a_whole_new_snapshot(world: World) -> None:
    patents = world.source(file(b"Patent_No\n1\n", modified=LONG_AGO), name="patent.txt")
    before = world.fetch(world.source(file(TABLE, '"one"')), patents, today=MONDAY)
    after = world.fetch(world.source(file(CHANGED, '"two"')), patents)

    assert world.server.asked("If-Modified-Since") == [None, None, None, LONG_AGO]
    assert (after.path / "patent.txt").read_bytes() == (before.path / "patent.txt").read_bytes()
    assert (after.path / "products.txt").read_bytes() == CHANGED
    assert verify(after) == verify(before) == []


def test_a_copy_that_was_damaged_on_disk_is_fetched_anew(world: World, monday: Snapshot) -> None:
    (monday.path / "products.txt").write_bytes(b"damaged")
    snapshot = world.fetch(world.source(file(TABLE, '"one"')))

    assert snapshot.date == TUESDAY
    assert (snapshot.path / "products.txt").read_bytes() == TABLE


def test_files_put_there_by_hand_are_compared_by_their_bytes(world: World) -> None:
    folder = world.store.root / REGISTER / "2026-03-01"
    folder.mkdir(parents=True)
    (folder / "products.txt").write_bytes(TABLE)

    assert world.fetch(world.source(file(TABLE))).path == folder


def test_a_snapshot_is_never_overwritten(world: World, monday: Snapshot) -> None:
    with pytest.raises(FetchError, match="has changed since its snapshot of today, 2026-03-02, which stays as it is"):
        world.fetch(world.source(file(CHANGED, '"two"')), today=MONDAY)
    assert (monday.path / "products.txt").read_bytes() == TABLE
    assert world.fetch(world.source(file(TABLE)), today=MONDAY) == monday


def bomb() -> bytes:
    return zipped({"bomb.txt": bytes(60 * 1024**2)})


@pytest.mark.parametrize(
    ("expect", "answer", "said"),
    [
        ("csv", page("Site under\n maintenance"), "it is a web page (Site under maintenance), not a text table"),
        ("zip", page("Access denied"), "it is a web page (Access denied), not a zip archive"),
        ("json", status(200, body=b"<?xml version='1.0'?><!-- x --><html lang='en'>"), "it is a web page, not a JSON"),
        ("zip", status(200, body=TABLE), "it is not a zip archive, it begins with b'Ingredient~Trade"),
        ("zip", status(200, body=zipped({"drug.txt": TABLE})[:-100]), "products.txt is damaged or cut short"),
        ("xlsx", status(200, body=zipped({"drug.txt": TABLE})), "it is not an xlsx or ods spreadsheet"),
        ("gzip", status(200, body=gzip.compress(TABLE)[:-9]), "products.txt is damaged or cut short"),
        ("zip", status(200, body=bomb()), "products.txt/bomb.txt expands to more than 200 times its packed size"),
        ("xlsx", status(200, body=bomb().replace(b"bomb.txt", b"mimetype")), "expands to more than 200 times"),
        (
            "zip",
            status(200, body=zipped({"../evil": b"x"})),
            "the path of its member '../evil' leads out of the archive",
        ),
        ("json", status(200, body=b'[{"a": 1}, {"a"'), "it is not a JSON document"),
        ("xml", status(200, body=b"<a><b>1</b><"), "it is not an XML document"),
        ("text", status(200, body=b"a\0b"), "it is not a text"),
        ("text", status(200), "it has 0 bytes where at least 1 are expected"),
        ("text", status(404), "the server answers 404 Not Found; look up the present address"),
        ("text", status(200, {"Content-Encoding": "br"}, b"x"), "it comes encoded as 'br', which was not asked for"),
        ("text", status(200, {"Content-Encoding": "gzip"}, TABLE), "its encoding is damaged"),
        ("text", redirect("ftp://127.0.0.1/products.txt"), "which is not http or https"),
        ("text", redirect("/products.txt"), "its address was redirected 6 times, at last to http://127.0.0.1"),
        ("text", declaring(1000, b"x" * 10), "received 10 bytes, expected 1000)), 5 times over; fetch again later"),
        ("zip", declaring(500, zipped({"drug.txt": TABLE})), "products.txt is damaged or cut short"),
        ("text", endless, "it is larger than 1,000,000 bytes"),
        ("text", status(200, body=bytes(1_000_001)), "it is larger than 1,000,000 bytes"),
        (
            "text",
            status(200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(1_000_001))),
            "it is larger than 1,000,000 bytes",
        ),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(
    world: World, monday: Snapshot, expect: str, answer: Answer, said: str
) -> None:
    message = refusal(world, world.source(answer, expect=expect), max_bytes=1_000_000)

    assert message.startswith("us_fda_orange_book: products.txt from http://127.0.0.1")
    assert said in message


def test_a_file_without_the_expected_words_or_size_is_refused(world: World, monday: Snapshot) -> None:
    assert "b'Patent_No' does not occur in it" in refusal(world, world.source(file(TABLE), contains=b"Patent_No"))
    assert "at least 9,999,999 are expected" in refusal(world, world.source(file(TABLE), min_bytes=9_999_999))


def test_a_file_that_ends_with_an_error_is_refused(world: World, monday: Snapshot) -> None:
    broken = TABLE + b"java.util.concurrent.TimeoutException\n\tat java.lang.Thread.run\n"
    source = world.source(file(broken), excludes=b"java.util.concurrent.TimeoutException")
    assert "TimeoutException' occurs in it: it ends with an error" in refusal(world, source)


def test_a_refused_file_is_not_kept_but_its_good_neighbours_are(world: World, monday: Snapshot) -> None:
    patents = world.source(file(b"Patent_No\n", '"p"'), name="patent.txt")
    refusal(world, patents, world.source(page("Oops")))
    world.server.seen.clear()

    snapshot = world.fetch(patents, world.source(file(CHANGED)))

    assert world.server.asked("If-None-Match") == ['"p"', '"one"']
    assert snapshot.files() == ["patent.txt", "products.txt"]
    assert verify(snapshot) == []


@pytest.mark.parametrize("text", [TABLE, "Názov\n".encode("utf-16"), b"\xef\xbb\xbf<5 mg\n", "Žluť\n".encode("cp1250")])
def test_texts_of_any_codepage_are_texts(world: World, text: bytes) -> None:
    assert world.fetch(world.source(file(text))).files() == ["products.txt"]


def test_an_encoded_body_is_stored_decoded(world: World) -> None:
    packed = gzip.compress(TABLE)
    answers = [file(packed, '"z"', headers={"Content-Encoding": "gzip"}, cut_at=n) for n in (1000, None)]
    snapshot = world.fetch(world.source(*answers))

    assert (snapshot.path / "products.txt").read_bytes() == TABLE
    assert world.server.asked("Range") == [None, None], "a break in encoded bytes cannot be continued"
    assert verify(snapshot) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])
def test_a_redirect_into_this_machine_is_refused(world: World, monday: Snapshot, host: str) -> None:
    with Server() as inner:
        inner.at("/secret", file(TABLE))
        port = inner.netloc.partition(":")[2]
        said = refusal(world, world.source(redirect(f"http://{host}:{port}/secret")))

        assert "in a private network; a public register does not lie there" in said
        assert inner.seen == []


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254", "10.1.2.3", "192.168.0.1", "100.64.0.1",
        "[fe80::1]", "[fec0::1]", "[64:ff9b::a00:1]", "[64:ff9b:1::a00:1]", "[fd00::1]",
    ],
)  # fmt: skip
def test_a_redirect_into_a_private_network_is_refused(world: World, monday: Snapshot, host: str) -> None:
    assert "in a private network" in refusal(world, world.source(redirect(f"http://{host}/latest/meta-data/")))


def test_a_local_mirror_can_be_allowed(world: World) -> None:
    with Server() as mirror:
        address = mirror.at("/products.txt", file(TABLE))
        assert world.fetch(world.source(redirect(address)), allow_private=True, allow_hosts=[]).date == TUESDAY


def resolving_to(monkeypatch: pytest.MonkeyPatch, *lookups: list[str]) -> list[str]:
    """Makes the name service answer each lookup in turn; gives the addresses that were then connected to."""
    answers, connected = iter(lookups), []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(answers)]

    def connect(_: object, host: str, *__: Any) -> None:
        connected.append(host)
        raise httpcore.ConnectError("refused for this test")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return connected


def test_a_name_that_resolves_inwards_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = resolving_to(monkeypatch, ["93.184.215.14", "10.0.0.7"])
    with pytest.raises(FetchError, match=r"leads to register\.example, which is 10\.0\.0\.7 in a private network"):
        world.fetch(SourceFile("https://register.example/x", "x", "text"))
    assert connected == []


def test_a_name_that_changes_its_mind_is_connected_to_where_it_was_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = resolving_to(monkeypatch, ["93.184.215.14"], ["10.0.0.7"])
    with pytest.raises(FetchError, match="refused for this test"):
        world.fetch(SourceFile("https://register.example/x", "x", "text"), tries=1)
    assert connected == ["93.184.215.14"]


def test_a_redirect_from_https_to_http_is_refused(world: World) -> None:
    with world.client() as client:
        # No certificate could be had for a local server that every machine trusts.
        client._http = httpx.Client(
            transport=httpx.MockTransport(
                lambda _: httpx.Response(302, headers={"Location": "http://register.example/"})
            )
        )
        source = SourceFile("https://register.example/", "products.txt", "text")
        with pytest.raises(FetchError, match=r"leads from https to the unprotected http://register\.example/"):
            fetch(REGISTER, [source], world.store, client=client, today=TUESDAY)


KILLED = """
import datetime, sys
from pathlib import Path
from dioscorides.snapshots.fetch import Client, SourceFile, fetch
from dioscorides.snapshots.store import Store

sources = [SourceFile(sys.argv[1], "patent.txt", "text"), SourceFile(sys.argv[2], "products.txt", "text")]
with Client("1.2.3", allow_private=True, min_interval=0) as client:
    fetch("us_fda_orange_book", sources, Store(Path(sys.argv[3])), client=client,
          today=datetime.date.fromisoformat(sys.argv[4]),
          progress=lambda progress: print(progress.file, progress.received, flush=True))
"""


@pytest.mark.parametrize("killed_on", [MONDAY, TUESDAY])
def test_what_a_killed_fetch_had_received_is_used_by_the_next(world: World, killed_on: datetime.date) -> None:
    release = Event()
    patents = world.source(file(b"Patent_No\n", '"p"'), name="patent.txt")
    products = world.source(stalling(TABLE, '"one"', 50_000, release), file(TABLE, '"one"'))
    arguments = [patents.url, products.url, str(world.store.root), killed_on.isoformat()]
    command = [sys.executable, "-c", KILLED, *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        while next(process.stdout).split() != ["products.txt", "50000"]:
            pass
        with pytest.raises(FetchError, match="is being fetched by another process"):
            world.fetch(patents, products)
        process.kill()
    release.set()
    folder = world.store.root / REGISTER
    assert world.store.snapshots(REGISTER) == []
    assert (folder / f".partial-{killed_on}" / ".products.txt.part").stat().st_size == 50_000
    (folder / ".partial-2026-01-01").mkdir()
    (folder / f".partial-{killed_on}" / "manifest.json").write_text("{}")
    world.server.seen.clear()

    snapshot = world.fetch(patents, products)

    assert world.server.asked("If-None-Match") == ['"p"', None]
    assert world.server.asked("Range") == [None, "bytes=50000-"]
    assert (snapshot.path / "products.txt").read_bytes() == TABLE
    assert verify(snapshot) == []
    assert sorted(path.name for path in folder.iterdir()) == [".fetch.lock", "2026-03-03"]


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(world: World) -> None:
    world.store.root.write_text("a file where the store should be")
    with pytest.raises(FetchError, match=r"could not be stored below .*/us_fda_orange_book .*make room or correct"):
        world.fetch(world.source(file(TABLE)))


def test_a_full_disk_costs_nothing_but_the_rest(world: World, monday: Snapshot) -> None:
    resource = pytest.importorskip("resource")
    changed = world.source(file(CHANGED, '"two"'))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        with pytest.raises(FetchError, match=r"make room .*, then fetch again: it goes on where it stopped"):
            world.fetch(changed)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert world.store.snapshots(REGISTER) == [monday]
    assert verify(monday) == []

    assert (world.fetch(changed).path / "products.txt").read_bytes() == CHANGED
    assert world.server.asked("Range")[-1] == "bytes=200000-"


def test_a_manifest_that_is_not_one_is_said_in_a_sentence(world: World, monday: Snapshot) -> None:
    (monday.path / "manifest.json").write_text("{")
    with pytest.raises(SnapshotError, match=r"manifest\.json is not JSON .*; move .*2026-03-02 away and fetch again"):
        world.fetch(world.source(file(TABLE)))
    (monday.path / "manifest.json").write_text(json.dumps({"files": [{"name": "products.txt"}, 3]}))
    assert world.fetch(world.source(file(TABLE))) == monday


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "", "manifest.json", "x.part"])
def test_a_source_has_an_ordinary_name(name: str) -> None:
    with pytest.raises(SnapshotError, match="cannot be the name of a published file"):
        SourceFile("https://register.example/", name, "text")


def test_what_register_yaml_leaves_out_is_said(world: World) -> None:
    with pytest.raises(SnapshotError, match="'pdf' is not one of zip, gzip"):
        SourceFile("https://register.example/", "x", "pdf")
    with pytest.raises(FetchError, match="has no download address"):
        world.fetch()
    with pytest.raises(SnapshotError, match="is not a register's name"), world.client() as client:
        fetch("../etc", [world.source(file(TABLE))], world.store, client=client, today=TUESDAY)
