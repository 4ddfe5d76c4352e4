"""The sections of the page Scenarios: each a finding, a chart, a table, its download and how it is worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from capacity.code_version import code_version
from capacity.fairness import effects, widening
from capacity.hires import Goal, Search
from capacity.scenario_outcomes import differences
from capacity.scenarios import Scenario
from capacity.simulation import ALL
from catalogue.reference import labels
from ui import capacity_words as said
from ui import marks, scenario_charts, scenario_words, words
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask
from ui.outlook_sections import Part
from ui.scenario_groups import Groups
from ui.scenario_runs import MOST_POSTS, READING, REPLICATIONS, SEED, Outcome

Rows = list[dict[str, Any]]

#: The share within standard that laboratories are to reach, in percent.
TARGET = 90.0

#: Months of the past that are drawn before a simulation.
MONTHS_DRAWN = 24

SHARE = "in_standard_pct"


def _alt(title: str, summary: str) -> str:
    return f"{title}. {summary} Every value is in the table below the chart."


def _row(found: pl.DataFrame, year: str, measure: str, category: str = ALL) -> dict[str, Any] | None:
    rows = found.filter(year=year, measure=measure, category=category)
    return rows.row(0, named=True) if rows.height else None


def last_year(outcome: Outcome) -> str:
    """The last whole financial year that was simulated."""
    newest: str = outcome.years["year"].max()  # type: ignore[assignment]
    return newest


def seen(snapshot: Snapshot, site: str) -> Figure | None:
    """What was reported within standard at a laboratory by month."""
    return ask(snapshot, Query("reported_within_standard", "month", (("performing_lab", site),)))


def waits(snapshot: Snapshot, chosen: Outcome, planned: Outcome | None, beside: Sequence[Outcome]) -> Part:
    """What the scenario does to waits at a laboratory, on one chart with what happened and with other scenarios.

    planned: the run as planned, None where it is the one chosen. beside: all that is compared, that among them.
    """
    figure, site, year = seen(snapshot, chosen.site), said.site(chosen.site), last_year(chosen)
    found = {outcome.run: outcome.ranges() for outcome in (chosen, *beside)}
    base = None if planned is None else _row(found[planned.run], year, SHARE)
    title = scenario_words.waits(chosen.scenario, year, site, _row(found[chosen.run], year, SHARE), base)
    opened = scenario_words.count(_row(found[chosen.run], year, "open_count"))
    against = ""
    if planned is not None:
        waiting = scenario_words.count(_row(found[planned.run], year, "open_count"))
        against = f" As planned, {scenario_words.percent(base)}, and {waiting} open."
    growth = scenario_words.growth(*(_growth(found[one.run]) for one in (chosen, *([planned] if planned else []))))
    summary = (
        f"Open at the end of {year}: {opened} requests.{against} {growth}{scenario_words.RANGE} "
        f"{scenario_words.NOT_IN_RANGE}"
    )
    history = [] if figure is None else figure.cells.filter(pl.col("period_status") != "incomplete").to_dicts()
    history = [{**row, "value": row["value"] if row["state"] == "shown" else None} for row in history][-MONTHS_DRAWN:]
    lines = [
        (outcome.scenario.name, outcome.months.filter(measure=SHARE).sort("month").to_dicts())
        for outcome in (chosen, *beside)
    ]
    chart = scenario_charts.history_and_scenarios(
        history, lines, axis="Within standard", alt=_alt(title, summary), target=TARGET
    )
    table = [
        _line(outcome, planned, found[outcome.run], one)
        for outcome in (chosen, *beside)
        for one in sorted(outcome.years["year"].unique())
    ]
    data = pl.concat([_named(outcome, found[outcome.run]) for outcome in (chosen, *beside)])
    return Part(
        "waits",
        title,
        summary,
        f"Share of the requests due in a month that were reported within standard. {site}.",
        chart=chart,
        table=pl.DataFrame(table),
        data=data,
        figures=(figure,) if figure is not None and figure.cells.height else (),
        notes=(f"{REPLICATIONS} simulations, seed {SEED}, run {chosen.run}.", said.ASSUMED),
        about=scenario_words.ABOUT,
    )


def _growth(found: pl.DataFrame) -> float | None:
    """By how much requests received grow a year, from the first whole year to the last."""
    rows = found.filter(measure="received_count", category=ALL).sort("year")["mean"].to_list()
    if len(rows) < 2 or not rows[0] or rows[-1] is None:
        return None
    return float((rows[-1] / rows[0]) ** (1 / (len(rows) - 1)) - 1)


def _line(outcome: Outcome, planned: Outcome | None, found: pl.DataFrame, year: str) -> dict[str, str]:
    against = ""
    if planned is not None and planned.run != outcome.run:
        against = scenario_words.difference(_row(differences(outcome.years, planned.years), year, SHARE))
    return {
        "Scenario": outcome.scenario.name,
        "Financial year": year,
        "Within standard": scenario_words.percent(_row(found, year, SHARE)),
        "Against as planned": against or "-",
        "Requests received": scenario_words.count(_row(found, year, "received_count")),
        "Open at its end": scenario_words.count(_row(found, year, "open_count")),
        "Of these late": scenario_words.count(_row(found, year, "overdue_count")),
    }


def _named(outcome: Outcome, frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers of a run with all that it is named by."""
    return frame.with_columns(
        site=pl.lit(outcome.site),
        scenario=pl.lit(outcome.scenario.name),
        scenario_hash=pl.lit(outcome.scenario.hash),
        run=pl.lit(outcome.run),
        seed=pl.lit(str(SEED)),
        replications=pl.lit(str(REPLICATIONS)),
        code=pl.lit(code_version(READING)),
    )


