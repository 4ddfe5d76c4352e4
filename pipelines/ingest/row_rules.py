"""The rules that a row must keep, each with a reason code; a row that breaks one goes back to its submitter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import polars as pl

from catalogue.contracts import TEXT_LIMIT, YES_NO, Column, Contract, extract_contracts
from catalogue.reference import codes
from pipelines.calendar import FIRST_DAY
from pipelines.ingest.parse import typed_name
from pipelines.ingest.submission_name import SubmissionName

WHAT_TO_DO = {
    "missing_required": "Fill in the field; a yes or no that is not known is not_recorded.",
    "unknown_code": "Use a code of the agreed list, in its exact spelling.",
    "formula": "Replace the spreadsheet formula by its value.",
    "bad_date": "Write the date as YYYY-MM-DD, a day of the calendar.",
    "bad_number": "Write a plain number, whole where the field counts things.",
    "out_of_range": "Check the value: it lies outside what is possible.",
    "bad_pattern": "Write the identifier in the agreed form.",
    "too_long": f"Shorten the text to {TEXT_LIMIT:,} characters.",
    "date_order": "Check the dates: the first may not come after the second.",
    "not_both": "Keep one of the two dates: a request ends by one of them.",
    "more_than": "Check the numbers: the first may not exceed the second.",
    "wrong_submitter": "Send the row in the file of the laboratory that owns it.",
    "wrong_period": "Send the row in the file of its own period.",
    "in_future": "Check the date: it lies after the day on which the file arrived.",
    "repeated_key": "Send each key once; of identical rows the first was kept, of differing ones none.",
}

FORMULA = r"^[=+\-@\t]"
NUMBER_FORMULA = r"^[=@\t]"
EARLIEST, LATEST = FIRST_DAY, date(2100, 12, 31)
# Days that lie ahead by their meaning; every other date lies in the past of the extract.
PLANNED = ("due_date",)
#: How far a sender's clock, or its day, may be ahead of ours.
CLOCKS = timedelta(days=1)


@dataclass(frozen=True)
class Rule:
    """One rule: its reason code, the fields it looks at, and the rows that break it."""

    reason: str
    fields: tuple[str, ...]
    breaks: pl.Expr


def submission_rules(contract: Contract, name: SubmissionName, arrived_on: date) -> list[Rule]:
    """Every rule for the rows of a submission, apart from repeated keys. arrived_on: the day on which it is read."""
    return [*_contract_rules(contract.extract), *_name_rules(contract, name), _past_rule(contract, arrived_on)]


def _past_rule(contract: Contract, arrived_on: date) -> Rule:
    """Nothing was extracted after it arrived; every other day lies before that of extraction, so one rule does."""
    extracted = typed_name(contract.column(contract.extracted_column))
    return Rule("in_future", (contract.extracted_column,), pl.col(extracted) > arrived_on + CLOCKS)


@cache
def _contract_rules(extract: str) -> list[Rule]:
    contract = extract_contracts()[extract]
    return [*column_rules(contract.columns), *_order_rules(contract)]


def column_rules(columns: Sequence[Column]) -> list[Rule]:
    """The rules of each column by itself."""
    return [rule for column in columns for rule in _rules_of(column)]


def _rules_of(column: Column) -> Iterable[Rule]:
    text, typed, name = pl.col(column.name), pl.col(typed_name(column)), (column.name,)
    if column.required:
        yield Rule("missing_required", name, text.is_null())
    if column.type in ("code", "yes_no"):
        listed = text.is_in(allowed_codes(column))
        formula = text.str.contains(FORMULA)
        yield Rule("formula", name, ~listed & formula)
        if column.open_codes:
            yield Rule("too_long", name, text.str.len_chars() > TEXT_LIMIT)
        else:
            yield Rule("unknown_code", name, ~listed & ~formula)
    elif column.type == "date":
        yield Rule("formula", name, text.str.contains(FORMULA))
        yield Rule("bad_date", name, typed.is_null() & text.is_not_null() & ~text.str.contains(FORMULA))
        yield Rule("out_of_range", name, ~typed.is_between(EARLIEST, LATEST))
    elif column.type in ("integer", "decimal"):
        yield Rule("formula", name, text.str.contains(NUMBER_FORMULA))
        yield Rule("bad_number", name, typed.is_null() & text.is_not_null() & ~text.str.contains(NUMBER_FORMULA))
        if column.minimum is not None or column.maximum is not None:
            low, high = _limit(column, column.minimum), _limit(column, column.maximum)
            under = typed < low if low is not None else pl.lit(False)
            over = typed > high if high is not None else pl.lit(False)
            yield Rule("out_of_range", name, under | over)
    elif column.type == "id":
        fits = text.str.contains(str(column.pattern))
        formula = text.str.contains(FORMULA)
        yield Rule("formula", name, ~fits & formula)
        yield Rule("bad_pattern", name, ~fits & ~formula)
    else:
        yield Rule("too_long", name, text.str.len_chars() > TEXT_LIMIT)
        if column.pattern:
            yield Rule("bad_pattern", name, ~text.str.contains(column.pattern))


def _limit(column: Column, limit: float | None) -> float | int | None:
    """The limit in the column's own type, so that whole numbers are compared as such."""
    return int(limit) if limit is not None and column.type == "integer" else limit


