"""Draws the evidence page of one aim: state, measures, a series, actions, what waits for what, what is awaited."""

from __future__ import annotations

import polars as pl
import streamlit as st

from catalogue.indicators import Indicator
from ui import aim_words, milestones, show, words
from ui.aim_measures import Told, tell
from ui.aim_series import series
from ui.aim_state import NAMES
from ui.aims import Aim, Aims
from ui.aims_show import rules, standing
from ui.cited_figure_link import cite
from ui.data import Snapshot
from ui.draw_table import draw_table
from ui.folded import folded
from ui.literal import literal
from ui.milestones import STANDINGS, Action

KEY = "aim"

#: A measure that a page works from assumptions while the return that it awaits is missing.
LOAD_RATIO = "load_ratio"


def choose(aims: Aims) -> Aim:
    """Draws the choice of the aim and gives it; an address may name it by its number alone."""
    names = {aim.name: aim for aim in aims.aims}
    asked = st.query_params.get(KEY, "")
    if KEY not in st.session_state and asked not in names:
        st.session_state[KEY] = next((aim.name for aim in aims.aims if aim.code == asked), aims.aims[0].name)
    with st.container(border=True, key="filters"):
        chosen = st.selectbox("Aim", list(names), key=KEY, bind="query-params")
    return names.get(chosen or "", aims.aims[0])


def state(aims: Aims, aim: Aim) -> None:
    """The state of the aim, why, and the rule."""
    st.header(f"{aim.label}: {words.lower_first(NAMES[aim.judged.state])}", anchor="state")
    st.markdown(f"*{aim.meaning}*")
    st.markdown(standing(aims, aim))
    if box := folded("Why this state: the rule", "rule"):
        with box:
            st.markdown(rules(aim.judged.state))


def measures(snapshot: Snapshot, aim: Aim) -> None:
    """The trail from the aim to each measure: value, direction, status, rows behind, quality, definition, id."""
    st.header(_measures_title(aim), anchor="measures")
    st.markdown(aim_words.PROPOSAL)
    if not aim.judging:
        st.info("The release has no measure of this aim.")
        return
    draw_table(
        pl.DataFrame([_line(told) for told in aim.judging]), f"Measures of aim {aim.code}", folds=True, is_whole=True
    )
    st.caption(f"Data to {words.long_date(snapshot.release.data_to)}.")
    if box := folded("Definition, source and rows behind each", "definitions"):
        with box:
            for told in aim.judging:
                st.markdown(_definition(snapshot, told))
    cite([(words.lower_first(told.entry.title), told.figure_id) for told in aim.judging], "measures")


def _measures_title(aim: Aim) -> str:
    usable, total = len(aim.usable), len(aim.judging)
    return f"{usable or 'None'} of its {total} measures {'has' if usable < 2 else 'have'} a figure that can be used"


def _line(told: Told) -> dict[str, str]:
    return {
        "Measure": f"{told.entry.number} {told.entry.title}",
        "Newest": aim_words.value(told),
        "Which way": aim_words.way(told),
        "Status": words.STATUS_MARK[told.entry.status],
        "Data quality": _grade(told),
    }


def _grade(told: Told) -> str:
    if told.figure is None or told.row is None:
        return ""
    return words.grade_cell(told.figure.grade)


def _definition(snapshot: Snapshot, told: Told) -> str:
    """The definition of a measure with the rows behind it, under its title."""
    title = f"**{told.entry.number} {told.entry.title}**"
    if told.figure is None:
        return f"{title}\n\n- **Counted:** {told.entry.numerator}\n- **Out of:** {told.entry.denominator}"
    return f"{title}\n\n{show.definition(snapshot, told.figure)}"


def over_time(snapshot: Snapshot, aim: Aim) -> None:
    """One measure over time, chosen among all that bear on the aim."""
    entries = {told.entry.id: told.entry for told in aim.judging} | {entry.id: entry for entry in aim.beside}
    if not entries:
        return
    chosen = st.selectbox(
        "Measure",
        list(entries),
        index=_first_shown(aim),
        format_func=lambda name: f"{entries[name].number} {entries[name].title}" if name in entries else name,
        key=f"measure_of_{aim.code}",
        bind="query-params",
    )
    told = tell(snapshot, chosen if chosen in entries else next(iter(entries)))
    if told is not None:
        show.section(snapshot, series(snapshot, told))


def first_measure(aim: Aim) -> str:
    """The measure that is drawn unless another is chosen; empty where none bears on the aim."""
    entries = [*(told.entry.id for told in aim.judging), *(entry.id for entry in aim.beside)]
    return entries[_first_shown(aim)] if entries else ""


def _first_shown(aim: Aim) -> int:
    """The place of the first measure that has a figure, so that the page does not open on one without."""
    return next((place for place, told in enumerate(aim.judging) if told.row is not None), 0)


