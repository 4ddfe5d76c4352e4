"""ui/workforce_words.py: findings by rule, of many posts, of few and of none."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from ui import workforce_words as said
from ui.workforce_filters import Choice

HERE = Choice("DUN", "genetic_technologist")


def cell(value: float, numerator: int, denominator: int, **more) -> dict:  # type: ignore[type-arg]
    return {"state": "shown", "value": value, "numerator": numerator, "denominator": denominator, **more}


@pytest.mark.parametrize(
    ("row", "choice", "told"),
    [
        (cell(0.079, 35, 440), Choice(), "35 of about 440 posts are vacant in Scotland: vacancy rate 7.9%"),
        (
            cell(0.25, 0, 1),
            HERE,
            "Less than 1 of about 1 post of genetic technologists is vacant in Dundee: vacancy rate 25%",
        ),
        (cell(0.2, 1, 5), HERE, "1 of about 5 posts of genetic technologists is vacant in Dundee: vacancy rate 20%"),
        (cell(0.0, 0, 5), HERE, "No post of genetic technologists is vacant in Dundee"),
    ],
)
def test_posts_are_told_as_published_and_no_finer(row, choice, told):
    assert said.posts(row, choice) == told


def test_the_laboratory_with_most_vacant_and_least_in_time_is_said_to_be_both():
    rows = [{"site": "ABE", "vacancy": 0.05, "within": 0.9}, {"site": "DUN", "vacancy": 0.2, "within": 0.7}]
    assert said.across(rows, "Q").startswith("In Q Dundee had both the highest vacancy rate (20%)")
    rows[0]["within"] = 0.6
    assert (
        "did not line up: most vacant in Dundee (20%), lowest share within standard in Aberdeen (60%)"
        in said.across(rows, "Q")
    )
    assert said.across(rows[:1], "Q") == "Aberdeen alone shows both in Q: vacancy rate 5%, 60% within standard"


def test_a_laboratory_whose_share_hardly_differs_is_said_to_be_the_same():
    row = {"site": "DUN", "more": 0.702, "fewer": 0.7}
    assert "about the same" in said.within_one(row)
    assert "10.0 percentage points lower" in said.within_one(row | {"more": 0.6})
    assert "10.0 percentage points higher" in said.within_one(row | {"more": 0.8})


def test_laboratories_are_counted_by_how_their_share_moved():
    found = pl.DataFrame({"site": ["ABE", "DUN"], "more": [0.7, 0.8], "fewer": [0.75, 0.8]})
    assert "in 1 of 2 laboratories" in said.over_halves(found)
    assert "too few quarters" in said.over_halves(found.clear())


def hours(wte: float, posts: int, week: float, day: dt.date) -> dict:  # type: ignore[type-arg]
    return cell(0.1, 1, posts, in_post_wte=wte, full_time_hours=week, hours_a_week=wte * week, period_end=day)


def test_growth_is_told_of_many_posts_and_not_of_few():
    first, last = dt.date(2024, 3, 31), dt.date(2026, 6, 30)
    title, text = said.in_hours(hours(180, 200, 37.5, first), hours(198, 220, 36, last), Choice())
    # 198 of 180 is 10% more; 7,128 hours of 6,750 are 5.6% more.
    assert title == "All roles in Scotland: up 10% in WTE, up 6% in hours since 31 March 2024"
    assert text == "About 7,130 hours a week are in post, 6,750 then. The full-time week is 36 hours; it was 37.5."
    title, text = said.in_hours(hours(3.6, 4, 37.5, first), hours(5.4, 6, 36, last), HERE)
    assert title == "Genetic technologists in Dundee: about 190 hours a week, 140 on 31 March 2024"
    # Between 4.95 of 4.05 and 5.85 of 3.15.
    assert text.endswith("anything from up 22% to up 86%.")


def test_trainees_are_told_against_the_need_and_what_is_not_shown_is_left_out():
    title, text = said.trainees(cell(0.7, 7, 10), None, None, cell(0.8, 8, 10))
    assert title == "7 trainee clinical scientists started in 12 months; at least 10 are needed"
    assert "known to be low" in text
    assert "80% of 10 who registered stayed in NHS Scotland for 24 months" in text
    assert "on time" not in text
    assert "not fewer than the 10" in said.trainees(cell(1.2, 12, 10), None, None, None)[0]


def test_a_place_without_services_of_one_post_is_said_for_the_role_that_was_chosen():
    assert said.alone([], HERE)[0] == "No service of genetic technologists in Dundee rests on one post"
    one = [{"site": "DUN", "role": "data_scientist"}]
    assert said.alone(one, Choice("DUN"))[0] == "1 service in Dundee rests on about one post"
