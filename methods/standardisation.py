"""Rates and ratios that allow for the ages of the people behind them: direct and indirect standardisation."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from methods.estimates import FIELDS
from methods.rates import byar_interval, rate_interval
from methods.reasons import reason

#: The European Standard Population of 2013: of 100,000 people, how many are of each age (Eurostat 2013).
ESP2013 = pl.DataFrame(
    {
        "age_band": [*(f"{age}-{age + 4}" for age in range(0, 90, 5)), "90+"],
        "standard": [5000, *[5500] * 3, *[6000] * 2, 6500, *[7000] * 4, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000],
    }
)

#: The column that holds all rows together where there is nothing to group by.
EVERYONE = "_everyone"

#: A total of events this little under a limit reaches it: fractions do not add up exactly.
ROUNDING = 1e-9


def direct_rate(
    counts: pl.DataFrame,
    by: Sequence[str] = (),
    multiplier: float = 100_000.0,
    confidence: float = 0.95,
    fewest_events: float = 10.0,
) -> pl.DataFrame:
    """Directly standardised rate: what it would be if the ages were those of a standard population.

    counts: one row a group and age band, with columns `by`, `events` (a null counts as nought), `population` (above
    nought) and `standard` (the weight of the band, such as that of `ESP2013`; it may be nought). Groups may have
    different bands, and are then standardised to different populations. With a column `age_band`, a band that is given
    twice is found out. With a column `frequency` too, a row is for those of a band who had so many events each,
    `events` counts these people, and the limits allow for one person's events going together; `population` and
    `standard` are then the same in all rows of a band.
    multiplier: 1,000 gives the rate per 1,000. fewest_events: a group with fewer has no answer.
    Returns one row a group, sorted: `by`, `total_events`, `total_population` and `methods.estimates.FIELDS`. The lower
    limit can fall below nought where few events carry most of the weight, and is left so, as in the reference package;
    unlike there, a group that cannot be answered does not stop the others.

    Reasons: missing (a weight or a frequency), not_finite, negative_count, population_not_positive (or missing),
    weight_not_usable, repeated_key, unequal_bands, too_few_events, no_limits (no events).
    Source: Dobson and others 1991, Statistics in Medicine 10:457, with Byar's limits and the conventions of
    PHEindicatormethods 2.1.1, `calculate_dsr`; events that go together, Fingertips public health technical guidance.
    """
    if not fewest_events >= 0:
        raise ValueError(f"fewest_events is nought or above, not {fewest_events}")
    if not 0 < multiplier < float("inf"):
        raise ValueError(f"multiplier is a number above 0, such as 1000 for a rate per 1,000, not {multiplier}")
    keys = list(by) or [EVERYONE]
    events, population, weight = pl.col("events"), pl.col("population"), pl.col("standard")
    groups = (
        _bands(counts, by)
        .group_by(keys)
        .agg(
            total_events=events.sum(),
            total_population=population.sum(),
            weights=weight.sum(),
            weighted=(weight * events / population).sum(),
            variance=(weight * weight * pl.col("squares") / population / population).sum(),
            fault=pl.col("fault").min(),
        )
        .sort(keys)
    )
    total, per = pl.col("total_events"), multiplier / pl.col("weights")
    too_few = total < fewest_events - ROUNDING
    fault = pl.coalesce("fault", reason((pl.col("weights") <= 0, "weight_not_usable"), (too_few, "too_few_events")))
    value, reach = per * pl.col("weighted"), per * (pl.col("variance") / total).sqrt()
    byar = byar_interval(total, confidence).struct
    limited = fault.is_null() & (total > 0)
    return groups.select(
        *by,
        "total_events",
        "total_population",
        value=pl.when(fault.is_null()).then(value),
        lower=pl.when(limited).then(value + reach * (byar.field("lower") - total)),
        upper=pl.when(limited).then(value + reach * (byar.field("upper") - total)),
        method=pl.lit("Dobson"),
        reason=pl.coalesce(fault, reason((total <= 0, "no_limits"))),
    )


def indirect_ratio(
    counts: pl.DataFrame,
    by: Sequence[str] = (),
    multiplier: float = 1.0,
    confidence: float = 0.95,
    observed: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Indirectly standardised ratio: events observed over those expected at the rates of a reference population.

    counts: one row a group and age band, with columns `by`, `events` (a null counts as nought), `population` (nought
    or above), `reference_events` and `reference_population` (above nought). With a column `age_band`, a band that is
    given twice is found out. multiplier: 100 gives the ratio in percent. observed: where events are not known by age,
    one row a group with columns `by` and `events`; `counts` then needs none.
    Returns one row a group, sorted: `by`, `observed`, `expected` and `methods.estimates.FIELDS`, with limits as in
    `methods.rates.rate_interval`; the reference is taken as known. Ratios of two groups must not be compared with each
    other where their ages differ: each has weights of its own.

    Reasons: missing (also where only one of `counts` and `observed` has the group), not_finite, negative_count,
    population_not_positive, repeated_key, no_events_to_compare (none are expected).
    Source: Breslow and Day 1987, Statistical Methods in Cancer Research II, chapter 2; conventions of
    PHEindicatormethods 2.1.1, `calculate_ISRatio`.
    """
    return _indirect(counts, by, multiplier, confidence, observed, pl.lit(1.0)).drop("reference_rate")


