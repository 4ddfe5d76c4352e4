"""What readers see of the outlook: rounded, hidden where few, the same for the same people, and never a count."""

from __future__ import annotations

import duckdb
import polars as pl
import pytest

from catalogue.disclosure import rules
from pipelines.disclosure.secret import Secret
from pipelines.outlook.breaches import by_place, forecasts, members, scored
from pipelines.outlook.protected import breach_tables, draws
from pipelines.outlook.queue import Record, record
from tests.conftest import Published
from tests.pipelines.outlook.test_breaches import simulated

SECRET, OTHER = Secret.of("0" * 64), Secret.of("1" * 64)


@pytest.fixture(scope="module")
def known() -> Record:
    return simulated(1_300, a_day=20, spread=0.1)


def tables(known: Record, secret: Secret = SECRET) -> dict[str, pl.DataFrame]:
    with duckdb.connect() as con:
        return breach_tables(con, known, secret, rules())


def test_numbers_shown_are_multiples_of_five_within_four_of_what_is_expected(known: Record) -> None:
    shown = tables(known)["breach_forecast"].filter(state="shown")
    exact = forecasts(by_place(members(known))).filter(~pl.col("is_past"))
    both = shown.join(exact, on=["kind", "code", "horizon"], suffix="_exact")
    assert both.height == shown.height > 3
    for name in ("expected", "lower", "upper", "naive"):
        assert (both[name] % 5 == 0).all()
    assert (both["expected"] - both["expected_exact"]).abs().max() < 4.5
    assert (both["lower"] <= both["lower_exact"]).all()
    assert (both["upper"] >= both["upper_exact"]).all()


def test_what_rests_on_few_people_is_hidden_and_gives_no_number(known: Record) -> None:
    few = tables(simulated(1_300, a_day=1))["breach_forecast"]
    assert set(few["state"]) == {"confidential"}
    assert few.select("expected", "lower", "upper", "naive").null_count().sum_horizontal().item() == 4 * few.height
    exact = forecasts(by_place(members(known))).filter(~pl.col("is_past"))
    shown = tables(known)["breach_forecast"].filter(state="shown").join(exact, on=["kind", "code", "horizon"])
    assert shown["people"].min() >= rules().forecasts_need.people
    assert shown["expected_right"].min() >= rules().forecasts_need.either_way
    assert (shown["members"] - shown["expected_right"]).min() >= rules().forecasts_need.either_way


def test_a_longer_horizon_with_few_people_more_is_hidden(known: Record) -> None:
    """Everybody who falls due within 28 days falls due within 7: the longer ones would tell of nobody."""
    soon = known.frame.with_columns(
        first_due=pl.when(pl.col("ended").is_null()).then(pl.col("judged") + 3).otherwise("first_due"),
        due=pl.when(pl.col("ended").is_null()).then(pl.col("judged") + 3).otherwise("due"),
    )
    found = tables(record(soon))["breach_forecast"].filter(kind="scotland").sort("horizon")
    assert found["state"].to_list()[1:] == ["confidential", "confidential"]


def test_the_same_people_are_rounded_in_the_same_way_and_another_secret_in_another() -> None:
    people = pl.DataFrame(
        [(group, f"p{number}") for group in range(40) for number in range(group + 1)],
        schema={"place": pl.Int64, "person_id": pl.String},
        orient="row",
    )
    with duckdb.connect() as con:
        first = draws(con, people, ["place"], SECRET, rules()).sort("place")
        again = draws(con, people.reverse(), ["place"], SECRET, rules()).sort("place")
        other = draws(con, people, ["place"], OTHER, rules()).sort("place")
    assert first.equals(again)
    assert not first.equals(other)
    assert set(first["draw"]) == set(range(rules().rounded_to))


def test_what_happened_is_shown_rounded_for_scotland_with_whether_the_range_held_it(known: Record) -> None:
    past = tables(known)["breach_forecast_past"].filter(state="shown")
    exact = scored(forecasts(by_place(members(known)))).filter(kind="scotland")
    assert past.height > 12
    assert (past["happened"] % 5 == 0).all()
    held = exact.filter(horizon=14).select(pl.col("happened").is_between("lower", "upper").sum()).item()
    assert past.filter(horizon=14)["is_held"].sum() == held
    scores = tables(known)["breach_forecast_scores"]
    assert scores.filter(kind="scotland", horizon=14)["held"].item() == held


def test_without_enough_past_months_nothing_is_foretold() -> None:
    found = tables(simulated(600))
    assert set(found["breach_forecast"]["state"]) == {"not_available"}
    assert found["breach_forecast"]["expected"].null_count() == found["breach_forecast"].height
    assert found["breach_forecast_past"].is_empty()
    assert found["breach_forecast_scores"].is_empty()


def test_an_empty_record_foretells_nothing_of_scotland_and_knows_no_other_place(known: Record) -> None:
    found = tables(record(known.frame.clear()))
    assert set(found["breach_forecast"]["kind"]) == {"scotland"}
    assert set(found["breach_forecast"]["state"]) == {"not_available"}
    assert found["breach_forecast_past"].is_empty()
    assert found["breach_forecast_scores"].is_empty()


def test_every_place_of_the_record_has_a_row_for_each_horizon(known: Record) -> None:
    found = tables(known)["breach_forecast"]
    assert found.group_by("kind", "code").len()["len"].unique().to_list() == [3]


def test_a_release_holds_the_tables_and_no_count_of_the_queue(small: Published) -> None:
    with duckdb.connect(str(small.store), read_only=True) as con:
        names = {name for (name,) in con.sql("SELECT table_name FROM information_schema.tables").fetchall()}
        columns = set(con.sql("SELECT * FROM breach_forecast").columns)
        states = {state for (state,) in con.sql("SELECT DISTINCT state FROM breach_forecast").fetchall()}
    assert {"breach_forecast", "breach_forecast_past", "breach_forecast_scores"} <= names
    assert {"share_forecast", "share_forecast_scores"} <= names
    assert columns == {"kind", "code", "horizon", "as_at", "state", "expected", "lower", "upper", "naive"}
    assert states <= {"shown", "confidential", "not_available"}
