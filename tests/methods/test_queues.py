"""Waits for one of several servers."""

from __future__ import annotations

import heapq
import math
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammainc
from scipy.stats import norm, poisson

from methods.estimates import insist
from methods.queues import CHANCES, MEANS, allen_cunneen, erlang_a, erlang_c, kimura, servers_needed
from methods.reasons import REASON

RATE = st.floats(0.01, 100)
SERVERS = st.integers(1, 40)
SHARE = st.floats(0.01, 0.99)


def one(queue: pl.Expr) -> dict[str, Any]:
    return pl.select(queue.alias("queue")).unnest("queue").row(0, named=True)


def close(got: float, want: float, within: float = 1e-9) -> bool:
    return math.isclose(got, want, rel_tol=within, abs_tol=1e-12)


def test_two_servers_by_hand() -> None:
    """Load 1 on 2 servers: the states 0, 1, 2, 3 ... weigh 1, 1, 1/2, 1/4 ..., in all 3.

    All are busy with chance 1/3 and nobody is there with chance 1/3. A busy pair serves 2 in a unit of time and gets 1,
    so those who wait do so for 1 / (2 - 1), and all arrivals for 1/3.
    """
    found = one(erlang_c(1.0, 1.0, 2))
    hand = {"prob_wait": 1 / 3, "prob_empty": 1 / 3, "mean_wait_given_wait": 1, "mean_wait": 1 / 3, "mean_queue": 1 / 3}
    hand |= {"mean_time": 4 / 3, "mean_number": 4 / 3, "offered_load": 1, "utilisation": 0.5, "served_within": 2 / 3}
    assert {name: pytest.approx(found[name]) for name in hand} == hand


@given(st.integers(1, 400), st.integers(1, 20), SERVERS)
def test_erlang_c_is_the_exact_sum_of_the_chances_of_states(arrivals: int, services: int, servers: int) -> None:
    load = Fraction(arrivals, services)
    if load >= servers:
        return
    weight, below = Fraction(1), Fraction(0)
    for state in range(1, servers + 1):
        below += weight
        weight *= load / state
    busy = weight / (1 - load / servers)
    wait = busy / (busy + below) / (servers * services - arrivals)
    found = one(erlang_c(arrivals, services, servers))
    assert close(found["prob_wait"], float(busy / (busy + below)))
    assert close(found["prob_empty"], float(1 / (busy + below)))
    assert close(found["mean_wait"], float(wait))
    assert close(found["mean_number"], float(load + arrivals * wait))


@given(SHARE, RATE, st.floats(0, 5))
def test_one_server_has_the_closed_form(utilisation: float, service_rate: float, within: float) -> None:
    found = one(erlang_c(utilisation * service_rate, service_rate, 1, within))
    spare = service_rate * (1 - utilisation)
    assert close(found["prob_wait"], utilisation)
    assert close(found["mean_time"], 1 / spare)
    assert close(found["mean_number"], utilisation / (1 - utilisation))
    assert close(found["served_within"], 1 - utilisation * math.exp(-spare * within))


@given(SHARE, RATE, SERVERS, st.floats(0.001, 1000))
def test_the_unit_of_time_does_not_matter(utilisation: float, service_rate: float, servers: int, unit: float) -> None:
    arrivals = utilisation * servers * service_rate
    one_way = one(erlang_a(arrivals, service_rate, servers, 0.3 * service_rate, 1 / service_rate))
    other = one(
        erlang_a(arrivals * unit, service_rate * unit, servers, 0.3 * service_rate * unit, 1 / service_rate / unit)
    )
    for name in ("prob_wait", "prob_abandon", "served_within", "mean_queue", "mean_number", "utilisation"):
        assert close(one_way[name], other[name])
    assert close(one_way["mean_wait"], other["mean_wait"] * unit)


@given(SHARE, SERVERS)
def test_pooled_servers_wait_less_than_servers_apart(utilisation: float, servers: int) -> None:
    apart = one(erlang_c(utilisation * servers, 1.0, servers))
    pooled = one(erlang_c(2 * utilisation * servers, 1.0, 2 * servers))
    assert pooled["mean_wait"] < apart["mean_wait"]


def test_more_servers_never_wait_longer() -> None:
    frame = pl.DataFrame({"servers": range(17, 200)}).select(erlang_c(118.0, 7.5, pl.col("servers"), 0.1).alias("q"))
    found = frame.unnest("q")
    assert (found["mean_wait"].diff().drop_nulls() <= 0).all()
    assert (found["served_within"].diff().drop_nulls() >= 0).all()


