"""Aim: the evidence for one aim of the strategy, from its state to the rows behind each figure."""

import streamlit as st

from ui import aim_show
from ui.aims import all_aims
from ui.guard import page, release_line

ctx = page()
st.title("Evidence for an aim")
st.markdown(f"What does the state of an aim rest on, and what is missing? {release_line(ctx)}")

found = all_aims(ctx.snapshot)
aim = aim_show.choose(found)
aim_show.state(found, aim)
aim_show.measures(ctx.snapshot, aim)
aim_show.over_time(ctx.snapshot, aim)
aim_show.actions(found, aim)
aim_show.dependencies(found, aim)
aim_show.awaited(aim)
aim_show.beside(aim)
