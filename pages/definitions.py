"""Definitions: what every published measure means, how it is worked and tested, and the standards in force."""

import streamlit as st

from ui import definition_filters, definition_list, definition_show, show
from ui.guard import page

ctx = page()
st.title("Definitions")
st.markdown(
    "What each published measure counts, how it is worked and tested, and what to keep in mind, as the release shown "
    "has it."
)
if definition_show.chosen(ctx.snapshot) is None:
    with st.expander("Download the whole catalogue", type="compact"):
        definition_show.catalogue(ctx.snapshot, "all")
asked = definition_filters.choose()
definition_show.listed(ctx.snapshot, definition_list.found(ctx.snapshot, asked))

st.header("Turnaround standards", anchor="standards")
show.standards(ctx.snapshot)

st.header("Shorthand and status", anchor="shorthand")
show.shorthand()
st.page_link("pages/glossary.py", label="Glossary: what the words mean")
st.page_link("pages/release_changes.py", label="What changed since the release before")
