"""Passport: where is this medicine authorised, since when, by whom, under which names, and what is not known."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dioscorides.atlas import search, standing
from dioscorides.atlas.release import Atlas
from dioscorides.atlas.standing import Standing
from dioscorides.atlas.table import Table
from dioscorides.questions.answer import OF_COVERAGE, OF_PUBLISHER, Ambiguous, Answer, Unknown

if TYPE_CHECKING:
    from datetime import date

    from dioscorides.charts.render import Picture

DEFINITIONS = (
    "First authorisation: the earliest authorised event of an authorisation with full or well-established legal basis; "
    "generics, hybrids and biosimilars do not count, and where a register states no legal basis its earliest "
    "authorisation does. An emergency authorisation is none: it stands under other events.",
    "Days behind: days after the first authorisation of the medicine in any jurisdiction of this release.",
    "Status: of each authorisation as the weightiest register says that tells of it, of equal ones the newest; of "
    "several authorisations the strongest counts.",
    "Later: further authorisations of the medicine there, generics and biosimilars among them.",
    "A register that lists only what is in force dates the first of what it still lists; see what it lists.",
)

#: Days after which a register's word on a status is old, where others are newer.
OLD = 366
#: Statuses that do not grow old.
GONE = (*standing.ENDED, "silently gone")
#: Authorisations on which registers differ that are named for a jurisdiction.
SHOWN = 3
#: The pack in a European number.
PACK = re.compile(r"^(EU/\d/\d\d/\d+)/\d+$")
BESIDE = ("emergency_authorised", "refused", "withdrawn", "expired", "suspended", "application_withdrawn")

#: The Union stands before the states that follow it.
FIRST = """
SELECT * FROM first_authorisation
WHERE medicine_id = ?
ORDER BY date NULLS LAST, before NULLS LAST, jurisdiction <> 'EU', jurisdiction
"""

AUTHORISATIONS = """
SELECT
    register, snapshot, record_id, "row", jurisdiction, number, product_name, holder_name, domain, procedure, status,
    flags, central_record_id, last_seen
FROM authorisation
WHERE medicine_id = ?
ORDER BY register, record_id
"""

EVENTS = """
SELECT register, record_id, event, date, precision
FROM event
WHERE medicine_id = ?
ORDER BY date, event, register, record_id
"""

PROTECTION = """
SELECT
    kind,
    number,
    array_agg(DISTINCT code ORDER BY code) FILTER (WHERE code IS NOT NULL) AS codes,
    max(expires) AS expires,
    min(register) AS register
FROM protection
WHERE medicine_id = ?
GROUP BY kind, number, CASE WHEN number IS NULL THEN code END
ORDER BY expires DESC NULLS LAST, kind, number, codes
"""

SUBSTANCE_NAMES = """
SELECT name, kind, language, string_agg(DISTINCT register, ', ' ORDER BY register) AS registers
FROM substance_name
WHERE substance_id IN ({moieties}) AND kind <> 'brand'
GROUP BY name, kind, language
ORDER BY kind, language, name
"""

#: Registers of authorisations, as the release has them; `linked` where they name substances.
REGISTERS = """
SELECT
    register, jurisdiction, snapshot, publisher, licence, published_at, rank, population,
    covers_from, covers_to, closed_world,
    register IN (SELECT DISTINCT register FROM authorisation WHERE medicine_id IS NOT NULL) AS linked
