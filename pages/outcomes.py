"""Outcomes: what genomic tests led to, and for how many that is not recorded."""

import streamlit as st

from ui import outcomes, outcomes_filters, outcomes_show
from ui.guard import page, release_line
from ui.outcomes_measures import ORDER

ctx = page()
st.title("Outcomes")
st.markdown(
    "What did tests lead to: a diagnosis, other care, an action, a therapy, tests of relatives? What nobody recorded "
    f"is never counted as no, and laboratories are not compared. {release_line(ctx)}"
)

choice = outcomes_filters.choose(ctx.snapshot)
outcomes_show.overview(ctx.snapshot, choice)
for name in ORDER:
    outcomes_show.section(ctx.snapshot, outcomes.build(ctx.snapshot, name, choice))
