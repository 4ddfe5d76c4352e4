"""The sections of the page Outlook: each a finding, at most one chart, a table, its download and what it measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from catalogue.dimensions import dimensions
from ui import outlook_charts, outlook_words, words
from ui import outlook_measures as measures
from ui.charts import Chart
from ui.data import Snapshot
from ui.figure import Figure
from ui.made_once import made_once
from ui.outlook_filters import Choice, places

#: So many of the newest months are drawn before a forecast, and periods counted of what comes in and goes out.
MONTHS_DRAWN, PERIODS_COUNTED = 24, 12

ABOUT_BREACHES = (
    "- **Counted:** requests with a standard that were open at the end of the day named, and whose due date lies in "
    "the days looked ahead.\n"
    "- **Chance of each:** of the requests that fell due in the 12 months before, newer ones weighing more (half the "
    "weight every 30 days), the late ones divided by those that were still open with as many days left to their due "
    "date: of the same category, standard and laboratory, leaning on the category, then on all, where these are few.\n"
    "- **Days:** calendar days to a due date that is worked out in the standard's own days, working or calendar.\n"
    "- **Expected:** the sum of the chances. **Range:** holds what happens in 9 months of 10, if months differ as they "
    "did before; it allows for chance, for months that are late or early as a whole, and for past ranges that held too "
    "little.\n"
    "- **Check:** made anew from each of the past month-ends, with what was known then; a pause of the clock is taken "
    "as not known, since it is not dated. Requests cancelled in time count as not late.\n"
    "- **Rounded:** numbers up or down to 5, ranges outwards to 5."
)
ABOUT_SHARES = (
    "- **Series:** the monthly share reported within standard, as shown on the page Turnaround.\n"
    "- **Trend:** a level and a damped slope that follow the newest months, averaged over how fast they may follow. "
    "**Last month stays:** the naive forecast, beside which any other has to be nearer to be of use.\n"
    "- **Intervals:** of what is known of the errors so far, widened where past ones held too little. Nothing of what "
    "is planned (staff, leave, new standards) is in them, nor the season.\n"
    "- **Check:** both made anew from each of 24 past months, and compared with what then happened."
)
ABOUT_WEEKS = (
    "- **Weeks of work in hand:** requests with a standard open at the newest month's end, divided by those reported a "
    "week in the newest whole quarter: how long the open work would take at that pace if nothing came in.\n"
    "- **Range:** what rounding of the counts leaves open.\n"
    "- The oldest open requests are told in own-board detail only: on the page My board, for its managers."
)


@dataclass(frozen=True)
class Part:
    """All that one section shows; `chart` is None where there is nothing to draw, and `title` and `summary` say why.

    table: the figures as text. data: the same as numbers, for the download. figures: those it rests on, for citing and
    quality. tiles: label, value and what stands beside it. about: what it measures. cards: small charts, as HTML.
    named_by: how many of the table's first columns name a row.
    """

    name: str
    title: str
    summary: str
    subtitle: str = ""
    chart: Chart | None = None
    tiles: tuple[tuple[str, str, str], ...] = ()
    table: pl.DataFrame | None = None
    data: pl.DataFrame | None = None
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()
    about: str = ""
    cards: str = ""
    named_by: int = 1


@made_once(300)
def _built(key: str, name: str, choice: Choice, _snapshot: Snapshot) -> Part:  # noqa: ARG001 - key: the release
    return SECTIONS[name](_snapshot, choice)


def build(snapshot: Snapshot, name: str, choice: Choice) -> Part:
    """A section of the page, made once for a release and a choice."""
    return _built(snapshot.key, name, choice, snapshot)


def _alt(title: str, summary: str) -> str:
    return f"{title}. {summary} Every value is in the table below the chart."


def _without(name: str, what: str, state: str | None) -> Part:
    """A section that cannot be shown, and why: no table, too early a record, or too few people."""
    if state is None:
        return Part(name, f"{what}: not in this release", outlook_words.BEFORE_THERE_WAS_ONE)
    if state == "not_available":
        return Part(name, f"{what}: cannot be told yet", outlook_words.TOO_EARLY)
    return Part(name, f"{what}: hidden {words.HIDDEN}", outlook_words.FEW)


def _rests_on(snapshot: Snapshot, indicator: str, choice: Choice) -> tuple[Figure, ...]:
    found = measures.figure(snapshot, indicator, choice)
    return (found,) if found is not None and found.cells.height else ()


def now(snapshot: Snapshot, choice: Choice) -> Part:
    """How many of the requests that are open will pass their due date within 7, 14 and 28 days."""
    forecast, what = snapshot.built_table("breach_forecast"), "Open requests that will pass their due date"
    if forecast is None or forecast.is_empty():
        return _without("now", what, None if forecast is None else "not_available")
    rows = forecast.filter(kind=choice.kind, code=choice.code).sort("horizon").to_dicts()
    row = measures.row_of(forecast, choice)
    state = row["state"] if row else "confidential"
    place = _whose(snapshot, choice)
    tiles = (*(_tile(one) for one in rows), *_overdue(snapshot, choice))
    if row is None or state != "shown":
        bare = _without("now", what, state)
        is_any = any(one["state"] == "shown" for one in rows)
        return Part("now", bare.title, bare.summary, tiles=tiles if is_any else (), about=ABOUT_BREACHES)
    score = measures.row_of(snapshot.built_table("breach_forecast_scores"), choice)
    summary = outlook_words.now_summary(row, score, measures.came_later(snapshot, choice.days), choice.days)
    table = pl.DataFrame(
        [
            {
                "Days ahead": f"{one['horizon']}, to {words.long_date(outlook_words.due_by(one))}",
                "Expected to pass their due date": _number(one, "expected"),
                "90% range": _range(one),
                "By the simple forecast": _number(one, "naive"),
            }
            for one in rows
        ]
    )
    return Part(
        "now",
        outlook_words.now(row, place),
        summary,
        tiles=tiles,
        table=table,
        data=pl.DataFrame(rows),
        figures=_rests_on(snapshot, measures.OPEN, choice),
        about=ABOUT_BREACHES,
    )


def _whose(snapshot: Snapshot, choice: Choice) -> str:
    """Whose requests: `from Fife`, `at Dundee`; empty for Scotland."""
    if not choice.code:
        return ""
    return f"{'from' if choice.kind == 'requesting_board' else 'at'} {measures.named_place(snapshot, choice)}"


def _tile(row: dict[str, Any]) -> tuple[str, str, str]:
    beside = {
        "shown": f"{_range(row)}, by {outlook_words.day(outlook_words.due_by(row))}",
        "confidential": "Too few people to be told",
    }
    return f"Within {row['horizon']} days", _number(row, "expected"), beside.get(row["state"], "Cannot be told yet")


def _overdue(snapshot: Snapshot, choice: Choice) -> tuple[tuple[str, str, str], ...]:
    """Those overdue already, as the protected measure has them."""
    found = measures.figure(snapshot, measures.OVERDUE, choice)
    row = found.headline if found else None
    if row is None:
        return (("Overdue already", words.HIDDEN, "Not among the others"),) if found else ()
    return (
        (
            "Overdue already",
            words.number(row["numerator"]),
            f"At the end of {words.month(row['period_end'])}, not among the others",
        ),
    )


def _number(row: dict[str, Any], name: str) -> str:
    if row["state"] != "shown" or row[name] is None:
        return words.MARK.get(row["state"], words.NOT_AVAILABLE)
    return words.number(row[name])


def _range(row: dict[str, Any]) -> str:
    if row["state"] != "shown":
        return words.MARK.get(row["state"], words.NOT_AVAILABLE)
    return outlook_words.between(row["lower"], row["upper"])


def where(snapshot: Snapshot, choice: Choice) -> Part:
    """The same by laboratory, or by requesting board where a board is chosen."""
    kind = choice.kind if choice.kind != "scotland" else "performing_lab"
    return _by_place(snapshot, choice, kind, "where")


def where_else(snapshot: Snapshot, choice: Choice) -> Part:
    """The same by the other kind of place."""
    kind = "performing_lab" if choice.kind == "requesting_board" else "requesting_board"
    return _by_place(snapshot, choice, kind, "where_else")


def _by_place(snapshot: Snapshot, choice: Choice, kind: str, name: str) -> Part:
    forecast = snapshot.built_table("breach_forecast")
    what = f"Open requests that will pass their due date, by {outlook_words.KINDS[kind][0]}"
    named = places(snapshot, kind)
    if forecast is None or forecast.is_empty():
        return _without(name, what, None if forecast is None else "not_available")
    held = {row["code"]: row for row in forecast.filter(kind=kind, horizon=choice.days).to_dicts()}
    rows = [held.get(code, _nobody(code)) | {"code": code, "name": label} for code, label in named.items()]
    shown = [row for row in rows if row["state"] == "shown"]
    if not shown:
        is_early = any(row["state"] == "not_available" for row in rows)
        return _without(name, what, "not_available" if is_early else "confidential")
    most = outlook_words.most_expected(shown)
    title = outlook_words.where(choice.days, kind, most)
    summary = outlook_words.where_summary(most, kind, len(rows) - len(shown))
    drawn = [
        row | {"value": row["expected"], "said": f"about {_number(row, 'expected')}, {_range(row)}"} for row in rows
    ]
    chart = outlook_charts.places(
        drawn, axis="Expected to pass their due date", unit="requests", alt=_alt(title, summary), highlight=choice.code
    )
    table = pl.DataFrame(
        [
            {
                dimensions()[kind].label: row["name"],
                "Expected": _number(row, "expected"),
                "90% range": _range(row),
                "By the simple forecast": _number(row, "naive"),
            }
            for row in rows
        ]
    )
    return Part(
        name,
        title,
        summary,
        chart=chart,
        table=table,
        data=pl.DataFrame(rows),
        figures=_rests_on(snapshot, measures.OPEN, Choice()),
        notes=(
            "Lines are 90% ranges. The order is that of the list and says nothing of rank. Each number is rounded by "
            "itself, so places need not add up to Scotland.",
        ),
        about=ABOUT_BREACHES,
    )


def _nobody(code: str) -> dict[str, Any]:
    """A place that the table does not have: nobody of it was ever in the record, which is not told from few."""
    return {"code": code, "state": "confidential", "expected": None, "lower": None, "upper": None, "naive": None}


def checked(snapshot: Snapshot, choice: Choice) -> Part:
    """How far the forecast can be trusted: the same made from past month-ends, beside what then happened."""
    scores, past = snapshot.built_table("breach_forecast_scores"), snapshot.built_table("breach_forecast_past")
    what = "How far this can be trusted"
    if scores is None or past is None:
        return _without("checked", what, None)
    if scores.is_empty():
        return _without("checked", what, "not_available")
    score = measures.row_of(scores, choice)
    title = outlook_words.check(score)
    summary = outlook_words.check_summary(score, choice.days) if score else outlook_words.FEW
    rows = past.filter(horizon=choice.days).sort("as_at").to_dicts()
    is_drawn = choice.kind == "scotland" and any(row["state"] == "shown" for row in rows)
    chart = outlook_charts.past(rows, axis="Passed their due date", alt=_alt(title, summary)) if is_drawn else None
    own = scores.filter(kind=choice.kind, code=choice.code).sort("horizon")
    return Part(
        "checked",
        title,
        summary,
        _subtitle(snapshot, choice, f"Forecasts for {choice.days} days made from past month-ends"),
        chart=chart,
        table=_past_table(rows) if is_drawn else _score_table(own),
        data=past.filter(horizon=choice.days).sort("as_at") if is_drawn else own,
        figures=_rests_on(snapshot, measures.OPEN, choice),
        notes=() if is_drawn else ("Month by month, what happened is shown for Scotland alone.",),
        about=ABOUT_BREACHES,
    )


def _subtitle(snapshot: Snapshot, choice: Choice, what: str) -> str:
    return f"{what}. {measures.named_place(snapshot, choice)}."


def _past_table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "From the end of": words.month(row["as_at"]),
                "Expected": _number(row, "expected"),
                "90% range": _range(row),
                "Happened": _number(row, "happened"),
                "Range held it": {True: "Yes", False: "No"}.get(row["is_held"], words.HIDDEN),
                "Simple forecast": _number(row, "naive"),
                "Late, arrived after": words.HIDDEN if row["came_later"] is None else words.number(row["came_later"]),
            }
            for row in reversed(rows)
        ]
    )


def _score_table(own: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "Days ahead": row["horizon"],
                "Months": row["origins"],
                "Range held": row["held"],
                "Off by, on average": row["mean_absolute_error"],
                "Simple forecast off by": row["naive_error"],
                "Passed their due date, on average": row["mean_happened"],
            }
            for row in own.to_dicts()
        ]
    )


def months(snapshot: Snapshot, choice: Choice) -> Part:
    """The share within standard in the next six months, beside the naive forecast."""
    forecast, scores = snapshot.built_table("share_forecast"), snapshot.built_table("share_forecast_scores")
    what = "Share reported within standard in the next six months"
    own = choice if choice.kind == "performing_lab" else Choice(choice.days)
    place = measures.named_place(snapshot, own)
    figure = measures.figure(snapshot, measures.WITHIN, own)
    if forecast is None or scores is None:
        return _without("months", what, None)
    rows = forecast.filter(kind=own.kind, code=own.code, state="shown").sort("step")
    if rows.is_empty() or figure is None or figure.headline is None:
        return Part("months", f"{what}: cannot be told yet", _TOO_SHORT)
    scored = scores.filter(kind=own.kind, code=own.code)
    better = outlook_words.is_trend_better(scored)
    by_method = {
        str(method): part.sort("step").to_dicts() for (method,), part in rows.group_by("method", maintain_order=True)
    }
    last = by_method["trend" if better else "naive"][-1]
    made_from = figure.cells.filter(pl.col("period_start") == last["made_from"]).row(0, named=True)
    title = outlook_words.share(last, better, place, made_from)
    summary = outlook_words.share_summary(last, scored, better)
    target = figure.entry.target
    chart = outlook_charts.months_ahead(
        figure.cells.sort("period_start").tail(MONTHS_DRAWN).to_dicts(),
        by_method,
        "trend" if better else "naive",
        axis="Reported within standard",
        alt=_alt(title, summary),
        target=target.value / 100 if target and target.unit == "percent" else None,
    )
    notes = (
        ()
        if own == choice or choice.kind == "scotland"
        else ("Boards have no forecast of their own: this is Scotland's.",)
    )
    return Part(
        "months",
        title,
        summary,
        f"{figure.entry.title}, month by month. {place}.",
        chart=chart,
        table=_share_table(by_method, scored, better),
        data=rows.join(scored.drop("kind", "code"), on=["method", "step"], how="left"),
        figures=(figure,),
        notes=notes,
        about=ABOUT_SHARES,
    )


_TOO_SHORT = (
    "It needs months without a gap: 12 to forecast from, and at least 12 more to check the forecasts against, whose "
    "shares are all shown."
)


def _share_table(by_method: dict[str, list[dict[str, Any]]], scored: pl.DataFrame, better: bool) -> pl.DataFrame:
    errors = {(row["method"], row["step"]): row for row in scored.to_dicts()}
    method = "trend" if better else "naive"
    rows = []
    for row in by_method[method]:
        step, own = row["step"], errors[(method, row["step"])]
        rows.append(
            {
                "Month": words.month(row["period_start"]),
                "Trend": f"{100 * by_method['trend'][step - 1]['value']:.1f}%",
                "Last month stays": f"{100 * by_method['naive'][step - 1]['value']:.1f}%",
                "80% interval": f"{100 * row['lower_80']:.1f}% to {100 * row['upper_80']:.1f}%",
                "95% interval": f"{100 * row['lower_95']:.1f}% to {100 * row['upper_95']:.1f}%",
                "Trend off by, points": f"{100 * errors[('trend', step)]['mean_absolute_error']:.1f}",
                "Last month off by, points": f"{100 * errors[('naive', step)]['mean_absolute_error']:.1f}",
                "Held, 80% and 95%": f"{words.percent(own['within_80'])}, {words.percent(own['within_95'])}",
            }
        )
    return pl.DataFrame(rows)


def flow(snapshot: Snapshot, choice: Choice) -> Part:
    """What comes in and what is reported, over time."""
    reported = measures.figure(snapshot, measures.REPORTED, choice)
    received = measures.figure(snapshot, measures.RECEIVED, choice)
    nothing = words.nothing_to_show(reported, "Requests received and reported")
    if nothing or reported is None or received is None:
        return Part("flow", *(nothing or ("Requests received and reported", outlook_words.BEFORE_THERE_WAS_ONE)))
    pairs = measures.both_shown(received, reported, PERIODS_COUNTED)
    if received.query.grain != reported.query.grain or not pairs:
        return Part("flow", "Requests received and reported: cannot be set side by side", outlook_words.FEW_TO_COMPARE)
    title = outlook_words.flow(*pairs[-1], reported.query.grain)
    numbers = [(came["value"], went["value"]) for came, went in pairs]
    summary = outlook_words.flow_summary(numbers, reported.query.grain)
    drawn = [_spoken(one).to_dicts() for one in (received, reported)]
    chart = outlook_charts.in_and_out(*drawn, axis="Requests", alt=_alt(title, summary))
    came = received.cells.select("period_start", received="value", received_state="state")
    both = reported.cells.join(came, on="period_start", how="left").sort("period_start", descending=True)
    table = pl.DataFrame(
        [
            {
                "Period": words.period(reported.query.grain, row["period_start"], row["period_end"]),
                "Came in": words.MARK.get(row["received_state"], words.HIDDEN)
                if row["received_state"] != "shown"
                else words.number(row["received"]),
                "Reported": words.amount(row),
                "Status": words.PERIOD_STATUS.get(row["period_status"], row["period_status"]),
            }
            for row in both.to_dicts()
        ]
    )
    return Part(
        "flow",
        title,
        summary,
        _subtitle(snapshot, choice, "Requests received and reported"),
        chart=chart,
        table=table,
        data=both.select(
            "period_start", "period_end", "period_status", "state", "received", pl.col("value").alias("reported")
        ),
        figures=(reported, received),
        notes=("Requests without a standard are among those that came in, and not among those reported.",),
    )


def _spoken(figure: Figure) -> pl.DataFrame:
    cells = figure.cells.sort("period_start")
    spans = [
        words.period(figure.query.grain, start, end) for start, end in cells.select("period_start", "period_end").rows()
    ]
    return cells.with_columns(pl.Series("label", spans, dtype=pl.String))


def in_hand(snapshot: Snapshot, choice: Choice) -> Part:
    """Weeks of work in hand, side by side."""
    kind = choice.kind if choice.kind != "scotland" else "performing_lab"
    rows = measures.in_hand(snapshot, kind)
    figures = _rests_on(snapshot, measures.OPEN, choice) + _rests_on(snapshot, measures.REPORTED, choice)
    if all(row["weeks"] is None for row in rows) or not figures:
        return Part("in_hand", "Weeks of work in hand: cannot be told", outlook_words.FEW_TO_COMPARE)
    title = outlook_words.in_hand(rows[0], rows[1:], outlook_words.KINDS[kind][1], choice.code)
    summary = (
        "Requests open at the newest month's end, divided by the reports a week of the newest whole quarter. "
        "Lines are what rounding leaves open."
    )
    drawn = [
        row | {"value": row["weeks"], "lower": row["least"], "upper": row["most"], "said": outlook_words.weeks(row)}
        for row in rows
    ]
    chart = outlook_charts.places(
        drawn, axis="Weeks of work in hand", unit="weeks", alt=_alt(title, summary), highlight=choice.code or "-"
    )
    table = pl.DataFrame(
        [
            {
                "Place": row["name"],
                "Weeks of work in hand": outlook_words.weeks(row),
                "Open": _count(row["open"]),
                "Reported in the quarter": _count(row["reported"]),
            }
            for row in rows
        ]
    )
    return Part(
        "in_hand",
        title,
        summary,
        chart=chart,
        table=table,
        data=pl.DataFrame(rows),
        figures=figures,
        notes=("The order is that of the list and says nothing of rank.",),
        about=ABOUT_WEEKS,
    )


def _count(number: int | None) -> str:
    return words.HIDDEN if number is None else words.number(number)


SECTIONS: dict[str, Callable[[Snapshot, Choice], Part]] = {
    "now": now,
    "where": where,
    "where_else": where_else,
    "checked": checked,
    "months": months,
    "flow": flow,
    "in_hand": in_hand,
}
