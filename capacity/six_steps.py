"""A scenario as a workforce plan in the six steps that NHS Scotland plans by: what is told, and what is left to name.

The layout is that of the Six Steps Methodology to Integrated Workforce Planning (Skills for Health), in use in NHS
Scotland since CEL 32 (2011). What a model cannot know, such as who answers for an action, is left open and named so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from capacity.assumptions import Assumptions

TITLES = (
    "Defining the plan",
    "Mapping service change",
    "Defining the required workforce",
    "Understanding workforce availability",
    "Developing an action plan",
    "Implementing, monitoring and refreshing",
)

TO_NAME = "To be named by the board"


@dataclass(frozen=True)
class Step:
    """A step of the plan: its number from 1, its title, what is said, and a table where there is one."""

    number: int
    title: str
    lines: tuple[str, ...]
    table: pl.DataFrame | None = None


@dataclass(frozen=True)
class Told:
    """What a plan is made of, in words where it is words.

    purpose, supposed, watch: lines. waits: `Financial year`, `Within standard`, `As planned`. needed, available: by
    role. named: what the run is cited by.
    """

    purpose: Sequence[str]
    supposed: Sequence[str]
    waits: pl.DataFrame
    needed: pl.DataFrame
    available: pl.DataFrame
    watch: Sequence[str]
    named: Mapping[str, str]


def six_steps(told: Told) -> tuple[Step, ...]:
    """The six steps of a plan."""
    actions = pl.DataFrame(
        [{"Action": line, "Who answers for it": TO_NAME, "Funding": TO_NAME} for line in told.supposed],
        schema=dict.fromkeys(("Action", "Who answers for it", "Funding"), pl.String),
    )
    change = tuple(told.supposed) or ("Nothing is supposed beyond the forecast of demand.",)
    return (
        _step(1, [*told.purpose, *(f"{name}: {value}" for name, value in told.named.items())]),
        _step(2, change, told.waits),
        _step(
            3, ["Hours of each role that the simulation uses, and posts more where they were searched."], told.needed
        ),
        _step(4, ["Posts by role as the scenario has them, from each day on which they change."], told.available),
        _step(5, ["Each change is an action; who does it, with which money, is not for a model to say."], actions),
        _step(6, told.watch),
    )


def _step(number: int, lines: Sequence[str], table: pl.DataFrame | None = None) -> Step:
    return Step(number, TITLES[number - 1], tuple(lines), table if table is not None and table.height else None)


def inputs(assumptions: Assumptions) -> pl.DataFrame:
    """Every assumption of a plan with its value here, its range, source, owner and date."""
    rows: list[tuple[object, ...]] = []
    for key, row in {**assumptions.rows, **assumptions.minutes_rows}.items():
        here = assumptions.overrides.get(key, row.central)
        rows.append((key, here, row.low, row.central, row.high, row.unit, row.source, row.owner,
                     row.stated_date.isoformat(), row.version))  # fmt: skip
    for key, number in sorted(assumptions.overrides.items()):
        if key not in assumptions.rows and key not in assumptions.minutes_rows:
            rows.append((key, number, None, None, None, "", "Set in the scenario", "", "", None))
    numbers, texts = ("value", "low", "central", "high"), ("unit", "source", "owner", "stated_date")
    schema = {"id": pl.String, **dict.fromkeys(numbers, pl.Float64), **dict.fromkeys(texts, pl.String)}
    return pl.DataFrame(rows, schema={**schema, "version": pl.Int64}, orient="row")
