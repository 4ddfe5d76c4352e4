"""The build's own attack on the small release, as long as it takes under `make study`, and on releases spoilt.

This one asks the build's disclosure control; the attackers of the other modules know nothing of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from catalogue.disclosure import Rules, rules
from catalogue.indicators import WITHOUT_SQL, Indicator, indicators
from pipelines import cubes
from pipelines.build import WAREHOUSE
from pipelines.disclosure import control
from pipelines.disclosure.bounds import first_limits, propagate
from pipelines.disclosure.counts import counts as all_counts
from pipelines.disclosure.hiding import hide_enough
from pipelines.disclosure.relations import relations
from pipelines.disclosure.secret import Secret
from pipelines.errors import PipelineError
from tests.conftest import IS_STUDY, Published

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small")]

COUNTED = {
    "share": cubes.share_cells,
    "snapshot": cubes.share_cells,
    "count": cubes.count_cells,
    "time_to_event": cubes.waiting_cells,
}
#: What the spoilt releases are made of: few measures, so that the whole attack on each takes seconds.
FEW_MEASURES = ("requests_received", "people_tested")


def _exact(small: Published, place: Path, entries: dict[str, Indicator]) -> dict[str, pl.DataFrame]:
    copy = shutil.copy(small.folders.build / WAREHOUSE, place / "warehouse.duckdb")
    with duckdb.connect(str(copy)) as con:
        return {name: COUNTED[entry.kind](con, entry, Secret.of("77" * 32)) for name, entry in entries.items()}


@pytest.fixture(scope="module")
def counted() -> dict[str, Indicator]:
    """The published measures that are counted."""
    return {
        name: entry
        for name, entry in indicators().items()
        if entry.published and entry.counts_people and entry.kind not in WITHOUT_SQL
    }


@pytest.fixture(scope="module")
def exact(
    small: Published, counted: dict[str, Indicator], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, pl.DataFrame]:
    """Exact cells of every measure of the small release."""
    return _exact(small, tmp_path_factory.mktemp("exact"), counted)


def _unhidden(counts: pl.DataFrame, hidden: pl.DataFrame) -> pl.DataFrame:
    """What was hidden to protect others is shown again."""
    return hidden.with_columns(is_shown=counts["is_shown"])


def _cells_of_three(counts: pl.DataFrame, hidden: pl.DataFrame) -> pl.DataFrame:
    """Cells of 3 people are shown. One alone, rounded to 5, can stand for anything from 1 to 9 still."""
    three = (pl.col("people") == 3) & (pl.col("number") == 3) & pl.col("is_published")
    return hidden.with_columns(is_shown=pl.col("is_shown") | three, needs=pl.when(three).then(1).otherwise("needs"))


def _one_left(counts: pl.DataFrame, hidden: pl.DataFrame) -> pl.DataFrame:
    """Every hidden count but those of few people is shown."""
    return hidden.with_columns(is_shown=pl.col("is_shown") | ((pl.col("people") >= 10) & pl.col("is_published")))


Spoil = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]


@pytest.mark.parametrize("spoil", [_unhidden, _cells_of_three, _one_left])
def test_the_gate_stops_a_build_in_which_what_must_be_hidden_is_shown(
    exact: dict[str, pl.DataFrame], counted: dict[str, Indicator], monkeypatch: pytest.MonkeyPatch, spoil: Spoil
) -> None:
    chosen = {name: exact[name] for name in FEW_MEASURES}

    def hidden_and_spoilt(counts: pl.DataFrame, *others: object) -> pl.DataFrame:
        return spoil(counts, hide_enough(counts, *others))  # type: ignore[arg-type]

    monkeypatch.setattr(control, "hide_enough", hidden_and_spoilt)
    with pytest.raises(PipelineError, match="small counts can be worked out") as stopped:
        control.protect(chosen, counted, rules(), seconds=5)
    assert "S0800" not in str(stopped.value)


def test_the_gate_stops_a_build_without_rounding(
    exact: dict[str, pl.DataFrame], counted: dict[str, Indicator], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {name: exact[name] for name in FEW_MEASURES}

    def unrounded(counts: pl.DataFrame, its_rules: Rules) -> tuple[np.ndarray, np.ndarray]:
        exactly = counts.with_columns(draw=pl.lit(0))
        return first_limits(exactly, its_rules.model_copy(update={"rounded_to": 1}))

    monkeypatch.setattr(control, "first_limits", unrounded)
    with pytest.raises(PipelineError, match="small counts can be worked out"):
        control.protect(chosen, counted, rules(), seconds=5)


def test_the_gate_lets_the_same_measures_through_as_they_are(
    exact: dict[str, pl.DataFrame], counted: dict[str, Indicator]
) -> None:
    safe = control.protect({name: exact[name] for name in FEW_MEASURES}, counted, rules())
    attack = safe.audit["attack"]
    assert isinstance(attack, dict)
    assert (attack["told"], attack["blocks_attacked"]) == (0, attack["blocks_in_all"])


def test_the_gate_on_every_measure_finds_nothing_and_the_truth_is_within_every_limit(
    exact: dict[str, pl.DataFrame], counted: dict[str, Indicator]
) -> None:
    safe = control.protect(exact, counted, rules(), seconds=None if IS_STUDY else 10)
    for name in ("attack", "attack_by_boards"):
        found = safe.audit[name]
        assert isinstance(found, dict)
        assert found["told"] == 0
        assert found["small_counts_attacked"] > 1_000
    everybody = safe.audit["attack"]
    assert isinstance(everybody, dict)
    assert everybody["narrowest_range_not_told"] >= rules().told_within
    shown = safe.counts.filter(pl.col("shown").is_not_null())
    assert shown.filter((pl.col("shown") - pl.col("number")).abs() > rules().reach).is_empty()
    assert shown.filter(pl.col("people") < rules().hidden_under).is_empty()
    table = (
        all_counts(exact, counted, rules())
        .drop("is_shown")
        .join(safe.counts.select("row", "is_shown"), on="row", how="left")
    )
    number = table["number"].to_numpy()
    low, high = propagate(relations(table, counted, rules()), first_limits(table, rules()))
    assert ((low <= number) & (number <= high)).all()
