"""Reference tables, loaded and checked."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from catalogue.reference import FOLDER, reference_tables
from pipelines.errors import PipelineError
from pipelines.reference import load_reference, load_table


def test_every_reference_table_keeps_its_description() -> None:
    tables = load_reference()
    assert tables.keys() == reference_tables().keys()
    assert tables["turnaround_standards"].schema["valid_from"] == pl.Date
    assert tables["population_age_sex"].schema["population"] == pl.Int64
    for name, table in tables.items():
        assert table.columns == reference_tables()[name].names
        assert table.height


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("S08000015,", "S08000099,", "row 2, board_code: unknown_code"),
        ("2019-01-02", "2019-13-02", "row 3, date: bad_date"),
        ("2nd January", "", "row 3, label: missing_required"),
        ("2019-01-02", "2019-01-01", "row 3, board_code, date: repeated_key"),
        ("2nd January", "2nd, January", "Row 3 has 5 fields"),
        ("board_code", "board", "lacks board_code"),
        ("is_weekend_listing", "is_weekend_listing,more", "columns that the description lacks"),
    ],
)
def test_a_fault_is_named_by_file_row_and_field(tmp_path: Path, old: str, new: str, problem: str) -> None:
    path = tmp_path / "public_holidays.csv"
    path.write_text((FOLDER / path.name).read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    if problem.endswith("repeated_key"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join([*lines[:2], lines[1]]), encoding="utf-8")
    with pytest.raises(PipelineError, match=problem) as error:
        load_table(path, reference_tables()["public_holidays"])
    assert "reference/public_holidays.csv" in str(error.value)
