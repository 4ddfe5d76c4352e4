"""docs/on-call.md: every command on the page is one that there is, and can be run as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalogue.contracts import ROOT
from pipelines.cli import main
from pipelines.folders import Folders
from tests.deploy.conftest import DEPLOY
from tests.pipelines.operations.test_state import served

PAGE = (ROOT / "docs" / "on-call.md").read_text(encoding="utf-8")
SPANS = re.findall(r"`([^`\n]+)`", PAGE)
COMMANDS = sorted({span.partition(" ")[2] for span in SPANS if span.startswith(("build ", "app "))})
UNITS = sorted({name for span in SPANS for name in re.findall(r"genomics-[a-z]+(?:\.timer)?", span)})


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_is_understood_and_ends_plainly(command: str, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "audit").mkdir()
    served(Folders(tmp_path))
    done = CliRunner().invoke(main, ["--quiet", "--data", str(tmp_path), *shlex.split(command)])
    assert done.exit_code in (0, 1), done.output
    assert "unexpected error" not in done.output


def test_commands_are_found_on_the_page() -> None:
    assert {"health", "status", "verify", "refresh", "rollback", "publish", "audit", "metrics --out -"} <= {*COMMANDS}


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_of_the_page_is_shipped(unit: str) -> None:
    assert (DEPLOY / (unit if unit.endswith(".timer") else f"{unit}.service")).is_file()


def test_places_that_the_page_links_to_are_there() -> None:
    for file, place in re.findall(r"\]\(([a-z.-]+)#([a-z-]+)\)", PAGE):
        headings = re.findall(r"^#+ (.+)$", (ROOT / "docs" / file).read_text(encoding="utf-8"), re.MULTILINE)
        assert place in {heading.lower().replace(" ", "-") for heading in headings}


def test_the_page_is_one_page() -> None:
    assert len(PAGE.split()) < 900
