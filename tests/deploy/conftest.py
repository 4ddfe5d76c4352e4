"""The files of deploy/, and processes that have no more rights than the guide gives them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from catalogue.contracts import ROOT
from tests.access.conftest import provider  # noqa: F401 - a fixture

DEPLOY = ROOT / "deploy"

#: Number of a user that exists nowhere: stands for the one of the two users that a test does not act as.
NOBODY = 61_002

#: Root without its powers is a plain user: what it may do rests on owner, group and mode. So the tests can act as the
#: app or as the build also where they run as root.
POWERLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--clear-groups")


@pytest.fixture
def powerless() -> Sequence[str]:
    """What makes the command after it run as a user without powers; skips where that cannot be tried."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("changing owners needs root, and giving up its powers the command setpriv")
    return POWERLESS


def set_permissions(data: Path, app: int, build: int) -> None:
    """Runs the script of the guide."""
    subprocess.run([str(DEPLOY / "permissions.sh"), str(data), str(app), str(build)], check=True)


def can(before: Sequence[str], verb: str, path: Path) -> bool:
    """Whether a user can read or write a file, or list a folder or make an entry in it."""
    script = {
        "read": 'if [ -d "$1" ]; then ls "$1"; else cat "$1"; fi',
        "write": 'if [ -d "$1" ]; then mkdir "$1/tried" && rmdir "$1/tried"; else : >> "$1"; fi',
    }[verb]
    return (
        subprocess.run([*before, "sh", "-c", script, "sh", str(path)], capture_output=True, check=False).returncode == 0
    )
