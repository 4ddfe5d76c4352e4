"""Tests of ui/figures.py and ui/figure.py: grain, gaps, states and the citable id."""

from __future__ import annotations

import datetime as dt

import polars as pl

from ui import figures
from ui.access import demonstration
from ui.data import Snapshot
from ui.figure import Query
from ui.figures import ask, choose_grain, latest_year

WITHIN = "reported_within_standard"


def test_months_are_chosen_where_points_average_a_hundred_and_quarters_otherwise(snapshot):
    assert choose_grain(snapshot, WITHIN, ()) == "month"
    assert choose_grain(snapshot, WITHIN, (("requesting_board", "S08000025"),)) == "quarter"
    assert choose_grain(snapshot, "overdue_backlog", (("requesting_board", "S08000025"),)) == "month"


def test_the_same_view_has_the_same_id_and_another_view_another(snapshot):
    query = Query(WITHIN, "month", (("performing_lab", "DUN"),), None, dt.date(2025, 1, 1), dt.date(2025, 6, 1))
    figure = ask(snapshot, query)
    assert figure is not None
    assert figure.id == "20261115T080000Z-full/reported_within_standard/performing_lab/DUN/month/2025-01..2025-06"
    other = ask(snapshot, Query(WITHIN, "month", (("performing_lab", "EDI"),), None, query.start, query.end))
    assert other is not None
    assert other.id != figure.id


def test_a_figure_is_made_once_for_a_release_and_anew_for_another(snapshot, late):
    figure = ask(snapshot, Query(WITHIN, "month"))
    assert figure is not None
    assert ask(snapshot, Query(WITHIN, "month")) is figure
    other = ask(Snapshot(demonstration(), late), Query(WITHIN, "month"))
    assert other is not None
    assert other.release.id != figure.release.id


def test_grades_by_grain_and_dimension_are_those_among_all(snapshot):
    every = snapshot.grades(WITHIN)
    kinds = every.select("grain", "dimension").unique().rows()
    assert len(kinds) > 1
    for grain, dimension in kinds:
        assert snapshot.grades_by(WITHIN, grain, dimension).equals(every.filter(grain=grain, dimension=dimension))
    assert snapshot.grades_by(WITHIN, "month", "no_such_dimension").equals(every.clear())


def test_a_cube_that_is_not_registered_is_not_published(snapshot):
    fixed = (("performing_lab", "DUN"), ("requesting_board", "S08000030"))
    figure = ask(snapshot, Query(WITHIN, "month", fixed))
    assert figure is not None
    assert figure.state == "not_published"
    assert figure.cells.is_empty()


def test_an_indicator_outside_the_release_gives_no_figure(snapshot):
    assert ask(snapshot, Query("no_such_measure", "month")) is None


def test_a_small_place_is_hidden_and_carries_no_number(snapshot):
    fixed = (("requesting_board", "S08000025"), ("turnaround_category", "whole_genome"))
    figure = ask(snapshot, Query(WITHIN, "month", fixed))
    assert figure is not None
    assert figure.state == "hidden"
    assert figure.cells.select(pl.col("value", "lower", "upper", "numerator").count()).row(0) == (0, 0, 0, 0)


def test_a_period_without_a_cell_is_a_gap_not_a_line(snapshot):
    fixed = (("requesting_board", "S08000025"), ("turnaround_category", "whole_genome"))
    figure = ask(snapshot, Query(WITHIN, "month", fixed))
    assert figure is not None
    assert figure.cells.height == 66
    assert set(figure.cells["state"]) == {"confidential"}
    assert set(figure.cells["d1"]) == {"island_boards"}


def test_a_group_without_a_cell_in_a_period_is_hidden_like_the_rest(snapshot):
    fixed = (("requesting_board", "S08000025"),)
    figure = ask(snapshot, Query(WITHIN, "month", fixed, "turnaround_category"))
    assert figure is not None
    held = figure.cells["code"].n_unique() * figure.cells["period_start"].n_unique()
    assert figure.cells.height == held > snapshot.cells(WITHIN, "month", dict(fixed), "turnaround_category").height


