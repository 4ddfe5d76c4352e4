"""Where it is stuck: which stage of the path takes longest, where, and what else holds requests up."""

import streamlit as st

from ui import show, stuck
from ui.guard import page, release_line

ctx = page()
st.title("Where it is stuck")
st.markdown(
    f"Which stage of the path takes longest, where, and did that change on the year before? {release_line(ctx)}"
)

choice = stuck.choose(ctx.snapshot)
for name in stuck.SECTIONS:
    show.section(ctx.snapshot, stuck.build(ctx.snapshot, name, choice))
