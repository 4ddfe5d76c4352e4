"""What readers see of the outlook: tables of the protected store, made from what `pipelines.outlook` works out exactly.

Why a small count cannot be worked out from them. No count of the queue is shown: how many are open, and how many are
overdue, stand in the measures that disclosure control protects with all others. What is shown is a sum of chances, none
of which is shown, so that it bounds a number of people from below only; it needs 20 people falling due, 10 of them
expected to be late and 10 not, and 10 people more than the next shorter horizon. It is then rounded up or down to 5 by
the keyed draw of the set of people, and its range outwards to 5. The sum of the places of a kind leaves for a hidden
place a range of at least 8 for itself and 8 for each place shown, and that of a sum of chances, not of people. What
happened in past months is shown for Scotland alone, rounded by key, where 10 people and more were late, as many were
not, and, for 28 days, as many late ones had come after the day of the forecast, so that it cannot be set against the
misses of a month of 28 days. Scores are averages over 12 months and more, in whole requests.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import polars as pl

from catalogue.disclosure import Rules
from pipelines.calendar import EPOCH
from pipelines.cubes import PERSON_KEY, draw_of
from pipelines.disclosure.counts import rounded
from pipelines.disclosure.secret import Secret
from pipelines.outlook.breaches import (
    HORIZONS,
    KINDS,
    LEAST_SCORED,
    PLACE,
    by_place,
    came_later,
    forecasts,
    members,
    past_days,
    scored,
    scores,
)
from pipelines.outlook.queue import Record
from pipelines.protect import CONFIDENTIAL, NOT_AVAILABLE, SHOWN

_DAY = pl.lit(EPOCH) + pl.duration(days=pl.col("day"))


def breach_tables(
    con: duckdb.DuckDBPyConnection, known: Record, secret: Secret, rules: Rules
) -> dict[str, pl.DataFrame]:
    """The three tables of open requests that will pass their due date. con: any connection, for the keyed draws."""
    placed = by_place(members(known))
    found = forecasts(placed)
    past = scored(found)
    is_scored = past["origin"].n_unique() >= LEAST_SCORED
    present = pl.concat(part.filter(~pl.col("is_past")).collect() for part in placed)
    drawn = draws(con, present, PLACE, secret, rules)
    now = found.filter(~pl.col("is_past")).join(drawn, on=list(PLACE), how="left")
    return {
        "breach_forecast": _everywhere(_forecast(now, rules, is_scored), known, is_scored),
        "breach_forecast_past": _past(con, known, placed, past if is_scored else past.clear(), secret, rules),
        "breach_forecast_scores": _scores(scores(past if is_scored else past.clear()), rules),
    }


def draws(
    con: duckdb.DuckDBPyConnection, people: pl.DataFrame, by: Sequence[str], secret: Secret, rules: Rules
) -> pl.DataFrame:
    """The keyed draw of the set of people of each group: `by` and `draw`. people: `by` and `person_id`."""
    con.register("drawn_people", people.select(*by, "person_id"))
    groups = ", ".join(by)
    try:
        found: pl.DataFrame = con.sql(
            f"""
            WITH keys AS (
                SELECT person_id, {PERSON_KEY} AS person_key
                FROM (SELECT DISTINCT person_id FROM drawn_people)
            )
            SELECT {groups}, {draw_of("keys.person_key", "draw")}
            FROM drawn_people
            INNER JOIN keys ON drawn_people.person_id = keys.person_id
            GROUP BY {groups}""",
            params={"inner_key": secret.inner, "outer_key": secret.outer, "rounded_to": rules.rounded_to},
        ).pl()
    finally:
        con.unregister("drawn_people")
    return found


def _forecast(now: pl.DataFrame, rules: Rules, is_scored: bool) -> pl.DataFrame:
    """The forecasts of the present queue as they may be shown: state, rounded numbers, null where not shown."""
    needs = rules.forecasts_need
    more = pl.col("people") - pl.col("people").shift(1).over("kind", "code", order_by="horizon").fill_null(0)
    enough = (
        (pl.col("people") >= needs.people)
        & (more >= rules.hidden_under)
        & (pl.col("expected") >= needs.either_way)
        & (pl.col("members") - pl.col("expected") >= needs.either_way)
    )
    known = pl.col("lower").is_not_null() & pl.lit(is_scored)
    state = pl.when(~known).then(pl.lit(NOT_AVAILABLE)).when(enough).then(pl.lit(SHOWN)).otherwise(pl.lit(CONFIDENTIAL))
    return _rounded(now.with_columns(state=state, as_at=_DAY), rules).select(
        *PLACE, "as_at", "state", "expected", "lower", "upper", "naive"
    )


def _rounded(rows: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Expected and naive numbers by the keyed draw, ranges outwards; null where the state is not shown."""
    to, shown = rules.rounded_to, pl.col("state") == SHOWN
    numbers = {
        "expected": rounded(pl.col("expected").round().cast(pl.Int64), pl.col("draw"), to),
        "naive": rounded(pl.col("naive").round().cast(pl.Int64), pl.col("draw"), to),
        "lower": ((pl.col("lower") / to).floor() * to).cast(pl.Int64),
        "upper": ((pl.col("upper") / to).ceil() * to).cast(pl.Int64),
    }
    return rows.with_columns(pl.when(shown).then(number).alias(name) for name, number in numbers.items())


