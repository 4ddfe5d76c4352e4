"""Which tables of a warehouse statements read, told from the statements themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import duckdb


class Noting:
    """A connection that notes every statement which is run on it.

    It can do what work on a built warehouse needs and no more, so that nothing is read unseen.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, run: list[str]) -> None:
        """con: whose statements are noted. run: where every statement is put down."""
        self._con, self._run = con, run
        #: What it can do besides: frames under a name, whose rows come from what was read or was given.
        self.register, self.unregister = con.register, con.unregister

    def sql(self, query: str, **given: Any) -> duckdb.DuckDBPyRelation:
        """As the connection's own."""
        self._run.append(query)
        return self._con.sql(query, **given)

    def execute(self, query: str, *given: Any) -> duckdb.DuckDBPyConnection:
        """As the connection's own."""
        self._run.append(query)
        return self._con.execute(query, *given)

    def cursor(self) -> Noting:
        """Another such connection to the same warehouse."""
        return Noting(self._con.cursor(), self._run)


def read_by(con: duckdb.DuckDBPyConnection, statements: Iterable[str]) -> set[str]:
    """The tables and views of a warehouse whose names stand in statements: all that these read, and maybe more."""
    words = {word for statement in statements for word in re.findall(r"\w+", statement)}
    names = con.cursor().execute(
        "SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database() "
        "AND table_schema = 'main'"
    )
    return words & {name for (name,) in names.fetchall()}
