"""The numbers of the page Ethnicity recording, worked out from shown counts only: hidden ones stay hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from catalogue.indicators import Grain
from methods.attribute_charts import p_chart
from methods.proportions import newcombe_difference
from methods.spc_icons import spc_icons
from methods.special_causes import special_causes
from methods.unknown_groups import share_band
from ui.data import Snapshot
from ui.ethnicity_filters import RESIDENCE, Choice
from ui.figure import Figure, Query
from ui.figures import MONTHLY_NEEDS, MOSTLY, ask, latest_year, of_scotland

RECORDED = "ethnicity_recorded"
PEOPLE = "people_tested"
AGREES = "ethnicity_agreement"
CONSISTENT = "ethnicity_consistent"
RETIRED = "ethnicity_retired_code"

#: Why there is no ethnic group, by indicator, in a few words; four things that are never added up under one name.
REASONS = {
    "ethnicity_declined": "Declined",
    "ethnicity_not_known": "Not known",
    "ethnicity_not_recorded": "Not recorded",
    "ethnicity_unmapped": "Code not recognised",
}

#: The six groups of Census 2022, as the code lists have them.
GROUPS = ("white", "mixed", "asian", "african", "caribbean_black", "other")

#: Points that a control chart is judged on: two years of months, or all quarters. A longer run of months would set a
#: board that has improved for years against limits so old that a fall of today could not be seen.
JUDGED = 24
RULES = "scottish_control_chart"

#: Columns added to the points of a series by `judged`.
LIMITS = ("centre", "lower_limit", "upper_limit", "special_cause", "direction")


def place(snapshot: Snapshot, fixed: tuple[tuple[str, str], ...]) -> str:
    """Where the figures are of: `Scotland`, or `Fife (board of residence)`."""
    return f"{snapshot.label(*fixed[0])} (board of residence)" if fixed else "Scotland"


def series(snapshot: Snapshot, indicator: str, grain: Grain, fixed: tuple[tuple[str, str], ...]) -> Figure | None:
    """An indicator over time."""
    return ask(snapshot, Query(indicator, grain, fixed), place(snapshot, fixed))


def side_by_side(
    snapshot: Snapshot, indicator: str, spread: str, fixed: tuple[tuple[str, str], ...] = ()
) -> Figure | None:
    """The newest 12 months of an indicator by the values of a dimension."""
    query = Query(indicator, "year", fixed, spread, latest_year(snapshot, indicator, None), newest_only=True)
    return ask(snapshot, query, place(snapshot, fixed))


def newest_year(snapshot: Snapshot, indicator: str, fixed: tuple[tuple[str, str], ...]) -> Figure | None:
    """The newest 12 months of an indicator as one figure."""
    query = Query(indicator, "year", fixed, start=latest_year(snapshot, indicator, None), newest_only=True)
    return ask(snapshot, query, place(snapshot, fixed))


def target_of(figure: Figure | None) -> float | None:
    """The share below which no gap between groups is shown, from the entry."""
    target = figure.entry.target if figure else None
    return target.value / 100 if target and target.unit == "percent" else None


def judged(cells: pl.DataFrame, target: float | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Points of one or more series set against what chance would do, and what each chart says.

    cells: shares, columns code, grain, period_start, period_status, state, numerator, denominator. An incomplete period
    is not judged. The chart is Laney's P' chart, since points of thousands of people vary more than counting alone.
    Returns the points judged (code, period_start, value, LIMITS) and one row a series (code, `variation`, `caution`,
    `variation_sentence`, `assurance_sentence`), null where there is too little to judge.
    """
    points = (
        cells.filter(pl.col("period_status") != "incomplete", pl.col("grain") != "year")
        .with_columns(pl.when(pl.col("state") == "shown").then(pl.col("numerator", "denominator")))
        .sort("code", "period_start")
        .group_by("code", maintain_order=True)
        .tail(JUDGED)
        .select("code", pl.col("period_start").alias("period"), "numerator", "denominator")
    )
    if points.is_empty():
        none = pl.lit(None, pl.String)
        return (
            points.select("code", pl.col("period").alias("period_start")).with_columns(
                none.alias(c) for c in ("value", *LIMITS)
            ),
            points.select("code").with_columns(
                none.alias(c) for c in ("variation", "caution", "variation_sentence", "assurance_sentence")
            ),
        )
    marked = special_causes(p_chart(points, ["code"], limits="laney"), RULES, ["code"])
    icons = spc_icons(marked, ["code"], better="higher", target=target)
    return (
        marked.select(
            "code",
            pl.col("period").alias("period_start"),
            "value",
            "centre",
            pl.col("lower").alias("lower_limit"),
            pl.col("upper").alias("upper_limit"),
            pl.col("special_cause").cast(pl.String),
            "direction",
        ),
        icons.select(
            "code",
            pl.col("variation", "caution").cast(pl.String),
            "variation_sentence",
            "assurance_sentence",
        ),
    )