def _everywhere(shown: pl.DataFrame, known: Record, is_scored: bool) -> pl.DataFrame:
    """The forecasts, with a hidden row wherever nobody falls due: what is missing would tell nought from 1 to 9."""
    places = [
        known.frame.select(
            pl.lit(kind).alias("kind"), (pl.col(column).cast(pl.String) if column else pl.lit("")).alias("code")
        ).unique()
        for kind, column in KINDS.items()
    ]
    horizons = pl.DataFrame({"horizon": HORIZONS}, schema={"horizon": pl.Int64})
    absent = CONFIDENTIAL if is_scored else NOT_AVAILABLE
    day = shown["as_at"].max()
    spine = pl.concat(places).join(horizons, how="cross").join(shown, on=list(PLACE), how="left")
    return spine.with_columns(pl.col("state").fill_null(absent), pl.col("as_at").fill_null(pl.lit(day, pl.Date))).sort(
        PLACE
    )


def _past(
    con: duckdb.DuckDBPyConnection,
    known: Record,
    placed: Sequence[pl.LazyFrame],
    past: pl.DataFrame,
    secret: Secret,
    rules: Rules,
) -> pl.DataFrame:
    """What was expected of Scotland's queue at past month-ends, what happened, and the late ones that came after."""
    key = ["horizon", "origin"]
    scotland = past.filter(kind="scotland")
    queue = pl.concat(
        part.filter(pl.col("is_past"), pl.col("kind") == "scotland").select(*key, "person_id", "is_late").collect()
        for part in placed
    ).join(scotland.select(key), on=key, how="semi")
    late = queue.filter("is_late")
    later = came_later(known, past_days(known)).join(scotland.select(key), on=key, how="semi")
    rest = queue.filter(~pl.col("is_late")).group_by(key).agg(pl.col("person_id").n_unique().alias("people_rest"))
    found = (
        scotland.join(draws(con, queue, key, secret, rules), on=key, how="left")
        .join(_people(con, late, key, "late", secret, rules), on=key, how="left")
        .join(_people(con, later, key, "later", secret, rules), on=key, how="left")
        .join(rest, on=key, how="left")
        .with_columns(pl.col("people_late", "people_later", "people_rest").fill_null(0))
    )
    needs, late_and_not = rules.forecasts_need, pl.min_horizontal("people_late", "people_rest")
    is_later_shown = pl.col("people_later") >= rules.hidden_under
    is_short = pl.col("horizon") < max(HORIZONS)
    enough = (
        (late_and_not >= rules.hidden_under)
        & (pl.col("people") >= needs.people)
        & (pl.col("expected") >= needs.either_way)
        & (is_short | is_later_shown)
    )
    state = pl.when(enough).then(pl.lit(SHOWN)).otherwise(pl.lit(CONFIDENTIAL))
    held = pl.col("late").is_between(pl.col("lower"), pl.col("upper"))
    found = _rounded(found.with_columns(state=state, as_at=_DAY, is_held=held), rules)
    is_shown = pl.col("state") == SHOWN
    return found.select(
        "horizon",
        "as_at",
        "state",
        "expected",
        "lower",
        "upper",
        "naive",
        pl.when(is_shown).then(rounded(pl.col("late"), pl.col("draw_late"), rules.rounded_to)).alias("happened"),
        pl.when(is_shown & is_later_shown)
        .then(rounded(pl.col("later"), pl.col("draw_later"), rules.rounded_to))
        .alias("came_later"),
        pl.when(is_shown).then("is_held").alias("is_held"),
    ).sort("horizon", "as_at")


def _people(
    con: duckdb.DuckDBPyConnection, rows: pl.DataFrame, key: list[str], name: str, secret: Secret, rules: Rules
) -> pl.DataFrame:
    """Requests of each group, the people behind them and their keyed draw, in columns that end in a name."""
    counted = rows.group_by(key).agg(
        pl.len().cast(pl.Int64).alias(name), pl.col("person_id").n_unique().cast(pl.Int64).alias(f"people_{name}")
    )
    return counted.join(draws(con, rows, key, secret, rules).rename({"draw": f"draw_{name}"}), on=key, how="left")


def _scores(found: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The scores of places whose queue was, on average, large enough to be shown; errors in whole requests."""
    needs = rules.forecasts_need
    enough = (
        (pl.col("mean_people") >= needs.people)
        & (pl.min_horizontal("mean_expected", "mean_rest", "mean_happened") >= needs.either_way)
        & (pl.col("origins") >= LEAST_SCORED)
    )
    errors = ("mean_error", "mean_absolute_error", "naive_error", "mean_happened")
    return (
        found.filter(enough)
        .select(*PLACE, "origins", "held", *(pl.col(name).round().cast(pl.Int64) for name in errors))
        .sort(PLACE)
    )
