"""Tests of ui/data.py: what may be served, that nothing else can be reached, and that a publish is picked up."""

from __future__ import annotations

import ast
import datetime as dt
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
import streamlit as st

from tests.ui.store import all_cells, make_store
from ui import data
from ui.access import NotAllowedError, Reader, Role, demonstration
from ui.data import BrokenReleaseError, NoReleaseError, RealReleaseError, Snapshot, UnknownReleaseError

UI = Path(data.__file__).parent


def test_without_a_release_the_snapshot_says_so(tmp_path):
    with pytest.raises(NoReleaseError):
        Snapshot(demonstration(), tmp_path)


def test_a_release_with_real_figures_is_refused(tmp_path):
    make_store(tmp_path, "empty", synthetic=False)
    with pytest.raises(RealReleaseError):
        Snapshot(demonstration(), tmp_path)


def test_a_release_that_does_not_say_it_is_synthetic_is_refused(tmp_path):
    store = make_store(tmp_path, "empty")
    with duckdb.connect(str(store)) as con:
        con.execute("DELETE FROM release WHERE key = 'is_synthetic'")
    with pytest.raises(RealReleaseError):
        Snapshot(demonstration(), tmp_path)


@pytest.mark.parametrize("pointer", ["../elsewhere", "", "/etc", "a b", "x" * 300])
def test_a_pointer_that_leads_elsewhere_is_refused(tmp_path, pointer):
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "current").write_text(pointer)
    with pytest.raises(BrokenReleaseError):
        Snapshot(demonstration(), tmp_path)


def test_a_release_that_is_gone_or_damaged_is_refused_without_its_path(tmp_path):
    (tmp_path / "releases" / "r1").mkdir(parents=True)
    (tmp_path / "releases" / "current").write_text("r1")
    with pytest.raises(BrokenReleaseError) as missing:
        Snapshot(demonstration(), tmp_path)
    (tmp_path / "releases" / "r1" / data.STORE).write_bytes(b"not a database" * 1000)
    with pytest.raises(BrokenReleaseError) as damaged:
        Snapshot(demonstration(), tmp_path)
    assert str(tmp_path) not in f"{missing.value}{damaged.value}"


@pytest.fixture
def three(tmp_path):
    """A data folder whose releases r1, r2 and r3 were all served; r3 is, and r1x never was."""
    for name in ("r1", "r1x", "r2", "r3"):
        make_store(tmp_path, "empty", release=name)
    (tmp_path / "releases" / "published").write_text("r1\nr2\nr3\n")
    return tmp_path


def lose(folder, name, how):
    store = folder / "releases" / name / data.STORE
    if how == "gone":
        shutil.rmtree(store.parent)
    elif how == "cut off":
        store.write_bytes(store.read_bytes()[:9000])
    elif how == "zeros":
        store.write_bytes(bytes(store.stat().st_size))
    else:
        with duckdb.connect(str(store)) as con:
            con.execute("DROP TABLE quality")


@pytest.mark.parametrize("how", ["gone", "cut off", "zeros", "a table missing"])
def test_the_newest_good_release_before_it_stands_in_for_one_that_is_lost(three, how):
    lose(three, "r3", how)
    shown = Snapshot(demonstration(), three)
    assert (shown.release.id, shown.stands_in_for, shown.before) == ("r2", "r3", "r1")


def test_several_may_be_lost_until_none_is_left(three):
    lose(three, "r3", "gone")
    lose(three, "r2", "zeros")
    assert Snapshot(demonstration(), three).release.id == "r1"
    lose(three, "r1", "gone")
    st.cache_resource.clear()
    with pytest.raises(BrokenReleaseError):
        Snapshot(demonstration(), three)


def test_nothing_stands_in_for_a_whole_release(three):
    assert Snapshot(demonstration(), three).stands_in_for is None


def test_a_release_that_was_rolled_back_from_never_stands_in(three):
    (three / "releases" / "current").write_text("r2\n")
    lose(three, "r2", "gone")
    assert Snapshot(demonstration(), three).release.id == "r1"


