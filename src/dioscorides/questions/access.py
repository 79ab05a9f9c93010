"""Access: which medicines does one jurisdiction have and another not, for how long already, and why?"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from dioscorides.atlas.cohort import Coverage, coverage
from dioscorides.atlas.release import Atlas
from dioscorides.atlas.table import Table
from dioscorides.questions.answer import Answer, QuestionError, sources
from dioscorides.questions.passport import find

if TYPE_CHECKING:
    from dioscorides.charts.render import Picture

#: Medicines that a picture shows.
SHOWN = 25

DEFINITIONS = (
    "A has it: a human authorisation there, of whatever legal basis, that has not ended and that the newest snapshot "
    "still shows, first authorised by the day to which the registers of A are complete. A central authorisation counts "
    "in a member state whose register lists central ones.",
    "B has it not: no such authorisation there. A medicine that B only had, or only permitted in an emergency, is one "
    "that it has not, with the reason.",
    "Waiting days: from the first authorisation in A to the day to which the registers of B are complete.",
    "Reason: what a register of B says last of the medicine: refused, application withdrawn, withdrawn, expired, "
    "authorised in an emergency only; silently gone: authorised, and no more in the newest snapshot; else empty.",
)

#: How each medicine stands in each jurisdiction: whether an authorisation is in force, and else what was said last.
STANDING = """
WITH newest AS (
    SELECT register, snapshot FROM register WHERE "current"
),
record AS (
    SELECT
        a.medicine_id, a.jurisdiction, a.register, a.record_id,
        a.status NOT IN ('withdrawn', 'expired', 'refused', 'application_withdrawn')
        AND e.record_id IS NOT NULL AS valid,
        a.last_seen = n.snapshot AS shown
    FROM authorisation AS a
    INNER JOIN newest AS n ON a.register = n.register
    LEFT JOIN (SELECT DISTINCT register, record_id FROM event WHERE event = 'authorised') AS e
        ON a.register = e.register AND a.record_id = e.record_id
    WHERE a.domain = 'human' AND a.medicine_id IS NOT NULL
),
-- a member state's line may rest on the EU's record
resting AS (
    SELECT * FROM record
    UNION ALL BY NAME
    SELECT r.* REPLACE (f.jurisdiction AS jurisdiction)
    FROM first_authorisation AS f
    INNER JOIN record AS r ON f.medicine_id = r.medicine_id AND f.register = r.register AND f.record_id = r.record_id
    WHERE f.jurisdiction <> r.jurisdiction
),
held AS (
    SELECT medicine_id, jurisdiction, bool_or(valid AND shown) AS has, bool_or(valid) AS had
    FROM resting
    GROUP BY medicine_id, jurisdiction
),
said AS (
    SELECT r.medicine_id, r.jurisdiction, e.event, e.date, r.register, r.record_id
    FROM resting AS r
    INNER JOIN event AS e ON r.register = e.register AND r.record_id = e.record_id
    WHERE e.event IN ('refused', 'application_withdrawn', 'withdrawn', 'expired', 'emergency_authorised')
    QUALIFY row_number() OVER (
        PARTITION BY r.medicine_id, r.jurisdiction ORDER BY e.date DESC NULLS LAST, e.event, r.register, r.record_id
    ) = 1
)
SELECT
    held.medicine_id,
    held.jurisdiction,
    held.has,
    CASE WHEN NOT held.has THEN CASE WHEN held.had THEN 'silently gone' ELSE replace(said.event, '_', ' ') END END
        AS reason,
    CASE WHEN NOT held.has AND NOT held.had THEN said.date END AS reason_date,
    said.register,
    said.record_id
FROM held
LEFT JOIN said ON held.medicine_id = said.medicine_id AND held.jurisdiction = said.jurisdiction
ORDER BY held.medicine_id, held.jurisdiction
"""

#: Medicines with their first authorisations in a jurisdiction.
FIRSTS = """
SELECT
    f.medicine_id, m.name, m.modality, f.jurisdiction, f.date AS authorised, f.precision, f.before, f.register,
    f.record_id, r.product_name, r.holder_name, r.status
FROM first_authorisation AS f
INNER JOIN medicine AS m ON f.medicine_id = m.medicine_id
LEFT JOIN authorisation AS r
    ON f.medicine_id = r.medicine_id AND f.register = r.register AND f.record_id = r.record_id
