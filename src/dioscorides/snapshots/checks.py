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
        words = {word for word in (source.contains, source.excludes) if word}
        found = {word for member in archives.members(path, source.name) for word in _occurring(words, source, member)}
    except ArchiveError as error:
        raise RefusedError(str(error)) from error
    if source.contains and source.contains not in found:
        raise RefusedError(f"{source.contains!r} does not occur in it; if its layout has not changed, {CORRECT}")
    if source.excludes and source.excludes in found:
        raise RefusedError(f"{source.excludes!r} occurs in it: it ends with an error or is one; fetch again later.")


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


def _occurring(words: set[bytes], source: SourceFile, member: PublishedFile) -> set[bytes]:
    """Which of `words` are in the member or in its name; reads the member to its end."""
    name = member.name.removeprefix(source.name).encode(errors="replace")
    found = {word for word in words if word in name}
    longest = max(map(len, words), default=0)
    carried = b""
    for chunk in member.chunks():
        if missing := words - found:
            seen = carried + chunk
            found.update(word for word in missing if word in seen)
            carried = seen[-longest:]
    return found
