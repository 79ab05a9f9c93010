"""Trends: first authorisations by year, jurisdiction and modality; who is first; how far a year's medicines get."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dioscorides.atlas.cohort import AUTHORISED, cohort, coverage
from dioscorides.atlas.release import Atlas
from dioscorides.atlas.table import Table
from dioscorides.questions.answer import Answer, QuestionError

if TYPE_CHECKING:
    import polars as pl

    from dioscorides.charts.render import Picture

YEAR = 365.25
HORIZONS = (1, 2, 5)

DEFINITIONS = (
    "First authorisations: medicines whose first authorisation in the jurisdiction lies in the year; a central one "
    "counts for the EU, and in member states only where their own register is in the release.",
    "Firsts: those of them whose first authorisation among the jurisdictions is here; a shared first counts for each.",
    "Reach: of the medicines first authorised anywhere among the jurisdictions in a year, the mean number of them that "
    "had authorised it within 1, 2, 5 years; only for years whose whole follow-up lies before every cut-off, so that "
    "nothing is censored.",
)

COUNTS = """
SELECT f.jurisdiction, year(f.date) AS year, m.modality, count(*) AS medicines
FROM first_authorisation AS f
INNER JOIN medicine AS m ON f.medicine_id = m.medicine_id
WHERE f.date IS NOT NULL AND ($1 IS NULL OR m.modality = $1)
GROUP BY f.jurisdiction, year(f.date), m.modality
ORDER BY f.jurisdiction, year, m.modality
"""

SOURCES = """
SELECT register, snapshot, publisher, licence, published_at FROM register WHERE "current" ORDER BY register
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

    Jurisdictions `among`, comma separated; years `from_` to `to`; one `modality`. Raises QuestionError.
    """
    import polars as pl

    places = [place.strip().upper() for place in among.split(",") if place.strip()]
    known = coverage(atlas)
    watched = cohort(atlas, places, from_year=from_, to_year=to)
    rows = watched.rows.filter(pl.col("modality") == modality) if modality else watched.rows
    year = pl.col("year")
    counts = atlas.table(COUNTS, [modality]).frame.filter(
        pl.col("jurisdiction").is_in(places) & (year >= (from_ or 0)) & (year <= (to or 9999))
    )
    if counts.is_empty():
        raise QuestionError("No medicine was first authorised there in these years.")
    firsts = (
        rows.filter("first")
        .group_by("jurisdiction", pl.col("t0").dt.year().alias("year"))
        .agg(pl.len().alias("firsts"))
    )
    by_year = (
        counts.group_by("jurisdiction", "year")
        .agg(pl.col("medicines").sum())
        .join(firsts.with_columns(year.cast(pl.Int64)), on=["jurisdiction", "year"], how="left")
        .with_columns(pl.col("firsts").fill_null(0).cast(pl.Int64))
        .sort("jurisdiction", "year")
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
        further={"reach": _reach(rows, watched.cutoff.year), "by modality": Table.of(counts)},
        definitions=DEFINITIONS,
        caveats=tuple(
            f"{place}: the year {day.year} is covered to {day} only." for place, day in last.items() if day.month < 12
        ),
        evidence=Table.of(
            rows.filter(pl.col("state") == AUTHORISED).select("medicine_id", "jurisdiction", "register", "record_id")
        ),
        sources=_sources(atlas, {register for place in places for register in known[place].registers}),
    )
    return replace(answer, pictures={"heat": lambda: _heat(answer)})


def _heat(answer: Answer) -> Picture:
    """Medicines by year and jurisdiction."""
    from dioscorides.charts.heat import heat

    rows = [
        {"year": row["year"], "category": row["jurisdiction"], "value": row["medicines"]}
        for row in answer.main.records()
    ]
    return heat(
        rows,
        title=answer.title,
        value_title="Medicines",
        subtitle="Medicines by the year of their first authorisation there",
        source=answer.source_line,
        release=f"Release {answer.release}",
    )


def _reach(rows: pl.DataFrame, cutoff_year: int) -> Table:
    """In how many of the jurisdictions a year's medicines were authorised within 1, 2, 5 years, on average."""
    import polars as pl

    within = [
        ((pl.col("state") == AUTHORISED) & (pl.col("time") <= years * YEAR)).sum().alias(f"{years}y")
        for years in HORIZONS
    ]
    medicines = rows.group_by("medicine_id", pl.col("t0").dt.year().alias("year")).agg(within)
    reach = (
        medicines.group_by("year")
        .agg(pl.len().alias("medicines"), *(pl.col(f"{years}y").mean().alias(f"within_{years}y") for years in HORIZONS))
        .sort("year")
        .with_columns(
            pl.col("year").cast(pl.String),
            *(
                pl.when(pl.col("year") + years < cutoff_year).then(f"within_{years}y").alias(f"within_{years}y")
                for years in HORIZONS
            ),
        )
    )
    return Table.of(reach)


def _view(by_year: pl.DataFrame, places: list[str]) -> Table:
    """Years down, jurisdictions across: medicines, and in brackets how many were firsts."""
    cells = {
        (place, year): f"{medicines} ({firsts})"
        for place, year, medicines, firsts in by_year.select("jurisdiction", "year", "medicines", "firsts").iter_rows()
    }
    lines = [
        {"year": str(year), **{place: cells.get((place, year), "") for place in places}}
        for year in sorted({year for _place, year in cells}, reverse=True)
    ]
    return Table.from_records(("year", *places), "text " + " ".join("int" for _ in places), lines)


def _sources(atlas: Atlas, used: set[str]) -> Table:
    sources = atlas.constant(SOURCES)
    return Table(sources.columns, sources.types, tuple(row for row in sources.rows if row[0] in used))
