"""Access: which medicines does one jurisdiction have and another not, for how long already, and why?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dioscorides.atlas.cohort import Coverage, coverage
from dioscorides.atlas.release import Atlas
from dioscorides.atlas.table import Table
from dioscorides.questions.answer import Answer, QuestionError
from dioscorides.questions.passport import find

if TYPE_CHECKING:
    from dioscorides.charts.render import Picture

#: Medicines that a picture shows.
SHOWN = 40

DEFINITIONS = (
    "Authorised in A: a first authorisation there by the day to which its registers are complete. Not in B: no first "
    "authorisation there by its own such day.",
    "Waiting days: from the first authorisation in A to the day to which the registers of B are complete.",
    "Reason: the latest refusal or withdrawal of an application in B, where a register of B states one; else empty.",
)

#: Medicines with a first authorisation in A and none in B, with what B's registers say of an application.
MISSING = """
WITH here AS (
    SELECT f.medicine_id, f.date, f.precision, f.before, f.register, f.record_id
    FROM first_authorisation AS f
    WHERE f.jurisdiction = $1 AND (f.date IS NULL OR f.date <= $3)
),
there AS (
    SELECT medicine_id FROM first_authorisation WHERE jurisdiction = $2
),
said AS (
    SELECT
        e.medicine_id,
        arg_max(e.event, e.date) AS event,
        max(e.date) AS said_on
    FROM event AS e
    INNER JOIN authorisation AS a ON e.register = a.register AND e.record_id = a.record_id
    WHERE a.jurisdiction = $2 AND e.event IN ('refused', 'application_withdrawn')
    GROUP BY e.medicine_id
)
SELECT
    here.medicine_id,
    m.name,
    m.modality,
    here.date AS authorised,
    here.precision,
    here.before,
    date_diff('day', here.date, $4) AS waiting_days,
    said.event AS reason,
    said.said_on AS reason_date,
    r.product_name,
    r.holder_name,
    r.status,
    here.register,
    here.record_id
FROM here
INNER JOIN medicine AS m ON here.medicine_id = m.medicine_id
LEFT JOIN said ON here.medicine_id = said.medicine_id
LEFT JOIN authorisation AS r
    ON here.medicine_id = r.medicine_id AND here.register = r.register AND here.record_id = r.record_id
WHERE
    here.medicine_id NOT IN (SELECT medicine_id FROM there)
    AND ($5 IS NULL OR m.modality = $5)
