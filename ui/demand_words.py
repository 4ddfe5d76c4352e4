"""Sentences of the page Demand: what is expected, how far past forecasts were off, and what is supposed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from capacity.demand_drivers import Driver, Growth, Mainstreaming, NewTest
from ui import words

Row = Mapping[str, Any]

#: A change of a year's requests under this share is called about the same.
ABOUT = 0.02

BEFORE_THERE_WAS_ONE = "This release was made before there were forecasts of demand. The next one has them."
CANNOT_YET = (
    "A forecast needs the shown counts of 21 months or more after the pandemic, and of the years after that against "
    "which it is checked."
)
NOT_KNOWN = (
    "- **What is planned**: new tests, new criteria and campaigns, unless they are supposed above. A test that began "
    "without notice made past forecasts too low until its first months were known.\n"
    "- **A break**: ranges suppose that requests go on moving as they have since November 2021. Another pandemic, a "
    "new law or a price would not be in them.\n"
    "- **How sure a supposition is**: a supposition moves the forecast and keeps the width of its range.\n"
    "- **Between the two lists**: how a technology's requests divide into categories is not known here, so growth of a "
    "technology changes all requests, and no category.\n"
    "- **Laboratories**: requests are split as in the last 12 months; a move of work between them is not foreseen.\n"
    "- **Unmet need**: what is asked for, not what ought to be. Requests that nobody makes are not counted."
)
ABOUT_DEMAND = (
    "- **Counted:** accepted requests received, as shown on the page Turnaround: rounded, hidden under 10 people. A "
    "series is told by month where months are shown, otherwise by quarter; a quarter is the mean of its months, and "
    "forecasts are by month all the same.\n"
    "- **Left out:** months of the pandemic, to October 2021; hidden months and quarters.\n"
    "- **Forecast:** a level that moves, growth that moves, a season and working days; how much they move is learned "
    "from all series together. All requests are the sum of the technologies. Known starts of tests are allowed for "
    "(reference/demand_changes.csv).\n"
    "- **80% and 95% range:** hold what happens 8 times of 10 and 19 of 20, if requests go on moving as they have.\n"
    "- **Simple forecast:** the same months of the last year come again.\n"
    "- **Check:** made anew from the end of each past quarter with what was known then, and compared with what was "
    "received. These forecasts overlap, so they are fewer than they seem.\n"
    "- **Working days** are known to the end of the list of public holidays; later months have as many as usual."
)


def financial_year(start: dt.date) -> str:
    """A financial year by its usual name: 2029-30."""
    return f"{start.year}-{(start.year + 1) % 100:02d}"


def hundreds(value: float) -> str:
    """A forecast of requests in as many digits as it deserves: to 100 from 10,000 on, to 10 from 1,000, else to 5."""
    to = 100 if value >= 10_000 else 10 if value >= 1_000 else 5
    return f"{round(value / to) * to:,}"


def between(row: Row, name: str = "80") -> str:
    """The range of a row."""
    return f"{hundreds(row[f'lower_{name}'])} to {hundreds(row[f'upper_{name}'])}"


def whole(last: tuple[float, dt.date], year: Row, is_supposed: bool) -> str:
    """The finding: from how many a year to how many."""
    before, now, of = last[0], year["requests"], financial_year(year["period_start"])
    span = f"(80% range {between(year)})"
    lead = "With what is supposed, requests" if is_supposed else "Requests"
    if abs(now / before - 1) < ABOUT:
        return f"{lead} are expected to stay at about {hundreds(now)} a year in {of} {span}"
    way = "grow" if now > before else "fall"
    return f"{lead} are expected to {way} from {hundreds(before)} a year to {hundreds(now)} in {of} {span}"


def whole_summary(last: tuple[float, dt.date], year: Row, naive: Row | None, base: Row | None) -> str:
    """What a year is, the rate, the simple forecast, and what it was before anything was supposed."""
    years = (year["period_end"] - last[1]).days / 365.25
    rate = (year["requests"] / last[0]) ** (1 / years) - 1
    said = [
        f"The last 12 months end with {words.month(last[1])}. That is {abs(rate):.1%} {'more' if rate > 0 else 'less'} "
        f"each year; the 95% range is {between(year, '95')}."
    ]
    if base is not None:
        said.append(f"Without what is supposed it is {hundreds(base['requests'])} ({between(base)}).")
    if naive is not None:
        said.append(f"The simple forecast, that the last year comes again, says {hundreds(naive['requests'])}.")
    return " ".join(said)


def supposed(drivers: Sequence[Driver], names: Mapping[tuple[str, str], str]) -> list[str]:
    """What is supposed, a sentence a driver. names: of each series, by dimension and code."""
    return [_supposed(driver, names) for driver in drivers]


def _supposed(driver: Driver, names: Mapping[tuple[str, str], str]) -> str:
    if isinstance(driver, Growth):
        of = names.get((driver.dimension, driver.code), "All requests")
        how = "instead of the trend" if driver.is_instead else "on top of the trend"
        return f"{of}: {words.minus(f'{driver.rate:+.0%}')} a year {how}"
    when = f"from {words.month(driver.start)}" + (f", over {driver.ramp_months} months" if driver.ramp_months else "")
    if isinstance(driver, Mainstreaming):
        return (
            f"{driver.share:.0%} of requests move to other referrers {when}, each 100 bringing "
            f"{100 * driver.added:.0f} more"
        )
    if isinstance(driver, NewTest):
        both = [
            names.get(("turnaround_category", driver.category), ""),
            names.get(("technology", driver.technology), ""),
        ]
        kind = ", ".join(words.lower_first(name) for name in both)
        return f"a new test of {words.number(driver.requests_a_year)} requests a year ({kind}) {when}"
    pairs = [
        (names.get((dimension, source), source), names.get((dimension, target), target))
        for dimension, source, target in (
            ("technology", driver.from_technology, driver.to_technology),
            ("turnaround_category", driver.from_category, driver.to_category),
        )
        if source
    ]
    moved = ", and as many from ".join(
        f"{words.lower_first(one)} to {words.lower_first(other)}" for one, other in pairs
    )
    return f"{driver.share:.0%} switch from {moved} {when}"


def series(rows: Sequence[Row], plural: str, of: str) -> str:
    """The finding of the series side by side: which adds most, and which falls most."""
    known = [row for row in rows if row["last"] is not None]
    if not known:
        return f"Requests by {plural}: cannot be compared with the last year"
    most = max(known, key=lambda row: row["requests"] - row["last"])
    least = min(known, key=lambda row: row["requests"] - row["last"])
    said = f"{most['name']} adds most by {of}: {hundreds(most['requests'])} a year, from {hundreds(most['last'])}"
    if least["requests"] < least["last"]:
        said += f"; {words.lower_first(least['name'])} falls most, to {hundreds(least['requests'])} from "
        said += hundreds(least["last"])
    return said


def checked(score: Row | None) -> str:
    """The finding of the check against the past."""
    if score is None:
        return "How far this can be trusted: cannot be told yet"
    return (
        f"Of {words.number(score['forecasts'])} past forecasts of a year ahead, {words.percent(score['within_80'])} "
        "fell in the 80% range"
    )


def checked_summary(score: Row, naive: Row | None, whole: Row | None) -> str:
    """How far off, whether nearer than the simple one, and what to make of a range that held too little or too much."""
    said = [
        f"{words.percent(score['within_95'])} fell in the 95% range. They were {score['off']:.1%} off on average"
        + (f", the simple forecast {naive['off']:.1%}." if naive else ".")
    ]
    if naive and naive["off"] <= score["off"]:
        said.append("The simple forecast was as near: nothing is gained by the fuller one here.")
    if score["within_80"] < 0.75:
        said.append("The range held less often than it should: take it for too narrow.")
    if whole is not None:
        said.append(
            f"For all requests together, {round(whole['within_80'] * whole['forecasts'])} of {whole['forecasts']} fell "
            f"in it, {whole['off']:.1%} off on average."
        )
    return " ".join(said)


def sites(rows: Sequence[Row], of: str) -> str:
    """The finding of the laboratories side by side."""
    scottish = [row for row in rows if row["is_scottish"]]
    if not scottish:
        return "Requests by laboratory: hidden " + words.HIDDEN
    most = max(scottish, key=lambda row: row["requests"])
    return f"{most['name']} is expected to receive most, {hundreds(most['requests'])} requests in {of}"
