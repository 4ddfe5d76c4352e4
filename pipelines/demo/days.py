"""Day numbers (days since 1970-01-01), the months of the demonstration, and each laboratory's working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from catalogue.reference import reference_rows
from pipelines.demo.draws import Flags, Ints
from pipelines.demo.places import LABORATORIES
from pipelines.errors import PipelineError

EPOCH = date(1970, 1, 1)
NEVER = 2**30
BEFORE = 200
AFTER = 1_500


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def month_start(month: int) -> date:
    """First day of a month given as 12 x year + month - 1."""
    return date(month // 12, month % 12 + 1, 1)


def month_name(month: int) -> str:
    """A month as YYYY-MM."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def newest_month(until: str | None, today: date) -> int:
    """The month named YYYY-MM, or the last whole one before today."""
    if until is None:
        return today.year * 12 + today.month - 2
    try:
        first = date.fromisoformat(f"{until}-01")
    except ValueError as error:
        raise PipelineError(f"until: {until!r} is not a month; write it YYYY-MM") from error
    return first.year * 12 + first.month - 1


@dataclass(frozen=True)
class Months:
    """The months for which requests are drawn: from the first to the newest, both included."""

    first: int
    newest: int

    @property
    def start(self) -> int:
        """Day number of the first day."""
        return day_number(month_start(self.first))

    @property
    def end(self) -> int:
        """Day number of the last day."""
        return day_number(month_start(self.newest + 1)) - 1

    @property
    def days(self) -> Ints:
        """Every day number."""
        return np.arange(self.start, self.end + 1, dtype=np.int64)

    @property
    def starts(self) -> Ints:
        """Day number of the first day of each month and of the month after the newest."""
        return np.array([day_number(month_start(m)) for m in range(self.first, self.newest + 2)], dtype=np.int64)

    def of(self, days: Ints) -> Ints:
        """Place of each day's month, the first month being 0."""
        return np.searchsorted(self.starts, days, side="right").astype(np.int64) - 1


def weekday(days: Ints) -> Ints:
    """0 for Monday to 6 for Sunday."""
    return (days + 3) % 7


def calendar_month(days: Ints) -> Ints:
    """0 for January to 11 for December."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12


class WorkingDays:
    """Next and previous working day by laboratory; Monday to Friday without the host board's public holidays."""

    def __init__(self, months: Months) -> None:
        self._origin = months.start - BEFORE
        days = np.arange(self._origin, months.end + AFTER, dtype=np.int64)
        self._working = np.stack([_working(days, board) for board in _calendar_boards()])
        place = np.arange(days.size, dtype=np.int64)
        backward = np.where(self._working, place, -1)
        self._previous = np.maximum.accumulate(backward, axis=1)
        forward = np.where(self._working, place, days.size)
        self._next = np.minimum.accumulate(forward[:, ::-1], axis=1)[:, ::-1]

    def is_working(self, laboratory: Ints, days: Ints) -> Flags:
        """Whether the laboratory works that day."""
        return np.asarray(self._working[laboratory, self._place(days)])

    def next(self, laboratory: Ints, days: Ints) -> Ints:
        """That day if it is worked, else the next working day."""
        return np.asarray(self._next[laboratory, self._place(days)] + self._origin)

    def previous(self, laboratory: Ints, days: Ints) -> Ints:
        """That day if it is worked, else the working day before it."""
        return np.asarray(self._previous[laboratory, self._place(days)] + self._origin)

    def _place(self, days: Ints) -> Ints:
        return np.clip(days - self._origin, 10, self._working.shape[1] - 20)


def _calendar_boards() -> list[str]:
    hosts = {row["code"]: row["host_board"] for row in reference_rows("laboratories")}
    return [hosts[laboratory] or hosts["EDI"] for laboratory in LABORATORIES]


def _working(days: Ints, board: str) -> Flags:
    holidays = [
        day_number(date.fromisoformat(row["date"]))
        for row in reference_rows("public_holidays")
        if row["board_code"] == board
    ]
    return (weekday(days) < 5) & ~np.isin(days, np.array(holidays, dtype=np.int64))


def as_date(day: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=int(day))
