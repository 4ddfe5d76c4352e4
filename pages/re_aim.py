"""RE-AIM: reach, effectiveness, adoption, implementation and maintenance, each as a level and by groups of people."""

import streamlit as st

from ui import re_aim, re_aim_show
from ui.guard import page, release_line

ctx = page()
st.title("RE-AIM")
st.markdown(
    "Is the service strong on reach and weak on maintenance, or the other way round? The five dimensions are reach, "
    "effectiveness, adoption, implementation and maintenance; a press report prints the first as *research*, but the "
    f"framework's word is reach. {release_line(ctx)}"
)

found = {name: re_aim.of_dimension(ctx.snapshot, name) for name in re_aim.ASKS}
re_aim_show.overview(found)
for name, lines in found.items():
    re_aim_show.dimension(ctx.snapshot, name, lines)
