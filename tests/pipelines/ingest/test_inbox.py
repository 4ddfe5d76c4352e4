"""From the files of an inbox to the lake, the returns and the register."""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.contracts import ROOT, extract_contracts
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.ingest import ingest
from pipelines.ingest.register import Register, Submission
from tests.pipelines.ingest.extract_rows import EDINBURGH, as_csv, send, spoil, valid_rows

ROWS = valid_rows(count=60)
STEM = "testing__EDI__2026-03"
PLANTED = ("0611481030", "061148 1030", "EH16 4SB", "jean.smith@example.scot", "0131 496 0000")


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "data")


def take(folders: Folders) -> list[Submission]:
    return ingest(folders, folders.inbox, quiet=True)


def take_one(folders: Folders, file: str, content: pl.DataFrame | bytes) -> Submission:
    send(folders.inbox, file, content)
    (entry,) = take(folders)
    return entry


def registered(folders: Folders) -> list[Submission]:
    with Register(folders.register) as register:
        return register.all()


def states(folders: Folders) -> dict[int | None, str]:
    return {entry.version: entry.state for entry in registered(folders)}


def rows_in_use(folders: Folders, extract: str = "testing") -> pl.DataFrame:
    with Register(folders.register) as register:
        in_use = register.in_use(extract)
    return pl.concat(pl.read_parquet(folders.lake / extract / entry.submission_id / "rows.parquet") for entry in in_use)


def everything(place: Path) -> dict[Path, bytes]:
    return {path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def test_an_accepted_file_stands_in_lake_and_register(folders: Folders) -> None:
    path = send(folders.inbox, EDINBURGH, ROWS)
    (entry,) = take(folders)
    digest = sha256(path.read_bytes()).hexdigest()
    assert entry == registered(folders)[0]
    assert (entry.file, entry.extract, entry.submitter) == (EDINBURGH, "testing", "EDI")
    assert (entry.period, entry.version, entry.state) == ("2026-03", 1, "accepted")
    assert (entry.sha256, entry.bytes, entry.is_synthetic) == (digest, path.stat().st_size, False)
    assert (entry.rows_read, entry.rows_loaded, entry.rows_returned) == (60, 60, 0)
    assert (entry.reasons, entry.refused_because, entry.drift) == ({}, None, ())
    assert str(entry.extracted_on) == "2026-04-03"
    assert entry.submission_id == f"{STEM}__v1__{digest[:8]}"
    rows = rows_in_use(folders)
    types = {"date": pl.Date(), "integer": pl.Int64(), "decimal": pl.Float64()}
    contract = extract_contracts()["testing"]
    assert rows.schema == {
        **{column.name: types.get(column.type, pl.String()) for column in contract.columns},
        "source_row": pl.Int64(),
        "submission_id": pl.String(),
    }
    assert rows["submission_id"].unique().to_list() == [entry.submission_id]
    assert not folders.returns.exists()


def test_bad_rows_go_back_and_the_rest_loads(folders: Folders) -> None:
    rows = spoil(spoil(ROWS, 4, sex="=1+1", simd_decile="11"), 9, received_date="2026-04-01", requested_date=None)
    entry = take_one(folders, EDINBURGH, rows)
    assert (entry.rows_read, entry.rows_loaded, entry.rows_returned) == (60, 58, 2)
    assert entry.reasons == {"formula": 1, "out_of_range": 1, "wrong_period": 1}
    returned = pl.read_csv(folders.returns / "EDI" / f"{STEM}__v1.csv", infer_schema=False)
    assert returned.columns == ["row_number", "fields", "reasons", "expected", "what_to_do", *rows.columns]
    assert returned["row_number"].to_list() == ["6", "11"]
    assert returned["sex"][0] == "'=1+1"
    assert rows_in_use(folders)["source_row"].to_list() == [row for row in range(2, 62) if row not in (6, 11)]


def test_too_many_bad_rows_refuse_the_file(folders: Folders) -> None:
    rows = ROWS.with_columns(sex=pl.when(pl.int_range(60) < 13).then(pl.lit("F")).otherwise("sex"))
    entry = take_one(folders, EDINBURGH, rows)
    assert entry.state == "refused"
    assert "13 of 60 rows have problems (unknown_code 13)" in str(entry.refused_because)
    assert (entry.rows_read, entry.rows_loaded, entry.rows_returned) == (60, 0, 0)
    assert [path.name for path in folders.returns.glob("*/*")] == [f"{STEM}__v1__letter.md"]
    assert not folders.lake.exists()


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("testing_EDI.csv", as_csv(ROWS)),
        ("testing__EDI__2026-04__v1.csv", as_csv(ROWS)),
        ("testing__GLA__2026-03__v1.csv", as_csv(ROWS)),
        ("turnaround__EDI__2026-03__v1.csv", as_csv(ROWS)),
        (EDINBURGH, b""),
        (EDINBURGH, as_csv(ROWS)[:-40]),
        (EDINBURGH, as_csv(ROWS).replace(b",", b"\t")),
        (EDINBURGH, "request_id\né\n".encode("latin-1")),
        (EDINBURGH + ".gz", b"\x1f\x8bnothing"),
    ],
)
def test_a_refused_file_is_registered_and_the_version_before_stands(
    folders: Folders, file: str, content: bytes
) -> None:
    before = valid_rows(count=60)
    send(folders.inbox, EDINBURGH, before)
    take(folders)
    used = rows_in_use(folders)
    name = file.replace("__v1", "__v2")
    entry = take_one(folders, name, content)
    assert (entry.state, entry.file, entry.bytes) == ("refused", name, len(content))
    assert entry.sha256 == sha256(content).hexdigest()
    assert entry.refused_because
    assert rows_in_use(folders).equals(used)


