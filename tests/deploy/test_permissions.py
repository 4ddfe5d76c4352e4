"""deploy/permissions.sh: what the app's user and the build's user can do, tried by processes; and the app run so."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from catalogue.contracts import ROOT
from tests.access.conftest import configured, sign_in
from tests.browser import talk
from tests.browser.conftest import serving
from tests.deploy.conftest import NOBODY, POWERLESS, can, set_permissions
from tests.ui.board_store import make_board
from tests.ui.returns_store import make_returns
from tests.ui.store import make_store

OURS = 0

#: Place: what the app and the build may do there.
RIGHTS = {
    ".": ("read", "read write"),
    "register.sqlite": ("read", "read write"),
    "releases": ("read", "read write"),
    "releases/current": ("read", "read write"),
    "releases/r/protected.duckdb": ("read", "read write"),
    "releases/r/boards": ("read", "read write"),
    "returns": ("read", "read write"),
    "returns/EDI/letter.md": ("read", "read write"),
    "lake": ("", "read write"),
    "lake/testing/part.parquet": ("", "read write"),
    "build": ("", "read write"),
    "build/warehouse.duckdb": ("", "read write"),
    "inbox": ("", "read write"),
    "inbox/sent.csv": ("", "read write"),
    "log": ("", "read write"),
    "log/runs.jsonl": ("", "read write"),
    "audit": ("read write", ""),
    "audit/trail-2026-11.jsonl": ("read write", ""),
    "audit/sessions.sqlite": ("read write", ""),
    "scenarios": ("read write", ""),
}


def filled(data: Path) -> Path:
    """A data folder as root might leave it after a restore: everything readable by everybody."""
    for place in RIGHTS:
        path = data / place
        if path.suffix or path.name == "current":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
        else:
            path.mkdir(parents=True, exist_ok=True)
    return data


@pytest.mark.parametrize("who", ["app", "build"])
def test_each_user_can_do_what_the_guide_says_and_no_more(who, powerless, tmp_path):
    data = filled(tmp_path / "data")
    users = (OURS, NOBODY) if who == "app" else (NOBODY, OURS)
    set_permissions(data, *users)
    found = {
        place: " ".join(verb for verb in ("read", "write") if can(powerless, verb, data / place)) for place in RIGHTS
    }
    assert found == {place: rights[who == "build"] for place, rights in RIGHTS.items()}


def test_anybody_else_on_the_machine_can_do_nothing(powerless, tmp_path):
    data = filled(tmp_path / "data")
    set_permissions(data, NOBODY, NOBODY + 1)
    assert not [place for place in RIGHTS for verb in ("read", "write") if can(powerless, verb, data / place)]


def test_running_it_again_changes_nothing(powerless, tmp_path):
    data = filled(tmp_path / "data")
    set_permissions(data, OURS, NOBODY)
    modes = {path: (path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in data.rglob("*")}
    set_permissions(data, OURS, NOBODY)
    assert modes == {path: (path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in data.rglob("*")}


def test_a_link_that_leads_out_of_the_folder_is_not_followed(powerless, tmp_path):
    data, outside = filled(tmp_path / "data"), tmp_path / "outside"
    outside.write_text("mine")
    outside.chmod(0o644)
    (data / "returns" / "link").symlink_to(outside)
    set_permissions(data, NOBODY, NOBODY)
    assert (outside.stat().st_uid, outside.stat().st_mode & 0o777) == (OURS, 0o644)


#: What a build does in the end: a folder under a passing name, files, the manifest, the name, the pointer.
PUBLISHES = """
import sys
from pathlib import Path
from pipelines import releases
from pipelines.folders import BUILDING, Folders

folders = Folders(Path(sys.argv[1]))
building = folders.releases / f"{BUILDING}r"
(building / "boards").mkdir(parents=True)
for name in (releases.STORE, "boards/S08000029.duckdb"):
    (building / name).write_text("figures")
about = {"created_at": "2026-01-01T00:00:00+00:00", "is_synthetic": True, "lake": {}, "recipe": "r"}
releases.publish(folders, releases.seal(folders, building, "20261101T000000Z-r", about).release_id)
"""


def test_what_the_build_writes_later_can_be_read_by_the_app_and_changed_by_neither_it_nor_others(powerless, tmp_path):
    data = tmp_path / "data"
    set_permissions(data, NOBODY, OURS)
    command = ["sh", "-c", 'umask 027; exec "$@"', "sh", sys.executable, "-c", PUBLISHES, str(data)]
    subprocess.run([*powerless, *command], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    made = list((data / "releases").rglob("*"))
    assert {path.name for path in made} >= {"current", "published", "manifest.json", "S08000029.duckdb"}
    assert {path.stat().st_gid for path in made} == {NOBODY}
    assert {path.stat().st_mode & 0o777 for path in made if path.is_file()} == {0o640}
    assert {path.stat().st_mode & 0o777 for path in made if path.is_dir()} == {0o750}


def contents(data: Path) -> dict[Path, str]:
    """A hash of every file outside the app's own folders."""
    own = (data / "audit", data / "scenarios")
    files = (path for path in data.rglob("*") if path.is_file() and not path.is_relative_to(own[0]))
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if not path.is_relative_to(own[1])}


@pytest.fixture
def closed_off(tmp_path: Path) -> tuple[Path, Sequence[str]]:
    """A data folder with the rights of the guide, as far as this user can give them, and what runs the app."""
    data = tmp_path / "data"
    store = make_store(data, "full", synthetic=False)
    make_board(store.parent)
    make_returns(data)
    for name in ("lake", "build", "inbox", "audit", "scenarios"):
        (data / name).mkdir(exist_ok=True)
    (data / "lake" / "rows.parquet").write_text("rows")
    if os.geteuid() == 0:
        set_permissions(data, OURS, NOBODY)
        return data, [*POWERLESS, "sh", "-c", 'umask 077; exec "$@"', "sh"]
    for name in ("lake", "build", "inbox"):
        (data / name).chmod(0)
    for path in [
        data,
        *(path for name in ("releases", "returns") for path in [data / name, *(data / name).rglob("*")]),
    ]:
        path.chmod(0o550 if path.is_dir() else 0o440)
    return data, ["sh", "-c", 'umask 077; exec "$@"', "sh"]


@pytest.mark.slow
def test_the_app_works_with_these_rights_and_changes_nothing_outside_its_own_folder(closed_off, provider, tmp_path):
    data, before = closed_off
    assert not can(before, "read", data / "lake")
    assert not can(before, "write", data / "releases")
    settings = {**configured(tmp_path / "etc", provider), "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
    held = contents(data)
    with serving(data, tmp_path / "log", env=settings, before=before) as url:
        for who, page, shows in [
            ("viewer", "", "metric"),
            ("viewer", "turnaround", "plotly_chart"),
            ("fife", "my_board", "metric"),
            ("steward", "my_returns", "download_button"),
            ("administrator", "administration", "plotly_chart"),
        ]:
            got = talk.run(talk.ask(url, page, cookies=sign_in(url, who).cookies))
            assert not got.exceptions
            assert shows in got.elements, page
    assert contents(data) == held
    written = list((data / "audit").iterdir())
    assert {"sessions.sqlite", "head.json"} <= {path.name for path in written}
    assert not [path.name for path in written if path.stat().st_mode & 0o007]
    assert "Traceback" not in (tmp_path / "log").read_text()
