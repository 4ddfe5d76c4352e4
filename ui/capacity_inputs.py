"""What the capacity model gets of a release, from protected cells alone: requests, staff, absence and leavers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache, cached_property

import polars as pl

from capacity.assumptions import Assumptions, read_assumptions
from capacity.workload import full_time_hours, grown
from ui.data import Snapshot
from ui.demand_measures import demand_by_site
from ui.figure import Figure, Query
from ui.figures import HIDDEN_STANDS_FOR, ask, latest_year, of_scotland
from ui.made_once import made_once

RECEIVED, LATE = "requests_received", "overdue_backlog"
POSTS, ABSENT, LEAVERS, STARTS = "vacancy_rate", "absence_rate", "turnover", "trainee_intake"

#: The last financial year of the strategy, by the calendar year in which it begins.
LAST_YEAR = 2029

#: A number of posts is given to the nearest whole one.
HALF_A_POST = 0.5

#: Columns of requests that the model gets.
VOLUMES = {"site": pl.String, "category": pl.String, "requests": pl.Float64, "is_hidden": pl.Boolean}


@dataclass(frozen=True)
class Inputs:
    """Everything that the model gets. Counts of requests are rounded; a hidden one is taken as the middle of 1 to 9.

    volumes: the newest 12 months by site and category, `is_hidden` where a count is taken so. quarters: the same by
    `period`, a quarter's first day. staff: by site, role and quarter, `in_post_wte` with `least_wte` and `most_wte`,
    what rounding of posts leaves open. late: past their due date at the newest month's end, hidden counts as `spread`
    takes them. absence, leaving: shares by role where shown. started: trainees started in the 12 months to the census.
    forecast: requests by `site`, `category` and `period`, the whole financial years that the forecast of demand covers.
    """

    volumes: pl.DataFrame
    volumes_from: dt.date
    volumes_to: dt.date
    quarters: pl.DataFrame
    staff: pl.DataFrame
    late: pl.DataFrame
    late_at: dt.date | None
    absence: dict[str, float]
    leaving: dict[str, float]
    started: int | None
    figures: tuple[Figure, ...]
    forecast: pl.DataFrame | None = None

    @cached_property
    def census(self) -> dt.date:
        """The first day of the newest quarter with a census."""
        newest: dt.date = self.staff["period"].max()  # type: ignore[assignment]
        return newest

    @cached_property
    def census_day(self) -> dt.date:
        """The day of the newest census, the last of its quarter."""
        return quarter_end(self.census)

    @cached_property
    def now(self) -> pl.DataFrame:
        """Staff of the newest census, as the demand of one year wants them: `period` is `now`."""
        return self.staff.filter(period=self.census).with_columns(period=pl.lit("now"))

    @cached_property
    def demand_now(self) -> pl.DataFrame:
        """Requests of the newest 12 months: `period` is `now`."""
        return self.volumes.with_columns(period=pl.lit("now"))

    @cached_property
    def years_ahead(self) -> list[str]:
        """Financial years from the one in which the newest 12 months end to 2029-30."""
        end = self.volumes_to
        first = end.year if end.month >= 4 else end.year - 1
        return [f"{year}-{(year + 1) % 100:02d}" for year in range(first, LAST_YEAR + 1)]

    @cached_property
    def hidden(self) -> pl.DataFrame:
        """The sites and categories whose counts of the newest 12 months are hidden."""
        return self.volumes.filter("is_hidden").select("site", "category")

    def people(self, column: str) -> pl.DataFrame:
        """Today's staff with the least or the most that rounding leaves open in place of the number in post."""
        return self.now.with_columns(in_post_wte=pl.col(column))


def quarter_end(start: dt.date) -> dt.date:
    """The last day of a quarter."""
    month = start.month + 3
    following = dt.date(start.year + (month > 12), (month - 1) % 12 + 1, 1)
    return following - dt.timedelta(days=1)


def demand_ahead(inputs: Inputs, assumptions: Assumptions) -> pl.DataFrame:
    """Requests by site, category and financial year to 2029-30: as the forecast of demand expects.

    Where there is no forecast, or where the planner has set a growth, the newest 12 months grown by it. The year in
    which the newest 12 months end lies between these and the first year of the forecast, evenly on the scale of logs.
    """
    since = years_from(inputs.volumes_from, inputs)
    rows = grown(inputs.volumes, assumptions, inputs.years_ahead, since)
    if inputs.forecast is None or not is_forecast(inputs, assumptions):
        return rows
    keys = ["site", "category"]
    first = inputs.forecast.filter(pl.col("period") == inputs.years_ahead[1]).select(*keys, following="requests")
    between = (
        inputs.volumes.join(first, on=keys)
        .filter(pl.col("requests") > 0, pl.col("following") > 0)
        .select(
            *keys,
            period=pl.lit(inputs.years_ahead[0]),
            told=pl.col("requests") * (pl.col("following") / pl.col("requests")) ** (since / (since + 1)),
        )
    )
    told = pl.concat([inputs.forecast.select(*keys, "period", told="requests"), between])
    joined = rows.join(told, on=[*keys, "period"], how="left", maintain_order="left")
    return joined.with_columns(requests=pl.coalesce("told", "requests")).drop("told")


