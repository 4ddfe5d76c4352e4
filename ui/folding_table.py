"""A table of text that folds on a narrow screen: each row becomes a card, with the heading beside every cell."""

from __future__ import annotations

from html import escape

import polars as pl

from ui import theme

STYLE = f"""<style>
.gm-fold {{ max-width: 100%; overflow: auto; border: 1px solid {theme.RULE}; }}
.gm-fold.tall {{ max-height: 640px; }}
.gm-fold:focus {{ outline: 3px solid {theme.NAVY}; }}
.gm-fold table {{ border-collapse: collapse; width: 100%; font-size: 0.875rem; color: {theme.INK}; }}
.gm-fold caption {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
.gm-fold th, .gm-fold td {{ padding: 5px 8px; text-align: left; vertical-align: top; font-weight: 400;
  border-bottom: 1px solid {theme.RULE}; overflow-wrap: break-word; }}
.gm-fold thead th {{ font-weight: 700; background: #f3f5f7; }}
@media (max-width: 700px) {{
  .gm-fold thead {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
  .gm-fold tr, .gm-fold th, .gm-fold td {{ display: block; border-bottom: 0; padding: 2px 10px; }}
  .gm-fold tbody tr {{ border-bottom: 2px solid {theme.GREY}; padding: 6px 0; }}
  .gm-fold tbody th {{ font-weight: 700; }}
  .gm-fold td:empty {{ display: none; }}
  .gm-fold td::before {{ content: attr(data-head) ": "; font-weight: 700; }}
}}
</style>"""

#: From so many rows on, the table scrolls within its own box.
TALL = 16


def html(frame: pl.DataFrame, caption: str) -> str:
    """The table, every text escaped; the first column names the row. caption: what it is, for a reader who hears it."""
    heads = "".join(f'<th role="columnheader" scope="col">{escape(name)}</th>' for name in frame.columns)
    rows = "".join(_row(row, frame.columns) for row in frame.rows())
    tall = ' tall" tabindex="0" role="region' if frame.height >= TALL else ""
    label = f' aria-label="{escape(caption)}"' if tall else ""
    return (
        f'{STYLE}<div class="gm-fold{tall}"{label}><table role="table"><caption>{escape(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table></div>'
    )


def _row(row: tuple[object, ...], names: list[str]) -> str:
    first, *others = ("" if cell is None else escape(str(cell)) for cell in row)
    cells = "".join(
        f'<td role="cell" data-head="{escape(name)}">{cell}</td>' for name, cell in zip(names[1:], others, strict=True)
    )
    return f'<tr role="row"><th role="rowheader" scope="row">{first}</th>{cells}</tr>'
