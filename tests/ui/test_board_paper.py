"""The paper for a board meeting: whole in one file, every text escaped, its charts drawn where they should be."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser

import polars as pl
import pytest

from ui.board_paper import Paper, Part, Tile, html
from ui.board_paper_charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Series, bounds, svg

BAD = '<script>alert("x")</script> & "more"'


def chart(values: list[float | None], **columns: object) -> pl.DataFrame:
    days = [dt.date(2026, month, 1) for month in range(1, len(values) + 1)]
    fixed: dict[str, object] = {"lower": 0.0, "centre": 5.0, "upper": 10.0, "special_cause": None, "direction": None}
    return pl.DataFrame({"period": days, "value": values}).with_columns(
        **{name: pl.lit(value) for name, value in (fixed | columns).items()}
    )


def paper(**changed: object) -> str:
    usual: dict[str, object] = {
        "board": "NHS Fife", "keep": "May not be passed on.", "scope": "All.", "as_at": "Now.",
        "tiles": (Tile("Open", "12", "now"),), "parts": (Part("A finding", "What it says"),),
        "measures": ("2.1 Named",), "about": ("Good",), "release": "20261115T080000Z-full",
    }  # fmt: skip
    return html(Paper(**(usual | changed)))


class Names(HTMLParser):
    """The elements of a page, and whether each that opens is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as the parser calls it
        self.seen.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as the parser calls it
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_it_says_first_that_it_may_not_be_passed_on_and_last_which_release():
    text = paper()
    body = text[text.index("<body>") :]
    assert body.index("May not be passed on.") < body.index("<h1>") < body.index("20261115T080000Z-full")
    assert "size: A4" in text
    assert "not to be passed on" in text[: text.index("<body>")]


def test_it_asks_for_nothing_from_outside():
    text = paper(parts=(Part("A", "B", chart=Series(chart([1.0, 2.0]), "Alt")),))
    assert not re.search(r"(src|href)=|url\(|@import|https?:", text)


def test_every_text_is_escaped_wherever_it_stands():
    table = pl.DataFrame({BAD: [BAD]})
    part = Part(BAD, BAD, chart=Series(chart([1.0, 2.0]), BAD), table=table, note=BAD)
    text = paper(
        board=BAD, keep=BAD, scope=BAD, as_at=BAD, tiles=(Tile(BAD, BAD, BAD),), parts=(part,), measures=(BAD,),
        about=(BAD,), release=BAD,
    )  # fmt: skip
    reader = Names()
    reader.feed(text)
    assert reader.open == []
    assert "script" not in reader.seen
    assert text.count("&lt;script&gt;") == 17


def test_numbers_stand_to_the_right_and_a_table_without_rows_is_left_out():
    table = pl.DataFrame({"Place": ["A", "B"], "Share": ["86.5%", "[c]"], "Days": [3, 4]})
    text = paper(parts=(Part("A", "B", table=table),))
    assert text.count('class="number"') == 6
    assert "<table>" not in paper(parts=(Part("A", "B", table=table.clear()),))


@pytest.mark.parametrize("share", [True, False])
def test_every_point_lies_within_the_frame_and_higher_is_higher(share):
    values = [0.5, 0.9, 0.7, 1.0] if share else [3.0, 40.0, 12.0, 0.0]
    limits = {"lower": 0.4, "centre": 0.7, "upper": 1.0} if share else {"upper": 30.0}
    text = svg(Series(chart(values, **limits), "Alt", share=share, target=0.9 if share else None))
    points = [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', text)]
    assert len(points) == 4
    assert all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT - BOTTOM for x, y in points)
    by_value = sorted(range(4), key=values.__getitem__)
    assert sorted(range(4), key=lambda place: -points[place][1]) == by_value


def test_a_point_is_placed_by_hand():
    """Counts to 40 give an axis to 50: 25 lie half way up, and the second of three days at its share of the days."""
    series = Series(chart([25.0, 40.0, 0.0]), "Alt")
    assert bounds(series.chart.to_dicts(), series) == (0.0, 50.0)
    points = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg(series))
    half = TOP + (HEIGHT - TOP - BOTTOM) / 2
    assert points[0] == (f"{LEFT:.1f}", f"{half:.1f}")
    assert points[1][0] == f"{LEFT + (WIDTH - LEFT - RIGHT) * 31 / 59:.1f}"


def test_a_signal_is_a_triangle_that_points_its_way_and_a_provisional_month_is_open():
    up, down = (svg(Series(chart([5.0, 9.0], special_cause="outside", direction=way), "")) for way in (1, -1))
    assert up.count("<polygon") == down.count("<polygon") == 2
    assert up != down
    assert 'fill="#ffffff"' in svg(Series(chart([5.0, 9.0], period_status="provisional"), ""))


@pytest.mark.parametrize("values", [[], [None, None], [0.0], [1.0, 1.0]])
def test_a_series_with_little_or_nothing_to_draw_never_fails(values):
    for share in (True, False):
        text = svg(Series(chart(values, lower=None, centre=None, upper=None), "Alt", share=share))
        assert bool(text) == any(value is not None for value in values)
        assert "nan" not in text.lower()
