"""The index of a dictionary that is still learning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dioscorides.identity.names.contents import Entries, undisturbed
from dioscorides.identity.names.index import ANSWER, EVERYDAY, Finding, Index

if TYPE_CHECKING:
    import polars as pl

    from dioscorides.identity.names.index import Trace


Answers = dict[str, tuple[tuple[object, ...], set[str]]]


class Draft(Index):
    """An index that is not packed yet: soon made, to be asked a few thousand names, and taught others in between.

    It knows under which keys it looked for each answer. What it learns touches few of them, and the answers that rest
    on the others stand.
    """

    def __init__(self, entries: Entries, *, brands: bool = True) -> None:
        super().__init__(entries, brands=brands)
        self._entries = entries
        self._answers_rest_on: dict[str, set[str]] = {}
        self._parts_rest_on: dict[tuple[str, bool], set[str]] = {}

    def learn(self, names: pl.DataFrame) -> None:
        """Take up names (`substance_name`) of the substances that it holds."""
        with undisturbed():
            self._keep_from(self, self._entries.add(names))
            self._sounds.clear()  # their numbers are others now

    def without_brands(self) -> Draft:
        """The same index as `Index.without_brands` gives, with the answers that are no others there."""
        plain = Draft(self._entries, brands=False)
        plain._keep_from(self, {*self._entries.branded, EVERYDAY})
        return plain

    def _keep_from(self, other: Draft, changed: set[str]) -> None:
        """Take over the answers of another that do not rest on what is changed."""
        self._answers_rest_on = {
            name: keys for name, keys in other._answers_rest_on.items() if changed.isdisjoint(keys)
        }
        self._answers = {name: other._answers[name] for name in self._answers_rest_on if name in other._answers}
        self._parts_rest_on = {part: keys for part, keys in other._parts_rest_on.items() if changed.isdisjoint(keys)}
        self._parts = {part: other._parts[part] for part in self._parts_rest_on if part in other._parts}

    def answers(self) -> Answers:
        """The answers given so far, with the keys that they rest on."""
        return {name: (answer, self._answers_rest_on[name]) for name, answer in self._answers.items()}

    def recall(self, answers: Answers) -> None:
        """Take up answers that this same index gave before."""
        for name, (answer, keys) in answers.items():
            self._answers[name], self._answers_rest_on[name] = answer, keys

    def packed(self) -> bytes:
        """The bytes of the index."""
        with undisturbed():
            return self._entries.packed()

    def _answer(self, name: str, trace: Trace | None) -> tuple[object, ...]:
        asked = self._entries.asked = set()
        answer = super()._answer(name, trace)
        if answer[ANSWER.index("reason")] == EVERYDAY:
            asked.add(EVERYDAY)
        self._answers_rest_on[name] = asked
        return answer

    def _name(self, name: str) -> Finding:
        """Looked up anew each time: a part rests on all that was looked up for it."""
        self._last = (None, Finding())
        return super()._name(name)

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
