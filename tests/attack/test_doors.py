"""T13, T16, T17 and T19: changed addresses, other roles in one process, and what stands beside the figures."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import httpx
import polars as pl
import pytest

from tests.attack.attacker import FEW, REACH, WITHIN
from tests.browser import talk
from tests.browser.conftest import serving
from tests.conftest import Published
from tests.pages.conftest import Open, text_of
from ui.access import NotAllowedError, Reader, Role, demonstration
from ui.data import NoBoardDetailError, Snapshot, UnknownReleaseError, held_releases, own_returns

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small")]

VIEWER = Reader("0" * 16, "", frozenset({Role.VIEWER}))
MANAGER = Reader("1" * 16, "", frozenset({Role.VIEWER, Role.BOARD_MANAGER}), frozenset({"S08000024"}))


@pytest.fixture(scope="module")
def data(small: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder as the build leaves it, for one module."""
    place = tmp_path_factory.mktemp("doors") / "data"
    shutil.copytree(small.folders.data, place, ignore=shutil.ignore_patterns("inbox", "lake", "audit"))
    return place


ADDRESSES: list[dict[str, str]] = [
    {"view": "Ethnic group", "group": "african"},
    {"board": "S08000025"},
    {"view": "Requesting board", "board": "Orkney' OR '1'='1"},
    {"view": "Requesting board", "board": "../../build/warehouse.duckdb"},
    {"lab": "GLA; DROP TABLE cells", "view": "Laboratory"},
    {"category": "NIPT,QF-PCR,NIPT" * 3_000},
    {"d1": "S08000025", "cube": "residence_board+ethnic_category+sex", "indicator": "people_tested"},
    {"release": "../build", "figure": "x" * 5_000},
]


@pytest.mark.parametrize("query", ADDRESSES, ids=[next(iter(address)) + str(n) for n, address in enumerate(ADDRESSES)])
@pytest.mark.parametrize("page", ["turnaround", "ethnicity_recording"])
def test_t13_an_address_of_somebody_s_own_making_opens_no_other_cell_and_no_error(
    data: Path, open_page: Open, page: str, query: dict[str, str]
) -> None:
    app = open_page(page, data, **query)
    assert not app.exception
    text = text_of(app)
    assert "Traceback" not in text
    assert not any(str(value)[:40] in text for value in query.values() if not re.fullmatch(r"[\w .-]{1,30}", value))


@pytest.mark.parametrize(
    ("indicator", "grain", "fixed", "spread"),
    [
        ("people_tested", "year", {"residence_board": "S08000025", "sex": "female"}, None),
        ("people_tested' OR 1=1 --", "year", {}, None),
        ("people_tested", "year'; ATTACH 'x' --", {}, None),
        ("requests_received", "day", {}, "requesting_board"),
        ("requests_received", "year", {"requesting_board": "' OR 'a'='a"}, None),
        ("requests_received", "year", {"requesting_board": "x" * 100_000}, None),
    ],
)
def test_t13_a_cube_that_is_not_registered_holds_nothing(
    data: Path, indicator: str, grain: str, fixed: dict[str, str], spread: str | None
) -> None:
    try:
        cells = Snapshot(VIEWER, data).cells(indicator, grain, fixed, spread)
    except (KeyError, ValueError):
        return
    assert cells.is_empty()


@pytest.mark.parametrize("release", ["../build", "/etc/passwd", "current", "", ".", "a/../../build/warehouse.duckdb"])
def test_t13_a_release_named_by_a_path_opens_nothing(data: Path, release: str) -> None:
    with pytest.raises(UnknownReleaseError):
        Snapshot(VIEWER, data, release)


