"""Items of the programme are shown as they are, and staff by the rules of staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.disclosure import rules
from catalogue.indicators import indicators
from pipelines import calendar
from pipelines.unprotected import hide_few_staff, open_cells

DAY = dt.date(2026, 3, 31)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        for name, frame in (
            ("ref_days", calendar.days()),
            ("ref_periods", calendar.periods(dt.date(2025, 4, 1), dt.date(2026, 3, 1))),
        ):
            made.register("frame", frame)
            made.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
        yield made


def tables(con: duckdb.DuckDBPyConnection, indicator: str, mart: pl.DataFrame, rows: pl.DataFrame) -> None:
    name = "mart_programme" if "report_id" in mart.columns else "mart_workforce"
    for table, frame in ((name, mart), (f"indicator_{indicator}", rows)):
        con.register("frame", frame)
        con.execute(f"CREATE TABLE {table} AS SELECT * FROM frame")


def posts(con: duckdb.DuckDBPyConnection, indicator: str, staff: dict[str, tuple[float, float, int]]) -> pl.DataFrame:
    """One post a site with numerator, denominator and headcount; the cells by site."""
    mart = pl.DataFrame(
        [(site, site, "clinical_scientist", "7", heads) for site, (_, _, heads) in staff.items()],
        schema=["post_id", "site", "role", "afc_band", "in_post_headcount"],
        orient="row",
    )
    rows = pl.DataFrame(
        [(site, DAY, top, bottom) for site, (top, bottom, _) in staff.items()],
        schema=["unit_id", "period_date", "numerator", "denominator"],
        orient="row",
    )
    tables(con, indicator, mart, rows)
    return open_cells(con, indicators()[indicator], rules()).filter(cube="site").sort("d1")


def test_whole_time_equivalents_are_told_by_site_to_the_nearest_with_their_exact_ratio(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = posts(con, "vacancy_rate", {"ABE": (1.4, 9.9, 3), "DUN": (0.0, 4.0, 4)})
    assert found.select("d1", "state", "numerator", "denominator").rows() == [
        ("ABE", "shown", 1, 10),
        ("DUN", "shown", 0, 4),
    ]
    assert found["value"].to_list() == pytest.approx([1.4 / 9.9, 0.0])


def test_what_is_told_by_age_needs_ten_people_and_hides_a_second_site_that_would_tell(
    con: duckdb.DuckDBPyConnection,
) -> None:
    staff = {"ABE": (1.0, 9.0, 9), "DUN": (2.0, 12.0, 12), "EDI": (9.0, 40.0, 40), "GLA": (9.0, 60.0, 60)}
    found = posts(con, "retirement_exposure", staff)
    assert found["state"].to_list() == ["confidential", "confidential", "shown", "shown"]
    hidden = found.filter(state="confidential")
    assert hidden.select(pl.col("value", "numerator", "denominator").is_null().all()).row(0) == (True, True, True)


def test_why_staff_left_is_told_where_ten_left_and_only_there(con: duckdb.DuckDBPyConnection) -> None:
    posts(con, "leavers_retired", {"ABE": (2.0, 6.0, 60), "DUN": (3.0, 5.0, 60)})
    told = open_cells(con, indicators()["leavers_retired"], rules())
    assert told.select("cube", "state", "numerator", "denominator").rows() == [("", "shown", 5, 11)]
    con.execute("DELETE FROM indicator_leavers_retired WHERE unit_id = 'DUN'")
    assert open_cells(con, indicators()["leavers_retired"], rules())["state"].to_list() == ["confidential"]


def test_where_few_stand_below_the_line_the_people_in_post_do_not_make_up_for_it(
    con: duckdb.DuckDBPyConnection,
) -> None:
    tables(
        con,
        "kept_in_nhs",
        pl.DataFrame({"post_id": ["a"], "site": ["ABE"], "role": ["trainee_scientist"], "in_post_headcount": [17]}),
        pl.DataFrame({"unit_id": ["a"], "period_date": [DAY], "numerator": [7], "denominator": [8]}),
    )
    assert open_cells(con, indicators()["kept_in_nhs"], rules())["state"].to_list() == ["confidential"]


def test_days_of_items_count_those_without_an_end_as_still_waiting(con: duckdb.DuckDBPyConnection) -> None:
    tables(
        con,
        "proposal_decision_days",
        pl.DataFrame({"report_id": list("abcd")}),
        pl.DataFrame(
            {"unit_id": list("abcd"), "period_date": [DAY] * 4, "days": [10, 20, 30, 40], "is_event": [1, 1, 1, 0]}
        ),
    )
    found = open_cells(con, indicators()["proposal_decision_days"], rules()).sort("statistic")
    # Half have been decided by day 20 to 30; nine in ten never are while one still waits.
    assert found.select("statistic", "state", "value", "denominator").rows() == [
        ("median", "shown", 25.0, 4),
        ("p90", "not_available", None, 4),
    ]


@pytest.mark.parametrize(("people", "state"), [(9.0, "confidential"), (10.0, "shown")])
def test_a_reported_number_under_ten_is_hidden_because_it_may_be_of_people(
    con: duckdb.DuckDBPyConnection, people: float, state: str
) -> None:
    tables(
        con,
        "stroke_patients_eligible",
        pl.DataFrame({"report_id": ["a"]}),
        pl.DataFrame(
            {"unit_id": ["a"], "period_date": [DAY], "numerator": [people], "denominator": [None]},
            schema_overrides={"denominator": pl.Int64},
        ),
    )
    found = open_cells(con, indicators()["stroke_patients_eligible"], rules())
    assert found["state"].to_list() == [state]
    assert found["numerator"].to_list() == [10 if state == "shown" else None]


def test_a_measure_of_people_never_comes_this_way(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match="counts people"):
        open_cells(con, indicators()["requests_received"], rules())


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(2, 15))
def test_what_is_hidden_of_staff_never_stands_for_fewer_than_needed_unless_all_is(heads: list[int], needs: int) -> None:
    counted = pl.DataFrame(
        {
            "cube": "site", "d1": [str(place) for place in range(len(heads))], "d2": None, "d3": None,
            "grain": "quarter", "period_start": DAY, "staff": heads,
        }
    )  # fmt: skip
    found = hide_few_staff(counted, needs)
    hidden = found.filter(~pl.col("is_shown"))
    assert not (found.filter("is_shown")["staff"] < needs).any()
    if hidden.height and hidden.height < found.height:
        assert hidden["staff"].sum() >= needs
    if min(heads) >= needs:
        assert hidden.is_empty()
