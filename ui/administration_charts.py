"""The chart of the page Administration: what was looked at and what was refused, day by day."""

from __future__ import annotations

import datetime as dt

from ui import theme
from ui.administration_words import KINDS, counted
from ui.charts import Chart
from ui.drawing import Drawing
from ui.trail_check import Seen
from ui.words import long_date, number

#: Kind and colour, far apart in lightness too; refused attempts have a scale of their own below.
GIVEN = (("view", theme.NAVY), ("download", theme.ORANGE))


def by_day(seen: Seen, until: dt.date) -> Chart:
    """Views and downloads stacked by day and, below on the same days, refused attempts on their own scale."""
    days = [seen.since + dt.timedelta(days=place) for place in range((until - seen.since).days + 1)]
    figure = theme.blank(420, barmode="stack", bargap=0.15)
    for what, colour in GIVEN:
        _bars(figure, seen, days, what, colour, "y")
    _bars(figure, seen, days, "refused", theme.CLARET, "y2")
    figure.update_layout(
        yaxis={"title": {"text": "Views, downloads"}, "domain": [0.42, 1], "rangemode": "tozero"},
        yaxis2={"title": {"text": "Refused"}, "domain": [0, 0.28], "rangemode": "tozero", "anchor": "x"},
        legend={"traceorder": "normal"},
        xaxis={"anchor": "y2", "range": [days[0] - dt.timedelta(hours=18), days[-1] + dt.timedelta(hours=18)]},
    )
    for axis in ("yaxis", "yaxis2"):
        figure.update_layout(**{axis: {"separatethousands": True, "tickformat": ",d", "nticks": 5}})
    return Chart(figure, _alt(seen))


def _bars(figure: Drawing, seen: Seen, days: list[dt.date], what: str, colour: str, axis: str) -> None:
    counts = [seen.by_day.get((day.isoformat(), what), 0) for day in days]
    figure.add_bar(
        x=days,
        y=counts,
        yaxis=axis,
        name=KINDS[what],
        marker={"color": colour},
        text=[f"{long_date(day)}: {number(count)}" for day, count in zip(days, counts, strict=True)],
        textposition="none",
        hovertemplate=f"%{{text}} {KINDS[what].lower()}<extra></extra>",
        showlegend=True,
    )


def _alt(seen: Seen) -> str:
    told = [f"{number(counted(seen, what))} {label.lower()}" for what, label in list(KINDS.items())[:3]]
    busiest = max(
        (day for day, what in seen.by_day if what == "refused"), key=lambda day: _refused(seen, day), default=""
    )
    most = (
        f" Most were refused on {long_date(dt.date.fromisoformat(busiest))}: {number(_refused(seen, busiest))}."
        if busiest
        else ""
    )
    return f"Bars by day since {long_date(seen.since)}: {', '.join(told)}.{most}"


def _refused(seen: Seen, day: str) -> int:
    return seen.by_day.get((day, "refused"), 0)
