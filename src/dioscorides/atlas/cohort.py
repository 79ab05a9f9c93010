"""Cohorts for questions on time: medicines from their first authorisation in a set of jurisdictions on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dioscorides.atlas.release import Atlas
from dioscorides.contract import UserError

if TYPE_CHECKING:
    import polars as pl

CENSORED, AUTHORISED, COMPETING = 0, 1, 2


class CohortError(UserError):
    """A set of jurisdictions or years for which there is no cohort."""


@dataclass(frozen=True)
class Coverage:
    """What the release can say of a jurisdiction: complete since when (None: not stated), watched until, and whether
    absence from its registers may be read as not authorised.
    """

    jurisdiction: str
    since: date | None
    until: date
    closed: bool
    registers: tuple[str, ...]


#: Registers of authorisations of a jurisdiction; mere lists stand beside registers and decide only where alone.
COVERAGE = """
WITH stating AS (
    SELECT r.register, r.jurisdiction, r.covers_from, r.covers_to, r.closed_world, r.rank
    FROM register AS r
    WHERE r."current" AND r.register IN (SELECT DISTINCT register FROM authorisation WHERE medicine_id IS NOT NULL)
),
deciding AS (
    SELECT * FROM stating AS s
    WHERE
        s.rank <> 'list'
        OR NOT EXISTS (SELECT 1 FROM stating AS o WHERE o.jurisdiction = s.jurisdiction AND o.rank <> 'list')
)
SELECT
    jurisdiction,
    CASE WHEN count(covers_from) = count(*) THEN max(covers_from) END AS since,
    min(covers_to) AS until,
    bool_and(closed_world) AS closed,
    array_agg(register ORDER BY register) AS registers
