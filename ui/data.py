"""The only module of the app that opens a database: read-only, one release a script run, cached by release."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import duckdb
import polars as pl
import streamlit as st
from pydantic import ValidationError

from catalogue.dimensions import cube_name, in_order
from catalogue.indicators import Indicator
from ui import manifests, trail, trail_check
from ui.access import DEMONSTRATION, Reader, Role, boards
from ui.figure import HIDDEN_UNDER, ROUNDED_TO, Quality, Release
from ui.made_once import made_once

LOG = logging.getLogger(__name__)

ENVIRONMENT = "GENOMICS_DATA"
STORE = "protected.duckdb"
PUBLISHED = "published"
RELEASE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
BOARDS = "boards"
REGISTER = "register.sqlite"
RETURNS = "returns"
AUDIT = "audit"

#: As many of the newest refused attempts are told.
REFUSED = 50

#: A file in returns/<submitter>/: returned rows of ingest, returned rows of the build, or the letter.
RETURN_FILE = re.compile(
    r"(?P<stem>[a-z_]+?__[A-Z0-9]+__[0-9]{4}-[0-9]{2}__v[1-9][0-9]{0,3})(__build|__letter)?\.(csv|md)"
)

#: What the register tells a steward of a submission, and of the rows that the build returned.
SUBMISSIONS = dict.fromkeys(("submission_id", "file", "extract", "period"), pl.String) | {
    "version": pl.Int64,
    "registered_at": pl.String,
    "state": pl.String,
    **dict.fromkeys(("rows_read", "rows_loaded", "rows_returned"), pl.Int64),
    "reasons": pl.String,
    "refused_because": pl.String,
    "is_synthetic": pl.Boolean,
}
RETURNED = {"submission_id": pl.String, "reason": pl.String, "rows": pl.Int64}

#: Tables that say what is known of the data behind the figures.
QualityTable = Literal["checks", "check_parts", "check_months", "check_history", "submissions", "fields", "grades"]

#: Small tables that are worked at build from exact figures; a release made before they were has none of them.
BuiltTable = Literal[
    "adjusted",
    "stage_shares",
    "gaps",
    "gaps_by_chance",
    "going_together",
    "residents_by_ethnic_group",
    "residents_by_simd_age_sex",
    "residents_by_urban_rural",
    "programme_items",
    "programme_history",
    "cancer_incidence",
    "definitions",
    "definition_parts",
]
#: Where the limits of control charts start again; a release made before there were any has no such table.
BASELINES = {
    **dict.fromkeys(("indicator", "dimension", "code"), pl.String),
    "starts": pl.Date,
    "judged_from": pl.Date,
    "reason": pl.String,
    "decided_on": pl.Date,
    "source": pl.String,
}

#: Tables that say what will come, and how well it was foretold.
OutlookTable = Literal[
    "breach_forecast",
    "breach_forecast_past",
    "breach_forecast_scores",
    "share_forecast",
    "share_forecast_scores",
    "demand_forecast",
    "demand_past",
]

#: Cells by grain and the codes that are held.
Apart = dict[tuple[str | None, ...], pl.DataFrame]

#: Columns of every frame of cells.
CELLS = (
    "d1, d2, d3, grain, period_start, period_end, period_status, statistic, state, "
    "value, lower, upper, numerator, denominator"
)


class StoreError(Exception):
    """The figures cannot be shown; the message is fit for a reader."""


class NoReleaseError(StoreError):
    """Nothing has been published yet."""


class RealReleaseError(StoreError):
    """The release holds real figures and sign-in is not configured."""


class UnknownReleaseError(StoreError):
    """No release of this name has been published here."""


class BrokenReleaseError(StoreError):
    """The release cannot be read, or a query on it failed."""


class NoBoardDetailError(StoreError):
    """The release holds no exact figures of this health board."""


class NoSuchFileError(StoreError):
    """There is no return file of this name for this submitter."""


@dataclass(frozen=True)
class Facts:
    """What a release says beside its cells: read once a release."""

    release: Release
    indicators: Mapping[str, Indicator]
    labels: Mapping[str, Mapping[str, str]]
    quality: Mapping[str, Quality]
    months: tuple[dt.date, ...]
    submitters: pl.DataFrame
    events: pl.DataFrame
    standards: pl.DataFrame
    sources: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    baselines: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BASELINES))


@dataclass(frozen=True)
class OwnBoard:
    """The exact figures of one health board, for its managers only.

    key: what caches of anything made from them are keyed by: a path that names release and board, never used twice.
    """

    code: str
    key: str
    requests: pl.DataFrame
    monthly: pl.DataFrame
    breaches: pl.DataFrame
    months: pl.DataFrame
    specialties: pl.DataFrame
    tests: pl.DataFrame


#: The tables of a board's file, in the order of `OwnBoard`.
BOARD_TABLES = ("requests", "monthly", "breaches", "months", "specialties", "tests")


@dataclass(frozen=True)
class OwnReturns:
    """What one submitter sent and what came back, for its stewards only.

    submissions: as the register has them, with `reasons` as JSON. by_build: `submission_id`, `reason`, `rows` that the
    last build returned. files: names of its return files and letters; folder: where they are.
    """

    submitter: str
    submissions: pl.DataFrame
    by_build: pl.DataFrame
    files: tuple[str, ...]
    folder: Path

    def read(self, name: str) -> bytes:
        """A return file or letter as it is; NoSuchFileError for a name that is not among `files`."""
        if name not in self.files or not _is_plain(self.folder / name):
            raise NoSuchFileError("There is no such return file.")
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            LOG.exception("a return file cannot be read")
            raise NoSuchFileError("This return file cannot be read.") from None


def data_folder() -> Path:
    """The data folder: GENOMICS_DATA, or `data` in the working folder."""
    return Path(os.environ.get(ENVIRONMENT) or "data")


def current_release(folder: Path | None = None) -> str:
    """The name in the pointer file as it is, for who waits for another release; empty where it cannot be read."""
    try:
        return ((folder or data_folder()) / "releases" / "current").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


class Snapshot:
    """One release, held for one script run, so that the figures of a page can never disagree.

    Raises NotAllowedError, NoReleaseError, RealReleaseError, UnknownReleaseError or BrokenReleaseError. Every reader of
    figures passes here, so the rules that a reader has a role, and that only synthetic releases are served without
    sign-in, hold for every page.

    release: the id of an older release, for a figure that was cited from it; the one being served by default. Where
    that one is gone or damaged, the newest before it that was ever served stands in, and `stands_in_for` names the lost
    one.
    """

    def __init__(self, reader: Reader, folder: Path | None = None, release: str | None = None) -> None:
        reader.insist(Role.VIEWER)
        self.reader = reader
        self.folder = folder or data_folder()
        self.stands_in_for: str | None = None
        try:
            self._store, self._handle = _open(self.folder, release)
            self.facts = _facts(str(self._store), self._handle)
        except BrokenReleaseError:
            if release is not None or not self._stand_in():
                raise
        if reader.is_demonstration and not self.facts.release.is_synthetic:
            raise RealReleaseError("This release holds real figures, and sign-in is not configured.")

    def _stand_in(self) -> bool:
        """Hold the newest release that can be read, of those served till the one that cannot; whether there is one."""
        lost = _current_name(self.folder / "releases")
        for name in _served_till(self.folder, lost):
            try:
                self._store, self._handle = _open(self.folder, name)
                self.facts = _facts(str(self._store), self._handle)
            except (UnknownReleaseError, BrokenReleaseError):
                continue
            self.stands_in_for = lost if name != lost else None
            return True
        return False

    @property
    def release(self) -> Release:
        """The release being shown."""
        return self.facts.release

    @property
    def key(self) -> str:
        """What caches of anything made from this release are keyed by: the path of its store, never used twice."""
        return str(self._store)

    def indicator(self, name: str) -> Indicator | None:
        """The entry of a published indicator; None where the release does not have it."""
        return self.facts.indicators.get(name)

    def label(self, dimension: str, code: str | None) -> str:
        """The label of a code; the code itself where the release has none."""
        return self.facts.labels.get(dimension, {}).get(code or "", code or "")

    def cells(self, indicator: str, grain: str, fixed: Mapping[str, str], spread: str | None = None) -> pl.DataFrame:
        """Cells of an indicator at a grain, with `fixed` dimensions held at one code and `spread` side by side.

        Adds column `code`: the value of the spread dimension, or null. Sorted by period, display order and statistic.
        """
        names = in_order([*fixed, *([spread] if spread else [])])
        held = tuple(name for name in names if name in fixed)
        apart = _apart(
            self.key, indicator, cube_name(names), tuple(names.index(name) + 1 for name in held), self._handle
        )
        found = apart.get((grain, *(fixed[name] for name in held)))
        frame = _no_cells(self.key, self._handle) if found is None else found
        place = pl.col(f"d{names.index(spread) + 1}") if spread else pl.lit(None, pl.String)
        frame = frame.with_columns(place.alias("code"))
        return self.in_order(frame, spread) if spread else frame

    def of_scotland(self) -> pl.DataFrame:
        """Every cell of Scotland as a whole, of all measures: `indicator`, `cube` and CELLS."""
        return _whole_country(self.key, self._handle)

    def measure(self, indicator: str) -> pl.DataFrame:
        """Every cell of a measure, over all its cubes: `indicator`, `cube` and CELLS, in a fixed order."""
        return _measure(self.key, indicator, self._handle)

    @property
    def before(self) -> str | None:
        """The id of the release that was served last before this one was made; None where there was none."""
        older = [name for name in _published(self.folder / "releases") if name < self._store.parent.name]
        return max(older, default=None)

    def newest_years(self, indicators: tuple[str, ...]) -> pl.DataFrame:
        """Every cube's cells of some indicators in the newest 12 months of each: `indicator`, `cube` and CELLS."""
        return _newest_years(self.key, indicators, self._handle)

    def table(self, name: QualityTable) -> pl.DataFrame:
        """A whole table of what is known of the data, protected like the cells, in the order of its columns."""
        return _table(self.key, name, self._handle)

    def built_table(self, name: BuiltTable | OutlookTable) -> pl.DataFrame | None:
        """A small table that was worked at build, protected; None where the release was made before there was one."""
        return _table(self.key, name, self._handle) if name in _tables(self.key, self._handle) else None

    def newest_grades(self) -> pl.DataFrame:
        """The grades of the newest period of each indicator and grain: a row a unit."""
        return _newest_grades(self.key, self._handle)

    def grades(self, indicator: str) -> pl.DataFrame:
        """Every grade of an indicator: `dimension`, `code`, `grain`, `period_start`, `grade`, `reasons`, `to_do`."""
        return _grades(self.key, indicator, self._handle)

    def grades_by(self, indicator: str, grain: str, dimension: str) -> pl.DataFrame:
        """The grades of an indicator at one grain along one dimension, empty for Scotland: columns as in `grades`."""
        found = _grades_apart(self.key, indicator, self._handle).get((grain, dimension))
        return self.grades(indicator).clear() if found is None else found

    def grades_of(self, indicator: str, grain: str, dimension: str, code: str) -> pl.DataFrame:
        """The grades of one place among those of `grades_by`."""
        found = _grades_of_places(self.key, indicator, self._handle).get((grain, dimension, code))
        return self.grades(indicator).clear() if found is None else found

    def own_board(self, code: str) -> OwnBoard:
        """The exact figures of a board of the reader's own.

        Raises NotAllowedError for any other board or role, NoBoardDetailError where the release has none of it.
        """
        self.reader.insist(Role.BOARD_MANAGER, board=code)
        if code not in boards():
            raise NoBoardDetailError("This release holds no exact figures of this board.")
        path = self._store.parent / BOARDS / f"{code}.duckdb"
        if not path.is_file():
            raise NoBoardDetailError("This release holds no exact figures of this board.")
        return _own_board(str(path), code, self.release.id)

    def in_order(self, frame: pl.DataFrame, spread: str | None) -> pl.DataFrame:
        """Cells by period, display order of column `code` and statistic."""
        order = {code: number for number, code in enumerate(self.facts.labels.get(spread or "", {}))}
        rank = pl.col("code").replace_strict(order, default=len(order), return_dtype=pl.Int64)
        return frame.sort("period_start", rank, "statistic", nulls_last=True, maintain_order=True)


