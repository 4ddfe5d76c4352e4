"""The role picker of a demonstration: without sign-in, one may look as each kind of reader at synthetic figures."""

from __future__ import annotations

import streamlit as st

from catalogue.reference import labels
from ui import audit
from ui.access import ROLE_WORDS, Reader, Role, boards, demonstration, submitters

#: Keys of the widgets. Another page's filters are named otherwise, so that a choice is never taken for a role.
ROLE, BOARD, SUBMITTER = "look_as", "look_as_board", "look_as_submitter"

#: What was recorded last.
RECORDED = "look_as_recorded"


def chosen_role() -> Reader:
    """The reader in the role that was picked; a viewer where nothing, or nothing known, was picked."""
    picked = st.session_state.get(ROLE)
    role = Role(picked) if picked in list(Role) else Role.VIEWER
    return demonstration(role, board=st.session_state.get(BOARD), submitter=st.session_state.get(SUBMITTER))


def pick_role() -> None:
    """Draws the picker in the sidebar and records a change of role."""
    role = st.selectbox(
        "Look as",
        list(Role),
        format_func=lambda role: ROLE_WORDS[role],
        key=ROLE,
        help="This demonstration has no sign-in. With sign-in, roles come from it and cannot be picked.",
    )
    if role is Role.BOARD_MANAGER:
        known = {code: label for code, label in labels("boards").items() if code in boards()}
        st.selectbox("Health board", list(known), format_func=lambda code: known.get(code, code), key=BOARD)
    if role is Role.STEWARD:
        senders = _senders()
        st.selectbox("Submitter", list(senders), format_func=lambda code: senders.get(code, code), key=SUBMITTER)
    if st.session_state.get(RECORDED, Role.VIEWER) != role:
        st.session_state[RECORDED] = role
        audit.record("role", audit.DEMONSTRATION, "look_as", {"role": str(role)})


def _senders() -> dict[str, str]:
    """Who sends extracts, with the laboratories first."""
    named = {
        **{code: f"{label} laboratory" for code, label in labels("laboratories").items()},
        **{code: f"NHS {label}" if code in boards() else label for code, label in labels("boards").items()},
        **{code: label for code, label in labels("organisations").items() if code == "SGV"},
    }
    return {code: label for code, label in named.items() if code in submitters()}
