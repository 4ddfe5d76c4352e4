"""Outlook: what will breach, how far that can be trusted, and whether work is piling up."""

import streamlit as st

from ui import outlook_filters, outlook_sections, outlook_show
from ui.guard import page, release_line

ctx = page()
st.title("Outlook: what will breach")
st.markdown(f"Which open requests will pass their due date, and is work piling up? {release_line(ctx)}")

choice = outlook_filters.choose(ctx.snapshot)
outlook_show.late(ctx.snapshot)
for name in outlook_sections.SECTIONS:
    outlook_show.part(ctx.snapshot, outlook_sections.build(ctx.snapshot, name, choice))
