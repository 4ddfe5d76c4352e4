"""What a reader chose on the page Outcomes: how to spread the sections, whose results, which clinical group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from ui.data import Snapshot
from ui.outcomes_measures import PLACE, VIEWS, View
from ui.own_place import open_on_own_board

SCOTLAND = "All of Scotland"
EVERY_GROUP = "All clinical groups"
#: Care is told by technology within one purpose: over all purposes the mix of tests would make the difference.
FIRST_PURPOSE = "diagnostic"
WIDTH = 230


@dataclass(frozen=True)
class Choice:
    """A view, and codes held; hashable, so that it keys a cache."""

    view: View = ""
    board: str | None = None
    group: str | None = None
    purpose: str = FIRST_PURPOSE


def choose(snapshot: Snapshot) -> Choice:
    """Draws the filters and gives what was chosen; what the release does not know falls back to the default."""
    labels = snapshot.facts.labels
    boards, groups, purposes = (labels.get(name, {}) for name in (PLACE, "clinical_group", "test_purpose"))
    open_on_own_board(snapshot, boards, ("show", ""), "lives_in")
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        view = st.selectbox(
            "Show", list(VIEWS), format_func=lambda name: VIEWS.get(name, name), key="show", bind="query-params",
            width=WIDTH,
        )  # fmt: skip
        view = view if view in VIEWS else ""
        board = group = None
        purpose = FIRST_PURPOSE
        if view == "":
            board = _one("People who live in", boards, SCOTLAND, "lives_in")
        if view == "technology":
            purpose = _one("Purpose of the test", purposes, "", "purpose") or FIRST_PURPOSE
        if groups:
            group = _one("Clinical group, for the yield", groups, EVERY_GROUP, "group")
    return Choice(view, board, group, purpose)


def _one(label: str, named: Mapping[str, str], every: str, key: str) -> str | None:
    """A choice of one code, or of all where `every` names that."""
    chosen = st.selectbox(
        label, [*([""] if every else []), *named], format_func=lambda code: named.get(code, code) if code else every,
        key=key, bind="query-params", width=WIDTH,
    )  # fmt: skip
    return chosen if chosen in named else None
