"""What a reader chose on the page Ethnicity recording: a board of residence, and what stands side by side."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from catalogue.dimensions import dimensions
from ui.data import Snapshot

RESIDENCE = "residence_board"

#: What may stand side by side. Their labels are part of the address of the page, so they are never renamed.
SIDE_BY_SIDE = (RESIDENCE, "receiving_lab", "referrer_specialty", "directory")

ALL = "All of Scotland"
WIDTH = 260


@dataclass(frozen=True)
class Choice:
    """A board of residence, or None for Scotland, and the dimension side by side; hashable, so that it keys a cache."""

    board: str | None = None
    by: str = RESIDENCE

    @property
    def fixed(self) -> tuple[tuple[str, str], ...]:
        """The dimensions held at one code."""
        return ((RESIDENCE, self.board),) if self.board else ()

    @property
    def beside(self) -> tuple[tuple[str, str], ...]:
        """What is held where groups stand side by side: the board, unless boards are what is compared."""
        return () if self.by == RESIDENCE else self.fixed


def choose(snapshot: Snapshot) -> Choice:
    """Draws the filters and gives what was chosen; what the release does not know falls back to the default."""
    boards = snapshot.facts.labels.get(RESIDENCE, {})
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        board = st.selectbox(
            "People who live in",
            ["", *boards],
            format_func=lambda code: boards.get(code, code) if code else ALL,
            key="lives_in",
            bind="query-params",
            width=WIDTH,
        )
        by = st.selectbox(
            "Side by side",
            SIDE_BY_SIDE,
            format_func=lambda name: dimensions()[name].label,
            key="by",
            bind="query-params",
            width=WIDTH,
        )
    return Choice(board if board in boards else None, by if by in SIDE_BY_SIDE else RESIDENCE)
