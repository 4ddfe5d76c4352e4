"""Gaps between groups: like with like, told no finer than a rounded count, and nothing found by shuffling."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.disclosure import rules
from catalogue.indicators import indicators
from pipelines import protect
from pipelines.build import WAREHOUSE
from pipelines.equity import gaps
from pipelines.equity.strata import SCOTLAND, Alike, alike_rows, compared_areas, compared_dimensions
from tests.conftest import Published
from tests.second import plain

WAITS = indicators()["within_standard_by_group"]
SEXES = ("female", "male")


def rows(drawn: list[tuple[int, str, int, int]]) -> Alike:
    """Requests of a stratum, sex, events and units; all other groupings are the same for everybody."""
    frame = pl.DataFrame(drawn, schema=["stratum", "sex", "events", "units"], orient="row").with_columns(
        pl.col("stratum").cast(pl.UInt32),
        area=pl.lit(SCOTLAND),
        **{name: pl.lit("not_recorded") for name in compared_dimensions(WAITS) if name != "sex"},
    )
    return Alike(WAITS, frame)


def of_sexes(alike: Alike) -> dict[str, object]:
    return gaps.gaps_of([alike]).filter(dimension="sex", code="female").row(0, named=True)


def test_the_groupings_of_a_measure_are_those_that_name_whom_to_compare_with() -> None:
    assert compared_dimensions(WAITS) == [
        "sex", "age_group", "interpreter_needed", "ethnic_category", "simd_quintile", "urban_rural",
    ]  # fmt: skip
    assert compared_areas(WAITS, "simd_quintile") == ["", "residence_board"]
    assert compared_areas(WAITS, "sex") == [""]


def test_a_gap_that_is_only_the_mix_of_tests_is_none() -> None:
    """Women have 80 of 100 slow tests and men 20; each is in time with 5 of 10 slow and 9 of 10 quick ones."""
    slow = [(1, "female", 1, 1)] * 40 + [(1, "female", 0, 1)] * 40 + [(1, "male", 1, 1)] * 10 + [(1, "male", 0, 1)] * 10
    quick = [(2, "female", 1, 1)] * 18 + [(2, "female", 0, 1)] * 2 + [(2, "male", 1, 1)] * 72 + [(2, "male", 0, 1)] * 8
    found = of_sexes(rows(slow + quick))
    assert found["gap"] == pytest.approx(0.0)
    assert (found["units"], found["compared"]) == (100, 100)


def test_people_with_nobody_to_compare_with_are_counted_but_do_not_weigh() -> None:
    found = of_sexes(rows([(1, "female", 1, 1), (1, "male", 0, 1), (2, "female", 0, 1)]))
    assert (found["gap"], found["units"], found["compared"]) == (1.0, 2, 1)


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from(SEXES), st.integers(0, 1), st.just(1)), min_size=1, max_size=40
    ),
    st.integers(0, 99),
)
def test_shuffling_deals_out_anew_within_each_stratum_and_changes_no_group(
    drawn: list[tuple[int, str, int, int]], seed: int
) -> None:
    alike = rows(drawn)
    dealt = alike.shuffled(np.random.default_rng(seed))
    kept = ["stratum", *compared_dimensions(WAITS), "area"]
    assert dealt.rows.select(kept).equals(alike.rows.select(kept))
    for frame in (alike.rows, dealt.rows):
        assert (
            frame.group_by("stratum")
            .agg(pl.col("events", "units").sum())
            .sort("stratum")
            .equals(alike.rows.group_by("stratum").agg(pl.col("events", "units").sum()).sort("stratum"))
        )


def test_a_planted_gap_is_found_and_gone_once_shuffled() -> None:
    rng = np.random.default_rng(5)
    drawn = [
        (int(stratum), sex, int(rng.random() < (0.5 if sex == "female" else 0.8)), 1)
        for stratum in range(20)
        for sex in SEXES
        for _ in range(20)
    ]
    alike = rows(drawn)
    tested = gaps.gaps_of([alike]).filter(dimension="sex").select(gaps.KEY)
    assert float(str(of_sexes(alike)["p"])) < 1e-6
    found = pl.concat(gaps.found_in_shuffle([alike], tested, shuffle) for shuffle in range(1, 41))
    assert found["comparisons"].to_list() == [1] * 40
    # One in 20 by chance; more than six of 40 would happen less than once in a hundred times.
    assert int(found["found"].sum()) <= 6


@given(st.floats(-0.9, 0.9), st.floats(0.0, 0.1), st.integers(20, 5_000))
def test_what_is_told_is_no_finer_than_a_rounded_count_and_its_limits_hold_the_exact_ones(
    gap: float, reach: float, compared: int
) -> None:
    exact = pl.DataFrame({"gap": [gap], "lower": [gap - reach], "upper": [gap + reach], "compared": [compared]})
    exact = exact.with_columns(units="compared")
    told = gaps.as_told(exact, rules()).row(0, named=True)
    step = max(rules().rounded_to / compared, 0.001)
    assert abs(told["gap"] - gap) <= step / 2 + 1e-9
    assert told["gap"] / step == pytest.approx(round(told["gap"] / step), abs=1e-6)
    assert told["lower"] <= max(gap - reach, -1) + 1e-9
    assert told["upper"] >= min(gap + reach, 1) - 1e-9


def shown(inside: int, number: int, other_inside: int, other_number: int) -> pl.DataFrame:
    """The counts of both sexes as a release shows them."""
    counts = {"female": (inside, number), "male": (other_inside, other_number)}
    return pl.DataFrame(
        [
            {"measure": WAITS.id, "dimension": "sex", "area": SCOTLAND, "code": code, "inside": part, "number": whole}
            for code, (part, whole) in counts.items()
        ]
    )


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6), st.integers(1, 6))
def test_a_gap_weighted_to_shown_counts_is_the_same_whatever_the_counts_behind_them_are(
    inside: int, outside: int, other_inside: int, other_outside: int
) -> None:
    """Any numbers of one make-up: three quarters of those with the outcome, and a third of the others, in stratum 1."""

    def drawn(a: int, b: int, sex: str) -> list[tuple[int, str, int, int]]:
        in_time = [(1, sex, 1, 1)] * 3 * a + [(2, sex, 1, 1)] * a
        return in_time + [(1, sex, 0, 1)] * b + [(2, sex, 0, 1)] * 2 * b

    alike = rows(drawn(inside, outside, "female") + drawn(other_inside, other_outside, "male"))
    found = gaps.gaps_of([alike], shown(20, 35, 40, 100)).filter(dimension="sex", code="female").row(0, named=True)
    # By hand: 15 of 20 against 30 of 50 in the first stratum, 5 of 15 against 10 of 50 in the second.
    first, second = 20 * 50 / 70, 15 * 50 / 65
    wanted = (first * (15 / 20 - 30 / 50) + second * (5 / 15 - 10 / 50)) / (first + second)
    assert found["gap"] == pytest.approx(wanted, abs=1e-12)
    assert (found["units"], found["compared"]) == (35, 35)


def test_limits_and_p_allow_for_what_rounding_adds_to_both_shares() -> None:
    """Shares of 15 of 50 and 30 of 50: chance gives 9.5 points of error, rounding 4 a count, 4.2 points in all."""
    told = pl.DataFrame({"inside": [15, 30], "number": [50, 50]}).select(gaps._rounding(rules())).to_series()
    assert told.to_list() == pytest.approx([4 * (0.3**2 + 0.7**2) / 2500, 4 * (0.6**2 + 0.4**2) / 2500])
    error, rounding = math.sqrt(0.3 * 0.7 / 50 + 0.6 * 0.4 / 50), math.sqrt(told.sum())
    exact = pl.DataFrame(
        {
            "gap": [-0.3, 0.0, None],
            "lower": [-0.3 - 1.959963984540054 * error, -0.1, None],
            "upper": [-0.3 + 1.959963984540054 * error, 0.1, None],
            "p": [math.erfc(0.3 / error / math.sqrt(2)), 1.0, None],
        }
    )
    found = gaps._with_rounding(exact, pl.lit(rounding))
    both = math.hypot(error, rounding)
    assert found["lower"][0] == pytest.approx(-0.3 - 1.959963984540054 * both)
    assert found["upper"][0] == pytest.approx(-0.3 + 1.959963984540054 * both)
    assert found["p"][0] == pytest.approx(math.erfc(0.3 / both / math.sqrt(2)))
    assert found["p"][1] == 1.0
    assert found["lower"][2] is None


def test_a_count_rounded_to_five_without_bias_has_on_average_a_variance_of_four() -> None:
    """Of remainders 0 to 4, each up as often as it is large: the mean of r times 5 less r."""
    assert sum(r * (5 - r) for r in range(5)) / 5 == (rules().rounded_to ** 2 - 1) / 6


@pytest.fixture(scope="module")
def table(small: Published) -> pl.DataFrame:
    with duckdb.connect(str(small.store), read_only=True) as con:
        return con.sql("SELECT * FROM gaps").pl()


@pytest.fixture(scope="module")
def cells(small: Published) -> pl.DataFrame:
    with duckdb.connect(str(small.store), read_only=True) as con:
        return con.sql("SELECT * FROM cells WHERE grain = 'year'").pl()


@pytest.mark.slow
def test_a_gap_is_shown_only_where_both_shares_are(table: pl.DataFrame, cells: pl.DataFrame) -> None:
    newest = cells.filter(pl.col("period_start") == pl.col("period_start").max().over("indicator"))
    shown = {
        (row["indicator"], row["cube"], row["d1"], row["d2"])
        for row in newest.filter(state="shown").iter_rows(named=True)
    }
    gaps_shown = table.filter(state="shown")
    assert gaps_shown.height > 100
    for row in gaps_shown.iter_rows(named=True):
        for code in (row["code"], row["compared_with"]):
            if row["area"] == SCOTLAND:
                assert (row["measure"], row["dimension"], code, None) in shown
            else:
                assert (row["measure"], f"residence_board+{row['dimension']}", row["area"], code) in shown


@pytest.mark.slow
def test_what_is_not_shown_has_no_number(table: pl.DataFrame) -> None:
    numbers = ("gap", "lower", "upper", "comparable", "p_under", "is_found")
    hidden = table.filter(pl.col("state") != protect.SHOWN)
    assert hidden.height > 0
    assert hidden.select(pl.col(name).is_null().all() for name in numbers).row(0) == (True,) * len(numbers)


@pytest.mark.slow
def test_every_group_of_every_measure_has_a_row_known_or_not(table: pl.DataFrame) -> None:
    codes = set(table.filter(area=SCOTLAND, dimension="ethnic_category", measure=WAITS.id)["code"])
    assert {"declined", "not_known", "not_recorded"} <= codes
    assert "white" not in codes
    assert not table.filter(code="declined")["is_known"].any()
    assert table.filter(code="asian")["is_known"].all()


@pytest.mark.slow
def test_waits_come_out_as_worked_request_by_request(
    small: Published, plain_requests: list[plain.Request], tmp_path: Path
) -> None:
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes((small.folders.build / WAREHOUSE).read_bytes())
    start, end = dt.date(2025, 11, 1), dt.date(2026, 10, 31)
    with duckdb.connect(str(copy), read_only=True) as con:
        found = gaps.gaps_of([alike_rows(con, WAITS, start, end)])
    for dimension, column, group, other in (("interpreter_needed", "interpreter_needed", "yes", "no"),
                                            ("sex", "sex", "female", "male")):  # fmt: skip
        wanted = second(plain_requests, column, group, other, start, end)
        got = found.filter(dimension=dimension, area=SCOTLAND, code=group)["gap"].item()
        assert got == pytest.approx(wanted, abs=1e-12)


def second(requests: list[plain.Request], column: str, group: str, other: str, start: dt.date, end: dt.date) -> float:
    """The pooled difference in plain Python: sums over strata of n m / (n + m) times the difference of shares."""
    strata: dict[tuple[object, ...], dict[str, list[bool]]] = defaultdict(lambda: {group: [], other: []})
    for request in requests:
        due, code = request.due_date, request.row[column]
        if due is None or not (start <= due <= end and due < request.judged_on) or code not in (group, other):
            continue
        key = (request.category, request.row["technology"], request.row["performing_lab"], due.year, due.month)
        strata[key][code].append(request.in_time)
    top = bottom = 0.0
    for found in strata.values():
        n, m = len(found[group]), len(found[other])
        if n and m:
            weight = n * m / (n + m)
            top += weight * (sum(found[group]) / n - sum(found[other]) / m)
            bottom += weight
    return top / bottom
