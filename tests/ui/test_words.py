"""Tests of ui/words.py: values, findings and changes say no more than the figures can tell."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from catalogue.indicators import indicators
from ui import words
from ui.figure import Quality, Query
from ui.figures import ask

SHARE = indicators()["reported_within_standard"]
LATE = indicators()["overdue_backlog"]


def row(numerator: int | None, denominator: int | None, **more: Any) -> dict[str, Any]:
    """A row of a share."""
    value = numerator / denominator if numerator is not None and denominator else None
    base = {"statistic": "share", "state": "shown", "value": value, "lower": None, "upper": None}
    return base | {"numerator": numerator, "denominator": denominator, "period_status": "final"} | more


def test_a_share_of_few_has_no_decimals():
    assert words.percent(0.8234, 5_000) == "82.3%"
    assert words.percent(0.8234, 200) == "82%"


@pytest.mark.parametrize(("state", "mark"), [("confidential", "[c]"), ("not_available", "[x]")])
def test_a_value_that_is_not_shown_is_its_shorthand(state, mark):
    assert words.amount(row(3, 10, state=state)) == mark


def test_periods_are_named_in_words():
    october, september = dt.date(2026, 10, 31), dt.date(2026, 9, 30)
    assert words.period("month", dt.date(2026, 10, 1), october) == "October 2026"
    assert words.period("quarter", dt.date(2026, 7, 1), september) == "July to September 2026"
    assert words.period("year", dt.date(2025, 11, 1), october) == "12 months to October 2026"


def test_a_small_difference_is_no_clear_change():
    text = words.change(SHARE, row(805, 1000), row(800, 1000))
    assert text.startswith("No clear change on a year before (80.0%; 95% interval ")


def test_a_clear_difference_names_its_size_its_interval_and_which_way_is_good():
    better = words.change(SHARE, row(900, 1000), row(800, 1000))
    worse = words.change(LATE, row(900, 1000), row(800, 1000))
    assert better.startswith("10.0 percentage points higher than a year before (80.0%; 95% interval +6.9 to +13.1)")
    assert better.endswith(": an improvement.")
    assert worse.endswith(": a worsening.")


def test_without_a_year_before_nothing_is_claimed():
    assert "No figure for the same period a year before" in words.change(SHARE, row(1, 2), None)
    assert words.direction(row(8, 10), row(None, None, state="confidential")) is None


def test_days_change_only_where_the_intervals_part():
    now = row(None, 100, statistic="median", value=20.0, lower=18.0, upper=22.0)
    same = row(None, 100, statistic="median", value=22.0, lower=21.0, upper=25.0)
    longer = row(None, 100, statistic="median", value=30.0, lower=27.0, upper=33.0)
    entry = indicators()["turnaround_days"]
    assert words.change(entry, now, same).startswith("No clear change")
    assert words.change(entry, now, longer) == "10 days shorter than a year before (30 days): an improvement."


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [(0.80, 0.85, "below"), (0.88, 0.92, "not clearly different from"), (0.90, 0.95, "at or above")],
)
def test_the_target_is_missed_only_where_the_whole_interval_lies_below(lower, upper, said):
    assert words.against_target(row(8, 10, lower=lower, upper=upper), 0.9) == said


def test_every_state_has_a_title_and_a_sentence(snapshot):
    hidden = Query(
        "reported_within_standard", "month", (("requesting_board", "S08000025"), ("turnaround_category", "nipt"))
    )
    figure = ask(snapshot, hidden)
    title, sentence = words.nothing_to_show(figure, "") or ("", "")
    assert "[c]" in title
    assert "under 10 people" in sentence
    title, sentence = words.nothing_to_show(None, "Days") or ("", "")
    assert title == "Days: not in this release"


def test_lists_read_as_english():
    assert words.joined([]) == ""
    assert words.joined(["a"]) == "a"
    assert words.joined(["a", "b", "c"]) == "a, b and c"


def test_quality_is_said_with_its_reasons():
    quality = Quality("fair", ("3% of rows came back.",), 100, 5)
    assert words.quality(quality) == "Data quality: fair (3% of rows came back)"
    assert words.quality(None) == "Data quality: not graded"


def test_the_glossary_is_read_from_its_document(tmp_path):
    path = tmp_path / "glossary.md"
    path.write_text("# G\n\n| word | meaning |\n| --- | --- |\n| due | on its day |\n| open | not yet |\n")
    assert words.glossary(path) == {"due": "on its day", "open": "not yet"}
    assert words.glossary(tmp_path / "none.md") == {}
    assert "requesting board" in words.glossary()


def test_no_text_of_the_screens_breaks_the_rules_of_wording(snapshot):
    figure = ask(snapshot, Query("reported_within_standard", "month"))
    assert figure is not None
    title, summary = words.within_standard(figure, 0.9)
    assert title.startswith("78.4% of requests due in October 2026 were reported within standard")
    assert "trust" not in (title + summary).lower()
    assert all(ord(letter) < 0x2600 for letter in title + summary)
    assert figure.cells.filter(pl.col("state") != "shown").is_empty()
