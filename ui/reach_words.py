"""The words of the page Who is reached: findings and what may be said of each gap, by rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ui import gap_verdict, words
from ui.gap_verdict import Evidence, Verdict
from ui.reach_cells import CANCER
from ui.reach_rates import per_year

Row = Mapping[str, Any]

WHAT = {CANCER: "tested for cancer"}
USUAL = "tested for rare and inherited disease"

MOST, LEAST = "people living in the most deprived fifth of areas", "people living in the least deprived fifth"
RATE = "the rate of people tested"

#: What limits of a single count take in.
ONE_COUNT = "Limits take in chance and hold whatever rounding to 5 did."

#: Equal rates by population mislead of cancer: what is said beside every one of them.
CANCER_FLAG = (
    "**Need is not allowed for.** Cancer incidence is 30% higher in the most deprived areas (Fairer Scotland Duty "
    "summary, S20), and no table of new cancers is loaded: equal rates by population mean too few tests for people "
    "living in the most deprived areas."
)
HIGHER_INCIDENCE = 1.3

CENSUS = "Residents are those of Scotland's Census 2022 in every year."
CRUDE = "**Crude:** not standardised for age, because no table of age by ethnic group is published for this purpose."
ROUNDED = "Limits take in chance, rounding to 5 and hidden counts (each taken as 0 to 9)."


def tested(indicator: str) -> str:
    """What people are tested for, in words."""
    return WHAT.get(indicator, USUAL)


def span(value: float, lower: float, upper: float, form: str = "{:.2f}") -> str:
    """A value with its limits: `0.74 (0.71 to 0.78)`."""
    return words.minus(f"{form.format(value)} ({form.format(lower)} to {form.format(upper)})")


def size_of(ratio: Row) -> tuple[str, str]:
    """How far a ratio lies from 1 and its limits, in words without a sign: `26%`, `22% to 29%`."""
    ends = sorted(abs(ratio[name] - 1) for name in ("lower", "upper"))
    return f"{abs(ratio['value'] - 1):.0%}", f"{ends[0]:.0%} to {ends[1]:.0%}"


def evidence(ratio: Row) -> Evidence:
    """What a ratio lets one say, of groups that are known of everybody."""
    return Evidence(ratio["value"] is not None, ratio["lower"], ratio["upper"], no_gap=1.0)


def verdict_of(ratio: Row) -> Verdict:
    """The one verdict of a ratio of areas, whose people are all known."""
    return gap_verdict.verdict(evidence(ratio))


def gap_sentence(ratio: Row, what: str, group: str, other: str) -> str:
    """The verdict of a ratio as a sentence."""
    found = verdict_of(ratio)
    if ratio["value"] is None or ratio["lower"] is None or ratio["upper"] is None:
        return gap_verdict.sentence(found, what, group, other)
    if found == "no_gap_seen":
        limits = f"{ratio['lower']:.2f} to {ratio['upper']:.2f} times"
        return gap_verdict.sentence(found, what, group, other, "", limits)
    return gap_verdict.sentence(found, what, group, other, *size_of(ratio))


def gradient(ratio: Row, slope: Row) -> str:
    """What all fifths together say where the two at the ends alone say nothing; empty where they agree."""
    if slope["lower"] is None or slope["upper"] is None or slope["lower"] <= 0 <= slope["upper"]:
        return ""
    if verdict_of(ratio) != "no_gap_seen":
        return ""
    way = "rises" if slope["value"] > 0 else "falls"
    return f"Over all fifths together, though, the rate {way} with deprivation beyond chance: see the slope index."


def times(ratio: Row, group: str, other: str) -> str:
    """A ratio as a finding: `People living in ... are tested 0.74 times as often as people living in ...`."""
    start = group[:1].upper() + group[1:]
    if verdict_of(ratio) == "no_gap_seen":
        return f"No gap is seen between {group} and {other}"
    return f"{start} are tested {ratio['value']:.2f} times as often as {other}"


def recording(row: Row | None, needed: float, where: str) -> tuple[str, str]:
    """Title and summary of how complete recording is, and what that lets the page say."""
    if row is None or row["state"] != "shown":
        return (
            f"How many people have a recorded ethnic group is hidden {words.HIDDEN}",
            f"So no gap between ethnic groups is shown for {where}.",
        )
    share = words.percent(row["value"], row["denominator"])
    limits = f"95% interval {100 * row['lower']:.1f}% to {100 * row['upper']:.1f}%"
    if row["value"] >= needed:
        return (
            f"{share} of people tested have a recorded ethnic group: enough to look at gaps",
            f"{where}: {share} ({limits}); the least that lets gaps between ethnic groups be shown is {needed:.0%}. "
            f"For {1 - row['value']:.0%} of people the group is not known, and each gap below says what they could "
            "hide.",
        )
    more = max(needed * row["denominator"] - row["numerator"], 0)
    return (
        f"{share} of people tested have a recorded ethnic group: too few to show gaps",
        f"{where}: {share} ({limits}), under the {needed:.0%} that gaps between ethnic groups need, so they are "
        f"withheld. A recorded group for about {words.number(5 * -(-more // 5))} more people in these 12 months would "
        "be needed.",
    )


def agreement(row: Row | None) -> str:
    """How reliable recording is, in a sentence."""
    if row is None or row["state"] != "shown":
        return f"How often recorded groups agree with another record is hidden {words.HIDDEN}."
    share = words.percent(row["value"], row["denominator"])
    return (
        f"Where another health record holds a group too, {share} agree in the six groups of the census. Either record "
        "may be wrong: recorded is not the same as right."
    )


def groups(rows: Sequence[Row], indicator: str) -> tuple[str, str]:
    """Title and the verdict of every group as sentences."""
    told = [row["label"] for row in rows if row["verdict"] in ("higher", "lower")]
    unsure = [row["label"] for row in rows if row["verdict"] in ("unknown_could_explain", "ages_could_explain")]
    if told:
        title = f"{words.joined(told)}: more or fewer people tested than residents, whatever is not recorded"
    elif unsure:
        title = f"{words.joined(unsure)}: a gap is seen, but missing records or ages could explain it"
    else:
        shown = " that is shown" if any(row["verdict"] == "hidden" for row in rows) else ""
        title = f"No gap from the make-up of residents is seen in any recorded ethnic group{shown}"
    return (
        title,
        f"People {tested(indicator)} with a recorded ethnic group, against the census of the same area.",
    )


def group_sentence(row: Row) -> str:
    """What is known of a group and what is not, by rule."""
    what, name = "the share of people tested", f"people recorded as {row['label']}"
    other = "their share of residents"
    if row["verdict"] in ("withheld", "hidden") or row["value"] is None:
        return gap_verdict.sentence(row["verdict"], what, name, other)
    size, limits = size_of(row)
    if row["verdict"] == "no_gap_seen":
        limits = f"{row['lower']:.2f} to {row['upper']:.2f} times"
        return gap_verdict.sentence(row["verdict"], what, name, other, size, limits)
    return f"{gap_verdict.sentence(row['verdict'], what, name, other, size, limits)} {reading(row)}".strip()


def reading(row: Row) -> str:
    """What the unrecorded would have to be, where they are taken to be somewhat like residents."""
    low, high = row["likely_lowest"], row["likely_highest"]
    if low is None or high is None:
        return ""
    between = f"{low:.2f} to {high:.2f} times"
    if high < 1:
        return f"If the unrecorded are somewhat like residents, it is lower: {between}."
    if low > 1:
        return f"If the unrecorded are somewhat like residents, it is higher: {between}."
    return f"If the unrecorded are somewhat like residents, it could be either: {between}."


def tipping(row: Row) -> str:
    """How few of the unrecorded would overturn which side of 1 a group is on."""
    if row["tipping"] is None or row["tipping_people"] is None:
        return words.NOT_AVAILABLE
    side = "in" if row["value"] < 1 else "out"
    return f"{row['tipping']:.1%} {side}"


def trend(found: Row, said: str, years: int, needed: int) -> tuple[str, str]:
    """Title and sentence of whether the gap between the most and the least deprived fifth is closing."""
    if said == "too_few":
        return (
            "Whether the gap is closing cannot be told yet",
            f"A trend needs {needed} years in which both ends are shown; there are {years}.",
        )
    change, low, high = (per_year(found[name]) for name in ("value", "lower", "upper"))
    moved, limits = words.minus(f"{change:+.1%} a year"), words.minus(f"{low:+.1%} to {high:+.1%} a year")
    if said == "no_change":
        return (
            f"No change of the gap is seen over {years} years",
            f"The ratio moved by {moved}; anything from {limits} is compatible with the data.",
        )
    return (
        f"The gap is {said} over {years} years",
        f"The ratio moved by {moved} ({limits}), {'towards' if said == 'closing' else 'away from'} 1.",
    )


def boards(rows: Sequence[Row]) -> tuple[str, str]:
    """Title and summary of the map."""
    shown = [row for row in rows if row["value"] is not None]
    low = [row["label"] for row in shown if verdict_of(row) == "lower"]
    high = [row["label"] for row in shown if verdict_of(row) == "higher"]
    if not low and not high:
        title = f"None of the {len(shown)} boards shown differs from Scotland beyond chance"
    else:
        title = f"Fewer people than expected are tested in {len(low)} of {len(shown)} boards, more in {len(high)}"
    parts = [f"Fewer: {words.joined(low)}." if low else "", f"More: {words.joined(high)}." if high else ""]
    hidden = len(rows) - len(shown)
    parts.append(f"{hidden} hidden {words.HIDDEN}." if hidden else "")
    parts.append("Of boards that do not differ at all one in 20 would lie outside its limits by chance.")
    return title, " ".join(filter(None, parts))


def need(ratio: Row) -> str:
    """What the ratio by population would be by need, were incidence 30% higher: a rough guide, in a sentence."""
    if ratio["value"] is None:
        return ""
    by_need = [ratio[name] / HIGHER_INCIDENCE for name in ("value", "lower", "upper")]
    return (
        "As a rough guide: with 30% more new cancers, equal use for equal need would show a ratio of 1.30; the ratio "
        f"by population is {ratio['value']:.2f}, so by need it would be about "
        f"{span(by_need[0], by_need[1], by_need[2])}."
    )
