"""Sentences on the aims of the strategy: state and why, actions, evidence, and what a measure says. No screens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ui import milestones, words
from ui.aim_measures import CONFIDENCE, ENDS, Outlook, Told
from ui.aim_state import NAMES, Actions, State, judge
from ui.aims import Aim, Aims
from ui.data import Snapshot
from ui.signals import ENOUGH
from ui.signals_words import CAUTIONS
from ui.tables import target as target_of

#: A mark beside each state's name, so that lists can be run over with the eye.
MARKS: dict[State, str] = {
    "on_course": "▲",
    "slipping": "◆",
    "off_course": "▼",
    "cannot_tell": "?",
    "not_measured": "–",
}

#: What so many aims of a state do, in a sentence.
IN_STATE: dict[State, str] = {
    "on_course": "{be} on course",
    "slipping": "{be} slipping",
    "off_course": "{be} off course",
    "cannot_tell": "cannot be told yet",
    "not_measured": "{be} not measured",
}

PROPOSAL = (
    "No official set of performance measures for the strategy has been published, so these measures are a proposal; "
    "each carries a mark that says who names it: Official, Follows official wording, UK, or Candidate."
)

VARIATION = {"improving": "Improving", "worsening": "Getting worse", "steady": "No real change"}

NO_OUTLOOK = {
    "too_few_points": "too few final periods of the same kind",
    "share_out_of_range": "a period stands at 0% or 100%",
    "contradicted": "the straight line through its final periods leads the other way than its control chart finds",
    "no_variation": "all periods are of one time",
}


def state(found: State) -> str:
    """A state by mark and name: `▼ Off course`."""
    return f"{MARKS[found]} {NAMES[found]}"


def finding(aims: Aims) -> str:
    """How many aims are in each state, as the finding of a page."""
    told = [
        f"{count} {IN_STATE[name].format(be='is' if count == 1 else 'are')}"
        for name, count in aims.counts.items()
        if count
    ]
    return f"Of the {len(aims.aims)} aims, {words.joined(told)}"


def reasons(aim: Aim) -> str:
    """Why the aim is in its state: the rule's own sentences, those of a state that cannot be told put together."""
    if aim.judged.state != "cannot_tell" or not aim.usable:
        return " ".join(aim.judged.reasons)
    steady = [told.entry.title for told in aim.usable if told.variation == "steady"]
    others = [told.entry.title for told in aim.usable if told.variation != "steady"]
    parts = [f"Neither improvement nor worsening: {words.joined(steady)}."] if steady else []
    if others:
        parts.append(f"Too few points, or no better direction, to say which way it goes: {words.joined(others)}.")
    return " ".join(parts)


def basis(aim: Aim) -> str:
    """What measures alone and actions alone would say, so that a reader sees what the state rests on."""
    by_measures = judge([told.measured for told in aim.judging], Actions()).state
    by_actions = judge([], aim.summed).state
    if aim.actions is None:
        return "It rests on measures alone: this release does not tell the strategy's actions."
    actions = "none is due" if by_actions == "not_measured" else words.lower_first(NAMES[by_actions])
    return f"By its measures alone: {words.lower_first(NAMES[by_measures])}. By its actions alone: {actions}."


def actions(aim: Aim, reported_on: dt.date | None) -> str:
    """How many of an aim's actions are due, done and late, in a sentence."""
    if aim.actions is None or reported_on is None:
        return "Actions: not in this release."
    due = milestones.due(aim.actions, reported_on)
    if not due:
        return f"Actions: none of {len(aim.actions)} is due by {words.long_date(reported_on)}."
    count = {name: sum(action.standing == name for action in due) for name in milestones.STANDINGS}
    parts = [
        f"{count['done_on_time']} done on time" * bool(count["done_on_time"]),
        f"{count['done_late']} done late" * bool(count["done_late"]),
        f"{count['done']} done without a day" * bool(count["done"]),
        f"{count['late']} overdue" * bool(count["late"]),
        f"{count['withdrawn']} withdrawn" * bool(count["withdrawn"]),
    ]
    soon = sum(action.standing == "due_soon" for action in aim.actions)
    more = (
        f" {soon} more {'falls' if soon == 1 else 'fall'} due in the next {milestones.SOON_MONTHS} months."
        if soon
        else ""
    )
    return (
        f"Actions: of {len(due)} due by {words.long_date(reported_on)}, "
        f"{words.joined([part for part in parts if part])}.{more}"
    )


def evidence(aim: Aim) -> str:
    """How many measures have a figure that can be used, and the quality of the data behind these."""
    usable, total = aim.usable, len(aim.judging)
    if not total:
        return "Evidence: no measure in this release."
    grades = [told.figure.quality.grade if told.figure and told.figure.quality else "" for told in usable]
    told = [f"{name} in {grades.count(name)}" for name in ("good", "fair") if name in grades]
    if "" in grades:
        told.append(f"not graded in {grades.count('')}")
    quality = f"; data quality {words.joined(told)}" if told else ""
    have = "has" if len(usable) < 2 else "have"
    return f"Evidence: {len(usable) or 'none'} of {total} measures {have} a figure that can be used{quality}."


