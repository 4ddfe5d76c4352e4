"""Expectations of the domain that Great Expectations does not ship, and what every check says about itself.

Each counts, in one query, what it checked and what failed: no value of a failing row is asked for. `failing_rows` is
the query for those rows, which the build uses to tell whose they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Union

import great_expectations.expectations as gxe
from great_expectations.compatibility import pydantic
from great_expectations.core.suite_parameters import SuiteParameterDict

from expectations.rendering import CountsInDocs

Dimension = Literal[
    "conformance", "completeness", "plausibility", "uniqueness", "timeliness", "consistency", "agreement"
]


def about(
    name: str,
    dimension: Dimension,
    owner: str,
    why: str,
    affects: Sequence[str] = (),
    to_do: str = "",
    same_rows: str = "",
) -> dict[str, Any]:
    """What a check says about itself: its name within its table, its dimension of quality, who answers for it, and why
    its threshold is so, with the date of the decision where there is one.

    affects: indicators that a failure touches, by id or as all that read a table; none named means the table checked,
    and a check of one field touches those that read it.
    to_do: what the one who answers for it does about a failure, as a sentence.
    same_rows: a name shared by checks on which the same rows fail, so that they count once.
    """
    return {
        "name": name,
        "dimension": dimension,
        "owner": owner,
        "why": why,
        "affects": list(affects),
        "to_do": to_do,
        "same_rows": same_rows,
    }


#: The name that checks of how many rows were returned share: these rows are told by the reasons of their return.
RETURNED = "returned"

#: The name that checks of clocks stopped for too long share.
PAUSES = "turnaround.paused_days"

#: What groups of rows are called, one and many, by the column that makes them.
GROUPS = {
    "residence_board": ("health board", "health boards"),
    "board_code": ("health board", "health boards"),
    "receiving_lab": ("laboratory", "laboratories"),
    "receiving_lab, received_month": ("laboratory's month", "laboratories' months"),
    "directory": ("directory", "directories"),
    "referrer_specialty": ("specialty", "specialties"),
    "ethnic_category": ("ethnic group", "ethnic groups"),
    "site_code": ("site's census", "sites' censuses"),
    "submission_id": ("file", "files"),
}


class CountingExpectation(CountsInDocs, gxe.UnexpectedRowsExpectation):
    """At most a share of the rows (or groups) checked fails; both are counted in one query.

    A subclass declares its fields and gives `failing`, and `judged` where not every row can be, or `counts` and
    `failing_rows`, over them and {batch}, and the `sentence` that readers see in place of the query.
    """

    # The library reads these annotations at run time, so the union is spelt in the form that it knows.
    unexpected_rows_query: Union[str, SuiteParameterDict] = ""  # noqa: UP007
    at_most: float = 0.0
    among: str = "TRUE"
    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)
    success_keys: ClassVar[tuple[str, ...]] = ("unexpected_rows_query", "at_most")

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        """The condition that a failing row meets."""
        raise NotImplementedError

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        """The condition of the rows that can be judged at all: those that hold what is compared."""
        return "TRUE"

    @property
    def nouns(self) -> tuple[str, str]:
        """What is counted, one and many."""
        return (self.unit.removesuffix("s"), self.unit)

    @property
    def looked_at(self) -> str:
        """The condition of the rows that this expectation counts as checked."""
        values = self.filled(dict(self))
        return f"({values['among']}) AND {self.judged(values)}"

    @classmethod
    def counts(cls, values: dict[str, Any]) -> str:
        """The query for one row of `checked` and `failing`."""
        condition = cls.failing(values)
        return (
            f"SELECT count(*) AS checked, count(*) FILTER (WHERE {condition}) AS failing "
            f"FROM {{batch}} WHERE ({values['among']}) AND {cls.judged(values)}"
        )

    @classmethod
    def failing_rows(cls, values: dict[str, Any]) -> str:
        """The query for the failing rows, with all their columns, or the failing groups with theirs."""
        return f"SELECT * FROM {{batch}} WHERE ({values['among']}) AND {cls.judged(values)} AND ({cls.failing(values)})"

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        """What must hold, as readers see it."""
        raise NotImplementedError

    @pydantic.root_validator(pre=True)
    def _fill_query(cls, values: dict[str, Any]) -> dict[str, Any]:
        filled = cls.filled(values)
        return {"description": cls.sentence(filled), **values, "unexpected_rows_query": cls.counts(filled)}

    @classmethod
    def filled(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The fields with their defaults where none is given."""
        return {**{name: field.default for name, field in cls.__fields__.items()}, **values}

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        (row,) = metrics["unexpected_rows_query.table"]
        checked, failing = int(row["checked"] or 0), int(row["failing"] or 0)
        return {
            "success": failing <= self.at_most * checked,
            "result": {
                "observed_value": failing,
                "element_count": checked,
                "unexpected_count": failing,
                "partial_unexpected_list": [],
                "unexpected_percent": 100 * failing / checked if checked else 0.0,
            },
        }


