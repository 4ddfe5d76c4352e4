"""How soon the charts signal what was planted, and how often where nothing was: `python -m tests.study.signals_study`.

A trouble bears on a chart by its effect: the share of a month without it less the share with it, all else drawn alike.
Where that reaches three standard deviations of the chart's own limits (without the trouble), the trouble starts there;
it is signalled when the chart, drawn with the months known by then and no later ones, marks a point as low from that
start on. Where the start falls into months that settle, which have no limits, those after them are taken, and the
trouble is counted apart: such months are not judged. Told apart are also charts whose limits could be trusted the month
before: those without the page's own cautions of too few points, or of mostly signals. False alarms are counted where no
trouble was planted at all: months marked, of all months judged.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from pipelines.demo import truth
from tests.study.worlds import CHARTS, World, restarts_of, world
from ui.signals import judge
from ui.signals_presets import BY_NAME, DEFAULT, Preset

#: A trouble of so many standard deviations of a chart has to be signalled, within so many months after its start.
SIGMAS, WITHIN_MONTHS = 3.0, 2

#: A year of requests, as the demonstration has by default, and years.
SIZE = round(60_000 * 5.5)


#: Where a month stands to the change of the standards: on charts that it does not bear on, before or after it.
SIDES = ("none", "before", "after")


@dataclass
class Found:
    """Tallies of one or more seeds.

    started: a row a trouble and chart: months from its start to its signal, None where there was none in time.
    marked, months: months marked and judged, by kind of chart and one of SIDES. shuffled: months marked where the
    months of each chart stand in a random order, so that none carries over.
    """

    started: list[dict[str, object]] = field(default_factory=list)
    marked: dict[tuple[str, str], int] = field(default_factory=dict)
    months: dict[tuple[str, str], int] = field(default_factory=dict)
    shuffled: dict[tuple[str, str], int] = field(default_factory=dict)

    def signalled(self, charts: Sequence[str] = tuple(CHARTS), trusted: bool | None = None) -> tuple[int, int]:
        """Troubles signalled in time, of all that reached three standard deviations in months that are judged.

        trusted: only charts whose limits could, or could not, be trusted the month before.
        """
        rows = [
            row
            for row in self.started
            if row["chart"] in charts and not row["settling"] and trusted in (None, row["trusted"])
        ]
        return sum(row["months"] is not None for row in rows), len(rows)

    def settling(self, charts: Sequence[str] = tuple(CHARTS)) -> int:
        """Troubles that began in months that are not judged, so that no chart of these could signal them."""
        return sum(row["chart"] in charts and bool(row["settling"]) for row in self.started)

    def rate(self, side: str, charts: Sequence[str] = tuple(CHARTS), shuffled: bool = False) -> float:
        """Share of months marked, of those judged, on one of SIDES."""
        keys = [key for key in self.months if key[0] in charts and key[1] == side]
        tally = self.shuffled if shuffled else self.marked
        return sum(tally.get(key, 0) for key in keys) / max(sum(self.months[key] for key in keys), 1)


def study(seeds: Sequence[int], preset: Preset = DEFAULT, size: int = SIZE) -> Found:
    """What was planted and found over these seeds."""
    found = Found()
    for seed in seeds:
        calm = world(seed, size, ())
        _false_alarms(calm, preset, found, seed)
        for trouble in truth.TROUBLES:
            _troubled(calm, world(seed, size, (trouble,)), trouble.name, preset, found, seed)
    return found


def _false_alarms(calm: World, preset: Preset, found: Found, seed: int) -> None:
    for kind, columns in CHARTS.items():
        points = calm.points(columns)
        mixed = points.with_columns(value=pl.col("value").shuffle(seed=seed).over("code"))
        for tally, judged in ((found.marked, judge(points, preset)), (found.shuffled, judge(mixed, preset))):
            for row in _counted(judged, columns).iter_rows(named=True):
                key = (kind, row["side"])
                tally[key] = tally.get(key, 0) + row["marked"]
                if tally is found.marked:
                    found.months[key] = found.months.get(key, 0) + row["months"]


def _counted(judged: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """Months marked and judged, by side of the standards change."""
    moved = [name for name in judged["code"].unique() if restarts_of(columns, name)]
    side = (
        pl.when(~pl.col("code").is_in(moved))
        .then(pl.lit("none"))
        .when(pl.col("section") == 1)
        .then(pl.lit("before"))
        .otherwise(pl.lit("after"))
    )
    marked = pl.col("special_cause").is_not_null().sum()
    return judged.filter(~pl.col("is_settling")).group_by(side=side).agg(marked=marked, months=pl.len()).sort("side")


def _troubled(calm: World, troubled: World, name: str, preset: Preset, found: Found, seed: int) -> None:
    for kind, columns in CHARTS.items():
        without = judge(calm.points(columns), preset)
        sigma = ((pl.col("upper") - pl.col("centre")) / 3).backward_fill().over("code", order_by="period")
        effects = (
            without.with_columns(sigma=sigma)
            .join(troubled.points(columns).select("code", "period", with_it="value"), on=["code", "period"])
            .filter(pl.col("value") - pl.col("with_it") >= SIGMAS * pl.col("sigma"))
        )
        starts = effects.sort("period").group_by("code").agg(pl.col("period", "is_settling").first()).sort("code")
        for code, start, settling in starts.iter_rows():
            row = {"seed": seed, "trouble": name, "chart": kind, "code": code, "settling": settling}
            row["months"] = _months_to_signal(troubled, columns, code, start, preset)
            row["trusted"] = _could_be_trusted(troubled, columns, code, start, preset)
            found.started.append(row)


def _could_be_trusted(troubled: World, columns: tuple[str, ...], code: str, start: dt.date, preset: Preset) -> bool:
    """Whether the chart gave no caution with the months before the start."""
    known = _judged(troubled, columns, start, -1, preset).filter(pl.col("code") == code)
    return known.height > 0 and known["caution"].item(-1) is None


def _months_to_signal(
    troubled: World, columns: tuple[str, ...], code: str, start: dt.date, preset: Preset
) -> int | None:
    """Months from the start to the first month by whose data the chart marks a low point from the start on."""
    for late in range(WITHIN_MONTHS + 1):
        judged = _judged(troubled, columns, start, late, preset).filter(pl.col("code") == code)
        low = judged.filter((pl.col("period") >= start) & (pl.col("direction") < 0))
        if low.height:
            return late
    return None


def _judged(troubled: World, columns: tuple[str, ...], start: dt.date, late: int, preset: Preset) -> pl.DataFrame:
    """All charts of a kind with the months known so many months after the start, judged together as the page does."""
    return judge(troubled.points(columns, pl.Series([start]).dt.offset_by(f"{late}mo").item()), preset)


def report(found: Found, seeds: Sequence[int], preset: Preset) -> str:
    """The tallies as Markdown tables."""
    lines = [f"{len(seeds)} seeds, rules {preset.label}.", ""]
    lines += [
        "| chart | signalled in 2 months | where limits could be trusted | where not | began while settling |",
        "| --- | --- | --- | --- | --- |",
    ]
    kinds = {kind: (kind,) for kind in CHARTS} | {"all": tuple(CHARTS)}
    for name, of in kinds.items():
        cells = [_of(*found.signalled(of, trusted)) for trusted in (None, True, False)]
        lines.append(f"| {name} | {' | '.join(cells)} | {found.settling(of) or ''} |")
    lines += [
        "",
        "| chart | months marked, no standards change | the same, months shuffled | before the change | after it |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, of in kinds.items():
        months = {side: sum(found.months.get((kind, side), 0) for kind in of) for side in SIDES}
        told = {side: f"{found.rate(side, of):.1%} of {months[side]:,}" if months[side] else "" for side in SIDES}
        mixed = f"{found.rate('none', of, shuffled=True):.1%}" if months["none"] else ""
        lines.append(f"| {name} | {told['none']} | {mixed} | {told['before']} | {told['after']} |")
    return "\n".join(lines)


def _of(hit: int, all_of: int) -> str:
    return f"{hit} of {all_of} ({hit / all_of:.0%})" if all_of else ""


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    chosen = [BY_NAME[name] for name in sys.argv[2:]] or [DEFAULT]
    for one in chosen:
        numbers = range(1, count + 1)
        sys.stdout.write(report(study(numbers, one), numbers, one) + "\n\n")
