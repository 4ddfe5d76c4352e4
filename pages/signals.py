"""Signals: is this month a signal or noise, is it getting better, and what has really changed."""

import streamlit as st

from ui import signals_filters, signals_show
from ui.guard import page, release_line

ctx = page()
st.title("Signal or noise")
st.markdown(
    "Is this month a real change or only chance, and is it getting better? Days between missed due dates, for tests "
    f"that rarely miss one, are on the page My board. {release_line(ctx)}"
)

top = st.container()
choice = signals_filters.choose(ctx.snapshot)
with top:
    signals_show.changes(ctx.snapshot, choice)
signals_show.chart(ctx.snapshot, choice)
signals_show.side_by_side(ctx.snapshot, choice)
