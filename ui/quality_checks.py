"""Checks of the data: which are open, since when, what they touch, what to do, and what each place mends first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ui import words
from ui.data import Snapshot
from ui.quality_panel import Panel, Twin
from ui.quality_place import Place, of_place
from ui.quality_words import (
    DIMENSIONS,
    OPEN,
    STATUSES,
    against_threshold,
    allowed,
    count,
    plain,
    rows_to_mend,
    share,
    so_many,
    table,
)

#: What happens where a check is not met, by its severity.
SEVERITY = {"critical": "Nothing is published", "warning": "Figures that it touches say so", "info": "It is noted"}


@dataclass(frozen=True)
class Issue:
    """One open check: what does not hold, how far, since when, what it touches, whose it is and what to do."""

    id: str
    name: str
    dimension: str
    severity: str
    status: str
    sentence: str
    found: str
    here: str
    since: str
    open_since: dt.date | None
    is_new: bool
    touches: tuple[str, ...]
    owner: str
    to_do: str
    why: str


def names(snapshot: Snapshot) -> dict[str, str]:
    """Each check's name in the address, by its id: table and sentence, told apart where two are the same."""
    rows = snapshot.table("checks").select("check_id", "table_name", "name", "sentence").sort("check_id").rows()
    said = {check: f"{table(of)}: {plain(sentence).rstrip('.')}" for check, of, _, sentence in rows}
    once = {text for text in said.values() if list(said.values()).count(text) == 1}
    short = {check: name.replace("_", " ") for check, _, name, _ in rows}
    return {check: text if text in once else f"{text} ({short[check]})" for check, text in said.items()}


def open_checks(snapshot: Snapshot, place: Place) -> list[dict[str, Any]]:
    """The open checks that blame a place, all of them for Scotland: critical first, then by dimension and rows."""
    checks = snapshot.table("checks").filter(pl.col("status").is_in(OPEN))
    if place.kind != "scotland":
        checks = checks.join(of_place(snapshot.table("check_parts"), place), on="check_id", how="semi")
    order = {name: number for number, name in enumerate(DIMENSIONS)}
    rank = pl.col("dimension").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    found: list[dict[str, Any]] = checks.sort(
        pl.col("severity") != "critical", rank, -pl.col("rows_failing").fill_null(0), "check_id"
    ).to_dicts()
    return found


def issues(snapshot: Snapshot, place: Place) -> list[Issue]:
    """Everything open for a place, in words."""
    told, since = names(snapshot), _open_since(snapshot)
    months, blamed = _failing_months(snapshot, place), blame(snapshot, place)
    return [
        Issue(
            row["check_id"],
            told[row["check_id"]],
            row["dimension"],
            row["severity"],
            row["status"],
            plain(row["sentence"]),
            against_threshold(row),
            _whose(blamed.filter(pl.col("check_id") == row["check_id"]), row, place),
            " ".join(filter(None, [_said_since(since.get(row["check_id"])), months.get(row["check_id"], "")])),
            _known_since(since.get(row["check_id"])),
            row["check_id"] in since and since[row["check_id"]].is_new,
            _measures(snapshot, row["indicators"] or ()),
            row["owner"],
            plain(row["to_do"]) if row["to_do"] else "",
            row["why"],
        )
        for row in open_checks(snapshot, place)
    ]


def _measures(snapshot: Snapshot, ids: Any) -> tuple[str, ...]:
    known = snapshot.facts.indicators
    return tuple(f"{known[name].number} {known[name].title}" for name in known if name in set(ids))


@dataclass(frozen=True)
class Since:
    """The release since which a check has been open without a break.

    `is_new`: it is this release, and the one before is remembered. `is_oldest`: none earlier is remembered.
    `is_first`: this release is the only one that is remembered.
    """

    on: dt.date
    is_new: bool
    is_oldest: bool
    is_first: bool


def _known_since(since: Since | None) -> dt.date | None:
    return None if since is None or since.is_first else since.on


def _said_since(since: Since | None) -> str:
    if since is None:
        return ""
    if since.is_first:
        return "Open in this release, the first that is remembered."
    if since.is_new:
        return "New in this release."
    earlier = ", the oldest that is remembered" if since.is_oldest else ""
    return f"Open since the release of {words.long_date(since.on)}{earlier}."


