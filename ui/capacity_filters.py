"""The filters of the pages on capacity and their address: which laboratory, which role, what the sensitivity is of."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from capacity.assumptions import Assumptions
from ui import capacity_words as said
from ui.capacity_answers import ANSWERS
from ui.capacity_overrides import Overrides
from ui.data import Snapshot
from ui.outlook_filters import places

ALL_FOUR, BUSIEST = "All four", "The busiest"


@dataclass(frozen=True)
class Choice:
    """What a reader chose; site and role are empty for all four laboratories and for the role with the highest load."""

    site: str = ""
    role: str = ""
    answer: str = ANSWERS[0]
    overrides: Overrides = ()


def choose(snapshot: Snapshot, given: Assumptions, overrides: Overrides) -> Choice:
    """Draws the filters and gives what was chosen; what is not known falls back to the default."""
    sites = {name: code for code, name in places(snapshot, "performing_lab").items()}
    roles = {said.role(code): code for code in given.roles}
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        lab = st.selectbox("Laboratory", [ALL_FOUR, *sites], key="lab", bind="query-params", width=190)
        role = st.selectbox("Role", [BUSIEST, *roles], key="staff", bind="query-params", width=260)
        answer = st.selectbox("Sensitivity of", ANSWERS, key="answer", bind="query-params", width=240)
    return Choice(
        sites.get(lab or "", ""), roles.get(role or "", ""), answer if answer in ANSWERS else ANSWERS[0], overrides
    )
