"""Fetches what a register publishes into the snapshot store: whole and as it should be, or not at all.

Files grow in a hidden folder beside the snapshots, so that a break costs only what was not yet received. The folder
becomes a snapshot by one rename, after the checks and the manifest. A snapshot is never overwritten: when a register
changes twice on one date, the first one of that date stays and the second fetch says so.
"""

from __future__ import annotations

import datetime
import ipaddress
import json
import os
import random
import re
import shutil
import socket
import sys
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import httpcore
import httpx

from dioscorides.snapshots import archives
from dioscorides.snapshots.archives import GIB, MANIFEST, MIB, ArchiveError, Kind, PublishedFile, SnapshotError
from dioscorides.snapshots.store import Snapshot, Store, sha256

if sys.platform != "win32":
    import fcntl

__all__ = ["Client", "FetchError", "Progress", "SourceFile", "fetch"]

_EXPECTED = {
    "zip": "a zip archive",
    "gzip": "a gzip archive",
    "xlsx": "an xlsx or ods spreadsheet",
    "xls": "a spreadsheet",
    "csv": "a text table",
    "text": "a text",
    "json": "a JSON document",
    "xml": "an XML document",
}
_FILE_NAME = re.compile(r"[^./\\][^/\\]*")
_WEB_PAGE = re.compile(
    rb"(?>(<\?xml[^>]*>\s*|<!--.*?-->\s*)*)<(!doctype\s+html|(html|head|body|title|script)[\s>])", re.S | re.I
)
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.S | re.I)
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BYTE_ORDER_MARKS = (*_UTF16, b"\xef\xbb\xbf")
_OLE = b"\xd0\xcf\x11\xe0"
_HEAD = 4096
_BLANK = b" \t\r\n\0"
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_CORRECT = "look up the present address and correct it in the register's register.yaml."


class FetchError(SnapshotError):
    """A register could not be fetched; the store is as it was. The message says why and what to do."""


@dataclass(frozen=True)
class SourceFile:
    """A file that a register publishes at `url`, to be stored as `name`.

    `expect` says what it has to be: zip, gzip, xlsx, xls, csv, text, json or xml. It is refused when it is smaller
    than `min_bytes`, or lacks the bytes `contains` (looked for in the text, or in an archive's member names and
    contents). Raises SnapshotError for a name or an expectation that cannot be.
    """

    url: str
    name: str
    expect: str
    min_bytes: int = 1
    contains: bytes = b""

    def __post_init__(self) -> None:
        if self.expect not in _EXPECTED:
            known = ", ".join(_EXPECTED)
            raise SnapshotError(f"{self.name}: {self.expect!r} is not one of {known}; correct register.yaml.")
        if not _FILE_NAME.fullmatch(self.name) or self.name == MANIFEST or self.name.endswith(".part"):
            raise SnapshotError(f"{self.name!r} cannot be the name of a published file; correct register.yaml.")


@dataclass(frozen=True)
class Progress:
    """How far `file` has come: bytes `received` of `total` (None where unknown), or a `message` worth a line."""

    file: str
    received: int = 0
    total: int | None = None
    message: str = ""


Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Entry:
    """What the manifest says of one file. `etag` and `last_modified` are the publisher's words, for asking again."""

    name: str
    bytes: int
    sha256: str
    url: str
    etag: str | None
    last_modified: str | None
    retrieved_at: str


class _RefusedError(Exception):
    """Why a file or an address is not taken, and what to do; trying again now would not help."""


