"""Registers: what there is, what it covers, and how well it was read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dioscorides.atlas.release import Atlas
from dioscorides.atlas.table import Table
from dioscorides.questions.answer import Answer, QuestionError, sources

if TYPE_CHECKING:
    from dioscorides.charts.render import Picture
    from dioscorides.registers.metadata import Yearly

DEFINITIONS = (
    "Every published row is accounted for: rows = read + quarantined + exact duplicates + out of scope.",
    "Closed world yes: absence from the register may be read as not authorised; no: it proves nothing.",
)
CARD = ("register", "publisher", "jurisdiction", "language", "licence", "covers_from", "closed_world")
#: Years outside the expected range that are named one by one.
SHOWN = 6
READ = ("snapshot", "rows", "rows_read", "rows_quarantined", "rows_duplicate", "rows_out_of_scope", "records", "issues")

SNAPSHOTS = f"""
SELECT register, {", ".join(READ)}, "current"
FROM register
WHERE $1 IS NULL OR register = $1
ORDER BY register, snapshot
"""  # noqa: S608  # columns named above

FILES = """
SELECT snapshot, file, outcome, "rows", reason
FROM register_file
WHERE register = $1
ORDER BY snapshot, file, outcome, reason
"""

#: Authorisations by year: a year that stands out is a change of the register or a fault of reading.
YEARS = """
SELECT year(date) AS year, event, count(DISTINCT record_id) AS records
FROM event
WHERE register = $1 AND date IS NOT NULL AND event IN ('authorised', 'withdrawn', 'expired', 'refused')
GROUP BY year(date), event
ORDER BY year DESC, event
"""

ISSUES = """
SELECT snapshot, kind, "where", value, "count", first_row
FROM issue
WHERE register = $1
ORDER BY snapshot DESC, "count" DESC, kind, value
"""

QUARANTINE = """
SELECT snapshot, reason, count(*) AS "rows", min("row") AS example, arg_min(text, "row") AS text
FROM quarantine
WHERE register = $1
GROUP BY snapshot, reason
ORDER BY snapshot, reason
"""


def ask(atlas: Atlas | None, id: str | None = None) -> Answer:  # what users type
    """What registers there are: publisher, coverage, licence, last snapshot, rows and issues.

    With `id` one register in full: its snapshots, what became of the rows of each file, its issues and quarantine.
    Without an atlas only what registers say of themselves is known. Raises QuestionError.
    """
    from dioscorides.atlas import package

    cards = {card["register"]: card for card in package.cards()}
    release = atlas.release if atlas else "none yet: `dioscorides build` makes one"
    if id is None:
        overview = _overview(cards, atlas)
        answer = Answer("registers", "Registers", release, overview, view=_view(overview), definitions=DEFINITIONS)
        if atlas is None:
            return answer
        answer = replace(answer, sources=sources(atlas, set(overview["register"])))
        return replace(answer, pictures={"timeline": lambda: _timeline(atlas, answer)})
    if id not in cards:
        raise QuestionError(f"No register is called {id!r}; `dioscorides registers` lists them.")
    facts = {name.replace("_", " "): _said(value) for name, value in cards[id].items() if value not in (None, "")}
    title = f"{cards[id]['name']} ({id})"
    if atlas is None:
        return Answer("registers", title, release, Table(("register",), ("text",), ((id,),)), facts)
    years = atlas.table(YEARS, [id])
    snapshots = atlas.table(SNAPSHOTS, [id])
    by_year = _years(years)
    expected = package.yearly(id)
    caveats: tuple[str, ...] = ()
    if expected and snapshots:
        by_year = _beside_expected(by_year, expected, range(expected.since, max(snapshots["snapshot"]).year))
        caveats = _unusual(by_year, expected)
    answer = Answer(
        "registers",
        title,
        release,
        snapshots,
        facts,
        further={
            "files": atlas.table(FILES, [id]),
            "by year": by_year,
            "issues": atlas.table(ISSUES, [id]),
            "quarantine": atlas.table(QUARANTINE, [id]),
        },
        definitions=DEFINITIONS,
        caveats=caveats,
        sources=sources(atlas, {id}),
    )
    return replace(answer, pictures={"heat": lambda: _heat(answer, years)})


def _timeline(atlas: Atlas, answer: Answer) -> Picture:
    """The snapshots of each register, and since when it is complete."""
    from dioscorides.charts.timeline import timeline

    rows: list[dict[str, object]] = []
    for card in answer.main.records():
        if card["snapshots"]:
            note = f"{card['rows']:,} rows"
            since = [("complete since", card["covers_from"])] if card["covers_from"] else []
            taken = [day for one, day in atlas.table(SNAPSHOTS, [card["register"]]).only("register", "snapshot").rows]
            for event, date in (*since, *(("snapshot", day) for day in taken)):
                rows.append({"place": card["register"], "date": str(date), "event": event, "note": note})
    return timeline(
        rows,
        title="Registers in this release",
        subtitle="Their snapshots, and since when they are complete where that is stated",
        kinds=("snapshot", "complete since"),
        source="",
        release=f"Release {answer.release}",
    )


def _heat(answer: Answer, years: Table) -> Picture:
    """Records by year and event: a year that stands out is a change of the register or a fault of reading."""
    from dioscorides.charts.heat import heat

    rows = [{"year": row["year"], "category": row["event"], "value": row["records"]} for row in years.records()]
    return heat(
        rows,
        title=answer.title,
        subtitle="Records by the year of what happened",
        value_title="Records",
        source=answer.source_line,
        release=f"Release {answer.release}",
        unknown="none",
        empty="No event of its records has a date.",
    )


def _years(found: Table) -> Table:
    """A line per year, a column per event."""
    events = sorted(set(found["event"]))
    lines: dict[int, dict[str, object]] = {}
    for row in found.records():
        lines.setdefault(row["year"], {"year": str(row["year"])})[row["event"]] = row["records"]
    return Table.from_records(("year", *events), "text" + " int" * len(events), list(lines.values()))


def _beside_expected(by_year: Table, expected: Yearly, whole: range) -> Table:
    """The years with how many `authorised` to expect in each whole one, those without any record included."""
    stated = {row["year"]: row for row in by_year.records()}
    years = sorted({*stated, *map(str, whole)}, reverse=True)
    events = [name for name in by_year.columns if name not in ("year", "authorised")]
    lines = []
    for year in years:
        one = stated.get(year, {})
        looked_at = int(year) in whole
        counted = {"authorised": one.get("authorised") or (0 if looked_at else None)}
        lines.append({**one, "year": year, **counted, "expected": str(expected) if looked_at else None})
    return Table.from_records(
        ("year", "authorised", "expected", *events), "text int text" + " int" * len(events), lines
    )


def _unusual(by_year: Table, expected: Yearly) -> tuple[str, ...]:
    """The whole years outside the range that the register's card expects, in a sentence."""
    odd = [
        f"{row['year']} ({row['authorised']:,})"
        for row in by_year.records()
        if row["expected"] and not expected.least <= row["authorised"] <= expected.most
    ]
    if not odd:
        return ()
    more = f" and {len(odd) - SHOWN} more" if len(odd) > SHOWN else ""
    return (f"Not {expected} authorised, as is expected of a whole year: {', '.join(odd[:SHOWN])}{more}.",)


