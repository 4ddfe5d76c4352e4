"""Contracts: what each column of an extract or a reference list must hold.

One YAML file a table, one validated model. Parsing, row rules, expectations, the data dictionary and the
demonstration data all derive from it, so a column is described once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

ROOT = Path(__file__).resolve().parent.parent
EXTRACTS = ROOT / "catalogue" / "extracts"

Kind = Literal["id", "code", "date", "integer", "decimal", "yes_no", "text"]
Risk = Literal["none", "pseudonym", "indirect", "sensitive"]

YES_NO = ("yes", "no", "not_recorded")
TEXT_LIMIT = 2_000

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Words = Annotated[str, Field(min_length=3)]


Model = TypeVar("Model", bound=BaseModel)


class CatalogueError(Exception):
    """A file of the catalogue is wrong; the message names file and field."""


class Strict(BaseModel):
    """A model that refuses keys it does not know, so that a misspelt key is never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(Strict):
    """One column: its type, what it may hold, what it means, and how identifying it is."""

    name: Name
    type: Kind
    meaning: Words
    source: Words = "Defined by this contract"
    required: bool = False
    unit: str | None = None
    codes: Name | None = None
    open_codes: bool = False
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    risk: Risk = "none"

    @model_validator(mode="after")
    def _fits_its_type(self) -> Column:
        if (self.codes is None) != (self.type != "code"):
            raise ValueError(f"{self.name}: 'codes' names the reference list of a code column, and only of one")
        if self.open_codes and self.type != "code":
            raise ValueError(f"{self.name}: only a code column can keep codes outside its list")
        if self.pattern and self.type not in ("id", "text"):
            raise ValueError(f"{self.name}: 'pattern' is for identifiers and text")
        if self.type == "id" and not self.pattern:
            raise ValueError(f"{self.name}: an identifier needs a pattern")
        if self.type in ("integer", "decimal") and not self.unit:
            raise ValueError(f"{self.name}: a number needs a unit")
        return self


class Tolerance(Strict):
    """The share of bad rows above which a submission is refused whole."""

    share: float = 0.20
    small_file_rows: int = 50
    small_file_share: float = 0.50

    def refuses(self, returned: int, read: int) -> bool:
        """Whether so many returned rows, of so many read, refuse the submission."""
        allowed = self.small_file_share if read < self.small_file_rows else self.share
        return read > 0 and returned > allowed * read


class Contract(Strict):
    """The contract of one extract."""

    extract: Name
    title: Words
    grain: Words
    period: Words
    submitters: Literal["laboratories", "laboratories_and_boards", "any"]
    key: list[Name]
    owner_column: Name | None = None
    period_column: Name | None = None
    extracted_column: Name
    date_order: list[list[Name]] = []
    not_more_than: list[list[Name]] = []
    not_both: list[list[Name]] = []
    tolerance: Tolerance = Tolerance()
    columns: list[Column]

    @model_validator(mode="after")
    def _names_exist(self) -> Contract:
        names = [column.name for column in self.columns]
        repeated = {name for name in names if names.count(name) > 1}
        if repeated:
            raise ValueError(f"columns repeated: {', '.join(sorted(repeated))}")
        optional = (self.owner_column, self.period_column)
        used = [*self.key, *(name for name in optional if name), self.extracted_column]
        used += [name for pair in (*self.date_order, *self.not_more_than, *self.not_both) for name in pair]
        unknown = sorted(set(used) - set(names))
        if unknown:
            raise ValueError(f"columns named but not described: {', '.join(unknown)}")
        return self

    @property
    def names(self) -> list[str]:
        """The columns' names, in order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def read_yaml(path: Path, model: type[Model], given: dict[str, object] | None = None) -> Model:
    """A YAML file as a validated model; CatalogueError names the file, the key and what is wrong.

    given: values that do not stand in the file, such as the id that its name gives.
    """
    try:
        return model.model_validate((yaml.safe_load(path.read_text(encoding="utf-8")) or {}) | (given or {}))
    except yaml.YAMLError as error:
        raise CatalogueError(f"{path.name}: not valid YAML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors())
        raise CatalogueError(f"{path.name}: {problems}") from error


@cache
def extract_contracts(folder: Path = EXTRACTS) -> dict[str, Contract]:
    """Every extract's contract by name, in the order in which they are read at build."""
    found = {path.stem: read_yaml(path, Contract) for path in sorted(folder.glob("*.yml"))}
    for stem, contract in found.items():
        if contract.extract != stem:
            raise CatalogueError(f"{stem}.yml: describes {contract.extract!r}; the file's name is the extract's name")
    order = ["testing", "turnaround", "outcomes", "workforce", "programme"]
    return {name: found[name] for name in order if name in found} | {n: c for n, c in found.items() if n not in order}
