"""Hours of work that requests need against hours that staff have: load ratio, bottleneck, gap, backlog, sensitivity.

Tables in, tables out. `demand`: site, category, period, requests. `staff`: site, role, period, in_post_wte,
full_time_hours. A period is a text or a date, the same in both, and all periods of a table are of one length, given as
`years` (0.25 for quarters). Roles without minutes have no load and are left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from capacity.assumptions import MINUTES, Assumptions, Level

TRAINEE, SCIENTIST = "trainee_scientist", "clinical_scientist"
TRAINING_YEARS = ("year_1", "year_2", "year_3")

#: Working days of a week; leave and study are counted in days.
DAYS_A_WEEK = 5

#: Hours of the full-time week by the day from which they hold (NHS Scotland, Agenda for Change).
FULL_TIME_WEEK = ((dt.date(2000, 1, 1), 37.5), (dt.date(2024, 4, 1), 37.0), (dt.date(2026, 4, 1), 36.0))
HOURS_BEFORE = FULL_TIME_WEEK[0][1]

#: A service of about one post or less has nobody to stand in.
ONE_POST = 1.0

DEMAND = {"site": pl.String, "category": pl.String, "requests": pl.Float64}
STAFF = {"site": pl.String, "role": pl.String, "in_post_wte": pl.Float64, "full_time_hours": pl.Float64}

#: Rates of each role that the extract tells, where it does; a value that a planner sets goes before it.
Rates = Mapping[str, float]
NO_RATES: Rates = {}


class WorkloadError(ValueError):
    """What was given to the model does not fit; the message says what."""


def full_time_hours(day: dt.date) -> float:
    """Hours of the full-time week on a day."""
    return [hours for start, hours in FULL_TIME_WEEK if start <= day][-1]


def hours_needed(demand: pl.DataFrame, assumptions: Assumptions, level: Level = "central") -> pl.DataFrame:
    """Hours of work by `site`, `period`, `category`, `step`, `role`: requests times minutes, over 60.

    Requests of a category without minutes need no hours here; `uncounted` tells how many there are.
    """
    asked = _fits(demand, DEMAND).select("site", "period", "category", "requests")
    hours = pl.col("requests") * pl.col("minutes") / 60
    return asked.join(assumptions.minutes(level), on="category").select(
        "site", "period", "category", "step", "role", hours=hours
    )


def uncounted(demand: pl.DataFrame, assumptions: Assumptions) -> float:
    """Requests of categories without minutes, in all."""
    rest = _fits(demand, DEMAND).filter(~pl.col("category").is_in(assumptions.categories))
    return float(rest["requests"].sum())


def weeks_worked(assumptions: Assumptions, level: Level = "central") -> float:
    """Weeks that a full-time person works in a year, leave and study taken off, sickness not."""
    days = assumptions.value("leave_days", level=level) + assumptions.value("study_days", level=level)
    return max(assumptions.value("weeks_a_year", level=level) - days / DAYS_A_WEEK, 0.0)


def hours_a_wte(role: str, full_time_hours: float, assumptions: Assumptions, absence: Rates = NO_RATES) -> float:
    """Hours that one whole-time equivalent of a role gives to requests in a year."""
    away, other = _rate("absence", role, assumptions, absence), assumptions.value("non_case_share", role)
    return weeks_worked(assumptions) * full_time_hours * (1 - away) * (1 - other)


def hours_available(
    staff: pl.DataFrame, assumptions: Assumptions, years: float = 1.0, absence: Rates = NO_RATES
) -> pl.DataFrame:
    """Hours for requests by `site`, `period`, `role`: `own_hours`, `trainee_hours`, `hours`, and `in_post_wte`.

    Trainees are taken as spread evenly over their years; what they do less what they take of a scientist's time stands
    with clinical scientists. absence: of roles, from the extract.
    """
    people = _fits(staff, STAFF)
    by_role = {role: hours_a_wte(role, 1.0, assumptions, absence) for role in assumptions.roles}
    of_role = pl.col("role").replace_strict(by_role, default=None, return_dtype=pl.Float64)
    each = pl.col("full_time_hours") * of_role * years
    counted = people.filter(pl.col("role").is_in(assumptions.roles)).with_columns(
        own_hours=pl.col("in_post_wte") * each
    )
    net = trainee_worth(assumptions)
    trainees = people.filter(role=TRAINEE).select(
        "site",
        "period",
        role=pl.lit(SCIENTIST),
        trainee_wte=pl.col("in_post_wte") * net,
        week=pl.col("full_time_hours"),
    )
    places = ["site", "period", "role"]
    by_place = counted.group_by(places, maintain_order=True).agg(pl.col("in_post_wte", "own_hours").sum())
    joined = by_place.join(
        trainees.group_by(places).agg(pl.col("trainee_wte").sum(), pl.col("week").first()), on=places, how="left"
    )
    scientist = by_role.get(SCIENTIST, 0.0) * years
    trainee_hours = (pl.col("trainee_wte") * pl.col("week") * scientist).fill_null(0.0)
    return joined.with_columns(trainee_hours=trainee_hours).select(
        *places,
        "in_post_wte",
        "own_hours",
        "trainee_hours",
        hours=pl.max_horizontal(pl.col("own_hours") + pl.col("trainee_hours"), pl.lit(0.0)),
    )


def trainee_worth(assumptions: Assumptions) -> float:
    """What one trainee adds to the time of scientists, in WTE, the years being equally full; less than 0 is a cost."""
    each = [
        assumptions.value("trainee_productivity", year) - assumptions.value("supervision", year)
        for year in TRAINING_YEARS
    ]
    return sum(each) / len(each)


def load(
    demand: pl.DataFrame,
    staff: pl.DataFrame,
    assumptions: Assumptions,
    years: float = 1.0,
    absence: Rates = NO_RATES,
    level: Level = "central",
) -> pl.DataFrame:
    """Load ratio by `site`, `period`, `role`: `hours_needed`, `hours_available`, `in_post_wte`, `load_ratio`.

    A row for each role in post and each with work. Where nobody is in post and there is work, the ratio is null and
    `state` is `no_staff`; otherwise `state` is `over` the red line, `stretched` over the amber one, or `within`.
    """
    places = ["site", "period", "role"]
    needed = (
        hours_needed(demand, assumptions, level)
        .group_by(places, maintain_order=True)
        .agg(hours_needed=pl.col("hours").sum())
    )
    if (lonely := demand.join(staff, on=["site", "period"], how="anti")).height:
        row = lonely.row(0, named=True)
        raise WorkloadError(f"there is work at {row['site']} in {row['period']}, and no row of its staff")
    there = hours_available(staff, assumptions, years, absence).rename({"hours": "hours_available"})
    both = needed.join(there, on=places, how="full", coalesce=True, maintain_order="left_right")
    both = both.filter(pl.col("period").is_in(demand["period"].unique().implode()))
    both = both.with_columns(pl.col("hours_needed", "hours_available", "in_post_wte").fill_null(0.0))
    ratio = pl.when(pl.col("hours_available") > 0).then(pl.col("hours_needed") / pl.col("hours_available"))
    rank = {role: place for place, role in enumerate(assumptions.roles)}
    return (
        both.with_columns(load_ratio=ratio)
        .with_columns(state=_state(assumptions))
        .sort("site", "period", pl.col("role").replace_strict(rank, default=len(rank), return_dtype=pl.Int64))
        .select(*places, "in_post_wte", "hours_needed", "hours_available", "load_ratio", "state")
    )


def _state(assumptions: Assumptions) -> pl.Expr:
    return (
        pl.when((pl.col("hours_available") <= 0) & (pl.col("hours_needed") > 0))
        .then(pl.lit("no_staff"))
        .when(pl.col("load_ratio") > assumptions.value("load_red"))
        .then(pl.lit("over"))
        .when(pl.col("load_ratio") > assumptions.value("load_amber"))
        .then(pl.lit("stretched"))
        .otherwise(pl.lit("within"))
    )


def load_with_range(
    demand: pl.DataFrame,
    staff: pl.DataFrame,
    assumptions: Assumptions,
    years: float = 1.0,
    absence: Rates = NO_RATES,
    most_staff: pl.DataFrame | None = None,
    least_staff: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """`load` with `load_low` and `load_high`: all minutes low with the most staff, and all high with the least.

    most_staff, least_staff: what rounding of the number in post leaves open; as `staff` where it is not given.
    """
    places = ["site", "period", "role"]
    ends: tuple[tuple[Level, str, pl.DataFrame], ...] = (
        ("low", "load_low", staff if most_staff is None else most_staff),
        ("high", "load_high", staff if least_staff is None else least_staff),
    )
    found = load(demand, staff, assumptions, years, absence)
    for level, name, people in ends:
        end = load(demand, people, assumptions, years, absence, level).select(*places, pl.col("load_ratio").alias(name))
        found = found.join(end, on=places, how="left", maintain_order="left")
    return found


def bottlenecks(loads: pl.DataFrame) -> pl.DataFrame:
    """The role with the highest load of each `site` and `period`; one with work and nobody in post goes before all."""
    at_risk = loads.filter(pl.col("hours_needed") > 0)
    order = pl.when(pl.col("state") == "no_staff").then(pl.lit(float("inf"))).otherwise(pl.col("load_ratio"))
    ranked = at_risk.with_columns(rank=order).sort("rank", descending=True, maintain_order=True)
    return ranked.drop("rank").unique(["site", "period"], keep="first", maintain_order=True).sort("site", "period")


def gaps(
    loads: pl.DataFrame, staff: pl.DataFrame, assumptions: Assumptions, years: float = 1.0, absence: Rates = NO_RATES
) -> pl.DataFrame:
    """`loads` with WTE `wte_needed` for the amber line, `gap_wte` (above 0: short) and `gap_wte_red` for the red line.

    What trainees do is taken off first: the need is of people in post.
    """
    places = ["site", "period", "role"]
    by_role = {role: hours_a_wte(role, 1.0, assumptions, absence) for role in assumptions.roles}
    week = _fits(staff, STAFF).group_by("site", "period").agg(week=pl.col("full_time_hours").first())
    trainee = hours_available(staff, assumptions, years, absence).select(*places, "trainee_hours")
    each = pl.col("week") * pl.col("role").replace_strict(by_role, default=None, return_dtype=pl.Float64) * years
    joined = loads.join(week, on=["site", "period"], how="left", maintain_order="left").join(
        trainee, on=places, how="left", maintain_order="left"
    )

    def needed(line: str) -> pl.Expr:
        hours = pl.col("hours_needed") / assumptions.value(line) - pl.col("trainee_hours").fill_null(0.0)
        return pl.max_horizontal(hours / each, pl.lit(0.0))

    return joined.with_columns(
        wte_needed=needed("load_amber"),
        gap_wte=needed("load_amber") - pl.col("in_post_wte"),
        gap_wte_red=needed("load_red") - pl.col("in_post_wte"),
    ).drop("week", "trainee_hours")


def grown(volumes: pl.DataFrame, assumptions: Assumptions, periods: Iterable[str], first: float = 1.0) -> pl.DataFrame:
    """A demand table from one year's volumes (`site`, `category`, `requests`) and the growth assumed a year.

    periods: the names of the years, in order; first: years from the middle of the volumes' year to that of the first.
    """
    rate = 1 + assumptions.value("growth")
    base = volumes.select("site", "category", pl.col("requests").cast(pl.Float64))
    frames = [
        base.select("site", "category", period=pl.lit(period), requests=pl.col("requests") * rate ** (first + place))
        for place, period in enumerate(periods)
    ]
    return pl.concat(frames)


def staff_ahead(
    staff: pl.DataFrame, assumptions: Assumptions, periods: Iterable[str], first: float = 1.0, leaving: Rates = NO_RATES
) -> pl.DataFrame:
    """Staff of one census in each of the years ahead: those who leave and are not replaced are gone.

    first: years from the census to the middle of the first. leaving: of roles, from the extract.
    """
    roles = staff["role"].unique()
    left = {role: _rate("leaving", role, assumptions, leaving) for role in roles}
    lost = pl.col("role").replace_strict(left, return_dtype=pl.Float64) * (1 - assumptions.value("replaced"))
    base = _fits(staff.with_columns(period=pl.lit("")), STAFF)
    frames = [
        base.with_columns(period=pl.lit(period), in_post_wte=pl.col("in_post_wte") * (1 - lost) ** (first + place))
        for place, period in enumerate(periods)
    ]
    return pl.concat(frames)


def recruits(staff: pl.DataFrame, assumptions: Assumptions, leaving: Rates = NO_RATES) -> pl.DataFrame:
    """WTE that leave a year, by `site` and `role`, to recruit to stand still: `leaving_wte`, of it `retiring_wte`."""
    left = {role: _rate("leaving", role, assumptions, leaving) for role in staff["role"].unique()}
    rate = pl.col("role").replace_strict(left, return_dtype=pl.Float64)
    return staff.with_columns(leaving_wte=pl.col("in_post_wte") * rate).select(
        "site", "role", "in_post_wte", "leaving_wte",
        retiring_wte=pl.col("leaving_wte") * assumptions.value("retiring"),
    )  # fmt: skip


def trainees_to_start(
    gap_by_year: Mapping[int, float], assumptions: Assumptions, leaving: Rates = NO_RATES, in_post_wte: float = 0.0
) -> pl.DataFrame:
    """Trainees that must start in each year so that the gap of scientists is closed when they count.

    gap_by_year: the WTE short in each year, those who leave being replaced. in_post_wte: scientists whose leavers
    trainees replace too; 0 where others are recruited for them. Rows: `counts_in`, `must_start_in`, `gap_wte`,
    `to_add_wte` in that year, `trainees`: whole people, as many as register and stay.
    """
    years_long = round(assumptions.value("training_years"))
    survive = assumptions.value("training_completed") * assumptions.value("training_kept")
    left = in_post_wte * _rate("leaving", SCIENTIST, assumptions, leaving)
    rows, closed = [], 0.0
    for year, short in sorted(gap_by_year.items()):
        add = max(short - closed, 0.0) + left
        closed = max(short, closed)
        rows.append((year, year - years_long, max(short, 0.0), add, _whole(add / survive)))
    names = {"counts_in": pl.Int64, "must_start_in": pl.Int64, "gap_wte": pl.Float64, "to_add_wte": pl.Float64}
    return pl.DataFrame(rows, schema=names | {"trainees": pl.Int64}, orient="row")


def _whole(number: float) -> int:
    """The next whole number up; what is above one by rounding of the arithmetic alone is that one."""
    return int(-(-(number - 1e-9) // 1))


def shorter_week(staff: pl.DataFrame, assumptions: Assumptions, absence: Rates = NO_RATES) -> pl.DataFrame:
    """Hours a year that shortening the week from 37.5 took, by `site` and `role`, for the staff of one census.

    Rows: `site`, `role`, `in_post_wte`, `full_time_hours`, `hours_lost` (at work: leave, study and sickness taken off)
    and `wte_lost`, in posts of today's week.
    """
    people = _fits(staff.with_columns(period=pl.lit("")), STAFF).filter(pl.col("in_post_wte") > 0)
    here = {role: 1 - _rate("absence", role, assumptions, absence) for role in people["role"].unique()}
    present = pl.col("role").replace_strict(here, return_dtype=pl.Float64)
    shorter = HOURS_BEFORE - pl.col("full_time_hours")
    return people.select(
        "site",
        "role",
        "in_post_wte",
        "full_time_hours",
        hours_lost=pl.col("in_post_wte") * shorter * weeks_worked(assumptions) * present,
        wte_lost=pl.col("in_post_wte") * shorter / pl.col("full_time_hours"),
    )


def backlog(late: pl.DataFrame, loads: pl.DataFrame, assumptions: Assumptions, years: float = 1.0) -> pl.DataFrame:
    """Weeks to clear late requests at present staffing, by `site` and `role`, for loads of one period.

    late: `site`, `category`, `requests`. Rows: `backlog_hours`, `spare_hours_a_week` at a load of 1, `weeks` and
    `clears`: `never` where nothing is to spare, `none` where there is no backlog, otherwise `weeks`.
    """
    begun = _fits(late.with_columns(period=pl.lit("")), DEMAND)
    waiting = (
        hours_needed(begun, assumptions)
        .group_by("site", "role")
        .agg(backlog_hours=pl.col("hours").sum() * assumptions.value("work_left"))
    )
    weeks = assumptions.value("weeks_a_year") * years
    spare = (pl.col("hours_available") - pl.col("hours_needed")) / weeks
    joined = loads.join(waiting, on=["site", "role"], how="left", maintain_order="left").with_columns(
        pl.col("backlog_hours").fill_null(0.0), spare_hours_a_week=spare
    )
    clears = (
        pl.when(pl.col("backlog_hours") <= 0)
        .then(pl.lit("none"))
        .when(pl.col("spare_hours_a_week") <= 0)
        .then(pl.lit("never"))
        .otherwise(pl.lit("weeks"))
    )
    return joined.with_columns(clears=clears).select(
        "site", "role", "backlog_hours", "spare_hours_a_week", "clears",
        weeks=pl.when(pl.col("clears") == "weeks").then(pl.col("backlog_hours") / pl.col("spare_hours_a_week")),
    )  # fmt: skip


def single_person(staff: pl.DataFrame) -> pl.DataFrame:
    """Roles of a site with about one post in post, or less but not none: nobody stands in."""
    small = (pl.col("in_post_wte") > 0) & (pl.col("in_post_wte") <= ONE_POST)
    return staff.filter(small).select("site", "role", "in_post_wte").sort("site", "role")


@dataclass(frozen=True)
class Effect:
    """What an assumption does to an answer, all others being central."""

    id: str
    at_low: float
    at_high: float

    @property
    def size(self) -> float:
        """How far apart the answers lie."""
        return abs(self.at_high - self.at_low)


def tornado(
    assumptions: Assumptions, answer: Callable[[Assumptions], float], keys: Iterable[str] | None = None
) -> list[Effect]:
    """The effect of each assumption on an answer, the largest first, those without any left out.

    answer: a number from assumptions, such as a load ratio. keys: ids to try; all, with the minutes of each role taken
    together, where none are given. What a planner has set is known, so it is not moved.
    """
    tried = range_keys(assumptions) if keys is None else list(keys)
    found = [
        Effect(key, answer(assumptions.at(key, "low")), answer(assumptions.at(key, "high")))
        for key in tried
        if key not in assumptions.overrides
    ]
    return sorted((effect for effect in found if effect.size > 0), key=lambda effect: (-effect.size, effect.id))


def range_keys(assumptions: Assumptions) -> list[str]:
    """The ids of all assumptions with a range, the minutes of each role taken together."""
    own = [key for key, row in assumptions.rows.items() if row.low < row.high]
    return [*(f"{MINUTES}/{role}" for role in assumptions.roles), *own]


def _rate(name: str, role: str, assumptions: Assumptions, told: Rates) -> float:
    """What a planner set, else what the extract tells of the role, else what is assumed."""
    if role in told and not assumptions.is_overridden(name, role):
        return told[role]
    return assumptions.value(name, role)


def _fits(frame: pl.DataFrame, schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    """The frame with its columns typed; WorkloadError names what is missing, empty or below 0."""
    missing = [name for name in (*schema, "period") if name not in frame.columns]
    if missing:
        raise WorkloadError(f"column {missing[0]} is missing")
    typed = frame.with_columns(pl.col(name).cast(kind) for name, kind in schema.items())
    for name, kind in schema.items():
        if typed[name].null_count():
            raise WorkloadError(f"{name}: a value is missing")
        if kind == pl.Float64 and ((typed[name] < 0) | ~typed[name].is_finite()).any():
            raise WorkloadError(f"{name}: a value is below 0 or no number")
    return typed
