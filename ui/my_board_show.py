"""Draws the page My board: the answers at the top, where requests wait, whether it gets better, and the work list."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
import streamlit as st

from catalogue.reference import labels as reference_labels
from catalogue.reference import reference_rows
from ui import audit, my_board, my_board_charts, my_board_parts, my_board_words, screens, theme, words
from ui.charts import Chart
from ui.data import NoBoardDetailError, OwnBoard, Snapshot
from ui.download import neutral
from ui.draw_table import draw_table
from ui.folded import folded
from ui.guard import Context
from ui.made_once import made_once
from ui.my_board import OPEN, STAGES, STANDINGS, View

#: The most requests of the work list on the page; the download has them all.
MOST_ROWS = 100

#: Orders of the work list: the column, and whether it falls; the first is that of `my_board.work`.
ORDERS: dict[str, tuple[str, bool]] = {
    "Most pressing first": ("", False),
    "Most days over first": ("days_over", True),
    "Longest since the last step first": ("stage_date", False),
    "Received first": ("received_date", False),
    "Due next first": ("due_date", False),
}

#: The share within standard that the published measure aims at.
WITHIN = "reported_within_standard"

#: What was recorded last, so that a mere redraw is no further view.
RECORDED = "my_board_recorded"


@dataclass(frozen=True)
class Worked:
    """All that the page says of one view of one board, worked out once."""

    rows: pl.DataFrame
    now: my_board.Now
    waits: pl.DataFrame
    months: pl.DataFrame
    within: pl.DataFrame
    overdue: pl.DataFrame
    breaches: pl.DataFrame
    sides: list[my_board_parts.Side]
    categories: pl.DataFrame
    oldest: pl.DataFrame
    specialties: pl.DataFrame
    tests: pl.DataFrame


def open_board(context: Context) -> OwnBoard:
    """The reader's own board, the one chosen where there are several; a screen where the release has none of it.

    The choice is among the boards of the sign-in, and `Snapshot.own_board` asks again whether it is the reader's.
    """
    names = {code: f"NHS {name}" for code, name in reference_labels("boards").items() if code in context.reader.boards}
    code = next(iter(names), "")
    if len(names) > 1:
        code = st.selectbox("Your health boards", list(names), format_func=lambda one: names[one], key="own_board")
    try:
        board = context.snapshot.own_board(code)
    except NoBoardDetailError:
        _nothing(names.get(code, "your board"))
        st.stop()
    _record(context, board)
    return board


def _nothing(name: str) -> None:
    st.info(
        f"This release holds no exact figures of {name}. Releases made before own-board detail was built have none. "
        "The next release that is built will hold them; the Turnaround page has the published figures."
    )


def _record(context: Context, board: OwnBoard) -> None:
    """Which board was opened, once a release and board: the address does not tell."""
    if st.session_state.get(RECORDED) == board.key:
        return
    try:
        audit.record("view", context.reader.key, "my_board/exact", {"board": board.code})
    except audit.NotRecordedError as problem:
        screens.failing(str(problem))
    st.session_state[RECORDED] = board.key


def name_of(board: OwnBoard) -> str:
    """The whole name of a board: `NHS Fife`."""
    return next(row["board_name"] for row in reference_rows("boards") if row["code"] == board.code)


def choose(snapshot: Snapshot, board: OwnBoard) -> View:
    """Draws the filters; what the board has no request of falls back to all."""
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        side = st.selectbox(
            "Which requests",
            list(my_board.SIDES),
            format_func=lambda one: my_board.SIDES[one],
            key="view",
            bind="query-params",
            help="Requests that your board asked for, or those of people who live in its area.",
        )
        category = _one(snapshot, board, "turnaround_category", "Turnaround category", "All categories", "category")
        lab = _one(snapshot, board, "performing_lab", "Performing laboratory", "All laboratories", "lab")
    return View(side if side in my_board.SIDES else "requesting", category, lab)


def _one(snapshot: Snapshot, board: OwnBoard, column: str, label: str, every: str, key: str) -> str | None:
    held = {*board.monthly[column].drop_nulls(), *board.requests[column]}
    named = {code: name for code, name in snapshot.facts.labels.get(column, {}).items() if code in held}
    chosen = st.selectbox(
        label, ["", *named], format_func=lambda code: named.get(code, every), key=key, bind="query-params"
    )
    return chosen if chosen in named else None


@made_once(60)
def _worked(key: str, view: View, _board: OwnBoard) -> Worked:  # noqa: ARG001 - key: release and board
    rows, monthly = my_board.work(_board, view), my_board.months(_board, view)
    return Worked(
        rows,
        my_board.now(rows),
        my_board.waiting(rows),
        monthly,
        my_board.within_chart(monthly),
        my_board.overdue_chart(monthly),
        my_board.breach_days(_board, view),
        my_board_parts.both_sides(_board, view),
        my_board_parts.by_category(_board, view),
        my_board_parts.oldest(rows),
        my_board_parts.by_group(
            _board.specialties, view, "referrer_specialty", "not_accepted_first", "first_pass_known"
        ),
        my_board_parts.by_group(_board.tests, view, "test_code", "within_standard", "due"),
    )


def worked(board: OwnBoard, view: View) -> Worked:
    """What the page says of a view, made once for a release, a board and a view."""
    return _worked(board.key, view, board)


def answers(snapshot: Snapshot, shown: Worked) -> None:
    """What a manager needs in ten seconds: a sentence and four numbers."""
    now = shown.now
    st.header(my_board_words.finding(now), anchor="now")
    said = (my_board_words.by_how_much(now), my_board_words.as_at(now), my_board_words.without_due_date(now))
    st.markdown(" ".join(filter(None, said)))
    known = shown.within.filter(pl.col("value").is_not_null())
    share = words.percent(known["value"][-1], known["denominator"][-1]) if known.height else words.NOT_AVAILABLE
    tiles = (
        ("Open", words.number(now.open), "Received and not yet reported"),
        ("Overdue", words.number(now.overdue), _share_of_open(now)),
        (f"Due within {my_board.SOON_DAYS} days", words.number(now.soon), "Not overdue yet"),
        ("Within standard", share, my_board_words.of_how_many(shown.within)),
    )
    for column, (label, value, beside) in zip(st.columns(len(tiles)), tiles, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.metric(f"**{label}**", value)
            st.markdown(beside)
    st.caption(f"Data to {words.long_date(snapshot.release.data_to)}.")


def _share_of_open(now: my_board.Now) -> str:
    return f"{words.percent(now.overdue / now.open)} of the open ones" if now.open else "Nothing is open"


def stuck(snapshot: Snapshot, name: str, shown: Worked) -> None:
    """Where open requests wait: by the last step done, and by laboratory."""
    labs = snapshot.facts.labels.get("performing_lab", {})
    title, summary = my_board_words.stuck(shown.waits, labs)
    st.header(title, anchor="stuck")
    st.markdown(summary)
    if shown.waits.is_empty():
        return
    standings = {standing: STANDINGS[standing] for standing in OPEN}
    stages = {stage: label for stage, label in STAGES.items() if stage != "reported"}
    alt = f"{title}. {summary} Every value is in the table below the chart."
    draw_chart(snapshot, name, "stuck", my_board_charts.by_stage(shown.waits, stages, standings, alt=alt))
    table = shown.waits.select(
        pl.col("performing_lab").replace(labs).alias("Laboratory"),
        pl.col("stage").replace(STAGES).alias("Last step done"),
        *(pl.col(standing).alias(label) for standing, label in standings.items()),
        pl.col("open").alias("Open"),
        pl.col("longest_days").alias("Longest since that step, days"),
    )
    twin("By laboratory and last step", table, alt=title, named_by=2)


def better(snapshot: Snapshot, name: str, shown: Worked) -> None:
    """Whether it gets better: control charts of requests within standard and of those overdue at each month's end."""
    entry = snapshot.indicator(WITHIN)
    target = entry.target.value / 100 if entry and entry.target and entry.target.unit == "percent" else None
    title = my_board_words.within(shown.within)
    says = my_board_words.movement(shown.within, "higher", target)
    st.header(title, anchor="within")
    st.markdown(says)
    if shown.within["value"].drop_nulls().len():
        alt = f"{title}. {says} Every value is in the table of months."
        chart = my_board_charts.control_chart(
            shown.within, axis="Reported within standard", say=my_board_words.say_share, alt=alt, better="higher",
            share=True, target=target, target_label=f"{target:.0%} line" if target else "",
        )  # fmt: skip
        draw_chart(snapshot, name, "within", chart)
        st.caption(f"{_method(shown.within)} {my_board_words.LIMITS}")
    title = my_board_words.overdue(shown.overdue)
    says = my_board_words.movement(shown.overdue, "lower")
    st.header(title, anchor="overdue")
    st.markdown(says)
    if shown.overdue["value"].drop_nulls().len():
        alt = f"{title}. {says} Every value is in the table of months."
        chart = my_board_charts.control_chart(
            shown.overdue, axis="Overdue at the month's end", say=my_board_words.say_count, alt=alt, better="lower"
        )
        draw_chart(snapshot, name, "overdue", chart)
        st.caption(f"{_method(shown.overdue)} {my_board_words.LIMITS}")