FROM register
WHERE "current" AND register IN (SELECT DISTINCT register FROM authorisation)
ORDER BY register
"""

PUBLISHED = """
SELECT s.register, s.snapshot, s.record_id, s."row", s.raw
FROM source_row AS s
INNER JOIN authorisation AS a ON s.register = a.register AND s.record_id = a.record_id AND s.snapshot = a.snapshot
WHERE a.medicine_id = ?
ORDER BY s.register, s.record_id, s."row"
"""

Row = dict[str, Any]


def ask(atlas: Atlas, name: str, *, rows: bool = False) -> Answer:
    """The passport of a medicine.

    `name` is a brand, an INN or another name of a substance, an authorisation number, an ATC code or a medicine id.
    With `rows` the rows as published are shown. Raises Unknown (with suggestions) and Ambiguous (with candidates).
    """
    medicine_id = find(atlas, name)
    medicine = next(atlas.table("SELECT * FROM medicine WHERE medicine_id = ?", [medicine_id]).records())
    registers = list(atlas.constant(REGISTERS).records())
    authorisations = list(atlas.table(AUTHORISATIONS, [medicine_id]).records())
    events = list(atlas.table(EVENTS, [medicine_id]).records())
    newest = {register["register"]: register for register in registers}
    for one in authorisations:
        one["gone"] = one["last_seen"] < newest[one["register"]]["snapshot"]
    first = list(atlas.table(FIRST, [medicine_id]).records())
    places = _standings(first, authorisations, events, newest)
    _complete(first, places, authorisations)
    listed = {one["register"] for one in authorisations}
    evidence = Table.from_records(("register", "snapshot", "record_id", "row"), "text date text text", authorisations)
    other = _other_events(events, authorisations)
    answer = Answer(
        question="passport",
        title=f"Passport of {medicine['name']}",
        release=atlas.release,
        main=Table.from_records(*FIRST_COLUMNS, first),
        facts=_facts(medicine, len(authorisations)),
        view=_view(first),
        further={
            "other events": other,
            "names": _names(atlas, medicine_id, authorisations),
            "protection": atlas.table(PROTECTION, [medicine_id]),
        },
        definitions=DEFINITIONS,
        caveats=(*_caveats(first, places), *_old(first, places, registers), *_never(first, authorisations, events)),
        unknown=_not_known(first, listed, registers),
        evidence=atlas.table(PUBLISHED, [medicine_id]) if rows else evidence,
        sources=Table.from_records(
            (*OF_PUBLISHER, *OF_COVERAGE),
            "text date text text text date date bool",
            [register for register in registers if register["register"] in listed],
        ),
    )
    return replace(answer, pictures={"timeline": lambda: _timeline(answer, other)})


def _timeline(answer: Answer, other: Table) -> Picture:
    """The medicine's way round the world."""
    from dioscorides.charts.timeline import timeline

    rows = [
        {
            "place": row["jurisdiction"],
            "date": _day(row) if row["date"] else None,
            "event": "authorised",
            "note": _note(row),
        }
        for row in answer.main.records()
    ]
    rows += [
        {"place": row["jurisdiction"], "date": row["date"], "event": row["event"].replace("_", " "), "note": None}
        for row in other.records()
    ]
    return timeline(
        rows,
        title=answer.title,
        source=answer.source_line,
        release=f"Release {answer.release}",
        kinds=("authorised", "emergency authorised", "refused", "suspended", "expired", "withdrawn"),
    )


def _note(row: Row) -> str:
    if row["date"] is None:
        return _day(row)
    return "first" if row["days_behind"] == 0 else f"{row['days_behind']:,} days behind"


def find(atlas: Atlas, text: str) -> str:
    """The one medicine that is called `text`. Raises Unknown and Ambiguous."""
    found = search.candidates(atlas, text)
    if not found:
        raise Unknown(text, search.alike(atlas, text), search.without_substance(atlas, text))
    if len(found) > 1 or search.is_group(text):
        raise Ambiguous(text, found)
    medicine_id: str = found[0]["medicine_id"]
    return medicine_id


def _facts(medicine: Row, authorisations: int) -> dict[str, str]:
    modality, rule = medicine["modality"], medicine["modality_rule"]
    return {
        "medicine": medicine["medicine_id"],
        "modality": modality if modality == "other" else f"{modality} ({rule})",
        "vector or delivery": medicine["vector_or_delivery"] or "",
        "ATC": ", ".join(medicine["atc"] or []),
        "records": str(authorisations),
    }


FIRST_COLUMNS = (
    (
        "jurisdiction", "date", "precision", "before", "days_behind", "status", "until", "stated_by", "stated_on",
        "product_name", "holder_name", "number", "flags", "later_products", "basis", "register", "record_id",
        "alternatives", "spread_days",
    ),
    "text date text date int text date text date text text text list int text text text list int",
)  # fmt: skip


def _standings(
    firsts: list[Row], authorisations: list[Row], events: list[Row], registers: dict[str, Row]
) -> dict[str, list[Standing]]:
    """How each authorisation stands that counts in the jurisdiction of a line; in a member state the EU's do too."""
    by_place: dict[str, list[Row]] = {}
    for one in authorisations:
        if (
            one["domain"] == "human"
            and one["status"] not in standing.NEVER
            and "emergency" not in (one["flags"] or [])  # a permission for an emergency is no authorisation
        ):
            by_place.setdefault(one["jurisdiction"], []).append(one)
    centralised = [one for one in by_place.get("EU", ()) if one["procedure"] == "centralised"]
    ends: dict[tuple[str, str], list[date | None]] = {}
    for event in events:
        if event["event"] in standing.ENDED:
            ends.setdefault((event["register"], event["record_id"]), []).append(event["date"])
    ranks = {register: one["rank"] for register, one in registers.items()}
    found = {}
    for row in firsts:
        own = by_place.get(row["jurisdiction"], [])
        named = {one["central_record_id"] for one in own}
        every = row["basis"].startswith("authorised centrally")
        central = [] if row["jurisdiction"] == "EU" else [c for c in centralised if every or c["record_id"] in named]
        found[row["jurisdiction"]] = standing.of_authorisations([*own, *central], ends, ranks)
    return found


