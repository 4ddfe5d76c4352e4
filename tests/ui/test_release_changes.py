"""What moved between two releases, and by which cause: each rule at its boundary, hidden figures never told."""

from __future__ import annotations

import datetime as dt

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.indicators import indicators
from pipelines import releases
from pipelines.folders import Folders
from tests.ui.cited_releases import A, sealed
from tests.ui.store import make_store
from ui.access import demonstration
from ui.data import Snapshot
from ui.release_before import release_before
from ui.release_changes import compared, may_be_rounding, moved, of_measure, submissions, summed

WITHIN = "reported_within_standard"
B = "20261211T080000Z-B"
RAISED = "UPDATE cells SET value = value + 0.01 WHERE state = 'shown' AND cube = ''"
REDEFINED = (
    f"UPDATE definition_parts SET fingerprint = 'other' WHERE indicator = '{WITHIN}' AND name = 'mart_turnaround'"
)
SENT_AGAIN = (
    "UPDATE submissions SET version = version + 1 "
    "WHERE extract = 'turnaround' AND submitter = 'EDI' AND period = DATE '2026-06-01'"
)


@pytest.fixture
def folders(tmp_path) -> Folders:
    """A data folder with one release served."""
    found = Folders(tmp_path / "data")
    sealed(found, A, "2026-11-15T08:00:00+00:00")
    releases.publish(found, A)
    return found


def two(folders: Folders, *changes: str) -> tuple[Snapshot, Snapshot]:
    """The release served now, changed by some SQL, and the one before."""
    sealed(folders, B, "2026-12-11T08:00:00+00:00", *changes)
    releases.publish(folders, B)
    now = Snapshot(demonstration(), folders.data)
    then = release_before(now).snapshot
    assert then is not None
    return now, then


def causes(now: Snapshot, then: Snapshot, indicator: str = WITHIN, grain: str = "month") -> dict[dt.date, list[str]]:
    """The causes of each moved figure of Scotland by the first day of its period."""
    rows = compared(now, then).figures.filter("is_moved", indicator=indicator, grain=grain)
    return dict(rows.select("period_start", "causes").iter_rows())


def test_the_same_release_twice_moves_nothing(folders):
    found = compared(*two(folders))
    assert found.redefined == ()
    assert not found.figures["is_moved"].any()
    assert summed(found.figures, Snapshot(demonstration(), folders.data).facts.indicators) == ()


def test_a_changed_table_on_the_way_is_a_changed_definition(folders):
    now, then = two(folders, RAISED, REDEFINED)
    (one,) = compared(now, then).redefined
    assert (one.entry.id, one.how, one.parts) == (WITHIN, "numbers", (("table", "mart_turnaround"),))
    assert {tuple(held) for held in causes(now, then).values()} == {("definition",)}


def test_another_measure_is_not_blamed_on_it(folders):
    now, then = two(folders, RAISED, REDEFINED)
    assert {tuple(held) for held in causes(now, then, "requests_received").values()} == {("unknown",)}


def test_words_alone_are_told_and_move_nothing(folders):
    words = "UPDATE indicators SET entry = replace(entry, 'Requests reported within standard', 'Reported in time')"
    now, then = two(folders, words, RAISED)
    held = {one.entry.id: one for one in compared(now, then).redefined}
    assert (held[WITHIN].how, held[WITHIN].fields) == ("words", ("title",))
    assert {tuple(found) for found in causes(now, then).values()} == {("unknown",)}


def test_data_sent_again_count_from_their_month_on(folders):
    found = causes(*two(folders, RAISED, SENT_AGAIN))
    for start, held in found.items():
        assert held[0] == ("sent_again" if start >= dt.date(2026, 6, 1) else "unknown"), start


def test_a_measure_that_does_not_rest_on_the_extract_is_not_touched_by_it(folders):
    now, then = two(folders, RAISED, "UPDATE submissions SET version = version + 1 WHERE extract = 'outcomes'")
    parts = now.built_table("definition_parts").filter(part="extract", indicator=WITHIN)
    assert set(parts["name"]) == {"testing", "turnaround"}
    came = submissions(now.table("submissions"), then.table("submissions"), dt.date(2026, 10, 31))
    assert set(came["extract"]) == {"outcomes"}
    assert {tuple(held) for held in causes(now, then).values()} == {("unknown",)}


