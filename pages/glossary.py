"""Glossary: what the words of this dashboard mean."""

import streamlit as st

from ui import glossary_show
from ui.guard import page

ctx = page()
st.title("Glossary")
st.markdown("What the words of this dashboard mean here. Definitions of measures link to them.")
glossary_show.draw()
st.page_link("pages/definitions.py", label="Definitions of all measures")