def is_forecast(inputs: Inputs, assumptions: Assumptions) -> bool:
    """Whether years ahead are as the forecast of demand expects, not as a growth that was assumed or set."""
    return inputs.forecast is not None and len(inputs.years_ahead) > 1 and not assumptions.is_overridden("growth")


def _forecast(snapshot: Snapshot) -> pl.DataFrame | None:
    """The forecast of demand by laboratory, category and financial year, of years that it covers whole."""
    months = demand_by_site(snapshot)
    if months is None or months.is_empty():
        return None
    year = pl.col("period_start").dt.offset_by("-3mo").dt.year().cast(pl.Int64)
    name = pl.format("{}-{}", year, ((year + 1) % 100).cast(pl.String).str.zfill(2))
    years = months.group_by("site", "category", name.alias("period"), maintain_order=True).agg(
        pl.col("requests").sum(), months=pl.len()
    )
    return years.filter(pl.col("months") == 12).drop("months")


def years_from(start: dt.date, inputs: Inputs) -> float:
    """Years from the middle of 12 months that begin on a day to the middle of the first financial year ahead."""
    first = dt.date(int(inputs.years_ahead[0][:4]), 4, 1)
    return (first - start).days / 365.25


@cache
def assumptions() -> Assumptions:
    """The assumptions of this version of the product, read once a process: files that come with the code."""
    return read_assumptions()


@made_once(3)
def _inputs(key: str, _snapshot: Snapshot) -> Inputs | None:  # noqa: ARG001 - key: the release
    return read_inputs(_snapshot)


def inputs(snapshot: Snapshot) -> Inputs | None:
    """The inputs of a release, read once; None where it does not tell requests by category or posts by role."""
    return _inputs(snapshot.key, snapshot)


def read_inputs(snapshot: Snapshot) -> Inputs | None:
    """The inputs of a release."""
    start = latest_year(snapshot, RECEIVED, None)
    staff = posts_by_role(snapshot)
    if start is None or staff is None or staff.is_empty():
        return None
    volumes = _requests(snapshot, RECEIVED, "year").filter(period=start)
    quarters = _requests(snapshot, RECEIVED, "quarter")
    late = _requests(snapshot, LATE, "month")
    newest: dt.date | None = late["period"].max() if late.height else None  # type: ignore[assignment]
    late = late.filter(pl.col("period") == pl.lit(newest, pl.Date))
    if volumes.is_empty() or volumes["is_hidden"].all():
        return None
    started = _newest(snapshot, STARTS, None)
    return Inputs(
        volumes=volumes.drop("period", "period_end"),
        volumes_from=start,
        volumes_to=volumes["period_end"].max(),  # type: ignore[arg-type]
        quarters=quarters.drop("period_end").join(staff.select("site", "period").unique(), on=["site", "period"]),
        staff=staff,
        late=spread(late.drop("period", "period_end"), volumes, _totals(snapshot, newest)),
        late_at=late["period_end"].max(),  # type: ignore[arg-type]
        absence=_by_role(snapshot, ABSENT),
        leaving=_by_role(snapshot, LEAVERS),
        started=int(started["numerator"][0]) if started.height and started["numerator"][0] is not None else None,
        figures=_figures(snapshot, start),
        forecast=_forecast(snapshot),
    )


def _requests(snapshot: Snapshot, indicator: str, grain: str) -> pl.DataFrame:
    """Counts of requests by site, category and period, a hidden one as the middle of what it may be."""
    if snapshot.indicator(indicator) is None:
        return pl.DataFrame(schema=VOLUMES | {"period": pl.Date, "period_end": pl.Date})
    frames = []
    for site in sorted(of_scotland("performing_lab") or ()):
        cells = snapshot.cells(indicator, grain, {"performing_lab": site}, "turnaround_category")
        frames.append(cells.filter(pl.col("period_status") != "incomplete").with_columns(site=pl.lit(site)))
    rows = pl.concat(frames)
    is_hidden = pl.col("numerator").is_null() | (pl.col("state") == "confidential")
    return rows.select(
        "site",
        category="code",
        requests=pl.when(is_hidden).then(HIDDEN_STANDS_FOR).otherwise("numerator").cast(pl.Float64),
        is_hidden=is_hidden,
        period="period_start",
        period_end="period_end",
    ).filter(pl.col("category") != "none")


