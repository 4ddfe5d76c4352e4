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

from tests.ui.signals_series import CLASSIC, FIRST, charts_of, points, restart
from tests.ui.store import make_store, month_after
from ui.access import demonstration
from ui.data import Snapshot
from ui.signals import BY_KEY as MEASURES
from ui.signals import baselines_of, charts, judge, rebased
from ui.signals_presets import BY_NAME, DEFAULT
from ui.signals_words import sentence

STEADY = [0.90, 0.86, 0.91, 0.87, 0.89, 0.85, 0.88, 0.92, 0.86, 0.90, 0.87, 0.91, 0.88, 0.86, 0.90, 0.87]


def by_hand(values: list[float]) -> tuple[float, float, float]:
    """Mean and limits of an XmR chart whose ranges are none of them rogue."""
    ranges = [abs(now - before) for before, now in pairwise(values)]
    mean, width = statistics.fmean(values), 2.66 * statistics.fmean(ranges)
    return mean - width, mean, mean + width


def test_limits_are_those_worked_by_hand():
    row = judge(points({"a": STEADY}), CLASSIC).row(0, named=True)
    assert (row["lower"], row["centre"], row["upper"]) == pytest.approx(by_hand(STEADY))


def test_a_point_that_is_not_final_is_neither_judged_nor_part_of_the_limits():
    judged = judge(points({"a": [*STEADY, 0.2]}, provisional=1), CLASSIC)
    last = judged.row(-1, named=True)
    assert last["special_cause"] is None
    assert last["direction"] is None
    assert (last["lower"], last["centre"], last["upper"]) == pytest.approx(by_hand(STEADY))


def test_a_hidden_month_breaks_a_run_and_nothing_else():
    high = [0.95, 0.96, 0.95, 0.96, 0.95, 0.96, 0.95]
    whole = judge(points({"a": STEADY + high}), CLASSIC)
    holed = judge(points({"a": [*STEADY, *high[:3], None, *high[3:]]}), CLASSIC)
    assert (whole.tail(7)["shift"] == 1).all()
    assert (holed.tail(8)["shift"].fill_null(0) == 0).all()
    assert holed.filter(pl.col("value").is_null())["centre"].null_count() == 0


def test_limits_start_again_at_a_rebase_and_at_no_other_point():
    starts = month_after(FIRST, 16)
    later = [value - 0.2 for value in STEADY]
    judged = judge(points({"a": STEADY + later}, starts=starts), CLASSIC)
    assert judged["section"].to_list() == [1] * 16 + [2] * 16
    assert judged.row(-1, named=True)["centre"] == pytest.approx(statistics.fmean(later))
    assert judged.row(0, named=True)["centre"] == pytest.approx(statistics.fmean(STEADY))
    assert judged["special_cause"].null_count() == judged.height


def test_a_rebase_before_the_record_changes_nothing():
    judged = judge(points({"a": STEADY}, starts=dt.date(2000, 1, 1)), CLASSIC)
    assert judged["section"].n_unique() == 1


def test_a_rebase_of_one_code_leaves_the_others_as_they_are():
    frame = points({"a": STEADY * 2, "b": STEADY * 2}).drop("rebase")
    judged = judge(rebased(frame, restart(month_after(FIRST, 16), code="b")), CLASSIC)
    assert judged.filter(code="a")["section"].n_unique() == 1
    assert judged.filter(code="b")["section"].n_unique() == 2


def test_points_that_settle_are_drawn_without_lines_and_not_judged_and_enter_no_limits():
    settling = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    starts, judged_from = month_after(FIRST, 16), month_after(FIRST, 22)
    for preset in (CLASSIC, DEFAULT, BY_NAME["scottish_run_chart"]):
        judged = judge(points({"a": STEADY + settling + STEADY}, starts=starts, judged_from=judged_from), preset)
        between = judged.filter("is_settling")
        assert between["value"].to_list() == settling
        assert between.select("centre", "lower", "section", "special_cause").null_count().row(0) == (6,) * 4
        assert set(between["caution"]) == {"settling"}
        assert judged["special_cause"].null_count() == judged.height
        assert judged["section"].drop_nulls().to_list() == [1] * 16 + [2] * 16
    judged = judge(points({"a": STEADY + settling + STEADY}, starts=starts, judged_from=judged_from), CLASSIC)
    for row in (judged.row(0, named=True), judged.row(-1, named=True)):
        assert (row["lower"], row["centre"], row["upper"]) == pytest.approx(by_hand(STEADY))


