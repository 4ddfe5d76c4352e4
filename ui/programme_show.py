"""Draws the actions of the page Programme: overdue, due soon and done, by aim and owner, with what each holds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl
import streamlit as st

from ui import aim_words, milestones, show, words
from ui.aim_show import stands
from ui.aims import MILESTONES, Aims
from ui.data import Snapshot
from ui.draw_table import draw_table
from ui.figure import Query
from ui.figures import ask
from ui.folded import folded
from ui.literal import literal
from ui.milestones import Action
from ui.section import Section

EVERY_AIM, EVERY_OWNER = "All aims", "All owners"


def nothing() -> None:
    """The page of a release without the programme's items."""
    st.header("The programme is not in this release", anchor="milestones")
    st.info(
        "This release holds no items of the programme return: it was made before they were told, or none was sent. The "
        "aims page still shows the measures that rest on other returns."
    )


def choose(found: Sequence[Action], names: dict[str, str]) -> list[Action]:
    """Draws the choice of aim and owner, and gives the actions chosen."""
    owners = sorted({action.owner for action in found})
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        aim = st.selectbox("Aim", [EVERY_AIM, *names.values()], key="aim_shown", bind="query-params")
        owner = st.selectbox("Owner", [EVERY_OWNER, *owners], key="owner", bind="query-params")
    return [
        action
        for action in found
        if aim in (EVERY_AIM, names.get(action.aim), None) and owner in (EVERY_OWNER, action.owner, None)
    ]


def actions(snapshot: Snapshot, aims: Aims) -> None:
    """The actions chosen: overdue first, then due soon; done and later ones are folded."""
    assert aims.items is not None
    assert aims.reported_on is not None
    every = aims.actions
    names = {aim.code: aim.name for aim in aims.aims}
    title = st.container()
    chosen = choose(every, names)
    late = sorted(_in(chosen, "late"), key=lambda action: -action.days_over)
    soon = _in(chosen, "due_soon")
    due = milestones.due(chosen, aims.reported_on)
    with title:
        st.header(_late_title(late, due), anchor="milestones")
        st.markdown(f"As reported on {words.long_date(aims.reported_on)}. Owners are roles. {_owners(late)}".strip())
    if late:
        draw_table(_table(late, aims), "Overdue actions, the longest first", folds=True, is_whole=True)
    else:
        st.markdown("No action chosen is overdue.")
    falls = f"{len(soon) or 'None'} {'fall' if len(soon) > 1 else 'falls'} due"
    st.header(f"{falls} in the next {milestones.SOON_MONTHS} months", anchor="due-soon")
    if soon:
        draw_table(_table(soon, aims), "Actions due soon", folds=True, is_whole=True)
    rest = [action for action in chosen if action not in late and action not in soon]
    if rest and (box := folded(f"{len(rest)} done, due later or withdrawn", "rest")):
        with box:
            draw_table(_table(rest, aims), "Other actions", folds=True, is_whole=True)
    show.section(snapshot, by_aim(snapshot, aims))


def _late_title(late: Sequence[Action], due: Sequence[Action]) -> str:
    if not due:
        return "No action is due yet"
    return f"{len(late) or 'None'} of {len(due)} actions due {'is' if len(late) < 2 else 'are'} overdue"


def _in(found: Sequence[Action], standing: str) -> list[Action]:
    return [action for action in found if action.standing == standing]


def _owners(late: Sequence[Action]) -> str:
    """Who owns the overdue actions, the most first."""
    counted = Counter(action.owner for action in late).most_common()
    told = words.joined([f"{literal(owner)} {count}" for owner, count in counted])
    return f"Overdue by owner: {told}." if told else ""


def _table(found: Sequence[Action], aims: Aims) -> pl.DataFrame:
    assert aims.items is not None
    rows = []
    for action in found:
        held = milestones.held_up(aims.items, action.item_id) if not action.is_done else ()
        rows.append(
            {
                "Action": f"{action.title} (aim {action.aim})",
                "Owner": action.owner,
                "Stands": f"{_day(action)}{stands(action)}",
                "Holds up": words.joined([f"{item.title} (aim {item.aim})" for item in held]) or "nothing",
            }
        )
    return pl.DataFrame(rows)


def _day(action: Action) -> str:
    """The day on which it is due, before where it stands."""
    return f"Due {words.long_date(action.due)}. " if action.due else "No due date. "


def by_aim(snapshot: Snapshot, aims: Aims) -> Section:
    """A row an aim: actions, due, done and overdue, with the measure that counts those on time."""
    rows = []
    for aim in aims.aims:
        own = aim.actions or ()
        rows.append(
            {
                "Aim": aim.name,
                "Done of due": f"{aim.summed.done} of {aim.summed.due}",
                "Overdue": str(len(_in(own, "late"))),
                "State": aim_words.state(aim.judged.state),
            }
        )
    due, done = sum(aim.summed.due for aim in aims.aims), sum(aim.summed.done for aim in aims.aims)
    figure = ask(snapshot, Query(MILESTONES, "month"))
    figures = (figure,) if figure is not None and figure.cells.height else ()
    return Section(
        "by_aim", f"{done} of {due} actions due are done, on time or late",
        "All aims and owners, whatever is chosen above.",
        f"Actions by aim, as reported on {words.long_date(aims.reported_on)}", None, figures,
        ("Measure 1.4 below counts only those done on time, of its newest complete month.",), table=pl.DataFrame(rows),
    )  # fmt: skip
