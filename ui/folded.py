"""A part of a page that is closed at first: what is in it is made and sent when a reader opens it."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

#: Whether closed parts are made with the page all the same. Tests set this: they read what a reader may open.
IS_MADE_CLOSED = False


def folded(label: str, key: str) -> DeltaGenerator | None:
    """The part, to be filled, where it is open; None where it is closed and stays empty.

    Opening it runs the page again, which is made from what is kept. key: its own on the page.
    """
    part = st.expander(label, type="compact", key=f"folded_{key}", on_change="rerun")
    return part if part.open or IS_MADE_CLOSED else None
