"""The sections of the page Who is reached on deprivation: the gap, whether it closes, and cancer tests against need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from ui import reach_cells, reach_charts, reach_measures, reach_rates, reach_words, words
from ui.data import Snapshot
from ui.ethnicity_sections import Part
from ui.figure import Figure
from ui.reach_cells import CANCER, SIMD
from ui.reach_filters import Choice, place
from ui.reach_group_sections import alt, bare, no_residents, subtitle
from ui.reach_rates import FEWEST_YEARS
from ui.reach_words import CENSUS, LEAST, MOST, ONE_COUNT, ROUNDED, span

Row = Mapping[str, Any]

RATE_AXIS = "People tested per 100,000"
DIRECT = (
    "Directly standardised for age and sex to the European Standard Population 2013 (both sexes alike; 85 and over as "
    "one band), from Scotland's counts by quintile, sex and age of the same release."
)
INDIRECT = (
    "Indirectly standardised: people tested over those expected at Scotland's rates by sex and age, times Scotland's "
    "crude rate. Quintiles of one board are then compared with Scotland; with each other only as far as their ages are "
    "alike."
)
AREAS = "SIMD is of areas, not of people: most deprived people do not live in the most deprived fifth of areas."
INDEX = (
    "Slope index: the difference between the two ends of the line through all fifths, weighed by residents, with "
    "limits from the errors of the rates. Two relative indices are in use: the ratio of the two ends of that line, "
    "and the slope index over the average rate. Attributable share: what all people tested would be more (+) or fewer "
    "(-) if every fifth had the rate of the least deprived."
)


def deprivation(snapshot: Snapshot, choice: Choice) -> Part:
    """The rate of people tested by SIMD quintile, and the gap in several measures."""
    figure = reach_cells.counts(snapshot, choice.indicator, SIMD, choice.fixed, place(snapshot, choice))
    if nothing := bare("deprivation", "People tested by deprivation", figure):
        return nothing
    assert figure is not None
    lived = reach_measures.lived_by(snapshot, SIMD, area=choice.area)
    if lived.is_empty():
        return no_residents("deprivation", "Deprivation")
    rates = reach_measures.rates(snapshot, choice).filter(pl.col("period_start") == figure.first)
    found = reach_rates.gap(rates, lived, 5 if choice.area is None else 3)
    ratio = found.ratio
    title = reach_words.times(ratio, MOST, LEAST) if ratio["value"] is not None else "The gap cannot be worked out here"
    summary = reach_words.gap_sentence(ratio, f"the rate of people {reach_words.tested(choice.indicator)}", MOST, LEAST)
    summary = f"{summary} {reach_words.gradient(ratio, found.slope)}".strip()
    if choice.indicator == CANCER:
        summary = f"{summary}\n\n{reach_words.CANCER_FLAG}" if _need(snapshot) is None else summary
    summary = f"{summary}\n\n{_measures(found)}"
    rows = _fifths(snapshot, rates, lived)
    chart = reach_charts.intervals(rows, axis=RATE_AXIS, alt=alt(title, summary))
    table = [
        {"SIMD quintile": row["label"], "Per 100,000": row["says"], "People tested": row["people"]} for row in rows
    ]
    notes = (*((DIRECT, ROUNDED) if choice.area is None else (INDIRECT, ONE_COUNT)), CENSUS, AREAS, INDEX)
    return Part(
        "deprivation", title, summary, subtitle(figure, "People tested per 100,000 residents, by SIMD quintile"),
        chart, notes, pl.DataFrame(table), _gap_data(rates, found), (figure,),
    )  # fmt: skip


def gradient(snapshot: Snapshot, choice: Choice) -> tuple[Row | None, Figure | None]:
    """The ratio of the most to the least deprived fifth with its limits, and the figure behind it; none where there is
    nothing to show."""
    figure = reach_cells.counts(snapshot, choice.indicator, SIMD, choice.fixed, place(snapshot, choice))
    lived = reach_measures.lived_by(snapshot, SIMD, area=choice.area)
    if words.nothing_to_show(figure, "") or figure is None or lived.is_empty():
        return None, None
    rates = reach_measures.rates(snapshot, choice).filter(pl.col("period_start") == figure.first)
    return reach_rates.gap(rates, lived, 5 if choice.area is None else 3).ratio, figure


def _fifths(snapshot: Snapshot, rates: pl.DataFrame, lived: pl.DataFrame) -> list[dict[str, Any]]:
    """A row a quintile in which somebody lives, as charts and tables have it."""
    labels, found = snapshot.facts.labels.get(SIMD, {}), {row[SIMD]: row for row in rates.to_dicts()}
    people = dict(lived.select(SIMD, "population").iter_rows())
    rows = []
    for code in reach_cells.QUINTILES:
        if not people.get(code):
            continue
        row = found.get(code, {"value": None, "lower": None, "upper": None, "people": None})
        shown = row["value"] is not None
        rows.append(
            {
                **row,
                "label": labels.get(code, code),
                "state": "shown" if shown else "confidential",
                "says": span(row["value"], row["lower"], row["upper"], "{:,.0f}") if shown else words.HIDDEN,
                "people": words.number(5 * round(row["people"] / 5)) if shown else words.HIDDEN,
            }
        )
    return rows


def _measures(found: reach_rates.Gap) -> str:
    """The measures of the gap as a list, those that can be worked out."""
    named = (
        ("Absolute gap per 100,000, most less least deprived", found.difference, "{:+,.0f}"),
        ("Relative gap, most over least deprived", found.ratio, "{:.2f}"),
        ("Slope index per 100,000", found.slope, "{:+,.0f}"),
        ("Relative index, ratio of the two ends", found.ratio_of_ends, "{:.2f}"),
        ("Relative index, slope over average", found.over_overall, "{:+.2f}"),
        ("Attributable share", _turned(found.attributable), "{:+.1%}"),
    )
    said = []
    for name, row, form in named:
        if row["value"] is None or row["lower"] is None or row["upper"] is None:
            said.append(f"{name}: {words.NOT_AVAILABLE}")
        else:
            said.append(f"{name}: {span(row['value'], row['lower'], row['upper'], form)}")
    return "\n".join(f"- {line}" for line in said)


def _turned(row: Row) -> dict[str, Any]:
    """The attributable share as what would come on top: more people tested is above nought."""
    names = {"value": "value", "lower": "upper", "upper": "lower"}
    return {new: None if row[old] is None else -row[old] for new, old in names.items()}


def _gap_data(rates: pl.DataFrame, found: reach_rates.Gap) -> pl.DataFrame:
    """Rates and measures below each other, as numbers for the download."""
    rows = [
        {"what": f"rate per 100,000, SIMD quintile {row[SIMD]}", **{n: row[n] for n in ("value", "lower", "upper")}}
        for row in rates.sort(SIMD).to_dicts()
    ]
    for name, row in vars(found).items():
        turned = _turned(row) if name == "attributable" else row
        rows.append({"what": name.replace("_", " "), **{n: turned[n] for n in ("value", "lower", "upper")}})
    frame = pl.DataFrame(rows, schema={"what": pl.String} | dict.fromkeys(("value", "lower", "upper"), pl.Float64))
    state = pl.when(pl.col("value").is_null()).then(pl.lit("confidential")).otherwise(pl.lit("shown"))
    return frame.with_columns(state=state)


def closing(snapshot: Snapshot, choice: Choice) -> Part:
    """Whether the gap between the most and the least deprived fifth is closing over the years."""
    figure = reach_cells.counts(snapshot, choice.indicator, SIMD, choice.fixed, place(snapshot, choice))
    if nothing := bare("closing", "Is the gap closing", figure):
        return nothing
    assert figure is not None
    rates = reach_measures.rates(snapshot, choice)
    ratios = reach_rates.ratios_over_time(rates)
    if ratios.is_empty():
        return no_residents("closing", "Is the gap closing")
    trend = reach_rates.trend(ratios)
    newest = ratios["value"][-1]
    usable = ratios.filter(pl.col("lower") > 0).height
    said = reach_rates.closing(trend, newest)
    title, summary = reach_words.trend(trend, said, usable, FEWEST_YEARS)
    if choice.indicator == CANCER and _need(snapshot) is None and said in ("closing", "widening"):
        summary += " By population only: without new cancers, which way is fairer cannot be told."
    rows = []
    for row in ratios.to_dicts():
        end = row["period_start"].replace(year=row["period_start"].year + 1)
        shown = row["value"] is not None
        rows.append(
            {
                **row,
                "label": f"to {(end.replace(day=1)):%b %Y}" if end.month == 1 else f"to {_last_month(end)}",
                "state": "shown" if shown else "confidential",
                "says": span(row["value"], row["lower"], row["upper"]) if shown else words.HIDDEN,
            }
        )
    chart = reach_charts.over_years(rows, axis="Most over least deprived", alt=alt(title, summary))
    table = [
        {
            "12 months": row["label"],
            "Ratio (95% limits)": row["says"],
            "Difference per 100,000": span(
                row["difference"], row["difference_lower"], row["difference_upper"], "{:+,.0f}"
            ) if row["state"] == "shown" else words.HIDDEN,
        }
        for row in rows
    ]  # fmt: skip
    notes = (
        "The trend is a line through the logarithms of the ratios, weighed by their errors, with t limits widened "
        f"where years scatter more than their errors explain. It needs {FEWEST_YEARS} years; with so few, a slow "
        "change cannot be seen.",
        DIRECT if choice.area is None else INDIRECT, CENSUS,
    )  # fmt: skip
    data = pl.DataFrame(rows).select("label", "state", "value", "lower", "upper", "difference", "difference_lower",
                                     "difference_upper")  # fmt: skip
    when = f"Ratio of the most to the least deprived fifth. {figure.place}. Each point is 12 months."
    return Part("closing", title, summary, when, chart, notes, pl.DataFrame(table), data, (figure,))


def _last_month(end: Any) -> str:
    """The month before the first day after a period."""
    month = end.month - 1
    return f"{end.replace(month=month):%b %Y}"


def _need(snapshot: Snapshot) -> pl.DataFrame | None:
    return reach_measures.need_by_quintile(snapshot)


def need(snapshot: Snapshot, choice: Choice) -> Part:
    """Cancer tests against new cancers by deprivation, where they are loaded; else what cannot be said without them."""
    figure = reach_cells.counts(snapshot, choice.indicator, SIMD)
    if nothing := bare("need", "Cancer tests against need", figure):
        return nothing
    assert figure is not None
    cases, rates = _need(snapshot), reach_measures.rates(snapshot, Choice(choice.indicator))
    if cases is None:
        now = rates.filter(pl.col("period_start") == figure.first)
        ratio = reach_rates.ends(now)[1] if now.height else {"value": None}
        return Part(
            "need", "Whether cancer tests follow need cannot be told: no table of new cancers is loaded",
            f"{reach_words.CANCER_FLAG} {reach_words.need(ratio)} A table of new cancers by SIMD quintile, sex and age "
            "(reference/optional/cancer_incidence.yml says which) would let this section answer.",
        )  # fmt: skip
    rows, ratio = _by_need(snapshot, choice, cases, figure)
    title = reach_words.times(ratio, MOST, LEAST) + ", for the same number of new cancers"
    what = "the rate of people tested for their new cancers"
    summary = reach_words.gap_sentence(ratio, what, MOST, LEAST)
    chart = reach_charts.intervals(
        rows,
        axis="Tested over expected for new cancers",
        alt=alt(title, summary),
        reference=1,
        reference_label="Scotland",
    )
    table = [{"SIMD quintile": row["label"], "Ratio (95% limits)": row["says"]} for row in rows]
    notes = (
        "Expected: Scotland's people tested per new cancer of the same sex and age. New cancers of "
        f"{cases['year'][0]}; people tested in another year are set against them.",
    )
    data = pl.DataFrame(rows).select("label", "state", "value", "lower", "upper")
    return Part(
        "need", title, summary, subtitle(figure, "People tested against new cancers, by SIMD quintile"),
        chart, notes, pl.DataFrame(table), data, (figure,),
    )  # fmt: skip


def _by_need(
    snapshot: Snapshot, choice: Choice, cases: pl.DataFrame, figure: Figure
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """People tested over those expected from new cancers, by quintile, and the ratio of its two ends."""
    national = reach_measures.national(snapshot, choice.indicator).filter(pl.col("period_start") == figure.first)
    denominators = cases.rename({"cases": "population"})
    whole = reach_measures.tested(snapshot, choice.indicator, figure.first)
    expected = reach_rates.expected(denominators, [SIMD], national, whole)
    cells = figure.cells.select(pl.col("code").alias(SIMD), "state", "value")
    found = cells.join(expected, on=SIMD, how="inner", maintain_order="left")
    found = reach_rates.against_expected(found, reach_measures.reach(snapshot))
    labels = snapshot.facts.labels.get(SIMD, {})
    rows = [{**row, "label": labels.get(row[SIMD], row[SIMD]), "says": as_ratio(row)} for row in found.to_dicts()]
    return rows, reach_rates.ends(found)[1]


def as_ratio(row: Row) -> str:
    """A ratio with its limits, or the shorthand."""
    return span(row["value"], row["lower"], row["upper"]) if row["value"] is not None else words.HIDDEN
