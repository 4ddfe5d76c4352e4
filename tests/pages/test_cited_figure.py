"""The page Cited figure: the same bytes as the command, after later releases and a rollback; designed refusals."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipelines import releases
from pipelines.cited import cited_file
from pipelines.folders import Folders
from tests.pages.conftest import text_of
from tests.pages.page_tables import tables
from tests.ui.cited_releases import BY_LAB, SERIES, A, publish_another, sealed
from tests.ui.store import make_store
from ui.access import demonstration
from ui.cited_figure import find
from ui.data import ENVIRONMENT, Snapshot
from ui.figure import Query
from ui.figures import ask

CITED = [
    SERIES,
    BY_LAB,
    "turnaround_days/scotland/all/quarter/2026-01..2026-09/median+p90",
    "turnaround_days/turnaround_category/all/year/2025-11..2026-10",
    "requests_received/requesting_board/all/year/2025-11..2026-10",
    "requests_received/scotland/all/month/2026-10..2026-10",
    "open_requests/performing_lab+open_age/ABE+43%2B/month/2026-08..2026-10",
    "open_requests/open_age/all/month/2026-08..2026-10",
    "overdue_backlog/performing_lab/DUN/month/2026-08..2026-10",
    "ethnicity_recorded/residence_board/all/year/2025-11..2026-10",
    "data_quality/checks/all",
    "data_quality/submissions/DUN",
    "data_quality/grades/reported_within_standard",
]


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    """A data folder with release A, published."""
    folders = Folders(tmp_path)
    sealed(folders, A, "2026-11-15T08:00:00+00:00")
    releases.publish(folders, A)
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    return folders


def _now() -> Snapshot:
    return Snapshot(demonstration())


@pytest.mark.parametrize("cited", CITED)
def test_the_page_and_the_command_give_the_same_bytes_after_later_releases_and_a_rollback(tmp_path, monkeypatch, cited):
    folders = Folders(tmp_path)
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    sealed(folders, A, "2026-11-15T08:00:00+00:00")
    by_command = _apart(folders, f"{A}/{cited}")
    releases.publish(folders, A)
    publish_another(folders, "B")
    publish_another(folders, "C")
    later = find(_now(), f"{A}/{cited}")
    assert later.content == by_command
    assert later.fingerprint == hashlib.sha256(by_command).hexdigest()
    assert later.newest is not None
    assert later.newest.startswith(_now().release.id)
    assert find(_now(), later.newest).content != by_command
    releases.roll_back(folders)
    assert find(_now(), f"{A}/{cited}").content == by_command


def _apart(folders: Folders, figure_id: str) -> bytes:
    """The command's bytes, read before the app opens the same file with settings of its own."""
    return cited_file(folders, figure_id).content


def test_an_older_figure_says_so_and_leads_to_the_newest(open_page, folders):
    publish_another(folders, "B")
    app = open_page("cited_figure", folders.data, id=f"{A}/{SERIES}")
    assert not app.exception
    text = text_of(app)
    assert "From the release of 15 November 2026, which is not the newest: that is of 11 December 2026." in text
    assert "Requests reported within standard" in app.header[0].value
    assert len(app.get("plotly_chart")) == len(tables(app)) == 1
    assert len(app.get("download_button")) == 1
    fingerprint = find(_now(), f"{A}/{SERIES}").fingerprint
    assert fingerprint in [code.value for code in app.code]
    app.button("newest").click().run()
    assert "From the release of 11 December 2026, the newest." in text_of(app)
    assert fingerprint not in [code.value for code in app.code]


def test_a_figure_of_a_withdrawn_release_says_so(open_page, folders):
    newer = publish_another(folders, "B")
    releases.roll_back(folders)
    text = text_of(open_page("cited_figure", folders.data, id=f"{newer}/{SERIES}"))
    assert "From the release of 11 December 2026, which is no longer served; that of 15 November 2026 is." in text


@pytest.mark.parametrize("cited", CITED)
def test_every_kind_of_figure_is_shown(open_page, folders, cited):
    app = open_page("cited_figure", folders.data, id=f"{A}/{cited}")
    assert not app.exception
    assert len(tables(app)) == 1
    assert len(app.get("plotly_chart")) == (0 if cited.startswith("data_quality") else 1)


def test_an_id_whose_signs_were_lost_on_the_way_is_mended(open_page, folders):
    app = open_page("cited_figure", folders.data, id=f"{A}/{BY_LAB}".replace("+", " "))
    assert "by turnaround category" in app.header[0].value


