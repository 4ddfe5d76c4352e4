"""Tests of ui/ethnicity_words.py: findings claim no more than the figures tell."""

from __future__ import annotations

import re
from typing import Any

from ui import ethnicity_words as told


def share(numerator: int | None, denominator: int | None, **more: Any) -> dict[str, Any]:
    shown = numerator is not None
    value = numerator / denominator if numerator is not None and denominator else None
    base = {"state": "shown" if shown else "confidential", "statistic": "share", "value": value}
    return base | {"numerator": numerator, "denominator": denominator} | more


def test_gaps_are_shown_only_at_or_above_the_line():
    assert "no gap between ethnic groups is shown" in told.gaps_shown("Highland", share(660, 1000), 0.7)
    assert told.gaps_shown("Fife", share(700, 1000), 0.7).endswith("gaps between ethnic groups may be shown.")
    assert "is not shown, so no gap" in told.gaps_shown("Orkney", share(None, 100), 0.7)
    assert told.gaps_shown("Fife", share(700, 1000), None) == ""


def test_the_reasons_stay_four_and_a_hidden_one_has_its_mark():
    title, summary = told.reasons(
        {
            "ethnicity_declined": share(50, 1000),
            "ethnicity_not_known": share(70, 1000),
            "ethnicity_not_recorded": share(160, 1000),
            "ethnicity_unmapped": share(None, 1000),
        }
    )
    assert title == "Where there is no group, mostly nothing was written down: 16.0% of people tested"
    assert summary == "Of people tested: declined 5.0%, not known 7.0%, not recorded 16.0% and code not recognised [c]."


def test_all_reasons_hidden_names_no_largest():
    title, _ = told.reasons(dict.fromkeys(told.REASONS, share(None, 100)))
    assert title == "Why there is no recorded group is hidden [c]"


def test_only_a_change_whose_whole_interval_is_on_one_side_counts_as_one():
    rows = [
        {"label": "Fife", "state": "shown", "gap": 0.03, "gap_lower": 0.01, "gap_upper": 0.05},
        {"label": "Highland", "state": "shown", "gap": 0.03, "gap_lower": -0.01, "gap_upper": 0.07},
        {"label": "Borders", "state": "shown", "gap": -0.04, "gap_lower": -0.06, "gap_upper": -0.02},
        {"label": "Orkney", "state": "confidential", "gap": None, "gap_lower": None, "gap_upper": None},
    ]
    title, summary = told.changes(rows, "health boards")
    assert title == "1 of 3 health boards clearly improved on the year before, 1 clearly fell"
    assert "Improved: Fife. Fell: Borders." in summary
    assert "1 hidden [c]" in summary


def test_boards_that_cannot_be_judged_are_counted_as_that():
    rows = [
        {"label": "Fife", "variation": "improvement_high"},
        {"label": "Borders", "variation": "concern_low"},
        {"label": "Lothian", "variation": "common_cause"},
        {"label": "Orkney", "variation": None},
    ]
    title, summary = told.signals(rows)
    assert title == "Recording has gone up by more than chance explains in 1 of 3 health boards, and down in 1"
    assert summary == "Down: Borders. In the other 1 nothing needs explaining. 1 cannot be judged."


def test_little_can_hide_where_nearly_all_are_recorded():
    row = {"code": "asian", "label": "Asian", "state": "shown", "value": 0.04, "lowest": 0.039, "highest": 0.05}
    assert "little can hide" in told.bounds([row], "Ayrshire and Arran", 0.01)[0]
    title, summary = told.bounds([row], "Scotland", 0.2)
    assert "enough to change any picture" in title
    assert re.search(r"from 3\.9%, if none .* to 5\.0%, if all", summary)


def test_consistency_that_is_hidden_is_not_told_as_a_number():
    text = told.same_as_before(share(None, 9_480))
    assert text == (
        "Whether a person's requests tell one story is hidden [c]: of 9,480 people tested before, "
        "fewer than 10 stand on one side."
    )
    assert told.same_as_before(None).endswith("not in this release.")
    assert told.same_as_before(share(990, 1_000)).startswith("99.0% of people tested before")
