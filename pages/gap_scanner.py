"""Gap scanner: every gap between groups of people, how many are called different, and how many chance would give."""

import streamlit as st

from ui import gap_scanner, gap_scanner_show, group_gaps
from ui.guard import page, release_line

ctx = page()
st.title("Gap scanner")
st.markdown(
    "Looking at every measure, group and place at once: where do groups of people differ, and how many such "
    f"differences would chance alone have given? {release_line(ctx)}"
)

gaps = group_gaps.all_gaps(ctx.snapshot)
if gaps is None:
    st.info("This release was made before groups of people were compared.")
else:
    gap_scanner_show.against_chance(ctx.snapshot, gaps, gap_scanner.scan(gaps))
    gap_scanner_show.listed(ctx.snapshot, gaps)
    st.page_link("pages/waits_answers.py", label="One at a time: Waits and answers")
