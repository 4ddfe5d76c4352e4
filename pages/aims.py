"""Aims: where each of the thirteen aims of the strategy stands, by which rule and on what evidence."""

import streamlit as st

from ui import aims_show
from ui.aims import all_aims
from ui.guard import page, release_line

ctx = page()
st.title("Aims of the strategy")
st.markdown(
    f"Where does each of the thirteen aims stand, on what evidence, and what cannot be told yet? {release_line(ctx)}"
)

found = all_aims(ctx.snapshot)
aims_show.states(found)
aims_show.cards(ctx.snapshot, found)
aims_show.changes(ctx.snapshot)
