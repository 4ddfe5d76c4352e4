"""Tests of pipelines/demo/outcomes.py: results by technology and group, and what later reviews find."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from pipelines.demo import Drawn, truth
from pipelines.demo.days import NEVER
from pipelines.demo.directory import lines, offered_codes
from pipelines.demo.outcomes import RESULTS, YES
from pipelines.demo.places import ETHNIC_CATEGORY, ETHNIC_GROUPS


def _log_odds_ratio(exposed: np.ndarray, event: np.ndarray, stratum: np.ndarray) -> tuple[float, float]:
    """Mantel-Haenszel log odds ratio with the standard error of Robins, Breslow and Greenland (1986)."""
    r = s = pr = psqr = qs = 0.0
    for one in np.unique(stratum):
        here = stratum == one
        a = float((here & exposed & event).sum())
        b = float((here & exposed & ~event).sum())
        c = float((here & ~exposed & event).sum())
        d = float((here & ~exposed & ~event).sum())
        n = a + b + c + d
        ri, si, pi, qi = a * d / n, b * c / n, (a + d) / n, (b + c) / n
        r, s, pr, qs = r + ri, s + si, pr + pi * ri, qs + qi * si
        psqr += pi * si + qi * ri
    return float(np.log(r / s)), float(np.sqrt(pr / (2 * r * r) + psqr / (2 * r * s) + qs / (2 * s * s)))


@pytest.mark.parametrize("category", ["african", "asian"])
def test_uncertain_variants_are_more_common_in_some_groups(drawn: Drawn, category: str) -> None:
    kinds = ("small_panel", "large_panel", "clinical_exome", "trio_wes", "wgs")
    wanted = np.array([line.technology in kinds and line.origin == "germline" for line in lines()])[drawn.requests.line]
    wanted &= np.isin(drawn.outcomes.result, [RESULTS.index("vus"), RESULTS.index("negative")])
    group = np.array([ETHNIC_CATEGORY[name] for name in ETHNIC_GROUPS])[drawn.people.group[drawn.requests.person]]
    wanted &= np.isin(group, ["white", category])
    estimate, error = _log_odds_ratio(
        group[wanted] == category,
        drawn.outcomes.result[wanted] == RESULTS.index("vus"),
        drawn.requests.test_code[wanted],
    )
    assert abs(estimate - np.log(truth.VUS_ODDS_BY_CATEGORY[category])) < norm.ppf(0.9995) * error


def test_larger_panels_give_more_uncertain_variants(drawn: Drawn) -> None:
    genes = offered_codes()[2][drawn.requests.test_code]
    panel = np.array([line.technology in ("small_panel", "large_panel") for line in lines()])[drawn.requests.line]
    panel &= np.array([line.origin == "germline" for line in lines()])[drawn.requests.line]
    vus = drawn.outcomes.result == RESULTS.index("vus")
    assert vus[panel & (genes > 100)].mean() > 1.3 * vus[panel & (genes <= 15)].mean()


def test_yield_is_that_of_each_line(drawn: Drawn) -> None:
    diagnostic = [
        place
        for place, line in enumerate(lines())
        if line.opens_family and line.test_purpose == "diagnostic" and line.share >= 10
    ]
    for place in diagnostic:
        mine = (drawn.requests.line == place) & ~drawn.course.failed_for_good
        found = (drawn.outcomes.result[mine] == RESULTS.index("pathogenic")).mean()
        assert found == pytest.approx(lines()[place].yield_share, abs=0.03), lines()[place].code


def test_no_more_variants_are_deposited_than_reported(drawn: Drawn) -> None:
    assert (drawn.outcomes.deposited <= drawn.outcomes.variants).all()
    assert (drawn.outcomes.relatives_tested <= drawn.outcomes.relatives_eligible).all()


def test_about_half_of_eligible_relatives_are_tested(drawn: Drawn) -> None:
    known = drawn.outcomes.relatives_eligible >= 0
    uptake = drawn.outcomes.relatives_tested[known].sum() / drawn.outcomes.relatives_eligible[known].sum()
    assert 0.35 < uptake < 0.60


def test_the_most_deprived_are_offered_research_less(drawn: Drawn) -> None:
    eligible = drawn.outcomes.research_eligible == YES
    offered = drawn.outcomes.research_offered == YES
    deprived = drawn.people.decile[drawn.requests.person] <= 2
    ratio = offered[eligible & deprived].mean() / offered[eligible & ~deprived].mean()
    assert ratio == pytest.approx(truth.RESEARCH_OFFERED_MOST_DEPRIVED, abs=0.03)


def test_reclassification_lies_between_report_and_contact(drawn: Drawn) -> None:
    changed = drawn.outcomes.reclassified < NEVER
    assert changed.sum() > 300
    assert (drawn.outcomes.reclassified > drawn.course.report)[changed].all()
    assert (drawn.outcomes.recontacted >= drawn.outcomes.reclassified)[changed].all()
