"""Puts the paper for a board meeting together from what My board has worked out, and offers it as a download."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
import streamlit as st

from ui import audit, board_paper, my_board, my_board_parts_words, my_board_words, words
from ui.board_paper import Paper, Part, Tile
from ui.board_paper_charts import Series
from ui.data import OwnBoard, Snapshot
from ui.guard import Context
from ui.my_board import STAGES, View
from ui.my_board_like import MEASURES, Beside
from ui.my_board_sections import about_line, grades, periods, span_of, target_of
from ui.my_board_show import Worked, exact_file, name_of

#: As many specialties are on the paper.
SPECIALTIES = 6

#: As many lines say where requests wait, those with most overdue first.
MOST_WAITS = 6

#: As many of the oldest open requests are on it, without their numbers.
OLDEST = 5

KEEP = (
    "Exact figures of {board}, for its managers only. Small numbers are not protected here. This paper holds exact "
    "figures of one board and may not be passed on, published or put with papers that others can read."
)


def offer(context: Context, board: OwnBoard, view: View, shown: Worked, beside: Beside) -> None:
    """A button that makes the paper; it is recorded when pressed, and not given where it cannot be."""
    file = f"{exact_file(context.snapshot, name_of(board))}-board-meeting.html"
    st.download_button(
        "Page for the board meeting (HTML, prints on A4), exact: not to be forwarded",
        data=_later(context, board, view, file, shown, beside),
        file_name=file,
        mime="text/html",
        on_click="ignore",
        key="download_paper",
        help="Open the file in a browser and print it, or save it as PDF. It needs nothing from outside.",
    )


def _later(
    context: Context, board: OwnBoard, view: View, file: str, shown: Worked, beside: Beside
) -> Callable[[], bytes]:
    def made() -> bytes:
        detail = {"board": board.code, "file": file, "category": view.category or "", "lab": view.lab or ""}
        audit.record("download", context.reader.key, "my_board", {key: value for key, value in detail.items() if value})
        return board_paper.html(paper(context.snapshot, board, view, shown, beside)).encode("utf-8")

    return made


def paper(snapshot: Snapshot, board: OwnBoard, view: View, shown: Worked, beside: Beside) -> Paper:
    """The paper of a view. No request's number stands on it: a board meeting follows figures, not requests."""
    release, name = snapshot.release, name_of(board)
    made_up = "Synthetic figures, made up to show how this works: do not quote. " if release.is_synthetic else ""
    labels = snapshot.facts.labels
    chosen = [
        my_board.SIDES[view.side],
        labels.get("turnaround_category", {}).get(view.category or "", "all categories"),
        labels.get("performing_lab", {}).get(view.lab or "", "all laboratories"),
    ]
    said = (my_board_words.by_how_much(shown.now), my_board_words.without_due_date(shown.now))
    return Paper(
        board=name,
        keep=made_up + KEEP.format(board=name),
        scope=f"{', '.join(chosen)}. Data to {words.long_date(release.data_to)}.",
        as_at=" ".join(filter(None, (my_board_words.as_at(shown.now), *said))),
        tiles=_tiles(shown),
        parts=tuple(_parts(snapshot, board, shown, beside)),
        measures=tuple(_measures(snapshot)),
        about=tuple(_about(snapshot, board, view)),
        release=release.id,
    )


def _tiles(shown: Worked) -> tuple[Tile, ...]:
    now = shown.now
    known = shown.within.filter(pl.col("value").is_not_null())
    share = words.percent(known["value"][-1], known["denominator"][-1]) if known.height else words.NOT_AVAILABLE
    over = f"{words.percent(now.overdue / now.open)} of the open ones" if now.open else "nothing is open"
    return (
        Tile("Open", words.number(now.open), "received and not yet reported"),
        Tile("Overdue", words.number(now.overdue), over),
        Tile(f"Due within {my_board.SOON_DAYS} days", words.number(now.soon), "not overdue yet"),
        Tile("Within standard", share, words.lower_first(my_board_words.of_how_many(shown.within))),
    )


