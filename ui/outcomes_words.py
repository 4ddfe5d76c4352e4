"""Findings of the page Outcomes by rule: what came of tests, and for how many nobody recorded it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ui import words
from ui.figure import Figure
from ui.measures_table import interval
from ui.outcomes_measures import MOSTLY_UNSAID, Outcome

Row = Mapping[str, Any]

#: From so many not recorded on, what they could change is said.
WORTH_SAYING = 0.05


def unsaid_share(row: Row | None) -> float | None:
    """The share for which it is not recorded, from a row of those for which it is; None where that is not shown."""
    return None if row is None or row["state"] != "shown" else 1 - row["value"]


def overview(values: Sequence[str], mostly_unsaid: Sequence[str]) -> tuple[str, str]:
    """Finding and summary of all shares at once: how many are told, and of which most reports say nothing."""
    hidden = sum(value in (words.HIDDEN, words.NOT_AVAILABLE) for value in values)
    title = f"{len(values) - hidden} of {len(values)} outcomes can be told"
    if mostly_unsaid:
        title += f"; for {len(mostly_unsaid)} of them most reports do not say"
    named = words.joined([words.lower_first(name) for name in mostly_unsaid])
    summary = f"Most do not say: {named}. " if mostly_unsaid else ""
    if hidden:
        summary += f"{hidden} {'is' if hidden == 1 else 'are'} hidden: each {words.WHY_HIDDEN}. "
    return title, (
        f"{summary}Not told apart: the extract has a day where something was done, and a blank where it was not or "
        "where nobody recorded it."
    )


def over_time(outcome: Outcome, figure: Figure, recorded: Row | None) -> tuple[str, str]:
    """Finding and summary of a series. recorded: the row of how many say, of the same period, where there is one."""
    now = figure.headline
    if now is None:
        return f"{outcome.short}: no complete period to report", "Only incomplete periods are held for this view."
    moment = words.when(figure.query.grain, now)
    finding = outcome.says.format(value=words.amount(now))
    unsaid = unsaid_share(recorded)
    change = words.change(figure.entry, now, figure.a_year_before)
    sentences = [
        f"{moment[:1].upper()}{moment[1:]}: {words.number(now['numerator'])} of {words.number(now['denominator'])} "
        f"(95% interval {interval(now)}).",
        change,
        "Provisional: late reports may change this." if now["period_status"] == "provisional" else "",
        unrecorded(outcome, now, recorded),
    ]
    title = f"{finding}{words.short_change(now, figure.a_year_before)}"
    if unsaid is not None and not outcome.within:
        missing = words.percent(unsaid)
        title = f"{finding}; not recorded for {missing}"
        if outcome.apart:
            title = f"{finding}; {words.lower_first(outcome.bands[2])} for {missing} of {outcome.of}"
        elif unsaid >= MOSTLY_UNSAID:
            title = f"Cannot be told for {missing} of {outcome.of}: {outcome.whether} is not recorded"
            sentences = [f"{finding}.", *sentences]
    if figure.unshown is not None:
        return withheld(outcome, figure, title)
    return title, " ".join(filter(None, sentences))


def withheld(outcome: Outcome, figure: Figure, last: str) -> tuple[str, str]:
    """Finding and summary where the newest period is not shown, so that an old figure is not read as today's."""
    row = figure.unshown
    assert row is not None
    mark = f"hidden {words.HIDDEN}" if row["state"] == "confidential" else f"not available {words.NOT_AVAILABLE}"
    why = f" It {words.WHY_HIDDEN}." if row["state"] == "confidential" else ""
    return (
        f"{outcome.short}: {mark} {words.when(figure.query.grain, row)}",
        f"{why} Last shown: {words.lower_first(last)}.".strip(),
    )


def unrecorded(outcome: Outcome, now: Row, recorded: Row | None) -> str:
    """For how many it is not recorded, and where the share would lie if they were all one way or all the other."""
    if not outcome.unsaid:
        return ""
    if recorded is None or recorded["state"] != "shown":
        mark = words.amount(recorded) if recorded is not None else words.NOT_AVAILABLE
        return f"For how many {outcome.of} it is not recorded cannot be told {mark}."
    missing = recorded["denominator"] - recorded["numerator"]
    text = (
        f"{outcome.whether[:1].upper()}{outcome.whether[1:]} is not recorded for {words.number(missing)} of "
        f"{words.number(recorded['denominator'])} {outcome.of}."
    )
    if outcome.apart or outcome.within or missing < WORTH_SAYING * recorded["denominator"]:
        return text
    low, high = could_be(now, missing)
    return (
        f"{text} Were they all one way or all the other, the share of all would lie between {low:.0%} and {high:.0%}."
    )


def could_be(now: Row, missing: int) -> tuple[float, float]:
    """The share of all where none, and where all, of those not recorded had the outcome."""
    everybody = now["denominator"] + missing
    return now["numerator"] / everybody, (now["numerator"] + missing) / everybody


def side_by_side(
    outcome: Outcome, rows: Sequence[dict[str, Any]], plural: str, when: str, labels: Mapping[str, str]
) -> tuple[str, str]:
    """Finding and summary of shares side by side: how far apart they lie, and whether chance could be all of it."""
    shown = [row for row in rows if row["state"] == "shown" and row["value"] is not None]
    hidden = words.left_out(list(rows))
    if not shown:
        return f"{outcome.short}: every figure is hidden {words.HIDDEN}", f"Each {words.WHY_HIDDEN}."
    if len(shown) == 1:
        name = labels.get(shown[0]["code"], shown[0]["code"])
        finding = words.lower_first(outcome.says.format(value=words.amount(shown[0])))
        return f"{name}: {finding}", f"The only one shown, in the {when}.{hidden}"
    values = [row["value"] for row in shown]
    named = words.of_shown(plural, list(rows))
    title = f"{outcome.short}: from {min(values):.0%} to {max(values):.0%} in the {len(shown)} {named}"
    together = max(row["lower"] for row in shown) <= min(row["upper"] for row in shown)
    apart = (
        "Every 95% interval overlaps with every other, so no difference can be told from chance."
        if together
        else "Not all 95% intervals overlap. What is tested and why differs as well, so this is no ranking."
    )
    return title, f"In the {when}. {apart}{hidden}"


def action(figure: Figure) -> tuple[str, str]:
    """Finding and summary of the days to the first action, reports without one counted as still waiting."""
    now = figure.headline
    if now is None:
        return "Days from report to first action: not reached yet", "Fewer than half are acted on so far."
    title = f"Half of actionable reports are acted on within {words.days(now['value'])}"
    moment = words.when(figure.query.grain, now)
    summary = (
        f"Of {words.number(now['denominator'])} reports {moment} that were followed for 90 days or more; those without "
        f"a recorded action are counted as still waiting, not left out. 95% interval {interval(now)}. "
        f"{words.change(figure.entry, now, figure.a_year_before)}"
    )
    ninetieth = figure.statistic("p90").filter(period_start=now["period_start"])
    if ninetieth.height and ninetieth["state"][0] != "shown":
        summary += (
            f" By when nine in ten are acted on cannot be told {words.NOT_AVAILABLE}: too many have no action so far."
        )
    return title, summary
