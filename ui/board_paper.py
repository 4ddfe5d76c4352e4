"""A page of My board to print for a board meeting: one HTML file for A4 that asks for nothing from outside. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import polars as pl

from ui import board_paper_charts as drawings

#: What stands at the foot of every sheet.
FOOTING = "Exact figures of one board: not to be passed on"

#: The look on paper and on a screen: black on white, every colour with a second sign; `{footing}` on every sheet.
STYLE = """
@page {
  size: A4; margin: 13mm 14mm 15mm;
  @bottom-left { content: "{footing}"; font: bold 8pt Arial, sans-serif; }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font: 8pt Arial, sans-serif; }
}
* { box-sizing: border-box; }
body { font: 9pt/1.3 Arial, Helvetica, sans-serif; color: #0b0c0c; max-width: 182mm; margin: 0 auto; padding: 4mm; }
.keep { border: 1.5pt solid #0b0c0c; padding: 2mm 3mm; margin: 0 0 3mm; font-weight: bold; }
h1 { font-size: 15pt; margin: 0 0 1mm; }
h2 { font-size: 10.5pt; margin: 2.5mm 0 0.6mm; }
p { margin: 0 0 1mm; }
.small, table, li { font-size: 8pt; line-height: 1.25; }
.tiles { display: flex; gap: 3mm; margin: 2mm 0; }
.tiles div { flex: 1; border: 0.75pt solid #3d3d3d; padding: 1.5mm 2mm; }
.tiles strong { display: block; font-size: 14pt; }
section { break-inside: avoid; }
section.half { display: inline-block; width: 49%; padding-right: 3mm; vertical-align: top; }
h2 { break-after: avoid; }
table { border-collapse: collapse; width: 100%; margin: 0.6mm 0 1mm; }
th, td { text-align: left; padding: 0.3mm 1.5mm; border-bottom: 0.5pt solid #a3a9ae; vertical-align: top; }
th { border-bottom: 1pt solid #0b0c0c; }
td.number, th.number { text-align: right; white-space: nowrap; }
svg { width: 100%; height: auto; display: block; }
ul { margin: 0; padding-left: 4mm; }
footer { border-top: 1pt solid #0b0c0c; margin-top: 4mm; padding-top: 1.5mm; }
code { overflow-wrap: anywhere; font-size: 8pt; }
@media screen and (max-width: 600px) {
  section.half { width: 100%; }
  table { display: block; overflow-x: auto; }
 .tiles { flex-wrap: wrap; }
  .tiles div { flex: 1 1 40%; }
}
@media print { body { padding: 0; max-width: none; } }
"""


@dataclass(frozen=True)
class Tile:
    """One of the numbers at the head: what it is, the number, what to know beside it."""

    label: str
    value: str
    beside: str


@dataclass(frozen=True)
class Part:
    """A section: its finding, a paragraph, a chart over time or none, a table or none, a note in small type."""

    title: str
    says: str
    chart: drawings.Series | None = None
    table: pl.DataFrame | None = None
    note: str = ""


@dataclass(frozen=True)
class Paper:
    """Everything on the paper, in words. about: what the figures are, a line each. measures: definitions by name."""

    board: str
    keep: str
    scope: str
    as_at: str
    tiles: tuple[Tile, ...]
    parts: tuple[Part, ...]
    measures: tuple[str, ...]
    about: tuple[str, ...]
    release: str


def html(paper: Paper) -> str:
    """The file. Every text is escaped, since names of places come from data."""
    title = f"{paper.board}: genomic tests, for the board meeting"
    tiles = "".join(
        f"<div>{escape(tile.label)}<strong>{escape(tile.value)}</strong>{escape(tile.beside)}</div>"
        for tile in paper.tiles
    )
    return document(
        title,
        FOOTING,
        f'<div class="keep">{escape(paper.keep)}</div>'
        f"<h1>{escape(title)}</h1><p>{escape(paper.scope)}</p><p>{escape(paper.as_at)}</p>"
        f'<div class="tiles">{tiles}</div>'
        f"{''.join(part_html(part) for part in paper.parts)}"
        f"<footer><h2>What these figures are</h2><ul>{list_html(paper.about)}</ul>"
        f"<h2>Measures, by their names on the Definitions page</h2><ul>{list_html(paper.measures)}</ul>"
        f'<p class="small">Release <code>{escape(paper.release)}</code></p></footer>',
    )


def document(title: str, footing: str, body: str) -> str:
    """A whole file around a body of HTML, which is escaped already. footing: words of ours, on every printed sheet."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{STYLE.replace('{footing}', footing)}</style></head><body>"
        f"{body}</body></html>\n"
    )


def list_html(lines: Sequence[str]) -> str:
    """Lines as items of a list."""
    return "".join(f"<li>{escape(line)}</li>" for line in lines)


def part_html(part: Part) -> str:
    """A section."""
    chart = drawings.svg(part.chart) if part.chart else ""
    table = _table(part.table) if part.table is not None and part.table.height else ""
    note = f'<p class="small">{escape(part.note)}</p>' if part.note else ""
    half = ' class="half"' if part.chart else ""
    return f"<section{half}><h2>{escape(part.title)}</h2><p>{escape(part.says)}</p>{chart}{table}{note}</section>"


def _table(frame: pl.DataFrame) -> str:
    """A table; a column stands to the right where every cell is a number, a share or a shorthand."""
    right = [_is_number(frame[name]) for name in frame.columns]
    head = "".join(_cell("th", name, number) for name, number in zip(frame.columns, right, strict=True))
    rows = "".join(
        f"<tr>{''.join(_cell('td', cell, number) for cell, number in zip(row, right, strict=True))}</tr>"
        for row in frame.rows()
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(tag: str, value: object, number: bool) -> str:
    scope, place = ' scope="col"' if tag == "th" else "", ' class="number"' if number else ""
    return f"<{tag}{scope}{place}>{escape('' if value is None else str(value))}</{tag}>"


def _is_number(column: pl.Series) -> bool:
    return column.dtype.is_numeric() or bool(column.cast(pl.String).str.contains(r"^[\d,.%]+$|^\[[cx]\]$").all())
