"""Draws what a reader looks for on the page Definitions, and tells which measure the address names."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from catalogue.indicators import Indicator
from catalogue.reference import labels
from ui.data import Snapshot
from ui.definition_list import KINDS, MARKS, RE_AIM, STATES, Asked

#: The name of the measure in the address of the page, `/definitions?indicator=…`, so it is never renamed.
INDICATOR = "indicator"
SEARCH = "search"

#: The longest text that is looked for.
LONGEST = 80

EVERY = "All"

WIDTH = 215


def choose() -> Asked:
    """Draws the filters and gives what was chosen."""
    with st.container(border=True, key="filters"):
        text = st.text_input(
            "Search",
            key=SEARCH,
            bind="query-params",
            max_chars=LONGEST,
            placeholder="number, title, or any word of a definition",
        )
        with st.container(horizontal=True):
            aims = {code: f"{code} {label}" for code, label in labels("aims").items()}
            aim = _one("Aim", aims, "for_aim")
            re_aim = _one("RE-AIM dimension", RE_AIM, "dimension")
            status = _one("Status", MARKS, "status_mark")
            kind = _one("Kind", KINDS, "kind")
            state = _one("In this release", STATES, "has")
    return Asked(text or "", aim, re_aim, status, kind, state)


def _one(label: str, options: Mapping[str, str], key: str) -> str:
    chosen = st.selectbox(
        label,
        ["", *options],
        format_func=lambda name: options.get(name, EVERY),
        key=key,
        bind="query-params",
        width=WIDTH,
    )
    return chosen if chosen in options else ""


def named(snapshot: Snapshot) -> tuple[str, Indicator | None]:
    """What the address names, and the measure of that name; an empty text where it names none."""
    asked = st.query_params.get(INDICATOR, "")
    return asked, snapshot.indicator(asked)


def keep_address(entry: Indicator) -> None:
    """Writes the measure into the address: after a click on a link, the filters bound to it would write it without."""
    st.query_params[INDICATOR] = entry.id


def forget_address() -> None:
    """Takes the measure out of the address; what is looked for stays."""
    st.query_params.pop(INDICATOR, None)


def address(indicator: str) -> dict[str, str]:
    """The query of a link that keeps what is looked for and names a measure."""
    kept = {name: value for name, value in st.query_params.to_dict().items() if value}
    return kept | {INDICATOR: indicator}
