"""A chart while it is drawn: plain lists and dictionaries, made into a Plotly figure once, when it is whole.

Plotly checks every property each time that something is added to a figure, twice for a line: on a page of five charts,
more than a third of the time of every view. So lines and settings are gathered here as they are, and the figure is made
of them unchecked. The tests have them checked: see `IS_CHECKED`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

#: Whether Plotly checks each figure, and refuses a property that it does not know. Tests set this, readers do not wait
#: for it; a test holds that both give the same figure.
IS_CHECKED = False

#: The name of an axis in a layout: `xaxis`, `yaxis2`.
AXIS = re.compile(r"([xy])axis\d*")


class Made(go.Figure):  # type: ignore[misc]
    """A figure that nobody changes any more: as a dictionary it is put together once, not at every view."""

    def to_dict(self) -> dict[str, Any]:
        """The figure as Plotly's JavaScript takes it; to be read only."""
        told: dict[str, Any] | None = getattr(self, "_told", None)
        if told is None:
            told = self._told = super().to_dict()
        return told


class Drawing:
    """A chart to be. Its methods are named as those of a Plotly figure that they stand for, and take the same."""

    def __init__(self, template: go.layout.Template | None = None, **layout: Any) -> None:
        """template: the style; it is not changed, so that one may serve every drawing."""
        self._template = template
        self._data: list[dict[str, Any]] = []
        self._layout: dict[str, Any] = {}
        self._made: go.Figure | None = None
        self.update_layout(**layout)

    def add_scatter(self, **trace: Any) -> None:
        """Points, lines or words."""
        self._add({"type": "scatter"} | trace)

    def add_bar(self, **trace: Any) -> None:
        """Bars."""
        self._add({"type": "bar"} | trace)

    def add_annotation(self, **note: Any) -> None:
        """Words at a place."""
        self._append("annotations", note)

    def add_shape(self, **shape: Any) -> None:
        """A line or an area that is no data."""
        self._append("shapes", shape)

    def add_hline(self, y: Any, line: Mapping[str, Any], annotation: Mapping[str, Any] | None = None) -> None:
        """A level line from side to side at `y`; annotation: words at its right end, above it."""
        across = {"x0": 0, "x1": 1, "xref": "x domain", "y0": y, "y1": y, "yref": "y"}
        self.add_shape(type="line", line=line, **across)
        if annotation:
            at = {"x": 1, "xref": "x domain", "y": y, "yref": "y", "yanchor": "bottom", "showarrow": False}
            self.add_annotation(**at | dict(annotation))

    def add_vline(self, x: Any, line: Mapping[str, Any]) -> None:
        """An upright line from top to bottom at `x`."""
        self.add_shape(type="line", line=line, x0=x, x1=x, xref="x", y0=0, y1=1, yref="y domain")

    def update_layout(self, **layout: Any) -> None:
        """Settings laid over those that are there, setting by setting; None takes one away."""
        self._made = None
        _lay_over(self._layout, layout)

    def update_xaxes(self, **axis: Any) -> None:
        """The same of each axis across; `title_text` is the text of its title."""
        self._update_axes("x", axis)

    def update_yaxes(self, **axis: Any) -> None:
        """The same of each upright axis; `title_text` is the text of its title."""
        self._update_axes("y", axis)

    @property
    def data(self) -> tuple[Any, ...]:
        """The lines and bars as Plotly has them, to be read only."""
        return tuple(self.plotly().data)

    @property
    def layout(self) -> go.Layout:
        """The settings as Plotly has them, to be read only."""
        return self.plotly().layout

    def plotly(self) -> go.Figure:
        """The figure, made once until something is added.

        Raises ValueError for a property that Plotly does not know, where IS_CHECKED.
        """
        if self._made is None:
            layout = self._layout if self._template is None else {"template": self._template} | self._layout
            self._made = Made(data=self._data, layout=layout, _validate=IS_CHECKED)
        return self._made

    def _add(self, trace: dict[str, Any]) -> None:
        self._made = None
        self._data.append(_lay_over({}, trace))

    def _append(self, name: str, one: Mapping[str, Any]) -> None:
        self._made = None
        self._layout.setdefault(name, []).append(_lay_over({}, one))

    def _update_axes(self, which: str, axis: dict[str, Any]) -> None:
        if "title_text" in axis:
            axis = {name: value for name, value in axis.items() if name != "title_text"} | {
                "title": {"text": axis["title_text"]}
            }
        named = [name for name in self._layout if (found := AXIS.fullmatch(name)) and found[1] == which]
        for name in {f"{which}axis", *named}:
            self.update_layout(**{name: axis})


def _lay_over(under: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """The settings under with those over them, changed in place; what is None over is none."""
    for name, value in over.items():
        if isinstance(value, Mapping):
            below = under.get(name)
            under[name] = _lay_over(below if isinstance(below, dict) else {}, value)
        elif value is None:
            under.pop(name, None)
        else:
            under[name] = value
    return under
