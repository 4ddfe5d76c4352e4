"""Demonstration extracts: synthetic, seeded, the same bytes for the same settings, with their truths in truth.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from pipelines.demo.days import Months, WorkingDays, month_name, newest_month
from pipelines.demo.extracts import build_facts
from pipelines.demo.measured import measure
from pipelines.demo.outcomes import Outcomes, draw_outcomes
from pipelines.demo.people import Ethnicity, People
from pipelines.demo.programme import send_programme
from pipelines.demo.requests import Requests, draw_requests
from pipelines.demo.submissions import Rounds, Written, by_laboratory, plan_requests, send_requests, write
from pipelines.demo.truth import effects
from pipelines.demo.turnaround import Course, draw_course
from pipelines.demo.workforce import send_workforce
from pipelines.errors import PipelineError
from pipelines.progress import steps

TRUTH = "truth.json"
SETTINGS = ("seed", "until", "years", "requests_per_year")


@dataclass(frozen=True)
class Drawn:
    """Everything that happened in the demonstration service, before any of it is sent."""

    requests: Requests
    people: People
    ethnicity: Ethnicity
    course: Course
    outcomes: Outcomes


def write_demo(
    out: Path,
    years: float = 5.5,
    requests_per_year: int = 60_000,
    seed: int = 20240401,
    until: str | None = None,
    quiet: bool = False,
) -> None:
    """Write submission files of all five extracts and truth.json into a folder.

    years: length of the history; until: its newest month as YYYY-MM (default: the last whole month); the same
    settings give the same bytes. Raises PipelineError where the settings make no sense, or where the folder holds
    demonstration files of other settings, which would be mixed up with these.
    """
    if years <= 0 or requests_per_year < 1 or seed < 0:
        raise PipelineError("demo: years and requests per year must be positive, and the seed not negative")
    newest = newest_month(until, datetime.now(UTC).date())
    months = Months(newest - max(round(years * 12), 1) + 1, newest)
    chosen = dict(zip(SETTINGS, (seed, month_name(newest), years, requests_per_year), strict=True))
    _refuse_other_settings(out, chosen)
    out.mkdir(parents=True, exist_ok=True)
    drawn = draw(seed, max(round(requests_per_year * years), 1), months, quiet)
    facts = build_facts(seed, drawn.requests, drawn.people, drawn.ethnicity, drawn.course, drawn.outcomes)
    laboratories = by_laboratory(facts, months)
    plan = plan_requests(laboratories, months)
    others = [*send_workforce(months, seed), *send_programme(months, seed, requests_per_year)]
    written = Written()
    with steps("Demonstration files", len(plan) + len(others), quiet) as progress:
        for _ in write(chain(send_requests(plan, laboratories, months, seed, written), others), out, written):
            progress.done()
    told = chosen | _tell(drawn, months, written)
    (out / TRUTH).write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def draw(seed: int, size: int, months: Months, quiet: bool = True) -> Drawn:
    """Draw `size` requests over the months, with the people, dates and outcomes."""
    with steps("Demonstration data", 3, quiet) as progress:
        progress.doing("requests and people")
        working = WorkingDays(months)
        requests, people, ethnicity = draw_requests(seed, size, months, working)
        progress.done()
        progress.doing("dates")
        course = draw_course(seed, requests, people, months, working)
        progress.done()
        progress.doing("outcomes")
        outcomes = draw_outcomes(seed, requests, people, course, months, Rounds(months).days[0])
        progress.done()
        progress.doing("")
    return Drawn(requests, people, ethnicity, course, outcomes)


def _refuse_other_settings(out: Path, chosen: dict[str, Any]) -> None:
    if not (out / TRUTH).exists():
        return
    held = json.loads((out / TRUTH).read_text(encoding="utf-8"))
    if any(held.get(name) != value for name, value in chosen.items()):
        raise PipelineError(f"demo: {out} holds demonstration files of other settings; choose an empty folder")


def _tell(drawn: Drawn, months: Months, written: Written) -> dict[str, Any]:
    """What truth.json holds besides the settings."""
    return {
        "from": month_name(months.first),
        "requests": drawn.requests.size,
        "people": drawn.people.board.size,
        "rounds": [{"newest_month": month_name(month), "extracted_on": day} for month, day in Rounds(months).described],
        "effects": effects(),
        "measured": measure(drawn.requests, drawn.people, drawn.ethnicity, drawn.course, drawn.outcomes, months),
        "bad_rows": written.bad_rows_by_reason,
        "bad_rows_by_file": dict(sorted(written.bad_rows.items())),
        "refused_files": written.refused,
        "rows": dict(sorted(written.rows.items())),
        "files": dict(sorted(written.files.items())),
    }
