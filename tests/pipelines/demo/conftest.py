"""Demonstration data that the tests of this folder share: a small folder of files, and a larger draw in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.demo import Drawn, draw, write_demo
from pipelines.demo.days import Months, newest_month

SMALL = {"years": 1.0, "requests_per_year": 3_000, "seed": 5, "until": "2026-10"}


@dataclass(frozen=True)
class Folder:
    """A folder of demonstration files, read as a laboratory's reader would: every value as text."""

    path: Path

    @cached_property
    def truth(self) -> dict[str, Any]:
        """The answer sheet."""
        told: dict[str, Any] = json.loads((self.path / "truth.json").read_text(encoding="utf-8"))
        return told

    def names(self, extract: str = "", submitter: str = "") -> list[str]:
        """Names of the files, of one extract or submitter where given."""
        found = [path.name for path in sorted(self.path.glob("*__*"))]
        found = [name for name in found if not extract or name.split("__")[0] == extract]
        return [name for name in found if not submitter or name.split("__")[1] == submitter]

    def rows(self, name: str) -> pl.DataFrame:
        """A file's rows as text."""
        if name.endswith(".parquet"):
            return pl.read_parquet(self.path / name).cast(pl.String)
        return pl.read_csv(self.path / name, infer_schema=False)

    def newest(self, extract: str) -> pl.DataFrame:
        """The rows of the highest versions."""
        best: dict[str, tuple[int, str]] = {}
        for name in self.names(extract):
            place, version = name.rsplit("__v", 1)
            best[place] = max(best.get(place, (0, "")), (int(version.split(".")[0]), name))
        return pl.concat([self.rows(name) for _, name in best.values()])


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """3,000 requests of one year, as files."""
    path = tmp_path_factory.mktemp("demo")
    write_demo(path, quiet=True, **SMALL)  # type: ignore[arg-type]
    return Folder(path)


@pytest.fixture(scope="session")
def months() -> Months:
    """Five and a half years to October 2026."""
    newest = newest_month("2026-10", date(2026, 11, 21))
    return Months(newest - 65, newest)


@pytest.fixture(scope="session")
def drawn(months: Months) -> Drawn:
    """330,000 requests over five and a half years, in memory."""
    return draw(11, 330_000, months)
