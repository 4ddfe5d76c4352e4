"""docs/deployment.md: every environment variable that the code reads is in its table, and no other of ours."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from catalogue.contracts import ROOT
from tests.deploy.conftest import DEPLOY

GUIDE = ROOT / "docs" / "deployment.md"
CODE = ("app.py", "server.py", "benchmarks", "capacity", "catalogue", "docs", "expectations", "methods", "pages",
        "pipelines", "ui")  # fmt: skip

#: Ways to read the environment: `os.environ.get(NAME)`, `os.getenv(NAME)`, `os.environ[NAME]`.
READS = {"environ.get", "os.getenv", "getenv", "environ.setdefault", "environ.pop"}


def modules() -> list[Path]:
    """Every file of Python that is no test."""
    return [path for name in CODE for path in ([ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*.py"))]


def variables_read(source: str) -> set[str]:
    """The environment variables that a module reads; one that is named by nothing fixed is told as `?`."""
    tree = ast.parse(source)
    fixed = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and any(ast.unparse(node.func).endswith(way) for way in READS):
            asked = node.args[0]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ"):
            asked = node.slice
        else:
            continue
        found.add(str(asked.value) if isinstance(asked, ast.Constant) else str(fixed.get(ast.unparse(asked), "?")))
    return found


def in_the_table() -> set[str]:
    """The names in the first column of the guide's table."""
    return set(re.findall(r"^\| `([A-Z_]+)` \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE))


def test_each_way_to_read_the_environment_is_seen():
    source = "import os\nA = 'ONE'\nos.environ.get(A)\nos.environ['TWO']\nos.getenv('THREE')\nos.environ.get(other())"
    assert variables_read(source) == {"ONE", "TWO", "THREE", "?"}


def test_every_variable_that_the_code_reads_is_in_the_table():
    read = {path.relative_to(ROOT): variables_read(path.read_text(encoding="utf-8")) for path in modules()}
    assert {"GENOMICS_DATA", "GENOMICS_ACCESS", "GENOMICS_ROUNDING_SECRET"} <= set().union(*read.values())
    assert not {str(path): names for path, names in read.items() if names - in_the_table()}


def test_every_variable_of_ours_in_the_table_is_read():
    read = set().union(*(variables_read(path.read_text(encoding="utf-8")) for path in modules()))
    assert not {name for name in in_the_table() if name.startswith("GENOMICS_")} - read


def test_every_variable_that_the_units_set_is_in_the_table():
    units = [path.read_text(encoding="utf-8") for path in (*DEPLOY.glob("*.service"), DEPLOY / "app.env")]
    named = {name for text in units for name in re.findall(r"^(?:Environment=|# )?([A-Z_]{6,})=", text, re.MULTILINE)}
    assert {"GENOMICS_DATA", "HTTPS_PROXY"} <= named
    assert not named - in_the_table()
