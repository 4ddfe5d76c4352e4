"""The sections of the page Ethnicity recording: each a finding, at most one chart, a table, and its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from catalogue.dimensions import dimensions
from ui import charts, ethnicity_charts, ethnicity_words, words
from ui import ethnicity_measures as measures
from ui.charts import Chart
from ui.data import Snapshot
from ui.ethnicity_filters import RESIDENCE, Choice
from ui.ethnicity_measures import REASONS, RECORDED
from ui.figure import Figure
from ui.figures import choose_grain, of_scotland
from ui.made_once import made_once
from ui.signals_presets import by_the_rules

OTHERS = "Not counted in the text: people who live outside Scotland, and those whose board is not recorded."
TOO_FEW = "Cannot be told: most points are hidden, because few people are with, or without, a recorded group."
ISLANDS = f"Figures of small boards are hidden {words.HIDDEN} where few of their people are tested."
CHART = (
    "Control chart: Laney's P' chart, which allows for more spread between months than chance in counting alone. "
    "Its average and limits are those of the newest {count} points. Signals "
    f"{by_the_rules(measures.RULES)}. These are those of Public Health Scotland for control charts."
)


@dataclass(frozen=True)
class Part:
    """All that one section shows. `chart` is None where there is nothing to draw or the table says it all.

    table: the figures as text; data: the same as numbers for the download, where they are more than the figures' cells.
    is_table: whether the table stands open in place of a chart.
    """

    name: str
    title: str
    summary: str
    subtitle: str = ""
    chart: Chart | None = None
    notes: tuple[str, ...] = ()
    table: pl.DataFrame | None = None
    data: pl.DataFrame | None = None
    figures: tuple[Figure, ...] = ()
    is_table: bool = False


@made_once(300)
def _built(key: str, name: str, choice: Choice, _snapshot: Snapshot) -> Part:  # noqa: ARG001 - key: the release
    return PARTS[name](_snapshot, choice)


def build(snapshot: Snapshot, name: str, choice: Choice) -> Part:
    """A section of the page, made once for a release and what it heeds of the choice."""
    board, by = HEEDS[name]
    heeded = Choice(choice.board if board else None, choice.by if by else RESIDENCE)
    return _built(snapshot.key, name, heeded, snapshot)


def _bare(name: str, measure: str, figure: Figure | None) -> Part | None:
    """A section without a chart, which says why there is none; None where there is something to show."""
    nothing = words.nothing_to_show(figure, measure)
    return Part(name, *nothing, subtitle=figure.place if figure else "") if nothing else None


def _alt(title: str, summary: str) -> str:
    return f"{title}. {summary} Every value is in the table below the chart."


def _say(row: Mapping[str, Any]) -> str:
    text = words.amount(row)
    return f"{text} (95% interval {_interval(row)})" if row["state"] == "shown" else text


def _interval(row: Mapping[str, Any], lower: str = "lower", upper: str = "upper") -> str:
    if row["state"] != "shown" or row[lower] is None:
        return words.MARK.get(row["state"], words.NOT_AVAILABLE)
    return f"{100 * row[lower]:.1f}% to {100 * row[upper]:.1f}%"


def _brief(row: Mapping[str, Any] | None) -> str:
    """A share with its 95% interval in brackets; a row that does not exist is hidden."""
    if row is None or row["state"] != "shown":
        return words.amount(row) if row else words.HIDDEN
    return f"{words.amount(row)} ({100 * row['lower']:.1f} to {100 * row['upper']:.1f})"


def _count(row: Mapping[str, Any], name: str) -> str:
    if row["state"] != "shown" or row[name] is None:
        return words.MARK.get(row["state"], words.NOT_AVAILABLE)
    return words.number(row[name])


def _labels(snapshot: Snapshot, dimension: str) -> dict[str, str]:
    return dict(snapshot.facts.labels.get(dimension, {}))


def _of_board(rows: pl.DataFrame, dimension: str) -> pl.DataFrame:
    """The rows that sentences count: boards and laboratories of Scotland."""
    counted = of_scotland(dimension)
    return rows if counted is None else rows.filter(pl.col("code").is_in(sorted(counted)))


def _spoken(figure: Figure, cells: pl.DataFrame) -> pl.DataFrame:
    """The cells with each period in words, for hovering."""
    spans = [
        words.period(figure.query.grain, start, end) for start, end in cells.select("period_start", "period_end").rows()
    ]
    return cells.with_columns(pl.Series("label", spans, dtype=pl.String))


def over_time(snapshot: Snapshot, choice: Choice) -> Part:
    """Share of people with a recorded group over time, on a control chart."""
    grain = choose_grain(snapshot, RECORDED, choice.fixed)
    figure = measures.series(snapshot, RECORDED, grain, choice.fixed)
    if bare := _bare("recorded", "People tested with a recorded ethnic group", figure):
        return bare
    assert figure is not None
    target = measures.target_of(figure)
    cells = figure.cells.with_columns(pl.lit("").alias("code"))
    points, icons = measures.judged(cells, target)
    year = measures.newest_year(snapshot, RECORDED, choice.fixed)
    title, summary = ethnicity_words.over_time(figure, icons.row(0, named=True) if icons.height else None, year)
    summary = f"{summary} {ethnicity_words.gaps_shown(figure.place, ethnicity_words.row_of(year), target)}".strip()
    chart = ethnicity_charts.control_chart(
        _spoken(figure, figure.cells),
        points,
        axis="Recorded ethnic group",
        say=_say,
        alt=_alt(title, summary),
        target=target,
    )
    joined = figure.cells.join(points.drop("value"), on="period_start", how="left").sort(
        "period_start", descending=True
    )
    notes = [CHART.format(count=points.height)] if points.height else [ethnicity_words.NO_LIMITS]
    notes += words.in_series_notes(figure)
    about = words.about_target(figure.entry)
    return Part(
        "recorded",
        title,
        summary,
        f"{figure.entry.title}. {figure.place}. {words.span(figure)}. {_grain_note(grain)}",
        chart,
        (*notes, *([about] if about else [])),
        pl.DataFrame([_point(figure, row) for row in joined.to_dicts()]),
        figures=(figure,),
        data=joined.select(
            "period_start", "period_end", "state", "value", "lower", "upper", "numerator", "denominator",
            "centre", "lower_limit", "upper_limit", "special_cause",
            pl.col("period_status").alias("status"),
        ),
    )  # fmt: skip


def _grain_note(grain: str) -> str:
    return {
        "month": "A point a month.",
        "quarter": "A point a quarter, because months hold too few people.",
        "year": "A point for 12 months, because shorter periods hold too few people.",
    }[grain]


def _point(figure: Figure, row: Mapping[str, Any]) -> dict[str, str]:
    special = {1: "Higher than chance explains", -1: "Lower than chance explains"}.get(row["direction"] or 0, "")
    return {
        "Period": words.period(figure.query.grain, row["period_start"], row["period_end"]),
        "Share": words.amount(row),
        "95% interval": _interval(row),
        "With a group": _count(row, "numerator"),
        "People tested": _count(row, "denominator"),
        "Limits of chance": "" if row["lower_limit"] is None else _interval(row, "lower_limit", "upper_limit"),
        "Signal": special,
        "Status": words.PERIOD_STATUS.get(row["period_status"], row["period_status"]),
    }


def boards(snapshot: Snapshot, choice: Choice) -> Part:  # noqa: ARG001 - every section is made alike
    """Every board's newest share and what its control chart says, as a table."""
    figure = measures.side_by_side(snapshot, RECORDED, RESIDENCE)
    if bare := _bare("signals", "Signal or noise, board by board", figure):
        return bare
    assert figure is not None
    cells, target = measures.boards_over_time(snapshot), measures.target_of(figure)
    _, icons = measures.judged(cells, target)
    labels = _labels(snapshot, RESIDENCE)
    grains = dict(cells.select("code", "grain").unique().iter_rows())
    said = {row["code"]: row for row in icons.to_dicts()}
    rows = []
    for row in ethnicity_words.labelled(_of_board(figure.cells, RESIDENCE), labels):
        icon = said.get(row["code"], {})
        rows.append(
            {
                **row,
                "variation": icon.get("variation"),
                "points": " Judged by quarters." if grains.get(row["code"]) == "quarter" else "",
                "says": ethnicity_words.says(icon.get("variation"), ethnicity_words.is_below(row, target), target)
                or TOO_FEW,
            }
        )
    title, summary = ethnicity_words.signals(rows, target)
    table = pl.DataFrame(
        [
            {
                "Health board": row["label"],
                "Newest 12 months (95% interval)": _brief(row),
                "Signal or noise": row["says"] + row["points"],
            }
            for row in rows
        ]
    )
    data = pl.DataFrame(rows, infer_schema_length=None).select(
        pl.col("label").alias("health_board"), "period_start", "period_end", "state", "value", "lower", "upper",
        "numerator", "denominator", "variation",
    )  # fmt: skip
    notes = ("Each board is judged on a control chart of its own, made as the one above.", *_islands(figure.cells))
    return Part(
        "signals",
        title,
        summary,
        f"Board of residence, {words.span(figure)}",
        None,
        notes,
        table,
        data,
        (figure,),
        True,
    )


