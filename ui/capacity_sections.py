"""The sections of the page Capacity: each a finding, at most one chart, a table, its download and how it is worked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from capacity import workload
from ui import capacity_answers, capacity_charts, capacity_inputs, marks, words
from ui import capacity_words as said
from ui.capacity_answers import LOAD_NOW, Answers
from ui.capacity_filters import Choice
from ui.capacity_overrides import Overrides
from ui.data import Snapshot
from ui.made_once import made_once
from ui.outlook_sections import Part

#: Quarters that a title counts, and bars that the chart of sensitivity has.
QUARTERS, BARS = 12, 10

NEEDS = (
    "It needs the requests that each laboratory received by turnaround category, and posts by role from the workforce "
    "extract. This release does not show both."
)

ABOUT_LOAD = (
    "- **Load ratio:** hours of work divided by hours there are. 1 means that all time for requests is taken.\n"
    "- **Hours of work:** requests received in 12 months, times minutes a request by turnaround category, step and "
    "role. All steps are taken to be done where the request is performed.\n"
    "- **Hours there are:** posts filled at the newest census, times the hours of that day's full-time week, times the "
    "weeks left after leave and study, less sickness absence and time not spent on requests. What trainees do, less "
    "the time they take of scientists, stands with clinical scientists.\n"
    "- **Range:** all minutes at their low values with the most posts, and all at their high values with the fewest, "
    "that rounding leaves open. It is not a confidence interval.\n"
    f"- **Not counted:** {said.NOT_COUNTED}"
)
ABOUT_GAP = (
    "- **Short:** posts needed for a load ratio at the amber line, less posts filled. Sites with posts to spare do not "
    "make up for those without.\n"
    "- **Years ahead:** requests grow as assumed; today's staff stay, but for leavers who are not replaced; the "
    "full-time week stays as it is.\n"
    "- **Range:** all minutes low, and all high."
)
ABOUT_TRAINEES = (
    "- **Must start:** posts short, divided by the share of trainees who register and the share of those who stay; "
    "whole people. They count from the year after their last year of training.\n"
    "- Every leaver is taken to be replaced by somebody else: what trainees replace of those comes on top."
)
ABOUT_BACKLOG = (
    "- **Late requests:** open past their due date at the newest month's end. Part of their work is done, as assumed.\n"
    "- **Weeks:** hours still to do, divided by the hours a week that current staff have beyond new requests. A "
    "laboratory is clear when its slowest role is.\n"
    "- This is a sum of hours. Queues also form while a load is below 1, which a sum cannot show."
)
ABOUT_SENSITIVITY = (
    "- Each assumption in turn at its low and at its high value, all others as they are. The minutes of a role move "
    "together. A value that was set on the page Assumptions is taken as known."
)
ABOUT_WEEK = (
    "- **Hours:** posts filled, times the hours that the week is shorter than 37.5, times the weeks that are worked, "
    "less sickness absence. **Posts:** the same hours in posts of today's week.\n"
    "- The full-time week was 37.5 hours until March 2024, 37 until March 2026, and is 36 since."
)
ABOUT_ALONE = (
    "- **About one post:** at most 1 whole-time equivalent is filled; posts are given to the nearest whole one."
)


@made_once(300)
def _built(key: str, name: str, choice: Choice, _snapshot: Snapshot) -> Part:  # noqa: ARG001 - key: the release
    found = capacity_answers.answers(_snapshot, choice.overrides)
    return (
        Part(name, "Work and hours cannot be told", NEEDS)
        if found is None
        else SECTIONS[name](_snapshot, found, choice)
    )


def build(snapshot: Snapshot, name: str, choice: Choice) -> Part:
    """A section of the page, made once for a release and a choice."""
    return _built(snapshot.key, name, choice, snapshot)


def is_told(snapshot: Snapshot, overrides: Overrides) -> bool:
    """Whether the release has what the model needs."""
    return capacity_answers.answers(snapshot, overrides) is not None


def busiest(found: Answers, choice: Choice) -> tuple[str, str]:
    """The site and role that a section is of: as chosen, or with the highest load of those that are left."""
    rows = _here(found.now, choice)
    if choice.role:
        rows = rows.filter(role=choice.role)
    worst = workload.bottlenecks(rows.with_columns(site=pl.lit(""))) if rows.height else rows
    if worst.is_empty():
        return choice.site, choice.role
    row = rows.filter(role=worst["role"][0]).sort("load_ratio", descending=True, nulls_last=False).row(0, named=True)
    return row["site"], row["role"]


def _here(frame: pl.DataFrame, choice: Choice) -> pl.DataFrame:
    return frame.filter(site=choice.site) if choice.site else frame


def _place(choice: Choice) -> str:
    return said.site(choice.site) if choice.site else "Scotland"


def _lines(found: Answers) -> tuple[float, float]:
    return found.assumptions.value("load_amber"), found.assumptions.value("load_red")


def _noted(found: Answers, data: pl.DataFrame) -> pl.DataFrame:
    """The numbers of a download, with what names the assumptions that they rest on."""
    return data.with_columns(assumptions=pl.lit(found.assumptions.hash))


def _alt(title: str, summary: str) -> str:
    return f"{title}. {summary} Every value is in the table below the chart."


def _hidden_note(found: Answers) -> tuple[str, ...]:
    """Which counts are hidden and how they were taken."""
    hidden = found.inputs.hidden
    if hidden.is_empty():
        return ()
    by_site = hidden.group_by("site", maintain_order=True).len()
    named = [f"{said.site(row['site'])} ({row['len']})" for row in by_site.to_dicts()]
    return (
        f"Counts of under 10 requests a year are hidden, and taken as 5 each, in categories of {words.joined(named)}.",
    )


def _hidden_late(found: Answers) -> tuple[str, ...]:
    """How many counts of late requests are hidden and how they were taken."""
    late = found.inputs.late
    hidden = int(late["is_hidden"].sum())
    if not hidden:
        return ()
    return (
        f"{hidden} of {late.height} counts of late requests, by laboratory and category, are hidden: what the shown "
        "ones leave of a laboratory's total is spread over its hidden categories as its requests are.",
    )


def now(_snapshot: Snapshot, found: Answers, choice: Choice) -> Part:
    """The load ratio of each role: of a laboratory, or of the busiest role of each."""
    amber, red = _lines(found)
    is_asked = pl.col("role") == choice.role if choice.role and not choice.site else pl.lit(value=True)
    rows = _here(found.now, choice).filter(pl.col("hours_needed") > 0, is_asked).to_dicts()
    title, summary = said.now(rows, red, amber), said.now_summary(rows, amber)
    drawn = rows if choice.site or choice.role else workload.bottlenecks(found.now).to_dicts()
    points = [
        {
            "name": marks.in_lines(
                said.role(row["role"]) if choice.site else f"{said.site(row['site'])}: {_lower(row['role'])}"
            ),
            "value": row["load_ratio"],
            "lower": row["load_low"],
            "upper": row["load_high"],
            "said": said.ranged(row),
        }
        for row in drawn
    ]
    if not choice.site and not choice.role:
        summary += " The chart has the busiest role of each laboratory; the table has every role."
    table = pl.DataFrame(
        [
            {
                "Laboratory": said.site(row["site"]),
                "Role": said.role(row["role"]),
                "Load ratio (range)": said.ranged(row),
                "Reads": said.STATES[row["state"]],
                "Posts filled": said.posts(row["in_post_wte"]),
                "Posts needed": said.posts(row["wte_needed"]),
                "Hours of work": words.number(row["hours_needed"]),
                "Hours there are": words.number(row["hours_available"]),
            }
            for row in rows
        ]
    )
    inputs = found.inputs
    return Part(
        "now",
        title,
        summary,
        f"Hours of work and hours there are, by role. {_place(choice)}. Requests of the 12 months to "
        f"{words.long_date(inputs.volumes_to)}, staff of {words.long_date(inputs.census_day)}.",
        chart=capacity_charts.loads(
            points,
            ((amber, f"{amber:.2f}"), (red, f"{red:.2f}")),
            axis="Load ratio",
            alt=_alt(title, summary),
            highlight=marks.in_lines(said.role(choice.role)) if choice.site and choice.role else "",
        ),
        table=table,
        named_by=2,
        data=_noted(found, pl.DataFrame(rows)),
        figures=inputs.figures,
        notes=(
            "Lines are the range from every minute low to every minute high; dashed and full upright lines are amber "
            "and red. Posts needed are those for the amber line.",
            *_hidden_note(found),
        ),
        about=ABOUT_LOAD,
    )


def _lower(role: str) -> str:
    return words.lower_first(said.role(role))


def over_time(_snapshot: Snapshot, found: Answers, choice: Choice) -> Part:
    """The load ratio of one role, quarter by quarter, in each laboratory."""
    amber, _ = _lines(found)
    site, role = busiest(found, choice)
    rows = found.history.filter(pl.col("role") == role, pl.col("load_ratio").is_not_null())
    if rows.is_empty():
        return Part("over_time", "Load over time: cannot be told", NEEDS)
    recent = rows.filter(pl.col("period").is_in(rows["period"].unique().sort().tail(QUARTERS).implode()))
    stretched = recent.filter(pl.col("load_ratio") > amber)
    most = stretched.group_by("site").len().sort("len", "site", descending=[True, False])
    people = said.people(role)
    told = f"{people[:1].upper()}{people[1:]}"
    here = choice.site or (most["site"][0] if most.height else site)
    count = stretched.filter(site=here).height
    quarters = recent["period"].n_unique()
    title = f"{told} in {said.site(here)} were above {amber:.2f} in {count or 'none'} of the last {quarters} quarters"
    peak = rows.filter(site=here).sort("load_ratio").row(-1, named=True)
    summary = (
        f"The highest there was {said.ratio(peak['load_ratio'])}, in {capacity_answers.quarter_of(peak['period'])}. "
        "Each quarter's requests are set against the staff at its end, at today's minutes."
    )
    series = {
        said.site(code): [
            {
                "period": row["period"],
                "value": row["load_ratio"],
                "said": f"{capacity_answers.quarter_of(row['period'])}, {said.ratio(row['load_ratio'])}",
            }
            for row in part.sort("period").to_dicts()
        ]
        for (code,), part in rows.group_by("site", maintain_order=True)
    }
    wide = rows.with_columns(pl.col("load_ratio").round(2)).pivot(on="site", index="period", values="load_ratio")
    table = pl.DataFrame(
        [
            {"Quarter": capacity_answers.quarter_of(row["period"])}
            | {said.site(code): said.ratio(row[code]) for code in wide.columns if code != "period"}
            for row in wide.sort("period", descending=True).to_dicts()
        ]
    )
    return Part(
        "over_time",
        title,
        summary,
        f"Load ratio of {people}, by quarter.",
        chart=capacity_charts.over_time(
            series, (amber, f"Amber line, {amber:.2f}"), axis="Load ratio", alt=_alt(title, summary)
        ),
        table=table,
        data=_noted(found, rows),
        figures=found.inputs.figures,
        notes=("Hidden counts of a quarter are taken as 5 each.",),
        about=ABOUT_LOAD,
    )


def _totals(frame: pl.DataFrame, role: str) -> list[dict[str, Any]]:
    """Posts short of a role by year: what is to spare at one site does not make up for another."""
    names = ("gap_wte", "gap_low", "gap_high")
    return (
        frame.filter(role=role)
        .group_by("period", maintain_order=True)
        .agg(pl.col(name).clip(lower_bound=0).sum() for name in names)
        .to_dicts()
    )


def shortest(found: Answers, choice: Choice) -> str:
    """The role that a section on posts short is of: as chosen, or that with the most short in the last year."""
    if choice.role:
        return choice.role
    last = _here(found.ahead, choice).filter(period=found.inputs.years_ahead[-1])
    by_role = last.group_by("role", maintain_order=True).agg(pl.col("gap_wte").clip(lower_bound=0).sum())
    ranked = by_role.sort("gap_wte", descending=True, maintain_order=True)
    return str(ranked["role"][0]) if ranked["gap_wte"][0] > 0 else busiest(found, choice)[1]


def ahead(_snapshot: Snapshot, found: Answers, choice: Choice) -> Part:
    """Posts short of a role now and in each year to 2029-30."""
    role = shortest(found, choice)
    place, given = _place(choice), found.assumptions
    years = _here(found.ahead, choice)
    rows = _totals(years, role)
    short_now = float(_here(found.now, choice).filter(role=role)["gap_wte"].clip(lower_bound=0).sum())
    last = rows[-1]
    title = said.short(short_now, role, place, (last["period"], last["gap_wte"]))
    amber = given.value("load_amber")
    if capacity_inputs.is_forecast(found.inputs, given):
        requests = "Requests are as the page Demand expects them"
    else:
        requests = f"Requests grow by {given.value('growth'):.0%} a year"
    summary = (
        f"In {last['period']} it could be {said.posts(last['gap_low'])} with every minute low, and "
        f"{said.posts(last['gap_high'])} with every minute high. {requests}, and posts are counted for a load "
        f"ratio of {amber:.2f}."
    )
    drawn = [
        {
            "period": row["period"], "value": row["gap_wte"], "lower": row["gap_low"], "upper": row["gap_high"],
            "said": f"{said.posts(row['gap_wte'])} ({said.posts(row['gap_low'])} to {said.posts(row['gap_high'])})",
        }
        for row in rows
    ]  # fmt: skip
    every = {code: _totals(years, code) for code in given.roles}
    current = _here(found.now, choice)
    table = pl.DataFrame(
        [
            {
                "Role": said.role(code),
                "Short now": said.posts(float(current.filter(role=code)["gap_wte"].clip(lower_bound=0).sum())),
                **{
                    row["period"]: f"{said.posts(row['gap_wte'])} ({said.posts(row['gap_low'])} to "
                    f"{said.posts(row['gap_high'])})"
                    for row in by_year
                },
            }
            for code, by_year in every.items()
        ]
    )
    leaving = found.recruits.filter(role=role)
    leaving = _here(leaving, choice)
    notes = (
        f"To stand still, about {said.posts(float(leaving['leaving_wte'].sum()))} posts of {said.people(role)} are to "
        f"be filled again each year, about {said.posts(float(leaving['retiring_wte'].sum()))} of them for retirement.",
    )
    return Part(
        "ahead",
        title,
        summary,
        f"Posts short of {said.people(role)}, by financial year. {place}.",
        chart=capacity_charts.ahead(drawn, axis="Posts short", alt=_alt(title, summary)),
        table=table,
        data=_noted(found, years),
        figures=found.inputs.figures,
        notes=notes,
        about=ABOUT_GAP,
    )


def trainees(_snapshot: Snapshot, found: Answers, choice: Choice) -> Part:
    """Trainees who must start in each year, and when they count."""
    rows = _totals(_here(found.ahead, choice), workload.SCIENTIST)
    gap = {int(row["period"][:4]): row["gap_wte"] for row in rows}
    needed = workload.trainees_to_start(gap, found.assumptions).to_dicts()
    this_year = int(rows[0]["period"][:4])
    in_time = [row for row in needed if row["must_start_in"] >= this_year]
    years = round(found.assumptions.value("training_years"))
    missed = sum(row["trainees"] for row in needed if row["must_start_in"] < this_year)
    place = _place(choice)
    if not in_time:
        title = f"Nobody who starts training now counts before {this_year + years}-{(this_year + years + 1) % 100:02d}"
    elif not sum(row["trainees"] for row in needed):
        title = f"{place} needs no more trainees to close a gap of clinical scientists"
    else:
        first = in_time[0]
        number = first["trainees"]
        title = (
            f"{number or 'No'} {'trainee' if number == 1 else 'trainees'} must start in "
            f"{_financial(first['must_start_in'])} to count in "
            f"{_financial(first['counts_in'])}"
        )
    started = (
        f" {found.inputs.started} started in Scotland in the 12 months to the census."
        if (found.inputs.started is not None)
        else ""
    )
    late = (
        f" Gaps of the years before cannot be closed by training any more: that would have taken {missed} starts in "
        "earlier years."
        if missed
        else ""
    )
    summary = f"A trainee counts {years} years after starting.{late}{started}"
    table = pl.DataFrame(
        [
            {
                "Counts in": _financial(row["counts_in"]),
                "Posts short": said.posts(row["gap_wte"]),
                "Of them new that year": said.posts(row["to_add_wte"]),
                "Trainees": str(row["trainees"]),
                "Must start in": _financial(row["must_start_in"])
                + (" (past)" if row["must_start_in"] < this_year else ""),
            }
            for row in needed
        ]
    )
    return Part(
        "trainees",
        title,
        summary,
        f"Trainee clinical scientists. {place}.",
        table=table,
        data=_noted(found, pl.DataFrame(needed)),
        figures=found.inputs.figures,
        about=ABOUT_TRAINEES,
    )


def _financial(year: int) -> str:
    return f"{year}-{(year + 1) % 100:02d}"


def backlog(_snapshot: Snapshot, found: Answers, choice: Choice) -> Part:
    """Weeks to clear what is late, at present staffing."""
    rows = _here(found.backlog, choice)
    slow = pl.when(pl.col("clears") == "never").then(pl.lit(float("inf"))).otherwise(pl.col("weeks").fill_null(0.0))
    of_site = (
        rows.with_columns(order=slow)
        .sort("order", descending=True, maintain_order=True)
        .unique("site", keep="first", maintain_order=True)
        .sort("site")
        .to_dicts()
    )
    if found.inputs.late_at is None or not of_site:
        return Part("backlog", "Weeks to clear late requests: cannot be told", NEEDS)
    never = [said.site(row["site"]) for row in of_site if row["clears"] == "never"]
    worst = max(of_site, key=lambda row: row["order"])
    if never:
        title = f"At present staffing the late requests in {words.joined(never)} never clear"
    elif worst["clears"] == "none":
        title = "No late requests wait for staff"
    else:
        weeks = words.lower_first(said.clears(worst))
        weeks = weeks if weeks.startswith("within") else f"in {weeks}"
        slowest = said.site(worst["site"])
        at = f"in {slowest}" if choice.site else f"at the slowest laboratory, {slowest}"
        title = f"At present staffing the late requests clear {weeks} {at}"
    summary = "; ".join(f"{said.site(row['site'])}: {words.lower_first(said.clears(row))}" for row in of_site) + "."
    table = pl.DataFrame(
        [
            {
                "Laboratory": said.site(row["site"]),
                "Role": said.role(row["role"]),
                "Clears in": said.clears(row),
                "Hours still to do": words.number(row["backlog_hours"]),
                "Hours to spare a week": words.number(row["spare_hours_a_week"]),
            }
            for row in rows.to_dicts()
        ]
    )
    return Part(
        "backlog",
        title,
        summary,
        f"Requests past their due date on {words.long_date(found.inputs.late_at)}. {_place(choice)}.",
        table=table,
        data=_noted(found, rows),
        figures=found.inputs.figures,
        notes=_hidden_late(found),
        about=ABOUT_BACKLOG,
    )


def sensitivity(snapshot: Snapshot, found: Answers, choice: Choice) -> Part:
    """What each assumption does to a chosen answer."""
    role = busiest(found, choice)[1] if choice.answer == LOAD_NOW else shortest(found, choice)
    effects = capacity_answers.effects(snapshot, choice.overrides, choice.answer, choice.site, role)
    middle = capacity_answers.number(found.inputs, choice.answer, choice.site, role)(found.assumptions)
    of = f"{words.lower_first(choice.answer)} of {said.people(role)}"
    if not effects:
        return Part(
            "sensitivity",
            f"No assumption moves the {of}",
            "It stays as it is with each assumption at either end of its range.",
            about=ABOUT_SENSITIVITY,
        )
    show = said.ratio if choice.answer == LOAD_NOW else said.posts
    rows: list[dict[str, Any]] = [
        {
            "name": said.assumption(effect.id, found.assumptions),
            "at_low": effect.at_low,
            "at_high": effect.at_high,
            "said": f"{show(effect.at_low)} at its low value, {show(effect.at_high)} at its high one",
        }
        for effect in effects
    ]
    first = rows[0]
    title = (
        f"{first['name']} move the answer most: {show(min(first['at_low'], first['at_high']))} to "
        f"{show(max(first['at_low'], first['at_high']))}"
    )
    if not first["name"].startswith("Minutes"):
        title = title.replace(" move ", " moves ", 1)
    summary = (
        f"With these values it is {show(middle)} ({_place(choice)}). "
        "Each bar moves one assumption, all others as they are."
    )
    table = pl.DataFrame(
        [
            {
                "Assumption": row["name"],
                "At its low value": show(row["at_low"]),
                "At its high value": show(row["at_high"]),
            }
            for row in rows
        ]
    )
    return Part(
        "sensitivity",
        title,
        summary,
        f"{choice.answer}: {said.people(role)}. {_place(choice)}.",
        chart=capacity_charts.tornado(
            [row | {"name": marks.in_lines(row["name"])} for row in rows[:BARS]],
            middle,
            axis=choice.answer,
            alt=_alt(title, summary),
        ),
        table=table,
        data=_noted(found, pl.DataFrame(rows).drop("said")),
        figures=found.inputs.figures,
        about=ABOUT_SENSITIVITY,
    )


def week(_snapshot: Snapshot, found: Answers, choice: Choice) -> Part:
    """What the shorter full-time week took."""
    rows = _here(found.week, choice)
    hours, posts = float(rows["hours_lost"].sum()), float(rows["wte_lost"].sum())
    place = _place(choice)
    title = (
        f"The shorter week took {words.number(round(hours, -2))} hours a year in {place}, as much as "
        f"{said.posts(posts)} posts"
    )
    summary = (
        "For the staff in post now, against a week of 37.5 hours; all roles, whether or not their load is counted."
    )
    if hours <= 0:
        title = f"The full-time week was not shorter than 37.5 hours at this census in {place}"
    by_role = rows.group_by("role", maintain_order=True).agg(pl.col("in_post_wte", "hours_lost", "wte_lost").sum())
    table = pl.DataFrame(
        [
            {
                "Role": said.role(row["role"]),
                "Posts filled": said.posts(row["in_post_wte"]),
                "Hours lost a year": words.number(row["hours_lost"]),
                "In posts": said.posts(row["wte_lost"]),
            }
            for row in by_role.sort("hours_lost", descending=True).to_dicts()
        ]
    )
    return Part(
        "week",
        title,
        summary,
        f"Staff of {words.long_date(found.inputs.census_day)}. {place}.",
        table=table,
        data=_noted(found, rows),
        figures=found.inputs.figures,
        about=ABOUT_WEEK,
    )


def alone(_snapshot: Snapshot, found: Answers, choice: Choice) -> Part:
    """Services that rest on about one post."""
    rows = _here(found.alone, choice)
    place = _place(choice)
    if rows.is_empty():
        return Part("alone", f"No service in {place} rests on one post", "Every role in post has more than one.")
    title = f"{rows.height} services in {place} rest on about one post"
    if rows.height == 1:
        title = f"1 service in {place} rests on about one post"
    listed = [f"{said.people(row['role'])} in {said.site(row['site'])}" for row in rows.to_dicts()]
    table = pl.DataFrame(
        [
            {
                "Laboratory": said.site(row["site"]),
                "Role": said.role(row["role"]),
                "Posts filled": said.posts(row["in_post_wte"]),
            }
            for row in rows.to_dicts()
        ]
    )
    return Part(
        "alone",
        title,
        f"Nobody stands in there: {words.joined(listed)}.",
        f"Staff of {words.long_date(found.inputs.census_day)}. {place}.",
        table=table,
        data=_noted(found, rows),
        figures=found.inputs.figures,
        about=ABOUT_ALONE,
    )


SECTIONS: dict[str, Callable[[Snapshot, Answers, Choice], Part]] = {
    "now": now,
    "over_time": over_time,
    "ahead": ahead,
    "trainees": trainees,
    "backlog": backlog,
    "sensitivity": sensitivity,
    "week": week,
    "alone": alone,
}
