"""deploy/alerts.yml: rules of the right form, on metrics that exist, each with its line for whoever is on call."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from catalogue.contracts import ROOT
from pipelines.folders import Folders
from pipelines.operations import metrics, state
from tests.deploy.conftest import DEPLOY
from tests.pipelines.operations.test_state import at, logged, sent, served

RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
ON_CALL = (ROOT / "docs" / "on-call.md").read_text(encoding="utf-8")

#: What blackbox_exporter says of an address.
FROM_ELSEWHERE = {"probe_success"}
WORDS = {"time", "absent", "or", "and", "job", "genomics_health", "command", "refresh"}


def names_in(expression: str) -> set[str]:
    """The metrics that an expression asks for."""
    return set(re.findall(r"[a-z][a-z_]+", expression)) - WORDS


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The labels of every metric of a folder in which something is of each kind."""
    folders = Folders(tmp_path_factory.mktemp("data"))
    served(folders)
    logged(folders, ("refresh", "failed"), ("refresh", "done"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "submissions", lambda _: [sent("2026-08"), sent("2026-09", "refused")])
        text = generate_latest(metrics.registry(state.look(folders, at("2026-11-20")))).decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {sample.name: set(sample.labels) for sample in samples}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_has_all_that_prometheus_and_whoever_is_on_call_need(rule):
    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"\d+[mh]", rule["for"])
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"].endswith(".")
    assert (ROOT / rule["annotations"]["runbook"]).is_file()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_metric_of_a_rule_is_one_that_is_written(rule, known):
    asked = names_in(rule["expr"])
    assert asked
    assert not asked - set(known) - FROM_ELSEWHERE
    labels = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    assert all(labels <= known[name] for name in asked - FROM_ELSEWHERE)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_has_its_line_for_whoever_is_on_call(rule):
    assert f"`{rule['alert']}`" in ON_CALL


def test_no_alert_is_told_of_that_does_not_exist():
    told = set(re.findall(r"`([A-Z][a-z]+[A-Z][A-Za-z]+)`", ON_CALL))
    assert told == {rule["alert"] for rule in RULES}


def test_names_in_an_expression_are_found():
    assert names_in('time() - a_metric{command="refresh"} > 3 or absent(other_one)') == {"a_metric", "other_one"}
