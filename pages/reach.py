"""Who is reached: who has genomic tests, by recorded ethnic group, deprivation, rurality, place, age and sex."""

import streamlit as st

from ui import reach_filters, reach_sections, reach_show
from ui.guard import page, release_line

ctx = page()
st.title("Who is reached")
st.markdown(
    "Who has genomic tests, against who lives here: how far can that be told from what is recorded? SIMD and rurality "
    f"are of the areas that people live in. {release_line(ctx)}"
)

choice = reach_filters.choose(ctx.snapshot)
for name in reach_sections.names(choice):
    if name == "groups":
        choice = reach_filters.assume(ctx.snapshot, choice)
    reach_show.part(ctx.snapshot, reach_sections.build(ctx.snapshot, name, choice))