def categories(chosen: Outcome, planned: Outcome) -> Part:
    """What the scenario does to each category in the last year, against what is planned."""
    year = last_year(chosen)
    found, base = chosen.ranges(), planned.ranges()
    against = differences(chosen.years, planned.years)
    rows: Rows = []
    for code, name in labels("turnaround_categories").items():
        after, before = _row(found, year, SHARE, code), _row(base, year, SHARE, code)
        if after is None or before is None or after["mean"] is None or before["mean"] is None:
            continue
        more = _row(against, year, SHARE, code)
        rows.append(
            {
                "name": marks.in_lines(name),
                "label": name,
                "before": before["mean"],
                "after": after["mean"],
                "said": f"{scenario_words.percent(before)} as planned, {scenario_words.percent(after)} here",
                "change": 0.0 if more is None or more["mean"] is None else more["mean"],
                "against": scenario_words.difference(more),
                "percent": scenario_words.percent(after),
                "planned": scenario_words.percent(before),
            }
        )
    rows.sort(key=lambda row: (row["change"], row["label"]))
    below = [row for row in rows if row["after"] < TARGET]
    was = sum(row["before"] < TARGET for row in rows)
    title = f"{len(below)} of {len(rows)} categories stay below {TARGET:.0f}% in {year}; as planned, {was}"
    summary = _changed_most(rows)
    chart = scenario_charts.before_and_after(
        rows, ("As planned", chosen.scenario.name), axis="Within standard", alt=_alt(title, summary), target=TARGET
    )
    names = {"label": "Category", "percent": chosen.scenario.name, "planned": "As planned", "against": "Difference"}
    if chosen.scenario.name in ("Category", "As planned", "Difference"):
        names["percent"] = "This scenario"
    return Part(
        "categories",
        title,
        summary,
        f"Within standard by category. {said.site(chosen.site)}, {year}.",
        chart=chart,
        table=pl.DataFrame([{shown: row[name] for name, shown in names.items()} for row in rows]),
        data=_named(chosen, against.filter(year=year, measure=SHARE)),
        notes=(f"The dashed line is {TARGET:.0f}%. Run {chosen.run} against {planned.run}.",),
        about=scenario_words.ABOUT,
    )


def _changed_most(rows: Rows) -> str:
    """Which category changes most for the worse, or where none does, for the better."""
    if not rows or all(abs(row["change"]) < scenario_words.NO_DIFFERENCE for row in rows):
        return "No category differs from what is planned."
    is_worse = rows[0]["change"] <= -scenario_words.NO_DIFFERENCE
    row, way = (rows[0], "worse") if is_worse else (rows[-1], "better")
    return f"{row['label']} changes most for the {way}: {row['percent']}, as planned {row['planned']}."


