"""What every question gives back: an Answer. Faces render it and know nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from dioscorides.atlas.table import Table, empty
from dioscorides.contract import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from dioscorides.charts.render import Picture


class QuestionError(UserError):
    """A question that cannot be answered as it was asked."""


class Unknown(QuestionError):
    """Nothing is known by this name; `suggestions` are names that resemble it."""

    def __init__(self, text: str, suggestions: list[str]) -> None:
        hint = f" Did you mean {', '.join(suggestions)}?" if suggestions else ""
        super().__init__(f"No medicine is known as {text!r} in this release.{hint}")
        self.suggestions = suggestions


class Ambiguous(QuestionError):
    """Several medicines bear this name; `candidates` has medicine_id, kind, text of each."""

    def __init__(self, text: str, candidates: list[dict[str, Any]]) -> None:
        super().__init__(f"{text!r} is {len(candidates)} medicines: ask for one of them by its id.")
        self.candidates = candidates


@dataclass(frozen=True)
class Answer:
    """An answer: a table with what it means, what it rests on and what it leaves open.

    `main` is the table, `view` the same as people read it where that is shorter, `further` more tables by name;
    `facts` what is said in a few words; `definitions` and `caveats` sentences; `unknown` what is not known and why;
    `evidence` the records (register, snapshot, record_id, row) behind it, with `raw`, the row as published, where asked
    for; `sources` the snapshots with their licences; `pictures` its charts by shape. `table` and `parts` are Polars
    frames.
    """

    question: str
    title: str
    release: str
    main: Table
    facts: dict[str, str] = field(default_factory=dict)
    view: Table | None = None
    further: dict[str, Table] = field(default_factory=dict)
    definitions: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    unknown: Table = field(default_factory=empty)
    evidence: Table = field(default_factory=empty)
    sources: Table = field(default_factory=empty)
    pictures: dict[str, Callable[[], Picture]] = field(default_factory=dict, repr=False)

    def chart(self, shape: str | None = None) -> Picture:
        """The answer as a picture: its first, or that of one `shape`. Raises QuestionError where there is none."""
        if not self.pictures:
            raise QuestionError(f"The answer to {self.question!r} has no picture.")
        shape = shape or next(iter(self.pictures))
        if shape not in self.pictures:
            raise QuestionError(f"This answer has no picture {shape!r}; it has {', '.join(self.pictures)}.")
        return self.pictures[shape]()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """In a notebook: the picture where there is one, and the table."""
        shown = self.chart()._repr_mimebundle_() if self.pictures else {}
        return shown | {"text/html": f"<h3>{escape(self.title)}</h3>{self.table._repr_html_()}"}

    @property
    def source_line(self) -> str:
        """The line under a picture: where its data come from."""
        at = {name: self.sources[name] for name in ("register", "snapshot")} if self.sources else {}
        named = [f"{register} {snapshot}" for register, snapshot in zip(*at.values(), strict=True)] if at else []
        return "Source: " + ", ".join(named) if named else ""

    @property
    def table(self) -> pl.DataFrame:
        """The table as a Polars frame."""
        return self.main.frame

    @property
    def parts(self) -> dict[str, pl.DataFrame]:
        """Further tables as Polars frames."""
        return {name: table.frame for name, table in self.further.items()}

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values, dates as ISO text."""
        return {
            "question": self.question,
            "title": self.title,
            "release": self.release,
            "facts": self.facts,
            "table": self.main.plain(),
            "parts": {name: table.plain() for name, table in self.further.items()},
            "definitions": list(self.definitions),
            "caveats": list(self.caveats),
            "unknown": self.unknown.plain(),
            "evidence": self.evidence.plain(),
            "sources": self.sources.plain(),
        }

    def to_json(self) -> str:
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1)
