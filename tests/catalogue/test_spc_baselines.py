"""Rebases: the shipped rows hold, each fault is named, and each rests on a standard that did change."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from catalogue.contracts import CatalogueError
from catalogue.reference import reference_rows
from catalogue.spc_baselines import Baseline, baselines

GOOD = {
    "indicator": "reported_within_standard",
    "dimension": "performing_lab",
    "code": "DUN",
    "starts": "2025-03-01",
    "judged_from": "",
    "reason": "The laboratory moved to another site.",
    "decided_on": "2025-06-01",
    "source": "Minute of the board",
}


def in_a_file(folder: Path, **changed: str) -> Path:
    folder.mkdir(exist_ok=True)
    with (folder / "spc_baselines.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(GOOD))
        writer.writeheader()
        writer.writerow(GOOD | changed)
    return folder


def test_a_good_row_is_read(tmp_path):
    (row,) = baselines(in_a_file(tmp_path))
    assert (row.starts, row.judged_from) == (dt.date(2025, 3, 1), None)
    (settling,) = baselines(in_a_file(tmp_path / "other", judged_from="2026-03-01"))
    assert settling.judged_from == dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"reason": ""}, "row 2, reason"),
        ({"reason": "   moved   "}, "row 2, reason"),
        ({"source": ""}, "row 2, source"),
        ({"starts": "2025-03-02"}, "first day of a month"),
        ({"starts": "soon"}, "row 2, starts"),
        ({"judged_from": "2025-03-01"}, "after the start"),
        ({"judged_from": "2026-03-02"}, "after the start"),
        ({"judged_from": "later"}, "row 2, judged_from"),
        ({"indicator": "waiting"}, "no indicator waiting"),
        ({"dimension": "planet"}, "no dimension planet"),
        ({"code": "XYZ"}, "XYZ is no value of performing_lab"),
        ({"dimension": "", "code": "DUN"}, "DUN is no value of Scotland as a whole"),
    ],
)
def test_a_fault_is_named_by_row_and_rule(tmp_path, changed, problem):
    with pytest.raises(CatalogueError, match=problem):
        baselines(in_a_file(tmp_path, **changed))


def test_the_shipped_rows_start_after_a_change_of_a_standard_in_force():
    """A rebase of a category rests on a later version of its standard, and starts within half a year of it."""
    versions = [row for row in reference_rows("turnaround_standards") if row["version"] != "1"]
    changed = {row["turnaround_category"]: dt.date.fromisoformat(row["valid_from"]) for row in versions}
    assert baselines()
    for row in baselines():
        held: Baseline = row
        days = [changed[held.code]] if held.dimension == "turnaround_category" else list(changed.values())
        assert all(0 < (held.starts - day).days < 183 for day in days), held
        assert held.indicator == "reported_within_standard"
        assert held.judged_from is not None
        assert "a year, which is assumed" in held.reason
        assert all(365 <= (held.judged_from - day).days < 365 + 183 for day in days), held
