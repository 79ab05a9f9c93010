"""The index as one file: a hash table of byte keys to small integers, read in place from a memory map.

Layout: a line of JSON that says where the sections lie; `buckets` (the number of the first key of each bucket, at last
the number of all keys), `keys` (where each key ends), `values` (where the values of each key end), `numbers` (the
values), all uint32; the bytes of the keys, bucket by bucket; `texts` (offsets, then UTF-8). Opening reads the line of
JSON and nothing else.
"""

from __future__ import annotations

import json
import mmap
from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import accumulate, chain
from pathlib import Path
from zlib import crc32

_MAGIC = b"dioscorides names 3\n"
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


class Draft:
    """A table of keys in the making, to be asked before it is packed.

    `late`: by first letter of a key, what puts all keys with that letter into the table when one is first asked for.
    """

    def __init__(
        self,
        table: Mapping[str, Sequence[int]],
        texts: Mapping[str, Sequence[str]],
        counts: Mapping[str, int],
        late: Mapping[str, Callable[[], None]],
    ) -> None:
        self._table, self._texts, self.counts, self._late = table, texts, counts, dict(late)

    def get(self, key: str) -> Sequence[int]:
        """The values stored under `key`, in ascending order; none if it is not there."""
        if key[0] in self._late:
            fill = self._late[key[0]]
            self._late = {letter: other for letter, other in self._late.items() if other is not fill}
            fill()
        return self._table.get(key, _NONE)[:_MOST]

    def text(self, name: str, number: int) -> str:
        """Entry `number` of a list of texts."""
        return self._texts[name][number]


def packed(
    table: Mapping[str, Collection[int]], texts: Mapping[str, Sequence[str]], counts: Mapping[str, int]
) -> bytes:
    """The bytes of an index. The same input, its keys and values in the same order, gives the same bytes."""
    mask = (1 << max(4, len(table).bit_length())) - 1
    keys = list(map(str.encode, table))
    places = [crc32(key) & mask for key in keys]
    order = sorted(range(len(keys)), key=places.__getitem__)
    keys = [keys[at] for at in order]
    held = list(table.values())
    values = [held[at] if len(held[at]) <= _MOST else list(held[at])[:_MOST] for at in order]
    sizes = [0] * (mask + 1)
    for place in places:
        sizes[place] += 1
    arrays = (
        accumulate(sizes, initial=0),
        accumulate(map(len, keys), initial=0),
        accumulate(map(len, values), initial=0),
        chain.from_iterable(values),
    )
    body = bytearray()
    ranges = []
    for numbers in arrays:
        packed_numbers = array("I", numbers)
        ranges.append([_HEAD + len(body), len(packed_numbers)])
        body += packed_numbers.tobytes()
    head: dict[str, object] = {"counts": dict(counts), "arrays": ranges, "keys": _HEAD + len(body)}
    body += b"".join(keys)
    body += bytes(-len(body) % 4)
    lists = {}
    for name, entries in texts.items():
        encoded = [entry.encode() for entry in entries]
        offsets = array("I", accumulate(map(len, encoded), initial=0))
        at = _HEAD + len(body)
        body += offsets.tobytes()
        lists[name] = [at, len(entries), _HEAD + len(body)]
        body += b"".join(encoded)
        body += bytes(-len(body) % 4)
    head["texts"] = lists
    head["size"] = _HEAD + len(body)
    line = _MAGIC + json.dumps(head, sort_keys=True).encode()
    return line.ljust(_HEAD, b"\0") + bytes(body)
