"""The queue as it stood at the end of a day, and the chance of each request in it to pass its due date unreported.

Only what was known that day is used. Two things are not dated in the extracts, and are handled so: a pause counts in
the due date of the present queue, and not in that of a past one, where it is taken as not known yet; a request without
a day of cancelling is left out. A request cancelled later was in the queue until then, and has not passed its due date.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Requests that fell due so many days before the day of the forecast are the history that chances rest on.
HISTORY_DAYS = 365

#: Days in which the weight of history halves: a laboratory's pace of last month tells more than that of last year.
#: Chosen on the synthetic record among 20, 30, 45, 60, 90 days and no halving; to be looked at again on real data.
HALVES_IN_DAYS = 30.0

#: What a wider group says of a request counts for as many requests as this, so that where few fell due in its own
#: category, standard and laboratory, the category speaks, and where few did there, everything.
BORROWED = 10.0

#: The furthest ahead of its due date that a request is followed; the longest standard is 84 days.
FURTHEST = 200

#: Where a request has not ended: after every day of the record.
OPEN = 1_000_000

#: Every request with a standard, its due date with and without its pauses, and the day on which it ended, if it did.
REQUESTS = """
    WITH clock AS (
        SELECT
            mart_clock.request_id,
            mart_clock.person_id,
            mart_clock.working_lab,
            mart_clock.turnaround_category,
            mart_clock.target_days,
            mart_clock.day_type,
            mart_clock.received_date,
            mart_clock.clock_start,
            mart_clock.calendar_board,
            mart_clock.judged_on,
            coalesce(mart_clock.paused_days, 0) AS paused,
            CASE mart_clock.request_status
                WHEN 'cancelled' THEN mart_clock.cancelled_date
                ELSE mart_clock.report_date
            END AS ended_date
        FROM mart_clock
        WHERE
            mart_clock.target_days IS NOT NULL
            AND mart_clock.request_status NOT IN ('rejected', 'duplicate')
            AND (mart_clock.request_status <> 'cancelled' OR mart_clock.cancelled_date IS NOT NULL)
    ),

    worked AS (
        SELECT board_code, working_day_index, min(day_number) AS day_number
        FROM mart_working_days
        GROUP BY board_code, working_day_index
    )

    SELECT
        clock.request_id,
        clock.person_id,
        clock.working_lab,
        clock.turnaround_category,
        clock.target_days,
        clock.day_type,
        mart_requests.performing_lab,
        mart_requests.requesting_board,
        date_diff('day', DATE '1970-01-01', clock.received_date) AS received,
        date_diff('day', DATE '1970-01-01', clock.ended_date) AS ended,
        date_diff('day', DATE '1970-01-01', clock.judged_on) AS judged,
        CASE clock.day_type
            WHEN 'working' THEN first_due.day_number
            ELSE begun.day_number + clock.target_days
        END AS first_due,
        CASE clock.day_type
            WHEN 'working' THEN last_due.day_number
            ELSE begun.day_number + clock.target_days + clock.paused
        END AS due
    FROM clock
    INNER JOIN mart_requests ON clock.request_id = mart_requests.request_id
    INNER JOIN mart_working_days AS begun
        ON clock.calendar_board = begun.board_code AND clock.clock_start = begun.day
    LEFT JOIN worked AS first_due
        ON
            clock.calendar_board = first_due.board_code
            AND begun.working_day_index + clock.target_days = first_due.working_day_index
    LEFT JOIN worked AS last_due
        ON
            clock.calendar_board = last_due.board_code
            AND begun.working_day_index + clock.target_days + clock.paused = last_due.working_day_index
    ORDER BY clock.request_id
"""


#: Columns of REQUESTS that name one of few things, and those that hold a number.
NAMED = ("working_lab", "turnaround_category", "day_type", "performing_lab", "requesting_board")
NUMBERED = ("target_days", "received", "ended", "judged", "first_due", "due")

#: Requests that are taken out of the database at once.
BATCH = 1_000_000


@dataclass(frozen=True)
class Record:
    """Every request with a due date as arrays, an item a request; days are numbered from 1970.

    ended: OPEN where it has not. lead: days from the end to the first due date, below nought where it came later.
    category, own: numbers of its category and standard, and of these with its laboratory.
    """

    frame: pl.DataFrame
    received: Whole
    ended: Whole
    judged: Whole
    first_due: Whole
    due: Whole
    target: Whole
    lead: Whole
    category: Whole
    own: Whole

    @property
    def is_late(self) -> NDArray[np.bool_]:
        """Whether a request had not ended by its due date, pauses and all."""
        return self.ended > self.due


def requests(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row a request with a due date, in the columns of REQUESTS; those that name few things are categories.

    con: the built warehouse. Rows come in batches, so that texts and wide numbers of ten million requests never stand
    in memory all at once.
    """
    narrow = [pl.col(NAMED).cast(pl.Categorical), pl.col(NUMBERED).cast(pl.Int32)]
    batches = (pl.DataFrame(batch) for batch in con.sql(REQUESTS).to_arrow_reader(BATCH))
    known = pl.col("due").is_not_null() & pl.col("first_due").is_not_null()
    return pl.concat(batch.filter(known).with_columns(narrow) for batch in batches)


