"""What one submitter has to correct: its open submissions, their faults by reason and field, and what improved."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ui.data import OwnReturns

#: Faults of a row are listed one after the other, reasons and fields in the same order.
BETWEEN = "; "

LETTER, BUILD = "__letter.md", "__build.csv"

STATES = {
    "accepted": "In use",
    "superseded": "Replaced by a higher version",
    "outdated": "Not used: a higher version was there",
    "refused": "Refused",
}

#: A heading of a letter, and what could be a link or a picture in it.
HEADING = re.compile(r"^(#{1,4}) ", re.MULTILINE)
LINK = re.compile(r"(?<!\\)([!\[\]])")


@dataclass(frozen=True)
class Sent:
    """One submission and what became of it.

    stem: what the names of its files begin with; a refused file that is sent again has the same one. loaded, returned:
    with what the build returned. before: rows returned on reading of the version before, None for a first version. now:
    the same of this one. reasons: rows by reason, the most frequent first.
    """

    submission_id: str
    stem: str
    extract: str
    period: str
    version: int
    state: str
    refused_because: str
    read: int
    loaded: int
    returned: int
    reasons: Mapping[str, int]
    before: int | None
    now: int


def submissions(own: OwnReturns) -> list[Sent]:
    """Every submission, the newest period and version first."""
    by_build: dict[str, dict[str, int]] = {}
    for submission_id, reason, rows in own.by_build.iter_rows():
        by_build.setdefault(submission_id, {})[reason] = rows
    oldest_first = own.submissions.reverse().to_dicts()
    used: dict[tuple[str, str], list[dict[str, Any]]] = {}
    found = []
    for row in oldest_first:
        earlier = used.setdefault((row["extract"], row["period"]), [])
        before = [one for one in earlier if (one["version"] or 0) < (row["version"] or 0)]
        found.append(_one(row, by_build.get(row["submission_id"], {}), before[-1]["rows_returned"] if before else None))
        if row["state"] != "refused":
            earlier.append(row)
    return sorted(found, key=lambda one: (one.period, one.extract, one.version), reverse=True)


def _one(row: Mapping[str, Any], built: Mapping[str, int], before: int | None) -> Sent:
    """A submission of the register with what the build returned of it, and the rows returned of its version before."""
    reasons: dict[str, int] = json.loads(row["reasons"])
    reasons |= {reason: reasons.get(reason, 0) + rows for reason, rows in built.items()}
    moved = sum(built.values())
    return Sent(
        submission_id=row["submission_id"],
        stem=row["submission_id"].rpartition("__")[0],
        extract=row["extract"],
        period=row["period"],
        version=row["version"] or 0,
        state=row["state"],
        refused_because=row["refused_because"] or "",
        read=row["rows_read"],
        loaded=row["rows_loaded"] - moved,
        returned=row["rows_returned"] + moved,
        reasons=dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        before=before,
        now=row["rows_returned"],
    )


def to_mend(own: OwnReturns) -> list[Sent]:
    """Submissions in use of which rows came back, and refused ones after which no other came, the newest first."""
    oldest_first = own.submissions.reverse()
    last = {(row["extract"], row["period"]): row["submission_id"] for row in oldest_first.iter_rows(named=True)}
    return [
        one
        for one in submissions(own)
        if (one.state == "accepted" and one.returned)
        or (one.state == "refused" and last[(one.extract, one.period)] == one.submission_id)
    ]


def mended(own: OwnReturns) -> int:
    """Submissions in use of which no row came back, while some of an earlier version had."""
    before: dict[tuple[str, str], int] = {}
    for one in submissions(own):
        if one.state == "superseded":
            before[(one.extract, one.period)] = before.get((one.extract, one.period), 0) + one.returned
    in_use = [one for one in submissions(own) if one.state == "accepted" and not one.returned]
    return sum(before.get((one.extract, one.period), 0) > 0 for one in in_use)


def faults(own: OwnReturns, of: list[Sent]) -> pl.DataFrame:
    """Faults of these submissions by reason and field, those of the newest period first, then by rows.

    Columns: `reason`, `field`, `rows` (each row once a reason and field), `submissions`, `newest_period`. Only reasons,
    fields and row numbers are read of the returned rows.
    """
    parts = [
        _faults(own.read(name)).with_columns(stem=pl.lit(one.stem), period=pl.lit(one.period), file=pl.lit(name))
        for one in of
        for name in (f"{one.stem}.csv", f"{one.stem}{BUILD}")
        if name in own.files
    ]
    schema = dict.fromkeys(("row_number", "reason", "field", "stem", "period", "file"), pl.String)
    found = pl.concat([pl.DataFrame(schema=schema), *parts])
    return (
        found.unique(["file", "row_number", "reason", "field"])
        .group_by("reason", "field")
        .agg(
            pl.len().cast(pl.Int64).alias("rows"),
            pl.col("stem").n_unique().cast(pl.Int64).alias("submissions"),
            pl.col("period").max().alias("newest_period"),
        )
        .sort("newest_period", "rows", "reason", "field", descending=[True, True, False, False])
    )


def _faults(file: bytes) -> pl.DataFrame:
    """`row_number`, `reason` and `field` of every fault of a return file."""
    return (
        pl.read_csv(io.BytesIO(file), columns=["row_number", "fields", "reasons"], infer_schema=False)
        .with_columns(pl.col("fields", "reasons").str.split(BETWEEN))
        .explode("fields", "reasons")
        .select("row_number", pl.col("reasons").alias("reason"), pl.col("fields").alias("field"))
    )


def with_files(own: OwnReturns) -> list[Sent]:
    """Submissions of which there is a file to read, those to mend first, then the newest."""
    held = {name.partition(".")[0].removesuffix("__build").removesuffix("__letter") for name in own.files}
    first = {one.stem for one in to_mend(own)}
    refused_first = sorted(submissions(own), key=lambda one: one.state != "refused")
    kept = {one.stem: one for one in refused_first if one.stem in held}
    newest = sorted(kept.values(), key=lambda one: (one.period, one.extract, one.version), reverse=True)
    return sorted(newest, key=lambda one: one.stem not in first)


def letter(own: OwnReturns, stem: str) -> str:
    """The letter on a submission, safe to draw: headings under those of the page, no link and no picture.

    Empty where there is none. A letter's own text is written by the build, and what it tells of others is escaped
    there; here nothing is left that could lead out of the page.
    """
    name = f"{stem}{LETTER}"
    if name not in own.files:
        return ""
    text = own.read(name).decode("utf-8", errors="replace").replace("<br>", BETWEEN)
    return HEADING.sub(r"##\1 ", LINK.sub(r"\\\1", text))
