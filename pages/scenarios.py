"""Scenarios: what growth, hires, trainees, the week or moved work would do to waits, and what would be enough."""

import streamlit as st

from ui import capacity_inputs, scenario_show
from ui.access import Role
from ui.guard import page, release_line

ctx = page(Role.PLANNER)
st.title("Scenarios")
st.markdown(
    f"What would growth, hires, trainees or moved work do to waits, and whom would it help? {release_line(ctx)}"
)
scenario_show.whole(ctx, capacity_inputs.assumptions())
