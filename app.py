"""The app: navigation, and nothing else. Run it through server.py: `streamlit run server.py`."""

import pandas  # noqa: F401 - first, so that no session of a cold server meets a half-imported module
import streamlit as st

from ui import guard, screens, turns
from ui.access import NotAllowedError, Role
from ui.data import BrokenReleaseError
from ui.narrow_menu import fold_menu_away
from ui.theme import ICON_URL, STYLE

PAGES = {
    "Start": [st.Page("pages/home.py", title="Home", default=True)],
    "My board": [st.Page("pages/my_board.py", title="My board")],
    "My returns": [st.Page("pages/my_returns.py", title="My returns")],
    "Administration": [st.Page("pages/administration.py", title="Administration")],
    "Strategy": [
        st.Page("pages/aims.py", title="Aims"),
        st.Page("pages/aim.py", title="Evidence for an aim"),
        st.Page("pages/outcomes.py", title="Outcomes"),
        st.Page("pages/re_aim.py", title="RE-AIM"),
        st.Page("pages/programme.py", title="Programme"),
    ],
    "Health boards": [
        st.Page("pages/turnaround.py", title="Turnaround"),
        st.Page("pages/where_stuck.py", title="Where it is stuck"),
        st.Page("pages/comparison.py", title="Fair comparison"),
        st.Page("pages/signals.py", title="Signals"),
        st.Page("pages/outlook.py", title="Outlook"),
    ],
    "Equity": [
        st.Page("pages/reach.py", title="Who is reached"),
        st.Page("pages/waits_answers.py", title="Waits and answers"),
        st.Page("pages/gap_scanner.py", title="Gap scanner"),
        st.Page("pages/knowledge.py", title="Diversity of what is known"),
        st.Page("pages/equity_summary.py", title="Equity summary"),
    ],
    "Workforce": [
        st.Page("pages/workforce.py", title="Workforce"),
        st.Page("pages/demand.py", title="Demand"),
        st.Page("pages/capacity.py", title="Capacity"),
    ],
    "Scenarios": [st.Page("pages/scenarios.py", title="Scenarios")],
    "Assumptions": [st.Page("pages/assumptions.py", title="Assumptions")],
    "Data quality": [
        st.Page("pages/data_quality.py", title="Data quality"),
        st.Page("pages/ethnicity_recording.py", title="Ethnicity recording"),
    ],
    "About": [
        st.Page("pages/definitions.py", title="Definitions"),
        st.Page("pages/glossary.py", title="Glossary"),
        st.Page("pages/release_changes.py", title="Changes since the last release"),
        st.Page("pages/cited_figure.py", title="Cited figure"),
    ],
}

#: Groups that are not for every reader. The pages insist on the same: this only keeps the menu short.
NEEDS = {
    "My board": Role.BOARD_MANAGER,
    "My returns": Role.STEWARD,
    "Scenarios": Role.PLANNER,
    "Assumptions": Role.PLANNER,
    "Administration": Role.ADMINISTRATOR,
}

navigation = st.navigation(PAGES, position="hidden")
st.set_page_config(
    page_title=f"{navigation.title} - Genomic medicine in NHS Scotland", page_icon=ICON_URL, layout="wide"
)
st.html(STYLE)
fold_menu_away(navigation.url_path)
with turns.turn():
    guard.open_menu(PAGES, NEEDS, navigation.url_path or "home")
    try:
        navigation.run()
    except NotAllowedError as problem:
        guard.refused(problem)
    except BrokenReleaseError as problem:
        screens.failing(str(problem))
