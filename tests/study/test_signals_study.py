"""The study of the charts on demonstration data: 2 seeds here, 20 under `make study`; its result is docs/studies.md."""

from __future__ import annotations

from functools import cache

import pytest

from tests.conftest import IS_STUDY
from tests.study.signals_study import Found, study
from ui.signals_presets import DEFAULT

SEEDS = range(1, 21 if IS_STUDY else 3)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("study")]


@cache
def found() -> Found:
    return study(SEEDS)


def test_troubles_of_three_sigma_are_signalled_in_two_months_where_limits_can_be_trusted():
    """93% of 212 in the whole study. Tolerance: five points over 20 seeds, fifteen over 2."""
    hit, all_of = found().signalled(trusted=True)
    assert all_of >= (180 if IS_STUDY else 10)
    assert hit / all_of > (0.88 if IS_STUDY else 0.78)


def test_most_troubles_are_signalled_even_where_the_page_cautions_about_its_limits():
    """86% of 396, charts of too few points included; those that began in settling months are apart, for none can be."""
    hit, all_of = found().signalled()
    assert hit / all_of > (0.81 if IS_STUDY else 0.70)
    assert found().settling() < all_of / 8


def test_no_more_months_are_marked_than_the_set_states_where_nothing_was_planted_though_months_carry_over():
    """5.3% over 20 seeds against 5.6% stated; after the standards change 1.8%. Tolerance over 2 seeds: two points."""
    assert found().rate("none") <= DEFAULT.marked + (0 if IS_STUDY else 0.02)
    assert found().rate("after") <= DEFAULT.marked


def test_no_more_months_are_marked_either_where_they_stand_in_random_order():
    assert found().rate("none", shuffled=True) <= DEFAULT.marked + (0 if IS_STUDY else 0.01)


def test_before_the_standards_change_months_are_marked_as_measured():
    """9.4% over 20 seeds: the new standards bear on some due from April to June 2023. Tolerance: two points."""
    assert found().rate("before") < (0.115 if IS_STUDY else 0.14)
