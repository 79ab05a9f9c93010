"""Lag: how much later than elsewhere does a jurisdiction get new medicines, and how many does it never get?"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dioscorides.atlas.cohort import AUTHORISED, CENSORED, COMPETING, STEPS, Cohort, Coverage, cohort, places_of
from dioscorides.atlas.release import Atlas
from dioscorides.atlas.table import Table
from dioscorides.questions.answer import Answer, QuestionError, sources

if TYPE_CHECKING:
    import polars as pl

    from dioscorides.charts.render import Picture
    from dioscorides.methods.survival import Curve

YEAR = 365.25
HORIZONS = (1, 2, 5)
#: Years of a period of t0.
PERIOD = 5
LOST = ("lost_5y_days", "lost_5y_low", "lost_5y_high")
#: The region of holders whose country no register states.
NOT_STATED = "not stated"
#: Years that a picture shows, and curves: more of them cannot be told apart.
LONGEST, CURVES = 10, 8

DEFINITIONS = (
    "t0: the first authorisation of a medicine anywhere among the jurisdictions; approval lag: days from t0 to its "
    "first authorisation in one of them. Medicines count whose t0 lies by the earliest day to which a complete "
    "register among them reaches: after it an earlier authorisation elsewhere could not be seen.",
    "Share authorised by a time: Aalen-Johansen's cumulative incidence with delayed entry, 95% interval on the "
    "log(-log) scale. Not authorised by the cut-off is censored at the cut-off; a refusal or "
    "withdrawal of the application that no authorisation followed, or the end of the last authorisation anywhere, is a "
    "competing event.",
    "Median: the day by which half of the medicines are authorised; empty is not reached within as many years as the "
    "registers cover.",
    "Time lost to 5 years: mean days of the first five years after t0 without authorisation, five years less the area "
    "under the cumulative incidence.",
    "Share of firsts: medicines whose t0 is here, of all in the group; where two share a t0 it counts for both.",
    "Relative lag of A to B: day in B less day in A, among medicines authorised in both by the cut-off. Selected: what "
    "was never authorised in one of them does not count, so it flatters.",
    "Submission: relative lag = submission gap (day submitted in B less in A) + difference of review times (days from "
    "submission to authorisation, B less A), exactly, for medicines with both days in both.",
    "Tests: Gray's between groups of medicines; between jurisdictions, which see the same medicines, log-rank with the "
    "medicine as cluster.",
    "Regression: Cox's, of the rate at which those not authorised yet are authorised, in times that of the reference; "
    "compared within a jurisdiction and within five years of t0, intervals clustered on the medicine.",
)


def ask(
    atlas: Atlas,
    *,
    among: str = "US,EU,CA",
    from_: int | None = None,
    to: int | None = None,
    modality: str | None = None,
    by: str = "jurisdiction",
    legal_basis: str | None = None,
) -> Answer:
    """How much later than elsewhere a jurisdiction gets new medicines.

    Jurisdictions `among`, comma separated, or all; medicines whose first authorisation among them lies in the years
    `from_` to `to`, of one `modality`; `by` jurisdiction, modality, period or holder-region; `legal_basis` full counts
    only authorisations whose register states a full application. Raises QuestionError.
    """
    if by not in GROUPS:
        raise QuestionError(f"--by is one of {', '.join(GROUPS)}, not {by!r}.")
    if legal_basis not in (None, "full"):
        raise QuestionError(f"--legal-basis is full or left out, not {legal_basis!r}.")
    watched = cohort(atlas, places_of(atlas, among), from_year=from_, to_year=to, full_only=legal_basis == "full")
    places, rows = list(watched.coverage), watched.rows
    if modality is not None:
        known = sorted(rows["modality"].unique().to_list())
        if modality not in known:
            raise QuestionError(f"No medicine here has the modality {modality!r}; there are {', '.join(known)}.")
        import polars as pl

        rows = rows.filter(pl.col("modality") == modality)
    if rows.is_empty():
        raise QuestionError("No medicine was first authorised there in these years.")
    grouped = GROUPS[by](atlas, rows)
    lines, tests = _lines(grouped, watched, by)
    pairs = _pairs(rows, places)
    steps = _steps(atlas, rows)
    used = {register for one in watched.coverage.values() for register in one.registers} | set(steps["register"])
    answer = Answer(
        question="lag",
        title=f"Approval lag among {', '.join(places)}",
        release=atlas.release,
        main=lines,
        view=_view(lines),
        facts=_facts(watched, rows, from_, to, modality),
        further={
            "relative lag": pairs,
            "tests": tests,
            "regression": _regression(grouped, watched, by),
            **_reviews(steps),
            "coverage": _coverage(watched),
        },
        definitions=DEFINITIONS,
        caveats=_caveats(watched, grouped, steps, by),
        evidence=_evidence(rows, steps),
        sources=sources(atlas, used),
    )
    drawn = {
        "curves": lambda: _curves(answer, grouped, watched, by),
        "dots": lambda: _dots(answer, pairs),
    }
    return replace(answer, pictures=drawn)


def _curves(answer: Answer, grouped: pl.DataFrame, watched: Cohort, by: str) -> Picture:
    """Cumulative authorisation since t0, of the jurisdictions whose registers can prove absence."""
    import polars as pl

    from dioscorides.charts.curves import curves

    closed = [place for place, cover in watched.coverage.items() if cover.closed]
    sizes = grouped.group_by("group").agg(pl.col("medicine_id").n_unique().alias("n"))
    every = sizes.sort("n", "group", descending=[True, False])["group"].to_list()
    shown_groups = every[: max(1, CURVES // max(1, len(closed)))]
    subtitle = f"Medicines: {answer.facts['medicines']}"
    if len(shown_groups) < len(every):
        subtitle += f". The {len(shown_groups)} largest of {len(every)} groups"
    lines, at_risk = [], []
    for place, group, part in _parts(grouped, watched):
        if place not in closed or group not in shown_groups:
            continue
        name = place if by == "jurisdiction" else f"{place} {group}"
        curve = curve_of(part)
        shown = curve.time <= LONGEST * YEAR
        columns = (curve.time, curve.estimate, curve.lower, curve.upper)
        lines.append({"curve": name, "time": 0.0, "share": 0.0, "lower": None, "upper": None})
        lines += [
            {"curve": name, "time": day / YEAR, "share": share, "lower": _number(low), "upper": _number(high)}
            for day, share, low, high in zip(*(column[shown] for column in columns), strict=True)
        ]
        # a curve is known to where the last of its medicines leaves, not only to where it last rises
        lines.append(lines[-1] | {"time": min(LONGEST, curve.follow_up / YEAR)})
        years = [float(year) for year in range(0, LONGEST + 1, 2)]
        watching = curve.at([year * YEAR for year in years]).at_risk
        at_risk += [{"curve": name, "time": year, "n": int(n)} for year, n in zip(years, watching, strict=True)]
    return curves(
        lines,
        at_risk=at_risk,
        title=f"Share of medicines authorised, since the first authorisation in one of {', '.join(watched.coverage)}",
        subtitle=subtitle,
        source=answer.source_line,
        release=f"Release {answer.release}",
        x_title="Years since the first authorisation",
        y_title="Share authorised",
    )


def _dots(answer: Answer, pairs: Table) -> Picture:
    """Relative lags of pairs: median and middle half, in days."""
    from dioscorides.charts.dots import dots

    rows = [
        {
            "label": f"{row['a']} to {row['b']}",
            "value": row["median_days"],
            "lower": row["quarter_days"],
            "upper": row["three_quarter_days"],
            "note": f"{row['medicines']:,} medicines",
        }
        for row in pairs.records()
    ]
    return dots(
        rows,
        title="How much later, among medicines authorised in both",
        subtitle="Median and middle half; what was never authorised in one of them does not count",
        source=answer.source_line,
        release=f"Release {answer.release}",
        x_title="Days later",
    )


# -- groups: each gives the rows a column `group`


def _by_jurisdiction(_atlas: Atlas, rows: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return rows.with_columns(pl.lit("all").alias("group"))


def _by_modality(_atlas: Atlas, rows: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return rows.with_columns(pl.col("modality").alias("group"))


def _by_period(_atlas: Atlas, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(_period().alias("group"))


def _period() -> pl.Expr:
    """Five years of t0, such as 2015-2019."""
    import polars as pl

    begin = pl.col("t0").dt.year() // PERIOD * PERIOD
    return pl.format("{}-{}", begin, begin + PERIOD - 1)


def _by_holder_region(atlas: Atlas, rows: pl.DataFrame) -> pl.DataFrame:
    """By the region of the holder of the first authorisation, where a register states its country."""
    import polars as pl

    holder = atlas.constant(HOLDERS).frame
    firsts = rows.filter("first").select("medicine_id", "register", "record_id")
    region = firsts.join(holder, on=["register", "record_id"]).group_by("medicine_id").agg(pl.col("region").min())
    return rows.join(region, on="medicine_id", how="left").with_columns(
        pl.col("region").fill_null(NOT_STATED).alias("group")
    )


HOLDERS = """
SELECT
    a.register,
    a.record_id,
    CASE
        WHEN coalesce(a.holder_country, o.country) IS NULL THEN NULL
        WHEN coalesce(a.holder_country, o.country) IN ('US', 'CA') THEN 'North America'
        WHEN coalesce(a.holder_country, o.country) IN ('JP', 'CN', 'KR', 'IN', 'SG', 'TW') THEN 'Asia'
        WHEN coalesce(a.holder_country, o.country) IN (
            'AT', 'BE', 'BG', 'CH', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GB', 'GR', 'HR', 'HU', 'IE', 'IS',
            'IT', 'LI', 'LT', 'LU', 'LV', 'MT', 'NL', 'NO', 'PL', 'PT', 'RO', 'SE', 'SI', 'SK'
        ) THEN 'Europe'
        ELSE 'elsewhere'
    END AS region