class _BrokenOffError(Exception):
    """Why a download stopped; trying again may help, not before `wait` seconds where the server asked for that."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


def fetch(
    register: str,
    sources: Sequence[SourceFile],
    store: Store,
    *,
    client: Client,
    today: datetime.date,
    progress: Report | None = None,
    licence: str | None = None,
) -> Snapshot:
    """The register's snapshot of `today`, fetched from `sources`; the last one where nothing changed since.

    Makes the store's folders where needed. `licence` goes into the manifest. Raises FetchError, and then leaves the
    earlier snapshots as they were; what has arrived is kept aside and used by the next fetch.
    """
    if not sources:
        raise FetchError(f"{register} has no download address; put its files into the snapshot store by hand.")
    folder = store.folder(register)
    report = progress or (lambda _: None)
    try:
        with _alone(folder, register):
            last = store.latest(register)
            partial = _partial_folder(folder, today, sources)
            arrivals = [_arrive(source, partial, last, client, report) for source in sources]
            new = Snapshot(register, today, folder / today.isoformat())
            if existing := _same_as(arrivals, last, new):
                shutil.rmtree(partial)
                report(Progress(register, message=f"unchanged since the snapshot of {existing.date}"))
                return existing
            if new.path.exists():
                shutil.rmtree(partial)
                raise FetchError(
                    f"{register} has changed since its snapshot of today, {today}, which stays as it is; "
                    f"fetch again tomorrow, or move {new.path} away first."
                )
            _publish(new, partial, arrivals, licence)
            report(Progress(register, message=f"new snapshot of {today}"))
            return new
    except _RefusedError as refused:
        kept = f" The snapshot of {last.date} is untouched." if last else ""
        raise FetchError(f"{register}: {refused}{kept}") from refused
    except OSError as error:
        raise FetchError(
            f"{register} could not be stored below {folder} ({error.strerror}); "
            "make room or correct the permissions, then fetch again: it goes on where it stopped."
        ) from error


class Client:
    """Asks for files politely and warily; one client for several registers keeps the pace per host.

    `version` goes into the User-Agent. Times are in seconds: `min_interval` between two requests to one host,
    `timeout` for silence on a connection, `max_wait` the longest wait before another of `tries`. `max_bytes` is the
    largest file taken. Addresses that are not public are refused at every redirect and at the moment of connecting,
    except for `allow_hosts` ("host:port") and, for tests and local mirrors, everywhere with `allow_private`.
    """

    def __init__(
        self,
        version: str,
        *,
        min_interval: float = 1.0,
        timeout: float = 60.0,
        tries: int = 5,
        max_wait: float = 120.0,
        max_bytes: int = 4 * GIB,
        max_redirects: int = 5,
        allow_private: bool = False,
        allow_hosts: Collection[str] = (),
        now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC),
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._min_interval, self._tries, self._max_wait = min_interval, tries, max_wait
        self._max_bytes, self._max_redirects = max_bytes, max_redirects
        self._now, self._sleep, self._jitter = now, sleep, jitter
        self._asked: dict[str, datetime.datetime] = {}
        self._http = httpx.Client(
            transport=_PublicTransport(allow_private, frozenset(allow_hosts)),
            # A range of compressed bytes could not be joined to what is already stored.
            headers={"User-Agent": f"dioscorides/{version}", "Accept": "*/*", "Accept-Encoding": "identity"},
            timeout=timeout,
            # No credentials from the user's netrc.
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def download(self, source: SourceFile, slot: _Slot, held: Entry | None, report: Report) -> Entry | None:
        """Receives the file into `slot.part`; None when the server says that `held` is still what it publishes."""
        for number in range(1, self._tries + 1):
            try:
                return self._try(source, slot, held, report)
            except _BrokenOffError as interrupted:
                why, wait = str(interrupted), interrupted.wait
            if wait is None:
                wait = min(2 ** (number - 1) * (0.5 + self._jitter()), self._max_wait)
            if wait > self._max_wait:
                raise _RefusedError(f"{why}, and asks to wait {wait:,.0f} seconds; fetch again after that.")
            if number < self._tries:
                report(Progress(source.name, message=f"{why}; trying again in {wait:.0f} s"))
                self._sleep(wait)
        raise _RefusedError(f"{why}, {self._tries} times over; fetch again later.")

    def _try(self, source: SourceFile, slot: _Slot, held: Entry | None, report: Report) -> Entry | None:
        offset, validator = slot.resumable(source.url)
        headers = {"Range": f"bytes={offset}-", "If-Range": validator} if offset else _conditions(held)
        try:
            with self._ask(source.url, headers) as response:
                status = response.status_code
                if status == HTTPStatus.NOT_MODIFIED and held and not offset:
                    return None
                if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS) or status >= 500:
                    wait = _retry_after(response.headers.get("Retry-After"), self._now())
                    raise _BrokenOffError(f"the server answers {_status(response)}", wait)
                if status == HTTPStatus.OK:
                    offset = 0
                    slot.start(source.url, _range_validator(response))
                elif status in (HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE):
                    if not _continues(response, offset, validator):
                        slot.discard()
                        raise _BrokenOffError("the server does not continue the broken download, so it starts over")
                else:
                    raise _RefusedError(f"the server answers {_status(response)}; {_CORRECT}")
                self._receive(response, source, slot, offset, report)
                return Entry(
                    name=source.name,
                    bytes=slot.part.stat().st_size,
                    sha256=sha256(slot.part),
                    url=source.url,
                    etag=response.headers.get("ETag"),
                    last_modified=response.headers.get("Last-Modified"),
                    retrieved_at=self._now().isoformat(timespec="seconds"),
                )
        except httpx.InvalidURL as error:
            raise _RefusedError(f"its address cannot be read ({error}); {_CORRECT}") from error
        except httpx.TransportError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise _RefusedError(f"the server cannot prove who it is ({error}); ask the publisher.") from error
            raise _BrokenOffError(f"the connection failed ({error or type(error).__name__})") from error

    def _receive(self, response: httpx.Response, source: SourceFile, slot: _Slot, offset: int, report: Report) -> None:
        declared = response.headers.get("Content-Length", "")
        total = offset + int(declared) if declared.isdigit() else None
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        chunks = response.iter_raw()
        if encoding in ("gzip", "x-gzip"):
            # Only decoded bytes are stored, so a break cannot be continued in the encoded ones.
            total = None
            slot.start(source.url, None)
            chunks = _unzipped(chunks)
        elif encoding not in ("", "identity"):
            slot.discard()
            raise _RefusedError(f"it comes encoded as {encoding!r}, which was not asked for; tell its publisher.")
        received = offset
        if total and total > self._max_bytes:
            raise self._too_large(slot)
        with slot.part.open("ab") as part:
            for chunk in chunks:
                received += len(chunk)
                if received > self._max_bytes:
                    raise self._too_large(slot)
                part.write(chunk)
                # What was reported as received survives a kill.
                part.flush()
                report(Progress(source.name, received, total))
        complete = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if complete and complete[2] not in (str(received), "*"):
            slot.discard()
            raise _BrokenOffError(f"the server sent {received:,} bytes of a file of {int(complete[2]):,}")

    def _too_large(self, slot: _Slot) -> _RefusedError:
        slot.discard()
        return _RefusedError(f"it is larger than {self._max_bytes:,} bytes; if that is right, raise max_bytes.")

    @contextmanager
    def _ask(self, address: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """The response at `address`, its body not yet read, after redirects that are each looked at."""
        url = httpx.URL(address)
        redirects = 0
        while True:
            if url.scheme not in ("http", "https") or not url.host:
                raise _RefusedError(f"its address leads to {url}, which is not http or https; {_CORRECT}")
            self._keep_pace(url.host)
            response = self._http.send(self._http.build_request("GET", url, headers=headers), stream=True)
            try:
                if not response.has_redirect_location:
                    yield response
                    return
            finally:
                response.close()
            origin, url = url, url.join(response.headers["Location"]).copy_with(fragment=None)
            redirects += 1
            if redirects > self._max_redirects:
                raise _RefusedError(f"its address was redirected {redirects} times, at last to {url}; {_CORRECT}")
            if origin.scheme == "https" and url.scheme != "https":
                raise _RefusedError(f"its address leads from https to the unprotected {url}; {_CORRECT}")

    def _keep_pace(self, host: str) -> None:
        if host in self._asked:
            wait = self._min_interval - (self._now() - self._asked[host]).total_seconds()
            # A clock set back must not become a long wait.
            if wait > 0:
                self._sleep(min(wait, self._min_interval))
        self._asked[host] = self._now()


class _PublicTransport(httpx.HTTPTransport):
    """An ordinary transport that connects to public addresses only, whatever a name resolves to."""

    def __init__(self, allow_private: bool, allow_hosts: frozenset[str]) -> None:
        context = httpx.create_ssl_context()
        super().__init__(verify=context)
        # httpx has no parameter for this yet; test_fetch.py fails if it goes another way.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, network_backend=_PublicBackend(allow_private, allow_hosts)
        )


class _PublicBackend(httpcore.SyncBackend):
    def __init__(self, allow_private: bool, allow_hosts: frozenset[str]) -> None:
        self._allow_private, self._allow_hosts = allow_private, allow_hosts

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        if self._allow_private or f"{host}:{port}" in self._allow_hosts:
            return super().connect_tcp(host, port, timeout, local_address, socket_options)
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        # The very addresses that were looked at are connected to: asked again, a hostile name could answer otherwise.
        for address in _public_addresses(host, port):
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _public_addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(f"{host}: {error.strerror or error}") from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    for address in addresses:
        if not _is_public(address):
            raise _RefusedError(
                f"its address leads to {host}, which is {address} in a private network; a public register does not "
                "lie there. If it is your own mirror, allow private addresses."
            )
    return addresses


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        # An IPv4 address can travel inside an IPv6 one, and the inner one is where the bytes go.
        translated = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _TRANSLATED else None
        ip = ip.ipv4_mapped or ip.sixtofour or translated or ip
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


class _Slot:
    """One file on its way: `.<name>.part` while it grows, `<name>` when whole, `.<name>.json` about either."""

    def __init__(self, folder: Path, name: str) -> None:
        self.whole = folder / name
        self.part = folder / f".{name}.part"
        self.note = folder / f".{name}.json"

    def resumable(self, url: str) -> tuple[int, str]:
        """How many bytes are there already, and the validator that proves them to be of the same file; else 0."""
        note = self.read_note()
        validator = note.get("validator")
        if note.get("url") != url or not isinstance(validator, str) or not self.part.exists():
            return 0, ""
        return self.part.stat().st_size, validator

    def start(self, url: str, validator: str | None) -> None:
        # In this order a kill in between never leaves old bytes with a new validator.
        self.discard()
        _write(self.note, {"url": url, "validator": validator})
        self.part.touch()

    def finish(self, entry: Entry) -> None:
        _write(self.note, asdict(entry))
        self.part.replace(self.whole)

    def discard(self) -> None:
        self.part.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    def read_note(self) -> dict[str, Any]:
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}


@dataclass(frozen=True)
class _Arrival:
    """A file that the new snapshot will hold, and where its bytes are now."""

    entry: Entry
    path: Path


def _arrive(source: SourceFile, partial: Path, last: Snapshot | None, client: Client, report: Report) -> _Arrival:
    slot = _Slot(partial, source.name)
    held = _held(source, partial, [slot.read_note()])
    if held is None and last:
        held = _held(source, last.path, (last.manifest() or {}).get("files"))
    try:
        entry = client.download(source, slot, held.entry if held else None, report)
        if entry is None:
            assert held
            report(Progress(source.name, held.entry.bytes, held.entry.bytes, "unchanged"))
            return held
        try:
            _check(slot.part, source)
        except _RefusedError:
            slot.discard()
            raise
    except _RefusedError as refused:
        raise _RefusedError(f"{source.name} from {source.url} was not taken: {refused}") from refused
    slot.finish(entry)
    return _Arrival(entry, slot.whole)


def _held(source: SourceFile, folder: Path, listed: Any) -> _Arrival | None:
    """The file as `folder` holds it, where its bytes are the listed ones and the server can be asked about them."""
    for fields in listed if isinstance(listed, list) else []:
        try:
            entry = Entry(**fields)
        except TypeError:
            continue
        path = folder / source.name
        same = (entry.name, entry.url) == (source.name, source.url) and (entry.etag or entry.last_modified)
        if same and path.is_file() and sha256(path) == entry.sha256:
            return _Arrival(entry, path)
    return None


def _same_as(arrivals: Sequence[_Arrival], *snapshots: Snapshot | None) -> Snapshot | None:
    """The first of the snapshots that is there and holds exactly the bytes that arrived."""
    arrived = {arrival.entry.name: arrival.entry.sha256 for arrival in arrivals}
    present = (snapshot for snapshot in snapshots if snapshot and snapshot.path.exists())
    return next((snapshot for snapshot in present if snapshot.checksums() == arrived), None)


def _publish(new: Snapshot, partial: Path, arrivals: Sequence[_Arrival], licence: str | None) -> None:
    """Completes the partial folder, the manifest last, and makes it the snapshot `new` by one rename."""
    for arrival in arrivals:
        if arrival.path.parent != partial:
            shutil.copyfile(arrival.path, partial / arrival.entry.name)
        _sync(partial / arrival.entry.name)
    for note in partial.glob(".*"):
        note.unlink()
    files = [asdict(arrival.entry) for arrival in arrivals]
    manifest = {"register": new.register, "date": new.date.isoformat(), "licence": licence, "files": files}
    _write(partial / MANIFEST, manifest)
    _sync(partial)
    partial.rename(new.path)
    _sync(new.path.parent)


def _partial_folder(folder: Path, today: datetime.date, sources: Sequence[SourceFile]) -> Path:
    """Where today's files grow; takes over the newest folder that a broken fetch left, and clears the others."""
    partial = folder / f".partial-{today}"
    left = sorted(folder.glob(".partial-*"))
    if left and partial not in left:
        left.pop().rename(partial)
    for old in left:
        if old != partial:
            shutil.rmtree(old)
    partial.mkdir(exist_ok=True)
    slots = [_Slot(partial, source.name) for source in sources]
    known = {path for slot in slots for path in (slot.whole, slot.part, slot.note)}
    for stray in set(partial.iterdir()) - known:
        stray.unlink()
    return partial