def _parts(snapshot: Snapshot, board: OwnBoard, shown: Worked, beside: Beside) -> list[Part]:
    labels, span, target = snapshot.facts.labels, span_of(board), target_of(snapshot)
    names, labs = labels.get("turnaround_category", {}), labels.get("performing_lab", {})
    specialty_names = labels.get("referrer_specialty", {})
    both = my_board_parts_words.sides(shown.sides)
    categories = my_board_parts_words.categories(shown.categories, names, target, span)
    stuck = my_board_words.stuck(shown.waits, labs)
    oldest = my_board_parts_words.oldest(shown.oldest, labs)
    like = my_board_parts_words.like(beside)
    specialties = my_board_parts_words.specialties(shown.specialties, specialty_names)
    within = my_board_words.movement(shown.within, "higher", target)
    overdue = my_board_words.movement(shown.overdue, "lower")
    limits = "Dashed: limits of chance. A triangle: more than chance. An open point: provisional."
    return [
        Part(both[0], both[1], table=my_board_parts_words.table_of_sides(shown.sides, span)),
        Part(
            my_board_words.within(shown.within), within, note=limits,
            chart=Series(shown.within, my_board_words.within(shown.within), share=True, target=target),
        ),
        Part(
            my_board_words.overdue(shown.overdue), overdue, note=limits,
            chart=Series(shown.overdue, my_board_words.overdue(shown.overdue)),
        ),
        Part(*categories, table=my_board_parts_words.table_of_categories(shown.categories, names)),
        Part(*stuck, table=_where(shown, labs)),
        Part(
            *oldest, note=f"The first {OLDEST} at most. No request's number stands on this paper.",
            table=my_board_parts_words.table_of_oldest(shown.oldest.head(OLDEST), labs, names).drop("Request"),
        ),
        Part(*like, table=my_board_parts_words.table_of_like(beside), note=periods(beside)),
        Part(*specialties, table=_specialties(shown, specialty_names)),
    ]  # fmt: skip


def _where(shown: Worked, labs: Mapping[str, str]) -> pl.DataFrame:
    """Open requests by laboratory and last step."""
    return shown.waits.select(
        pl.col("performing_lab").replace(dict(labs)).alias("Laboratory"),
        pl.col("stage").replace(STAGES).alias("Last step done"),
        pl.col("overdue").alias("Overdue"),
        pl.col("open").alias("Open"),
        pl.col("longest_days").alias("Longest since that step, days"),
    ).head(MOST_WAITS)


def _specialties(shown: Worked, names: Mapping[str, str]) -> pl.DataFrame:
    """The specialties that clearly stand out, then those that sent most."""
    first = shown.specialties.sort(pl.col("standing") != "higher", maintain_order=True).head(SPECIALTIES)
    table = my_board_parts_words.table_of_groups(first, names, "Specialty")
    return table.drop("Due", "Late", strict=False)


def _measures(snapshot: Snapshot) -> list[str]:
    entries = (snapshot.indicator(name) for name in MEASURES)
    return [f"{entry.number} {entry.title}: {entry.numerator}." for entry in entries if entry]


def _about(snapshot: Snapshot, board: OwnBoard, view: View) -> list[str]:
    """Quality, uncertainty and what the figures cannot say, a line each."""
    return [
        *grades(snapshot, board, view),
        "Intervals are 95% (Wilson): they say how far chance alone could move a share, not whether the data are right.",
        "Limits of chance are those of control charts; a month outside them, or a run, is more than chance.",
        about_line(snapshot),
        "Figures of other boards and of Scotland are the published ones: rounded to 5, and hidden [c] under 10 people.",
        f"{words.NOT_AVAILABLE} cannot be worked out: nothing to count, or not reached yet.",
    ]
