"""The controls of the page Demand and their address: how series are shown, and what a planner supposes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from capacity.demand import CATEGORY, TECHNOLOGY
from capacity.demand_drivers import Driver, Growth, Mainstreaming, NewTest, Switch
from ui.data import Snapshot
from ui.demand_measures import Demand

#: Dimensions by their label, which is part of the address; the first is shown unless another is chosen.
VIEWS = {"Turnaround category": CATEGORY, "Technology": TECHNOLOGY}

#: What growth is, by its label: whether it stands instead of the trend.
HOW = {"Instead of the trend": True, "On top of the trend": False}

#: Months until a change has its full effect, by their label.
RAMPS = {"At once": 0, "Over 6 months": 6, "Over 12 months": 12, "Over 24 months": 24}

#: First days of the months in which a change can start, by their label.
STARTS = {f"{day:%B %Y}": day for year in range(2027, 2030) for day in (dt.date(year, 4, 1), dt.date(year, 10, 1))}

#: What growth bears on where it bears on everything; what a pair is where it is left alone.
EVERYTHING, LEFT = "All requests", "Leave as it is"

#: Growth a year where the planner supposes none, in the list of growths.
AS_FORECAST = "As forecast"
GROWTHS = {AS_FORECAST: None, **{f"{rate}%": rate / 100 for rate in (-5, -2, 0, 2, 5, 10, 15)}}

#: What stands in the address where something is supposed.
OPENS = {"growth", "main", "switch", "new"}

WIDTH = 230


@dataclass(frozen=True)
class Choice:
    """What a reader chose on the page; hashable, so that it can key a cache."""

    dimension: str = CATEGORY
    drivers: tuple[Driver, ...] = ()


def choose(snapshot: Snapshot, found: Demand) -> Choice:
    """Draws the controls and gives what was chosen; what the release does not know falls back to the default.

    Where nothing is foretold, nothing can be supposed of it either.
    """
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        view = st.selectbox("Show by", list(VIEWS), key="by", bind="query-params", width=WIDTH)
    if not found.is_told:
        return Choice(VIEWS.get(view or "", CATEGORY))
    names = {
        dimension: {snapshot.label(dimension, code): code for code in found.codes(dimension)}
        for dimension in VIEWS.values()
    }
    is_open = bool(OPENS & set(st.query_params))
    with st.expander("Suppose something else: growth, a new test, a switch, mainstreaming", expanded=is_open):
        drivers = [_growth(names), _mainstreaming(), _switch(names), _new_test(names)]
    return Choice(VIEWS.get(view or "", CATEGORY), tuple(driver for driver in drivers if driver is not None))


def _one(label: str, options: list[str], key: str, at: str = "") -> str:
    """A list whose choice is in the address; what is not on the list is the default."""
    index = options.index(at) if at in options else 0
    chosen = st.selectbox(label, options, index=index, key=key, bind="query-params", width=WIDTH)
    return chosen if chosen in options else options[index]


def _number(label: str, most: int, step: int, key: str) -> int:
    found = st.number_input(label, 0, most, 0, step, key=key, bind="query-params", width=WIDTH)
    return int(min(max(found or 0, 0), most))


def _when(what: str, key: str) -> tuple[dt.date, int]:
    start = _one(f"{what} starts", list(STARTS), f"{key}_start")
    return STARTS[start], RAMPS[_one(f"{what} takes effect", list(RAMPS), f"{key}_ramp")]


def _growth(names: Mapping[str, Mapping[str, str]]) -> Growth | None:
    st.markdown("**Growth a year**, from the last month known on")
    with st.container(horizontal=True):
        rate = GROWTHS[_one("Growth a year", list(GROWTHS), "growth")]
        how = _one("How", list(HOW), "growth_how")
        places = {EVERYTHING: ("", "")} | {
            name: (dimension, code) for dimension, codes in names.items() for name, code in codes.items()
        }
        where = places[_one("Of", list(places), "growth_of")]
    return None if rate is None else Growth(rate, HOW[how], *where)


def _mainstreaming() -> Mainstreaming | None:
    st.markdown("**Mainstreaming**: requests that move from genetics to other referrers, and how many more it brings")
    with st.container(horizontal=True):
        share = _number("Requests that move, %", 100, 5, "main")
        added = _number("More for each 100 that move", 100, 5, "main_more")
        start, ramp = _when("Mainstreaming", "main")
    return Mainstreaming(share / 100, added / 100, start, ramp) if share and added else None


def _switch(names: Mapping[str, Mapping[str, str]]) -> Switch | None:
    st.markdown("**Switch** of a share of one technology to another, such as panels to genomes; the same number moves")
    technologies, categories = names[TECHNOLOGY], {LEFT: "", **names[CATEGORY]}
    if len(technologies) < 2:
        return None
    with st.container(horizontal=True):
        share = _number("Share that switches, %", 100, 5, "switch")
        source = technologies[_one("Technology from", list(technologies), "switch_from", "Large panel")]
        target = technologies[_one("Technology to", list(technologies), "switch_to", "Whole genome")]
        start, ramp = _when("Switch", "switch")
        before = categories[_one("Category from", list(categories), "switch_cat_from")]
        after = categories[_one("Category to", list(categories), "switch_cat_to")]
    pair = (before, after) if before and after and before != after else ("", "")
    return Switch(share / 100, start, ramp, source, target, *pair) if share and source != target else None


def _new_test(names: Mapping[str, Mapping[str, str]]) -> NewTest | None:
    st.markdown("**A new test** that goes live")
    if not names[CATEGORY] or not names[TECHNOLOGY]:
        return None
    with st.container(horizontal=True):
        requests = _number("Requests a year", 50_000, 100, "new")
        category = names[CATEGORY][_one("Its category", list(names[CATEGORY]), "new_category")]
        technology = names[TECHNOLOGY][_one("Its technology", list(names[TECHNOLOGY]), "new_technology")]
        start, ramp = _when("New test", "new")
    return NewTest(category, technology, requests, start, ramp) if requests else None
