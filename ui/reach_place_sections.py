"""The sections of the page Who is reached on places: town and country, islands and mainland, the map of boards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from catalogue.dimensions import dimensions
from methods.reasons import REASON
from methods.representation import ratio_from_limits
from ui import gap_verdict, reach_cells, reach_charts, reach_map, reach_measures, reach_words, words
from ui.data import Snapshot
from ui.ethnicity_sections import Part
from ui.reach_cells import CANCER, RESIDENCE, RURAL, SIMD
from ui.reach_deprivation_sections import AREAS, RATE_AXIS, as_ratio
from ui.reach_filters import Choice
from ui.reach_group_sections import alt, bare, fifth, no_residents, subtitle
from ui.reach_words import CENSUS, ONE_COUNT, RATE, span

Row = Mapping[str, Any]

FIFTHS = "SIMD 1 is the most deprived fifth of areas, 5 the least."
HIGHER, LOWER = "\N{BLACK UP-POINTING SMALL TRIANGLE}", "\N{BLACK DOWN-POINTING SMALL TRIANGLE}"


def rural(snapshot: Snapshot, choice: Choice) -> Part:
    """The rate of people tested by urban rural class, crude, each against the large towns."""
    found, figure = reach_measures.by_class(snapshot, choice)
    if nothing := bare("rural", "People tested by town and country", figure):
        return nothing
    assert figure is not None
    if found.is_empty():
        return no_residents("rural", "Town and country")
    labels = snapshot.facts.labels.get(RURAL, {})
    against = dimensions()[RURAL].compared_with
    if against not in found["code"].to_list():
        against = found.sort("population", descending=True)["code"][0]
    other = living_in(labels.get(against or "", ""))
    base = found.filter(pl.col("code") == against).row(0, named=True)
    rows = []
    for row in found.to_dicts():
        ratio = ratio_of(row, base)
        reads = "Compared with" if row["code"] == against else gap_verdict.SHORT[reach_words.verdict_of(ratio)]
        says = span(row["value"], row["lower"], row["upper"], "{:,.0f}") if row["value"] is not None else words.HIDDEN
        rows.append(
            {**row, "label": labels.get(row["code"], row["code"]), "says": says, "reads": reads, "ratio": ratio}
        )
    apart = [row for row in rows if row["reads"] in ("Higher", "Lower")]
    title = _rural_title(apart, other)
    summary = " ".join(
        reach_words.gap_sentence(row["ratio"], RATE, living_in(row["label"]), other) for row in apart
    ) or f"No gap from {other} is seen in any class that is shown."  # fmt: skip
    if choice.indicator == CANCER:
        summary += " Need is not allowed for: new cancers are not loaded by class."
    chart = reach_charts.intervals(rows, axis=RATE_AXIS, alt=alt(title, summary))
    table = [
        {
            "Urban rural class": row["label"], "Per 100,000": row["says"], "Reads": row["reads"],
            "Ratio": as_ratio(row["ratio"]),
            "People tested": words.number(row["people"]) if row["people"] is not None else words.HIDDEN,
            "Residents": words.number(row["population"]),
        }
        for row in rows
    ]  # fmt: skip
    notes = (
        "**Crude:** the release holds residents of each class, but not by age, so that ages are not allowed for; "
        "people in remote areas are older.",
        "Urban rural classes are those of the Scottish Government, six-fold.", ONE_COUNT, CENSUS,
    )  # fmt: skip
    data = pl.DataFrame(rows).select("label", "state", "people", "population", "value", "lower", "upper", "reads")
    return Part(
        "rural", title, summary, subtitle(figure, "People tested per 100,000 residents, by urban rural class"),
        chart, notes, pl.DataFrame(table), data, (figure,),
    )  # fmt: skip


def living_in(label: str) -> str:
    """People of a class of areas, in words."""
    return f"people living in {words.lower_first(label)}"


def _rural_title(apart: list[dict[str, Any]], other: str) -> str:
    if not apart:
        return f"No gap between town and country is seen against {other}"
    named = [f"{words.lower_first(row['label'])} ({row['ratio']['value']:.2f} times)" for row in apart]
    return f"Tested at another rate than {other}: {words.joined(named)}"


def ratio_of(row: Row, base: Row) -> dict[str, Any]:
    """The ratio of two values from the limits of each; nulls where one is not known."""
    names = ("value", "lower", "upper")
    if any(one[name] is None for one in (row, base) for name in names):
        return dict.fromkeys(names)
    first, second = (
        pl.struct(*(pl.lit(float(one[name])).alias(name) for name in names), pl.lit(None, REASON).alias("reason"))
        for one in (row, base)
    )
    found: dict[str, Any] = pl.select(ratio_from_limits(first, second).alias("ratio")).item()
    return found


def boards(snapshot: Snapshot, choice: Choice) -> Part:
    """A map of people tested in each board over those expected for its ages and sexes."""
    found, figure = reach_measures.boards(snapshot, choice.indicator)
    if nothing := bare("map", "People tested by board of residence", figure):
        return nothing
    assert figure is not None
    if found.is_empty():
        return no_residents("map", "Boards")
    labels = snapshot.facts.labels.get(RESIDENCE, {})
    single = found.filter(pl.col("code").is_in(reach_cells.boards_of(None)))
    order = {code: place for place, code in enumerate(labels)}
    marks = {"higher": HIGHER, "lower": LOWER}
    rows = [
        {
            **row, "label": labels.get(row["code"], row["code"]), "says": as_ratio(row),
            "mark": marks.get(reach_words.verdict_of(row), ""),
        }
        for row in sorted(single.to_dicts(), key=lambda row: order.get(row["code"], len(order)))
    ]  # fmt: skip
    title, summary = reach_words.boards(rows)
    if choice.indicator == CANCER:
        summary += " Need is not allowed for: new cancers are not loaded by board."
    chosen = reach_cells.boards_of(choice.area) if choice.area else ()
    chart = reach_map.board_map(rows, alt=alt(title, summary), chosen=chosen)
    table = [
        {
            "Health board": row["label"], "Ratio (95% limits)": row["says"],
            "Reads": gap_verdict.SHORT[reach_words.verdict_of(row)],
            "People tested": words.number(row["people"]) if row["people"] is not None else words.HIDDEN,
            "Expected": words.number(row["expected"]),
        }
        for row in rows
    ]  # fmt: skip
    notes = (
        f"Ratio of people tested to those expected at Scotland's rates by sex and age. {HIGHER} or {LOWER}: higher or "
        "lower beyond 95% limits. A board that is hidden is hatched.",
        "A low ratio can be less need, less asking or care outside the board: a question, not an answer.", CENSUS,
    )  # fmt: skip
    data = pl.DataFrame(rows).select("label", "state", "people", "expected", "value", "lower", "upper")
    return Part(
        "map", title, summary, subtitle(figure, "People tested over those expected, by board of residence"),
        chart, notes, pl.DataFrame(table), data, (figure,),
    )  # fmt: skip


def islands(snapshot: Snapshot, choice: Choice) -> Part:
    """The three island boards together against the mainland, allowing for age and sex."""
    found, figure = reach_measures.boards(snapshot, choice.indicator)
    if nothing := bare("islands", "Islands against the mainland", figure):
        return nothing
    assert figure is not None
    named = {reach_measures.MERGED: "Island boards together", "mainland": "Mainland boards together"}
    codes = found["code"].to_list() if found.height else []
    if not set(named) <= set(codes):
        return no_residents("islands", "Islands against the mainland")
    pair = {row["code"]: row for row in found.to_dicts() if row["code"] in named}
    ratio = ratio_of(pair[reach_measures.MERGED], pair["mainland"])
    group, other = "people living in the island boards", "people living in the mainland boards"
    hidden = ratio["value"] is None
    title = "Islands against the mainland: hidden [c]" if hidden else reach_words.times(ratio, group, other)
    summary = reach_words.gap_sentence(ratio, RATE, group, other)
    single = {
        row["code"]: row for row in found.to_dicts() if row["code"] in reach_cells.boards_of(reach_measures.MERGED)
    }
    labels = snapshot.facts.labels.get(RESIDENCE, {})
    table = [
        {
            "Where": name, "Ratio to Scotland (95% limits)": as_ratio(row),
            "People tested": words.number(row["people"]) if row["people"] is not None else words.HIDDEN,
            "Expected": words.number(row["expected"]),
        }
        for name, row in [
            *((named[code], pair[code]) for code in named),
            *((labels.get(code, code), row) for code, row in single.items()),
        ]
    ]  # fmt: skip
    notes = (
        "Indirectly standardised for age and sex at Scotland's rates.",
        "Orkney, Shetland and Western Isles stand together wherever they are crossed with something else.",
    )
    data = found.filter(pl.col("code").is_in([*named, *single])).select(
        pl.col("code").replace_strict(named | dict(labels)).alias("where"),
        "state", "people", "expected", "value", "lower", "upper",
    )  # fmt: skip
    return Part(
        "islands", title, summary, subtitle(figure, "People tested over those expected, islands and mainland"),
        None, notes, pl.DataFrame(table), data, (figure,), True,
    )  # fmt: skip


def crossed_rural(snapshot: Snapshot, choice: Choice) -> Part:
    """People tested by deprivation and urban rural class: counts, since no residents are published for both."""
    cells, figures = reach_measures.crossed_cells(snapshot, choice.indicator, SIMD, reach_cells.QUINTILES, RURAL)
    first = figures[0] if figures else reach_cells.counts(snapshot, choice.indicator, RURAL, ((SIMD, "1"),))
    if nothing := bare("crossed_rural", "People tested by deprivation and rurality", first):
        return nothing
    assert first is not None
    labels, fifths = snapshot.facts.labels.get(RURAL, {}), snapshot.facts.labels.get(SIMD, {})
    hidden = cells.filter(pl.col("state") != "shown").height
    remote = cells.filter(pl.col(RURAL) == "6")
    most = remote.filter(pl.col(SIMD) == "1", pl.col("state") == "shown")["value"]
    whole = float(remote["likely"].sum())
    share = f"{float(most[0]) / whole:.0%}" if len(most) and whole else words.HIDDEN
    title = f"Of people tested who live in remote rural areas, {share} live in the most deprived fifth of areas"
    summary = (
        "Counts only: no count of residents by both is published for this purpose, so no rate and no gap can be worked "
        "out: a deprivation gap in towns and one in the country cannot be told apart."
    )
    if hidden:
        summary += f" {hidden} of {cells.height} cells are hidden {words.HIDDEN}."
    table = [
        {"Urban rural class": label}
        | {fifth(q): _amount(cells, code, q) for q in reach_cells.QUINTILES}
        for code, label in labels.items()
        if code in cells[RURAL].to_list()
    ]  # fmt: skip
    data = cells.with_columns(
        simd=pl.col(SIMD).replace_strict(dict(fifths), default=pl.col(SIMD)),
        urban_rural_class=pl.col(RURAL).replace_strict(dict(labels), default=pl.col(RURAL)),
    ).select("simd", "urban_rural_class", "state", "value")
    return Part(
        "crossed_rural", title, summary, subtitle(first, "People tested by SIMD quintile and urban rural class"),
        None, (FIFTHS, AREAS), pl.DataFrame(table), data, figures, True,
    )  # fmt: skip


def _amount(cells: pl.DataFrame, code: str, quintile: str) -> str:
    """People tested of a class and quintile, or the shorthand."""
    rows = cells.filter(pl.col(RURAL) == code, pl.col(SIMD) == quintile)
    row = rows.row(0, named=True) if rows.height else None
    return words.number(row["value"]) if row and row["state"] == "shown" else words.HIDDEN
