"""What stands under each heading of a page: its numbers, and what a reader needs to quote them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from streamlit.testing.v1 import AppTest

from catalogue.citations import Citation, CitationError, TableCitation, parse


@dataclass
class Shown:
    """One section of a page: everything from a heading up to the next.

    drawn: charts, tables, tiles and folding tables in it. texts: everything that can be read. ids: figures that are
    cited. links: addresses of the pages that it links to, with their query.
    """

    title: str
    anchor: str
    drawn: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    ids: list[Citation | TableCitation] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Everything that can be read in the section."""
        return "\n".join(self.texts)

    @property
    def lacks(self) -> set[str]:
        """Which of definition, period, quality and id a reader of its numbers would not find."""
        told = {
            "definition": r"\*\*Counted:\*\*|\*\*Measure:\*\*|^definitions\?",
            "period": r"Data to |[Rr]eported on |\b(19|20)\d\d\b",
            "quality": r"[Dd]ata quality",
        }
        found = {
            name
            for name, pattern in told.items()
            if re.search(pattern, "\n".join([self.text, *self.links]), re.MULTILINE)
        }
        return {*told, "id"} - found - ({"id"} if self.ids else set())


def sections(app: AppTest) -> list[Shown]:
    """The sections of a page in their order; what stands before the first heading belongs to its title."""
    found = [Shown("", "")]
    for element in elements(app.main):
        kind = element.type
        if kind == "header":
            found.append(Shown(element.value, element.proto.anchor))
        _take(found[-1], kind, element)
    return found


def elements(block):  # type: ignore[no-untyped-def]
    """Every element below a block, in the order in which a reader meets them; expanders give their label."""
    for child in block.children.values():
        if hasattr(child, "children"):
            if child.type == "expander":
                yield child
            yield from elements(child)
        else:
            yield child


def _take(section: Shown, kind: str, element) -> None:  # type: ignore[no-untyped-def]
    if kind in ("plotly_chart", "metric", "arrow_table", "table"):
        section.drawn.append(kind)
    if kind == "page_link":
        section.links.append(f"{element.proto.page}?{element.proto.query_string}")
    if kind == "expander":
        section.texts.append(element.label)
        return
    value = getattr(element, "value", None)
    if kind == "code":
        try:
            section.ids.append(parse(str(value)))
        except CitationError:
            section.texts.append(str(value))
    elif kind in ("header", "subheader", "markdown", "caption", "info", "warning", "error", "html"):
        if kind == "html" and 'class="gm-fold' in str(value):
            section.drawn.append("folding")
        section.texts.append(str(value))
    elif kind == "metric":
        section.texts.append(f"{element.label} {value}")
    elif kind in ("arrow_table", "table"):
        section.texts.append(value.to_csv())
