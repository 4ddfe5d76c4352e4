"""Fields that a laboratory leaves blank or writes down as unknown, month by month, and where this has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from methods.spc_icons import spc_icons
from methods.special_causes import special_causes
from methods.xmr import xmr_limits
from ui import words
from ui.data import Snapshot
from ui.quality_panel import Panel, Twin
from ui.quality_place import Place, of_place, places
from ui.quality_spc import RULE, RULES, control_chart, has_limits
from ui.quality_words import months, plain
from ui.signals_presets import by_the_rules

NAME = "fields"

#: What is known at receipt, so that the newest month is as full as any; fields of other extracts fill up later.
EXTRACT = "testing"

#: Fields that are blank unless something is so, and therefore say nothing by being blank.
CONDITIONAL = ("family_id", "genes_tested", "rejection_reason")

SERIES = ("submitter", "field")

#: Shares are published in whole per cent, so a smaller rise than this above the average may be rounding.
RISE = 0.02

METHOD = (
    "XmR chart: dashed lines are the limits within which chance alone would keep nearly every month. It is used since "
    "only the rounded share is published, not its count. A point is marked "
    f"{by_the_rules(RULES)}."
)


def charts_of(snapshot: Snapshot, place: Place) -> pl.DataFrame:
    """The XmR chart of every field of every laboratory of a place that is ever unknown, with its special causes.

    A health board sees those of all laboratories, as Scotland does.
    """
    rows = snapshot.table("fields").filter((pl.col("extract") == EXTRACT) & ~pl.col("field").is_in(CONDITIONAL))
    rows = of_place(rows, place) if place.kind == "lab" else rows
    ever = pl.col("unknown_share").max().over(SERIES) > 0
    points = rows.filter(ever).select(*SERIES, "period", pl.col("unknown_share").alias("value"))
    return special_causes(xmr_limits(points, SERIES), RULES, SERIES)


def verdicts(chart: pl.DataFrame) -> pl.DataFrame:
    """One row a field and laboratory: newest share, limits, sentence, and `is_worse`; those worse first."""
    centre = chart.group_by(SERIES).agg(pl.col("centre").drop_nulls().last())
    worse = (pl.col("variation") == "concern_high") & (pl.col("value") - pl.col("centre") >= RISE)
    return (
        spc_icons(chart, by=SERIES, better="lower")
        .join(centre, on=SERIES, how="left")
        .with_columns(is_worse=worse.fill_null(value=False))
        .sort(["is_worse", "value", *SERIES], descending=[True, True, False, False], nulls_last=True)
    )


def to_show(snapshot: Snapshot, charts: pl.DataFrame) -> dict[str, tuple[str, str]]:
    """Submitter and field by the name in the address: those that got worse first, then the most often unknown.

    charts: as `charts_of` returns them.
    """
    labels = places(snapshot, "lab")
    return {
        f"{plain(row['field'])}, {labels.get(row['submitter'], row['submitter'])}": (row["submitter"], row["field"])
        for row in verdicts(charts).to_dicts()
    }


def fields(snapshot: Snapshot, place: Place, charts: pl.DataFrame, submitter: str, field: str) -> Panel:
    """How often fields are unknown: which got worse, all of them as a table, and one of them by month.

    charts: as `charts_of` returns them for the place.
    """
    found = verdicts(charts)
    title, summary = finding(snapshot, found)
    own = charts.filter((pl.col("submitter") == submitter) & (pl.col("field") == field))
    label = places(snapshot, "lab").get(submitter, submitter)
    what = f"{plain(field)}: share left blank or not recorded"
    first, last = own["period"].min(), own["period"].max()
    twins = (
        Twin(f"By month, {words.lower_first(plain(field))}, {label}", _by_month(own), "field-by-month"),
        Twin("Every field and laboratory", _table(snapshot, found), "fields"),
    )
    subtitle = f"{what}. {label}. {months(first, last)}. A point a month."  # type: ignore[arg-type]
    if own["value"].null_count() == own.height:
        return Panel(NAME, title, f"{summary} This one is hidden {words.HIDDEN}.", subtitle, twins=twins)
    said = found.filter((pl.col("submitter") == submitter) & (pl.col("field") == field))["sentence"][0] or ""
    alt = f"{what}, {label}. {said} Every value is in the table below the chart."
    notes = [METHOD] if has_limits(own) else []
    notes += [f"Fields are counted by laboratory, not for {place.name}."] if place.kind == "board" else []
    chart = control_chart(own, "Blank or not recorded", _say, alt)
    return Panel(
        NAME, title, f"{summary} Drawn: {label}. {said}", subtitle, chart=chart, notes=tuple(notes), twins=twins
    )


def finding(snapshot: Snapshot, found: pl.DataFrame) -> tuple[str, str]:
    """Title and summary: how many fields got worse by more than chance, and how many would seem to by chance alone."""
    worse = found.filter(pl.col("is_worse"))
    labels = places(snapshot, "lab")
    judged = (
        f"{words.number(found.height)} fields and laboratories that are ever blank or not recorded are judged apart"
    )
    chance = "of so many charts a few are marked by chance alone"
    rise = f"rises of under {100 * RISE:.0f} percentage points are left out"
    summary = f"{judged}: {chance}, and {rise}."
    if worse.is_empty():
        return "No field is left blank more often than it used to be", f"{summary} The most often blank come first."
    summary += " Those that got worse come first."
    first = worse.row(0, named=True)
    named = f"{words.lower_first(plain(first['field']))} in {labels.get(first['submitter'], first['submitter'])}"
    more = f" and {worse.height - 1} more" if worse.height > 1 else ""
    return f"Left blank more often than chance would explain: {named} ({first['value']:.0%}){more}", summary


def _share(value: float | None) -> str:
    return words.HIDDEN if value is None else f"{value:.0%}"


def _say(row: Mapping[str, Any]) -> str:
    rule = f". {RULE[str(row['special_cause'])]}" if row["special_cause"] is not None else ""
    return f"{words.month(row['period'])}: {_share(row['value'])}{rule}"


def _limits(row: Mapping[str, Any]) -> str:
    if row["lower"] is None:
        return words.NOT_AVAILABLE
    return f"{max(row['lower'], 0):.0%} to {min(row['upper'], 1):.0%}"


def _by_month(chart: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "Month": words.short_month(row["period"]),
                "Blank or not recorded": _share(row["value"]),
                "Limits of chance": _limits(row),
                "More than chance": RULE[str(row["special_cause"])] if row["special_cause"] is not None else "",
            }
            for row in chart.sort("period", descending=True).to_dicts()
        ]
    )


def _table(snapshot: Snapshot, found: pl.DataFrame) -> pl.DataFrame:
    labels = places(snapshot, "lab")
    return pl.DataFrame(
        [
            {
                "Field": plain(row["field"]),
                "Sent by": labels.get(row["submitter"], row["submitter"]),
                "Newest month": words.short_month(row["period"]) if row["period"] else "",
                "Blank or not recorded": _share(row["value"]),
                "Limits of chance": _limits(row),
                "What it says": row["sentence"] or "",
            }
            for row in found.to_dicts()
        ]
    )