def test_nobody_arrives_and_nobody_waits() -> None:
    for found in (one(erlang_c(0.0, 2.0, 3)), one(erlang_a(0.0, 2.0, 3, 1.0))):
        assert (found["prob_wait"], found["mean_wait"], found["mean_queue"], found["served_within"]) == (0, 0, 0, 1)
        assert (found["prob_empty"], found["utilisation"], found["mean_time"]) == (1, 0, 0.5)
        assert found["reason"] is None
    assert [one(kimura(0.0, 2.0, servers, 0.5))["mean_wait"] for servers in (1, 3)] == [0, 0]


@pytest.mark.parametrize(("load", "servers"), [(1_900.0, 2_000), (1_999.0, 2_000), (9_950.0, 10_000)])
def test_thousands_of_servers_agree_with_the_recursion(load: float, servers: int) -> None:
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    want = blocked / (1 - load / servers * (1 - blocked))
    assert close(one(erlang_c(load, 1.0, servers))["prob_wait"], want, 1e-10)


@pytest.mark.parametrize("spare", [0.2, 1.0, 3.0])
def test_a_thousand_million_servers_are_as_the_limit_says(spare: float) -> None:
    """Halfin and Whitt 1981, Operations Research 29:567: spare servers as so many times the root of the load."""
    load = 1e9
    servers = math.floor(load + spare * math.sqrt(load))
    beta = (servers - load) / math.sqrt(load)
    want = 1 / (1 + beta * norm.cdf(beta) / norm.pdf(beta))
    assert close(one(erlang_c(load, 1.0, servers))["prob_wait"], want, 1e-3)


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ((6.0, 1.0, 5), "queue_grows"),
        ((5.0, 1.0, 5), "queue_grows"),
        ((None, 1.0, 5), "missing"),
        ((math.nan, 1.0, 5), "missing"),
        ((math.inf, 1.0, 5), "not_finite"),
        ((-1.0, 1.0, 5), "outside_range"),
        ((1.0, 0.0, 5), "outside_range"),
        ((1.0, 1.0, 0), "outside_range"),
        ((1.0, 1.0, 2.5), "not_whole_counts"),
        ((1.0, 1.0, 5, -0.1), "outside_range"),
    ],
)
def test_what_cannot_be_answered_says_why(inputs: tuple[Any, ...], code: str) -> None:
    found = pl.select(erlang_c(*inputs).alias("q")).unnest("q")
    assert found["reason"].to_list() == [code]
    hidden = (*MEANS[2:], *CHANCES) if code == "queue_grows" else (*MEANS, *CHANCES)
    assert found.select(hidden).null_count().sum_horizontal().item() == len(hidden)
    if code != "missing":
        with pytest.raises(ValueError, match=r"row 0: \w+"):
            insist(found)


def test_no_rounding_hides_that_the_queue_grows() -> None:
    assert 0.1 * 34 > 3.4
    assert one(erlang_c(3.4, 0.1, 34))["reason"] == "queue_grows"
    assert one(servers_needed(3.4, 0.1, 0.0, 0.0))["value"] == 35


def test_the_load_is_told_where_the_queue_grows() -> None:
    found = one(erlang_c(6.0, 1.0, 5))
    assert (found["offered_load"], found["utilisation"]) == (6.0, 1.2)


def test_a_bad_row_leaves_its_neighbours_alone_and_order_does_not_matter() -> None:
    rows = pl.DataFrame({"rate": [4.2, 9.0, None, 3.0], "servers": [5, 5, 5, 4]})
    asked = erlang_c(pl.col("rate"), 1.0, pl.col("servers"), 0.5).alias("q")
    found = rows.with_columns(asked).unnest("q")
    assert found["reason"].to_list() == [None, "queue_grows", "missing", None]
    assert found["prob_wait"][0] == one(erlang_c(4.2, 1, 5))["prob_wait"]
    assert found.reverse().equals(rows.reverse().with_columns(asked).unnest("q"))


def test_an_empty_frame_gets_an_empty_answer_with_its_types() -> None:
    empty = pl.DataFrame(schema={"rate": pl.Float64, "servers": pl.Int64})
    found = empty.select(
        c=erlang_c(pl.col("rate"), 1.0, pl.col("servers")),
        a=erlang_a(pl.col("rate"), 1.0, pl.col("servers"), 0.1),
        needed=servers_needed(pl.col("rate"), 1.0, 0.1, 0.9),
    )
    assert found.height == 0
    assert found["c"].struct.unnest().schema == dict.fromkeys((*MEANS, *CHANCES), pl.Float64) | {
        "method": pl.String,
        "reason": REASON,
    }
    assert found["a"].struct.unnest().width == found["c"].struct.unnest().width + 1
    assert found["needed"].struct.unnest()["value"].dtype == pl.Int64


