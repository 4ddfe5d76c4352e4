"""Tests of pipelines/demo/people.py: gaps in access, ethnicity recording and interpreters are of the stated size."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.demo import Drawn, truth
from pipelines.demo.days import Months
from pipelines.demo.directory import lines
from pipelines.demo.measured import VALID_FROM
from pipelines.demo.places import BOARDS, ETHNIC_GROUPS, ISLANDS, populations


def _tested(drawn: Drawn, *, rare: bool) -> np.ndarray:
    """People with an accepted germline rare-disease test, or with a somatic cancer test."""
    kinds = [line.is_rare_germline if rare else line.origin == "somatic" for line in lines()]
    return np.unique(drawn.requests.person[np.array(kinds)[drawn.requests.line]])


def _rate_by_quintile(drawn: Drawn, *, rare: bool) -> np.ndarray:
    counts = np.bincount((drawn.people.decile[_tested(drawn, rare=rare)] - 1) // 2, minlength=5)
    return np.asarray(counts / populations().deciles.sum(axis=0).reshape(5, 2).sum(axis=1))


def test_the_most_deprived_are_tested_less_for_rare_disease(drawn: Drawn) -> None:
    rate = _rate_by_quintile(drawn, rare=True)
    assert rate[0] / rate[4] == pytest.approx(truth.RARE_RATE_MOST_DEPRIVED, abs=0.04)
    assert (np.diff(rate) > 0).all()


def test_cancer_testing_hardly_differs_by_deprivation(drawn: Drawn) -> None:
    rate = _rate_by_quintile(drawn, rare=False)
    assert rate[0] / rate[4] == pytest.approx(1.0, abs=0.12)


@pytest.mark.parametrize("group", ["asian_pakistani", "african_other", "white_polish"])
def test_some_groups_are_tested_less_for_rare_disease(drawn: Drawn, group: str) -> None:
    known = populations()
    residents = np.einsum("bq,bqg->g", known.deciles.reshape(len(BOARDS), 5, 2).sum(axis=2), known.ethnic)
    tested = np.bincount(drawn.people.group[_tested(drawn, rare=True)], minlength=len(ETHNIC_GROUPS))
    place, base = ETHNIC_GROUPS.index(group), ETHNIC_GROUPS.index("white_scottish")
    ratio = (tested[place] / residents[place]) / (tested[base] / residents[base])
    assert ratio == pytest.approx(truth.RARE_RATE_BY_GROUP[group], abs=0.15)


def test_island_residents_are_tested_less_for_rare_disease(drawn: Drawn) -> None:
    board = np.bincount(drawn.people.board[_tested(drawn, rare=True)], minlength=len(BOARDS))
    rate = board / populations().age_sex.sum(axis=(1, 2))
    islands = np.array([name in ISLANDS for name in BOARDS])
    assert 0.5 < rate[islands].mean() / rate[~islands].mean() < 0.9


def test_ethnicity_is_recorded_by_board_as_stated_in_the_last_year(drawn: Drawn, months: Months) -> None:
    tested = np.unique(drawn.requests.person[drawn.requests.day > months.end - 365])
    tested = tested[drawn.people.residence[tested] == 0]
    valid = drawn.ethnicity.recorded[tested] >= VALID_FROM
    for place, name in enumerate(BOARDS):
        mine = drawn.people.board[tested] == place
        spread = 3.5 * np.sqrt(0.25 / max(mine.sum(), 1)) + 0.015
        assert valid[mine].mean() == pytest.approx(truth.ETHNICITY_RECORDED[name], abs=spread), name
    assert valid.mean() == pytest.approx(0.80, abs=0.03)


def test_recording_improves_over_the_years(drawn: Drawn, months: Months) -> None:
    valid = drawn.ethnicity.recorded[drawn.requests.person] >= VALID_FROM
    first, last = drawn.requests.day < months.start + 365, drawn.requests.day > months.end - 365
    assert valid[last].mean() - valid[first].mean() > 0.03


def test_missing_codes_are_not_missing_at_random(drawn: Drawn) -> None:
    valid = drawn.ethnicity.recorded >= VALID_FROM
    group = {name: valid[drawn.people.group == ETHNIC_GROUPS.index(name)].mean() for name in ETHNIC_GROUPS}
    assert group["white_other_british"] < group["white_scottish"] < group["asian_pakistani"]


def test_missing_codes_are_blank_unknown_declined_or_not_recognised(drawn: Drawn) -> None:
    codes = np.array(drawn.ethnicity.codes)[drawn.ethnicity.recorded]
    missing = codes[drawn.ethnicity.recorded < VALID_FROM]
    for code, share in truth.ETHNICITY_MISSING_AS.items():
        assert (missing == code).mean() == pytest.approx(share, abs=0.01)
    assert set(truth.ETHNICITY_MISSING_AS) == set(np.unique(missing).tolist())


def test_linked_codes_name_another_group_as_often_as_stated(drawn: Drawn) -> None:
    present = drawn.ethnicity.linked > 0
    assert present.mean() == pytest.approx(truth.ETHNICITY_LINKED_PRESENT, abs=0.01)
    scottish = present & (drawn.people.group == ETHNIC_GROUPS.index("white_scottish"))
    code = np.array(drawn.ethnicity.codes)[drawn.ethnicity.linked]
    assert (code[scottish] != "1A").mean() == pytest.approx(truth.ETHNICITY_LINKED_WRONG["white_scottish"], abs=0.01)


def test_retired_codes_occur(drawn: Drawn) -> None:
    codes = np.array(drawn.ethnicity.codes)[drawn.ethnicity.recorded]
    for code in ("1D", "3B", "4B", "5B"):
        assert (codes == code).any(), code


def test_polish_speakers_need_an_interpreter_as_often_as_stated(drawn: Drawn) -> None:
    mine = (drawn.people.group == ETHNIC_GROUPS.index("white_polish")) & (drawn.people.decile > 2)
    assert drawn.people.interpreter[mine].mean() == pytest.approx(truth.INTERPRETER_BY_GROUP["white_polish"], abs=0.03)


def test_ages_and_sexes_fit_the_tests(drawn: Drawn) -> None:
    profile = np.array([line.profile for line in lines()])[drawn.requests.line]
    years = (drawn.requests.day - drawn.people.birth_day[drawn.requests.person]) / 365.25
    sex = drawn.people.sex[drawn.requests.person]
    assert (sex[profile == "prenatal"] == 0).all()
    assert years[profile == "prenatal"].min() >= 15
    assert np.quantile(years[profile == "neonatal"], 0.9) < 3
    assert np.median(years[profile == "solid"]) > 60
