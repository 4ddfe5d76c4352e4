"""Days on which laboratories do not work."""

from __future__ import annotations

import datetime as dt

import pytest

from capacity.working_days import easter, public_holidays, usual_holidays

GLASGOW = "S08000031"


def test_easter_as_it_was_and_will_be() -> None:
    """Dates of the Church of England's tables."""
    known = [(3, 31, 2024), (4, 20, 2025), (4, 5, 2026), (3, 28, 2027), (4, 16, 2028), (4, 1, 2029), (4, 21, 2030)]
    assert [easter(year) for _, _, year in known] == [dt.date(year, month, day) for month, day, year in known]


@pytest.mark.parametrize("year", [2019, 2021, 2024, 2025, 2027, 2028])
def test_the_rule_finds_what_is_listed_of_years_without_proclaimed_days(year: int) -> None:
    listed = {day for day in public_holidays(GLASGOW, 2028) if day.year == year}
    assert usual_holidays(year) == listed


def test_years_after_the_list_follow_the_rule() -> None:
    """In 2032 Christmas is a Saturday: it is kept on Monday 27 December, and Boxing Day on the 28th."""
    days = public_holidays(GLASGOW, 2032)
    assert {dt.date(2032, 12, 27), dt.date(2032, 12, 28), dt.date(2030, 4, 19)} <= days
    assert sum(day.year == 2029 for day in days) == 9


def test_a_board_that_is_not_listed_is_refused() -> None:
    with pytest.raises(ValueError, match="S99"):
        public_holidays("S99", 2030)
