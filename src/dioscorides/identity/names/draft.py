"""The index of a dictionary that is still learning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dioscorides.identity.names.contents import Entries, undisturbed
from dioscorides.identity.names.index import Finding, Index

if TYPE_CHECKING:
    import polars as pl

    from dioscorides.identity.names.index import Trace


class Draft(Index):
    """An index that is not packed yet: soon made, to be asked a few thousand names, and taught others in between.

    It knows under which keys it looked for each answer. What it learns touches few of them, and the answers that rest
    on the others stand.
    """

    def __init__(self, entries: Entries) -> None:
        super().__init__(entries)
        self._entries = entries
        self._answers_rest_on: dict[str, set[str]] = {}
        self._parts_rest_on: dict[tuple[str, bool], set[str]] = {}

    def learn(self, names: pl.DataFrame) -> None:
        """Take up names (`substance_name`) of the substances that it holds."""
        with undisturbed():
            changed = self._entries.add(names)
            self._answers = {
                name: answer
                for name, answer in self._answers.items()
                if changed.isdisjoint(self._answers_rest_on[name])
            }
            self._parts = {
                part: found for part, found in self._parts.items() if changed.isdisjoint(self._parts_rest_on[part])
            }
            self._sounds.clear()  # their numbers are others now

    def packed(self) -> bytes:
        """The bytes of the index."""
        with undisturbed():
            return self._entries.packed()

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_parts": {}, "_parts_rest_on": {}}

    def _known(self, name: str) -> tuple[object, ...] | None:
        asked = self._entries.asked = set()
        answer = super()._known(name)
        self._answers_rest_on[name] = asked
        return answer

    def _answer(self, name: str, trace: Trace | None) -> tuple[object, ...]:
        asked = self._entries.asked = set()
        answer = super()._answer(name, trace)
        self._answers_rest_on[name] = asked
        return answer

    def _part(self, piece: str, trace: Trace | None, *, slips: bool) -> tuple[Finding, str | None]:
        """A part that was read before rests on what was looked up then."""
        if trace is not None:
            return super()._part(piece, trace, slips=slips)
        whole = self._entries.asked
        if (piece, slips) in self._parts:
            whole |= self._parts_rest_on[piece, slips]
            return super()._part(piece, trace, slips=slips)
        own = self._entries.asked = set()
        part = super()._part(piece, trace, slips=slips)
        self._parts_rest_on[piece, slips] = own
        whole |= own
        self._entries.asked = whole
        return part