@contextmanager
def _alone(folder: Path, register: str) -> Iterator[None]:
    """Keeps a second fetch of the same register out; the system lets go of the lock even when the process is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".fetch.lock").open("w") as lock:
        if sys.platform != "win32":
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise FetchError(f"{register} is being fetched by another process; wait until it has ended.") from error
        yield


def _check(path: Path, source: SourceFile) -> None:
    """Raises _RefusedError unless the file is what `source` expects; reads archives to their end, within limits."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, size - 1024))
        end = file.read().rstrip(_BLANK)
    start = head.replace(b"\0", b"") if head.startswith(_UTF16) else head
    start = start.lstrip(_BLANK + b"".join(_BYTE_ORDER_MARKS))
    expected = _EXPECTED[source.expect]
    if _WEB_PAGE.match(start):
        title = _TITLE.search(start)
        named = f" ({' '.join(title[1].decode(errors='replace').split())[:80]})" if title else ""
        raise _RefusedError(
            f"it is a web page{named}, not {expected}. Open the address in a browser: if the site is only closed for "
            f"now, fetch again later; if the file has moved, {_CORRECT}"
        )
    if size < source.min_bytes:
        raise _RefusedError(
            f"it has {size:,} bytes where at least {source.min_bytes:,} are expected; fetch again later."
        )
    try:
        if not _fits(source.expect, archives.kind(path, source.name), head, start, end):
            raise _RefusedError(f"it is not {expected}, it begins with {head[:16]!r}; {_CORRECT}")
        # Every member is read to its end, so that nothing damaged or harmful comes to light only later.
        found = [_holds(source, member) for member in archives.members(path, source.name)]
    except ArchiveError as error:
        raise _RefusedError(str(error)) from error
    if source.contains and not any(found):
        raise _RefusedError(f"{source.contains!r} does not occur in it; if its layout has not changed, {_CORRECT}")


