"""The command that verifies the audit trail: whatever is done to a trail is found, by it and by the screens alike."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from pipelines import audit_trail
from pipelines.cli import main
from pipelines.errors import PipelineError
from tests.ui.trails import files_of, make_trail, read
from ui import trail, trail_check

VIEW = {"what": "view", "reader": "r", "where": "home", "release": "", "detail": {}}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole trail of four months with a torn line set apart in one of them."""
    folder = make_trail(tmp_path_factory.mktemp("original"))
    with files_of(folder)[-1].open("ab") as file:
        file.write(b'{"detail":{},"num\nber"')
    trail.append(folder, [VIEW])
    trail.append(folder, [VIEW])
    assert audit_trail.verify(folder).is_whole
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """A copy of it that may be changed."""
    return shutil.copytree(original, tmp_path / "data" / "audit")


def verdicts(folder: Path) -> tuple[audit_trail.Verdict, trail_check.Seen]:
    seen = trail_check.look(folder, dt.date(2020, 1, 1), 10)
    assert seen is not None
    return audit_trail.verify(folder), seen


def in_file(change: Callable[[bytes], bytes], place: int = 1) -> Callable[[Path], None]:
    def changed(folder: Path) -> None:
        path = files_of(folder)[place]
        path.write_bytes(change(path.read_bytes()))

    return changed


def in_lines(change: Callable[[list[bytes]], list[bytes]], place: int = 1) -> Callable[[Path], None]:
    return in_file(lambda content: b"".join(change(content.splitlines(keepends=True))), place)


def forged(number: int, previous: str) -> bytes:
    return trail.composed({"when": "2026-09-02T00:00:00.000000Z", **VIEW}, number, previous)[0]


def written_anew(lines: list[bytes]) -> list[bytes]:
    """The second line of a file, with other contents and a hash that holds."""
    record = json.loads(lines[1])
    return [lines[0], forged(record["number"], record["previous"]), *lines[2:]]


FAULTS: list[tuple[Callable[[Path], None], int, str]] = [
    (in_file(lambda c: c.replace(b"Fife", b"Bute", 1)), 5, "trail-2026-09.jsonl:2: line 5 is altered"),
    (in_lines(lambda rows: rows[:1] + rows[2:]), 5, "trail-2026-09.jsonl:2: line 5 is missing before it: deleted"),
    (in_lines(lambda rows: rows[:1]), 5, "lines 5 to 7 are missing between trail-2026-09.jsonl and trail-2026-10"),
    (
        in_lines(lambda rows: rows[:2] + rows[1:]),
        6,
        "trail-2026-09.jsonl:3: line 5 stands there a second time: inserted",
    ),
    (in_lines(lambda rows: [rows[0], b"x\n", *rows[1:]]), 5, "trail-2026-09.jsonl:2: inserted: it is no line"),
    (
        in_lines(lambda rows: [rows[0], rows[2], rows[1], rows[3]]),
        5,
        "line 6 stands where line 5 belongs: lines are out",
    ),
    (in_lines(written_anew), 6, "trail-2026-09.jsonl:3: line 6 does not follow line 5: one of them was written anew"),
    (
        lambda folder: files_of(folder)[1].unlink(),
        4,
        "lines 4 to 7 are missing between trail-2026-08.jsonl and trail-2026",
    ),
    (lambda folder: files_of(folder)[0].unlink(), 1, "lines 1 to 3 are missing before trail-2026-09.jsonl"),
    (lambda folder: files_of(folder)[3].unlink(), 14, "lines 14 to 15 are missing at the end: deleted"),
    (in_lines(lambda rows: rows[:-1], 3), 15, "line 15 is missing at the end: deleted"),
    (in_lines(lambda rows: [*rows, b"half"], 3), 16, "trail-2026-11.jsonl:3: what follows line 15 is no whole line"),
    (lambda folder: (folder / "head.json").unlink(), 16, "head.json is missing or damaged"),
]


