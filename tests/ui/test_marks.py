"""Marks of charts with a row a group: ranges, the two ends of a row, what is absent."""

from __future__ import annotations

from ui import marks, theme
from ui.drawing import Drawing

HALF = marks.Percentile("median", "Half", theme.NAVY, "circle")
NINE = marks.Percentile("p90", "Nine in ten", theme.CLARET, "diamond")


def cell(value: float | None, state: str = "shown") -> dict[str, object]:
    return {"state": state, "value": value}


def test_a_range_reaches_from_its_mark_and_a_highlight_differs_in_shape_too():
    figure = theme.blank(200)
    marks.ranges_across(figure, [marks.Mark("Fife", 10, 2, 3, "10 days"), marks.Mark("Tayside", 12, 1, 1, "12", True)])
    (drawn,) = figure.data
    assert (list(drawn.x), list(drawn.error_x.array), list(drawn.error_x.arrayminus)) == ([10, 12], [3, 1], [2, 1])
    assert list(drawn.marker.symbol) == ["circle", "diamond"]
    assert drawn.marker.color[0] != drawn.marker.color[1]


def test_two_ends_are_joined_only_where_both_are_shown():
    figure = Drawing()
    rows = {
        ("a", "median"): cell(5), ("a", "p90"): cell(9),
        ("b", "median"): cell(6), ("b", "p90"): cell(None, "confidential"),
    }  # fmt: skip
    said = {key: f"{row['value']} days" for key, row in rows.items() if marks.is_shown(row)}
    marks.percentile_pairs(figure, [("a", "A"), ("b", "B")], rows, (HALF, NINE), "%{{y}}, {end}: %{{text}}", said)
    joined = [trace for trace in figure.data if trace.mode == "lines"]
    assert [list(trace.y) for trace in joined] == [["A", "A"]]
    ends = {trace.name: list(trace.y) for trace in figure.data if trace.mode == "markers"}
    assert ends == {"Half": ["A", "B"], "Nine in ten": ["A"]}
    assert figure.data[-1].hovertemplate == "%{y}, nine in ten: %{text}<extra></extra>"


def test_what_is_absent_is_marked_by_its_shorthand_and_never_by_a_number():
    figure = Drawing()
    marks.absent(figure, [("A", cell(None, "confidential")), ("B", cell(None, "not_available")), ("C", cell(4))], 0)
    assert list(figure.data[0].text) == ["[c]", "[x]"]
    assert list(figure.data[0].y) == ["A", "B"]


def test_names_run_from_the_top_as_categories_even_where_they_are_numbers():
    figure = Drawing()
    marks.names_down(figure, ["1", "2"])
    assert (figure.layout.yaxis.type, list(figure.layout.yaxis.categoryarray)) == ("category", ["2", "1"])


def test_a_long_name_is_broken_over_lines_and_gets_room_and_one_in_lines_stays_as_it_is():
    figure = Drawing()
    names = [
        "Asian, Asian Scottish or Asian British",
        "Greater Glasgow and Clyde",
        "<b>DNA ready<br>to end of assay</b>",
    ]
    marks.names_down(figure, names)
    assert list(figure.layout.yaxis.tickvals) == names
    assert list(figure.layout.yaxis.ticktext) == ["Asian, Asian Scottish or<br>Asian British", *names[1:]]
    assert [marks.row_height([name], 30) for name in names] == [marks.TWO_LINES, 30, marks.TWO_LINES]


def test_two_values_of_a_row_are_joined_and_told_apart_by_shape():
    figure = Drawing()
    rows = [
        {"name": "A", "before": 1, "after": 3, "said": "up"},
        {"name": "B", "before": 5, "after": 4, "said": "down"},
    ]
    marks.before_and_after(figure, rows, ("As planned", "With more"), theme.NAVY)
    assert [list(trace.x) for trace in figure.data if trace.mode == "lines"] == [[1, 3], [5, 4]]
    ends = {trace.name: (list(trace.x), trace.marker.symbol) for trace in figure.data if trace.mode == "markers"}
    assert ends == {"As planned": ([1, 5], "circle-open"), "With more": ([3, 4], "diamond")}
    assert list(figure.layout.yaxis.categoryarray) == ["B", "A"]


def test_a_row_reaches_as_far_as_its_limits():
    (mark,) = marks.marks_of([{"name": "A", "value": 5, "lower": 3, "upper": 9, "said": "5"}], lambda _: True)
    assert (mark.below, mark.beyond, mark.is_highlighted) == (2, 4, True)
