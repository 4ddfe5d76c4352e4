"""The sections of the page Programme below its actions: a finding, a table, and the measure that counts the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl

from catalogue.reference import labels
from ui import programme, words
from ui.aims import all_aims
from ui.data import Snapshot
from ui.figure import Query
from ui.figures import FROM_SHORT_TO_LONG, ask
from ui.made_once import made_once
from ui.section import Section

#: The event from which full evaluation of new tests is paused, by its topic in reference/events.csv.
PAUSE_TOPIC = "programme"
AS_REPORTED = (
    "As the newest report has it; the measure below is of its newest complete period, and may be a month older."
)


def _figure(snapshot: Snapshot, indicator: str, spread: str | None = None) -> tuple[Any, ...]:
    entry = snapshot.indicator(indicator)
    if entry is None:
        return ()
    grain = next(name for name in FROM_SHORT_TO_LONG if name in entry.grains)
    figure = ask(snapshot, Query(indicator, grain, spread=spread))
    return (figure,) if figure is not None and figure.cells.height else ()


def pause_of(snapshot: Snapshot) -> dt.date | None:
    """The day since when full evaluation is paused, while it is; None where the release tells of no pause."""
    rows = snapshot.facts.events.filter(pl.col("end_date").is_null(), topic=PAUSE_TOPIC)
    return rows["start_date"].max() if rows.height else None  # type: ignore[return-value]


def proposals(snapshot: Snapshot, items: pl.DataFrame, today: dt.date) -> Section:
    """Test proposals from submission to live: time in each stage, and what waits since the pause."""
    rows = programme.of_type(items, "test_proposal", today)
    if rows.is_empty():
        return _none("proposals", "Test proposals")
    stages = programme.stage_times(rows, today).to_dicts()
    waiting = sum(row["waiting"] for row in stages[:2])
    live = rows.filter("is_done", decision=programme.APPROVED).height
    title = f"{waiting} of {rows.height} test proposals wait for a decision, {live} {'is' if live == 1 else 'are'} live"
    pause, parts = pause_of(snapshot), []
    if pause is not None:
        before, since = programme.around_pause(rows, pause, today)
        held = before["paused"] + since["paused"]
        parts.append(
            f"Full evaluation of new tests has been paused since {words.long_date(pause)}. Of {since['proposals']} "
            f"proposals submitted since then, {since['decided'] or 'none'} "
            f"{'is' if since['decided'] < 2 else 'are'} decided; of {before['proposals']} submitted before, "
            f"{before['decided']} are decided and {before['live']} live. {held} are told as paused."
        )
    table = pl.DataFrame(
        [
            {
                "Stage": row["stage"],
                "Finished": words.number(row["finished"]),
                "Half of them within": words.days(row["days"]) if row["days"] is not None else "none finished",
                "In it now": words.number(row["waiting"]),
                "Half of these for at least": words.days(row["so_far"]) if row["so_far"] is not None else "none",
            }
            for row in stages
        ]
    )
    notes = (
        "Days of finished stages are of those that finished, which are the quicker ones while others wait; those that "
        "wait stand beside them. Withdrawn proposals wait in no stage. Measure 1.1 below counts waiting proposals as "
        "still undecided.",
    )
    return Section(
        "proposals", title, " ".join(parts), _subtitle("Test proposals by stage", today), None,
        _figure(snapshot, "proposal_decision_days"), notes, table=table,
    )  # fmt: skip


def directories(snapshot: Snapshot, items: pl.DataFrame, today: dt.date) -> Section:
    """The Scottish directories against those of England, Wales and Northern Ireland."""
    rows = programme.of_type(items, "directory_mapping", today)
    if rows.is_empty():
        return _none("directories", "Directory gaps")
    found = programme.directories(rows)
    gap, total = sum(row["gap"] for row in found), sum(row["indications"] for row in found)
    open_gap = sum(row["gap"] - row["settled"] for row in found)
    title = f"{gap} of {total} indications of other directories have no Scottish test"
    names = labels("comparators")
    table = pl.DataFrame(
        [
            {
                "Directory of": f"{names.get(row['comparator'], row['comparator'])} ({row['version']})",
                "Indications": words.number(row["indications"]),
                "No Scottish test": _of(row["gap"], row["indications"]),
                "Of these still being compared": words.number(row["gap"] - row["settled"]),
            }
            for row in found
        ]
    )
    return Section(
        "directories", title,
        f"For {gap - open_gap} the comparison is finished and for {open_gap or 'none'} it is open. A gap is no fault "
        "in itself: some differences have a clinical or scientific reason, which the return does not give.",
        _subtitle("Directory gaps by directory compared with", today), None,
        _figure(snapshot, "directory_gap", "comparator"), (AS_REPORTED,),
        snapshot.facts.labels.get("comparator", names), "Directory", table,
    )  # fmt: skip


def agreements(snapshot: Snapshot, items: pl.DataFrame, today: dt.date) -> Section:
    """The boards under the one data sharing agreement, and those that have not signed, by name."""
    rows = programme.of_type(items, "agreement", today)
    if rows.is_empty():
        return _none("agreements", "Agreements")
    open_names, signed = programme.open_names(rows), rows["is_done"].sum()
    title = f"{signed} of {rows.height} boards have signed the national data sharing agreement"
    summary = f"Not signed: {words.joined(open_names)}." if open_names else "Every board has signed."
    return Section(
        "agreements", title, summary, _subtitle("Boards and the agreement", today), None,
        _figure(snapshot, "boards_under_agreement"), (AS_REPORTED,), table=_listed(rows, today, "Board"),
    )  # fmt: skip


def scope(snapshot: Snapshot, items: pl.DataFrame, today: dt.date) -> Section:
    """Directory tests inside the accredited scope, by laboratory."""
    rows = programme.of_type(items, "accreditation", today)
    if rows.is_empty():
        return _none("scope", "Accredited scope")
    done = rows["is_done"].sum()
    table = pl.DataFrame(
        [
            {
                "Laboratory": programme.place(row["organisation_code"]),
                "Tests done there": words.number(row["total"]),
                "In accredited scope": _of(row["done"], row["total"]),
                "Not in it yet": words.number(row["total"] - row["done"]),
            }
            for row in programme.by_place(rows)
        ]
    )
    return Section(
        "scope", f"{done} of {rows.height} directory tests done in Scotland are in accredited scope",
        "The order is that of the alphabet and says nothing of rank.",
        _subtitle("Accredited scope by laboratory", today), None,
        _figure(snapshot, "accredited_scope", "organisation_code"), (AS_REPORTED,),
        snapshot.facts.labels.get("organisation_code", labels("organisations")), "Laboratory", table,
    )  # fmt: skip


def standards(snapshot: Snapshot, items: pl.DataFrame, today: dt.date) -> Section:
    """Items of the minimum dataset with an approved national standard."""
    rows = programme.of_type(items, "data_standard", today)
    if rows.is_empty():
        return _none("data_standards", "Data standards")
    done = rows["is_done"].sum()
    waiting = rows.filter(~pl.col("is_done")).sort("due_date", "item_id")
    late = waiting.filter(pl.col("due_date") < today).height
    table = pl.DataFrame(
        [{"Item": row["title"], "Stands": programme.when_due(row, today)} for row in waiting.to_dicts()],
        schema={"Item": pl.String, "Stands": pl.String},
    )
    return Section(
        "data_standards", f"{done} of {rows.height} items of the minimum dataset have a national standard",
        f"{waiting.height or 'None'} still open, {late or 'none'} of them overdue.",
        _subtitle("Items without a standard yet", today), None,
        _figure(snapshot, "data_standards_mapped"), (AS_REPORTED,), table=table if table.height else None,
        folds=True,
    )  # fmt: skip


def sites(snapshot: Snapshot, items: pl.DataFrame, today: dt.date) -> Section:
    """The laboratories live on the genomics module of the laboratory system."""
    rows = programme.of_type(items, "site_live", today)
    if rows.is_empty():
        return _none("sites", "Laboratories live")
    return Section(
        "sites", f"{rows['is_done'].sum()} of {rows.height} laboratories are live on the genomics module",
        f"Not live: {words.joined(programme.open_names(rows)) or 'none'}.",
        _subtitle("Laboratories and the genomics module", today), None,
        _figure(snapshot, "laboratories_on_system"), (AS_REPORTED,), table=_listed(rows, today, "Laboratory"),
    )  # fmt: skip


def returns(snapshot: Snapshot, items: pl.DataFrame, today: dt.date) -> Section:
    """Monthly returns due, received on time, late or missing, by sender."""
    rows = programme.of_type(items, "return_due", today)
    found = programme.returns(rows, today)
    if not found:
        return _none("returns", "Returns due")
    due, on_time, missing = (sum(row[name] for row in found) for name in ("due", "on_time", "missing"))
    table = pl.DataFrame(
        [
            {
                "From": programme.place(row["organisation_code"]),
                **{
                    name.replace("_", " ").capitalize(): str(row[name])
                    for name in ("due", "on_time", "late", "missing")
                },
            }
            for row in found
        ]
    )
    absent = f"{missing or 'none'} {'is' if missing < 2 else 'are'} missing"
    return Section(
        "returns", f"{on_time} of {due} returns due came on time, {absent}",
        "What else was sent, and what came back, is on the page Data quality.",
        _subtitle("Monthly returns by sender", today), None,
        _figure(snapshot, "returns_on_time", "organisation_code"), (AS_REPORTED,),
        snapshot.facts.labels.get("organisation_code", labels("organisations")), "Laboratory", table,
    )  # fmt: skip


def _of(part: int, whole: int) -> str:
    """A number with its share of the whole."""
    return f"{part} ({words.percent(part / whole, whole)})"


def _listed(rows: pl.DataFrame, today: dt.date, column: str) -> pl.DataFrame:
    """One row a place: its name, and whether its item is done, due or overdue."""
    told = [(programme.place(row["organisation_code"]), programme.when_due(row, today)) for row in rows.to_dicts()]
    return pl.DataFrame(sorted(told), schema={column: pl.String, "Stands": pl.String}, orient="row")


def _subtitle(what: str, today: dt.date) -> str:
    return f"{what}, as reported on {words.long_date(today)}"


def _none(name: str, what: str) -> Section:
    return Section(name, f"{what}: nothing reported", "The programme return has no item of this kind in this release.")


#: The sections in the order of the page.
SECTIONS: dict[str, Callable[[Snapshot, pl.DataFrame, dt.date], Section]] = {
    "proposals": proposals,
    "directories": directories,
    "agreements": agreements,
    "scope": scope,
    "data_standards": standards,
    "sites": sites,
    "returns": returns,
}


def section(snapshot: Snapshot, name: str) -> Section | None:
    """A section of the release's own items, worked out once; None where the release tells of no items."""
    return _kept(snapshot.key, name, snapshot)


@made_once(20)
def _kept(key: str, name: str, _snapshot: Snapshot) -> Section | None:  # noqa: ARG001 - key: the release
    aims = all_aims(_snapshot)
    if aims.items is None or aims.reported_on is None:
        return None
    return SECTIONS[name](_snapshot, aims.items, aims.reported_on)
