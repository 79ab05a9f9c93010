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
    absence from its registers may be read as not authorised; its first authorisations, and those of them with a day.
    """

    jurisdiction: str
    since: date | None
    until: date
    closed: bool
    registers: tuple[str, ...]
    firsts: int
    dated: int

    @property
    def dates(self) -> bool:
        """Do its registers tell when? Where most first authorisations have no day, the others are no fair part."""
        return 2 * self.dated >= self.firsts > 0


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
),
counted AS (
    SELECT jurisdiction, count(*) AS firsts, count(date) AS dated FROM first_authorisation GROUP BY jurisdiction
)
SELECT
    d.jurisdiction,
    CASE WHEN count(d.covers_from) = count(*) THEN max(d.covers_from) END AS since,
    min(d.covers_to) AS until,
    bool_and(d.closed_world) AS closed,
    array_agg(d.register ORDER BY d.register) AS registers,
    coalesce(max(c.firsts), 0) AS firsts,
    coalesce(max(c.dated), 0) AS dated
FROM deciding AS d
LEFT JOIN counted AS c ON d.jurisdiction = c.jurisdiction
GROUP BY d.jurisdiction
ORDER BY d.jurisdiction
"""

#: What is asked of first authorisations.
FIRSTS = ("medicine_id", "jurisdiction", "date", "precision", "before", "basis", "register", "record_id")

#: Refusals and final withdrawals of an application, by medicine and jurisdiction; of generics and biosimilars they say
#: nothing about the medicine.
REFUSALS = """
WITH lost AS MATERIALIZED (  -- few events of many: found before all authorisations are read
    SELECT medicine_id, date, register, record_id
    FROM event
    WHERE event IN ('refused', 'application_withdrawn') AND date IS NOT NULL AND medicine_id IS NOT NULL
)
SELECT DISTINCT lost.medicine_id, a.jurisdiction, lost.date AS lost, a.register, a.record_id
FROM lost
INNER JOIN authorisation AS a ON lost.register = a.register AND lost.record_id = a.record_id
WHERE a.domain = 'human' AND a.legal_basis IN ('full', 'well_established', 'unknown')
"""

#: Medicines that are authorised nowhere any more: the day on which the last authorisation ended, where every end is
#: dated. A member state's record of a central authorisation says nothing beside the EU's own, which it may follow late.
ENDED = """
WITH own AS (
    SELECT medicine_id, register, record_id, status
    FROM authorisation
    WHERE medicine_id IS NOT NULL AND domain = 'human' AND central_record_id IS NULL
),
gone AS (
    SELECT medicine_id
    FROM own
    GROUP BY medicine_id
    HAVING bool_and(status IN ('withdrawn', 'expired', 'refused', 'application_withdrawn'))
),
ends AS (
    SELECT a.medicine_id, a.register, a.record_id, max(e.date) AS lost
    FROM own AS a
    LEFT JOIN event AS e
        ON a.register = e.register AND a.record_id = e.record_id AND e.event IN ('withdrawn', 'expired')
    WHERE a.status IN ('withdrawn', 'expired') AND a.medicine_id IN (SELECT medicine_id FROM gone)
    GROUP BY a.medicine_id, a.register, a.record_id
)
SELECT medicine_id, lost, register, record_id
FROM ends
QUALIFY
    count(*) OVER (PARTITION BY medicine_id) = count(lost) OVER (PARTITION BY medicine_id)
    AND row_number() OVER (PARTITION BY medicine_id ORDER BY lost DESC, register, record_id) = 1
"""

#: Steps on the way to a first authorisation: the submission and the opinion, on the record of the authorisation itself
#: or on a record of its own that bears the application's number and the same day of authorisation.
STEPS = """
WITH own AS (
    SELECT f.medicine_id, f.jurisdiction, f.date AS authorised, f.register, f.record_id
    FROM first_authorisation AS f
    WHERE f.date IS NOT NULL
    UNION
    SELECT f.medicine_id, f.jurisdiction, f.date AS authorised, d.register, d.record_id
    FROM designation AS d
    INNER JOIN first_authorisation AS f
        ON d.jurisdiction = f.jurisdiction AND split_part(d.record_id, ' ', 1) = f.number
    INNER JOIN event AS e
        ON d.register = e.register AND d.record_id = e.record_id AND e.event = 'authorised' AND e.date = f.date
)
SELECT own.medicine_id, own.jurisdiction, e.event AS step, e.date AS day, own.authorised, e.register, e.record_id
FROM own
INNER JOIN event AS e ON own.register = e.register AND own.record_id = e.record_id
WHERE e.event IN ('submission_received', 'opinion') AND e.precision = 'day' AND e.date <= own.authorised
QUALIFY
    row_number() OVER (
        PARTITION BY own.medicine_id, own.jurisdiction, e.event
        -- the first submission, and the last opinion before the authorisation
        ORDER BY CASE WHEN e.event = 'opinion' THEN own.authorised - e.date ELSE e.date - DATE '1900-01-01' END,
            e.register, e.record_id
    ) = 1
ORDER BY own.medicine_id, own.jurisdiction, e.event
"""


