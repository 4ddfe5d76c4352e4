"""Reference lists: what each table of reference/ holds, where it comes from, and the codes it allows.

A reference table is a CSV file and a YAML file of the same name: title, source, licence, key and columns.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from catalogue.contracts import ROOT, CatalogueError, Column, Name, Strict, Words, read_yaml

Row = TypeVar("Row", bound=Strict)

FOLDER = ROOT / "reference"
SHORT_LISTS = "code_lists"


class ReferenceTable(Strict):
    """What one table of reference/ holds and where it comes from."""

    title: Words
    source: Words
    licence: Words
    key: list[Name]
    columns: list[Column]

    @property
    def names(self) -> list[str]:
        """The columns' names, in order."""
        return [column.name for column in self.columns]


@cache
def reference_tables(folder: Path = FOLDER) -> dict[str, ReferenceTable]:
    """Every reference table's description by name; CatalogueError where CSV and description do not come in pairs."""
    described = {path.stem: read_yaml(path, ReferenceTable) for path in sorted(folder.glob("*.yml"))}
    held = {path.stem for path in folder.glob("*.csv")}
    if lonely := sorted(held ^ described.keys()):
        raise CatalogueError(f"reference/: a .csv and a .yml belong together; one is missing for {', '.join(lonely)}")
    return described


@cache
def reference_rows(table: str, folder: Path = FOLDER) -> tuple[dict[str, str], ...]:
    """The rows of a reference table as text, in the file's order."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def checked_rows(table: str, model: type[Row], folder: Path = FOLDER) -> list[Row]:
    """The rows of a reference table as a model; CatalogueError names the row that breaks a rule, and the rule."""
    found = []
    for number, row in enumerate(reference_rows(table, folder), 2):
        try:
            found.append(model.model_validate({name: text.strip() for name, text in row.items()}))
        except ValidationError as problem:
            said = problem.errors()[0]
            where = ", ".join(str(part) for part in said["loc"]) or "row"
            raise CatalogueError(f"reference/{table}.csv, row {number}, {where}: {said['msg']}") from None
    return found


@cache
def labels(list_name: str, folder: Path = FOLDER) -> dict[str, str]:
    """Code to label of a reference list, in display order; KeyError for a list that does not exist.

    A list is a table with columns `code` and `label`, or a `list_name` within reference/code_lists.csv.
    """
    if (folder / f"{list_name}.csv").exists():
        rows: tuple[dict[str, str], ...] = reference_rows(list_name, folder)
    else:
        rows = tuple(row for row in reference_rows(SHORT_LISTS, folder) if row["list_name"] == list_name)
    if not rows or "code" not in rows[0]:
        raise KeyError(f"no reference list {list_name!r}")
    return {row["code"]: row["label"] for row in rows}


def codes(list_name: str, folder: Path = FOLDER) -> tuple[str, ...]:
    """The codes that a reference list allows, in display order."""
    return tuple(labels(list_name, folder))