def _fits(expect: str, found: Kind, head: bytes, start: bytes, end: bytes) -> bool:
    match expect:
        case "zip" | "gzip":
            return found == expect
        case "xlsx":
            return found == "spreadsheet"
        case "xls":
            return found == "spreadsheet" or head.startswith(_OLE)
        case "json":
            return found == "plain" and start.startswith((b"{", b"[")) and end.endswith((b"}", b"]"))
        case "xml":
            return found == "plain" and start.startswith(b"<") and end.endswith(b">")
        case _:
            return found == "plain" and (b"\0" not in head or head.startswith(_UTF16))


def _holds(source: SourceFile, member: PublishedFile) -> bool:
    """Whether the bytes that `source` must contain are in the member or in its name; reads the member to its end."""
    wanted = source.contains
    found = wanted in member.name.removeprefix(source.name).encode(errors="replace")
    carried = b""
    for chunk in member.chunks():
        found = found or wanted in carried + chunk
        carried = chunk[-len(wanted) :]
    return found


def _conditions(held: Entry | None) -> dict[str, str]:
    conditions = {"If-None-Match": held.etag, "If-Modified-Since": held.last_modified} if held else {}
    return {name: value for name, value in conditions.items() if value}


def _range_validator(response: httpx.Response) -> str | None:
    """What proves a later range to be of the same bytes: a strong ETag, or a strong date (RFC 9110, 8.8.2.2)."""
    etag: str | None = response.headers.get("ETag")
    if etag:
        return None if etag.startswith("W/") else etag
    modified: str | None = response.headers.get("Last-Modified")
    try:
        age = parsedate_to_datetime(response.headers["Date"]) - parsedate_to_datetime(modified or "")
    except (KeyError, ValueError, TypeError):
        return None
    return modified if age >= datetime.timedelta(seconds=1) else None


