"""Expectations of reference lists and populations: every code there, no overlap in time, parts that add up."""

from __future__ import annotations

from typing import Any, ClassVar

from expectations.domain import CountingExpectation
from expectations.groups import GroupsExpectation


class ExpectCodesCovered(CountingExpectation):
    """Every code of a list stands in a column at least once."""

    column: str
    codes: list[str]
    what: str
    unit: ClassVar[str] = "codes"

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"Every {values['what']} stands in {values['column']}."

    @classmethod
    def counts(cls, values: dict[str, Any]) -> str:
        # An empty table covers nothing and is told by the check for rows, so it is not judged here.
        return (
            "SELECT CASE WHEN (SELECT count(*) FROM {batch}) = 0 THEN 0 ELSE count(*) END AS checked, "
            f"count(*) FILTER (WHERE {cls._is_lacking(values)}) AS failing FROM ({cls._listed(values)})"
        )

    @classmethod
    def failing_rows(cls, values: dict[str, Any]) -> str:
        return f"SELECT listed_code FROM ({cls._listed(values)}) WHERE {cls._is_lacking(values)}"

    @staticmethod
    def _listed(values: dict[str, Any]) -> str:
        return f"SELECT unnest([{', '.join(repr(str(code)) for code in values['codes'])}]) AS listed_code"

    @staticmethod
    def _is_lacking(values: dict[str, Any]) -> str:
        held = f"SELECT {values['column']}::VARCHAR FROM {{batch}} WHERE {values['column']} IS NOT NULL"
        return f"listed_code NOT IN ({held})"


class ExpectNoOverlap(CountingExpectation):
    """Versions of the same thing do not hold on the same day; a version fails that starts before the last one ended.

    The end is the first day on which a version no longer holds; none means that it still does.
    """

    key: list[str]
    start: str
    end: str

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"No two versions of the same {', '.join(values['key'])} hold on the same day."

    @classmethod
    def counts(cls, values: dict[str, Any]) -> str:
        return (
            "SELECT count(*) AS checked, count(*) FILTER (WHERE is_overlapping) AS failing "
            f"FROM ({cls._ordered(values)})"
        )

    @classmethod
    def failing_rows(cls, values: dict[str, Any]) -> str:
        return f"SELECT * EXCLUDE (is_overlapping) FROM ({cls._ordered(values)}) WHERE is_overlapping"

    @staticmethod
    def _ordered(values: dict[str, Any]) -> str:
        # The end of any earlier version counts, not of the last one only: a long one may cover a short one.
        ended = f"max(coalesce({values['end']}, DATE '9999-12-31'))"
        earlier = (
            f"(PARTITION BY {', '.join(values['key'])} ORDER BY {values['start']} "
            "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        )
        return f"SELECT *, coalesce({values['start']} < {ended} OVER {earlier}, FALSE) AS is_overlapping FROM {{batch}}"


class ExpectTotalsToAgree(GroupsExpectation):
    """A sum by group agrees with the total that another table states, within a share of it."""

    total: str
    group_by: str
    stated_table: str
    stated_key: str
    stated_total: str
    within: float

    def made_by(self) -> str:
        """The column that makes the groups."""
        return self.group_by

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return (
            f"The {values['total']} of each {values['group_by']} adds up to {values['stated_total']} of "
            f"{values['stated_table']}, within {values['within']:.1%}."
        )

    @classmethod
    def groups(cls, values: dict[str, Any]) -> str:
        group, table, stated = values["group_by"], values["stated_table"], f"stated.{values['stated_total']}"
        return (
            f"WITH summed AS (SELECT {group}, sum({values['total']}) AS total FROM {{batch}} "
            f"WHERE ({values['among']}) GROUP BY {group}) "
            f"SELECT summed.{group}, "
            f"abs(coalesce(summed.total, 0) - {stated}) > {values['within']} * {stated} AS is_failing "
            f"FROM summed INNER JOIN {table} AS stated ON summed.{group} = stated.{values['stated_key']} "
            f"WHERE {stated} IS NOT NULL"
        )
