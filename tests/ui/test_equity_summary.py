"""The summary says what the rule allows, how sure it is and what to do next, and prints from one file."""

from __future__ import annotations

import re

import pytest

from catalogue.indicators import indicators
from ui.data import Snapshot
from ui.equity_summary import HEADINGS, Line, Reached, certainty, next_step, parts, reach
from ui.equity_summary_show import html
from ui.gap_verdict import SHORT
from ui.group_gaps import Gaps, all_gaps

SEEN = {
    "dimension": "simd_quintile", "area": "scotland", "grade": "good", "verdict": "lower", "is_found": True,
    "lower": -0.12, "upper": -0.07, "tipping": 0.19,
}  # fmt: skip


@pytest.fixture
def gaps(snapshot: Snapshot) -> Gaps:
    found = all_gaps(snapshot)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("changed", "measure", "begins"),
    [
        ({"grade": "poor"}, "research_offered", "Mend the data first"),
        (
            {"verdict": "unknown_could_explain"},
            "research_offered",
            "Improve recording in Fife: 19% of people whose area",
        ),
        ({"is_found": False}, "research_offered", "Wait for the next release"),
        ({}, "research_offered", "Look at the mix of laboratories"),
        ({}, "within_standard_by_group", "Ask why, with those who give the service"),
    ],
)
def test_what_to_do_next_follows_a_rule_and_gives_its_reason(changed, measure, begins):
    assert next_step(SEEN | changed, indicators()[measure], [], "Fife").startswith(begins)


def test_for_scotland_the_boards_that_record_too_little_are_named():
    row = SEEN | {"verdict": "unknown_could_explain", "dimension": "ethnic_category"}
    said = next_step(row, indicators()["research_offered"], ["Fife", "Orkney"], "Scotland")
    assert said.startswith("Improve recording in Fife and Orkney: 19% of people whose ethnic group is not recorded")


def test_certainty_tells_limits_all_gaps_and_the_unknown():
    assert certainty(SEEN) == "−12.0 to −7.0; called different among all gaps; stands whoever the unknown are"
    unsure = certainty(SEEN | {"verdict": "unknown_could_explain", "is_found": False})
    assert unsure.endswith("not called different among all gaps; the unknown could explain it")


def test_each_gap_that_is_seen_has_a_row_and_no_other_is_called_a_finding(snapshot: Snapshot, gaps: Gaps):
    for part in parts(snapshot, gaps, "scotland"):
        own = gaps.rows.filter(dimension=part.name, area="scotland", is_known=True)
        seen = own.filter(own["verdict"].is_in(["higher", "lower", "unknown_could_explain"])).height
        assert sum(bool(re.match(r"\S+ For people", line.finding)) for line in part.lines) == seen
        assert part.table.columns == list(HEADINGS)


def test_the_deprivation_gap_in_research_is_a_finding_and_the_interpreter_gap_is_not_sure(
    snapshot: Snapshot, gaps: Gaps
):
    found = {part.name: part for part in parts(snapshot, gaps, "scotland")}
    assert "is beyond chance and people of unknown group" in found["simd_quintile"].title
    assert "none of" in found["interpreter_needed"].title
    assert any("could explain all of it" in line.finding for line in found["interpreter_needed"].lines)


def test_where_too_few_are_recorded_gaps_between_ethnic_groups_are_withheld_with_what_is_needed(
    snapshot: Snapshot, gaps: Gaps
):
    short = Gaps(
        gaps.rows.with_columns(verdict=gaps.rows["verdict"].replace(dict.fromkeys(SHORT, "withheld"))),
        gaps.counts,
        gaps.by_chance,
    )
    part = parts(snapshot, short, "scotland")[0]
    assert part.title == "Recorded ethnic group: gaps are withheld"
    assert part.lines[0].size == "Withheld"
    assert part.lines[0].next_step.startswith("Improve recording in Scotland")


def test_who_is_reached_is_never_made_up():
    assert "Who is reached" in reach([], "scotland").says
    assert not reach([], "scotland").lines
    line = Line("Found", "1.2", "sure", "Good", "Look")
    part = reach([Reached("simd_quintile", "scotland", line), Reached("simd_quintile", "S08000029", line)], "scotland")
    assert part.lines == (line,)


def test_the_file_asks_for_nothing_from_outside_and_says_that_it_is_made_up(snapshot: Snapshot, gaps: Gaps):
    text = html(snapshot, gaps, "S08000029")
    assert not re.search(r"<(script|img|link|iframe)|url\(|https?://", text)
    assert "Synthetic figures" in text
    assert "size: A4" in text
    assert "not to be passed on" not in text
    assert "<h2>Fife</h2>" in text
    assert snapshot.release.id in text


def test_names_that_come_from_data_are_escaped(snapshot: Snapshot, gaps: Gaps, monkeypatch):
    monkeypatch.setattr("ui.group_gap_words.area", lambda *_: "<b>Fife</b>")
    assert "<b>Fife" not in html(snapshot, gaps, "S08000029")