def test_without_an_id_the_page_says_how_to_cite(open_page):
    app = open_page("cited_figure")
    assert not app.exception
    assert "Every figure of this dashboard has an id" in app.info[0].value


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("nonsense", "This is not the id of a figure"),
        ("../../../etc/passwd", "This is not the id of a figure"),
        (f"../{A}/{SERIES}", "This is not the id of a figure"),
        (f"{A}%2F..%2F{A}/{SERIES}", "This is not the id of a figure"),
        (f"{A}/{SERIES}' OR 1=1 --", "This is not the id of a figure"),
        (f"{A}/{SERIES}/{'x' * 5_000}", "This is not the id of a figure"),
        ("<script>alert(1)</script>", "This is not the id of a figure"),
        (f"current/{SERIES}", "The release that this id names is not here"),
        (f"published/{SERIES}", "The release that this id names is not here"),
        (f"20200101T000000Z-0/{SERIES}", "The release that this id names is not here"),
        (f"{A}/no_such_measure/scotland/all/month/2026-01..2026-10", "The release holds no such figure"),
        (f"{A}/reported_within_standard/sex/all/year/2025-11..2026-10", "The release holds no such figure"),
        (f"{A}/reported_within_standard/secret/all/year/2025-11..2026-10", "The release holds no such figure"),
        (f"{A}/overdue_backlog/scotland/all/year/2025-11..2026-10", "The release holds no such figure"),
        (f"{A}/reported_within_standard/performing_lab/XXX/month/2026-01..2026-10", "The release holds no such figure"),
        (
            f"{A}/reported_within_standard/turnaround_category+performing_lab/all+EDI/year/2025-11..2026-10",
            "The release holds no such figure",
        ),
        (f"{A}/data_quality/checks/no_such_check", "The release holds no such rows"),
    ],
)
def test_what_leads_to_no_figure_is_refused_in_plain_words_and_nothing_of_it_is_repeated(
    open_page, folders, text, title
):
    app = open_page("cited_figure", folders.data, id=text)
    assert not app.exception
    assert app.header[0].value == title
    assert not tables(app)
    assert not app.get("plotly_chart")
    assert not app.get("download_button")
    assert text not in text_of(app)
    assert str(folders.data) not in text_of(app)


def test_a_release_that_was_built_and_not_published_yet_cannot_be_read_by_its_id(open_page, folders):
    early = "20270101T080000Z-early"
    sealed(folders, early, "2027-01-01T08:00:00+00:00")
    app = open_page("cited_figure", folders.data, id=f"{early}/{SERIES}")
    assert app.header[0].value == "The release that this id names is not here"
    releases.publish(folders, early)
    releases.roll_back(folders)
    app = open_page("cited_figure", folders.data, id=f"{early}/{SERIES}")
    assert app.header[0].value.startswith("Requests reported within standard")


def test_a_real_release_is_not_read_by_its_id_without_sign_in(open_page, folders):
    real = "20261201T080000Z-real"
    sealed(folders, real, "2026-12-01T08:00:00+00:00", synthetic=False)
    releases.publish(folders, real)
    releases.publish(folders, A)
    app = open_page("cited_figure", folders.data, id=f"{real}/{SERIES}")
    assert not app.exception
    assert app.header[0].value == "Sign-in is needed for this release"
    assert not tables(app)


def test_a_release_that_this_version_cannot_read_is_told(open_page, folders):
    old = "20261101T080000Z-old"
    sealed(folders, old, "2026-11-01T08:00:00+00:00", """UPDATE indicators SET entry = '{"id": "x"}'""")
    releases.publish(folders, old)
    releases.publish(folders, A)
    app = open_page("cited_figure", folders.data, id=f"{old}/{SERIES}")
    assert not app.exception
    assert app.header[0].value == "The release that this id names cannot be read here"


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("home", {}),
        ("turnaround", {}),
        ("turnaround", {"view": "Laboratory", "lab": "Dundee", "category": "Whole genome"}),
        ("turnaround", {"add_board": "Fife"}),
        ("ethnicity_recording", {}),
        ("reach", {}),
        ("reach", {"tests": "Cancer", "area": "Island boards together"}),
        ("data_quality", {}),
    ],
)
@pytest.mark.parametrize("variant", ["full", "hidden", "late"])
def test_every_id_that_a_page_shows_leads_to_its_figure(open_page, stores, monkeypatch, page, query, variant):
    app = open_page(page, variant, **query)
    ids = [code.value for code in app.code if "/" in code.value]
    assert ids or variant == "hidden"
    monkeypatch.setenv(ENVIRONMENT, str(stores(variant)))
    for figure_id in ids:
        assert find(_now(), figure_id).citation.id == figure_id
    links = [link.proto.query_string for link in app.get("page_link") if "cited_figure" in link.proto.page]
    assert len([link for link in links if link]) == len(ids)


def test_a_cited_figure_has_the_cells_and_the_grade_that_were_shown(stores, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(stores("late")))
    for query in (
        Query("turnaround_days", "month", (("performing_lab", "DUN"),)),
        Query("reported_within_standard", "year", (), "turnaround_category", newest_only=True),
        Query("requests_received", "quarter", (("requesting_board", "S08000029"),)),
    ):
        shown = ask(_now(), query)
        assert shown is not None
        cited = find(_now(), shown.id)
        assert cited.figure is not None
        assert cited.figure.cells.equals(shown.cells)
        assert shown.quality is not None
        assert f"# quality,{shown.quality.grade}\n".encode() in cited.content


def test_the_page_says_why_nothing_can_be_shown_without_a_release(open_page, tmp_path):
    app = open_page("cited_figure", tmp_path, id=f"{A}/{SERIES}")
    assert app.title[0].value == "No figures have been published yet"


def test_a_store_made_by_hand_is_served_by_its_id(open_page, tmp_path):
    make_store(tmp_path, "full", release=A)
    app = open_page("cited_figure", tmp_path, id=f"{A}/{SERIES}")
    assert "the newest." in text_of(app)
