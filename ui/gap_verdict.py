"""What a gap between two groups of people lets one say: one rule for every page, and the sentence that it gives.

A gap has limits of chance, and, where the group of some people is not recorded, a band of what they could make it. Only
what holds under both is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal[
    "withheld",
    "hidden",
    "too_few",
    "unknown_could_explain",
    "ages_could_explain",
    "no_gap_seen",
    "higher",
    "lower",
]

#: What each verdict means, for the page and the glossary.
MEANS: dict[Verdict, str] = {
    "withheld": "Too few people have a recorded ethnic group for a gap to be shown.",
    "hidden": "A number that the gap needs stands for too few people to be shown.",
    "too_few": "Too few people of the two groups had like requests to compare.",
    "unknown_could_explain": "A gap is seen, but people whose group is not recorded could explain all of it: "
    "the data cannot tell.",
    "ages_could_explain": "A gap is seen, but the group's ages, which are not known, could explain all of it together "
    "with people whose group is not recorded: the data cannot tell.",
    "no_gap_seen": "No gap is seen; one that lies within the limits cannot be ruled out.",
    "higher": "Higher than the group compared with, beyond what chance and unrecorded groups explain.",
    "lower": "Lower than the group compared with, beyond what chance and unrecorded groups explain.",
}

#: The same in two or three words, for a table.
SHORT: dict[Verdict, str] = {
    "withheld": "Withheld",
    "hidden": "Hidden",
    "too_few": "Too few to compare",
    "unknown_could_explain": "Cannot tell",
    "ages_could_explain": "Cannot tell",
    "no_gap_seen": "No gap seen",
    "higher": "Higher",
    "lower": "Lower",
}


@dataclass(frozen=True)
class Evidence:
    """What is known of one gap.

    lower, upper: limits of chance. lowest, highest: what people of unrecorded group could make of it; null where the
    group is known of everybody. at_other_ages: the band from lowest to highest at every age structure that the groups
    may have, where ages are not known and the gap is a ratio or difference that ages move; null where ages are allowed
    for. no_gap: the value that means no gap, 0 of a difference and 1 of a ratio. recorded: the
    share of people whose ethnic group is recorded, where the gap is between ethnic groups; needed: the least that lets
    gaps be shown.
    """

    is_shown: bool
    lower: float | None
    upper: float | None
    lowest: float | None = None
    highest: float | None = None
    no_gap: float = 0.0
    recorded: float | None = None
    needed: float = 0.0
    at_other_ages: tuple[float, float] | None = None


def verdict(evidence: Evidence) -> Verdict:
    """The one verdict that the evidence allows, the gravest objection first."""
    if evidence.recorded is not None and evidence.recorded < evidence.needed:
        return "withheld"
    if not evidence.is_shown:
        return "hidden"
    if evidence.lower is None or evidence.upper is None:
        return "too_few"
    if evidence.lower <= evidence.no_gap <= evidence.upper:
        return "no_gap_seen"
    side: Verdict = "higher" if evidence.lower > evidence.no_gap else "lower"
    if not _holds(side, evidence.lowest, evidence.highest, evidence.no_gap):
        return "unknown_could_explain"
    youngest, oldest = evidence.at_other_ages or (None, None)
    if not _holds(side, youngest, oldest, evidence.no_gap):
        return "ages_could_explain"
    return side


def _holds(side: Verdict, lowest: float | None, highest: float | None, no_gap: float) -> bool:
    """Whether a whole band lies on a side; where there is no band, nothing speaks against it."""
    if lowest is None or highest is None:
        return True
    return lowest > no_gap if side == "higher" else highest < no_gap


def sentence(
    found: Verdict,
    what: str,
    group: str,
    other: str,
    size: str = "",
    limits: str = "",
    unknown: str = "whose ethnic group is not recorded",
) -> str:
    """The verdict as a sentence about a measure.

    what: the measure in words, such as "the share reported within standard". size, limits: the gap and its limits as
    they read on the page ("4 points", "2 to 6 points"); neither is named where nothing may be said of them. unknown:
    who is of no known group.
    """
    if found == "withheld":
        return f"No gap is shown for {group}: too few people have a recorded ethnic group."
    if found == "hidden":
        return f"For {group} {what} is hidden, because it stands for too few people."
    if found == "too_few":
        return f"Too few people of {group} and {other} had like requests for {what} to be compared."
    if found == "no_gap_seen":
        return f"For {group} no gap from {other} is seen in {what}; anything from {limits} is compatible with the data."
    if found == "unknown_could_explain":
        return (
            f"For {group} {what} looks different from {other} by {size}, but people {unknown} "
            "could explain all of it: the data cannot tell."
        )
    if found == "ages_could_explain":
        return (
            f"For {group} {what} looks different from {other} by {size}, but the ages of the group, which are not "
            "known, could explain it together with people whose group is not recorded: the data cannot tell."
        )
    return f"For {group} {what} is {found} than for {other} by {size} ({limits})."
