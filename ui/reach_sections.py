"""The sections of the page Who is reached in their order, each made once for a release and what it heeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from ui import (
    reach_cells,
    reach_charts,
    reach_deprivation_sections,
    reach_group_sections,
    reach_measures,
    reach_place_sections,
    reach_words,
    words,
)
from ui.data import Snapshot
from ui.ethnicity_sections import Part
from ui.made_once import made_once
from ui.reach_cells import CANCER, SEXES
from ui.reach_filters import Choice
from ui.reach_group_sections import alt, bare, no_residents, subtitle
from ui.reach_words import CENSUS, span


@made_once(400)
def _built(key: str, name: str, choice: Choice, _snapshot: Snapshot) -> Part:  # noqa: ARG001 - key: the release
    return PARTS[name](_snapshot, choice)


def build(snapshot: Snapshot, name: str, choice: Choice) -> Part:
    """A section of the page, made once for a release and what it heeds of the choice."""
    heeded = choice if name in ASSUMING else choice.without_assumptions
    return _built(snapshot.key, name, Choice(choice.indicator) if name in NATIONAL else heeded, snapshot)


def names(choice: Choice) -> tuple[str, ...]:
    """The sections of a choice: need is asked for of cancer only."""
    return tuple(name for name in PARTS if name != "need" or choice.indicator == CANCER)


def ages(snapshot: Snapshot, choice: Choice) -> Part:
    """The rate of people tested by age and sex against residents: Scotland only."""
    figure = reach_cells.counts(snapshot, choice.indicator, "age_band", (("sex", "female"),))
    if nothing := bare("ages", "People tested by age and sex", figure):
        return nothing
    assert figure is not None
    rates = reach_measures.by_sex_and_age(snapshot, choice.indicator)
    if rates.is_empty():
        return no_residents("ages", "Age and sex")
    bands = dict(snapshot.facts.labels.get("age_band", {})) | {reach_cells.OLDEST: "85 and over"}
    sexes = snapshot.facts.labels.get("sex", {})
    rows = [
        {
            **row,
            "label": bands.get(row["age_band"], row["age_band"]),
            "says": span(row["value"], row["lower"], row["upper"], "{:,.0f}")
            if row["value"] is not None
            else words.HIDDEN,
        }
        for row in rates.to_dicts()
    ]
    lines = {sexes.get(sex, sex): [row for row in rows if row["sex"] == sex] for sex in SEXES}
    title, summary = _finding(rows, sexes, choice)
    chart = reach_charts.by_age(lines, axis="Per 100,000 residents", alt=alt(title, summary))
    table = [
        {"Age": row["label"]}
        | {
            name: next((one["says"] for one in of_sex if one["age_band"] == row["age_band"]), words.HIDDEN)
            for name, of_sex in lines.items()
        }
        for row in rows
        if row["sex"] == SEXES[0]
    ]
    male = reach_cells.counts(snapshot, choice.indicator, "age_band", (("sex", "male"),))
    notes = (
        "Differences by age are expected: what is tested for differs by age. People of other or no recorded sex are "
        "too few to be shown by age.",
        "A person whose age changes band within the 12 months is counted in both.", CENSUS,
    )  # fmt: skip
    data = pl.DataFrame(rows).select("sex", "age_band", "state", "people", "population", "value", "lower", "upper")
    return Part(
        "ages", title, summary, subtitle(figure, "People tested per 100,000 residents, by age and sex"),
        chart, notes, pl.DataFrame(table), data, tuple(one for one in (figure, male) if one is not None),
    )  # fmt: skip


def _finding(rows: list[dict[str, Any]], sexes: Mapping[str, str], choice: Choice) -> tuple[str, str]:
    """Where the rate is highest for each sex, in words."""
    tops = []
    for sex in SEXES:
        shown = [row for row in rows if row["sex"] == sex and row["value"] is not None]
        if shown:
            top = max(shown, key=lambda row: row["value"])
            tops.append(f"{sexes.get(sex, sex).lower()}, {top['label']} ({top['value']:,.0f} per 100,000)")
    hidden = sum(row["value"] is None for row in rows)
    title = "People tested by age and sex" if not tops else f"Tested most often: {words.joined(tops)}"
    summary = f"People {reach_words.tested(choice.indicator)} per 100,000 residents of each age and sex."
    return title, f"{summary} {hidden} of {len(rows)} are hidden {words.HIDDEN}." if hidden else summary


#: The sections in the order of the page.
PARTS: dict[str, Callable[[Snapshot, Choice], Part]] = {
    "recording": reach_group_sections.recording,
    "groups": reach_group_sections.groups,
    "deprivation": reach_deprivation_sections.deprivation,
    "closing": reach_deprivation_sections.closing,
    "need": reach_deprivation_sections.need,
    "rural": reach_place_sections.rural,
    "islands": reach_place_sections.islands,
    "map": reach_place_sections.boards,
    "crossed": reach_group_sections.crossed,
    "crossed_rural": reach_place_sections.crossed_rural,
    "ages": ages,
}

#: Those that heed what is assumed of records and ages, and those that are of Scotland whatever area is chosen.
ASSUMING = frozenset({"groups"})
NATIONAL = frozenset({"need", "islands", "crossed", "crossed_rural", "ages"})
