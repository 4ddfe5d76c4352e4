"""What changed: sentences on real changes of the newest final periods, each made by a named rule with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ui import signals_words, words
from ui.data import Snapshot
from ui.figures import of_scotland
from ui.made_once import made_once
from ui.signals import MARKS, Charts, charts, icons_of, judge, mark_again
from ui.signals_filters import VIEWS, address
from ui.signals_presets import DEFAULT, Preset
from ui.signals_words import amount

#: Changes are looked for in so many of the newest final months: three points of a month, or one of a quarter.
NEW = 3

#: The most sentences that are shown.
MOST = 10

#: Where changes are looked for, in this order: keys of the views of the page.
LOOKED_AT = ("scotland", "lab", "board", "category", "technology")

#: The rules in the order in which they claim a chart's movement; a chart has one sentence on it, and one on its target.
MOVEMENTS = ("outside", "shift", "trend", "two_of_three")

#: What each rule is called on the page.
RULES = {
    "outside": "a point beyond a limit",
    "shift": "a shift",
    "trend": "a trend",
    "two_of_three": "points near a limit",
    "assurance": "a change of what can be relied on",
}


@dataclass(frozen=True)
class Change:
    """One sentence on one chart, with the rule that made it.

    size: how far the figures moved, times the requests that a point stands for: by this, changes are put in order.
    way: 1 better, -1 worse. query: what opens the chart on the page.
    """

    rule: str
    code: str
    place: str
    sentence: str
    size: float
    way: int
    query: tuple[tuple[str, str], ...]

    @property
    def said(self) -> str:
        """The sentence, led by whether it is for the better."""
        return f"**{'Better' if self.way > 0 else 'Worse'}.** {self.place}: {self.sentence}"


@dataclass(frozen=True)
class Changes:
    """Every change, the largest first; how many charts were looked at, and by which rules."""

    found: tuple[Change, ...]
    looked_at: int
    preset: Preset

    @property
    def shown(self) -> tuple[Change, ...]:
        """The largest changes."""
        return self.found[:MOST]


def what_changed(snapshot: Snapshot, preset: str = DEFAULT.name) -> Changes:
    """The real changes of the newest final months over Scotland, laboratories, boards, categories and technologies."""
    return _what_changed(snapshot.key, preset, snapshot)


@made_once(30)
def _what_changed(key: str, preset: str, _snapshot: Snapshot) -> Changes:  # noqa: ARG001 - key: the release
    found: list[Change] = []
    looked_at = 0
    rules = DEFAULT
    for view in (VIEWS[name] for name in LOOKED_AT):
        drawn = charts(_snapshot, "share", view.dimension, preset)
        if drawn is None:
            continue
        rules = drawn.preset
        counted = of_scotland(view.dimension) if view.dimension else None
        codes = [code for code in drawn.codes if counted is None or code in counted]
        looked_at += len(codes)
        names = {code: _snapshot.label(view.dimension or "", code) or "Scotland" for code in codes}
        queries = {code: tuple(address(view.key, names[code]).items()) for code in codes}
        found += changes(drawn, names, queries)
    ordered = sorted(found, key=lambda change: -change.size)
    return Changes(tuple(ordered), looked_at, rules)


def changes(
    drawn: Charts, names: Mapping[str, str], queries: Mapping[str, tuple[tuple[str, str], ...]]
) -> list[Change]:
    """Every change that the charts of `names` show, in their order.

    names, queries: code to the name of its place and to what opens its chart. A chart whose limits rest on too few
    points gives none.
    """
    points = drawn.points.filter("is_final", pl.col("code").is_in(list(names)))
    if points.is_empty():
        return []
    newest = pl.col("period_end").max().over("code")
    points = points.with_columns(is_new=pl.col("period_end") > newest.dt.offset_by(f"-{NEW}mo").dt.month_end())
    before = _as_it_stood(points, drawn.preset)
    stood = _assurance_before(points, drawn)
    found = []
    for code, name in names.items():
        rows = points.filter(pl.col("code") == code).sort("period").to_dicts()
        if not rows or rows[-1]["caution"] == "too_few_points" or rows[-1]["centre"] is None:
            continue
        made = [_moved(rows, before.get(code, {}), drawn), _relied_on(rows, stood.get(code), drawn)]
        found += [
            Change(rule, code, name, told, size, way, queries.get(code, ()))
            for one in made
            if one is not None
            for rule, told, size, way in [one]
        ]
    return found


Made = tuple[str, str, float, int]
Row = Mapping[str, Any]


def _as_it_stood(points: pl.DataFrame, preset: Preset) -> dict[str, Row]:
    """The marks of the last point before the newest, by code, read off the same limits without the newest."""
    older = points.filter(~pl.col("is_new")).drop(*MARKS)
    if older.is_empty():
        return {}
    marked = mark_again(older.filter(~pl.col("is_settling")), preset)
    return {row["code"]: row for row in marked.group_by("code", maintain_order=True).last().to_dicts()}


def _assurance_before(points: pl.DataFrame, drawn: Charts) -> dict[str, str | None]:
    """What could be relied on by the chart as it was without its newest points, by code."""
    kept = ["code", "period", "value", "grain", "is_final", "rebase", "is_settling"]
    older = points.filter(~pl.col("is_new")).select(kept)
    if older.is_empty() or drawn.target is None:
        return {}
    icons = icons_of(judge(older, drawn.preset), drawn.better, drawn.target)
    return {code: signals_words.verdict(icon) for code, icon in icons.items()}


def _moved(rows: list[dict[str, Any]], before: Row, drawn: Charts) -> Made | None:
    """The first rule that holds at one of the newest points and did not hold, the same way, just before them."""
    for rule in MOVEMENTS:
        marked = [row for row in rows if row["is_new"] and row[rule]]
        if not marked or marked[-1][rule] == before.get(rule, 0):
            continue
        # Of a chart that was already on that side by a stronger rule, points near its limit are no news.
        if rule == "two_of_three" and marked[-1][rule] in (before.get("outside"), before.get("shift")):
            continue
        last = marked[-1]
        run = _run(rows, rule, last)
        way = last[rule] * (1 if drawn.better == "higher" else -1)
        moved = abs(run[-1]["value"] - run[0]["value"] if rule == "trend" else _mean(run, "value") - last["centre"])
        told = _beyond_limit(last, drawn) if rule == "outside" else OF_RUNS[rule](run, last, drawn)
        return rule, told, moved * _mean(run, "denominator"), way
    return None


def _run(rows: list[dict[str, Any]], rule: str, last: Row) -> list[dict[str, Any]]:
    """The points of one pattern: those marked the same way, one after the other, up to the last.

    Of points near a limit, those of the newest three: the third between them need not be near it.
    """
    if rule == "two_of_three":
        place = [row["period"] for row in rows].index(last["period"])
        return [row for row in rows[max(place - 2, 0) : place + 1] if row[rule] == last[rule]]
    found: list[dict[str, Any]] = []
    for row in rows:
        if row[rule] == last[rule] and row["section"] == last["section"]:
            found.append(row)
        else:
            found = []
        if row["period"] == last["period"]:
            break
    return [row for row in found if row["value"] is not None]


def _mean(rows: list[dict[str, Any]], name: str) -> float:
    known = [row[name] for row in rows if row[name] is not None]
    return sum(known) / len(known) if known else 1.0


def _beyond_limit(last: Row, drawn: Charts) -> str:
    side = "above" if last["outside"] > 0 else "below"
    low, high = (_said(drawn, last[name], last) for name in ("lower", "upper"))
    value = _said(drawn, last["value"], last)
    side = f"just {side}" if value in (low, high) else side
    return (
        f"{value} of requests due in {_period(last)} were reported within standard, {side} the limits of chance "
        f"({low} to {high})."
    )


def _shifted(run: list[dict[str, Any]], last: Row, drawn: Charts) -> str:
    side = "above" if last["shift"] > 0 else "below"
    mean, centre = (_said(drawn, value, last) for value in (_mean(run, "value"), last["centre"]))
    return (
        f"the share within standard has been {side} its {drawn.preset.centre} of {centre} for {len(run)} "
        f"{_unit(last)} in a row, {_span(run)}; over them it was {mean}."
    )


def _trending(run: list[dict[str, Any]], last: Row, drawn: Charts) -> str:
    verb = "risen" if last["trend"] > 0 else "fallen"
    first, now = (_said(drawn, row["value"], row) for row in (run[0], run[-1]))
    return (
        f"the share within standard has {verb} for {len(run)} {_unit(last)} in a row, from {first} in "
        f"{_period(run[0])} to {now} in {_period(run[-1])}."
    )


def _near_limit(run: list[dict[str, Any]], last: Row, drawn: Charts) -> str:
    side = "upper" if last["two_of_three"] > 0 else "lower"
    values = words.joined([f"{_said(drawn, row['value'], row)} in {_period(row)}" for row in run])
    return (
        f"the share within standard lay near or beyond the {side} limit of chance ({_said(drawn, last[side], last)}) "
        f"in {len(run)} of 3 {_unit(last)}: {values}."
    )


#: What makes the sentence of each rule that reads several points.
OF_RUNS = {"shift": _shifted, "trend": _trending, "two_of_three": _near_limit}

#: What is said of a change of assurance, by what it was and is.
RELIED_ON = {
    ("fail", "inconsistent"): "{aim} is now within reach",
    ("fail", "pass"): "can now be relied on to meet {aim}",
    ("inconsistent", "pass"): "can now be relied on to meet {aim}",
    ("inconsistent", "fail"): "will now miss {aim} unless something changes",
    ("pass", "inconsistent"): "can no longer be relied on to meet {aim}",
    ("pass", "fail"): "will now miss {aim} unless something changes",
}
_ORDER = ("fail", "inconsistent", "pass")


def _relied_on(rows: list[dict[str, Any]], stood: str | None, drawn: Charts) -> Made | None:
    """Whether what can be relied on is other than by the chart without its newest points."""
    icon, last = drawn.icons[rows[-1]["code"]], rows[-1]
    now = signals_words.verdict(icon)
    if now is None or stood is None or now == stood or drawn.target is None or last["lower"] is None:
        return None
    low, high = (_said(drawn, last[name], last) for name in ("lower", "upper"))
    told = RELIED_ON[(stood, now)].format(aim=f"{drawn.target:.0%}")
    way = 1 if _ORDER.index(now) > _ORDER.index(stood) else -1
    gap = min(abs(drawn.target - last["lower"]), abs(drawn.target - last["upper"]))
    sentence = f"{told}: with the figures to {_period(last)}, the limits of chance are {low} to {high}."
    return "assurance", sentence, gap * (last["denominator"] or 1), way


def _said(drawn: Charts, value: float, row: Row) -> str:
    return amount(drawn.measure, value, row["denominator"])


def _unit(row: Row) -> str:
    return "months" if row["grain"] == "month" else "quarters"


def _period(row: Row) -> str:
    return signals_words.period(row)


def _span(run: list[dict[str, Any]]) -> str:
    return f"{words.month(run[0]['period'])} to {words.month(run[-1]['period_end'])}"


def by_chance(found: Changes) -> str:
    """How many sentences would come by chance alone, so that a reader does not take the list for all real."""
    expected = found.looked_at * found.preset.news
    more = "" if found.preset.allows else ", and more where one month carries over into the next"
    return (
        f"{found.looked_at} charts were looked at by the rules {found.preset.label}. If nothing had changed anywhere, "
        f"about {expected:.0f} of them would still give a sentence by chance{more}, so look at the chart before acting."
    )