def test_the_definition_decides_and_data_sent_again_are_named_beside_it(folders):
    found = causes(*two(folders, RAISED, REDEFINED, SENT_AGAIN))
    assert found[dt.date(2026, 6, 1)] == ["definition", "sent_again"]
    assert found[dt.date(2026, 5, 1)] == ["definition"]


@pytest.mark.parametrize(("part", "cause"), [("calculation", "calculation"), ("rounding", "rounding")])
def test_what_bears_on_all_is_named_where_nothing_nearer_holds(folders, part, cause):
    now, then = two(
        folders, RAISED, SENT_AGAIN, f"UPDATE definition_parts SET fingerprint = 'other' WHERE part = '{part}'"
    )
    found = causes(now, then)
    assert found[dt.date(2026, 5, 1)] == [cause]
    assert found[dt.date(2026, 6, 1)] == ["sent_again", cause]


def test_a_measure_added_and_one_gone_are_told(folders):
    now, then = two(folders, f"DELETE FROM indicators WHERE id = '{WITHIN}'")
    assert [(one.entry.id, one.how) for one in compared(now, then).redefined] == [(WITHIN, "gone")]


def test_a_release_before_fingerprints_is_compared_by_entries_alone(folders):
    store = folders.releases / A / "protected.duckdb"
    with duckdb.connect(str(store)) as con:
        con.execute("DROP TABLE definition_parts")
    found = compared(*two(folders, RAISED, REDEFINED))
    assert not found.has_parts
    assert found.redefined == ()


SENT = {"extract": ["t"] * 4, "submitter": ["EDI"] * 4, "period": [dt.date(2026, month, 1) for month in (7, 8, 9, 10)]}


def test_late_is_a_month_that_was_covered_and_new_one_that_was_not():
    then = pl.DataFrame({**SENT, "version": [1, None, None, None]}, schema_overrides={"version": pl.Int64})
    now = pl.DataFrame({**SENT, "version": [2, 1, None, 1]}, schema_overrides={"version": pl.Int64})
    found = submissions(now, then, covered=dt.date(2026, 9, 30)).select("period", "how").rows()
    july, august, _, october = SENT["period"]
    assert found == [(july, "sent_again"), (august, "late"), (october, "new_data")]


def test_a_submission_no_longer_in_use_counts_as_sent_again():
    then = pl.DataFrame({**SENT, "version": [2, 1, 1, 1]})
    now = pl.DataFrame({**SENT, "version": [None, 1, 1, 1]}, schema_overrides={"version": pl.Int64})
    assert submissions(now, then, dt.date(2026, 9, 30))["how"].to_list() == ["sent_again"]


STATES = st.sampled_from(["shown", "confidential", "not_available"])
COUNTS = st.integers(0, 4).map(lambda step: 5 * step)


