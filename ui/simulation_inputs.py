"""What the simulation of a laboratory gets of a release, from protected cells alone, as known at a month's start.

    start = newest_start(snapshot)
    known = site_known(snapshot, "GLA", start)     # not yet calibrated: `calibrated` in ui.simulation_runs is
    plan = site_plan(known, assumptions, demand_known(snapshot, start), staff_known(snapshot, start), start, 60)

Nothing that happened on or after `start` is read, so that a start in the past gives what was known then.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from capacity.demand import ALL, CATEGORY, forecast_demand
from capacity.demand_drivers import QUANTILES, by_site
from capacity.site_plan import ALL_AGES, OPEN_AGES, SiteKnown
from capacity.spreads import Spread, mean_and_cv
from ui.capacity_inputs import ABSENT, POSTS, RECEIVED
from ui.data import Snapshot
from ui.demand_measures import demand_by_site, history
from ui.figure import ROUNDED_TO
from ui.figures import HIDDEN_STANDS_FOR, latest_year, of_scotland

DAYS, WITHIN, OPEN = "turnaround_days", "reported_within_standard", "open_requests"
LABORATORY, TURNAROUND = "performing_lab", "turnaround_category"

#: Factors on demand are at most so many times what is expected.
MOST_TIMES = 3.0


def sites() -> list[str]:
    """The laboratories of Scotland."""
    return sorted(of_scotland(LABORATORY) or ())


def newest_start(snapshot: Snapshot) -> dt.date | None:
    """The first day of the month after the newest 12 months of requests; None where the release has none."""
    first = latest_year(snapshot, RECEIVED, None)
    return None if first is None else first.replace(year=first.year + 1)


def site_known(snapshot: Snapshot, site: str, start: dt.date) -> SiteKnown | None:
    """What the 12 months before a day told of a laboratory; None where none of its requests are told.

    A hidden count of requests is taken as the middle of 1 to 9. Days that are hidden at the laboratory are those of
    the category in Scotland. The split of days by stage is that of the category in Scotland: by laboratory it is not
    published.
    """
    volumes = _year(snapshot, RECEIVED, site, start).filter(pl.col("code") != "none")
    if volumes.is_empty() or volumes.filter(pl.col("state") == "shown").is_empty():
        return None
    is_hidden = pl.col("numerator").is_null() | (pl.col("state") != "shown")
    categories = volumes.select(
        category="code",
        requests=pl.when(is_hidden).then(HIDDEN_STANDS_FOR).otherwise("numerator").cast(pl.Float64),
        is_hidden=is_hidden,
    ).filter(pl.col("requests") > 0)
    for statistic, name in (("median", "median_days"), ("p90", "p90_days")):
        own = _shown(_year(snapshot, DAYS, site, start).filter(statistic=statistic), "own")
        all_sites = _shown(_year(snapshot, DAYS, None, start).filter(statistic=statistic), "whole")
        days = pl.coalesce("own", "whole").alias(name)
        categories = _with(_with(categories, own), all_sites).with_columns(days).drop("own", "whole")
    share = _shown(_year(snapshot, WITHIN, site, start), "in_standard_pct")
    categories = _with(categories, share).with_columns(pl.col("in_standard_pct") * 100)
    return SiteKnown(
        site=site,
        categories=categories,
        stages=_stages(snapshot, start),
        waiting=_open(snapshot, site, categories["category"].to_list(), start),
        absence=_absence(snapshot, start),
        demand_factor=demand_factor(snapshot, start),
    )


def staff_by_census(snapshot: Snapshot) -> pl.DataFrame:
    """In post by census: `site`, `role`, `from_date` (its quarter's first day), `known_on` (its last), `in_post_wte`.

    Posts are published to the nearest whole one; filled is their part that is not vacant.
    """
    frames = [
        snapshot.cells(POSTS, "quarter", {"site": site}, "role")
        .filter(pl.col("state") == "shown", pl.col("period_status") != "incomplete")
        .with_columns(site=pl.lit(site))
        for site in sites()
    ]
    # Posts that round to none lie between none and a half.
    posts = pl.when(pl.col("denominator") == 0).then(0.25).otherwise(pl.col("denominator"))
    return pl.concat(frames).select(
        "site",
        role="code",
        from_date="period_start",
        known_on="period_end",
        in_post_wte=posts * (1 - pl.col("value")),
    )


def staff_known(snapshot: Snapshot, start: dt.date) -> pl.DataFrame:
    """Staff of the newest census before a day, from then on: `site`, `role`, `from_date`, `in_post_wte`."""
    before = staff_by_census(snapshot).filter(pl.col("known_on") < start)
    newest = before["from_date"].max()
    return before.filter(pl.col("from_date") == pl.lit(newest, pl.Date)).drop("known_on")


def staff_of_year(snapshot: Snapshot, start: dt.date) -> pl.DataFrame:
    """Staff by census in the 12 months before a day and the months before these, as far as known by that day."""
    return staff_by_census(snapshot).filter(pl.col("known_on") < start).drop("known_on")


def demand_known(snapshot: Snapshot, start: dt.date) -> pl.DataFrame:
    """Requests foretold from a day on, by `site`, `category` and `period_start`.

    For the newest start these are the forecasts of the release; before it they are made anew from what was known.
    """
    empty = pl.DataFrame(
        schema={"site": pl.String, "category": pl.String, "period_start": pl.Date, "requests": pl.Float64}
    )
    if start == newest_start(snapshot):
        found = demand_by_site(snapshot)
    else:
        found = by_site(_foretold(snapshot, start), _site_shares(snapshot, start))
    if found is None or found.is_empty():
        return empty
    return found.filter(pl.col("period_start") >= start).select(empty.columns)


def demand_factor(snapshot: Snapshot, start: dt.date) -> Spread | None:
    """How uncertain all requests of the year ahead are, as a factor: from the 80% interval of the forecast."""
    if start == newest_start(snapshot):
        table = snapshot.built_table("demand_forecast")
        found = None if table is None else table.filter(state="shown").drop("state")
    else:
        found = _foretold(snapshot, start)
    if found is None or found.is_empty():
        return None
    months = found.filter(dimension=ALL, grain="month", method="forecast").sort("period_start").head(12)
    if months.is_empty():
        return None
    sigma = months.select(((pl.col("upper_80") / pl.col("requests")).log() / QUANTILES["80"]).mean()).item()
    factor = mean_and_cv(1.0, round(float(sigma), 4))
    return None if factor.values[-1] > MOST_TIMES else factor


def observed_months(snapshot: Snapshot, site: str, first: dt.date, end: dt.date) -> pl.DataFrame:
    """What was seen of a laboratory in months from a day to before another: `category` (`all` for all together),
    `month`, `in_standard`, `due`, `median_days`, `open_count`; null where hidden.
    """  # fmt: skip
    keys = ["category", "month"]
    share = _months(snapshot, WITHIN, site, first, end)
    days = _months(snapshot, DAYS, site, first, end).filter(statistic="median")
    waiting = _months(snapshot, OPEN, site, first, end)
    return (
        share.select(*keys, in_standard="numerator", due="denominator")
        .join(days.select(*keys, median_days="value"), on=keys, how="full", coalesce=True)
        .join(waiting.select(*keys, open_count="value"), on=keys, how="full", coalesce=True)
        .sort(keys)
    )


def _months(snapshot: Snapshot, indicator: str, site: str, first: dt.date, end: dt.date) -> pl.DataFrame:
    """Monthly cells of a laboratory, all together and by category, nulls where they are not shown."""
    whole = snapshot.cells(indicator, "month", {LABORATORY: site}).with_columns(category=pl.lit("all"))
    parts = snapshot.cells(indicator, "month", {LABORATORY: site}, TURNAROUND).with_columns(category=pl.col("code"))
    rows = pl.concat([whole, parts.filter(pl.col("code") != "none")], how="vertical_relaxed")
    is_shown = pl.col("state") == "shown"
    return rows.filter(pl.col("period_start") >= first, pl.col("period_start") < end).with_columns(
        pl.when(is_shown).then(pl.col("value", "numerator", "denominator")), month="period_start"
    )


# Parts of what is known --------------------------------------------------------------------------------------------
def _year(snapshot: Snapshot, indicator: str, site: str | None, start: dt.date) -> pl.DataFrame:
    """Cells by category of the 12 months before a day, of a laboratory or of Scotland."""
    fixed = {} if site is None else {LABORATORY: site}
    cells = snapshot.cells(indicator, "year", fixed, TURNAROUND)
    return cells.filter(pl.col("period_start") == start.replace(year=start.year - 1))


def _shown(cells: pl.DataFrame, name: str) -> pl.DataFrame:
    return cells.filter(pl.col("state") == "shown").select(category="code", **{name: "value"})


def _with(categories: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    return categories.join(values, on="category", how="left", maintain_order="left")


def _stages(snapshot: Snapshot, start: dt.date) -> pl.DataFrame:
    table = snapshot.built_table("stage_shares")
    if table is None:
        return pl.DataFrame(schema={"category": pl.String, "stage": pl.String, "pct": pl.Float64})
    first = start.replace(year=start.year - 1)
    own = table.filter(pl.col("period_start") == first, state="shown", dimension=TURNAROUND)
    return own.select(category="code", stage="stage", pct=pl.col("pct").cast(pl.Float64))


def _open(snapshot: Snapshot, site: str, categories: list[str], start: dt.date) -> pl.DataFrame:
    """Open requests at the end of the month before a day, by category and age, and by category alone."""
    month = (start - dt.timedelta(days=1)).replace(day=1)
    whole = snapshot.cells(OPEN, "month", {LABORATORY: site}, TURNAROUND).with_columns(open_age=pl.lit(ALL_AGES))
    frames = [_counts(whole, month, pl.col("code"))]
    for category in categories:
        cells = snapshot.cells(OPEN, "month", {LABORATORY: site, TURNAROUND: category}, "open_age")
        ages = cells.filter(pl.col("code").is_in(list(OPEN_AGES))).with_columns(open_age=pl.col("code"))
        frames.append(_counts(ages, month, pl.lit(category)))
    return pl.concat(frames)


def _counts(cells: pl.DataFrame, month: dt.date, category: pl.Expr) -> pl.DataFrame:
    requests = pl.when(pl.col("state") == "shown").then(pl.col("value").cast(pl.Float64))
    rows = cells.filter(pl.col("period_start") == month)
    return rows.select(category.alias("category"), "open_age", requests=requests)


def _absence(snapshot: Snapshot, start: dt.date) -> dict[str, float]:
    """Sickness absence by role of the newest census before a day, where shown."""
    if snapshot.indicator(ABSENT) is None:
        return {}
    cells = snapshot.cells(ABSENT, "quarter", {}, "role").filter(
        pl.col("period_end") < start, pl.col("state") == "shown"
    )
    newest = cells.filter(pl.col("period_start") == pl.col("period_start").max())
    return dict(newest.select("code", "value").iter_rows())


def _foretold(snapshot: Snapshot, start: dt.date) -> pl.DataFrame:
    """Forecasts as they would have been made from what was known on a day: by category, and of all together."""
    named = [(ALL, "")] + [(CATEGORY, code) for code in snapshot.facts.labels.get(TURNAROUND, {}) if code != "none"]
    frames = [
        history(snapshot, dimension, code)
        .filter(pl.col("period_end") < start, pl.col("requests").is_not_null())
        .select(pl.lit(dimension).alias("dimension"), pl.lit(code).alias("code"), "period_start", "period_end",
                pl.col("requests").cast(pl.Float64))
        for dimension, code in named
    ]  # fmt: skip
    until = start.replace(year=start.year + 1)
    return forecast_demand(pl.concat(frames), ROUNDED_TO, (until - dt.timedelta(days=1)).replace(day=1))


def _site_shares(snapshot: Snapshot, start: dt.date) -> pl.DataFrame:
    """Where each category's requests of the 12 months before a day went, from shown counts."""
    whole = _shown(_year(snapshot, RECEIVED, None, start), "whole").rename({"category": "code"})
    parts = [
        _shown(_year(snapshot, RECEIVED, site, start), "requests")
        .rename({"category": "code"})
        .with_columns(site=pl.lit(site))
        for site in sites()
    ]
    known = pl.concat(parts).join(whole, on="code")
    total = pl.max_horizontal(pl.col("whole"), pl.col("requests").sum().over("code"))
    return known.select("site", "code", "requests", share=pl.col("requests") / total)
