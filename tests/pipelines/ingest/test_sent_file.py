"""The bytes of a file as sent."""

from __future__ import annotations

import gzip
import hashlib
import os
import time
from pathlib import Path

import pytest

from pipelines.ingest import sent_file
from pipelines.ingest.refusal import RefusedError
from pipelines.ingest.sent_file import read_once, stamp, unpack


def test_a_file_is_read_and_hashed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"abc" * 1000)
    sent = read_once(path)
    assert sent.content == b"abc" * 1000
    assert sent.sha256 == hashlib.sha256(sent.content).hexdigest()
    assert sent.stamp == stamp("a.csv", path.stat())


def test_a_stamp_holds_no_name() -> None:
    assert "Jean" not in repr(stamp("Jean.csv", os.stat_result(range(10))))


def test_a_file_above_the_limit_is_hashed_but_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent_file, "BYTES_LIMIT", 100)
    path = tmp_path / "a.csv"
    path.write_bytes(b"a" * 101)
    sent = read_once(path)
    assert sent.content is None
    assert sent.refused_because
    assert sent.sha256 == hashlib.sha256(b"a" * 101).hexdigest()


def test_a_file_that_changes_while_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"first")
    changes = [b"second, longer", b""]
    read = sent_file._read

    def read_and_change(*given: object) -> bytes:
        found = read(*given)  # type: ignore[arg-type]
        if changes and (new := changes.pop(0)):
            path.write_bytes(new)
        return found

    monkeypatch.setattr(sent_file, "_read", read_and_change)
    assert read_once(path).content == b"second, longer"


def test_a_file_that_never_rests_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x")
    read = sent_file._read

    def read_and_grow(*given: object) -> bytes:
        found = read(*given)  # type: ignore[arg-type]
        path.write_bytes(found + b"x")
        return found

    monkeypatch.setattr(sent_file, "_read", read_and_grow)
    sent = read_once(path)
    assert sent.content is None
    assert "changed while" in str(sent.refused_because)


def test_gzip_is_unpacked() -> None:
    assert unpack(gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n")) == b"a,b\n1,2\n"


# Without the time of packing, so that every worker names the cases alike.
PACKED = gzip.compress(bytes(range(256)) * 50, mtime=0)


@pytest.mark.parametrize("content", [PACKED[:-9], PACKED[:5], PACKED + b"more", b"a,b\n1,2\n"])
def test_a_gzip_file_cut_off_or_damaged_is_refused(content: bytes) -> None:
    with pytest.raises(RefusedError, match="cut off or damaged"):
        unpack(content)


def test_a_gzip_bomb_is_refused_in_bounded_time() -> None:
    bomb = gzip.compress(bytes(1 << 28))
    started = time.monotonic()
    with pytest.raises(RefusedError, match="unpacks to far more"):
        unpack(bomb)
    assert time.monotonic() - started < 5
