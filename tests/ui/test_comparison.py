"""A fair comparison judges a place by its mix, by limits that allow for usual variation, and whatever rounding hid."""

from __future__ import annotations

import polars as pl
import pytest

from ui.comparison import Funnel, adjusted, crude, outside, reads

AVERAGE, REACH = 0.8, 4


def places(late: dict[str, tuple[int, int, int]]) -> pl.DataFrame:
    """Requests, late ones, and late ones expected of the mix, by place."""
    rows = [(code, *counts) for code, counts in late.items()]
    return pl.DataFrame(rows, schema=["code", "requests", "late", "expected_late"], orient="row")


#: Eight places at the average, and one whose slow tests alone make it late.
USUAL = {f"usual {place}": (1000, 200, 200) for place in range(8)}


def verdicts(funnel: Funnel) -> dict[str, str]:
    return dict(funnel.places.select("code", "verdict").iter_rows())


def test_a_place_that_is_late_for_its_mix_alone_is_as_expected_once_it_is_allowed_for() -> None:
    frame = places(USUAL | {"slow tests": (1000, 400, 400)})
    assert verdicts(crude(frame, AVERAGE, REACH))["slow tests"] == "low_far"
    assert verdicts(adjusted(frame, AVERAGE, REACH))["slow tests"] == "within"


def test_the_adjusted_share_is_scotlands_share_late_times_the_ratio_to_what_was_expected() -> None:
    found = adjusted(places(USUAL | {"half as late": (1000, 150, 300)}), AVERAGE, REACH).places
    row = found.filter(code="half as late").row(0, named=True)
    assert row["value"] == pytest.approx(1 - 150 / 300 * 0.2)
    assert row["size"] == pytest.approx(300 / 0.2)


def test_without_a_mix_the_size_is_the_requests_and_the_value_their_share() -> None:
    row = crude(places(USUAL), AVERAGE, REACH).places.row(0, named=True)
    assert (row["size"], row["value"]) == (pytest.approx(1000), pytest.approx(0.8))


def test_a_place_is_judged_by_the_count_that_speaks_most_for_it_of_those_that_rounding_could_hide() -> None:
    frame = places(USUAL | {"near the limit": (1000, 243, 200)})
    assert verdicts(adjusted(frame, AVERAGE, reach=0))["near the limit"] == "low_far"
    assert verdicts(adjusted(frame, AVERAGE, REACH))["near the limit"] == "low_near"


def test_where_places_differ_more_than_by_chance_limits_widen_and_chance_alone_is_told_apart() -> None:
    spread = {f"place {n}": (5000, 1000 + 60 * (n - 5), 1000) for n in range(11)}
    found = adjusted(places(spread), AVERAGE, REACH)
    assert found.phi is not None
    assert found.phi > 3
    last = found.places.filter(code="place 10").row(0, named=True)
    assert (last["by_chance"], last["verdict"]) == ("low_far", "within")


def test_sentences_name_the_mix_only_where_it_is_allowed_for_and_places_stand_in_the_order_of_the_list() -> None:
    many = {f"{code} again {again}": counts for code, counts in USUAL.items() for again in range(4)}
    frame = places({"z": (1000, 400, 200), **many, "a": (1000, 400, 200)})
    assert outside(adjusted(frame, AVERAGE, REACH), {"z": "Zetland", "a": "Angus"}, "low") == ["Zetland", "Angus"]
    assert reads("low_far", by_mix=True) == (
        "Lower than expected for its mix of tests, beyond what chance and usual variation explain"
    )
    assert "mix" not in reads("low_far", by_mix=False)
    assert reads(None, by_mix=True) == ""
