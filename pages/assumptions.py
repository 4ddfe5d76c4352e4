"""Assumptions: every input of the capacity model with its source, owner and range; change one and see what moves."""

import streamlit as st

from ui import assumptions_show, capacity_inputs, capacity_overrides, capacity_show
from ui.access import Role
from ui.guard import page, release_line

ctx = page(Role.PLANNER)
st.title("Assumptions")
st.markdown(
    "What does the capacity model rest on, who answers for it, and what moves if it changes? Your values stand in the "
    f"address of this page: copy it to share them. {release_line(ctx)}"
)

given = capacity_inputs.assumptions()
overrides = capacity_overrides.of_address(given)
capacity_show.whose_values_here(given, overrides)
group = assumptions_show.change(given, overrides)
assumptions_show.moves(ctx, overrides)
assumptions_show.listing(ctx, given, overrides, group)
