"""What a scenario does to the waits of groups of people, through what they ask for and which laboratories do it.

A group waits as its requests do: the share within standard of each laboratory and category, weighted by how many of the
group's requests are of it. Nothing is known of how one patient is served before another of the same kind, so groups
with the same mix wait alike here.
"""

from __future__ import annotations

import polars as pl

from capacity.simulation import LIMITS

KEYS = ("group", "site", "category")


def weights(asked: pl.DataFrame, goes_to: pl.DataFrame) -> pl.DataFrame:
    """How the requests of each group spread over laboratories and categories.

    asked: `group`, `category`, `requests`. goes_to: `group`, `site`, `requests`, as the group's requests of all kinds
    go; a group spreads its requests of every category alike. Columns: `group`, `site`, `category`, `weight`, which add
    up to one within a group.
    """
    parts = goes_to.with_columns(part=pl.col("requests") / pl.col("requests").sum().over("group"))
    return (
        asked.with_columns(of_all=pl.col("requests") / pl.col("requests").sum().over("group"))
        .join(parts.select("group", "site", "part"), on="group")
        .select(*KEYS, weight=pl.col("of_all") * pl.col("part"))
        .filter(pl.col("weight") > 0)
        .sort(KEYS)
    )


def mixed(weights_of_parts: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """The weights of groups that are made of others, as a class of places is of boards.

    parts: `whole`, `group`, `requests`. What people in a class ask for is taken to be what their board asks for.
    """
    shares = parts.with_columns(part=pl.col("requests") / pl.col("requests").sum().over("whole"))
    return (
        shares.join(weights_of_parts, on="group")
        .group_by("whole", "site", "category")
        .agg(weight=(pl.col("part") * pl.col("weight")).sum())
        .rename({"whole": "group"})
        .sort(KEYS)
    )


def within_standard(weight: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """The percentage within standard of each group in each replication, and how much of its requests that is of.

    outcomes: `replication`, `site`, `category`, `in_standard_pct`. Columns: `replication`, `group`, `in_standard_pct`
    and `covered`, from 0 to 1; what is not simulated is left out, and the rest stands for it.
    """
    known = outcomes.filter(pl.col("in_standard_pct").is_not_null())
    return (
        weight.join(known, on=["site", "category"])
        .group_by("replication", "group")
        .agg(
            in_standard_pct=(pl.col("weight") * pl.col("in_standard_pct")).sum() / pl.col("weight").sum(),
            covered=pl.col("weight").sum(),
        )
        .sort("replication", "group")
    )


def effects(weight: pl.DataFrame, base: pl.DataFrame, scenario: pl.DataFrame) -> pl.DataFrame:
    """What a scenario does to each group against another of the same seed.

    Columns: `group`, `before` and `after`, means in percent, `change` in points with `lower_95` and `upper_95` over
    replications, and `covered`.
    """
    keys = ["replication", "group"]
    both = within_standard(weight, base).join(
        within_standard(weight, scenario).rename({"in_standard_pct": "after"}).drop("covered"), on=keys
    )
    change = pl.col("after") - pl.col("in_standard_pct")
    limits = {name: LIMITS[name] for name in ("lower_95", "upper_95")}
    return (
        both.group_by("group")
        .agg(
            before=pl.col("in_standard_pct").mean(),
            after=pl.col("after").mean(),
            change=change.mean(),
            **{name: change.quantile(at, interpolation="linear") for name, at in limits.items()},
            covered=pl.col("covered").mean(),
        )
        .sort("group")
    )


def widening(found: pl.DataFrame) -> tuple[float, float]:
    """How far apart the best and the worst served group stand before and after, in points."""
    spans = found.select(
        before=pl.col("before").max() - pl.col("before").min(), after=pl.col("after").max() - pl.col("after").min()
    )
    return float(spans["before"][0] or 0.0), float(spans["after"][0] or 0.0)