WHERE ($1 IS NULL OR f.jurisdiction = $1) AND ($2 IS NULL OR f.medicine_id = $2) AND ($3 IS NULL OR m.modality = $3)
ORDER BY f.date NULLS LAST, f.medicine_id, f.jurisdiction
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
    if modality is not None:
        modalities = atlas.constant("SELECT DISTINCT modality FROM medicine ORDER BY modality")["modality"]
        if modality not in modalities:
            raise QuestionError(f"No medicine has the modality {modality!r}; there are {', '.join(modalities)}.")
    found, unknowable = _missing(atlas, here, there, modality)
    reasons = Counter(reason for reason in found["reason"] if reason)
    answer = Answer(
        question="access",
        title=f"Authorised in {here.jurisdiction}, not in {there.jurisdiction}",
        release=atlas.release,
        main=found,
        view=_view(found),
        facts={
            "medicines": f"{len(found):,}",
            "with a reason stated": ", ".join(f"{reason} {n:,}" for reason, n in reasons.most_common()) or "none",
            "complete to": ", ".join(f"{one.jurisdiction} {one.until}" for one in (here, there)),
        },
        definitions=DEFINITIONS,
        caveats=_caveats(here, there, unknowable),
        evidence=_evidence(found, here, there),
        sources=sources(atlas, {*here.registers, *there.registers}),
    )
    return replace(
        answer, pictures={"matrix": lambda: _matrix(atlas, answer, known, here.jurisdiction, there.jurisdiction)}
    )


def _missing(atlas: Atlas, here: Coverage, there: Coverage, modality: str | None) -> tuple[Table, int]:
    """Medicines that `here` has and `there` has not, those first that have waited longest; and how many came here only
    after the registers there end, so that nobody can tell.
    """
    standing = {
        place: {row["medicine_id"]: row for row in _standing(atlas) if row["jurisdiction"] == place}
        for place in (here.jurisdiction, there.jurisdiction)
    }
    lines, unknowable = [], 0
    for first in atlas.table(FIRSTS, [here.jurisdiction, None, modality]).records():
        medicine, since = first["medicine_id"], first["authorised"]
        said = standing[there.jurisdiction].get(medicine, {})
        has = standing[here.jurisdiction].get(medicine, {}).get("has")
        if not has or said.get("has") or (since and since > here.until):
            continue
        if since and since > there.until and not said.get("reason"):
            unknowable += 1
            continue
        waiting = (there.until - since).days if since and since <= there.until else None
        reason = {name: said.get(name) for name in ("reason", "reason_date")}
        because = {f"{name}_there": said.get(name) for name in ("register", "record_id")}
        lines.append(first | {"waiting_days": waiting} | reason | because)
    return Table.from_records(*COLUMNS, lines), unknowable


COLUMNS = (
    (
        "medicine_id", "name", "modality", "authorised", "precision", "before", "waiting_days", "reason", "reason_date",
        "product_name", "holder_name", "status", "register", "record_id", "register_there", "record_id_there",
    ),
    "text text text date text date int text date text text text text text text text",
)  # fmt: skip


def _standing(atlas: Atlas) -> list[dict[str, Any]]:
    return list(atlas.constant(STANDING).records())


def _evidence(found: Table, here: Coverage, there: Coverage) -> Table:
    """The first authorisation here, and the record there that gives the reason."""
    lines = [
        {"medicine_id": row["medicine_id"], "jurisdiction": place, "register": register, "record_id": record}
        for row in found.records()
        for place, register, record in (
            (here.jurisdiction, row["register"], row["record_id"]),
            (there.jurisdiction, row["register_there"], row["record_id_there"]),
        )
        if record
    ]
    return Table.from_records(("medicine_id", "jurisdiction", "register", "record_id"), "text text text text", lines)


def _matrix(atlas: Atlas, answer: Answer, known: dict[str, Coverage], *first: str) -> Picture:
    """The medicines that have waited longest, and where they are authorised."""
    shown = {row["medicine_id"]: row["name"] for row in answer.main.records() if row["authorised"]}
    shown = dict(list(shown.items())[:SHOWN])
    some = len(shown) < len(answer.main)
    subtitle = (
        f"The {len(shown):,} of {len(answer.main):,} that have waited longest" if some else "Longest waiting first"
    )
    return _drawn(atlas, answer, shown, {place: known[place] for place in dict.fromkeys([*first, *known])}, subtitle)


def _drawn(atlas: Atlas, answer: Answer, shown: dict[str, str], known: dict[str, Coverage], subtitle: str) -> Picture:
    """Medicines (id: name) by jurisdiction: authorised, not any more, or, where that can be known, not."""
    from dioscorides.charts.matrix import matrix

    years = {
        (row["medicine_id"], row["jurisdiction"]): row["authorised"]
        for row in atlas.table(FIRSTS, [None, None, None]).records()
        if row["medicine_id"] in shown
    }
    rows: list[dict[str, Any]] = []
    for row in _standing(atlas):
        key = (row["medicine_id"], row["jurisdiction"])
        if row["medicine_id"] in shown and row["jurisdiction"] in known:
            mark = "authorised" if row["has"] else row["reason"]
            year = str(years[key].year) if row["has"] and years.get(key) else None
            rows.append({"at": row["medicine_id"], "column": row["jurisdiction"], "mark": mark, "text": year})
    for medicine in shown:
        dated = [day for (one, _), day in years.items() if one == medicine and day]
        empty = [place for place, cover in known.items() if _tells(cover, min(dated, default=None))]
        rows += [{"at": medicine, "column": place, "mark": "not authorised", "text": None} for place in empty]
    told = {(row["at"], row["column"]): row for row in reversed(rows) if row["mark"]}
    every = {register for cover in known.values() for register in cover.registers}
    order = {medicine: at for at, medicine in enumerate(shown)}
    marked = {row["column"] for row in told.values()}
    if silent := [place for place in known if place not in marked]:
        subtitle += f". Not known of any: {', '.join(silent)}"
    drawn = [row | {"row": shown[row["at"]]} for row in told.values()]
    return matrix(
        sorted(drawn, key=lambda row: (order[row["at"]], row["column"])),
        title=answer.title,
        subtitle=subtitle,
        source=replace(answer, sources=sources(atlas, every)).source_line,
        release=f"Release {answer.release}",
        marks=(
            "authorised",
            "not authorised",
            "refused",
            "application withdrawn",
            "withdrawn",
            "expired",
            "silently gone",
        ),
        columns=[place for place in known if place in marked],
        absent="not known",
    )


