"""Backups by each of the two users, and the rights in what was restored from both."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from catalogue.contracts import ROOT
from tests.deploy.conftest import NOBODY, can, set_permissions
from tests.pipelines.keeping.record import contents, make_record, run

OURS = 0


def keep(before: Sequence[str], data: Path, part: str, to: Path) -> subprocess.CompletedProcess[str]:
    """A backup of a part by the user that the tests act as, without its powers."""
    command = [sys.executable, "-m", "pipelines", "--quiet", "--data", str(data), "backup", "--part", part, str(to)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([*before, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_each_user_keeps_its_own_part_and_is_refused_the_others(powerless, tmp_path):
    data = make_record(tmp_path / "data").data
    held = contents(data)
    for users, own, other in [((NOBODY, OURS), "build", "app"), ((OURS, NOBODY), "app", "build")]:
        set_permissions(data, *users)
        done = keep(powerless, data, own, tmp_path / own)
        assert (done.returncode, done.stderr) == (0, "")
        for part in (other, "all"):
            refused = keep(powerless, data, part, tmp_path / own)
            assert refused.returncode == 1
            assert "run it as the user whose part it is" in refused.stderr
            assert refused.stderr.count("\n") == 1
    kept = [next((tmp_path / part).glob(f"*-{part}")) for part in ("build", "app")]
    assert run(tmp_path / "again", "restore", *map(str, kept)).exit_code == 0
    assert contents(tmp_path / "again") == held


def test_after_a_restore_each_user_has_its_rights_again(powerless, tmp_path):
    data, again = make_record(tmp_path / "data").data, tmp_path / "again"
    assert run(data, "backup", str(tmp_path / "kept")).exit_code == 0
    assert run(again, "restore", str(next((tmp_path / "kept").glob("*-all")))).exit_code == 0
    set_permissions(again, NOBODY, OURS)
    assert can(powerless, "write", again / ".lock")
    assert can(powerless, "write", again / "register.sqlite")
    assert can(powerless, "read", again / "lake")
    assert not can(powerless, "read", again / "audit")
    set_permissions(again, OURS, NOBODY)
    assert can(powerless, "write", again / "audit" / "head.json")
    assert can(powerless, "read", again / "releases" / "current")
    assert not can(powerless, "write", again / "releases")
    assert not can(powerless, "write", again / ".lock")
    assert not can(powerless, "read", again / "lake")
