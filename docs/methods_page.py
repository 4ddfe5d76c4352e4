"""The page docs/methods.md, made from the docstrings of methods/ by `python -m docs.methods_page`."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import methods
from methods.reasons import REASONS

PAGE = Path(__file__).parent / "methods.md"

OPENING = """# Methods

Made from the docstrings of `methods/` by `python -m docs.methods_page`; edit those instead. `methods/` is a library of
pure functions of columns: it knows nothing of genomics, files or screens, holds no random numbers, and can be used
outside this product with Polars, NumPy and SciPy alone.

**How it answers.** A method of single rows takes Polars expressions and returns a struct; a method of groups takes a
frame and returns a frame. Both have the same five columns: `value`, `lower`, `upper`, `method` (what was done, in
words) and `reason`, a code that is set exactly where one of the three numbers is null. One bad row or group is
answered with its reason and never stops a table; `methods.estimates.insist` stops at the first for those who want
that. A parameter that makes no sense is refused at once with ValueError.

**How it is checked.** Against answers of established packages (`tests/golden/`, each file with the package, version
and call), against slow plain second versions, worked examples and the laws that a method obeys
(`tests/methods/`). Speed: `docs/benchmarks.md`.
"""


def methods_page() -> str:
    """The page as Markdown."""
    named = [name for _, name, is_package in pkgutil.iter_modules(methods.__path__) if not is_package]
    modules = [importlib.import_module(f"methods.{name}") for name in named]
    codes = [f"| `{code}` | {sentence} |" for code, sentence in REASONS.items()]
    reasons = ["## Reasons", "", "| code | says |", "| --- | --- |", *codes, ""]
    sections = [line for module in modules if public_functions(module) for line in _section(module)]
    return "\n".join([OPENING, *sections, *reasons])


def public_functions(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """The functions that a module offers, in the order in which they stand."""
    found = {name: part for name, part in vars(module).items() if not name.startswith("_") and callable(part)}
    return {
        name: part
        for name, part in found.items()
        if inspect.isroutine(inspect.unwrap(part)) and part.__module__ == module.__name__
    }


def paragraph(part: Callable[..., Any], opening: str) -> str:
    """The paragraph of a docstring that opens so, without the opening and in one line; empty where there is none."""
    for block in (inspect.getdoc(part) or "").split("\n\n"):
        for start in (line for line in block.splitlines() if line.startswith(opening)):
            words = block[block.index(start) + len(opening) :].split("\nSource:")[0].split("\nReasons:")[0]
            return " ".join(words.split())
    return ""


def _section(module: ModuleType) -> list[str]:
    rows = [_row(name, part) for name, part in public_functions(module).items()]
    head = ["| function | gives | source |", "| --- | --- | --- |"]
    return [f"## {module.__name__}", "", inspect.getdoc(module) or "", "", *head, *rows, ""]


def _row(name: str, part: Callable[..., Any]) -> str:
    given = ", ".join(inspect.signature(part).parameters)
    return f"| `{name}({given})` | {_cell(paragraph(part, ''))} | {_cell(paragraph(part, 'Source:'))} |"


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(methods_page(), encoding="utf-8")