def test_a_name_that_identifies_a_person_is_withheld(folders: Folders) -> None:
    send(folders.inbox, "0611481030.csv", b"x")
    (entry,) = take(folders)
    assert entry.file.startswith("name withheld")
    assert (entry.extract, entry.submitter, entry.period, entry.version) == (None, None, None, None)
    assert b"0611481030" not in folders.register.read_bytes()
    assert take(folders) == []


def test_what_is_no_submission_is_left_alone(folders: Folders) -> None:
    send(folders.inbox, ".hidden.csv", b"x")
    send(folders.inbox, "truth.json", b"not even JSON")
    send(folders.inbox / "older", EDINBURGH, ROWS)
    os.mkfifo(folders.inbox / "pipe.csv")
    assert take(folders) == []


@pytest.mark.parametrize("value", PLANTED)
@pytest.mark.parametrize("column", ["person_id", "sex", "received_date", "note"])
def test_an_identifier_is_written_nowhere(
    folders: Folders, capfd: pytest.CaptureFixture[str], column: str, value: str
) -> None:
    rows = ROWS.with_columns(note=pl.lit(None, dtype=pl.String))
    bad = spoil(spoil(rows, 3, sex="F"), 40, **{column: value})
    for file in (EDINBURGH, "testing__EDI__2026-03__v2.csv.gz", "testing__EDI__2026-03__v3.parquet"):
        send(folders.inbox, file, bad)
    entries = ingest(folders, folders.inbox)
    assert [entry.state for entry in entries] == ["refused"] * 3
    held = {path: content for path, content in everything(folders.data).items() if path.parts[0] != "inbox"}
    letters = {f"{STEM}__v{version}__letter.md" for version in (1, 2, 3)}
    assert {path.name for path in held} == {"register.sqlite", ".lock", *letters}
    printed = capfd.readouterr()
    for text in (printed.out, printed.err, repr(entries), *(content.decode("latin-1") for content in held.values())):
        assert value not in text


def test_the_inbox_is_never_altered(folders: Folders) -> None:
    send(folders.inbox, EDINBURGH, spoil(ROWS, 3, sex="F"))
    send(folders.inbox, "wrong.csv", b"x")
    before = everything(folders.inbox), [path.stat().st_mtime_ns for path in folders.inbox.iterdir()]
    take(folders)
    assert (everything(folders.inbox), [path.stat().st_mtime_ns for path in folders.inbox.iterdir()]) == before


def test_files_are_taken_by_extract_submitter_period_and_version(folders: Folders) -> None:
    files = [
        "outcomes__EDI__2026-03__v1.csv",
        "testing__ABE__2026-03__v1.csv",
        "testing__EDI__2026-02__v1.csv",
        "testing__EDI__2026-03__v2.csv",
        "testing__EDI__2026-03__v10.csv",
    ]
    for file in random.Random(3).sample(files, len(files)):
        send(folders.inbox, file, valid_rows(file))
    send(folders.inbox, "a wrong name", b"x")
    assert [entry.file for entry in take(folders)] == [*files, "a wrong name"]


