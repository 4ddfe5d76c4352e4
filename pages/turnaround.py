"""Turnaround: are people getting results on time, what is overdue, where and since when."""

import streamlit as st

from ui import due_and_late, filters, show, sums_show, turnaround_sections, urgent_tests
from ui.guard import page, release_line

ctx = page()
st.title("Turnaround")
st.markdown(f"Are people getting results on time, and what is waiting? {release_line(ctx)}")

choice = filters.choose(ctx.snapshot)
for name in turnaround_sections.SECTIONS:
    show.section(ctx.snapshot, turnaround_sections.build(ctx.snapshot, name, choice))
for section in (*due_and_late.SECTIONS.values(), urgent_tests.urgent_tests):
    show.section(ctx.snapshot, section(ctx.snapshot, choice))
sums_show.add_places(ctx.snapshot, choice)
