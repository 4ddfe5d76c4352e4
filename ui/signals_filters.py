"""The filters of the page Signals and their address: what is charted, of whom, how it is drawn and by which rules."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ui.data import Snapshot
from ui.signals import BY_KEY as MEASURES
from ui.signals_presets import BY_NAME, DEFAULT, RUN_PRESETS, XMR_PRESETS


@dataclass(frozen=True)
class View:
    """One way of looking: the dimension whose values have a chart each, and how it is named, alone and as many."""

    key: str
    label: str
    dimension: str | None = None
    plural: str = ""


#: Labels are part of the address of the page, so they are never renamed.
VIEWS = {
    view.key: view
    for view in (
        View("scotland", "Scotland"),
        View("board", "Requesting board", "requesting_board", "requesting boards"),
        View("residence", "Board of residence", "residence_board", "boards of residence"),
        View("lab", "Laboratory", "performing_lab", "laboratories"),
        View("category", "Turnaround category", "turnaround_category", "turnaround categories"),
        View("technology", "Technology", "technology", "technologies"),
    )
}

XMR, RUN = "XmR chart", "Run chart"
WIDTH = 235


@dataclass(frozen=True)
class Choice:
    """What a reader chose on the page Signals; hashable, so that it can key a cache."""

    view: View
    code: str
    measure: str = "share"
    preset: str = DEFAULT.name


def address(view: str, place: str = "") -> dict[str, str]:
    """The query of a link that opens the page at the chart of a place, given by its label."""
    query = {} if view == "scotland" else {"chart_of": VIEWS[view].label}
    return query | ({view: place} if view != "scotland" and place else {})


def open_chart(query: tuple[tuple[str, str], ...], code: str) -> None:
    """Sets the filters to the chart of a code, from a button; query as `address` gives it.

    By code and not by label, since a category and a technology may share a label.
    """
    asked = dict(query)
    view = next((view for view in VIEWS.values() if view.label == asked.get("chart_of")), VIEWS["scotland"])
    st.session_state["chart_of"] = view.key
    st.session_state["shown"] = "share"
    if view.dimension:
        st.session_state[view.key] = code


def choose(snapshot: Snapshot) -> Choice:
    """Draws the filters and gives what was chosen; what the release does not know falls back to the default."""
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        key = st.selectbox(
            "Charts of", list(VIEWS), format_func=lambda key: VIEWS[key].label, key="chart_of", bind="query-params",
            width=WIDTH,
        )  # fmt: skip
        view = VIEWS.get(key or "", VIEWS["scotland"])
        code = _place(snapshot, view) if view.dimension else ""
        shown = st.selectbox(
            "Measure", list(MEASURES), format_func=lambda key: MEASURES[key].label, key="shown", bind="query-params",
            width=WIDTH,
        )  # fmt: skip
        drawn = st.selectbox("Chart", [XMR, RUN], key="chart", bind="query-params", width=WIDTH)
        presets = RUN_PRESETS if drawn == RUN else XMR_PRESETS
        names = [preset.name for preset in presets]
        preset = st.selectbox(
            "Rules", names, format_func=lambda name: BY_NAME[name].label, bind="query-params", width=WIDTH,
            key="run_rules" if drawn == RUN else "rules",
        )  # fmt: skip
    return Choice(view, code, shown if shown in MEASURES else "share", preset if preset in names else names[0])


def _place(snapshot: Snapshot, view: View) -> str:
    options = snapshot.facts.labels.get(view.dimension or "", {})
    if not options:
        st.selectbox(view.label, ["None in this release"], disabled=True, key=f"no_{view.key}", width=WIDTH)
        return ""
    chosen = st.selectbox(
        view.label, list(options), format_func=lambda code: options.get(code, code), key=view.key, bind="query-params",
        width=WIDTH,
    )  # fmt: skip
    return chosen if chosen in options else next(iter(options))
