"""Every method says where it comes from, and the page that lists them is the one that the code makes."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import methods
from docs.methods_page import PAGE, methods_page, paragraph, public_functions
from methods.reasons import REASONS

MODULES = [name for _, name, is_package in pkgutil.iter_modules(methods.__path__) if not is_package]
#: What serves the methods and is none itself.
WITHOUT_SOURCE = {"estimates", "reasons"}
FUNCTIONS = {
    f"{name}.{function}": part
    for name in MODULES
    if name not in WITHOUT_SOURCE
    for function, part in public_functions(importlib.import_module(f"methods.{name}")).items()
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_method_names_its_source(name: str) -> None:
    assert paragraph(FUNCTIONS[name], "Source:"), f"{name} says no Source: in its docstring"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_reasons_that_a_method_lists_exist(name: str) -> None:
    listed = paragraph(FUNCTIONS[name], "Reasons:")
    codes = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", listed)) - {"by"}
    assert codes <= set(REASONS) | set(re.findall(r"`([\w.]+)`", listed)), f"{name} lists a reason that is not one"


def test_every_reason_is_given_by_some_method() -> None:
    files = [path for path in Path(methods.__path__[0]).rglob("*.py") if path.stem != "reasons"]
    source = "\n".join(path.read_text() for path in files)
    assert [code for code in REASONS if f'"{code}"' not in source] == []


def test_the_page_is_the_one_that_the_code_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == methods_page(), "run: python -m docs.methods_page"
