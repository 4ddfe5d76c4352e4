"""Ties between counts: every one that a reader knows, and none that does not hold."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.pipelines.disclosure import toy


@pytest.mark.parametrize("seed", range(5))
def test_the_truth_keeps_every_tie_and_requests_add_up_exactly(seed: int) -> None:
    counts, ties = toy.table(seed)
    number = counts["number"].to_numpy()
    sums = np.bincount(ties.tie, weights=ties.sign * number[ties.count], minlength=ties.size)
    assert np.all(sums == ties.low)
    assert np.all(sums == ties.high)


def test_margins_merges_periods_and_parts_of_shares_are_all_tied() -> None:
    counts, ties = toy.table()

    def tied(parent: dict[str, object], children: pl.Expr) -> bool:
        row = counts.filter(**parent)["row"].item()
        want = set(counts.filter(children)["row"])
        held = [set(ties.count[ties.tie == tie]) for tie in ties.of_counts(np.array([row]))]
        return {row, *want} in held

    whole = {"part": "whole", "grain": "quarter"}
    quarter = (pl.col("part") == "whole") & (pl.col("grain") == "quarter")
    islands = pl.col("d1").is_in(["S08000025", "S08000026", "S08000028"])
    board = quarter & (pl.col("cube") == "requesting_board")
    scotland = whole | {"cube": ""}
    assert tied(scotland, quarter & (pl.col("cube") == "performing_lab"))
    assert tied(scotland, board & (pl.col("d1") != "island_boards"))
    assert tied(whole | {"cube": "requesting_board", "d1": "island_boards"}, board & islands)
    lab = whole | {"cube": "performing_lab", "d1": "EDI"}
    assert tied(lab, quarter & (pl.col("cube") == "performing_lab+sample_type") & (pl.col("d1") == "EDI"))
    assert tied(lab, (pl.col("cube") == "performing_lab") & (pl.col("d1") == "EDI") & (pl.col("grain") == "month")
                & (pl.col("part") == "whole"))  # fmt: skip
    assert tied(scotland, (pl.col("cube") == "") & (pl.col("grain") == "quarter") & pl.col("part").is_in(["in", "out"]))


def test_every_tie_is_found_by_any_count_that_it_holds() -> None:
    _, ties = toy.table()
    for count in range(0, int(ties.count.max()), 37):
        assert set(ties.of_counts(np.array([count]))) == set(ties.tie[ties.count == count])
    chosen = np.array([0, 3, 17])
    assert np.array_equal(ties.pairs(chosen), np.flatnonzero(np.isin(ties.tie, chosen)))
