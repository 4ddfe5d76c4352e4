"""One check month by month: its failing share as a control chart, by laboratory, and its result in earlier releases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from methods.attribute_charts import p_chart
from methods.spc_icons import spc_icons
from methods.special_causes import special_causes
from ui import theme, words
from ui.charts import HEIGHT, MARKS, Chart
from ui.data import Snapshot
from ui.drawing import Drawing
from ui.figure import HIDDEN_UNDER
from ui.quality_checks import names, open_checks
from ui.quality_panel import Panel, Twin
from ui.quality_place import Place, of_place
from ui.quality_words import STATUSES, allowed, count, months, plain, share
from ui.signals_presets import by_the_rules, marks_in_words

NAME = "history"

#: The rule set by which a point is more than chance.
RULES = "making_data_count_7"

#: What each rule means, in the words of a table.
RULE = marks_in_words(RULES)

METHOD = (
    "P′ chart (Laney): dashed lines are the limits within which chance alone would keep nearly every month, given its "
    "number of rows and how much months differ. It is used since months differ in size, and by more than chance would "
    "make equal ones differ. A point is marked "
    f"{by_the_rules(RULES)}."
)


def to_show(snapshot: Snapshot, place: Place) -> dict[str, str]:
    """Checks that have months to show for a place, by the name in the address: open ones, then by failing rows."""
    months = _months(snapshot, place)
    failing = months.group_by("check_id").agg(pl.col("rows_failing").sum())
    held = failing.sort("rows_failing", "check_id", descending=[True, False])["check_id"].to_list()
    told = names(snapshot)
    first = [row["check_id"] for row in open_checks(snapshot, place)]
    ordered = [*(check for check in first if check in held), *held]
    return {told[check]: check for check in dict.fromkeys(ordered)}


def _months(snapshot: Snapshot, place: Place) -> pl.DataFrame:
    """The months of a place. No check counts the rows of a health board by month, so a board sees Scotland's."""
    months = snapshot.table("check_months")
    return of_place(months, place) if place.kind == "lab" else months


