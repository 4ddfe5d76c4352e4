"""Workforce: who is in post, what is vacant, who leaves and who is in training, and what only the extract can tell."""

import streamlit as st

from ui import outlook_show, workforce_filters, workforce_sections, workforce_words
from ui.guard import page, release_line

ctx = page()
st.title("Workforce")
st.markdown(
    "Who is there to do the work, what is vacant and for how long, who leaves, and who is in training? Posts are "
    "whole-time equivalents (WTE); hours stand beside them, since the full-time week became shorter twice. "
    f"{release_line(ctx)}"
)

choice = workforce_filters.choose(ctx.snapshot)
if workforce_sections.is_told(ctx.snapshot):
    for name in workforce_sections.SECTIONS:
        outlook_show.part(ctx.snapshot, workforce_sections.build(ctx.snapshot, name, choice), "workforce")
else:
    st.info(workforce_words.NEEDS)
st.header("What is known nationally, and what only the extract can tell", anchor="known")
st.markdown(workforce_words.KNOWN)
st.page_link("pages/capacity.py", label="Posts that the work needs: Capacity")