def boards_over_time(snapshot: Snapshot) -> pl.DataFrame:
    """The series of every territorial board: a point a month where those average MONTHLY_NEEDS people and are mostly
    shown, else a quarter.

    Returns the cells of E1 (columns of `Snapshot.cells`).
    """
    boards = sorted(of_scotland(RESIDENCE) or ())
    found: dict[Grain, pl.DataFrame] = {}
    for grain in ("month", "quarter"):
        figure = ask(snapshot, Query(RECORDED, grain, (), RESIDENCE))
        if figure is None:
            texts = dict.fromkeys(("code", "grain", "state", "period_status"), pl.String)
            counts = dict.fromkeys(("numerator", "denominator"), pl.Int64)
            return pl.DataFrame(schema=texts | counts | {"period_start": pl.Date})
        found[grain] = figure.cells.filter(pl.col("code").is_in(boards))
    size = (
        found["month"]
        .group_by("code")
        .agg(pl.col("denominator").fill_null(0).mean(), (pl.col("state") == "shown").mean().alias("shown"))
    )
    monthly = size.filter(pl.col("denominator") >= MONTHLY_NEEDS, pl.col("shown") >= MOSTLY)["code"].implode()
    return pl.concat(
        [found["month"].filter(pl.col("code").is_in(monthly)), found["quarter"].filter(~pl.col("code").is_in(monthly))]
    )


def changes(figure: Figure) -> pl.DataFrame:
    """The newest 12 months of each group against the 12 months before.

    figure: E1 side by side at grain year, newest only. Returns one row a group: code, state, numerator, denominator,
    value of the newest 12 months, `before` (share), and `gap`, `gap_lower`, `gap_upper` (Newcombe, 95%), null where a
    count is hidden or there was no year before.
    """
    earlier = figure.history.filter(pl.col("period_start") < pl.lit(figure.first))
    earlier = earlier.filter(pl.col("period_start") == pl.col("period_start").max()).select(
        "code",
        pl.col("value").alias("before"),
        pl.col("numerator").alias("then"),
        pl.col("denominator").alias("of_then"),
        pl.col("state").alias("state_before"),
    )
    joined = figure.cells.join(earlier, on="code", how="left", maintain_order="left")
    both = (pl.col("state") == "shown") & (pl.col("state_before") == "shown")
    now, of_now, then, of_then = (
        pl.when(both).then(pl.col(name)).otherwise(None) for name in ("numerator", "denominator", "then", "of_then")
    )
    # The row says why there is no change: it is hidden now, it was hidden then, or there was no year before.
    why = pl.when(pl.col("state") == "shown").then(pl.col("state_before").fill_null("not_available")).otherwise("state")
    return joined.with_columns(newcombe_difference(now, of_now, then, of_then).alias("difference")).select(
        "code",
        "period_start",
        "period_end",
        "period_status",
        pl.when(both.fill_null(value=False)).then(pl.lit("shown")).otherwise(why).alias("state"),
        "numerator",
        "denominator",
        "value",
        "before",
        pl.col("difference").struct.field("value").alias("gap"),
        pl.col("difference").struct.field("lower").alias("gap_lower"),
        pl.col("difference").struct.field("upper").alias("gap_upper"),
    )  # fmt: skip


def bounds(snapshot: Snapshot, choice: Choice) -> tuple[pl.DataFrame, Figure | None, Figure | None]:
    """What each census group's share of people tested could be, whoever the people without a recorded group are.

    Returns one row a group (code, state, count, value, lowest, highest: shares) and the figures behind it: people by
    recorded group, and how many have one.
    """
    people = side_by_side(snapshot, PEOPLE, "ethnic_category", choice.fixed)
    recorded = newest_year(snapshot, RECORDED, choice.fixed)
    whole = recorded.cells.row(0, named=True) if recorded and recorded.cells.height == 1 else None
    if people is None or people.cells.is_empty() or whole is None or whole["state"] != "shown":
        return pl.DataFrame(), people, recorded
    known, everybody = whole["numerator"], whole["denominator"]
    # Both counts are rounded on their own. A group that could be everybody recorded would show as 100%, which is not
    # known to be so, and which would tell of the few in the groups that are hidden.
    could_be_all = pl.col("numerator") >= known - 2 * (snapshot.release.rounded_to - 1)
    rows = people.cells.filter(pl.col("code").is_in(GROUPS)).with_columns(
        state=pl.when((pl.col("state") == "shown") & could_be_all).then(pl.lit("confidential")).otherwise("state")
    )
    rows = rows.with_columns(count=pl.when(pl.col("state") == "shown").then("numerator"))
    band = share_band(pl.col("count"), pl.lit(known), pl.lit(everybody - known))
    found = rows.with_columns(band.alias("band")).select(
        "code",
        "state",
        "count",
        *(pl.col("band").struct.field(name) for name in ("value", "lowest", "highest")),
    )
    return found, people, recorded


def apart(rows: pl.DataFrame, whole: Mapping[str, Any] | None) -> pl.DataFrame:
    """The rows with `side`: 1 clearly above the whole, -1 clearly below, 0 neither; null where hidden.

    rows: shares with lower and upper, 95%. A group that is part of the whole pulls it along, so this errs on the side
    of no difference.
    """
    if whole is None or whole["state"] != "shown":
        return rows.with_columns(side=pl.lit(None, pl.Int8))
    return rows.with_columns(
        side=pl.when(pl.col("state") != "shown")
        .then(None)
        .when(pl.col("lower") > whole["value"])
        .then(1)
        .when(pl.col("upper") < whole["value"])
        .then(-1)
        .otherwise(0)
        .cast(pl.Int8)
    )
