"""Draws the page Aims: how many aims are in each state, then a card an aim that folds out to measures and rule."""

from __future__ import annotations

import polars as pl
import streamlit as st

from ui import aim_words, words
from ui.aim_state import NAMES, RULES
from ui.aims import Aim, Aims
from ui.data import Snapshot
from ui.draw_table import draw_table
from ui.folded import folded

AIM_PAGE, PROGRAMME_PAGE = "pages/aim.py", "pages/programme.py"

USABLE = (
    "A figure can be used where it is shown, its period is complete and its data quality is not poor. Measures whose "
    "better side is not known, and those with a letter behind their number, do not judge an aim."
)


def states(aims: Aims) -> None:
    """The finding: how many aims are in each state, and which."""
    st.header(aim_words.finding(aims), anchor="states")
    rows = [
        (f"**{aim_words.state(name)}**", "; ".join(aim.name for aim in aims.in_state(name)) or "None") for name in NAMES
    ]
    draw_table(pl.DataFrame(rows, schema=["State", "Aims"], orient="row"), "Aims by state")
    told = "The state of each aim follows from a written rule over its figures and its actions; no person set it."
    if aims.reported_on is None:
        told += " This release does not tell the strategy's actions, so the states rest on measures alone."
    st.markdown(f"{told} {aim_words.PROPOSAL}")
    if box := folded("The rule of each state", "rules"):
        with box:
            st.markdown(rules())


def rules(held: str = "") -> str:
    """The rule of each state as a list in the order in which they are tried; held: the state whose rule held."""
    lines = ["The first rule that holds decides.", ""]
    for name, rule in RULES.items():
        mark = " **This one held.**" if name == held else ""
        lines.append(f"1. **{aim_words.state(name)}.** {rule}{mark}")
    return "\n".join([*lines, "", USABLE])


def cards(snapshot: Snapshot, aims: Aims) -> None:
    """A card an aim, in the order of the strategy."""
    st.header("Aim by aim", anchor="aims")
    for aim in aims.aims:
        with st.container(border=True, key=f"aim_{aim.code}"):
            _card(snapshot, aims, aim)


def _card(snapshot: Snapshot, aims: Aims, aim: Aim) -> None:
    st.subheader(f"{aim.name}: {words.lower_first(NAMES[aim.judged.state])}", anchor=f"aim-{aim.code}")
    st.markdown(f"*{aim.meaning}*")
    st.markdown(standing(aims, aim))
    if box := folded(f"Measures, targets and chances by 2029 ({len(aim.judging)})", f"measures_{aim.code}"):
        with box:
            st.markdown(
                "\n".join(aim_words.measure(snapshot, told) for told in aim.judging) or "No measure in this release."
            )
    if box := folded("Why this state: the rule", f"rule_{aim.code}"):
        with box:
            st.markdown(rules(aim.judged.state))
    st.page_link(AIM_PAGE, label=f"Evidence for aim {aim.code}", query_params={"aim": aim.name})


def standing(aims: Aims, aim: Aim) -> str:
    """State, reasons, actions, evidence and any judgement of an aim, a paragraph each."""
    lines = [
        f"**{aim_words.state(aim.judged.state)}.** {aim_words.reasons(aim)} {aim_words.basis(aim)}",
        f"{aim_words.actions(aim, aims.reported_on)} {aim_words.evidence(aim)}",
    ]
    if aim.judgement is not None:
        said = aim.judgement
        lines.append(
            f"**Judgement beside the rule: {words.lower_first(NAMES[said.state])}** ({said.role}, "
            f"{words.long_date(said.decided_on)}). {said.reason}"
        )
    return "\n\n".join(lines)


def changes(snapshot: Snapshot) -> None:
    """Which measures changed their definition in the last year, so that no two years are compared unawares."""
    found = aim_words.changed_definitions(snapshot)
    title = (
        f"{len(found)} change{'s' * (len(found) > 1)} of definition" if found else "No measure changed its definition"
    )
    st.header(f"{title} in the last 12 months", anchor="definitions")
    st.markdown(
        "\n".join(f"- {text}" for text in found)
        or "Every measure is counted as it was a year before. Definitions has the log of changes of each measure."
    )
    st.page_link("pages/release_changes.py", label="Which figures moved since the last release, and why")
