"""Pages open on the reader's own health board, where there is one and neither address nor reader chose another."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from ui.data import Snapshot


def open_on_own_board(snapshot: Snapshot, boards: Collection[str], kind: tuple[str, str], place: str) -> None:
    """Sets the filters of a page to the first board of the reader, before they are drawn.

    boards: those that the page can show. kind: key of the filter of what kind of place is shown, and its value for
    boards. place: key of the filter of the board. It is set, and no default, so that the address names the board: the
    same link shows the same figures to every reader.
    """
    key, board = kind
    own = [code for code in boards if code in snapshot.reader.boards]
    if own and key not in st.session_state and key not in st.query_params:
        st.session_state[key], st.session_state[place] = board, own[0]
