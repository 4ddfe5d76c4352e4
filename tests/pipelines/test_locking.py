"""One command at a time works on a data folder, and a refresh holds it around all of its steps."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from catalogue.contracts import ROOT
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.locking import locked

_TRY = """
import sys
from pathlib import Path
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.locking import locked
try:
    with locked(Folders(Path(sys.argv[1]))):
        print("held")
except PipelineError as error:
    print(error)
"""


def in_another_process(folders: Folders) -> str:
    command = [sys.executable, "-c", _TRY, str(folders.data)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_whoever_holds_the_folder_may_ask_again_and_lets_go_at_the_end_alone(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "data")
    with locked(folders):
        with locked(Folders(tmp_path / "." / "data")):
            pass
        assert in_another_process(folders) == (
            "data/: another ingest, build or publish is at work here; wait until it has finished"
        )
    assert in_another_process(folders) == "held"


def test_another_thread_is_another_command(tmp_path: Path) -> None:
    folders, told = Folders(tmp_path), []

    def ask() -> None:
        try:
            with locked(folders):
                told.append("held")
        except PipelineError as error:
            told.append(str(error))

    with locked(folders):
        asking = threading.Thread(target=ask)
        asking.start()
        asking.join()
    ask()
    assert "another ingest" in told[0]
    assert told[1] == "held"


def test_an_error_lets_go(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    with pytest.raises(ValueError), locked(folders):
        raise ValueError
    with locked(folders):
        assert "another ingest" in in_another_process(folders)
