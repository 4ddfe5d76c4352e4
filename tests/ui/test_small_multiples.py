"""Small charts: one scale, list order, hidden and empty ones told, nothing from outside run as HTML, few bytes."""

from __future__ import annotations

import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from tests.ui.signals_series import charts_of, points
from tests.ui.test_signals import STEADY
from ui.signals_presets import BY_NAME
from ui.small_multiples import HEIGHT, ICONS, WIDTH, Scale, cards, heading_icons, icons, key

SOURCE = re.compile(r'src="data:image/svg\+xml,([^"]*)"')


def drawings(html: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(unquote(text)) for text in SOURCE.findall(html)]


def test_cards_stand_in_the_order_of_the_list_whatever_their_figures():
    drawn = charts_of(points({"GLA": [0.5] * 14, "ABE": STEADY}))
    html = cards(drawn, {"ABE": "Aberdeen", "GLA": "Glasgow"})
    assert html.index("Aberdeen") < html.index("Glasgow")


def test_every_drawing_can_be_read_and_stays_on_its_surface():
    drawn = charts_of(points({"ABE": [*STEADY, None, 0.1, 0.99]}, provisional=1))
    html = cards(drawn, {"ABE": "Aberdeen"})
    for drawing in drawings(html):
        left, top, width, height = map(float, drawing.attrib["viewBox"].split())
        for circle in drawing.iter("{http://www.w3.org/2000/svg}circle"):
            x, y = float(circle.attrib.get("cx", 0)), float(circle.attrib.get("cy", 0))
            assert left <= x <= left + width
            assert top <= y <= top + height


def test_the_same_value_lies_at_the_same_height_on_every_chart():
    scale = Scale(charts_of(points({"ABE": [0.8] * 14, "GLA": [0.4, 0.5] * 7})))
    assert scale.y(0.8) == scale.y(0.8)
    assert scale.y(1.0) < scale.y(0.8) < scale.y(0.4) <= HEIGHT
    assert (scale.x(scale.first), scale.x(scale.last)) == (6, WIDTH - 6)


def test_a_hidden_month_is_drawn_as_hidden_and_a_provisional_one_open():
    html = unquote(cards(charts_of(points({"ABE": [*STEADY, None, 0.9]}, provisional=1)), {"ABE": "Aberdeen"}))
    assert ">[c]</text>" in html
    assert "<circle" in html
    assert "fill='#ffffff'" in html


def test_a_place_without_a_chart_says_why():
    drawn = charts_of(points({"ABE": STEADY}))
    told = cards(
        type(drawn)(**{**drawn.__dict__, "without": {"OUT": "Too few requests for a point a quarter."}}),
        {"ABE": "Aberdeen", "OUT": "Elsewhere"},
    )
    assert "Too few requests for a point a quarter." in told


def test_a_name_is_text_and_never_markup():
    html = cards(charts_of(points({"ABE": STEADY})), {"ABE": "<script>alert(1)</script>"})
    assert "<script>" not in html


def test_icons_differ_in_shape_and_say_their_meaning():
    icon = {"variation": "concern_low", "assurance": "fail", "caution": None}
    html = icons(icon)
    assert 'alt="getting worse"' in html
    assert 'alt="misses the line unless something changes"' in html
    assert "rect" in unquote(html)
    assert len({(shape, name) for name, (shape, _, _) in ICONS.items()}) == len(ICONS)


def test_no_verdict_on_the_target_where_limits_are_not_to_be_trusted():
    icon = {"variation": "improvement_high", "assurance": "fail", "caution": "unsteady"}
    assert "misses the line" not in icons(icon)
    assert heading_icons({"variation": None, "assurance": None, "caution": None}) == ""


def test_the_key_names_the_target_only_where_there_is_one():
    frame = points({"ABE": STEADY})
    assert "relied on" in key(charts_of(frame))
    assert "relied on" not in key(charts_of(frame, target=None))
    assert "relied on" not in key(charts_of(frame, BY_NAME["scottish_run_chart"]))


def test_a_chart_of_five_and_a_half_years_takes_few_bytes():
    names = {f"{place}": f"Place {place}" for place in range(20)}
    html = cards(charts_of(points(dict.fromkeys(names, STEADY * 4))), names)
    assert len(html) < 120_000


@pytest.mark.parametrize("scheme", ["http:", "https:", "javascript:"])
def test_nothing_is_fetched(scheme):
    html = unquote(cards(charts_of(points({"ABE": STEADY})), {"ABE": "Aberdeen"}))
    assert scheme not in html.replace("xmlns='http://www.w3.org/2000/svg'", "")
