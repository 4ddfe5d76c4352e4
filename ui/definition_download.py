"""Files of the page Definitions: a measure's cells, the whole catalogue as CSV and JSON, the data dictionary."""

from __future__ import annotations

import json
from urllib.parse import quote

import polars as pl

from catalogue.citations import ALL, WHOLE
from catalogue.indicators import Indicator
from ui import download, words
from ui.data import Snapshot

#: Columns of a cell that are its value, or what it is of.
NUMBERS = ("value", "lower", "upper", "numerator", "denominator")


def cells(snapshot: Snapshot, entry: Indicator) -> bytes:
    """Every cell of a measure that the release holds, over all its cubes, as CSV; a hidden one has its shorthand.

    `dimension_1` to `dimension_3` name what is held, `code_1` to `code_3` are the codes and `name_1` to `name_3` their
    labels. `figure_id` opens the cell on the page Cited figure.
    """
    release, held = snapshot.release, snapshot.measure(entry.id)
    frame = held.with_columns(*_dimension_columns(snapshot)).select(
        pl.lit(f"{entry.number} {entry.title}").alias("measure"),
        *(f"{what}_{place}" for place in (1, 2, 3) for what in ("dimension", "code", "name")),
        "grain",
        "period_start",
        "period_end",
        pl.col("period_status").alias("status"),
        pl.col("statistic").replace_strict(words.STATISTIC, default=pl.col("statistic"), return_dtype=pl.String),
        *(download.or_shorthand(name) for name in NUMBERS),
        pl.lit(release.data_to.isoformat() if release.data_to else "").alias("data_to"),
        pl.lit("synthetic, not for quotation" if release.is_synthetic else "").alias("note"),
        _ids(release.id).alias("figure_id"),
    )
    return download.neutral(frame).write_csv(include_bom=True).encode("utf-8")


def _dimension_columns(snapshot: Snapshot) -> list[pl.Expr]:
    """Name, code and label of each of the three dimensions that a cell may have; empty where it has fewer."""
    found = []
    names = pl.col("cube").str.split("+")
    for place in (1, 2, 3):
        dimension = names.list.get(place - 1, null_on_oob=True).fill_null("")
        code = pl.col(f"d{place}").fill_null("")
        labelled = {
            f"{name}={code}": label for name, held in snapshot.facts.labels.items() for code, label in held.items()
        }
        found += [
            pl.when(code != "").then(dimension).otherwise(pl.lit("")).alias(f"dimension_{place}"),
            code.alias(f"code_{place}"),
            pl.concat_str(dimension, pl.lit("="), code)
            .replace_strict(labelled, default=code, return_dtype=pl.String)
            .alias(f"name_{place}"),
        ]
    return found


def _ids(release: str) -> pl.Expr:
    """The id of each cell, in the one way that there is to write it (catalogue.citations)."""
    places = [pl.col(f"d{place}").map_batches(_encoded, return_dtype=pl.String).fill_null("") for place in (1, 2, 3)]
    codes = pl.concat_str(places, separator="+").str.strip_chars_end("+")
    is_whole = pl.col("cube") == ""
    return pl.concat_str(
        pl.lit(release),
        pl.col("indicator"),
        pl.when(is_whole).then(pl.lit(WHOLE)).otherwise("cube"),
        pl.when(is_whole).then(pl.lit(ALL)).otherwise(codes),
        pl.col("grain"),
        pl.concat_str(
            pl.col("period_start").dt.strftime("%Y-%m"), pl.lit(".."), pl.col("period_end").dt.strftime("%Y-%m")
        ),
        pl.col("statistic"),
        separator="/",
    )


def _encoded(codes: pl.Series) -> pl.Series:
    known = {code: quote(code, safe="") for code in codes.drop_nulls().unique()}
    return codes.replace_strict(known, default=None, return_dtype=pl.String)


def catalogue(snapshot: Snapshot) -> list[dict[str, object]]:
    """Every measure that the release publishes, by number: its entry, its SQL and its worked example."""
    texts = texts_of(snapshot)
    return [
        {
            **entry.model_dump(mode="json"),
            "sql": texts.get(name, ("", ""))[0],
            "worked_example": texts.get(name, ("", ""))[1],
        }
        for name, entry in snapshot.facts.indicators.items()
    ]


def catalogue_json(snapshot: Snapshot) -> bytes:
    """The catalogue as JSON, with the release that it is of."""
    release = snapshot.release
    told = {"release": release.id, "is_synthetic": release.is_synthetic, "measures": catalogue(snapshot)}
    return json.dumps(told, indent=1, ensure_ascii=False).encode("utf-8")


def catalogue_csv(snapshot: Snapshot) -> bytes:
    """The catalogue as CSV: a row a measure, lists joined by `; `."""
    rows = [{name: _cell(value) for name, value in row.items()} for row in catalogue(snapshot)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys([*Indicator.model_fields, "sql", "worked_example"], pl.String))
    return (
        download.neutral(frame.with_columns(release=pl.lit(snapshot.release.id)))
        .write_csv(include_bom=True)
        .encode("utf-8")
    )


def _cell(value: object) -> str:
    """A value of an entry as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_cell(held)}" for name, held in value.items() if held is not None)
    if isinstance(value, list):
        return "; ".join(" by ".join(held) if isinstance(held, list) else _cell(held) for held in value)
    return str(value)


def texts_of(snapshot: Snapshot) -> dict[str, tuple[str, str]]:
    """SQL and worked example by measure, as the release keeps them; an older release has none."""
    held = snapshot.built_table("definitions")
    return {} if held is None else {name: (sql or "", example or "") for name, sql, example in held.iter_rows()}
