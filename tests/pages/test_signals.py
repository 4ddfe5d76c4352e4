"""The page Signals in every view, preset, role and state: what it says, and that its buttons open what they name."""

from __future__ import annotations

import pytest

from tests.pages.conftest import text_of
from ui.signals_filters import RUN, VIEWS, address, open_chart
from ui.signals_presets import BY_NAME, RUN_PRESETS, XMR_PRESETS


def html_of(app) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("view", VIEWS.values(), ids=list(VIEWS))
@pytest.mark.parametrize("shown", ["Share within standard", "Median days to report"])
def test_every_view_of_every_measure_states_a_finding_with_its_period_and_quality(open_page, view, shown):
    app = open_page("signals", chart_of=view.label, shown=shown)
    assert not app.exception
    assert app.title[0].value == "Signal or noise"
    text = text_of(app)
    if view.key == "technology":
        assert "no chart can be drawn" in text, "the made-up release holds nothing by technology"
        return
    assert "Data quality:" in text
    assert "XmR chart." in text
    assert "What this measures" in [expander.label for expander in app.expander]
    assert ('class="gm-card"' in html_of(app)) == (view.dimension is not None)


@pytest.mark.parametrize("preset", BY_NAME.values(), ids=list(BY_NAME))
def test_every_preset_is_named_with_its_rules_and_its_false_alarms(open_page, preset):
    chart = {"chart": RUN, "run_rules": preset.label} if preset.is_run_chart else {"rules": preset.label}
    text = text_of(open_page("signals", **chart))
    assert f"Rules: {preset.label}." in text
    most = "at most " if preset.allows else ""
    assert f"mark {most}about {100 * preset.marked:.0f} months in 100" in text
    assert ("do not enter the limits that judge them" in text) == preset.allows
    assert ("limits start again" in text) == ("Standards change" in text)


@pytest.mark.parametrize("role", ["Viewer", "Board manager", "Planner", "Data steward", "Administrator"])
def test_every_role_may_read_it(open_page, role):
    app = open_page("signals")
    names = [option for option in app.sidebar.selectbox[0].options if option.lower() == role.lower()]
    assert names
    app.sidebar.selectbox[0].select(names[0]).run()
    assert not app.exception
    assert app.title[0].value == "Signal or noise"


def test_limits_start_again_with_the_reason_that_the_release_holds(open_page):
    text = text_of(open_page("signals", **address("category", "Complex rare disease")))
    assert "Average and limits start again in July 2024: The standard went from 84 to 42 days" in text
    assert "Points from July 2023 until then are settling: drawn, and not judged." in text
    assert "Decided on 28 November 2026" in text


def test_what_is_hidden_or_missing_says_so_and_draws_nothing(open_page):
    hidden = open_page("signals", "hidden", **address("lab", "Dundee"))
    assert "missing or hidden" in hidden.info[-1].value
    assert not hidden.get("plotly_chart")
    empty = open_page("signals", "empty")
    assert "does not publish this measure" in empty.info[-1].value


def test_late_months_are_open_and_not_judged(open_page):
    text = text_of(open_page("signals", "late"))
    assert "Open points are provisional or incomplete: they may change and are not judged." in text


def test_a_place_that_the_release_does_not_know_falls_back(open_page):
    app = open_page("signals", chart_of="Laboratory", lab="Nowhere", rules="None")
    assert not app.exception
    assert "Aberdeen" in app.header[1].value


def test_an_island_board_is_charted_with_the_others_and_says_so(open_page):
    text = text_of(open_page("signals", **address("board", "Orkney")))
    assert "Orkney" in text


def test_a_button_opens_the_chart_that_its_sentence_is_of(open_page):
    app = open_page("signals")
    buttons = [button for button in app.button if button.label == "Show chart"]
    assert buttons
    place = buttons[0].proto.help.removeprefix("Opens the chart of ").removesuffix(" below")
    buttons[0].click().run()
    assert not app.exception
    assert app.header[1].value.startswith(f"{place}:")


def test_a_label_that_two_dimensions_share_opens_the_chart_of_its_own(monkeypatch):
    """`Whole genome` is a category and a technology."""
    state: dict[str, str] = {}
    monkeypatch.setattr("ui.signals_filters.st.session_state", state)
    open_chart(tuple(address("category", "Whole genome").items()), "whole_genome")
    assert (state["chart_of"], state["category"]) == ("category", "whole_genome")
    open_chart(tuple(address("technology", "Whole genome").items()), "wgs")
    assert (state["chart_of"], state["technology"]) == ("technology", "wgs")


def test_home_tells_the_largest_changes_and_links_to_all(open_page):
    text = text_of(open_page("home"))
    assert "What changed, beyond chance" in text


def test_the_presets_offered_are_all_there_are():
    assert {preset.name for preset in (*XMR_PRESETS, *RUN_PRESETS)} == set(BY_NAME)
