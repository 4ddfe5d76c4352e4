"""The filters of the page Outlook and their address: how many days ahead, and whose requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from ui.data import Snapshot
from ui.figures import of_scotland

#: Days ahead by their label, which is part of the address of the page; the first is shown unless another is chosen.
DAYS = {"14 days": 14, "7 days": 7, "28 days": 28}

#: Views by their label: the kind of place in the tables of forecasts, and what its list is called.
VIEWS = {
    "Scotland": ("scotland", ""),
    "Requesting board": ("requesting_board", "Health board"),
    "Laboratory": ("performing_lab", "Performing laboratory"),
}

#: The key under which the address names a place of each kind.
KEYS = {"requesting_board": "board", "performing_lab": "lab"}


@dataclass(frozen=True)
class Choice:
    """What a reader chose on the page; hashable, so that it can key a cache. `code` is empty for Scotland."""

    days: int = 14
    kind: str = "scotland"
    code: str = ""

    @property
    def fixed(self) -> tuple[tuple[str, str], ...]:
        """The dimension held at one code, if any."""
        return ((self.kind, self.code),) if self.code else ()


def places(snapshot: Snapshot, kind: str) -> dict[str, str]:
    """Code and name of the Scottish boards or laboratories, in the order of their list."""
    own: Mapping[str, str] = snapshot.facts.labels.get(kind, {})
    counted = of_scotland(kind)
    return {code: name for code, name in own.items() if counted is None or code in counted}


def choose(snapshot: Snapshot) -> Choice:
    """Draws the filters and gives what was chosen; what the release does not know falls back to the default."""
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        ahead = st.selectbox("Look ahead", list(DAYS), key="ahead", bind="query-params", width=150)
        view = st.selectbox("View", list(VIEWS), key="view", bind="query-params", width=205)
        kind, label = VIEWS.get(view or "", VIEWS["Scotland"])
        code = _one(places(snapshot, kind), label, KEYS[kind]) if label else ""
    return Choice(DAYS.get(ahead or "", 14), kind if code else "scotland", code)


def _one(named: Mapping[str, str], label: str, key: str) -> str:
    if not named:
        st.selectbox(label, ["None in this release"], disabled=True, key=f"no_{key}")
        return ""
    chosen = st.selectbox(
        label, list(named), format_func=lambda code: named.get(code, code), key=key, bind="query-params"
    )
    return chosen if chosen in named else next(iter(named))
