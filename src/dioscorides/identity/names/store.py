"""The index as one file: a hash table of byte keys to small integers, read in place from a memory map.

Layout: a line of JSON that says where the sections lie; `slots` (uint32, open addressing, 0 = empty, else 1 + offset
of a
record); `records` (key length, key, count, values as uint32, 4-byte aligned values are not needed); `texts`
(offsets, then
UTF-8). Opening reads the line of JSON and nothing else.
"""

from __future__ import annotations

import json
import mmap
import struct
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from zlib import crc32

_MAGIC = b"dioscorides names 2\n"
_HEAD = 1024
_MOST = 4000  # values under one key; only the shortest skeletons have more
_NONE: tuple[int, ...] = ()


class StoreError(Exception):
    """The file is no index of names, or is cut short."""


class Store:
    """Read access to an index file or to its bytes."""

    def __init__(self, data: bytes | mmap.mmap) -> None:
        if data[: len(_MAGIC)] != _MAGIC:
            raise StoreError("this file is no index of names; build the atlas anew")
        head = json.loads(data[len(_MAGIC) : _HEAD].rstrip(b"\0"))
        if head["size"] != len(data):
            raise StoreError(
                f"the index of names is cut short: {len(data)} of {head['size']} bytes; build the atlas anew"
            )
        self._data = data
        self.counts: dict[str, int] = head["counts"]
        view = memoryview(data)
        start, length = head["slots"]
        self._slots = view[start : start + length].cast("I")
        self._mask = len(self._slots) - 1
        self._records = head["records"][0]
        self._texts: dict[str, tuple[memoryview, int]] = {}
        for name, (at, count, blob) in head["texts"].items():
            self._texts[name] = (view[at : at + 4 * (count + 1)].cast("I"), blob)

    @classmethod
    def open(cls, path: Path) -> Store:
        """The index at `path`, mapped into memory. Raises StoreError if it is not one."""
        with path.open("rb") as file:
            try:
                return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            except ValueError as error:
                raise StoreError(f"{path} is empty; build the atlas anew") from error

    def get(self, key: bytes) -> tuple[int, ...]:
        """The values stored under `key`, in the order in which they were stored; none if it is not there."""
        slots, mask, data = self._slots, self._mask, self._data
        place = crc32(key) & mask
        length = len(key)
        while offset := slots[place]:
            at = self._records + offset - 1
            if data[at] == length and data[at + 1 : at + 1 + length] == key:
                at += 1 + length
                count = data[at] | data[at + 1] << 8
                return struct.unpack_from(f"<{count}I", data, at + 2)
            place = (place + 1) & mask
        return _NONE

    def text(self, name: str, number: int) -> str:
        """Entry `number` of a list of texts."""
        offsets, blob = self._texts[name]
        return self._data[blob + offsets[number] : blob + offsets[number + 1]].decode()

    def size(self, name: str) -> int:
        return len(self._texts[name][0]) - 1


def packed(table: Mapping[bytes, Iterable[int]], texts: Mapping[str, list[str]], counts: Mapping[str, int]) -> bytes:
    """The bytes of an index. The same input gives the same bytes."""
    slots = array("I", bytes(4 << max(4, (2 * len(table)).bit_length())))
    mask = len(slots) - 1
    records = bytearray()
    for key in sorted(table):
        if len(key) > 255:
            continue
        values = list(dict.fromkeys(table[key]))[:_MOST]
        place = crc32(key) & mask
        while slots[place]:
            place = (place + 1) & mask
        slots[place] = len(records) + 1
        records += (
            bytes((len(key),)) + key + len(values).to_bytes(2, "little") + struct.pack(f"<{len(values)}I", *values)
        )
    body = bytearray(slots.tobytes())
    head: dict[str, object] = {
        "counts": dict(counts),
        "slots": [_HEAD, len(body)],
        "records": [_HEAD + len(body), len(records)],
    }
    body += records
    body += bytes(-len(body) % 4)
    places = {}
    for name, entries in texts.items():
        encoded = [entry.encode() for entry in entries]
        offsets = array("I", [0])
        for entry in encoded:
            offsets.append(offsets[-1] + len(entry))
        at = _HEAD + len(body)
        body += offsets.tobytes()
        places[name] = [at, len(entries), _HEAD + len(body)]
        body += b"".join(encoded)
        body += bytes(-len(body) % 4)
    head["texts"] = places
    head["size"] = _HEAD + len(body)
    line = _MAGIC + json.dumps(head, sort_keys=True).encode()
    return line.ljust(_HEAD, b"\0") + bytes(body)