def test_readers_go_on_with_a_release_that_is_deleted_under_them(three):
    before = Snapshot(demonstration(), three)
    lose(three, "r3", "gone")
    assert before.cells("reported_within_standard", "month", {}).is_empty()
    assert before.built_table("events") is not None
    assert Snapshot(demonstration(), three).release.id == "r3"
    make_store(three, "empty", release="r4")
    assert Snapshot(demonstration(), three).release.id == "r4"


def test_a_cited_release_that_is_lost_is_said_to_be_and_no_other_is_shown_for_it(three):
    lose(three, "r1", "gone")
    with pytest.raises(UnknownReleaseError):
        Snapshot(demonstration(), three, "r1")
    lose(three, "r2", "zeros")
    with pytest.raises(BrokenReleaseError):
        Snapshot(demonstration(), three, "r2")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY release TO 'out.csv'",
        "ATTACH 'other.duckdb'",
        "INSERT INTO release VALUES ('a', 'b')",
        "SET enable_external_access = true",
        "SET threads = 9",
    ],
)
def test_the_handle_can_neither_write_nor_reach_other_files(snapshot, sql):
    with pytest.raises(duckdb.Error):
        snapshot._handle.cursor().execute(sql)


def test_a_failing_query_gives_a_plain_message(tmp_path):
    store = make_store(tmp_path, "empty")
    with duckdb.connect(str(store)) as con:
        con.execute("DROP TABLE quality")
    with pytest.raises(BrokenReleaseError) as problem:
        Snapshot(demonstration(), tmp_path)
    assert "quality" not in str(problem.value)


def test_a_new_release_is_picked_up_and_an_open_snapshot_keeps_its_own(tmp_path):
    make_store(tmp_path, "empty", release="r1")
    first = Snapshot(demonstration(), tmp_path)
    make_store(tmp_path, "empty", release="r2")
    assert (first.release.id, Snapshot(demonstration(), tmp_path).release.id) == ("r1", "r2")
    assert first.cells("reported_within_standard", "month", {}).is_empty()


def test_more_releases_than_handles_are_kept_do_not_break_an_open_snapshot(tmp_path):
    make_store(tmp_path, "empty", release="r0")
    first = Snapshot(demonstration(), tmp_path)
    for number in range(1, 6):
        make_store(tmp_path, "empty", release=f"r{number}")
        assert Snapshot(demonstration(), tmp_path).release.id == f"r{number}"
    assert first.cells("overdue_backlog", "month", {}).is_empty()


def test_many_threads_may_read_at_once(full):
    def read(number: int) -> int:
        grain = ("month", "quarter", "year")[number % 3]
        return Snapshot(demonstration(), full).cells("turnaround_days", grain, {}, "requesting_board").height

    with ThreadPoolExecutor(12) as pool:
        assert min(pool.map(read, range(24))) > 0


def test_facts_are_read_from_the_release(snapshot):
    facts = snapshot.facts
    assert facts.months[-1] == dt.date(2026, 10, 1)
    assert facts.release.data_to == dt.date(2026, 10, 31)
    assert list(facts.indicators)[:2] == ["proposal_decision_days", "approved_tests_live"]
    assert facts.labels["performing_lab"]["DUN"] == "Dundee"
    assert facts.quality["ethnicity_recorded"].grade == "poor"


def test_cells_hold_one_code_of_each_held_dimension_and_are_in_display_order(snapshot):
    cells = snapshot.cells("reported_within_standard", "year", {"performing_lab": "DUN"}, "turnaround_category")
    assert set(cells["d1"]) == {"DUN"}
    newest = cells.filter(cells["period_start"] == cells["period_start"].max())["code"].to_list()
    order = list(snapshot.facts.labels["turnaround_category"])
    assert newest == sorted(newest, key=order.index)


