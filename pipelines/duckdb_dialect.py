"""A SQLAlchemy dialect over an open DuckDB connection, for reading only: how Great Expectations reaches DuckDB tables.

The published driver loses results when the library closes a connection, and does not work with SQLAlchemy 2.1. Here
each statement has a cursor of its own on the caller's connection, and transactions stay with the caller.
"""

from __future__ import annotations

from typing import Any

import duckdb
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine.default import DefaultDialect

_COLUMNS = sa.text(
    "SELECT column_name, data_type, is_nullable FROM information_schema.columns "
    "WHERE table_catalog = current_database() AND table_schema = :schema AND table_name = :table "
    "ORDER BY ordinal_position"
)
_TABLES = sa.text(
    "SELECT table_name FROM information_schema.tables "
    "WHERE table_catalog = current_database() AND table_schema = :schema AND table_type IN :kinds"
).bindparams(sa.bindparam("kinds", expanding=True))


class Cursor:
    """A DB-API cursor whose result outlives the SQLAlchemy connection."""

    arraysize, rowcount = 1, -1

    def __init__(self, con: duckdb.DuckDBPyConnection, run: list[str] | None = None) -> None:
        self._con, self._run = con.cursor(), run

    def execute(self, statement: str, parameters: Any = None, _context: Any = None) -> None:
        """Run one statement."""
        if self._run is not None:
            self._run.append(statement)
        self._con.execute(statement, parameters or None)

    @property
    def description(self) -> Any:
        """The columns of the result."""
        return self._con.description

    def fetchone(self) -> Any:
        """The next row, or None."""
        return self._con.fetchone()

    def fetchmany(self, size: int | None = None) -> Any:
        """The next rows."""
        return self._con.fetchmany(size or self.arraysize)

    def fetchall(self) -> Any:
        """All rows that are left."""
        return self._con.fetchall()

    def close(self) -> None:
        """Let go of the result."""
        self._con.close()


class Connection:
    """The caller's DuckDB connection in the shape of a DB-API connection; it is never committed or closed from here."""

    def __init__(self, con: duckdb.DuckDBPyConnection, run: list[str] | None = None) -> None:
        """run: where every statement that is run is put down."""
        self._con, self._run = con, run

    def cursor(self) -> Cursor:
        """A cursor of its own."""
        return Cursor(self._con, self._run)

    def commit(self) -> None:
        """Leave the transaction to the caller."""

    def rollback(self) -> None:
        """Leave the transaction to the caller."""

    def close(self) -> None:
        """Leave the connection open for the caller."""


class NamedType(sa.types.UserDefinedType[Any]):
    """A DuckDB type that SQLAlchemy has no class for, known by its name."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        """The type as SQL writes it."""
        return self.name


class DuckDBDialect(PGDialect):
    """PostgreSQL's way of writing SQL, with DuckDB's parameters and catalogue."""

    name, driver = "duckdb", "duckdb"
    default_paramstyle = "numeric_dollar"
    supports_statement_cache = True
    supports_native_enum = False

    @classmethod
    def import_dbapi(cls) -> Any:
        """The module that stands for the driver."""
        return duckdb

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"paramstyle": "numeric_dollar", **options})

    def initialize(self, connection: Any) -> None:
        """Skip the questions that only PostgreSQL answers."""
        DefaultDialect.initialize(self, connection)

    def _get_server_version_info(self, connection: Any) -> tuple[int, int]:
        return (16, 0)

    def _get_default_schema_name(self, connection: Any) -> str:
        return "main"

    def get_default_isolation_level(self, dbapi_conn: Any) -> Any:
        """Each statement stands for itself."""
        return "AUTOCOMMIT"

    def on_connect(self) -> None:
        """Nothing to set up on a borrowed connection."""

    def _named(self, connection: Any, schema: str | None, kinds: list[str]) -> list[str]:
        return list(connection.scalars(_TABLES, {"schema": schema or "main", "kinds": kinds}))

    def get_table_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """Tables of a schema."""
        return self._named(connection, schema, ["BASE TABLE"])

    def get_view_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """Views of a schema."""
        return self._named(connection, schema, ["VIEW"])

    def get_schema_names(self, connection: Any, **_: Any) -> list[str]:
        """Schemas of the database."""
        return list(connection.scalars(sa.text("SELECT DISTINCT schema_name FROM information_schema.schemata")))

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> bool:
        """Whether a table or view of that name exists."""
        return table_name in self._named(connection, schema, ["BASE TABLE", "VIEW"])

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> Any:
        """Columns of a table; NoSuchTableError where there is none."""
        rows = connection.execute(_COLUMNS, {"table": str(table_name), "schema": schema or "main"}).all()
        if not rows:
            raise sa.exc.NoSuchTableError(table_name)
        return [
            {"name": name, "type": _type(kind), "nullable": nullable == "YES", "default": None}
            for name, kind, nullable in rows
        ]

    def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> Any:
        """No table of the warehouse declares a key; expectations check them."""
        return {"constrained_columns": [], "name": None}


def _type(name: str) -> sa.types.TypeEngine[Any]:
    found = getattr(sa, name.split("(")[0], None)
    is_type = isinstance(found, type) and issubclass(found, sa.types.TypeEngine)
    return found() if is_type and found is not None else NamedType(name)


registry.register("duckdb", __name__, "DuckDBDialect")
