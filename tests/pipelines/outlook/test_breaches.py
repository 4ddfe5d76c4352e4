"""How many open requests will pass their due date: ranges, scores, and what a record must hold for them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from pipelines.calendar import EPOCH
from pipelines.outlook.breaches import (
    HORIZONS,
    PLACE,
    by_place,
    came_later,
    forecasts,
    members,
    past_days,
    scored,
    scores,
)
from pipelines.outlook.queue import Record, record
from tests.second import waiting as plainly

FIRST = (dt.date(2022, 1, 1) - EPOCH).days


def simulated(days: int, a_day: int = 12, spread: float = 0.0, seed: int = 1) -> Record:
    """Requests of two laboratories that end after a lognormal time; the pace of each month moves by `spread`."""
    random = np.random.default_rng(seed)
    count = days * a_day
    received = FIRST + np.repeat(np.arange(days), a_day)
    month = (received - FIRST) // 30
    pace = random.normal(0, spread, month.max() + 2)[month]
    took = np.ceil(np.exp(random.normal(2.9, 0.45, count) + pace)).astype(int)
    judged = FIRST + days
    ended = received + took
    target = np.where(random.uniform(size=count) < 0.4, 14, 28)
    frame = pl.DataFrame(
        {
            "request_id": [f"r{number:06}" for number in range(count)],
            "person_id": [f"p{number:06}" for number in range(count)],
            "turnaround_category": np.where(target == 14, "urgent_array", "rare_standard"),
            "target_days": target,
            "day_type": "calendar",
            "working_lab": np.where(random.uniform(size=count) < 0.5, "DUN", "EDI"),
            "requesting_board": "S08000029",
            "received": received,
            "ended": ended,
            "judged": judged,
            "first_due": received + target,
            "due": received + target,
        }
    ).with_columns(
        pl.col("working_lab").alias("performing_lab"),
        pl.when(pl.col("ended") < judged).then("ended").alias("ended"),
    )
    return record(frame)


@pytest.fixture(scope="module")
def foretold() -> pl.DataFrame:
    return forecasts(by_place(members(simulated(1_600, spread=0.12))))


def test_ranges_hold_as_often_as_they_say_where_the_truth_is_known(foretold: pl.DataFrame) -> None:
    """Months that differ in pace by a known spread: over places and horizons about 9 in 10."""
    found = scores(scored(foretold))
    held, origins = found["held"].sum(), found["origins"].sum()
    assert found["origins"].unique().to_list() == [24]
    assert 0.82 < held / origins <= 1.0
    bias = found.select((pl.col("mean_error") / pl.col("mean_happened")).abs().max()).item()
    assert bias < 0.15


def test_ranges_reach_further_with_the_days_ahead_and_hold_what_is_expected(foretold: pl.DataFrame) -> None:
    sound = foretold.filter(pl.col("lower").is_not_null()).sort("kind", "code", "origin", "horizon")
    width = pl.col("upper") - pl.col("lower")
    narrower = sound.select((width.diff().over("kind", "code", "origin") < -2).fill_null(value=False).sum()).item()
    assert narrower == 0
    assert sound.filter(
        (pl.col("expected") < pl.col("lower") - 1) | (pl.col("expected") > pl.col("upper") + 1)
    ).is_empty()
    assert (sound["upper"] <= sound["members"]).all()
    growing = sound.select((pl.col("expected").diff().over("kind", "code", "origin") < 0).fill_null(value=False).sum())
    assert growing.item() == 0


def test_places_of_a_kind_add_up_to_scotland(foretold: pl.DataFrame) -> None:
    sums = foretold.group_by("kind", "origin", "horizon").agg(pl.col("expected", "members").sum())
    scotland = sums.filter(kind="scotland").sort("origin", "horizon")
    for kind in ("performing_lab", "requesting_board"):
        own = sums.filter(kind=kind).sort("origin", "horizon")
        assert own["members"].to_list() == scotland["members"].to_list()
        assert own["expected"].to_numpy() == pytest.approx(scotland["expected"].to_numpy())


def test_a_forecast_rests_on_nothing_that_came_after_it(foretold: pl.DataFrame) -> None:
    """A record that ends 200 days earlier foretells each of its month-ends in the same way."""
    earlier = simulated(1_600, spread=0.12)
    cut = earlier.frame.filter(pl.col("received") < FIRST + 1_400).with_columns(
        judged=pl.lit(FIRST + 1_400), ended=pl.when(pl.col("ended") < FIRST + 1_400).then("ended")
    )
    again = forecasts(by_place(members(record(cut)))).filter("is_past")
    both = again.join(foretold.filter("is_past"), on=[*PLACE, "origin"], suffix="_whole")
    assert both["origin"].n_unique() > 20
    assert both["expected"].to_numpy() == pytest.approx(both["expected_whole"].to_numpy())
    assert both["happened"].to_list() == both["happened_whole"].to_list()


def test_scores_of_scotland_agree_with_a_slow_plain_second_version(
    known: Record, everybody: list[plainly.Waiting]
) -> None:
    """Each past month-end of the small record: who waits, how many are expected, how many were late, and the naive."""
    past = scored(forecasts(by_place(members(known)))).filter(kind="scotland", horizon=14).sort("origin")
    assert past.height >= 12
    days = [EPOCH + dt.timedelta(days=int(day)) for day in past["origin"]]
    month_before = days[0].replace(day=1) - dt.timedelta(days=1)
    expected, happened, shares = [], [], {}
    for day in [month_before, *days]:
        queue = plainly.queue(everybody, day, 14)
        late = sum(one.is_late for one in queue)
        shares[day] = late / len(queue)
        if day in days:
            expected.append(sum(plainly.chances(everybody, day, queue)))
            happened.append(late)
            before = day.replace(day=1) - dt.timedelta(days=1)
            naive = past.filter(origin=(day - EPOCH).days)["naive"].item()
            assert naive == pytest.approx(shares[before] * len(queue))
    assert past["expected"].to_list() == pytest.approx(expected)
    assert past["happened"].to_list() == happened
    found = scores(past).row(0, named=True)
    errors = [one - other for one, other in zip(expected, happened, strict=True)]
    assert found["mean_error"] == pytest.approx(sum(errors) / len(errors))
    assert found["mean_absolute_error"] == pytest.approx(sum(map(abs, errors)) / len(errors))
    held = sum(low <= real <= high for low, real, high in past.select("lower", "happened", "upper").rows())
    assert found["held"] == held


def test_month_ends_have_a_year_behind_them_and_the_longest_horizon_known() -> None:
    days = past_days(simulated(900))
    assert days[0] >= FIRST + 365
    assert days[-1] + max(HORIZONS) < FIRST + 900
    assert all((EPOCH + dt.timedelta(days=day + 1)).day == 1 for day in days)


def test_the_first_months_of_a_record_foretell_nothing() -> None:
    for days in (40, 300, 400):
        found = forecasts(by_place(members(simulated(days))))
        assert found.filter(~pl.col("is_past"))["lower"].null_count() == found.filter(~pl.col("is_past")).height
        assert scored(found).is_empty()


def test_an_empty_record_gives_empty_tables() -> None:
    nobody = record(simulated(40).frame.clear())
    assert past_days(nobody) == []
    assert forecasts(by_place(members(nobody))).is_empty()


def test_those_who_came_after_the_day_are_told_apart() -> None:
    whole = simulated(900)
    day = past_days(whole)[-1]
    later = came_later(whole, [day])
    rows = later.filter(horizon=28)["row"].to_numpy()
    assert rows.size > 0
    assert np.all(whole.received[rows] > day)
    assert np.all((whole.due[rows] <= day + 28) & whole.is_late[rows])


def test_the_queue_of_a_stale_laboratory_is_as_at_its_own_extract() -> None:
    whole = simulated(900)
    stale = record(
        whole.frame.with_columns(
            judged=pl.when(pl.col("working_lab") == "DUN").then(FIRST + 850).otherwise(FIRST + 900)
        ).filter((pl.col("working_lab") == "EDI") | (pl.col("received") < FIRST + 850))
    )
    found = members(stale).filter(~pl.col("is_past"))
    own = stale.frame["working_lab"].gather(found["row"])
    left = found["left"].to_numpy()
    due = stale.due[found["row"].to_numpy()]
    as_at = due - left
    assert set(as_at[(own == "DUN").to_numpy()]) == {FIRST + 849}
    assert set(as_at[(own == "EDI").to_numpy()]) == {FIRST + 899}
    assert found["origin"].unique().to_list() == [FIRST + 899]
    days = forecasts(by_place(members(stale))).filter(~pl.col("is_past"))
    assert set(days.filter(kind="performing_lab", code="DUN")["day"]) == {FIRST + 849}
    assert set(days.filter(kind="performing_lab", code="EDI")["day"]) == {FIRST + 899}
