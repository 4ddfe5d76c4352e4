"""Models are read from sql/ in an order in which they can be built."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalogue.contracts import extract_contracts
from catalogue.reference import reference_tables
from pipelines.errors import PipelineError
from pipelines.models import read_models, sources


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text)
    return folder


def test_a_table_comes_after_those_it_reads(tmp_path: Path) -> None:
    write(tmp_path, a="SELECT x FROM b", b="SELECT x FROM c", c="SELECT 1 AS x")
    assert [model.name for model in read_models(tmp_path)] == ["c", "b", "a"]


def test_a_cte_is_not_taken_for_a_table(tmp_path: Path) -> None:
    write(tmp_path, a="WITH b AS (SELECT 1 AS x) SELECT x FROM b")
    assert read_models(tmp_path)[0].needs == frozenset()


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a": "SELECT x FROM b", "b": "SELECT x FROM a"}, "circle"),
        ({"a": "DROP TABLE b"}, "one SELECT"),
        ({"a": "SELECT 1; SELECT 2"}, "one SELECT"),
        ({"a": "SELECT FROM WHERE"}, "a.sql"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, files: dict[str, str], says: str) -> None:
    write(tmp_path, **files)
    with pytest.raises(PipelineError, match=says):
        read_models(tmp_path)


def test_models_read_only_the_lake_the_reference_data_and_each_other() -> None:
    given = {f"lake_{name}" for name in extract_contracts()} | {f"ref_{name}" for name in reference_tables()}
    assert sources(read_models()) <= given | {"ref_days", "ref_periods"}