def _complete(firsts: list[Row], places: dict[str, list[Standing]], authorisations: list[Row]) -> None:
    """Each line with how the medicine stands there, and how far behind the first in the world it was authorised."""
    earliest = min((row["date"] for row in firsts if row["date"]), default=None)
    by_record = {(one["register"], one["record_id"]): one for one in authorisations}
    flags: dict[str, set[str]] = {}
    for one in authorisations:
        if one["domain"] == "human":
            flags.setdefault(one["jurisdiction"], set()).update(one["flags"] or ())
    for row in firsts:
        record = by_record[row["register"], row["record_id"]]
        place = standing.of_place(places[row["jurisdiction"]])
        row["status"] = place.status if place else record["status"]
        row["until"] = place.until if place and row["status"] in standing.ENDED else None
        row["stated_by"] = place.decides.register if place else record["register"]
        row["stated_on"] = place.decides.on if place else record["last_seen"]
        row["days_behind"] = (row["date"] - earliest).days if row["date"] and row["precision"] == "day" else None
        row["product_name"], row["holder_name"] = record["product_name"], record["holder_name"]
        row["flags"] = sorted(flags.get(row["jurisdiction"], ()))
        row["later_products"] = max(len(places[row["jurisdiction"]]) - 1, 0)


def _other_events(events: list[Row], authorisations: list[Row]) -> Table:
    """What stands beside first authorisations, never in them; the same event of several packs once."""
    by_record = {(one["register"], one["record_id"]): one for one in authorisations}
    told: dict[tuple[Any, ...], Row] = {}
    for event in events:
        record = by_record.get((event["register"], event["record_id"]))
        if record is None or event["event"] not in BESIDE:
            continue
        line = event | {name: record[name] for name in ("jurisdiction", "product_name", "number")}
        number = PACK.sub(r"\1", line["number"] or "")
        told.setdefault((*(line[name] for name in ("jurisdiction", "event", "date", "product_name")), number), line)
    columns = ("jurisdiction", "event", "date", "precision", "product_name", "number", "register", "record_id")
    return Table.from_records(columns, "text text date text text text text text", list(told.values()))


def _names(atlas: Atlas, medicine_id: str, authorisations: list[Row]) -> Table:
    """Names of the moieties, then the brands, with the registers that print them."""
    moieties = medicine_id.split("+")
    names = atlas.table(SUBSTANCE_NAMES.format(moieties=", ".join("?" * len(moieties))), moieties)
    brands: dict[str, set[str]] = {}
    for one in authorisations:
        if one["product_name"]:
            brands.setdefault(one["product_name"], set()).add(one["register"])
    lines = [
        {"name": name, "kind": "brand", "language": None, "registers": ", ".join(sorted(printed))}
        for name, printed in sorted(brands.items())
    ]
    return Table.from_records(names.columns, "text text text text", [*lines, *names.records()])


def _not_known(first: list[Row], listed: set[str], registers: list[Row]) -> Table:
    """Registers that do not list the medicine, and what that means."""
    present = {row["jurisdiction"] for row in first}
    lines = []
    for register in registers:
        if register["register"] in listed:
            continue
        if not register["linked"]:
            meaning = "not known: the register names no substances that could be read"
        elif register["jurisdiction"] in present:
            meaning = "authorised there by another register; this one does not list it"
        elif register["closed_world"]:
            meaning = f"not authorised by {register['snapshot']}, as far as this register goes"
        else:
            meaning = "not known: absence from this register proves nothing"
        lines.append(register | {"what_absence_means": meaning, "what_it_lists": register["population"]})
    columns = ("register", "jurisdiction", "what_absence_means", "what_it_lists")
    return Table.from_records(columns, "text text text text", lines)


