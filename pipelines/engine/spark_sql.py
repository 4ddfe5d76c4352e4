"""The one translation of the models from DuckDB's SQL to Spark's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import sqlglot
from sqlglot import exp

from pipelines.errors import PipelineError
from pipelines.models import Model

#: The names of a table's columns, in order.
Columns = Callable[[str], Sequence[str]]


def spark_sql(model: Model, columns: Columns) -> str:
    """A model's SELECT as Spark SQL.

    The files keep to functions that both engines answer alike (tests/sql), so SQLGlot's own translation is nearly
    enough: it says where nulls stand in an order and writes whole division as DIV. `* EXCLUDE (x)` is written out, as
    Sail takes Spark's `* EXCEPT (x)` for the operation on sets. columns: of the tables that the model reads.

    PipelineError names a file that holds something that Spark has no words for.
    """
    where = f"{model.path.parent.name}/{model.path.name}"
    tree = sqlglot.parse_one(model.sql, read="duckdb")
    for select in tree.find_all(exp.Select):
        if any(_excluded(one) for one in select.expressions):
            select.set("expressions", list(_written_out(select, columns, where)))
    try:
        text: str = tree.sql(dialect="spark", unsupported_level=sqlglot.ErrorLevel.RAISE, comments=False)
    except sqlglot.UnsupportedError as error:
        raise PipelineError(f"{where}: not sayable in Spark SQL: {error}") from error
    return text


def _excluded(column: exp.Expression) -> set[str]:
    """Names after EXCLUDE, where a column of a SELECT is such a star."""
    star = column.this if isinstance(column, exp.Column) else column
    return {one.name for one in star.args.get("except_") or ()} if isinstance(star, exp.Star) else set()


def _written_out(select: exp.Select, columns: Columns, where: str) -> Iterator[exp.Expression]:
    read = [select.args["from_"].this, *(join.this for join in select.args.get("joins") or ())]
    tables = {one.alias_or_name: one for one in read if isinstance(one, exp.Table)}
    made_here = {cte.alias_or_name for cte in select.root().find_all(exp.CTE)}
    for column in select.expressions:
        if not (gone := _excluded(column)):
            yield column
            continue
        name = column.table if isinstance(column, exp.Column) else "".join(tables) if len(read) == 1 else ""
        if name not in tables or tables[name].name in made_here:
            raise PipelineError(f"{where}: EXCLUDE stands after `*` of one table, or after the star of a named table")
        yield from (exp.column(one, table=name) for one in columns(tables[name].name) if one not in gone)
