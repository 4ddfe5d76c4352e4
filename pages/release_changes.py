"""Changes since the last release: which definitions differ, which figures moved, by how much, and why."""

import streamlit as st

from ui import release_changes_show
from ui.guard import page
from ui.release_before import release_before
from ui.release_changes import compared

ctx = page()
st.title("Changes since the last release")
st.markdown(
    "Which figures moved since the release before, and whether a changed definition, data that came again or late, or "
    "new data moved them. For whoever has quoted a figure and finds another now."
)
before = release_before(ctx.snapshot)
if before.snapshot is None:
    release_changes_show.nothing(before)
else:
    found = compared(ctx.snapshot, before.snapshot)
    release_changes_show.releases(ctx.snapshot.release, before.snapshot.release)
    lines = release_changes_show.figures(found, ctx.snapshot.facts.indicators)
    release_changes_show.definitions(found)
    release_changes_show.one_measure(ctx.snapshot, before.snapshot, lines)
