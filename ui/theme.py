"""Colours, the chart template and the chart settings: the Analysis Function set, which NHS Scotland publishers use."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from ui.drawing import Drawing

#: Analysis Function categorical colours; each has a contrast of at least 3 on white.
NAVY, TEAL, CLARET, ORANGE, PURPLE, BLUE, GREY, LILAC = (
    "#12436D",
    "#28A197",
    "#801650",
    "#F46A25",
    "#3F085C",
    "#3E8ECC",
    "#3D3D3D",
    "#A285D1",
)
CATEGORIES = (NAVY, TEAL, CLARET, ORANGE, PURPLE, BLUE, GREY, LILAC)
INK = "#0b0c0c"
PAPER = "#ffffff"
RULE = "#d9dde1"
BAND = "rgba(18, 67, 109, 0.16)"

#: Light to dark, for things in order (young to old backlog).
SEQUENCE = ("#D6E4EF", "#A9C6DE", "#6FA1C8", "#3E76A8", "#12436D")

#: For a total that stands where its parts cannot all be shown.
WHOLE = "#A3A9AE"

#: The icon of the browser tab: a file of ours, since a named icon would be fetched from outside.
ICON = Path(__file__).parent / "static" / "icon.png"

#: The icon as an address that holds it, so that a browser that is signed out need not fetch it as a file.
ICON_URL = f"data:image/png;base64,{base64.b64encode(ICON.read_bytes()).decode()}"

FONT = "Arial, Helvetica, sans-serif"
FONT_SIZE = 14

#: Passed to every chart: no upload button, pictures saved as SVG, no drag-only tools.
PLOTLY_CONFIG: dict[str, Any] = {
    "showSendToCloud": False,
    "displaylogo": False,
    "responsive": True,
    "scrollZoom": False,
    "modeBarButtonsToRemove": [
        "zoom2d",
        "pan2d",
        "select2d",
        "lasso2d",
        "zoomIn2d",
        "zoomOut2d",
        "autoScale2d",
        "resetScale2d",
    ],
}


def plotly_config(file_name: str) -> dict[str, Any]:
    """The chart settings, with the name under which a reader's picture is saved."""
    return PLOTLY_CONFIG | {"toImageButtonOptions": {"format": "svg", "filename": file_name}}


def _template() -> go.layout.Template:
    axis = {
        "gridcolor": RULE,
        "linecolor": GREY,
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": GREY,
        "automargin": True,
        "title": {"font": {"size": FONT_SIZE}, "standoff": 8},
        "fixedrange": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": FONT_SIZE, "color": INK},
            "paper_bgcolor": PAPER,
            "plot_bgcolor": PAPER,
            "colorway": list(CATEGORIES),
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {
                "bgcolor": PAPER,
                "bordercolor": GREY,
                "font": {"family": FONT, "size": FONT_SIZE, "color": INK},
            },
            "legend": {
                "orientation": "h",
                "yanchor": "bottom",
                "y": 1.02,
                "x": 0,
                "xanchor": "left",
                "itemclick": False,
                "itemdoubleclick": False,
            },
            "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
            "hovermode": "closest",
            "dragmode": False,
        }
    )


#: The product's own template, named `gm`; passed to each figure, never set as Plotly's global default.
GM = _template()


def blank(height: int, **layout: Any) -> Drawing:
    """An empty chart in the house's style, as high as so many pixels. layout: what else its layout has."""
    return Drawing(GM, height=height, **layout)


#: The little that the theme's settings cannot say: links among pages look like links, a wide page is not padded twice,
#: and a table fits a narrow screen, since one that scrolls sideways within itself cannot be reached by keyboard.
STYLE = """<style>
[data-testid="stMain"] [data-testid="stPageLink-NavLink"] p { text-decoration: underline; color: #12436D; }
[class*="st-key-open_change"] p { text-decoration: underline; color: #12436D; }
[data-testid="stPageLink-NavLink"] { min-height: 28px; }
[data-testid="stMain"] [data-testid="stPageLink-NavLink"] { height: auto; }
[data-testid="stMain"] [data-testid="stPageLink-NavLink"] :is(p, span) { white-space: normal; overflow: visible; }
[data-testid="stMainBlockContainer"] { max-width: 1180px; }
[data-testid="stElementContainer"]:has(.gm-phone-menu) { display: none; }
[data-testid="stMetricLabel"] p { font-size: 1rem; }
[data-testid="stMarkdownContainer"] code { overflow-wrap: anywhere; white-space: normal; }
[data-testid="stTable"] td div { max-width: none !important; }
[data-testid="stTable"] td { max-width: none !important; vertical-align: top; overflow-wrap: anywhere; }
@media (max-width: 640px) {
  [data-testid="stTable"] :is(th, td) { padding: 0.25rem 0.2rem !important; white-space: normal !important; }
  [data-testid="stTable"] :is(th, td) * { overflow-wrap: anywhere; hyphens: auto; min-width: 0; font-size: 0.8rem; }
  [data-testid="stTable"] :is(th, td):first-child,
  [data-testid="stTable"] :is(th, td):first-child * { overflow-wrap: break-word; }
}
[data-testid="stMetricValue"] { font-weight: 700; }
.st-key-letter [data-testid="stMarkdownContainer"] { overflow-x: auto; }
[class*="st-key-cite_"] pre { padding: 2px 40px 2px 8px; }
[class*="st-key-cite_"] code, [class*="st-key-cite_"] a p { font-size: 0.75rem; }
</style>"""
