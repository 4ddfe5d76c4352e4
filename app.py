"""The app: navigation, and nothing else. Run it through server.py: `streamlit run server.py`."""

import pandas  # noqa: F401 - first, so that no session of a cold server meets a half-imported module
import streamlit as st

from ui import guard
from ui.data import BrokenReleaseError
from ui.theme import ICON, STYLE

PAGES = {
    "Start": [st.Page("pages/home.py", title="Home", default=True)],
    "Health boards": [st.Page("pages/turnaround.py", title="Turnaround")],
    "Data quality": [
        st.Page("pages/data_quality.py", title="Data quality"),
        st.Page("pages/ethnicity_recording.py", title="Ethnicity recording"),
    ],
    "About": [st.Page("pages/definitions.py", title="Definitions")],
}

navigation = st.navigation(PAGES, position="hidden")
st.set_page_config(
    page_title=f"{navigation.title} - Genomic medicine in NHS Scotland", page_icon=str(ICON), layout="wide"
)
st.html(STYLE)
guard.menu(PAGES)
try:
    navigation.run()
except BrokenReleaseError as problem:
    guard.failing(str(problem))
