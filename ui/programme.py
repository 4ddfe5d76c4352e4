"""The programme's items counted: proposals by stage, directories, agreements, scope, sites and returns. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from catalogue.reference import labels
from ui import words

#: The stages of a proposal: name, the day it begins and the day it ends.
STAGES = (
    ("Submitted to assessed", "submitted_date", "assessed_date"),
    ("Assessed to decided", "assessed_date", "decision_date"),
    ("Approved to live", "decision_date", "completed_date"),
)
APPROVED, WITHDRAWN, PAUSED = "approved", "withdrawn", "paused"


def of_type(items: pl.DataFrame, kind: str, today: dt.date) -> pl.DataFrame:
    """The items of a type with `is_done` by the day: completed by then, or told as complete without a day."""
    done = (pl.col("completed_date") <= today).fill_null(value=False)
    undated = pl.col("completed_date").is_null() & (pl.col("status") == "complete")
    return items.filter(item_type=kind).with_columns(is_done=done | undated)


def place(code: str) -> str:
    """The name of a laboratory, board or national body."""
    return labels("organisations").get(code, code)


def stage_times(proposals: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    """A row a stage: `finished` and the median of their days, `waiting` now and the median of their days so far.

    A proposal is in the last stage only once it was approved; one that was withdrawn waits in none. Those still waiting
    are beside those that finished, for the finished alone would be the quick ones.
    """
    rows = []
    for number, (name, begins, ends) in enumerate(STAGES):
        among = proposals.filter(pl.col(begins).is_not_null())
        if number == len(STAGES) - 1:
            among = among.filter(decision=APPROVED)
        finished = among.filter(pl.col(ends) <= today)
        left = pl.col("status").is_in([WITHDRAWN]) | (pl.col("decision").is_not_null() & (number < len(STAGES) - 1))
        waiting = among.filter((pl.col(ends).is_null() | (pl.col(ends) > today)) & ~left)
        days = (finished[ends] - finished[begins]).dt.total_days()
        so_far = (pl.Series([today] * waiting.height, dtype=pl.Date) - waiting[begins]).dt.total_days()
        rows.append((name, finished.height, days.median(), waiting.height, so_far.median()))
    schema = {
        "stage": pl.String, "finished": pl.Int64, "days": pl.Float64, "waiting": pl.Int64, "so_far": pl.Float64
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def around_pause(proposals: pl.DataFrame, pause: dt.date, today: dt.date) -> list[dict[str, Any]]:
    """Proposals submitted before and since the pause: how many, decided, live and waiting for a decision."""
    told = []
    for name, part in (
        ("before", proposals.filter(pl.col("submitted_date") < pause)),
        ("since", proposals.filter(pl.col("submitted_date") >= pause)),
    ):
        decided = part.filter(pl.col("decision_date") <= today)
        undecided = part.filter(
            (pl.col("decision_date").is_null() | (pl.col("decision_date") > today)) & (pl.col("status") != WITHDRAWN)
        )
        told.append(
            {
                "submitted": name,
                "proposals": part.height,
                "decided": decided.height,
                "live": decided.filter("is_done", decision=APPROVED).height,
                "waiting": undecided.height,
                "paused": undecided.filter(status=PAUSED).height,
            }
        )
    return told


def directories(mappings: pl.DataFrame) -> list[dict[str, Any]]:
    """Each directory compared with: indications, those without a Scottish test, and how far these are settled."""
    found = []
    for (comparator, version), rows in mappings.group_by("comparator", "comparator_version", maintain_order=True):
        gap = rows.filter(pl.col("test_code").is_null())
        found.append(
            {
                "comparator": str(comparator),
                "version": str(version),
                "indications": rows.height,
                "gap": gap.height,
                "settled": gap.filter("is_done").height,
            }
        )
    order = list(labels("comparators"))
    return sorted(found, key=lambda row: order.index(row["comparator"]) if row["comparator"] in order else len(order))


def by_place(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Each laboratory or body, by name: items, and how many are done."""
    found = rows.group_by("organisation_code").agg(total=pl.len(), done=pl.col("is_done").sum()).to_dicts()
    return sorted(found, key=lambda row: place(row["organisation_code"]))


def returns(rows: pl.DataFrame, today: dt.date) -> list[dict[str, Any]]:
    """Each sender of monthly returns, by name: due by the day, received on time, received late, and missing."""
    due = rows.filter(pl.col("due_date") <= today)
    on_time = pl.col("is_done") & (pl.col("completed_date") <= pl.col("due_date"))
    found = due.group_by("organisation_code").agg(
        due=pl.len(),
        on_time=on_time.sum(),
        late=(pl.col("is_done") & ~on_time).sum(),
        missing=(~pl.col("is_done")).sum(),
    )
    return sorted(found.to_dicts(), key=lambda row: place(row["organisation_code"]))


def open_names(rows: pl.DataFrame) -> list[str]:
    """The names of places whose item is not done."""
    return sorted(place(code) for code in rows.filter(~pl.col("is_done"))["organisation_code"])


def when_due(row: Mapping[str, Any], today: dt.date) -> str:
    """Done, due or overdue, with the day."""
    if row["is_done"]:
        return f"Done {words.long_date(row['completed_date'])}" if row["completed_date"] else "Done"
    if row["due_date"] is None:
        return "No date"
    late = (today - row["due_date"]).days
    return f"Overdue by {words.days(late)}" if late > 0 else f"Due {words.long_date(row['due_date'])}"
