"""RE-AIM: measures by dimension, and what may be said of groups of people."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import duckdb
import polars as pl
import pytest

from catalogue.indicators import Indicator
from tests.ui.store import make_store
from ui import re_aim
from ui.access import Role, demonstration
from ui.data import Snapshot
from ui.re_aim import ByGroup

GAP = {
    **dict.fromkeys(("measure", "dimension", "area", "code", "compared_with", "state"), pl.String),
    **dict.fromkeys(("is_known", "is_found"), pl.Boolean),
}
E5 = "within_standard_by_group"


def gap(
    dimension: str, code: str, state: str = "shown", found: bool | None = False, **more: object
) -> dict[str, object]:
    usual = {"measure": E5, "area": "scotland", "compared_with": "x", "is_known": True}
    return usual | {"dimension": dimension, "code": code, "state": state, "is_found": found} | more


def with_gaps(place: Path, *rows: dict[str, object], recorded: float = 0.0) -> Snapshot:
    """A release with these gaps; recorded: the share of people with an ethnic group that lets gaps be shown."""
    store = make_store(place, "full")
    with duckdb.connect(str(store)) as con:
        con.register("incoming", pl.DataFrame(list(rows), schema=GAP).to_arrow())
        con.execute("CREATE OR REPLACE TABLE gaps AS SELECT * FROM incoming")
        con.execute("UPDATE release SET value = ? WHERE key = 'gaps_need_recorded'", [str(recorded)])
    return Snapshot(demonstration(Role.VIEWER), place)


def test_gaps_are_counted_of_scotland_among_those_shown_and_recorded(tmp_path):
    snapshot = with_gaps(
        tmp_path,
        gap("simd_quintile", "1", found=True),
        gap("simd_quintile", "2"),
        gap("sex", "F", "confidential", None),
        gap("ethnic_category", "asian"),
        gap("ethnic_category", "not_recorded", found=True, is_known=False),
        gap("simd_quintile", "1", found=True, area="S08000029"),
        gap("simd_quintile", "1", found=True, measure="no_answer"),
    )
    found = re_aim.by_group(snapshot, E5)
    assert found == ByGroup(compared=3, hidden=1, found=1, within=("simd_quintile",), withheld=False)
    assert re_aim.groups_in_words(found) == (
        "A gap is found in 1 of 3 comparisons: Deprivation quintile. Hidden [c]: 1 more."
    ).replace("Deprivation quintile", re_aim.dimensions()["simd_quintile"].label)


def test_ethnic_groups_are_left_out_where_too_few_people_have_one_recorded(tmp_path):
    snapshot = with_gaps(tmp_path, gap("sex", "F"), gap("ethnic_category", "asian", found=True), recorded=0.99)
    found = re_aim.by_group(snapshot, E5)
    assert found == ByGroup(compared=1, hidden=0, found=0, within=(), withheld=True)
    assert "too few people have one recorded" in re_aim.groups_in_words(found)


def test_what_was_not_compared_is_said_to_be_not_compared(tmp_path):
    snapshot = with_gaps(tmp_path, gap("sex", "F"))
    assert re_aim.groups_in_words(re_aim.by_group(snapshot, "reported_within_standard")) == "Not compared by group yet."


def test_a_release_without_gaps_compares_nothing(tmp_path):
    with duckdb.connect(str(make_store(tmp_path, "full"))) as con:
        con.execute("DROP TABLE gaps")
    assert re_aim.by_group(Snapshot(demonstration(Role.VIEWER), tmp_path), E5) is None


def test_the_dimensions_are_those_of_the_framework_in_order_and_none_is_called_research():
    assert "".join(name[0] for name in re_aim.ASKS) == "reaim"
    assert set(re_aim.ASKS) == set(get_args(Indicator.model_fields["re_aim"].annotation)) - {"context"}


def test_every_measure_of_a_dimension_is_counted_once_in_its_finding(tmp_path):
    make_store(tmp_path, "full")
    snapshot = Snapshot(demonstration(Role.VIEWER), tmp_path)
    for name in re_aim.ASKS:
        lines = re_aim.of_dimension(snapshot, name)
        counted = sum(int(word) for word in re_aim.level(lines).replace(",", " ").split() if word.isdigit())
        assert counted == len(lines), name


@pytest.mark.parametrize("name", ["reach", "maintenance"])
def test_measures_carry_their_own_dimension(tmp_path, name):
    make_store(tmp_path, "full")
    lines = re_aim.of_dimension(Snapshot(demonstration(Role.VIEWER), tmp_path), name)
    assert {line.told.entry.re_aim for line in lines} == {name}
