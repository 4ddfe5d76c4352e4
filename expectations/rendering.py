"""How an expectation of ours reads in Data Docs: its sentence, and how many of what it checked failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar, cast

from great_expectations.render import LegacyDiagnosticRendererType, LegacyRendererType, RenderedStringTemplateContent
from great_expectations.render.renderer.renderer import renderer

Method = TypeVar("Method", bound=Callable[..., Any])


def shown_as(part: str) -> Callable[[Method], Method]:
    """Marks what a class shows in one part of a page of Data Docs."""
    return cast(Callable[[Method], Method], renderer(renderer_type=part))


class CountsInDocs:
    """The sentence where the library would show a query, and counts where it would show values.

    A count may be words already, such as "under 10", where small numbers were taken out of a result before.
    """

    #: What is counted: rows of the table, or groups of them.
    unit: ClassVar[str] = "rows"

    @classmethod
    @shown_as(LegacyRendererType.PRESCRIPTIVE)
    def _prescriptive_renderer(
        cls, configuration: Any = None, result: Any = None, **_: Any
    ) -> list[RenderedStringTemplateContent]:
        """What must hold, and the share that may fail."""
        found = configuration or result.expectation_config
        words = [str(found.description or found.type)]
        if at_most := found.kwargs.get("at_most"):
            words.append(f"At most {_percent(at_most)} of {cls.unit} may fail.")
        return [_text(" ".join(words))]

    @classmethod
    @shown_as(LegacyDiagnosticRendererType.OBSERVED_VALUE)
    def _diagnostic_observed_value_renderer(cls, result: Any = None, **_: Any) -> str:
        """How many failed of how many."""
        values = result.result or {}
        checked, failing = values.get("element_count"), values.get("unexpected_count")
        if checked is None or failing is None:
            return "Could not be checked."
        if checked == 0:
            return f"There were no {cls.unit} to check."
        share = f" ({_percent(failing / checked)})" if _are_numbers(failing, checked) else ""
        return f"{_count(failing)} of {_count(checked)} {cls.unit}{share}"

    @classmethod
    @shown_as(LegacyDiagnosticRendererType.UNEXPECTED_STATEMENT)
    def _diagnostic_unexpected_statement_renderer(
        cls, result: Any = None, **_: Any
    ) -> list[RenderedStringTemplateContent]:
        """What to do about a failure; the library would repeat the counts here."""
        if result.success:
            return []
        to_do = (result.expectation_config.meta or {}).get("to_do")
        return [_text(f"To do: {to_do}")] if to_do else []

    @classmethod
    @shown_as(LegacyDiagnosticRendererType.UNEXPECTED_TABLE)
    def _diagnostic_unexpected_table_renderer(cls, result: Any = None, **_: Any) -> None:
        """No value of a failing row is shown."""


def _text(words: str) -> RenderedStringTemplateContent:
    # The template's own sign for a value is $; words hold none of their own.
    return RenderedStringTemplateContent(
        content_block_type="string_template", string_template={"template": words.replace("$", "$$")}
    )


def _are_numbers(*counts: Any) -> bool:
    return all(isinstance(count, int | float) for count in counts)


def _count(count: Any) -> str:
    return f"{count:,}" if _are_numbers(count) else str(count)


def _percent(share: float) -> str:
    """A share as percent with at most three figures that count: 0.0005 as 0.05%, 0.3 as 30%."""
    return f"{100 * share:.3g}%"