def test_only_files_of_the_answer_sheet_are_synthetic(folders: Folders) -> None:
    paths = [
        send(folders.inbox, f"testing__EDI__2026-03__v{version}.csv", ROWS.head(40 + version)) for version in (1, 2)
    ]
    digests = {path.name: sha256(path.read_bytes()).hexdigest() for path in paths}
    digests[paths[1].name] = "0" * 64
    send(folders.inbox, "truth.json", json.dumps({"files": digests}).encode())
    assert [entry.is_synthetic for entry in take(folders)] == [True, False]


def test_the_same_bytes_twice_change_nothing(folders: Folders) -> None:
    send(folders.inbox, EDINBURGH, spoil(ROWS, 3, sex="F"))
    send(folders.inbox, "wrong.csv", b"x")
    assert len(take(folders)) == 2
    before = {path: content for path, content in everything(folders.data).items() if path.suffix != ".sqlite"}
    entries = registered(folders)
    assert take(folders) == []
    os.utime(folders.inbox / EDINBURGH, (1, 1))
    (folders.inbox / "wrong.csv").write_bytes(b"x")
    assert take(folders) == []
    other = folders.data / "other"
    send(other, EDINBURGH, spoil(ROWS, 3, sex="F"))
    assert ingest(folders, other, quiet=True) == []
    assert registered(folders) == entries
    after = {path: content for path, content in everything(folders.data).items() if path.suffix != ".sqlite"}
    assert {path: content for path, content in after.items() if path.parts[0] != "other"} == before


def test_a_copy_under_another_ending_is_the_same_submission(folders: Folders) -> None:
    send(folders.inbox, EDINBURGH, ROWS)
    send(folders.inbox, EDINBURGH.replace(".csv", ".csv.gz"), as_csv(ROWS))
    assert len(take(folders)) == 1


def test_a_higher_version_replaces_and_history_is_kept(folders: Folders) -> None:
    for version in (1, 2):
        assert take_one(folders, f"{STEM}__v{version}.csv", ROWS.head(50 + version)).state == "accepted"
    assert states(folders) == {1: "superseded", 2: "accepted"}
    assert rows_in_use(folders).height == 52
    assert len(list(folders.lake.glob("testing/*/rows.parquet"))) == 2


def test_a_lower_version_after_a_higher_one_is_outdated(folders: Folders) -> None:
    take_one(folders, f"{STEM}__v3.csv", ROWS)
    entry = take_one(folders, f"{STEM}__v2.csv", spoil(ROWS.head(50), 3, sex="F"))
    assert (entry.state, entry.rows_read, entry.rows_loaded, entry.rows_returned) == ("outdated", 50, 49, 1)
    assert (folders.lake / "testing" / entry.submission_id / "rows.parquet").exists()
    assert rows_in_use(folders).height == 60


@pytest.mark.parametrize("later", [None, f"{STEM}__v2.csv"])
def test_an_accepted_version_with_other_bytes_is_refused(folders: Folders, later: str | None) -> None:
    take_one(folders, EDINBURGH, ROWS)
    if later:
        take_one(folders, later, ROWS)
    used = rows_in_use(folders)
    entry = take_one(folders, EDINBURGH, ROWS.head(50))
    assert entry.state == "refused"
    assert "accepted before with other content" in str(entry.refused_because)
    assert rows_in_use(folders).equals(used)


def test_a_refused_version_may_be_sent_again(folders: Folders) -> None:
    assert take_one(folders, EDINBURGH, b"").state == "refused"
    assert take_one(folders, EDINBURGH, ROWS).state == "accepted"
    assert [entry.state for entry in registered(folders)] == ["refused", "accepted"]


def test_a_refused_higher_version_leaves_the_lower_one_in_use(folders: Folders) -> None:
    take_one(folders, f"{STEM}__v2.csv", b"")
    assert take_one(folders, EDINBURGH, ROWS).state == "accepted"
    assert rows_in_use(folders).height == 60


