"""Asking for files politely and warily: pace, patience, redirects looked at, public addresses only."""

from __future__ import annotations

import datetime
import ipaddress
import random
import re
import socket
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Self

import httpcore
import httpx

from dioscorides.snapshots.archives import GIB, MIB
from dioscorides.snapshots.arrival import (
    CORRECT,
    BrokenOffError,
    Entry,
    Progress,
    RefusedError,
    Report,
    Slot,
    SourceFile,
)
from dioscorides.snapshots.store import sha256

_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


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

    def download(self, source: SourceFile, slot: Slot, held: Entry | None, report: Report) -> Entry | None:
        """Receives the file into `slot.part`; None when the server says that `held` is still what it publishes."""
        for number in range(1, self._tries + 1):
            try:
                return self._try(source, slot, held, report)
            except BrokenOffError as interrupted:
                why, wait = str(interrupted), interrupted.wait
            if wait is None:
                wait = min(2 ** (number - 1) * (0.5 + self._jitter()), self._max_wait)
            if wait > self._max_wait:
                raise RefusedError(f"{why}, and asks to wait {wait:,.0f} seconds; fetch again after that.")
            if number < self._tries:
                report(Progress(source.name, message=f"{why}; trying again in {wait:.0f} s"))
                self._sleep(wait)
        raise RefusedError(f"{why}, {self._tries} times over; fetch again later.")

    def _try(self, source: SourceFile, slot: Slot, held: Entry | None, report: Report) -> Entry | None:
        offset, validator = slot.resumable(source.url)
        headers = {"Range": f"bytes={offset}-", "If-Range": validator} if offset else _conditions(held)
        headers["Accept"] = source.accept
        try:
            with self._ask(source.url, headers) as response:
                status = response.status_code
                if status == HTTPStatus.NOT_MODIFIED and held and not offset:
                    return None
                if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS) or status >= 500:
                    wait = _retry_after(response.headers.get("Retry-After"), self._now())
                    raise BrokenOffError(f"the server answers {_status(response)}", wait)
                if status == HTTPStatus.OK:
                    offset = 0
                    slot.start(source.url, _range_validator(response))
                elif status in (HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE):
                    if not _continues(response, offset, validator):
                        slot.discard()
                        raise BrokenOffError("the server does not continue the broken download, so it starts over")
                else:
                    raise RefusedError(f"the server answers {_status(response)}; {CORRECT}")
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
            raise RefusedError(f"its address cannot be read ({error}); {CORRECT}") from error
        except httpx.TransportError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise RefusedError(f"the server cannot prove who it is ({error}); ask the publisher.") from error
            raise BrokenOffError(f"the connection failed ({error or type(error).__name__})") from error

    def _receive(self, response: httpx.Response, source: SourceFile, slot: Slot, offset: int, report: Report) -> None:
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
            raise RefusedError(f"it comes encoded as {encoding!r}, which was not asked for; tell its publisher.")
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
            raise BrokenOffError(f"the server sent {received:,} bytes of a file of {int(complete[2]):,}")

    def _too_large(self, slot: Slot) -> RefusedError:
        slot.discard()
        return RefusedError(f"it is larger than {self._max_bytes:,} bytes; if that is right, raise max_bytes.")

    @contextmanager
    def _ask(self, address: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """The response at `address`, its body not yet read, after redirects that are each looked at."""
        url = httpx.URL(address)
        redirects = 0
        while True:
            if url.scheme not in ("http", "https") or not url.host:
                raise RefusedError(f"its address leads to {url}, which is not http or https; {CORRECT}")
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
                raise RefusedError(f"its address was redirected {redirects} times, at last to {url}; {CORRECT}")
            if origin.scheme == "https" and url.scheme != "https":
                raise RefusedError(f"its address leads from https to the unprotected {url}; {CORRECT}")

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
            raise RefusedError(
                f"its address leads to {host}, which is {address} in a private network; a public register does not "
                "lie there. If it is your own mirror, allow private addresses."
            )
    return addresses


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        # An IPv4 address can travel inside an IPv6 one, and the inner one is where the bytes go.
        translated = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _TRANSLATED else None
        # The addresses of sites were given up, but networks that use them are there.
        if ip.is_site_local:
            return False
        ip = ip.ipv4_mapped or ip.sixtofour or translated or ip
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


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
        raise RefusedError(f"its encoding is damaged ({error}); fetch again later.") from error
    if not inflater.eof:
        raise BrokenOffError("the encoded body is cut short")
