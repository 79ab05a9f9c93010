"""A local HTTP server that answers as it is told, well or badly, and remembers what it was asked."""

from __future__ import annotations

import socket
from collections.abc import Callable
from email.message import Message
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Self

LONG_AGO = formatdate(1_600_000_000, usegmt=True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def do_GET(self) -> None:
        owner = self.server.owner
        owner.seen.append((self.path, self.headers))
        answers = owner.answers[self.path]
        # The last answer stands for all that follow.
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        try:
            answer(self)
        except ConnectionError:
            self.close_connection = True

    def head(self, status: int, headers: dict[str, str] | None = None, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        pass


Answer = Callable[[Handler], None]


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    owner: Server


class Server:
    """Serves `answers[path]` one after the other; `seen` lists each request's path and headers."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.seen: list[tuple[str, Message]] = []
        self._listener = _Listener(("127.0.0.1", 0), Handler)
        self._listener.owner = self
        self.netloc = f"127.0.0.1:{self._listener.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()

    def at(self, path: str, *answers: Answer) -> str:
        """Gives these answers at `path` from now on; returns the address."""
        self.answers[path] = list(answers)
        return f"http://{self.netloc}{path}"

    def asked(self, header: str) -> list[str | None]:
        return [headers[header] for _, headers in self.seen]


def file(
    body: bytes,
    etag: str | None = None,
    modified: str | None = None,
    *,
    knows_ranges: bool = True,
    knows_if_range: bool = True,
    cut_at: int | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """A file as a good server publishes it, unless told to forget ranges or to hang up after `cut_at` bytes."""

    def answer(to: Handler) -> None:
        own = dict(headers or {})
        if etag:
            own["ETag"] = etag
        if modified:
            own["Last-Modified"] = modified
        if (etag and to.headers["If-None-Match"] == etag) or (
            not etag and modified and to.headers["If-Modified-Since"] == modified
        ):
            return to.head(304, own)
        start = 0
        asked = to.headers["Range"]
        if asked and knows_ranges and (not knows_if_range or to.headers["If-Range"] in (etag, modified)):
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            own["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        rest = body[start:]
        to.head(206 if start else 200, own, len(rest))
        to.wfile.write(rest[:cut_at])
        if cut_at is not None:
            to.hang_up()
        return None

    return answer


def status(code: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
    def answer(to: Handler) -> None:
        to.head(code, headers, len(body))
        to.wfile.write(body)

    return answer


def redirect(to: str) -> Answer:
    return status(302, {"Location": to})


def page(title: str) -> Answer:
    body = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>Sorry</body></html>"
    return status(200, {"Content-Type": "text/html"}, body.encode())


def endless(to: Handler) -> None:
    to.send_response(200)
    to.send_header("Transfer-Encoding", "chunked")
    to.end_headers()
    while True:
        to.wfile.write(b"10000\r\n" + b"~" * 0x10000 + b"\r\n")


def declaring(length: int, body: bytes) -> Answer:
    """A body of another length than it declares."""

    def answer(to: Handler) -> None:
        to.head(200, {"ETag": '"constant"'}, length)
        to.wfile.write(body)
        to.hang_up()

    return answer


def stalling(body: bytes, etag: str, after: int, until: Event) -> Answer:
    """A file of which the first bytes come at once, and the rest when `until` is set."""

    def answer(to: Handler) -> None:
        to.head(200, {"ETag": etag}, len(body))
        to.wfile.write(body[:after])
        to.wfile.flush()
        until.wait(60)
        to.hang_up()

    return answer
