"""The index as one file: a hash table of byte keys to small integers, read in place from a memory map.

Layout: a line of JSON that says where the sections lie; `buckets` (the number of the first key of each bucket, at last
the number of all keys), `keys` (where each key ends), `values` (where the values of each key end), `numbers` (the
values), all uint32; the bytes of the keys, bucket by bucket; `texts` (offsets, then UTF-8). Opening reads the line of
JSON and nothing else.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np

_MAGIC = b"dioscorides names 3\n"
_HEAD = 1024
MOST = 4000  # values under one key; only the shortest skeletons have more
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
        self._buckets, self._ends, self._values, self._numbers = (
            view[start : start + 4 * count].cast("I") for start, count in head["arrays"]
        )
        self._mask = len(self._buckets) - 2
        self._keys: int = head["keys"]
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

    def get(self, key: str) -> tuple[int, ...]:
        """The values stored under `key`, in ascending order; none if it is not there."""
        wanted = key.encode()
        place = crc32(wanted) & self._mask
        buckets = self._buckets
        first, end = buckets[place], buckets[place + 1]
        if first == end:
            return _NONE
        ends = self._ends
        start, length = ends[first], len(wanted)
        for number in range(first + 1, end + 1):
            stop = ends[number]
            if stop - start == length:
                at = self._keys + start
                if self._data[at : at + length] == wanted:
                    values = self._values
                    return tuple(self._numbers[values[number - 1] : values[number]])
            start = stop
        return _NONE

    def text(self, name: str, number: int) -> str:
        """Entry `number` of a list of texts."""
        offsets, blob = self._texts[name]
        return self._data[blob + offsets[number] : blob + offsets[number + 1]].decode()

    def size(self, name: str) -> int:
        return len(self._texts[name][0]) - 1


def packed(
    tables: Sequence[Mapping[str, Collection[int]]], texts: Mapping[str, Sequence[str]], counts: Mapping[str, int]
) -> bytes:
    """The bytes of an index of the keys of all these tables, of which none is in two.

    The same input, its keys and values in the same order, gives the same bytes.
    """
    import numpy as np  # whoever only opens an index does not wait for it

    keys = [key.encode() for table in tables for key in table]
    held = [values if len(values) <= MOST else list(values)[:MOST] for table in tables for values in table.values()]
    mask = (1 << max(4, len(keys).bit_length())) - 1
    places = np.fromiter(map(crc32, keys), np.uint32, len(keys)) & mask
    order = np.argsort(places, kind="stable")
    sizes = np.fromiter(map(len, held), np.int64, len(held))
    numbers = np.fromiter(chain.from_iterable(held), np.uint32, int(sizes.sum()))
    starts = (np.cumsum(sizes) - sizes)[order]
    sizes = sizes[order]
    ends = np.cumsum(sizes)
    arrays = (
        _from_zero(np.cumsum(np.bincount(places, minlength=mask + 1))),
        _from_zero(np.cumsum(np.fromiter(map(len, keys), np.int64, len(keys))[order])),
        _from_zero(ends),
        numbers[np.repeat(starts - (ends - sizes), sizes) + np.arange(len(numbers))].astype("<u4").tobytes(),
    )
    body = bytearray()
    ranges = []
    for column in arrays:
        ranges.append([_HEAD + len(body), len(column) // 4])
        body += column
    head: dict[str, object] = {"counts": dict(counts), "arrays": ranges, "keys": _HEAD + len(body)}
    body += b"".join([keys[at] for at in order.tolist()])
    body += bytes(-len(body) % 4)
    lists = {}
    for name, entries in texts.items():
        encoded = [entry.encode() for entry in entries]
        at = _HEAD + len(body)
        body += _from_zero(np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded))))
        lists[name] = [at, len(entries), _HEAD + len(body)]
        body += b"".join(encoded)
        body += bytes(-len(body) % 4)
    head["texts"] = lists
    head["size"] = _HEAD + len(body)
    line = _MAGIC + json.dumps(head, sort_keys=True).encode()
    return line.ljust(_HEAD, b"\0") + bytes(body)


def _from_zero(ends: np.ndarray[Any, Any]) -> bytes:
    """Where pieces end, as the file has them: with the start of the first before them."""
    return bytes(4) + ends.astype("<u4").tobytes()
