"""A reader who wants to know what is hidden: only what the app serves goes in, and nothing of the build's own control.

The reader is taken to know more than anybody could: which hidden counts stand for few people, and by how much counts of
people overlap. What is safe from this reader is safe from a real one. All of it is written a second time on purpose:
nothing here may come from pipelines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import yaml
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from catalogue.contracts import ROOT

REACH, FEW, WITHIN = 4, 10, 5
NO_END = 1e9
PLACE = ["d1", "d2", "d3"]
CELL = ["indicator", "cube", *PLACE, "grain", "period_start", "period_end"]
KEY = [*CELL, "part"]
PEOPLE_BEHIND = {"median": 20, "p90": 100, "p95": 200}
PARTS = {"count": ["count"], "share": ["in", "out", "whole"], "snapshot": ["in", "out", "whole"]}

#: People who are the same under two names: (indicator, part) is the sum of the others, cell by cell, give or take a
#: difference that the reader is taken to know.
SAME_PEOPLE: list[tuple[tuple[str, str], list[tuple[str, str]]]] = [
    (
        ("ethnicity_recorded", "out"),
        [(f"ethnicity_{why}", "in") for why in ("declined", "not_known", "not_recorded", "unmapped")],
    ),
    *(
        (("ethnicity_recorded", "whole"), [(f"ethnicity_{why}", "whole")])
        for why in ("declined", "not_known", "not_recorded", "unmapped")
    ),
    (("ethnicity_recorded", "whole"), [("people_tested", "count")]),
    (("open_requests", "count"), [("overdue_backlog", "whole")]),
    *(
        (("turnaround_days", "requests"), [same])
        for same in (
            ("gross_turnaround_days", "requests"),
            ("paused_requests", "whole"),
            ("requests_by_pause_reason", "count"),
        )
    ),
    (("forwarded_requests", "whole"), [("performed_outside_scotland", "whole")]),
    (("reported_within_standard", "in"), [("reported_requests_within_standard", "in")]),
    (("failed_samples", "whole"), [("repeat_samples", "whole")]),
    (("diagnostic_yield", "whole"), [("explanation_recorded", "in")]),
    (("care_changed_by_180_days", "whole"), [("care_change_recorded", "in")]),
    (("urgent_result_changed_care", "whole"), [("urgent_care_change_recorded", "in")]),
    (("report_to_action_days", "requests"), [("acted_on_in_90_days", "whole")]),
    (("research_offered", "whole"), [("research_offer_recorded", "in")]),
    (("research_offered", "in"), [("research_consent_recorded", "whole")]),
    (("research_consented", "whole"), [("research_consent_recorded", "in")]),
    (("report_visible_next_day", "whole"), [("visible_day_recorded", "whole")]),
]


def counts_people(entry: Mapping[str, object]) -> bool:
    """Whether a measure of the store counts people; programme items and posts are nobody tested."""
    return entry["kind"] not in ("derived", "awaited", "value") and entry["unit"] not in ("item", "post")


def merges() -> dict[str, dict[str, list[str]]]:
    """By dimension, the codes that stand for several others, as the definitions tell."""
    listed = yaml.safe_load((ROOT / "catalogue" / "dimensions.yml").read_text(encoding="utf-8"))["dimensions"]
    return {row["name"]: {merge["code"]: merge["of"] for merge in row.get("merges", [])} for row in listed}


def entries(store: Path) -> dict[str, dict[str, object]]:
    """The published measures as the release itself defines them."""
    with duckdb.connect(str(store), read_only=True) as con:
        rows = con.execute("SELECT id, entry FROM indicators").fetchall()
    return {name: json.loads(entry) for name, entry in rows}


def of_people(store: Path) -> list[str]:
    """The measures of a release that count people."""
    return [name for name, entry in entries(store).items() if counts_people(entry)]


def shown_counts(store: Path) -> pl.DataFrame:
    """Every count that a release shows or hides: KEY, `low`, `high`, `is_shown`, `shown`."""
    with duckdb.connect(str(store), read_only=True) as con:
        cells: pl.DataFrame = con.sql("SELECT * FROM cells").pl()
    cells = cells.filter(pl.col("indicator").is_in(of_people(store)))
    numerator, denominator = pl.col("numerator"), pl.col("denominator")
    share, count = cells.filter(statistic="share"), cells.filter(statistic="count")
    is_share = pl.col("state") == "shown"
    both = pl.lit(2 * REACH, pl.Int64)
    times = cells.filter(pl.col("statistic").is_in(list(PEOPLE_BEHIND)))
    needs = pl.when(is_share).then(pl.col("statistic").replace_strict(PEOPLE_BEHIND, return_dtype=pl.Int64))
    waits = times.group_by(CELL).agg(denominator.max().alias("shown"), needs.max().fill_null(FEW).alias("least"))
    one = pl.lit(REACH, pl.Int64)
    least = pl.lit(FEW, pl.Int64)
    found = [
        count.select(*CELL, part=pl.lit("count"), shown=numerator, reach=one, least=least),
        share.select(*CELL, part=pl.lit("in"), shown=numerator, reach=one, least=least),
        share.select(*CELL, part=pl.lit("out"), shown=denominator - numerator, reach=one, least=least),
        share.select(
            *CELL,
            part=pl.lit("whole"),
            shown=denominator,
            reach=pl.when(is_share).then(both).otherwise(one),
            least=pl.when(is_share).then(2 * least).otherwise(least),
        ),
        waits.select(*CELL, part=pl.lit("requests"), shown="shown", reach=one, least="least"),
    ]
    shown = pl.concat(found).with_columns(is_shown=pl.col("shown").is_not_null())
    return shown.select(
        *KEY,
        "is_shown",
        "shown",
        low=pl.when("is_shown").then(pl.max_horizontal(pl.col("shown") - pl.col("reach"), "least")).otherwise(0.0),
        high=pl.when("is_shown").then(pl.col("shown") + pl.col("reach")).otherwise(NO_END),
    )


@dataclass(frozen=True)
class Ties:
    """Sums that must come out: for each tie `low <= sum of sign * count <= high`, pairs in the order of their ties."""

    tie: NDArray[np.int64]
    count: NDArray[np.int64]
    sign: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where the pairs of each tie begin."""
        return np.flatnonzero(np.r_[True, np.diff(self.tie) > 0])

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many pairs each tie has."""
        return np.diff(np.r_[self.starts, self.tie.size])


@dataclass(frozen=True)
class Lattice:
    """All that the reader knows: `counts` (KEY, `low`, `high`, and the truth: `number`, `people`), and what ties them.

    The truth is there to tell which hidden counts are few, how much people overlap, and whether an attack succeeded.
    """

    counts: pl.DataFrame
    ties: Ties

    @property
    def low(self) -> NDArray[np.float64]:
        """The least that each count can be, by itself."""
        return self.counts["low"].to_numpy().astype(np.float64)

    @property
    def high(self) -> NDArray[np.float64]:
        """The most that each count can be, by itself."""
        return self.counts["high"].to_numpy().astype(np.float64)

    @property
    def number(self) -> NDArray[np.float64]:
        """The truth."""
        return self.counts["number"].to_numpy().astype(np.float64)

    @property
    def small(self) -> NDArray[np.int64]:
        """The counts of 1 to 9 people: what is sought."""
        return self.counts.select(pl.col("people").is_between(1, FEW - 1).arg_true()).to_series().to_numpy()

    def with_limits(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> Lattice:
        """The same, known better."""
        return replace(self, counts=self.counts.with_columns(low=pl.Series(low), high=pl.Series(high)))

    def part_of(self, chosen: pl.Expr) -> Lattice:
        """The counts of an expression, and the ties that hold none but them."""
        rows = self.counts.select(chosen.fill_null(value=False).arg_true()).to_series().to_numpy()
        place = np.full(self.counts.height, -1, dtype=np.int64)
        place[rows] = np.arange(rows.size)
        whole = np.minimum.reduceat(place[self.ties.count], self.ties.starts) >= 0
        kept = whole[self.ties.tie]
        number = np.cumsum(whole) - 1
        ties = Ties(
            number[self.ties.tie[kept]],
            place[self.ties.count[kept]],
            self.ties.sign[kept],
            self.ties.low[whole],
            self.ties.high[whole],
        )
        return Lattice(self.counts[rows], ties)


def lattice(shown: pl.DataFrame, truth: pl.DataFrame, defined: Mapping[str, Mapping[str, object]]) -> Lattice:
    """What a reader of these shown counts knows, few counts told apart from others; truth: KEY, `number`, `people`."""
    counts = (
        shown.join(truth, on=KEY, how="full", nulls_equal=True, coalesce=True)
        .with_columns(
            pl.col("number", "people").fill_null(0),
            pl.col("low").fill_null(0.0),
            is_served=pl.col("is_shown").is_not_null(),
            is_shown=pl.col("is_shown").fill_null(value=False),
        )
        .sort(KEY)
        .with_row_index("row")
    )
    is_few = pl.col("is_served") & ~pl.col("is_shown") & (pl.col("people") < FEW)
    counts = counts.with_columns(
        high=pl.when(is_few)
        .then(pl.max_horizontal("number", pl.lit(FEW - 1)).cast(pl.Float64))
        .otherwise(pl.col("high").fill_null(NO_END))
    )
    return Lattice(counts, _ties(counts, defined))


def _ties(counts: pl.DataFrame, defined: Mapping[str, Mapping[str, object]]) -> Ties:
    pairs = [*_sums(counts, defined)]
    exact = pl.concat(pair.with_columns(which=pl.lit(n)) for n, pair in enumerate(pairs) if pair.height)
    exact = exact.with_columns(tie=pl.struct("which", "whole").rank("dense").cast(pl.Int64) - 1)
    wholes = exact.group_by("tie").agg(pl.col("whole").first(), pl.col("is_exact").first()).sort("tie")
    tie = np.concatenate([wholes["tie"].to_numpy(), exact["tie"].to_numpy()])
    count = np.concatenate([wholes["whole"].to_numpy(), exact["part"].to_numpy()]).astype(np.int64)
    sign = np.concatenate([-np.ones(wholes.height), np.ones(exact.height)])
    number = counts["number"].to_numpy().astype(np.float64)
    over = np.bincount(tie, weights=sign * number[count], minlength=wholes.height)
    is_exact = wholes["is_exact"].to_numpy()
    order = np.argsort(tie, kind="stable")
    high = np.where(is_exact, over, NO_END)
    return Ties(tie[order], count[order], sign[order], np.where(is_exact, over, 0.0), high)


def _sums(counts: pl.DataFrame, defined: Mapping[str, Mapping[str, object]]) -> Iterator[pl.DataFrame]:
    """Which counts make up which: rows of `counts` by number, `whole` and `part`."""
    for indicator, entry in defined.items():
        own = counts.filter(indicator=indicator)
        for (cube,), cells in own.group_by("cube", maintain_order=True):
            yield from _of_cube(own, cells, str(cube).split("+") if cube else [])
        if PARTS.get(str(entry["kind"])) == PARTS["share"]:
            yield _matched(own.filter(part="whole"), own.filter(pl.col("part").is_in(["in", "out"])), CELL)
        if entry["unit"] in ("request", "person"):
            yield from _of_periods(own, is_exact=entry["unit"] == "request")
    for (whole, part), parts in SAME_PEOPLE:
        others = pl.concat(counts.filter(indicator=name, part=its_part) for name, its_part in parts)
        both = [name for name in CELL if name != "indicator"]
        first = counts.filter(indicator=parts[0][0], part=parts[0][1])
        wholes = counts.filter(indicator=whole, part=part).join(first, on=both, how="semi", nulls_equal=True)
        yield _matched(wholes, others, both)


def _matched(wholes: pl.DataFrame, parts: pl.DataFrame, on: Sequence[str], is_exact: bool = True) -> pl.DataFrame:
    joined = wholes.select(*on, pl.col("row").alias("whole")).join(
        parts.select(*on, pl.col("row").alias("its_part")), on=list(on), nulls_equal=True
    )
    return joined.select("whole", part="its_part", is_exact=pl.lit(is_exact))


def _of_cube(own: pl.DataFrame, cells: pl.DataFrame, names: list[str]) -> Iterator[pl.DataFrame]:
    when = ["grain", "period_start", "part"]
    for number, name in enumerate(names):
        others = [other for other in names if other != name]
        left = [f"d{n}" for n in range(1, len(names) + 1) if n != number + 1]
        parts = cells if len(names) > 1 else cells.filter(~pl.col("d1").is_in(list(merges().get(name, {}))))
        keys = {f"k{n}": pl.col(place) for n, place in enumerate(left)}
        places = {f"k{n}": pl.col(f"d{n + 1}") for n in range(len(others))}
        wholes = own.filter(cube="+".join(others)).with_columns(**places)
        yield _matched(wholes, parts.with_columns(**keys), [*when, *keys])
    if len(names) == 1:
        for code, of in merges().get(names[0], {}).items():
            yield _matched(cells.filter(d1=code), cells.filter(pl.col("d1").is_in(of)), when)


def _of_periods(own: pl.DataFrame, is_exact: bool) -> Iterator[pl.DataFrame]:
    months = {"month": 1, "quarter": 3, "year": 12}
    own = own if is_exact else own.filter(pl.col("part").is_in(["count", "whole"]))
    place = ["cube", *PLACE, "part"]
    for long, short in (("quarter", "month"), ("year", "month"), ("year", "quarter")):
        wholes, parts = own.filter(grain=long), own.filter(grain=short)
        if wholes.is_empty() or parts.is_empty():
            continue
        spans = wholes.select("period_start", "period_end").unique()
        inner = parts.select(start=pl.col("period_start"), end=pl.col("period_end")).unique()
        within = spans.join(inner, how="cross").filter(
            (pl.col("start") >= pl.col("period_start")) & (pl.col("end") <= pl.col("period_end"))
        )
        within = within.filter(pl.len().over("period_start") == months[long] // months[short])
        parts = parts.join(within.select(of="period_start", start="start"), left_on="period_start", right_on="start")
        wholes = wholes.with_columns(of=pl.col("period_start")).filter(
            pl.col("of").is_in(within["period_start"].implode())
        )
        yield _matched(wholes, parts, [*place, "of"], is_exact)


def narrowed(known: Lattice, sweeps: int = 40) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The limits of every count that follow from all ties at once, each looked at again until nothing moves."""
    low, high, ties = known.low.copy(), known.high.copy(), known.ties
    starts, lengths = ties.starts, ties.lengths
    for _ in range(sweeps):
        least = np.where(ties.sign > 0, low[ties.count], -high[ties.count])
        most = np.where(ties.sign > 0, high[ties.count], -low[ties.count])
        rest_least = np.repeat(np.add.reduceat(least, starts), lengths) - least
        rest_most = np.repeat(np.add.reduceat(most, starts), lengths) - most
        bottom, top = ties.low[ties.tie] - rest_most, ties.high[ties.tie] - rest_least
        was = low.copy(), high.copy()
        np.maximum.at(low, ties.count, np.where(ties.sign > 0, bottom, -top))
        np.minimum.at(high, ties.count, np.where(ties.sign > 0, top, -bottom))
        if np.array_equal(was[0], low) and np.array_equal(was[1], high):
            break
    return low, high