def _open_since(snapshot: Snapshot) -> dict[str, Since]:
    """Since which release each open check has been open without a break, by its id."""
    history = snapshot.table("check_history").with_columns(
        pl.col("created_at").cast(pl.String).str.slice(0, 10).str.to_date().alias("on"),
        pl.col("status").is_in(OPEN).alias("is_open"),
    )
    if history.is_empty():
        return {}
    oldest, several = history["on"].min(), history["release_id"].n_unique() > 1
    runs = history.sort("on", "release_id", descending=True).filter(
        pl.col("is_open").cast(pl.Int8).cum_min().over("check_id") == 1
    )
    found = runs.group_by("check_id").agg(pl.col("on").min(), pl.len())
    return {
        check: Since(first, several and length == 1, first == oldest, not several)
        for check, first, length in found.iter_rows()
    }


def _failing_months(snapshot: Snapshot, place: Place) -> dict[str, str]:
    """First and newest month in which each check had failing rows of a place, and in how many of the newest year."""
    months = of_place(snapshot.table("check_months"), place)
    if months.is_empty():
        return {}
    failing = months.filter(pl.col("rows_failing").is_null() | (pl.col("rows_failing") > 0))
    year = pl.lit(months["period"].max()).dt.offset_by("-11mo")
    found = failing.group_by("check_id").agg(
        pl.col("period").min().alias("first"),
        pl.col("period").max().alias("newest"),
        pl.col("period").filter(pl.col("period") >= year).n_unique().alias("recent"),
    )
    return {
        check: f"Failing rows first in {words.month(first)}, newest in {words.month(newest)}; "
        f"in {recent} of the newest 12 months."
        if newest != first
        else f"Failing rows in {words.month(first)} only."
        for check, first, newest, recent in found.iter_rows()
    }


# Who is to mend what


def blame(snapshot: Snapshot, place: Place) -> pl.DataFrame:
    """Rows to mend of each open check, by who sent them, most first.

    Columns: check_id, who (label), rows (null where every part is under 10) and
    hidden (parts of under 10 rows). A part that names neither sender nor board is left out.
    """
    opened = [row["check_id"] for row in open_checks(snapshot, place)]
    parts = of_place(snapshot.table("check_parts"), place).filter(
        pl.col("check_id").is_in(opened) & (pl.col("submitter").is_not_null() | pl.col("board").is_not_null())
    )
    labels = {**snapshot.facts.labels.get("requesting_board", {}), **snapshot.facts.labels.get("performing_lab", {})}
    senders = snapshot.table("submissions").select("submitter", "label").unique().rows()
    labels |= dict(senders)
    code = pl.coalesce("board", "submitter")
    return (
        parts.with_columns(who=code.replace_strict(labels, default=code, return_dtype=pl.String))
        .group_by("check_id", "who")
        .agg(
            pl.when(pl.col("rows_failing").is_not_null().any()).then(pl.col("rows_failing").sum()).alias("rows"),
            pl.col("rows_failing").is_null().sum().alias("hidden"),
        )
        .sort(["rows", "hidden", "check_id", "who"], descending=[True, True, False, False], nulls_last=True)
    )


def _whose(parts: pl.DataFrame, check: Mapping[str, Any], place: Place) -> str:
    """Whose the failing rows are, most first; for one place, how many of them are its own."""
    if parts.is_empty():
        return "" if check["status"] == "error" else "Whose the rows are is not told."
    told = [f"{row['who']} {_rows(row['rows'], row['hidden'])}" for row in parts.to_dicts()]
    if place.kind != "scotland":
        row = parts.to_dicts()[0]
        return f"Rows of {place.name}: {words.lower_first(rows_to_mend(row['rows'], row['hidden']))}."
    more = f" and {len(told) - 4} more" if len(told) > 4 else ""
    return f"Rows by whose they are: {', '.join(told[:4])}{more}."


def _rows(rows: int | None, hidden: int) -> str:
    return words.HIDDEN if rows is None else f"{words.number(rows)}{'+' if hidden else ''}"


