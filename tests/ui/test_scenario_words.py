"""What the page Scenarios says where no hires reach a goal, and of files that hold no scenario."""

from __future__ import annotations

import polars as pl
import pytest

from capacity.hires import Search
from ui.scenario_words import no_hires, unreadable, why_no_hires

CURVE = pl.DataFrame({"posts": [0], "percent": [60.0]})
LATE = pl.DataFrame(
    {
        "category": ["rare_complex", "cancer_lung", "nipt", "predictive", "rare_standard"],
        "due_count": [400.0, 200.0, 100.0, 50.0, 50.0],
        "late_count": [60.0, 25.0, 10.0, 5.0, 0.0],
    }
)


@pytest.mark.parametrize(
    ("nearest", "ends"),
    [
        (None, "at most 87%"),
        ({}, "at most 87%, and it is there without any"),
        ({"bioinformatician": 1}, "at most 87%, and 1 post brings 86%"),
        ({"bioinformatician": 1, "clinical_scientist": 3}, "at most 87%, and 4 posts bring 86%"),
    ],
)
def test_where_no_hires_will_do_the_finding_says_how_far_they_get_and_at_what_price(nearest, ends):
    found = Search(None, 86.7, True, CURVE, 3, nearest, None if nearest is None else 85.8, LATE)
    told = no_hires(found, 90.0, "Dundee", "March 2030")
    assert told == f"No hires bring 90% within standard at Dundee by March 2030: {ends}"


def test_it_says_who_brings_most_of_it_and_what_would_still_be_late():
    told = why_no_hires(Search(None, 86.7, True, CURVE, 3, {"bioinformatician": 1}, 85.8, LATE), 40, "1 April 2027")
    assert told.startswith("1 bioinformatician, from 1 April 2027, ")
    assert "(60%)" in told
    assert "(25%)" in told
    assert "(10%)" in told
    assert "(5%)" not in told
    assert "The rest is not hours" in told


def test_files_that_hold_no_scenario_are_said_in_one_or_many():
    assert unreadable(1).startswith("**1 file in the folder of saved scenarios holds none** and is not in the list")
    assert unreadable(3).startswith("**3 files in the folder of saved scenarios hold none** and are not in the list")