def _open(folder: Path, release: str | None) -> tuple[Path, duckdb.DuckDBPyConnection]:
    """The store of a release by its id, or of the one being served, and a handle on it."""
    if release is None:
        return _open_current(folder)
    releases = folder / "releases"
    if not RELEASE_NAME.fullmatch(release) or release not in _published(releases):
        raise UnknownReleaseError("No release of this name has been published here.")
    store = (releases / release / STORE).resolve()
    if not store.is_file():
        raise UnknownReleaseError("This release is no longer kept here.")
    try:
        return store, _opened(str(store))
    except duckdb.Error:
        LOG.exception("release %s cannot be opened", release)
        raise BrokenReleaseError("The release cannot be opened.") from None


def _published(releases: Path) -> set[str]:
    """Ids of every release that was ever served; one that was built and not published yet is nobody's to read."""
    found = set()
    for name in (PUBLISHED, "current"):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            found |= set((releases / name).read_text(encoding="utf-8", errors="replace").split())
    return found


def _served_till(folder: Path, name: str) -> list[str]:
    """A release and those served before it, the newest first: what may stand in for it where it is lost.

    A newer one never stands in: it may have been rolled back from.
    """
    return sorted((each for each in _published(folder / "releases") if each <= name), reverse=True)


def _open_current(folder: Path) -> tuple[Path, duckdb.DuckDBPyConnection]:
    """The store that `current` names, and a handle on it; asked again where a release is pruned before it is opened."""
    releases = folder / "releases"
    for _ in range(3):
        name = _current_name(releases)
        store = (releases / name / STORE).resolve()
        try:
            return store, _opened(str(store))
        except (duckdb.IOException, duckdb.ConnectionException):
            continue
        except duckdb.Error:
            break
    LOG.error("release %s cannot be opened", name)
    raise BrokenReleaseError("The current release cannot be opened.")