FROM authorisation AS a
LEFT JOIN organisation AS o ON a.holder_id = o.organisation_id
"""

GROUPS = {
    "jurisdiction": _by_jurisdiction,
    "modality": _by_modality,
    "period": _by_period,
    "holder-region": _by_holder_region,
}


def _lines(grouped: pl.DataFrame, watched: Cohort, by: str) -> tuple[Table, Table]:
    """A line per jurisdiction and group, and the test of its groups (or of the jurisdictions) against each other."""
    import polars as pl

    medicines = grouped["medicine_id"].n_unique()
    lines: list[dict[str, Any]] = []
    for place, group, part in _parts(grouped, watched):
        cover = watched.coverage[place]
        line: dict[str, Any] = {"jurisdiction": place, "group": group, "closed": cover.closed} | _line(part, cover)
        if by == "period":
            followed = cover.until.year - (int(group[:4]) + PERIOD)
            line |= {name: None for years in HORIZONS if years > followed for name in _shares(years)}
            line |= dict.fromkeys(LOST, None) if followed < HORIZONS[-1] else {}
        lines.append(line)
    tests = []
    closed_places = [place for place, cover in watched.coverage.items() if cover.closed]
    if by == "jurisdiction":
        if len(closed_places) > 1:
            tests.append(_test(grouped.filter(pl.col("jurisdiction").is_in(closed_places)), "jurisdiction", "all"))
    else:
        for place in closed_places:
            tests.append(_test(grouped.filter(pl.col("jurisdiction") == place), "group", place))
    columns = {
        "jurisdiction": "text", "group": "text", "closed": "bool", "at_risk": "int", "authorised": "int",
        "censored": "int", "competing": "int", "share_of_firsts": "float",
    }  # fmt: skip
    for years in HORIZONS:
        columns |= dict.fromkeys(_shares(years), "float")
    columns |= dict.fromkeys(("median_days", "median_low", "median_high", *LOST), "float")
    for line in lines:
        line["share_of_firsts"] = line.pop("firsts") / (medicines if by == "jurisdiction" else line["at_risk"])
    told = ("among", "groups", "test", "statistic", "freedom", "p")
    return (
        Table.from_records(tuple(columns), " ".join(columns.values()), lines),
        Table.from_records(told, "text text text float int float", [test for test in tests if test]),
    )


def _parts(grouped: pl.DataFrame, watched: Cohort) -> list[tuple[str, str, pl.DataFrame]]:
    """The rows of each jurisdiction, in the order asked for, and group."""
    order = {place: at for at, place in enumerate(watched.coverage)}
    parts = [(str(place), str(group), part) for (place, group), part in grouped.group_by("jurisdiction", "group")]
    return sorted(parts, key=lambda one: (order[one[0]], one[1]))


def _shares(years: int) -> tuple[str, str, str]:
    return f"share_{years}y", f"share_{years}y_low", f"share_{years}y_high"


def _line(part: pl.DataFrame, cover: Coverage) -> dict[str, Any]:
    """Counts, and for a closed world the curve at the horizons."""
    state = part["state"]
    line: dict[str, Any] = {
        "at_risk": part.height,
        "authorised": int((state == AUTHORISED).sum()),
        "censored": int((state == CENSORED).sum()),
        "competing": int((state == COMPETING).sum()),
        "firsts": int(part["first"].sum()),
    }
    if not cover.closed:
        return line
    curve = curve_of(part)
    values = curve.at([years * YEAR for years in HORIZONS])
    for number, years in enumerate(HORIZONS):
        limits = (values.estimate[number], values.lower[number], values.upper[number])
        line |= dict(zip(_shares(years), map(_number, limits), strict=True))
    median = curve.median()
    # what comes after more years than the registers cover is seen of medicines that entered late only
    covered = (cover.until - cover.since).days if cover.since else math.inf
    reached = {"median_days": median.value, "median_low": median.lower, "median_high": median.upper}
    line |= {name: day for name, day in reached.items() if day is not None and day <= covered}
    horizon = HORIZONS[-1] * YEAR
    if (area := curve.restricted_mean(horizon)) is not None:
        line |= dict(zip(LOST, (horizon - area.value, horizon - area.upper, horizon - area.lower), strict=True))
    return line


def curve_of(part: pl.DataFrame) -> Curve:
    """The cumulative share authorised since t0, of the rows of a cohort in one jurisdiction: a medicine each."""
    from dioscorides.methods.survival import cumulative_incidence

    return cumulative_incidence(part["time"].to_numpy(), part["state"].to_numpy(), entry=part["entry"].to_numpy())


def _test(rows: pl.DataFrame, group: str, among: str) -> dict[str, Any] | None:
    """Are the groups authorised alike? Gray's test for groups of medicines; for jurisdictions, which see the same
    medicines, the log-rank test with the medicine as cluster.
    """
    from dioscorides.methods.comparison import gray, log_rank

    if rows[group].n_unique() < 2:
        return None
    time, state, member = rows["time"].to_numpy(), rows["state"].to_numpy(), rows[group].to_numpy()
    entry = rows["entry"].to_numpy()
    if group == "jurisdiction":
        result = log_rank(time, state, member, entry=entry, cluster=rows["medicine_id"].rank("dense").to_numpy())
    else:
        result = gray(time, state, member, entry=entry)
    return {
        "among": among,
        "groups": ", ".join(map(str, result.groups)),
        "test": result.test,
        "statistic": _number(result.statistic),
        "freedom": result.df,
        "p": _number(result.p_value),
    }


def _regression(grouped: pl.DataFrame, watched: Cohort, by: str) -> Table:
    """How many times as fast groups (or jurisdictions) are authorised as the largest of them (or the first)."""
    import polars as pl

    from dioscorides.methods.regression import hazard_ratios

    closed = [place for place, cover in watched.coverage.items() if cover.closed]
    rows = grouped.filter(pl.col("jurisdiction").is_in(closed)).with_columns(_period().alias("period"))
    group = "jurisdiction" if by == "jurisdiction" else "group"
    within = [name for name in ("jurisdiction", "period") if name not in (group, by)]
    lines: list[dict[str, Any]] = []
    if rows[group].n_unique() > 1:
        largest = rows[group].value_counts().sort("count", group, descending=[True, False])[group][0]
        reference = closed[0] if by == "jurisdiction" else largest
        time, state, entry = (rows[name].to_numpy() for name in ("time", "state", "entry"))
        found = hazard_ratios(
            time, state, rows[group].to_numpy(), reference=reference, entry=entry,
            strata=rows.select(pl.concat_str(within, separator=" ")).to_series().to_numpy(),
            cluster=rows["medicine_id"].rank("dense").to_numpy(),
        )  # fmt: skip
        lines = [
            {
                "group": one.group,
                "against": reference,
                "within": " and ".join(within).replace("period", "5 years of t0"),
                "at_risk": one.n,
                "authorised": one.observed,
                "ratio": one.ratio,
                "ratio_low": one.lower,
                "ratio_high": one.upper,
                "p": one.p_value,
            }
            for one in found
        ]
    columns = ("group", "against", "within", "at_risk", "authorised", "ratio", "ratio_low", "ratio_high", "p")
    return Table.from_records(columns, "text text text int int float float float float", lines)


def _number(value: float) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _pairs(rows: pl.DataFrame, places: list[str]) -> Table:
    """Relative lags among medicines authorised in both of two jurisdictions."""
    import polars as pl

    dated = rows.filter(pl.col("state") == AUTHORISED).select("medicine_id", "jurisdiction", "authorised")
    both = dated.join(dated, on="medicine_id", suffix="_b").filter(
        pl.col("jurisdiction").replace_strict(places, range(len(places)))
        < pl.col("jurisdiction_b").replace_strict(places, range(len(places)))
    )
    lag = (pl.col("authorised_b") - pl.col("authorised")).dt.total_days()
    found = (
        both.with_columns(lag.alias("lag"))
        .group_by("jurisdiction", "jurisdiction_b")
        .agg(
            pl.len().alias("medicines"),
            pl.col("lag").median().alias("median_days"),
            pl.col("lag").quantile(0.25, "linear").alias("quarter_days"),
            pl.col("lag").quantile(0.75, "linear").alias("three_quarter_days"),
            (pl.col("lag") > 0).mean().alias("share_later_in_b"),
        )
        .sort(pl.col("jurisdiction", "jurisdiction_b").replace_strict(places, range(len(places))))
        .select(
            pl.col("jurisdiction").alias("a"),
            pl.col("jurisdiction_b").alias("b"),
            pl.exclude("jurisdiction", "jurisdiction_b"),
            pl.lit("authorised in both").alias("selection"),
        )
    )
    return Table.of(found)


def _coverage(watched: Cohort) -> Table:
    lines = [
        {
            "jurisdiction": one.jurisdiction,
            "complete_from": one.since,
            "complete_to": one.until,
            "absence": "may be read as not authorised" if one.closed else "proves nothing: relative lags only",
            "not_watched": watched.unwatched.get(one.jurisdiction, 0),
            "registers": ", ".join(one.registers),
        }
        for one in watched.coverage.values()
    ]
    columns = ("jurisdiction", "complete_from", "complete_to", "absence", "not_watched", "registers")
    return Table.from_records(columns, "text date date text int text", lines)


def _facts(
    watched: Cohort, rows: pl.DataFrame, from_: int | None, to: int | None, modality: str | None
) -> dict[str, str]:
    days = sorted(rows["t0"].to_list())
    return {
        "medicines": f"{rows['medicine_id'].n_unique():,}, first authorised {days[0]} to {days[-1]}",
        "years": f"{from_ or 'any'} to {to or 'any'}",
        "modality": modality or "all",
        "cut-off": ", ".join(f"{one.jurisdiction} {one.until}" for one in watched.coverage.values()),
    }


def _caveats(watched: Cohort, rows: pl.DataFrame, steps: pl.DataFrame, by: str) -> tuple[str, ...]:
    import polars as pl

    told = [
        f"{one.jurisdiction}: set aside, as its registers have a day for {one.dated:,} of {one.firsts:,} first "
        f"authorisations only; it has no lag, and no part in t0."
        for one in watched.undating.values()
    ]
    if watched.undated_medicines:
        each = ", ".join(f"{place} {n:,}" for place, n in watched.undated.items())
        told.append(
            f"Left out: {watched.undated_medicines:,} with a first authorisation that has no day, or is known only to "
            f"lie before one ({each})."
        )
    if watched.later:
        told.append(f"Left out: {watched.later:,} first authorised after {watched.cutoff}: see t0.")
    counted = rows.filter(pl.col("state") == AUTHORISED)
    for one in watched.coverage.values():
        here = counted.filter(pl.col("jurisdiction") == one.jurisdiction)
        if not one.closed:
            told.append(
                f"{one.jurisdiction}: absence from {', '.join(one.registers)} proves nothing, so there is no share "
                f"authorised; counting only what is present would flatter it."
            )
        elif one.since is None:
            told.append(f"{one.jurisdiction}: since when its registers are complete is not stated; taken as always.")
        if silent := here.filter(pl.col("basis").str.contains("not stated", literal=True)).height:
            told.append(
                f"{one.jurisdiction}: for {silent:,} of {here.height:,} medicines the register states no legal basis; "
                f"the earliest authorisation counts."
            )
        if vague := here.filter(pl.col("precision") != "day").height:
            told.append(
                f"{one.jurisdiction}: {vague:,} dates are known to the month or year only; its first day counts."
            )
    if "EU" in watched.coverage:
        told.append("EU: central authorisations; what member states authorise nationally does not count for the EU.")
    told.append(_submitted(steps))
    if by == "period":
        told.append("A share is given for a period only where all of it was followed for that long.")
    if by == "holder-region":
        medicines = rows.unique("medicine_id")
        silent = medicines.filter(pl.col("group") == NOT_STATED).height
        told.append(
            f"The region is that of the holder named by the register of the first authorisation; for {silent:,} of "
            f"{medicines.height:,} medicines it states no country. A holder is often the local subsidiary, so that the "
            f"region tells where a medicine came first as much as whose it is: differences are not those of firms."
        )
    return tuple(told)


def _submitted(steps: pl.DataFrame) -> str:
    """How many medicines have a day of submission where, and in how many the lag can be taken apart."""
    import polars as pl

    dated = steps.filter(pl.col("step") == "submission_received")
    places = dict(dated.group_by("jurisdiction").len().sort("jurisdiction").iter_rows())
    both = dated.group_by("medicine_id").len().filter(pl.col("len") > 1).height
    where = ", ".join(f"{place} {n:,}" for place, n in places.items()) or "none"
    return (
        f"Submission: {both:,} medicines have a day of submission in two jurisdictions; only of these can a lag be "
        f"taken apart. With such a day: {where}."
    )


def _evidence(rows: pl.DataFrame, steps: pl.DataFrame) -> Table:
    """The records whose first authorisations, competing events, submissions and opinions are counted.

    Censored is what no record says.
    """
    import polars as pl

    state = pl.col("state").replace_strict({AUTHORISED: "authorised", COMPETING: "competing"}, default=None)
    columns = ("medicine_id", "jurisdiction", "state", "register", "record_id")
    counted = rows.filter(pl.col("state") != CENSORED).with_columns(state).select(columns)
    return Table.of(pl.concat([counted, steps.rename({"step": "state"}).select(columns)]))


def _steps(atlas: Atlas, rows: pl.DataFrame) -> pl.DataFrame:
    """Submissions and opinions before the first authorisations that are counted, with the days that followed."""
    import polars as pl

    dated = rows.filter(pl.col("state") == AUTHORISED).select("medicine_id", "jurisdiction")
    steps = atlas.constant(STEPS).frame.join(dated, on=["medicine_id", "jurisdiction"], how="semi")
    return steps.with_columns((pl.col("authorised") - pl.col("day")).dt.total_days().alias("days"))


def _reviews(steps: pl.DataFrame) -> dict[str, Table]:
    """`submission`: the parts of the relative lag of each medicine with both days in two jurisdictions. `review`: how
    long the last steps took, by jurisdiction.
    """
    import polars as pl

    review = (
        steps.group_by("jurisdiction", pl.col("step").str.replace("_", " ").alias("since"))
        .agg(
            pl.len().alias("medicines"),
            pl.col("days").median().alias("median_days"),
            pl.col("days").quantile(0.25, "linear").alias("quarter_days"),
            pl.col("days").quantile(0.75, "linear").alias("three_quarter_days"),
        )
        .sort("jurisdiction", "since")
    )
    submitted = steps.filter(pl.col("step") == "submission_received").drop("step").rename({"day": "submitted"})
    both = (
        submitted.join(submitted, on="medicine_id", suffix="_b")
        .filter(pl.col("jurisdiction") < pl.col("jurisdiction_b"))
        .sort("medicine_id", "jurisdiction", "jurisdiction_b")
        .select(
            "medicine_id",
            pl.col("jurisdiction").alias("a"),
            pl.col("jurisdiction_b").alias("b"),
            (pl.col("authorised_b") - pl.col("authorised")).dt.total_days().alias("lag_days"),
            (pl.col("submitted_b") - pl.col("submitted")).dt.total_days().alias("submission_gap_days"),
            pl.col("days").alias("review_a_days"),
            pl.col("days_b").alias("review_b_days"),
            (pl.col("days_b") - pl.col("days")).alias("review_difference_days"),
            "register", "record_id", "register_b", "record_id_b",
        )
    )  # fmt: skip
    return {"submission": Table.of(both), "review": Table.of(review)}


def _view(lines: Table) -> Table:
    """The table as people read it: shares in per cent with their intervals."""

    def share(row: dict[str, Any], years: int) -> str:
        value, low, high = (row.get(f"share_{years}y{end}") for end in ("", "_low", "_high"))
        if value is None:
            return "" if row["closed"] else "no curve"
        return f"{value:.0%}" + (f" ({low:.0%} to {high:.0%})" if low is not None and high is not None else "")

    def days(row: dict[str, Any], name: str, low: str, high: str) -> str:
        if row[name] is None:
            return "not reached" if row["closed"] and name == "median_days" else ""
        ends = [f"{row[end]:,.0f}" if row[end] is not None else "not reached" for end in (low, high)]
        return f"{row[name]:,.0f} ({' to '.join(ends)})"

    shown = [
        {
            "where": row["jurisdiction"],
            "group": row["group"],
            "at risk": row["at_risk"],
            "authorised": row["authorised"],
            "censored": row["censored"],
            "competing": row["competing"],
            "firsts": f"{row['share_of_firsts']:.0%}",
            **{f"{years} y": share(row, years) for years in HORIZONS},
            "median, days": days(row, "median_days", "median_low", "median_high"),
            "lost of 5 y, days": days(row, "lost_5y_days", "lost_5y_low", "lost_5y_high"),
        }
        for row in lines.records()
    ]
    types = "text text int int int int text text text text text text"
    return Table.from_records(tuple(shown[0]), types, shown)
