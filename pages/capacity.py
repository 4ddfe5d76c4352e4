"""Capacity: hours of work against hours of staff, by role and laboratory, now and to 2029-30."""

import streamlit as st

from ui import capacity_filters, capacity_inputs, capacity_overrides, capacity_sections, capacity_show, outlook_show
from ui.guard import page, release_line

ctx = page()
st.title("Capacity")
st.markdown(
    "Is there more work than hours to do it, in which role, and by when? A load ratio is hours of work over hours that "
    f"staff have for it: at 1, all of them are taken. {release_line(ctx)}"
)

given = capacity_inputs.assumptions()
overrides = capacity_overrides.of_address(given)
capacity_show.whose_values(ctx, given, overrides)
choice = capacity_filters.choose(ctx.snapshot, given, overrides)
if capacity_sections.is_told(ctx.snapshot, overrides):
    for name in capacity_sections.SECTIONS:
        outlook_show.part(ctx.snapshot, capacity_sections.build(ctx.snapshot, name, choice), "capacity")
else:
    st.info(capacity_sections.NEEDS)
