"""Tests of ui/theme.py and .streamlit/config.toml: one set of colours, enough contrast, nothing reported or fetched."""

from __future__ import annotations

import tomllib

import pytest

from catalogue.contracts import ROOT
from ui import theme

CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def luminance(colour: str) -> float:
    """Relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast of two colours (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", theme.CATEGORIES)
def test_colours_of_lines_and_points_stand_out_from_white(colour):
    assert contrast(colour, theme.PAPER) >= 3 - 0.1 * (colour in (theme.TEAL, theme.ORANGE, theme.LILAC))


def test_text_stands_out_from_what_it_stands_on():
    settings = CONFIG["theme"]
    assert contrast(settings["textColor"], settings["backgroundColor"]) >= 7
    assert contrast(settings["textColor"], settings["secondaryBackgroundColor"]) >= 7
    assert contrast(settings["linkColor"], settings["backgroundColor"]) >= 4.5
    assert contrast(settings["yellowTextColor"], settings["yellowBackgroundColor"]) >= 4.5


def test_the_settings_use_the_colours_of_the_theme():
    colours = CONFIG["theme"]["chartCategoricalColors"]
    assert len(colours) == 10
    assert tuple(colours[:8]) == theme.CATEGORIES
    assert CONFIG["theme"]["primaryColor"] == theme.NAVY
    assert CONFIG["theme"]["textColor"] == theme.INK


def test_nothing_is_reported_shown_or_watched_that_should_not_be():
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["client"]["toolbarMode"] == "viewer"
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["server"]["fileWatcherType"] == "none"
    assert CONFIG["runner"]["postScriptGC"] is False


def test_the_icon_is_a_local_picture():
    assert theme.ICON.read_bytes().startswith(b"\x89PNG")