def _view(first: list[Row]) -> Table:
    """The table as people read it: dates as precise as they are known."""
    lines = [
        {
            "where": row["jurisdiction"],
            "first authorised": _day(row),
            "days behind": row["days_behind"],
            "status": f"{row['status']} {row['until']}" if row["until"] else row["status"],
            "product": _brand(row["product_name"]),
            "holder": row["holder_name"],
            "number": row["number"],
            "flags": ", ".join(row["flags"]),
            "later": row["later_products"],
            "register": row["register"],
        }
        for row in first
    ]
    columns = (
        "where",
        "first authorised",
        "days behind",
        "status",
        "product",
        "holder",
        "number",
        "flags",
        "later",
        "register",
    )
    return Table.from_records(columns, "text text int text text text text text int text", lines)


def _brand(name: str | None) -> str | None:
    """What stands before a strength or a form in the name of a product; a short name is left as it is."""
    if name is None or len(name) <= 24:
        return name
    found = re.match(r"[^,0-9]*[^,0-9\s(]", name)
    return found[0] if found else name


def _day(row: Row) -> str:
    if row["date"] is None:
        return f"before {row['before']}" if row["before"] else "not dated"
    length = {"year": 4, "month": 7}.get(row["precision"], 10)
    return str(row["date"].isoformat()[:length])


def _caveats(first: list[Row], places: dict[str, list[Standing]]) -> tuple[str, ...]:
    told = []
    for row in first:
        place = row["jurisdiction"]
        if row["date"] is None:
            told.append(f"{place}: first authorised {_day(row)}; without a day there is no lag.")
        elif row["precision"] != "day":
            told.append(f"{place}: first authorised in {_day(row)}; without a day there is no lag.")
        if row["alternatives"]:
            apart = f"registers date it {row['spread_days']} days apart; " if row["spread_days"] else ""
            told.append(f"{place}: {apart}also stated: {'; '.join(row['alternatives'])}.")
        if row["status"] == "silently gone":
            told.append(f"{place}: gone from the newest snapshot without a withdrawal that the register states.")
        if row["status"] in standing.ENDED and row["until"] is None:
            told.append(f"{place}: {row['status']}, on a day that no register states.")
        disputed = [one for one in places[place] if one.disputed]
        for one in disputed[:SHOWN]:
            told.append(f"{place}: registers differ on {one.number}: {', '.join(map(str, one.said))}.")
        if len(disputed) > SHOWN:
            told.append(f"{place}: registers differ on {len(disputed) - SHOWN} more authorisations.")
    return tuple(told)


def _old(first: list[Row], places: dict[str, list[Standing]], registers: list[Row]) -> list[str]:
    """Lines whose status rests on a register much older than others of the place, which do not tell of it."""
    told = []
    for row in first:
        newest = max(
            (one for one in registers if one["jurisdiction"] == row["jurisdiction"]),
            key=lambda one: one["snapshot"],
            default=None,
        )
        telling = {said.register for one in places[row["jurisdiction"]] for said in one.said}
        if newest is None or newest["register"] in telling or row["status"] in GONE:
            continue
        if (newest["snapshot"] - row["stated_on"]).days > OLD:
            told.append(
                f"{row['jurisdiction']}: {row['status']} as of {row['stated_on']} ({row['stated_by']}); "
                f"{newest['register']} of {newest['snapshot']} does not tell of it."
            )
    return told


def _never(first: list[Row], authorisations: list[Row], events: list[Row]) -> list[str]:
    """What registers say of jurisdictions that list the medicine and have no first authorisation of it."""
    listed: dict[str, list[Row]] = {}
    for one in authorisations:
        if one["domain"] == "human":
            listed.setdefault(one["jurisdiction"], []).append(one)
    told = []
    for place in sorted(listed.keys() - {row["jurisdiction"] for row in first}):
        statuses = {one["status"] for one in listed[place]}
        records = {(one["register"], one["record_id"]) for one in listed[place]}
        happened = {event["event"] for event in events if (event["register"], event["record_id"]) in records}
        if statuses <= set(standing.ENDED):
            ends = [event["date"] for event in events if (event["register"], event["record_id"]) in records]
            until = f" until {max(filter(None, ends))}" if any(ends) else ""
            told.append(f"{place}: authorised{until}; since when is not stated.")
        elif statuses <= set(standing.NEVER):
            said = " and ".join(sorted(status.replace("_", " ") for status in statuses))
            told.append(f"{place}: not authorised; {said}, see other events.")
        elif "emergency_authorised" in happened and "authorised" not in happened:
            told.append(f"{place}: permitted in an emergency only, see other events.")
        elif "authorised" in happened:
            told.append(
                f"{place}: listed, but not as a full or well-established authorisation: no first authorisation."
            )
        else:
            told.append(f"{place}: listed, without an authorisation that a register states.")
    return told
