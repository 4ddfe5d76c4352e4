"""The rules of what is kept for how long, each with its reason: the product's own, and those that a deployment sets."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field

from catalogue.contracts import Strict, Words, read_yaml

#: Names a file with rules that take the place of the product's own.
ENVIRONMENT = "GENOMICS_RETENTION"
FILE = Path(__file__).with_name("retention.yml")


class Rule(Strict):
    """How long something is kept, in days or what the rule's name says, and why; None: for good."""

    keep: int | None = Field(ge=1)
    reason: Words


class Retention(Strict):
    """retention.yml; each rule is explained there."""

    boards: Rule
    quality: Rule
    monthly_quality_years: Rule
    unpublished: Rule
    replaced_rows: Rule
    returned_rows: Rule


class Instead(Strict):
    """The rules that a deployment's own file sets; the others stay as they are."""

    boards: Rule | None = None
    quality: Rule | None = None
    monthly_quality_years: Rule | None = None
    unpublished: Rule | None = None
    replaced_rows: Rule | None = None
    returned_rows: Rule | None = None


def retention() -> Retention:
    """The rules in force; CatalogueError where a file of rules is missing, not valid, or a rule lacks its reason."""
    rules = read_yaml(FILE, Retention)
    if own := os.environ.get(ENVIRONMENT):
        set_instead = read_yaml(Path(own), Instead)
        changed = {name: rule for name in Instead.model_fields if (rule := getattr(set_instead, name)) is not None}
        rules = rules.model_copy(update=changed)
    return rules
