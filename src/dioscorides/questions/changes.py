"""Changes: what changed in a register between two snapshots: new, gone, status, holder, name, date."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from dioscorides.atlas.release import Atlas
from dioscorides.atlas.table import Table
from dioscorides.questions.answer import OF_COVERAGE, OF_PUBLISHER, Answer, QuestionError

if TYPE_CHECKING:
    from dioscorides.charts.render import Picture

DEFINITIONS = (
    "New and gone: the record is in one of two consecutive snapshots and not in the other. Status, holder, name, date: "
    "it is in both and the two state it differently; the date is the earliest authorised event.",
    "Silently gone: gone while authorised, without a withdrawal in this register; it may publish those elsewhere. Not "
    "where a new record of the same step has the same name, medicine, form and strength: `continued_as` is its key.",
)

CAVEATS = ("A change of the register's own layout or numbering shows as changes of many records at once.",)
KINDS = ("new", "gone", "status", "holder", "name", "date")

#: What both ends of a period say of each record; changes that were taken back in between do not show.
STEPS = """
WITH step AS (
    SELECT
        c.*, a.product_name, a.holder_name, a.number, a.medicine_id, lower(a.product_name) AS name, a.form, a.strength
    FROM change AS c
    LEFT JOIN authorisation AS a ON c.register = a.register AND c.record_id = a.record_id
    WHERE c.register = $1 AND c."from" >= $2 AND c."to" <= $3
),
-- registers number anew: one that is gone and one that is new may be the same product
continued AS (
    SELECT g."to", g.record_id, min(n.record_id) AS continued_as
    FROM step AS g
    INNER JOIN step AS n
        ON g."to" = n."to" AND g.name = n.name AND g.medicine_id = n.medicine_id
        AND g.form IS NOT DISTINCT FROM n.form AND g.strength IS NOT DISTINCT FROM n.strength
    WHERE g.kind = 'gone' AND n.kind = 'new'
    GROUP BY g."to", g.record_id
)
SELECT
    s.register, s."from", s."to", s.record_id, s.kind, s.before, s.after,
    s.kind = 'gone' AND s.before = 'authorised' AND c.continued_as IS NULL AS silently_gone,
    CASE WHEN s.kind = 'gone' THEN c.continued_as END AS continued_as,
    s.product_name, s.holder_name, s.number, s.medicine_id
FROM step AS s
LEFT JOIN continued AS c ON s."to" = c."to" AND s.record_id = c.record_id
ORDER BY s."from", s.kind, s.product_name, s.record_id
"""

SOURCES = f"""
SELECT {", ".join((*OF_PUBLISHER, *OF_COVERAGE))} FROM register WHERE register = $1 ORDER BY snapshot
"""  # noqa: S608  # columns named there


def ask(atlas: Atlas, id: str, *, from_: date | None = None, to: date | None = None) -> Answer:
    """What changed in the register `id`, from its snapshot of one date to that of another (default: first and last).

    Raises QuestionError for a register that the release has not, or of which it has one snapshot only.
    """
    sources = atlas.table(SOURCES, [id])
    dates = sources["snapshot"]
    if not dates:
        known = ", ".join(atlas.constant("SELECT DISTINCT register FROM register ORDER BY register")["register"])
        raise QuestionError(f"The release has no register {id!r}; it has {known}.")
    if len(dates) == 1:
        raise QuestionError(f"The release has one snapshot of {id} only, of {dates[0]}: changes need two.")
    first, last = from_ or dates[0], to or dates[-1]
    for wanted in (first, last):
        if wanted not in dates:
            there = ", ".join(map(str, dates))
            raise QuestionError(f"The release has no snapshot of {id} of {wanted}; it has {there}.")
    steps = atlas.table(STEPS, [id, first, last])
    gone = sum(row["silently_gone"] for row in steps.records())
    answer = Answer(
        question="changes",
        title=f"Changes of {id} from {first} to {last}",
        release=atlas.release,
        main=steps,
        facts={"snapshots": ", ".join(str(day) for day in dates if first <= day <= last), "silently gone": str(gone)},
        view=_counts(steps),
        further={"silently gone": _silently_gone(steps)},
        definitions=DEFINITIONS,
        caveats=CAVEATS,
        evidence=_evidence(steps),
        sources=sources,
    )
    return replace(answer, pictures={"dots": lambda: _dots(answer)})


def _counts(steps: Table) -> Table:
    """Records by step and kind."""
    lines: dict[tuple[date, str], dict[str, object]] = {}
    silent, records = Counter[tuple[date, str]](), Counter[tuple[date, str]]()
    for row in steps.records():
        key = (row["from"], row["kind"])
        records[key] += 1
        silent[key] += row["silently_gone"]
        lines[key] = row | {"records": records[key], "silently_gone": silent[key]}
    columns = ("from", "to", "kind", "records", "silently_gone")
    return Table.from_records(columns, "date date text int int", [lines[key] for key in sorted(lines)])


def _dots(answer: Answer) -> Picture:
    """Records by what changed in them."""
    from dioscorides.charts.dots import dots

    counts = list((answer.view or answer.main).records())
    steps = len({row["to"] for row in counts})
    rows = [
        {
            "label": row["kind"],
            "value": row["records"],
            "lower": None,
            "upper": None,
            "note": f"{row['records']:,}" + (f", {row['silently_gone']:,} silently" if row["silently_gone"] else ""),
            "group": f"{row['from']} to {row['to']}" if steps > 1 else None,
        }
        for row in sorted(counts, key=lambda row: (KINDS.index(row["kind"]), row["from"]))
    ]
    return dots(
        rows,
        title=answer.title,
        subtitle="Records by what changed in them between two snapshots",
        source=answer.source_line,
        release=f"Release {answer.release}",
        x_title="Records",
        empty="Nothing changed.",
    )


def _evidence(steps: Table) -> Table:
    """Each changed record in the snapshot that still, or that first, shows it so."""
    lines = [
        row | {"snapshot": row[end]}
        for row in steps.records()
        for end in ("from", "to")
        if (row["kind"], end) not in (("new", "from"), ("gone", "to"))
    ]
    return Table.from_records(("kind", "register", "snapshot", "record_id"), "text text date text", lines)


def _silently_gone(steps: Table) -> Table:
    columns = ("to", "record_id", "product_name", "holder_name", "number", "medicine_id")
    lines = [row for row in steps.records() if row["silently_gone"]]
    return Table.from_records(columns, "date text text text text text", lines)
