"""Which fields of the extracts a table of the build rests on, read from the SQL of the models.

A field counts where its values decide which rows there are or what stands in the columns asked for. The condition of an
outer join counts only where a column of the joined table is asked for, since otherwise it decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from catalogue.contracts import extract_contracts
from catalogue.dimensions import units
from catalogue.indicators import Indicator
from catalogue.reference import reference_tables
from pipelines.calendar import days
from pipelines.models import INDICATOR, Model, Models, as_key

LAKE = "lake_"

#: Where a query says which rows there are, apart from its joins.
ROWS = ("where", "group", "having", "qualify", "windows")


def field_name(extract: str, field: str) -> str:
    """How a field of an extract is named wherever a check says what it touches: `testing.sex`."""
    return f"{extract}.{field}"


@cache
def known_fields() -> frozenset[str]:
    """Every field of every contract; a check can also judge what is made of a field, which is none."""
    return frozenset(field_name(name, column) for name, c in extract_contracts().items() for column in c.names)


def of_rows(models: Sequence[Model], entry: Indicator) -> frozenset[str]:
    """The fields that an indicator's own rows rest on, by `field_name`."""
    return _of_table(as_key(models), f"{INDICATOR}{entry.formula.of if entry.formula else entry.id}", None)


def of_dimension(models: Sequence[Model], entry: Indicator, dimension: str) -> frozenset[str]:
    """The fields that decide which of a dimension's values a unit of the indicator counts under."""
    mart = units()[entry.unit].mart
    asked, none = (_of_table(as_key(models), mart, frozenset(names)) for names in ((dimension,), ()))
    return asked - none


@cache
def _of_table(models: Models, table: str, columns: frozenset[str] | None) -> frozenset[str]:
    """Fields behind some columns of a table, or behind all of them (None)."""
    if table.startswith(LAKE):
        extract = table.removeprefix(LAKE)
        return frozenset(field_name(extract, name) for name in columns or () if name in _contract_columns(extract))
    scopes = _scopes(models)
    if table not in scopes:
        return frozenset()
    found = _of_scope(scopes[table], columns)
    return frozenset().union(*(_of_table(models, name, wanted) for name, wanted in found.items()))


@cache
def _scopes(models: Models) -> dict[str, Scope]:
    """Each model's query with every column named and given its table; models come in the order of the build."""
    known: dict[str, dict[str, str]] = {f"{LAKE}{name}": _contract_columns(name) for name in extract_contracts()}
    known |= {f"ref_{name}": dict.fromkeys(table.names, "VARCHAR") for name, table in reference_tables().items()}
    known["ref_days"] = dict.fromkeys(days().columns, "VARCHAR")
    found = {}
    for model in models:
        query = qualify(
            sqlglot.parse_one(model.sql, read="duckdb"),
            dialect="duckdb",
            schema=known,
            validate_qualify_columns=False,
            quote_identifiers=False,
        )
        scope = build_scope(query)
        if scope is not None:
            found[model.name] = scope
            known[model.name] = dict.fromkeys(query.named_selects, "VARCHAR")
    return found


def _contract_columns(extract: str) -> dict[str, str]:
    return dict.fromkeys((*extract_contracts()[extract].names, "source_row", "submission_id"), "VARCHAR")


def _of_scope(scope: Scope, columns: frozenset[str] | None) -> dict[str, frozenset[str]]:
    """The columns that a query reads of each table outside it, for some of its own columns or for all (None)."""
    if scope.set_operation_scopes:
        names = scope.expression.named_selects
        places = [place for place, name in enumerate(names) if columns is None or name in columns]
        parts = [
            _of_scope(part, frozenset(part.expression.named_selects[place] for place in places))
            for part in scope.set_operation_scopes
        ]
        return _together(parts)
    used = _columns_in(e for e in scope.expression.selects if columns is None or e.alias_or_name in columns)
    used |= _columns_in(part for name in ROWS for part in _listed(scope.expression.args.get(name)))
    joins = list(scope.expression.args.get("joins") or ())
    outer = {join.alias_or_name for join in joins if join.side == "LEFT"}
    # From the last join to the first, since a condition names tables that stand before it.
    for join in reversed(joins):
        if join.alias_or_name not in outer or any(table == join.alias_or_name for table, _ in used):
            used |= _columns_in(_listed(join.args.get("on")))
    parts = [_of_scope(part, None) for part in scope.subquery_scopes]
    for alias, (_, source) in scope.selected_sources.items():
        wanted = frozenset(name for table, name in used if table == alias)
        if not wanted and alias in outer:
            continue
        parts.append(_of_scope(source, wanted) if isinstance(source, Scope) else {source.name: wanted})
    return _together(parts)


def _columns_in(expressions: Iterable[exp.Expression]) -> set[tuple[str, str]]:
    return {(column.table, column.name) for e in expressions for column in e.find_all(exp.Column)}


def _listed(part: exp.Expression | list[exp.Expression] | None) -> list[exp.Expression]:
    return part if isinstance(part, list) else [part] if part else []


def _together(parts: Iterable[dict[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for part in parts:
        for table, names in part.items():
            found[table] = found.get(table, frozenset()) | names
    return found
