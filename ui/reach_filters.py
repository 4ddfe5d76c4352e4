"""What a reader chose on the page Who is reached: whose tests, where, and what is assumed of what is not known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl
import streamlit as st

from ui import reach_cells, reach_groups
from ui.data import Snapshot
from ui.reach_cells import CANCER, ETHNIC, RARE, Fixed
from ui.reach_groups import GROUPS, Matrix

#: Whose tests; the labels stand in the page's address, so they are never renamed.
TESTS = {"Rare and inherited disease": RARE, "Cancer": CANCER}
DIRECTORY = {RARE: "rare", CANCER: "cancer"}

SCOTLAND = "All of Scotland"
WIDTH = 280

#: What is assumed until the reader says otherwise: how many times more or less often than among residents a group may
#: be among people whose group is not recorded, and between which mean ages a group may lie.
FACTOR, YOUNGEST, OLDEST = 2.0, 20.0, 50.0

UNRECORDED = (
    "**People whose ethnic group is not recorded** may be made up somewhat unlike residents. How many times more or "
    "less often than among residents may a group be found among them?"
)
AGES = (
    "**Ages.** No table of age by ethnic group is published for this purpose, so the page tries every mean age between "
    "two bounds, in years. Each age structure is the one nearest to Scotland's own that has this mean."
)
WRONG = (
    "**Wrong records (an assumption).** A row is the group that people belong to, a column the group that is recorded "
    "of them, in per cent. Against the census of 2011, the national look-up of Scotland was wrong for 5.1% of people "
    "of White: Scottish group and for 12.5% to 69.1% in other groups (Amele and others 2023). These are finer groups "
    "than the six here: of the White people recorded wrongly, nine in ten are taken to be in another White group, and "
    "the others are spread by the size of groups; of the other groups 12.5% are taken to be recorded as White."
)


@dataclass(frozen=True)
class Choice:
    """What was chosen; hashable, so that it keys a cache. matrix: None for the one that the page assumes."""

    indicator: str = RARE
    area: str | None = None
    factor: float = FACTOR
    youngest: float = YOUNGEST
    oldest: float = OLDEST
    matrix: Matrix | None = None

    @property
    def fixed(self) -> Fixed:
        """What is held of the cubes."""
        return reach_cells.in_area(self.area)

    @property
    def without_assumptions(self) -> Choice:
        """What sections heed that assume nothing."""
        return Choice(self.indicator, self.area)


def place(snapshot: Snapshot, choice: Choice) -> str:
    """Where the figures are of: `Scotland`, or `Fife (board of residence)`."""
    return f"{snapshot.label(*choice.fixed[0])} (board of residence)" if choice.fixed else "Scotland"


def choose(snapshot: Snapshot) -> Choice:
    """Draws the choices on top of the page; what the release does not know falls back to the default."""
    labels = snapshot.facts.labels.get(reach_cells.RESIDENCE, {})
    areas = {SCOTLAND: None} | {labels[code]: code for code in reach_cells.areas() if code in labels}
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        tests = st.selectbox("Tests for", list(TESTS), key="tests", bind="query-params", width=WIDTH)
        area = st.selectbox("People who live in", list(areas), key="area", bind="query-params", width=WIDTH)
    return Choice(TESTS.get(tests or "", RARE), areas.get(area or ""))


def assumed(snapshot: Snapshot, choice: Choice) -> Choice:
    """The choice with what is assumed until the reader says otherwise."""
    return replace(choice, matrix=usual_matrix(snapshot))


def usual_matrix(snapshot: Snapshot) -> Matrix:
    """How records are taken to be wrong until the reader says otherwise."""
    lived = reach_cells.residents(snapshot, "residents_by_ethnic_group", None, [ETHNIC])
    return reach_groups.default_matrix(dict(lived.select(ETHNIC, "population").iter_rows()))


def assume(snapshot: Snapshot, choice: Choice) -> Choice:
    """Draws what is assumed of records that are missing or wrong and of ages, and gives the choice with it."""
    with st.expander("What is assumed of missing records, wrong records and ages: change it here", type="compact"):
        st.markdown(UNRECORDED)
        factor = st.number_input("At most so many times", 1.0, 20.0, FACTOR, 0.5, key="reach_factor", width=WIDTH)
        st.markdown(AGES)
        with st.container(horizontal=True):
            youngest = st.number_input("Youngest mean age", 10.0, 70.0, YOUNGEST, 1.0, key="reach_young", width=WIDTH)
            oldest = st.number_input("Oldest mean age", 10.0, 70.0, OLDEST, 1.0, key="reach_old", width=WIDTH)
        matrix = _matrix(snapshot, usual_matrix(snapshot))
    return replace(choice, factor=factor, youngest=youngest, oldest=oldest, matrix=matrix)


def _matrix(snapshot: Snapshot, default: Matrix) -> Matrix:
    """Draws the table of wrong records, in per cent, and gives it as shares; the default where it cannot be used."""
    labels = snapshot.facts.labels.get(ETHNIC, {})
    names = [labels.get(code, code) for code in GROUPS]
    st.markdown(WRONG)
    frame = pl.DataFrame(
        {"Belongs to": names}
        | {name: [round(100 * row[place], 2) for row in default] for place, name in enumerate(names)}
    )
    edited = st.data_editor(frame, key="reach_matrix", hide_index=True, disabled=["Belongs to"], width="stretch")
    given = [tuple(row[1:]) for row in edited.rows()]
    if given == [tuple(row[1:]) for row in frame.rows()]:
        return default
    found = reach_groups.scaled(given)
    if found is None:
        st.warning("Each row needs numbers of nought or above that are not all nought; the assumed ones stand in.")
        return default
    if any(abs(sum(part or 0 for part in row) - 100) > 0.5 for row in given):
        st.markdown("A row that does not add up to 100 is scaled so that it does.")
    return found