def _method(chart: pl.DataFrame) -> str:
    return f"{_named(chart)}. A point a month; months not sent whole are left out."


def _named(chart: pl.DataFrame) -> str:
    """The name of the method of a chart."""
    return str(chart["method"].drop_nulls().to_list()[0])


def every_month(context: Context, board: OwnBoard, view: View, shown: Worked) -> None:
    """The monthly counts as a table with its download."""
    if box := folded("Month by month: table and download", "months"):
        with box:
            table = my_board_words.table_of_months(shown.months)
            if table.is_empty():
                st.info("No month is held.")
                return
            draw_table(table, "Exact counts month by month")
            st.markdown(
                "Days are from clock start to report, less paused days, by month of receipt; open requests are counted "
                f"as still waiting. {words.NOT_AVAILABLE} cannot be worked out: not reached yet, nothing to count, or "
                "the record does not go back far enough."
            )
            download(context, board, view, "months", shown.months)


def rare(snapshot: Snapshot, name: str, view: View, shown: Worked) -> None:
    """Days between missed due dates, where they are rare."""
    newest = my_board.newest_breaches(shown.breaches, shown.months)
    title, says, is_drawn = my_board_words.breaches(shown.breaches, newest, shown.now, view)
    st.header(title, anchor="breaches")
    st.markdown(says)
    if not is_drawn:
        return
    chart = my_board.between_breaches(shown.breaches)
    moved = my_board_words.movement(chart, "higher")
    st.markdown(moved)
    alt = f"{title}. {says} {moved}"
    drawn = my_board_charts.control_chart(
        chart, axis="Days since the breach before", say=my_board_words.say_gap, alt=alt, better="higher"
    )
    draw_chart(snapshot, name, "breaches", drawn)
    st.caption(f"{_named(chart)}. A point a due date that was missed. {my_board_words.LIMITS}")


