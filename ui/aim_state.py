"""Where an aim of the strategy stands: five states, each by a written rule, with the reasons that led to it.

The rule knows what measures and milestones say and nothing else. A judgement can stand beside its answer, never in its
place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["not_measured", "off_course", "slipping", "on_course", "cannot_tell"]
Variation = Literal["improving", "worsening", "steady"]

#: The share of actions due that, not done, puts an aim off course.
OVERDUE_SHARE = 0.5
#: An action overdue by more days than this is a sign of slipping.
OVERDUE_DAYS = 90
#: Under this chance of standing on target at the strategy's end a measure is off its course; under the next it slips.
OFF_COURSE_UNDER, SLIPPING_UNDER = 0.1, 0.5

NAMES: dict[State, str] = {
    "on_course": "On course",
    "slipping": "Slipping",
    "off_course": "Off course",
    "cannot_tell": "Cannot tell yet",
    "not_measured": "Not measured",
}

#: The rule as readers see it, the first that holds decides.
RULES: dict[State, str] = {
    "not_measured": "No measure of the aim has a figure that can be used, and no action for it has fallen due.",
    "off_course": (
        f"At least {OVERDUE_SHARE:.0%} of the actions due are not done, or a measure misses its target now and has a "
        f"chance under {OFF_COURSE_UNDER:.0%} of standing on it at the end of 2029 on its present course."
    ),
    "slipping": (
        f"An action is overdue by more than {OVERDUE_DAYS} days, or a measure is getting worse by process control, or "
        f"misses its target with a chance under {SLIPPING_UNDER:.0%} of standing on it at the end of 2029."
    ),
    "on_course": (
        "None of these, and a measure is improving by process control, or meets its target, or all actions due are "
        "done."
    ),
    "cannot_tell": "None of the others: there are figures, and they do not yet say which way the aim goes.",
}


@dataclass(frozen=True)
class Measured:
    """What one measure says.

    has_figure: whether there is a figure that can be used. meets_target: null where the measure has no target, or where
    its limits hold the target. chance: of standing on target at the end of 2029; null where there is no target or it
    cannot be told. variation: by process control; null with too few points, or where neither way is better.
    """

    title: str
    has_figure: bool
    meets_target: bool | None = None
    chance: float | None = None
    variation: Variation | None = None


@dataclass(frozen=True)
class Actions:
    """The aim's actions that are due: how many, how many of them are done, and for how long the longest is overdue."""

    due: int = 0
    done: int = 0
    longest_overdue_days: int = 0


@dataclass(frozen=True)
class Judged:
    """The state of an aim and the sentences that say why."""

    state: State
    reasons: tuple[str, ...]


def judge(measures: Sequence[Measured], actions: Actions) -> Judged:
    """The state of an aim by the rule, the first that holds, with its reasons."""
    usable = [measure for measure in measures if measure.has_figure]
    if not usable and not actions.due:
        return Judged("not_measured", ("No measure has a figure that can be used, and no action is due yet.",))
    if off := tuple(_off_course(usable, actions)):
        return Judged("off_course", off)
    if slips := tuple(_slipping(usable, actions)):
        return Judged("slipping", slips)
    if well := tuple(_on_course(usable, actions)):
        return Judged("on_course", well)
    return Judged("cannot_tell", tuple(_open(usable)))


def _off_course(measures: Sequence[Measured], actions: Actions) -> Iterator[str]:
    left = actions.due - actions.done
    if actions.due and left / actions.due >= OVERDUE_SHARE:
        yield f"{left} of {actions.due} actions due are not done."
    for measure in measures:
        if _misses(measure, OFF_COURSE_UNDER):
            yield f"{measure.title} misses its target and would hardly be on it by the end of 2029."


def _slipping(measures: Sequence[Measured], actions: Actions) -> Iterator[str]:
    if actions.longest_overdue_days > OVERDUE_DAYS:
        yield f"An action is overdue by {actions.longest_overdue_days} days."
    for measure in measures:
        if measure.variation == "worsening":
            yield f"{measure.title} is getting worse."
        elif _misses(measure, SLIPPING_UNDER):
            yield f"{measure.title} misses its target and is more likely than not to miss it at the end of 2029."


def _on_course(measures: Sequence[Measured], actions: Actions) -> Iterator[str]:
    for measure in measures:
        if measure.variation == "improving":
            yield f"{measure.title} is improving."
        elif measure.meets_target:
            yield f"{measure.title} meets its target."
    if actions.due and actions.done == actions.due:
        yield f"All {actions.due} actions due are done."


def _open(measures: Sequence[Measured]) -> Iterator[str]:
    for measure in measures:
        if measure.variation == "steady":
            yield f"{measure.title} shows neither improvement nor worsening."
        else:
            yield f"{measure.title} has too few points, or no better direction, to say which way it goes."
    if not measures:
        yield "No measure has a figure that can be used; only actions tell of this aim."


def _misses(measure: Measured, under: float) -> bool:
    return measure.meets_target is False and measure.chance is not None and measure.chance < under
