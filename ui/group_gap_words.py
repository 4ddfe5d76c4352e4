"""Sentences on gaps between groups of people: who is compared, how large a gap is, what it lets one say. No screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalogue.dimensions import dimensions, strata_names
from catalogue.indicators import Indicator
from ui import words
from ui.gap_verdict import MEANS, SHORT, Verdict, sentence

Row = Mapping[str, Any]
Labels = Mapping[str, Mapping[str, str]]

#: Measures of what a result says or leads to: their crude shares follow what was tested, so they are no finding.
RESULTS = frozenset(
    {
        "diagnostic_yield",
        "uncertain_results",
        "uncertain_results_resolved",
        "no_answer",
        "failed_samples_by_group",
        "management_changed",
        "care_change_recorded",
    }
)

#: What a measure is in the middle of a sentence, where "the share of" and its title would not read.
WHAT = {
    "diagnostic_yield": "diagnostic yield",
    "research_offered": "the share to whom research was offered",
    "research_consented": "the share who consented to research once offered it",
    "variants_deposited": "the share of variants that were deposited",
}
#: People of a group in words, by dimension; `{}` is the label of the group.
PEOPLE = {
    "ethnic_category": "people recorded as {}",
    "simd_quintile": "people living in SIMD quintile {}",
    "urban_rural": "people living in {}",
    "sex": "people recorded as {}",
    "age_group": "people aged {}",
    "interpreter_needed": "people who need {} interpreter",
}
#: Who is of no known group, by dimension; goes on from "people".
UNKNOWN = {
    "ethnic_category": "whose ethnic group is not recorded",
    "simd_quintile": "whose area is not recorded",
    "urban_rural": "whose area is not recorded",
    "sex": "whose sex is not recorded",
    "age_group": "whose age is not recorded",
    "interpreter_needed": "of whom it is not recorded whether they need an interpreter",
}
#: Values of recorded ethnic group that are no group; goes on from "people".
NO_GROUP = {
    "declined": "who declined to say their ethnic group",
    "not_known": "whose ethnic group is entered as not known",
    "unmapped": "whose ethnic group has a code that is not recognised",
}
#: A gap lies on a side by these verdicts; the last is one that those of unknown group could explain.
SIDES: tuple[Verdict, ...] = ("higher", "lower")
SEEN: tuple[Verdict, ...] = (*SIDES, "unknown_could_explain")

ASSUMES = (
    "Like for like: each request is compared with requests that are the same in {alike}, and the differences are "
    "averaged. What this takes for granted: within these, people are alike but for their group. It does not allow for "
    "how ill people were, why they were referred, what was found before, or distance."
)


def short_title(entry: Indicator) -> str:
    """The title of a measure without who is compared, since the page says so."""
    return entry.title.removesuffix(", by group of people")


def what(entry: Indicator) -> str:
    """The measure in the middle of a sentence."""
    return WHAT.get(entry.id, f"the share of {words.lower_first(short_title(entry))}")


def people(dimension: str, code: str, labels: Labels) -> str:
    """People of a group in the middle of a sentence."""
    if code in dimensions()[dimension].unknown:
        return f"people {NO_GROUP.get(code, UNKNOWN[dimension])}"
    label = labels.get(dimension, {}).get(code, code)
    if dimension == "interpreter_needed":
        label = {"yes": "an", "no": "no"}.get(code, label)
    elif dimension in ("urban_rural", "sex", "age_group"):
        label = words.lower_first(label)
    return PEOPLE[dimension].format(label).replace("aged under", "under")


def area(code: str, labels: Labels) -> str:
    """Where: Scotland, or the board where people live."""
    return "Scotland" if code == "scotland" else labels.get("residence_board", {}).get(code, code)


def signed(gap: float | None) -> str:
    """A gap in points with its sign, for a table; the shorthand where there is none."""
    if gap is None:
        return words.NOT_AVAILABLE
    text = f"{100 * gap:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else words.minus(text)


def signed_range(lower: float | None, upper: float | None) -> str:
    """Two ends in points with their signs, for a table."""
    if lower is None or upper is None:
        return words.NOT_AVAILABLE
    return f"{signed(lower)} to {signed(upper)}"


def limits(lower: float, upper: float) -> str:
    """The limits of a gap in a sentence: `2.1 to 6.0 points`, or on both sides `1.0 points lower to 2.0 higher`."""
    if lower * upper > 0:
        near, far = sorted((abs(lower), abs(upper)))
        return f"95% limits {100 * near:.1f} to {100 * far:.1f} points"
    down = f"{abs(100 * lower):.1f} points lower" if lower < 0 else "no difference"
    up = f"{100 * upper:.1f} points higher" if upper > 0 else "no difference"
    return f"{down} to {up}"


def finding(row: Row, entry: Indicator, labels: Labels, comparisons: int = 0) -> str:
    """What a gap lets one say, by the one rule, with what was supposed and how many gaps were looked at.

    row: of `group_gaps.Gaps.rows`. comparisons: how many gaps of the release were tested, for a gap that stands out
    alone and not among them; left out where that is said elsewhere.
    """
    dimension, found = row["dimension"], row["verdict"]
    has_gap = row["gap"] is not None and row["lower"] is not None
    said = sentence(
        found,
        what(entry),
        people(dimension, row["code"], labels),
        people(dimension, row["compared_with"], labels),
        size=_size(row) if has_gap else "",
        limits=limits(row["lower"], row["upper"]) if has_gap else "",
        unknown=UNKNOWN[dimension],
    )
    return " ".join(filter(None, (said, _supposed(row), alone(row, comparisons) if comparisons else "")))


def _size(row: Row) -> str:
    """How large a gap is; on which side, where the sentence does not say that it is higher or lower."""
    side = "higher" if row["gap"] > 0 else "lower"
    return words.points(row["gap"]) + (f" on the {side} side" if row["verdict"] == "unknown_could_explain" else "")


def _supposed(row: Row) -> str:
    """Under which assumption a gap that the unknown could explain would stand."""
    if row["verdict"] != "unknown_could_explain":
        return ""
    if row["if_mixed"] in SIDES:
        return (
            f"It would read {SHORT[row['if_mixed']].lower()} if they are made up as the census or those recorded are, "
            "whatever their results."
        )
    if row["if_alike"] in SIDES:
        return (
            f"It would read {SHORT[row['if_alike']].lower()} only if they are made up as the census or those recorded "
            "are and have the results of other people of unknown group: an assumption that the data cannot test."
        )
    return ""


def alone(row: Row, comparisons: int) -> str:
    """That a gap stands out alone but not among all that were looked at; empty where it does, or does not stand out."""
    if row["verdict"] not in SEEN or row["is_found"]:
        return ""
    return (
        f"Alone it is more than chance explains; among the {words.number(comparisons)} gaps looked at it is not called "
        "different, since some look so by chance."
    )


def compared_within(entry: Indicator) -> str:
    """What requests must be alike in, and what that takes for granted."""
    names = [strata_names()[name] for name in entry.compared_within]
    return ASSUMES.format(alike=words.joined(names))


def title(rows: Sequence[Row], entry: Indicator, dimension: str, labels: Labels) -> str:
    """The finding over all groups of a place: which differ beyond chance and the unknown, or that none does.

    rows: of the groups that are known, without the one compared with.
    """
    other = people(dimension, dimensions()[dimension].compared_with or "", labels)
    measure = what(entry)
    measure = measure[:1].upper() + measure[1:]
    sided = [row for row in rows if row["verdict"] in SIDES]
    unsure = [row for row in rows if row["verdict"] == "unknown_could_explain"]
    even = [row for row in rows if row["verdict"] == "no_gap_seen"]
    if sided:
        named = words.joined([f"{row['verdict']} for {people(dimension, row['code'], labels)}" for row in sided])
        return f"{measure} is {named} than for {other}"
    if unsure:
        named = words.joined(
            [
                f"{'higher' if row['gap'] > 0 else 'lower'} for {people(dimension, row['code'], labels)}"
                for row in unsure
            ]
        )
        return f"{measure} looks {named}, but people of unknown group could explain it"
    if even:
        of = f"{len(even)} group{'' if len(even) == 1 else 's'} that can be compared"
        return f"No gap from {other} is seen in {words.lower_first(measure)}, in the {of}"
    return f"{short_title(entry)}: no gap between groups can be told here"


def rest(rows: Sequence[Row]) -> str:
    """How many gaps of a place cannot be told, and why, as sentences; empty where all are."""
    hidden = sum(row["verdict"] == "hidden" for row in rows)
    few = sum(row["verdict"] == "too_few" for row in rows)
    text = [f"{hidden} hidden {words.HIDDEN}." if hidden else "", f"{few} with too few to compare." if few else ""]
    return " ".join(filter(None, text))


def key_to_verdicts(rows: Sequence[Row]) -> str:
    """What the short verdicts of some rows stand for, those that stand in them."""
    used = [name for name in MEANS if any(row["verdict"] == name for row in rows)]
    return " ".join(f"{SHORT[name]}: {words.lower_first(MEANS[name])}" for name in used)


def share_of_unknown(tipping: float | None, is_seen: bool) -> str:
    """The smallest share of those of unknown group that would close a gap, for a table."""
    if not is_seen:
        return "No gap to close"
    if tipping is None:
        return "Not even all of them"
    return "Under 1%" if tipping < 0.01 else f"{tipping:.0%}"