def test_lazy_frames_and_groups_are_answered_alike() -> None:
    rows = pl.DataFrame({"lab": ["a", "b", "b"], "rate": [1.0, 2.0, 3.0]})
    asked = erlang_c(pl.col("rate"), 1, 4).struct.field("mean_wait")
    eager = rows.select(asked).to_series().to_list()
    assert rows.lazy().select(asked).collect().to_series().to_list() == eager
    assert rows.group_by("lab", maintain_order=True).agg(asked)["mean_wait"].to_list() == [eager[:1], eager[1:]]


@given(st.floats(0.1, 3), st.integers(1, 30), st.floats(0.01, 20))
def test_erlang_a_is_the_plain_sum_over_states(utilisation: float, servers: int, leaving: float) -> None:
    arrivals = utilisation * servers
    logs, state = [0.0], 0
    while state <= servers or logs[-1] > max(logs) - 45:
        state += 1
        leaves = min(state, servers) + max(state - servers, 0) * leaving
        logs.append(logs[-1] + math.log(arrivals / leaves))
    weights = [math.exp(log - max(logs)) for log in logs]
    total = math.fsum(weights)
    queue = math.fsum(max(state - servers, 0) * weight for state, weight in enumerate(weights)) / total
    found = one(erlang_a(arrivals, 1.0, servers, leaving))
    assert close(found["prob_wait"], math.fsum(weights[servers:]) / total)
    assert close(found["prob_empty"], weights[0] / total)
    assert close(found["mean_queue"], queue)
    assert close(found["prob_abandon"], leaving * queue / arrivals)
    busy = math.fsum(min(state, servers) * weight for state, weight in enumerate(weights)) / total
    assert close(found["utilisation"], busy / servers)
    assert close(found["mean_number"], busy + queue)


@given(st.floats(0.1, 3), st.integers(1, 30), st.floats(0.05, 20), st.floats(0.001, 10))
def test_the_share_served_in_time_has_the_closed_form(
    utilisation: float, servers: int, leaving: float, within: float
) -> None:
    """By the incomplete gamma function, of capacity and arrivals over the rate of leaving (Zeltyn and Mandelbaum)."""
    x, y = servers / leaving, utilisation * servers / leaving
    if gammainc(x, y) < 1e-250:
        return
    found = one(erlang_a(utilisation * servers, 1.0, servers, leaving, within))
    in_time = x / y * (gammainc(x + 1, y) - gammainc(x + 1, y * math.exp(-leaving * within))) / gammainc(x, y)
    assert close(found["served_within"], 1 - found["prob_wait"] * (1 - in_time), 1e-8)


@given(SHARE, SERVERS, st.floats(0, 3))
def test_where_nobody_leaves_erlang_a_is_erlang_c(utilisation: float, servers: int, within: float) -> None:
    patient, staying = (
        one(erlang_a(utilisation * servers, 1.0, servers, 0, within)),
        one(erlang_c(utilisation * servers, 1.0, servers, within)),
    )
    assert patient["prob_abandon"] == 0
    for name in (*MEANS, *CHANCES):
        assert close(patient[name], staying[name]), name
    assert one(erlang_a(1.2 * servers, 1.0, servers, 0))["reason"] == "queue_grows"


@given(st.floats(0.1, 60), SERVERS)
def test_where_all_leave_as_fast_as_they_are_served_the_number_is_poisson(load: float, servers: int) -> None:
    found = one(erlang_a(load, 1.0, servers, 1.0))
    assert close(found["prob_wait"], poisson.sf(servers - 1, load))
    assert close(found["mean_number"], load)
    assert close(found["prob_empty"], math.exp(-load))


@given(st.floats(0.1, 60), SERVERS)
def test_where_nobody_has_patience_the_rest_are_lost_as_erlang_b_says(load: float, servers: int) -> None:
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    assert close(one(erlang_a(load, 1.0, servers, 1e7))["prob_abandon"], blocked, 1e-4)


