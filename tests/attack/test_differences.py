"""T1 to T5: taking shown counts from one another, over the whole store, in every way that its cubes overlap."""

from __future__ import annotations

from itertools import combinations

import duckdb
import numpy as np
import polars as pl
import pytest
import streamlit as st

from tests.attack.attacker import (
    CELL,
    FEW,
    PLACE,
    REACH,
    WITHIN,
    complements,
    differences,
    is_told,
    narrowed,
    of_people,
    told,
)
from tests.attack.conftest import Victim
from tests.conftest import Published
from ui.access import Reader, Role
from ui.data import Snapshot
from ui.made_once import forget
from ui.sums import Rounding, stands_for, sum_of

pytestmark = pytest.mark.slow

WHEN = ["grain", "period_start", "part"]


def test_every_shown_count_is_near_the_truth_and_every_hidden_one_holds_no_number(victim: Victim) -> None:
    counts = victim.known.counts
    assert counts.filter("is_shown").height > 10_000
    assert counts.filter((pl.col("number") < pl.col("low")) | (pl.col("number") > pl.col("high"))).is_empty()
    assert counts.filter("is_shown", pl.col("people") < FEW).is_empty()
    with duckdb.connect(str(victim.store), read_only=True) as con:
        hidden: pl.DataFrame = con.sql("SELECT * FROM cells WHERE state <> 'shown'").pl()
    hidden = hidden.filter(pl.col("indicator").is_in(of_people(victim.store)))
    assert hidden.select("value", "lower", "upper", "numerator").null_count().row(0) == (hidden.height,) * 4
    assert hidden.filter(statistic="count")["denominator"].null_count() == hidden.filter(statistic="count").height


def test_t1_no_complement_of_a_dimension_a_merge_or_a_period_tells_a_small_count(victim: Victim) -> None:
    found = complements(victim.known)
    assert found.height > 500
    assert found.filter((pl.col("number") < pl.col("low")) | (pl.col("number") > pl.col("high"))).is_empty()
    assert found.filter(pl.col("high") - pl.col("low") < WITHIN).is_empty()


def test_t2_no_two_filters_that_overlap_by_any_number_of_dimensions_tell_what_lies_between(victim: Victim) -> None:
    shown, tried = victim.known.counts.filter("is_shown"), 0
    for (indicator, cube), cells in shown.group_by("indicator", "cube", maintain_order=True):
        names = str(cube).split("+") if cube else []
        for kept in (places for size in range(len(names)) for places in combinations(range(len(names)), size)):
            outer = shown.filter(indicator=indicator, cube="+".join(names[place] for place in kept))
            keys = {f"k{number}": pl.col(f"d{place + 1}") for number, place in enumerate(kept)}
            places = {f"k{number}": pl.col(f"d{number + 1}") for number in range(len(kept))}
            found = differences(cells.with_columns(**keys), outer.with_columns(**places), [*WHEN, *keys])
            tried += found.height
            assert found.filter(is_told()).is_empty(), (indicator, cube)
    assert tried > 30


def test_t2_no_two_periods_that_overlap_tell_what_lies_between(victim: Victim) -> None:
    shown, keys = victim.known.counts.filter("is_shown"), ["indicator", "cube", *PLACE, "part"]
    lengths = {"month": 1, "quarter": 3, "year": 12}
    for long, short in ((long, short) for long in lengths for short in lengths if lengths[long] > lengths[short]):
        found = differences(shown.filter(grain=short), shown.filter(grain=long), keys).filter(
            pl.col("period_start") >= pl.col("period_start_outer"), pl.col("period_end") <= pl.col("period_end_outer")
        )
        assert found.filter(is_told()).is_empty(), (long, short)


def test_t2_no_two_measures_of_which_one_counts_part_of_the_other_tell_what_lies_between(victim: Victim) -> None:
    shown, within = victim.known.counts.filter("is_shown"), _nested(victim)
    keys = [name for name in CELL if name != "indicator"]
    assert len(within) > 20
    leaks = []
    for (inner, its_part), (outer, outer_part) in within:
        found = differences(
            shown.filter(indicator=inner, part=its_part), shown.filter(indicator=outer, part=outer_part), keys
        ).filter(is_told())
        leaks += [
            f"{row['grain']} {row['period_start']} {row['cube']} {row['d1']}: {outer} less {inner} is "
            f"{row['at_least']:.0f} to {row['at_most']:.0f}, truly {row['left']}"
            for row in found.to_dicts()
        ]
    assert not leaks


def _nested(victim: Victim) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of a measure's part and a larger one that counts each of its units in the same month."""
    counted = {
        "share": {"in": "numerator > 0", "out": "numerator < denominator", "whole": "true"},
        "count": {"count": "true"},
        "time_to_event": {"requests": "true"},
    }
    counted["snapshot"] = counted["share"]
    with duckdb.connect(str(victim.warehouse), read_only=True) as con:
        held = {
            (name, part): (
                str(entry["unit"]),
                con.sql(
                    f"SELECT unit_id, date_trunc('month', period_date) AS month FROM indicator_{name} WHERE {rule}"
                ).pl(),
            )
            for name, entry in victim.defined.items()
            for part, rule in counted[str(entry["kind"])].items()
        }
    return [
        (inner, outer)
        for inner, (unit, small) in held.items()
        for outer, (other_unit, large) in held.items()
        if inner[0] != outer[0]
        and unit == other_unit
        and 0 < small.height <= large.height
        and small.join(large, on=["unit_id", "month"], how="anti").is_empty()
    ]


