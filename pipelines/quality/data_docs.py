"""Data Docs: the checks of a build as web pages that can be handed to a data owner, one a table and an index.

Great Expectations renders them, from the counts of the protected table `checks`, so that they hold no value of a
person and no count that may not be shown. Its own page frame loads scripts, styles and a logo from other machines;
the frame here loads nothing, and says so to the browser.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import great_expectations as gx
import polars as pl
from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.render import (
    RenderedDocumentContent,
    RenderedHeaderContent,
    RenderedSectionContent,
    RenderedStringTemplateContent,
    RenderedTableContent,
)
from great_expectations.render.renderer.content_block.validation_results_table_content_block import (
    ValidationResultsTableContentBlockRenderer,
)
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, DictLoader

from catalogue.disclosure import rules

Row = dict[str, Any]

#: What a status is called; in words, since a colour alone tells some readers nothing.
WORDS = {
    "pass": "✓ Pass",
    "warn": "! Warning",
    "fail": "✗ Fail",
    "not_applicable": "– Not applicable",
    "error": "✗ Could not be checked",
}
OPEN = ("fail", "error", "warn")
HIDDEN = "[c]"
PROTECTED = (
    f"Counts of rows of people are rounded up or down to a multiple of {rules().rounded_to}. {HIDDEN}: hidden, because "
    f"it is under {rules().hidden_under}, or could give such a number away. No value of a person is here."
)
FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ page_title }}</title>
<style>
body { font: 16px/1.5 sans-serif; color: #1a1a1a; margin: 1.5rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #767676; padding: .4rem .6rem; text-align: left; vertical-align: top; }
h5, h6 { font-size: 1.15rem; margin: 1.5rem 0 .3rem; }
p { margin: .2rem 0; }
.open { font-weight: bold; }
.table-responsive { overflow-x: auto; }
.table-responsive .table { min-width: 44rem; }
.table-responsive .table-sm { min-width: 0; width: auto; }
.table-responsive td:first-child { white-space: nowrap; }
</style>
</head>
<body>
<main>
<h1>{{ page_title }}</h1>
{% for section in sections %}{% set section_loop = loop -%}{% include 'section.j2' %}{% endfor %}
</main>
</body>
</html>
"""


class _Page(DefaultJinjaPageView):  # type: ignore[misc]  # the library tells no types
    """The library's page in a frame of our own."""

    _template = "frame.j2"

    def __init__(self) -> None:
        super().__init__()
        self.env.loader = ChoiceLoader([DictLoader({self._template: FRAME}), self.env.loader])


class CheckTable(ValidationResultsTableContentBlockRenderer):  # type: ignore[misc]
    """The library's table of results with words for each status, counts as they may be shown, and what to do."""

    @classmethod
    def _process_content_block(cls, content_block: Any, has_failed_evr: bool, render_object: Any = None) -> None:
        super()._process_content_block(content_block, has_failed_evr, render_object)
        content_block.header_row = ["Status", "What must hold", "What was found", "Who answers for it"]

    @classmethod
    def _get_content_block_fn(cls, expectation_type: str, expectation_config: Any = None) -> Callable[..., Any]:  # noqa: ARG003 - the library's signature
        return cls._row

    @staticmethod
    def _row(result: Any, **_: Any) -> list[list[Any]]:
        check = result.meta["check"]
        is_open = check["status"] in OPEN
        to_do = f"What to do: {check['to_do']}" if is_open and check["to_do"] else ""
        said = [_text(text) for text in (check["sentence"], check["why"], to_do) if text]
        status = _text(WORDS[check["status"]], "open" if is_open else "")
        return [[status, said, _text(_found(check)), _text(check["owner"])]]


class _TablePage(ValidationResultsPageRenderer):  # type: ignore[misc]
    """The library's validation page without its links to pages that are not written."""

    def __init__(self) -> None:
        table = {"class_name": CheckTable.__name__, "module_name": __name__}
        super().__init__(
            {"class_name": "ValidationResultsColumnSectionRenderer", "table_renderer": table}, run_info_at_end=True
        )

    @classmethod
    def _render_validation_header(cls, validation_results: Any) -> RenderedHeaderContent:
        return RenderedHeaderContent(
            header=_text(f"Checked on {validation_results.meta['checked_on']}"),
            subheader=_link("index.html", "All tables"),
        )

    @classmethod
    def _render_validation_statistics(cls, validation_results: Any) -> RenderedTableContent:
        return RenderedTableContent(table=[[WORDS[s], n] for s, n in validation_results.statistics.items() if n])

    @classmethod
    def _render_validation_info(cls, validation_results: Any) -> RenderedTableContent:
        version = validation_results.meta["great_expectations_version"]
        return RenderedTableContent(table=[["Made with Great Expectations", version]])