def allowed_codes(column: Column) -> list[str]:
    """The codes that a code or yes/no column may hold."""
    return list(YES_NO if column.type == "yes_no" else codes(str(column.codes)))


def _order_rules(contract: Contract) -> Iterable[Rule]:
    typed = {column.name: pl.col(typed_name(column)) for column in contract.columns}
    extracted = contract.extracted_column
    past = [
        [column.name, extracted]
        for column in contract.columns
        if column.type == "date" and column.name not in (extracted, *PLANNED)
    ]
    for first, second in [*contract.date_order, *(pair for pair in past if pair not in contract.date_order)]:
        yield Rule("date_order", (first, second), typed[first] > typed[second])
    for first, second in contract.not_both:
        yield Rule("not_both", (first, second), typed[first].is_not_null() & typed[second].is_not_null())
    for first, second in contract.not_more_than:
        yield Rule("more_than", (first, second), typed[first] > typed[second])


def _name_rules(contract: Contract, name: SubmissionName) -> Iterable[Rule]:
    """What the file's name says of every row."""
    if contract.owner_column:
        yield Rule("wrong_submitter", (contract.owner_column,), pl.col(contract.owner_column) != name.submitter)
    column = period_column(contract)
    if column:
        day = pl.col(typed_name(contract.column(column)))
        yield Rule("wrong_period", (column,), ~day.is_between(name.first_day, name.last_day))


def period_column(contract: Contract) -> str | None:
    """The date that must lie in the file's period, if the rows hold one.

    Where an extract has an as-at day instead of a day of extraction, that day is it.
    """
    if contract.period_column or contract.extracted_column == "extracted_on":
        return contract.period_column
    return contract.extracted_column


def broken(parsed: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """One flag a rule and row, the columns named by the rule's place; only rules that some row breaks are kept."""
    found = [rule.breaks.fill_null(False).alias(str(place)) for place, rule in enumerate(rules)]
    # Lazily, so that what several rules ask of a column is computed once.
    flags = parsed.lazy().select(found).collect()
    kept = flags.select(pl.all().any()).row(0) if flags.height else ()
    return flags.select(name for name, some in zip(flags.columns, kept, strict=False) if some)


def with_repeated_keys(
    flags: pl.DataFrame, rules: Sequence[Rule], text: pl.DataFrame, key: Sequence[str], columns: Sequence[str]
) -> tuple[pl.DataFrame, list[Rule]]:
    """Flags and rules with the one rule that looks at more than a row: a key that stands in a file more than once.

    columns: those in which repeated rows are compared. The later of identical rows break the rule, and all of
    differing ones.
    """
    repeated = _repeated_keys(text, key, columns)
    if repeated is None:
        return flags, list(rules)
    flag = repeated.alias(str(len(rules)))
    return pl.DataFrame([*flags.get_columns(), flag]), [*rules, Rule("repeated_key", tuple(key), pl.lit(False))]


def _repeated_keys(text: pl.DataFrame, key: Sequence[str], columns: Sequence[str]) -> pl.Series | None:
    """Whether each row is returned for its key; a key with a missing part is not judged. None where no row is."""
    one = text.get_column(key[0]) if len(key) == 1 else text.select(pl.struct(key).alias("key"))["key"]
    if one.n_unique() == text.height:
        return None
    rows = text.lazy().select(columns).with_row_index("row").filter(pl.all_horizontal(pl.col(key).is_not_null()))
    repeated = rows.filter(pl.len().over(key) > 1).collect()
    differs = pl.struct(pl.exclude("row")).n_unique().over(key) > 1
    is_later = pl.col("row") > pl.col("row").min().over(key)
    returned = repeated.filter(differs | is_later)["row"]
    if returned.is_empty():
        return None
    return pl.int_range(text.height, dtype=pl.get_index_type(), eager=True).is_in(returned.implode())
