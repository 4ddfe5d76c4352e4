"""Sentences of the page Scenarios: what a scenario does to waits, what it supposes, whose waits change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from capacity.assumptions import Assumptions
from capacity.backtest import SHARE, Score
from capacity.hires import Search
from capacity.scenarios import Scenario
from catalogue.reference import labels
from ui import capacity_show, demand_words, words
from ui import capacity_words as said

Row = Mapping[str, Any]

#: A difference of fewer points than this is not told as one.
NO_DIFFERENCE = 1.0

#: So many categories are named of those late for other reasons than hours.
MOST_LATE = 3

#: Two figures nearer than this are told as about the same, so that nobody reads a gain into chance.
SAME = 1.5

RANGE = "In brackets is the 95% range."
NOT_IN_RANGE = (
    "It holds chance in what arrives and in how long work takes, and what usually changes from year to year; not "
    "whether the minutes or the forecast of demand are right, nor people who come or leave otherwise than planned."
)
NOT_SIMULATED = (
    "A scenario needs requests by category, their forecast and staff by role. This release does not show them for this "
    "laboratory, so nothing is simulated."
)
CANNOT_RUN = (
    "Simulation compiles its own machine code, and this server may not run it. Forecasts of demand and the page "
    "Capacity need none of it and work as usual. If you look after this dashboard, see "
    "`docs/decisions/0021-from-staff-to-waits.md`."
)
ABOUT = (
    "- **Simulated:** every request from receipt to report, through each step's people, their hours, what waits today, "
    "working days and Scottish holidays, 100 times over. Requests follow the forecast of demand; staff stay as at the "
    "newest census unless a scenario changes them.\n"
    "- **Within standard:** of the requests that fell due in the year, reported or not.\n"
    "- **Same requests:** scenarios meet the same requests with the same chance, so their difference is surer than "
    "either figure; its range holds chance alone.\n"
    "- **Not in it:** what staff do to keep up that the minutes do not tell: overtime, bank staff, sending work away. "
    "A queue that grows without end here is a warning, not a forecast of what a laboratory would let happen.\n"
    "- **Again:** the same scenario on the same release gives the same figures; the run's name stands in every export."
)
ABOUT_HIRES = (
    "- **Searched:** whole posts of the roles that are busy, all starting on one day. For each role the fewest posts "
    "that do if nobody else is short; then a set of which no post can be left out; then every smaller set, as far as "
    "the sets that may be simulated go.\n"
    "- **Where no set reaches the goal:** one is sought that comes within a point of the most that people bring.\n"
    "- **Rests on:** more people never make waits longer. Sets meet the same requests; 10 simulations each.\n"
    "- **Not in it:** whether these people can be found, and that they take time to learn the work."
)
ABOUT_FAIRNESS = (
    "- **Worked out:** for each board of residence, its requests by category, and the laboratories to which its "
    "residents' samples go, times the simulated share within standard of that laboratory and category.\n"
    "- **Supposed:** a board's requests of every category go to laboratories alike; people in towns or remote places "
    "ask for what their board asks for. So a difference comes from the mix alone.\n"
    "- **Not in it:** transport, collection, and differences between patients of one kind."
)

NO_SCORE = "The simulation cannot be checked against last year here: too little of that year is shown."


def unreadable(files: int) -> str:
    """That the folder of saved scenarios holds files that are none."""
    count, is_one = words.number(files), files == 1
    return (
        f"**{count} file{'' if is_one else 's'} in the folder of saved scenarios hold{'s' if is_one else ''} none** "
        f"and {'is' if is_one else 'are'} not in the list: damaged, of another version, or put there by hand. Whoever "
        "looks after this dashboard finds which in its log."
    )


def score(found: Sequence[Score], site: str) -> str:
    """How the last year was foretold from its start, against saying that it would be as the year before."""
    share = next((one for one in found if one.measure == SHARE), None)
    if share is None or not share.of:
        return NO_SCORE
    nearer = "nearer than" if share.off < share.off_before else "no nearer than"
    lean = ""
    if abs(share.lean) >= NO_DIFFERENCE:
        lean = f" It leaned {abs(share.lean):.0f} points too {'high' if share.lean > 0 else 'low'}."
    return (
        f"**Checked against last year at {site}.** Simulated from its start with what was known then, shares within "
        f"standard by quarter and category were {share.off:.1f} points off on average, {nearer} saying “as the year "
        f"before” ({share.off_before:.1f}).{lean} Of {share.of}, {share.within_95} lay in the 95% range."
    )


def with_it(scenario: Scenario) -> str:
    """A scenario as the beginning of a sentence."""
    return "As planned" if scenario.is_as_planned else f"With {words.lower_first(scenario.name)}"


def percent(row: Row | None) -> str:
    """A percentage with its range."""
    if row is None or row["mean"] is None:
        return words.NOT_AVAILABLE
    return f"{row['mean']:.0f}% ({row['lower_95']:.0f} to {row['upper_95']:.0f})"


def waits(scenario: Scenario, year: str, site: str, row: Row | None, planned: Row | None) -> str:
    """The finding: how many within standard, by when, where; and as planned."""
    if row is None or row["mean"] is None:
        return f"{with_it(scenario)}: nothing falls due at {site} in {year}"
    told = f"{with_it(scenario)}, {percent(row)} within standard in {year} at {site}"
    if planned is None or planned["mean"] is None:
        return told
    if abs(row["mean"] - planned["mean"]) < SAME:
        return f"{told}, about as planned"
    return f"{told}; as planned, {planned['mean']:.0f}%"


def growth(own: float | None, planned: float | None = None) -> str:
    """By how much requests grow a year, so that what is planned is not taken for standing still."""
    if own is None:
        return ""
    against = "" if planned is None or f"{planned:.0%}" == f"{own:.0%}" else f", {planned:.0%} as planned"
    return f"Requests grow by {own:.0%} a year{against}. "


def difference(row: Row | None) -> str:
    """A difference in points with its range."""
    if row is None or row["mean"] is None:
        return words.NOT_AVAILABLE
    if abs(row["mean"]) < NO_DIFFERENCE:
        return "No difference"
    return words.minus(f"{row['mean']:+.0f} points ({row['lower_95']:+.0f} to {row['upper_95']:+.0f})")


def count(row: Row | None) -> str:
    """A count with its range, as rounded as it deserves."""
    if row is None or row["mean"] is None:
        return words.NOT_AVAILABLE
    low, high = (demand_words.hundreds(row[name]) for name in ("lower_95", "upper_95"))
    return f"{demand_words.hundreds(row['mean'])} ({low} to {high})"


def supposes(scenario: Scenario, given: Assumptions) -> list[str]:
    """What a scenario supposes, a line each."""
    names = {
        (dimension, code): label
        for dimension, listed in (("turnaround_category", "turnaround_categories"), ("technology", "technologies"))
        for code, label in labels(listed).items()
    }
    lines = list(demand_words.supposed(scenario.drivers, names))
    for row in scenario.more:
        kind = f" of {words.lower_first(labels('turnaround_categories')[row.category])}" if row.category else ""
        way = "more" if row.more >= 0 else "fewer"
        lines.append(f"{abs(row.more):.0%} {way} requests{kind} than forecast from {words.long_date(row.start)}")
    for change in scenario.staff:
        more = "more" if change.wte > 0 else "fewer"
        lines.append(
            f"{said.posts(abs(change.wte))} posts {more} of {said.people(change.role)} in {said.site(change.site)} "
            f"from {words.long_date(change.start)}"
        )
    for trainees in scenario.trainees:
        lines.append(
            f"{trainees.a_year:g} trainees more a year in {said.site(trainees.site)}, from "
            f"{words.long_date(trainees.start)} to {words.long_date(trainees.until)}"
        )
    for move in scenario.moves:
        kind = f" of {words.lower_first(labels('turnaround_categories')[move.category])}" if move.category else ""
        lines.append(
            f"{move.share:.0%} of the requests{kind} of {said.site(move.from_site)} are done in "
            f"{said.site(move.to_site)} from {words.long_date(move.start)}"
        )
    if scenario.week is not None:
        lines.append(f"A full-time week of {scenario.week.hours:g} hours from {words.long_date(scenario.week.start)}")
    if scenario.overrides:
        these = capacity_show.these(given, scenario.overrides)
        lines.append(f"{these[:1].upper()}{these[1:]}")
    return lines


def hires(found: Mapping[str, int]) -> str:
    """A set of hires: `2 clinical scientists and 1 bioinformatician`."""
    return words.joined(
        [f"{n} {words.lower_first(said.role(role)) if n == 1 else said.people(role)}" for role, n in found.items()]
    )


def no_hires(found: Search, goal: float, site: str, by: str) -> str:
    """The finding where no hires reach a goal: how far they get, and how many bring nearly all of that."""
    told = f"No hires bring {goal:.0f}% within standard at {site} by {by}: at most {found.reached:.0f}%"
    if found.nearest is None or found.near_percent is None:
        return told
    if not found.nearest:
        return f"{told}, and it is there without any"
    count = sum(found.nearest.values())
    bring = "post brings" if count == 1 else "posts bring"
    return f"{told}, and {count} {bring} {found.near_percent:.0f}%"


def why_no_hires(found: Search, most: int, start: str) -> str:
    """What people can bring, and what stands in the way of more."""
    parts = []
    if found.nearest:
        parts.append(
            f"{hires(found.nearest)}, from {start}, come within a point of what {most} posts more of every busy role "
            "bring."
        )
    else:
        parts.append(f"{most} posts more of every busy role do not reach it.")
    parts.append(
        "The rest is not hours: days in which nobody works on a request (machines, runs, second opinions, other "
        "laboratories) are taken to stay as in the last year."
    )
    late = found.late.head(MOST_LATE).to_dicts() if found.late.height else []
    every = float(found.late["late_count"].sum()) if found.late.height else 0.0
    if every > 0:
        names = labels("turnaround_categories")
        told = words.joined(
            [f"{names[row['category']]} ({row['late_count'] / every:.0%})" for row in late if row["late_count"] > 0]
        )
        parts.append(f"Most that would still be late: {told}.")
    return " ".join(parts)


def fairness(rows: Sequence[Row], scenario: Scenario, year: str) -> str:
    """The finding: whose waits change most, and whether boards drift apart."""
    most = max(rows, key=lambda row: abs(row["change"]))
    if abs(most["change"]) < NO_DIFFERENCE:
        return f"{with_it(scenario)}, no board's residents wait differently in {year} than as planned"
    way = "gain" if most["change"] > 0 else "lose"
    return (
        f"{with_it(scenario)}, people in {most['name']} {way} most: {most['after']:.0f}% within standard in {year}, "
        f"{most['before']:.0f}% as planned"
    )
