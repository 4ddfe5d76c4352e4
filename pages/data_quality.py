"""Data quality: what is wrong with our data, since when, what it touches, and what to do."""

import streamlit as st

from ui import quality_place, quality_show
from ui.guard import page, release_line

ctx = page()
st.title("Data quality")
st.markdown(
    f"What is wrong with our data, since when, what does it touch, and what do we do? {release_line(ctx)} "
    "Counts of rows are rounded up or down to a multiple of 5. Under 10, or where they could give such a number away, "
    "they are hidden [c]."
)

place = quality_place.choose(ctx.snapshot)
quality_show.explained(ctx.snapshot, place)
quality_show.answers(ctx.snapshot, place)
quality_show.panel(ctx.snapshot, place, "loaded")
quality_show.open_checks(ctx.snapshot, place)
quality_show.graded(ctx.snapshot, place)
quality_show.panel(ctx.snapshot, place, "first")
quality_show.by_month(ctx.snapshot, place)
quality_show.blanks(ctx.snapshot, place)
quality_show.panel(ctx.snapshot, quality_place.SCOTLAND, "checks")
