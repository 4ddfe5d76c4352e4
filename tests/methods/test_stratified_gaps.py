"""Two groups compared within strata."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chi2

from methods.stratified_gaps import stratified_gap

COLUMNS = ["events", "people", "other_events", "other_people"]
Stratum = tuple[int, int, int, int]

#: Deaths in the tolbutamide trial by age: under 55, and 55 and over.
TRIAL: list[Stratum] = [(8, 106, 5, 120), (22, 98, 16, 85)]


def ask(strata: list[Stratum], measure: str = "risk_difference", **given_: float) -> dict[str, object]:
    frame = pl.DataFrame(strata, schema=COLUMNS, orient="row")
    return stratified_gap(frame, **given_).filter(measure=measure).row(0, named=True)


def plain(strata: list[Stratum]) -> dict[str, float]:
    """The formulas of the papers once more, stratum by stratum, in plain Python."""
    weight = gap = p_sum = q_sum = r_sum = s_sum = pr = cross = qs = over = variance = 0.0
    for a, n, c, m in strata:
        if not (n and m):
            continue
        size, b, d, t = n + m, n - a, m - c, a + c
        weight += n * m / size
        gap += (a / n - c / m) * n * m / size
        p_sum += (n**2 * c - m**2 * a + n * m * (m - n) / 2) / size**2
        q_sum += (a * (m - c) + c * (n - a)) / (2 * size)
        r_sum, s_sum = r_sum + a * d / size, s_sum + b * c / size
        pr += (a + d) / size * a * d / size
        cross += (a + d) / size * b * c / size + (b + c) / size * a * d / size
        qs += (b + c) / size * b * c / size
        over += a - n * t / size
        if size > 1:
            variance += n * m * t * (size - t) / (size**2 * (size - 1))
    found = {"difference": gap / weight, "error": math.sqrt((gap / weight * p_sum + q_sum) / weight**2)}
    if r_sum and s_sum:
        found["ratio"] = r_sum / s_sum
        found["log_error"] = math.sqrt(pr / (2 * r_sum**2) + cross / (2 * r_sum * s_sum) + qs / (2 * s_sum**2))
    if variance:
        found["p"] = float(chi2.sf(over**2 / variance, 1))
    return found


def test_the_trial_of_the_textbook_comes_out() -> None:
    """Rothman, Greenland and Lash, Modern Epidemiology: pooled difference 0.035, pooled odds ratio 1.40."""
    assert ask(TRIAL)["value"] == pytest.approx(0.035, abs=5e-4)
    assert ask(TRIAL, "odds_ratio")["value"] == pytest.approx(1.40, abs=5e-3)


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)),
        min_size=1,
        max_size=8,
    )
)
def test_it_is_what_the_plain_second_version_gives(drawn: list[Stratum]) -> None:
    strata = [(min(a, n), n, min(c, m), m) for a, n, c, m in drawn]
    assume(any(n and m for _, n, _, m in strata))
    wanted, found, odds = plain(strata), ask(strata), ask(strata, "odds_ratio")
    assert found["value"] == pytest.approx(wanted["difference"], abs=1e-12)
    if "p" in wanted:
        assert found["p"] == pytest.approx(wanted["p"], rel=1e-6, abs=1e-12)
        assert found["upper"] == pytest.approx(wanted["difference"] + 1.959963984540054 * wanted["error"], abs=1e-9)
    else:
        assert (found["p"], found["reason"]) == (1.0, "no_events_to_compare")
    if "ratio" in wanted:
        assert odds["value"] == pytest.approx(wanted["ratio"])
        assert math.log(float(str(odds["upper"]))) == pytest.approx(
            math.log(wanted["ratio"]) + 1.959963984540054 * wanted["log_error"]
        )
    else:
        assert (odds["value"], odds["reason"]) == (None, "no_events_to_compare")


def test_one_stratum_has_the_classic_limits_of_an_odds_ratio() -> None:
    """Woolf's variance of the log odds ratio: the sum of one over each of the four counts."""
    found = ask([(20, 50, 10, 60)], "odds_ratio")
    assert found["value"] == pytest.approx(20 * 50 / (30 * 10))
    error = math.sqrt(1 / 20 + 1 / 30 + 1 / 10 + 1 / 50)
    assert math.log(float(str(found["lower"]))) == pytest.approx(math.log(10 / 3) - 1.959963984540054 * error)


def test_a_gap_that_is_only_a_mix_of_tests_vanishes() -> None:
    """Both have 10% in the one kind of test and 50% in the other; crude, the group has 42% and the other 18%."""
    assert ask([(2, 20, 8, 80), (40, 80, 10, 20)])["value"] == pytest.approx(0.0)


def test_strata_with_one_of_the_two_tell_nothing() -> None:
    found = ask([*TRIAL, (7, 9, 0, 0), (0, 0, 5, 5)])
    assert found["value"] == ask(TRIAL)["value"]
    assert (found["compared_people"], found["compared_other_people"]) == (204, 205)


def test_turning_the_groups_round_turns_the_answer_round() -> None:
    turned = [(c, m, a, n) for a, n, c, m in TRIAL]
    assert ask(turned)["value"] == pytest.approx(-float(str(ask(TRIAL)["value"])))
    assert ask(turned, "odds_ratio")["value"] == pytest.approx(1 / float(str(ask(TRIAL, "odds_ratio")["value"])))
    assert ask(turned)["p"] == pytest.approx(ask(TRIAL)["p"])


def test_many_answers_stand_apart() -> None:
    frame = pl.DataFrame([("x", *TRIAL[0]), ("y", *TRIAL[1])], schema=["area", *COLUMNS], orient="row")
    found = stratified_gap(frame, ["area"]).filter(measure="risk_difference")
    assert found["area"].to_list() == ["x", "y"]
    assert found["value"].to_list() == pytest.approx([8 / 106 - 5 / 120, 22 / 98 - 16 / 85])


@pytest.mark.parametrize(
    ("strata", "why"),
    [
        ([(1, 2, 0, 0)], "too_few_groups"),
        ([(3, 2, 1, 2)], "count_above_total"),
        ([(-1, 2, 1, 2)], "negative_count"),
        ([(None, 2, 1, 2)], "missing"),
    ],
)
def test_what_cannot_be_answered_says_why(strata: list[Stratum], why: str) -> None:
    found = ask(strata)
    assert (found["value"], found["reason"]) == (None, why)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """2,000 draws of 200 small strata whose shares differ by 5 points: 95 in 100 within what chance allows."""
    rng = np.random.default_rng(1)
    sizes = rng.integers(1, 9, (200, 2))
    base = rng.uniform(0.05, 0.6, 200)
    draws = 2_000
    a = rng.binomial(sizes[:, 0], base + 0.05, (draws, 200))
    c = rng.binomial(sizes[:, 1], base, (draws, 200))
    frame = pl.DataFrame(
        {
            "draw": np.repeat(np.arange(draws), 200),
            "events": a.ravel(),
            "people": np.tile(sizes[:, 0], draws),
            "other_events": c.ravel(),
            "other_people": np.tile(sizes[:, 1], draws),
        }
    )
    found = stratified_gap(frame, ["draw"]).filter(measure="risk_difference")
    held = ((found["lower"] <= 0.05) & (found["upper"] >= 0.05)).mean()
    assert held == pytest.approx(0.95, abs=0.015)
