"""Tests of pipelines/demo/requests.py: volume, growth, seasons, holidays, forwarding, repeats and families."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from pipelines.demo import Drawn, truth
from pipelines.demo.days import Months, WorkingDays, calendar_month, day_number, weekday
from pipelines.demo.directory import flags, lines, numbers, performing_shares, values
from pipelines.demo.places import LABORATORIES, receiving_shares
from pipelines.demo.requests import DUPLICATE, REJECTED

TOTAL = 330_000


def _year(drawn: Drawn) -> np.ndarray:
    return drawn.requests.day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


@pytest.mark.parametrize("technology", ["wgs", "trio_wes", "large_panel", "ctdna", "nipt"])
def test_new_technologies_grow(drawn: Drawn, technology: str) -> None:
    here = np.array(values("technology"))[drawn.requests.line] == technology
    year = _year(drawn)
    assert (here & (year == 2025)).sum() > 1.3 * (here & (year == 2022)).sum()


@pytest.mark.parametrize("technology", ["sanger", "mlpa", "karyotype"])
def test_old_technologies_shrink(drawn: Drawn, technology: str) -> None:
    here = np.array(values("technology"))[drawn.requests.line] == technology
    year = _year(drawn)
    assert (here & (year == 2025)).sum() < 0.95 * (here & (year == 2022)).sum()


def test_each_line_has_about_its_share(drawn: Drawn) -> None:
    early = [place for place, line in enumerate(lines()) if line.pathway != "stroke" and abs(line.growth) < 0.1]
    share = numbers("share")[early] / numbers("share")[early].sum()
    counts = np.bincount(drawn.requests.line, minlength=len(lines()))[early]
    assert np.abs(counts / counts.sum() - share).max() < 0.01


def test_seasons_and_weekdays_are_those_stated(drawn: Drawn) -> None:
    year = _year(drawn)
    whole = (year >= 2022) & (year <= 2025)
    month = np.bincount(calendar_month(drawn.requests.day[whole]), minlength=12)
    assert month[11] < 0.93 * month.mean()
    assert month[10] > 1.0 * month.mean()
    day = np.bincount(weekday(drawn.requests.day), minlength=7) / TOTAL
    assert day[5:].sum() < 0.015
    assert day[:5].min() > 0.15


def test_nothing_is_received_on_a_public_holiday(drawn: Drawn, months: Months) -> None:
    working = WorkingDays(months)
    day = drawn.requests.day
    free = ~working.is_working(drawn.requests.receiving, day) & (weekday(day) < 5)
    assert not free.any()
    assert (drawn.requests.day == day_number(date(2025, 12, 25))).sum() == 0


def test_the_pandemic_dip_ends_in_autumn_2021(drawn: Drawn) -> None:
    start, end = day_number(date(2021, 5, 1)), day_number(truth.PANDEMIC_END)
    before = ((drawn.requests.day >= start) & (drawn.requests.day < end)).sum()
    year_later = ((drawn.requests.day >= start + 365) & (drawn.requests.day < end + 365)).sum()
    assert 0.70 < before / year_later < 0.86


def test_cyp2c19_testing_begins_when_stated(drawn: Drawn) -> None:
    stroke = np.array([line.pathway == "stroke" for line in lines()])[drawn.requests.line]
    assert drawn.requests.day[stroke].min() >= day_number(truth.CYP2C19_START)
    assert stroke.sum() > 1_000


def test_laboratories_receive_the_samples_of_their_boards(drawn: Drawn) -> None:
    pairs = np.zeros_like(receiving_shares())
    np.add.at(pairs, (drawn.requests.requesting_board, drawn.requests.receiving), 1)
    assert pairs[receiving_shares() == 0].sum() == 0
    found = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1)
    assert np.abs(found - receiving_shares())[pairs.sum(axis=1) > 1_000].max() < 0.03


def test_some_samples_are_forwarded_and_a_few_leave_scotland(drawn: Drawn) -> None:
    requests = drawn.requests
    outside = requests.performing == LABORATORIES.index("OUT")
    forwarded = (requests.performing != requests.receiving) & ~outside
    assert 0.04 < forwarded.mean() < 0.08
    assert 0.010 < outside.mean() < 0.020
    assert np.allclose(performing_shares().sum(axis=2), 1)


def test_rejections_and_duplicates_are_of_the_stated_size(drawn: Drawn) -> None:
    assert (drawn.requests.disposition == REJECTED).mean() == pytest.approx(truth.REJECTED, abs=0.002)
    assert (drawn.requests.disposition == DUPLICATE).mean() == pytest.approx(truth.DUPLICATE, abs=0.0005)
    assert ((drawn.requests.rejection_reason >= 0) == (drawn.requests.disposition == REJECTED)).all()


def test_people_have_about_1_3_requests_each(drawn: Drawn) -> None:
    assert drawn.requests.size / drawn.people.board.size == pytest.approx(1.3, abs=0.1)
    assert np.unique(drawn.requests.person).size == drawn.people.board.size


def test_request_numbers_are_different_and_have_nine_digits(drawn: Drawn) -> None:
    number = drawn.requests.number
    assert np.unique(number).size == number.size
    assert number.min() >= 100_000_000
    assert number.max() < 1_000_000_000


def test_relatives_come_after_the_finding_and_share_family_board_and_group(drawn: Drawn) -> None:
    requests, people = drawn.requests, drawn.people
    linked = np.flatnonzero(requests.relative_of >= 0)
    index = requests.relative_of[linked]
    assert linked.size > 0.5 * flags("is_for_relatives")[requests.line].sum()
    assert (requests.day[linked] > requests.day[index]).all()
    assert (requests.family[linked] == requests.family[index]).all()
    assert (people.board[requests.person[linked]] == people.board[requests.person[index]]).all()
    same = people.group[requests.person[linked]] == people.group[requests.person[index]]
    assert same.mean() > 0.99