def _current_name(releases: Path) -> str:
    """What `current` names; NoReleaseError where there is none, BrokenReleaseError where it cannot be read."""
    try:
        name = (releases / "current").read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        raise NoReleaseError("No release has been published yet.") from None
    except (OSError, UnicodeDecodeError):
        LOG.exception("the pointer file cannot be read")
        raise BrokenReleaseError("The current release cannot be read.") from None
    if not RELEASE_NAME.fullmatch(name):
        raise BrokenReleaseError("The pointer to the current release is damaged.")
    return name


@st.cache_resource(max_entries=3, show_spinner=False)
def _opened(store: str) -> duckdb.DuckDBPyConnection:
    """The handle on a release's store; the path is never used for another release.

    It is not closed when it leaves the cache, since that would close the cursors of a page being made; it closes itself
    when the last snapshot that holds it is gone.
    """
    return _read_only(store)


def _read_only(store: str) -> duckdb.DuckDBPyConnection:
    """A read-only handle that can reach nothing but its own file."""
    return duckdb.connect(
        store,
        read_only=True,
        config={
            "threads": 2,
            "memory_limit": "1GB",
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "lock_configuration": "true",
        },
    )


def _query(handle: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object] | None = None) -> pl.DataFrame:
    try:
        frame: pl.DataFrame = handle.cursor().sql(sql, params=dict(parameters or {})).pl()
    except duckdb.Error:
        LOG.exception("a query on the release failed")
        raise BrokenReleaseError("The figures could not be read from the release.") from None
    return frame


