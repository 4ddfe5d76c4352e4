"""The controls of the page Scenarios and their address: which laboratory, which scenario, what it is compared with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import streamlit as st

from capacity.assumptions import Assumptions
from capacity.demand_drivers import Growth, Switch
from capacity.scenarios import (
    More,
    Move,
    Preset,
    Scenario,
    ScenarioError,
    StaffChange,
    Trainees,
    Week,
    applied,
    from_link,
    presets,
    sites,
    to_link,
)
from catalogue.reference import labels
from ui import capacity_overrides
from ui import capacity_words as said

#: The part of the address that holds a scenario of a planner's own.
LINK = "own"

#: The scenario of the address, in the list of scenarios.
OWN = "Your own"

#: As many are drawn beside the one chosen.
MOST_BESIDE = 3

AS_PLANNED = "as_planned"


@dataclass(frozen=True)
class Choice:
    """What a planner chose; `beside` always begins with what is planned, unless that is what was chosen."""

    site: str
    scenario: Scenario
    says: str
    beside: tuple[Scenario, ...]


def choose(start: dt.date, given: Assumptions, saved: list[Scenario]) -> Choice:
    """Draws the controls and gives what was chosen; what is not known falls back to the default."""
    ready = presets(start)
    base = ready[AS_PLANNED].scenario
    own = own_scenario(given)
    named = {preset.scenario.name: preset for preset in ready.values()}
    named |= {f"{one.name} (saved {one.hash[:4]})": Preset(one, "Saved by a planner.") for one in saved}
    if own is not None:
        named = {OWN: Preset(own, "Yours: it stands in the address of this page."), **named}
    labs = {said.site(code): code for code in sites()}
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        lab = st.selectbox("Laboratory", list(labs), index=list(labs).index("Glasgow"), key="lab", bind="query-params",
                           width=180)  # fmt: skip
        at = 0 if own is not None else list(ready).index("more_10")
        name = st.selectbox("Scenario", list(named), index=at, key="scenario", bind="query-params", width=320)
        others = [one for one in named if one not in (name, base.name)]
        beside = st.multiselect(
            "Compare with", others, key="beside", max_selections=MOST_BESIDE - 1, width=360,
            placeholder="As planned is always there",
        )  # fmt: skip
    chosen = named.get(name or "", named[base.name])
    with_it = [base, *(named[one].scenario for one in beside if one in named)]
    return Choice(
        labs.get(lab or "", "GLA"),
        chosen.scenario,
        chosen.says,
        tuple(one for one in with_it if one.hash != chosen.scenario.hash),
    )


def own_scenario(given: Assumptions) -> Scenario | None:
    """The scenario of the address with the values that the page Assumptions put there; says where it cannot be used."""
    found = None
    if text := str(st.query_params.get(LINK, "")):
        try:
            found = from_link(text)
            applied(given, found)
        except ScenarioError as problem:
            st.warning(f"**The scenario of this link is not shown.** {problem}")
            found = None
    overrides = capacity_overrides.of_address(given)
    if not overrides:
        return found
    return replace(found or Scenario("Your values"), overrides=overrides)


def change(chosen: Scenario, site: str, start: dt.date, given: Assumptions) -> None:
    """The fields in which a scenario of one's own is made; what is typed goes into the address with the button."""
    april = dt.date(start.year + (start > dt.date(start.year, 4, 1)), 4, 1)
    roles = {said.role(code): code for code in given.roles}
    categories = {"No switch": ""} | {_category(code): code for code in given.categories}
    others = {"Nobody": ""} | {said.site(code): code for code in sites() if code != site}
    days = {f"{day:%B %Y}": day for day in (dt.date(april.year + n // 2, 4 + 6 * (n % 2), 1) for n in range(6))}
    with st.expander("Make your own scenario"), st.form("own", border=False):
        st.markdown(f"What you set here is added to what **{chosen.name}** supposes, or takes its place.")
        with st.container(horizontal=True):
            name = st.text_input("Its name", "My scenario", max_chars=80, width=240)
            more = st.number_input("Requests more than forecast, %", -90, 300, 0, 5, width=220)
            growth = st.number_input(
                "Growth a year in place of the trend, % (empty: none)", -50, 100, None, 1, width=260
            )
            week = st.number_input("Hours of the full-time week (empty: as it is)", 20.0, 48.0, None, 0.5, width=240)
            day = st.selectbox("From", list(days), width=160)
        with st.container(horizontal=True):
            role = st.selectbox(f"Staff more at {said.site(site)}", list(roles), width=240)
            wte = st.number_input("Posts more (fewer: below 0)", -50.0, 50.0, 0.0, 0.5, width=190)
            trainees = st.number_input("Trainees more a year", 0, 20, 0, 1, width=180)
        with st.container(horizontal=True):
            source = st.selectbox("Requests of", list(categories), width=240)
            target = st.selectbox("become requests of", list(categories), width=240)
            switched = st.number_input("Share that switches, %", 0, 100, 0, 5, width=170)
        with st.container(horizontal=True):
            other = st.selectbox("Work goes to", list(others), width=190)
            share = st.number_input("Share of all its work, %", 0, 100, 0, 5, width=190)
        if not st.form_submit_button("Work it out"):
            return
    made = replace(chosen, name=name.strip()) if _is_name(name) else None
    if made is None:
        st.warning("A name has 1 to 80 letters, digits, spaces and ,.()%+'/:- only.")
        return
    when = days[day or next(iter(days))]
    made = _with_drivers(
        made, growth, categories.get(source or "", ""), categories.get(target or "", ""), switched, when
    )
    if more:
        made = replace(made, more=(*made.more, More(more / 100, when)))
    if wte:
        row = StaffChange(site, roles[role or next(iter(roles))], when, float(wte))
        made = replace(made, staff=(*made.staff, row))
    if trainees:
        until = dt.date(when.year + 4, when.month, 1)
        made = replace(made, trainees=(*made.trainees, Trainees(site, float(trainees), when, until)))
    if week is not None:
        made = replace(made, week=Week(float(week), when))
    if (to := others.get(other or "", "")) and share:
        made = replace(made, moves=(*made.moves, Move(site, to, share / 100, when)))
    open_own(made)


def open_own(made: Scenario) -> None:
    """Puts a scenario into the address and opens it."""
    st.query_params[LINK] = to_link(made)
    for key in ("scenario", capacity_overrides.KEY):
        if key in st.query_params:
            del st.query_params[key]
    st.session_state.pop("scenario", None)
    st.rerun()


def _is_name(name: str) -> bool:
    try:
        Scenario(name.strip())
    except ScenarioError:
        return False
    return True


def _with_drivers(
    made: Scenario, growth: int | None, source: str, target: str, switched: int, when: dt.date
) -> Scenario:
    drivers = list(made.drivers)
    if growth is not None:
        drivers = [one for one in drivers if not (isinstance(one, Growth) and not one.dimension)]
        drivers.append(Growth(growth / 100, is_instead=True))
    if source and target and source != target and switched:
        drivers.append(Switch(switched / 100, when, 12, from_category=source, to_category=target))
    return replace(made, drivers=tuple(drivers))


def _category(code: str) -> str:
    return labels("turnaround_categories").get(code, code)