def groups(snapshot: Snapshot, choice: Choice) -> Part:
    """Share with a recorded group side by side for the newest 12 months."""
    figure = measures.side_by_side(snapshot, RECORDED, choice.by, choice.beside)
    if bare := _bare("groups", "People tested with a recorded ethnic group, side by side", figure):
        return bare
    assert figure is not None
    dimension, labels = dimensions()[choice.by], _labels(snapshot, choice.by)
    target = measures.target_of(figure) or 0.0
    title, summary = words.by_group(figure, dimension.plural, target, of_scotland(choice.by))
    counted = _of_board(figure.cells, choice.by).to_dicts()
    summary = f"{summary} {ethnicity_words.by_share_alone(counted, target, dimension.plural)}"
    chart = charts.side_by_side(
        figure.cells,
        list(labels.items()),
        axis="Recorded ethnic group",
        say=_say,
        alt=_alt(title, summary),
        target=target,
        target_label=f"{target:.0%} line",
        highlight=choice.board if choice.by == RESIDENCE else None,
    )
    notes = ["Lines are 95% intervals (Wilson). The order is that of the list and says nothing of rank."]
    notes += [OTHERS] if choice.by == RESIDENCE else []
    notes += _islands(figure.cells) if choice.by == RESIDENCE else []
    notes += (
        [f"The board chosen is drawn as a diamond: {labels.get(choice.board, '')}."]
        if choice.board and choice.by == RESIDENCE
        else []
    )
    rows = ethnicity_words.labelled(figure.cells, labels)
    table = pl.DataFrame(
        [
            {
                dimension.label: row["label"],
                "Share": words.amount(row),
                "95% interval": _interval(row),
                "With a group": _count(row, "numerator"),
                "People tested": _count(row, "denominator"),
            }
            for row in rows
        ]
    )
    return Part(
        "groups", title, summary,
        f"{figure.entry.title}, by {dimension.inline}. {figure.place}. {_sentence(figure)}",
        chart, tuple(notes), table, figures=(figure,),
    )  # fmt: skip


