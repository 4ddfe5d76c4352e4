"""Whose data the page Data quality is about: Scotland, a health board or a laboratory, chosen by its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl
import streamlit as st

from ui.data import Snapshot
from ui.figures import of_scotland
from ui.own_place import open_on_own_board

Kind = Literal["scotland", "board", "lab"]

#: Labels are part of the address of the page (`?of=Laboratory&lab=Dundee`), so they are never renamed.
KINDS: dict[Kind, str] = {"scotland": "Scotland", "board": "Health board", "lab": "Laboratory"}

#: The dimensions by which the grades of each kind are held.
DIMENSIONS: dict[Kind, tuple[str, ...]] = {
    "scotland": ("",),
    "board": ("requesting_board", "residence_board"),
    "lab": ("performing_lab",),
}

KIND_WIDTH = 180


@dataclass(frozen=True)
class Place:
    """Whose data are looked at; hashable, so that it can key a cache."""

    kind: Kind = "scotland"
    code: str = ""
    label: str = "Scotland"

    @property
    def name(self) -> str:
        """The place in a sentence: `Scotland`, `NHS Fife`, `the Dundee laboratory`."""
        return {"scotland": self.label, "board": f"NHS {self.label}", "lab": f"the {self.label} laboratory"}[self.kind]


SCOTLAND = Place()


def places(snapshot: Snapshot, kind: Kind) -> dict[str, str]:
    """Code and label of the territorial health boards or the Scottish laboratories of a release, in display order."""
    dimension = DIMENSIONS[kind][0]
    known = of_scotland(dimension) or frozenset()
    return {code: label for code, label in snapshot.facts.labels.get(dimension, {}).items() if code in known}


def address(place: Place, measure: str = "") -> dict[str, str]:
    """The query of a link that opens the page for a place, and at a measure's reasons where one is named."""
    # Scotland is named too: without it the page opens on the reader's own board.
    query = {"of": KINDS[place.kind]} | ({} if place.kind == "scotland" else {place.kind: place.label})
    return {**query, "measure": measure} if measure else query


def of_place(frame: pl.DataFrame, place: Place) -> pl.DataFrame:
    """The rows of a table that name the place: as its submitter, or as its board where the table has one."""
    if place.kind == "scotland":
        return frame
    named = pl.col("submitter") == place.code
    return frame.filter(named | (pl.col("board") == place.code) if "board" in frame.columns else named)


def choose(snapshot: Snapshot) -> Place:
    """Draws the filter and gives what was chosen; without a board or laboratory of the release it is Scotland."""
    open_on_own_board(snapshot, places(snapshot, "board"), ("of", "board"), "board")
    with st.container(border=True, horizontal=True, key="whose"):
        kind = st.selectbox(
            "Data of",
            list(KINDS),
            format_func=lambda kind: KINDS.get(kind, kind),
            key="of",
            bind="query-params",
            width=KIND_WIDTH,
        )
        if kind not in KINDS or kind == "scotland":
            return SCOTLAND
        return _one(kind, places(snapshot, kind))


def _one(kind: Kind, options: Mapping[str, str]) -> Place:
    if not options:
        st.selectbox(KINDS[kind], ["None in this release"], disabled=True, key=f"no_{kind}")
        return SCOTLAND
    what = KINDS[kind].lower()
    code = st.selectbox(
        KINDS[kind],
        list(options),
        index=None,
        format_func=lambda code: options.get(code, code),
        key=kind,
        bind="query-params",
        placeholder=f"Choose a {what}",
    )
    if code is None or code not in options:
        st.caption(f"No {what} of this release is chosen, so this is Scotland.")
        return SCOTLAND
    return Place(kind, code, options[code])
