"""The naming stage: which substances the printed names are.

It asks the processor for more than all other stages, and needs only names: the name authorities' first, then those that
registers print. So it goes on beside the reading, in a process of its own where there is enough to do.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol

import polars as pl

from dioscorides.atlas.records import Records, newest
from dioscorides.identity import brands, substances
from dioscorides.identity.names import Dictionary, form, taught
from dioscorides.identity.substances import Substances
from dioscorides.registers.metadata import CROWD

#: Below this many bytes of published files a second process costs more than it saves.
WORTH_A_PROCESS = 4_000_000
SERVE = "import sys; sys.path[:] = {path!r}; from dioscorides.atlas.naming import serve; serve()"


class Naming(Protocol):
    """The steps of the stage. `authorities` and `printed` may be called early; what they saw is not done again."""

    def authorities(self, records: Sequence[Records]) -> None:
        """Take the names of authorities from these snapshots."""

    def printed(self, one: Records) -> None:
        """Take the names that this snapshot prints."""

    def link(self, records: Sequence[Records]) -> Substances:
        """The substances of all these snapshots."""

    def index(self) -> bytes:
        """The index of names, after `link`."""

    def close(self) -> None:
        """It is not needed any more."""


class Here:
    """The stage in this process."""

    def __init__(self) -> None:
        self._formed: tuple[list[str], Dictionary] | None = None

    def authorities(self, records: Sequence[Records]) -> None:
        self._dictionary(records)

    def printed(self, one: Records) -> None:
        if self._formed and one.table("ingredient"):
            names = one.frame("ingredient")["name"].drop_nulls().unique().sort()
            self._formed[1].draft.resolve(names.to_list())

    def link(self, records: Sequence[Records]) -> Substances:
        dictionary = self._dictionary(records)
        self._formed = None  # from here on it learns, and is the authorities' alone no more
        ingredients = newest(records, "ingredient")
        authorisations = newest(records, "authorisation")
        self._taught = taught(dictionary, ingredients, authorisations)
        return substances.link(self._taught, ingredients, authorisations)

    def index(self) -> bytes:
        return self._taught.packed()

    def close(self) -> None:
        pass

    def _dictionary(self, records: Sequence[Records]) -> Dictionary:
        """The dictionary of the authorities among `records` and of the project's own list."""
        told = [one for one in records if one.table("name")]
        keys = [one.key for one in told]
        if self._formed is None or self._formed[0] != keys:
            crowd = {one.register.id for one in told if one.register.metadata.rank == CROWD}
            self._formed = keys, form(pl.concat([newest(told, "name"), brands.names()]), crowd=crowd)
        return self._formed[1]


class Beside:
    """The stage in a process of its own, which ends with this one. Should it fail, its work is done here."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._records: Sequence[Records] = ()

    def authorities(self, records: Sequence[Records]) -> None:
        self._ask("authorities", list(map(_light, records)))

    def printed(self, one: Records) -> None:
        self._ask("printed", _light(one))

    def link(self, records: Sequence[Records]) -> Substances:
        self._records = records
        self._ask("link", list(map(_light, records)))
        self._ask("index")  # to be packed while others use the links
        found: Substances | None = self._answer()
        return Here().link(records) if found is None else found

    def index(self) -> bytes:
        found: bytes | None = self._answer()
        if found is None:
            instead = Here()
            instead.link(self._records)
            return instead.index()
        return found

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def _ask(self, step: str, *arguments: object) -> None:
        with suppress(OSError):  # that it is gone, or never came, shows when an answer is waited for
            if self._process is None:
                self._process = subprocess.Popen(  # noqa: S603 - ourselves
                    [sys.executable, "-c", SERVE.format(path=sys.path)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            assert self._process.stdin is not None
            pickle.dump((step, arguments), self._process.stdin)
            self._process.stdin.flush()

    def _answer(self) -> Any:
        """The next answer, None where the process has failed."""
        try:
            if self._process is None or self._process.stdout is None:
                return None
            return pickle.load(self._process.stdout)  # noqa: S301 - from our own process
        except (EOFError, OSError, pickle.UnpicklingError):
            return None


@contextmanager
def stage(size: int) -> Iterator[Naming]:
    """The stage for so many bytes of published files, until the context ends."""
    names = Beside() if size >= WORTH_A_PROCESS and sys.executable else Here()
    try:
        yield names
    finally:
        names.close()


def _light(one: Records) -> Records:
    """Without what its register remembers of its metadata."""
    return replace(one, register=replace(one.register))


def serve() -> None:
    """Take steps from standard input and give the answers on standard output, until the process that asks is gone."""
    asked: SimpleQueue[tuple[str, tuple[Any, ...]]] = SimpleQueue()

    def listen() -> None:
        try:
            while True:
                asked.put(pickle.load(sys.stdin.buffer))  # noqa: S301 - from the process that started this one
        finally:
            os._exit(1)

    Thread(target=listen, daemon=True).start()
    here = Here()
    while True:
        step, arguments = asked.get()
        answer = getattr(here, step)(*arguments)
        if answer is not None:
            pickle.dump(answer, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)
            sys.stdout.buffer.flush()
