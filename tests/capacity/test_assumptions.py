"""Tests of capacity/assumptions.py: what is read, what is refused and how it is said, overrides and the hash."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from capacity.assumptions import STEPS, AssumptionError, read_assumptions
from catalogue.reference import FOLDER, codes

ROW = "minutes/rare_complex/analysis/clinical_scientist"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("minutes_per_test.csv", "capacity_assumptions.csv"):
        shutil.copy(FOLDER / name, tmp_path / name)
    return tmp_path


def changed(folder: Path, name: str, row: int, column: str, value: str) -> Path:
    """The tables with one value of a row put otherwise; row 2 is the first below the header."""
    path = folder / name
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    lines[row - 1][lines[0].index(column)] = value
    path.write_text("\n".join(",".join(line) for line in lines) + "\n", encoding="utf-8")
    return folder


def test_every_category_with_a_standard_has_minutes_of_the_steps_and_an_owner():
    found = read_assumptions()
    assert set(found.categories) == set(codes("turnaround_categories")) - {"none"}
    assert set(found.minutes()["step"]) == set(STEPS)
    assert all(row.owner and row.source and row.why for row in [*found.rows.values(), *found.minutes_rows.values()])
    assert not {"genetic_counsellor", "clinical_geneticist"} & set(found.roles)


def test_every_row_of_minutes_says_that_it_waits_for_the_laboratories():
    assert {"Starting assumption for laboratories to replace: no Scottish minutes are published"} == {
        row.source for row in read_assumptions().minutes_rows.values()
    }


@pytest.mark.parametrize(
    ("name", "column", "value", "said"),
    [
        ("minutes_per_test.csv", "central", "many", "minutes_per_test.csv, row 2, central: 'many' is not a number"),
        ("minutes_per_test.csv", "central", "-1", "row 2, central: -1.0 is not a number from 0 up"),
        ("minutes_per_test.csv", "central", "nan", "row 2, central: nan is not a number from 0 up"),
        ("minutes_per_test.csv", "high", "1", "row 2, central: low, central and high are not in this order"),
        ("minutes_per_test.csv", "owner", "", "row 2, owner: is empty"),
        ("minutes_per_test.csv", "stated_date", "soon", "row 2, stated_date or version"),
        ("minutes_per_test.csv", "role", "wizard", "'wizard' is not in its list"),
        ("minutes_per_test.csv", "step", "transport", "'transport' is not in its list"),
        ("capacity_assumptions.csv", "name", "luck", "capacity_assumptions.csv: has no row weeks_a_year/all"),
        ("capacity_assumptions.csv", "high", "60", "row 2, high: 60 is above 53, the most that makes sense"),
    ],
)
def test_a_wrong_value_is_named_by_file_row_and_field(folder, name, column, value, said):
    with pytest.raises(AssumptionError) as problem:
        read_assumptions(changed(folder, name, 2, column, value))
    assert said in str(problem.value)


def test_a_row_that_stands_twice_is_refused(folder):
    path = folder / "minutes_per_test.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    with pytest.raises(AssumptionError, match="stands twice"):
        read_assumptions(folder)


def test_an_override_moves_one_value_and_names_what_it_does_not_know():
    given = read_assumptions()
    found = given.overridden({"leave_days/all": 40, ROW: 150})
    assert found.value("leave_days") == 40
    assert given.value("leave_days") == 38
    row = found.minutes().filter(category="rare_complex", step="analysis", role="clinical_scientist")
    assert row["minutes"].item() == 150
    for key, number, said in (
        ("leave_days/everyone", 1.0, "no such assumption"),
        ("absence/all", 1.5, "above 0.9"),
        ("load_red/all", 0.0, "above 0"),
        (ROW, -1.0, "not a number from 0 up"),
        (ROW, float("inf"), "not a number from 0 up"),
        ("minutes/clinical_scientist", 11.0, "above 10"),
    ):
        with pytest.raises(AssumptionError, match=said):
            given.overridden({key: number})


def test_all_minutes_of_a_role_move_together_and_what_is_set_stays_at_every_level():
    given = read_assumptions()
    twice = given.overridden({"minutes/clinical_scientist": 2.0})
    both = given.minutes().join(twice.minutes(), on=["category", "step", "role"])
    for row in both.iter_rows(named=True):
        times = 2 if row["role"] == "clinical_scientist" else 1
        assert row["minutes_right"] == times * row["minutes"]
    fixed = given.overridden({ROW: 150})
    assert {float(fixed.minutes(level).filter(category="rare_complex", step="analysis", role="clinical_scientist")["minutes"].item()) for level in ("low", "central", "high")} == {150}  # noqa: E501  # fmt: skip
    low = given.at("minutes/clinical_scientist", "low").minutes().filter(role="clinical_scientist")
    assert low.equals(given.minutes("low").filter(role="clinical_scientist"))


def test_a_value_by_role_goes_before_that_of_all():
    found = read_assumptions().overridden({"absence/all": 0.1, "absence/bioinformatician": 0.2})
    assert found.value("absence", "bioinformatician") == 0.2
    assert found.value("absence", "clinical_scientist") == 0.1


def test_the_hash_follows_the_values_alone():
    given = read_assumptions()
    assert given.hash == read_assumptions().hash
    assert given.overridden({ROW: 150}).hash != given.hash
    assert given.overridden({ROW: 150, "growth/all": 0.1}).hash == given.overridden({"growth/all": 0.1, ROW: 150}).hash
