"""What differs between two releases: definitions by fingerprint, figures by their shown cells, each with its cause.

Only what both releases show goes in, so nothing comes out that a reader of both could not work out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from catalogue.indicators import DECIDES_NUMBERS, Indicator
from ui.data import Snapshot
from ui.made_once import made_once

#: What makes a cell the same in two releases: a year that ends a month later is another cell.
KEY = ("indicator", "cube", "d1", "d2", "d3", "grain", "period_start", "period_end", "statistic")

#: What is shown of a cell and may move.
NUMBERS = ("value", "numerator", "denominator")

#: Two numbers less apart than this share of the larger are the same: sums of parts differ so by their order alone.
SAME = 1e-9

Cause = Literal["definition", "sent_again", "late", "calculation", "rounding", "new_data", "unknown"]

#: Why a figure moved, in the order in which the rules are tried, and what each rule asks.
CAUSES: Mapping[Cause, tuple[str, str]] = {
    "definition": (
        "Definition",
        "its SQL, a table that it rests on, a reference table or a choice of its entry differs",
    ),
    "sent_again": ("Data sent again", "a submission for a month of the figure, or one before, came in a newer version"),
    "late": ("Late data", "a submission for a month that the release before already covered came since"),
    "calculation": ("Calculation", "the code that works every figure differs, and nothing above holds"),
    "rounding": ("New rounding", "counts are rounded with another secret, so each may move by up to 4"),
    "new_data": (
        "New data",
        "only submissions for newer months came, which can still change an open request of the figure",
    ),
    "unknown": ("Not told", "nothing that the releases keep of themselves differs"),
}

#: Moves of counts up to this much may be rounding alone, where who is counted changed at all.
ROUNDING_STEP = 5

#: How a definition differs.
How = Literal["added", "gone", "numbers", "words"]


@dataclass(frozen=True)
class Redefined:
    """One measure whose definition differs: how, and in which parts or fields of its entry.

    parts: kind and name of what differs and decides numbers. fields: fields of the entry that differ.
    """

    entry: Indicator
    how: How
    parts: tuple[tuple[str, str], ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compared:
    """Two releases side by side.

    figures: every cell of Scotland that both hold, with `is_moved` and `causes`; columns as `moved` gives them.
    has_parts: whether both keep fingerprints; without them a change of the SQL cannot be told.
    """

    redefined: tuple[Redefined, ...]
    figures: pl.DataFrame
    has_parts: bool
    calculation_differs: bool
    rounding_differs: bool


def compared(now: Snapshot, then: Snapshot) -> Compared:
    """The release shown beside the one before, worked once."""
    return _compared(f"{now.key}|{then.key}", now, then)


@made_once(4)
def _compared(key: str, _snapshot: Snapshot, _before: Snapshot) -> Compared:  # noqa: ARG001 - key: the two releases
    parts = [side.built_table("definition_parts") for side in (_snapshot, _before)]
    differing = _differing(*parts)
    shared = {part for part, _ in differing.get("", ())}
    return Compared(
        redefined(_snapshot.facts.indicators, _before.facts.indicators, differing),
        with_causes(_snapshot, _before, moved(_snapshot.of_scotland(), _before.of_scotland())),
        all(part is not None for part in parts),
        "calculation" in shared,
        "rounding" in shared,
    )


Differing = Mapping[str, tuple[tuple[str, str], ...]]


def _differing(now: pl.DataFrame | None, then: pl.DataFrame | None) -> Differing:
    """Kind and name of each part that differs and decides numbers, by measure; those of '' bear on all.

    A measure that only one release has is left out; a release without fingerprints gives none.
    """
    if now is None or then is None:
        return {}
    key = ["indicator", "part", "name"]
    both = set(now["indicator"]) & set(then["indicator"])
    found = (
        now.join(then, on=key, how="full", coalesce=True, suffix="_then")
        .filter(pl.col("indicator").is_in(list(both)), pl.col("part") != "words")
        .filter(pl.col("fingerprint").ne_missing(pl.col("fingerprint_then")))
        .sort(key)
    )
    return {
        str(name): tuple(own.select("part", "name").iter_rows())
        for (name,), own in found.group_by("indicator", maintain_order=True)
    }


def redefined(
    now: Mapping[str, Indicator], then: Mapping[str, Indicator], differing: Differing
) -> tuple[Redefined, ...]:
    """Every measure whose definition differs, by number: those whose numbers it may move, and those in words only."""
    found = []
    for name, entry in now.items():
        if name not in then:
            found.append(Redefined(entry, "added"))
            continue
        fields = tuple(field for field in Indicator.model_fields if getattr(entry, field) != getattr(then[name], field))
        parts = differing.get(name, ())
        if parts or set(fields) & set(DECIDES_NUMBERS):
            found.append(Redefined(entry, "numbers", parts, fields))
        elif fields:
            found.append(Redefined(entry, "words", (), fields))
    gone = [Redefined(entry, "gone") for name, entry in then.items() if name not in now]
    return (*found, *gone)


def moved(now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    """Every cell that both releases hold: KEY, state, numbers and limits of both (`_then`), and how it compares.

    `change` is the value less that of before, `is_moved` whether value, numerator or denominator differ; both only
    where both releases show the cell. `is_newly_hidden`, `is_newly_shown`: shown in one of them only.
    """
    kept = ["state", "period_status", *NUMBERS, "lower", "upper"]
    joined = now.select(*KEY, *kept).join(
        then.select(*KEY, *kept), on=KEY, how="inner", nulls_equal=True, suffix="_then"
    )
    shown, was_shown = pl.col("state") == "shown", pl.col("state_then") == "shown"
    differs = pl.any_horizontal(_differs(name) for name in NUMBERS)
    both = shown & was_shown
    return joined.with_columns(
        change=pl.when(both).then(pl.col("value") - pl.col("value_then")),
        is_moved=both & differs,
        is_newly_hidden=was_shown & ~shown,
        is_newly_shown=shown & ~was_shown,
    )


def _differs(name: str) -> pl.Expr:
    """Whether a number differs by more than the order in which parts were added up could make it."""
    now, then = pl.col(name).cast(pl.Float64), pl.col(f"{name}_then").cast(pl.Float64)
    apart = (now - then).abs() > SAME * pl.max_horizontal(now.abs(), then.abs(), pl.lit(1.0))
    return apart.fill_null(now.is_null() != then.is_null())


def with_causes(now: Snapshot, then: Snapshot, figures: pl.DataFrame) -> pl.DataFrame:
    """The figures with `causes`: each cause that holds by its rule, the deciding one first; empty where none moved."""
    parts = [side.built_table("definition_parts") for side in (now, then)]
    differing = _differing(*parts)
    changed = [
        name
        for name, entry in now.facts.indicators.items()
        if differing.get(name) or _chooses_otherwise(entry, then.indicator(name))
    ]
    shared = {part for part, _ in differing.get("", ())}
    sent = _sent(now, then, parts[0] if parts[0] is not None else parts[1])
    dated = figures.join(sent, on="indicator", how="left")
    again, late = (pl.col(how) <= pl.col("period_end") for how in ("sent_again", "late"))
    came_again = again.fill_null(value=False) | late.fill_null(value=False)
    holds: dict[Cause, pl.Expr] = {
        "definition": pl.col("indicator").is_in(changed),
        "sent_again": again,
        "late": late,
        "calculation": pl.lit("calculation" in shared),
        "rounding": pl.lit("rounding" in shared),
        "new_data": pl.col("new_data").is_not_null() & ~came_again,
    }
    named = pl.concat_list(
        pl.when(held.fill_null(value=False)).then(pl.lit(name)) for name, held in holds.items()
    ).list.drop_nulls()
    causes = pl.when(named.list.len() == 0).then(pl.lit(["unknown"])).otherwise(named)
    return dated.with_columns(causes=pl.when("is_moved").then(causes).otherwise(pl.lit([], pl.List(pl.String)))).drop(
        "sent_again", "late", "new_data"
    )


def _chooses_otherwise(entry: Indicator, before: Indicator | None) -> bool:
    return before is not None and any(getattr(entry, name) != getattr(before, name) for name in DECIDES_NUMBERS)


def _sent(now: Snapshot, then: Snapshot, parts: pl.DataFrame | None) -> pl.DataFrame:
    """By measure, the earliest month for which a submission that it rests on came again, late, or new; null: none."""
    covered = then.release.data_to or dt.date.min
    came = submissions(now.table("submissions"), then.table("submissions"), covered)
    if parts is None:
        names = pl.DataFrame({"indicator": list(now.facts.indicators)}, schema={"indicator": pl.String})
        read = names.join(came.select("extract").unique(), how="cross")
    else:
        read = parts.filter(part="extract").select("indicator", extract="name")
    return (
        read.join(came, on="extract")
        .group_by("indicator")
        .agg(pl.col("period").filter(how=how).min().alias(how) for how in ("sent_again", "late", "new_data"))
    )


def submissions(now: pl.DataFrame, then: pl.DataFrame, covered: dt.date) -> pl.DataFrame:
    """Submissions in use that the release before did not use: `extract`, `submitter`, `period` and `how`.

    covered: the last day that the release before covered. how: `sent_again` where another version was in use then,
    `late` where none was and the month was covered already, else `new_data`. One that is no longer in use counts as
    sent again.
    """
    key = ["extract", "submitter", "period"]
    both = now.select(*key, "version").join(
        then.select(*key, "version"), on=key, how="full", coalesce=True, suffix="_then"
    )
    had = pl.col("version_then").is_not_null()
    how = (
        pl.when(had)
        .then(pl.lit("sent_again"))
        .when(pl.col("period") <= pl.lit(covered))
        .then(pl.lit("late"))
        .otherwise(pl.lit("new_data"))
    )
    return (
        both.filter(pl.col("version").ne_missing(pl.col("version_then")))
        .with_columns(how=how)
        .select(*key, "how")
        .sort(key)
    )


@dataclass(frozen=True)
class Summed:
    """What moved of one measure: how many of the figures that both releases show, how far at most, and why.

    most: the row of the figure that moved farthest; causes: how many moved figures each deciding cause has.
    """

    entry: Indicator
    compared: int
    moved: int
    newly_hidden: int
    newly_shown: int
    most: Mapping[str, object] | None
    causes: Mapping[Cause, int]


def summed(figures: pl.DataFrame, entries: Mapping[str, Indicator]) -> tuple[Summed, ...]:
    """A line a measure of which anything moved, those with a changed definition first, then by share moved."""
    found = [
        _sum(entries[str(name)], own)
        for (name,), own in figures.group_by("indicator", maintain_order=True)
        if name in entries
    ]
    held = [one for one in found if one.moved or one.newly_hidden or one.newly_shown]
    return tuple(sorted(held, key=_order))


def _order(one: Summed) -> tuple[bool, float, str]:
    return "definition" not in one.causes, -one.moved / max(one.compared, 1), one.entry.number


def _sum(entry: Indicator, own: pl.DataFrame) -> Summed:
    rows = own.filter("is_moved")
    first = rows["causes"].list.first().value_counts(sort=True) if rows.height else None
    farthest = rows.sort(pl.col("change").abs(), "period_end", descending=True, nulls_last=True)
    return Summed(
        entry,
        own.filter((pl.col("state") == "shown") & (pl.col("state_then") == "shown")).height,
        rows.height,
        int(own["is_newly_hidden"].sum()),
        int(own["is_newly_shown"].sum()),
        farthest.row(0, named=True) if rows.height else None,
        {} if first is None else dict(first.iter_rows()),
    )


def may_be_rounding(entry: Indicator, row: Mapping[str, object]) -> bool:
    """Whether counts of people moved by no more than one step of rounding, so that hardly anybody need have changed."""
    if not entry.counts_people:
        return False
    steps = [(row[name], row[f"{name}_then"]) for name in ("numerator", "denominator")]
    known = [abs(now - then) for now, then in steps if isinstance(now, int) and isinstance(then, int)]
    return bool(known) and max(known) <= ROUNDING_STEP


def of_measure(now: Snapshot, then: Snapshot, indicator: str) -> pl.DataFrame:
    """Every cell of one measure that both releases hold, over all its cubes, with causes."""
    return _of_measure(f"{now.key}|{then.key}", indicator, now, then)


@made_once(8)
def _of_measure(key: str, indicator: str, _snapshot: Snapshot, _before: Snapshot) -> pl.DataFrame:  # noqa: ARG001 - key: the two releases
    return with_causes(_snapshot, _before, moved(_snapshot.measure(indicator), _before.measure(indicator)))


def cubes_of(figures: pl.DataFrame) -> Sequence[str]:
    """The cubes in which anything moved, Scotland first, then those of fewer dimensions."""
    names = figures.filter(pl.col("is_moved") | pl.col("is_newly_hidden") | pl.col("is_newly_shown"))["cube"].unique()
    return sorted(names.to_list(), key=lambda cube: (bool(cube), cube.count("+"), cube))
