"""One rule says what a gap lets one say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.gap_verdict import MEANS, SHORT, Evidence, sentence, verdict

points = st.floats(-0.5, 0.5)


@pytest.mark.parametrize(
    ("evidence", "wanted"),
    [
        (Evidence(True, 0.01, 0.05), "higher"),
        (Evidence(True, -0.05, -0.01), "lower"),
        (Evidence(True, -0.01, 0.05), "no_gap_seen"),
        (Evidence(True, 0.0, 0.05), "no_gap_seen"),
        (Evidence(True, 0.01, 0.05, 0.002, 0.09), "higher"),
        (Evidence(True, 0.01, 0.05, 0.0, 0.09), "unknown_could_explain"),
        (Evidence(True, -0.05, -0.01, -0.09, 0.01), "unknown_could_explain"),
        (Evidence(True, 0.01, 0.05, 0.002, 0.09, at_other_ages=(0.001, 0.1)), "higher"),
        (Evidence(True, 0.01, 0.05, 0.002, 0.09, at_other_ages=(0.0, 0.1)), "ages_could_explain"),
        (Evidence(True, 0.01, 0.05, 0.0, 0.09, at_other_ages=(-0.1, 0.1)), "unknown_could_explain"),
        (Evidence(True, -0.05, -0.01, at_other_ages=(-0.09, 0.01)), "ages_could_explain"),
        (Evidence(True, -0.01, 0.05, at_other_ages=(-0.1, 0.1)), "no_gap_seen"),
        (Evidence(True, None, None), "too_few"),
        (Evidence(False, 0.01, 0.05), "hidden"),
        (Evidence(True, 0.01, 0.05, recorded=0.699, needed=0.7), "withheld"),
        (Evidence(True, 0.01, 0.05, recorded=0.7, needed=0.7), "higher"),
        (Evidence(True, 0.6, 0.9, no_gap=1.0), "lower"),
        (Evidence(True, 0.6, 1.0, no_gap=1.0), "no_gap_seen"),
    ],
)
def test_each_verdict_has_its_case_and_its_boundary(evidence: Evidence, wanted: str) -> None:
    assert verdict(evidence) == wanted


@given(points, points, points, points)
def test_a_side_is_never_named_where_chance_or_the_unrecorded_reach_no_gap(
    a: float, b: float, c: float, d: float
) -> None:
    lower, upper = sorted((a, b))
    lowest, highest = sorted((c, d))
    found = verdict(Evidence(True, lower, upper, lowest, highest))
    if lower <= 0 <= upper or lowest <= 0 <= highest:
        assert found not in ("higher", "lower")


def test_the_sentence_names_who_is_of_unknown_group() -> None:
    said = sentence("unknown_could_explain", "yield", "a", "b", "4 points", unknown="whose age is not recorded")
    assert "people whose age is not recorded could explain all of it" in said
    assert "whose ethnic group is not recorded" in sentence("unknown_could_explain", "yield", "a", "b", "4 points")


def test_every_verdict_has_words_of_each_kind() -> None:
    assert MEANS.keys() == SHORT.keys()
    for found in MEANS:
        said = sentence(found, "the share reported within standard", "Asian", "White", "4 points", "2 to 6 points")
        assert said.endswith(".")
        assert ("4 points" in said) == (found in ("higher", "lower", "unknown_could_explain", "ages_could_explain"))
