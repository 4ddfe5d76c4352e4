"""The SQL files as models: one SELECT a file, the file's name is the table, the order comes from the FROM clauses."""

from __future__ import annotations

import graphlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from catalogue.contracts import ROOT
from pipelines.errors import PipelineError

FOLDER = ROOT / "sql"
INDICATOR = "indicator_"


@dataclass(frozen=True)
class Model:
    """One SQL file: the table it makes, its text, and the tables it reads."""

    name: str
    sql: str
    needs: frozenset[str]
    path: Path


class Models(tuple[Model, ...]):
    """Models in the order of the build, as the key of what is remembered of them all: hashed once, however often that
    is asked for."""

    _hash: int | None = None

    def __hash__(self) -> int:
        """By names and texts alone."""
        if self._hash is None:
            self._hash = hash(tuple((model.name, model.sql) for model in self))
        return self._hash


def as_key(models: Sequence[Model]) -> Models:
    """The same models; those that are a key already stay the same object."""
    return models if isinstance(models, Models) else Models(models)


def read_models(folder: Path = FOLDER) -> list[Model]:
    """Every model below a folder in an order in which they can be built.

    An indicator's table is `indicator_<id>`, so that an id never meets a mart's name. Raises PipelineError for a file
    that is not one SELECT, two files of one name, or tables that need each other in a circle.
    """
    models: dict[str, Model] = {}
    for path in sorted(folder.rglob("*.sql")):
        model = _read_model(path)
        if model.name in models:
            raise PipelineError(f"sql/: {path.name} stands twice, also in {models[model.name].path.parent.name}/")
        models[model.name] = model
    try:
        order = list(
            graphlib.TopologicalSorter({m.name: m.needs & models.keys() for m in models.values()}).static_order()
        )
    except graphlib.CycleError as error:
        raise PipelineError(f"sql/: tables need each other in a circle: {' -> '.join(error.args[1])}") from error
    return [models[name] for name in order]


def sources(models: Iterable[Model]) -> set[str]:
    """The tables that the models read and none of them makes."""
    models = list(models)
    return set().union(*(model.needs for model in models)) - {model.name for model in models}


def create_table(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Make the model's table; a DuckDB error names the file that holds the SELECT."""
    try:
        con.execute(f'CREATE TABLE "{model.name}" AS {model.sql}')
    except duckdb.Error as error:
        raise PipelineError(f"{model.path.parent.name}/{model.path.name}: {str(error).splitlines()[0]}") from error


def _read_model(path: Path) -> Model:
    text = path.read_text(encoding="utf-8")
    try:
        queries = sqlglot.parse(text, read="duckdb")
    except sqlglot.ParseError as error:
        raise PipelineError(f"{path.parent.name}/{path.name}: not valid SQL: {str(error).splitlines()[0]}") from error
    if len(queries) != 1 or not isinstance(queries[0], exp.Query):
        raise PipelineError(f"{path.parent.name}/{path.name}: holds one SELECT and nothing else")
    query = queries[0]
    named = {cte.alias_or_name for cte in query.find_all(exp.CTE)}
    needs = frozenset(table.name for table in query.find_all(exp.Table)) - named
    name = f"{INDICATOR}{path.stem}" if path.parent.name == "indicators" else path.stem
    return Model(name, text, needs, path)
