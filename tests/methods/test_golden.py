"""Every golden case is answered as the established package answers it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.methods.golden_adapters import ADAPTERS

GOLDEN = Path(__file__).parent.parent / "golden"

#: What counts of each file's expected answers.
KEYS = {
    "wilson_proportion": ("value", "lowercl", "uppercl"),
    "byar_rate": ("value", "lowercl", "uppercl", "method"),
    "dsr_dobson": ("total_count", "total_pop", "value", "lowercl", "uppercl"),
    "indirect_standardisation": (
        *("ratio.value", "ratio.lowercl", "ratio.uppercl"),
        *("rate_per_100000.value", "rate_per_100000.lowercl", "rate_per_100000.uppercl"),
    ),
    "slope_index_of_inequality": ("sii", "rii", "intercept"),
    "slope_index_wls": ("sii", "lowci_sii", "upci_sii", "rii", "par", "abs_range", "rel_range"),
    "funnel_limits": ("baseline", "significance", "limits_at_each_area_uncapped"),
    "funnel_overdispersion": ("phi", "tau2"),
    "xmr_limits": ("mean", "lpl", "upl", "short_group_warning"),
    "spc_special_cause": (
        *("mean", "lpl", "upl", "special_cause_type", "point_type", "variation_icon", "assurance_icon"),
    ),
    "run_chart_rules": ("phs_flags.shift", "phs_flags.trend", "anhoej.signal"),
    "kaplan_meier_quantiles": ("quantile", "lower", "upper", "survival_at.surv"),
    "erlang_c": (
        *("offered_load", "utilisation", "prob_wait", "expected_wait_in_queue", "expected_queue_length"),
        *("expected_time_in_system", "expected_number_in_system", "prob_wait_at_most"),
    ),
    "diversity": ("richness", "shannon", "simpson", "inverse_simpson", "simpson_unbiased", "pielou_evenness"),
    "concentration_index": ("CI_direct.index", "CIg_direct.index", "CIc_direct.index"),
    "chi_number_check": ("mod11_only", "mod11_or_mod10"),
}
VALID = "Valid CHI"


def files() -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(GOLDEN.glob("*.json"))]


def cases() -> list[Any]:
    return [
        pytest.param(file["method"], case, id=f"{file['method']}:{place}:{case['name']}")
        for file in files()
        for place, case in enumerate(file["cases"])
    ]


def test_every_file_is_answered_and_has_keys_that_count() -> None:
    methods = {file["method"] for file in files()}
    assert len(methods) >= 16
    assert methods == set(KEYS) == set(ADAPTERS)


@pytest.mark.parametrize(("method", "case"), cases())
def test_the_established_packages_answer_is_reached(method: str, case: dict[str, Any]) -> None:
    expected = case["expected"]
    if "error" in expected:
        with pytest.raises(ValueError):
            ADAPTERS[method](case["input"])
        return
    got = ADAPTERS[method](case["input"])
    groups = method == "kaplan_meier_quantiles" and "group" in case["input"]
    for one, other in ((got[name], expected[name]) for name in expected) if groups else ((got, expected),):
        compare(method, one, other, case)


def compare(method: str, got: dict[str, Any], expected: dict[str, Any], case: dict[str, Any]) -> None:
    wanted = [key for key in KEYS[method] if key.split(".")[0] in expected]
    # Two levels of confidence have columns of their own.
    wanted += [key for key in expected if key.startswith(("lower", "upper")) and key not in wanted]
    assert wanted
    for key in wanted:
        if key not in case.get("skip", []):
            assert_close(at(got, key), at(expected, key), case["tolerance"], key)
    for key, within in expected.get("approximate_tolerance_absolute", {}).items():
        assert abs(got["approximate"][key] - expected["approximate"][key]) <= within, key


def at(answer: dict[str, Any], key: str) -> Any:
    for part in key.split("."):
        answer = answer[part]
    return answer


def assert_close(got: Any, want: Any, tolerance: float, where: str) -> None:
    if isinstance(want, dict):
        for key in want:
            assert_close(got[key], want[key], tolerance, f"{where}.{key}")
    elif isinstance(want, list):
        assert len(got) == len(want), where
        for place, (one, other) in enumerate(zip(got, want, strict=True)):
            assert_close(one, other, tolerance, f"{where}[{place}]")
    elif want in ("Infinity", "-Infinity"):
        assert got == float(want), where
    elif where.startswith("mod11"):
        # Only whether a number is valid counts, not the words for what is wrong with it.
        assert (got == VALID) == (want == VALID), where
    elif want is None or isinstance(want, str | bool):
        assert got == want, where
    else:
        assert got is not None, where
        assert not math.isnan(got), where
        assert abs(got - want) <= tolerance * max(1, abs(want)), f"{where}: {got} is not {want}"
