"""Server time and data sent of the pages, against an app that shows one line, both asked over the websocket."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.measuring import Measure
from pipelines.folders import Folders
from tests.browser import talk
from tests.browser.conftest import serving

LABORATORIES = ("Aberdeen", "Dundee", "Edinburgh", "Glasgow")
CATEGORIES = ("NIPT", "Whole+genome", "Standard+cancer", "Lung+cancer", "Predictive")
BOARDS = ("Borders", "Fife", "Grampian", "Greater+Glasgow+and+Clyde", "Highland", "Lothian", "Orkney", "Tayside")
GROUPINGS = ("Sex", "Age+group", "Interpreter+needed", "SIMD+quintile", "Urban+rural+class")
OUTCOME_VIEWS = ("By+board+of+residence", "By+technology", "By+clinical+group", "By+purpose+of+the+test")
STAFF = ("Clinical+scientist", "Genetic+technologist", "Bioinformatician")
SIDES = ("Receiving+laboratory", "Directory", "Referrer+specialty")

#: Addresses of each page that has filters, none of them asked for before.
FILTERED: dict[str, list[str]] = {
    "aim": [f"aim={number}" for number in range(1, 14)],
    "turnaround": [f"view=Laboratory&lab={lab}&category={kind}" for lab in LABORATORIES for kind in CATEGORIES],
    "signals": [
        f"chart_of={view}&shown={shown}&chart={chart}"
        for view in ("Scotland", "Requesting+board", "Laboratory", "Turnaround+category", "Technology")
        for shown in ("Share+within+standard", "Median+days+to+report")
        for chart in ("XmR+chart", "Run+chart")
    ],
    "demand": [f"growth={rate}%25&by={by}" for rate in (0, 2, 5, 10) for by in ("Technology", "Turnaround+category")],
    "data_quality": [f"of=Health+board&board={board}" for board in BOARDS]
    + [f"of=Laboratory&lab={lab}" for lab in LABORATORIES],
    "waits_answers": [f"lives_in={board}" for board in BOARDS if board != "Orkney"]
    + [f"by={grouping}" for grouping in GROUPINGS],
    "workforce": [f"lab={lab}&staff={role}" for lab in LABORATORIES for role in STAFF],
    "capacity": [f"lab={lab}&staff={role}" for lab in LABORATORIES for role in STAFF],
    "gap_scanner": [f"shown=Every+gap+shown&by={grouping}" for grouping in GROUPINGS],
    "equity_summary": [f"lives_in={board}" for board in BOARDS if board != "Orkney"],
    "outcomes": [f"lives_in={board}" for board in BOARDS] + [f"show={view}" for view in OUTCOME_VIEWS],
    "reach": [
        f"tests={kind}&area={board}" for kind in ("Rare+and+inherited+disease", "Cancer") for board in BOARDS[:6]
    ],
    "ethnicity_recording": [f"lives_in={board}" for board in BOARDS] + [f"by={side}" for side in SIDES],
}
PLAIN = ("", "definitions", "release_changes", "where_stuck", "comparison", "knowledge", "aims", "re_aim", "programme")

#: Pages of one role, by how the picker of the demonstration names it; last the one that goes on simulating when left.
OWN = {
    "assumptions": "Planner",
    "my_board": "Board manager",
    "my_returns": "Data steward",
    "administration": "Administrator",
    "scenarios": "Planner",
}
#: What is said in place of a budget of a first view that simulates.
SIMULATED = "none: it fits and simulates a laboratory, or says after 30 s that it goes on; progress is shown"
#: Views of each of them, after the first.
AGAIN = 10
BARE = "import streamlit as st\n\nst.title('One line')\n"


def measure(folders: Folders) -> list[Measure]:
    """First views, and the 95th percentile of later views with filters not asked for before."""
    with tempfile.TemporaryDirectory() as place:
        bare = Path(place) / "bare.py"
        bare.write_text(BARE)
        with serving(folders.data, Path(place) / "log", str(bare)) as url:
            _ask(url, "")
            floor = _percentile([_ask(url, "")[0] for _ in range(20)])
        with serving(folders.data, Path(place) / "log", prepares=True) as url:
            first = {page: _ask(url, page) for page in (*PLAIN, *FILTERED)}
            later = {}
            for page, queries in FILTERED.items():
                later[f"{page}, new filters"] = [_ask(url, page, query) for query in queries]
                later[f"{page}, filters seen before"] = [_ask(url, page, query) for query in queries]
            later["home"] = [_ask(url, "") for _ in range(20)]
            for page, role in OWN.items():
                first[page], *again = _ask_as(url, role, page)
                later[f"{page}, again"] = again
    bare_app = "an app of one line, 95th percentile"
    found = [
        Measure(
            f"{page or 'home'}, first view on a started server",
            bare_app,
            SIMULATED if page == "scenarios" else "under 1 s",
            seconds,
            floor,
            _sent([sent]),
        )
        for page, (seconds, sent) in first.items()
    ]
    for name, views in later.items():
        seconds = _percentile([view for view, _ in views])
        sent = _sent([size for _, size in views])
        found.append(Measure(f"{name}, 95th percentile", bare_app, "under 0.3 s; under 1 MB", seconds, floor, sent))
    return found


def _ask(url: str, page: str, query: str = "") -> tuple[float, int]:
    """Seconds and bytes of one view in a session of its own."""
    started = time.perf_counter()
    answer = talk.run(talk.ask(url, page, query))
    if answer.exceptions:
        raise SystemExit(f"{page}: {answer.exceptions[0]}")
    return time.perf_counter() - started, len(answer.raw)


def _ask_as(url: str, role: str, page: str) -> list[tuple[float, int]]:
    """Seconds and bytes of the views of a page of a role, one after another in one session."""
    found = talk.run(talk.ask_as(url, role, page, 1 + AGAIN))
    if problems := [problem for _, answer in found for problem in answer.exceptions]:
        raise SystemExit(f"{page}: {problems[0]}")
    return [(seconds, len(answer.raw)) for seconds, answer in found]


def _percentile(seconds: list[float]) -> float:
    return sorted(seconds)[round(0.95 * (len(seconds) - 1))]


def _sent(sizes: list[int]) -> str:
    return f"at most {max(sizes) / 1000:,.0f} kB sent"