def record(frame: pl.DataFrame) -> Record:
    """The requests as arrays, in their order."""
    standard = ["turnaround_category", "target_days", "day_type"]
    numbered = frame.with_columns(
        pl.col("ended").fill_null(OPEN),
        category=pl.struct(standard).rank("dense") - 1,
        own=pl.struct([*standard, "working_lab"]).rank("dense") - 1,
    )
    named = ("received", "ended", "judged", "first_due", "due", "target_days", "category", "own")
    received, ended, judged, first_due, due, target, category, own = (
        numbered[name].to_numpy().astype(np.int64) for name in named
    )
    lead = np.clip(first_due - ended, -1, FURTHEST)
    return Record(frame, received, ended, judged, first_due, due, target, lead, category, own)


def waiting(known: Record, day: int, ahead: int, is_past: bool) -> tuple[Whole, Whole]:
    """Rows of the requests that were open at the end of a day and fall due in the next `ahead` days; days left of each.

    is_past: whether the day is past, so that the due date is the first one, before any pause.
    """
    left = (known.first_due if is_past else known.due) - day
    is_open = (known.received <= day) & (known.ended > day)
    rows = np.flatnonzero(is_open & (left > 0) & (left <= ahead))
    return rows, left[rows]


def chances(known: Record, day: int, rows: Whole, left: Whole) -> Array:
    """The chance of each request to end later than its due date, given that it is open with so many days left.

    Of the requests that fell due in the HISTORY_DAYS up to that day, newer ones weighing more, the late ones are
    divided by those that were still open with as many days left: a Kaplan-Meier survival of days, conditional on the
    days already waited, in which nothing is censored because every request of the history has fallen due. Fewer days
    left never lower the chance, since the late ones stay and the open ones get fewer. Days left are calendar days to a
    due date that is worked out in the standard's own days.

    First of all requests by tenths of the standard left, then of the same category and standard, then of the same
    laboratory too; each counts the one before as BORROWED requests.
    """
    judged = (known.due <= day) & (known.due > day - HISTORY_DAYS) & (known.due < known.judged)
    history = np.flatnonzero(judged)
    weight = 0.5 ** ((day - known.due[history]) / HALVES_IN_DAYS)
    late = weight * known.is_late[history]
    tenth = np.floor(10 * known.lead[history] / known.target[history]).astype(np.int64)
    tenths_left = np.ceil(10 * left / known.target[rows]).astype(np.int64)
    nothing = np.zeros(history.size, dtype=np.int64)
    late_of, open_of = _counted(nothing, tenth, weight, late, nothing[:1], tenths_left)
    found = (late_of + 0.5) / (open_of + 1)
    for group in (known.category, known.own):
        late_of, open_of = _counted(group[history], known.lead[history], weight, late, group[rows], left)
        found = (late_of + BORROWED * found) / (open_of + BORROWED)
    return found


def _counted(
    group: Whole, lead: Whole, weight: Array, late: Array, group_asked: Whole, left: Whole
) -> tuple[Array, Array]:
    """For each request asked for: the weight of the late ones of its group, and of those open with so much left.

    A request that ended `lead` before its due date was open with `left` to go where lead is less than left.
    """
    groups = int(max(group.max(initial=0), group_asked.max(initial=0))) + 1
    width = FURTHEST + 2
    place = group * width + np.clip(lead, -1, FURTHEST) + 1
    ended = np.bincount(place, weights=weight, minlength=groups * width).astype(np.float64)
    ended_by: Array = ended.reshape(groups, width).cumsum(axis=1)
    late_of: Array = np.bincount(group, weights=late, minlength=groups).astype(np.float64)
    return late_of[group_asked], ended_by[group_asked, np.clip(left, 0, FURTHEST + 1)]