def cells(rows: list[tuple[str, int, int]]) -> pl.DataFrame:
    """Cells of one measure, a month each: state, numerator and denominator."""
    return pl.DataFrame(
        [
            {
                "indicator": WITHIN,
                "cube": "",
                "d1": None,
                "d2": None,
                "d3": None,
                "grain": "month",
                "period_start": dt.date(2020 + place // 12, place % 12 + 1, 1),
                "period_end": dt.date(2020 + place // 12, place % 12 + 1, 28),
                "statistic": "share",
                "state": state,
                "period_status": "final",
                "value": numerator / (denominator or 1),
                "numerator": numerator,
                "denominator": denominator,
                "lower": None,
                "upper": None,
            }
            for place, (state, numerator, denominator) in enumerate(rows)
        ]
    )


@given(st.lists(st.tuples(STATES, COUNTS, COUNTS, STATES, COUNTS, COUNTS), min_size=1, max_size=12))
def test_nothing_is_told_of_a_cell_that_either_release_hides(rows):
    found = moved(cells([row[:3] for row in rows]), cells([row[3:] for row in rows])).sort("period_start")
    for row, told in zip(rows, found.to_dicts(), strict=True):
        both = row[0] == row[3] == "shown"
        assert told["is_moved"] == (both and row[1:3] != row[4:6])
        assert (told["change"] is not None) == both
        assert told["is_newly_hidden"] == (row[3] == "shown" and row[0] != "shown")
        assert told["is_newly_shown"] == (row[0] == "shown" and row[3] != "shown")


@pytest.mark.parametrize(("counts", "small"), [((100, 105), True), ((100, 110), False), ((105, 100), True)])
def test_one_step_of_rounding_is_told(counts, small):
    now, then = counts
    row = {"numerator": now, "numerator_then": then, "denominator": 200, "denominator_then": 200}
    assert may_be_rounding(indicators()[WITHIN], row) is small
    assert not may_be_rounding(indicators()["vacancy_rate"], row), "posts are not rounded"


def test_without_counts_no_move_passes_for_rounding():
    names = ("numerator", "denominator")
    row = {f"{name}{side}": None for name in names for side in ("", "_then")}
    assert not may_be_rounding(indicators()[WITHIN], row)


@pytest.mark.parametrize(("apart", "is_moved"), [(0.0, False), (1e-12, False), (1e-6, True)])
def test_the_order_in_which_parts_were_added_up_is_no_move(apart, is_moved):
    then = cells([("shown", 50, 100)])
    found = moved(then.with_columns(pl.col("value") + apart), then)
    assert found["is_moved"].to_list() == [is_moved]


def test_new_months_are_a_cause_only_where_nothing_of_the_period_came(folders):
    newest = "UPDATE submissions SET version = NULL WHERE extract = 'turnaround' AND period = DATE '2026-10-01'"
    with duckdb.connect(str(folders.releases / A / "protected.duckdb")) as con:
        con.execute(newest)
        con.execute("UPDATE release SET value = '2026-09-30' WHERE key = 'data_to'")
    found = causes(*two(folders, RAISED, SENT_AGAIN))
    assert found[dt.date(2026, 5, 1)] == ["new_data"]
    assert found[dt.date(2026, 6, 1)] == ["sent_again"]


def test_all_cubes_of_a_measure_are_compared(folders):
    now, then = two(folders, "UPDATE cells SET numerator = numerator + 5 WHERE state = 'shown' AND d1 = 'EDI'")
    found = of_measure(now, then, WITHIN).filter("is_moved")
    assert found.height
    assert set(found["d1"]) == {"EDI"}


def test_the_first_release_has_none_before_it(folders):
    before = release_before(Snapshot(demonstration(), folders.data))
    assert (before.snapshot, before.title) == (None, "This is the first release")


def test_a_release_before_that_was_pruned_is_said_to_be_gone(folders):
    now, _ = two(folders)
    (folders.releases / A / "protected.duckdb").unlink()
    assert release_before(now).title == "The release before is no longer kept here"


def test_one_that_was_built_and_never_served_is_passed_over(folders):
    sealed(folders, "20261201T080000Z-X", "2026-12-01T08:00:00+00:00", RAISED)
    _, then = two(folders)
    assert then.release.id == A


def test_a_real_release_before_a_synthetic_one_is_not_opened_without_sign_in(tmp_path):
    folders = Folders(tmp_path / "data")
    sealed(folders, A, "2026-11-15T08:00:00+00:00", synthetic=False)
    releases.publish(folders, A)
    sealed(folders, B, "2026-12-11T08:00:00+00:00")
    releases.publish(folders, B)
    before = release_before(Snapshot(demonstration(), folders.data))
    assert before.snapshot is None
    assert "Sign-in" in before.title


def test_a_release_before_by_another_version_is_said_to_be_unreadable(folders):
    now, _ = two(folders)
    older = "20261101T080000Z-O"
    make_store(folders.data, "full", release=older)
    with duckdb.connect(str(folders.releases / older / "protected.duckdb")) as con:
        con.execute("UPDATE indicators SET entry = '{}'")
    (folders.releases / "published").write_text(f"{older}\n{B}\n")
    assert "cannot be read" in release_before(now).title
