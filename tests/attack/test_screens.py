"""T10 to T12, T14, T18 and T21: whatever a viewer's screens hold, drawn or not, is made of the protected store alone.

The store holds no number of a hidden cell (test_differences.py), so what follows from nothing else tells none. Each
page is made twice: from a whole data folder, and from one in which only the protected store is left.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

from catalogue.contracts import ROOT
from tests.browser import talk
from tests.browser.conftest import serving
from tests.conftest import Published
from tests.pages.conftest import Open, text_of
from ui import guard
from ui.access import Role, demonstration
from ui.data import STORE

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small")]

VIEWS: list[tuple[str, dict[str, str]]] = [
    ("home", {}),
    ("turnaround", {}),
    ("turnaround", {"view": "Requesting board", "board": "Orkney"}),
    ("turnaround", {"view": "Laboratory", "lab": "Dundee", "category": "NIPT"}),
    ("ethnicity_recording", {"board": "Orkney"}),
    ("waits_answers", {}),
    ("waits_answers", {"by": "SIMD quintile", "lives_in": "Fife"}),
    ("gap_scanner", {"shown": "Every gap shown"}),
    ("knowledge", {}),
    ("equity_summary", {"lives_in": "Fife"}),
    ("outcomes", {}),
    ("outcomes", {"show": "By technology", "group": "Cardiology"}),
    ("reach", {"area": "Island boards together"}),
    ("workforce", {"lab": "Dundee", "staff": "Genetic technologist"}),
    ("capacity", {"lab": "Dundee"}),
    ("demand", {"growth": "5%"}),
    ("data_quality", {}),
    ("definitions", {}),
    ("glossary", {}),
    ("release_changes", {}),
    ("signals", {"chart_of": "Laboratory"}),
    ("comparison", {}),
    ("where_stuck", {}),
    ("outlook", {}),
    ("aims", {}),
    ("aim", {"aim": "5"}),
    ("re_aim", {}),
    ("programme", {}),
    ("assumptions", {}),
]
#: Pages of more than the protected store: exact figures of a board, a submitter's own files, who did what; and the page
#: of one cited figure, which tests/pages/test_cited_figure.py opens for each kind of figure. Scenarios simulates for
#: most of a minute, from the same tables as Capacity and Where it is stuck.
OF_MORE = {"my_board", "my_returns", "administration", "cited_figure", "scenarios"}
IDS = [" ".join([page, *query.values()]) for page, query in VIEWS]

#: What differs between two runs of one page: names that the server makes up for files and buttons.
MADE_UP = re.compile(r"[0-9a-f]{32,64}")
#: Numbers that say when, not how many.
DATES = re.compile(r"\d{4}-\d{2}-\d{2}T?[\d:]*|(?:20)\d\d")


@pytest.fixture(scope="module")
def whole(small: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder as the build leaves it."""
    place = tmp_path_factory.mktemp("whole") / "data"
    shutil.copytree(small.folders.data, place, ignore=shutil.ignore_patterns("inbox", "lake", "audit"))
    return place


