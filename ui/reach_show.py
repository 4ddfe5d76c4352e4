"""Draws the sections of the page Who is reached: finding, chart or table, notes, status, citation, download."""

from __future__ import annotations

from catalogue.dimensions import dimensions
from ui import ethnicity_show, show, words
from ui.cited_figure_link import cite
from ui.data import Snapshot
from ui.ethnicity_sections import Part
from ui.figure import Figure
from ui.folded import folded


def part(snapshot: Snapshot, shown: Part) -> None:
    """One section with everything that belongs to it."""
    ethnicity_show.part(snapshot, shown, _citations, _quality)


def _quality(snapshot: Snapshot, shown: Part) -> None:  # noqa: ARG001 - as `ethnicity_show.Draw`
    """Why the data of a section are graded as they are, and what to do."""
    quality = shown.figures[0].quality
    if quality is not None and (box := folded("Data quality: why, and what to do", f"quality_{shown.name}")):
        box.markdown(words.why_graded(quality, shown.figures[0].release.how_graded))


def _citations(snapshot: Snapshot, shown: Part) -> None:
    """The ids of the figures that a section rests on."""
    cite(named(snapshot, shown.figures), shown.name)


def named(snapshot: Snapshot, figures: tuple[Figure, ...]) -> list[tuple[str, str]]:
    """What each figure is, in words, with its id: its measure, what is held, and what stands side by side."""
    if len(figures) == 1:
        return show.cited(figures)
    found = []
    for figure in figures:
        held = [snapshot.label(name, code) for name, code in figure.query.fixed]
        spread = figure.query.spread
        beside = [f"by {dimensions()[spread].inline}"] if spread else []
        found.append((words.lower_first(", ".join([figure.entry.title, *held, *beside])), figure.id))
    return found
