"""Findings and summaries of the page Ethnicity recording, in plain English. No screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ui import words
from ui.ethnicity_charts import way
from ui.ethnicity_measures import REASONS
from ui.figure import Figure
from ui.words import Row

#: A sentence on a reason in the middle of a finding.
AS_FOUND = {
    "ethnicity_declined": "people declined to say",
    "ethnicity_not_known": "staff wrote not known",
    "ethnicity_not_recorded": "nothing was written down",
    "ethnicity_unmapped": "the code is not recognised",
}

#: What the control chart says, as the end of a finding.
IN_TITLE = {
    "improvement_high": ": up by more than chance explains",
    "concern_low": ": down by more than chance explains",
    "common_cause": ", in line with the points before it",
}

#: What a control chart says of a share, which alone is neither praise nor blame: the line is judged apart.
SAYS = {
    "improvement_high": "Gone up by more than chance would explain.",
    "concern_low": "Gone down by more than chance would explain: find out why and act.",
    "common_cause": "No sign of change.",
    "unusually_steady": "Varies less than chance would explain: check how it is recorded.",
}

NO_LIMITS = "There are too few points to say whether changes are more than chance."


def over_time(figure: Figure, icon: Row | None, year: Figure | None) -> tuple[str, str]:
    """Finding and summary of the share with a recorded group over time, and whether it is signal or noise.

    icon: what the control chart says. year: the newest 12 months, to be set against the 12 months before.
    """
    now = figure.headline
    if now is None:
        return f"{figure.entry.title}: no complete period to report", "Only incomplete periods are held for this view."
    title = (
        f"{words.amount(now)} of people tested {words.when(figure.query.grain, now)} had a recorded ethnic group"
        f"{IN_TITLE.get(str(icon['variation']), '') if icon else ''}"
    )
    unsure = figure.unshown
    if unsure is not None:
        title = (
            f"The newest share is hidden {words.HIDDEN}; {words.amount(now)} was the last shown, "
            f"{words.when(figure.query.grain, now)}"
        )
    signal = SAYS[str(icon["variation"])] if icon and icon["variation"] else NO_LIMITS
    parts = [f"Signal or noise: {words.lower_first(signal)}"]
    if icon and icon["caution"]:
        parts.append("There are few points yet, so this may change.")
    whole = year.headline if year else None
    if year is not None and whole is not None:
        change = words.change(figure.entry, whole, year.a_year_before).replace("a year before", "the 12 months before")
        parts.append(f"Newest 12 months: {words.amount(whole)}. {change}")
    return title, " ".join(parts)


def gaps_shown(place: str, row: Row | None, target: float | None) -> str:
    """Whether gaps between ethnic groups are shown for a place, by the share of its newest 12 months."""
    if target is None:
        return ""
    if row is None or row["state"] != "shown":
        return (
            f"{place}: the share of the newest 12 months is not shown, so no gap between ethnic groups is shown either."
        )
    shown = words.amount(row)
    if row["value"] < target:
        return (
            f"{place}: {shown} in the newest 12 months is below the {target:.0%} line, "
            "so no gap between ethnic groups is shown."
        )
    return (
        f"{place}: {shown} in the newest 12 months is at or above the {target:.0%} line, "
        "so gaps between ethnic groups may be shown."
    )


def signals(rows: Sequence[Row], target: float | None, plural: str = "health boards") -> tuple[str, str]:
    """Finding and summary of what the charts of all boards say, and who is below the target whatever the chart says.

    rows: label and variation of each board, and state, lower and upper of its newest 12 months.
    """
    judged = [row for row in rows if row["variation"]]
    if not judged:
        return "No board has enough points to tell signal from noise", NO_LIMITS
    up = [row["label"] for row in judged if row["variation"] == "improvement_high"]
    down = [row["label"] for row in judged if row["variation"] == "concern_low"]
    title = (
        f"Recording has gone up by more than chance explains in {len(up) or 'none'} of {len(judged)} {plural}, "
        f"and down in {len(down) or 'none'}"
    )
    if not up and not down:
        title = f"Recording shows no sign of change in any of {len(judged)} {plural}"
    if len(judged) == 1:
        title = f"{judged[0]['label']}, the only board judged: {words.lower_first(SAYS[judged[0]['variation']])[:-1]}"
    named = [f"Up: {words.joined(up)}."] if up else []
    named += [f"Down: {words.joined(down)}."] if down else []
    rest = len(judged) - len(up) - len(down)
    named.append(f"In the other {rest} there is no sign of change." if rest and rest < len(judged) else "")
    missing = len(rows) - len(judged)
    named.append(f"{missing} cannot be judged." if missing else "")
    low = [row["label"] for row in rows if is_below(row, target)]
    named.append(f"Clearly below the {target:.0%} line all the same: {words.joined(low)}." if low else "")
    return title, " ".join(filter(None, named))


def is_below(row: Row, target: float | None) -> bool:
    """Whether the whole interval of a shown share lies below a target."""
    return target is not None and row["state"] == "shown" and words.against_target(row, target) == "below"


def says(variation: str | None, is_low: bool, target: float | None) -> str:
    """What one board's control chart says, and that it is below the target where it is; empty without a verdict."""
    if not variation:
        return ""
    return SAYS[variation] + (f" Below the {target:.0%} line." if is_low else "")