VERSIONS: dict[str, pl.DataFrame | bytes] = {
    f"{STEM}__v1.csv": ROWS.head(20),
    f"{STEM}__v2.csv": spoil(ROWS.head(30), 3, sex="F"),
    f"{STEM}__v3.csv.gz": ROWS.head(10),
    f"{STEM}__v4.csv": b"",
    "testing__EDI__2026-02__v1.csv": valid_rows("testing__EDI__2026-02__v1.csv", 15, first=100),
}


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(sorted(VERSIONS)), ends=st.sets(st.integers(1, 4)))
def test_any_order_of_arrival_gives_the_same_rows(order: Sequence[str], ends: set[int]) -> None:
    """The files arrive in this order, an ingest after each of `ends`."""
    with TemporaryDirectory() as place:
        folders = Folders(Path(place) / "data")
        for number, file in enumerate(order, 1):
            send(folders.inbox, file, VERSIONS[file])
            if number in ends or number == len(order):
                take(folders)
        used = rows_in_use(folders)
        assert used["submission_id"].str.head(24).unique(maintain_order=True).to_list() == [
            "testing__EDI__2026-02__v",
            "testing__EDI__2026-03__v",
        ]
        assert used["request_id"].to_list() == [
            *VERSIONS["testing__EDI__2026-02__v1.csv"]["request_id"],  # type: ignore[call-overload]
            *ROWS.head(10)["request_id"],
        ]
        by_state = {entry.file: entry.state for entry in registered(folders)}
        assert by_state[f"{STEM}__v3.csv.gz"] == "accepted"
        assert by_state[f"{STEM}__v1.csv"] in ("superseded", "outdated")
        for entry in registered(folders):
            assert entry.state == "refused" or entry.rows_read == entry.rows_loaded + entry.rows_returned


