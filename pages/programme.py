"""Programme: actions by aim and owner, test proposals, directories, agreements, scope, standards, sites and returns."""

import streamlit as st

from ui import programme_sections, programme_show, show
from ui.aims import all_aims
from ui.guard import page, release_line

ctx = page()
st.title("Programme")
st.markdown(
    "Which actions are overdue, who owns them and what do they hold up; how long do new tests take? "
    f"{release_line(ctx)}"
)

found = all_aims(ctx.snapshot)
if found.items is None or found.reported_on is None:
    programme_show.nothing()
else:
    programme_show.actions(ctx.snapshot, found)
    for name in programme_sections.SECTIONS:
        if section := programme_sections.section(ctx.snapshot, name):
            show.section(ctx.snapshot, section)