def work_list(context: Context, board: OwnBoard, view: View, shown: Worked) -> None:
    """The requests themselves, by how they stand and where they wait, in an order of choice; with a download."""
    heading = st.container()
    chosen = st.multiselect(
        "Status",
        list(STANDINGS),
        default=list(OPEN),
        format_func=lambda standing: STANDINGS[standing],
        key="status",
        placeholder="Choose at least one",
    )
    with st.container(horizontal=True):
        labs = context.snapshot.facts.labels.get("performing_lab", {})
        held = set(shown.rows["performing_lab"])
        lab = st.selectbox(
            "Laboratory",
            ["", *(code for code in labs if code in held)],
            format_func=lambda code: labs.get(code, "All laboratories"),
            key="list_lab",
        )
        stage = st.selectbox(
            "Last step done",
            ["", *STAGES],
            format_func=lambda code: STAGES.get(code, "All steps"),
            key="list_stage",
        )
        order = st.selectbox("Order", list(ORDERS), key="list_order")
    rows = in_order(shown.rows.filter(pl.col("standing").is_in(chosen)), order, lab, stage)
    with heading:
        st.header(f"Work list: {my_board_words.requests(rows.height)}", anchor="work")
        st.markdown(
            "Open requests, and those that were reported or cancelled in the 12 months before the newest extract, the "
            "most pressing first unless you choose another order. Ask the laboratory by the request's number."
        )
    if rows.is_empty():
        st.info("No request is in this list. Choose another status, step, category or laboratory.")
        return
    table = as_shown(context.snapshot, rows.head(MOST_ROWS))
    if rows.height > MOST_ROWS:
        st.markdown(f"The first {MOST_ROWS} of {rows.height:,}; the download has them all.")
    draw_table(table, f"Work list, {order.lower()}")
    download(context, board, view, "work-list", rows)


