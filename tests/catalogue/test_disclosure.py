"""The rules of disclosure control and the register of cubes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from catalogue.contracts import CatalogueError
from catalogue.dimensions import dimensions
from catalogue.disclosure import FILE, register, rules
from catalogue.indicators import indicators


def changed(tmp_path: Path, **changes: object) -> Path:
    path = tmp_path / "disclosure.yml"
    path.write_text(yaml.safe_dump(yaml.safe_load(FILE.read_text(encoding="utf-8")) | changes), encoding="utf-8")
    return path


def test_the_defaults_of_the_design_stand() -> None:
    known = rules()
    assert (known.hidden_under, known.rounded_to, known.share_needs, known.told_within) == (10, 5, 20, 5)
    assert known.percentiles_need.model_dump() == {"median": 20, "p90": 100, "p95": 200}
    assert known.reach == 4


def test_the_register_holds_every_cube_of_every_published_measure_and_no_wider_one() -> None:
    cubes = register(indicators())
    assert len(cubes) == len({(cube.indicator, cube.name) for cube in cubes})
    assert all(len(cube.dimensions) <= 3 for cube in cubes)
    published = {name for name, entry in indicators().items() if entry.published and entry.kind != "awaited"}
    assert {cube.indicator for cube in cubes} == published


def test_whatever_tells_of_ethnic_group_is_sensitive() -> None:
    for cube in register(indicators()):
        tells = any("ethnic" in name for name in (cube.indicator, *cube.dimensions))
        assert cube.is_sensitive or not tells, cube


def test_links_name_indicators_and_dimensions_that_exist() -> None:
    for link in rules().links:
        for side in (link.whole, *link.parts):
            assert side.indicator in indicators()
            assert all(code in dimensions()[name].labels for name, code in side.where.items())


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden_under": 3},
        {"share_needs": 15},
        {"sensitive_dimensions": ["star_sign"]},
        {"percentiles_need": {"median": 5, "p90": 100, "p95": 200}},
        {"rounded_too": 5},
    ],
)
def test_rules_that_protect_less_or_are_misspelt_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(CatalogueError, match=r"disclosure\.yml"):
        rules(changed(tmp_path, **changes))


def test_island_boards_are_merged_by_name_where_boards_are_crossed() -> None:
    for name in ("requesting_board", "residence_board"):
        assert dimensions()[name].merged_into == dict.fromkeys(("S08000025", "S08000026", "S08000028"), "island_boards")
        assert dimensions()[name].labels["island_boards"] == "Island boards together"
