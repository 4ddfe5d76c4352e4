"""A cited figure comes back from its id, and a wrong id is told."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from pipelines import releases
from pipelines.cited import cited_cells, lines, read_id
from pipelines.errors import PipelineError
from pipelines.folders import Folders


@pytest.mark.parametrize(
    "text", ["", "a/b", "r/i/scotland/all/month/2026..2026", "r/i/scotland/all/month/2026-01", "../../etc/passwd"]
)
def test_what_is_no_id_is_told(text: str) -> None:
    with pytest.raises(PipelineError, match="an id reads"):
        read_id(text)


def test_an_id_is_read_into_its_parts() -> None:
    cited = read_id("r/i/performing_lab+technology/EDI+all/quarter/2025-10..2026-02")
    assert (cited.cube, cited.codes) == ("performing_lab+technology", ("EDI", "all"))
    assert (cited.first, cited.last) == (dt.date(2025, 10, 1), dt.date(2026, 2, 28))


def _release(folders: Folders) -> str:
    serving = releases.current(folders)
    assert serving is not None
    return serving.release_id


@pytest.mark.slow
@pytest.mark.xdist_group("small")
def test_a_cited_figure_comes_back(copy_of_small: Folders) -> None:
    release = _release(copy_of_small)
    whole = cited_cells(copy_of_small, f"{release}/reported_within_standard/scotland/all/quarter/2026-04..2026-09")
    assert whole["period_start"].to_list() == [dt.date(2026, 4, 1), dt.date(2026, 7, 1)]
    spread = f"{release}/reported_within_standard/performing_lab+turnaround_category/EDI+all/year/2025-11..2026-10"
    cells = cited_cells(copy_of_small, spread)
    assert set(cells["d1"]) == {"EDI"}
    assert cells["d2"].n_unique() > 5
    hidden = cells.with_columns(shown=pl.Series(lines(cells))).filter(state="confidential")
    assert hidden.height
    assert all(line.endswith("[c] confidential") for line in hidden["shown"])


@pytest.mark.slow
@pytest.mark.xdist_group("small")
def test_a_figure_that_is_not_there_is_told(copy_of_small: Folders) -> None:
    with pytest.raises(PipelineError, match="no such figure"):
        cited_cells(copy_of_small, f"{_release(copy_of_small)}/reported_within_standard/sex/all/year/2025-11..2026-10")
    with pytest.raises(PipelineError, match="is not here"):
        cited_cells(copy_of_small, "20200101T000000Z-0/reported_within_standard/scotland/all/year/2025-11..2026-10")
