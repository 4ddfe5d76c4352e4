"""Tests of ui/ethnicity_words.py: findings claim no more than the figures tell."""

from __future__ import annotations

import re
from typing import Any

from ui import ethnicity_measures as measures
from ui import ethnicity_words as told
from ui.data import Snapshot
from ui.figure import Figure


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
        judged("Fife", "improvement_high"),
        judged("Borders", "concern_low"),
        judged("Lothian", "common_cause"),
        judged("Orkney", None),
    ]
    title, summary = told.signals(rows, 0.7)
    assert title == "Recording has gone up by more than chance explains in 1 of 3 health boards, and down in 1"
    assert summary == "Up: Fife. Down: Borders. In the other 1 there is no sign of change. 1 cannot be judged."


def judged(label: str, variation: str | None, upper: float = 0.9) -> dict[str, Any]:
    """A board with what its chart says, and the upper end of the interval of its newest 12 months."""
    return {"label": label, "variation": variation, "state": "shown", "lower": upper - 0.05, "upper": upper}


def test_a_board_below_the_line_is_never_told_that_all_is_well():
    """Steady at 35% is no sign of change, and rising from there is no success yet."""
    rows = [judged("Highland", "common_cause", 0.68), judged("Western Isles", "improvement_high", 0.4)]
    _, summary = told.signals(rows, 0.7)
    assert summary.endswith("Clearly below the 70% line all the same: Highland and Western Isles.")
    for row in rows:
        said = told.says(row["variation"], told.is_below(row, 0.7), 0.7)
        assert said.endswith("Below the 70% line.")
        assert not re.search("needs no explanation|keep it|working", said)
    assert told.says("common_cause", is_low=False, target=0.7) == "No sign of change."
    assert told.says(None, is_low=True, target=0.7) == ""


def test_where_no_board_moved_it_is_said_once():
    rows = [judged(name, "common_cause") for name in ("Fife", "Borders", "Lothian")]
    assert told.signals(rows, 0.7) == ("Recording shows no sign of change in any of 3 health boards", "")
    assert told.signals(rows[:1], 0.7)[0] == "Fife, the only board judged: no sign of change"


def test_one_group_alone_is_called_the_only_one():
    row = {"label": "Dundee", "state": "shown", "gap": 0.03, "gap_lower": -0.01, "gap_upper": 0.07}
    title, _ = told.changes([row], "receiving laboratories")
    expected = "Dundee, the only one shown of the receiving laboratories, shows no clear change on the year before"
    assert title == expected
    title, _ = told.changes([row, {**row, "label": "Glasgow"}], "receiving laboratories")
    assert title == "No clear change on the year before in any of 2 receiving laboratories"


def test_the_share_alone_is_told_beside_what_is_clear():
    rows = [share(69, 100), share(71, 100), share(None, 100)]
    assert told.by_share_alone(rows, 0.7, "boards").endswith("1 of the boards shown is below it.")
    assert told.by_share_alone(rows[1:], 0.7, "boards").endswith("none of the boards shown is below it.")


def year(snapshot: Snapshot, reason: str) -> Figure | None:
    """The newest 12 months of a reason for Scotland."""
    return measures.newest_year(snapshot, reason, ())


def test_reasons_that_are_hidden_are_not_said_to_be_steady(snapshot):
    title, summary = told.reason_over_time({reason: year(snapshot, reason) for reason in told.REASONS})
    assert title == "No reason clearly rose or fell on the 12 months before"
    assert summary.startswith("Newest 12 months. Declined: 5.0%. No clear change on the 12 months before (5.0%;")
    hidden = dict.fromkeys(told.REASONS) | {"ethnicity_declined": year(snapshot, "ethnicity_declined")}
    title, summary = told.reason_over_time(hidden)
    assert title.endswith("known to have risen or fallen on the 12 months before: of the 4 reasons 1 can be compared")
    assert summary.count("hidden [c]") == 3


def test_little_can_hide_where_nearly_all_are_recorded():
    row = {"code": "asian", "label": "Asian", "state": "shown", "value": 0.04, "lowest": 0.039, "highest": 0.05}
    assert "little can hide" in told.bounds([row], "Ayrshire and Arran", share(990, 1_000))[0]
    title, summary = told.bounds([row], "Scotland", share(795, 1_000))
    assert title.startswith("20.5% of people tested in Scotland")
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