def _totals(snapshot: Snapshot, at: dt.date | None) -> dict[str, int]:
    """Late requests of each site in the month that begins on a day, where the number is shown."""
    if at is None:
        return {}
    cells = snapshot.cells(LATE, "month", {}, "performing_lab").filter(pl.col("period_start") == at)
    return dict(cells.filter(pl.col("numerator").is_not_null()).select("code", "numerator").iter_rows())


def spread(late: pl.DataFrame, volumes: pl.DataFrame, totals: dict[str, int]) -> pl.DataFrame:
    """What the shown counts leave of a site's total, over its hidden categories in proportion to their requests.

    late, volumes: as `Inputs` has them. A site whose total is hidden too keeps what stands for a hidden count.
    """
    asked = volumes.select("site", "category", size="requests")
    shown = pl.col("requests").filter(~pl.col("is_hidden")).sum().over("site")
    part = pl.col("size") / pl.col("size").filter("is_hidden").sum().over("site")
    whole = pl.col("site").replace_strict(totals, default=None, return_dtype=pl.Float64)
    rest = pl.max_horizontal(whole - shown, pl.lit(0.0)) * part
    joined = late.join(asked, on=["site", "category"], how="left", maintain_order="left").with_columns(
        pl.col("size").fill_null(0.0)
    )
    filled = pl.when(pl.col("is_hidden") & whole.is_not_null()).then(rest.fill_nan(0.0)).otherwise("requests")
    return joined.with_columns(requests=filled).drop("size")


def posts_by_role(snapshot: Snapshot) -> pl.DataFrame | None:
    """In post by site, role and quarter: posts to the nearest whole one, less the share that is vacant."""
    if snapshot.indicator(POSTS) is None:
        return None
    frames = []
    for site in sorted(of_scotland("performing_lab") or ()):
        cells = snapshot.cells(POSTS, "quarter", {"site": site}, "role")
        known = cells.filter(pl.col("state") == "shown").with_columns(site=pl.lit(site))
        frames.append(known.filter(pl.col("period_status") != "incomplete"))
    rows = pl.concat(frames)
    filled = 1 - pl.col("value")
    hours = {day: full_time_hours(quarter_end(day)) for day in rows["period_start"].unique()}
    return rows.select(
        "site",
        role="code",
        period="period_start",
        in_post_wte=posts_filled(),
        least_wte=pl.max_horizontal(pl.col("denominator") - HALF_A_POST, pl.lit(0.0)) * filled,
        most_wte=(pl.col("denominator") + HALF_A_POST) * filled,
        full_time_hours=pl.col("period_start").replace_strict(hours, return_dtype=pl.Float64),
    )


def posts_filled() -> pl.Expr:
    """Posts filled in a cell of the vacancy rate: posts to the nearest whole one, less the share that is vacant."""
    # Posts that round to none lie between none and a half.
    posts = pl.when(pl.col("denominator") == 0).then(HALF_A_POST / 2).otherwise(pl.col("denominator"))
    return posts * (1 - pl.col("value"))


def _newest(snapshot: Snapshot, indicator: str, spread: str | None) -> pl.DataFrame:
    """The shown rows of the newest whole quarter of a measure of staff."""
    if snapshot.indicator(indicator) is None:
        return pl.DataFrame(schema={"code": pl.String, "value": pl.Float64, "numerator": pl.Int64})
    cells = snapshot.cells(indicator, "quarter", {}, spread).filter(pl.col("period_status") != "incomplete")
    return cells.filter((pl.col("period_start") == pl.col("period_start").max()) & (pl.col("state") == "shown"))


def _by_role(snapshot: Snapshot, indicator: str) -> dict[str, float]:
    return dict(_newest(snapshot, indicator, "role").select("code", "value").iter_rows())


def _figures(snapshot: Snapshot, start: dt.date) -> tuple[Figure, ...]:
    """What the model rests on, for citing and quality."""
    asked = (
        Query(RECEIVED, "year", (), "turnaround_category", start, newest_only=True),
        Query(POSTS, "quarter", (), "role", newest_only=True),
    )
    found = (ask(snapshot, query) for query in asked)
    return tuple(figure for figure in found if figure is not None and figure.cells.height)
