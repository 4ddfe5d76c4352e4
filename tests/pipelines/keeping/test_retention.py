"""The rules of retention: each has a reason, a deployment sets single ones, and the guide tells them as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from catalogue.contracts import ROOT, CatalogueError
from pipelines.keeping.retention import Retention, retention

GUIDE = ROOT / "docs" / "keep-and-restore.md"


def test_every_rule_has_a_reason() -> None:
    rules = retention()
    assert {name for name in Retention.model_fields if len(getattr(rules, name).reason.split()) > 8} == set(
        Retention.model_fields
    )


def test_a_deployment_sets_single_rules_in_its_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "retention.yml"
    own.write_text(
        "boards: {keep: 400, reason: The board asked for a year.}\nunpublished: {keep: , reason: For good.}\n"
    )
    before = retention()
    monkeypatch.setenv("GENOMICS_RETENTION", str(own))
    assert retention().boards.keep == 400
    assert retention().unpublished.keep is None
    assert retention().quality == before.quality


@pytest.mark.parametrize(
    "text", ["boards: {keep: 400}", "boards: {keep: 0, reason: None at all.}", "board: {keep: 9, reason: Misspelt.}"]
)
def test_a_rule_without_a_reason_or_that_makes_no_sense_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "retention.yml").write_text(text)
    monkeypatch.setenv("GENOMICS_RETENTION", str(tmp_path / "retention.yml"))
    with pytest.raises(CatalogueError, match=r"retention\.yml"):
        retention()


def test_the_guide_tells_the_rules_as_they_are() -> None:
    told = dict(re.findall(r"^\| `([a-z_]+)` \| (\d+) (?:days|years) \|", GUIDE.read_text("utf-8"), re.MULTILINE))
    assert told == {name: str(getattr(retention(), name).keep) for name in Retention.model_fields}
