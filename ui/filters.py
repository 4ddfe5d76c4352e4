"""The filters of a page and their address: widgets bound to the URL, checked against what the release has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from ui import words
from ui.data import Snapshot
from ui.own_place import open_on_own_board

FIRST = "First"
LATEST = "Latest"
EVERY = "All categories"

#: Widths in pixels at which the longest label is not cut off.
VIEW_WIDTH, MONTH_WIDTH = 205, 150


@dataclass(frozen=True)
class View:
    """One way of looking at the service: the dimension it holds, if any, and how it is named."""

    key: str
    label: str
    dimension: str | None = None
    choose: str = ""


#: Labels are part of the address of a page (`?view=Laboratory&lab=Dundee`), so they are never renamed.
VIEWS = (
    View("scotland", "Scotland"),
    View("board", "Requesting board", "requesting_board", "Health board"),
    View("residence", "Board of residence", "residence_board", "Health board"),
    View("lab", "Laboratory", "performing_lab", "Performing laboratory"),
)
BY_KEY = {view.key: view for view in VIEWS}


@dataclass(frozen=True)
class Choice:
    """What a reader chose on the Turnaround page; hashable, so that it can key a cache."""

    view: View = VIEWS[0]
    code: str | None = None
    category: str | None = None
    start: dt.date | None = None
    end: dt.date | None = None

    @property
    def fixed(self) -> tuple[tuple[str, str], ...]:
        """The dimensions held at one code."""
        held = []
        if self.view.dimension and self.code:
            held.append((self.view.dimension, self.code))
        if self.category:
            held.append(("turnaround_category", self.category))
        return tuple(held)


def address(view: str = "scotland", place: str | None = None, category: str | None = None) -> dict[str, str]:
    """The query of a link that opens the Turnaround page with these filters, given as labels."""
    # Scotland is named too: without it the page opens on the reader's own board.
    query = {"view": BY_KEY[view].label}
    if view != "scotland" and place:
        query[view] = place
    if category:
        query["category"] = category
    return query


def choose(snapshot: Snapshot) -> Choice:
    """Draws the filters and gives what was chosen; what the release does not know falls back to the default."""
    labels = snapshot.facts.labels
    open_on_own_board(snapshot, labels.get("requesting_board", {}), ("view", "board"), "board")
    with st.container(border=True, key="filters"):
        with st.container(horizontal=True):
            key = st.selectbox(
                "View",
                list(BY_KEY),
                format_func=lambda key: BY_KEY[key].label,
                key="view",
                bind="query-params",
                width=VIEW_WIDTH,
            )
            view = BY_KEY.get(key or "", VIEWS[0])
            code = _one(view.choose, labels.get(view.dimension, {}), view.key) if view.dimension else None
            category = _category(labels.get("turnaround_category", {}))
        with st.container(horizontal=True):
            start = _month("From month", snapshot.facts.months, FIRST, "from")
            end = _month("To month", snapshot.facts.months, LATEST, "to")
    if start and end and start > end:
        st.info(
            f"The first month came after the last: shown is {words.short_month(end)} to {words.short_month(start)}."
        )
        start, end = end, start
    return Choice(view, code, category, start, end)


def _one(label: str, options: Mapping[str, str], key: str) -> str | None:
    if not options:
        st.selectbox(label, ["None in this release"], disabled=True, key=f"no_{key}")
        return None
    chosen = st.selectbox(
        label, list(options), format_func=lambda code: options.get(code, code), key=key, bind="query-params"
    )
    return chosen if chosen in options else next(iter(options))


def _category(options: Mapping[str, str]) -> str | None:
    chosen = st.selectbox(
        "Turnaround category",
        ["", *options],
        format_func=lambda code: options.get(code, code) if code else EVERY,
        key="category",
        bind="query-params",
    )
    return chosen if chosen in options else None


def _month(label: str, months: tuple[dt.date, ...], default: str, key: str) -> dt.date | None:
    newest_first = [None, *reversed(months)]
    chosen = st.selectbox(
        label,
        newest_first,
        format_func=lambda month: words.short_month(month) if month else default,
        key=key,
        bind="query-params",
        width=MONTH_WIDTH,
    )
    return chosen if chosen in months else None