def _islands(rows: pl.DataFrame) -> list[str]:
    """Why figures are hidden, where any is."""
    return [ISLANDS] if "confidential" in rows["state"] else []


def _sentence(figure: Figure) -> str:
    return f"{words.span(figure)[:1].upper()}{words.span(figure)[1:]}."


def _shown_figures(found: Mapping[str, Figure | None]) -> dict[str, Figure]:
    return {name: figure for name, figure in found.items() if figure is not None and figure.cells.height}


def _none_shown(name: str, measure: str, found: Mapping[str, Figure | None]) -> Part | None:
    """A section without a chart where no reason at all is shown; None where one is."""
    if any(figure is not None and figure.state == "shown" for figure in found.values()):
        return None
    return _bare(name, measure, next((figure for figure in found.values() if figure is not None), None))


def reasons_by_group(snapshot: Snapshot, choice: Choice) -> Part:
    """Declined, not known, not recorded and not recognised, side by side; never added up under one name."""
    beside = {reason: measures.side_by_side(snapshot, reason, choice.by) for reason in REASONS}
    found = _shown_figures(beside)
    if bare := _none_shown("reasons", "Why there is no recorded group", beside):
        return bare
    dimension, labels = dimensions()[choice.by], _labels(snapshot, choice.by)
    whole = {reason: ethnicity_words.row_of(measures.newest_year(snapshot, reason, ())) for reason in REASONS}
    title, summary = ethnicity_words.reasons({reason: row for reason, row in whole.items() if row})
    rows: dict[str, dict[str, Any]] = {}
    for reason, figure in found.items():
        for row in figure.cells.to_dicts():
            rows.setdefault(row["code"], {})[reason] = row
    chart = ethnicity_charts.reasons_side_by_side(
        rows, list(labels.items()), REASONS, say=_say, alt=_alt(title, summary)
    )
    first = next(iter(found.values()))
    table = pl.DataFrame(
        [
            {dimension.label: label} | {name: _brief(rows[code].get(reason)) for reason, name in REASONS.items()}
            for code, label in labels.items()
            if code in rows
        ]
    )
    notes = (
        f"Each bar is the people without a recorded group. Where a reason is hidden {words.HIDDEN} the bar stands too "
        "short, and its end says how many are hidden.",
        "The order is that of the list and says nothing of rank. In the table, 95% intervals stand in brackets.",
    )
    subtitle = f"People tested without a recorded ethnic group, by {dimension.inline}. Scotland. {_sentence(first)}"
    return Part("reasons", title, summary, subtitle, chart, notes, table, figures=tuple(found.values()))