@pytest.mark.parametrize(("fault", "at", "said"), FAULTS)
def test_the_first_wrong_line_is_named_and_what_was_done_to_it(
    folder: Path, fault: Callable[[Path], None], at: int, said: str
) -> None:
    files_of(folder)[3].rename(folder / "trail-2026-11.jsonl")
    named = json.loads((folder / "head.json").read_text()) | {"file": "trail-2026-11.jsonl"}
    (folder / "head.json").write_text(json.dumps(named))
    assert audit_trail.verify(folder).is_whole
    fault(folder)
    verdict = audit_trail.verify(folder)
    assert said in verdict.problem
    assert verdict.at == at
    assert verdicts(folder)[1].problem


def test_a_last_line_written_anew_with_a_hash_that_holds_is_not_the_one_of_the_head(folder: Path) -> None:
    lines = read(folder)
    record = json.loads(lines[-1])
    in_lines(lambda rows: [*rows[:-1], forged(record["number"], record["previous"])], 3)(folder)
    verdict, seen = verdicts(folder)
    assert "the last, is not the one that was recorded" in verdict.problem
    assert "not the one that was recorded" in seen.problem


def test_a_trail_written_wholly_anew_is_found_by_a_hash_kept_elsewhere(folder: Path, tmp_path: Path) -> None:
    kept = json.loads(read(folder)[4])["hash"]
    assert audit_trail.verify(folder, anchor=kept).anchored_at == 5
    anew = make_trail(tmp_path / "anew", {"2026-08": 3, "2026-10": 9})
    assert audit_trail.verify(anew).is_whole
    assert "not in the trail" in audit_trail.verify(anew, anchor=kept).problem
    assert "not in it" in audit_trail.verify(tmp_path / "absent", anchor=kept).problem


KINDS = st.sampled_from(["edit", "delete", "insert", "repeat", "swap", "cut", "lose a file", "lose a line"])


