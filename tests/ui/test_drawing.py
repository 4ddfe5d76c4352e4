"""A chart gathered as plain dictionaries is the figure that Plotly's own methods make, checked or not."""

from __future__ import annotations

import datetime as dt
import json

import plotly.graph_objects as go
import pytest

from ui import drawing, theme
from ui.drawing import Drawing

DAYS = [dt.date(2026, month, 1) for month in (1, 2, 3)]
POINTS = {
    "x": DAYS, "y": [0.5, None, 0.7], "mode": "lines+markers", "name": "Share",
    "line": {"color": theme.NAVY, "dash": None},
    "marker": {"size": [5, 9, 5], "symbol": ["circle", "diamond", "circle"], "line": {"width": 1.5}},
}  # fmt: skip
BARS = {"x": DAYS, "y": [1, 2, 3], "marker": {"color": theme.TEAL}, "yaxis": "y2"}
RULE = {"color": theme.GREY, "width": 1, "dash": "dash"}
WORDS = {"text": "90%", "xanchor": "right"}


def draw(figure: Drawing | go.Figure) -> None:
    figure.add_scatter(**POINTS)
    figure.add_bar(**BARS)
    figure.add_annotation(x=0.9, xref="paper", y=3, text="Target", showarrow=False, font={"color": theme.GREY})
    figure.add_shape(type="line", x0=DAYS[0], x1=DAYS[0], y0=0, y1=1, yref="paper", line=RULE)
    figure.add_hline(y=0.9, line=RULE, annotation=WORDS)
    figure.add_vline(x=2, line=RULE)
    figure.update_layout(margin={"t": 26}, legend={"y": 1.08}, yaxis2={"domain": [0, 0.3], "anchor": "x"})
    figure.update_layout(legend={"traceorder": "normal"})
    figure.update_xaxes(title_text="Month", tickvals=DAYS, range=[0, 1])
    figure.update_xaxes(tickvals=None, dtick=None)
    figure.update_yaxes(title_text="Share", ticksuffix="%")


def drawn(is_checked: bool, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setattr(drawing, "IS_CHECKED", is_checked)
    figure = theme.blank(380, bargap=0.2)
    draw(figure)
    return json.loads(figure.plotly().to_json())


@pytest.mark.parametrize("is_checked", [True, False])
def test_it_is_the_figure_that_plotlys_own_methods_make(monkeypatch, is_checked):
    own = go.Figure(layout={"template": theme.GM, "height": 380, "bargap": 0.2})
    draw(own)
    assert drawn(is_checked, monkeypatch) == json.loads(own.to_json())


def test_a_property_that_plotly_does_not_know_is_refused_where_drawings_are_checked(monkeypatch):
    figure = theme.blank(380)
    figure.add_scatter(x=[1], y=[1], colour=theme.NAVY)
    with pytest.raises(ValueError, match="colour"):
        figure.plotly()
    monkeypatch.setattr(drawing, "IS_CHECKED", False)
    assert figure.plotly()


def test_what_is_added_after_a_look_is_in_the_figure():
    figure = Drawing()
    figure.add_bar(x=[1], y=[2])
    assert len(figure.data) == 1
    figure.add_bar(x=[1], y=[3])
    figure.update_layout(height=200)
    assert [trace.y[0] for trace in figure.data] == [2, 3]
    assert figure.layout.height == 200


def test_drawings_of_one_style_do_not_share_settings():
    first, second = theme.blank(100), theme.blank(200)
    first.update_layout(margin={"t": 99})
    assert second.layout.margin.t is None
    assert theme.GM.layout.margin.t == 12


def test_what_a_drawing_was_given_is_not_changed_by_it():
    axis = {"range": [0, 1]}
    figure = Drawing(yaxis=axis)
    figure.update_yaxes(range=[0, 2])
    assert axis == {"range": [0, 1]}


def test_a_figure_that_is_drawn_again_is_told_as_before_and_as_a_new_one_would_be():
    made = Drawing(theme.GM)
    draw(made)
    first, again = (json.loads(made.plotly().to_json()) for _ in range(2))
    anew = Drawing(theme.GM)
    draw(anew)
    assert first == again == json.loads(anew.plotly().to_json())
    made.add_annotation(text="later", x=0, y=0)
    assert json.loads(made.plotly().to_json()) != first