@given(st.floats(0.1, 3), SERVERS, st.floats(0.01, 20))
def test_those_served_in_the_end_are_those_who_did_not_leave(utilisation: float, servers: int, leaving: float) -> None:
    at_once, ever = (one(erlang_a(utilisation * servers, 1.0, servers, leaving, wait)) for wait in (0.0, 1e9))
    assert close(at_once["served_within"], 1 - at_once["prob_wait"])
    assert close(ever["served_within"], 1 - ever["prob_abandon"])


@pytest.mark.parametrize(
    "inputs", [(800.0, 1.0, 1, 1e6), (1e-9, 1.0, 500, 1e-3), (5e5, 1.0, 2_000, 1e-6), (2e9, 1.0, 1_000_000_000, 0.1)]
)
def test_every_load_has_an_answer(inputs: tuple[float, ...]) -> None:
    found = one(erlang_a(*inputs, within=1.0))
    assert found["reason"] is None
    assert all(math.isfinite(found[name]) for name in (*MEANS, *CHANCES, "prob_abandon"))
    assert 0 <= found["prob_abandon"] <= found["prob_wait"] <= 1
    # What is lost under overload is what is too much.
    excess = 1 - inputs[1] * inputs[2] / inputs[0]
    assert excess < 0 or close(found["prob_abandon"], excess, 2e-3)


@given(SHARE, SERVERS)
def test_times_of_random_spread_have_the_waits_of_erlang_c(utilisation: float, servers: int) -> None:
    exact = one(erlang_c(utilisation * servers, 1.0, servers))
    for found in (
        one(kimura(utilisation * servers, 1.0, servers, 1.0)),
        one(allen_cunneen(utilisation * servers, 1.0, servers, 1.0, 1.0)),
    ):
        assert all(close(found[name], exact[name]) for name in MEANS)


@given(SHARE, st.floats(0, 4))
def test_one_server_with_poisson_arrivals_is_exact(utilisation: float, service_cv: float) -> None:
    """Pollaczek 1930 and Khinchine 1932."""
    want = utilisation / (1 - utilisation) * (1 + service_cv**2) / 2
    assert close(one(kimura(utilisation, 1.0, 1, service_cv))["mean_wait"], want)
    assert close(one(allen_cunneen(utilisation, 1.0, 1, 1.0, service_cv))["mean_wait"], want)


@pytest.mark.parametrize("servers", [2, 5, 10, 20])
@pytest.mark.parametrize("utilisation", [0.5, 0.7, 0.9])
def test_steady_service_is_within_two_percent_of_the_exact_wait(servers: int, utilisation: float) -> None:
    exact = wait_for_steady_service(servers, utilisation)
    assert close(one(kimura(utilisation * servers, 1.0, servers, 0.0))["mean_wait"], exact, 0.02)


def wait_for_steady_service(servers: int, utilisation: float) -> float:
    """M/D/c, by the numbers there at intervals of one service, in which all who were being served have left.

    Crommelin 1932, Post Office Electrical Engineers' Journal 25:41.
    """
    load, states = utilisation * servers, int(servers + 60 / (1 - utilisation)) + 100
    arriving = poisson.pmf(np.arange(states), load)
    steps = np.zeros((states, states))
    for state in range(states):
        left = max(state - servers, 0)
        steps[state, left:] = arriving[: states - left]
    balance = steps.T - np.eye(states)
    balance[-1] = 1
    chances = np.linalg.solve(balance, np.eye(states)[-1])
    return float((np.maximum(np.arange(states) - servers, 0) * chances).sum() / load)


@given(SHARE, SERVERS, st.floats(0, 3), st.floats(0.01, 1))
def test_a_wider_spread_never_waits_less(utilisation: float, servers: int, spread: float, more: float) -> None:
    load = utilisation * servers
    for narrow, wide in (
        (kimura(load, 1.0, servers, spread), kimura(load, 1.0, servers, spread + more)),
        (allen_cunneen(load, 1.0, servers, spread, 1.0), allen_cunneen(load, 1.0, servers, spread + more, 1.0)),
    ):
        assert one(narrow)["mean_wait"] <= one(wide)["mean_wait"] * (1 + 1e-12)


def test_a_spread_below_nought_is_refused() -> None:
    assert one(kimura(1.0, 1.0, 2, -1.0))["reason"] == "outside_range"
    assert one(allen_cunneen(1.0, 1.0, 2, 1.0, -1.0))["reason"] == "outside_range"
    assert one(allen_cunneen(3.0, 1.0, 2, 1.0, 1.0))["reason"] == "queue_grows"


