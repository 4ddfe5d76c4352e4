"""Downloads: one tidy table a file, every row with what is needed to cite it, safe to open in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from ui import words
from ui.figure import Figure

#: A cell that begins so would be run as a formula by a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv(figure: Figure, labels: Mapping[str, Mapping[str, str]]) -> bytes:
    """The cells of a figure as CSV (UTF-8 with its mark, comma, one header row).

    A value that is not shown holds its shorthand, never a number; the columns after `status` say how to cite the row.
    """
    names = figure.query.dimensions
    frame = figure.cells.select(
        pl.lit(f"{figure.entry.number} {figure.entry.title}").alias("measure"),
        *(
            pl.col(f"d{place}")
            .replace_strict(dict(labels.get(name, {})), default=pl.col(f"d{place}"), return_dtype=pl.String)
            .alias(name)
            for place, name in enumerate(names, 1)
        ),
        pl.struct("period_start", "period_end")
        .map_elements(lambda row: words.period(figure.query.grain, row["period_start"], row["period_end"]), pl.String)
        .alias("period"),
        "period_start",
        "period_end",
        pl.col("statistic").replace_strict(words.STATISTIC, default=pl.col("statistic"), return_dtype=pl.String),
        *(or_shorthand(name) for name in ("value", "lower", "upper", "numerator", "denominator")),
        pl.lit(unit(figure)).alias("unit"),
        pl.col("period_status").alias("status"),
        pl.lit(figure.release.data_to.isoformat() if figure.release.data_to else "").alias("data_to"),
        pl.lit("synthetic, not for quotation" if figure.release.is_synthetic else "").alias("note"),
        pl.lit(figure.id).alias("figure_id"),
    )
    return (
        neutral(frame).write_csv(include_bom=True).encode("utf-8")
        if frame.height
        else b"\xef\xbb\xbf" + ",".join(frame.columns).encode()
    )


def unit(figure: Figure) -> str:
    """The unit of a figure's values."""
    return {"count": "requests", "time_to_event": "days"}.get(figure.entry.kind, "share, 0 to 1")


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    """Text cells that a spreadsheet would run are led by an apostrophe; numbers are left as they are."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    risky = {name: pl.any_horizontal([pl.col(name).str.starts_with(mark) for mark in FORMULA]) for name in texts}
    return frame.with_columns(
        pl.when(risky[name] & pl.col(name).cast(pl.Float64, strict=False).is_null())
        .then(pl.concat_str(pl.lit("'"), pl.col(name)))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    )


def file_name(figure: Figure) -> str:
    """A name that says what, where and when: `synthetic-reported-within-standard-edinburgh-2021-10-to-2026-09.csv`."""
    months = "" if figure.first is None or figure.last is None else f"-{figure.first:%Y-%m}-to-{figure.last:%Y-%m}"
    made_up = "synthetic-" if figure.release.is_synthetic else ""
    spread = f"-by-{figure.query.spread}" if figure.query.spread else ""
    words_of_it = re.sub(r"[^a-z0-9]+", "-", f"{figure.entry.id}{spread}-{figure.place}".lower()).strip("-")
    return f"{made_up}{words_of_it}{months}.csv"


def or_shorthand(name: str, state: str = "state") -> pl.Expr:
    """The number where it is shown, the shorthand otherwise; empty where the measure has no such number.

    state: the column that says whether it is shown.
    """
    mark = pl.col(state).replace_strict(words.MARK, default=words.NOT_AVAILABLE, return_dtype=pl.String)
    return (
        pl.when(pl.col(state) == "shown").then(pl.col(name).cast(pl.String).fill_null("")).otherwise(mark).alias(name)
    )