def actions(aims: Aims, aim: Aim) -> None:
    """The aim's actions: due, done, late, with owner and narrative."""
    if aim.actions is None or aims.reported_on is None:
        st.header("Actions: not in this release", anchor="actions")
        st.info("This release was made before the strategy's actions were told. The next release will have them.")
        return
    late = [action for action in aim.actions if action.standing == "late"]
    st.header(_actions_title(aim, late), anchor="actions")
    st.markdown(f"As reported on {words.long_date(aims.reported_on)} in the programme return.")
    if not aim.actions:
        st.info("The programme return has no action for this aim.")
        return
    draw_table(
        pl.DataFrame([line(action) for action in aim.actions]), f"Actions of aim {aim.code}", folds=True, is_whole=True
    )
    if box := folded("What is reported of each", "reported"):
        with box:
            st.markdown(
                "\n".join(
                    f"- **{literal(action.title)}:** {literal(action.narrative or 'Nothing is reported.')}"
                    for action in aim.actions
                )
            )
    if aim.on_time is not None and aim.on_time.row is not None:
        st.caption(f"Measure 1.4, actions done on time, of this aim: {aim_words.value(aim.on_time)}")
        cite([("actions on time", aim.on_time.figure_id)], "on_time")


def _actions_title(aim: Aim, late: list[Action]) -> str:
    total = len(aim.actions or ())
    done = sum(action.is_done for action in aim.actions or ())
    return f"{done or 'None'} of {total} actions done, {len(late) or 'none'} overdue"


def line(action: Action) -> dict[str, str]:
    """One action as a row of a table."""
    return {
        "Action": action.title,
        "Owner": action.owner,
        "Due": words.long_date(action.due) if action.due else "no date",
        "Stands": stands(action),
    }


def stands(action: Action) -> str:
    """Where an action stands, with by how much it is late, and whether its due date was moved."""
    moved = f" (first due {words.long_date(action.first_due)})" if action.first_due else ""
    if action.standing == "late":
        over = f"Overdue by {words.days(action.days_over)}"
        return f"{over if action.days_over else 'Overdue: due on the day of the report'}{moved}"
    if action.standing == "done_late":
        return f"Done {words.days(action.days_over)} late{moved}"
    return f"{STANDINGS[action.standing]}{moved}"


def dependencies(aims: Aims, aim: Aim) -> None:
    """What the aim's actions wait for, and what they hold up, within and across aims."""
    if aim.actions is None or aims.items is None:
        return
    waits, holds = [], []
    for action in aim.actions:
        if action.is_done:
            continue
        first = milestones.waits_for(aims.items, action)
        if first is not None:
            done = "which is done" if first.is_done else "which is not done"
            waits.append(f"- *{literal(action.title)}* comes after *{literal(first.title)}* (aim {first.aim}), {done}.")
        held = milestones.held_up(aims.items, action.item_id)
        if held:
            named = words.joined([f"*{literal(item.title)}* (aim {item.aim})" for item in held])
            holds.append(f"- *{literal(action.title)}* ({words.lower_first(stands(action))}) holds up {named}.")
    if not waits and not holds:
        st.header("Nothing that is still open waits for another item", anchor="dependencies")
        return
    follow = f"{len(waits) or 'None'} of its open actions {'follows' if len(waits) < 2 else 'follow'} another"
    hold = f"{len(holds) or 'none'} {'holds' if len(holds) < 2 else 'hold'} others up"
    st.header(f"{follow}, {hold}", anchor="dependencies")
    st.markdown("\n".join([*holds, *waits]))


def awaited(aim: Aim) -> None:
    """The measures without a figure that can be used, and the return that would give one."""
    if not aim.missing:
        st.header("Every measure of this aim has a figure that can be used", anchor="awaited")
        return
    st.header(f"{len(aim.missing)} of {len(aim.judging)} measures cannot be told yet", anchor="awaited")
    st.markdown(
        "\n".join(f"- **{told.entry.number} {told.entry.title}.** {aim_words.unusable(told)}" for told in aim.missing)
    )
    if any(told.entry.id == LOAD_RATIO for told in aim.missing):
        st.page_link("pages/capacity.py", label="Load ratio from assumed minutes, not agreed yet: Capacity")


def beside(aim: Aim) -> None:
    """Measures that bear on the aim and do not judge it."""
    if not aim.beside:
        return
    if box := folded(_beside_title(aim), "beside"):
        with box:
            st.markdown("\n".join(f"- {entry.number} {entry.title}: {_why_beside(entry)}" for entry in aim.beside))
            st.page_link("pages/definitions.py", label="Definitions of all measures")


def _beside_title(aim: Aim) -> str:
    if len(aim.beside) == 1:
        return "1 measure that bears on this aim and does not judge it"
    return f"{len(aim.beside)} measures that bear on this aim and do not judge it"


def _why_beside(entry: Indicator) -> str:
    if entry.better == "context":
        return "context, neither way is better."
    return "explains another measure, or compares groups of people."