def reasons_over_time(snapshot: Snapshot, choice: Choice) -> Part:
    """The four reasons over time, for Scotland or the board chosen."""
    grain = choose_grain(snapshot, "ethnicity_not_recorded", choice.fixed)
    series = {reason: measures.series(snapshot, reason, grain, choice.fixed) for reason in REASONS}
    found = _shown_figures(series)
    if bare := _none_shown("reasons_time", "Why there is no recorded group, over time", series):
        return bare
    years = {reason: measures.newest_year(snapshot, reason, choice.fixed) for reason in REASONS}
    title, summary = ethnicity_words.reason_over_time(years)
    spoken = {reason: _spoken(figure, figure.cells) for reason, figure in found.items()}
    chart = ethnicity_charts.reasons_over_time(spoken, REASONS, say=_say, alt=_alt(title, summary))
    first_figure = next(iter(found.values()))
    wide = pl.concat(
        frame.select(
            "period_start", "label", pl.lit(REASONS[reason]).alias("reason"), pl.struct(frame.columns).alias("row")
        )
        for reason, frame in spoken.items()
    )
    periods: dict[str, dict[str, str]] = {}
    for row in wide.sort("period_start", descending=True).to_dicts():
        periods.setdefault(row["label"], {"Period": row["label"]})[row["reason"]] = _brief(row["row"])
    hidden = [
        f"{REASONS[reason]}: {words.joined(notes)}".rstrip(".") + "."
        for reason, figure in found.items()
        if (notes := [note for note in words.in_series_notes(figure) if words.HIDDEN in note])
    ]
    return Part(
        "reasons_time", title, summary,
        f"People tested without a recorded ethnic group, by reason. {first_figure.place}. {words.span(first_figure)}. "
        f"{'A point a quarter.' if grain == 'quarter' else _grain_note(grain)}",
        chart, ("In the table, 95% intervals stand in brackets.", *hidden),
        pl.DataFrame(list(periods.values())), figures=tuple(found.values()),
    )  # fmt: skip


def changes(snapshot: Snapshot, choice: Choice) -> Part:
    """Who improved and who fell: the newest 12 months against the 12 months before."""
    figure = measures.side_by_side(snapshot, RECORDED, choice.by, choice.beside)
    if bare := _bare("changes", "Change on the year before", figure):
        return bare
    assert figure is not None
    dimension, labels = dimensions()[choice.by], _labels(snapshot, choice.by)
    found = measures.changes(figure)
    plural = "health boards" if choice.by == RESIDENCE else dimension.plural
    counted = ethnicity_words.labelled(_of_board(found, choice.by), labels)
    title, summary = ethnicity_words.changes(counted, plural)
    highlight = choice.board if choice.by == RESIDENCE else None
    chart = ethnicity_charts.changes_side_by_side(
        found, list(labels.items()), alt=_alt(title, summary), highlight=highlight
    )
    table = pl.DataFrame([_change(dimension.label, row) for row in ethnicity_words.labelled(found, labels)])
    notes = [
        "Lines are 95% intervals (Newcombe); a triangle points the way of a clear change, a circle is none. "
        "Numbers are rounded to 5, which moves the figures of small boards by a point or two.",
        "A slow, steady rise may be clear here and not on a control chart, which judges single months.",
        *([OTHERS, *_islands(found)] if choice.by == RESIDENCE else []),
    ]
    subtitle = (
        f"Change in the share with a recorded ethnic group. {figure.place}. {_sentence(figure)[:-1]}, "
        "on the 12 months before."
    )
    data = found.with_columns(group=pl.col("code").replace_strict(labels, default=pl.col("code"))).select(
        "group", "period_start", "period_end", "state", "value", "before", "gap", "gap_lower", "gap_upper",
        "numerator", "denominator",
    )  # fmt: skip
    return Part("changes", title, summary, subtitle, chart, tuple(notes), table, data, (figure,))


