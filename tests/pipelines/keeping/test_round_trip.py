"""A real release, kept and restored elsewhere: the same figures by id, and everything goes on from there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from capacity.scenarios import Scenario
from pipelines import audit_trail, releases
from pipelines.folders import Folders
from pipelines.ingest.register import Register
from pipelines.releases import STORE
from tests.pipelines.keeping.record import run
from tests.ui.board_store import BOARD, make_board
from tests.ui.returns_store import make_returns
from tests.ui.store import make_store
from ui import trail
from ui.access import Role, demonstration
from ui.data import Snapshot, own_returns
from ui.data import audit_trail as shown_trail
from ui.saved_scenarios import save, saved

LINE = {"what": "view", "reader": "demonstration", "where": "home", "release": "r", "detail": {}}
PLANNER = demonstration(Role.PLANNER)


def figures(folders: Folders) -> dict[str, str]:
    """What `figure` prints of every measure of Scotland by year, and of a table, by id."""
    serving = releases.current(folders)
    assert serving is not None
    with duckdb.connect(str(serving.folder / STORE), read_only=True) as con:
        found = con.execute(
            "SELECT indicator, min(period_start), max(period_end) FROM cells WHERE cube = '' AND grain = 'year' "
            "GROUP BY indicator ORDER BY indicator"
        ).fetchall()
    ids = [f"{name}/scotland/all/year/{start:%Y-%m}..{end:%Y-%m}" for name, start, end in found]
    ids = [f"{serving.release_id}/{rest}" for rest in [*ids, "data_quality/checks/all"]]
    printed = {one: run(folders.data, "figure", one) for one in ids}
    assert {result.exit_code for result in printed.values()} == {0}
    return {one: result.stdout for one, result in printed.items()}


@pytest.mark.slow
def test_everything_goes_on_from_what_was_restored(copy_of_tiny: Folders, tmp_path: Path) -> None:
    before, again = copy_of_tiny, Folders(tmp_path / "again")
    trail.append(before.audit, [LINE] * 2)
    head = audit_trail.verify(before.audit).end[1]
    assert run(before.data, "backup", str(tmp_path / "kept")).exit_code == 0
    (kept,) = [path for path in (tmp_path / "kept").iterdir() if path.name.endswith("-all")]
    assert run(tmp_path, "verify-backup", str(kept)).exit_code == 0
    assert run(again.data, "restore", str(kept)).exit_code == 0

    printed = figures(again)
    assert printed == figures(before)
    assert len(printed) >= 5
    assert run(again.data, "verify").exit_code == 0
    assert run(again.data, "audit", "--head", head).exit_code == 0

    assert run(again.data, "ingest").stdout == "Nothing new in the inbox\n"
    refreshed = run(again.data, "refresh")
    assert refreshed.exit_code == 0
    assert refreshed.stdout.splitlines()[1] == "Nothing new to build; what was served before is served still"
    with Register(before.register) as was, Register(again.register) as now:
        assert now.all() == was.all()


def test_the_app_shows_from_what_was_restored_what_it_showed_before(tmp_path: Path) -> None:
    before, again = tmp_path / "data", tmp_path / "again"
    make_board(make_store(before).parent)
    make_returns(before)
    trail.append(before / "audit", [LINE])
    save(PLANNER, Scenario("As it is"), before)
    assert run(before, "backup", str(tmp_path / "kept")).exit_code == 0
    (kept,) = (tmp_path / "kept").glob("*-all")
    assert run(again, "restore", str(kept)).exit_code == 0
    manager = demonstration(Role.BOARD_MANAGER, board=BOARD)
    was, now = Snapshot(manager, before), Snapshot(manager, again)
    assert now.release == was.release
    assert now.of_scotland().equals(was.of_scotland())
    assert now.own_board(BOARD).requests.equals(was.own_board(BOARD).requests)
    steward = demonstration(Role.STEWARD, submitter="EDI")
    sent = [own_returns(steward, "EDI", folder) for folder in (before, again)]
    assert sent[0].submissions.equals(sent[1].submissions)
    assert {name: sent[0].read(name) for name in sent[0].files} == {name: sent[1].read(name) for name in sent[1].files}
    administrator = demonstration(Role.ADMINISTRATOR)
    assert shown_trail(administrator, dt.date(2020, 1, 1), again).lines
    assert saved(again) == saved(before) != []
