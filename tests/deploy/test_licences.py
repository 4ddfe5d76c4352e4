"""Licences and the bill of materials: every package that is installed is listed, under a licence that is allowed."""

from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path

import pytest
import yaml

from catalogue.contracts import ROOT
from tests.deploy.conftest import DEPLOY

ALLOWED: dict[str, str] = yaml.safe_load((DEPLOY / "licences.yml").read_text(encoding="utf-8"))["allowed"]
PINNED = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE))


def plainly(name: str) -> str:
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parts(licence: str) -> set[str]:
    """The licences that an expression names."""
    if re.search(r" (AND|OR|WITH) ", licence):
        licence = licence.replace("(", "").replace(")", "")
    return set(re.split(r" (?:AND|OR|WITH) |; ", licence))


def not_allowed(rows: list[dict[str, str]]) -> dict[str, set[str]]:
    """The packages with a licence that is not in the list, and which."""
    return {row["Name"]: missing for row in rows if (missing := parts(row["License"]) - set(ALLOWED))}


def made(name: str) -> Path:
    """A file that `make sbom` writes; where nobody ran it the test is skipped, except in CI, where it fails."""
    path = ROOT / name
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"CI runs `make sbom` first, which writes {name}")
        pytest.skip("run `make sbom` first")
    return path


def listed() -> list[dict[str, str]]:
    with made("licences.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_an_expression_is_taken_apart() -> None:
    assert parts("MPL-2.0 AND (Apache-2.0 OR MIT)") == {"MPL-2.0", "Apache-2.0", "MIT"}
    assert parts("Apache Software License; BSD License") == {"Apache Software License", "BSD License"}
    assert parts("Mozilla Public License 2.0 (MPL 2.0)") == {"Mozilla Public License 2.0 (MPL 2.0)"}


@pytest.mark.parametrize("licence", ["GPL-3.0-or-later", "MIT AND AGPL-3.0", "UNKNOWN", ""])
def test_a_licence_that_is_not_in_the_list_is_told(licence: str) -> None:
    assert not_allowed([{"Name": "a", "License": "MIT"}, {"Name": "b", "License": licence}]).keys() == {"b"}


def test_every_reason_is_a_sentence() -> None:
    assert all(reason.endswith(".") and len(reason) > 30 for reason in ALLOWED.values())


def test_every_installed_package_has_a_licence_that_is_allowed() -> None:
    assert not not_allowed(listed())


def test_no_licence_is_allowed_that_no_package_has() -> None:
    assert set(ALLOWED) <= {part for row in listed() for part in parts(row["License"])}


def test_every_pinned_package_is_listed_with_its_version() -> None:
    versions = {plainly(row["Name"]): row["Version"] for row in listed()}
    assert {name: versions.get(plainly(name)) for name in PINNED} == PINNED


def test_the_bill_of_materials_has_every_pinned_package_with_its_hashes() -> None:
    held = json.loads(made("sbom.json").read_text(encoding="utf-8"))
    components = {plainly(part["name"]): part for part in held["components"]}
    assert {name: components[plainly(name)]["version"] for name in PINNED} == PINNED
    assert all(part["externalReferences"][0]["hashes"] for part in components.values())
