"""What is due and what is late, counted in other ways: of reported requests, with pauses, by the standard of today."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from ui import measures_table, words
from ui.data import Snapshot
from ui.figure import Figure
from ui.filters import Choice
from ui.section import Section
from ui.turnaround_measures import WAITS, WITHIN, standard_in_words, standards_in_force
from ui.turnaround_sections import place

REPORTED = "reported_requests_within_standard"
TODAYS = "within_todays_standard"
GROSS = "gross_turnaround_days"

OPEN_ONES = (
    "Overdue requests that are still open count as not in time in the first share and are left out of the second, "
    "so the second rises when old requests are left unreported. Quote the first."
)


def counted(snapshot: Snapshot, choice: Choice) -> Section:
    """The share of requests due beside that of reported ones, and days net beside gross, for the newest 12 months."""
    name = "ways_to_count"
    found = [_year(snapshot, measure, choice) for measure in (WITHIN, REPORTED, WAITS, GROSS)]
    figures = [figure for figure in found if figure is not None]
    due, reported, net, gross = (_headline(figure) for figure in found)
    if due is None:
        title = "Requests due and reported requests"
        nothing = words.nothing_to_show(found[0], title) or (f"{title}: no whole 12 months to report", "")
        return Section(name, *nothing, subtitle=place(snapshot, choice), figures=())
    title = f"{words.amount(due)} of requests due were in time"
    if reported is not None:
        title += f", {words.amount(reported)} of those reported"
    pauses = ""
    if net is not None and gross is not None:
        pauses = (
            f" Half of requests received are expected within {words.days(net['value'])} without the days of pauses, "
            f"and within {words.days(gross['value'])} with them."
        )
    shown = tuple(figure for figure in figures if figure.cells.height)
    return Section(
        name,
        title,
        f"{OPEN_ONES}{pauses}",
        f"Ways to count. {place(snapshot, choice)}. Newest 12 months",
        None,
        shown,
        (
            "Shares are of requests due in the 12 months, days of requests received in them, those still open counted "
            "as still waiting.",
        ),
        table=measures_table.rows(figures),
    )


def judged(snapshot: Snapshot, choice: Choice) -> Section:
    """Every 12 months of the record by the standard of its own time, and by that of today."""
    name = "todays_standard"
    own, todays = _year(snapshot, WITHIN, choice), _year(snapshot, TODAYS, choice)
    title = "History judged by today's standard"
    if nothing := words.nothing_to_show(todays, title) or words.nothing_to_show(own, title):
        return Section(name, *nothing, subtitle=place(snapshot, choice))
    assert own is not None
    assert todays is not None
    changed = sorted(_changed(snapshot, choice))
    if changed:
        of_it = "" if choice.category else f" of {words.joined(changed)}"
        summary = (
            f"The standard{of_it} changed within the record. Beside the share by the standard in force at receipt "
            "stands what today's version would have made of the same work. Nobody worked to it then, so it is no "
            "verdict on those years."
        )
        if choice.view.dimension and not choice.category:
            summary += " Differences within a place come from these tests alone."
    else:
        summary = "The standard has had one version throughout, so both shares are the same."
    notes = [
        "Judged by today's standard: each request by the version of its standard that is valid at the end of the "
        "record. Requests fall due on other days by it, so the two columns may count different requests."
    ]
    if standard := standards_in_force(snapshot).get(choice.category or ""):
        notes.append(standard_in_words(standard))
    return Section(
        name,
        _finding(own, todays),
        summary,
        f"Requests in time. {place(snapshot, choice)}. By 12 months in which requests were due",
        None,
        (todays, own),
        tuple(notes),
        table=_side_by_side(own, todays),
    )


def _year(snapshot: Snapshot, measure: str, choice: Choice) -> Figure | None:
    return measures_table.year_of(snapshot, measure, choice.fixed, place(snapshot, choice), choice.end)


def _headline(figure: Figure | None) -> measures_table.Row | None:
    """The newest 12 months where they are shown; an older year would not be what the title says."""
    return figure.headline if figure is not None and figure.unshown is None else None


def _changed(snapshot: Snapshot, choice: Choice) -> set[str]:
    """The categories whose standard has had another version since the record began, by name."""
    first = min(snapshot.facts.months, default=None)
    if first is None:
        return set()
    old = snapshot.facts.standards.filter(pl.col("valid_to") > first)
    codes = set(old["turnaround_category"]) & (
        {choice.category} if choice.category else set(old["turnaround_category"])
    )
    return {snapshot.label("turnaround_category", code) for code in codes}


def _finding(own: Figure, todays: Figure) -> str:
    """What the oldest 12 months would have been: where a change of standard shows most."""
    both = _joined(own, todays).filter((pl.col("state") == "shown") & (pl.col("state_own") == "shown"))
    if both.is_empty():
        return f"History judged by today's standard: hidden {words.HIDDEN} in every 12 months"
    row = both.sort("period_start").row(0, named=True)
    then = {name: row[f"{name}_own"] for name in ("state", "value", "statistic", "denominator")}
    when = words.period("year", row["period_start"], row["period_end"])
    if words.amount(row) == words.amount(then):
        return f"Judged by today's standard, {words.amount(row)} were in time in the {when}: the same"
    return (
        f"Judged by today's standard, {words.amount(row)} were in time in the {when}, in place of {words.amount(then)}"
    )


def _joined(own: Figure, todays: Figure) -> pl.DataFrame:
    return todays.cells.join(own.cells, on=["period_start", "period_end"], how="left", suffix="_own").with_columns(
        pl.col("state_own").fill_null("not_available")
    )


def _side_by_side(own: Figure, todays: Figure) -> pl.DataFrame:
    """A row a period, the newest first."""
    found = []
    for row in _joined(own, todays).sort("period_start", descending=True).to_dicts():
        then = {name.removesuffix("_own"): value for name, value in row.items() if name.endswith("_own")}
        found.append(
            {
                "Period": words.period("year", row["period_start"], row["period_end"]),
                "By the standard at receipt": words.amount(then),
                "By today's standard": words.amount(row),
                "Status": words.PERIOD_STATUS.get(row["period_status"], row["period_status"]),
            }
        )
    return pl.DataFrame(found)


#: The sections in the order of the page.
SECTIONS: dict[str, Callable[[Snapshot, Choice], Section]] = {"ways_to_count": counted, "todays_standard": judged}
