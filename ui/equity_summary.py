"""What an equity summary says: per grouping and area the findings, how sure they are, and what to do next, by rules.

Who is reached is worked elsewhere and handed in as findings (`Reached`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from catalogue.dimensions import dimensions
from catalogue.indicators import Indicator
from ui import group_gap_words as said
from ui import recording_sections, words
from ui.data import Snapshot
from ui.group_gaps import ETHNIC, PLACE, SCOTLAND, Gaps, all_gaps, compared
from ui.made_once import made_once

#: Limits of a gap that lie this far apart say little; years pooled would say more.
WIDE = 0.10
HEADINGS = ("Finding", "Size", "Certainty", "Quality", "What to do next, and why")
#: What makes requests alike where laboratories are allowed for.
LABORATORIES = {"performing_lab", "receiving_lab"}
MANY = 4
#: Verdicts of gaps that have no row of their own, in a count.
COUNTED = {"no_gap_seen": "no gap seen", "hidden": "hidden", "too_few": "too few to compare"}


@dataclass(frozen=True)
class Line:
    """One row: a finding by the rule, its size and certainty, the quality of its data, what to do and why."""

    finding: str
    size: str
    certainty: str
    quality: str
    next_step: str


@dataclass(frozen=True)
class Part:
    """One grouping of people in one area: the finding over all its measures, the rows, and what cannot be told."""

    name: str
    title: str
    says: str
    lines: tuple[Line, ...] = ()

    @property
    def table(self) -> pl.DataFrame:
        """The rows as text."""
        rows = [(line.finding, line.size, line.certainty, line.quality, line.next_step) for line in self.lines]
        return pl.DataFrame(rows, schema=dict.fromkeys(HEADINGS, pl.String), orient="row")


@dataclass(frozen=True)
class Reached:
    """A finding on who is reached, ready to be read: of which grouping and area, and the cells of its row."""

    dimension: str
    area: str
    line: Line


REACH_NONE = "No finding by the rule. That is not the same as equal: see Who is reached for what is hidden or withheld."


def reach(findings: Sequence[Reached], area: str) -> Part:
    """What is said of who is reached in an area."""
    own = tuple(found.line for found in findings if found.area == area)
    if not own:
        return Part("reach", "Who is reached", REACH_NONE)
    return Part("reach", "Who is reached", f"{len(own)} finding{'' if len(own) == 1 else 's'} by the same rule.", own)


def parts(snapshot: Snapshot, gaps: Gaps, area: str) -> list[Part]:
    """A part for each grouping that the area has figures of, in the order of the list, recorded ethnic group first."""
    held = set(gaps.rows.filter(area=area)["dimension"])
    names = [ETHNIC, *(name for name in dimensions() if name != ETHNIC)]
    return [part(snapshot, gaps, area, name) for name in names if name in held]


def parts_of_release(snapshot: Snapshot, area: str) -> tuple[Part, ...]:
    """The parts of an area from the release's own gaps, worked out once."""
    return _kept(snapshot.key, area, snapshot)


@made_once(40)
def _kept(key: str, area: str, _snapshot: Snapshot) -> tuple[Part, ...]:  # noqa: ARG001 - key: the release
    gaps = all_gaps(_snapshot)
    return tuple(parts(_snapshot, gaps, area)) if gaps else ()


def part(snapshot: Snapshot, gaps: Gaps, area: str, dimension: str) -> Part:
    """What one grouping shows in one area, over all measures."""
    label = dimensions()[dimension].label
    entries = compared(snapshot)
    own = gaps.rows.filter(pl.col("is_known"), area=area, dimension=dimension)
    order = {name: place for place, name in enumerate(entries)}
    rows = own.sort(pl.col("measure").replace_strict(order, return_dtype=pl.Int64), maintain_order=True).to_dicts()
    if rows and all(row["verdict"] == "withheld" for row in rows):
        return _withheld(snapshot, area, label)
    seen = [row for row in rows if row["verdict"] in said.SEEN]
    firm = [row for row in seen if row["is_found"] and row["verdict"] in said.SIDES]
    lines = [_line(row, entries[row["measure"]], snapshot, gaps) for row in seen]
    lines += [found for found in (_mix(rows, entries), _wide(rows, entries)) if found]
    title = f"{label}: {_title(len(seen), len(firm), rows)}"
    return Part(dimension, title, _counts(rows), tuple(lines))


def _title(seen: int, firm: int, rows: Sequence[dict[str, Any]]) -> str:
    """The finding over all measures of a grouping."""
    told = sum(row["verdict"] in (*said.SEEN, "no_gap_seen") for row in rows)
    if not told:
        return "nothing can be told"
    gaps = f"{told} gap{'' if told == 1 else 's'}"
    if firm:
        return f"{firm} of {gaps} {'is' if firm == 1 else 'are'} beyond chance and people of unknown group"
    if seen:
        stand = "stands" if seen == 1 else "stand"
        return f"none of {gaps} is sure; {seen} {stand} out alone, or could come from people of unknown group"
    return f"no gap is seen in {gaps} that can be told"


def _counts(rows: Sequence[dict[str, Any]]) -> str:
    """How the gaps of a grouping read, all of them."""
    counts = [(name, sum(row["verdict"] == name for row in rows)) for name in ("no_gap_seen", "hidden", "too_few")]
    told = [f"{COUNTED[name]}: {count}" for name, count in counts if count]
    return f"Of all {len(rows)} gaps, {words.joined(told)}. Hidden is not the same as equal." if told else ""


