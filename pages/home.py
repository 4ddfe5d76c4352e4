"""Home: headline measures, what needs attention, where to go."""

import streamlit as st

from ui import show, signals_show
from ui.access import Role
from ui.attention import about_the_line, attention
from ui.guard import page, release_line
from ui.headlines import headlines, of_three_periods

ctx = page()
st.title("Genomic medicine in NHS Scotland")
st.markdown(f"How the service does against the strategy for 2024 to 2029. {release_line(ctx)}")

st.header("Scotland at a glance", anchor="glance")
measures = headlines(ctx.snapshot)
show.headlines(measures)
if relate := of_three_periods(ctx.snapshot):
    st.caption(relate)
signals_show.on_home(ctx.snapshot)

st.header("What needs attention", anchor="attention")
show.attention(
    attention(ctx.snapshot), about_the_line(ctx.snapshot), judged=any(measure.is_shown for measure in measures)
)

st.header("Where to go", anchor="where")
show.where_to_go(is_manager=ctx.reader.may(Role.BOARD_MANAGER))
