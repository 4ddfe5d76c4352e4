"""The two scripts that start the app rest on screens alone, and each module of the build side stands by itself."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from catalogue.contracts import ROOT

OURS = {"app", "benchmarks", "capacity", "catalogue", "expectations", "methods", "pages", "pipelines", "server", "ui"}


@pytest.mark.parametrize("script", ["app.py", "server.py"])
def test_a_script_imports_screens_only(script: str) -> None:
    tree = ast.parse((ROOT / script).read_text(encoding="utf-8"))
    named = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    named += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.partition(".")[0] for name in named} & OURS <= {"ui"}


#: Loads every module of the build side as the first of ours, as a command does that needs only some of them.
EACH_FIRST = """
import importlib, pkgutil, sys
import pipelines
names = [module.name for module in pkgutil.walk_packages(pipelines.__path__, "pipelines.")]
names.remove("pipelines.__main__")
for name in names:
    for loaded in [one for one in sys.modules if one.partition(".")[0] == "pipelines"]:
        del sys.modules[loaded]
    importlib.import_module(name)
print(len(names))
"""


@pytest.mark.slow
def test_each_module_of_the_build_side_can_be_loaded_first() -> None:
    found = subprocess.run([sys.executable, "-c", EACH_FIRST], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr[-600:]
    assert int(found.stdout) > 90
