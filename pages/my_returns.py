"""My returns: what a submitter has to correct, what became of its submissions, its letters and return files."""

import streamlit as st

from ui import my_returns_show as show
from ui.access import Role
from ui.guard import page

ctx = page(Role.STEWARD)
st.title("My returns")
own = show.open_returns(ctx)
st.markdown(
    f"What became of the submissions of **{show.name_of(own)}**, and what to correct. Exact counts, for its own data "
    "stewards only: do not forward."
)
show.summary(own)
show.open_submissions(own)
show.files(ctx, own)
show.every_submission(ctx, own)
