"""deploy/*.service, *.timer: valid, and each user kept from what is the other's."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from catalogue.contracts import ROOT
from pipelines.settings import SUBMISSION_DUE_DAY
from tests.deploy.conftest import DEPLOY

UNITS = sorted(DEPLOY.glob("*.service")) + sorted(DEPLOY.glob("*.timer"))
DATA = "/var/lib/genomics"


def read(name: str) -> dict[str, str]:
    """The settings of all sections of a unit; one that stands several times has all its values, as systemd takes it."""
    found: dict[str, str] = {}
    for line in (DEPLOY / name).read_text(encoding="utf-8").splitlines():
        setting, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            found[setting] = f"{found[setting]} {value}" if setting in found else value
    return found


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_can_read_every_line(unit, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    copies = {path.name: tmp_path / path.name for path in UNITS}
    program = shutil.which("true")
    for name, copy in copies.items():
        copy.write_text((DEPLOY / name).read_text().replace("/opt/genomics/.venv/bin/python", str(program)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copies[unit.name])], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "genomics" in line]
    assert (done.returncode, said) == (0, [])


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_little_is_left_open_to_a_service(unit):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    judged = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)]
    assert subprocess.run(judged, capture_output=True, check=False).returncode == 0


def test_the_app_may_write_its_two_folders_and_has_no_way_to_rows_or_the_secret():
    app = read("genomics-app.service")
    assert app["User"] == "genomics-app"
    assert app["ProtectSystem"] == "strict"
    assert app["ReadWritePaths"].split() == [f"{DATA}/audit", f"{DATA}/scenarios"]
    closed = {path.removeprefix("-") for path in app["InaccessiblePaths"].split()}
    assert closed == {f"{DATA}/lake", f"{DATA}/build", f"{DATA}/inbox", f"{DATA}/log", "/etc/genomics-build"}
    assert app["IPAddressDeny"] == "any"
    assert app["IPAddressAllow"] == "localhost"


def test_a_further_process_of_the_app_is_the_same_on_a_port_of_its_own():
    guide = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    (command,) = [line.partition(" > ")[0] for line in guide.splitlines() if line.startswith("sed ")]
    made = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    whole = (DEPLOY / "genomics-app.service").read_text(encoding="utf-8")
    other = [pair for pair in zip(whole.splitlines(), made.splitlines(), strict=True) if pair[0] != pair[1]]
    assert [line for _, line in other] == [f"ExecStart={read('genomics-app.service')['ExecStart']} --server.port %i"]


def test_the_build_has_no_network_and_no_way_to_the_trail_or_the_apps_secrets():
    build = read("genomics-refresh.service")
    assert build["User"] == "genomics-build"
    assert build["PrivateNetwork"] == "yes"
    closed = {path.removeprefix("-") for path in build["InaccessiblePaths"].split()}
    assert closed == {f"{DATA}/audit", f"{DATA}/scenarios", "/etc/genomics"}
    secret = dict(pair.split("=", 1) for pair in build["Environment"].split())["GENOMICS_ROUNDING_SECRET"]
    assert Path(secret).parent == Path("/etc/genomics-build")
    assert build["UMask"] == "0027"


def test_a_backup_has_no_network_and_no_way_to_any_secret():
    kept = read("genomics-backup@.service")
    assert (kept["User"], kept["PrivateNetwork"]) == ("genomics-%i", "yes")
    assert {path.removeprefix("-") for path in kept["InaccessiblePaths"].split()} == {
        "/etc/genomics", "/etc/genomics-build",
    }  # fmt: skip
    assert kept["ReadWritePaths"].split() == [DATA, "/var/backups/genomics-%i"]


@pytest.mark.parametrize("unit", [unit.name for unit in UNITS if unit.suffix == ".service"])
def test_all_give_up_every_power_and_write_no_files_for_everybody(unit):
    said = read(unit)
    assert said["NoNewPrivileges"] == "yes"
    assert (said["CapabilityBoundingSet"], said["AmbientCapabilities"]) == ("", "")
    assert int(said["UMask"], 8) & 0o007 == 0o007


def test_the_metrics_are_made_by_the_builds_user_who_may_write_them_and_no_data():
    metrics, build = read("genomics-metrics.service"), read("genomics-refresh.service")
    assert (metrics["User"], metrics["PrivateNetwork"]) == ("genomics-build", "yes")
    place = dict(pair.split("=", 1) for pair in metrics["Environment"].split())["GENOMICS_METRICS"]
    assert f"GENOMICS_METRICS={place}" in build["Environment"].split()
    assert f"-{Path(place).parent}" in build["ReadWritePaths"].split()
    assert metrics["ReadWritePaths"].split() == [f"-{Path(place).parent}"]
    closed = {path.removeprefix("-") for path in metrics["InaccessiblePaths"].split()}
    assert {f"{DATA}/lake", f"{DATA}/inbox", f"{DATA}/build", "/etc/genomics-build", "/etc/genomics"} <= closed
    assert read("genomics-metrics.timer")["OnCalendar"] == "*:0/10"


def test_the_refresh_runs_once_a_month_after_submissions_are_due():
    when = read("genomics-refresh.timer")["OnCalendar"]
    assert when == f"*-*-{SUBMISSION_DUE_DAY + 1:02d} 06:00:00"


def test_only_the_app_which_compiles_simulations_may_run_memory_that_it_has_written():
    assert read("genomics-refresh.service")["MemoryDenyWriteExecute"] == "yes"
    assert "MemoryDenyWriteExecute" not in read("genomics-app.service")


#: Forbids memory that is both written and run, as MemoryDenyWriteExecute= does, then loads and tries what both use.
WITHOUT_WRITTEN_CODE = """
import ctypes, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) != 0:
    sys.exit(77)
import pipelines.build, ui.charts, ui.guard
import duckdb, great_expectations, highspy, polars, pyarrow, scipy.optimize
assert duckdb.sql("SELECT sum(range) AS n FROM range(10)").pl()["n"].to_list() == [45]
solver = highspy.Highs()
solver.addVar(0, 1)
solver.run()
"""


@pytest.mark.slow
def test_the_libraries_work_where_no_memory_is_both_written_and_run():
    said = dict(pair.split("=", 1) for pair in read("genomics-refresh.service")["Environment"].split())
    environment = {"PYTHONPATH": str(ROOT), "POLARS_SKIP_CPU_CHECK": said["POLARS_SKIP_CPU_CHECK"]}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_WRITTEN_CODE], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode == 77:
        pytest.skip("this kernel cannot be asked to forbid it")
    assert done.returncode == 0, done.stderr[-1000:]
