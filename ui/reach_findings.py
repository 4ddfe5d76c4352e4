"""What the equity summary says of who is reached: the verdicts of that page, each as a finding with a next step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ui import reach_words, words
from ui.data import Snapshot
from ui.equity_summary import Line, Reached
from ui.figure import Figure
from ui.gap_verdict import SHORT
from ui.group_gaps import ETHNIC, SCOTLAND
from ui.made_once import made_once
from ui.reach_cells import CANCER, RARE, SIMD
from ui.reach_deprivation_sections import gradient
from ui.reach_filters import Choice
from ui.reach_group_sections import represented
from ui.reach_words import LEAST, MOST

Row = Mapping[str, Any]

#: Verdicts that make a finding; the others are counted on the page.
SEEN = ("higher", "lower", "unknown_could_explain", "ages_could_explain")
IMPROVE = "Improve recording: people without a recorded group could explain it."
AGES = "Ask for residents by age and ethnic group: ages could explain it."
ASK = "Ask who refers, and who is not referred: what is recorded does not explain it."
NEED = "Load new cancers by deprivation: residents are not the need for these tests."


def findings(snapshot: Snapshot, areas: Sequence[str]) -> list[Reached]:
    """Every finding on people tested for rare and inherited disease, and on cancer tests by deprivation.

    areas: `scotland`, or codes of boards as cubes name them.
    """
    return [found for area in areas for found in _kept(snapshot.key, area, snapshot)]


@made_once(40)
def _kept(key: str, area: str, _snapshot: Snapshot) -> tuple[Reached, ...]:  # noqa: ARG001 - key: the release
    return tuple(_of_area(_snapshot, area))


def _of_area(snapshot: Snapshot, area: str) -> Iterator[Reached]:
    place = None if area == SCOTLAND else area
    rows, figure = represented(snapshot, Choice(RARE, place))
    for row in rows:
        if row["verdict"] in SEEN and row["value"] is not None:
            yield Reached(ETHNIC, area, _group_line(row, figure))
    for indicator in (RARE, CANCER):
        ratio, figure = gradient(snapshot, Choice(indicator, place))
        if ratio is not None and ratio["value"] is not None and reach_words.verdict_of(ratio) in SEEN:
            yield Reached(SIMD, area, _gradient_line(ratio, indicator, figure))


def _group_line(row: Row, figure: Figure | None) -> Line:
    step = {"unknown_could_explain": IMPROVE, "ages_could_explain": AGES}.get(row["verdict"], ASK)
    band = f"{row['lowest']:.2f} to {row['highest']:.2f} times whoever the unrecorded are"
    return Line(
        reach_words.group_sentence(row),
        f"{row['value']:.2f} times the share of residents",
        f"{row['lower']:.2f} to {row['upper']:.2f} times by chance; {band}; {SHORT[row['verdict']].lower()}",
        _grade(figure),
        step,
    )


def _grade(figure: Figure | None) -> str:
    return words.grade_cell(figure.grade if figure else None)


def _gradient_line(ratio: Row, indicator: str, figure: Figure | None) -> Line:
    what = f"the rate of people {reach_words.tested(indicator)}"
    return Line(
        reach_words.gap_sentence(ratio, what, MOST, LEAST),
        f"{ratio['value']:.2f} times",
        f"{ratio['lower']:.2f} to {ratio['upper']:.2f} times by chance; deprivation is known of nearly everybody",
        _grade(figure),
        NEED if indicator == CANCER else ASK,
    )