def by_share_alone(rows: Sequence[Row], target: float, plural: str) -> str:
    """How many groups are below a target by their share, whatever chance could do, as the checks of the data judge."""
    low = sum(row["state"] == "shown" and row["value"] < target for row in rows)
    return f"By the share alone, as the checks on the page Data quality go, {low or 'none'} of the {plural} shown " + (
        "is below it." if low < 2 else "are below it."
    )


def reasons(shares: Mapping[str, Row]) -> tuple[str, str]:
    """Finding and summary of why there is no group, for one place. shares: reason to the row of its share."""
    shown = {reason: row for reason, row in shares.items() if row["state"] == "shown"}
    if not shown:
        return f"Why there is no recorded group is hidden {words.HIDDEN}", f"Each figure {words.WHY_HIDDEN}."
    largest = max(shown, key=lambda reason: shown[reason]["value"])
    parts = [f"{REASONS[reason].lower()} {words.amount(row)}" for reason, row in shares.items()]
    title = f"Where there is no group, mostly {AS_FOUND[largest]}: {words.amount(shown[largest])} of people tested"
    return title, f"Of people tested: {words.joined(parts)}."


def reason_over_time(years: Mapping[str, Figure | None]) -> tuple[str, str]:
    """Finding and summary of the reasons: which clearly rose or fell, the newest 12 months against the 12 before.

    years: the figure of the newest 12 months of each reason.
    """
    told, clear, judged = [], [], 0
    for reason, figure in years.items():
        now = figure.headline if figure else None
        if figure is None or now is None:
            told.append(f"{REASONS[reason]}: hidden {words.HIDDEN}.")
            continue
        before = figure.a_year_before
        turn = words.direction(now, before) if before else None
        judged += turn is not None
        if turn:
            clear.append(f"{REASONS[reason].lower()} {'rose' if turn > 0 else 'fell'}")
        change = words.change(figure.entry, now, before).replace("a year before", "the 12 months before")
        told.append(f"{REASONS[reason]}: {words.amount(now)}. {change}")
    summary = f"Newest 12 months. {' '.join(told)}"
    if clear:
        return f"Against the 12 months before, {words.joined(clear)}", summary
    if judged < len(REASONS):
        few = f"of the {len(REASONS)} reasons {judged or 'none'} can be compared"
        return f"No reason is known to have risen or fallen on the 12 months before: {few}", summary
    return "No reason clearly rose or fell on the 12 months before", summary


def changes(rows: Sequence[Row], plural: str) -> tuple[str, str]:
    """Finding and summary of who improved and who fell. rows: label, state, gap, gap_lower, gap_upper."""
    shown = [row for row in rows if row["state"] == "shown"]
    if not shown:
        return f"Change on the year before: hidden {words.HIDDEN} or not available", words.left_out(
            list(map(dict, rows))
        ).strip()
    up, down = ([row["label"] for row in shown if way(row) == turn] for turn in (1, -1))
    title = (
        f"{len(up) or 'None'} of {len(shown)} {plural} clearly improved on the year before, "
        f"{len(down) or 'none'} clearly fell"
    )
    if not up and not down:
        title = f"No clear change on the year before in any of {len(shown)} {plural}"
    if len(shown) == 1:
        turn = "clearly improved" if up else "clearly fell" if down else "shows no clear change"
        title = f"{shown[0]['label']}, the only one shown of the {plural}, {turn} on the year before"
    parts = []
    if up:
        parts.append(f"Improved: {words.joined(up)}.")
    if down:
        parts.append(f"Fell: {words.joined(down)}.")
    parts.append(f"By chance alone about 1 in 20 would seem to change.{words.left_out(list(map(dict, rows)))}")
    return title, " ".join(parts)  # fmt: skip


