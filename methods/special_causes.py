"""Signs that a process has changed: the rules read off control charts and run charts, as named sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from methods.groundwork.chart_sections import Numbers, Sections, Whole, arrange, numbers, runs

#: The rules, in the order in which they claim a point: the first that holds is its special cause.
RULES = ("outside", "trend", "two_of_three", "shift", "inner_third")
SPECIAL_CAUSE = pl.Enum(RULES)

Midway = Literal["breaks", "skipped"]


@dataclass(frozen=True)
class RuleSet:
    """Which patterns count as a special cause.

    shift: so many points in a row on one side of the centre. trend: so many points in a row that each rise, or each
    fall. inner_third: so many points in a row within a third of the limits. None leaves a rule out.
    outside: a point beyond a limit. two_of_three: of three points in a row on one side of the centre, two beyond two
    thirds of the way to the limit; `up_to_the_limit` counts only those not beyond the limit itself, `beyond` all.
    on_centre: whether a point on the centre breaks a shift or is skipped. ties: whether a point equal to the one
    before it breaks a trend or is skipped. Skipped points are not counted; those inside a signal are marked with it.
    precedence: which rule claims a point that several mark. source: who states the rules.
    """

    name: str
    shift: int | None
    trend: int | None
    outside: bool = True
    two_of_three: Literal["up_to_the_limit", "beyond"] | None = None
    inner_third: int | None = None
    on_centre: Midway = "breaks"
    ties: Midway = "breaks"
    precedence: tuple[str, ...] = RULES
    source: str = ""

    def __post_init__(self) -> None:
        for rule, least in (("shift", 2), ("trend", 3), ("inner_third", 2)):
            length = getattr(self, rule)
            if length is not None and length < least:
                raise ValueError(f"{rule} takes at least {least} points, not {length}")
        if self.two_of_three not in (None, "up_to_the_limit", "beyond"):
            raise ValueError(f"two_of_three is up_to_the_limit, beyond or None, not {self.two_of_three}")
        if wrong := {self.on_centre, self.ties} - {"breaks", "skipped"}:
            raise ValueError(f"on_centre and ties are breaks or skipped, not {', '.join(sorted(wrong))}")
        if sorted(self.precedence) != sorted(RULES):
            raise ValueError(f"precedence names each of {', '.join(RULES)} once, not {', '.join(self.precedence)}")

    def needed(self) -> list[str]:
        """The columns of a chart that these rules read."""
        limits = ["lower", "upper"] if self.outside or self.two_of_three else []
        near = ["lower_near", "upper_near"] if self.two_of_three else []
        inner = ["lower_inner", "upper_inner"] if self.inner_third else []
        return ["value", "centre", *limits, *near, *inner]


_MAKING_DATA_COUNT = "NHS England, Making Data Count, SPC tools from November 2023"

#: The rule sets in use in the United Kingdom, by name. Their publishers differ in more than the numbers: print the name
#: of the set on the chart.
PRESETS = {
    rules.name: rules
    for rules in (
        RuleSet(
            "scottish_run_chart",
            shift=6,
            trend=5,
            outside=False,
            on_centre="skipped",
            ties="skipped",
            source="Public Health Scotland, Scottish Pregnancy, Births and Neonatal Data dashboard, text of the rules",
        ),
        RuleSet(
            "phs_code",
            shift=6,
            trend=5,
            outside=False,
            source="Public Health Scotland, COVID-19 wider impacts dashboard, runchart_flags: what is computed there",
        ),
        RuleSet(
            "scottish_control_chart",
            shift=8,
            trend=6,
            two_of_three="up_to_the_limit",
            inner_third=15,
            on_centre="skipped",
            ties="skipped",
            source="Public Health Scotland, Scottish Pregnancy, Births and Neonatal Data dashboard; centre and ties as "
            "Provost and Murray 2011, The Health Care Data Guide",
        ),
        RuleSet("making_data_count_7", shift=7, trend=7, two_of_three="beyond", source=_MAKING_DATA_COUNT),
        RuleSet("making_data_count_6", shift=6, trend=6, two_of_three="beyond", source=_MAKING_DATA_COUNT),
        RuleSet(
            "nhsr_plot_the_dots",
            shift=7,
            trend=7,
            two_of_three="up_to_the_limit",
            source="NHSRplotthedots 0.2.2, ptd_spc",
        ),
    )
}


def special_causes(points: pl.DataFrame, rules: str | RuleSet, by: Sequence[str] = ()) -> pl.DataFrame:
    """The points of a chart at which the process shows more than chance, and by which rule.

    points: one row a point, as the charts of `methods.xmr`, `methods.attribute_charts` and `methods.run_charts` return
    it: columns `by`, `period`, `value`, `centre`, those of `lower`, `upper`, `lower_near`, `upper_near`,
    `lower_inner`, `upper_inner` that the rules read, and `section` if there are several. rules: a RuleSet, or the name
    of one of PRESETS.
    Returns all columns of the points, sorted by `by` and `period`, and: one column a rule, `outside`, `trend`,
    `two_of_three`, `shift` (1 high or rising, -1 low or falling, 0 not marked) and `inner_third` (1 or 0); then
    `special_cause` (the rule that claims the point, by the order of precedence, null for common cause), `direction`
    (1, -1 or 0, of that rule) and `rules` (the name of the set).

    Every member of a pattern is marked, and no pattern reaches over the start of a section. The turning point of two
    trends has the direction of the later. A missing value, a point without a centre and a point whose place is not
    known break every pattern and are never marked; a rule that needs a limit does not hold where there is none.
    Differences below 1e-12 of the largest value of a section count as none, so that a point on a line is on it.
    All three points of two-of-three lie on one side of the centre, in every set; the Scottish text does not say.
    Patterns end with a section in every set, and where rules clash the first in precedence decides; in NHS England's
    Excel tool patterns run on over sections, and improvement is shown.

    Source: Western Electric 1956, Statistical Quality Control Handbook; Perla, Provost and Murray 2011, BMJ Quality
    and Safety 20:46; each RuleSet names its own.
    """
    rules = _rule_set(rules)
    cut = pl.col("section").ne_missing(pl.col("section").shift()) if "section" in points.columns else pl.lit(False)
    chart, sections = arrange(points, by, rules.needed(), cut, (*RULES, "special_cause", "direction", "rules"))
    values = {name: numbers(chart, name) for name in rules.needed()}
    placed = np.isfinite(values["value"]) & ~np.isnan(values["centre"])
    value = np.where(placed, values["value"], np.nan)
    rounding = sections.rounding(value)
    side = _beyond(value, values["centre"], values["centre"], rounding)
    marks = dict.fromkeys(RULES, np.zeros(value.size, dtype=np.int64))
    if rules.outside:
        marks["outside"] = _beyond(value, values["lower"], values["upper"], rounding)
    if rules.trend is not None:
        marks["trend"] = _trend(value, sections, rules.trend, rules.ties, rounding)
    if rules.two_of_three:
        far = _beyond(value, values["lower_near"], values["upper_near"], rounding)
        if rules.two_of_three == "up_to_the_limit":
            far = np.where(_beyond(value, values["lower"], values["upper"], rounding) == 0, far, 0)
        marks["two_of_three"] = _two_of_three(side, far, sections)
    if rules.shift is not None:
        skipped = (side == 0) & placed & (rules.on_centre == "skipped")
        marks["shift"] = _long(*runs(side, sections.of, skipped), rules.shift)
    if rules.inner_third is not None:
        close = (value > values["lower_inner"] + rounding) & (value < values["upper_inner"] - rounding)
        marks["inner_third"] = _long(*runs(close.astype(np.int64), sections.of, close & False), rules.inner_third)
    return _claimed(chart.drop("misplaced"), marks, rules)


def _rule_set(rules: str | RuleSet) -> RuleSet:
    if isinstance(rules, RuleSet):
        return rules
    if rules not in PRESETS:
        raise ValueError(f"rules are a RuleSet or one of {', '.join(PRESETS)}, not {rules}")
    return PRESETS[rules]


def _beyond(value: Numbers, low: Numbers, high: Numbers, rounding: Numbers) -> Whole:
    """1 above the high line, -1 below the low one, 0 on or between them or where one is not known."""
    return (value > high + rounding).astype(np.int64) - (value < low - rounding).astype(np.int64)


def _long(state: Whole, length: Whole, least: int) -> Whole:
    """The state of the points that are in a run of at least so many."""
    return np.where(length >= least, state, 0)


def _trend(value: Numbers, sections: Sections, least: int, ties: Midway, rounding: Numbers) -> Whole:
    """The direction of the trend that each point is in, 0 for none."""
    known = ~np.isnan(value)
    neighbours = np.zeros(value.size, dtype=np.bool_)
    neighbours[1:] = (np.diff(sections.of) == 0) & known[1:] & known[:-1]
    change = np.zeros(value.size)
    change[1:] = _steps(value, rounding[1:])
    counted = ~(neighbours & (change == 0)) | (ties == "breaks")
    # Steps between the points that count; those into a section, and to and from a missing point, go nowhere.
    kept = np.flatnonzero(counted)
    step = np.zeros(kept.size + 1, dtype=np.int64)
    step[1:-1] = np.where(neighbours[kept[1:]], _steps(value[kept], rounding[kept[1:]]), 0)
    step[:-1] = _long(*runs(step[:-1], sections.of[kept], np.zeros(kept.size, dtype=np.bool_)), least - 1)
    # A point that counts is in the trend that it starts or carries on, else in the one that it ends; a tie only in one
    # that goes on after it.
    place = np.cumsum(counted) - 1
    into, onward = step[place], step[place + 1]
    return np.where(onward != 0, onward, np.where(counted, into, 0))


def _steps(value: Numbers, rounding: Numbers) -> Whole:
    """The direction from each value to the next, 0 where they are equal or one is not known."""
    rise = np.diff(value)
    return np.where(np.abs(rise) > rounding, np.sign(rise), 0).astype(np.int64)


def _two_of_three(side: Whole, far: Whole, sections: Sections) -> Whole:
    """The far points of any three neighbours on one side of the centre of which at least two are far."""
    marked = np.zeros_like(side)
    together = sections.of[2:] == sections.of[:-2]
    for way in (1, -1):
        same = together & (side[2:] == way) & (side[1:-1] == way) & (side[:-2] == way)
        out = (far == way).astype(np.int64)
        hit = same & (out[2:] + out[1:-1] + out[:-2] >= 2)
        near_by = np.zeros(side.size, dtype=np.bool_)
        for start in range(3):
            near_by[start : start + hit.size] |= hit
        marked = np.where(near_by & (far == way), way, marked)
    return marked


def _claimed(chart: pl.DataFrame, marks: dict[str, Whole], rules: RuleSet) -> pl.DataFrame:
    """The chart with its marks, and the rule that claims each point."""
    cause, direction = pl.lit(None, SPECIAL_CAUSE), pl.lit(0, pl.Int8)
    for rule in reversed(rules.precedence):
        holds = pl.col(rule) != 0
        way = pl.lit(0, pl.Int8) if rule == "inner_third" else pl.col(rule)
        cause = pl.when(holds).then(pl.lit(rule, SPECIAL_CAUSE)).otherwise(cause)
        direction = pl.when(holds).then(way).otherwise(direction)
    return chart.with_columns(pl.Series(rule, mark, dtype=pl.Int8) for rule, mark in marks.items()).with_columns(
        special_cause=cause, direction=direction, rules=pl.lit(rules.name)
    )
