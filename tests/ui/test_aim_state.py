"""Each state of an aim has its rule, its outcome and its boundary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.aim_state import NAMES, RULES, Actions, Measured, State, judge

FINE = Measured("Turnaround", has_figure=True, meets_target=True)
NOTHING = Measured("Load ratio", has_figure=False)


def of(*measures: Measured, due: int = 0, done: int = 0, days: int = 0) -> State:
    return judge(measures, Actions(due, done, days)).state


def missing(chance: float | None) -> Measured:
    return Measured("Turnaround", has_figure=True, meets_target=False, chance=chance)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (of(NOTHING), "not_measured"),
        (of(), "not_measured"),
        (of(NOTHING, due=1, done=1), "on_course"),
        (of(FINE, due=4, done=2), "off_course"),
        (of(FINE, due=5, done=3), "on_course"),
        (of(missing(0.09)), "off_course"),
        (of(missing(0.10)), "slipping"),
        (of(missing(0.49)), "slipping"),
        (of(missing(0.50)), "cannot_tell"),
        (of(missing(None)), "cannot_tell"),
        (of(FINE, due=5, done=4, days=91), "slipping"),
        (of(FINE, due=5, done=4, days=90), "on_course"),
        (of(FINE, Measured("Yield", has_figure=True, variation="worsening")), "slipping"),
        (of(Measured("Yield", has_figure=True, variation="improving")), "on_course"),
        (of(Measured("Yield", has_figure=True, variation="steady")), "cannot_tell"),
        (of(Measured("Yield", has_figure=True)), "cannot_tell"),
        (of(NOTHING, due=3, done=2), "cannot_tell"),
    ],
)
def test_each_outcome_and_its_boundary(found: State, wanted: State) -> None:
    assert found == wanted


measures = st.lists(
    st.builds(
        Measured,
        title=st.just("One"),
        has_figure=st.booleans(),
        meets_target=st.sampled_from([None, True, False]),
        chance=st.one_of(st.none(), st.floats(0, 1)),
        variation=st.sampled_from([None, "improving", "worsening", "steady"]),
    ),
    max_size=5,
)


@given(measures, st.integers(0, 9), st.integers(0, 9), st.integers(0, 400))
def test_every_state_has_a_reason_a_name_and_a_rule(drawn: list[Measured], due: int, done: int, days: int) -> None:
    found = judge(drawn, Actions(due, min(due, done), days))
    assert found.reasons
    assert found.state in NAMES
    assert found.state in RULES


@given(measures, st.integers(0, 9), st.integers(0, 9))
def test_bad_news_never_betters_a_state(drawn: list[Measured], due: int, done: int) -> None:
    order = ["off_course", "slipping", "on_course", "cannot_tell", "not_measured"]
    before = judge(drawn, Actions(due, min(due, done), 0)).state
    after = judge([*drawn, missing(0.01)], Actions(due, min(due, done), 0)).state
    assert after == "off_course"
    assert order.index(after) <= order.index(before)
