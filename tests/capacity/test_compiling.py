"""Where machine code is kept, and what a process is told that may not make any."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from capacity.compiling import kept_in
from catalogue.contracts import ROOT

#: What MemoryDenyWriteExecute= does: memory that was written is never run.
FORBIDDEN = "import ctypes; assert ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) == 0\n"
SMALL = (
    "from tests.capacity.plans import mixed_plan; from capacity.simulation import simulate; simulate(mixed_plan(), 1)"
)


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    return subprocess.run(
        [sys.executable, "-c", code], env=given, cwd=ROOT, capture_output=True, text=True, timeout=300
    )


def test_nothing_is_kept_where_no_folder_is_set() -> None:
    assert kept_in(None) is None
    assert kept_in("") is None


def test_a_folder_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert kept_in(str(tmp_path / "file")) is None


def test_other_text_of_the_engine_has_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept_in(str(tmp_path))
    (tmp_path / "engine.py").write_text("other")
    monkeypatch.setattr("capacity.compiling.ENGINE", tmp_path / "engine.py")
    assert before is not None
    assert kept_in(str(tmp_path)) not in (None, before)


@pytest.mark.slow
def test_code_is_kept_in_the_folder_and_nowhere_else(tmp_path: Path) -> None:
    beside = set((ROOT / "capacity").rglob("*.nbi"))
    first = run(SMALL, GENOMICS_COMPILED=str(tmp_path))
    assert first.returncode == 0, first.stderr
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb*")}
    assert kept
    again = run(SMALL, GENOMICS_COMPILED=str(tmp_path))
    assert again.returncode == 0, again.stderr
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nbc")} == {
        path: when for path, when in kept.items() if path.suffix == ".nbc"
    }
    assert set((ROOT / "capacity").rglob("*.nbi")) == beside


@pytest.mark.skipif(sys.platform != "linux", reason="a setting of Linux")
def test_a_process_that_may_not_make_code_is_told_so() -> None:
    told = run(FORBIDDEN + SMALL, POLARS_SKIP_CPU_CHECK="1")
    assert told.returncode == 1
    assert "EngineUnavailableError: Simulation compiles machine code" in told.stderr


def test_the_app_loads_no_compiler_before_a_simulation_is_asked_for() -> None:
    told = run("import sys, capacity.simulation; assert 'numba' not in sys.modules")
    assert told.returncode == 0, told.stderr