ORDER BY waiting_days DESC NULLS LAST, here.medicine_id
"""

FIRSTS = "SELECT jurisdiction, date, before, basis, register, record_id FROM first_authorisation WHERE medicine_id = ?"

SAID = """
SELECT a.jurisdiction, e.event, max(e.date) AS date
FROM event AS e
INNER JOIN authorisation AS a ON e.register = a.register AND e.record_id = a.record_id
WHERE e.medicine_id = $1 AND a.medicine_id = $1 AND e.event IN ('refused', 'application_withdrawn')
GROUP BY a.jurisdiction, e.event
ORDER BY date
"""


def ask(
    atlas: Atlas,
    medicine: str | None = None,
    *,
    in_: str | None = None,
    not_in: str | None = None,
    modality: str | None = None,
) -> Answer:
    """The medicines that one jurisdiction has and another not; or, for one `medicine`, where it is missing.

    `in_` and `not_in` name the jurisdictions, such as CA and EU; `modality` keeps to one. Raises QuestionError.
    """
    known = coverage(atlas)
    if medicine is not None:
        if in_ or not_in:
            raise QuestionError("Ask either for one medicine, or with --in and --not-in for two jurisdictions.")
        return _of_medicine(atlas, medicine, known)
    if not in_ or not not_in:
        raise QuestionError("Name two jurisdictions: --in CA --not-in EU; or a medicine, to see where it is missing.")
    here, there = (_covered(known, place) for place in (in_, not_in))
    found = atlas.table(MISSING, [here.jurisdiction, there.jurisdiction, here.until, there.until, modality])
    with_reason = sum(1 for reason in found["reason"] if reason)
    answer = Answer(
        question="access",
        title=f"Authorised in {here.jurisdiction}, not in {there.jurisdiction}",
        release=atlas.release,
        main=found,
        view=_view(found),
        facts={"medicines": f"{len(found):,}", "with a reason stated": f"{with_reason:,}", **_cutoffs(here, there)},
        definitions=DEFINITIONS,
        caveats=_caveats(there),
        evidence=Table.from_records(("medicine_id", "register", "record_id"), "text text text", list(found.records())),
        sources=_sources(atlas, here, there),
    )
    return replace(answer, pictures={"matrix": lambda: _matrix(atlas, answer, known)})


def _matrix(atlas: Atlas, answer: Answer, known: dict[str, Coverage]) -> Picture:
    """The medicines that have waited longest, and where they are authorised."""
    from dioscorides.charts.matrix import matrix

    shown = {row["medicine_id"]: row["name"] for row in answer.main.records() if row["authorised"]}
    shown = dict(list(shown.items())[:SHOWN])
    marks = ", ".join("?" * len(shown)) or "NULL"
    firsts = atlas.table(
        f"SELECT medicine_id, jurisdiction, date FROM first_authorisation WHERE medicine_id IN ({marks})",  # noqa: S608
        list(shown),
    )
    cells = {(row["medicine_id"], row["jurisdiction"]): row["date"] for row in firsts.records()}
    rows = [
        {
            "row": name,
            "column": place,
            "mark": "authorised",
            "text": str(cells[medicine, place].year) if cells[medicine, place] else None,
        }
        for medicine, name in shown.items()
        for place in known
        if (medicine, place) in cells
    ]
    return matrix(
        rows,
        title=answer.title,
        subtitle=f"The {len(shown)} that have waited longest",
        source=answer.source_line,
        release=f"Release {answer.release}",
        columns=sorted({row["column"] for row in rows}),
    )


def _covered(known: dict[str, Coverage], place: str) -> Coverage:
    if place.upper() not in known:
        raise QuestionError(f"The release has no authorisations of {place}; it has {', '.join(known)}.")
    return known[place.upper()]


def _cutoffs(*places: Coverage) -> dict[str, str]:
    return {"complete to": ", ".join(f"{one.jurisdiction} {one.until}" for one in places)}


def _caveats(there: Coverage) -> tuple[str, ...]:
    told = []
    if not there.closed:
        told.append(
            f"{', '.join(there.registers)} cannot prove absence: a medicine listed here may well be, or have been, "
            f"authorised in {there.jurisdiction}."
        )
    if there.jurisdiction == "EU":
        told.append("EU: central authorisations; a medicine may be authorised nationally in member states.")
    return tuple(told)


def _view(found: Table) -> Table:
    lines = [
        {
            "medicine": row["name"],
            "modality": row["modality"],
            "authorised": row["authorised"] or (f"before {row['before']}" if row["before"] else "not dated"),
            "waiting, days": row["waiting_days"],
            "reason": f"{row['reason']} {row['reason_date'] or ''}".strip().replace("_", " ") if row["reason"] else "",
            "product": row["product_name"],
            "holder": row["holder_name"],
        }
        for row in found.records()
    ]
    columns = ("medicine", "modality", "authorised", "waiting, days", "reason", "product", "holder")
    return Table.from_records(columns, "text text text int text text text", lines)


def _sources(atlas: Atlas, *places: Coverage) -> Table:
    used = {register for one in places for register in one.registers}
    sources = atlas.constant(
        'SELECT register, snapshot, publisher, licence, published_at FROM register WHERE "current" ORDER BY register'
    )
    return Table(sources.columns, sources.types, tuple(row for row in sources.rows if row[0] in used))


def _of_medicine(atlas: Atlas, text: str, known: dict[str, Coverage]) -> Answer:
    """Where one medicine is authorised, where it is missing, and where that is not known."""
    medicine_id = find(atlas, text)
    firsts = {row["jurisdiction"]: row for row in atlas.table(FIRSTS, [medicine_id]).records()}
    said = {row["jurisdiction"]: row for row in atlas.table(SAID, [medicine_id]).records()}
    lines: list[dict[str, Any]] = []
    for place, cover in known.items():
        first = firsts.get(place)
        if first:
            state = "authorised"
        elif place in said:
            state = said[place]["event"].replace("_", " ")
        else:
            state = "not authorised" if cover.closed else "not known"
        lines.append(
            {
                "jurisdiction": place,
                "state": state,
                "date": first["date"] if first else said.get(place, {}).get("date"),
                "as_of": cover.until,
                "register": first["register"] if first else ", ".join(cover.registers),
                "record_id": first["record_id"] if first else None,
            }
        )
    columns = ("jurisdiction", "state", "date", "as_of", "register", "record_id")
    missing = [line["jurisdiction"] for line in lines if line["state"] not in ("authorised", "not known")]
    return Answer(
        question="access",
        title=f"Where {medicine_id} is missing",
        release=atlas.release,
        main=Table.from_records(columns, "text text date date text text", lines),
        facts={"missing in": ", ".join(missing) or "no jurisdiction whose registers can prove it"},
        definitions=("Not known: the registers of the jurisdiction cannot prove absence.",),
        sources=_sources(atlas, *known.values()),
    )
