"""Trends: first authorisations by year, jurisdiction and modality; who is first; how far a year's medicines get."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from dioscorides.atlas.cohort import AUTHORISED, Cohort, cohort, coverage, places_of
from dioscorides.atlas.release import Atlas
from dioscorides.atlas.table import Table
from dioscorides.questions.answer import Answer, QuestionError, sources

if TYPE_CHECKING:
    import polars as pl

    from dioscorides.charts.render import Picture

YEAR = 365.25
HORIZONS = (1, 2, 5)

DEFINITIONS = (
    "First authorisations: medicines whose first authorisation in the jurisdiction lies in the year; a central one "
    "counts for the EU, and in member states only where their own register is in the release.",
    "Firsts: those of them whose first authorisation among the jurisdictions is here; a shared first counts for each. "
    "Share of firsts: of the medicines first authorised anywhere among the jurisdictions in the year. Both are empty "
    "for years that the cut-off (see lag) does not cover in full.",
    "Reach: of the medicines first authorised anywhere among the jurisdictions in a year, how many were authorised in "
    "how many of them within 1, 2, 5 years, and the mean; only for years whose whole follow-up lies before every "
    "cut-off, so that nothing is censored.",
)

COUNTS = """
SELECT f.jurisdiction, year(f.date) AS year, m.modality, count(*) AS medicines
FROM first_authorisation AS f
INNER JOIN medicine AS m ON f.medicine_id = m.medicine_id
WHERE f.date IS NOT NULL AND ($1 IS NULL OR m.modality = $1)
GROUP BY f.jurisdiction, year(f.date), m.modality
ORDER BY f.jurisdiction, year, m.modality
"""
EVIDENCE = """
SELECT f.medicine_id, f.jurisdiction, year(f.date) AS year, f.register, f.record_id
FROM first_authorisation AS f
INNER JOIN medicine AS m ON f.medicine_id = m.medicine_id
WHERE
    ($1 IS NULL OR m.modality = $1)
    AND f.jurisdiction IN (SELECT unnest($2::VARCHAR[]))
    AND year(f.date) BETWEEN $3 AND $4