def test_t16_a_board_s_exact_figures_in_the_cache_are_nobody_else_s(data: Path) -> None:
    assert Snapshot(MANAGER, data).own_board("S08000024").requests.height > 100
    for reader in (VIEWER, demonstration(Role.STEWARD, submitter="GLA"), demonstration(Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowedError):
            Snapshot(reader, data).own_board("S08000024")
    for other in ("S08000025", "../boards/S08000024", "S08000024.duckdb", ""):
        with pytest.raises((NotAllowedError, NoBoardDetailError)):
            Snapshot(MANAGER, data).own_board(other)


def test_t16_a_page_after_a_manager_s_is_byte_for_byte_the_one_before(
    data: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = text_of(open_page("turnaround", data))
    Snapshot(MANAGER, data).own_board("S08000024")
    assert text_of(open_page("turnaround", data)) == before


def test_t19_a_reader_who_lost_a_role_is_refused_by_the_data_and_not_by_the_page_alone(data: Path) -> None:
    lost = Reader(MANAGER.key, "", MANAGER.roles - {Role.BOARD_MANAGER}, MANAGER.boards)
    with pytest.raises(NotAllowedError):
        Snapshot(lost, data).own_board("S08000024")
    with pytest.raises(NotAllowedError):
        Snapshot(Reader(MANAGER.key, "", frozenset()), data)


def test_t17_exact_counts_of_the_manifest_the_register_and_the_returns_are_not_for_viewers(data: Path) -> None:
    for reader in (VIEWER, MANAGER):
        with pytest.raises(NotAllowedError):
            held_releases(reader, data)
        for submitter in ("ABE", "DUN", "EDI", "GLA"):
            with pytest.raises(NotAllowedError):
                own_returns(reader, submitter, data)


def test_t17_even_an_administrator_s_screen_of_releases_holds_no_count_of_a_table_of_people(data: Path) -> None:
    manifest = json.loads(next(data.glob("releases/*/manifest.json")).read_text())
    assert any(0 < count < FEW or count > 100 for count in manifest["row_counts"].values())
    told = repr(held_releases(Reader("2" * 16, "", frozenset({Role.VIEWER, Role.ADMINISTRATOR})), data))
    for table, count in manifest["row_counts"].items():
        assert table not in told
        assert count < 1_000 or not re.search(rf"\b{count}\b", told)


def test_t17_no_count_of_rows_of_people_in_the_quality_tables_is_exact_or_one_to_nine(small: Published) -> None:
    counts = _quality_counts(small)
    assert counts
    for name, values in counts.items():
        assert not [value for value in values if value is not None and (value % 5 or 0 < value < FEW)], name


#: Tables of which a row is of a person; the others hold reference data, posts and items of the programme.
OF_PEOPLE = (
    *("stg_testing", "stg_turnaround", "stg_outcomes", "stg_returned"),
    *("mart_requests", "mart_turnaround", "mart_clock", "mart_open_requests"),
)


def _quality_counts(small: Published) -> dict[str, list[int | None]]:
    columns = {
        "submissions": ["rows_loaded", "rows_returned", "typical_rows"],
        "fields": ["rows"],
        "quality": ["accepted_rows", "returned_rows"],
    }
    with duckdb.connect(str(small.store), read_only=True) as con:
        found = {
            f"{table}.{column}": [value for (value,) in con.execute(f"SELECT {column} FROM {table}").fetchall()]
            for table, names in columns.items()
            for column in names
        }
        rows = "counted = 'rows' AND table_name IN ('" + "', '".join(OF_PEOPLE) + "')"
        for table in ("check_parts", "check_months"):
            found[table] = [
                value
                for (value,) in con.execute(
                    f"SELECT rows_failing FROM {table} SEMI JOIN (SELECT * FROM checks WHERE {rows}) USING (check_id)"
                ).fetchall()
            ]
        found["checks"] = [
            value
            for pair in con.execute(f"SELECT rows_checked, rows_failing FROM checks WHERE {rows}").fetchall()
            for value in pair
        ]
    return found


def test_t17_a_check_less_its_shown_parts_does_not_tell_a_small_one(small: Published) -> None:
    with duckdb.connect(str(small.store), read_only=True) as con:
        checks: pl.DataFrame = con.sql("SELECT check_id, rows_failing FROM checks WHERE counted = 'rows'").pl()
        parts: pl.DataFrame = con.sql("SELECT check_id, rows_failing FROM check_parts").pl()
        sent: pl.DataFrame = con.sql("SELECT extract, rows_returned FROM submissions").pl()
        quality: pl.DataFrame = con.sql("SELECT extracts, returned_rows FROM quality").pl()
    for check, whole in checks.drop_nulls().iter_rows():
        _tells_no_part(whole, parts.filter(check_id=check)["rows_failing"].to_list())
    for extracts, whole in quality.drop_nulls().iter_rows():
        _tells_no_part(whole, sent.filter(pl.col("extract").is_in(extracts))["rows_returned"].to_list())


def _tells_no_part(whole: int, parts: list[int | None]) -> None:
    """A hidden part is 1 to 9; the whole and the shown parts are up to 4 away from the truth."""
    hidden = sum(part is None for part in parts)
    shown = [part for part in parts if part]
    least = max(1, whole - REACH - sum(shown) - REACH * len(shown) - (FEW - 1) * (hidden - 1))
    most = min(FEW - 1, whole + REACH - sum(shown) + REACH * len(shown) - (hidden - 1))
    assert not hidden or least > most or most - least >= WITHIN, (whole, parts)


PATHS = [
    "/media/../../data/build/warehouse.duckdb",
    "/app/static/manifest.json",
    "/static/../../data/register.sqlite",
    "/releases/current",
    "/data/returns/GLA/",
    "/quality/docs/index.html",
    "/_stcore/metrics",
    "/boards/S08000024.duckdb",
    "/.streamlit/secrets.toml",
]


def test_t13_t17_no_file_of_the_data_folder_has_an_address_and_the_log_holds_no_value(
    data: Path, tmp_path: Path
) -> None:
    release = next(data.glob("releases/*/protected.duckdb")).parent
    secrets = {
        release.joinpath("manifest.json").read_bytes()[:200],
        (data / "releases" / "current").read_bytes().strip(),
    }
    with serving(data, tmp_path / "log") as url:
        for path in PATHS:
            address = httpx.URL(url).copy_with(raw_path=path.encode())
            answer = httpx.get(address, timeout=20, follow_redirects=True)
            assert not any(secret in answer.content for secret in secrets), path
            assert answer.status_code in (403, 404) or b"<title>Streamlit</title>" in answer.content, path
        got: Any = talk.run(talk.ask(url, "data_quality", "check=' OR 1=1 --&submitter=../x"))
        assert not got.exceptions
        assert str(data) not in got.text
    log = (tmp_path / "log").read_text(errors="replace")
    assert not re.search(r"\b[RP]\d{8}\b|S080000\d\d|Traceback", log)
