"""Every golden case is answered as the established package answers it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.methods.golden_adapters import ADAPTERS

GOLDEN = Path(__file__).parent.parent / "golden"
KEYS = {
    "wilson_proportion": ("value", "lowercl", "uppercl"),
    "kaplan_meier_quantiles": ("quantile", "lower", "upper", "survival_at.surv"),
}


def cases() -> list[Any]:
    found = []
    for path in sorted(GOLDEN.glob("*.json")):
        file = json.loads(path.read_text())
        found += [pytest.param(file["method"], case, id=f"{path.stem}:{case['name']}") for case in file["cases"]]
    return found


def at(answer: dict[str, Any], key: str) -> Any:
    for part in key.split("."):
        answer = answer[part]
    return answer


def assert_close(got: Any, want: Any, tolerance: float, where: str) -> None:
    if isinstance(want, list):
        assert len(got) == len(want), where
        for place, (one, other) in enumerate(zip(got, want, strict=True)):
            assert_close(one, other, tolerance, f"{where}[{place}]")
    elif want is None or isinstance(want, str):
        assert got == want, where
    else:
        assert got is not None, where
        assert abs(got - want) <= tolerance * max(1, abs(want)), f"{where}: {got} is not {want}"


@pytest.mark.parametrize(("method", "case"), cases())
def test_the_established_packages_answer_is_reached(method: str, case: dict[str, Any]) -> None:
    expected = case["expected"]
    if "error" in expected:
        with pytest.raises(ValueError):
            ADAPTERS[method](case["input"])
        return
    got = ADAPTERS[method](case["input"])
    if all(isinstance(part, dict) for part in expected.values()):
        for group, answer in expected.items():
            compare(method, got[group], answer, case)
    else:
        compare(method, got, expected, case)


def compare(method: str, got: dict[str, Any], expected: dict[str, Any], case: dict[str, Any]) -> None:
    wanted = [key for key in KEYS[method] if key.split(".")[0] in expected]
    wanted += [key for key in expected if key.startswith(("lower", "upper")) and key not in wanted]
    assert wanted
    for key in wanted:
        if key not in case.get("skip", []):
            assert_close(at(got, key), at(expected, key), case["tolerance"], key)