def _withheld(snapshot: Snapshot, area: str, label: str) -> Part:
    """That gaps between ethnic groups are withheld in an area, and what would be needed."""
    labels = snapshot.facts.labels
    fixed = () if area == SCOTLAND else ((PLACE, area),)
    found = recording_sections.recording(snapshot, fixed, said.area(area, labels))
    step = f"Improve recording in {said.area(area, labels)}. {found.needed or 'Too few people have a recorded group.'}"
    quality = words.grade_cell(found.figure.grade if found.figure else None)
    line = Line(f"{found.why}.", "Withheld", "Nothing can be said", quality, step)
    return Part(ETHNIC, f"{label}: gaps are withheld", "", (line,))


def _line(row: dict[str, Any], entry: Indicator, snapshot: Snapshot, gaps: Gaps) -> Line:
    labels = snapshot.facts.labels
    return Line(
        f"{entry.number} {said.finding(row, entry, labels)}",
        f"{said.signed(row['gap'])} points",
        certainty(row),
        words.grade_cell(row["grade"]),
        next_step(row, entry, poorly_recorded(snapshot, gaps), said.area(row["area"], labels)),
    )


def certainty(row: dict[str, Any]) -> str:
    """How sure a gap is: its limits, whether it stands among all gaps, and whether the unknown could make it."""
    among = "called different" if row["is_found"] else "not called different"
    unknown = "stands whoever the unknown are" if row["verdict"] in said.SIDES else "the unknown could explain it"
    return f"{said.signed_range(row['lower'], row['upper'])}; {among} among all gaps; {unknown}"


def next_step(row: dict[str, Any], entry: Indicator, poor: Sequence[str], where: str) -> str:
    """What to do about a gap that is seen, and why; the first rule that fits.

    poor: boards in which too few people have a recorded ethnic group. where: the area in words.
    """
    if row["grade"] == "poor":
        return "Mend the data first: they are graded poor, so the gap may be theirs."
    if row["verdict"] == "unknown_could_explain":
        place = where
        if row["dimension"] == ETHNIC and row["area"] == SCOTLAND and poor:
            place = words.joined([*poor[:MANY], *(["other boards below the line"] if len(poor) > MANY else [])])
        part = said.share_of_unknown(row["tipping"], True).lower()
        return f"Improve recording in {place}: {part} of people {said.UNKNOWN[row['dimension']]} could close the gap."
    if not row["is_found"]:
        return "Wait for the next release: among so many gaps some look so by chance; it is real if it comes back."
    if not LABORATORIES & set(entry.compared_within):
        return "Look at the mix of laboratories and clinics: requests are alike in kind of test, not in who does it."
    return "Ask why, with those who give the service: tests, laboratories and chance do not explain it."


def poorly_recorded(snapshot: Snapshot, gaps: Gaps) -> list[str]:
    """The boards in which too few people have a recorded ethnic group, in the order of the list."""
    least, labels = snapshot.release.gaps_need_recorded, snapshot.facts.labels.get(PLACE, {})
    own = gaps.rows.filter(pl.col("recorded") < least, pl.col("recorded") > 0, pl.col("area") != SCOTLAND)
    held = set(own["area"])
    return [name for code, name in labels.items() if code in held]


def _mix(rows: Sequence[dict[str, Any]], entries: dict[str, Indicator]) -> Line | None:
    """Gaps that are beyond chance as they are and go away once like is compared with like."""
    gone = [row for row in rows if row["verdict"] == "no_gap_seen" and _is_raw(row)]
    if not gone:
        return None
    what = "; ".join(_measures(gone, entries))
    many = f"{len(gone)} gap{' is' if len(gone) == 1 else 's are'}"
    largest = max(abs(row["raw"] - row["gap"]) for row in gone)
    return Line(
        f"{many} beyond chance as they are, and not once like is compared with like: {what}.",
        f"Moved by up to {words.points(largest)}", "Within chance like for like", _worst(gone),
        "Look at the mix of tests and laboratories: groups are tested for different things or in different places, "
        "which may itself be unfair.",
    )  # fmt: skip


def _wide(rows: Sequence[dict[str, Any]], entries: dict[str, Indicator]) -> Line | None:
    """Gaps whose limits are so wide, or whose groups are so small, that one year says little."""
    even = [row for row in rows if row["verdict"] == "no_gap_seen" and row["upper"] - row["lower"] > WIDE]
    few = [row for row in rows if row["verdict"] == "too_few"]
    if not even and not few:
        return None
    return Line(
        f"{len(even) + len(few)} gaps cannot be told from one year: {'; '.join(_measures([*even, *few], entries))}.",
        "Unknown", f"95% limits wider than {words.points(WIDE)}, or too few to compare", _worst([*even, *few]),
        "Pool years before anything is said: a large gap could lie within such limits.",
    )  # fmt: skip


def _is_raw(row: dict[str, Any]) -> bool:
    """Whether a gap as it is lies beyond chance."""
    return row["raw_lower"] is not None and bool(row["raw_lower"] > 0 or row["raw_upper"] < 0)


def _measures(rows: Sequence[dict[str, Any]], entries: dict[str, Indicator]) -> list[str]:
    """The measures of some gaps by name, each with how many."""
    counts = {name: sum(row["measure"] == name for row in rows) for name in entries}
    return [
        f"{words.lower_first(said.short_title(entries[name]))} ({count})" for name, count in counts.items() if count
    ]


def _worst(rows: Sequence[dict[str, Any]]) -> str:
    """The worst grade among some gaps."""
    grades = {row["grade"] for row in rows}
    worst = next((name for name in ("poor", "fair", "good") if name in grades), "")
    return words.grade_cell(worst)
