"""Tests of ui/words.py: values, findings and changes say no more than the figures can tell."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import Any

import polars as pl
import pytest

from catalogue.indicators import indicators
from ui import words
from ui.access import demonstration
from ui.data import Snapshot
from ui.figure import Figure, Quality, Query
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
    assert "stands for fewer than 10 people, or could give such a number away" in sentence
    title, sentence = words.nothing_to_show(None, "Days") or ("", "")
    assert title == "Days: not in this release"


def count(value: float) -> dict[str, Any]:
    """A row of a count."""
    return row(None, None, statistic="count", value=value)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (60, 50, "No clear change on a year before (50; 95% range"),
        (335, 295, "No clear change on a year before (295; 95% range"),
        (150, 60, "150% more than a year before (60; 95% range +"),
        (15_820, 15_100, "5% more than a year before (15,100; 95% range +2% to +7%)."),
        (50, 0, "A year before: 0."),
    ],
)
def test_a_count_has_changed_only_where_chance_and_rounding_cannot_explain_it(now, before, said):
    assert words.change(indicators()["requests_received"], count(now), count(before)).startswith(said)


def told(figure: Figure | None, **columns: pl.Expr) -> Figure:
    """A figure with some of its columns changed."""
    assert figure is not None
    cells = figure.cells.with_columns(**columns)
    return dataclasses.replace(figure, cells=cells, history=cells)


def hidden_from(year: int) -> dict[str, pl.Expr]:
    """Every cell from a year on is hidden."""
    late = pl.col("period_start") >= dt.date(year, 1, 1)
    return {
        "state": pl.when(late).then(pl.lit("confidential")).otherwise("state"),
        "value": pl.when(late).then(None).otherwise("value"),
    }


def test_a_hidden_newest_period_is_the_finding_and_the_old_figure_only_its_summary(snapshot):
    late = told(ask(snapshot, Query("overdue_backlog", "month")), **hidden_from(2026))
    title, summary = words.backlog(late)
    assert title == "Past due is hidden [c] at the end of October 2026"
    assert summary.startswith("Last shown: ")
    assert "at the end of December 2025" in summary
    received = told(ask(snapshot, Query("requests_received", "month")), **hidden_from(2026))
    title, summary = words.volumes(received)
    assert title == "The number of requests received is hidden [c] in October 2026"
    assert "in December 2025" in summary


def test_waits_are_told_as_estimates_and_as_provisional_where_they_are(snapshot):
    figure = ask(snapshot, Query("turnaround_days", "month"))
    title, summary = words.waits(told(figure, period_status=pl.lit("final")))
    assert re.match(r"Half of requests received in October 2026 are expected within \d+ days, nine in ten", title)
    assert "estimates, in which requests still open are counted as still waiting" in summary
    assert words.waits(told(figure, period_status=pl.lit("provisional")))[0].startswith("Provisional: half of")


def test_a_percentile_that_is_not_shown_is_not_in_the_finding(snapshot):
    figure = ask(snapshot, Query("turnaround_days", "month"))
    gone = pl.when(pl.col("statistic") == "p90").then(pl.lit("not_available")).otherwise("state")
    title, summary = words.waits(told(figure, state=gone))
    assert "nine in ten" not in title
    assert "When nine in ten are expected is not shown" in summary
    notes = " ".join(words.in_series_notes(told(figure, state=gone)))
    assert "No line is drawn where nothing of it is shown: 90th percentile." in notes


def test_where_most_groups_are_hidden_the_finding_says_so_first(snapshot):
    year = {"grain": "year", "spread": "turnaround_category", "newest_only": True}
    most = pl.when(pl.col("code") != "nipt").then(pl.lit("confidential")).otherwise("state").alias("state")
    shares = told(ask(snapshot, Query("reported_within_standard", **year)), state=most)
    title, summary = words.by_group(shares, "turnaround categories", 0.9)
    assert title == "15 of 16 turnaround categories are hidden [c]"
    assert summary.startswith("Of the 1 shown, none clearly below the 90% line, 1 clearly at or above it")
    days = told(ask(snapshot, Query("turnaround_days", **year)), state=most)
    title, summary = words.waits_by_group(days, "turnaround categories", {"nipt": 7.0})
    assert title == "The 90th percentile is hidden [c] for 15 of 16 turnaround categories"
    assert "Medians: 15 hidden [c]." in summary


def test_a_reason_uses_the_words_of_the_glossary():
    text = "Open issues (over 20% of requests): falls short of this aim: 70% in every residence board."
    assert words.reason(text) == text.rstrip(".").replace("residence board", "board of residence")


def test_rows_behind_a_figure_name_their_extracts():
    quality = Quality("good", (), 649_210, 70, ("testing", "turnaround"))
    assert words.rows_behind(quality).startswith("649,210 rows of the testing and turnaround extracts accepted, 70 ")
    assert words.rows_behind(Quality("good", (), 10, 5)).startswith("10 rows of the extracts behind it accepted")
    assert not words.rows_behind(Quality("good", (), 0, 0))


def test_the_line_is_named_a_comparison_where_the_entry_says_so():
    assert words.about_target(SHARE).startswith("The 90% line is written down in Scotland for two")
    assert words.about_target(LATE) == ""


def test_lists_read_as_english():
    assert words.joined([]) == ""
    assert words.joined(["a"]) == "a"
    assert words.joined(["a", "b", "c"]) == "a, b and c"


def test_quality_is_said_with_symbol_word_and_reasons():
    quality = Quality("fair", ("Validity (1% to 5% of requests): rows came back.",), 100, 5)
    assert (
        words.quality(quality)
        == "\N{CIRCLE WITH LEFT HALF BLACK} fair (Validity (1% to 5% of requests): rows came back)"
    )
    assert words.quality(None) == "not graded"


def test_the_grade_beside_a_figure_is_of_its_own_place_and_period(snapshot):
    dundee = ask(snapshot, Query("turnaround_days", "month", (("performing_lab", "DUN"),)))
    edinburgh = ask(snapshot, Query("turnaround_days", "month", (("performing_lab", "EDI"),)))
    assert words.quality_of(dundee) == "Data quality: \N{CIRCLE WITH LEFT HALF BLACK} fair in October 2026."
    assert words.quality_of(edinburgh) == "Data quality: \N{BLACK CIRCLE} good in October 2026."


def test_a_series_that_ends_before_the_trouble_began_is_not_marked_by_it(snapshot):
    before = Query("turnaround_days", "month", (("performing_lab", "DUN"),), None, None, dt.date(2026, 5, 1))
    assert words.quality_of(ask(snapshot, before)) == "Data quality: \N{BLACK CIRCLE} good in May 2026."


def test_a_series_says_how_many_of_its_periods_are_poor(late):
    figure = ask(Snapshot(demonstration(), late), Query("turnaround_days", "month", (("performing_lab", "DUN"),)))
    assert figure.quality.poor_periods == 2
    assert words.quality_of(figure).endswith("Poor in 2 of the newest 12 months.")


def test_only_the_newest_year_is_counted_as_that_is_what_every_check_looks_at(late):
    figure = ask(Snapshot(demonstration(), late), Query("turnaround_days", "month", (("performing_lab", "DUN"),)))
    assert figure.cells["period_start"].n_unique() == 66
    assert figure.quality.periods == 12
    quarters = ask(Snapshot(demonstration(), late), Query("turnaround_days", "quarter", (("performing_lab", "DUN"),)))
    assert quarters.quality.periods in (3, 4)


def test_one_group_alone_is_not_counted_as_one_of_one():
    assert words.so_many(1, 1, "receiving laboratories") == "The only one of the receiving laboratories is"
    assert words.so_many(0, 1, "receiving laboratories") == "The only one of the receiving laboratories is not"
    assert words.so_many(0, 4, "laboratories") == "None of the 4 laboratories is"


def test_places_side_by_side_say_how_many_are_poor(snapshot):
    figure = ask(snapshot, Query("ethnicity_recorded", "year", (), "residence_board", newest_only=True))
    assert figure.quality.poor_groups == 4
    assert "Poor for 4 of the 14 shown side by side." in words.quality_of(figure)


def test_what_is_not_published_has_the_grade_of_the_whole_measure(snapshot):
    figure = ask(snapshot, Query("ethnicity_recorded", "month", (("technology", "wgs"),)))
    assert figure is not None
    assert figure.state == "not_published"
    assert figure.quality == snapshot.facts.quality["ethnicity_recorded"]
    assert words.quality_of(figure) == "Data quality: \N{WHITE CIRCLE} poor."


def test_the_reasons_of_a_grade_come_with_what_to_do_and_how_it_was_made():
    text = words.why_graded(Quality("poor", ("Rows lack.",), 100, 5, to_do=("Dundee: send them.",)), "By shares.")
    assert text.split("\n") == [
        "**Why \N{WHITE CIRCLE} poor**", "- Rows lack.", "", "**What to do**", "- Dundee: send them.", "",
        "**How grades are made.** By shares.",
    ]  # fmt: skip
    assert "Nothing is known to be wrong" in words.why_graded(Quality("good", (), 100, 5), "")


@pytest.mark.parametrize(
    ("state", "value", "shown", "why"),
    [
        ("shown", 0.70, True, ""),
        ("shown", 0.58, False, "Recorded for 58% of people; below 70% gaps are not shown"),
        (
            "confidential",
            None,
            False,
            "How many people have a recorded ethnic group is hidden [c], so gaps are not shown",
        ),
    ],
)
def test_gaps_are_shown_only_where_enough_is_recorded(state, value, shown, why):
    assert words.gaps_shown({"state": state, "value": value, "denominator": 400}, 0.7) == (shown, why)


def test_it_is_said_for_how_many_places_gaps_are_not_shown(snapshot):
    figure = ask(snapshot, Query("ethnicity_recorded", "year", (), "residence_board", newest_only=True))
    assert words.gaps_by_group(figure, "boards of residence") == ""
    low = dataclasses.replace(
        figure,
        cells=figure.cells.with_columns(value=pl.when(pl.col("code") == "S08000031").then(0.6).otherwise("value")),
    )
    said = words.gaps_by_group(low, "boards of residence")
    assert said == "Below 70% recorded, gaps between ethnic groups are not shown: 1 of 14 boards of residence."


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


def test_a_grade_in_a_cell_is_never_parted_from_its_symbol():
    assert [words.grade_cell(grade) for grade in ("good", "poor", None)] == [
        f"{words.GRADE['good'][0]}\N{NO-BREAK SPACE}Good",
        f"{words.GRADE['poor'][0]}\N{NO-BREAK SPACE}Poor",
        "Not graded",
    ]
