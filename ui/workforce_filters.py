"""The filters of the page Workforce and their address: which laboratory and which role."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from catalogue.reference import labels
from ui.data import Snapshot
from ui.outlook_filters import places

#: Labels are part of the address of a page, so they are never renamed; the keys are those of the page Capacity.
ALL_FOUR, ALL_ROLES = "All four", "All roles"


@dataclass(frozen=True)
class Choice:
    """What a reader chose; hashable, so that it can key a cache. Empty for all four laboratories and for all roles."""

    site: str = ""
    role: str = ""

    @property
    def fixed(self) -> tuple[tuple[str, str], ...]:
        """The dimensions held at one code."""
        return tuple((name, code) for name, code in (("site", self.site), ("role", self.role)) if code)

    @property
    def spread(self) -> str:
        """What stands side by side: the roles, or the laboratories of a chosen role."""
        return "site" if self.role and not self.site else "role"

    @property
    def around(self) -> tuple[tuple[str, str], ...]:
        """What is held for what stands side by side: the roles of the laboratory, where both are chosen."""
        return tuple(held for held in self.fixed if held[0] != self.spread)

    @property
    def highlight(self) -> str:
        """The code that stands out among those side by side; empty where none does."""
        return dict(self.fixed).get(self.spread, "")


def choose(snapshot: Snapshot) -> Choice:
    """Draws the filters and gives what was chosen; what is not known falls back to all."""
    sites = {name: code for code, name in places(snapshot, "performing_lab").items()}
    roles = {name: code for code, name in labels("roles").items()}
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        lab = st.selectbox("Laboratory", [ALL_FOUR, *sites], key="lab", bind="query-params", width=190)
        role = st.selectbox("Role", [ALL_ROLES, *roles], key="staff", bind="query-params", width=260)
    return Choice(sites.get(lab or "", ""), roles.get(role or "", ""))