def in_order(rows: pl.DataFrame, order: str, lab: str = "", stage: str = "") -> pl.DataFrame:
    """The requests of a laboratory and last step, in one of ORDERS; all of them where none is named."""
    if lab:
        rows = rows.filter(performing_lab=lab)
    if stage:
        rows = rows.filter(stage=stage)
    column, is_falling = ORDERS[order]
    return rows.sort(column, "request_id", descending=[is_falling, False], nulls_last=True) if column else rows


def as_shown(snapshot: Snapshot, rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of the work list that stand on the page, in words."""
    labels = snapshot.facts.labels
    return rows.select(
        pl.col("request_id").alias("Request"),
        pl.col("standing").replace(STANDINGS).alias("Status"),
        pl.col("days_over").alias("Days over"),
        _day("due_date").alias("Due"),
        pl.col("turnaround_category").replace(dict(labels.get("turnaround_category", {}))).alias("Category"),
        pl.col("performing_lab").replace(dict(labels.get("performing_lab", {}))).alias("Laboratory"),
        pl.concat_str(pl.col("stage").replace(STAGES), pl.lit(", "), _day("stage_date")).alias("Last step done"),
        pl.col("priority").str.to_titlecase().alias("Priority"),
        pl.concat_str(pl.col("days_used"), pl.lit(" of "), pl.col("target_days"), pl.lit(" "), pl.col("day_type"))
        .fill_null(words.NOT_AVAILABLE)
        .alias("Days used"),
    )


def _day(column: str) -> pl.Expr:
    return pl.col(column).dt.strftime("%-d %b %Y").fill_null(words.NOT_AVAILABLE)


def csv(snapshot: Snapshot, board: OwnBoard, view: View, rows: pl.DataFrame) -> bytes:
    """A table as CSV, each row with whose it is and that it is not to be passed on, safe to open in a spreadsheet."""
    release = snapshot.release
    note = f"Exact figures of {name_of(board)}, for its managers only: do not publish or forward."
    made_up = " Synthetic, not for quotation." if release.is_synthetic else ""
    marked = rows.with_columns(
        pl.lit(my_board.SIDES[view.side]).alias("requests_shown"),
        pl.lit(release.data_to.isoformat() if release.data_to else "").alias("data_to"),
        pl.lit(release.id).alias("release"),
        pl.lit(note + made_up).alias("note"),
    )
    return neutral(marked).write_csv(include_bom=True).encode("utf-8")


def download(context: Context, board: OwnBoard, view: View, what: str, rows: pl.DataFrame) -> None:
    """A button for a table as CSV, marked in each row and recorded when pressed."""
    file = f"{exact_file(context.snapshot, name_of(board))}-{what}.csv"
    st.download_button(
        "Download as CSV, exact: not to be forwarded",
        data=_later(context, board, view, file, rows),
        file_name=file,
        mime="text/csv",
        on_click="ignore",
        key=f"download_{what}",
    )


def _later(context: Context, board: OwnBoard, view: View, file: str, rows: pl.DataFrame) -> Callable[[], bytes]:
    """The file is made, and the download recorded, when the button is pressed; what cannot be recorded is not given."""

    def made() -> bytes:
        detail = {"board": board.code, "file": file, "category": view.category or "", "lab": view.lab or ""}
        audit.record("download", context.reader.key, "my_board", {key: value for key, value in detail.items() if value})
        return csv(context.snapshot, board, view, rows)

    return made


def exact_file(snapshot: Snapshot, name: str) -> str:
    """The beginning of the name of every file of exact figures."""
    made_up = "synthetic-" if snapshot.release.is_synthetic else ""
    return f"{made_up}exact-{re.sub(r'[^a-z0-9]+', '-', name.lower())}"


def draw_chart(snapshot: Snapshot, name: str, key: str, chart: Chart) -> None:
    """A chart with its words, saved under a name that says that it is exact."""
    st.plotly_chart(
        chart.figure.plotly(),
        theme=None,
        config=theme.plotly_config(f"{exact_file(snapshot, name)}-{key}"),
        alt=chart.alt,
        key=f"chart_{key}",
    )


def twin(heading: str, table: pl.DataFrame, alt: str, named_by: int = 1) -> None:
    """The table that stands beside a chart, one click away. named_by: how many of its first columns name a row."""
    if box := folded(heading, re.sub(r"\W+", "_", heading)):
        with box:
            draw_table(table, alt, named_by=named_by)
