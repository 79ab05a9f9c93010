"""Changes: what changed in a register between two snapshots: new, gone, status, holder, name, date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from dioscorides.atlas.release import Atlas
from dioscorides.atlas.table import Table
from dioscorides.questions.answer import Answer, QuestionError

if TYPE_CHECKING:
    from dioscorides.charts.render import Picture

DEFINITIONS = (
    "New and gone: the record is in one of two consecutive snapshots and not in the other. Status, holder, name, date: "
    "it is in both and the two state it differently; the date is the earliest authorised event.",
    "Silently gone: gone while authorised, without a withdrawal in this register; it may publish those elsewhere.",
)

CAVEATS = ("A change of the register's own layout or numbering shows as changes of many records at once.",)
KINDS = ("new", "gone", "status", "holder", "name", "date")

#: What both ends of a period say of each record; changes that were taken back in between do not show.
STEPS = """
SELECT c.register, c."from", c."to", c.record_id, c.kind, c.before, c.after,
    c.kind = 'gone' AND c.before = 'authorised' AS silently_gone,
    a.product_name, a.holder_name, a.number, a.medicine_id
FROM change AS c
LEFT JOIN authorisation AS a ON c.register = a.register AND c.record_id = a.record_id
WHERE c.register = $1 AND c."from" >= $2 AND c."to" <= $3
ORDER BY c."from", c.kind, a.product_name, c.record_id
"""

COUNTS = """
SELECT c."from", c."to", c.kind, count(*) AS records,
    count(*) FILTER (WHERE c.kind = 'gone' AND c.before = 'authorised') AS silently_gone
FROM change AS c
WHERE c.register = $1 AND c."from" >= $2 AND c."to" <= $3
GROUP BY c."from", c."to", c.kind
ORDER BY c."from", c.kind
"""

SOURCES = (
    "SELECT register, snapshot, publisher, licence, published_at FROM register WHERE register = $1 ORDER BY snapshot"
)


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
    counts = atlas.table(COUNTS, [id, first, last])
    steps = atlas.table(STEPS, [id, first, last])
    gone = sum(row["silently_gone"] for row in counts.records())
    answer = Answer(
        question="changes",
        title=f"Changes of {id} from {first} to {last}",
        release=atlas.release,
        main=steps,
        facts={"snapshots": ", ".join(str(day) for day in dates if first <= day <= last), "silently gone": str(gone)},
        view=counts,
        further={"silently gone": _silently_gone(steps)},
        definitions=DEFINITIONS,
        caveats=CAVEATS,
        evidence=_evidence(steps),
        sources=sources,
    )
    return replace(answer, pictures={"dots": lambda: _dots(answer)})


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
