"""Frames taken apart into groups and numbers."""

from __future__ import annotations

import polars as pl
import pytest

from methods.groundwork.groups import GROUP, numbered_groups

FRAME = pl.DataFrame({"area": ["b", None, "b"], "value": [2, 1, 1], "note": ["x", "y", "z"]})


def test_groups_are_numbered_a_null_among_them() -> None:
    keys, rows = numbered_groups(FRAME, ["area"], ["value"])
    assert keys.rows() == [(0, None), (1, "b")]
    assert rows.rows() == [(0, 1.0), (1, 1.0), (1, 2.0)]


def test_without_names_all_is_one_group() -> None:
    keys, rows = numbered_groups(FRAME, [], ["value"])
    assert keys.rows() == [(0,)]
    assert set(rows[GROUP]) == {0}


def test_nan_is_made_null_and_what_is_not_given_is_null() -> None:
    _, rows = numbered_groups(pl.DataFrame({"value": [float("nan"), 1.0]}), [], ["value"], ["weight"])
    assert rows["value"].to_list() == [None, 1.0]
    assert rows.schema["weight"] == pl.Float64
    assert rows["weight"].null_count() == 2


@pytest.mark.parametrize(
    ("by", "needed", "says"),
    [
        ([], ["note"], "numbers"),
        ([], ["rate"], "missing"),
        (["place"], ["value"], "missing"),
        (["value"], ["value"], "by"),
    ],
)
def test_a_frame_that_does_not_fit_is_refused(by: list[str], needed: list[str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        numbered_groups(FRAME, by, needed)
