"""Series judged: hidden points, provisional ones, rebases and quarters, against plain arithmetic."""

from __future__ import annotations

import datetime as dt
import statistics
from itertools import pairwise

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.signals_series import FIRST, charts_of, points
from tests.ui.store import make_store, month_after
from ui.access import demonstration
from ui.data import Snapshot
from ui.signals import BY_KEY as MEASURES
from ui.signals import baselines_of, charts, judge, rebased
from ui.signals_presets import BY_NAME, DEFAULT

STEADY = [0.90, 0.86, 0.91, 0.87, 0.89, 0.85, 0.88, 0.92, 0.86, 0.90, 0.87, 0.91, 0.88, 0.86, 0.90, 0.87]


def by_hand(values: list[float]) -> tuple[float, float, float]:
    """Mean and limits of an XmR chart whose ranges are none of them rogue."""
    ranges = [abs(now - before) for before, now in pairwise(values)]
    mean, width = statistics.fmean(values), 2.66 * statistics.fmean(ranges)
    return mean - width, mean, mean + width


def test_limits_are_those_worked_by_hand():
    row = judge(points({"a": STEADY}), DEFAULT).row(0, named=True)
    assert (row["lower"], row["centre"], row["upper"]) == pytest.approx(by_hand(STEADY))


def test_a_point_that_is_not_final_is_neither_judged_nor_part_of_the_limits():
    judged = judge(points({"a": [*STEADY, 0.2]}, provisional=1), DEFAULT)
    last = judged.row(-1, named=True)
    assert last["special_cause"] is None
    assert last["direction"] is None
    assert (last["lower"], last["centre"], last["upper"]) == pytest.approx(by_hand(STEADY))


def test_a_hidden_month_breaks_a_run_and_nothing_else():
    high = [0.95, 0.96, 0.95, 0.96, 0.95, 0.96, 0.95]
    whole = judge(points({"a": STEADY + high}), DEFAULT)
    holed = judge(points({"a": [*STEADY, *high[:3], None, *high[3:]]}), DEFAULT)
    assert (whole.tail(7)["shift"] == 1).all()
    assert (holed.tail(8)["shift"].fill_null(0) == 0).all()
    assert holed.filter(pl.col("value").is_null())["centre"].null_count() == 0


def test_limits_start_again_at_a_rebase_and_at_no_other_point():
    starts = month_after(FIRST, 16)
    later = [value - 0.2 for value in STEADY]
    judged = judge(points({"a": STEADY + later}, starts=starts), DEFAULT)
    assert judged["section"].to_list() == [1] * 16 + [2] * 16
    assert judged.row(-1, named=True)["centre"] == pytest.approx(statistics.fmean(later))
    assert judged.row(0, named=True)["centre"] == pytest.approx(statistics.fmean(STEADY))
    assert judged["special_cause"].null_count() == judged.height


def test_a_rebase_before_the_record_changes_nothing():
    judged = judge(points({"a": STEADY}, starts=dt.date(2000, 1, 1)), DEFAULT)
    assert judged["section"].n_unique() == 1


def test_a_rebase_of_one_code_leaves_the_others_as_they_are():
    frame = points({"a": STEADY * 2, "b": STEADY * 2}).drop("rebase")
    one = pl.DataFrame({"code": ["b"], "starts": [month_after(FIRST, 16)]})
    judged = judge(rebased(frame, one), DEFAULT)
    assert judged.filter(code="a")["section"].n_unique() == 1
    assert judged.filter(code="b")["section"].n_unique() == 2


def test_few_points_since_a_rebase_are_a_caution_and_mostly_signals_another():
    few = judge(points({"a": STEADY + STEADY[:5]}, starts=month_after(FIRST, 16)), DEFAULT)
    assert few["caution"].to_list()[-1] == "too_few_points"
    climbing = judge(points({"a": [0.5 + 0.01 * place for place in range(30)]}), DEFAULT)
    assert climbing["caution"].to_list()[-1] == "unsteady"
    assert judge(points({"a": STEADY}), DEFAULT)["caution"].null_count() == 16


def test_a_run_chart_has_a_median_and_no_limits_and_says_no_real_change_where_no_rule_holds():
    drawn = charts_of(points({"a": STEADY}), BY_NAME["scottish_run_chart"])
    assert drawn.points["centre"].to_list() == pytest.approx([statistics.median(STEADY)] * 16)
    assert drawn.points["lower"].null_count() == 16
    assert drawn.icons["a"]["variation"] == "common_cause"
    assert drawn.icons["a"]["assurance"] is None


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=40), st.integers(0, 3))
def test_every_point_given_comes_back_with_its_value(values, provisional):
    judged = judge(points({"a": values}, provisional=min(provisional, len(values) - 1)), DEFAULT)
    assert judged["value"].to_list() == values
    assert judged.filter(pl.col("value").is_null())["special_cause"].null_count() == values.count(None)


def test_a_release_gives_charts_in_the_order_of_its_list(snapshot):
    drawn = charts(snapshot, "share", "performing_lab", DEFAULT.name)
    assert drawn is not None
    assert drawn.codes == ["ABE", "DUN", "EDI", "GLA"]
    assert drawn.target == 0.9


def test_places_with_few_requests_a_month_have_quarters(snapshot):
    drawn = charts(snapshot, "share", "turnaround_category", DEFAULT.name)
    assert drawn is not None
    assert drawn.grain("cancer_standard") == "month"
    assert drawn.grain("acute_child") == "quarter"


def test_the_median_of_days_has_no_target_and_less_is_better(snapshot):
    drawn = charts(snapshot, "median", None, DEFAULT.name)
    assert drawn is not None
    assert (drawn.target, drawn.better) == (None, "lower")


def test_rebases_reach_the_charts_of_a_release(snapshot):
    held = baselines_of(snapshot, MEASURES["share"], "turnaround_category")
    assert set(held["code"]) == {"familial_targeted", "rare_complex"}
    drawn = charts(snapshot, "share", "turnaround_category", DEFAULT.name)
    assert drawn is not None
    rows = drawn.of("rare_complex")
    assert rows.filter(section=2)["period"].min() == dt.date(2023, 7, 1)
    assert drawn.of("cancer_standard")["section"].n_unique() == 1
    assert charts(snapshot, "median", "turnaround_category", DEFAULT.name).of("rare_complex")["section"].n_unique() == 1


def test_a_release_from_before_there_were_rebases_is_read_all_the_same(tmp_path):
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        con.execute("DROP TABLE spc_baselines")
    older = Snapshot(demonstration(), tmp_path)
    assert older.facts.baselines.is_empty()
    assert charts(older, "share", "turnaround_category", DEFAULT.name) is not None