@pytest.mark.xdist_group("small")
def test_t3_two_hundred_padded_choices_of_places_tell_no_hidden_place(
    small: Published, small_victim: Victim, reader: Reader
) -> None:
    snapshot = Snapshot(reader, small.folders.data)
    rounding, draws = Rounding(snapshot.release.rounded_to, snapshot.release.hidden_under), np.random.default_rng(7)
    cells = snapshot.cells("requests_received", "year", {}, "requesting_board")
    newest = cells.filter(period_start=cells["period_start"].max()).filter(pl.col("code") != "island_boards")
    served = {row["code"]: row["numerator"] for row in newest.to_dicts()}
    exact = {
        row["d1"]: row
        for row in small_victim.truth.filter(
            indicator="requests_received", cube="requesting_board", period_start=newest["period_start"][0]
        )
        .filter(grain="year")
        .to_dicts()
    }
    codes = list(served)
    assert rounding.reach == REACH
    for _ in range(200):
        padding = [code for code in codes if draws.random() < 0.5]
        target = codes[int(draws.integers(len(codes)))]
        without = [code for code in padding if code != target]
        one, both = (sum_of([served[code] for code in of], rounding) for of in (without, [*without, target]))
        number = {code: exact.get(code, {"number": 0})["number"] for code in codes}
        assert one.holds(sum(number[code] for code in without))
        assert both.holds(number[target] + sum(number[code] for code in without))
        if served[target] is None:
            assert both.most is None
        elif both.most is not None and one.most is not None:
            alone = stands_for(served[target], rounding)
            assert (both.least - one.least, both.most - one.most) == (alone.least, alone.most)


def test_t4_putting_every_partition_of_every_count_together_tells_none(victim: Victim) -> None:
    low, high = narrowed(victim.known)
    assert victim.known.small.size > 10_000
    assert ((low <= victim.known.number) & (victim.known.number <= high)).all()
    assert (low > victim.known.low).sum() + (high < victim.known.high).sum() > 1_000
    assert told(victim.known, low, high).is_empty()


def test_t4_the_same_people_are_shown_as_the_same_number_wherever_they_stand(victim: Victim) -> None:
    alike = _cells_of_the_same_requests(victim)
    assert alike.filter(pl.col("times") > 1).height > 100
    assert alike.filter(pl.col("answers") > 1).is_empty()


def _cells_of_the_same_requests(victim: Victim) -> pl.DataFrame:
    """Sets of requests received that stand as several cells, with how many different numbers are shown for them."""
    sets = []
    with duckdb.connect(str(victim.warehouse), read_only=True) as con:
        for cube in victim.shown.filter(indicator="requests_received")["cube"].unique().sort():
            names = cube.split("+") if cube else []
            if any(name.endswith("_board") for name in names) and len(names) > 1:
                continue
            places = "".join(f"mart.{name} AS d{place}, " for place, name in enumerate(names, 1))
            group = "".join(f"mart.{name}, " for name in names)
            found: pl.DataFrame = con.sql(
                f"""SELECT {places} grain, period_start, bit_xor(hash(counted.unit_id)) AS requests
                FROM indicator_requests_received AS counted
                JOIN mart_requests AS mart ON mart.request_id = counted.unit_id
                JOIN ref_periods ON ref_periods.month_start = date_trunc('month', counted.period_date)
                GROUP BY {group} grain, period_start"""
            ).pl()
            missing = [pl.lit(None, pl.String).alias(place) for place in PLACE[len(names) :]]
            sets.append(
                found.with_columns(*missing, cube=pl.lit(cube)).select(
                    "cube", *PLACE, "grain", pl.col("period_start").cast(pl.Date), "requests"
                )
            )
    shown = victim.shown.filter(indicator="requests_received").filter("is_shown")
    placed = pl.concat(sets).join(shown, on=["cube", *PLACE, "grain", "period_start"], nulls_equal=True)
    return placed.group_by("requests").agg(times=pl.len(), answers=pl.col("shown").n_unique())


@pytest.mark.xdist_group("small")
def test_t5_a_thousand_times_the_same_question_in_new_sessions_and_roles_has_one_answer(small: Published) -> None:
    readers = [
        Reader(f"{number:016x}", "", frozenset({Role.VIEWER, role}), frozenset({"S08000024"}), frozenset({"GLA"}))
        for number, role in enumerate(Role)
    ]
    answers = set()
    for turn in range(1_000):
        if turn % 50 == 0:
            st.cache_resource.clear()
            forget()
            st.cache_data.clear()
        snapshot = Snapshot(readers[turn % len(readers)], small.folders.data)
        cells = snapshot.cells("people_tested", "year", {"residence_board": "S08000024"}, "ethnic_category")
        answers.add(cells.write_csv())
    assert len(answers) == 1
    assert "confidential" in answers.pop()


@pytest.fixture
def reader() -> Reader:
    """Somebody with the least role that sees figures."""
    return Reader("0" * 16, "", frozenset({Role.VIEWER}))
