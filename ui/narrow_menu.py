"""On a phone the menu covers the page: it is folded away once a reader has chosen another page from it.

Streamlit folds its own menu away so, and leaves links that an app draws in the sidebar alone; nothing of Python's can
fold it. These few lines are the only script of ours. The content policy lets them run by their hash (`server.py`).
"""

from __future__ import annotations

import streamlit as st

#: Runs once for each page that is opened. As wide as the screens on which Streamlit lays the sidebar over the page.
SCRIPT = """
if (window.matchMedia("(max-width: 768px)").matches) {
  document.querySelector('[data-testid="stSidebarCollapseButton"] button[aria-expanded="true"]')?.click();
}
"""

#: What marks the place of the script, which takes up no room (`ui.theme`).
MARK = "gm-phone-menu"


def fold_menu_away(page: str) -> None:
    """Has the browser fold the menu away on a narrow screen when `page`, the path of the page being made, is another
    than before; a choice made on the same page leaves the menu as it is."""
    st.html(f'<span class="{MARK}" data-page="{page}"></span><script>{SCRIPT}</script>', unsafe_allow_javascript=True)