def points_of(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a month: `numerator` and `denominator` added over senders; a month with a hidden count has none.

    `known`: failing rows of the senders whose count is shown; `hidden`: senders whose count is not.
    """
    return (
        rows.group_by("period")
        .agg(
            pl.col("rows_failing").sum().alias("known"),
            pl.col("rows_failing").null_count().alias("hidden"),
            pl.when(pl.col("rows_failing").is_not_null().all()).then(pl.col("rows_failing").sum()).alias("numerator"),
            pl.when(pl.col("rows_checked").is_not_null().all()).then(pl.col("rows_checked").sum()).alias("denominator"),
        )
        .sort("period")
    )


def limits_of(points: pl.DataFrame, by: tuple[str, ...] = ()) -> pl.DataFrame:
    """The points with centre, limits and special causes of a P' chart, and their counts."""
    keys = [*by, "period"]
    chart = special_causes(p_chart(points, by, limits="laney"), RULES, by)
    return chart.join(points.select(*keys, "numerator", "denominator"), on=keys, how="left", maintain_order="left")


def history(snapshot: Snapshot, place: Place, check_id: str) -> Panel:
    """One check's failing share by month as a control chart, with each laboratory's verdict and earlier releases."""
    check = snapshot.table("checks").row(by_predicate=pl.col("check_id") == check_id, named=True)
    rows = _months(snapshot, place).filter(pl.col("check_id") == check_id)
    twins = (*_of_laboratories(snapshot, place, rows), *_of_releases(snapshot, check_id))
    where = place.label if place.kind == "lab" else "Scotland"
    first, last = rows["period"].min(), rows["period"].max()
    subtitle = f"{plain(check['sentence'])} {where}. {months(first, last)}. A point a month."  # type: ignore[arg-type]
    points = points_of(rows)
    if points["numerator"].null_count() == points.height:
        hidden = (
            "Each month has under 10 failing rows, or a count that could give such a number away, so none is shown."
        )
        return Panel(NAME, failing_lately(points), hidden, subtitle, twins=twins)
    chart = limits_of(points)
    title, summary = finding(chart, points, check)
    notes = [*([METHOD] if has_limits(chart) else []), *_notes(chart, place)]
    told = " ".join([f"{title}.", summary, "Every value is in the table below the chart."])
    drawn = control_chart(chart, "Failing rows", _say, told, check["at_most"])
    months_twin = Twin(f"By month, {where}", _table(chart), "check-by-month")
    return Panel(NAME, title, summary, subtitle, chart=drawn, notes=tuple(notes), twins=(months_twin, *twins))


def has_limits(chart: pl.DataFrame) -> bool:
    """Whether limits of chance can be drawn at all."""
    return chart["upper"].null_count() < chart.height


def finding(chart: pl.DataFrame, points: pl.DataFrame, check: Mapping[str, Any]) -> tuple[str, str]:
    """Title: the newest month with failing rows; summary: whether that is more than chance, and what may fail."""
    now = chart.filter(pl.col("value").is_not_null()).row(-1, named=True)
    aim = f"Over all periods {allowed(check['at_most'])} fail."
    icon = spc_icons(chart, better="lower").row(0, named=True)
    sentence = icon["sentence"] if has_limits(chart) else _without_limits(chart, now)
    return failing_lately(points), f"{sentence} {aim}"


def failing_lately(points: pl.DataFrame) -> str:
    """The newest month with failing rows, hidden ones included, and the newest before it that is shown.

    points: as `points_of` returns them.
    """
    failing = points.filter((pl.col("known") > 0) | (pl.col("hidden") > 0)).sort("period").to_dicts()
    if not failing:
        return "No row fails in any month"
    last = failing[-1]
    none_since = "" if last["period"] == points["period"].max() else ", and none since"
    title = f"{_failing(last)} in {words.month(last['period'])}{none_since}"
    shown = [row for row in failing if row["hidden"] == 0]
    if last["hidden"] and shown:
        title += f"; {words.lower_first(_failing(shown[-1]))} in {words.month(shown[-1]['period'])}"
    return title


def _failing(row: Mapping[str, Any]) -> str:
    """How many rows fail in a month, as far as it can be told."""
    if not row["hidden"]:
        known, checked = row["numerator"], row["denominator"]
        of = f" of {words.number(checked)} rows ({share(min(known / checked, 1))})" if checked else " rows"
        return f"{words.number(known)}{of} fail"
    if row["known"]:
        return f"{words.number(row['known'])} rows and some more {words.HIDDEN} fail"
    return f"Fewer than {HIDDEN_UNDER * row['hidden']} rows {words.HIDDEN} fail"


def _without_limits(chart: pl.DataFrame, now: Mapping[str, Any]) -> str:
    hidden = chart["numerator"].null_count()
    if chart["numerator"].sum() == 0:
        if hidden:
            return f"No failing row in the months shown; {hidden} of {chart.height} months are hidden {words.HIDDEN}."
        return "No row fails in any month."
    told = {"too_few_points": "There are too few months to say what is chance."}
    return told.get(str(now["reason"]), "The months do not differ enough to draw limits.")


def _notes(chart: pl.DataFrame, place: Place) -> list[str]:
    notes = []
    hidden = chart["value"].null_count()
    if hidden:
        notes.append(
            f"{hidden} of {chart.height} months are hidden {words.HIDDEN}: a laboratory has under 10 failing rows, "
            "or a count that could give such a number away."
        )
    if place.kind == "board":
        notes.append(f"Months are counted by laboratory, so this is Scotland, not {place.name} alone.")
    return notes


def control_chart(
    chart: pl.DataFrame, what: str, say: Callable[[Mapping[str, Any]], str], alt: str, at_most: float = 0.0
) -> Chart:
    """A share by month with its average, limits and special causes, higher being worse, and the share that may fail.

    chart: as `methods.special_causes.special_causes` returns it, of one series. say: what hovering over a month says.
    """
    figure = theme.blank(HEIGHT)
    rows = chart.to_dicts()
    days = [row["period"] for row in rows]
    for name in ("lower", "upper") if has_limits(chart) else ():
        figure.add_scatter(
            x=days, y=_percent(row[name] for row in rows), mode="lines",
            line={"color": theme.GREY, "dash": "dash", "width": 1}, name="Limits of chance",
            showlegend=name == "upper", hoverinfo="skip", connectgaps=True,
        )  # fmt: skip
    if has_limits(chart):
        figure.add_scatter(
            x=days, y=_percent(row["centre"] for row in rows), mode="lines", line={"color": theme.GREY, "width": 1},
            name="Average", hoverinfo="skip",
        )  # fmt: skip
    figure.add_scatter(
        x=days, y=_percent(row["value"] for row in rows), mode="lines+markers", name=what,
        line={"color": theme.NAVY, "width": 2}, marker={"color": theme.NAVY, "size": 6}, connectgaps=False,
        customdata=[day.isoformat() for day in days],
        text=[say(row) for row in rows], hovertemplate="%{text}<extra></extra>", showlegend=has_limits(chart),
    )  # fmt: skip
    marks = (
        (1, "Higher than chance: worse", theme.CLARET, "triangle-up"),
        (-1, "Lower than chance: better", theme.TEAL, "triangle-down"),
    )
    for way, name, colour, symbol in marks:
        found = [row for row in rows if row["special_cause"] is not None and row["direction"] == way]
        if found:
            figure.add_scatter(
                x=[row["period"] for row in found], y=_percent(row["value"] for row in found), mode="markers",
                name=name,
                marker={"color": colour, "symbol": symbol, "size": 11 if way > 0 else 8},
                text=[say(row) for row in found], hovertemplate="%{text}<extra></extra>",
            )  # fmt: skip
    _hidden(figure, rows)
    if at_most > 0:
        figure.add_hline(
            y=100 * at_most, line={"color": theme.INK, "width": 2, "dash": "dot"},
            annotation={"text": f"{100 * at_most:.3g}% may fail", "xanchor": "right"},
        )  # fmt: skip
    figure.update_yaxes(title_text=what, ticksuffix="%", rangemode="tozero")
    return Chart(figure, alt)


def _percent(values: Any) -> list[float | None]:
    return [None if value is None else 100 * value for value in values]


def _hidden(figure: Drawing, rows: list[dict[str, Any]]) -> None:
    """The shorthand in place of months that are hidden; only as many marks as fit."""
    hidden = [row["period"] for row in rows if row["value"] is None]
    if not hidden:
        return
    room = dt.timedelta(days=(rows[-1]["period"] - rows[0]["period"]).days / MARKS)
    marked: list[dt.date] = []
    for day in hidden:
        if not marked or day - marked[-1] >= room:
            marked.append(day)
    figure.add_scatter(
        x=marked, y=[0] * len(marked), mode="text", text=[words.HIDDEN] * len(marked), textposition="top center",
        textfont={"size": 11, "color": theme.GREY}, hovertext=[words.month(day) for day in marked],
        hovertemplate="%{hovertext}: hidden<extra></extra>", showlegend=False,
    )  # fmt: skip


def _say(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return f"{words.month(row['period'])}: {words.HIDDEN}"
    rule = f". {RULE[str(row['special_cause'])]}" if row["special_cause"] is not None else ""
    counts = f"{words.number(row['numerator'])} of {words.number(row['denominator'])} rows"
    return f"{words.month(row['period'])}: {share(row['value'])} ({counts}){rule}"


def _table(chart: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "Month": words.short_month(row["period"]),
                "Rows checked": count(row["denominator"]),
                "Failing": count(row["numerator"]),
                "Share": share(row["value"]),
                "Limits of chance": f"{share(row['lower'])} to {share(row['upper'])}"
                if row["lower"] is not None
                else words.NOT_AVAILABLE,
                "More than chance": RULE[str(row["special_cause"])] if row["special_cause"] is not None else "",
            }
            for row in chart.sort("period", descending=True).to_dicts()
        ]
    )


