"""Every suite by the table that it checks, found by the names of the files; those of reference lists are derived."""

from __future__ import annotations

import importlib
from pathlib import Path

import great_expectations as gx

from catalogue.reference import reference_tables
from expectations.from_reference import PREFIX, reference_suites

PREFIXES = ("stg_", "mart_", "dq_")


def checked_tables() -> list[str]:
    """Every table that has a suite: those with a file here, and the reference lists."""
    return [*_tables_with_a_file(), *(f"{PREFIX}{name}" for name in sorted(reference_tables()))]


def suites() -> dict[str, gx.ExpectationSuite]:
    """A fresh suite for each of them, by table."""
    by_hand = {name: importlib.import_module(f"expectations.{name}").suite() for name in _tables_with_a_file()}
    return by_hand | reference_suites()


def _tables_with_a_file() -> list[str]:
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem.startswith(PREFIXES))
