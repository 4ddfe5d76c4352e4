"""Demand: how many requests will come to March 2030, how far that can be trusted, and what a planner may suppose."""

import streamlit as st

from ui import demand_filters, demand_measures, demand_sections, demand_words, outlook_show
from ui.guard import page, release_line

ctx = page()
st.title("Demand: how many requests will come")
st.markdown(
    f"How many requests will be received month by month to March 2030, and what would change that? {release_line(ctx)}"
)

found = demand_measures.demand(ctx.snapshot)
choice = demand_filters.choose(ctx.snapshot, found) if found is not None else demand_filters.Choice()
for name in demand_sections.SECTIONS:
    outlook_show.part(ctx.snapshot, demand_sections.build(ctx.snapshot, name, choice), "demand")
st.header("What this does not know", anchor="not-known")
st.markdown(demand_words.NOT_KNOWN)