@given(st.floats(0, 3000), st.floats(0.1, 10), st.floats(0, 3), st.floats(0, 0.999))
def test_the_servers_needed_are_enough_and_one_fewer_are_not(
    arrivals: float, services: float, within: float, share: float
) -> None:
    needed = one(servers_needed(arrivals, services, within, share))["value"]
    enough = one(erlang_c(arrivals, services, needed, within))
    assert enough["served_within"] >= share - 1e-12
    if needed > 1:
        fewer = one(erlang_c(arrivals, services, needed - 1, within))
        assert fewer["reason"] == "queue_grows" or fewer["served_within"] < share


def test_a_share_reached_exactly_is_reached() -> None:
    shares = [utilisation / 100 for utilisation in range(1, 100)]
    frame = pl.DataFrame({"rate": shares, "share": [1 - share for share in shares]})
    found = frame.select(servers_needed(pl.col("rate"), 1.0, 0.0, pl.col("share")).struct.field("value")).to_series()
    assert found.to_list() == [1] * 99


def test_servers_are_needed_row_by_row() -> None:
    frame = pl.DataFrame({"rate": [0.0, 118.0, 1e9, -1.0, None], "share": [0.9, 0.95, 0.95, 0.9, 0.9]})
    found = frame.select(servers_needed(pl.col("rate"), 7.5, 0.1, pl.col("share")).alias("n")).unnest("n")
    assert found["value"].to_list()[:2] == [1, 19]
    assert found["value"][2] >= 1e9 / 7.5
    assert found["reason"].to_list() == [None, None, None, "outside_range", "missing"]
    assert one(servers_needed(1.0, 1.0, 0.0, 1.0))["reason"] == "outside_range"
    assert one(servers_needed(1e300, 1.0, 0.0, 0.9))["reason"] == "outside_range"


def simulate(
    arriving: np.ndarray, serving: np.ndarray, servers: int, patience: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Waits, and who left unserved, first come first served: an arrival waits for the server that is free soonest."""
    free = [0.0] * servers
    waits, left = np.zeros(len(arriving)), np.zeros(len(arriving), bool)
    for place, (now, service) in enumerate(zip(np.cumsum(arriving), serving, strict=True)):
        wait = max(free[0] - now, 0.0)
        if patience is not None and patience[place] < wait:
            waits[place], left[place] = patience[place], True
            continue
        waits[place] = wait
        heapq.heapreplace(free, now + wait + service)
    # The first tenth is warming up.
    return waits[len(waits) // 10 :], left[len(left) // 10 :]


@pytest.mark.slow
class TestSimulation:
    ARRIVALS = 400_000

    def draw(self, seed: int, rate: float) -> np.ndarray:
        return np.random.default_rng(seed).exponential(1 / rate, self.ARRIVALS)

    def test_erlang_c_is_what_a_simulation_gives(self) -> None:
        waits, _ = simulate(self.draw(1, 3.5), self.draw(2, 1.0), 5)
        found = one(erlang_c(3.5, 1.0, 5, within=0.5))
        assert close((waits > 0).mean(), found["prob_wait"], 0.03)
        assert close(waits.mean(), found["mean_wait"], 0.05)
        assert close((waits <= 0.5).mean(), found["served_within"], 0.02)

    def test_erlang_a_is_what_a_simulation_gives(self) -> None:
        waits, left = simulate(self.draw(3, 6.0), self.draw(4, 1.0), 5, patience=self.draw(5, 0.5))
        found = one(erlang_a(6.0, 1.0, 5, 0.5, within=0.5))
        assert close(left.mean(), found["prob_abandon"], 0.02)
        assert close(waits.mean(), found["mean_wait"], 0.02)
        assert close(((waits <= 0.5) & ~left).mean(), found["served_within"], 0.02)

    def test_kimura_and_allen_cunneen_are_near_what_a_simulation_gives(self) -> None:
        gamma = np.random.default_rng(6).gamma(4, 0.25, self.ARRIVALS)
        waits, _ = simulate(self.draw(7, 4.2), gamma, 5)
        assert close(waits.mean(), one(kimura(4.2, 1.0, 5, 0.5))["mean_wait"], 0.05)
        assert close(waits.mean(), one(allen_cunneen(4.2, 1.0, 5, 1.0, 0.5))["mean_wait"], 0.08)
        steady = np.random.default_rng(8).gamma(2, 0.5 / 4.2, self.ARRIVALS)
        waits, _ = simulate(steady, gamma, 5)
        assert close(waits.mean(), one(allen_cunneen(4.2, 1.0, 5, math.sqrt(0.5), 0.5))["mean_wait"], 0.15)
