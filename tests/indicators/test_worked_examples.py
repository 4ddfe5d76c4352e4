"""Every indicator has its SQL or formula, its entry and a worked example, and the three agree."""

from __future__ import annotations

from typing import Any

import pytest

from catalogue.indicators import Indicator, indicators
from pipelines.models import read_models
from tests.indicators.worked import FOLDER, columns_of, example, name_of, work_formula, work_sql

ENTRIES = [entry for entry in indicators().values() if entry.kind != "awaited"]
MODELS = {model.name: model for model in read_models()}


def in_order(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(str(sorted(row.items())) for row in rows)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_the_worked_example_comes_out(entry: Indicator) -> None:
    worked = example(entry.id)
    if entry.kind == "derived":
        rows = work_formula(entry, worked["given"])
        wanted = list(worked["expect"][0])
        rows = [{name: row[name] for name in wanted} for row in rows]
    else:
        columns, rows = work_sql(MODELS[name_of(entry)], worked["given"])
        assert columns == columns_of(entry)
    assert in_order(rows) == in_order(worked["expect"])


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_the_worked_example_has_an_edge_case(entry: Indicator) -> None:
    worked = example(entry.id)
    given = max(len(rows) for rows in worked["given"].values())
    states = {row.get("state", row.get("numerator", row.get("is_event"))) for row in worked["expect"]}
    people = [row.get("person_id") for row in worked["expect"]]
    assert (
        len(states) > 1  # rows come out differently
        or given > len(worked["expect"])  # a row is left out
        or len(set(people)) < len(people)  # a person counts twice
    )


def test_no_example_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.yml")} == {entry.id for entry in ENTRIES}
