"""People who go together tell less."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.design_effects import cluster_effect


def ask(sizes: list[float | None], correlation: float = 1.0) -> dict[str, object]:
    found: dict[str, object] = pl.DataFrame({"m": sizes}).select(cluster_effect(pl.col("m"), correlation)).item()
    return found


def test_the_worked_example_comes_out() -> None:
    assert ask([1, 1, 1, 2, 4])["value"] == pytest.approx(23 / 9)
    assert ask([1, 1, 1, 2, 4], 0.5)["value"] == pytest.approx(1 + 14 / 18)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=30), st.floats(0, 1))
def test_it_is_one_where_nobody_goes_together_and_never_less(sizes: list[int], correlation: float) -> None:
    assert ask([1.0] * len(sizes), correlation)["value"] == pytest.approx(1.0)
    assert ask(sizes, correlation)["value"] >= 1 - 1e-12  # type: ignore[operator]
    assert ask(sizes, 0.0)["value"] == pytest.approx(1.0)


def test_it_is_how_much_the_variance_of_a_share_grows() -> None:
    """4,000 draws of 300 families that are all of a group or none."""
    rng = np.random.default_rng(2)
    sizes = rng.integers(1, 6, 300)
    shares = (sizes * (rng.random((4_000, 300)) < 0.2)).sum(axis=1) / sizes.sum()
    wanted = shares.var() / (0.2 * 0.8 / sizes.sum())
    assert ask(sizes.tolist())["value"] == pytest.approx(wanted, rel=0.08)


@pytest.mark.parametrize(("sizes", "why"), [([1, None], "missing"), ([1, 0], "not_positive")])
def test_what_cannot_be_answered_says_why(sizes: list[float | None], why: str) -> None:
    found = ask(sizes)
    assert (found["value"], found["reason"]) == (None, why)


def test_a_correlation_outside_nought_to_one_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        ask([1, 2], 1.5)
