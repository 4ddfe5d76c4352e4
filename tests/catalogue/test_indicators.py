"""Indicator entries: what is missing or unknown is told by file and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalogue.contracts import CatalogueError
from catalogue.dimensions import cube_name, dimensions, margins
from catalogue.indicators import FOLDER, Indicator, indicators

ENTRY = (FOLDER / "failed_samples.yml").read_text(encoding="utf-8")


def folder_with(tmp_path: Path, entry: str) -> Path:
    (tmp_path / "failed_samples.yml").write_text(entry)
    (tmp_path / "failed_samples.sql").write_text("SELECT 1")
    return tmp_path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("owner: Laboratory quality\n", ""), "owner: Field required"),
        (("better: lower", "beter: lower"), "beter"),
        (("aims: [4]", "aims: [14]"), "no aim"),
        (("unit: request", "unit: tube"), "no unit 'tube'"),
        (("[performing_lab, sample_type]", "[performing_lab, postcode]"), "no dimension postcode"),
        (("[performing_lab, sample_type]", "[sex, age_band, pathway, technology]"), "at most three dimensions"),
        (("kind: share", "kind: derived"), "a derived indicator has a formula"),
    ],
)
def test_a_wrong_entry_is_told_with_file_and_field(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    with pytest.raises(CatalogueError, match=r"failed_samples\.yml") as error:
        indicators(folder_with(tmp_path, ENTRY.replace(*change)))
    assert says in str(error.value)


def test_sql_without_an_entry_is_told(tmp_path: Path) -> None:
    (tmp_path / "lonely.sql").write_text("SELECT 1")
    with pytest.raises(CatalogueError, match=r"lonely\.sql"):
        indicators(tmp_path)


def test_an_entry_without_sql_is_told(tmp_path: Path) -> None:
    (tmp_path / "failed_samples.yml").write_text(ENTRY)
    with pytest.raises(CatalogueError, match="derived or awaited indicator has no"):
        indicators(tmp_path)


def test_a_cube_publishes_its_margins_once_and_the_whole_first() -> None:
    found = margins([["technology", "directory"], ["directory"]])
    assert [cube_name(cube) for cube in found] == ["", "directory", "technology", "directory+technology"]


def test_a_derived_share_has_no_cube_without_its_own_dimension() -> None:
    assert all("technology" in cube for cube in indicators()["technology_share"].all_cubes)


@pytest.mark.parametrize("entry", indicators().values(), ids=lambda entry: entry.id)
def test_an_entry_survives_being_stored_in_a_release(entry: Indicator) -> None:
    assert Indicator.model_validate_json(entry.model_dump_json()) == entry


def test_every_dimension_has_labels() -> None:
    assert all(dimension.labels for dimension in dimensions().values())