def test_rows_that_do_not_add_up_stop_the_ingest(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.ingest.inbox._Desk._write", lambda *_: 59)
    send(folders.inbox, EDINBURGH, ROWS)
    with pytest.raises(PipelineError, match="60 rows read, but 59 loaded and 0 returned"):
        take(folders)
    assert registered(folders) == []


def test_two_ingests_at_once_are_one_and_a_clear_error(folders: Folders) -> None:
    folders.inbox.mkdir(parents=True)
    take(folders)
    with (folders.data / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(PipelineError, match="another ingest"):
            take(folders)


def test_a_missing_inbox_is_a_clear_error(folders: Folders) -> None:
    with pytest.raises(PipelineError, match="no inbox folder"):
        take(folders)


def test_a_lake_without_its_register_is_not_swept(folders: Folders) -> None:
    take_one(folders, EDINBURGH, ROWS)
    folders.register.unlink()
    with pytest.raises(PipelineError, match="register is missing"):
        take(folders)
    assert list(folders.lake.glob("testing/*/rows.parquet"))


def test_leftovers_of_a_killed_ingest_are_swept(folders: Folders) -> None:
    take_one(folders, EDINBURGH, spoil(ROWS, 3, sex="F"))
    build_returns = folders.returns / "EDI" / f"{STEM}__v1__build.csv"
    build_returns.write_bytes(b"x")
    kept = everything(folders.data)
    for left in (
        "returns/GLA/testing__GLA__2026-03__v1.csv",
        "lake/testing/testing__EDI__2026-03__v9__0/rows.parquet",
        "returns/EDI/.building-0-x.csv",
        ".building-0-register.sqlite",
    ):
        (folders.data / left).parent.mkdir(parents=True, exist_ok=True)
        (folders.data / left).write_bytes(b"x")
    take(folders)
    assert everything(folders.data) == kept


def lake_of_one(folders: Folders) -> Path:
    (path,) = folders.lake.glob("testing/*/rows.parquet")
    return path


@pytest.mark.parametrize("damage", ["gone", "folder gone", "cut off", "a byte changed"])
def test_rows_that_are_damaged_are_read_again_from_the_inbox(folders: Folders, damage: str) -> None:
    take_one(folders, EDINBURGH, spoil(ROWS, 3, sex="F"))
    before, path = everything(folders.data), lake_of_one(folders)
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "folder gone":
        shutil.rmtree(path.parent)
    elif damage == "cut off":
        path.write_bytes(whole[:-9])
    else:
        path.write_bytes(whole[:99] + bytes([whole[99] ^ 1]) + whole[100:])
    told: list[str] = []
    assert ingest(folders, folders.inbox, quiet=True, tell=told.append) == []
    assert told == [f"lake: the rows of {EDINBURGH} were missing or damaged; they were read again from the inbox"]
    after = everything(folders.data)
    assert after.keys() == before.keys()
    assert {name.name for name in after if after[name] != before[name]} <= {"register.sqlite"}
    told.clear()
    ingest(folders, folders.inbox, quiet=True, tell=told.append)
    assert told == []


@pytest.mark.parametrize("inbox", ["without it", "with other bytes under its name"])
def test_rows_that_the_inbox_does_not_hold_any_more_are_left_as_they_are(folders: Folders, inbox: str) -> None:
    take_one(folders, EDINBURGH, ROWS)
    path = lake_of_one(folders)
    path.write_bytes(b"x")
    (folders.inbox / EDINBURGH).unlink()
    if inbox != "without it":
        send(folders.inbox, EDINBURGH, ROWS.head(50))
    told: list[str] = []
    ingest(folders, folders.inbox, quiet=True, tell=told.append)
    assert told == []
    assert path.read_bytes() == b"x"


def test_a_clock_that_was_put_back_does_not_keep_rows_from_being_read_again(folders: Folders) -> None:
    take_one(folders, EDINBURGH, ROWS)
    lake_of_one(folders).unlink()
    told: list[str] = []
    ingest(folders, folders.inbox, quiet=True, now=datetime(2001, 1, 1, tzinfo=UTC), tell=told.append)
    assert len(told) == 1


def test_returns_of_an_attempt_that_was_killed_do_not_outlive_it(folders: Folders) -> None:
    stale = folders.returns / "EDI" / f"{STEM}__v1.csv"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"x")
    take_one(folders, EDINBURGH, ROWS)
    assert not stale.exists()


def test_a_file_that_may_not_be_read_is_a_clear_error(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pipelines.ingest.inbox.read_once", deny)
    send(folders.inbox, EDINBURGH, ROWS)
    with pytest.raises(PipelineError, match=f"{EDINBURGH} cannot be read: Permission denied"):
        take(folders)


@pytest.mark.slow
def test_an_unchanged_inbox_is_recognised_at_once(folders: Folders) -> None:
    for number in range(1_300):
        send(folders.inbox, f"wrong {number}.csv", b"%d" % number)
    assert len(take(folders)) == 1_300
    started = time.process_time()
    assert take(folders) == []
    assert time.process_time() - started < 2


@pytest.mark.slow
@pytest.mark.parametrize("point", range(8))
def test_an_ingest_killed_at_any_point_leaves_the_old_state_or_the_new(folders: Folders, point: int) -> None:
    """Version 1 of forty months is in; version 2 of each is being taken when the process is killed."""
    months = [f"testing__EDI__{year}-{month:02d}" for year in range(2020, 2024) for month in range(1, 11)]
    versions = {month: [valid_rows(f"{month}__v1.csv", 40 + version) for version in (1, 2)] for month in months}
    for month in months:
        send(folders.inbox, f"{month}__v1.csv", versions[month][0])
    take(folders)
    for month in months:
        send(folders.inbox, f"{month}__v2.csv", spoil(versions[month][1], 3, sex="F"))
    taking = subprocess.Popen(
        [sys.executable, "-c", _TAKE, str(folders.data)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert taking.stdout is not None
    assert taking.stdout.readline() == b"ready\n"
    time.sleep(0.9 * (point + random.Random(point).random()) / 8)
    taking.send_signal(signal.SIGKILL)
    taking.wait()
    taking.stdout.close()
    heights = [rows.height for _, rows in rows_in_use(folders).group_by("submission_id", maintain_order=True)]
    assert len(heights) == len(months)
    assert set(heights) <= {41}
    taken = [entry for entry in registered(folders) if entry.version == 2]
    with Register(folders.register) as register:
        assert sum(entry.version == 2 for entry in register.in_use("testing")) == len(taken)
    assert len(take(folders)) == len(months) - len(taken)
    assert all(entry.version == 2 for entry in registered(folders) if entry.state == "accepted")
    letters = {path.name.removesuffix("__letter.md") for path in folders.returns.glob("EDI/*.md")}
    returned = {path.stem for path in folders.returns.glob("EDI/*.csv")}
    assert letters == returned
    assert len(returned) == len(list(folders.lake.glob("*/*"))) - len(months) == len(months)
    assert not list(folders.data.rglob(".building-*"))


_TAKE = """
import sys
from pathlib import Path
from pipelines.folders import Folders
from pipelines.ingest import ingest
folders = Folders(Path(sys.argv[1]))
print("ready", flush=True)
ingest(folders, folders.inbox, quiet=True)
"""
