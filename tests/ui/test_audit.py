"""What is recorded, what never is, and what happens when it cannot be."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from pipelines import audit_trail
from tests.ui.trails import read
from ui import audit
from ui.data import ENVIRONMENT

KEY = "0123456789abcdef"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that serves a release."""
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    monkeypatch.setattr(audit, "_MISSED", audit._Missed())
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "current").write_text("20261115T080000Z-full\n")
    return tmp_path


def records(data: Path) -> list[dict]:
    return [json.loads(line) for line in read(data / "audit")]


def closed(data: Path) -> None:
    """Have the trail's folder be one that nothing can be written to."""
    (data / "audit").write_text("not a folder")


def opened(data: Path) -> None:
    (data / "audit").unlink()


def test_a_record_says_who_what_where_when_and_of_which_release(data: Path) -> None:
    audit.record("view", KEY, "turnaround", {"board": "Fife", "from": "Oct 2025"})
    (record,) = records(data)
    assert (record["reader"], record["what"], record["where"]) == (KEY, "view", "turnaround")
    assert record["release"] == "20261115T080000Z-full"
    assert record["detail"] == {"board": "Fife", "from": "Oct 2025"}
    assert record["when"].endswith("Z")


def test_an_older_release_that_was_looked_at_is_named(data: Path) -> None:
    audit.record("view", KEY, "cited_figure", {"release": "20250101T080000Z-old"})
    assert records(data)[0]["release"] == "20250101T080000Z-old"
    assert "release" not in records(data)[0]["detail"]


@pytest.mark.parametrize("pointer", ["", "../../etc/passwd", "a\nb", "x" * 500])
def test_a_pointer_that_names_no_release_is_not_recorded(data: Path, pointer: str) -> None:
    (data / "releases" / "current").write_text(pointer)
    audit.record("view", KEY, "home")
    assert records(data)[0]["release"] == ""


def test_before_the_first_release_there_is_none_to_name(data: Path) -> None:
    (data / "releases" / "current").unlink()
    audit.record("refused", "", "home", {"reason": "signed_out"})
    assert (records(data)[0]["release"], records(data)[0]["reader"]) == ("", "nobody")


def test_only_listed_kinds_details_and_keys_are_recorded(data: Path) -> None:
    with pytest.raises(ValueError, match="not recorded"):
        audit.record("mended", KEY, "home")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="value may not be recorded"):
        audit.record("view", KEY, "home", {"value": "12"})
    for key in ("a.person@example.org", "a b", "x" * 65, "\n", 'a"'):
        with pytest.raises(ValueError, match="key"):
            audit.record("view", key, "home")
    assert not (data / "audit").exists()


FORGED = 'Fife"}\n{"detail":{},"number":2,"previous":"0","what":"view"}\n'


@pytest.mark.parametrize(
    "text", [FORGED, "a\r\nb", "a\u2028b\u2029c\x85d", "\x00\x1b[2J\x7f", "\ud800", "\u202eevil", "\ufeff"]
)
def test_no_text_can_forge_a_line_or_move_a_cursor(data: Path, text: str) -> None:
    audit.record("view", KEY, text, {"board": text})
    audit.record("view", KEY, "home")
    raw = b"".join(read(data / "audit"))
    assert raw.count(b"\n") == 2
    assert all(0x20 <= byte < 0x7F or byte == 0x0A for byte in raw)
    assert all(letter.isprintable() for letter in records(data)[0]["where"] + records(data)[0]["detail"]["board"])
    assert audit_trail.verify(data / "audit").lines == 2


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0101019876", "[number]"),
        ("CHI 010101 9876 of", "CHI [number] of"),
        ("010-101-9876", "[number]"),
        ("\uff10\uff11\uff10\uff11\uff10\uff11\uff19\uff18\uff17\uff16", "[number]"),
        ("somebody@nhs.scot asked", "[e-mail] asked"),
        ("Oct 2025", "Oct 2025"),
        ("20261115T080000Z-full/open_requests/-/-/month/2021-10..2026-09", None),
        ("2021-10-01 to 2026-09-30", None),
    ],
)
def test_what_a_reader_typed_is_never_kept_as_a_health_number_or_an_address(
    data: Path, text: str, kept: str | None
) -> None:
    audit.record("view", KEY, text, {"board": text})
    assert records(data)[0]["where"] == (kept or text)
    assert records(data)[0]["detail"]["board"] == (kept or text)


