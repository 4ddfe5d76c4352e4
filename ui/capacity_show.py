"""Draws what the pages on capacity share: whose values are in force, and the way between the pages."""

from __future__ import annotations

import streamlit as st

from capacity.assumptions import Assumptions
from ui import capacity_overrides, words
from ui import capacity_words as said
from ui.access import Role
from ui.capacity_overrides import Overrides
from ui.guard import Context

ASSUMPTIONS, CAPACITY = "pages/assumptions.py", "pages/capacity.py"


def whose_values(ctx: Context, given: Assumptions, overrides: Overrides) -> None:
    """That values were put in place of assumptions, and which; and where they are changed, for those who may."""
    if overrides:
        st.warning(f"**Not as assumed.** This page uses {these(given, overrides)}.")
    may = ctx.reader.may(Role.PLANNER)
    if may:
        address = {capacity_overrides.KEY: capacity_overrides.written(overrides)} if overrides else {}
        st.page_link(ASSUMPTIONS, label="See and change the assumptions", query_params=address)
    else:
        st.caption("Every input with its source and range is on the page Assumptions, for the role planner.")


def these(given: Assumptions, overrides: Overrides) -> str:
    """The values that were put in place: `growth of requests a year at 8% (assumed: 5%)`."""
    told = []
    for key, number in overrides[:4]:
        name, row = words.lower_first(said.assumption(key, given)), given.row(key)
        if row is None:
            told.append(f"{name} at {number:g} times the table")
        else:
            told.append(f"{name} at {said.amount(number, row.unit)} (assumed: {said.amount(row.central, row.unit)})")
    more = len(overrides) - len(told)
    return words.joined(told + ([f"{more} more"] if more > 0 else []))


def whose_values_here(given: Assumptions, overrides: Overrides) -> None:
    """Which values were put in place of assumptions, and the way to what they do."""
    if overrides:
        st.warning(f"**Not as assumed.** {these(given, overrides)[:1].upper()}{these(given, overrides)[1:]}.")
    address = {capacity_overrides.KEY: capacity_overrides.written(overrides)} if overrides else {}
    st.page_link(CAPACITY, label="See what they say: Capacity", query_params=address)
