"""Checks of the data: which are open, since when, what they touch, what to do, and what each place mends first."""

from __future__ import annotations

import datetime as dt
from collections import Counter
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
    months,
    nouns,
    plain,
    share,
    so_many,
    table,
    to_mend,
)

#: What happens where a check is not met, by its severity.
SEVERITY = {"critical": "Nothing is published", "warning": "Figures that it touches say so", "info": "It is noted"}


@dataclass(frozen=True)
class Issue:
    """One open check: what does not hold, how far, since when, what it touches, whose it is and what to do.

    open_since: the release since which it is known to be open, None where only one is remembered; is_oldest: that is
    the oldest remembered. measures: ids of what it touches, of which `touches` has number and title.
    """

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
    is_oldest: bool
    measures: tuple[str, ...]
    touches: tuple[str, ...]
    owner: str
    to_do: str
    why: str


def names(snapshot: Snapshot) -> dict[str, str]:
    """Each check's name in the address, by its id: table and sentence, told apart where two are the same."""
    rows = snapshot.table("checks").select("check_id", "table_name", "name", "sentence").sort("check_id").rows()
    said = {check: f"{table(of)}: {plain(sentence).rstrip('.')}" for check, of, _, sentence in rows}
    times = Counter(said.values())
    short = {check: name.replace("_", " ") for check, _, name, _ in rows}
    return {check: text if times[text] == 1 else f"{text} ({short[check]})" for check, text in said.items()}


def open_checks(snapshot: Snapshot, place: Place) -> list[dict[str, Any]]:
    """The open checks that blame a place, all of them for Scotland: critical first, then by dimension and rows."""
    checks = snapshot.table("checks").filter(pl.col("status").is_in(OPEN))
    if place.kind != "scotland":
        checks = checks.join(of_place(_parts(snapshot), place), on="check_id", how="semi")
    order = {name: number for number, name in enumerate(DIMENSIONS)}
    rank = pl.col("dimension").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    found: list[dict[str, Any]] = checks.sort(
        pl.col("severity") != "critical", rank, -pl.col("rows_failing").fill_null(0), "check_id"
    ).to_dicts()
    return found


def _parts(snapshot: Snapshot) -> pl.DataFrame:
    """What fails of each check by whose it is; older releases tell neither the field, nor groups, nor since when."""
    told = {"field": pl.String, "groups_failing": pl.Int64, "since": pl.Date}
    return pl.concat([snapshot.table("check_parts"), pl.DataFrame(schema=told)], how="diagonal")


def issues(snapshot: Snapshot, place: Place) -> list[Issue]:
    """Everything open for a place, in words."""
    told, since = names(snapshot), _open_since(snapshot)
    failing, blamed = _failing_months(snapshot, place), blame(snapshot, place)
    return [
        Issue(
            row["check_id"],
            told[row["check_id"]],
            row["dimension"],
            row["severity"],
            row["status"],
            plain(row["sentence"]),
            against_threshold(row),
            _whose(blamed.filter(check_id=row["check_id"]), row),
            " ".join(
                filter(
                    None,
                    [
                        _said_since(since.get(row["check_id"])),
                        _lately(blamed.filter(check_id=row["check_id"]), since.get(row["check_id"])),
                        failing.get(row["check_id"], ""),
                    ],
                )
            ),
            _known_since(since.get(row["check_id"])),
            row["check_id"] in since and since[row["check_id"]].is_new,
            row["check_id"] in since and since[row["check_id"]].is_oldest,
            *_measures(snapshot, row["indicators"] or ()),
            row["owner"],
            plain(row["to_do"]) if row["to_do"] else "",
            row["why"],
        )
        for row in open_checks(snapshot, place)
    ]