def _tells(cover: Coverage, earliest: date | None) -> bool:
    """Can its registers prove that a medicine, first authorised anywhere on a day, is not authorised there?"""
    return cover.closed and (earliest is None or earliest <= cover.until)


def _covered(known: dict[str, Coverage], place: str) -> Coverage:
    if place.upper() not in known:
        raise QuestionError(f"The release has no authorisations of {place}; it has {', '.join(known)}.")
    return known[place.upper()]


def _caveats(here: Coverage, there: Coverage, unknowable: int) -> tuple[str, ...]:
    told = []
    if not there.closed:
        told.append(
            f"{', '.join(there.registers)} cannot prove absence: a medicine listed here may well be, or have been, "
            f"authorised in {there.jurisdiction}."
        )
    if unknowable:
        told.append(
            f"Left out: {unknowable:,} first authorised in {here.jurisdiction} after {there.until}, to which "
            f"{there.jurisdiction} is known."
        )
    if "EU" in (here.jurisdiction, there.jurisdiction):
        told.append("EU: central authorisations; a medicine may be authorised nationally in member states.")
    return tuple(told)


def _view(found: Table) -> Table:
    lines = [
        {
            "medicine": row["name"],
            "modality": row["modality"],
            "authorised": str(row["authorised"] or (f"before {row['before']}" if row["before"] else "not dated")),
            "waiting, days": row["waiting_days"],
            "reason": f"{row['reason']} {row['reason_date'] or ''}".strip() if row["reason"] else "",
            "product": row["product_name"],
            "holder": row["holder_name"],
        }
        for row in found.records()
    ]
    columns = ("medicine", "modality", "authorised", "waiting, days", "reason", "product", "holder")
    return Table.from_records(columns, "text text text int text text text", lines)


def _of_medicine(atlas: Atlas, text: str, known: dict[str, Coverage]) -> Answer:
    """Where one medicine is authorised, where it is missing, and where that is not known."""
    medicine_id = find(atlas, text)
    firsts = {row["jurisdiction"]: row for row in atlas.table(FIRSTS, [None, medicine_id, None]).records()}
    standing = {row["jurisdiction"]: row for row in _standing(atlas) if row["medicine_id"] == medicine_id}
    earliest = min((row["authorised"] for row in firsts.values() if row["authorised"]), default=None)
    lines: list[dict[str, Any]] = []
    for place, cover in known.items():
        first, said = firsts.get(place, {}), standing.get(place, {})
        if said.get("has"):
            state = "authorised"
        else:
            state = said.get("reason") or ("not authorised" if _tells(cover, earliest) else "not known")
        rests = first if first else said
        lines.append(
            {
                "jurisdiction": place,
                "state": state,
                "authorised": first.get("authorised"),
                "before": first.get("before"),
                "said": said.get("reason_date"),
                "as_of": cover.until,
                "register": rests.get("register") or ", ".join(cover.registers),
                "record_id": rests.get("record_id"),
            }
        )
    columns = ("jurisdiction", "state", "authorised", "before", "said", "as_of", "register", "record_id")
    missing = [
        f"{line['jurisdiction']} (as of {line['as_of']})"
        for line in lines
        if line["state"] not in ("authorised", "not known")
    ]
    name = atlas.table("SELECT name FROM medicine WHERE medicine_id = ?", [medicine_id])["name"][0]
    answer = Answer(
        question="access",
        title=f"Where {name} is missing",
        release=atlas.release,
        main=Table.from_records(columns, "text text date date date date text text", lines),
        facts={"missing in": ", ".join(missing) or "no jurisdiction whose registers can prove it"},
        definitions=(
            "Authorised: an authorisation there is in force; `authorised` is the day of the first, `said` that of the "
            "refusal, withdrawal or expiry.",
            "Not known: the registers of the jurisdiction cannot prove absence, or end before the first authorisation "
            "anywhere.",
        ),
        evidence=Table.from_records(
            ("jurisdiction", "register", "record_id"), "text text text", [line for line in lines if line["record_id"]]
        ),
        sources=sources(atlas, {register for cover in known.values() for register in cover.registers}),
    )
    subtitle = "Where it is authorised, and where not"
    return replace(answer, pictures={"matrix": lambda: _drawn(atlas, answer, {medicine_id: name}, known, subtitle)})
