"""Tests of pipelines/demo/turnaround.py: dates in order, the share within standard, and troubles where stated."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.demo import Drawn, truth
from pipelines.demo.days import NEVER, Months, day_number, weekday
from pipelines.demo.directory import lines, values
from pipelines.demo.measured import judge
from pipelines.demo.places import LABORATORIES
from pipelines.demo.requests import SAMPLE_TYPES


def test_dates_are_in_order(drawn: Drawn) -> None:
    course = drawn.course
    known = course.report < NEVER
    stages = [drawn.requests.day, course.dna_extracted, course.sequenced, course.analysed, course.authorised]
    for before, after in zip(stages, [*stages[1:], course.report], strict=True):
        assert (before <= after)[known].all()
    assert (course.report <= course.visible)[known].all()
    assert (course.dispatched <= drawn.requests.day).all()
    tissue = drawn.requests.sample_type == SAMPLE_TYPES.index("ffpe")
    assert ((course.pathology_released < NEVER) == tissue).all()
    assert (course.pathology_released <= course.dispatched)[tissue].all()


def test_four_fifths_and_more_are_reported_within_the_standard(drawn: Drawn, months: Months) -> None:
    judged, met = judge(drawn.requests, drawn.course, months)
    assert 0.80 <= met[judged].mean() <= 0.86


def test_each_category_is_near_its_stated_share(drawn: Drawn, months: Months) -> None:
    judged, met = judge(drawn.requests, drawn.course, months)
    category = np.array(values("category"))[drawn.requests.line]
    troubled = {name for trouble in truth.TROUBLES for name in trouble.categories}
    for name, (share, _) in truth.WITHIN_STANDARD.items():
        if name not in troubled:
            assert met[judged & (category == name)].mean() == pytest.approx(share, abs=0.06), name


@pytest.mark.parametrize("trouble", truth.TROUBLES, ids=lambda trouble: trouble.name)
def test_a_laboratory_in_trouble_is_late_then_and_there(drawn: Drawn, months: Months, trouble: truth.Trouble) -> None:
    judged, met = judge(drawn.requests, drawn.course, months)
    category = np.isin(np.array(values("category"))[drawn.requests.line], trouble.categories)
    mine = judged & category & (drawn.requests.performing == LABORATORIES.index(trouble.laboratory))
    day = drawn.requests.day
    inside = mine & (day >= day_number(trouble.worst_from)) & (day <= day_number(trouble.worst_to))
    before = mine & (day < day_number(trouble.start)) & (day > day_number(trouble.start) - 300)
    assert met[before].mean() - met[inside].mean() > 0.15


def test_the_rare_disease_backlog_grows_and_clears(drawn: Drawn) -> None:
    category = np.isin(np.array(values("category"))[drawn.requests.line], ["rare_standard", "rare_complex"])
    mine = category & (drawn.requests.performing == LABORATORIES.index("GLA")) & drawn.requests.accepted
    ends = np.minimum(drawn.course.report, drawn.course.cancelled)

    def waiting(year: int, month: int) -> int:
        day = int(np.datetime64(f"{year}-{month:02d}-01").astype(np.int64))
        return int((mine & (drawn.requests.day <= day - 42) & (ends > day)).sum())

    assert waiting(2026, 2) > 2.5 * waiting(2024, 12)
    assert waiting(2026, 10) < 0.5 * waiting(2026, 2)


def test_a_later_standard_lowers_the_share_for_a_while(drawn: Drawn, months: Months) -> None:
    judged, met = judge(drawn.requests, drawn.course, months)
    mine = judged & (np.array(values("category"))[drawn.requests.line] == "rare_complex")
    month = drawn.requests.month
    assert met[mine & (month < 22)].mean() > 0.8
    assert met[mine & (month >= 23) & (month < 27)].mean() < 0.55
    assert met[mine & (month >= 36) & (month < 42)].mean() > 0.75


def test_needing_an_interpreter_means_waiting_longer(drawn: Drawn, months: Months) -> None:
    known = drawn.course.report < NEVER
    rare = np.array([x.is_rare_germline and x.priority == "routine" and x.standard != "WGS" for x in lines()])
    known &= rare[drawn.requests.line] & (drawn.course.paused_days == 0)
    days = (drawn.course.report - drawn.requests.day).astype(float)
    needed = drawn.people.interpreter[drawn.requests.person]
    category = np.array(values("category"))[drawn.requests.line]
    for name in ("rare_standard", "rare_complex"):
        here = known & (category == name)
        ratio = np.median(days[here & needed]) / np.median(days[here & ~needed])
        assert ratio == pytest.approx(truth.INTERPRETER_DELAY, abs=0.12), name


def test_few_reports_are_issued_at_weekends(drawn: Drawn) -> None:
    reported = drawn.course.report[drawn.course.report < NEVER]
    share = np.bincount(weekday(reported), minlength=7) / reported.size
    assert 0 < share[5:].sum() < 0.02
    assert share[:5].min() > 0.10


def test_cancelled_and_paused_requests_are_as_many_as_stated(drawn: Drawn) -> None:
    accepted = drawn.requests.accepted
    assert (drawn.course.cancelled < NEVER)[accepted].mean() == pytest.approx(truth.CANCELLED, abs=0.002)
    assert (drawn.course.paused_days > 0)[accepted].mean() == pytest.approx(truth.PAUSED, abs=0.002)
    assert ((drawn.course.pause_reason >= 0) == (drawn.course.paused_days > 0)).all()


def test_samples_fail_as_often_as_stated(drawn: Drawn) -> None:
    for kind in ("ffpe", "plasma", "blood_edta"):
        mine = drawn.requests.sample_type == SAMPLE_TYPES.index(kind)
        assert drawn.course.failed_event[mine].mean() == pytest.approx(truth.FAILED_EVENTS[kind], abs=0.006)
