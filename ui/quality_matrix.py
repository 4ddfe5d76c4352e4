"""A matrix of marks and words as one table of HTML that scrolls within itself: never a colour alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from ui import theme

#: Pale backgrounds on which the ink has a contrast of at least 12; the word in the cell says the same.
TONES = {"good": "#e8f3f1", "fair": "#fff3c4", "poor": "#f6d7e3", "": theme.PAPER}

STYLE = f"""<style>
.gm-matrix {{ overflow-x: auto; max-width: 100%; border: 1px solid {theme.RULE}; }}
.gm-matrix:focus {{ outline: 3px solid {theme.NAVY}; }}
.gm-matrix table {{ border-collapse: separate; border-spacing: 0; width: 100%;
  font-size: 0.875rem; color: {theme.INK}; }}
.gm-matrix caption {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
.gm-matrix th, .gm-matrix td {{ border-bottom: 1px solid {theme.RULE}; border-right: 1px solid {theme.RULE};
  padding: 4px 6px; text-align: left; vertical-align: top; font-weight: 400; }}
.gm-matrix thead th {{ font-weight: 700; background: #f3f5f7; min-width: 5.1rem; }}
.gm-matrix thead small {{ display: block; white-space: nowrap; font-weight: 400; font-size: 0.8125rem; }}
.gm-matrix .row {{ position: sticky; left: 0; z-index: 1;
  background: {theme.PAPER}; min-width: clamp(7.5rem, 17vw, 15rem); max-width: 15rem; }}
.gm-matrix thead th:first-child {{ position: sticky; left: 0; z-index: 2; }}
.gm-matrix .group {{ font-weight: 700; background: #f3f5f7; }}
.gm-matrix .group span {{ position: sticky; left: 6px; }}
.gm-matrix a {{ color: {theme.NAVY}; text-decoration: underline; white-space: nowrap; }}
.gm-matrix td span {{ white-space: nowrap; }}
</style>"""


@dataclass(frozen=True)
class Cell:
    """A mark and a word on a tone; `link` is the query of the address that explains it."""

    mark: str
    word: str
    tone: str = ""
    link: Mapping[str, str] | None = None
    about: str = ""


@dataclass(frozen=True)
class Row:
    """A named row; a cell is None where nothing is expected."""

    name: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Matrix:
    """Columns as head and a smaller line below it, and rows in named groups; a group without a name has no line."""

    caption: str
    corner: str
    columns: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]

    @property
    def html(self) -> str:
        """The whole table, every text escaped, in a box that can be scrolled with the keyboard."""
        heads = "".join(
            f'<th scope="col">{escape(head)}{f"<small>{escape(below)}</small>" if below else ""}</th>'
            for head, below in self.columns
        )
        body = "".join(self._group(name, rows) for name, rows in self.groups)
        return (
            f'{STYLE}<div class="gm-matrix" tabindex="0" role="region" aria-label="{escape(self.caption)}"><table>'
            f"<caption>{escape(self.caption)}</caption>"
            f'<thead><tr><th scope="col">{escape(self.corner)}</th>{heads}</tr></thead>{body}</table></div>'
        )

    def _group(self, name: str, rows: Sequence[Row]) -> str:
        width = 1 + len(self.columns)
        head = f'<th class="group" scope="rowgroup" colspan="{width}"><span>{escape(name)}</span></th>'
        lines = ([f"<tr>{head}</tr>"] if name else []) + [self._row(row) for row in rows]
        return f"<tbody>{''.join(lines)}</tbody>"

    def _row(self, row: Row) -> str:
        cells = "".join(self._cell(cell) for cell in row.cells)
        return f'<tr><th class="row" scope="row">{escape(row.name)}</th>{cells}</tr>'

    def _cell(self, cell: Cell | None) -> str:
        if cell is None:
            return "<td></td>"
        mark = f'<span aria-hidden="true">{escape(cell.mark)}</span> '
        text = f"<span>{mark}{escape(cell.word)}</span>"
        if cell.link is not None:
            address = escape(f"?{urlencode(cell.link)}", quote=True)
            text = f'<a href="{address}" target="_self" aria-label="{escape(cell.about or cell.word)}">{text}</a>'
        return f'<td style="background:{TONES[cell.tone]}">{text}</td>'
