"""The metrics: read back with Prometheus's own parser, right numbers, no count of people, a file that is whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pipelines.cli import main
from pipelines.folders import Folders
from pipelines.operations import metrics, state
from tests.pipelines.operations.test_state import at, logged, sent, served

Values = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


def read(text: str) -> Values:
    """Each value by name and labels, as a monitoring system reads it."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples}


def made(folders: Folders, now: dt.datetime) -> Values:
    return read(generate_latest(metrics.registry(state.look(folders, now))).decode())


def test_freshness_is_told_in_seconds(tmp_path: Path) -> None:
    served(Folders(tmp_path))
    found = made(Folders(tmp_path), at("2026-11-17"))
    assert found["genomics_release_served", ()] == 1
    assert found["genomics_release_age_seconds", ()] == 30 * 3600
    assert found["genomics_data_to_timestamp_seconds", ()] == dt.datetime(2026, 11, 1, tzinfo=dt.UTC).timestamp()
    assert found["genomics_data_expected_to_timestamp_seconds", ()] == found["genomics_data_to_timestamp_seconds", ()]


def test_without_a_release_there_is_no_age_and_it_is_told_that_none_is_served(tmp_path: Path) -> None:
    found = made(Folders(tmp_path), at("2026-11-17"))
    assert found["genomics_release_served", ()] == 0
    assert ("genomics_release_age_seconds", ()) not in found
    assert found["genomics_submissions", (("state", "accepted"),)] == 0
    assert found["genomics_run_failures_total", (("command", "refresh"),)] == 0


def test_submissions_are_counted_by_state_and_who_is_late_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [sent("2026-08"), sent("2026-09"), sent("2026-10", "refused"), sent("2026-10", submitter="GLA")]
    monkeypatch.setattr(state, "submissions", lambda _: entries)
    found = made(Folders(tmp_path), at("2026-11-17"))
    assert found["genomics_submissions", (("state", "accepted"),)] == 3
    assert found["genomics_submissions", (("state", "refused"),)] == 1
    assert found["genomics_refused_submissions", (("extract", "testing"),)] == 1
    assert found["genomics_late_submissions", (("extract", "testing"), ("submitter", "EDI"))] == 1
    assert found["genomics_late_submissions", (("extract", "testing"), ("submitter", "GLA"))] == 0


def test_of_each_command_its_last_run_its_last_success_and_its_failures_are_told(tmp_path: Path) -> None:
    logged(Folders(tmp_path), ("refresh", "done"), ("refresh", "failed"), ("refresh", "failed"), ("ingest", "refused"))
    found = made(Folders(tmp_path), at("2026-11-17"))
    began = dt.datetime(2026, 11, 16, 6, tzinfo=dt.UTC).timestamp()
    of = (("command", "refresh"),)
    assert found["genomics_last_run_success_timestamp_seconds", of] == began
    assert found["genomics_last_run_timestamp_seconds", of] == began + 120
    assert found["genomics_last_run_failed", of] == 1
    assert found["genomics_run_failures_total", of] == 2
    assert found["genomics_last_run_duration_seconds", of] == 1.5
    assert found["genomics_last_run_failed", (("command", "ingest"),)] == 0
    assert found["genomics_runs_total", (("command", "refresh"), ("outcome", "failed"))] == 2


def test_a_register_that_cannot_be_read_is_told_and_its_counts_are_not(tmp_path: Path) -> None:
    (tmp_path / "register.sqlite").write_bytes(b"")
    found = made(Folders(tmp_path), at("2026-11-17"))
    assert found["genomics_register_readable", ()] == 0
    assert not [name for name, _ in found if name.startswith("genomics_submissions")]


def test_the_command_writes_where_the_environment_says_and_leaves_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "textfile" / "genomics.prom"
    monkeypatch.setenv(metrics.ENVIRONMENT, str(place))
    done = CliRunner().invoke(main, ["--data", str(tmp_path / "data"), "metrics"])
    assert (done.exit_code, done.output) == (0, "")
    assert [path.name for path in place.parent.iterdir()] == ["genomics.prom"]
    assert read(place.read_text())["genomics_release_served", ()] == 0
    printed = CliRunner().invoke(main, ["--data", str(tmp_path / "data"), "metrics", "--out", "-"])
    assert set(read(printed.stdout)) == set(read(place.read_text()))
    assert not (tmp_path / "data").exists()