class ExpectKeyToBeUnique(CountingExpectation):
    """No two rows share the same values of the key columns; every row beyond the first of a key fails."""

    columns: list[str]

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"No two rows share the same {', '.join(values['columns'])}."

    @classmethod
    def counts(cls, values: dict[str, Any]) -> str:
        key = ", ".join(values["columns"])
        return (
            "SELECT coalesce(sum(rows_of_key), 0) AS checked, coalesce(sum(rows_of_key - 1), 0) AS failing "
            f"FROM (SELECT count(*) AS rows_of_key FROM {{batch}} GROUP BY {key})"
        )

    @classmethod
    def failing_rows(cls, values: dict[str, Any]) -> str:
        key = ", ".join(values["columns"])
        return f"SELECT * FROM {{batch}} QUALIFY row_number() OVER (PARTITION BY {key}) > 1"


class ExpectReferencesToExist(CountingExpectation):
    """Every value of a column is a key of another table; rows without a value pass."""

    column: str
    reference_table: str
    reference_column: str

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"Every {values['column']} is in {values['reference_table']}."

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        return f"{values['column']} IS NOT NULL"

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        known = f"SELECT {values['reference_column']} FROM {values['reference_table']}"
        return f"{values['column']} NOT IN ({known} WHERE {values['reference_column']} IS NOT NULL)"


class ExpectCodeInForce(CountingExpectation):
    """A code is in force on the row's date: a version of it starts by then and has not ended; blanks pass."""

    column: str
    on_date: str
    reference_table: str
    reference_column: str = "code"

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"Every {values['column']} is in force on its {values['on_date']}."

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        return f"{values['column']} IS NOT NULL AND {values['on_date']} IS NOT NULL"

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        column, day = values["column"], values["on_date"]
        # The list's columns are renamed, since one of the table's own name would hide it.
        known = (
            f"SELECT {values['reference_column']} AS known_code, valid_from AS known_from, valid_to AS known_to "
            f"FROM {values['reference_table']}"
        )
        return (
            f"{column} IS NOT NULL AND {day} IS NOT NULL "
            f"AND NOT EXISTS (SELECT 1 FROM ({known}) WHERE known_code = {column} AND known_from <= {day} "
            f"AND (known_to IS NULL OR known_to > {day}))"
        )


class ExpectDateNotBefore(CountingExpectation):
    """A later event is not dated before an earlier one; rows without either date pass."""

    later: str
    earlier: str

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"{values['later']} is not before {values['earlier']}."

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        return f"{values['later']} IS NOT NULL AND {values['earlier']} IS NOT NULL"

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        return f"{values['later']} < {values['earlier']}"