def _change(column: str, row: Mapping[str, Any]) -> dict[str, str]:
    mark = words.MARK.get(row["state"], words.NOT_AVAILABLE)
    shown = row["state"] == "shown"
    turn = {1: "Improved", -1: "Fell", 0: "No clear change"}[ethnicity_charts.way(row)]
    return {
        column: row["label"],
        "Year before": words.percent(row["before"], row["denominator"]) if shown else mark,
        "Newest 12 months": words.percent(row["value"], row["denominator"]) if shown else mark,
        "Change, points": words.minus(f"{100 * row['gap']:+.1f}") if shown else mark,
        "95% interval": words.minus(f"{100 * row['gap_lower']:+.1f} to {100 * row['gap_upper']:+.1f}")
        if shown
        else mark,
        "In words": turn if shown else mark,
    }


def bounds(snapshot: Snapshot, choice: Choice) -> Part:
    """What each census group's share could be, whoever the people without a recorded group are."""
    found, people, recorded = measures.bounds(snapshot, choice)
    if bare := _bare("bounds", "What the missing could hide", recorded):
        return bare
    assert recorded is not None
    whole = recorded.cells.row(0, named=True)
    if found.is_empty() or whole["state"] != "shown" or people is None:
        return Part(
            "bounds", f"What the missing could hide: hidden {words.HIDDEN}", f"A count here {words.WHY_HIDDEN}."
        )
    labels = {code: label for code, label in _labels(snapshot, "ethnic_category").items() if code in measures.GROUPS}
    rows = ethnicity_words.labelled(found, labels)
    place = snapshot.label(*choice.fixed[0]) if choice.fixed else "Scotland"
    title, summary = ethnicity_words.bounds(rows, place, whole)
    chart = ethnicity_charts.bands(found, list(labels.items()), alt=_alt(title, summary))
    table = pl.DataFrame([_band(row) for row in rows])
    notes = (
        "The range is no matter of chance: it shows the share if none, or all, of the people without a recorded group "
        "belonged to the group (Manski's bounds). Both ends cannot be reached by all groups at once.",
        "Shares of people tested, not rates; they do not allow for age or need.",
    )
    data = found.with_columns(group=pl.col("code").replace_strict(labels)).select(
        "group", "state", "count", "value", "lowest", "highest"
    )
    return Part(
        "bounds", title, summary, f"Recorded ethnic group, census groups. {people.place}. {_sentence(people)}",
        chart, notes, table, data, (people, recorded),
    )  # fmt: skip


def _band(row: Mapping[str, Any]) -> dict[str, str]:
    mark = words.MARK.get(row["state"], words.NOT_AVAILABLE)
    shown = row["state"] == "shown" and row["value"] is not None
    return {
        "Recorded ethnic group": row["label"],
        "People": words.number(row["count"]) if shown else mark,
        "Of those recorded": f"{100 * row['value']:.1f}%" if shown else mark,
        "Lowest it could be": f"{100 * row['lowest']:.1f}%" if shown else mark,
        "Highest it could be": f"{100 * row['highest']:.1f}%" if shown else mark,
    }


def linked(snapshot: Snapshot, choice: Choice) -> Part:  # noqa: ARG001 - every section is made alike
    """Whose group is missing: recording by the group that the linked record of the person holds."""
    figure = measures.side_by_side(snapshot, RECORDED, "linked_ethnic_group")
    if bare := _bare("linked", "Whose group is missing", figure):
        return bare
    assert figure is not None
    labels = _labels(snapshot, "linked_ethnic_group")
    whole = ethnicity_words.row_of(measures.newest_year(snapshot, RECORDED, ()))
    rows = ethnicity_words.labelled(measures.apart(figure.cells, whole), labels)
    known = [row for row in rows if row["code"] not in ("declined", "not_known", "not_recorded", "unmapped")]
    title, summary = ethnicity_words.linked(known, whole)
    notes = (
        "Another health record of the person tells the group here; it is missing for some and wrong for some, so true "
        "differences may be larger. Not adjusted for board or age.",
    )
    return Part(
        "linked", title, summary, f"{figure.entry.title}, by group in the linked record. Scotland. {_sentence(figure)}",
        None, notes, _against("Group in the linked record", rows), None, (figure,), True,
    )  # fmt: skip


