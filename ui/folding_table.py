"""A table of text that folds on a narrow screen: each row becomes a card, with the heading beside every cell."""

from __future__ import annotations

from html import escape

import polars as pl

from ui import theme

#: The height of a box within which a table scrolls.
TALL_PIXELS = 480

STYLE = f"""<style>
.gm-fold {{ max-width: 100%; overflow: auto; border: 1px solid {theme.RULE}; border-radius: 0.5rem; }}
.gm-fold.tall {{ max-height: {TALL_PIXELS}px; }}
.gm-fold:focus {{ outline: 3px solid {theme.NAVY}; }}
.gm-fold table {{ border-collapse: collapse; width: 100%; font-size: 0.875rem; color: {theme.INK}; }}
.gm-fold caption {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
.gm-fold th, .gm-fold td {{ padding: 5px 8px; text-align: left; vertical-align: top; font-weight: 400;
  border-bottom: 1px solid {theme.RULE}; border-right: 1px solid {theme.RULE}; overflow-wrap: break-word; }}
.gm-fold tr > :last-child {{ border-right: 0; }}
.gm-fold tbody tr:last-child > * {{ border-bottom: 0; }}
.gm-fold thead th {{ color: {theme.GREY}; }}
.gm-fold.tall thead th {{ position: sticky; top: 0; background: #ffffff; box-shadow: 0 1px {theme.RULE}; }}
@media (max-width: 700px) {{
  .gm-fold thead {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
  .gm-fold.tall thead th {{ position: static; }}
  .gm-fold tr, .gm-fold th, .gm-fold td {{ display: block; border-bottom: 0; border-right: 0; padding: 2px 10px; }}
  .gm-fold tbody tr {{ border-bottom: 2px solid {theme.GREY}; padding: 6px 0; }}
  .gm-fold tbody tr:last-child {{ border-bottom: 0; }}
  .gm-fold tbody th {{ font-weight: 700; }}
  .gm-fold td:empty {{ display: none; }}
  .gm-fold td::before {{ content: attr(data-head) ": "; font-weight: 700; }}
}}
</style>"""


def html(frame: pl.DataFrame, caption: str, *, named_by: int = 1, is_tall: bool = False) -> str:
    """The table, every text escaped. caption: what it is, for a reader who hears it. named_by: how many of the first
    columns name the row. is_tall: whether it scrolls within a box of its own."""
    heads = "".join(f'<th role="columnheader" scope="col">{escape(name)}</th>' for name in frame.columns)
    rows = "".join(_row(row, frame.columns, named_by) for row in frame.rows())
    tall = ' tall" tabindex="0" role="region' if is_tall else ""
    label = f' aria-label="{escape(caption)}"' if tall else ""
    return (
        f'{STYLE}<div class="gm-fold{tall}"{label}><table role="table"><caption>{escape(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table></div>'
    )


def _row(row: tuple[object, ...], names: list[str], named_by: int) -> str:
    told = ["" if cell is None else escape(str(cell)) for cell in row]
    heads = "".join(f'<th role="rowheader" scope="row">{text}</th>' for text in told[:named_by])
    cells = "".join(
        f'<td role="cell" data-head="{escape(name)}">{text}</td>'
        for name, text in zip(names[named_by:], told[named_by:], strict=True)
    )
    return f'<tr role="row">{heads}{cells}</tr>'