class ExpectDaysBetween(CountingExpectation):
    """The days from one event to another lie within what is likely; rows without either date pass."""

    start: str
    end: str
    at_least: int = 0
    no_more_than: int

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        likely = f"{values['at_least']} to {values['no_more_than']} days"
        return f"From {values['start']} to {values['end']} it takes {likely}, but for {values['at_most']:.2%} of rows."

    @classmethod
    def judged(cls, values: dict[str, Any]) -> str:
        return f"{values['start']} IS NOT NULL AND {values['end']} IS NOT NULL"

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        days = f"date_diff('day', {values['start']}, {values['end']})"
        return f"{days} NOT BETWEEN {values['at_least']} AND {values['no_more_than']}"


class ExpectNoRows(CountingExpectation):
    """No row, or at most a share of the rows looked at, meets a condition that sound rows do not meet."""

    condition: str
    says: str

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return str(values["says"])

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        return str(values["condition"])


#: A day of birth as DDMMYY and four digits, spaced or not, standing alone.
CHI_LIKE = r"(^|[^0-9A-Za-z])[0-3][0-9][ -]?[01][0-9][ -]?[0-9]{2}[ -]?[0-9]{4}($|[^0-9A-Za-z])"
POSTCODE_LIKE = r"(^|[^0-9A-Za-z])[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}($|[^0-9A-Za-z])"
EMAIL_LIKE = r"[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+\.[A-Za-z]{2,}"


class ExpectNoIdentifiers(CountingExpectation):
    """No text column holds what looks like a CHI number, a full postcode or an e-mail address.

    A second guard behind that of ingest, which reads every value with more care.
    """

    columns: list[str]

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        return f"No identifier of a person stands in {', '.join(values['columns'])}."

    @classmethod
    def failing(cls, values: dict[str, Any]) -> str:
        # The library fills in {batch} by formatting, so braces of the patterns are doubled.
        pattern = "|".join((CHI_LIKE, POSTCODE_LIKE, EMAIL_LIKE)).replace("{", "{{").replace("}", "}}")
        return " OR ".join(f"coalesce(regexp_matches({column}, '{pattern}'), FALSE)" for column in values["columns"])


class ExpectRecordedInEachGroup(CountingExpectation):
    """In each group with enough rows, a condition holds for at least a share of them; counts groups that fall short.

    extract: the extract that lacks what is looked for, where it is not the one of the table's own rows.
    """

    condition: str
    what: str
    group_by: str
    group_name: str = ""
    at_least: float
    min_rows: int = 100
    extract: str = ""
    unit: ClassVar[str] = "groups"

    @property
    def nouns(self) -> tuple[str, str]:
        """What the groups are called."""
        return GROUPS.get(self.group_by, ("group", "groups"))

    @classmethod
    def sentence(cls, values: dict[str, Any]) -> str:
        group = values["group_name"] or str(values["group_by"]).replace("_", " ")
        return f"{values['what']} for at least {values['at_least']:.0%} of rows in every {group}."

    @classmethod
    def groups(cls, values: dict[str, Any]) -> str:
        """Every group with enough rows: its columns, `rows_checked` and `rows_failing`."""
        lacking = f"'{values['extract']}' AS extract, " if values["extract"] else ""
        return (
            f"SELECT {lacking}{values['group_by']}, count(*) AS rows_checked, "
            f"count(*) FILTER (WHERE ({values['condition']}) IS NOT TRUE) AS rows_failing "
            f"FROM {{batch}} WHERE {values['among']} GROUP BY {values['group_by']} "
            f"HAVING count(*) >= {values['min_rows']}"
        )

    @classmethod
    def counts(cls, values: dict[str, Any]) -> str:
        return (
            f"SELECT count(*) AS checked, count(*) FILTER (WHERE {cls._short(values)}) AS failing "
            f"FROM ({cls.groups(values)})"
        )

    @classmethod
    def failing_rows(cls, values: dict[str, Any]) -> str:
        return f"SELECT * FROM ({cls.groups(values)}) WHERE {cls._short(values)}"

    @staticmethod
    def _short(values: dict[str, Any]) -> str:
        return f"rows_checked - rows_failing < {values['at_least']} * rows_checked"
