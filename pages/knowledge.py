"""Diversity of what is known: whose variants are reported, deposited and reclassified, and who stands in research."""

import streamlit as st

from ui import knowledge_sections, show
from ui.guard import page, release_line

ctx = page()
st.title("Diversity of what is known")
st.markdown(
    "Whose variants do others learn from, whose uncertain results are resolved, and who stands in research, against "
    f"the people who are tested? {release_line(ctx)}"
)
st.markdown(knowledge_sections.NO_ANCESTRY)

sections = knowledge_sections.sections_of_release(ctx.snapshot)
if not sections:
    st.info("This release was made before groups of people were compared.")
else:
    for section in sections:
        show.section(ctx.snapshot, section)
    st.page_link("pages/waits_answers.py", label="Any measure: Waits and answers")
