"""Waits and answers: does any group of people wait longer or get fewer answers, once like is compared with like?"""

import streamlit as st

from ui import group_gaps, group_gaps_download, show, waits_answers, waits_answers_filters, wrong_groups_show
from ui.guard import page, release_line

ctx = page()
st.title("Waits and answers")
st.markdown(
    "Does any group of people wait longer, or get an answer less often, once like is compared with like, and what "
    f"could people of unknown group change? Groups are named as Scotland's census names them. {release_line(ctx)}"
)

choice, gaps = waits_answers_filters.choose(ctx.snapshot), group_gaps.all_gaps(ctx.snapshot)
if choice is None or gaps is None:
    st.info("This release was made before groups of people were compared.")
else:
    view = waits_answers.view(ctx.snapshot, gaps, choice)
    for section in waits_answers.sections(view):
        show.section(ctx.snapshot, section)
        if section.name == "gap" and view.rows and not view.is_withheld:
            name = f"gaps-{choice.measure}-{choice.dimension}-{choice.area}".replace("_", "-").lower()
            group_gaps_download.button(
                ctx.snapshot, group_gaps_download.of(gaps, choice), name, "download_gaps", "Download these gaps as CSV"
            )
    if view.recording is not None and not view.is_withheld:
        wrong_groups_show.wrongly_recorded(view)
    st.page_link("pages/gap_scanner.py", label="All at once: Gap scanner")
    st.page_link("pages/ethnicity_recording.py", label="Who is recorded: Ethnicity recording")