@made_once(600)
def _apart(store: str, indicator: str, cube: str, held: tuple[int, ...], _handle: duckdb.DuckDBPyConnection) -> Apart:
    """The cells of a cube by grain and by the codes of the dimensions at the places in `held`: each by period and
    statistic.

    A cube is read whole, once: the largest of 330,000 requests has 29,000 cells, and a reader who has asked for one
    laboratory asks for another next.
    """
    if not cube:
        return _of_scotland(store, _handle).get(indicator, {})
    rows = _cube(store, indicator, cube, _handle)
    return rows.partition_by(["grain", *(f"d{place}" for place in held)], as_dict=True, maintain_order=True)


@made_once(600)
def _cube(store: str, indicator: str, cube: str, _handle: duckdb.DuckDBPyConnection) -> pl.DataFrame:  # noqa: ARG001 - store: the cache's key
    return _query(
        _handle,
        f"SELECT {CELLS} FROM cells WHERE indicator = $indicator AND cube = $cube ORDER BY period_start, statistic",  # noqa: S608
        {"indicator": indicator, "cube": cube},
    )


@made_once(3)
def _no_cells(store: str, _handle: duckdb.DuckDBPyConnection) -> pl.DataFrame:  # noqa: ARG001 - the cache's key
    return _query(_handle, f"SELECT {CELLS} FROM cells LIMIT 0")  # noqa: S608


@made_once(6)
def _newest_years(store: str, indicators: tuple[str, ...], _handle: duckdb.DuckDBPyConnection) -> pl.DataFrame:  # noqa: ARG001 - the cache's key
    return _query(
        _handle,
        f"SELECT indicator, cube, {CELLS} FROM cells WHERE grain = 'year' AND list_contains($indicators, indicator) "  # noqa: S608
        "QUALIFY period_start = max(period_start) OVER (PARTITION BY indicator)",
        {"indicators": list(indicators)},
    )


