"""ui/capacity_overrides.py: what a planner set survives a link, and what an address cannot name is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.assumptions import read_assumptions
from ui.capacity_overrides import MOST, parsed, written

GIVEN = read_assumptions()
KEYS = ["growth/all", "leave_days/all", "minutes/clinical_scientist", "minutes/nipt/analysis/clinical_scientist"]


@given(st.dictionaries(st.sampled_from(KEYS), st.integers(1, 900_000).map(lambda n: n / 1_000_000)))
def test_what_is_written_is_read_back(values):
    found, wrong = parsed(written(values), GIVEN)
    assert dict(found) == pytest.approx(values)
    assert wrong == 0


def test_the_address_is_short_and_in_order():
    text = written({"leave_days/all": 40.0, "growth/all": 0.08})
    assert text == "growth/all:0.08,leave_days/all:40"
    assert written({}) == ""


@pytest.mark.parametrize(
    "part",
    ["growth/all", "growth/all:-1", "growth/all:1e9", "growth/all:2", "luck/all:1", "<script>:1", "load_red/all:0",
     "minutes/nipt/analysis/wizard:5", "growth/all:nan", "growth/all:0.1.2"],
)  # fmt: skip
def test_a_part_that_cannot_be_used_is_left_out_and_counted(part):
    assert parsed(f"{part},leave_days/all:40", GIVEN) == ((("leave_days/all", 40.0),), 1)


@given(st.text(max_size=300))
def test_no_text_in_an_address_raises(text):
    found, _ = parsed(text, GIVEN)
    GIVEN.overridden(dict(found))


def test_an_address_without_end_is_read_to_a_limit():
    found, wrong = parsed("x:1," * 5_000, GIVEN)
    assert (found, wrong) == ((), MOST)