def told(known: Lattice, low: NDArray[np.float64], high: NDArray[np.float64]) -> pl.DataFrame:
    """The counts of 1 to 9 people that these limits tell to within 5, less those that need no release to be told."""
    rows = known.small[high[known.small] - low[known.small] < WITHIN]
    if rows.size:
        counts = known.counts.with_columns(
            low=pl.lit(0.0), high=pl.when("is_shown").then(NO_END).otherwise(pl.col("high"))
        )
        blind_low, blind_high = narrowed(replace(known, counts=counts))
        rows = rows[blind_high[rows] - blind_low[rows] >= WITHIN]
    return known.counts[rows].with_columns(found_low=pl.Series(low[rows]), found_high=pl.Series(high[rows]))


def programme(
    known: Lattice, among: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The limits of the small counts by linear programming over every tie at once; others keep what they had."""
    ties = known.ties
    matrix = csr_array((ties.sign, (ties.tie, ties.count)), shape=(ties.low.size, known.counts.height))
    is_sum = ties.low == ties.high
    limits = np.column_stack([known.low, np.where(known.high >= NO_END, known.number + 100, known.high)])
    bounded = csr_array(np.vstack([np.zeros((0, known.counts.height))])) if is_sum.all() else -matrix[~is_sum]
    low, high = known.low.copy(), known.high.copy()
    for target in known.small if among is None else among:
        for sign in (1.0, -1.0):
            cost = np.zeros(known.counts.height)
            cost[target] = sign
            answer = linprog(
                cost,
                A_ub=None if is_sum.all() else bounded,
                b_ub=None if is_sum.all() else -ties.low[~is_sum],
                A_eq=matrix[is_sum],
                b_eq=ties.low[is_sum],
                bounds=limits,
                method="highs",
            )
            assert answer.status == 0, answer.message
            if sign > 0:
                low[target] = np.ceil(answer.fun - 1e-6)
            else:
                high[target] = np.floor(-answer.fun + 1e-6)
    return low, high


def complements(known: Lattice) -> pl.DataFrame:
    """What the hidden parts of each sum hold together, told by the sum less its shown parts: `low`, `high`, `number`,
    `people`, a row a sum whose hidden parts stand for 1 to 9 people."""
    ties, counts = known.ties, known.counts
    is_shown, is_part = counts["is_shown"].to_numpy()[ties.count], ties.sign > 0
    least = np.where(is_part, known.low[ties.count], -known.high[ties.count])
    most = np.where(is_part, known.high[ties.count], -known.low[ties.count])

    def summed(what: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.add.reduceat(np.where(where, what, 0.0), ties.starts)

    people, ones = counts["people"].to_numpy().astype(np.float64)[ties.count], np.ones(ties.tie.size)
    found = pl.DataFrame(
        {
            "low": np.maximum(ties.low - summed(most, is_shown), summed(least, ~is_shown)),
            "high": np.minimum(ties.high - summed(least, is_shown), summed(most, ~is_shown)),
            "number": summed(known.number[ties.count], ~is_shown),
            "people": summed(people, ~is_shown),
            "sum_is_hidden": summed(ones, ~is_shown & ~is_part) > 0,
            "row": np.minimum.reduceat(np.where(is_part, counts.height, ties.count), ties.starts),
        }
    )
    return found.filter(~pl.col("sum_is_hidden"), pl.col("people").is_between(1, FEW - 1)).join(
        counts.with_columns(pl.col("row").cast(pl.Int64)).select("row", *KEY), on="row", how="left"
    )


def differences(inner: pl.DataFrame, outer: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    """What a shown count leaves of one that holds it, where it leaves 1 to 9: `at_least`, `at_most`, truly `left`."""
    both = inner.join(outer, on=list(on), nulls_equal=True, suffix="_outer")
    return both.with_columns(
        left=pl.col("number_outer") - pl.col("number"),
        at_least=pl.max_horizontal(pl.col("low_outer") - pl.col("high"), 0),
        at_most=pl.col("high_outer") - pl.col("low"),
    ).filter(pl.col("left").is_between(1, FEW - 1))


def is_told() -> pl.Expr:
    """Whether a difference is known to within 5."""
    return pl.col("at_most") - pl.col("at_least") < WITHIN
