"""Days on which laboratories do not work, for as many years ahead as a plan needs."""

from __future__ import annotations

import datetime as dt

from catalogue.reference import reference_rows

TABLE = "public_holidays"


def public_holidays(board_code: str, last_year: int) -> frozenset[dt.date]:
    """Holidays of a laboratory's board: as listed, and by the rule for years after the last one listed."""
    listed = {dt.date.fromisoformat(row["date"]) for row in reference_rows(TABLE) if row["board_code"] == board_code}
    if not listed:
        raise ValueError(f"reference/{TABLE}.csv has no days of board {board_code!r}.")
    last_listed = max(day.year for day in listed)
    by_rule = (day for year in range(last_listed + 1, last_year + 1) for day in usual_holidays(year))
    return frozenset(listed) | frozenset(by_rule)


def usual_holidays(year: int) -> frozenset[dt.date]:
    """Bank holidays in Scotland by the rule (Banking and Financial Dealings Act 1971, St Andrew's Day Act 2007).

    One that falls on a weekend moves to the next working day. Proclaimed days, as of a coronation, are not foreseen;
    Easter Monday is not a bank holiday in Scotland.
    """
    found = {
        easter(year) - dt.timedelta(days=2),
        _first_monday(year, 5),
        _first_monday(year, 6) - dt.timedelta(days=7),
        _first_monday(year, 8),
        _moved(dt.date(year, 11, 30), frozenset()),
    }
    for month, day in ((1, 1), (1, 2), (12, 25), (12, 26)):
        found.add(_moved(dt.date(year, month, day), frozenset(found)))
    return frozenset(found)


def easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar (Meeus 1991, Astronomical Algorithms, chapter 8)."""
    century, in_century = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (in_century // 4) - moon - in_century % 4) % 7
    late = (year % 19 + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


def _first_monday(year: int, month: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=-first.weekday() % 7)


def _moved(day: dt.date, taken: frozenset[dt.date]) -> dt.date:
    while day.weekday() > 4 or day in taken:
        day += dt.timedelta(days=1)
    return day
