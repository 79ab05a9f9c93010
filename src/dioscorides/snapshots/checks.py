"""Is a file that arrived what it should be? Told by its bytes, never by its name or by what the server says."""

from __future__ import annotations

import re
from pathlib import Path

from dioscorides.snapshots import archives
from dioscorides.snapshots.archives import ArchiveError, Kind, PublishedFile
from dioscorides.snapshots.arrival import CORRECT, EXPECTED, RefusedError, SourceFile

_WEB_PAGE = re.compile(
    rb"(?>(<\?xml[^>]*>\s*|<!--.*?-->\s*)*)<(!doctype\s+html|(html|head|body|title|script)[\s>])", re.S | re.I
)
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.S | re.I)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BYTE_ORDER_MARKS = (*_UTF16, b"\xef\xbb\xbf")
_OLE = b"\xd0\xcf\x11\xe0"
_HEAD = 4096
_BLANK = b" \t\r\n\0"


def check(path: Path, source: SourceFile) -> None:
    """Raises RefusedError unless the file is what `source` expects; reads archives to their end, within limits."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, size - 1024))
        end = file.read().rstrip(_BLANK)
    start = head.replace(b"\0", b"") if head.startswith(_UTF16) else head
    start = start.lstrip(_BLANK + b"".join(_BYTE_ORDER_MARKS))
    expected = EXPECTED[source.expect]
    if _WEB_PAGE.match(start):
        title = _TITLE.search(start)
        named = f" ({' '.join(title[1].decode(errors='replace').split())[:80]})" if title else ""
        raise RefusedError(
            f"it is a web page{named}, not {expected}. Open the address in a browser: if the site is only closed for "
            f"now, fetch again later; if the file has moved, {CORRECT}"
        )
    if size < source.min_bytes:
        raise RefusedError(
            f"it has {size:,} bytes where at least {source.min_bytes:,} are expected; fetch again later."
        )
    try:
        if not _fits(source.expect, archives.kind(path, source.name), head, start, end):
            raise RefusedError(f"it is not {expected}, it begins with {head[:16]!r}; {CORRECT}")
        # Every member is read to its end, so that nothing damaged or harmful comes to light only later.
        found = [_holds(source, member) for member in archives.members(path, source.name)]
    except ArchiveError as error:
        raise RefusedError(str(error)) from error
    if source.contains and not any(found):
        raise RefusedError(f"{source.contains!r} does not occur in it; if its layout has not changed, {CORRECT}")


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
