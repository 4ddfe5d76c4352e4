"""Which indicators a failing check touches."""

from __future__ import annotations

import pytest

from catalogue.indicators import indicators
from pipelines.checks import Check
from pipelines.models import read_models
from pipelines.quality import indicators_touched


def touched(*affects: str, table: str = "mart_requests") -> set[str]:
    check = Check(table, "expect", None, "It is so.", "warning", "completeness", "o", "w", "fail", 9, 1, None, affects)
    return set(indicators_touched(check, read_models(), indicators()))


def test_a_check_that_names_none_touches_all_that_read_its_table() -> None:
    assert touched(table="mart_open_requests") == {"overdue_backlog", "open_requests"}


def test_a_check_can_name_an_indicator_or_all_that_read_another_table() -> None:
    assert touched("ethnicity_recorded") == {"ethnicity_recorded"}
    by_table = touched("mart_turnaround")
    assert {"reported_within_standard", "overdue_backlog", "turnaround_days", "prenatal_qfpcr_in_3_days"} <= by_table
    assert not {"requests_received", "technology_growth", "ethnicity_recorded"} & by_table


@pytest.mark.parametrize("derived", ["technology_share", "technology_growth"])
def test_a_derived_indicator_is_touched_through_the_one_that_it_rests_on(derived: str) -> None:
    assert derived in touched(table="mart_requests")
