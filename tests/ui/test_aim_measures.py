"""What one measure says: its value, direction, target and chance, each against an independent answer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from scipy.stats import linregress, t

from catalogue.indicators import indicators
from tests.ui.store import all_cells, make_store
from ui import signals
from ui.access import Role, demonstration
from ui.aim_measures import Outlook, Told, contradicts, evenly_spaced, in_years, meets, tell
from ui.data import Snapshot
from ui.signals_presets import DEFAULT

WITHIN, RECORDED = indicators()["reported_within_standard"], indicators()["ethnicity_recorded"]
BACKLOG = indicators()["overdue_backlog"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("measures"), "full")


@pytest.fixture(scope="module")
def snapshot(store: Path) -> Snapshot:
    return Snapshot(demonstration(Role.VIEWER), store.parents[2])


def told(snapshot: Snapshot, name: str) -> Told:
    found = tell(snapshot, name)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def held() -> pl.DataFrame:
    """The cells that the store was made of."""
    return all_cells().filter(cube="").sort("period_start")


def test_the_value_is_the_newest_complete_quarter_of_the_store(held, snapshot):
    found = told(snapshot, "reported_within_standard")
    wanted = held.filter(pl.col("period_status") != "incomplete", indicator=WITHIN.id, grain="quarter").row(
        -1, named=True
    )
    assert found.row is not None
    assert (found.row["value"], found.row["period_start"]) == (wanted["value"], wanted["period_start"])
    assert found.figure_id.endswith("/share")


def test_the_direction_is_that_of_the_page_signals(snapshot):
    found = told(snapshot, "reported_within_standard")
    drawn = signals.charts(snapshot, "share", None, DEFAULT.name)
    assert drawn is not None
    assert found.drawn is not None
    assert found.drawn.icons[""] == drawn.icons[""]
    final = drawn.of("").filter("is_final", ~pl.col("is_settling"))
    assert found.points == final.filter(pl.col("section") == final["section"].max()).height


def test_the_chance_is_that_of_a_line_through_log_odds_worked_apart(held, snapshot):
    found = told(snapshot, "ethnicity_recorded")
    final = held.filter(indicator=RECORDED.id, grain="quarter", period_status="final")
    time = np.array([day.year + (day.timetuple().tm_yday - 1) / (366 if day.year % 4 == 0 else 365)
                     for day in final["period_end"]])  # fmt: skip
    odds = np.log(final["value"] / (1 - final["value"])).to_numpy()
    line = linregress(time, odds)
    at = 2029 + 364 / 365
    spread = ((time - time.mean()) ** 2).sum()
    left = odds - line.intercept - line.slope * time
    error = np.sqrt((left**2).sum() / (len(time) - 2) * (1 + 1 / len(time) + (at - time.mean()) ** 2 / spread))
    centre = line.intercept + line.slope * at
    assert found.outlook is not None
    assert found.outlook.value == pytest.approx(1 / (1 + np.exp(-centre)))
    assert found.outlook.points == final.height
    aimed = np.log(0.7 / 0.3)
    assert found.outlook.chance == pytest.approx(t.sf((aimed - centre) / error, len(time) - 2))


def test_points_from_before_the_limits_started_again_are_no_part_of_the_line(held, snapshot):
    found = told(snapshot, "reported_within_standard")
    final = held.filter(
        pl.col("period_start") >= dt.date(2024, 7, 1), indicator=WITHIN.id, grain="quarter", period_status="final"
    )
    if found.outlook is None:
        assert found.no_outlook in ("too_few_points", "contradicted")
        assert found.no_outlook == "contradicted" or final.height < 8
    else:
        assert found.outlook.points == final.height


def test_a_measure_that_is_awaited_or_absent_has_no_usable_figure(snapshot):
    assert told(snapshot, "load_ratio").unusable == "awaited"
    assert told(snapshot, "vacancy_rate").unusable == "absent"
    assert tell(snapshot, "no_such_measure") is None


def test_a_hidden_measure_is_told_as_hidden(tmp_path):
    make_store(tmp_path, "hidden")
    assert told(Snapshot(demonstration(Role.VIEWER), tmp_path), WITHIN.id).unusable == "hidden"


def test_a_measure_of_poor_quality_is_not_usable(tmp_path):
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        con.execute("UPDATE grades SET grade = 'poor' WHERE indicator = 'reported_within_standard'")
        con.execute("UPDATE quality SET grade = 'poor' WHERE indicator = 'reported_within_standard'")
    found = told(Snapshot(demonstration(Role.VIEWER), tmp_path), WITHIN.id)
    assert found.unusable == "poor"
    assert not found.measured.has_figure


@pytest.mark.parametrize(
    ("lower", "upper", "entry", "wanted"),
    [
        (0.90, 0.95, WITHIN, True),
        (0.85, 0.95, WITHIN, None),
        (0.85, 0.90, WITHIN, None),
        (0.80, 0.899, WITHIN, False),
        (0.80, 0.90, BACKLOG, True),
        (0.85, 0.95, BACKLOG, None),
        (0.901, 0.95, BACKLOG, False),
        (None, None, WITHIN, None),
    ],
)
def test_a_target_is_met_or_missed_only_by_the_whole_interval(lower, upper, entry, wanted):
    assert meets({"lower": lower, "upper": upper}, 0.9, entry) is wanted


def leading(value: float) -> Outlook:
    return Outlook(value, 0.1, 0.9, 0.5, 0.8, 9, "quarter", dt.date(2024, 9, 30))


@pytest.mark.parametrize(
    ("value", "variation", "entry", "wanted"),
    [
        (0.7, "improving", WITHIN, True),
        (0.9, "improving", WITHIN, False),
        (0.9, "worsening", WITHIN, True),
        (0.7, "worsening", WITHIN, False),
        (0.7, "improving", BACKLOG, False),
        (0.9, "improving", BACKLOG, True),
        (0.7, "steady", WITHIN, False),
        (0.7, None, WITHIN, False),
    ],
)
def test_a_line_that_leads_the_other_way_than_the_chart_is_not_told(value, variation, entry, wanted):
    assert contradicts(leading(value), variation, entry) is wanted


def test_points_are_even_only_where_each_follows_by_the_same_length_of_time():
    def points(*months: str) -> pl.DataFrame:
        return pl.DataFrame(
            {"grain": ["month"] * len(months), "period_start": [dt.date.fromisoformat(f"{one}-01") for one in months]}
        )

    assert evenly_spaced(points("2026-01", "2026-02", "2026-03"))
    assert not evenly_spaced(points("2025-12", "2026-03", "2026-04"))
    assert evenly_spaced(points("2026-01"))


def test_a_day_in_years_counts_leap_years():
    assert in_years(dt.date(2028, 1, 1)) == 2028
    assert in_years(dt.date(2028, 12, 31)) == pytest.approx(2028 + 365 / 366)
    assert in_years(dt.date(2029, 12, 31)) == pytest.approx(2029 + 364 / 365)
