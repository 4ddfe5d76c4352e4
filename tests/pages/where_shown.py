"""Finds which page cites a figure of which measure by opening each, and writes docs/where-shown.csv.

Run with the data folder of a published release of `tests.conftest.small`: `python -m tests.pages.where_shown FOLDER`.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from catalogue.citations import Citation
from catalogue.contracts import ROOT
from tests.pages.sections_of import sections
from ui.data import ENVIRONMENT
from ui.definition_show import TITLES
from ui.where_shown import FOUND


def cited_by(app: AppTest) -> set[str]:
    """The measures of which a page cites a figure."""
    return {one.indicator for section in sections(app) for one in section.ids if isinstance(one, Citation)}


def write(found: Mapping[str, set[str]]) -> None:
    """A row a page and measure, in a fixed order; found: measures by page."""
    with FOUND.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("indicator", "page"))
        out.writerows(sorted((name, page) for page, names in found.items() for name in names))


def _opened(page: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    if page != "home":
        app.run()
        app.switch_page(f"pages/{page}.py")
    app.run()
    return app


if __name__ == "__main__":
    os.environ[ENVIRONMENT] = str(Path(sys.argv[1]).resolve())
    # The app finds its pages through app.py, as server.py has it.
    PagesManager.uses_pages_directory = False
    write({page: cited_by(_opened(page)) for page in TITLES})
