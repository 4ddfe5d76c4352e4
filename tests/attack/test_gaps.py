"""T23: solving the table of gaps for the counts of a group, by somebody who knows far more than is published.

The attacker knows all that is published, the rules of rounding, everything of the group compared with, and how the
strata of the group are made up; not how many people of the group had the outcome and how many had not, beyond the
rounded counts. Every pair of counts that agrees with these is tried: does it give the gap, the limits and the part
compared as they are told? Nobody knows the strata in truth, so what is safe from this attacker is safe from a reader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
import yaml
from numpy.typing import NDArray

from catalogue.contracts import ROOT
from pipelines.build import WAREHOUSE
from tests.attack.attacker import FEW, REACH, WITHIN, entries, merges
from tests.attack.conftest import Victim
from tests.conftest import Published

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small")]

Z = 1.959963984540054
FIVE = REACH + 1
#: The variance of a count rounded to 5 without bias, on average over what is rounded.
ROUNDING = 4.0
Counts = NDArray[np.float64]
#: Gap, limits and the part compared, as they are told of every pair of counts that is tried.
Told = Callable[["Row"], tuple[Counts, Counts, Counts, Counts]]


@dataclass(frozen=True)
class Row:
    """One row of the table: the counts of both groups as shown, the strata as they are, and what is told.

    strata: `events`, `people`, and of the group compared with `others_in`, `others`.
    """

    name: tuple[str, ...]
    shown: tuple[int, int]
    others_shown: tuple[int, int]
    strata: pl.DataFrame
    told: tuple[float, ...] = ()

    @cached_property
    def true(self) -> tuple[int, int]:
        """How many of the group had the outcome and how many had not."""
        events, people = (int(self.strata[name].sum()) for name in ("events", "people"))
        return events, people - events

    @cached_property
    def tried(self) -> tuple[Counts, Counts]:
        """Every pair of counts that agrees with the rounded ones."""
        ranges = [np.arange(max(shown - REACH, FEW), shown + REACH + 1.0) for shown in self.shown]
        inside, outside = np.meshgrid(*ranges, indexing="ij")
        return inside.ravel(), outside.ravel()

    @property
    def place(self) -> int:
        """Where the truth stands among the pairs tried."""
        return list(zip(*self.tried, strict=True)).index(self.true)

    @cached_property
    def supposed(self) -> tuple[Counts, Counts]:
        """The strata with and without the outcome of every pair tried: a row a pair, made up as they truly are."""
        inside = self.strata["events"].to_numpy().astype(float)
        outside = self.strata["people"].to_numpy() - inside
        return np.outer(self.tried[0] / self.true[0], inside), np.outer(self.tried[1] / self.true[1], outside)

    def agreeing(self, told: Told) -> tuple[Counts, Counts]:
        """The pairs of counts that would be told as this row is."""
        same = np.all([np.abs(one - of) < 1e-9 for one, of in zip(told(self), self.told, strict=True)], axis=0)
        return self.tried[0][same], self.tried[1][same]


def pooled(inside: Counts, outside: Counts, c: Counts, m: Counts) -> tuple[Counts, Counts, Counts]:
    """Gap by Mantel and Haenszel, its standard error by Sato, and the people compared; a row a pair of counts."""
    people = inside + outside
    both = (people > 0) & (m > 0)
    size = np.where(both, people + m, 1.0)
    weight = np.where(both, people * m / size, 0).sum(1)
    gap = np.where(both, (inside * m - c * people) / size, 0).sum(1) / weight
    p = np.where(both, (people**2 * c - m**2 * inside + people * m * (m - people) / 2) / size**2, 0).sum(1)
    q = np.where(both, (inside * (m - c) + c * outside) / (2 * size), 0).sum(1)
    return gap, np.sqrt(np.maximum(gap * p + q, 0)) / weight, np.where(both, people, 0).sum(1)


def _others(row: Row) -> tuple[Counts, Counts]:
    """The strata of the group compared with: those with the outcome, and all."""
    return row.strata["others_in"].to_numpy().astype(float), row.strata["others"].to_numpy().astype(float)


def as_it_is(row: Row) -> tuple[Counts, Counts, Counts, Counts]:
    """A gap told as it is."""
    inside, outside = row.supposed
    gap, error, compared = pooled(inside, outside, *_others(row))
    return gap, gap - Z * error, gap + Z * error, compared / (inside + outside).sum(1)


def rounded_only(row: Row) -> tuple[Counts, Counts, Counts, Counts]:
    """An exact gap, rounded to what moving the count by five would change its share by."""
    inside, outside = row.supposed
    gap, error, compared = pooled(inside, outside, *_others(row))
    return _in_steps(gap, Z * error, FIVE / compared, compared / (inside + outside).sum(1))


def as_ruled(row: Row) -> tuple[Counts, Counts, Counts, Counts]:
    """What docs/decisions/0017 says is told: groups weighted to their shown counts, in steps of what is told beside."""
    inside, outside = (
        part * shown / part.sum(1, keepdims=True) for part, shown in zip(row.supposed, row.shown, strict=True)
    )
    c, m = _others(row)
    d = (m - c) * row.others_shown[1] / (m - c).sum()
    c = c * row.others_shown[0] / c.sum()
    gap, error, compared = pooled(inside, outside, c, c + d)
    spread = np.sqrt(error**2 + sum(_rounding(*shown) for shown in (row.shown, row.others_shown)))
    units = sum(row.shown)
    comparable = np.round(np.round(compared) / units * 20) / 20
    return _in_steps(gap, Z * spread, FIVE / (units * np.maximum(comparable, 0.05)), comparable)


def _rounding(inside: int, outside: int) -> float:
    whole = inside + outside
    return ROUNDING * (inside**2 + outside**2) / whole**4


def _in_steps(gap: Counts, reach: Counts, step: Counts, comparable: Counts) -> tuple[Counts, Counts, Counts, Counts]:
    step = np.maximum(step, 0.001)
    return (
        np.floor(gap / step + 0.5) * step,
        np.clip(np.floor((gap - reach) / step) * step, -1, 1),
        np.clip(np.ceil((gap + reach) / step) * step, -1, 1),
        np.round(comparable * 20) / 20,
    )


def _reference() -> dict[str, str]:
    listed = yaml.safe_load((ROOT / "catalogue" / "dimensions.yml").read_text(encoding="utf-8"))["dimensions"]
    return {row["name"]: row["compared_with"] for row in listed if "compared_with" in row}


def _strata(
    warehouse: Path, measure: str, within: list[str], dimensions: list[str], start: str, end: str
) -> pl.DataFrame:
    """The exact rows of a measure: `stratum`, `events`, `units`, where people live, and a column a grouping."""
    columns = ", ".join(f"mart.{name}" for name in dict.fromkeys([*dimensions, "residence_board"]))
    alike = ", ".join("days.month_start" if name == "month_start" else f"mart.{name}" for name in within)
    with duckdb.connect(str(warehouse), read_only=True) as con:
        found: pl.DataFrame = con.sql(
            f"""SELECT dense_rank() OVER (ORDER BY {alike}) AS stratum, CAST(counted.numerator AS BIGINT) AS events,
                CAST(counted.denominator AS BIGINT) AS units, {columns}
            FROM indicator_{measure} AS counted
            JOIN mart_requests AS mart ON mart.request_id = counted.unit_id
            JOIN ref_days AS days ON counted.period_date = days.day
            WHERE counted.period_date BETWEEN '{start}' AND '{end}'"""
        ).pl()
    of = {member: code for code, members in merges()["residence_board"].items() for member in members}
    return found.with_columns(pl.col("residence_board").replace(of))


def rows_of(victim: Victim) -> list[Row]:
    """Every gap that a release shows, with what its readers know of the group, and the strata."""
    with duckdb.connect(str(victim.store), read_only=True) as con:
        gaps: pl.DataFrame = con.sql("SELECT * FROM gaps WHERE state = 'shown'").pl()
        cells: pl.DataFrame = con.sql("SELECT * FROM cells WHERE grain = 'year' AND state = 'shown'").pl()
    defined, reference, found = entries(victim.store), _reference(), []
    for (measure,), own in gaps.group_by("measure", maintain_order=True):
        within: list[str] = list(defined[str(measure)]["compared_within"])  # type: ignore[call-overload]
        start, end = own["period_start"][0], own["period_end"][0]
        exact = _strata(victim.warehouse, str(measure), within, own["dimension"].unique().to_list(), start, end)
        shown = cells.filter(pl.col("indicator") == measure, pl.col("period_start") == start)
        found += [_row(told, exact, shown, reference[told["dimension"]]) for told in own.to_dicts()]
    return found


def _row(told: dict[str, object], exact: pl.DataFrame, shown: pl.DataFrame, other: str) -> Row:
    dimension, area, code = (str(told[name]) for name in ("dimension", "area", "code"))
    everywhere = area == "scotland"
    cells = shown.filter(cube=dimension if everywhere else f"residence_board+{dimension}")
    rows = exact if everywhere else exact.filter(residence_board=area)
    counts, strata = [], []
    for group, events, people in ((code, "events", "people"), (other, "others_in", "others")):
        cell = cells.filter(d1=group) if everywhere else cells.filter(d1=area, d2=group)
        inside, base = cell.select("numerator", "denominator").row(0)
        counts.append((inside, base - inside))
        own = rows.filter(pl.col(dimension) == group).group_by("stratum")
        strata.append(own.agg(pl.col("events").sum().alias(events), pl.col("units").sum().alias(people)))
    both = strata[0].join(strata[1], on="stratum", how="full", coalesce=True).fill_null(0).sort("stratum")
    values = tuple(float(str(told[name])) for name in ("gap", "lower", "upper", "comparable"))
    return Row((str(told["measure"]), dimension, area, code), counts[0], counts[1], both, values)


@pytest.fixture(scope="module")
def rows(small: Published) -> list[Row]:
    found = rows_of(Victim(small.store, small.folders.build / WAREHOUSE))
    assert len(found) > 200
    return found


def narrowed(row: Row, told: Told) -> list[str]:
    """The counts of a row that are known more narrowly than disclosure.yml allows and than they are by themselves."""
    found = []
    for what, tried, left in zip(("with", "without"), row.tried, row.agreeing(told), strict=True):
        before, after = tried.max() - tried.min(), left.max() - left.min()
        if after < min(before, WITHIN):
            found.append(f"{' '.join(row.name)}: those {what} the outcome are {left.min():g} to {left.max():g}")
    return found


def as_told_by(row: Row, rule: Told) -> Row:
    """The row as it would be told by another rule."""
    return replace(row, told=tuple(float(values[row.place]) for values in rule(row)))


def test_t23_what_is_told_of_a_gap_is_what_the_rule_says(rows: list[Row]) -> None:
    for row in rows:
        assert as_told_by(row, as_ruled).told == pytest.approx(row.told, abs=1e-9), row.name


def test_t23_no_gap_tells_a_group_s_counts_more_narrowly_than_rounding_may(rows: list[Row]) -> None:
    found = [count for row in rows for count in narrowed(row, as_ruled)]
    assert not found, f"{len(found)} of {2 * len(rows)} counts, such as {found[:5]}"


def test_t23_no_gap_tells_how_many_were_compared_by_the_step_that_it_is_told_in(rows: list[Row]) -> None:
    """Gap and limits are whole numbers of steps; the step may be what is told beside them gives, and nothing else."""
    for row in rows:
        step = max(FIVE / (sum(row.shown) * max(row.told[3], 0.05)), 0.001)
        for value in row.told[:3]:
            assert abs(value) == 1 or value / step == pytest.approx(round(value / step), abs=1e-6), row.name


def test_t23_the_attack_finds_the_very_counts_where_a_gap_is_told_as_it_is(rows: list[Row]) -> None:
    for row in rows:
        assert list(zip(*as_told_by(row, as_it_is).agreeing(as_it_is), strict=True)) == [row.true], row.name


def test_t23_the_attack_finds_most_counts_where_an_exact_gap_is_only_rounded(rows: list[Row]) -> None:
    """How gaps were told once: rounding tells the count to within the step, and the step tells how many there are."""
    found = [count for row in rows for count in narrowed(as_told_by(row, rounded_only), rounded_only)]
    assert len(found) > 1.5 * len(rows)