def _measures(snapshot: Snapshot, ids: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids, and numbers with titles, of the published measures among those named."""
    known = [entry for name, entry in snapshot.facts.indicators.items() if name in set(ids)]
    return tuple(entry.id for entry in known), tuple(f"{entry.number} {entry.title}" for entry in known)


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
        return "Open at least since this release, the first that is remembered."
    if since.is_new:
        return "New in this release."
    day = words.long_date(since.on)
    if since.is_oldest:
        return f"Open at least since the release of {day}, the oldest that is remembered."
    return f"Open since the release of {day}."


def _lately(parts: pl.DataFrame, since: Since | None) -> str:
    """Whose parts of a check are newer than the check itself, where the release tells."""
    if since is None:
        return ""
    newer = parts.filter(pl.col("since") > since.on).sort("since", descending=True).head(4)
    told = [f"{_who(row)} (since {words.long_date(row['since'])})" for row in newer.to_dicts()]
    return f"Newer in it: {', '.join(told)}." if told else ""


def _open_since(snapshot: Snapshot) -> dict[str, Since]:
    """Since which release each open check has been open without a break, by its id."""
    history = snapshot.table("check_history")
    if history.is_empty():
        return {}
    history = history.filter(
        (pl.col("created_at") == pl.col("created_at").min()) | pl.col("status").is_in(OPEN).any().over("check_id")
    ).with_columns(
        pl.col("created_at").cast(pl.String).str.slice(0, 10).str.to_date().alias("on"),
        pl.col("status").is_in(OPEN).alias("is_open"),
    )
    oldest, several = history["on"].min(), history["release_id"].n_unique() > 1
    runs = history.sort("release_id", descending=True).filter(
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
    """What is to be mended of each open check, by who sent it and field, most rows first.

    Columns: check_id, who (label), field (null: not one field), first and last period, since (day of a release), noun
    and nouns of what the check counts; groups that fail (null where it counts rows), rows (null where they are not
    told, or every part is hidden) and hidden (hidden parts of a check of rows). A part that names neither sender nor
    board is left out.
    """
    opened = open_checks(snapshot, place)
    counted = pl.DataFrame(
        [(check["check_id"], *nouns(check)) for check in opened],
        schema=dict.fromkeys(("check_id", "noun", "nouns"), pl.String),
        orient="row",
    )
    parts = of_place(_parts(snapshot), place).filter(pl.col("submitter").is_not_null() | pl.col("board").is_not_null())
    labels = {**snapshot.facts.labels.get("requesting_board", {}), **snapshot.facts.labels.get("performing_lab", {})}
    senders = snapshot.table("submissions").select("submitter", "label").unique().rows()
    labels |= dict(senders)
    code = pl.coalesce("board", "submitter")
    return (
        parts.join(counted, on="check_id")
        .with_columns(who=code.replace_strict(labels, default=code, return_dtype=pl.String))
        .group_by("check_id", "noun", "nouns", "who", "field")
        .agg(
            pl.col("period").min().alias("first"),
            pl.col("period").max().alias("last"),
            pl.col("since").min(),
            *(
                pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(into)
                for name, into in (("groups_failing", "groups"), ("rows_failing", "rows"))
            ),
            (pl.col("rows_failing").is_null() & pl.col("groups_failing").is_null()).sum().alias("hidden"),
        )
        .sort(
            ["rows", "groups", "hidden", "check_id", "who", "field"],
            descending=[True, True, True, False, False, False],
            nulls_last=True,
        )
    )


def _who(row: Mapping[str, Any]) -> str:
    """Whose a part is, with its field and months where one field is at fault: `Glasgow, sex in October 2026`."""
    if row["field"] is None:
        return str(row["who"])
    when = f" in {months(row['first'], row['last'])}" if row["first"] else ""
    return f"{row['who']}, {words.lower_first(plain(row['field']))}{when}"


def _whose(parts: pl.DataFrame, check: Mapping[str, Any]) -> str:
    """Whose is what fails, most rows first."""
    if parts.is_empty():
        return "" if check["status"] == "error" else "Whose the rows are is not told."
    told = [f"{_who(row)}: {words.lower_first(to_mend(row))}" for row in parts.to_dicts()]
    more = f"; and {len(told) - 4} more" if len(told) > 4 else ""
    return f"By whose it is: {'; '.join(told[:4])}{more}."


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
        title = f"No repair for {place.name} is known to mend 10 rows or more"
    else:
        whose = first["who"] if place.kind == "scotland" else f"{place.name[:1].upper()}{place.name[1:]}"
        title = f"{whose} would mend the most: up to {to_mend(first)}, by one repair"
    summary = f"{told[first['check_id']]}."
    what = "The first repair for each sender or board" if place.kind == "scotland" else "Repairs, most rows first"
    return Panel(
        name,
        title,
        summary,
        f"{what}. {place.label}. Of the periods that each check looks at; rows rounded to 5.",
        notes=(
            "A board is named where a check compares boards; otherwise the rows are those of the laboratory that sent "
            f"them. Hidden parts {words.HIDDEN} are not in the sums. A row may fail several checks, so the "
            "lines do not add up. What cannot be mended, such as people who declined, is in them too.",
        ),
        twins=(
            Twin("What to mend first", _to_mend(snapshot, ranked, told), "mend-first", folds=True),
            *(
                (Twin("Every repair by sender or board", _to_mend(snapshot, rows, told), "mend-all", folds=True),)
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
                "Whose": _who(row),
                "What does not hold": told[row["check_id"]],
                "It would mend up to": to_mend(row),
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
                "Of": nouns(row)[1],
                "Failing": "" if row["status"] in ("error", "not_applicable") else count(row["rows_failing"]),
                "Share": "" if row["status"] in ("error", "not_applicable") else share(row["share"]),
                "May fail": allowed(row["at_most"]).removesuffix(" may"),
                "Owner": row["owner"],
                "Why": row["why"],
            }
            for row in ranked.to_dicts()
        ]
    )