@made_once(6)
def _whole_country(store: str, _handle: duckdb.DuckDBPyConnection) -> pl.DataFrame:  # noqa: ARG001 - the cache's key
    return _query(_handle, f"SELECT indicator, cube, {CELLS} FROM cells WHERE cube = ''")  # noqa: S608


@made_once(4)
def _measure(store: str, indicator: str, _handle: duckdb.DuckDBPyConnection) -> pl.DataFrame:  # noqa: ARG001 - the cache's key
    return _query(
        _handle,
        f"SELECT indicator, cube, {CELLS} FROM cells WHERE indicator = $indicator "  # noqa: S608
        "ORDER BY cube, grain, statistic, period_start, d1, d2, d3",
        {"indicator": indicator},
    )


@made_once(6)
def _of_scotland(store: str, _handle: duckdb.DuckDBPyConnection) -> dict[str, Apart]:  # noqa: ARG001 - the cache's key
    """Every cell of Scotland as a whole by indicator, then grain, read at once: pages on all measures ask for all."""
    rows = _query(_handle, f"SELECT indicator, {CELLS} FROM cells WHERE cube = '' ORDER BY period_start, statistic")  # noqa: S608
    found: dict[str, Apart] = {}
    for (name, grain), frame in rows.partition_by("indicator", "grain", as_dict=True, maintain_order=True).items():
        found.setdefault(str(name), {})[str(grain),] = frame.drop("indicator")
    return found


@made_once(30)
def _table(store: str, name: str, _handle: duckdb.DuckDBPyConnection) -> pl.DataFrame:  # noqa: ARG001 - the cache's key
    return _query(_handle, f'SELECT * FROM "{name}" ORDER BY ALL')  # noqa: S608


@made_once(6)
def _tables(store: str, _handle: duckdb.DuckDBPyConnection) -> frozenset[str]:  # noqa: ARG001 - the cache's key
    return frozenset(_query(_handle, "SELECT table_name FROM information_schema.tables")["table_name"])


@made_once(6)
def _newest_grades(store: str, _handle: duckdb.DuckDBPyConnection) -> pl.DataFrame:  # noqa: ARG001 - the cache's key
    return _query(
        _handle,
        "SELECT * FROM grades QUALIFY period_start = max(period_start) OVER (PARTITION BY indicator, grain) "
        "ORDER BY indicator, dimension, code, grain",
    )


@made_once(200)
def _grades(store: str, indicator: str, _handle: duckdb.DuckDBPyConnection) -> pl.DataFrame:  # noqa: ARG001 - the key
    return _query(
        _handle,
        "SELECT dimension, code, grain, period_start, grade, reasons, to_do FROM grades WHERE indicator = $indicator "
        "ORDER BY ALL",
        {"indicator": indicator},
    )


@made_once(200)
def _grades_apart(
    store: str, indicator: str, _handle: duckdb.DuckDBPyConnection
) -> dict[tuple[str, str], pl.DataFrame]:
    """The same by grain and dimension: a figure asks for one of many."""
    apart = _grades(store, indicator, _handle).partition_by("grain", "dimension", as_dict=True, maintain_order=True)
    return {(str(grain), str(dimension)): frame for (grain, dimension), frame in apart.items()}


@made_once(150)
def _grades_of_places(
    store: str, indicator: str, _handle: duckdb.DuckDBPyConnection
) -> dict[tuple[object, ...], pl.DataFrame]:
    """The same by grain, dimension and code."""
    every = _grades(store, indicator, _handle)
    return every.partition_by("grain", "dimension", "code", as_dict=True, maintain_order=True)


