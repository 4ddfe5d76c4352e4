"""Fair comparison: crude beside adjusted, between limits, in the order of the list, with what is not allowed for."""

from __future__ import annotations

import re

import pytest

from catalogue.dimensions import dimensions
from tests.pages.conftest import text_of


@pytest.mark.parametrize(
    ("compare", "dimension"),
    [
        ("Requesting boards", "requesting_board"),
        ("Boards of residence", "residence_board"),
        ("Laboratories", "performing_lab"),
    ],
)
def test_crude_stands_beside_adjusted_in_the_order_of_the_list(open_page, compare, dimension):
    app = open_page("comparison", compare=compare)
    assert not app.exception
    assert len(app.get("plotly_chart")) == 2
    table = next(str(html.value) for html in app.get("html") if "Allowing for the mix" in str(html.value))
    labels = list(dimensions()[dimension].labels.values())
    places = [labels.index(name) for name in re.findall('<th role="rowheader" scope="row">(.*?)</th>', table)]
    assert places == sorted(places)
    assert len(places) == (4 if dimension == "performing_lab" else 14)
    heads = re.findall('<th role="columnheader" scope="col">(.*?)</th>', table)
    assert heads[2:5] == ["In time, as it is", "Allowing for the mix", "95% limits"]


def test_it_says_what_is_allowed_for_and_what_is_not(open_page):
    text = text_of(open_page("comparison"))
    assert "**Allowed for:** the mix of turnaround category, technology and month" in text
    assert "**Not allowed for:** how ill people were" in text
    assert "says nothing of rank" in text


def test_the_title_counts_the_places_and_none_is_ranked(open_page):
    title = open_page("comparison").header[0].value
    assert "lower than expected for the mix of tests" in title


def test_on_a_release_whose_shares_are_hidden_no_place_is_compared(open_page):
    app = open_page("comparison", "hidden")
    assert not app.get("plotly_chart")
    assert "hidden [c]" in app.header[0].value


def test_a_choice_that_the_address_makes_up_falls_back_to_requesting_boards(open_page):
    app = open_page("comparison", compare="Hack")
    assert not app.exception
    assert "by requesting board" in text_of(app)
