"""The only module of the app that opens a database: read-only, one release a script run, cached by release."""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import duckdb
import polars as pl
import streamlit as st
from pydantic import ValidationError

from catalogue.dimensions import cube_name, in_order
from catalogue.indicators import Indicator
from ui.figure import Quality, Release

LOG = logging.getLogger(__name__)

ENVIRONMENT = "GENOMICS_DATA"
STORE = "protected.duckdb"
RELEASE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")

#: Tables that say what is known of the data behind the figures.
QualityTable = Literal["checks", "check_parts", "check_months", "check_history", "submissions", "fields"]

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


class BrokenReleaseError(StoreError):
    """The release cannot be read, or a query on it failed."""


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


def data_folder() -> Path:
    """The data folder: GENOMICS_DATA, or `data` in the working folder."""
    return Path(os.environ.get(ENVIRONMENT) or "data")


class Snapshot:
    """One release, held for one script run, so that the figures of a page can never disagree.

    Raises NoReleaseError, RealReleaseError or BrokenReleaseError. Every reader of figures passes here, so the rule that
    only synthetic releases are served without sign-in holds for every page.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._store, self._handle = _open_current(folder or data_folder())
        self.facts = _facts(str(self._store), self._handle)
        if not self.facts.release.is_synthetic:
            raise RealReleaseError("This release holds real figures, and sign-in is not configured.")

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
        held = tuple(fixed.get(name) for name in names) + (None,) * (3 - len(names))
        frame = _cells(self.key, indicator, cube_name(names), grain, held, self._handle)
        place = f"d{names.index(spread) + 1}" if spread else None
        return self.in_order(
            frame.with_columns((pl.col(place) if place else pl.lit(None, pl.String)).alias("code")), spread
        )

    def table(self, name: QualityTable) -> pl.DataFrame:
        """A whole table of what is known of the data, protected like the cells, in the order of its columns."""
        return _table(self.key, name, self._handle)

    def newest_grades(self) -> pl.DataFrame:
        """The grades of the newest period of each indicator and grain: a row a unit."""
        return _newest_grades(self.key, self._handle)

    def grades(self, indicator: str) -> pl.DataFrame:
        """Every grade of an indicator: `dimension`, `code`, `grain`, `period_start`, `grade`, `reasons`, `to_do`."""
        return _grades(self.key, indicator, self._handle)

    def in_order(self, frame: pl.DataFrame, spread: str | None) -> pl.DataFrame:
        """Cells by period, display order of column `code` and statistic."""
        order = {code: number for number, code in enumerate(self.facts.labels.get(spread or "", {}))}
        rank = pl.col("code").replace_strict(order, default=len(order), return_dtype=pl.Int64)
        return frame.sort("period_start", rank, "statistic", nulls_last=True, maintain_order=True)


def _open_current(folder: Path) -> tuple[Path, duckdb.DuckDBPyConnection]:
    """The store that `current` names, and a handle on it; asked again where a release is pruned before it is opened."""
    releases = folder / "releases"
    for _ in range(3):
        try:
            name = (releases / "current").read_text(encoding="utf-8").strip()
        except (FileNotFoundError, NotADirectoryError):
            raise NoReleaseError("No release has been published yet.") from None
        except (OSError, UnicodeDecodeError):
            LOG.exception("the pointer file cannot be read")
            raise BrokenReleaseError("The current release cannot be read.") from None
        if not RELEASE_NAME.fullmatch(name):
            raise BrokenReleaseError("The pointer to the current release is damaged.")
        store = (releases / name / STORE).resolve()
        try:
            return store, _opened(str(store))
        except (duckdb.IOException, duckdb.ConnectionException):
            continue
        except duckdb.Error:
            break
    LOG.error("release %s cannot be opened", name)
    raise BrokenReleaseError("The current release cannot be opened.")


@st.cache_resource(max_entries=3, show_spinner=False)
def _opened(store: str) -> duckdb.DuckDBPyConnection:
    """A read-only handle that can reach nothing but its own file; the path is never used for another release.

    It is not closed when it leaves the cache, since that would close the cursors of a page being made; it closes itself
    when the last snapshot that holds it is gone.
    """
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


@st.cache_resource(max_entries=600, show_spinner=False)
def _cells(
    store: str,  # noqa: ARG001 - part of the cache's key
    indicator: str,
    cube: str,
    grain: str,
    held: tuple[str | None, ...],
    _handle: duckdb.DuckDBPyConnection,
) -> pl.DataFrame:
    conditions = "".join(f" AND d{place} = $d{place}" for place, code in enumerate(held, 1) if code is not None)
    values = {f"d{place}": code for place, code in enumerate(held, 1) if code is not None}
    return _query(
        _handle,
        f"SELECT {CELLS} FROM cells WHERE indicator = $indicator AND cube = $cube AND grain = $grain{conditions}",  # noqa: S608
        {"indicator": indicator, "cube": cube, "grain": grain, **values},
    )


@st.cache_resource(max_entries=30, show_spinner=False)
def _table(store: str, name: str, _handle: duckdb.DuckDBPyConnection) -> pl.DataFrame:  # noqa: ARG001 - the cache's key
    return _query(_handle, f'SELECT * FROM "{name}" ORDER BY ALL')  # noqa: S608


@st.cache_resource(max_entries=6, show_spinner=False)
def _newest_grades(store: str, _handle: duckdb.DuckDBPyConnection) -> pl.DataFrame:  # noqa: ARG001 - the cache's key
    return _query(
        _handle,
        "SELECT * FROM grades QUALIFY period_start = max(period_start) OVER (PARTITION BY indicator, grain) "
        "ORDER BY indicator, dimension, code, grain",
    )


@st.cache_resource(max_entries=60, show_spinner=False)
def _grades(store: str, indicator: str, _handle: duckdb.DuckDBPyConnection) -> pl.DataFrame:  # noqa: ARG001 - the key
    return _query(
        _handle,
        "SELECT dimension, code, grain, period_start, grade, reasons, to_do FROM grades WHERE indicator = $indicator "
        "ORDER BY ALL",
        {"indicator": indicator},
    )


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
            for row in _query(_handle, "SELECT * FROM quality").iter_rows(named=True)
        },
        months=tuple(months.to_list()),
        submitters=_query(_handle, "SELECT * FROM submitters ORDER BY extract, label"),
        events=_query(_handle, "SELECT * FROM events ORDER BY start_date"),
        standards=_query(_handle, "SELECT * FROM standards ORDER BY turnaround_category, valid_from"),
        sources={
            code: (label, url)
            for code, label, url in _query(_handle, "SELECT code, label, url FROM sources").iter_rows()
        },
    )


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
