"""Tests that cannot wait: prenatal QF-PCR in 3 days (3.1), urgent sequencing of children in 14 (3.2); one section."""

from __future__ import annotations

from ui import measures_table, words
from ui.data import Snapshot
from ui.figure import Figure
from ui.filters import Choice
from ui.section import Section
from ui.turnaround_sections import place

#: Each measure with how a sentence says what was due, and in what time it was reported.
MEASURES = {
    "prenatal_qfpcr_in_3_days": ("prenatal QF-PCR tests due", "in 3 days"),
    "urgent_child_sequencing_in_14_days": ("urgent sequencing of newborns and children due", "in 14 days"),
}
NAME = "urgent_tests"

NOTES = (
    "Of these two kinds of test, whatever turnaround category is chosen above. Requests overdue and still open count "
    "as not in time.",
    "Fourteen days is the English comparator for the rapid genome; none was found written down for Scotland, which "
    "has set no share to reach either.",
)


def urgent_tests(snapshot: Snapshot, choice: Choice) -> Section:
    """Both shares of the newest 12 months at the place chosen, side by side."""
    where = Choice(choice.view, choice.code, None, choice.start, choice.end)
    asked = {
        measure: measures_table.year_of(snapshot, measure, where.fixed, place(snapshot, where), where.end)
        for measure in MEASURES
    }
    figures = [figure for figure in asked.values() if figure is not None]
    subtitle = f"Tests that cannot wait. {place(snapshot, where)}. Newest 12 months"
    shown = tuple(figure for figure in figures if figure.cells.height)
    if not shown:
        return Section(NAME, "Tests that cannot wait: none at this place in the record", "", subtitle)
    told = [_told(figure, *MEASURES[measure]) for measure, figure in asked.items()]
    title = "; ".join(told)
    judged = [_judged(figure) for figure in shown]
    table = measures_table.rows(figures)
    return Section(
        NAME,
        f"{title[:1].upper()}{title[1:]}",
        " ".join(filter(None, judged)),
        subtitle,
        None,
        shown,
        NOTES,
        table=table,
    )


def _told(figure: Figure | None, due: str, reported: str) -> str:
    """What the title says of one measure: its share, or that it is hidden."""
    if figure is None or figure.headline is None or figure.unshown is not None:
        hidden = figure is not None and figure.unshown is not None and figure.unshown["state"] == "confidential"
        return f"{due}: {'hidden ' + words.HIDDEN if hidden else 'no whole 12 months to report'}"
    return f"{words.amount(figure.headline)} of {due} were reported {reported}"


def _judged(figure: Figure) -> str:
    """How the share stands to its target, where it has one, with its interval."""
    now, target = figure.headline, figure.entry.target
    if now is None or figure.unshown is not None or target is None:
        return ""
    line = target.value / 100
    return (
        f"{figure.entry.title}: {words.against_target(now, line)} the {line:.0%} line "
        f"(95% interval {measures_table.interval(now)})."
    )