def _against(column: str, rows: Sequence[Mapping[str, Any]], all_of: str = "People tested") -> pl.DataFrame:
    side = {1: "Clearly above", -1: "Clearly below", 0: "No clear difference", None: ""}
    return pl.DataFrame(
        [
            {
                column: row["label"],
                "Share": words.amount(row),
                "95% interval": _interval(row),
                all_of: _count(row, "denominator"),
                "Against Scotland": side[row["side"]],
            }
            for row in rows
        ]
    )


def agreement(snapshot: Snapshot, choice: Choice) -> Part:
    """Whether what is recorded is right, by recorded group, and whether a person's requests tell one story."""
    figure = measures.side_by_side(snapshot, measures.AGREES, "ethnic_category")
    if bare := _bare("agreement", "Agreement with the linked record", figure):
        return bare
    assert figure is not None
    labels = _labels(snapshot, "ethnic_category")
    whole_figure = measures.newest_year(snapshot, measures.AGREES, ())
    whole = ethnicity_words.row_of(whole_figure)
    rows = ethnicity_words.labelled(measures.apart(figure.cells, whole), labels)
    same = measures.newest_year(snapshot, measures.CONSISTENT, choice.fixed)
    title, summary = ethnicity_words.agreement(whole, rows, ethnicity_words.row_of(same))
    if choice.fixed:
        board = ethnicity_words.row_of(measures.newest_year(snapshot, measures.AGREES, choice.fixed))
        summary += (
            f" {snapshot.label(*choice.fixed[0])}: {words.amount(board) if board else words.NOT_AVAILABLE} agree."
        )
    figures = tuple(found for found in (figure, whole_figure, same) if found is not None and found.cells.height)
    notes = (
        "In these six broad groups; two records may agree in them and differ within. Neither record is always right.",
    )
    return Part(
        "agreement", title, summary, f"{figure.entry.title}, by recorded ethnic group. Scotland. {_sentence(figure)}",
        None, notes, _against("Recorded ethnic group", rows, "People with both"), None, figures, True,
    )  # fmt: skip


def retired(snapshot: Snapshot, choice: Choice) -> Part:  # noqa: ARG001 - every section is made alike
    """Retired codes by receiving laboratory."""
    figure = measures.side_by_side(snapshot, measures.RETIRED, "receiving_lab")
    if bare := _bare("retired", "Retired codes by laboratory", figure):
        return bare
    assert figure is not None
    whole = ethnicity_words.row_of(measures.newest_year(snapshot, measures.RETIRED, ()))
    rows = ethnicity_words.labelled(measures.apart(figure.cells, whole), _labels(snapshot, "receiving_lab"))
    title, summary = ethnicity_words.retired(rows, whole)
    notes = (
        "Retired codes are mapped to a group of today and count as recorded. Codes that are not on any list are those "
        "not recognised, above.",
    )
    return Part(
        "retired", title, summary, f"{figure.entry.title}, by receiving laboratory. {_sentence(figure)}",
        None, notes, _against("Receiving laboratory", rows, "People whose group has one"), None, (figure,), True,
    )  # fmt: skip


#: The sections in the order of the page: six charts, four tables.
PARTS: dict[str, Callable[[Snapshot, Choice], Part]] = {
    "recorded": over_time,
    "groups": groups,
    "signals": boards,
    "changes": changes,
    "reasons": reasons_by_group,
    "reasons_time": reasons_over_time,
    "retired": retired,
    "linked": linked,
    "bounds": bounds,
    "agreement": agreement,
}

#: Whether a section heeds the board chosen, and what stands side by side; it is made anew only where that changes.
HEEDS: dict[str, tuple[bool, bool]] = {
    "recorded": (True, False),
    "groups": (True, True),
    "signals": (False, False),
    "changes": (True, True),
    "reasons": (False, True),
    "reasons_time": (True, False),
    "retired": (False, False),
    "linked": (False, False),
    "bounds": (True, False),
    "agreement": (True, False),
}