@st.cache_resource(max_entries=6, show_spinner=False)
def _facts(store: str, _handle: duckdb.DuckDBPyConnection) -> Facts:
    settings = dict(_query(_handle, "SELECT key, value FROM release").iter_rows())
    try:
        entries = [
            Indicator.model_validate_json(text)
            for (text,) in _query(_handle, "SELECT entry FROM indicators").iter_rows()
        ]
    except ValidationError:
        LOG.exception("an indicator entry of %s is not valid", store)
        raise BrokenReleaseError("The release was made by another version of this product.") from None
    months = _query(
        _handle, "SELECT DISTINCT period_start FROM cells WHERE cube = '' AND grain = 'month' ORDER BY period_start"
    )["period_start"]
    return Facts(
        release=_release(settings),
        indicators={entry.id: entry for entry in sorted(entries, key=_by_number)},
        labels=_labels(
            _query(_handle, "SELECT dimension, code, label FROM dimension_values ORDER BY dimension, display_order")
        ),
        quality={
            row["indicator"]: Quality(
                row["grade"],
                tuple(row["reasons"] or ()),
                row["accepted_rows"],
                row["returned_rows"],
                tuple(row.get("extracts") or ()),
            )
            for row in _query(_handle, "SELECT * FROM quality WHERE grade IS NOT NULL").iter_rows(named=True)
        },
        months=tuple(months.to_list()),
        submitters=_query(_handle, "SELECT * FROM submitters ORDER BY extract, label"),
        events=_query(_handle, "SELECT * FROM events ORDER BY start_date"),
        standards=_query(_handle, "SELECT * FROM standards ORDER BY turnaround_category, valid_from"),
        sources={
            code: (label, url)
            for code, label, url in _query(_handle, "SELECT code, label, url FROM sources").iter_rows()
        },
        baselines=_baselines(_handle),
    )