def test_values_are_bounded_however_long_they_are(data: Path) -> None:
    audit.record("view", KEY, "w" * 10_000_000, {"board": "\u00e9" * 10_000_000, "id": "i" * 10_000_000})
    (record,) = records(data)
    assert (len(record["where"]), len(record["detail"]["board"]), len(record["detail"]["id"])) == (600, 120, 600)
    assert record["where"].endswith("\N{HORIZONTAL ELLIPSIS}")


def test_of_an_address_only_filters_are_told() -> None:
    address = {"board": "Fife", "chart_use": "x", "by": ["a", "b"], "view": "", "embed": "true"}
    assert audit.chosen(address) == {"board": "Fife", "by": "a, b"}


def test_a_file_is_made_only_once_its_download_is_recorded(data: Path) -> None:
    made = audit.on_download(KEY, "figure/id", "20261115T080000Z-full", lambda: b"rows")
    assert not (data / "audit").exists()
    assert made() == b"rows"
    assert [(record["what"], record["where"]) for record in records(data)] == [("download", "figure/id")]


@pytest.mark.parametrize("what", ["sign_in", "view", "download", "role"])
def test_what_cannot_be_recorded_is_not_given_to_a_signed_in_reader(data: Path, what: audit.What) -> None:
    closed(data)
    with pytest.raises(audit.NotRecordedError, match="could not be recorded"):
        audit.record(what, KEY, "home")


def test_no_file_is_made_of_a_download_that_cannot_be_recorded(data: Path) -> None:
    closed(data)
    with pytest.raises(audit.NotRecordedError):
        audit.on_download(KEY, "id", "r", lambda: pytest.fail("made"))()


@pytest.mark.parametrize("what", ["sign_out", "refused"])
def test_a_refusal_or_a_sign_out_is_never_stopped_by_the_trail(
    data: Path, what: audit.What, caplog: pytest.LogCaptureFixture
) -> None:
    closed(data)
    audit.record(what, KEY, "home")
    assert "cannot be written" in caplog.text


def test_a_demonstration_goes_on_without_its_trail_and_warns(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    closed(data)
    audit.record("view", "demonstration", "home", {"board": "Fife"})
    assert "cannot be written" in caplog.text
    assert KEY not in caplog.text
    assert "Fife" not in caplog.text


def test_records_that_were_lost_are_counted_by_the_next_that_is_written(data: Path) -> None:
    closed(data)
    for _ in range(3):
        audit.record("refused", "", "home", {"reason": "signed_out"})
    assert audit.missed() == 3
    opened(data)
    audit.record("view", KEY, "home")
    assert audit.missed() == 0
    first, second = records(data)
    assert (first["what"], first["detail"]) == ("mended", {"lines": "3", "reason": "records lost"})
    assert second["what"] == "view"
    assert audit_trail.verify(data / "audit").mended == {"records lost": 3}


def test_the_head_is_logged_at_the_first_record_and_every_hundredth_to_be_kept_elsewhere(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger=audit.ANCHORS.name):
        for _ in range(101):
            audit.record("view", "demonstration", "home")
    told = [record.getMessage() for record in caplog.records if record.name == audit.ANCHORS.name]
    hashes = [record["hash"] for record in records(data)]
    assert told == [f"audit trail: line {number} has the hash {hashes[number - 1]}" for number in (1, 100)]
    assert audit_trail.verify(data / "audit", anchor=hashes[99]).anchored_at == 100