def bounds(rows: Sequence[Row], place: str, whole: Row) -> tuple[str, str]:
    """Finding and summary of what people without a recorded group could hide.

    rows: label, state, value, lowest, highest. whole: value and denominator of the share with a recorded group.
    """
    missing = 1 - whole["value"]
    title = f"{words.percent(missing, whole['denominator'])} of people tested in {place} have no recorded group: "
    title += "little can hide there" if missing < SMALL else "enough to change any picture"
    shown = [row for row in rows if row["state"] == "shown" and row["value"] is not None]
    example = next((row for row in shown if row["code"] == "asian"), shown[0] if shown else None)
    if example is None:
        return title, f"Every group is hidden {words.HIDDEN}."
    low, high = (f"{100 * example[name]:.1f}%" for name in ("lowest", "highest"))
    return title, (
        f"For example, {example['label']}: {100 * example['value']:.1f}% of people with a recorded group. "
        f"Of all people tested the share could be from {low}, if none of the people without a recorded group belonged "
        f"to it, to {high}, if all of them did. More people do not narrow this, only better recording does."
    )


#: Where fewer than this are without a group, the missing cannot much change a picture.
SMALL = 0.05


def linked(rows: Sequence[Row], whole: Row | None) -> tuple[str, str]:
    """Finding and summary of recording by the group in the linked record. rows: label, side, state, value."""
    shown = [row for row in rows if row["state"] == "shown"]
    if whole is None or whole["state"] != "shown" or not shown:
        return f"Whose group is missing: hidden {words.HIDDEN}", "Too few people for the groups to be compared."
    low, high = ([row for row in shown if row["side"] == side] for side in (-1, 1))
    title = (
        f"Recording is not the same for everybody: clearly below Scotland's {words.amount(whole)} for "
        f"{len(low) or 'none'} of {len(shown)} groups, clearly above for {len(high) or 'none'}"
    )
    if not low and not high:
        title = f"None of the {len(shown)} groups clearly differs from Scotland's {words.amount(whole)}"
    parts = [_named("Less often recorded:", low), _named("More often recorded:", high)]
    hidden = len(rows) - len(shown)
    parts.append(f"Hidden {words.HIDDEN}: {hidden} of {len(rows)} groups." if hidden else "")
    parts.append("So people without a recorded group are not a random part of everybody.")
    return title, " ".join(filter(None, parts))


def _named(what: str, rows: Sequence[Row]) -> str:
    named = [f"{row['label']} ({words.amount(row)})" for row in rows]
    return f"{what} {words.joined(named)}." if rows else ""


def agreement(whole: Row | None, rows: Sequence[Row], consistent: Row | None) -> tuple[str, str]:
    """Finding and summary of whether what is recorded is right. rows: label, side, state, value by recorded group."""
    if whole is None or whole["state"] != "shown":
        title = f"Agreement with the linked record is hidden {words.HIDDEN}"
    else:
        title = f"{words.amount(whole)} of recorded groups agree with the linked record"
    low = [row for row in rows if row["state"] == "shown" and row["side"] == -1]
    parts = [_named("Clearly lower among people recorded as", low)]
    hidden = sum(row["state"] != "shown" for row in rows)
    parts.append(f"{hidden} of {len(rows)} groups hidden {words.HIDDEN}." if hidden else "")
    parts.append(same_as_before(consistent))
    return title, " ".join(filter(None, parts))


def same_as_before(row: Row | None) -> str:
    """Whether people's requests tell one story, in one sentence."""
    if row is None:
        return "Whether a person's requests tell one story is not in this release."
    if row["state"] == "shown":
        return f"{words.amount(row)} of people tested before had the same broad group as at all their earlier requests."
    why = "too few people were tested before"
    if row["denominator"]:
        why = f"of {words.number(row['denominator'])} people tested before, fewer than 10 stand on one side"
    return f"Whether a person's requests tell one story is hidden {words.HIDDEN}: {why}."


def retired(rows: Sequence[Row], whole: Row | None) -> tuple[str, str]:
    """Finding and summary of retired codes by laboratory. rows: label, state, value of each laboratory."""
    shown = [row for row in rows if row["state"] == "shown"]
    if not shown:
        return f"Retired codes by laboratory: hidden {words.HIDDEN}", "Too few people for the share to be shown."
    most = max(shown, key=lambda row: row["value"])
    title = f"Retired codes are used most at {most['label']}: {words.amount(most)} where a group has one"
    told = [f"{row['label']} {words.amount(row)}" for row in rows]
    scotland = f"Scotland {words.amount(whole)}; " if whole else ""
    return title, f"{scotland}{words.joined(told)}."


def row_of(figure: Figure | None) -> dict[str, Any] | None:
    """The one row of a figure of the newest 12 months; None where there is none."""
    if figure is None or figure.cells.height != 1:
        return None
    return figure.cells.row(0, named=True)


def labelled(frame: pl.DataFrame, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows with the `label` of their code, in the order of the labels."""
    rows = {row["code"]: row for row in frame.to_dicts()}
    return [{**rows[code], "label": label} for code, label in labels.items() if code in rows]
