"""New cancers, where a data owner loads a table of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from catalogue.reference import FOLDER
from pipelines.equity.residents import NEED, need
from pipelines.errors import PipelineError

HEADER = "year,area,simd_quintile,sex,age_band,cases\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(FOLDER / "optional" / f"{NEED}.yml", tmp_path)
    return tmp_path


def test_none_is_shipped() -> None:
    assert need() == {}


def test_the_newest_year_is_taken_and_typed_as_the_cells_are(folder: Path) -> None:
    lines = ["2023,scotland,1,female,0-4,3", "2024,scotland,1,female,0-4,5", "2024,S08000015,5,male,85+,7"]
    (folder / f"{NEED}.csv").write_text(HEADER + "\n".join(lines) + "\n")
    found = need(folder)[NEED]
    assert found["year"].unique().to_list() == [2024]
    assert found.schema["simd_quintile"] == pl.String
    assert found["cases"].sum() == 12


@pytest.mark.parametrize(
    "line", ["2024,England,1,female,0-4,5", "2024,scotland,6,female,0-4,5", "2024,scotland,1,female,0-4,-5"]
)
def test_a_row_that_breaks_the_contract_stops_the_build(folder: Path, line: str) -> None:
    (folder / f"{NEED}.csv").write_text(HEADER + line + "\n")
    with pytest.raises(PipelineError, match="cancer_incidence"):
        need(folder)