def unusable(told: Told) -> str:
    """Why a measure has no figure that can be used, and what would give it one; empty where it has one."""
    why = told.unusable
    if why is None:
        return ""
    if why == "awaited":
        return f"No data yet. What would fix it: {words.lower_first(told.entry.awaits or '').rstrip('.')}."
    source = told.entry.source
    return {
        "by_group_only": "No single figure for Scotland: it is told by group only.",
        "hidden": f"Every figure is hidden {words.HIDDEN} or cannot be worked out {words.NOT_AVAILABLE}: too few are "
        f"behind it. What would fix it: more cases in the return ({source}).",
        "absent": f"No figure in this release. What would fix it: {words.lower_first(source)}, sent for the period.",
        "poor": "Its data quality is poor, so it does not judge the aim.",
    }[why]


def value(told: Told) -> str:
    """The newest value with its period and what it is of; why there is none."""
    row, figure = told.row, told.figure
    if row is None or figure is None:
        return unusable(told)
    moment = words.when(figure.query.grain, row, told.entry.kind == "snapshot")
    mark = words.provisional(row).lower()
    of = ""
    if row["statistic"] == "share" and row["numerator"] is not None and row["denominator"] is not None:
        of = f", {words.number(row['numerator'])} of {words.number(row['denominator'])}"
    if row["statistic"] == "median":
        moment = f"(median) {moment}"
    newer = " The newest period is not shown; this is the last that is." if figure.unshown else ""
    return f"{words.amount(row)}{_interval(row)} {moment}{of}{f' ({mark})' if mark else ''}.{newer}"


def _interval(row: Mapping[str, Any]) -> str:
    """The 95% interval of a value, where it has one."""
    lower, upper = row["lower"], row["upper"]
    if lower is None or upper is None:
        return ""
    if row["statistic"] == "share":
        low, high = (words.percent(bound, row["denominator"]) for bound in (lower, upper))
        return f" (95% interval {low} to {high})"
    return f" (95% interval {lower:,.0f} to {upper:,.0f})"


def direction(told: Told) -> str:
    """Which way a measure goes by process control, or why that cannot be told."""
    if told.entry.better == "context":
        return "Context: neither way is better."
    if told.variation is not None:
        caution = CAUTIONS.get(told.drawn.icons[""]["caution"] or "", "") if told.drawn else ""
        said = f"{VARIATION[told.variation]}, by its control chart of {told.points} final points."
        return f"{said} {caution}".strip()
    if told.points:
        return f"Too few points to say which way it goes: {told.points} of the {ENOUGH} that a chart needs."
    return "Too few points to say which way it goes."


def way(told: Told) -> str:
    """The same in a few words, for a table."""
    if told.row is None:
        return ""
    if told.entry.better == "context":
        return "Context"
    return f"{VARIATION[told.variation]} ({told.points} points)" if told.variation else "Too few points"


def target(snapshot: Snapshot, told: Told) -> str:
    """The target with its source and where the value lies; that there is none."""
    if told.entry.target is None:
        return "No target is written down."
    said = f"Target {target_of(snapshot, told.entry)}"
    where = {True: "met, with its whole 95% interval", False: "not met", None: "the 95% interval holds it"}[told.meets]
    about = words.about_target(told.entry)
    return f"{said}: {where}.{f' {about}' if about else ''}" if told.row is not None else f"{said}."


def chance(told: Told) -> str:
    """The chance of standing on target at the end of 2029 with range and model; why it cannot be told; or nothing."""
    if told.target is None or told.row is None:
        return ""
    if told.outlook is None:
        why = NO_OUTLOOK.get(told.no_outlook, "the points do not allow it")
        return f"Where it will stand by the end of {ENDS.year} cannot be told: {why}."
    found = told.outlook
    return (
        f"If it goes on as it has, the chance of being on target at the end of {ENDS.year} is {likely(found.chance)}: "
        f"it would stand at {found.value:.0%}, {CONFIDENCE:.0%} range {found.lower:.0%} to {found.upper:.0%}. "
        f"{model(found)}"
    )


def model(found: Outlook) -> str:
    """The model behind a chance, named."""
    unit = "quarters" if found.grain == "quarter" else "years"
    return (
        f"Model: a straight line through the log odds of {found.points} final {unit}; it knows of no change of course."
    )


def likely(share: float) -> str:
    """A chance in whole per cent, without claiming certainty."""
    return "under 1%" if share < 0.01 else "over 99%" if share > 0.99 else f"{share:.0%}"


def measure(snapshot: Snapshot, told: Told, with_id: bool = True) -> str:
    """All that is told of a measure, as lines of one item of a list."""
    lines = [f"**{told.entry.number} {told.entry.title}** ({words.STATUS_MARK[told.entry.status]})", value(told)]
    if told.row is not None:
        lines += [direction(told), target(snapshot, told), chance(told)]
        if told.unusable == "poor":
            lines.append(unusable(told))
        lines.append(f"Data quality: {words.graded(told.figure.quality if told.figure else None)}.")
        if with_id and told.figure_id:
            lines.append(f"Figure id: `{told.figure_id}`")
    elif told.entry.target is not None:
        lines.append(target(snapshot, told))
    return "- " + "  \n  ".join(line for line in lines if line)


def changed_definitions(snapshot: Snapshot) -> list[str]:
    """The measures whose definition changed in the year before the newest data, newest change first."""
    data_to = snapshot.release.data_to
    if data_to is None:
        return []
    since = data_to.replace(year=data_to.year - 1, day=1)
    found = [
        (change.date, f"{entry.number} {entry.title}: {change.what} ({words.long_date(change.date)})")
        for entry in snapshot.facts.indicators.values()
        for change in entry.changes
        if change.date >= since
    ]
    return [text for _, text in sorted(found, reverse=True)]
