"""The state of a data folder in the text format of Prometheus, for node_exporter's textfile collector."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter as Counts
from pathlib import Path
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics, write_to_textfile

from catalogue.contracts import extract_contracts
from pipelines.folders import Folders
from pipelines.ingest.register import State as SubmissionState
from pipelines.operations.state import FAILED, State, look, refused

#: Names the file that metrics are written to; `log/metrics.prom` in the data folder without it.
ENVIRONMENT = "GENOMICS_METRICS"

#: Commands whose last run is told also where none is in the log.
WATCHED = ("refresh",)

disable_created_metrics()  # type: ignore[no-untyped-call]


def metrics_file(folders: Folders) -> Path:
    """Where the metrics are written."""
    said = os.environ.get(ENVIRONMENT)
    return Path(said) if said else folders.log / "metrics.prom"


def write_metrics(folders: Folders, path: Path) -> None:
    """Write every metric of a data folder to a file, which takes its place at once; OSError where it cannot be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry(look(folders)))


def registry(state: State) -> CollectorRegistry:
    """The metrics of a state: times as seconds since 1970, ages in seconds; counts of submissions, releases, runs."""
    made = CollectorRegistry()
    _releases(made, state)
    _submissions(made, state)
    _runs(made, state)
    _set(made, "genomics_build_held_back", "1 while newer submissions are in no release.", state.held is not None)
    _set(made, "genomics_disk_free_bytes", "Disk that is free for the data folder.", state.free_bytes)
    _set(made, "genomics_metrics_timestamp_seconds", "When these metrics were made.", state.at.timestamp())
    return made


def _releases(made: CollectorRegistry, state: State) -> None:
    _set(made, "genomics_release_served", "1 while a release is served.", state.serving is not None)
    _set(
        made,
        "genomics_releases_unreadable",
        "Releases without a whole manifest, or served and damaged.",
        len(state.damaged),
    )
    _set(
        made,
        "genomics_data_expected_to_timestamp_seconds",
        "End of the newest month that a release is to hold by now.",
        _end_of(state.data_expected_to),
    )
    if state.serving is not None:
        created = dt.datetime.fromisoformat(state.serving.manifest["created_at"]).timestamp()
        aside = state.serving.manifest.get("set_aside", [])
        _set(made, "genomics_release_timestamp_seconds", "When the release being served was made.", created)
        _set(made, "genomics_release_age_seconds", "Age of the release being served.", state.at.timestamp() - created)
        _set(made, "genomics_submissions_set_aside", "Submissions that the release left out.", len(aside))
    if state.data_to is not None:
        _set(
            made,
            "genomics_data_to_timestamp_seconds",
            "End of the newest month in the release being served.",
            _end_of(state.data_to),
        )


def _submissions(made: CollectorRegistry, state: State) -> None:
    _set(
        made,
        "genomics_register_readable",
        "1 while the register of submissions can be read.",
        state.submissions is not None,
    )
    if state.submissions is None:
        return
    counted = Counts(entry.state for entry in state.submissions)
    held = Gauge("genomics_submissions", "Submissions in the register.", ["state"], registry=made)
    for name in get_args(SubmissionState):
        held.labels(name).set(counted[name])
    overdue = Gauge("genomics_late_submissions", "Months due and not sent.", ["extract", "submitter"], registry=made)
    waiting = Gauge("genomics_refused_submissions", "Refused, and nothing accepted since.", ["extract"], registry=made)
    for name in extract_contracts():
        waiting.labels(name).set(sum(entry.extract == name for entry in refused(state.submissions)))
    for (extract, submitter), months in state.late.items():
        overdue.labels(extract, submitter).set(months)


def _runs(made: CollectorRegistry, state: State) -> None:
    """Of each command that is in the log: its last run, its last that was done, and how many there failed."""
    by_command = ["command"]
    last = Gauge("genomics_last_run_timestamp_seconds", "When a command last began.", by_command, registry=made)
    took = Gauge("genomics_last_run_duration_seconds", "How long its last run took.", by_command, registry=made)
    failed = Gauge("genomics_last_run_failed", "1 where its last run failed or was stopped.", by_command, registry=made)
    good = Gauge(
        "genomics_last_run_success_timestamp_seconds", "When it last began and was done.", by_command, registry=made
    )
    counted = Counter("genomics_runs", "Runs in the log by outcome.", ["command", "outcome"], registry=made)
    failures = Counter("genomics_run_failures", "Runs in the log that failed.", by_command, registry=made)
    for command in WATCHED:
        failures.labels(command)
    for run in state.runs:
        command, began = run["command"], dt.datetime.fromisoformat(run["time"]).timestamp()
        is_failure = run["outcome"] in FAILED
        last.labels(command).set(began)
        took.labels(command).set(run.get("seconds", {}).get("whole", 0))
        failed.labels(command).set(is_failure)
        counted.labels(command, run["outcome"]).inc()
        failures.labels(command).inc(is_failure)
        if not is_failure:
            good.labels(command).set(began)


def _set(made: CollectorRegistry, name: str, meaning: str, value: float) -> None:
    Gauge(name, meaning, registry=made).set(value)


def _end_of(day: dt.date) -> float:
    """The end of a day as seconds since 1970."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC).timestamp()
