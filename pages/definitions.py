"""Definitions: what every published measure means, the standards in force, the shorthand and the terms."""

import streamlit as st

from ui import filters, show
from ui.guard import page

ctx = page()
st.title("Definitions")
st.markdown(
    "What each published measure counts, where it comes from and what to keep in mind, as the release shown has it."
)

st.header("Measures", anchor="measures")
show.measures(ctx.snapshot, filters.choose_measure(ctx.snapshot))

st.header("Turnaround standards", anchor="standards")
show.standards(ctx.snapshot)

st.header("Shorthand and status", anchor="shorthand")
show.shorthand()

st.header("Terms", anchor="terms")
show.terms()
