"""Charts of days in stages: the median and the day by which nine in ten are through, from nought, in a fixed order."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl

from ui import theme
from ui.charts import ROW_HEIGHT, Chart, Say
from ui.words import MARK

#: Each mark with its statistic, name, colour and shape: never told apart by colour alone.
MARKS = (
    ("median", "Half are through", theme.NAVY, "circle"),
    ("p90", "Nine in ten are through", theme.CLARET, "diamond"),
)


def stages(
    cells: pl.DataFrame, labels: Sequence[tuple[str, str]], *, highlight: str | None, say: Say, alt: str
) -> Chart:
    """Days in each stage of the path, in the order of the path; the name of the longest stage is bold.

    cells: columns code, statistic, state, value; labels: code and name of each stage.
    """
    named = [(code, f"<b>{name}</b>" if code == highlight else name) for code, name in labels]
    return Chart(_drawn(cells, named, None, say), alt)


def places(
    cells: pl.DataFrame, labels: Sequence[tuple[str, str]], *, against: float | None, say: Say, alt: str
) -> Chart:
    """Days in one stage at several places, in the order of their list, with Scotland's median as a line."""
    return Chart(_drawn(cells, labels, against, say), alt)


def _drawn(cells: pl.DataFrame, labels: Sequence[tuple[str, str]], against: float | None, say: Say) -> go.Figure:
    rows = {(row["code"], row["statistic"]): row for row in cells.to_dicts()}
    drawn = [(code, _broken(name)) for code, name in labels if (code, "median") in rows]
    figure = go.Figure()
    figure.update_layout(template=theme.GM, height=130 + (ROW_HEIGHT + 6) * max(len(drawn), 2))
    shown = {key: row for key, row in rows.items() if row["state"] == "shown" and row["value"] is not None}
    for code, name in drawn:
        ends = [shown[(code, statistic)]["value"] for statistic, *_ in MARKS if (code, statistic) in shown]
        if len(ends) == len(MARKS):
            figure.add_scatter(
                x=ends,
                y=[name, name],
                mode="lines",
                line={"color": theme.BLUE, "width": 3},
                hoverinfo="skip",
                showlegend=False,
            )
    for statistic, what, colour, symbol in MARKS:
        points = [(name, shown[(code, statistic)]) for code, name in drawn if (code, statistic) in shown]
        if points:
            figure.add_scatter(
                x=[row["value"] for _, row in points],
                y=[name for name, _ in points],
                mode="markers",
                name=what,
                marker={"color": colour, "size": 10, "symbol": symbol},
                text=[say(row) for _, row in points],
                hovertemplate=f"%{{y}}, {what.lower()}: within %{{text}}<extra></extra>",
            )
    if hidden := [(name, rows[(code, "median")]) for code, name in drawn if (code, "median") not in shown]:
        figure.add_scatter(
            x=[0] * len(hidden),
            y=[name for name, _ in hidden],
            mode="text",
            text=[MARK[row["state"]] for _, row in hidden],
            textposition="middle right",
            textfont={"color": theme.GREY},
            hovertemplate="%{y}: %{text}<extra></extra>",
            showlegend=False,
        )
    if against is not None:
        _line(figure, against)
    highest = max([1.0, *(row["value"] for (_, statistic), row in shown.items() if statistic != "p95")])
    figure.update_xaxes(title_text="Days", range=[-0.02 * highest, 1.08 * highest], side="bottom")
    names = [name for _, name in drawn]
    figure.update_yaxes(
        categoryorder="array",
        categoryarray=list(reversed(names)),
        ticks="",
        showgrid=True,
        range=[-0.6, len(names) - 0.4],
    )
    return figure


def _line(figure: go.Figure, days: float) -> None:
    figure.add_shape(
        type="line",
        x0=days,
        x1=days,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": theme.INK, "width": 2, "dash": "dash"},
    )
    figure.add_annotation(
        x=days, y=1, yref="paper", yanchor="bottom", xanchor="left", text="Median of Scotland", showarrow=False
    )
    # The legend stands above the line's name, whatever the height of the chart.
    figure.update_layout(margin={"t": 60}, legend={"y": 1 + 26 / (figure.layout.height - 100), "yanchor": "bottom"})


def _broken(name: str) -> str:
    """A long name on two lines, so that the marks keep room on a narrow screen."""
    if len(name) < 22 or " to " not in name:
        return name
    first, last = name.split(" to ", 1)
    return f"{first}<br>to {last}"
