"""Cited figure: a figure by its id, as the release had it that it was cited from."""

import streamlit as st

from ui import cited_figure_show
from ui.guard import page

ctx = page()
st.title("Cited figure")
st.markdown("A figure by its id: the same cells, chart and file as in the release that it was cited from.")

cited_figure_show.draw(ctx.snapshot, cited_figure_show.choose())