def test_no_other_module_of_the_app_opens_a_database():
    root = UI.parent
    files = [*UI.glob("*.py"), *(root / "pages").glob("*.py"), root / "app.py", root / "server.py"]
    openers = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if "duckdb" in names or (isinstance(node, ast.ImportFrom) and node.module == "duckdb"):
                openers.add(path.name)
    assert openers == {"data.py"}


@pytest.mark.parametrize(
    "name", ["", "..", "../r1", "r1/../r1", "/etc", "current", "published", "r1\n", "r" * 300, "r3"]
)
def test_a_name_that_is_no_published_release_opens_nothing(tmp_path, name):
    make_store(tmp_path, "empty", release="r3")
    make_store(tmp_path, "empty", release="r1")
    with pytest.raises(UnknownReleaseError) as problem:
        Snapshot(demonstration(), tmp_path, release=name)
    assert str(tmp_path) not in str(problem.value)


def test_an_older_release_opens_by_its_id_once_it_is_on_the_list_of_those_published(tmp_path):
    make_store(tmp_path, "empty", release="r1")
    make_store(tmp_path, "empty", release="r2")
    (tmp_path / "releases" / data.PUBLISHED).write_text("r0\nr1\nr2\n", encoding="utf-8")
    assert Snapshot(demonstration(), tmp_path, release="r1").release.id == "r1"
    with pytest.raises(UnknownReleaseError, match="no longer kept"):
        Snapshot(demonstration(), tmp_path, release="r0")


def test_a_release_that_does_not_say_how_it_rounds_is_taken_to_round_as_ever(tmp_path):
    make_store(tmp_path, "empty")
    release = Snapshot(demonstration(), tmp_path).release
    assert (release.rounded_to, release.hidden_under) == (5, 10)
    with duckdb.connect(str(make_store(tmp_path, "empty", release="r9"))) as con:
        con.execute("INSERT INTO release VALUES ('rounded_to', '3'), ('hidden_under', '7')")
    release = Snapshot(demonstration(), tmp_path).release
    assert (release.rounded_to, release.hidden_under) == (3, 7)


def test_a_reader_without_a_role_gets_no_figure(tmp_path):
    make_store(tmp_path, "empty")
    with pytest.raises(NotAllowedError):
        Snapshot(Reader("0123456789abcdef", "", frozenset()), tmp_path)


def test_a_signed_in_reader_gets_a_real_release(tmp_path):
    make_store(tmp_path, "empty", synthetic=False)
    assert not Snapshot(Reader("0123456789abcdef", "", frozenset({Role.VIEWER})), tmp_path).release.is_synthetic


def test_cells_of_scotland_are_those_of_the_store_for_every_measure_and_length_of_time(snapshot):
    whole = all_cells().filter(cube="")
    for (name, grain), wanted in whole.group_by("indicator", "grain"):
        found = snapshot.cells(str(name), str(grain), {})
        keys = ["period_start", "statistic"]
        assert found.sort(keys).select("value", "state").equals(wanted.sort(keys).select("value", "state")), name
    nothing = snapshot.cells("load_ratio", "quarter", {})
    assert nothing.is_empty()
    assert nothing.columns == found.columns


def test_cells_of_each_laboratory_and_category_are_those_of_the_store_in_order_of_time(snapshot):
    store = all_cells().filter(indicator="reported_within_standard", cube="performing_lab+turnaround_category")
    asked = store.select("grain", "d1", "d2").unique()
    assert asked.height > 10
    for grain, lab, category in asked.iter_rows():
        held = {"performing_lab": lab, "turnaround_category": category}
        found = snapshot.cells("reported_within_standard", grain, held)
        wanted = store.filter(grain=grain, d1=lab, d2=category).sort("period_start", "statistic")
        told = ["period_start", "statistic", "state", "value", "numerator", "denominator"]
        assert found.select(told).equals(wanted.select(told)), (grain, lab, category)
        assert found["code"].null_count() == found.height
    nowhere = snapshot.cells("reported_within_standard", "month", {"performing_lab": "nowhere"})
    assert nowhere.is_empty()
    assert nowhere.columns == found.columns
