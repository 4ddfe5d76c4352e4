"""What the release before tells: it narrows what stayed the same, and its own years are tied to the months of now."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from pipelines.disclosure.bounds import first_limits
from pipelines.disclosure.counts import counts as all_counts
from pipelines.disclosure.previous import shown_before, with_earlier
from pipelines.disclosure.relations import relations
from pipelines.errors import PipelineError
from tests.pipelines.disclosure import toy

QUARTER = {"grain": "quarter", "period_start": toy.MONTHS[0]}


def store(place: Path, cells: list[tuple[object, ...]], told: dict[str, str]) -> Path:
    """An earlier protected store with these cells: cube, d1, grain, start, end, state, numerator, denominator."""
    path = place / "20260101T000000Z-aaaaaaaa" / "protected.duckdb"
    path.parent.mkdir()
    schema = {
        "cube": pl.String, "d1": pl.String, "grain": pl.String, "period_start": pl.Date, "period_end": pl.Date,
        "state": pl.String, "numerator": pl.Int64, "denominator": pl.Int64,
    }  # fmt: skip
    frame = pl.DataFrame(cells, schema=schema, orient="row").with_columns(
        indicator=pl.lit(toy.ENTRY.id),
        d2=pl.lit(None, pl.String),
        d3=pl.lit(None, pl.String),
        statistic=pl.lit("share"),
    )
    release = pl.DataFrame(list(told.items()), schema=["key", "value"], orient="row")
    with duckdb.connect(str(path)) as con:
        for name, table in (("cells", frame), ("release", release)):
            con.register("incoming", table)
            con.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
            con.unregister("incoming")
    return path


def scotland(state: str, numerator: int | None, denominator: int | None) -> tuple[object, ...]:
    return ("", None, "quarter", toy.MONTHS[0], dt.date(2026, 3, 31), state, numerator, denominator)


def test_a_share_that_showed_tells_its_parts_and_one_that_did_not_its_whole(tmp_path: Path) -> None:
    path = store(tmp_path, [scotland("shown", 90, 600)], {"rounding_reach": "4"})
    before = shown_before(path, toy.ENTRIES)
    assert dict(before.select("part", "before").iter_rows()) == {"in": 90, "out": 510}
    assert before["before_reach"].unique().to_list() == [4]


def test_a_hidden_share_tells_its_whole_where_that_shows(tmp_path: Path) -> None:
    before = shown_before(store(tmp_path, [scotland("confidential", None, 600)], {"rounding_reach": "4"}), toy.ENTRIES)
    assert before.select("part", "before", "before_reach").rows() == [("whole", 600, 4)]


def test_a_synthetic_release_from_before_the_keyed_rounding_tells_nothing(tmp_path: Path) -> None:
    assert shown_before(store(tmp_path, [scotland("shown", 90, 600)], {}), toy.ENTRIES).is_empty()


def test_what_still_fits_narrows_a_count_and_what_does_not_is_left(tmp_path: Path) -> None:
    base = all_counts({toy.ENTRY.id: toy.exact(toy.requests(1, 600))}, toy.ENTRIES, toy.RULES)
    inside = base.filter(cube="", part="in", **QUARTER)["number"].item()
    fits = inside + 3
    path = store(tmp_path, [scotland("shown", fits, fits + 10_000)], {"rounding_reach": "4"})
    counts = with_earlier(base, shown_before(path, toy.ENTRIES), toy.ENTRIES, toy.RULES)
    lower, upper = first_limits(counts, toy.RULES)
    row = counts.filter(cube="", part="in", **QUARTER)["row"].item()
    assert fits - 4 <= lower[row] <= inside <= upper[row] <= fits + 4
    other = counts.filter(cube="", part="out", **QUARTER)["row"].item()
    assert upper[other] < 9_000


def test_a_year_that_only_the_release_before_had_is_tied_to_its_months(tmp_path: Path) -> None:
    base = all_counts({toy.ENTRY.id: toy.exact(toy.requests(1, 600))}, toy.ENTRIES, toy.RULES)
    year = ("", None, "year", toy.MONTHS[0], dt.date(2026, 3, 31), "confidential", None, 600)
    before = shown_before(store(tmp_path, [year], {"rounding_reach": "4"}), toy.ENTRIES)
    counts = with_earlier(base, before, toy.ENTRIES, toy.RULES)
    (past,) = counts.filter("is_past").to_dicts()
    assert (past["number"], past["is_shown"], past["is_published"]) == (600, False, False)
    ties = relations(counts, toy.ENTRIES, toy.RULES)
    held = [set(ties.count[ties.tie == tie]) - {past["row"]} for tie in ties.of_counts(np.array([past["row"]]))]
    months = counts.filter(pl.col("grain") == "month", cube="", part="whole")
    assert set(months["row"]) in held
    assert first_limits(counts, toy.RULES)[0][past["row"]] == 596


def test_a_store_that_cannot_be_read_stops_the_build(tmp_path: Path) -> None:
    path = tmp_path / "20260101T000000Z-aaaaaaaa" / "protected.duckdb"
    path.parent.mkdir()
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(PipelineError, match="20260101T000000Z-aaaaaaaa"):
        shown_before(path, toy.ENTRIES)


def test_the_first_release_has_nothing_before_it() -> None:
    assert shown_before(None, toy.ENTRIES).is_empty()