FROM deciding
GROUP BY jurisdiction
ORDER BY jurisdiction
"""

FIRSTS = """
SELECT f.medicine_id, f.jurisdiction, f.date, f.before, f.basis, f.register, f.record_id, m.name, m.modality
FROM first_authorisation AS f
INNER JOIN medicine AS m ON f.medicine_id = m.medicine_id
"""

#: Refusals and final withdrawals of an application, by medicine and jurisdiction.
REFUSALS = """
SELECT e.medicine_id, a.jurisdiction, min(e.date) AS date
FROM event AS e
INNER JOIN authorisation AS a ON e.register = a.register AND e.record_id = a.record_id
WHERE e.event IN ('refused', 'application_withdrawn') AND e.date IS NOT NULL AND e.medicine_id IS NOT NULL
GROUP BY e.medicine_id, a.jurisdiction
"""

#: Medicines that are authorised nowhere any more: the day on which the last authorisation ended.
ENDED = """
WITH state AS (
    SELECT a.medicine_id, bool_or(a.status NOT IN ('withdrawn', 'expired', 'refused', 'application_withdrawn')) AS alive
    FROM authorisation AS a
    WHERE a.medicine_id IS NOT NULL
    GROUP BY a.medicine_id
)
SELECT state.medicine_id, max(e.date) AS ended
FROM state
INNER JOIN event AS e ON state.medicine_id = e.medicine_id
WHERE NOT state.alive AND e.event IN ('withdrawn', 'expired') AND e.date IS NOT NULL
GROUP BY state.medicine_id
"""


@dataclass(frozen=True)
class Cohort:
    """Medicines by jurisdiction, and what was left out.

    `rows` has a line per medicine and jurisdiction at risk: medicine_id, name, modality, t0, jurisdiction, entry, time
    (days since t0), state (0 censored, 1 authorised, 2 competing), first (was it a first in the set), register,
    record_id. `undated` counts medicines with a first authorisation that has no day.
    """

    rows: pl.DataFrame
    coverage: dict[str, Coverage]
    undated: int
    cutoff: date


def coverage(atlas: Atlas) -> dict[str, Coverage]:
    """What the release can say of each jurisdiction with authorisations."""
    rows = atlas.constant(COVERAGE).records()
    return {row["jurisdiction"]: Coverage(**row | {"registers": tuple(row["registers"])}) for row in rows}


def cohort(
    atlas: Atlas, among: list[str], *, from_year: int | None = None, to_year: int | None = None, full_only: bool = False
) -> Cohort:
    """Medicines first authorised in one of the jurisdictions `among` in the years given, followed in all of them.

    t0 is the first authorisation anywhere among them. Where a first authorisation has no day, t0 is not known and the
    medicine is left out. A medicine is censored in a jurisdiction at the day to which its registers are complete; it
    leaves with a competing event at a refusal or final withdrawal of its application there after t0, or when it was
    discontinued everywhere. A jurisdiction whose registers begin after t0 has it under watch from then on. With
    `full_only`, authorisations count whose register states a full application. Raises CohortError.
    """
    import polars as pl

    known = coverage(atlas)
    if missing := [place for place in among if place not in known]:
        raise CohortError(f"The release has no authorisations of {', '.join(missing)}; it has {', '.join(known)}.")
    if len(set(among)) < 2:
        raise CohortError("A lag needs two jurisdictions or more: name them with --among, such as US,EU,CA.")
    places = pl.DataFrame(
        [
            {"jurisdiction": place, "since": known[place].since, "until": known[place].until}
            for place in dict.fromkeys(among)
        ],
        schema={"jurisdiction": pl.String, "since": pl.Date, "until": pl.Date},
    )
    firsts = atlas.constant(FIRSTS).frame.filter(pl.col("jurisdiction").is_in(places["jurisdiction"].implode()))
    if full_only:
        firsts = firsts.filter(pl.col("basis").str.contains("full application", literal=True))
    # a first that is only known to lie before a day could be the first of all
    undated = firsts.filter(pl.col("date").is_null())["medicine_id"].unique()
    firsts = firsts.filter(~pl.col("medicine_id").is_in(undated.implode()))
    medicines = firsts.group_by("medicine_id", "name", "modality").agg(pl.col("date").min().alias("t0"))
    year = pl.col("t0").dt.year()
    if from_year is not None:
        medicines = medicines.filter(year >= from_year)
    if to_year is not None:
        medicines = medicines.filter(year <= to_year)
    stated = firsts.select("medicine_id", "jurisdiction", "date", "register", "record_id")
    rows = (
        medicines.join(places, how="cross")
        .join(stated, on=["medicine_id", "jurisdiction"], how="left")
        .join(
            atlas.constant(REFUSALS).frame.rename({"date": "refused"}), on=["medicine_id", "jurisdiction"], how="left"
        )
        .join(atlas.constant(ENDED).frame, on="medicine_id", how="left")
    )
    t0 = pl.col("t0")

    def since_t0(day: pl.Expr) -> pl.Expr:
        return (day - t0).dt.total_days()

    rows = rows.with_columns(
        pl.when(pl.col("date") <= pl.col("until")).then("date").alias("authorised"),
        # what happened before t0 is another application's story
        pl.min_horizontal(
            pl.when(pl.col("refused") >= t0).then("refused"), pl.when(pl.col("ended") > t0).then("ended")
        ).alias("lost"),
    )
    lost = pl.col("lost").is_not_null() & (pl.col("lost") <= pl.col("until"))
    rows = rows.with_columns(
        pl.when(pl.col("authorised").is_not_null())
        .then(AUTHORISED)
        .when(lost)
        .then(COMPETING)
        .otherwise(CENSORED)
        .alias("state"),
        pl.coalesce("authorised", pl.when(lost).then("lost"), "until").alias("exit"),
    ).with_columns(
        since_t0(pl.col("exit")).alias("time"),
        pl.max_horizontal(since_t0(pl.col("since")).fill_null(0), 0).alias("entry"),
        (pl.col("authorised") == t0).fill_null(False).alias("first"),
    )
    # not under watch at all: first authorised after the registers' end, or settled before they begin
    rows = rows.filter((pl.col("time") >= 0) & ((pl.col("entry") == 0) | (pl.col("entry") < pl.col("time"))))
    return Cohort(
        rows.select(
            "medicine_id", "name", "modality", "t0", "jurisdiction", "authorised", "entry", "time", "state", "first",
            "register", "record_id",
        ).sort("medicine_id", "jurisdiction"),
        {place: known[place] for place in dict.fromkeys(among)},
        len(undated),
        min(known[place].until for place in among),
    )  # fmt: skip
