"""Where the aims of a made-up release stand: which measures judge, what actions say, and what is said of both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from catalogue.aim_judgements import Judgement
from catalogue.indicators import indicators
from catalogue.reference import codes
from tests.ui.programme_store import day, frame, insert, item
from tests.ui.store import make_store
from ui import aim_words, aims, aims_show
from ui.access import Role, demonstration
from ui.aim_state import NAMES, RULES
from ui.aims import Aims, all_aims, judges
from ui.data import Snapshot

Make = Callable[..., Aims]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Aims:
    place = tmp_path_factory.mktemp("aims")
    make_store(place, "full")
    return all_aims(Snapshot(demonstration(Role.VIEWER), place))


@pytest.fixture
def made(tmp_path: Path) -> Make:
    """The aims of a release with items of one's own."""

    def make(items: pl.DataFrame | None) -> Aims:
        store = make_store(tmp_path, "full")
        with duckdb.connect(str(store)) as con:
            if items is None:
                con.execute("DROP TABLE programme_items; DROP TABLE programme_history")
            else:
                insert(con, items)
        return all_aims(Snapshot(demonstration(Role.VIEWER), tmp_path))

    return make


def test_every_aim_of_the_strategy_is_there_once_and_has_a_state(found):
    assert [aim.code for aim in found.aims] == list(codes("aims"))
    assert sum(found.counts.values()) == 13


def test_a_measure_with_a_letter_one_without_a_better_side_and_one_that_compares_groups_do_not_judge():
    judging = {entry.id for entry in indicators().values() if judges(entry)}
    assert {"reported_within_standard", "ethnicity_recorded", "load_ratio", "research_offered"} <= judging
    assert not judging & {
        "within_todays_standard", "screening_uptake", "uncertain_results", "requests_received", "milestones_on_time",
    }  # fmt: skip


def test_every_aim_has_a_measure_that_judges_it():
    served = {aim for entry in indicators().values() if judges(entry) for aim in entry.aims}
    assert served == set(range(1, 14))


def test_actions_alone_put_the_aims_where_the_rule_says(found):
    states = {aim.code: aim.judged.state for aim in found.aims}
    # Aim 1: a third not done, the longest overdue by 396 days. Aim 2: its one action due is not done. Aim 3: all done.
    assert (states["1"], states["2"], states["3"]) == ("slipping", "off_course", "on_course")
    # Aim 7 has no figure in this release, and no action is due.
    assert states["7"] == "not_measured"


def test_the_sentence_on_what_a_state_rests_on_tells_measures_from_actions(found):
    assert "By its actions alone: off course." in aim_words.basis(found.of("2"))
    assert "By its actions alone: none is due." in aim_words.basis(found.of("7"))


def test_actions_are_told_with_their_counts(found):
    assert aim_words.actions(found.of("1"), found.reported_on) == (
        "Actions: of 3 due by 31 October 2026, 1 done on time, 1 done late and 1 overdue. "
        "1 more falls due in the next 6 months."
    )
    assert aim_words.actions(found.of("4"), found.reported_on) == "Actions: none of 1 is due by 31 October 2026."


def test_a_release_without_the_items_rests_on_measures_alone_and_says_so(made):
    found = made(None)
    assert found.items is None
    assert all(aim.actions is None for aim in found.aims)
    assert "rests on measures alone" in aim_words.basis(found.of("1"))
    assert aim_words.actions(found.of("1"), None) == "Actions: not in this release."
    assert found.of("1").judged.state == "not_measured"


def test_an_aim_whose_actions_are_all_done_is_on_course_and_one_day_too_long_overdue_slips(made):
    long, short = dt.date(2026, 10, 31) - dt.timedelta(91), dt.date(2026, 10, 31) - dt.timedelta(90)
    done = {"due_date": day("2026-01-01"), "completed_date": day("2026-01-01"), "status": "complete"}
    items = [item(f"A{number}", aim="7", **done) for number in range(3)]
    items += [item(f"B{number}", aim="8", **done) for number in range(3)]
    items += [item("A9", aim="7", due_date=long), item("B9", aim="8", due_date=short)]
    found = made(frame(*items))
    assert found.of("7").judged.state == "slipping"
    assert found.of("7").judged.reasons == ("An action is overdue by 91 days.",)
    assert found.of("8").judged.state != "slipping"


def test_the_finding_counts_every_aim(found):
    told = aim_words.finding(found)
    assert told.startswith("Of the 13 aims, ")
    assert sum(int(word) for word in told.replace(",", " ").split() if word.isdigit()) == 13 + 13


def test_evidence_counts_what_can_be_used(found):
    aim = found.of("2")
    assert len(aim.usable) + len(aim.missing) == len(aim.judging)
    assert f"{len(aim.usable)} of {len(aim.judging)} measures" in aim_words.evidence(aim)
    assert aim.judging[0].entry.number.startswith("2.")


def test_a_judgement_stands_beside_the_rule_and_never_in_its_place(tmp_path, monkeypatch):
    make_store(tmp_path, "full", release="20261115T080000Z-judged")
    said = Judgement(
        aim="2", state="on_course", role="Policy lead", decided_on=dt.date(2026, 11, 1),
        reason="The directory was finished after the return closed.",
    )  # fmt: skip
    monkeypatch.setattr(aims, "aim_judgements", lambda: {"2": said})
    found = all_aims(Snapshot(demonstration(Role.VIEWER), tmp_path))
    aim = found.of("2")
    assert aim.judged.state == "off_course"
    told = aims_show.standing(found, aim)
    assert "▼ Off course" in told
    assert "Judgement beside the rule: on course" in told
    assert "Policy lead, 1 November 2026" in told


def test_every_state_has_a_mark_a_name_and_a_rule_and_the_one_that_held_is_named():
    assert set(aim_words.MARKS) == set(NAMES) == set(RULES) == set(aim_words.IN_STATE)
    assert len(set(aim_words.MARKS.values())) == len(NAMES)
    told = aims_show.rules("slipping").splitlines()
    assert [line for line in told if "This one held" in line] == [line for line in told if "Slipping" in line]


@pytest.mark.parametrize(("share", "told"), [(0.004, "under 1%"), (0.01, "1%"), (0.426, "43%"), (0.996, "over 99%")])
def test_a_chance_never_claims_certainty(share, told):
    assert aim_words.likely(share) == told
