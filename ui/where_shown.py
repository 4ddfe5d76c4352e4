"""On which pages a measure is shown: those that follow from its entry, and those that were found to cite it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from catalogue.contracts import ROOT
from catalogue.indicators import Indicator
from catalogue.reference import labels

#: Which page cites a figure of which measure, as `python -m tests.pages.where_shown` found them.
FOUND = ROOT / "docs" / "where-shown.csv"

#: A page's file, its label and its query.
Link = tuple[str, str, dict[str, str]]

#: Pages that take every measure from its entry: they are linked by rule.
BY_RULE = ("aims", "aim", "re_aim", "definitions", "cited_figure", "release_changes")


def links(entry: Indicator, titles: Mapping[str, str]) -> list[Link]:
    """The pages of a measure, those on its aims first; titles: of every page that the reader may open, by name."""
    aims = [f"{aim} {labels('aims')[str(aim)]}" for aim in entry.aims]
    made: list[Link] = [("pages/aim.py", f"Evidence for aim {name}", {"aim": name}) for name in aims]
    if entry.re_aim != "context":
        made.append(("pages/re_aim.py", f"RE-AIM: {entry.re_aim}", {}))
    return made + [(f"pages/{page}.py", titles[page], {}) for page in pages(entry.id) if page in titles]


def pages(indicator: str) -> tuple[str, ...]:
    """The pages that cite a figure of the measure, without those that do so by rule."""
    return _found().get(indicator, ())


@cache
def _found(path: Path = FOUND) -> Mapping[str, tuple[str, ...]]:
    """Pages by measure; empty where the file is not part of the installation."""
    found: dict[str, list[str]] = {}
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found.setdefault(row["indicator"], []).append(row["page"])
    return {name: tuple(held) for name, held in found.items()}