def indirect_rate(
    counts: pl.DataFrame,
    by: Sequence[str] = (),
    multiplier: float = 100_000.0,
    confidence: float = 0.95,
    observed: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Indirectly standardised rate: the ratio of `indirect_ratio` times the crude rate of the reference population.

    Takes and returns what `indirect_ratio` does, with a column `reference_rate` more: the crude rate of the reference
    population in the bands of the group. multiplier: 1,000 gives rates per 1,000.

    Reasons: those of `indirect_ratio`.
    Source: PHEindicatormethods 2.1.1, `calculate_ISRate`.
    """
    found = _indirect(counts, by, multiplier, confidence, observed, pl.col("reference_rate"))
    return found.with_columns(pl.col("reference_rate") * multiplier)


def _bands(counts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """One row a group and age band: events, one person's events squared and summed, population, weight and fault."""
    rows = _columns(counts, by, ["events", "population", "standard"], ["frequency"])
    events, population, weight = pl.col("events").fill_null(0), pl.col("population"), pl.col("standard")
    repeats = "frequency" in rows.columns
    if repeats and "age_band" not in rows.columns:
        raise ValueError("a column frequency needs a column age_band beside it")
    each = pl.col("frequency") if repeats else pl.lit(1.0)
    rows = rows.with_columns(
        events=events * each,
        squares=events * each * each,
        fault=reason(
            (weight.is_null() | each.is_null(), "missing"),
            (_any_infinite(events, population, weight, each), "not_finite"),
            ((events < 0) | (each < 0), "negative_count"),
            (population.is_null() | (population <= 0), "population_not_positive"),
            (weight < 0, "weight_not_usable"),
        ),
    )
    if "age_band" not in rows.columns:
        return rows
    again = each.n_unique() < pl.len() if repeats else pl.len() > 1
    unequal = (population.min() < population.max()) | (weight.min() < weight.max())
    return rows.group_by([*(by or [EVERYONE]), "age_band"]).agg(
        pl.col("events", "squares").sum(),
        pl.col("population", "standard").first(),
        fault=pl.coalesce(pl.col("fault").min(), reason((again, "repeated_key"), (unequal, "unequal_bands"))),
    )


def _indirect(
    counts: pl.DataFrame,
    by: Sequence[str],
    multiplier: float,
    confidence: float,
    observed: pl.DataFrame | None,
    reference: pl.Expr,
) -> pl.DataFrame:
    """One row a group: events observed and expected, the crude reference rate, and their ratio times the reference."""
    keys = list(by) or [EVERYONE]
    totals = _observed(counts, by) if observed is None else _observed(observed, by, are_totals=True)
    ratio = rate_interval(pl.col("observed"), pl.col("expected") / reference, multiplier, confidence)
    either = pl.any_horizontal(pl.col("observed", "expected").is_null())
    none_expected = (either, "missing"), (pl.col("expected") <= 0, "no_events_to_compare")
    fault = pl.coalesce("fault", "observed_fault", reason(*none_expected))
    return (
        _expected(counts, by)
        .join(totals, on=keys, how="full", nulls_equal=True, coalesce=True)
        .sort(keys)
        .with_columns(ratio.struct.unnest(), fault=fault)
        .with_columns(pl.when(pl.col("fault").is_null()).then(pl.col("value", "lower", "upper")), reason="fault")
        .select(*by, "observed", "expected", "reference_rate", *FIELDS)
    )


def _expected(counts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """One row a group: events expected at the reference's rates, its crude rate, and fault."""
    needed = ["population", "reference_events", "reference_population"]
    rows = _columns(counts, by, needed)
    population, known, size = (pl.col(name) for name in needed)
    fault = reason(
        (population.is_null() | known.is_null() | size.is_null(), "missing"),
        (_any_infinite(population, known, size), "not_finite"),
        (known < 0, "negative_count"),
        ((population < 0) | (size <= 0), "population_not_positive"),
    )
    again = pl.col("age_band").n_unique() < pl.len() if "age_band" in rows.columns else pl.lit(False)
    return (
        rows.with_columns(fault=fault)
        .group_by(list(by) or [EVERYONE])
        .agg(
            expected=(population * known / size).sum(),
            reference_rate=known.sum() / size.sum(),
            fault=pl.coalesce(pl.col("fault").min(), reason((again, "repeated_key"))),
        )
    )


def _observed(counts: pl.DataFrame, by: Sequence[str], are_totals: bool = False) -> pl.DataFrame:
    """One row a group: events observed, and fault. Of totals there is one a group, and none may be null."""
    events = pl.col("events")
    of_totals = [(events.is_null().any(), "missing"), (pl.len() > 1, "repeated_key")] if are_totals else []
    faults = [(_any_infinite(events).any(), "not_finite"), ((events < 0).any(), "negative_count"), *of_totals]
    return (
        _columns(counts, by, ["events"])
        .group_by(list(by) or [EVERYONE])
        .agg(observed=events.sum(), observed_fault=reason(*faults))
    )


def _columns(
    frame: pl.DataFrame, by: Sequence[str], needed: Sequence[str], optional: Sequence[str] = ()
) -> pl.DataFrame:
    """The columns of `by`, `age_band` if there is one, and the numbers as floats, NaN made null.

    ValueError where one is absent or holds no numbers, or where `by` names a column that has a meaning here.
    """
    taken = {*needed, *optional, *FIELDS, "age_band", "total_events", "total_population", "observed", "expected"}
    if clash := sorted({*by} & {*taken, "reference_rate"}):
        raise ValueError(f"by names the groups, not {clash}, which the method has a meaning for")
    if absent := [name for name in [*by, *needed] if name not in frame.columns]:
        raise ValueError(f"columns {absent} are missing; there are {frame.columns}")
    numbers = [name for name in [*needed, *optional] if name in frame.columns]
    if words := [name for name in numbers if not (frame[name].dtype.is_numeric() or frame[name].dtype == pl.Null)]:
        raise ValueError(f"columns {words} must hold numbers")
    groups = [pl.col(name) for name in by] or [pl.lit(0).alias(EVERYONE)]
    ages = [pl.col(name) for name in frame.columns if name == "age_band"]
    return frame.select(*groups, *ages, *(pl.col(name).cast(pl.Float64).fill_nan(None) for name in numbers))


def _any_infinite(*columns: pl.Expr) -> pl.Expr:
    return pl.any_horizontal(*(column.is_infinite() for column in columns))
