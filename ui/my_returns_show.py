"""Draws the page My returns: what to correct, the open submissions, letters and return files, and all submissions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl
import streamlit as st
from polars import selectors

from catalogue.reference import labels
from ui import audit, my_returns, words
from ui.data import OwnReturns, own_returns
from ui.download import neutral
from ui.draw_table import draw_table
from ui.folded import folded
from ui.guard import Context
from ui.my_returns import Sent

#: The most submissions on the page; the download has them all.
MOST_ROWS = 100


def open_returns(context: Context) -> OwnReturns:
    """The returns of the reader's own submitter, the one chosen where there are several.

    The choice is among the submitters of the sign-in, and `own_returns` asks again whether it is the reader's.
    """
    named = labels("organisations")
    codes = sorted(context.reader.submitters, key=lambda code: named.get(code, code))
    code = codes[0] if codes else ""
    if len(codes) > 1:
        code = st.selectbox("Submitter", codes, format_func=lambda one: named.get(one, one), key="own_submitter")
    return own_returns(context.reader, code)


def name_of(own: OwnReturns) -> str:
    """The name of the submitter."""
    return labels("organisations").get(own.submitter, own.submitter)


def summary(own: OwnReturns) -> None:
    """What is open over all submissions, what improved, and the faults by reason and field, the newest first."""
    if own.submissions.is_empty():
        st.header(f"Nothing of {name_of(own)} has been received", anchor="summary")
        st.info("Once a submission has been read, it stands here with what became of it.")
        return
    mend = my_returns.to_mend(own)
    st.header(_finding(own, mend), anchor="summary")
    st.markdown(" ".join(filter(None, [_improved(own, mend), _refused(mend)])))
    table = my_returns.faults(own, mend)
    if table.is_empty():
        return
    shown = table.select(
        pl.col("reason").str.replace_all("_", " ").alias("Reason"),
        pl.col("field").alias("Field"),
        pl.col("rows").alias("Rows"),
        pl.col("submissions").alias("Submissions"),
        pl.Series("Newest month", [_month(period) for period in table["newest_period"]], dtype=pl.String),
    )
    _folding(shown, "Returned rows by reason and field")
    st.caption("A row with several faults is counted at each. Newest month first, then the most rows.")


def _finding(own: OwnReturns, mend: list[Sent]) -> str:
    if not mend:
        return f"Nothing of {name_of(own)} is to be corrected"
    rows = sum(one.returned for one in mend)
    need = "submission needs" if len(mend) == 1 else "submissions need"
    came = f": {rows:,} row{' was' if rows == 1 else 's were'} returned" if rows else ""
    return f"{len(mend):,} {need} correcting{came}"


def _improved(own: OwnReturns, mend: list[Sent]) -> str:
    """What improved since the version before: submissions that are whole now, and those better or worse than before."""
    said = []
    if done := my_returns.mended(own):
        are = "submission is" if done == 1 else "submissions are"
        said.append(f"{done:,} {are} mended: rows of an earlier version had been returned, none of the one in use.")
    compared = [(one.before, one.now) for one in mend if one.before is not None and one.state == "accepted"]
    if compared:
        better = sum(now < before for before, now in compared)
        worse = sum(now > before for before, now in compared)
        said.append(
            f"Of the {len(compared):,} that are open and had an earlier version, {better:,} had fewer rows returned on "
            f"reading than then, {worse:,} more."
        )
    return " ".join(said)


def _refused(mend: list[Sent]) -> str:
    refused = sum(one.state == "refused" for one in mend)
    if not refused:
        return ""
    return f"{refused:,} {'file was' if refused == 1 else 'files were'} refused whole: nothing of it is used."


def open_submissions(own: OwnReturns) -> None:
    """The submissions to correct, the newest first."""
    mend = my_returns.to_mend(own)
    if mend:
        st.header("Submissions to correct, the newest first", anchor="open")
        _folding(_table(mend), "Submissions to correct")


def _table(shown: list[Sent]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "Extract": one.extract.capitalize(),
                "Month": _month(one.period),
                "Version": one.version,
                "State": my_returns.STATES.get(one.state, one.state),
                "Read": one.read,
                "Loaded": one.loaded,
                "Returned": one.returned,
                "Why": _why(one),
                "Since the version before": _since(one),
            }
            for one in shown
        ]
    )


def _why(one: Sent) -> str:
    if one.refused_because:
        return one.refused_because
    return ", ".join(f"{reason.replace('_', ' ')} {count:,}" for reason, count in one.reasons.items())


def _since(one: Sent) -> str:
    if one.before is None or one.state == "refused":
        return ""
    if one.before == one.now:
        return f"{one.now:,} on reading, as before"
    return f"{one.before:,} then, {one.now:,} now ({'improved' if one.now < one.before else 'worse'})"


def files(context: Context, own: OwnReturns) -> None:
    """The letter on a submission and its return files, chosen from what there is."""
    held = my_returns.with_files(own)
    if not held:
        return
    st.header("Letter and return files", anchor="files")
    named = {one.stem: f"{one.extract.capitalize()}, {_month(one.period)}, version {one.version}" for one in held}
    stem = st.selectbox(
        "Submission, those to correct first", list(named), format_func=lambda one: named[one], key="own_submission"
    )
    if stem not in named:
        return
    text = my_returns.letter(own, stem)
    with st.container(border=True, key="letter"):
        st.markdown(text or "There is no letter: this version has been replaced, or nothing of it is to be corrected.")
    for kind, label in (
        (".csv", "Rows returned on reading"),
        (my_returns.BUILD, "Rows returned when all extracts were put together"),
        (my_returns.LETTER, "The letter"),
    ):
        name = f"{stem}{kind}"
        if name in own.files:
            st.download_button(
                f"Download: {label.lower()}",
                data=_later(context, own, name),
                file_name=name,
                mime="text/markdown" if kind == my_returns.LETTER else "text/csv",
                on_click="ignore",
                key=f"download{kind}",
            )
    st.caption(
        "Files are as they were returned, with person-level rows: keep them within your organisation. Correct the rows "
        "and send the whole month again as the next version."
    )


def _later(context: Context, own: OwnReturns, name: str) -> Callable[[], bytes]:
    """The file is read, and the download recorded, when the button is pressed; what cannot be recorded is not given."""

    def made() -> bytes:
        audit.record("download", context.reader.key, "my_returns", {"submitter": own.submitter, "file": name})
        return own.read(name)

    return made


def every_submission(context: Context, own: OwnReturns) -> None:
    """All submissions with what became of them, folded, with a download."""
    every = my_returns.submissions(own)
    if not every:
        return
    if box := folded(f"All {len(every):,} submissions", "every_submission"):
        with box:
            if len(every) > MOST_ROWS:
                st.markdown(f"The newest {MOST_ROWS} of {len(every):,}; the download has them all.")
            _folding(_table(every[:MOST_ROWS]), "All submissions")
            name = f"submissions-{own.submitter}.csv"
            st.download_button(
                "Download the list as CSV",
                data=_list(context, own, name),
                file_name=name,
                mime="text/csv",
                on_click="ignore",
                key="download_list",
            )


def _list(context: Context, own: OwnReturns, name: str) -> Callable[[], bytes]:
    def made() -> bytes:
        audit.record("download", context.reader.key, "my_returns", {"submitter": own.submitter, "file": name})
        return neutral(_table(my_returns.submissions(own))).write_csv(include_bom=True).encode("utf-8")

    return made


def _month(period: str) -> str:
    return words.month(dt.date.fromisoformat(f"{period}-01"))


def _folding(table: pl.DataFrame, caption: str) -> None:
    """A table that becomes cards on a narrow screen, its counts as they are read."""
    counts = [
        pl.Series(held.name, [words.number(count) for count in held], dtype=pl.String)
        for held in table.select(selectors.integer())
    ]
    draw_table(table.with_columns(counts), caption, folds=True)
