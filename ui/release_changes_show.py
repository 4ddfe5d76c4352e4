"""Draws the page Changes since the last release: what moved and why, definitions that differ, one measure in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from catalogue.citations import Citation
from catalogue.dimensions import dimensions
from catalogue.indicators import Indicator
from ui import audit, download, release_changes, words
from ui.cited_figure_link import cite
from ui.data import Snapshot
from ui.draw_table import draw_table
from ui.figure import Release
from ui.folded import folded
from ui.release_before import Before
from ui.release_changes import CAUSES, Cause, Compared, Redefined, Summed

DEFINITIONS = "pages/definitions.py"

#: The name of the measure in the address of the page.
MOVED = "moved"

#: The most rows of one measure on the page; the file has all.
MOST_ROWS = 200

#: A share that moved by less is told as such: with one decimal it would read as none.
LEAST = 0.0005

GRAINS: Mapping[str, str] = {"year": "12 months", "quarter": "Quarters", "month": "Months"}

#: What a part of a definition is called in a sentence.
PART = {
    "choices": "choices of its entry",
    "sql": "SQL",
    "table": "table",
    "reference": "reference table",
    "extract": "contract of the extract",
}
HOW = {
    "added": "New in this release",
    "gone": "No longer published",
    "numbers": "May move its numbers",
    "words": "In words only",
}


def nothing(before: Before) -> None:
    """Why there is no release to compare with."""
    st.header(before.title, anchor="figures")
    st.info(before.why)


def releases(now: Release, then: Release) -> None:
    """Which two releases stand side by side."""
    st.markdown(
        f"This release was made {_made(now)} with data to {words.long_date(now.data_to)}; the release before was made "
        f"{_made(then)} with data to {words.long_date(then.data_to)}."
    )


def _made(release: Release) -> str:
    at = release.created_at
    return f"on {words.long_date(at.date())}, {at:%H:%M} UTC," if at else "on an unknown day"


def figures(found: Compared, entries: Mapping[str, Indicator]) -> tuple[Summed, ...]:
    """How many figures of Scotland moved, then a line a measure: how many, the farthest, and why."""
    lines = release_changes.summed(found.figures, entries)
    held, compared = sum(line.moved for line in lines), _both_shown(found.figures)
    st.header(_title(held, compared, len([line for line in lines if line.moved])), anchor="figures")
    st.markdown(
        "Compared is every figure of Scotland as a whole, of the same period, that both releases show. "
        f"{_why(lines)}".strip()
    )
    if lines:
        frame = pl.DataFrame([_line(line) for line in lines])
        draw_table(frame, "Measures of which figures moved", folds=True)
    if box := folded("How it is told why a figure moved", "how_told"):
        with box:
            st.markdown(rules())
    return lines


def _both_shown(figures: pl.DataFrame) -> int:
    return figures.filter((pl.col("state") == "shown") & (pl.col("state_then") == "shown")).height


def _title(moved: int, compared: int, measures: int) -> str:
    if not compared:
        return "The two releases share no figure of Scotland"
    if not moved:
        return f"None of {words.number(compared)} figures of Scotland moved"
    of = f"{words.number(moved)} of {words.number(compared)} figures of Scotland moved"
    return f"{of}, in {measures} measure{'s' * (measures > 1)}"


def _why(lines: Sequence[Summed]) -> str:
    """How many figures each deciding cause has, the rules' order kept."""
    counts = {cause: sum(line.causes.get(cause, 0) for line in lines) for cause in CAUSES}
    told = [f"{words.lower_first(CAUSES[cause][0])} {words.number(count)}" for cause, count in counts.items() if count]
    return f"By the rule that decides: {words.joined(told)}." if told else ""


def rules() -> str:
    """The rules as a list in the order in which they are tried."""
    lines = [
        "The first rule that holds decides; the others that hold are named beside it, since they may have part.",
        "",
    ]
    lines += [f"1. **{name}:** {rule}." for name, rule in CAUSES.values()]
    lines += [
        "",
        "The rules say what can have moved a figure, not how much of the move each made. Only figures that both "
        "releases show are compared, as each shows them: counts are rounded, so a move of one step of "
        f"{release_changes.ROUNDING_STEP} may stand for very few people.",
    ]
    return "\n".join(lines)


def _line(line: Summed) -> dict[str, str]:
    return {
        "Measure": f"{line.entry.number} {line.entry.title}",
        "Moved": f"{line.moved or 'None'} of {line.compared}{_hidden(line)}",
        "Farthest": _farthest(line),
        "Why": "; ".join(f"{CAUSES[cause][0]} ({count})" for cause, count in line.causes.items()),
    }


def _hidden(line: Summed) -> str:
    """How many were shown in one of the releases only."""
    told = [f"{line.newly_hidden} now hidden"] * bool(line.newly_hidden)
    told += [f"{line.newly_shown} now shown"] * bool(line.newly_shown)
    return f"; {words.joined(told)}" if told else ""


