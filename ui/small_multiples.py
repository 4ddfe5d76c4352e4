"""Many small control charts on one scale, each with its icons and words, as one light piece of HTML without scripts.

Drawings are images that hold themselves, since Streamlit strips drawings that stand in the HTML.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from html import escape
from math import log2
from typing import Any
from urllib.parse import quote

import polars as pl

from ui import signals_words, theme, words
from ui.signals import Charts

#: The drawing surface of a chart; the browser scales it to the width of its card.
WIDTH, HEIGHT, EDGE = 280, 92, 6

#: As many marks of hidden points fit side by side on a small chart.
MARKS = 8

#: Letter, shape, colour and meaning of each icon: no two share a shape, so colour is never the only sign.
ICONS = {
    "improvement": ("circle", theme.NAVY, "improving"),
    "concern": ("square", theme.CLARET, "getting worse"),
    "common_cause": ("circle", theme.GREY, "no real change"),
    "unusually_steady": ("circle", theme.GREY, "unusually steady"),
}
ARROWS = {"high": "M-5 2L0 -5L5 2M0 -5V6", "low": "M-5 -2L0 5L5 -2M0 5V-6"}
WAVE, FLAT = "M-6 1Q-3 -5 0 0T6 -1", "M-6 -2H6M-6 3H6"
ASSURANCE = {
    "pass": ("M-5 0L-1 4L5 -4", theme.NAVY, "can be relied on to meet the line"),
    "inconsistent": ("M-6 4H6M-4 -1L0 -5L4 -1", theme.GREY, "meets the line at times"),
    "fail": ("M-4 -4L4 4M4 -4L-4 4", theme.CLARET, "misses the line unless something changes"),
}

STYLE = f"""<style>
.gm-cards {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(min(250px, 100%), 1fr)); gap: 12px; }}
.gm-card {{ border: 1px solid {theme.RULE}; border-radius: 4px; padding: 10px 12px; min-width: 0; font-size: 0.9rem;
 line-height: 1.35; }}
