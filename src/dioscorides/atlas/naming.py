"""The naming stage: which substances the printed names are.

It asks the processor for more than all other stages, and needs only names: the name authorities' first, then those that
registers print. So it goes on beside the reading, in a process of its own where there is enough to do.
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol

import polars as pl

from dioscorides.atlas.records import Records, keep, newest, whole
from dioscorides.identity import brands, substances
from dioscorides.identity.names import Dictionary, form, taught
from dioscorides.identity.names.draft import Answers
from dioscorides.identity.substances import Substances
from dioscorides.registers.metadata import CROWD

#: Below this many bytes of published files a second process costs more than it saves.
WORTH_A_PROCESS = 4_000_000
#: The steps that are answered, when they are done beside.
ANSWERED = ("link", "index", "memory")
#: What the cache keeps of earlier builds: a folder with two files.
FOLDER, DICTIONARY, ANSWERS = "names-", "dictionary", "answers"
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

    def remember(self, cache: Path) -> None:
        """Keep in the folder `cache` what later builds need not do again, after `index`."""

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

    def remember(self, cache: Path) -> None:
        pass

    def close(self) -> None:
        pass

    def _dictionary(self, records: Sequence[Records]) -> Dictionary:
        """The dictionary of the authorities among `records` and of the project's own list."""
        told = [one for one in records if one.table("name")]
        keys = [one.key for one in told]
        if self._formed is None or self._formed[0] != keys:
            self._formed = keys, self._form(told)
        return self._formed[1]

    def _form(self, told: Sequence[Records]) -> Dictionary:
        crowd = {one.register.id for one in told if one.register.metadata.rank == CROWD}
        return form(pl.concat([newest(told, "name"), brands.names()]), crowd=crowd)


class Remembering(Here):
    """The stage in this process, with the dictionary of the authorities and the answers of earlier builds.

    They lie in the cache of records, in a folder named by the content of the authorities' names and the code that reads
    them. What is damaged there is worked out again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self._dictionary_file = b""
        self._recalled = -1  # how many answers were remembered; none yet
        self._answers: Answers = {}

    def link(self, records: Sequence[Records]) -> Substances:
        self._answers = self._dictionary(records).draft.answers()  # as they were before anything was learnt
        return super().link(records)

    def memory(self) -> tuple[str, dict[str, bytes]] | None:
        """The folder's name and the content of its files; None where it is not worth writing anew."""
        if not self._name or len(self._answers) == self._recalled:
            return None
        return self._name, {DICTIONARY: self._dictionary_file, ANSWERS: pickle.dumps(self._answers)}

    def _form(self, told: Sequence[Records]) -> Dictionary:
        if not told:
            return super()._form(told)
        digest = hashlib.sha256(_code())
        for one in told:
            digest.update(one.key.encode())
        self._name = f"{FOLDER}{digest.hexdigest()[:16]}"
        folder = told[0].path.parent / self._name
        if whole(folder):
            self._dictionary_file = (folder / DICTIONARY).read_bytes()
            dictionary: Dictionary = pickle.loads(self._dictionary_file)  # noqa: S301 - our own file, checked
            answers = pickle.loads((folder / ANSWERS).read_bytes())  # noqa: S301 - the same
            dictionary.draft.recall(answers)
            self._recalled = len(answers)
        else:
            dictionary = super()._form(told)
            dictionary.draft.resolve([])  # made now, so that it is kept with it
            self._dictionary_file = pickle.dumps(dictionary)
        return dictionary


def _code() -> bytes:
    """A digest of the code and data that form a dictionary, and of the libraries that read what is kept of it."""
    root = Path(str(files("dioscorides.identity")))
    digest = hashlib.sha256(f"{sys.version} polars {pl.__version__}".encode())
    for path in sorted(root.glob("**/*")):
        if path.suffix in (".py", ".tsv", ".yaml"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.digest()


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
        self._ask("memory")
        found: Substances | None = self._answer()
        return Here().link(records) if found is None else found

    def index(self) -> bytes:
        found: bytes | None = self._answer()
        if found is None:
            instead = Here()
            instead.link(self._records)
            return instead.index()
        return found

    def remember(self, cache: Path) -> None:
        told: tuple[str, dict[str, bytes]] | None = self._answer()
        if told is None:
            return
        name, contents = told

        def fill(folder: Path) -> None:
            for file, data in contents.items():
                (folder / file).write_bytes(data)

        with suppress(OSError):  # the next build does without
            keep(cache / name, fill)
        for other in cache.glob(f"{FOLDER}*"):
            if other.name != name:
                shutil.rmtree(other, ignore_errors=True)

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

    # what is made here lives until the process ends: to look for what could be freed would be in vain
    gc.disable()
    Thread(target=listen, daemon=True).start()
    here = Remembering()
    while True:
        step, arguments = asked.get()
        answer = getattr(here, step)(*arguments)
        if step in ANSWERED:
            pickle.dump(answer, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)
            sys.stdout.buffer.flush()