def _farthest(line: Summed) -> str:
    row = line.most
    if row is None:
        return ""
    when = words.when(str(row["grain"]), row, line.entry.kind == "snapshot")
    small = " (one step of rounding)" if release_changes.may_be_rounding(line.entry, row) else ""
    return f"{_then(row)} before, {_now(row)} now ({_change(row)}), {when}{small}"


def _now(row: Mapping[str, Any]) -> str:
    return words.amount(row)


def _then(row: Mapping[str, Any]) -> str:
    names = ("state", "value", "numerator", "denominator", "lower", "upper")
    return words.amount({**row, **{name: row[f"{name}_then"] for name in names}})


def _change(row: Mapping[str, Any]) -> str:
    """How far a figure moved, in its unit; how it is shown in one of the releases only."""
    if row["is_newly_hidden"]:
        return "Now hidden"
    if row["is_newly_shown"]:
        return "Now shown"
    change = row["change"]
    if not change:
        return "Its counts only"
    sign = "+" if change > 0 else "\N{MINUS SIGN}"
    size = abs(change)
    if row["statistic"] in ("share", "growth"):
        return f"{sign}{words.points(size)}" if size >= LEAST else f"{sign}under 0.05 percentage points"
    return f"{sign}{words.days(size)}" if row["statistic"] in ("median", "p90", "p95") else f"{sign}{size:,.0f}"


def definitions(found: Compared) -> None:
    """Which measures' definitions differ, and in what."""
    every = found.redefined
    numbers = [one for one in every if one.how == "numbers"]
    st.header(_definitions_title(every, len(numbers)), anchor="definitions")
    if not found.has_parts:
        st.info(
            "One of the two releases was made before fingerprints of definitions were kept, so only entries can be "
            "compared: a change of SQL, of a table on the way or of a reference table would not be seen."
        )
    if found.calculation_differs:
        st.markdown("The code that works every figure differs too; whether it moves one, its release notes say.")
    if found.rounding_differs:
        st.markdown("Counts are rounded with a new secret: each may move by up to 4 though nothing else did.")
    if every:
        frame = pl.DataFrame([_definition(one) for one in every])
        draw_table(frame, "Measures whose definition differs", folds=True)
    else:
        st.markdown("Every measure is defined as in the release before.")


def _definitions_title(every: Sequence[Redefined], numbers: int) -> str:
    if not every:
        return "No definition changed"
    if not numbers:
        return f"{len(every)} measures differ, none in a way that moves its numbers"
    told = f"{numbers} definition{'s' * (numbers > 1)} changed in a way that may move numbers"
    return f"{told}, {len(every) - numbers} otherwise" if len(every) > numbers else told


def _definition(one: Redefined) -> dict[str, str]:
    parts = [f"{PART.get(part, part)} {name}" if part != "choices" else PART[part] for part, name in one.parts]
    fields = [field.replace("_", " ") for field in one.fields]
    told = [f"{words.joined(parts)} differ" if len(parts) > 1 else f"{parts[0]} differs"] if parts else []
    told += [f"fields of the entry: {words.joined(fields)}"] if fields else []
    text = "; ".join(told)
    return {
        "Measure": f"{one.entry.number} {one.entry.title}",
        "Kind of change": HOW[one.how],
        "What differs": f"{text[:1].upper()}{text[1:]}",
    }


def one_measure(now: Snapshot, then: Snapshot, lines: Sequence[Summed]) -> None:
    """The figures of one measure that moved, over any of its cubes, with both ids and a file of them all."""
    if not lines:
        return
    entries = {line.entry.id: line.entry for line in lines}
    title = st.container()
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        name = _chosen("Measure", {name: f"{entry.number} {entry.title}" for name, entry in entries.items()}, MOVED)
        every = release_changes.of_measure(now, then, name)
        cube = _chosen("Shown by", {cube: _by(cube) for cube in release_changes.cubes_of(every)}, "moved_by")
        own = _changed(every).filter(cube=cube)
        held = {grain: label for grain, label in GRAINS.items() if grain in own["grain"]}
        grain = _chosen("Length of time", held, "moved_grain")
    rows = own.filter(grain=grain).sort("period_start", "d1", "d2", "d3", "statistic", descending=[True, *[False] * 4])
    entry = entries[name]
    with title:
        st.header(f"{entry.number} {entry.title}: {_so_many(rows)}", anchor="measure")
    frame = pl.DataFrame([_row(now, entry, row) for row in rows.head(MOST_ROWS).to_dicts()])
    if rows.height > MOST_ROWS:
        st.markdown(f"Shown are the newest {MOST_ROWS}; the file has all.")
    if rows.height:
        draw_table(frame, f"Figures of {entry.title} that moved", folds=True)
    st.caption(
        f"Data to {words.long_date(now.release.data_to)} now, {words.long_date(then.release.data_to)} before. Data "
        f"quality now: {words.graded(now.facts.quality.get(name))}."
    )
    cite(_ids(now.release, then.release, name, cube, rows), "moved")
    st.page_link(DEFINITIONS, label=f"Definition of {entry.number}", query_params={"indicator": name})
    _download(now, then, entry, every)


