"""Work in hand from shown counts, and the files that readers take away."""

from __future__ import annotations

import csv as csv_reader
import io

import pytest

from ui.data import Snapshot
from ui.outlook_filters import Choice
from ui.outlook_measures import in_hand, older_queues
from ui.outlook_sections import build
from ui.outlook_show import csv


def test_weeks_of_work_in_hand_are_the_open_over_the_weekly_reports_of_the_newest_quarter(snapshot: Snapshot) -> None:
    """Hand-worked from the cells: the newest whole quarter, July to September, has 92 days."""
    waiting = snapshot.cells("open_requests", "month", {"performing_lab": "DUN"})
    done = snapshot.cells("requests_reported", "quarter", {"performing_lab": "DUN"})
    done = done.filter(period_status="provisional").sort("period_start").tail(1)
    is_open, reported = waiting.sort("period_start")["numerator"][-1], done["numerator"].item()
    row = next(row for row in in_hand(snapshot, "performing_lab") if row["code"] == "DUN")
    assert row["weeks"] == pytest.approx(is_open / (reported / (92 / 7)))
    assert row["least"] == pytest.approx((is_open - 4) / ((reported + 4) / (92 / 7)))
    assert row["most"] == pytest.approx((is_open + 4) / ((reported - 4) / (92 / 7)))


def test_scotland_stands_first_and_a_hidden_place_has_no_weeks(snapshot: Snapshot) -> None:
    rows = in_hand(snapshot, "requesting_board")
    assert rows[0]["name"] == "Scotland"
    assert len(rows) == 15
    for row in rows:
        assert (row["weeks"] is None) == (row["open"] is None or row["reported"] is None)


def test_older_queues_are_those_of_older_extracts(snapshot: Snapshot, late) -> None:
    assert older_queues(snapshot) == []


def test_a_download_says_whose_release_it_is_and_holds_no_hidden_number(snapshot: Snapshot) -> None:
    shown = build(snapshot, "where_else", Choice())
    rows = list(csv_reader.DictReader(io.StringIO(csv(shown, snapshot.release).decode("utf-8-sig"))))
    assert len(rows) == 14
    assert {row["release"] for row in rows} == {snapshot.release.id}
    assert {row["note"] for row in rows} == {"synthetic, not for quotation"}
    hidden = [row for row in rows if row["state"] == "confidential"]
    assert hidden
    assert all(row[name] == "[c]" for row in hidden for name in ("expected", "lower", "upper", "naive"))