ORDER BY f.medicine_id, f.jurisdiction
"""


def ask(
    atlas: Atlas,
    *,
    among: str = "US,EU,CA",
    from_: int | None = None,
    to: int | None = None,
    modality: str | None = None,
) -> Answer:
    """First authorisations by year, jurisdiction and modality, and how far each year's medicines got.

    Jurisdictions `among`, comma separated, or all; years `from_` to `to`; one `modality`. Raises QuestionError.
    """
    import polars as pl

    known = coverage(atlas)
    watched = cohort(atlas, places_of(atlas, among), from_year=from_, to_year=to, least=1)
    places = list(watched.coverage)
    rows = watched.rows.filter(pl.col("modality") == modality) if modality else watched.rows
    year = pl.col("year")
    counts = atlas.table(COUNTS, [modality]).frame.filter(
        pl.col("jurisdiction").is_in(places) & (year >= (from_ or 0)) & (year <= (to or 9999))
    )
    if counts.is_empty():
        raise QuestionError("No medicine was first authorised there in these years.")
    covered = watched.cutoff.year - (watched.cutoff < date(watched.cutoff.year, 12, 31))
    started = pl.col("t0").dt.year().cast(pl.Int64).alias("year")
    all_firsts = rows.select("medicine_id", started).unique().group_by("year").agg(pl.len().alias("all"))
    firsts = rows.filter("first").group_by("jurisdiction", started).agg(pl.len().cast(pl.Int64).alias("firsts"))
    by_year = (
        counts.group_by("jurisdiction", "year")
        .agg(pl.col("medicines").sum())
        .join(firsts, on=["jurisdiction", "year"], how="left")
        .join(all_firsts, on="year", how="left")
        .with_columns(pl.when(year <= covered).then(pl.col("firsts").fill_null(0)).alias("firsts"))
        .with_columns((pl.col("firsts") / pl.col("all")).alias("share_of_firsts"))
        .drop("all")
        .sort(pl.col("jurisdiction").replace_strict(places, range(len(places))), "year")
    )
    # years differ in what follows them; only whole years before the cut-off can be compared
    last = {place: known[place].until for place in places}
    answer = Answer(
        question="trends",
        title=f"First authorisations in {', '.join(places)}",
        release=atlas.release,
        main=Table.of(by_year),
        facts={"cut-off": ", ".join(f"{place} {day}" for place, day in last.items()), "modality": modality or "all"},
        view=_view(by_year, places),
        further={
            "reach": _reach(rows, places, min(last.values())),
            "by modality": Table.of(counts.with_columns(year.cast(pl.String))),
        },
        definitions=DEFINITIONS,
        caveats=_caveats(watched, last),
        evidence=atlas.table(EVIDENCE, [modality, places, from_ or 0, to or 9999]),
        sources=sources(atlas, {register for place in places for register in known[place].registers}),
    )
    return replace(answer, pictures={"heat": lambda: _heat(answer, watched)})


def _heat(answer: Answer, watched: Cohort) -> Picture:
    """Medicines by year and jurisdiction; a year that the registers cover in part has an asterisk. None is nought only
    where absence can be proved.
    """
    from dioscorides.charts.heat import heat

    rows = [
        {
            "year": row["year"],
            "category": row["jurisdiction"],
            "value": row["medicines"],
            "text": f"{row['medicines']:,}" + "*" * (row["year"] >= watched.coverage[row["jurisdiction"]].until.year),
        }
        for row in answer.main.records()
    ]
    seen = {(row["year"], row["category"]) for row in rows}
    years = range(min(answer.main["year"]), max(answer.main["year"]) + 1)
    rows += [
        {"year": year, "category": place, "value": 0, "text": "0" + "*" * (year == cover.until.year)}
        for place, cover in watched.coverage.items()
        for year in years
        if (year, place) not in seen and cover.closed and cover.since and cover.since.year <= year <= cover.until.year
    ]
    return heat(
        rows,
        title=answer.title,
        value_title="Medicines",
        subtitle="Medicines by the year of their first authorisation there; *: the year is covered in part",
        source=answer.source_line,
        release=f"Release {answer.release}",
    )


def _reach(rows: pl.DataFrame, places: list[str], cutoff: date) -> Table:
    """How many of a year's medicines were authorised in how many of the jurisdictions within 1, 2, 5 years.

    A line per year and horizon: year, within_years, medicines, mean, and in_k: those in exactly k jurisdictions.
    """
    import polars as pl

    year, authorised = pl.col("t0").dt.year().cast(pl.Int64).alias("year"), pl.col("state") == AUTHORISED
    parts = []
    for years in HORIZONS:
        within = (authorised & (pl.col("time") <= years * YEAR)).sum().alias("places")
        reached = rows.group_by("medicine_id", year).agg(within).filter(pl.col("year") + years < cutoff.year)
        exactly = [(pl.col("places") == n).sum().cast(pl.Int64).alias(f"in_{n}") for n in range(1, len(places) + 1)]
        parts.append(
            reached.group_by("year").agg(
                pl.lit(years, pl.Int64).alias("within_years"),
                pl.len().cast(pl.Int64).alias("medicines"),
                pl.col("places").mean().alias("mean"),
                *exactly,
            )
        )
    reach = pl.concat(parts).sort(["year", "within_years"], descending=[True, False])
    return Table.of(reach.with_columns(pl.col("year").cast(pl.String)))


def _caveats(watched: Cohort, last: dict[str, date]) -> tuple[str, ...]:
    told = [
        f"{one.jurisdiction}: set aside, as its registers have a day for {one.dated:,} of {one.firsts:,} first "
        f"authorisations only."
        for one in watched.undating.values()
    ]
    told += [f"{place}: the year {day.year} is covered to {day} only." for place, day in last.items() if day.month < 12]
    if open_ := [place for place, cover in watched.coverage.items() if not cover.closed]:
        told.append(
            f"{', '.join(open_)}: the registers cannot prove absence, and may lack what has left them: counts and "
            f"reach there are at least what is shown."
        )
    if watched.undated_medicines:
        told.append(
            f"In the counts, but not among firsts and reach: {watched.undated_medicines:,} with a first authorisation "
            f"without a day in one of the jurisdictions."
        )
    return tuple(told)


def _view(by_year: pl.DataFrame, places: list[str]) -> Table:
    """Years down, jurisdictions across: medicines, and in brackets how many were firsts."""
    cells = {
        (place, year): str(medicines) if firsts is None else f"{medicines} ({firsts})"
        for place, year, medicines, firsts in by_year.select("jurisdiction", "year", "medicines", "firsts").iter_rows()
    }
    lines = [
        {"year": str(year), **{place: cells.get((place, year), "") for place in places}}
        for year in sorted({year for _place, year in cells}, reverse=True)
    ]
    return Table.from_records(("year", *places), "text " + " ".join("text" for _ in places), lines)