def _chosen(label: str, options: Mapping[str, str], key: str) -> str:
    chosen = st.selectbox(
        label, list(options), format_func=lambda name: options.get(name, name), key=key, bind="query-params"
    )
    return chosen if chosen in options else next(iter(options), "")


def _by(cube: str) -> str:
    return words.joined([dimensions()[name].label for name in cube.split("+")]) if cube else "Scotland as a whole"


def _changed(figures: pl.DataFrame) -> pl.DataFrame:
    return figures.filter(pl.col("is_moved") | pl.col("is_newly_hidden") | pl.col("is_newly_shown"))


def _so_many(rows: pl.DataFrame) -> str:
    moved = int(rows["is_moved"].sum())
    other = rows.height - moved
    told = f"{moved or 'no'} figure{'s' * (moved != 1)} moved"
    return f"{told}, {other} hidden or shown anew" if other else told


def _row(now: Snapshot, entry: Indicator, row: Mapping[str, Any]) -> dict[str, str]:
    names = row["cube"].split("+") if row["cube"] else []
    place = ", ".join(now.label(name, row[f"d{number}"]) for number, name in enumerate(names, 1))
    several = entry.kind == "time_to_event"
    provisional = " (provisional then)" if row["period_status_then"] != "final" else ""
    told = {"Period": words.period(row["grain"], row["period_start"], row["period_end"])}
    told |= {"Place or group": place} if names else {}
    told |= {"What": words.STATISTIC[row["statistic"]]} if several else {}
    return told | {
        "Before": f"{_then(row)}{provisional}",
        "Now": _now(row),
        "Change": _change(row),
        "Why": why(entry, row),
    }


def why(entry: Indicator, row: Mapping[str, Any]) -> str:
    """The deciding cause, then the others that hold; whether the move is one step of rounding."""
    causes: list[Cause] = row["causes"]
    if not causes:
        return ""
    also = [words.lower_first(CAUSES[cause][0]) for cause in causes[1:]]
    small = " One step of rounding." if release_changes.may_be_rounding(entry, row) else ""
    return f"{CAUSES[causes[0]][0]}{f' (also: {words.joined(also)})' if also else ''}.{small}"


def _ids(now: Release, then: Release, name: str, cube: str, rows: pl.DataFrame) -> list[tuple[str, str]]:
    """The ids of the rows in both releases, where one id can name them."""
    dimensions_of = tuple(cube.split("+")) if cube else ()
    if rows.is_empty() or len(dimensions_of) > 1:
        return []
    first, last, grain = rows["period_start"].min(), rows["period_end"].max(), rows["grain"][0]
    codes = (None,) * len(dimensions_of)
    return [
        (said, Citation(release.id, name, dimensions_of, codes, grain, first, last).id)  # type: ignore[arg-type]
        for said, release in (("these figures now", now), ("these figures before", then))
    ]


def _download(now: Snapshot, then: Snapshot, entry: Indicator, every: pl.DataFrame) -> None:
    made_up = "synthetic-" if now.release.is_synthetic else ""
    st.download_button(
        "Download every figure of this measure that moved as CSV",
        data=audit.on_download(
            now.reader.key, f"release_changes/{entry.id}", now.release.id, lambda: file(now, then, entry, every)
        ),
        file_name=f"{made_up}{entry.id.replace('_', '-')}-moved.csv",
        mime="text/csv",
        on_click="ignore",
        key="download_moved",
    )


def file(now: Snapshot, then: Snapshot, entry: Indicator, every: pl.DataFrame) -> bytes:
    """Every figure of a measure that moved, in both releases, as CSV; what is not shown holds its shorthand."""
    frame = _changed(every).select(
        pl.lit(f"{entry.number} {entry.title}").alias("measure"),
        "cube",
        *(f"d{place}" for place in (1, 2, 3)),
        "grain",
        "period_start",
        "period_end",
        "statistic",
        *(download.or_shorthand(name) for name in release_changes.NUMBERS),
        *(download.or_shorthand(f"{name}_then", "state_then") for name in release_changes.NUMBERS),
        pl.col("causes").list.join("; ").alias("causes"),
        pl.lit(now.release.id).alias("release"),
        pl.lit(then.release.id).alias("release_before"),
        pl.lit("synthetic, not for quotation" if now.release.is_synthetic else "").alias("note"),
    )
    return download.neutral(frame).write_csv(include_bom=True).encode("utf-8")
