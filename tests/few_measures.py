"""A catalogue of few measures and checks, for tests of how releases come about, whatever stands in them.

`python -m tests.few_measures` is the command line of `pipelines` with that catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from great_expectations import ExpectationSuite

from catalogue.disclosure import register
from catalogue.indicators import Indicator, indicators
from expectations.suites import suites
from pipelines.cli import main
from pipelines.models import INDICATOR, Model, read_models

#: Suites of checks that are made.
CHECKED = ("stg_testing", "stg_turnaround", "dq_submissions")
#: A share of requests, times, counts of requests, people and items.
FEW = frozenset({
    "reported_within_standard", "turnaround_days", "requests_received", "ethnicity_recorded",
    "milestones_on_time", "stage_days", "open_requests", "overdue_backlog",
})  # fmt: skip


def few_entries() -> dict[str, Indicator]:
    """The few, by one dimension at a time."""
    found = {name: entry for name, entry in indicators().items() if name in FEW}
    return {
        name: entry.model_copy(update={"cubes": [cube for cube in entry.cubes if len(cube) < 2]})
        for name, entry in found.items()
    }


def few_suites() -> dict[str, ExpectationSuite]:
    return {table: suite for table, suite in suites().items() if table in CHECKED}


def few_models() -> list[Model]:
    """Every model but those of the other indicators."""
    return [model for model in read_models() if model.name.removeprefix(INDICATOR) in FEW or not _counts(model)]


def _counts(model: Model) -> bool:
    return model.name.startswith(INDICATOR)


@contextmanager
def few_measures() -> Iterator[None]:
    """Builds within know the few alone."""
    with (
        mock.patch("pipelines.build.indicators", few_entries),
        mock.patch("pipelines.build.read_models", few_models),
        mock.patch("pipelines.build.register", return_value=register(indicators())),
        mock.patch("pipelines.quality.checks.suites", few_suites),
    ):
        yield


if __name__ == "__main__":
    with few_measures():
        main()
