"""Sentences of the page Outlook: what is expected, how sure that is, and how work comes and goes. No screens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ui import words

Row = Mapping[str, Any]

#: In this share of months the range holds what happens, if it is right; in fewer than the second, it is too narrow.
MEANT, TOO_FEW = 0.9, 0.8

#: Came in and reported differ where they are further apart than this share.
APART = 0.05

BEFORE_THERE_WAS_ONE = "This release was made before there was an outlook. The next one that is built will hold it."
TOO_EARLY = (
    "It cannot be told yet. A forecast is shown only beside its check: that needs 12 months of requests that fell due, "
    "and 12 month-ends after them from which it could have been made."
)
FEW = (
    f"Hidden {words.HIDDEN}: a forecast of open requests needs 20 people whose requests fall due, of whom 10 at least "
    "are expected to be late and 10 not. Look further ahead, or at Scotland."
)
FEW_TO_COMPARE = f"Hidden {words.HIDDEN} or not in this release: the counts that it needs stand for too few people."
RANGE = "The range is meant to hold what happens in 9 months of 10."
COUNTED = (
    "Days are counted from the last whole day of each laboratory's newest extract. Requests already overdue that day, "
    "and requests that had not arrived, are not in it."
)
NAIVE = "The simple forecast takes the share of those falling due that was late a month before."


def day(value: dt.date) -> str:
    """A date without its year: `14 November`."""
    return f"{value.day} {value:%B}"


def due_by(row: Row) -> dt.date:
    """The last day of the days looked ahead."""
    found: dt.date = row["as_at"] + dt.timedelta(days=row["horizon"])
    return found


def between(lower: float, upper: float) -> str:
    """A range of whole numbers in words."""
    return f"{words.number(lower)} to {words.number(upper)}"


def now(row: Row, place: str) -> str:
    """The finding: how many of the open requests will pass their due date."""
    of = f"the requests {place} that were" if place else "the requests"
    return (
        f"About {between(row['lower'], row['upper'])} of {of} open on {words.long_date(row['as_at'])} will pass their "
        f"due date by {day(due_by(row))} unless something changes"
    )


def now_summary(row: Row, score: Row | None, later: float | None, days: int) -> str:
    """The most likely number, which forecast was nearer in the past, and what is not counted."""
    said = [f"Most likely about {words.number(row['expected'])}. {RANGE}"]
    if score and score["naive_error"] <= score["mean_absolute_error"] and row["naive"] is not None:
        said.append(
            f"In past months the simple forecast, the share of a month before, came as near or nearer here: it says "
            f"about {words.number(row['naive'])}."
        )
    said.append(COUNTED)
    if later is not None:
        said.append(
            f"In the past 12 months, {words.percent(later)} of all that passed their due date within {days} days of a "
            "month's end in Scotland had not arrived by then."
        )
    return " ".join(said)


#: One place, and several, of each kind.
KINDS = {
    "performing_lab": ("laboratory", "laboratories"),
    "requesting_board": ("requesting board", "requesting boards"),
}


def where(days: int, kind: str, most: Sequence[Row]) -> str:
    """The finding of the places side by side: where most are expected."""
    names = words.joined([row["name"] for row in most])
    return f"By {KINDS[kind][0]}, most that will pass their due date within {days} days are expected in {names}"


def most_expected(rows: Sequence[Row], count: int = 2) -> list[Row]:
    """The places with most expected, as many as asked for, and with those that tie with the last of them."""
    ranked = sorted(rows, key=lambda row: -row["expected"])
    return [row for row in ranked if row["expected"] >= ranked[min(count, len(ranked)) - 1]["expected"]]


def where_summary(most: Sequence[Row], kind: str, hidden: int) -> str:
    """How many are expected there, and how many places are hidden."""
    said = [
        f"{row['name']} about {words.number(row['expected'])} ({between(row['lower'], row['upper'])})" for row in most
    ]
    found = f"{'; '.join(said)}. Where more work is done, more passes its due date: this is load, not performance."
    if hidden:
        found += f" {hidden} {KINDS[kind][hidden > 1]} {'are' if hidden > 1 else 'is'} hidden {words.HIDDEN}."
    return found


def check(score: Row | None) -> str:
    """The finding of the check against the past."""
    if score is None:
        return "How far this can be trusted: cannot be told for this place"
    return f"In {score['held']} of the last {score['origins']} months the range held what happened"


def check_summary(score: Row, days: int) -> str:
    """How often the range should hold, how far off the forecast was, and whether a simple one was nearer."""
    held, origins = score["held"], score["origins"]
    said = f"It is meant to in about {MEANT * origins:.0f} of {origins}."
    if held < TOO_FEW * origins:
        said += " It held less often than it should: take the range for too narrow."
    off, naive = score["mean_absolute_error"], score["naive_error"]
    said += (
        f" On average the forecast for {days} days was {words.number(off)} requests off, where about "
        f"{words.number(score['mean_happened'])} passed their due date"
    )
    said += f"{_lean(score['mean_error'])}. {NAIVE} It was {words.number(naive)} off"
    if naive < off:
        return f"{said}: nearer, so it is the better one here."
    return f"{said}, so nothing was gained by the fuller one." if naive == off else f"{said}."


def _lean(error: float) -> str:
    if error == 0:
        return ", and as often too high as too low"
    return f", by {words.number(abs(error))} too {'many' if error > 0 else 'few'} taking all months together"


def late(names: Sequence[tuple[str, dt.date | None]]) -> str:
    """Which laboratories' queues are older than the others'."""
    said = [f"{name} (taken on {words.long_date(taken)})" for name, taken in names]
    return (
        f"**Older queue.** {words.joined(said)}: these open requests are as at that extract, not as at the newest one, "
        "and some will have been reported since."
    )


def is_trend_better(scores: pl.DataFrame) -> bool:
    """Whether the trend was nearer than the naive forecast, over all months ahead together."""
    means = dict(scores.group_by("method").agg(pl.col("mean_absolute_error").mean()).iter_rows())
    return bool(means.get("trend", 1.0) < means.get("naive", 1.0))


def share(last: Row, better: bool, place: str, made_from: Row) -> str:
    """The finding of the six months ahead. last: the forecast of the last month, by the better method."""
    whose = f"{place}: " if place != "Scotland" else ""
    when = words.month(last["period_start"])
    held = f"it may be {words.percent(last['lower_80'])} to {words.percent(last['upper_80'])}"
    if better:
        return f"{whose}About {words.percent(last['value'])} reported within standard is expected in {when}; {held}"
    known = words.percent(made_from["value"], made_from["denominator"])
    return f"{whose}The best guess for {when} is the last month's share, {known} within standard; {held}"


def share_summary(last: Row, scores: pl.DataFrame, better: bool) -> str:
    """The wider interval, how far off both methods were, and how often the intervals held."""
    means = {
        row["method"]: row
        for row in scores.group_by("method")
        .agg(pl.col("mean_absolute_error", "within_80", "within_95").mean())
        .to_dicts()
    }
    own, origins = means["trend" if better else "naive"], scores["origins"].to_list()[0]
    trend, naive = (words.points(means[name]["mean_absolute_error"]) for name in ("trend", "naive"))
    nearer = "the trend is nearer" if better else "the trend gains nothing on it"
    said = (
        f"That is the 80% interval; the 95% interval is {words.percent(last['lower_95'])} to "
        f"{words.percent(last['upper_95'])}. Made anew from each of {origins} past months, one to six ahead, the "
        f"simple forecast (the last month's share stays) was {naive} off on average and a trend {trend}: {nearer}, so "
        f"the {'trend' if better else 'simple one'} is drawn full. The 80% interval held in "
        f"{words.percent(own['within_80'])}, the 95% interval in {words.percent(own['within_95'])}."
    )
    if own["within_80"] < 0.8 or own["within_95"] < 0.95:
        said += " That is less than they should: take them for too narrow, since shares have moved suddenly before."
    return said


def flow(received: Row, reported: Row, grain: str) -> str:
    """The finding of what comes in and what is reported."""
    when = words.period(grain, reported["period_start"], reported["period_end"])
    came, went = received["value"], reported["value"]
    numbers = f"{words.number(came)} came in and {words.number(went)} were reported in {when}"
    if came > (1 + APART) * went:
        return f"More came in than was reported: {numbers}"
    if went > (1 + APART) * came:
        return f"More was reported than came in: {numbers}"
    return f"About as many are reported as come in: {numbers}"


def flow_summary(pairs: Sequence[tuple[float, float]], grain: str) -> str:
    """In how many of the newest periods more came in than went out."""
    more = sum(came > went for came, went in pairs)
    unit = {"month": "months", "quarter": "quarters", "year": "years"}[grain]
    return f"In {more} of the newest {len(pairs)} {unit}, more came in than was reported." if pairs else ""


def weeks(row: Row) -> str:
    """Weeks of work in hand with what rounding leaves open: `3.3`, or `2 to 4` where the counts are small."""
    if row["weeks"] is None:
        return words.HIDDEN
    if row["most"] - row["least"] <= 0.2:
        return f"{row['weeks']:.1f}"
    return f"{row['least']:.1f} to {row['most']:.1f}"


def in_hand(scotland: Row, places: Sequence[Row], plural: str, chosen: str) -> str:
    """The finding of the work in hand: of the place chosen beside Scotland, or of the places with least and most."""
    own = next((row for row in places if row["code"] == chosen), None)
    whole = "Scotland's cannot be told" if scotland["weeks"] is None else f"Scotland {scotland['weeks']:.1f}"
    if own is not None:
        if own["weeks"] is None:
            return f"Weeks of work in hand of {own['name']}: hidden {words.HIDDEN}; {whole}"
        return f"{own['name']} has about {own['weeks']:.1f} weeks of work in hand; {whole}"
    known = sorted((row for row in places if row["weeks"] is not None), key=lambda row: row["weeks"])
    if scotland["weeks"] is None:
        return "Weeks of work in hand: cannot be told for Scotland"
    said = f"Scotland has about {scotland['weeks']:.1f} weeks of work in hand"
    if len(known) < 2:
        return said
    least, most = (f"{row['weeks']:.1f} ({row['name']})" for row in (known[0], known[-1]))
    return f"{said}; its {plural} from {least} to {most}"
