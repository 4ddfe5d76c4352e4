"""Equity summary: what can be said of Scotland and of a board, how sure it is, and what to do next, to print."""

import streamlit as st

from ui import equity_summary_show, group_gaps, reach_findings
from ui.guard import page, release_line

ctx = page()
st.title("Equity summary")
st.markdown(
    f"What can truly be said of fairness between groups of people, and what should be done next? {release_line(ctx)}"
)

board, gaps = equity_summary_show.choose(ctx.snapshot), group_gaps.all_gaps(ctx.snapshot)
if gaps is None:
    st.info("This release was made before groups of people were compared.")
else:
    reached = reach_findings.findings(ctx.snapshot, [group_gaps.SCOTLAND, *([board] if board else [])])
    equity_summary_show.draw(ctx.snapshot, gaps, board, reached)
    st.page_link("pages/reach.py", label="Everything on who is tested: Who is reached")
    st.page_link("pages/gap_scanner.py", label="Every gap behind this: Gap scanner")
