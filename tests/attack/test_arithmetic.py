"""T8 and T9: shares, intervals, growth and percentiles hold nothing that the shown counts do not tell."""

from __future__ import annotations

import math

import duckdb
import polars as pl
import pytest

from tests.attack.attacker import CELL, FEW, PEOPLE_BEHIND, of_people
from tests.attack.conftest import Victim

pytestmark = pytest.mark.slow

#: Measures worked from the shown counts of others.
OF_SHOWN = ("technology_share", "technology_growth", "pause_reason_share")


def _cells(victim: Victim) -> pl.DataFrame:
    with duckdb.connect(str(victim.store), read_only=True) as con:
        found: pl.DataFrame = con.sql("SELECT * FROM cells").pl()
    return found.filter(pl.col("indicator").is_in([*of_people(victim.store), *OF_SHOWN]))


def _wilson(part: float, whole: float) -> tuple[float, float]:
    """Wilson's interval of a share, by hand."""
    z, share = 1.959963984540054, part / whole
    middle, width = share + z * z / (2 * whole), z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole**2))
    return (middle - width) / (1 + z * z / whole), (middle + width) / (1 + z * z / whole)


def test_t8_a_share_and_its_interval_are_those_of_the_two_shown_counts_to_the_last_decimal(victim: Victim) -> None:
    shares = _cells(victim).filter(statistic="share", state="shown")
    assert shares.height > 1_000
    assert shares.filter(pl.col("numerator") % 5 + pl.col("denominator") % 5 != 0).is_empty()
    for value, lower, upper, part, whole in (
        shares.select("value", "lower", "upper", "numerator", "denominator").unique().iter_rows()
    ):
        assert value == part / whole
        assert (lower, upper) == pytest.approx(tuple(max(0.0, min(1.0, end)) for end in _wilson(part, whole)), abs=1e-9)


def test_t8_growth_and_shares_of_shares_are_worked_from_shown_counts(victim: Victim) -> None:
    cells = _cells(victim)
    received = cells.filter(indicator="requests_received", state="shown")
    key = [name for name in CELL if name not in ("indicator", "period_end")]
    shown = received.select(*key, pl.col("numerator").alias("now"))
    growth = cells.filter(statistic="growth", state="shown").join(shown, on=key, how="left", nulls_equal=True)
    assert growth.filter(
        pl.col("now").is_null() | (pl.col("now") != pl.col("denominator") + pl.col("numerator"))
    ).is_empty()
    assert growth.filter((pl.col("value") - pl.col("numerator") / pl.col("denominator")).abs() > 1e-12).is_empty()
    share = cells.filter(indicator="technology_share", state="shown").join(shown, on=key, how="left", nulls_equal=True)
    assert share.height > 50
    assert share.filter(pl.col("now").is_null() | (pl.col("numerator") > pl.col("now"))).is_empty()


def test_t8_nothing_is_a_rate_of_an_exact_denominator(victim: Victim) -> None:
    counted = _cells(victim).filter(pl.col("denominator").is_not_null())
    assert counted.filter(pl.col("denominator") % 5 != 0).is_empty()
    assert set(_cells(victim)["statistic"].unique()) == {"share", "count", "growth", *PEOPLE_BEHIND}


def test_t9_percentiles_are_whole_days_with_at_least_ten_people_beyond_them(victim: Victim) -> None:
    times = _cells(victim).filter(pl.col("statistic").is_in(list(PEOPLE_BEHIND)), state="shown")
    assert times.height > 500
    assert times.filter((pl.col("value") % 1 != 0) | (pl.col("lower") % 1 != 0) | (pl.col("upper") % 1 != 0)).is_empty()
    people = victim.truth.filter(part="requests").select(*CELL, "people")
    told = times.join(people, on=CELL, how="left", nulls_equal=True)
    beyond = {"median": 0.5, "p90": 0.1, "p95": 0.05}
    for statistic, share in beyond.items():
        assert PEOPLE_BEHIND[statistic] * share == FEW
        assert told.filter(pl.col("statistic") == statistic)["people"].min() >= PEOPLE_BEHIND[statistic]


def test_t9_no_least_or_greatest_time_no_bins_and_no_outliers_are_in_the_store(victim: Victim) -> None:
    with duckdb.connect(str(victim.store), read_only=True) as con:
        columns = {
            name for (name,) in con.execute("SELECT DISTINCT column_name FROM information_schema.columns").fetchall()
        }
    assert not [
        name for name in columns if any(word in name for word in ("minimum", "maximum", "bin", "outlier", "person"))
    ]


def test_t9_t18_the_status_of_a_cell_is_that_of_its_period_so_it_tells_nothing_of_the_cell(victim: Victim) -> None:
    cells = _cells(victim).filter(pl.col("statistic") != "growth")
    statuses = cells.group_by("indicator", "statistic", "grain", "period_start").agg(
        pl.col("period_status").unique(), scotland=pl.col("period_status").filter(pl.col("cube") == "").first()
    )
    assert statuses.height > 100
    told = statuses.filter(pl.col("period_status").list.len() > 1)
    assert told.is_empty(), f"{told.height} periods in which some cells are final and some provisional"


def test_t9_a_period_of_times_is_final_where_few_of_scotland_s_requests_are_open(victim: Victim) -> None:
    medians = _cells(victim).filter(statistic="median", cube="", indicator="turnaround_days")
    told = medians.join(_open_requests(victim), on=["grain", "period_start"])
    assert told.height == medians.height
    final = told.filter(period_status="final")
    assert final.height > 5
    assert final.filter(pl.col("open") > 0.05 * pl.col("requests")).is_empty()


def _open_requests(victim: Victim) -> pl.DataFrame:
    """How many requests of each period Scotland received, and how many of these have not ended."""
    with duckdb.connect(str(victim.warehouse), read_only=True) as con:
        found: pl.DataFrame = con.sql(
            """SELECT grain, CAST(period_start AS DATE) AS period_start, count(*) AS requests,
                count(*) FILTER (is_event = 0) AS open
            FROM indicator_turnaround_days
            JOIN ref_periods ON ref_periods.month_start = date_trunc('month', period_date)
            GROUP BY ALL"""
        ).pl()
    return found