def hires(found: Search, chosen: Outcome, goal: Goal, start: str) -> Part:
    """The smallest hire set and what each post more brings."""
    site, by = said.site(chosen.site), words.month(goal.last)
    rows = found.curve.to_dicts()
    for row in rows:
        own = {name: row[name] for name in found.curve.columns[2:] if row[name]}
        row["said"] = scenario_words.hires(own) if own else "Nobody"
    if found.hires is None:
        title = scenario_words.no_hires(found, goal.percent, site, by)
        summary = scenario_words.why_no_hires(found, MOST_POSTS, start)
    elif not found.hires:
        title = f"{site} needs no hires for {goal.percent:.0f}% by {by}: it reaches {found.reached:.0f}%"
        summary = f"{scenario_words.with_it(chosen.scenario)}, the goal is reached by the staff as supposed."
    else:
        count = sum(found.hires.values())
        title = (
            f"{scenario_words.hires(found.hires)} bring{'s' if count == 1 else ''} {site} to "
            f"{found.reached:.0f}% within standard by {by}"
        )
        ruled_out = (
            "No smaller set reaches"
            if found.is_smallest
            else "The search ended before it ruled out every smaller set that might reach"
        )
        summary = (
            f"{scenario_words.with_it(chosen.scenario)}, all starting on {start}. {ruled_out} {goal.percent:.0f}%; "
            f"{words.number(found.tried)} sets were simulated."
        )
    chart = scenario_charts.trade_off(
        rows, axis="Within standard", across="Posts more", alt=_alt(title, summary), target=goal.percent
    )
    table = [{"Posts more": row["posts"], "Within standard": f"{row['percent']:.0f}%", "Who": row["said"]}
             for row in rows]  # fmt: skip
    return Part(
        "hires",
        title,
        summary,
        "Best share within standard that so many posts reach, of the sets tried.",
        chart=chart,
        table=pl.DataFrame(table),
        data=_named(chosen, found.curve),
        notes=(f"The dashed line is the goal. Run {chosen.run}.", said.ASSUMED),
        about=scenario_words.ABOUT_HIRES,
    )


def fairness(
    snapshot: Snapshot, held: Groups, scenario: Scenario, runs: Mapping[str, Outcome], planned: Mapping[str, Outcome]
) -> Part:
    """What the scenario does to waits by board of residence and urban-rural class; runs: by laboratory."""
    year = last_year(next(iter(runs.values())))

    def outcomes(of: Mapping[str, Outcome]) -> pl.DataFrame:
        return pl.concat(
            [
                one.years.filter((pl.col("year") == year) & (pl.col("category") != ALL)).select(
                    "replication", pl.lit(site).alias("site"), "category", SHARE
                )
                for site, one in of.items()
            ]
        )

    before, after = outcomes(planned), outcomes(runs)
    boards, classes = (effects(weight, before, after) for weight in (held.boards, held.classes))
    rows = [_group(row, snapshot.label("residence_board", row["group"])) for row in boards.to_dicts()]
    towns = [_group(row, snapshot.label("urban_rural", row["group"])) for row in classes.to_dicts()]
    rows.sort(key=lambda row: (row["change"], row["name"]))
    title = scenario_words.fairness(rows, scenario, year)
    was, now = widening(boards)
    summary = (
        f"Between the boards best and worst served lie {now:.0f} points, as planned {was:.0f}. "
        f"Between the urban-rural classes, {widening(classes)[1]:.0f}, as planned {widening(classes)[0]:.0f}."
    )
    chart = scenario_charts.before_and_after(
        rows, ("As planned", scenario.name), axis="Within standard", alt=_alt(title, summary), target=TARGET
    )
    table = [
        {
            "People living in": row["name"],
            "As planned": f"{row['before']:.0f}%",
            "With the scenario": f"{row['after']:.0f}%",
            "Difference": row["against"],
        }
        for row in (*rows, *towns)
    ]
    without = [snapshot.label("residence_board", code) for code in held.without]
    notes = ["The dashed line is 90%.", f"Runs {words.joined([one.run for one in runs.values()])}."]
    if without:
        notes.insert(0, f"Too few are shown to tell: {words.joined(without)}.")
    data = pl.concat(
        [boards.with_columns(by=pl.lit("residence_board")), classes.with_columns(by=pl.lit("urban_rural"))]
    )
    return Part(
        "fairness",
        title,
        summary,
        f"Within standard by board of residence. Scotland, {year}.",
        chart=chart,
        table=pl.DataFrame(table),
        data=data.with_columns(scenario=pl.lit(scenario.name), scenario_hash=pl.lit(scenario.hash)),
        notes=tuple(notes),
        about=scenario_words.ABOUT_FAIRNESS,
    )


def _group(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    against = scenario_words.difference({**row, "mean": row["change"]})
    told = f"{row['before']:.0f}% as planned, {row['after']:.0f}% with the scenario"
    return {**row, "name": name, "against": against, "said": told}