def _of_laboratories(snapshot: Snapshot, place: Place, rows: pl.DataFrame) -> tuple[Twin, ...]:
    """What each sender's own chart says; nothing where one place is chosen."""
    if place.kind == "lab" or rows["submitter"].n_unique() < 2:
        return ()
    points = rows.rename({"rows_failing": "numerator", "rows_checked": "denominator"}).drop("share", "check_id")
    icons = spc_icons(limits_of(points, ("submitter",)), by=("submitter",), better="lower")
    labels = {
        **snapshot.facts.labels.get("performing_lab", {}),
        **dict(snapshot.table("submissions").select("submitter", "label").unique().rows()),
    }
    failing = dict(points.group_by("submitter").agg(pl.col("numerator").null_count()).rows())
    told = [
        {
            "Sent by": labels.get(row["submitter"], row["submitter"]),
            "Newest month shown": words.short_month(row["period"]) if row["period"] else words.HIDDEN,
            "Share failing": share(row["value"]),
            "Limits of chance": f"{share(row['lower'])} to {share(row['upper'])}"
            if row["lower"] is not None
            else words.NOT_AVAILABLE,
            "What it says": row["sentence"] or _silent(row),
            "Months hidden": str(failing[row["submitter"]]),
        }
        for row in icons.to_dicts()
    ]
    return (Twin("Each laboratory by a chart of its own", pl.DataFrame(told), "check-by-laboratory"),)


def _silent(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return f"Every month is hidden {words.HIDDEN}."
    return "No limits can be drawn: no row fails in the months shown." if row["value"] == 0 else "Too little to say."


def _of_releases(snapshot: Snapshot, check_id: str) -> tuple[Twin, ...]:
    """The check's result in this release and earlier ones, newest first."""
    rows = snapshot.table("check_history").filter(pl.col("check_id") == check_id)
    if rows.is_empty():
        return ()
    told = [
        {
            "Release of": words.iso_date(str(row["created_at"])),
            "Result": " ".join(STATUSES[row["status"]][:2]),
            "Checked": count(row["rows_checked"]),
            "Failing": "" if row["status"] in ("error", "not_applicable") else count(row["rows_failing"]),
        }
        for row in rows.sort("release_id", descending=True).to_dicts()
    ]
    return (Twin("In this release and earlier ones", pl.DataFrame(told), "check-by-release"),)
