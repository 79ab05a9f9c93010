"""Fetching registers from a real local server: what arrives builds, what fails keeps no other from arriving."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote_plus

import pytest

from dioscorides.atlas import fetching
from dioscorides.atlas.fetching import FetchingError, fetch_registers
from dioscorides.atlas.home import Home
from dioscorides.registers.catalogue import Register, catalogue
from dioscorides.snapshots.fetch import Client
from dioscorides.snapshots.store import Store

TODAY = date(2025, 3, 2)

#: The media types that the last server was asked for.
accepted: set[str] = set()


@contextmanager
def served(files: dict[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """A server of `files` by path; gives its address and the paths that were asked for."""
    asked: list[str] = []
    accepted.clear()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            accepted.add(self.headers["Accept"])
            body = files.get(self.path)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def client() -> Client:
    return Client("test", min_interval=0, tries=1, allow_private=True, sleep=lambda _: None)


def published_at(address: str, folder: Path, name: str, path: str) -> Register:
    """A register of the catalogue, with one address on the local server."""
    known = catalogue()[name]
    text = (known.folder / "register.yaml").read_text(encoding="utf-8")
    head, _, rest = text.partition("downloads:\n")
    tail = rest.partition("\n\n")[2]
    place = folder / name
    place.mkdir(parents=True)
    (place / "register.yaml").write_text(
        f"{head}downloads:\n  - {{url: '{address}{path}', name: purplebook.csv, expect: csv}}\n\n{tail}",
        encoding="utf-8",
    )
    return Register(name, place, known.package)


@pytest.fixture
def purple_book() -> bytes:
    sample = catalogue()["us_fda_purple_book"].sample
    return next(iter(sorted(sample.glob("*/*.csv")))).read_bytes()


def test_an_address_with_a_month_goes_back_to_the_last_list(
    tmp_path: Path, purple_book: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served({"/2025/book-january.csv": purple_book}) as (address, asked):
        register = published_at(address, tmp_path / "registers", "us_fda_purple_book", "/{year}/book-{month}.csv")
        monkeypatch.setattr(fetching, "catalogue", lambda: {register.id: register})
        home = Home(tmp_path / "home")
        [fetched] = fetch_registers(home, today=TODAY, client=client())
    assert asked == ["/2025/book-march.csv", "/2025/book-february.csv", "/2025/book-january.csv"]
    assert fetched.ok
    assert fetched.snapshot == TODAY
    assert (home.snapshots / "us_fda_purple_book" / "2025-03-02" / "purplebook.csv").read_bytes() == purple_book


def test_one_register_that_fails_keeps_no_other_from_arriving(
    tmp_path: Path, purple_book: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served({"/book.csv": purple_book}) as (address, _asked):
        good = published_at(address, tmp_path / "good", "us_fda_purple_book", "/book.csv")
        bad = published_at(address, tmp_path / "bad", "us_fda_orange_book", "/gone.zip")
        monkeypatch.setattr(fetching, "catalogue", lambda: {bad.id: bad, good.id: good})
        failed, arrived = fetch_registers(Home(tmp_path / "home"), today=TODAY, client=client())
    assert (failed.register, failed.ok, failed.snapshot) == ("us_fda_orange_book", False, None)
    assert "404" in failed.said
    assert arrived.ok


def test_a_query_is_asked_language_by_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wikidata's own addresses, each served the rows of its language, arrive as one snapshot that can be read."""
    known = catalogue()["wikidata_labels"]
    sample = next(iter(sorted(known.sample.glob("*"))))
    wanted = known.metadata.downloads
    nothing = b"item,label,language\r\nhttp://www.wikidata.org/entity/Q990000001,x,en\r\n"
    official = "https://query.wikidata.org"
    files = {
        one.url.removeprefix(official): (sample / one.name).read_bytes() if (sample / one.name).exists() else nothing
        for one in wanted
    }
    with served(files) as (address, asked):
        card = replace(
            known.metadata,
            downloads=tuple(replace(one, url=one.url.replace(official, address)) for one in wanted),
        )
        register = Register(known.id, known.folder, known.package)
        vars(register)["metadata"] = card
        monkeypatch.setattr(fetching, "catalogue", lambda: {register.id: register})
        [fetched] = fetch_registers(Home(tmp_path / "home"), today=TODAY, client=client())
    assert fetched.ok, fetched.said
    assert sorted(asked) == sorted(files)
    assert all("SELECT" in unquote_plus(path) for path in asked)
    assert accepted == {"text/csv"}
    reading = register.read(Store(Home(tmp_path / "home").snapshots).snapshots(register.id)[0])
    assert "阿基仑赛" in set(reading.tables["name"]["name"])


def test_an_unknown_register_is_named(tmp_path: Path) -> None:
    with pytest.raises(FetchingError, match="No register is called xx_nobody_list"):
        fetch_registers(Home(tmp_path), ["xx_nobody_list"], today=TODAY, client=client())
