"""Ethnicity recording: whose ethnic group is recorded, why not, whether it improves, what the missing could hide."""

import streamlit as st

from ui import ethnicity_filters, ethnicity_sections, ethnicity_show
from ui.guard import page, release_line

ctx = page()
st.title("Ethnicity recording")
st.markdown(
    "Do we know the ethnic group of the people we test, well enough to say whether the service is fair? "
    "This is about the **recorded ethnic group**, in the words of Scotland's census. "
    f"{release_line(ctx)}"
)

choice = ethnicity_filters.choose(ctx.snapshot)
for name in ethnicity_sections.PARTS:
    ethnicity_show.part(ctx.snapshot, ethnicity_sections.build(ctx.snapshot, name, choice))
