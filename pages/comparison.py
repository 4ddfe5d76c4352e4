"""Fair comparison: boards and laboratories between limits, as they are and allowing for their mix of tests."""

import streamlit as st

from ui import comparison_sections, comparison_show, show
from ui.guard import page, release_line

ctx = page()
st.title("Fair comparison")
st.markdown(
    "How do boards and laboratories compare once their mix of tests, chance and usual variation are allowed for? "
    f"{release_line(ctx)}"
)

dimension = comparison_sections.choose()
st.markdown(comparison_sections.ADJUSTED_FOR)
for section in comparison_sections.SECTIONS.values():
    show.section(ctx.snapshot, section(ctx.snapshot, dimension))
if found := comparison_sections.compared(ctx.snapshot, dimension):
    comparison_show.download_button(ctx.snapshot, found)