.gm-card .gm-chart {{ display: block; width: 100%; height: auto; margin: 6px 0; }}
.gm-name {{ font-weight: 700; }}
.gm-icons {{ display: flex; gap: 4px; float: right; margin-left: 6px; }}
.gm-when {{ color: {theme.GREY}; }}
.gm-key {{ display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; font-size: 0.9rem; }}
.gm-key span {{ display: inline-flex; gap: 6px; align-items: center; }}
</style>"""


def image(drawing: str, box: str, alt: str, css: str = "", size: int | None = None) -> str:
    """A drawing as an image: box is its coordinates; an empty alt is for one that the words beside it say already."""
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='{box}'>{drawing}</svg>"
    sized = f' width="{size}" height="{size}"' if size else ""
    named = f' class="{css}"' if css else ""
    return f'<img{named}{sized} alt="{escape(alt)}" src="data:image/svg+xml,{quote(svg, safe=SAFE)}">'


#: Characters that an address of an image may hold as they are.
SAFE = " =:;/,.()-+*!~'"


def icons(icon: Mapping[str, Any], size: int = 26) -> str:
    """The two icons of a chart with their meaning as their text; one alone where there is no verdict on a target."""
    return _variation(icon["variation"], size) + _assurance(signals_words.verdict(icon), size)


def _variation(code: str | None, size: int = 26, alt: str | None = None) -> str:
    if code is None:
        return ""
    movement = signals_words.MOVEMENT[code]
    shape, colour, meaning = ICONS[movement]
    path = ARROWS.get(code.rpartition("_")[2], FLAT if movement == "unusually_steady" else WAVE)
    return _icon(shape, colour, path, meaning if alt is None else alt, size)


def _assurance(code: str | None, size: int = 26, alt: str | None = None) -> str:
    if code is None:
        return ""
    path, colour, meaning = ASSURANCE[code]
    return _icon("target", colour, path, meaning if alt is None else alt, size)


def _icon(shape: str, colour: str, path: str, meaning: str, size: int) -> str:
    edge = f"fill='none' stroke='{colour}' stroke-width='2'"
    outline = {
        "circle": f"<circle r='11' {edge}/>",
        "square": f"<rect x='-11' y='-11' width='22' height='22' {edge}/>",
        "target": f"<circle r='11' {edge} stroke-dasharray='3 2'/>",
    }[shape]
    drawing = f"{outline}<path d='{path}' fill='none' stroke='{colour}' stroke-width='2.2'/>"
    return image(drawing, "-13 -13 26 26", meaning, size=size)


def heading_icons(icon: Mapping[str, Any]) -> str:
    """The icons of one chart, larger, each with its meaning beside it."""
    found = []
    if icon["variation"] is not None:
        meaning = ICONS[signals_words.MOVEMENT[icon["variation"]]][2]
        found.append(f"<span>{_variation(icon['variation'], 34, '')}{escape(meaning)}</span>")
    verdict = signals_words.verdict(icon)
    if verdict is not None:
        found.append(f"<span>{_assurance(verdict, 34, '')}{escape(ASSURANCE[verdict][2])}</span>")
    return f'{STYLE}<div class="gm-key">{"".join(found)}</div>' if found else ""


def key(charts: Charts) -> str:
    """What the icons mean; those of the target only where there is one."""
    high, low = ("improvement", "concern") if charts.better == "higher" else ("concern", "improvement")
    shown = [f"{high}_high", f"{low}_low", "common_cause", "unusually_steady"]
    if charts.better != "higher":
        shown[:2] = shown[1::-1]
    parts = [f"<span>{_variation(code, alt='')}{ICONS[signals_words.MOVEMENT[code]][2]}</span>" for code in shown]
    if charts.target is not None and not charts.preset.is_run_chart:
        parts += [f"<span>{_assurance(code, alt='')}{meaning}</span>" for code, (_, _, meaning) in ASSURANCE.items()]
    return f'{STYLE}<div class="gm-key">{"".join(parts)}</div>'


def cards(charts: Charts, labels: Mapping[str, str]) -> str:
    """One card a chart in the order of the list, never ranked, and one for each code without a chart, saying why.

    labels: code to name of everything to show, in order.
    """
    scale = Scale(charts)
    found = []
    for code, name in labels.items():
        if code in charts.icons:
            found.append(_card(charts, code, name, scale))
        elif code in charts.without:
            found.append(_empty(name, charts.without[code]))
    return f'{STYLE}<div class="gm-cards" role="list">{"".join(found)}</div>'


class Scale:
    """Where days and values lie on every small chart: the same for all, so that they can be compared.

    Shares run from a round five per cent below the lowest to 100%; days double at each step, since some tests take 2
    days and others 70.
    """

    def __init__(self, charts: Charts) -> None:
        points = charts.points
        self.first: dt.date = points["period"].min()  # type: ignore[assignment]
        self.last: dt.date = points["period"].max()  # type: ignore[assignment]
        values = points.select(pl.concat_list("value", "lower", "upper").list.explode()).to_series().drop_nulls()
        least, most = float(values.min() or 0), float(values.max() or 1)  # type: ignore[arg-type]
        if charts.measure.statistic == "share":
            least = min(least, charts.target if charts.target is not None else 1.0)
            self.low, self.high = max(0.0, (20 * least // 1) / 20), 1.0
        else:
            self.low, self.high = 1.0, max(most, 2.0)
        self.is_log = charts.measure.statistic != "share"

    def x(self, day: dt.date) -> float:
        """How far from the left a day lies."""
        return EDGE + (WIDTH - 2 * EDGE) * (day - self.first).days / max((self.last - self.first).days, 1)

    def y(self, value: float) -> float:
        """How far from the top a value lies; what lies beyond the scale is drawn at its edge."""
        at, low, high = min(max(value, self.low), self.high), self.low, self.high
        if self.is_log:
            at, low, high = log2(at), log2(low), log2(high)
        part = (at - low) / (high - low or 1)
        return EDGE + (HEIGHT - 2 * EDGE) * (1 - part)


def _card(charts: Charts, code: str, name: str, scale: Scale) -> str:
    icon, rows = charts.icons[code], charts.of(code).to_dicts()
    told = signals_words.sentence(icon, charts.target)
    known = [row for row in rows if row["is_final"] and row["value"] is not None]
    now = ""
    if known:
        value = signals_words.amount(charts.measure, known[-1]["value"], known[-1]["denominator"])
        now = f"{value}, {signals_words.period(known[-1])}"
    quarters = " A point a quarter." if rows[0]["grain"] == "quarter" else ""
    return (
        f'<div class="gm-card" role="listitem"><span class="gm-icons">{icons(icon)}</span>'
        f'<span class="gm-name">{escape(name)}</span><br>'
        f'<span class="gm-when">{escape(now)}</span>{_drawing(charts, rows, scale)}'
        f"{escape(told)}.{escape(_caution(icon))}{quarters}</div>"
    )


def _caution(icon: Mapping[str, Any]) -> str:
    return {
        "settling": " Drawn, not judged.",
        "too_few_points": " Too few points for limits to be trusted.",
        "unsteady": " Too unsettled to say what to expect.",
    }.get(icon["caution"] or "", "")


def _empty(name: str, why: str) -> str:
    return f'<div class="gm-card" role="listitem"><span class="gm-name">{escape(name)}</span><br>{escape(why)}</div>'


def _drawing(charts: Charts, rows: Sequence[Mapping[str, Any]], scale: Scale) -> str:
    parts = []
    if charts.target is not None:
        parts.append(_path([[(0, scale.y(charts.target)), (WIDTH, scale.y(charts.target))]], theme.INK, 1, "5 3"))
    for name, dash in (("lower", "3 3"), ("upper", "3 3"), ("centre", "")):
        parts.append(_path(_runs(rows, name, scale, "section"), theme.GREY, 1, dash))
    parts.append(_path(_runs(rows, "value", scale), theme.NAVY, 1.8))
    parts += [_mark(charts, row, scale) for row in rows if row["value"] is not None]
    parts.append(_hidden(rows, scale))
    return image("".join(parts), f"0 0 {WIDTH} {HEIGHT}", "", "gm-chart")


def _runs(
    rows: Sequence[Mapping[str, Any]], name: str, scale: Scale, by: str | None = None
) -> list[list[tuple[float, float]]]:
    """Unbroken runs of a column as places on the chart: a gap or a new section starts another."""
    runs: list[list[tuple[float, float]]] = [[]]
    before = None
    for row in rows:
        if row[name] is None or (by is not None and row[by] != before):
            runs.append([])
        before = row[by] if by else None
        if row[name] is not None:
            runs[-1].append((scale.x(row["period"]), scale.y(row[name])))
    return [run for run in runs if run]


def _path(runs: Sequence[Sequence[tuple[float, float]]], colour: str, width: float, dash: str = "") -> str:
    drawn = "".join("M" + "L".join(f"{x:.0f} {y:.1f}" for x, y in run) for run in runs if len(run) > 1)
    dashed = f" stroke-dasharray='{dash}'" if dash else ""
    return f"<path d='{drawn}' fill='none' stroke='{colour}' stroke-width='{width}'{dashed}/>" if drawn else ""


def _mark(charts: Charts, row: Mapping[str, Any], scale: Scale) -> str:
    """A triangle for a signal, an open ring for a point that may still change; nothing else is marked."""
    x, y = scale.x(row["period"]), scale.y(row["value"])
    if not row["is_final"]:
        return (
            f"<circle cx='{x:.0f}' cy='{y:.1f}' r='3' fill='{theme.PAPER}' stroke='{theme.NAVY}' stroke-width='1.5'/>"
        )
    way = row["direction"]
    if not way:
        return ""
    good = (way > 0) == (charts.better == "higher")
    colour = theme.BLUE if good else theme.ORANGE
    return f"<path d='M{x - 4:.0f} {y + 3 * way:.1f}h8l-4 {-7 * way}z' fill='{colour}'/>"


def _hidden(rows: Sequence[Mapping[str, Any]], scale: Scale) -> str:
    """The shorthand at the foot of the chart where points are hidden; only as many marks as fit."""
    places: list[float] = []
    for row in rows:
        x = scale.x(row["period"])
        if row["value"] is None and (not places or x - places[-1] >= WIDTH / MARKS):
            places.append(x)
    return "".join(
        f"<text x='{x:.0f}' y='{HEIGHT - 2}' font-size='10' font-family='Arial' text-anchor='middle' "
        f"fill='{theme.GREY}'>{words.HIDDEN}</text>"
        for x in places
    )