def _baselines(handle: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The rebases that the release holds; an older one has none, or none with a time to settle."""
    held = _query(handle, "SELECT column_name FROM duckdb_columns() WHERE table_name = 'spc_baselines'")
    if held.is_empty():
        return pl.DataFrame(schema=BASELINES)
    names = {*held["column_name"]}
    columns = ", ".join(name if name in names else f"NULL::DATE AS {name}" for name in BASELINES)
    return _query(handle, f"SELECT {columns} FROM spc_baselines ORDER BY ALL")  # noqa: S608


def _release(settings: Mapping[str, str]) -> Release:
    created = settings.get("created_at")
    return Release(
        id=settings.get("release_id", ""),
        created_at=dt.datetime.fromisoformat(created) if created else None,
        data_to=_date(settings.get("data_to")),
        extracted_on=_date(settings.get("extracted_on")),
        next_due=settings.get("next_due") or "",
        how_graded=settings.get("how_grades_are_made") or "",
        gaps_need_recorded=float(settings.get("gaps_need_recorded") or 1.0),
        is_synthetic=settings.get("is_synthetic") == "true",
        rounded_to=int(settings.get("rounded_to") or ROUNDED_TO),
        hidden_under=int(settings.get("hidden_under") or HIDDEN_UNDER),
    )


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _labels(rows: pl.DataFrame) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for dimension, code, label in rows.iter_rows():
        found.setdefault(dimension, {})[code] = label
    return found


def _by_number(entry: Indicator) -> tuple[bool, str, list[int], str]:
    """1.1 before 2.1 before 10.1, then the lettered series."""
    series = entry.number.rstrip("0123456789.abcdefghijklmnopqrstuvwxyz")
    digits = [int(part) for part in re.findall(r"\d+", entry.number)]
    return bool(series), series, digits, entry.number


@made_once(20)
def _own_board(path: str, code: str, release_id: str) -> OwnBoard:
    """Everything in a board's file, read once; BrokenReleaseError where it is damaged, or of another board or release.

    Shared by everybody's runs: whoever calls it has insisted on the reader's role for this very board.
    """
    try:
        handle = _read_only(path)
    except duckdb.Error:
        LOG.exception("the detail of a board cannot be opened")
        raise BrokenReleaseError("The exact figures of this board cannot be opened.") from None
    with handle:
        about = dict(_query(handle, "SELECT key, value FROM about").iter_rows())
        if (about.get("board_code"), about.get("release_id")) != (code, release_id):
            LOG.error("a file of boards/ is of another board or release")
            raise BrokenReleaseError("The exact figures of this board cannot be opened.")
        frames = (_query(handle, f"SELECT * FROM {name}") for name in BOARD_TABLES)  # noqa: S608
        return OwnBoard(code, path, *frames)


def own_returns(reader: Reader, submitter: str, folder: Path | None = None) -> OwnReturns:
    """What a submitter of the reader's own sent and what came back; NotAllowedError for any other submitter or role.

    Without sign-in only made-up submissions are told of, whatever else the register holds.
    """
    reader.insist(Role.STEWARD, submitter=submitter)
    place = folder or data_folder()
    submissions, by_build = _registered(place / REGISTER, submitter)
    stem = pl.col("submission_id").str.replace(r"__[^_]*$", "")
    if reader.is_demonstration:
        submissions = submissions.filter(pl.col("is_synthetic").all().over(stem))
    by_build = by_build.join(submissions.select("submission_id").unique(), on="submission_id", how="semi")
    stems = set(submissions.select(stem).to_series())
    held = place / RETURNS / submitter
    names = sorted(path.name for path in held.iterdir() if _is_plain(path)) if _is_folder(held) else []
    found = (RETURN_FILE.fullmatch(name) for name in names)
    return OwnReturns(submitter, submissions, by_build, tuple(f[0] for f in found if f and f["stem"] in stems), held)


def audit_trail(reader: Reader, since: dt.date, folder: Path | None = None) -> trail_check.Seen | None:
    """What was recorded since a day and whether it is whole, for administrators; None where nothing was ever recorded.

    Read anew a minute later at the earliest. Without sign-in only what was recorded without sign-in is told.
    """
    reader.insist(Role.ADMINISTRATOR)
    return _trail(str((folder or data_folder()) / AUDIT), since, reader.is_demonstration)


@st.cache_resource(max_entries=6, ttl=60, show_spinner=False)
def _trail(folder: str, since: dt.date, is_demonstration: bool) -> trail_check.Seen | None:
    only = frozenset({DEMONSTRATION, trail.NOBODY, trail.TRAIL}) if is_demonstration else None
    try:
        return trail_check.look(Path(folder), since, REFUSED, only)
    except OSError:
        LOG.exception("the audit trail cannot be read")
        raise BrokenReleaseError("The audit trail cannot be read.") from None


def held_releases(reader: Reader, folder: Path | None = None) -> tuple[manifests.HeldRelease, ...]:
    """The releases that are held, the newest first, for administrators; without sign-in no real one is told of."""
    reader.insist(Role.ADMINISTRATOR)
    held = manifests.held((folder or data_folder()) / "releases")
    return tuple(release for release in held if not release.is_real or not reader.is_demonstration)


def served_release(folder: Path) -> tuple[Release, bool]:
    """The release that readers are shown, and whether it stands in for one that is lost; for whoever watches the app.

    It is asked for its figures past every cache. NoReleaseError or BrokenReleaseError where no reader could be shown a
    figure. No reader is asked for: no figure is given.
    """
    try:
        return _with_figures(*_open_current(folder)), False
    except BrokenReleaseError:
        for name in _served_till(folder, _current_name(folder / "releases")):
            with contextlib.suppress(UnknownReleaseError, BrokenReleaseError):
                return _with_figures(*_open(folder, name)), True
        raise


def _with_figures(store: Path, handle: duckdb.DuckDBPyConnection) -> Release:
    """What is known of a release; BrokenReleaseError where it has no figures to show."""
    if not store.is_file():
        LOG.error("the store of release %s is gone", store.parent.name)
        raise BrokenReleaseError("The current release cannot be opened.")
    if _query(handle, "SELECT max(period_end) AS newest FROM cells WHERE cube = ''")["newest"].item() is None:
        raise BrokenReleaseError("The current release holds no figures.")
    return _release(dict(_query(handle, "SELECT key, value FROM release").iter_rows()))


def insist_on_register(folder: Path) -> None:
    """BrokenReleaseError where there is a register of submissions that stewards could not be shown."""
    _registered(folder / REGISTER, "")


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _registered(register: Path, submitter: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A submitter's submissions, the newest first, and what the build returned of all; empty without a register."""
    sent: list[tuple[object, ...]] = []
    returned: list[tuple[object, ...]] = []
    if register.is_file():
        try:
            with closing(sqlite3.connect(f"{register.resolve().as_uri()}?mode=ro", uri=True)) as con:
                sent = con.execute(
                    f"SELECT {', '.join(SUBMISSIONS)} FROM submissions "  # noqa: S608 - names of our own
                    "WHERE submitter = ? ORDER BY rowid DESC",
                    (submitter,),
                ).fetchall()
                returned = con.execute("SELECT submission_id, reason, rows FROM build_returns ORDER BY 1, 2").fetchall()
        except sqlite3.Error:
            LOG.exception("the register of submissions cannot be read")
            raise BrokenReleaseError("The register of submissions cannot be read.") from None
    return pl.DataFrame(sent, schema=SUBMISSIONS, orient="row"), pl.DataFrame(returned, schema=RETURNED, orient="row")