@dataclass(frozen=True)
class Cohort:
    """Medicines by jurisdiction, and what was left out.

    `rows` has a line per medicine and jurisdiction at risk: medicine_id, name, modality, t0, jurisdiction, authorised,
    precision, basis, entry, time (days since t0), state (0 censored, 1 authorised, 2 competing), first (was it a first
    in the set), register, record_id (of the first authorisation or of the competing event). `coverage` is that of the
    jurisdictions compared, `undating` that of those set aside because most first authorisations there have no day.
    `undated` counts by jurisdiction the medicines left out because their first authorisation there has no day, `later`
    those whose t0 lies after the `cutoff`, `unwatched` by jurisdiction those that its registers could not watch for a
    day.
    """

    rows: pl.DataFrame
    coverage: dict[str, Coverage]
    undating: dict[str, Coverage]
    undated: dict[str, int]
    undated_medicines: int
    later: int
    unwatched: dict[str, int]
    cutoff: date


def coverage(atlas: Atlas) -> dict[str, Coverage]:
    """What the release can say of each jurisdiction with authorisations."""
    rows = atlas.constant(COVERAGE).records()
    return {row["jurisdiction"]: Coverage(**row | {"registers": tuple(row["registers"])}) for row in rows}


def places_of(atlas: Atlas, among: str) -> list[str]:
    """The jurisdictions of a comma separated list, in its order; `all` are all of the release. Raises CohortError."""
    known = coverage(atlas)
    if among.strip().lower() == "all":
        return list(known)
    places = list(dict.fromkeys(place.strip().upper() for place in among.split(",") if place.strip()))
    if missing := [place for place in places if place not in known]:
        raise CohortError(f"The release has no authorisations of {', '.join(missing)}; it has {', '.join(known)}.")
    return places