def write_data_docs(folder: Path, checks: pl.DataFrame, made_at: dt.datetime) -> None:
    """Write `index.html` and a page for each checked table into a new folder.

    checks: the protected table `checks`; where it leaves a count out, the pages say "[c]".
    """
    folder.mkdir(parents=True)
    view, pages = _Page(), _TablePage()
    by_table = {str(name): list(part.iter_rows(named=True)) for (name,), part in _in_order(checks)}
    for table, rows in by_table.items():
        document = pages.render(_validation(table, rows, made_at))
        document.page_title = f"Checks of {table}"
        (folder / f"{table}.html").write_text(view.render(document), encoding="utf-8")
    (folder / "index.html").write_text(view.render(_index(by_table, made_at)), encoding="utf-8")


def _in_order(checks: pl.DataFrame) -> Any:
    """The checks by table, open ones first within each."""
    place = pl.col("status").replace_strict({status: number for number, status in enumerate(OPEN)}, default=len(OPEN))
    return checks.sort("table_name", place, "name").group_by("table_name", maintain_order=True)


def _validation(table: str, rows: list[Row], made_at: dt.datetime) -> ExpectationSuiteValidationResult:
    """Rows of the protected table `checks` as the library's own result of a suite."""
    results = [
        ExpectationValidationResult(
            success=row["status"] not in OPEN,
            expectation_config=_configuration(row),
            result={},
            meta={"check": row},
            exception_info={"raised_exception": False, "exception_traceback": None, "exception_message": None},
        )
        for row in rows
    ]
    return ExpectationSuiteValidationResult(
        success=all(result.success for result in results),
        results=results,
        suite_name=table,
        statistics=_counts(rows),
        meta={
            "great_expectations_version": gx.__version__,
            "checked_on": f"{made_at:%-d %B %Y}",
            "run_id": made_at.isoformat(),
        },
    )


def _configuration(row: Row) -> ExpectationConfiguration:
    return ExpectationConfiguration(type=row["expectation"], kwargs={"column": row["column_name"] or "The whole table"})


def _counts(rows: list[Row]) -> dict[str, int]:
    """How many checks have each status."""
    return {status: sum(row["status"] == status for row in rows) for status in WORDS}


def _index(by_table: dict[str, list[Row]], made_at: dt.datetime) -> RenderedDocumentContent:
    rows = []
    for table, checks in by_table.items():
        told = ", ".join(f"{WORDS[status]}: {count}" for status, count in _counts(checks).items() if count)
        is_open = any(check["status"] in OPEN for check in checks)
        rows.append([_link(f"{table}.html", table), _text(told, "open" if is_open else "")])
    section = RenderedSectionContent(
        content_blocks=[
            RenderedHeaderContent(header=_text(f"Checked on {made_at:%-d %B %Y}"), subheader=_text(PROTECTED)),
            RenderedTableContent(table=rows, header_row=["Table", "Checks"]),
        ]
    )
    return RenderedDocumentContent(sections=[section], page_title="Checks on the data")


def _found(check: Row) -> str:
    """What a check found, in words."""
    if check["status"] == "error":
        return "It could not be checked."
    if check["status"] == "not_applicable":
        return "There was nothing to check."
    if check["rows_checked"] == 0:
        return "There are no rows."
    what = check["counted"]
    checked = HIDDEN if check["rows_checked"] is None else f"{check['rows_checked']:,}"
    allowed = f" Up to {check['at_most']:.1%} may." if check["at_most"] else ""
    if check["rows_failing"] is None:
        return f"Some {HIDDEN} of {checked} {what} fail.{allowed}"
    share = f" ({check['share']:.1%})" if check["share"] else ""
    return f"{check['rows_failing']:,} of {checked} {what} fail{share}.{allowed}"


def _text(text: str, css: str = "") -> RenderedStringTemplateContent:
    styling = {"classes": [css]} if css else {}
    return RenderedStringTemplateContent(
        string_template={"template": "$text", "params": {"text": text}, "tag": "p", "styling": styling}
    )


def _link(address: str, text: str) -> RenderedStringTemplateContent:
    styling = {"params": {"text": {"tag": "a", "attributes": {"href": address}}}}
    return RenderedStringTemplateContent(
        string_template={"template": "$text", "params": {"text": text}, "tag": "p", "styling": styling}
    )
