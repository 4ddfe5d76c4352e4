"""The filters of the page Waits and answers and their address: a measure, who is compared, and where people live."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from catalogue.dimensions import dimensions
from catalogue.indicators import Indicator
from ui.data import Snapshot
from ui.figures import of_scotland
from ui.group_gap_words import short_title
from ui.group_gaps import ETHNIC, PLACE, SCOTLAND, compared, groupings

#: The measure shown unless another is chosen.
FIRST = "within_standard_by_group"
SCOTLAND_LABEL = "All of Scotland"
PAGE = "pages/waits_answers.py"

#: Groups that are asked after often: label of a link and the grouping that it opens.
OFTEN = {
    "Children": "age_group",
    "People who need an interpreter": "interpreter_needed",
    "People living in deprived areas": "simd_quintile",
}


@dataclass(frozen=True)
class Choice:
    """A measure, a grouping of people, and an area as cubes name it; hashable, so that it keys a cache."""

    measure: str = FIRST
    dimension: str = ETHNIC
    area: str = SCOTLAND

    @property
    def fixed(self) -> tuple[tuple[str, str], ...]:
        """The dimension held at one code, if any."""
        return () if self.area == SCOTLAND else ((PLACE, self.area),)


def areas(snapshot: Snapshot) -> dict[str, str]:
    """The boards where people live, as cubes that cross them with groups name them: the islands stand together."""
    merged = dimensions()[PLACE].merged_into
    own = of_scotland(PLACE) or frozenset()
    wanted = {merged.get(code, code) for code in own}
    return {code: name for code, name in snapshot.facts.labels.get(PLACE, {}).items() if code in wanted}


def usual(snapshot: Snapshot, area: str = SCOTLAND) -> Choice | None:
    """What is shown of an area unless something else is chosen; None where the release has no measure to compare."""
    entries = compared(snapshot)
    return Choice(_first(entries), area=area) if entries else None


def _first(entries: dict[str, Indicator]) -> str:
    return FIRST if FIRST in entries else next(iter(entries))


def choose(snapshot: Snapshot) -> Choice | None:
    """Draws the filters and gives what was chosen, the default for what the release does not know; None without any."""
    entries = compared(snapshot)
    if not entries:
        return None
    with st.container(border=True, key="filters"):
        with st.container(horizontal=True):
            measure = st.selectbox(
                "Measure", list(entries), format_func=lambda name: _title(entries, name), key="measure",
                index=list(entries).index(_first(entries)), bind="query-params",
            )  # fmt: skip
            measure = measure if measure in entries else _first(entries)
            own = [ETHNIC, *(name for name in groupings(entries[measure]) if name != ETHNIC)]
            dimension = st.selectbox(
                "Compare by", own, format_func=lambda name: dimensions()[name].label, key="by", bind="query-params"
            )
            area = _area(snapshot, entries[measure], dimension)
        with st.container(horizontal=True, gap="small"):
            for label, name in OFTEN.items():
                query = {"by": dimensions()[name].label}
                if measure != FIRST:
                    query["measure"] = _title(entries, measure)
                st.page_link(PAGE, label=label, query_params=query, width="content")
    return Choice(measure, dimension if dimension in own else ETHNIC, area)


def _area(snapshot: Snapshot, entry: Indicator, dimension: str) -> str:
    """Where people live; groups that are published for Scotland only leave no choice."""
    if not entry.has_cube((PLACE, dimension)):
        st.selectbox("People who live in", [SCOTLAND_LABEL], disabled=True, key="no_area")
        return SCOTLAND
    named = areas(snapshot)
    chosen = st.selectbox(
        "People who live in", ["", *named], format_func=lambda code: named.get(code, code) if code else SCOTLAND_LABEL,
        key="lives_in", bind="query-params",
    )  # fmt: skip
    return chosen if chosen in named else SCOTLAND


def _title(entries: dict[str, Indicator], name: str) -> str:
    return short_title(entries[name]) if name in entries else name
