"""Every suite by the table that it checks, found by the names of the files."""

from __future__ import annotations

import importlib
from pathlib import Path

import great_expectations as gx

PREFIXES = ("stg_", "mart_")


def checked_tables() -> list[str]:
    """The staged tables and marts that have a suite here."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem.startswith(PREFIXES))


def suites() -> dict[str, gx.ExpectationSuite]:
    """A fresh suite for each of them, by table."""
    return {name: importlib.import_module(f"expectations.{name}").suite() for name in checked_tables()}