@pytest.fixture(scope="module")
def store_alone(small: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which only the protected store of the release is left."""
    releases = tmp_path_factory.mktemp("alone") / "data" / "releases"
    (releases / small.release.folder.name).mkdir(parents=True)
    shutil.copy(small.store, releases / small.release.folder.name / STORE)
    for pointer in ("current", "published"):
        shutil.copy(small.folders.releases / pointer, releases / pointer)
    return releases.parent


def _frames(app: AppTest) -> list[str]:
    """Everything that the page sends, element by element, with what is drawn, hidden, spoken and tabulated."""
    found: list[str] = []

    def walk(node: object) -> None:
        children = getattr(node, "children", None)
        proto = getattr(node, "proto", None)
        if proto is not None and hasattr(proto, "DESCRIPTOR"):
            found.append(MADE_UP.sub("", json.dumps(MessageToDict(proto), sort_keys=True)))
        for child in (children or {}).values():
            walk(child)

    walk(app._tree)
    return found


def test_every_page_of_the_protected_store_is_among_them() -> None:
    pages = {path.stem for path in (ROOT / "pages").glob("*.py")} - {"__init__"}
    assert {page for page, _ in VIEWS} == pages - OF_MORE


@pytest.mark.parametrize(("page", "query"), VIEWS, ids=IDS)
def test_t10_t14_t18_t21_a_page_is_the_same_where_nothing_but_the_protected_store_is_left(
    whole: Path, store_alone: Path, open_page: Open, page: str, query: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if page == "assumptions":
        monkeypatch.setattr(guard, "chosen_role", lambda: demonstration(Role.PLANNER))
    from_whole, from_store = (open_page(page, folder, **query) for folder in (whole, store_alone))
    assert not from_whole.exception
    assert len(_frames(from_whole)) > 10
    assert _frames(from_whole) == _frames(from_store)
    assert text_of(from_whole) == text_of(from_store)


@pytest.mark.parametrize(("page", "query"), VIEWS[:5], ids=IDS[:5])
def test_t10_t11_no_trace_is_out_of_sight_and_no_point_without_a_height_says_a_number(
    whole: Path, open_page: Open, page: str, query: dict[str, str]
) -> None:
    app = open_page(page, whole, **query)
    charts = app.get("plotly_chart")
    assert not app.exception
    for chart in charts:
        drawn = json.loads(chart.proto.spec)
        assert "frames" not in drawn or not drawn["frames"]
        for trace in drawn["data"]:
            assert trace.get("visible", True) is True
            assert "meta" not in trace
            assert trace["type"] in ("scatter", "bar")
            heights, across = trace.get("y") or [], trace.get("x") or []
            for name in ("customdata", "text", "hovertext", "ids"):
                beside = trace.get(name)
                if isinstance(beside, list):
                    assert len(beside) == len(heights)
                    for height, other, said in zip(heights, across, beside, strict=True):
                        if height is None or other is None:
                            assert not re.search(r"\d", DATES.sub("", str(said or "").partition("<br>")[2])), said
    assert charts or page == "home"


def test_t12_every_download_of_a_page_holds_what_the_page_shows(small: Published, whole: Path, tmp_path: Path) -> None:
    files = talk.run(_downloads(whole, tmp_path))
    with duckdb.connect(str(small.store), read_only=True) as con:
        shown = {
            str(number)
            for column in ("numerator", "denominator", "value", "lower", "upper")
            for (number,) in con.execute(f"SELECT DISTINCT {column} FROM cells WHERE {column} IS NOT NULL").fetchall()
        }
        served = {number.removesuffix(".0") for number in shown}
    assert len(files) >= 4
    for file in files:
        lines = [line.split(",") for line in file.decode("utf-8-sig").splitlines()]
        header, rows = lines[0], [line for line in lines[1:] if len(line) == len(lines[0])]
        assert "figure_id" in header
        for name in ("value", "lower", "upper", "numerator", "denominator"):
            values = {row[header.index(name)] for row in rows if name in header}
            told = {value.removesuffix(".0") for value in values if re.match(r"-?\d", value)}
            assert told <= served


async def _downloads(data: Path, place: Path) -> list[bytes]:
    """Every file that the turnaround page of a small board offers, fetched as a browser does it."""
    import httpx

    found = []
    with serving(data, place / "log") as url:
        async with talk.connect(url) as socket:
            closed, page = await talk.opened(socket, url, "turnaround", "view=Requesting+board&board=Orkney")
            assert not [*closed.exceptions, *page.exceptions]
            assert not closed.files
            for file in page.files[:-1]:
                await socket.send(talk.fetch(page.session, file))
                address = await talk.made(socket)
                async with httpx.AsyncClient() as client:
                    answer = await client.get(f"{url}{address}")
                assert answer.status_code == 200
                found.append(answer.content)
    log = (place / "log").read_text(errors="replace")
    assert "Traceback" not in log
    assert not re.search(r"S080000\d\d|[RP]\d{8}", log)
    return found


def test_t18_what_is_hidden_is_told_in_the_same_words_whether_nobody_or_nine_stand_there(
    small: Published, store_alone: Path, open_page: Open
) -> None:
    """Two stores that differ in nothing but which of two hidden cells stands for nobody make the same page."""
    with duckdb.connect(str(small.store), read_only=True) as con:
        kinds = con.execute(
            "SELECT DISTINCT value, lower, upper, numerator, denominator FROM cells "
            "WHERE state = 'confidential' AND statistic = 'count'"
        ).fetchall()
    assert kinds == [(None,) * 5]
    text = text_of(open_page("turnaround", store_alone, view="Requesting board", board="Orkney"))
    assert "[c]" in text
    assert not re.search(r"\b\d+ (?:cells?|values?|points?|months?|quarters?) (?:of [1-9] |with [1-9] )", text)
