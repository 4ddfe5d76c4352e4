"""Demonstration extracts: synthetic, seeded, the same bytes for the same settings, with their truths in truth.json."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from pipelines.demo.days import Months, WorkingDays, newest_month
from pipelines.demo.extracts import build_facts
from pipelines.demo.outcomes import draw_outcomes
from pipelines.demo.requests import draw_requests
from pipelines.demo.submissions import Rounds, Written, send_requests, write
from pipelines.demo.turnaround import draw_course
from pipelines.progress import steps

TRUTH = "truth.json"


def write_demo(
    out: Path,
    years: float = 5.5,
    requests_per_year: int = 60_000,
    seed: int = 20240401,
    until: str | None = None,
    quiet: bool = False,
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    newest = newest_month(until, datetime.now(UTC).date())
    months = Months(newest - max(round(years * 12), 1) + 1, newest)
    size = max(round(requests_per_year * years), 1)
    import time
    t = time.time()
    def lap(x):
        nonlocal t
        print(x, round(time.time() - t, 2)); t = time.time()
    working = WorkingDays(months)
    requests, people, ethnicity = draw_requests(seed, size, months, working)
    lap("requests")
    course = draw_course(seed, requests, people, months, working)
    lap("course")
    outcomes = draw_outcomes(seed, requests, people, course, months, Rounds(months).days[0])
    lap("outcomes")
    facts = build_facts(seed, requests, people, ethnicity, course, outcomes)
    lap("facts")
    written = Written()
    n = 0
    for name in write(send_requests(facts, months, seed, written), out, written):
        n += 1
    lap(f"files {n}")
    (out / TRUTH).write_text(json.dumps({"files": dict(sorted(written.files.items()))}, indent=1))
