"""Draws the page RE-AIM: the five dimensions side by side, then the measures of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from ui import aim_words, re_aim, show, words
from ui.cited_figure_link import cite
from ui.data import Snapshot
from ui.draw_table import draw_table
from ui.folded import folded
from ui.re_aim import ASKS, Line

#: What a gap is, and what its absence says; the equity figures allow for more.
ABOUT_GAPS = (
    "By group: people are compared within like requests, by ethnic group, deprivation, rurality, sex, age and need of "
    "an interpreter, all of Scotland, in the newest 12 months. A gap is found where all comparisons together let "
    "it be told from chance; people whose ethnic group is not recorded could still explain a gap between ethnic "
    "groups. No gap found does not mean that there is none."
)


def overview(found: Mapping[str, Sequence[Line]]) -> None:
    """The five dimensions side by side: level and representativeness."""
    st.header(_finding(found), anchor="overview")
    rows = [
        {
            "Dimension": f"**{name.capitalize()}**",
            "Which way measures go": f"Of {len(lines)}: {re_aim.level(lines)}",
            "Groups of people": re_aim.representativeness(lines),
        }
        for name, lines in found.items()
    ]
    draw_table(pl.DataFrame(rows), "The dimensions of RE-AIM side by side")
    st.caption(f"{ABOUT_GAPS} {aim_words.PROPOSAL}")


def _finding(found: Mapping[str, Sequence[Line]]) -> str:
    """In which dimensions a measure gets better or worse beyond chance."""
    ways = {
        name: {line.told.variation for line in lines if line.told.unusable is None} for name, lines in found.items()
    }
    better = [name for name, held in ways.items() if "improving" in held]
    worse = [name for name, held in ways.items() if "worsening" in held]
    if not better and not worse:
        return "No measure of any dimension moved beyond chance"
    parts = [f"improvement in {words.joined(better)}"] * bool(better) + [f"worsening in {words.joined(worse)}"] * bool(
        worse
    )
    told = words.joined(parts)
    return f"{told[:1].upper()}{told[1:]}"


def dimension(snapshot: Snapshot, name: str, lines: Sequence[Line]) -> None:
    """The measures of one dimension."""
    st.header(f"{name.capitalize()}: {re_aim.level(lines)}", anchor=name)
    st.markdown(f"{ASKS[name]} {re_aim.representativeness(lines)}")
    if not lines:
        st.info("The release has no measure of this dimension.")
        return
    draw_table(pl.DataFrame([_line(line) for line in lines]), f"Measures of {name}", folds=True, is_whole=True)
    if box := folded("Definitions, rows behind and data quality", f"definitions_{name}"):
        with box:
            for line in lines:
                if line.told.figure is not None:
                    measure = f"**{line.told.entry.number} {line.told.entry.title}**"
                    title = f"{measure}, data quality {words.graded(line.told.figure.quality)}"
                    st.markdown(f"{title}\n\n{show.definition(snapshot, line.told.figure)}")
    cite([(words.lower_first(line.told.entry.title), line.told.figure_id) for line in lines], name)


def _line(line: Line) -> dict[str, str]:
    told = line.told
    return {
        "Measure": f"{told.entry.number} {told.entry.title} ({words.STATUS_MARK[told.entry.status]})",
        "Newest": aim_words.value(told),
        "Which way": aim_words.way(told),
        "By group": re_aim.groups_in_words(line.by_group),
    }
