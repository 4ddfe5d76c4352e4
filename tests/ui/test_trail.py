"""The trail's files: whatever stops a writer, no line is lost or forged, and the chain goes on."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from catalogue.contracts import ROOT
from pipelines import audit_trail
from tests.ui.trails import files_of, make_trail, read
from ui import trail

VIEW = {"what": "view", "reader": "demonstration", "where": "home", "release": "", "detail": {}}

WRITER = """
import sys
from pathlib import Path
from ui import trail
for _ in range(int(sys.argv[2])):
    trail.append(Path(sys.argv[1]), [{"what": "view", "reader": "r", "where": "home", "release": "", "detail": {}}])
"""


def writer(folder: Path, lines: int, before: str = "") -> subprocess.Popen[str]:
    """Another process that writes so many lines."""
    return subprocess.Popen(
        [sys.executable, "-c", before + WRITER, str(folder), str(lines)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )


def mended(folder: Path) -> list[str]:
    records = [json.loads(line) for line in read(folder) if trail.parsed(line)]
    return [record["detail"]["reason"] for record in records if record["what"] == "mended"]


def whole(folder: Path) -> int:
    """How many lines a whole trail has."""
    verdict = audit_trail.verify(folder)
    assert verdict.problem == ""
    return verdict.lines


def test_the_first_line_is_number_one_after_a_fixed_hash_and_in_the_file_of_its_month(tmp_path: Path) -> None:
    trail.append(tmp_path, [VIEW])
    (line,) = read(tmp_path)
    record = json.loads(line)
    assert (record["number"], record["previous"]) == (1, "0" * 64)
    assert files_of(tmp_path)[0].name == f"trail-{record['when'][:7]}.jsonl"
    assert len(record["when"]) == len("2026-11-22T03:41:54.123456Z")


def test_each_line_names_the_hash_of_the_one_before(tmp_path: Path) -> None:
    for _ in range(5):
        trail.append(tmp_path, [VIEW])
    records = [json.loads(line) for line in read(tmp_path)]
    assert [record["previous"] for record in records[1:]] == [record["hash"] for record in records[:-1]]


def test_a_new_month_goes_on_with_the_chain_of_the_last(tmp_path: Path) -> None:
    make_trail(tmp_path)
    trail.append(tmp_path, [VIEW])
    assert len(files_of(tmp_path)) == 4
    assert whole(tmp_path) == 13
    assert mended(tmp_path) == []


def test_a_clock_that_is_put_back_writes_on_in_the_newest_file(tmp_path: Path) -> None:
    make_trail(tmp_path, {"2026-10": 2, "2999-01": 2})
    trail.append(tmp_path, [VIEW])
    assert [path.name for path in files_of(tmp_path)] == ["trail-2026-10.jsonl", "trail-2999-01.jsonl"]
    assert whole(tmp_path) == 5


def test_many_threads_write_one_chain(tmp_path: Path) -> None:
    threads = [threading.Thread(target=lambda: [trail.append(tmp_path, [VIEW]) for _ in range(30)]) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert whole(tmp_path) == 360
    assert mended(tmp_path) == []


def test_several_processes_write_one_chain(tmp_path: Path) -> None:
    processes = [writer(tmp_path, 150) for _ in range(3)]
    for _ in range(50):
        trail.append(tmp_path, [VIEW])
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert whole(tmp_path) == 500
    assert mended(tmp_path) == []


@pytest.mark.slow
def test_a_writer_that_is_killed_at_any_moment_leaves_a_trail_that_goes_on(tmp_path: Path) -> None:
    for number in range(8):
        process = writer(tmp_path, 1_000_000)
        time.sleep(0.4 + 0.037 * number)
        process.send_signal(signal.SIGKILL)
        process.wait()
        before = len(read(tmp_path))
        trail.append(tmp_path, [VIEW])
        assert whole(tmp_path) >= before


@pytest.mark.parametrize("left", [b"{", b'{"detail":{},"num', b"\x00" * 300, b"half a line\nand half another"])
def test_a_torn_last_line_is_set_apart_where_it_stands_and_the_chain_goes_on(tmp_path: Path, left: bytes) -> None:
    make_trail(tmp_path)
    with files_of(tmp_path)[-1].open("ab") as file:
        file.write(left)
    assert "no whole line" in audit_trail.verify(tmp_path).problem
    trail.append(tmp_path, [VIEW])
    assert whole(tmp_path) == 14
    assert mended(tmp_path) == ["torn line"]
    assert left in files_of(tmp_path)[-2].read_bytes()


def test_what_was_set_apart_cannot_be_altered_later(tmp_path: Path) -> None:
    make_trail(tmp_path)
    torn = files_of(tmp_path)[-1]
    with torn.open("ab") as file:
        file.write(b"half a line")
    trail.append(tmp_path, [VIEW])
    torn.write_bytes(torn.read_bytes().replace(b"half a line", b"half a lime"))
    assert not audit_trail.verify(tmp_path).is_whole


def test_a_mending_that_is_itself_cut_short_is_mended(tmp_path: Path) -> None:
    make_trail(tmp_path)
    torn = files_of(tmp_path)[-1]
    head = (tmp_path / trail.HEAD).read_bytes()
    with torn.open("ab") as file:
        file.write(b"half a line")
    trail.append(tmp_path, [VIEW])
    (tmp_path / trail.HEAD).write_bytes(head)
    files_of(tmp_path)[-1].unlink()
    torn.write_bytes(torn.read_bytes()[:-40])
    trail.append(tmp_path, [VIEW])
    assert whole(tmp_path) == 14
    assert mended(tmp_path) == ["torn line"]


def test_a_line_that_was_written_as_the_power_failed_before_the_head_is_taken_in_and_told(tmp_path: Path) -> None:
    trail.append(tmp_path, [VIEW])
    head = (tmp_path / trail.HEAD).read_bytes()
    trail.append(tmp_path, [VIEW])
    (tmp_path / trail.HEAD).write_bytes(head)
    assert "line 2 is after the last line recorded" in audit_trail.verify(tmp_path).problem
    trail.append(tmp_path, [VIEW])
    assert whole(tmp_path) == 4
    assert mended(tmp_path) == ["lines after the head"]


def test_a_last_line_without_its_newline_is_a_line(tmp_path: Path) -> None:
    trail.append(tmp_path, [VIEW])
    (path,) = files_of(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    trail.append(tmp_path, [VIEW])
    assert whole(tmp_path) == 2


@pytest.mark.parametrize("head", [None, b"", b"nonsense", b"{}", b'{"number": "x"}', b"\x00" * 512])
def test_without_its_head_the_trail_goes_on_from_its_last_line_and_says_so(tmp_path: Path, head: bytes | None) -> None:
    make_trail(tmp_path)
    if head is None:
        (tmp_path / trail.HEAD).unlink()
    else:
        (tmp_path / trail.HEAD).write_bytes(head)
    assert "head.json is missing or damaged" in audit_trail.verify(tmp_path).problem
    trail.append(tmp_path, [VIEW])
    assert whole(tmp_path) == 14
    assert mended(tmp_path) == ["head file missing"]


def test_a_head_that_names_another_folder_is_not_followed(tmp_path: Path) -> None:
    folder = make_trail(tmp_path / "audit")
    named = json.loads((folder / trail.HEAD).read_bytes()) | {"file": "../elsewhere.jsonl", "size": 0}
    (folder / trail.HEAD).write_text(json.dumps(named))
    trail.append(folder, [VIEW])
    assert not (tmp_path / "elsewhere.jsonl").exists()
    assert mended(folder) == ["head file missing"]


@pytest.mark.parametrize("keep", [0, 1, 4])
def test_after_lines_were_deleted_at_the_end_the_hole_stays_to_be_found(tmp_path: Path, keep: int) -> None:
    make_trail(tmp_path)
    path = files_of(tmp_path)[-1]
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:keep]))
    trail.append(tmp_path, [VIEW])
    trail.append(tmp_path, [VIEW])
    verdict = audit_trail.verify(tmp_path)
    assert verdict.at == 8 + keep
    assert "missing" in verdict.problem


def test_a_line_cut_short_and_written_on_is_found(tmp_path: Path) -> None:
    make_trail(tmp_path)
    path = files_of(tmp_path)[-1]
    path.write_bytes(path.read_bytes()[:-20])
    trail.append(tmp_path, [VIEW])
    verdict = audit_trail.verify(tmp_path)
    assert verdict.at == 12
    assert "altered" in verdict.problem


LIMITED = """
import os, resource, sys
from pathlib import Path
newest = max(Path(sys.argv[1]).glob("trail-*.jsonl"))
room = newest.stat().st_size + 100
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
"""


def test_on_a_full_disk_nothing_of_the_record_stays_and_the_trail_is_whole(tmp_path: Path) -> None:
    trail.append(tmp_path, [VIEW] * 3)
    before = files_of(tmp_path)[0].read_bytes()
    process = writer(tmp_path, 1, LIMITED)
    assert process.communicate()[1].strip().endswith("No space left on device")
    assert process.returncode == 1
    assert files_of(tmp_path)[0].read_bytes() == before
    trail.append(tmp_path, [VIEW])
    assert whole(tmp_path) == 4
    assert mended(tmp_path) == []


def test_where_the_head_cannot_be_written_the_line_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail.append(tmp_path, [VIEW])
    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", lambda *_: 10)
        with pytest.raises(OSError, match="No space left"):
            trail.append(tmp_path, [VIEW])
    assert whole(tmp_path) == 1
    trail.append(tmp_path, [VIEW])
    assert whole(tmp_path) == 2


def test_a_writer_that_never_lets_go_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail.append(tmp_path, [VIEW])
    monkeypatch.setattr(trail, "PATIENCE", 0.2)
    with (tmp_path / trail.LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            trail.append(tmp_path, [VIEW])
        assert time.monotonic() - started < 2
    trail.append(tmp_path, [VIEW])
    assert whole(tmp_path) == 2


def test_several_records_are_written_as_one(tmp_path: Path) -> None:
    head = trail.append(tmp_path, [VIEW, VIEW, VIEW])
    assert head.number == 3
    assert whole(tmp_path) == 3


def test_the_files_are_for_the_app_and_its_group_only(tmp_path: Path) -> None:
    trail.append(tmp_path / "audit", [VIEW])
    for path in [tmp_path / "audit", *(tmp_path / "audit").iterdir()]:
        assert path.stat().st_mode & 0o007 == 0
