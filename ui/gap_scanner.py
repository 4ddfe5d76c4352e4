"""Numbers and words of the page Gap scanner: every gap, how many are called different, how many by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from catalogue.dimensions import dimensions
from catalogue.indicators import Indicator
from ui import group_gap_words as said
from ui import words
from ui.data import Snapshot
from ui.gap_verdict import SHORT
from ui.group_gaps import Gaps

#: At most as many rows stand on the page at once; the download has all of them.
PAGE_ROWS = 150
HEADINGS = (
    "Measure", "Group", "Compared with", "Place", "Like for like, points", "95% limits", "Called different", "Reads",
    "Data quality",
)  # fmt: skip
#: Choices of what is listed, by their label in the address: column and values, or everything that is shown.
LISTED = {
    "Called different": ("is_found", (True,)),
    "Every gap shown": ("state", ("shown",)),
    "Beyond chance, taken alone": ("verdict", said.SEEN),
    "No gap seen": ("verdict", ("no_gap_seen",)),
}


@dataclass(frozen=True)
class Scan:
    """How the gaps of a release came out.

    comparisons: gaps that were tested. found: those called different at a false discovery rate of 5%. by_chance: how
    many were in each shuffle of the data. hidden, withheld, too_few: gaps that are not shown, and why.
    """

    comparisons: int
    found: int
    by_chance: tuple[int, ...]
    hidden: int
    withheld: int
    too_few: int

    @property
    def mean(self) -> float:
        """Gaps called different in a shuffle, on average."""
        return sum(self.by_chance) / len(self.by_chance) if self.by_chance else 0.0


def scan(gaps: Gaps) -> Scan:
    """The counts of a release. A gap that is tested and then withheld counts as both, and is in no list."""
    verdicts = gaps.rows["verdict"]
    return Scan(
        comparisons=gaps.rows.filter(pl.col("state") == "shown").height,
        found=gaps.rows.filter(pl.col("is_found"), verdicts != "withheld").height,
        by_chance=tuple(gaps.by_chance.sort("shuffle")["found"].to_list()),
        hidden=int((verdicts == "hidden").sum()),
        withheld=int((verdicts == "withheld").sum()),
        too_few=int((verdicts == "too_few").sum()),
    )


def title(found: Scan) -> str:
    """The finding: how many of how many are called different."""
    if not found.comparisons:
        return "No gap between groups of people is shown in this release"
    return (
        f"{words.number(found.found) if found.found else 'None'} of {words.number(found.comparisons)} gaps between "
        f"groups of people {'is' if found.found < 2 else 'are'} called different"
    )


def summary(found: Scan) -> str:
    """What the title rests on: the rule, what chance gave, and what is not shown."""
    shuffles = len(found.by_chance)
    chance = f"{found.mean:.1f} were called different on average" if found.mean else "none was called different"
    return (
        f"At most 1 in 20 of those so called is expected to be by chance (false discovery rate 5%). In {shuffles} "
        "shuffles of the same data, in which results were dealt out anew among like requests so that no group can "
        f"differ, {chance}. Not shown: "
        f"{words.number(found.hidden)} gaps hidden {words.HIDDEN}, {words.number(found.withheld)} withheld because too "
        f"few people have a recorded ethnic group, {words.number(found.too_few)} with too few to compare. Of those "
        "nothing is known, neither that there is a gap nor that there is none."
    )


def in_list_order(gaps: pl.DataFrame, snapshot: Snapshot) -> pl.DataFrame:
    """The rows by measure, grouping, place and group, each in the order of its list: never by size."""
    labels = snapshot.facts.labels
    measures = {name: place for place, name in enumerate(snapshot.facts.indicators)}
    groupings = {name: place for place, name in enumerate(dimensions())}
    places = {code: place for place, code in enumerate(["scotland", *labels.get("residence_board", {})])}
    codes = {f"{name}={code}": place for name in groupings for place, code in enumerate(labels.get(name, {}))}
    keys = [
        pl.col("measure").replace_strict(measures, default=999, return_dtype=pl.Int64),
        pl.col("dimension").replace_strict(groupings, default=999, return_dtype=pl.Int64),
        pl.col("area").replace_strict(places, default=999, return_dtype=pl.Int64),
        pl.format("{}={}", "dimension", "code").replace_strict(codes, default=999, return_dtype=pl.Int64),
    ]
    return gaps.sort(keys)


def chosen(gaps: pl.DataFrame, measure: str, dimension: str, area: str, listed: str) -> pl.DataFrame:
    """The rows that a reader chose; empty text chooses all. What is withheld is in no list."""
    column, values = LISTED.get(listed, LISTED["Called different"])
    held = {name: code for name, code in (("measure", measure), ("dimension", dimension), ("area", area)) if code}
    return gaps.filter(pl.col(column).is_in(list(values)), pl.col("verdict") != "withheld", **held)


def table(gaps: pl.DataFrame, entries: Mapping[str, Indicator], labels: said.Labels) -> pl.DataFrame:
    """The rows as text."""
    lines = [_line(row, entries[row["measure"]], labels) for row in gaps.iter_rows(named=True)]
    return pl.DataFrame(lines, schema=dict.fromkeys(HEADINGS, pl.String), orient="row")


def _line(row: Mapping[str, Any], entry: Indicator, labels: said.Labels) -> list[str]:
    dimension = row["dimension"]
    names = [said.people(dimension, code, labels) for code in (row["code"], row["compared_with"])]
    group, other = (name.removeprefix("people ") for name in names)
    return [
        f"{entry.number} {said.short_title(entry)}",
        group[:1].upper() + group[1:] + ("" if row["is_known"] else " (no group)"),
        other[:1].upper() + other[1:],
        said.area(row["area"], labels),
        said.signed(row["gap"]),
        said.signed_range(row["lower"], row["upper"]),
        "Yes" if row["is_found"] else "No",
        SHORT[row["verdict"]],
        words.grade_cell(row["grade"]),
    ]
