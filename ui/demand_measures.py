"""What the page Demand and scenarios read of a release: forecasts of requests, shown counts, shares of laboratories.

Protected cells and tables made of them alone: what is hidden is named, never guessed. Pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from capacity.demand import ALL, CATEGORY, TECHNOLOGY
from capacity.demand_drivers import Driver, by_site, with_drivers
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask
from ui.words import joined

RECEIVED, LABORATORY = "requests_received", "performing_lab"

#: Months that make up a year, and the points of each length in one.
YEAR_OF = {"month": 12, "quarter": 4}


@dataclass(frozen=True)
class Demand:
    """The forecasts of a release, of the series that can be foretold, and the past forecasts that they are judged by.

    hidden, too_short: series without a forecast, each its dimension and code.
    """

    forecast: pl.DataFrame
    past: pl.DataFrame
    hidden: tuple[tuple[str, str], ...]
    too_short: tuple[tuple[str, str], ...]

    @property
    def is_told(self) -> bool:
        """Whether all requests together have a forecast; without it no series has one that anything could be supposed
        of."""
        return bool(self.codes(ALL))

    def codes(self, dimension: str) -> list[str]:
        """The codes of a dimension that have a forecast, in their order in the table."""
        return self.forecast.filter(dimension=dimension)["code"].unique(maintain_order=True).to_list()


def demand(snapshot: Snapshot) -> Demand | None:
    """The forecasts as the build made them; None where the release was made before there were any, or holds none."""
    forecast, past = snapshot.built_table("demand_forecast"), snapshot.built_table("demand_past")
    if forecast is None or past is None:
        return None
    without = {
        state: tuple(forecast.filter(state=state).select("dimension", "code").rows())
        for state in ("confidential", "not_available")
    }
    shown = forecast.filter(state="shown").drop("state")
    return Demand(shown, past, without["confidential"], without["not_available"])


def demand_forecast(snapshot: Snapshot, drivers: Sequence[Driver] = ()) -> pl.DataFrame | None:
    """The forecasts with what is supposed, in the columns of `capacity.demand.FORECAST_SCHEMA`."""
    found = demand(snapshot)
    return None if found is None else with_drivers(found.forecast, drivers)


def demand_by_site(
    snapshot: Snapshot, drivers: Sequence[Driver] = (), until: dt.date | None = None
) -> pl.DataFrame | None:
    """What a workload takes: `site`, `category`, `period_start`, `requests` and limits, month by month.

    A category's forecast goes to laboratories as its requests of the last 12 months went; what went where it is hidden
    has the site "hidden". Laboratories outside Scotland are among the sites.
    """
    forecast = demand_forecast(snapshot, drivers)
    if forecast is None:
        return None
    found = by_site(forecast, site_shares(snapshot))
    return found if until is None else found.filter(pl.col("period_start") <= until)


#: The site of requests whose laboratory is not told.
HIDDEN_SITE = "hidden"


def site_shares(snapshot: Snapshot) -> pl.DataFrame:
    """Where each category's requests of the newest 12 months went: `site`, `code`, `requests`, `share`.

    From shown counts of those 12 months. What is left of a category's own count is of laboratories that are hidden:
    fewer than 10 people each, or kept back to protect these. Where rounding leaves the parts larger, they are all.
    """
    cells = snapshot.cells(RECEIVED, "year", {}, CATEGORY).filter(state="shown")
    newest = cells["period_start"].max()
    whole = cells.filter(pl.col("period_start") == pl.lit(newest, pl.Date)).select("code", whole="value")
    parts = [
        snapshot.cells(RECEIVED, "year", {LABORATORY: site}, CATEGORY)
        .filter(pl.col("period_start") == pl.lit(newest, pl.Date), state="shown")
        .select(pl.lit(site).alias("site"), "code", requests="value")
        for site in snapshot.facts.labels.get(LABORATORY, {})
    ]
    empty = pl.DataFrame(schema={"site": pl.String, "code": pl.String, "requests": pl.Float64})
    known = pl.concat([empty, *parts])
    rest = (
        whole.join(known.group_by("code").agg(pl.col("requests").sum()), on="code", how="left")
        .select(
            pl.lit(HIDDEN_SITE).alias("site"),
            "code",
            requests=(pl.col("whole") - pl.col("requests").fill_null(0.0)).clip(0.0),
        )
        .filter(pl.col("requests") > 0)
    )
    every = pl.concat([known, rest])
    return every.with_columns(share=pl.col("requests") / pl.col("requests").sum().over("code")).sort("code", "site")


def history(snapshot: Snapshot, dimension: str, code: str) -> pl.DataFrame:
    """The shown counts of a series in the months, or quarters, that its forecast was learned from.

    Columns: `grain`, `period_start`, `period_end`, `state`, `requests` (null where hidden), in their order.
    """
    fixed = {dimension: code} if dimension else {}
    for grain in ("month", "quarter"):
        cells = snapshot.cells(RECEIVED, grain, fixed).filter(pl.col("period_status") != "incomplete")
        if cells.height and 2 * cells.filter(state="shown").height >= cells.height:
            break
    shown = pl.when(pl.col("state") == "shown").then("value")
    return cells.select("grain", "period_start", "period_end", "state", requests=shown).sort("period_start")


def last_year(rows: pl.DataFrame) -> tuple[float, dt.date] | None:
    """Requests of the newest 12 months of a history and the day on which they end; None where one of them is hidden."""
    if rows.is_empty():
        return None
    points = rows.tail(YEAR_OF[str(rows["grain"][0])])
    if points["requests"].null_count() or points.height < YEAR_OF[str(rows["grain"][0])]:
        return None
    return float(points["requests"].sum()), points["period_end"][-1]


def figure(snapshot: Snapshot) -> Figure | None:
    """Requests received in Scotland by month: what the forecasts rest on."""
    return ask(snapshot, Query(RECEIVED, "month", ()))


def named(snapshot: Snapshot, dimension: str, code: str) -> str:
    """A series by its name."""
    return "All requests" if dimension == ALL else snapshot.label(dimension, code)


def hidden_names(snapshot: Snapshot, found: Demand, dimension: str) -> str:
    """The series of a dimension that are hidden, or too short to be foretold, in a sentence; empty where none is."""
    said = []
    for keys, why in ((found.hidden, "hidden"), (found.too_short, "too short a record")):
        names = [named(snapshot, of, code) for of, code in keys if of == dimension and not _is_none(of, code)]
        if names:
            said.append(f"Without a forecast ({why}): {joined(names)}.")
    if any(_is_none(of, code) for of, code in found.hidden if of == dimension):
        said.append("Requests of no category have no forecast: too few are shown.")
    return " ".join(said)


def _is_none(dimension: str, code: str) -> bool:
    return dimension in (CATEGORY, TECHNOLOGY) and code in ("none", "")
