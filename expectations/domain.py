"""Expectations of the domain that Great Expectations does not ship, and what every check says about itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Union

import great_expectations.expectations as gxe
from great_expectations.compatibility import pydantic
from great_expectations.core.suite_parameters import SuiteParameterDict

Dimension = Literal[
    "conformance", "completeness", "plausibility", "uniqueness", "timeliness", "consistency", "agreement"
]


def about(dimension: Dimension, owner: str, why: str, affects: Sequence[str] = ()) -> dict[str, Any]:
    """What a check says about itself: its dimension of quality, who answers for it, and why its threshold is so.

    affects: indicators that a failure touches, by id or as all that read a table; none named means the table checked.
    """
    return {"dimension": dimension, "owner": owner, "why": why, "affects": list(affects)}


class RowsExpectation(gxe.UnexpectedRowsExpectation):
    """Rows that a query returns are failures; only their number is asked for, never their values.

    A subclass declares its fields and gives a `sql` template over them and {batch}.
    """

    # The library reads these annotations at run time, so the union is spelt in the form that it knows.
    unexpected_rows_query: Union[str, SuiteParameterDict] = ""  # noqa: UP007
    counts_rows: ClassVar[bool] = True
    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count", "table.row_count")
    success_keys: ClassVar[tuple[str, ...]] = ("unexpected_rows_query",)

    @classmethod
    def sql(cls, values: dict[str, Any]) -> str:
        """The query for the failing rows."""
        raise NotImplementedError

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        """What the quality page shows in place of the query."""
        raise NotImplementedError

    @pydantic.root_validator(pre=True)
    def _fill_query(cls, values: dict[str, Any]) -> dict[str, Any]:
        defaults = {name: field.default for name, field in cls.__fields__.items()}
        filled = {**defaults, **values}
        return {"description": cls.sentence(filled), **values, "unexpected_rows_query": cls.sql(filled)}

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        failing, total = metrics["unexpected_rows_query.row_count"], metrics["table.row_count"]
        result: dict[str, Any] = {"observed_value": failing, "element_count": total}
        if self.counts_rows:
            result |= {
                "unexpected_count": failing,
                "partial_unexpected_list": [],
                "unexpected_percent": 100 * failing / total if total else 0.0,
            }
        return {"success": failing == 0, "result": result}


class ExpectKeyToBeUnique(RowsExpectation):
    """No two rows share the same values of the key columns."""

    columns: list[str]

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"No two rows share the same {', '.join(values['columns'])}."

    @classmethod
    def sql(cls, values: dict[str, Any]) -> str:
        key = ", ".join(values["columns"])
        return f"SELECT {key} FROM {{batch}} GROUP BY {key} HAVING count(*) > 1"


class ExpectReferencesToExist(RowsExpectation):
    """Every value of a column is a key of another table; rows without a value pass."""

    column: str
    reference_table: str
    reference_column: str

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"Every {values['column']} is in {values['reference_table']}."

    @classmethod
    def sql(cls, values: dict[str, Any]) -> str:
        return (
            f"SELECT checked.{values['column']} FROM {{batch}} checked "
            f"ANTI JOIN {values['reference_table']} known "
            f"ON known.{values['reference_column']} = checked.{values['column']} "
            f"WHERE checked.{values['column']} IS NOT NULL"
        )


class ExpectDateNotBefore(RowsExpectation):
    """A later event is not dated before an earlier one; rows without either date pass."""

    later: str
    earlier: str

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"{values['later']} is not before {values['earlier']}."

    @classmethod
    def sql(cls, values: dict[str, Any]) -> str:
        return f"SELECT {values['later']} FROM {{batch}} WHERE {values['later']} < {values['earlier']}"


class ExpectNoRows(RowsExpectation):
    """No row meets a condition that no sound row meets."""

    condition: str
    says: str

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return str(values["says"])

    @classmethod
    def sql(cls, values: dict[str, Any]) -> str:
        return f"SELECT 1 FROM {{batch}} WHERE {values['condition']}"


class ExpectRecordedInEachGroup(RowsExpectation):
    """In each group with enough rows, a condition holds for at least a share of them; counts groups that fall short."""

    condition: str
    what: str
    group_by: str
    group_name: str = ""
    at_least: float
    min_rows: int = 100
    counts_rows: ClassVar[bool] = False

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        group = values["group_name"] or str(values["group_by"]).replace("_", " ")
        return f"{values['what']} for at least {values['at_least']:.0%} of rows in every {group}."

    @classmethod
    def sql(cls, values: dict[str, Any]) -> str:
        return (
            f"SELECT {values['group_by']} FROM {{batch}} GROUP BY {values['group_by']} "
            f"HAVING count(*) >= {values['min_rows']} "
            f"AND count(*) FILTER (WHERE {values['condition']}) < {values['at_least']} * count(*)"
        )