def cohort(
    atlas: Atlas,
    among: list[str],
    *,
    from_year: int | None = None,
    to_year: int | None = None,
    full_only: bool = False,
    least: int = 2,
) -> Cohort:
    """Medicines first authorised in one of the jurisdictions `among` in the years given, followed in all of them.

    Jurisdictions whose registers have no day for most first authorisations are set aside. t0 is the first authorisation
    anywhere among the others. Where a first authorisation there has no day, t0 is not known and the medicine is left
    out; so is one with a t0 after the day to which every complete register among them is complete
    (the cut-off), as an earlier authorisation elsewhere could not be seen. A medicine is censored in a jurisdiction at
    the day to which its registers are complete; it leaves with a competing event at a refusal or withdrawal of its
    application there after t0 that no authorisation followed, or when it was discontinued everywhere. A jurisdiction
    whose registers begin after t0 has it under watch from then on. With `full_only`, authorisations count whose
    register states a full application. Raises CohortError, also where fewer than `least` jurisdictions are left.
    """
    import polars as pl

    asked = [coverage(atlas)[place] for place in places_of(atlas, ",".join(among))]
    known = {one.jurisdiction: one for one in asked if one.dates}
    undating = {one.jurisdiction: one for one in asked if not one.dates}
    if len(known) < least:
        silent = f" {', '.join(undating)} state no day for most first authorisations." if undating else ""
        needed = "A lag needs two jurisdictions or more" if least > 1 else "This needs a jurisdiction that states days"
        raise CohortError(f"{needed}: name them with --among, such as US,EU,CA.{silent}")
    cutoff = min([one.until for one in known.values() if one.closed] or [one.until for one in known.values()])
    places = pl.DataFrame(
        [{"jurisdiction": one.jurisdiction, "since": one.since, "until": one.until} for one in known.values()],
        schema={"jurisdiction": pl.String, "since": pl.Date, "until": pl.Date},
    )
    named = atlas.frame("medicine", "medicine_id", "name", "modality")
    firsts = atlas.frame("first_authorisation", *FIRSTS).filter(pl.col("jurisdiction").is_in(list(known)))
    firsts = firsts.join(named, on="medicine_id", maintain_order="left")
    if full_only:
        firsts = firsts.filter(pl.col("basis").str.contains("full application", literal=True))
    # a first that is only known to lie before a day could be the first of all
    undated = firsts.filter(pl.col("date").is_null()).select("medicine_id", "jurisdiction")
    bounds = firsts.join(undated, on="medicine_id", how="semi")
    firsts = firsts.join(undated, on="medicine_id", how="anti")
    medicines = firsts.group_by("medicine_id", "name", "modality").agg(pl.col("date").min().alias("t0"))
    t0, year = pl.col("t0"), pl.col("t0").dt.year()
    if from_year is not None:
        medicines = medicines.filter(year >= from_year)
        # what was authorised somewhere before these years is not missed in them
        undated = undated.join(_begun(bounds, from_year), on="medicine_id", how="anti")
    if to_year is not None:
        medicines = medicines.filter(year <= to_year)
    later = medicines.filter(t0 > cutoff).height
    medicines = medicines.filter(t0 <= cutoff)
    stated = firsts.select("medicine_id", "jurisdiction", "date", "precision", "basis", "register", "record_id")
    here = ["medicine_id", "jurisdiction"]
    rows = (
        medicines.join(places, how="cross")
        .join(stated, on=here, how="left")
        .join(_losses(atlas, medicines), on=here, how="left", suffix="_lost")
        .with_columns(pl.when(pl.col("date") <= pl.col("until")).then("date").alias("authorised"))
    )
    is_authorised = pl.col("authorised").is_not_null()
    is_lost = ~is_authorised & (pl.col("lost") <= pl.col("until")).fill_null(False)

    def since_t0(day: pl.Expr) -> pl.Expr:
        return (day - t0).dt.total_days()

    def resting_on(key: str) -> pl.Expr:
        return pl.when(is_authorised).then(key).when(is_lost).then(f"{key}_lost").alias(key)

    rows = rows.with_columns(
        pl.when(is_authorised).then(AUTHORISED).when(is_lost).then(COMPETING).otherwise(CENSORED).alias("state"),
        since_t0(pl.coalesce("authorised", pl.when(is_lost).then("lost"), "until")).alias("time"),
        pl.max_horizontal(since_t0(pl.col("since")).fill_null(0), 0).alias("entry"),
        (pl.col("authorised") == t0).fill_null(False).alias("first"),
        resting_on("register"),
        resting_on("record_id"),
    )
    # not under watch at all: first authorised after the registers' end, or settled before they begin
    watched = (pl.col("time") >= 0) & ((pl.col("entry") == 0) | (pl.col("entry") < pl.col("time")))
    return Cohort(
        rows.filter(watched)
        .select(
            "medicine_id", "name", "modality", "t0", "jurisdiction", "authorised", "precision", "basis", "entry",
            "time", "state", "first", "register", "record_id",
        )
        .sort("medicine_id", "jurisdiction"),
        known,
        undating,
        dict(undated.group_by("jurisdiction").len().sort("jurisdiction").iter_rows()),
        undated["medicine_id"].n_unique(),
        later,
        dict(rows.filter(~watched).group_by("jurisdiction").len().sort("jurisdiction").iter_rows()),
        cutoff,
    )  # fmt: skip


def _begun(firsts: pl.DataFrame, year: int) -> pl.DataFrame:
    """The medicines that were authorised somewhere before the `year`, by a date or by a day before which it was."""
    import polars as pl

    start = date(year, 1, 1)
    return firsts.filter((pl.col("date") < start) | (pl.col("before") <= start)).select("medicine_id").unique()


def _losses(atlas: Atlas, medicines: pl.DataFrame) -> pl.DataFrame:
    """The earliest competing event of each medicine and jurisdiction: lost (a day), register, record_id.

    What was refused before t0 is another application's story.
    """
    import polars as pl

    timed = medicines.select("medicine_id", "t0")
    refused = atlas.constant(REFUSALS).frame.join(timed, on="medicine_id").filter(pl.col("lost") >= pl.col("t0"))
    ended = atlas.constant(ENDED).frame.join(timed, on="medicine_id").filter(pl.col("lost") > pl.col("t0"))
    places = pl.DataFrame({"jurisdiction": list(coverage(atlas))}, schema={"jurisdiction": pl.String})
    both = pl.concat([refused, ended.join(places, how="cross").select(refused.columns)])
    order = ["lost", "register", "record_id"]
    return both.sort(order).unique(["medicine_id", "jurisdiction"], keep="first", maintain_order=True).drop("t0")
