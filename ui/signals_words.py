"""What a control chart says in plain sentences, each made by a rule from the chart's two icons and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ui import words
from ui.signals import Charts, Measure
from ui.signals_presets import Preset

Row = Mapping[str, Any]

#: Movement, by the code of the variation icon.
MOVEMENT = {
    "improvement_high": "improvement",
    "improvement_low": "improvement",
    "concern_high": "concern",
    "concern_low": "concern",
    "common_cause": "common_cause",
    "unusually_steady": "unusually_steady",
}

#: The sentence of each pair of icons; `{aim}` is what is aimed at, or `the target`.
SENTENCES: dict[tuple[str, str | None], str] = {
    ("improvement", "pass"): "Improving, and can be relied on to meet {aim}",
    ("improvement", "inconsistent"): "Improving, but cannot yet be relied on to meet {aim}",
    ("improvement", "fail"): "Improving, but not yet enough to meet {aim}",
    ("improvement", None): "Improving",
    ("concern", "pass"): "Getting worse, though it can still be relied on to meet {aim}",
    ("concern", "inconsistent"): "Getting worse, and cannot be relied on to meet {aim}",
    ("concern", "fail"): "Getting worse, and will miss {aim} unless something changes",
    ("concern", None): "Getting worse",
    ("common_cause", "pass"): "No real change: it can be relied on to meet {aim}",
    ("common_cause", "inconsistent"): "No real change: by chance it meets {aim} at times and misses it at others",
    ("common_cause", "fail"): "No real change: it will miss {aim} unless something changes",
    ("common_cause", None): "No real change",
    ("unusually_steady", "pass"): "Unusually steady, and can be relied on to meet {aim}",
    ("unusually_steady", "inconsistent"): "Unusually steady, and cannot be relied on to meet {aim}",
    ("unusually_steady", "fail"): "Unusually steady, and will miss {aim} unless something changes",
    ("unusually_steady", None): "Unusually steady",
}

#: Cautions, and what is said of them. Under the first three no verdict on the target is given: points that settle have
#: no limits, and limits are too young or of a time of change. The last holds for days, which have no target.
CAUTIONS = {
    "settling": "The months after a change of the standards are settling: they are drawn and not judged.",
    "too_few_points": "Too few points since the limits started again to say what can be relied on.",
    "unsteady": "Over half of the points since the limits started are signals: the figures moved so much that limits "
    "and average describe a time of change, and do not say what to expect.",
    "too_many_unchanged": "Most points equal the one before, so the limits are tighter than they should be: take "
    "signals with care.",
}

#: What a mark means, by rule, with the number of points that the set asks for.
RULE = {
    "outside": "beyond the {side} limit",
    "trend": "one of {trend} or more in a row, each {changed} than the one before",
    "two_of_three": "one of 2 of 3 in a row near the {side} limit",
    "shift": "one of {shift} or more in a row {way} the {centre}",
    "inner_third": "one of {inner_third} or more unusually close to the {centre}",
}


def verdict(icon: Row) -> str | None:
    """The assurance that may be told: none where limits are too young or of a time of change."""
    found: str | None = icon["assurance"]
    return None if icon["caution"] in ("settling", "too_few_points", "unsteady") else found


def sentence(icon: Row, target: float | None) -> str:
    """What the two icons say together: movement, and whether the target can be relied on."""
    if icon["caution"] == "settling":
        return "Still settling after a change of the standards, so not judged"
    if icon["variation"] is None:
        return "Too little to say whether it changed"
    aim = f"{target:.0%}" if target is not None else "the target"
    return SENTENCES[(MOVEMENT[icon["variation"]], verdict(icon))].format(aim=aim)


def mark(row: Row, preset: Preset) -> str:
    """By which rule a point is a signal, in words; empty where it is none."""
    if row["special_cause"] is None:
        return ""
    rules, is_up = preset.rules_of(row["carried_over"]), row["direction"] > 0
    return RULE[str(row["special_cause"])].format(
        trend=rules.trend,
        shift=rules.shift,
        inner_third=rules.inner_third,
        centre=preset.centre,
        way="above" if is_up else "below",
        side="upper" if is_up else "lower",
        changed="higher" if is_up else "lower",
    )


def amount(measure: Measure, value: float | None, denominator: int | None = None) -> str:
    """A value of a measure, or its shorthand."""
    if value is None:
        return words.NOT_AVAILABLE
    if measure.statistic == "share":
        return words.percent(min(max(value, 0.0), 1.0), denominator)
    return f"{max(value, 0.0):,.1f} days" if value % 1 else words.days(max(value, 0.0))


def period(row: Row) -> str:
    """The period of a point in words."""
    return words.period(row["grain"], row["period"], row["period_end"])


def finding(charts: Charts, code: str, place: str) -> tuple[str, str]:
    """Title and summary of one chart: what the icons say; then the newest final point, average, limits and rule."""
    icon, rows = charts.icons[code], charts.of(code)
    told = words.lower_first(sentence(icon, charts.target))
    final = rows.filter("is_final")
    known = final.filter(pl.col("value").is_not_null())
    if known.is_empty():
        return f"{place}: every point is hidden {words.HIDDEN}", "So few people stand behind each that none is shown."
    now = known.row(-1, named=True)
    value = amount(charts.measure, now["value"], now["denominator"])
    measure = charts.measure
    point = f"{value} of requests due in {period(now)} were reported within standard."
    if measure.statistic != "share":
        point = f"Half of requests received in {period(now)} were reported within {value}."
    marked = mark(now, charts.preset)
    parts = [point]
    if not now["is_settling"]:
        parts += [f"That is {marked}." if marked else "By these rules it is no signal.", _lines(charts, now)]
    newest = final.row(-1, named=True)
    if newest["value"] is None:
        parts.insert(0, f"{period(newest)} is hidden {words.HIDDEN}; this is the last shown.")
    if icon["caution"] in CAUTIONS:
        parts.append(CAUTIONS[icon["caution"]])
    return f"{place}: {told}", " ".join(parts)


def _lines(charts: Charts, now: Row) -> str:
    """Average and limits of the newest section, from when."""
    if now["centre"] is None:
        return "There is too little to draw an average."
    rows = charts.of(now["code"]).filter("is_final").filter(pl.col("section") == now["section"])
    since = period(rows.row(0, named=True))
    size = now["denominator"]
    text = f"The {charts.preset.centre} since {since} is {amount(charts.measure, now['centre'], size)}"
    if now["lower"] is None:
        return f"{text}."
    low, high = (amount(charts.measure, now[name], size) for name in ("lower", "upper"))
    return f"{text}; by chance alone nearly every point would lie between {low} and {high}."


def say(row: Row, charts: Charts) -> str:
    """What hovering over a point says."""
    text = amount(charts.measure, row["value"], row["denominator"])
    if not row["is_final"]:
        return f"{text}, {words.PERIOD_STATUS[row['period_status']].lower()}, not judged"
    if row["is_settling"]:
        return f"{text}, settling, not judged"
    marked = mark(row, charts.preset)
    return f"{text}, {marked}" if marked else text