def test_only_periods_that_lie_wholly_within_the_months_are_given(snapshot):
    limited = ask(snapshot, Query(WITHIN, "quarter", start=dt.date(2026, 2, 1), end=dt.date(2026, 8, 1)))
    none = ask(snapshot, Query(WITHIN, "quarter", start=dt.date(2026, 7, 1), end=dt.date(2026, 8, 1)))
    assert limited is not None
    assert none is not None
    assert limited.cells["period_start"].to_list() == [dt.date(2026, 4, 1)]
    assert none.state == "empty"


def test_places_outside_scotland_are_not_counted():
    assert len(figures.of_scotland("requesting_board") or ()) == 14
    assert figures.of_scotland("performing_lab") == {"ABE", "DUN", "EDI", "GLA"}
    assert figures.of_scotland("turnaround_category") is None


def test_the_headline_is_the_newest_complete_period(late):
    figure = ask(Snapshot(demonstration(), late), Query(WITHIN, "month"))
    assert figure is not None
    assert figure.headline is not None
    assert figure.headline["period_start"] == dt.date(2026, 8, 1)


def test_the_grade_is_that_of_the_period_of_the_headline(late):
    """The newest two months are incomplete and poor; the headline is of the month before them, which was good."""
    figure = ask(Snapshot(demonstration(), late), Query("turnaround_days", "month", (("performing_lab", "DUN"),)))
    assert figure is not None
    assert figure.headline is not None
    assert figure.quality is not None
    assert figure.quality.start == figure.headline["period_start"] == dt.date(2026, 8, 1)
    assert figure.quality.grade == "good"


def test_the_year_before_is_found_even_outside_the_months_asked_for(snapshot):
    figure = ask(snapshot, Query(WITHIN, "month", start=dt.date(2026, 9, 1)))
    assert figure is not None
    assert figure.a_year_before is not None
    assert figure.a_year_before["period_start"] == dt.date(2025, 10, 1)


def test_the_newest_twelve_months_end_in_or_before_the_month_asked_for(snapshot):
    assert latest_year(snapshot, WITHIN, None) == dt.date(2025, 11, 1)
    assert latest_year(snapshot, WITHIN, dt.date(2026, 10, 1)) == dt.date(2025, 11, 1)
    assert latest_year(snapshot, WITHIN, dt.date(2026, 9, 1)) == dt.date(2024, 11, 1)
    assert latest_year(snapshot, WITHIN, dt.date(2021, 9, 1)) is None


def test_a_longer_period_is_drawn_where_most_shorter_ones_are_hidden():
    months = [dt.date(2025, month, 1) for month in range(1, 13)]
    series = {
        "month": pl.DataFrame({"state": ["shown"] * 3 + ["confidential"] * 9, "period_start": months}),
        "year": pl.DataFrame({"state": ["shown"], "period_start": [months[0]]}),
    }
    assert not figures._mostly_shown(series["month"])
    assert figures._mostly_shown(series["year"])
    newest_hidden = pl.DataFrame({"state": ["shown"] * 11 + ["confidential"], "period_start": months})
    assert not figures._mostly_shown(newest_hidden)


def test_an_island_board_crossed_with_another_dimension_is_answered_by_the_islands_together() -> None:
    orkney = (("requesting_board", "S08000025"),)
    assert figures.merged(orkney) == orkney
    assert figures.merged(orkney, "turnaround_category") == (("requesting_board", "island_boards"),)
    crossed = (*orkney, ("turnaround_category", "whole_genome"))
    assert figures.merged(crossed) == (("requesting_board", "island_boards"), ("turnaround_category", "whole_genome"))
    fife = (("requesting_board", "S08000029"), ("turnaround_category", "whole_genome"))
    assert figures.merged(fife) == fife
