"""What a rule expects of the fields it looks at, in words for those who correct the row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from catalogue.contracts import TEXT_LIMIT, Column
from pipelines.ingest.row_rules import EARLIEST, LATEST, Rule


def expected(rule: Rule, columns: Sequence[Column]) -> str:
    """What a row that keeps the rule holds: `technology: a code of the list technologies`."""
    if rule.reason == "date_order":
        return f"{rule.fields[0]}: a day no later than {rule.fields[1]}"
    if rule.reason == "not_both":
        return f"{' or '.join(rule.fields)}: one of them, not both"
    if rule.reason == "more_than":
        return f"{rule.fields[0]}: no more than {rule.fields[1]}"
    if rule.reason == "repeated_key":
        return f"{', '.join(rule.fields)}: each key once in the file"
    if rule.reason == "wrong_submitter":
        return f"{rule.fields[0]}: the submitter that the file is named after"
    if rule.reason == "wrong_period":
        return f"{rule.fields[0]}: a day of the period that the file is named after"
    if rule.reason == "in_future":
        return f"{rule.fields[0]}: a day no later than that on which the file arrives"
    column = next(column for column in columns if column.name == rule.fields[0])
    filled = "a text" if rule.reason == "too_long" else _of_type(column)
    return f"{column.name}: {filled}"


def _of_type(column: Column) -> str:
    kinds: dict[str, Callable[[Column], str]] = {
        "code": lambda c: f"a code of the list {c.codes}",
        "yes_no": lambda _: "yes, no or not_recorded",
        "date": lambda _: f"a day as YYYY-MM-DD from {EARLIEST} to {LATEST}",
        "integer": lambda c: f"a whole number{_limits(c)}",
        "decimal": lambda c: f"a number{_limits(c)}",
    }
    told = kinds.get(column.type, _of_pattern)(column)
    return f"{told}, never blank" if column.required else told


def _of_pattern(column: Column) -> str:
    return f"an identifier in the form {column.pattern}" if column.pattern else f"up to {TEXT_LIMIT:,} characters"


def _limits(column: Column) -> str:
    low = f" from {column.minimum:g}" if column.minimum is not None else ""
    high = f" up to {column.maximum:g}" if column.maximum is not None else ""
    return f"{low}{high}"
