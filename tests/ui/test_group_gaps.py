"""Gaps with what the unknown could do to them, held to a plain placing of every person of unknown group."""

from __future__ import annotations

from itertools import pairwise, product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.reference import reference_rows
from ui.data import Snapshot
from ui.group_gaps import (
    KEY,
    SUPPOSED,
    all_gaps,
    census,
    verdict_of,
    with_bands,
    with_counts,
    with_mix,
    with_unknown,
)

PLACE = {"measure": "m", "dimension": "ethnic_category", "area": "scotland"}
SCHEMA = dict.fromkeys((*KEY, "state"), pl.String) | dict.fromkeys(("events", "people"), pl.Int64)


def counts(groups: dict[str, tuple[int, int] | None]) -> pl.DataFrame:
    """Counts of groups by code: events and people, None where hidden."""
    rows = []
    for code, pair in groups.items():
        events, people = pair or (None, None)
        state = "shown" if pair else "confidential"
        rows.append({**PLACE, "code": code, "state": state, "events": events, "people": people})
    return pl.DataFrame(rows, schema=SCHEMA)


def gap_of(gap: float | None) -> pl.DataFrame:
    """One gap between people recorded as Asian and as White."""
    row = {**PLACE, "code": "asian", "compared_with": "white", "is_known": True, "gap": gap}
    return pl.DataFrame([row], schema_overrides={"gap": pl.Float64})


def whole(events: int, people: int) -> pl.DataFrame:
    return pl.DataFrame({"measure": ["m"], "area": ["scotland"], "all_events": [events], "all": [people]})


NO_CENSUS = pl.DataFrame(
    schema={"dimension": pl.String, "area": pl.String, "code": pl.String, "of_residents": pl.Float64}
)


def worked(groups: dict[str, tuple[int, int] | None], gap: float, residents: pl.DataFrame = NO_CENSUS) -> dict:
    own = counts(groups)
    rows = with_unknown(with_counts(gap_of(gap), own), own, whole(0, 0), rounded_to=5)
    return with_bands(with_mix(rows, own, residents)).row(0, named=True)


small = st.tuples(st.integers(1, 8), st.integers(9, 14))


@settings(max_examples=30, deadline=None)
@given(small, small, st.integers(0, 3), st.integers(0, 3), st.floats(-0.2, 0.2))
def test_whoever_they_are_is_the_least_and_the_greatest_gap_of_every_placing(asian, white, with_event, without, gap):
    """Each person of unknown group is put in one of the two groups, or in neither; White has the mix of the other."""
    unknown = (with_event, with_event + without)
    row = worked({"white": white, "asian": asian, "not_recorded": unknown}, gap)
    (x, n), (_, m) = asian, white
    y = min(max((x / n - gap) * m, 0), m)
    found = [
        (x + a) / (n + a + b) - (y + c) / (m + c + d)
        for a, c in product(range(with_event + 1), repeat=2)
        for b, d in product(range(without + 1), repeat=2)
        if a + c <= with_event and b + d <= without
    ]
    assert row["any_lowest"] == pytest.approx(min(found), abs=1e-9)
    assert row["any_highest"] == pytest.approx(max(found), abs=1e-9)


def test_a_band_is_laid_around_the_gap_like_for_like_and_each_supposition_narrows_it():
    residents = pl.DataFrame(
        {
            "dimension": ["ethnic_category"] * 2,
            "area": ["scotland"] * 2,
            "code": ["asian", "white"],
            "of_residents": [0.2, 0.8],
        }
    )
    row = worked({"white": (400, 900), "asian": (50, 100), "not_recorded": (90, 200)}, 0.03, residents)
    ends = [(row[f"{name}_lowest"], row[f"{name}_highest"]) for name in SUPPOSED]
    for (low, high), (inner_low, inner_high) in pairwise(ends):
        assert low <= inner_low <= inner_high <= high
    assert ends[0][0] < 0.03 < ends[0][1]
    assert (row["least"], row["most"]) == (pytest.approx(0.1), pytest.approx(0.2))
    assert (row["other_least"], row["other_most"]) == (pytest.approx(0.8), pytest.approx(0.9))


def test_those_drawn_at_random_give_the_ends_that_a_fine_grid_of_parts_gives():
    residents = pl.DataFrame(
        {
            "dimension": ["ethnic_category"] * 2,
            "area": ["scotland"] * 2,
            "code": ["asian", "white"],
            "of_residents": [0.3, 0.7],
        }
    )
    row = worked({"white": (400, 900), "asian": (50, 100), "not_recorded": (150, 200)}, 0.03, residents)
    y = (0.5 - 0.03) * 900
    grid = [
        (50 + s * 150) / (100 + s * 200) - (y + t * 150) / (900 + t * 200)
        for s in (0.1 + 0.2 * k / 50 for k in range(51))
        for t in (0.7 + 0.2 * k / 50 for k in range(51))
    ]
    assert row["alike_lowest"] == pytest.approx(min(grid))
    assert row["alike_highest"] == pytest.approx(max(grid))


