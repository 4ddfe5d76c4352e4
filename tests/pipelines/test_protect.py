"""What readers see of a cell, made of the counts that disclosure control let through."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import protect

shown = st.one_of(st.none(), st.integers(min_value=2, max_value=600).map(lambda n: 5 * n))


def share(inside: int | None, outside: int | None, whole: int | None) -> dict[str, object]:
    schema = {"in": pl.Int64, "out": pl.Int64, "whole": pl.Int64}
    cells = pl.DataFrame([(inside, outside, whole)], schema=schema, orient="row")
    return protect.share_cells(cells).row(0, named=True)


def percentile(
    statistic: str, people: int, still_open: int, value: float | None, upper: float | None
) -> dict[str, object]:
    cells = pl.DataFrame(
        {"number": [people], "open": [still_open], "people": [people], "requests": [people // 5 * 5],
         "value": [value], "lower": [11.0], "upper": [upper]},
        schema_overrides={"value": pl.Float64, "upper": pl.Float64},
    )  # fmt: skip
    return protect.percentile_cells(cells, statistic).row(0, named=True)


@given(inside=shown, outside=shown, whole=shown)
def test_a_share_shows_only_where_both_its_parts_do_and_never_passes_one(
    inside: int | None, outside: int | None, whole: int | None
) -> None:
    cell = share(inside, outside, whole)
    if inside is None or outside is None:
        assert cell["state"] == "confidential"
        assert cell["value"] is cell["lower"] is cell["upper"] is cell["numerator"] is None
        assert cell["denominator"] == whole
    else:
        assert cell["state"] == "shown"
        assert (cell["numerator"], cell["denominator"]) == (inside, inside + outside)
        assert cell["value"] == pytest.approx(inside / (inside + outside))
        assert 0 < cell["lower"] <= cell["value"] <= cell["upper"] < 1


def test_a_count_that_is_let_through_is_its_own_value_and_one_that_is_not_is_confidential() -> None:
    cells = protect.count_cells(pl.DataFrame({"count": [15, None]}, schema={"count": pl.Int64}))
    assert cells["state"].to_list() == ["shown", "confidential"]
    assert cells["value"].to_list() == cells["numerator"].to_list() == [15, None]


@pytest.mark.parametrize(
    ("statistic", "people", "state"),
    [("median", 19, "confidential"), ("median", 20, "shown"), ("p90", 99, "confidential"), ("p90", 100, "shown"),
     ("p95", 199, "confidential"), ("p95", 200, "shown")],
)  # fmt: skip
def test_a_percentile_needs_its_people(statistic: str, people: int, state: str) -> None:
    cell = percentile(statistic, people, still_open=0, value=12.5, upper=None)
    assert cell["state"] == state
    assert cell["value"] == (13 if state == "shown" else None)


def test_a_percentile_that_is_not_reached_yet_is_not_available() -> None:
    assert percentile("p90", 500, still_open=200, value=None, upper=None)["state"] == "not_available"


@pytest.mark.parametrize(("still_open", "state"), [(0, "shown"), (20, "not_available"), (30, "not_available")])
def test_a_percentile_whose_upper_limit_is_open_cannot_be_told_while_requests_are(still_open: int, state: str) -> None:
    cell = percentile("p90", 500, still_open, value=40.0, upper=None)
    assert cell["state"] == state
    assert (cell["value"] is None) == (cell["lower"] is None) == (state != "shown")


def test_a_derived_share_of_a_hidden_count_is_hidden_and_never_passes_one() -> None:
    counts = pl.DataFrame({"part": [None, 105], "whole": [100, 100]}, schema={"part": pl.Int64, "whole": pl.Int64})
    shares = counts.select(**protect.share_of_shown(pl.col("part"), pl.col("whole")))
    assert shares["state"].to_list() == ["confidential", "shown"]
    assert shares["value"].to_list() == [None, 1.0]


def test_growth_needs_a_base_and_an_earlier_period() -> None:
    counts = pl.DataFrame(
        {"now": [120, 120, 120], "then": [100, 45, None], "has": [True, True, False]},
        schema={"now": pl.Int64, "then": pl.Int64, "has": pl.Boolean},
    )
    growth = counts.select(**protect.growth_of_shown(pl.col("now"), pl.col("then"), pl.col("has")))
    assert growth["state"].to_list() == ["shown", "confidential", "not_available"]
    assert growth["value"].to_list() == [0.2, None, None]
