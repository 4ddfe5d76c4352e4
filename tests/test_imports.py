"""The two scripts that start the app rest on what screens share, and on nothing of the build side."""

from __future__ import annotations

import ast

import pytest

from catalogue.contracts import ROOT

OURS = {"app", "benchmarks", "capacity", "catalogue", "expectations", "methods", "pages", "pipelines", "server", "ui"}


@pytest.mark.parametrize("script", ["app.py", "server.py"])
def test_a_script_imports_screens_only(script: str) -> None:
    tree = ast.parse((ROOT / script).read_text(encoding="utf-8"))
    named = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    named += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.partition(".")[0] for name in named} & OURS <= {"ui"}
