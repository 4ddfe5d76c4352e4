"""Fields left blank: judged by laboratory and field, on the rounded shares that are published."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from ui import quality_fields
from ui.quality_place import SCOTLAND, Place


class Held:
    """A snapshot that holds shares of one field, of one laboratory."""

    def __init__(self, shares: list[float | None], field: str = "priority") -> None:
        months = [dt.date(2024 + place // 12, place % 12 + 1, 1) for place in range(len(shares))]
        self._fields = pl.DataFrame(
            {
                "extract": "testing",
                "submitter": "DUN",
                "period": months,
                "field": field,
                "rows": 500,
                "unknown_share": shares,
            },
            schema_overrides={"unknown_share": pl.Float64},
        )

    def table(self, name: str) -> pl.DataFrame:
        assert name == "fields"
        return self._fields


def worse(shares: list[float | None]) -> list[bool]:
    held: Any = Held(shares)
    return quality_fields.verdicts(quality_fields.charts_of(held, SCOTLAND))["is_worse"].to_list()


USUAL: list[float | None] = [0.10, 0.12, 0.11, 0.13, 0.10, 0.12, 0.11, 0.12, 0.10, 0.13, 0.11, 0.12, 0.10, 0.12]


def test_a_sudden_rise_is_worse_and_a_fall_is_not() -> None:
    assert worse([*USUAL, 0.40]) == [True]
    assert worse([*USUAL, 0.01]) == [False]
    assert worse(USUAL) == [False]


def test_a_rise_that_rounding_could_make_is_left_out() -> None:
    assert worse([*[0.0] * 14, 0.01]) == [False]


@pytest.mark.parametrize("shares", [[None] * 15, [0.0] * 15, [0.2]])
def test_hidden_flat_or_few_shares_are_no_finding_and_no_error(shares: list[float | None]) -> None:
    assert worse(shares) in ([False], [])


def test_a_field_that_may_be_blank_by_rights_is_not_judged() -> None:
    held: Any = Held([*USUAL, 0.90], field="rejection_reason")
    assert quality_fields.charts_of(held, SCOTLAND).is_empty()


def test_a_laboratory_sees_its_own_fields_only() -> None:
    held: Any = Held(USUAL)
    assert quality_fields.charts_of(held, Place("lab", "GLA", "Glasgow")).is_empty()
    assert not quality_fields.charts_of(held, Place("lab", "DUN", "Dundee")).is_empty()