def mend_first(snapshot: Snapshot, place: Place) -> Panel:
    """What each sender or board should mend first: its open checks ranked by the rows that this would mend."""
    name = "first"
    rows = blame(snapshot, place)
    if not open_checks(snapshot, place):
        return Panel(name, f"Nothing to mend for {place.name}", "No open check blames it.")
    if rows.is_empty():
        return Panel(
            name, "What to mend first cannot be told", "The open checks do not tell whose the failing rows are."
        )
    ranked = rows if place.kind != "scotland" else rows.unique("who", keep="first", maintain_order=True)
    first = ranked.to_dicts()[0]
    told = names(snapshot)
    if first["rows"] is None:
        title = f"Every repair for {place.name} would mend under 10 rows {words.HIDDEN} at a time"
    else:
        whose = first["who"] if place.kind == "scotland" else f"{place.name[:1].upper()}{place.name[1:]}"
        title = f"{whose} would mend the most: {words.number(first['rows'])} rows, by one repair"
    summary = f"{told[first['check_id']]}." if first["rows"] is not None else "They are ranked by the number of months."
    what = "The first repair for each sender or board" if place.kind == "scotland" else "Repairs, most rows first"
    return Panel(
        name,
        title,
        summary,
        f"{what}. {place.label}. Rows of the periods that each check looks at, rounded to 5.",
        notes=(
            "A board is named where a check compares boards; otherwise the rows are those of the laboratory that sent "
            f"them. Parts of under 10 rows {words.HIDDEN} are not in the sums. A row may fail several checks, so the "
            "lines do not add up.",
        ),
        twins=(
            Twin("What to mend first", _to_mend(snapshot, ranked, told), "mend-first"),
            *(
                (Twin("Every repair by sender or board", _to_mend(snapshot, rows, told), "mend-all"),)
                if ranked.height < rows.height
                else ()
            ),
        ),
    )


def _to_mend(snapshot: Snapshot, rows: pl.DataFrame, told: Mapping[str, str]) -> pl.DataFrame:
    to_do = dict(snapshot.table("checks").select("check_id", "to_do").rows())
    return pl.DataFrame(
        [
            {
                "Whose": row["who"],
                "What does not hold": told[row["check_id"]],
                "Rows it would mend": rows_to_mend(row["rows"], row["hidden"]),
                "What to do": plain(to_do[row["check_id"]]) if to_do[row["check_id"]] else "",
            }
            for row in rows.to_dicts()
        ]
    )


# All checks


def all_checks(snapshot: Snapshot) -> Panel:
    """Every check by dimension and result, and all of them as a table, open ones first."""
    checks = snapshot.table("checks")
    if checks.is_empty():
        return Panel("checks", "No check is held in this release", "The release says nothing of how its data held up.")
    passed = checks.filter(pl.col("status") == "pass").height
    nothing = checks.filter(pl.col("status") == "not_applicable").height
    title = f"{passed} of {so_many(checks.height, 'check', 'checks')} passed"
    summary = " ".join(
        [
            _opened(checks),
            *([f"{nothing} had nothing to check, which is not a pass."] if nothing else []),
        ]
    )
    return Panel(
        "checks",
        title,
        summary,
        "All checks of this release. Rows rounded to 5.",
        notes=(" ".join(f"{mark} {word}: {meaning}." for mark, word, meaning in STATUSES.values()),),
        twins=(
            Twin("By dimension of quality", _by_dimension(checks), "checks-by-dimension"),
            Twin("Every check, open ones first", _every_check(snapshot, checks), "checks"),
        ),
    )


def _opened(checks: pl.DataFrame) -> str:
    by = {status: checks.filter(pl.col("status") == status).height for status in OPEN}
    told = [
        f"{number} {word}"
        for number, word in (
            (by["fail"], "failed a critical check"),
            (by["error"], "could not be made"),
            (by["warn"], "gave a warning"),
        )
        if number
    ]
    return f"{words.joined(told)}." if told else "None is open."


def _by_dimension(checks: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for dimension, question in DIMENSIONS.items():
        own = checks.filter(pl.col("dimension") == dimension)
        counts = {status: own.filter(pl.col("status") == status).height for status in STATUSES}
        heads = {f"{mark} {word}": str(counts[status]) for status, (mark, word, _) in STATUSES.items()}
        rows.append({"Dimension": dimension.capitalize(), "It asks": question, "Checks": str(own.height), **heads})
    return pl.DataFrame(rows)


def _every_check(snapshot: Snapshot, checks: pl.DataFrame) -> pl.DataFrame:
    order = {name: number for number, name in enumerate(STATUSES)}
    ranked = checks.sort(
        pl.col("status").replace_strict(order, default=len(order), return_dtype=pl.Int64), "dimension", "check_id"
    )
    told = names(snapshot)
    return pl.DataFrame(
        [
            {
                "Result": " ".join(STATUSES[row["status"]][:2]),
                "Check": told[row["check_id"]],
                "Dimension": row["dimension"].capitalize(),
                "If not met": SEVERITY.get(row["severity"], row["severity"]),
                "Checked": count(row["rows_checked"]),
                "Of": row["counted"],
                "Failing": "" if row["status"] in ("error", "not_applicable") else count(row["rows_failing"]),
                "Share": "" if row["status"] in ("error", "not_applicable") else share(row["share"]),
                "May fail": allowed(row["at_most"]).removesuffix(" may"),
                "Owner": row["owner"],
                "Why": row["why"],
            }
            for row in ranked.to_dicts()
        ]
    )
