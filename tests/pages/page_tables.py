"""The tables of a page, whichever way they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

import pandas as pd
from streamlit.testing.v1 import AppTest

from tests.pages.sections_of import elements


@dataclass(frozen=True)
class Table:
    """A table as a reader sees it: `value` has its headings and its texts; `folds` on a narrow screen, into cards."""

    value: pd.DataFrame
    folds: bool = False


class _Rows(HTMLParser):
    """The rows of a table of HTML, each a list of the texts of its cells."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._is_cell = False

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
            self._is_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td"):
            self._is_cell = False

    def handle_data(self, data: str) -> None:
        if self._is_cell:
            self.rows[-1][-1] += data


def tables(app: AppTest) -> list[Table]:
    """Every table of a page in its order, those that fold on a narrow screen among them."""
    found = []
    for element in elements(app.main):
        if element.type in ("arrow_table", "table"):
            found.append(Table(element.value))
        elif element.type == "html" and 'class="gm-fold' in str(element.value):
            read = _Rows()
            read.feed(str(element.value))
            found.append(Table(pd.DataFrame(read.rows[1:], columns=read.rows[0]), folds=True))
    return found
