"""Every expectation class with rows that it passes, rows that it fails, and rows exactly at its threshold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from expectations import domain as d
from expectations import groups as g
from expectations import lists as r
from expectations.domain import CountingExpectation, about

SENT = "testing__EDI__2026-03__v1__0"
DAY = dt.date(2026, 3, 1)
ABOUT = about("one", "plausibility", "Tests", "Because a test says so.", to_do="Mend the row.")
Rows = dict[str, list[Any]]


@dataclass(frozen=True)
class Example:
    """One expectation: `failing` of `checked` of the bad rows fail; `edge` passes with as many as are allowed.

    column: one that it cannot do without; `all_null` is the status when that column holds nothing.
    """

    make: Callable[[], CountingExpectation]
    sound: Rows
    bad: Rows
    checked: int
    failing: int
    edge: Rows
    column: str
    all_null: str
    others: dict[str, Rows] = field(default_factory=dict)


def _said(**fields: Any) -> dict[str, Any]:
    return {"severity": "warning", "meta": ABOUT} | fields


def _days(*days: int | None) -> list[dt.date | None]:
    return [None if day is None else DAY + dt.timedelta(days=day) for day in days]


def _people(**groups: int) -> Rows:
    kinds = [kind for kind, people in groups.items() for _ in range(people)]
    return {"person_id": [f"P{n}" for n in range(len(kinds))], "kind": kinds, "board": ["A"] * len(kinds)}


RESIDENTS = {"residents": {"board": ["A", "A", "A"], "kind": ["x", "y", "z"], "population": [600, 300, 100]}}
STANDARDS = {"standards": {"code": ["S", "S"], "valid_from": _days(0, 10), "valid_to": _days(10, None)}}

EXAMPLES: dict[str, Example] = {
    "ExpectKeyToBeUnique": Example(
        lambda: d.ExpectKeyToBeUnique(columns=["a", "b"], at_most=0.25, **_said()),
        sound={"a": [1, 1, 2], "b": [1, 2, 1]},
        bad={"a": [1, 1, 1], "b": [1, 1, 1]},
        checked=3,
        failing=2,
        edge={"a": [1, 1, 2, 3], "b": [1, 1, 1, 1]},
        column="b",
        all_null="warn",
    ),
    "ExpectReferencesToExist": Example(
        lambda: d.ExpectReferencesToExist(
            column="code", reference_table="standards", reference_column="code", at_most=0.5, **_said()
        ),
        sound={"code": ["S", None]},
        bad={"code": ["S", "T", "U", None]},
        checked=3,
        failing=2,
        edge={"code": ["S", "T"]},
        column="code",
        all_null="not_applicable",
        others=STANDARDS,
    ),
    "ExpectCodeInForce": Example(
        lambda: d.ExpectCodeInForce(
            column="code", on_date="day", reference_table="standards", at_most=0.5, **_said()
        ),
        sound={"code": ["S", "S", None], "day": _days(0, 10, 0)},
        bad={"code": ["S", "T", "S"], "day": _days(-1, 5, 5)},
        checked=3,
        failing=2,
        edge={"code": ["S", "S"], "day": _days(-1, 0)},
        column="day",
        all_null="not_applicable",
        others=STANDARDS,
    ),
    "ExpectDateNotBefore": Example(
        lambda: d.ExpectDateNotBefore(later="ended", earlier="begun", at_most=0.5, **_said()),
        sound={"begun": _days(0, 0, None), "ended": _days(0, 1, 0)},
        bad={"begun": _days(1, 1, None), "ended": _days(0, 0, 0)},
        checked=2,
        failing=2,
        edge={"begun": _days(1, 1), "ended": _days(0, 1)},
        column="ended",
        all_null="not_applicable",
    ),
    "ExpectDaysBetween": Example(
        lambda: d.ExpectDaysBetween(start="begun", end="ended", no_more_than=30, at_most=0.5, **_said()),
        sound={"begun": _days(0, 0, None), "ended": _days(0, 30, 0)},
        bad={"begun": _days(0, 0, 0), "ended": _days(31, -1, 30)},
        checked=3,
        failing=2,
        edge={"begun": _days(0, 0), "ended": _days(30, 31)},
        column="ended",
        all_null="not_applicable",
    ),
    "ExpectNoRows": Example(
        lambda: d.ExpectNoRows(condition="days < 0", says="No wait is negative.", at_most=0.5, **_said()),
        sound={"days": [0, 5]},
        bad={"days": [-1, -2, 0]},
        checked=3,
        failing=2,
        edge={"days": [-1, 0]},
        column="days",
        all_null="pass",
    ),
    "ExpectNoIdentifiers": Example(
        lambda: d.ExpectNoIdentifiers(columns=["words"], at_most=0.5, **_said()),
        sound={"words": ["R0101500001", "in 14 days", None]},
        bad={"words": ["ring 010150 1234", "EH1 1AA", "one@example.org", "words"]},
        checked=4,
        failing=3,
        edge={"words": ["0101501234", "words"]},
        column="words",
        all_null="pass",
    ),
    "ExpectRecordedInEachGroup": Example(
        lambda: d.ExpectRecordedInEachGroup(
            condition="code IS NOT NULL", what="A code is there", group_by="board", at_least=0.7, min_rows=10, **_said()
        ),
        sound={"board": ["A"] * 10 + ["B"] * 9, "code": ["x"] * 10 + [None] * 9},
        bad={"board": ["A"] * 10 + ["B"] * 10, "code": ["x"] * 10 + ["x"] * 6 + [None] * 4},
        checked=2,
        failing=1,
        edge={"board": ["A"] * 10, "code": ["x"] * 7 + [None] * 3},
        column="code",
        all_null="warn",
    ),
    "ExpectOneValueForEach": Example(
        lambda: g.ExpectOneValueForEach(key="person_id", column="kind", says="One each.", at_most=0.25, **_said()),
        sound={"person_id": ["P", "P", "Q"], "kind": ["x", "x", "y"]},
        bad={"person_id": ["P", "P", "P", "Q"], "kind": ["x", "x", "y", "z"]},
        checked=3,
        failing=1,
        edge={"person_id": ["P"] * 4, "kind": ["x", "x", "x", "y"]},
        column="kind",
        all_null="not_applicable",
    ),
    "ExpectGroupsRepresented": Example(
        lambda: g.ExpectGroupsRepresented(
            group="kind", what="Share", population_table="residents", at_least=0.5, no_more_than=2.0, min_expected=10,
            **_said(),
        ),
        sound=_people(x=60, y=30, z=10),
        bad=_people(x=86, y=14),
        checked=3,
        failing=2,
        edge=_people(x=60, y=35, z=5),
        column="kind",
        all_null="not_applicable",
        others=RESIDENTS,
    ),
    "ExpectDiverseGroups": Example(
        lambda: g.ExpectDiverseGroups(
            group="kind", by="board", what="Groups", population_table="halves", population_by="board", at_least=0.25,
            min_people=10, **_said(),
        ),
        sound=_people(x=6, y=4),
        bad=_people(x=19, y=1),
        checked=1,
        failing=1,
        # Shares of 0.9 and 0.1 give 1/0.82 - 1 = 0.2195; of 5 and 35 in 40, 1/0.78125 - 1 = 0.28; 0.25 is between.
        edge=_people(x=5, y=35),
        column="kind",
        all_null="not_applicable",
        others={"halves": {"board": ["A", "A"], "kind": ["x", "y"], "population": [50, 50]}},
    ),
    "ExpectSteadyTotals": Example(
        lambda: g.ExpectSteadyTotals(
            total="staff", group_by="site", on_date="day", change_at_most=0.25, **_said()
        ),
        sound={"site": ["A"] * 3, "day": _days(0, 90, 180), "staff": [20.0, 22.0, 24.0], "submission_id": [SENT] * 3},
        bad={"site": ["A"] * 3, "day": _days(0, 90, 180), "staff": [20.0, 40.0, 20.0], "submission_id": [SENT] * 3},
        checked=2,
        failing=1,
        edge={"site": ["A"] * 2, "day": _days(0, 90), "staff": [20.0, 25.0], "submission_id": [SENT] * 2},
        column="staff",
        all_null="not_applicable",
    ),
    "ExpectFewReturned": Example(
        lambda: g.ExpectFewReturned(
            extract="testing", reason="orphan_key", says="Unknown", share_at_most=0.5, min_rows=2, **_said()
        ),
        sound={"submission_id": [SENT], "reason": ["sent_twice"]},
        bad={"submission_id": [SENT] * 2, "reason": ["orphan_key"] * 2},
        checked=1,
        failing=1,
        edge={"submission_id": [SENT], "reason": ["orphan_key"]},
        column="reason",
        all_null="pass",
        others={"ranked_testing": {"submission_id": [SENT] * 2}},
    ),
    "ExpectCodesCovered": Example(
        lambda: r.ExpectCodesCovered(column="code", codes=["A", "B"], what="board", at_most=0.5, **_said()),
        sound={"code": ["A", "B", "C"]},
        bad={"code": ["C"]},
        checked=2,
        failing=2,
        edge={"code": ["A"]},
        column="code",
        all_null="warn",
    ),
    "ExpectNoOverlap": Example(
        lambda: r.ExpectNoOverlap(key=["code"], start="begun", end="ended", at_most=0.5, **_said()),
        sound={"code": ["A", "A", "B"], "begun": _days(0, 10, 5), "ended": _days(10, None, None)},
        # The first version covers both others, though the second ended before the third began.
        bad={"code": ["A"] * 3, "begun": _days(0, 1, 5), "ended": _days(30, 2, 6)},
        checked=3,
        failing=2,
        edge={"code": ["A"] * 2, "begun": _days(0, 9), "ended": _days(10, None)},
        column="ended",
        all_null="pass",
    ),
    "ExpectTotalsToAgree": Example(
        lambda: r.ExpectTotalsToAgree(
            total="population", group_by="board", stated_table="boards", stated_key="code", stated_total="people",
            within=0.25, **_said(),
        ),
        sound={"board": ["A", "A"], "population": [60, 40]},
        bad={"board": ["A", "A"], "population": [60, 66]},
        checked=1,
        failing=1,
        edge={"board": ["A", "A"], "population": [60, 65]},
        column="population",
        all_null="warn",
        others={"boards": {"code": ["A"], "people": [100]}},
    ),
}  # fmt: skip


def frame(rows: Rows, like: Rows) -> pl.DataFrame:
    """The rows with the types of other rows, so that an empty or blank column keeps its own."""
    return pl.DataFrame(rows, schema=pl.DataFrame(like).schema)
