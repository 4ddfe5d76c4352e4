"""A year foretold beside what came: quarters from the start, hidden parts left out, scores and intervals by hand."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from capacity.backtest import MEDIAN, OBSERVED, OPEN, SHARE, beside, foretold, happened, scores, usual_miss, widened
from capacity.simulation import simulate
from tests.capacity.plans import queue

START = dt.date(2025, 11, 1)


def months(shares: list[float | None], start: dt.date = START, due: float = 100.0) -> pl.DataFrame:
    """A month a share, all categories together; None is hidden."""
    numbers = [start.year * 12 + start.month - 1 + place for place in range(len(shares))]
    rows = {
        "category": ["all"] * len(shares),
        "month": [dt.date(number // 12, number % 12 + 1, 1) for number in numbers],
        "in_standard": [None if share is None else share * due for share in shares],
        "due": [None if share is None else due for share in shares],
        "median_days": [20.0] * len(shares),
        "open_count": [float(10 * n) for n in range(len(shares))],
    }
    return pl.DataFrame(rows, schema=OBSERVED)


def test_a_quarter_is_three_months_from_the_start_and_one_with_a_hidden_month_is_left_out():
    found = happened(months([0.9, 0.8, 0.7, 0.6, None, 0.6, 0.5, 0.5, 0.5]), START)
    shares = found.filter(measure=SHARE)
    assert shares["period"].to_list() == [START, dt.date(2026, 5, 1)]
    assert shares["value"].to_list() == pytest.approx([80, 50])
    assert found.filter(measure=OPEN)["value"].to_list() == [20, 50, 80]
    assert found.filter(measure=MEDIAN).height == 9


def test_a_quarter_with_few_due_is_no_judge():
    assert happened(months([0.9] * 3, due=66), START).filter(measure=SHARE).is_empty()
    assert happened(months([0.9] * 3, due=67), START).filter(measure=SHARE).height == 1


def test_what_is_simulated_is_counted_in_the_same_quarters():
    simulated = simulate(queue(8, 30, 1, months=12), 3)
    start = dt.date(2026, 11, 1)
    said = foretold(simulated, start, dt.date(2027, 11, 1)).filter(category="all", measure=SHARE, replication=1)
    own = simulated.months.filter(category="all", replication=1)
    first = own[:3]
    assert said.height == 4
    assert said["value"][0] == pytest.approx(100 * first["in_standard_count"].sum() / first["due_count"].sum())


def test_scores_by_hand():
    drawn = ((START, range(60, 81)), (dt.date(2026, 2, 1), range(70, 91)))
    said = pl.DataFrame(
        [("all", SHARE, period, value) for period, values in drawn for value in values],
        schema={"category": pl.String, "measure": pl.String, "period": pl.Date, "value": pl.Float64},
        orient="row",
    )
    came = happened(months([0.75] * 3 + [0.95] * 3), START)
    before = happened(months([0.70] * 3 + [0.90] * 3, dt.date(2024, 11, 1)), dt.date(2024, 11, 1))
    rows = beside(said, came, before)
    # Means of 70 and 80; 80% from 62 to 78 and from 72 to 88.
    assert rows.select("mean", "lower_80", "upper_80", "happened", "before").rows() == [
        (70, 62, 78, pytest.approx(75), pytest.approx(70)), (80, 72, 88, pytest.approx(95), pytest.approx(90)),
    ]  # fmt: skip
    [score] = scores(rows)
    assert (score.of, score.within_80, score.within_95) == (2, 1, 1)
    assert (score.off, score.off_before, score.lean) == pytest.approx((10, 5, -10))


def test_the_usual_miss_is_that_of_whole_years_against_the_year_before():
    first = dt.date(2023, 11, 1)
    # 80% throughout one year, then quarters of 84, 76, 84 and 76%.
    given = months([0.8] * 12 + [0.84] * 3 + [0.76] * 3 + [0.84] * 3 + [0.76] * 3, first)
    found = usual_miss(given, START).filter(measure=SHARE)
    assert found.select("miss", "of").rows() == [(pytest.approx(4), 4)]
    later = pl.concat([given, months([0.1] * 3)])
    assert usual_miss(later, START).filter(measure=SHARE)["miss"].item() == pytest.approx(4)


def test_intervals_move_out_to_the_usual_miss_where_chance_reaches_less_far_and_stay_shares():
    rows = pl.DataFrame(
        {"category": ["all", "x"], "measure": [SHARE, SHARE], "median": [90.0, 90], "lower_80": [87.0, 87],
         "upper_80": [93.0, 93], "lower_95": [80.0, 80], "upper_95": [95.0, 95]}
    )  # fmt: skip
    miss = pl.DataFrame({"category": ["all"], "measure": [SHARE], "miss": [4 / 1.2815515655446004], "of": [8]})
    found = widened(rows, miss).to_dicts()
    assert (found[0]["lower_80"], found[0]["upper_80"]) == pytest.approx((86, 94))
    # 4 times 1.95996 / 1.28155 above; below, chance reaches further.
    assert (found[0]["lower_95"], found[0]["upper_95"]) == pytest.approx((80, 96.1174), abs=0.001)
    assert (found[1]["lower_80"], found[1]["upper_80"]) == (87, 93)
    wide = widened(rows, miss.with_columns(miss=pl.lit(60.0))).to_dicts()[0]
    assert (wide["lower_95"], wide["upper_95"]) == (0, 100)