def _view(overview: Table) -> Table:
    """The overview as people read it."""
    lines = []
    for row in overview.records():
        since = f"since {row['covers_from'].year}" if row["covers_from"] else "start not stated"
        lines.append(
            {
                "register": row["register"],
                "where": row["jurisdiction"],
                "publisher": row["publisher"].split(",")[0].split(" (")[0],
                "language": row["language"],
                "licence": row["licence"].split(" (")[0],
                "coverage": f"{since}, {'closed' if row['closed_world'] else 'open'}",
                "snapshots": row["snapshots"],
                "last": row["snapshot"],
                "rows": row["rows"],
                "read": row["rows_read"],
                "quarantined": row["rows_quarantined"],
                "issues": row["issues"],
            }
        )
    types = "text text text text text text int date int int int int"
    columns = ("register", "where", "publisher", "language", "licence", "coverage", "snapshots", "last", "rows", "read")
    return Table.from_records((*columns, "quarantined", "issues"), types, lines)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _overview(cards: dict[str, dict[str, object]], atlas: Atlas | None) -> Table:
    """A line per register, those of the release first."""
    newest: dict[str, dict[str, object]] = {}
    snapshots: dict[str, int] = {}
    if atlas is not None:
        for row in atlas.table(SNAPSHOTS, [None]).records():
            newest[row["register"]] = row
            snapshots[row["register"]] = snapshots.get(row["register"], 0) + 1
    lines = [
        (
            *(card[name] for name in CARD),
            snapshots.get(register, 0),
            *(newest.get(register, {}).get(name) for name in READ),
        )
        for register, card in sorted(cards.items(), key=lambda item: (item[0] not in newest, item[0]))
    ]
    types = ("text", "text", "text", "text", "text", "date", "bool", "int", "date", *("int",) * 7)
    return Table((*CARD, "snapshots", *READ), types, tuple(lines))
