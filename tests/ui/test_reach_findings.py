"""Findings on who is reached, as the equity summary tells them."""

from __future__ import annotations

from ui.data import Snapshot
from ui.gap_verdict import SHORT
from ui.reach_filters import Choice
from ui.reach_findings import ASK, IMPROVE, SEEN, findings
from ui.reach_group_sections import represented


def test_every_verdict_of_the_page_that_sees_something_is_a_finding(snapshot: Snapshot) -> None:
    rows, _ = represented(snapshot, Choice())
    seen = [row for row in rows if row["verdict"] in SEEN]
    told = [found for found in findings(snapshot, ["scotland"]) if found.dimension == "ethnic_category"]
    assert len(told) == len(seen)
    for row, found in zip(seen, told, strict=True):
        assert row["label"] in found.line.finding
        assert SHORT[row["verdict"]].lower() in found.line.certainty


def test_a_gap_that_unrecorded_people_could_make_asks_for_recording_first(snapshot: Snapshot) -> None:
    for found in findings(snapshot, ["scotland"]):
        if "could explain all of it" in found.line.finding:
            assert found.line.next_step != ASK
        if found.line.next_step == IMPROVE:
            assert "cannot tell" in found.line.certainty


def test_an_area_without_figures_has_no_finding(snapshot: Snapshot) -> None:
    assert findings(snapshot, ["S08009999"]) == []
