"""What every question gives back: an Answer. Faces render it and know nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from dioscorides.atlas.table import Table, empty
from dioscorides.contract import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from dioscorides.atlas.release import Atlas
    from dioscorides.charts.render import Picture

PUBLISHED = """
WITH wanted AS (
    SELECT DISTINCT
        unnest($1::VARCHAR[]) AS register, unnest($2::VARCHAR[]) AS record_id, unnest($3::DATE[]) AS snapshot
)
SELECT s.register, s.snapshot, s.record_id, s."row", s.raw
FROM source_row AS s
INNER JOIN wanted AS w
    ON s.register = w.register AND s.record_id = w.record_id AND s.snapshot = coalesce(w.snapshot, s.snapshot)
QUALIFY w.snapshot IS NOT NULL OR s.snapshot = max(s.snapshot) OVER (PARTITION BY s.register, s.record_id)
ORDER BY s.register, s.record_id, s.snapshot, s."row"
"""

#: What `sources` tells of a snapshot: whose it is, and what its register covers.
OF_PUBLISHER = ("register", "snapshot", "publisher", "licence", "published_at")
OF_COVERAGE = ("covers_from", "covers_to", "closed_world")

SOURCES = f"""
SELECT {", ".join((*OF_PUBLISHER, *OF_COVERAGE))} FROM register WHERE "current" ORDER BY register
"""  # noqa: S608  # columns named above


class QuestionError(UserError):
    """A question that cannot be answered as it was asked."""


def _short(text: str, length: int = 80) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


class Unknown(QuestionError):
    """Nothing is known by this name; `suggestions` are names that resemble it.

    `listed` are authorisations of that name or number of which no substance is known: register, number, status of each.
    """

    def __init__(self, text: str, suggestions: list[str], listed: Sequence[dict[str, Any]] = ()) -> None:
        said = [f"No medicine is known as {_short(text)!r} in this release."]
        if listed:
            first, more = listed[0], f" and {len(listed) - 1} more" if len(listed) > 1 else ""
            what = f"{first['number'] or 'no number'}, {first['status'].replace('_', ' ')}{more}"
            said.append(f"{first['register']} lists it, but no substance of it is known: {what}.")
        if suggestions:
            said.append(f"Did you mean {', '.join(suggestions)}?")
        super().__init__(" ".join(said))
        self.suggestions = suggestions
        self.listed = list(listed)


class Ambiguous(QuestionError):
    """Several medicines bear this name; `candidates` has medicine_id, kind, text of each."""

    def __init__(self, text: str, candidates: list[dict[str, Any]]) -> None:
        super().__init__(f"{_short(text)!r} is {len(candidates)} medicines: ask for one of them by its id.")
        self.candidates = candidates


@dataclass(frozen=True)
class Answer:
    """An answer: a table with what it means, what it rests on and what it leaves open.

    `main` is the table, `view` the same as people read it where that is shorter, `further` more tables by name;
    `facts` what is said in a few words; `definitions` and `caveats` sentences; `unknown` what is not known and why;
    `evidence` the records (register, snapshot, record_id, row) behind it, with `raw`, the row as published, where asked
    for; `sources` the snapshots with their licences and what they cover; `pictures` its charts by shape. `table` and
    `parts` are Polars frames, `published` the rows of registers under the evidence.
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
        """In a notebook: the picture where there is one, the table and the caveats, in one."""
        picture = f"<div>{self.chart().svg()}</div>" if self.pictures else ""
        caveats = "".join(f"<li>{escape(caveat)}</li>" for caveat in self.caveats)
        shown = f"<h3>{escape(self.title)}</h3>{picture}{self.table._repr_html_()}<ul>{caveats}</ul>"
        return {"text/html": shown, "text/plain": f"{self.title} ({len(self.main):,} lines, release {self.release})"}

    @property
    def source_line(self) -> str:
        """The line under a picture: where its data come from."""
        at = {name: self.sources[name] for name in ("register", "snapshot")} if self.sources else {}
        named = [f"{register} {snapshot}" for register, snapshot in zip(*at.values(), strict=True)] if at else []
        return "Source: " + ", ".join(named) if named else ""

    @property
    def licences(self) -> tuple[str, ...]:
        """The licences of the registers that the answer rests on."""
        return tuple(dict.fromkeys(self.sources["licence"])) if self.sources else ()

    @property
    def coverage(self) -> Table:
        """What these registers cover: complete since when and to when, and whether absence may be read as a no."""
        return self.sources.only("register", *OF_COVERAGE) if self.sources else self.sources

    @property
    def table(self) -> pl.DataFrame:
        """The table as a Polars frame."""
        return self.main.frame

    @property
    def parts(self) -> dict[str, pl.DataFrame]:
        """Further tables as Polars frames."""
        return {name: table.frame for name, table in self.further.items()}

    def published(self, atlas: Atlas, **where: Any) -> Table:
        """The rows as published under the evidence: register, snapshot, record_id, row, raw.

        `where` keeps to evidence with these values, such as jurisdiction="EU", medicine_id="tisagenlecleucel". Where
        the evidence names no snapshot, the newest that shows the record counts. `atlas` is the one that was asked.
        """
        if wrong := set(where) - set(self.evidence.columns):
            raise QuestionError(f"The evidence has no {', '.join(sorted(wrong))}; it has {self.evidence.columns}.")
        kept = [row for row in self.evidence.records() if all(row[name] == value for name, value in where.items())]
        keys = [[row.get(name) for row in kept] for name in ("register", "record_id", "snapshot")]
        return atlas.table(PUBLISHED, keys)

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


def sources(atlas: Atlas, used: set[str]) -> Table:
    """The newest snapshots of the registers `used`, with their licences."""
    every = atlas.constant(SOURCES)
    return Table(every.columns, every.types, tuple(row for row in every.rows if row[0] in used))