@given(data=st.data(), kind=KINDS)
def test_any_single_change_of_a_trail_is_found_by_both_and_at_the_same_line(
    original: Path, data: st.DataObject, kind: str
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = shutil.copytree(original, Path(place) / "audit")
        path = data.draw(st.sampled_from(files_of(folder)))
        content = path.read_bytes()
        changed = _changed(data, kind, content)
        if changed == content:
            return
        if changed is None:
            path.unlink()
        else:
            path.write_bytes(changed)
        verdict, seen = verdicts(folder)
        assert verdict.problem
        assert seen.problem
        assert verdict.at == seen.at


def _changed(data: st.DataObject, kind: str, content: bytes) -> bytes | None:
    """A file's content after one change; None for a file that is gone."""
    lines = content.splitlines(keepends=True)
    at = data.draw(st.integers(0, len(content) - 1))
    line, other = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    if kind == "edit":
        return content[:at] + bytes([data.draw(st.integers(0, 255))]) + content[at + 1 :]
    if kind == "delete":
        return content[:at] + content[at + data.draw(st.integers(1, 400)) :]
    if kind == "insert":
        return content[:at] + data.draw(st.binary(min_size=1, max_size=400)) + content[at:]
    if kind == "repeat":
        return b"".join([*lines[:other], lines[line], *lines[other:]])
    if kind == "swap":
        lines[line], lines[other] = lines[other], lines[line]
        return b"".join(lines)
    if kind == "cut":
        return content[:at]
    if kind == "lose a line":
        return b"".join(lines[:line] + lines[line + 1 :])
    return None


# The command


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--quiet", "--data", str(folder.parent), "audit", *arguments])


def test_a_whole_trail_is_said_to_be_whole_with_counts_and_the_hash_to_keep(folder: Path) -> None:
    result = run(folder)
    assert result.exit_code == 0
    assert "The audit trail is whole: 15 lines" in result.stdout
    assert "view               10" in result.stdout
    assert "mended: torn line (1)" in result.stdout
    assert json.loads(read(folder)[-1])["hash"] in result.stdout


def test_a_trail_that_is_not_whole_exits_with_1_and_one_line(folder: Path) -> None:
    FAULTS[0][0](folder)
    result = run(folder)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "audit: trail-2026-09.jsonl:2: line 5 is altered: its own hash does not hold\n"


def test_counts_may_begin_at_a_day_while_the_whole_chain_is_verified(folder: Path) -> None:
    told = json.loads(run(folder, "--since", "2026-10-01", "--json").stdout)
    assert sum(told["counts"].values()) == 8
    assert told["lines"] == 15
    FAULTS[0][0](folder)
    result = run(folder, "--since", "2026-10-01", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["first_wrong_line"] == 5


def test_a_hash_that_is_not_in_the_trail_exits_with_1(folder: Path) -> None:
    assert run(folder, "--head", json.loads(read(folder)[0])["hash"].upper()).exit_code == 0
    assert run(folder, "--head", "0" * 63 + "1").exit_code == 1


def test_wrong_usage_exits_with_2(folder: Path) -> None:
    assert run(folder, "--since", "yesterday").exit_code == 2
    assert run(folder, "--archive", "2026").exit_code == 2


def test_before_anything_is_recorded_the_command_says_so(tmp_path: Path) -> None:
    result = run(tmp_path / "audit")
    assert (result.exit_code, result.stdout) == (0, "Nothing has been recorded yet\n")


# Archiving


def test_old_months_are_archived_and_what_remains_is_whole_and_goes_on(folder: Path, tmp_path: Path) -> None:
    result = run(folder, "--archive", "2026-10")
    assert result.exit_code == 0
    assert "Moved to archive/: trail-2026-08.jsonl, trail-2026-09.jsonl" in result.stdout
    assert len(files_of(folder)) == 2
    trail.append(folder, [VIEW])
    verdict, seen = verdicts(folder)
    assert (verdict.problem, verdict.lines, seen.problem, seen.lines) == ("", 9, "", 9)
    assert run(folder, "--archive", "2026-11").exit_code == 0
    archived = shutil.move(folder / "archive", tmp_path / "elsewhere")
    assert audit_trail.verify(folder).lines == 4 - 1
    everything = audit_trail.verify(folder, archived=Path(archived))
    assert (everything.problem, everything.lines) == ("", 16)


def test_the_month_being_written_is_never_archived(folder: Path) -> None:
    assert run(folder, "--archive", "2999-01").exit_code == 0
    assert len(files_of(folder)) == 1
    assert audit_trail.verify(folder).is_whole


def test_a_trail_that_is_not_whole_is_not_archived(folder: Path) -> None:
    FAULTS[0][0](folder)
    with pytest.raises(PipelineError, match="nothing was archived"):
        audit_trail.archive(folder, "2026-10")
    assert len(files_of(folder)) == 4


def test_a_month_altered_in_the_archive_is_found(folder: Path) -> None:
    audit_trail.archive(folder, "2026-10")
    old = folder / "archive" / "trail-2026-08.jsonl"
    old.write_bytes(old.read_bytes().replace(b"Fife", b"Bute", 1))
    assert audit_trail.verify(folder).is_whole
    assert "line 1 is altered" in audit_trail.verify(folder, archived=folder / "archive").problem


def test_an_archiving_that_was_stopped_half_way_leaves_a_whole_trail_and_can_be_done_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            audit_trail.archive(folder, "2026-10")
    verdict, seen = verdicts(folder)
    assert (verdict.problem, seen.problem) == ("", "")
    assert audit_trail.archive(folder, "2026-10") == ["trail-2026-08.jsonl", "trail-2026-09.jsonl"]
    assert len(files_of(folder)) == 2
    assert audit_trail.verify(folder, archived=folder / "archive").lines == 15
