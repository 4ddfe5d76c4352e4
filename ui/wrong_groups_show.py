"""Draws what wrong recording of ethnic groups would do: rates that a reader may change, and gaps by them."""

from __future__ import annotations

import polars as pl
import streamlit as st

from catalogue.dimensions import dimensions
from ui import group_gap_words as said
from ui import show, words, wrong_groups
from ui.draw_table import draw_table
from ui.folded import folded
from ui.section import Section
from ui.waits_answers import View
from ui.wrong_groups import Way

#: Ways in which those recorded wrongly are recorded, by their label.
WAYS: dict[str, Way] = {"As White": "compared_with", "In all other groups, as these are recorded": "spread"}
SOURCE = (
    "**An assumption, and yours to change.** A study of linked health records in Scotland found 12.5 to 69.1 in 100 "
    "people of minority groups, and 5.1 in 100 White Scottish people, recorded in another group than at the census. It "
    "used finer groups than these and does not say how many White Scottish people were recorded as other than White. "
    "Shown first: 12.5 in 100 of each minority group recorded as White, no White person recorded as another. Even a "
    "few in 1,000 White people recorded in a small group would change that group much: try 99.8."
)
#: A move of a gap that reads as nought.
NOTHING = 0.0005
TAKEN = "It is taken that people are recorded wrongly as often whatever their results, which the data cannot test."


def wrongly_recorded(shown: View) -> None:
    """The inputs, and below them the section."""
    counts = _counts(shown)
    if counts is None or shown.figure is None:
        nothing = "The shares of too few groups are shown for this to be worked out."
        show.section(shown.snapshot, Section("wrongly", "What wrong recording could do cannot be told here", nothing))
        return
    right, way = _choose(shown, counts["group"].to_list())
    errors = wrong_groups.matrix(right, dict(counts.select("group", "people").iter_rows()), _other(shown), way)
    show.section(shown.snapshot, section(shown, counts, errors))
    if box := folded("The rates as a table", "rates"):
        with box:
            draw_table(table_of_rates(errors, shown), "Of 100 people of a group, how they are recorded")


def _other(shown: View) -> str:
    return dimensions()[shown.choice.dimension].compared_with or ""


def _counts(shown: View) -> pl.DataFrame | None:
    """Counts of the groups that are shown, in the order of the list; None without the one compared with and another."""
    if shown.figure is None:
        return None
    unknown = dimensions()[shown.choice.dimension].unknown
    cells = shown.figure.cells.filter(pl.col("state") == "shown", ~pl.col("code").is_in(unknown))
    counts = cells.select(group="code", events="numerator", people="denominator")
    return counts if counts.height > 1 and _other(shown) in counts["group"] else None


def _choose(shown: View, groups: list[str]) -> tuple[dict[str, float], Way]:
    right = wrong_groups.usual(groups, _other(shown))
    with st.expander("Assume how people are recorded, and see what that does", type="compact"):
        st.markdown(SOURCE)
        way = st.selectbox("People recorded wrongly are recorded", list(WAYS), key="wrong_way")
        columns = st.columns(3)
        for place, (group, usual) in enumerate(right.items()):
            with columns[place % 3]:
                right[group] = st.number_input(
                    f"{shown.labels[group]}: recorded rightly, of 100", wrong_groups.LEAST_RIGHT, 100.0, usual, 0.1,
                    format="%.1f", key=f"right_{group}",
                )  # fmt: skip
    return right, WAYS.get(way or "", "compared_with")


def section(shown: View, counts: pl.DataFrame, errors: pl.DataFrame) -> Section:
    """What the rates would make of each gap as it is."""
    found = wrong_groups.corrected(counts, errors, _other(shown))
    subtitle = f"Gap as it is, recorded and corrected. {shown.figure.place if shown.figure else ''}"
    figures = (shown.figure,) if shown.figure else ()
    title = "These rates do not fit what is recorded, so nothing can be corrected by them"
    if found is None:
        return Section("wrongly", title, "With so many recorded wrongly, groups cannot be told apart.", subtitle)
    rows = [row for row in found.to_dicts() if row["group"] != _other(shown)]
    moves = [abs(row["corrected_gap"] - row["gap"]) for row in rows if row["corrected_gap"] is not None]
    if moves and max(moves) < NOTHING:
        title = "Wrong recording as assumed here would hardly move any gap"
    elif moves:
        title = f"Wrong recording as assumed here would move gaps by up to {words.points(max(moves))}"
    unfit = sum(row["corrected_gap"] is None for row in rows)
    summary = (
        "These are gaps as they are, before like is compared with like: read how far they move, not where they lie."
    )
    if unfit:
        summary += f" For {unfit} of {len(rows)} groups the rates do not fit what is recorded {words.NOT_AVAILABLE}."
    return Section(
        "wrongly", title, summary, subtitle, None, figures, (TAKEN,), shown.names,
        dimensions()[shown.choice.dimension].label, _table(shown, rows),
    )  # fmt: skip


def _table(shown: View, rows: list[dict[str, object]]) -> pl.DataFrame:
    lines = [
        {
            "Group": shown.labels[str(row["group"])],
            "Gap as it is, points": said.signed(row["gap"]),  # type: ignore[arg-type]
            "Gap corrected, points": said.signed(row["corrected_gap"]),  # type: ignore[arg-type]
        }
        for row in rows
    ]
    return pl.DataFrame(lines)


def table_of_rates(errors: pl.DataFrame, shown: View) -> pl.DataFrame:
    """Of 100 people of a group (down), how many are recorded in each (across)."""
    groups = list(dict.fromkeys(errors["group"]))
    held = {(group, recorded): share for group, recorded, share in errors.iter_rows()}
    lines = [
        {"Of 100 people who are": shown.labels[group]}
        | {f"recorded as {shown.labels[other]}": f"{100 * held.get((group, other), 0.0):.1f}" for other in groups}
        for group in groups
    ]
    return pl.DataFrame(lines)