def _continues(response: httpx.Response, offset: int, validator: str) -> bool:
    given = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return (
        response.status_code == HTTPStatus.PARTIAL_CONTENT
        and offset > 0
        and given is not None
        and int(given[1]) == offset
        and response.headers.get("Content-Encoding", "identity") == "identity"
        # Some servers know ranges but not If-Range, and would continue another file.
        and response.headers.get("ETag" if validator.startswith('"') else "Last-Modified", validator) == validator
    )


def _retry_after(value: str | None, now: datetime.datetime) -> float | None:
    """The seconds that a Retry-After header asks for, given as a number or as a date; None where it says nothing."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or datetime.UTC) - now).total_seconds())


def _status(response: httpx.Response) -> str:
    return f"{response.status_code} {response.reason_phrase}".strip()


def _unzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes inside a gzip-encoded body, at most 1 MiB at a time however far they expand."""
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        for chunk in chunks:
            yield inflater.decompress(chunk, MIB)
            while inflater.unconsumed_tail:
                yield inflater.decompress(inflater.unconsumed_tail, MIB)
    except zlib.error as error:
        raise _RefusedError(f"its encoding is damaged ({error}); fetch again later.") from error
    if not inflater.eof:
        raise _BrokenOffError("the encoded body is cut short")


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Writes JSON so that the file is there whole or not at all."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    _sync(beside)
    beside.replace(path)


def _sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