def test_as_many_of_the_unknown_as_it_says_close_the_gap_and_no_fewer():
    row = worked({"white": (400, 1000), "asian": (60, 100), "not_recorded": (60, 120)}, 0.15)
    y, need = 1000 * (0.6 - 0.15), row["tipping"] * 120
    closes = [
        (w, e)
        for w in (k / 10 for k in range(601))
        for e in (k / 10 for k in range(601))
        if 60 / (100 + w) <= (y + e) / (1000 + e)
    ]
    assert need == pytest.approx(min(w + e for w, e in closes), abs=0.15)


def test_the_gap_as_it_is_has_newcombes_limits():
    row = with_counts(gap_of(None), counts({"white": (48, 80), "asian": (56, 70)})).row(0, named=True)
    assert row["raw"] == pytest.approx(0.2)
    assert (row["raw_lower"], row["raw_upper"]) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))


def test_people_of_unknown_group_are_added_up_where_all_their_counts_are_shown():
    own = counts({"white": (80, 100), "asian": (20, 40), "declined": (10, 30), "not_recorded": (15, 25)})
    row = with_unknown(gap_of(0.0), own, whole(500, 900), rounded_to=5).row(0, named=True)
    assert (row["unknown_events"], row["unknown_people"], row["is_rest"]) == (25, 55, False)


def test_where_a_count_of_theirs_is_hidden_they_are_all_who_are_not_shown_raised_by_a_step_of_rounding():
    own = counts({"white": (80, 100), "asian": (20, 40), "mixed": None, "declined": None, "not_recorded": (15, 25)})
    row = with_unknown(gap_of(0.0), own, whole(120, 190), rounded_to=5).row(0, named=True)
    assert (row["unknown_events"], row["unknown_people"], row["is_rest"]) == (120 - 100 + 5, 190 - 140 + 10, True)


def test_a_rest_that_rounding_makes_negative_is_none():
    own = counts({"white": (80, 100), "asian": (20, 40), "declined": None})
    row = with_unknown(gap_of(0.0), own, whole(95, 140), rounded_to=5).row(0, named=True)
    assert (row["unknown_events"], row["unknown_people"]) == (5, 10 + 5)


def test_where_nothing_is_known_of_the_unknown_no_side_is_named():
    row = {"is_known": True, "any_lowest": None, "any_highest": None, "state": "shown"}
    row |= {"lower": 0.02, "upper": 0.05, "recorded": None}
    assert verdict_of(row, "any", 0.7) == "unknown_could_explain"
    assert verdict_of(row | {"is_known": False}, "any", 0.7) == "higher"


def test_too_few_recorded_withholds_a_gap_between_ethnic_groups_and_so_does_a_hidden_share():
    row = {"is_known": True, "any_lowest": 0.01, "any_highest": 0.06, "state": "shown", "lower": 0.02, "upper": 0.05}
    assert verdict_of(row | {"recorded": 0.69}, "any", 0.7) == "withheld"
    assert verdict_of(row | {"recorded": 0.0}, "any", 0.7) == "withheld"
    assert verdict_of(row | {"recorded": 0.70}, "any", 0.7) == "higher"


def test_every_gap_of_the_release_has_one_row_with_the_counts_of_its_cells(snapshot: Snapshot):
    gaps = all_gaps(snapshot)
    built = snapshot.built_table("gaps")
    assert gaps is not None
    assert built is not None
    assert gaps.rows.select(KEY).sort(KEY).equals(built.select(KEY).sort(KEY))
    row = gaps.rows.filter(measure="research_offered", dimension="simd_quintile", area="scotland", code="1")
    cells = snapshot.cells("research_offered", "year", {}, "simd_quintile")
    cells = cells.filter(pl.col("period_start") == pl.col("period_start").max())
    own, other = (cells.filter(code=code).row(0, named=True) for code in ("1", "5"))
    assert row.select("events", "people").row(0) == (own["numerator"], own["denominator"])
    assert row.select("other_events", "other_people").row(0) == (other["numerator"], other["denominator"])


def test_planted_gaps_read_as_the_unknown_allow(snapshot: Snapshot):
    gaps = all_gaps(snapshot)
    assert gaps is not None

    def read(measure: str, dimension: str, code: str) -> tuple[str, str]:
        own = gaps.rows.filter(measure=measure, dimension=dimension, code=code, area="scotland")
        return own.select("verdict", "if_alike").row(0)

    assert read("research_offered", "simd_quintile", "1") == ("lower", "lower")
    assert read("within_standard_by_group", "interpreter_needed", "yes") == ("unknown_could_explain", "lower")
    assert read("uncertain_results", "ethnic_category", "asian") == ("unknown_could_explain", "higher")
    assert read("no_answer", "simd_quintile", "1") == ("no_gap_seen", "no_gap_seen")


def test_residents_of_the_islands_stand_together_and_of_all_boards_for_scotland(snapshot: Snapshot):
    found = census(snapshot)
    ethnic = found.filter(dimension="ethnic_category")
    assert {"scotland", "island_boards"} <= set(ethnic["area"])
    assert "S08000025" not in ethnic["area"]
    category = {row["code"]: row["ethnic_category"] for row in reference_rows("ethnic_groups")}
    counted = [
        (category[row["ethnic_group"]], int(row["population"])) for row in reference_rows("population_ethnicity")
    ]
    white = ethnic.filter(area="scotland", code="white")["of_residents"][0]
    assert white == pytest.approx(sum(n for code, n in counted if code == "white") / sum(n for _, n in counted))
