"""The sections of the page Demand: each a finding, a chart, a table, its download and what it measures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from capacity.demand import ALL, CATEGORY, FORECAST, LIMITS, NAIVE, scores
from capacity.demand_drivers import by_site, with_drivers
from catalogue.dimensions import dimensions
from ui import demand_charts, demand_measures, demand_words, words
from ui.data import Snapshot
from ui.demand_filters import Choice
from ui.demand_measures import HIDDEN_SITE, LABORATORY, Demand
from ui.figures import of_scotland
from ui.made_once import made_once
from ui.outlook_sections import Part

Rows = list[dict[str, Any]]

WHAT = "Requests expected to March 2030"

#: Years ahead that past forecasts are judged at, by their name in the chart.
YEARS_AHEAD = {12: "A year ahead", 24: "Two years ahead", 36: "Three years ahead"}


@made_once(100)
def _built(key: str, name: str, choice: Choice, _snapshot: Snapshot) -> Part:  # noqa: ARG001 - key: the release
    found = demand_measures.demand(_snapshot)
    if found is None:
        return Part(name, f"{WHAT}: not in this release", demand_words.BEFORE_THERE_WAS_ONE)
    return SECTIONS[name](_snapshot, found, choice)


def build(snapshot: Snapshot, name: str, choice: Choice) -> Part:
    """A section of the page, made once for a release and a choice."""
    return _built(snapshot.key, name, choice, snapshot)


def _alt(title: str, summary: str) -> str:
    return f"{title}. {summary} Every value is in the table below the chart."


def _of(frame: pl.DataFrame, dimension: str, code: str, method: str, grain: str) -> Rows:
    return (
        frame.filter(dimension=dimension, code=code, method=method, grain=grain)
        .select("period_start", "period_end", "requests", *LIMITS)
        .sort("period_start")
        .to_dicts()
    )


def names(snapshot: Snapshot, found: Demand) -> dict[tuple[str, str], str]:
    """Each series with a forecast by its name."""
    keys = found.forecast.select("dimension", "code").unique().rows()
    return {(dimension, code): demand_measures.named(snapshot, dimension, code) for dimension, code in keys}


def whole(snapshot: Snapshot, found: Demand, choice: Choice) -> Part:
    """All requests of Scotland: as they were, as they are expected, and the simple forecast beside."""
    past = demand_measures.history(snapshot, ALL, "")
    last = demand_measures.last_year(past)
    changed = with_drivers(found.forecast, choice.drivers)
    years = _of(changed, ALL, "", FORECAST, "year")
    if last is None or not years:
        state = "hidden " + words.HIDDEN if (ALL, "") in found.hidden else "cannot be told yet"
        return Part("whole", f"{WHAT}: {state}", demand_words.CANNOT_YET)
    naive = _of(found.forecast, ALL, "", NAIVE, "year")
    base = _of(found.forecast, ALL, "", FORECAST, "year") if choice.drivers else []
    title = demand_words.whole(last, years[-1], bool(choice.drivers))
    summary = demand_words.whole_summary(last, years[-1], naive[-1] if naive else None, base[-1] if base else None)
    chart = demand_charts.history_and_forecast(
        past.to_dicts(),
        _of(changed, ALL, "", FORECAST, "month"),
        _of(found.forecast, ALL, "", NAIVE, "month"),
        _of(found.forecast, ALL, "", FORECAST, "month") if choice.drivers else (),
        axis="Requests a month",
        alt=_alt(title, summary),
    )
    rows = []
    for number, year in enumerate(years):
        row = {
            "Financial year": demand_words.financial_year(year["period_start"]),
            "Expected": demand_words.hundreds(year["requests"]),
            "80% range": demand_words.between(year),
            "95% range": demand_words.between(year, "95"),
            "Simple forecast": demand_words.hundreds(naive[number]["requests"]) if naive else words.NOT_AVAILABLE,
        }
        rows.append(row | ({"Nothing supposed": demand_words.hundreds(base[number]["requests"])} if base else {}))
    rests_on = demand_measures.figure(snapshot)
    said = demand_words.supposed(choice.drivers, names(snapshot, found))
    return Part(
        "whole",
        title,
        summary,
        "Accepted requests received a month, and expected. Scotland.",
        chart=chart,
        table=pl.DataFrame(rows),
        data=changed.filter(pl.col("method").is_in([FORECAST, NAIVE]), dimension=ALL).sort(
            "method", "grain", "period_start"
        ),
        figures=(rests_on,) if rests_on is not None and rests_on.cells.height else (),
        notes=(f"Supposed: {'; '.join(said)}.",) if said else (),
        about=demand_words.ABOUT_DEMAND,
    )


def series(snapshot: Snapshot, found: Demand, choice: Choice) -> Part:
    """Every category, or technology: small charts side by side and a table."""
    dimension = choice.dimension
    entry = dimensions()[dimension]
    changed = with_drivers(found.forecast, choice.drivers)
    rows = [row for code in found.codes(dimension) if (row := _series(snapshot, found, changed, dimension, code))]
    without = demand_measures.hidden_names(snapshot, found, dimension)
    if not rows:
        title = f"{WHAT}, by {words.lower_first(entry.label)}: cannot be told"
        return Part("series", title, " ".join(filter(None, [demand_words.CANNOT_YET, without])))
    of = demand_words.financial_year(rows[0]["period_start"])
    title = demand_words.series(rows, words.lower_first(entry.label), of)
    quarters = [row["name"] for row in rows if row["grain"] == "quarter"]
    notes = [without] if without else []
    if quarters:
        notes.append(f"Learned from quarters, drawn as a third of each: {words.joined(quarters)}.")
    table = pl.DataFrame(
        [
            {
                entry.label: row["name"],
                "Last 12 months": words.HIDDEN if row["last"] is None else demand_words.hundreds(row["last"]),
                f"Expected in {of}": demand_words.hundreds(row["requests"]),
                "80% range": demand_words.between(row),
                "Simple forecast": words.NOT_AVAILABLE
                if row["naive_year"] is None
                else demand_words.hundreds(row["naive_year"]),
                "A year ahead, off by": words.NOT_AVAILABLE if row["off"] is None else f"{row['off']:.1%}",
            }
            for row in rows
        ]
    )
    return Part(
        "series",
        title,
        "Blue is what was received, red what is expected with its 80% range, dotted the simple forecast: requests a "
        "month, each chart from nought on its own scale.",
        cards=demand_charts.cards(rows),
        table=table,
        data=changed.filter(dimension=dimension).sort("code", "method", "grain", "period_start"),
        figures=(),
        notes=tuple(notes),
        about=demand_words.ABOUT_DEMAND,
    )


def _series(
    snapshot: Snapshot, found: Demand, changed: pl.DataFrame, dimension: str, code: str
) -> dict[str, Any] | None:
    """All that a card and a row of the table tell of one series."""
    years = _of(changed, dimension, code, FORECAST, "year")
    if not years:
        return None
    past = demand_measures.history(snapshot, dimension, code)
    last = demand_measures.last_year(past)
    grain = str(past["grain"][0]) if past.height else "month"
    months = 3 if grain == "quarter" else 1
    naive = _of(found.forecast, dimension, code, NAIVE, "year")
    judged = found.past.filter(dimension=dimension, code=code, method=FORECAST, months=12, ahead=12)
    now = years[-1]
    before = demand_words.hundreds(last[0]) if last else words.HIDDEN
    said = f"{before} to {demand_words.hundreds(now['requests'])} a year ({demand_words.between(now)})"
    return {
        **now,
        "code": code,
        "name": demand_measures.named(snapshot, dimension, code),
        "said": said,
        "grain": grain,
        "last": last[0] if last else None,
        "naive_year": naive[-1]["requests"] if naive else None,
        "off": scores(judged, ("method",))["off"][0] if judged.height else None,
        "history": past.with_columns(pl.col("requests") / months).to_dicts(),
        "ahead": _of(changed, dimension, code, FORECAST, "month"),
        "naive": _of(found.forecast, dimension, code, NAIVE, "month"),
    }


def sites(snapshot: Snapshot, found: Demand, choice: Choice) -> Part:
    """What each laboratory is expected to receive in the last financial year."""
    shares = demand_measures.site_shares(snapshot)
    split = by_site(with_drivers(found.forecast, choice.drivers), shares)
    what = f"{WHAT}, by laboratory"
    if split.is_empty():
        return Part("sites", f"{what}: hidden {words.HIDDEN}", demand_words.CANNOT_YET)
    newest = split["period_start"].max()
    assert isinstance(newest, dt.date)
    start = newest.replace(year=newest.year - 1, month=4)
    of = demand_words.financial_year(start)
    year = split.filter(pl.col("period_start") >= start).group_by("site", "category").agg(pl.col("requests").sum())
    last = shares.group_by("site").agg(pl.col("requests").sum())
    known = dict(last.iter_rows())
    labels = {**snapshot.facts.labels.get(LABORATORY, {}), HIDDEN_SITE: f"Not told {words.HIDDEN}"}
    scottish = of_scotland(LABORATORY) or frozenset(labels)
    totals = dict(year.group_by("site").agg(pl.col("requests").sum()).iter_rows())
    rows = [
        {"name": name, "requests": totals[code], "last": known.get(code), "is_scottish": code in scottish}
        for code, name in labels.items()
        if code in totals
    ]
    title = demand_words.sites(rows, of)
    summary = (
        "Each category's forecast is split as its requests of the last 12 months went. A move of work between "
        "laboratories is not foreseen."
    )
    wide = year.with_columns(
        pl.col("category").replace_strict(
            {code: snapshot.label(CATEGORY, code) for code in found.codes(CATEGORY)}, default=pl.col("category")
        ),
        pl.col("site").replace_strict(labels, default=pl.col("site")),
        pl.col("requests").map_elements(demand_words.hundreds, return_dtype=pl.String),
    )
    table = (
        wide.sort("category")
        .pivot("site", index="category", values="requests", maintain_order=True)
        .select(pl.col("category").alias("Turnaround category"), *(row["name"] for row in rows))
        .fill_null("None told")
    )
    return Part(
        "sites",
        title,
        summary,
        f"Accepted requests by the laboratory that performs them, {of}, categories with a forecast.",
        chart=demand_charts.by_site(rows, axis="Requests a year", alt=_alt(title, summary)),
        table=table,
        data=split,
        notes=(
            f"Not told {words.HIDDEN}: of laboratories whose counts are hidden. None told: none, or hidden.",
            "The order is that of the list and says nothing of rank.",
        ),
        about=demand_words.ABOUT_DEMAND,
    )


def checked(snapshot: Snapshot, found: Demand, choice: Choice) -> Part:  # noqa: ARG001 - as all sections
    """How far past forecasts were off, and how often their ranges held."""
    years = found.past.filter(months=12)
    if years.is_empty():
        return Part("checked", demand_words.checked(None), demand_words.CANNOT_YET)
    every = {(row["method"], row["ahead"]): row for row in scores(years).to_dicts()}
    alone = {(row["method"], row["ahead"]): row for row in scores(years.filter(dimension=ALL)).to_dicts()}
    title = demand_words.checked(every.get((FORECAST, 12)))
    summary = demand_words.checked_summary(every[FORECAST, 12], every.get((NAIVE, 12)), alone.get((FORECAST, 12)))
    drawn = {
        method: [
            every[method, ahead] | {"name": name} for ahead, name in YEARS_AHEAD.items() if (method, ahead) in every
        ]
        for method in (FORECAST, NAIVE)
    }
    chart = demand_charts.off_by_months(
        drawn[FORECAST], drawn[NAIVE], axis="Off by, on average", alt=_alt(title, summary)
    )
    whole_score = scores(found.past)
    return Part(
        "checked",
        title,
        summary,
        "Forecasts made anew from the end of each past quarter. All series together.",
        chart=chart,
        table=_score_table(whole_score.to_dicts()),
        data=whole_score,
        notes=("A series is judged by its own points: months, or quarters where months are not told.",),
        about=demand_words.ABOUT_DEMAND,
    )


def _score_table(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    naive = {(row["months"], row["ahead"]): row for row in rows if row["method"] == NAIVE}
    of = {1: "A month", 3: "A quarter", 12: "A year"}
    return pl.DataFrame(
        [
            {
                "What was foretold": of.get(row["months"], str(row["months"])),
                "Ending so many months ahead": row["ahead"],
                "Forecasts": words.number(row["forecasts"]),
                "Off by": f"{row['off']:.1%}",
                "Simple forecast off by": f"{naive[key]['off']:.1%}" if key in naive else words.NOT_AVAILABLE,
                "In the 80% range": words.percent(row["within_80"]),
                "In the 95% range": words.percent(row["within_95"]),
            }
            for row in rows
            if row["method"] == FORECAST and (key := (row["months"], row["ahead"]))
        ]
    )


SECTIONS: dict[str, Callable[[Snapshot, Demand, Choice], Part]] = {
    "whole": whole,
    "series": series,
    "sites": sites,
    "checked": checked,
}