def test_a_chart_whose_newest_point_settles_says_so_and_gives_no_verdict():
    starts, judged_from = month_after(FIRST, 16), month_after(FIRST, 30)
    for preset in (CLASSIC, DEFAULT, BY_NAME["scottish_run_chart"]):
        drawn = charts_of(points({"a": [*STEADY, 0.4, 0.5]}, starts=starts, judged_from=judged_from), preset)
        icon = drawn.icons["a"]
        assert (icon["variation"], icon["caution"]) == (None, "settling")
        assert sentence(icon, 0.9) == "Still settling after a change of the standards, so not judged"


def test_a_provisional_point_takes_no_limits_from_before_a_time_of_settling():
    starts, judged_from = month_after(FIRST, 16), month_after(FIRST, 18)
    judged = judge(points({"a": [*STEADY, 0.4, 0.5, 0.9]}, 1, starts=starts, judged_from=judged_from), DEFAULT)
    assert judged.row(-1, named=True)["centre"] is None


def test_charts_of_months_and_of_quarters_tell_nothing_of_each_others_carry_over():
    frame = points({"a": [0.8, 0.8, 0.9, 0.9] * 12, "b": [0.5 + 0.01 * abs(place % 20 - 10) for place in range(48)]})
    mixed = frame.with_columns(grain=pl.when(pl.col("code") == "b").then(pl.lit("quarter")).otherwise("grain"))
    alone = judge(frame.filter(code="a"), DEFAULT)
    assert judge(mixed, DEFAULT).filter(code="a")["carried_over"].to_list() == alone["carried_over"].to_list()
    assert judge(frame, DEFAULT).filter(code="a")["carried_over"].to_list() != alone["carried_over"].to_list()


def test_few_points_since_a_rebase_are_a_caution_and_mostly_signals_another():
    few = judge(points({"a": STEADY + STEADY[:5]}, starts=month_after(FIRST, 16)), CLASSIC)
    assert few["caution"].to_list()[-1] == "too_few_points"
    climbing = judge(points({"a": [0.5 + 0.01 * place for place in range(30)]}), CLASSIC)
    assert climbing["caution"].to_list()[-1] == "unsteady"
    assert judge(points({"a": STEADY}), CLASSIC)["caution"].null_count() == 16


def test_a_run_chart_has_a_median_and_no_limits_and_says_no_real_change_where_no_rule_holds():
    drawn = charts_of(points({"a": STEADY}), BY_NAME["scottish_run_chart"])
    assert drawn.points["centre"].to_list() == pytest.approx([statistics.median(STEADY)] * 16)
    assert drawn.points["lower"].null_count() == 16
    assert drawn.icons["a"]["variation"] == "common_cause"
    assert drawn.icons["a"]["assurance"] is None


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=40), st.integers(0, 3))
def test_every_point_given_comes_back_with_its_value(values, provisional):
    judged = judge(points({"a": values}, provisional=min(provisional, len(values) - 1)), CLASSIC)
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
    assert rows.filter(section=2)["period"].min() == dt.date(2024, 7, 1)
    assert drawn.of("cancer_standard")["section"].n_unique() == 1
    assert charts(snapshot, "median", "turnaround_category", DEFAULT.name).of("rare_complex")["section"].n_unique() == 1


def test_a_release_from_before_there_were_rebases_is_read_all_the_same(tmp_path):
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        con.execute("DROP TABLE spc_baselines")
    older = Snapshot(demonstration(), tmp_path)
    assert older.facts.baselines.is_empty()
    assert charts(older, "share", "turnaround_category", DEFAULT.name) is not None
