"""What a scenario does to groups of people, by hand."""

from __future__ import annotations

import polars as pl
import pytest

from capacity.fairness import effects, mixed, weights, widening, within_standard

ASKED = pl.DataFrame(
    {
        "group": ["a", "a", "b"],
        "category": ["nipt", "rare_complex", "nipt"],
        "requests": [30.0, 10.0, 20.0],
    }
)
GOES = pl.DataFrame({"group": ["a", "a", "b"], "site": ["GLA", "EDI", "EDI"], "requests": [3.0, 1.0, 5.0]})


def outcome(*values: float | None, replication: int = 0) -> pl.DataFrame:
    places = [("GLA", "nipt"), ("GLA", "rare_complex"), ("EDI", "nipt"), ("EDI", "rare_complex")]
    rows = [(replication, *place, value) for place, value in zip(places, values, strict=True)]
    names = {"replication": pl.Int64, "site": pl.String, "category": pl.String, "in_standard_pct": pl.Float64}
    return pl.DataFrame(rows, schema=names, orient="row")


def test_weights_by_hand():
    assert weights(ASKED, GOES).rows() == [
        ("a", "EDI", "nipt", 0.1875),
        ("a", "EDI", "rare_complex", 0.0625),
        ("a", "GLA", "nipt", 0.5625),
        ("a", "GLA", "rare_complex", 0.1875),
        ("b", "EDI", "nipt", 1.0),
    ]


def test_a_group_waits_as_its_mix_does():
    found = within_standard(weights(ASKED, GOES), outcome(80, 40, 100, 60))
    # 0.5625 x 80 + 0.1875 x 40 + 0.1875 x 100 + 0.0625 x 60
    assert found.rows() == [(0, "a", 75.0, 1.0), (0, "b", 100.0, 1.0)]


def test_what_is_not_simulated_is_left_out_and_its_weight_told():
    found = within_standard(weights(ASKED, GOES), outcome(80, None, 100, 60))
    assert found["covered"].to_list() == [0.8125, 1.0]
    assert found["in_standard_pct"][0] == pytest.approx((45 + 18.75 + 3.75) / 0.8125)


def test_the_change_is_paired_by_replication():
    weight = weights(ASKED, GOES)
    base = pl.concat([outcome(80, 40, 100, 60), outcome(60, 20, 90, 50, replication=1)])
    after = pl.concat([outcome(70, 40, 100, 60), outcome(50, 20, 90, 50, replication=1)])
    found = effects(weight, base, after).to_dicts()
    assert found[0]["change"] == found[0]["lower_95"] == found[0]["upper_95"] == pytest.approx(-5.625)
    assert found[0]["after"] == pytest.approx(found[0]["before"] - 5.625)
    assert found[1]["change"] == 0
    assert widening(effects(weight, base, after)) == (
        pytest.approx(95 - found[0]["before"]),
        pytest.approx(95 - found[0]["after"]),
    )


def test_a_class_is_made_of_its_boards():
    parts = pl.DataFrame({"whole": ["towns", "towns"], "group": ["a", "b"], "requests": [1.0, 3.0]})
    found = mixed(weights(ASKED, GOES), parts)
    assert found["weight"].sum() == pytest.approx(1)
    assert found.filter(site="EDI", category="nipt")["weight"].to_list() == [pytest.approx(0.25 * 0.1875 + 0.75)]
