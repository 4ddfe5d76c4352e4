"""Letters to those who sent data: what became of a submission, what to do first, and how many rows that mends.

A letter holds exact counts and row numbers, never a value, and lies in returns/ for its submitter alone. The dashboard
shows none of it until there is sign-in.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from catalogue.reference import labels
from pipelines.folders import Folders, whole_file
from pipelines.ingest.register import Submission
from pipelines.ingest.returns import BETWEEN, BUILD_ADVICE, BUILD_ENDING
from pipelines.ingest.row_rules import WHAT_TO_DO

if TYPE_CHECKING:  # the suites' library is slow to load, and ingest has no checks to tell of
    from pipelines.quality.blame import Part
    from pipelines.quality.checks import Check

ENDING = "__letter.md"

#: Submissions of the same extract in the trend, and row numbers named for each reason.
TREND_MONTHS, FIRST_ROWS = 6, 10

#: What means something to a reader of Markdown or HTML.
MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~=@-])")

ADVICE = {**WHAT_TO_DO, **BUILD_ADVICE}


@dataclass(frozen=True)
class Known:
    """What is known beside a submission itself.

    ever_sent: the whole register. by_build: rows by reason that the build returned, by submission_id. checks: those of
    the build. set_aside: why a submission was left out of the release, by submission_id.
    """

    ever_sent: Sequence[Submission]
    by_build: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    checks: Sequence[Check] = ()
    set_aside: Mapping[str, str] = field(default_factory=dict)

    def reasons(self, sent: Submission) -> dict[str, int]:
        """Returned rows by reason, of ingest and build, the most frequent first."""
        both = {**sent.reasons, **self.by_build.get(sent.submission_id, {})}
        return dict(sorted(both.items(), key=lambda item: (-item[1], item[0])))

    def returned(self, sent: Submission) -> int:
        """Rows returned by ingest and build."""
        return sent.rows_returned + sum(self.by_build.get(sent.submission_id, {}).values())

    def blaming(self, sent: Submission) -> list[tuple[Check, int]]:
        """Open checks with failing rows of the submission's extract, submitter and month, and how many."""
        found = []
        for check in self.checks:
            parts = [part for part in check.parts if check.is_open and _is_of(part, sent)]
            if parts:
                found.append((check, sum(part.failing for part in parts)))
        return sorted(found, key=lambda one: (-one[1], one[0].id))

    def of_extract(self, sent: Submission) -> list[Submission]:
        """What the submitter sent of the same extract, the newest period and version last; nothing that was refused."""
        own = [s for s in self.ever_sent if (s.extract, s.submitter) == (sent.extract, sent.submitter)]
        return sorted((s for s in own if s.state != "refused"), key=lambda s: (s.period or "", s.version or 0))


def write_letters(folders: Folders, known: Known, taken: Sequence[Submission] | None = None) -> None:
    """Write a letter for each submission that is in use, or was refused and not replaced since, with something to mend.

    taken: the submissions of an ingest: letters are written on these, and where a killed ingest left one out. By
    default, after a build, all are written anew, and letters on what was replaced go.
    """
    due = {s.submission_id: s for s in _with_letters(known.ever_sent)}
    if taken is not None:
        new = {s.submission_id for s in taken}
        due = {key: s for key, s in due.items() if key in new or not _path(folders, s).exists()}
        due |= {s.submission_id: s for s in taken}
    written = set()
    for sent in (s for s in due.values() if s.submitter and s.extract):
        path = _path(folders, sent)
        if text := letter(folders, sent, known):
            with whole_file(path) as partial:
                partial.write_text(text, encoding="utf-8")
            written.add(path)
        else:
            path.unlink(missing_ok=True)
    if taken is None:
        for old in set(folders.returns.glob(f"*/*{ENDING}")) - written:
            old.unlink()


def letter(folders: Folders, sent: Submission, known: Known) -> str:
    """The letter on one submission as Markdown; empty where there is nothing to mend."""
    reasons, blaming, aside = known.reasons(sent), known.blaming(sent), known.set_aside.get(sent.submission_id, "")
    if not (reasons or blaming or aside or sent.refused_because):
        return ""
    parts = [
        _opening(sent, known, aside),
        _first(sent, reasons, blaming),
        _returned(folders, sent, reasons),
        _checks(blaming),
        _since_before(sent, known),
        _trend(sent, known),
        _closing(sent),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """Text of others as it may stand in a letter: one line, and no markup or formula in it."""
    return MARKUP.sub(r"\\\1", html.escape(" ".join(text.split())))


def _with_letters(ever_sent: Sequence[Submission]) -> list[Submission]:
    """Submissions in use, and refused files since which no other came for the same extract, submitter and period."""
    last = {(s.extract, s.submitter, s.period): s for s in ever_sent}
    refused = [s for s in last.values() if s.state == "refused"]
    return [*(s for s in ever_sent if s.state == "accepted"), *refused]


def _is_of(part: Part, sent: Submission) -> bool:
    """Whether a part of a check is known to be of a submission; where no extract is told, it is of the testing one."""
    return (part.submitter, part.period, part.extract or "testing") == (sent.submitter, _month(sent), sent.extract)


def _month(sent: Submission) -> dt.date:
    return dt.date.fromisoformat(f"{sent.period}-01")


def _path(folders: Folders, sent: Submission) -> Path:
    return folders.returns / str(sent.submitter) / f"{_stem(sent)}{ENDING}"


def _stem(sent: Submission) -> str:
    return sent.submission_id.rpartition("__")[0]


def _opening(sent: Submission, known: Known, aside: str) -> str:
    name = labels("organisations").get(str(sent.submitter), str(sent.submitter))
    lines = [
        f"# {str(sent.extract).capitalize()} extract of {name} for {_month(sent):%B %Y}, version {sent.version}",
        "For your data manager. This letter holds exact counts and is for you alone: the dashboard does not show it.",
    ]
    if sent.refused_because:
        return "\n\n".join(
            [*lines, f"**The file was refused, and nothing of it is used.** {plain(sent.refused_because)}"]
        )
    if aside:
        lines.append(f"**This version was set aside from the newest release.** {plain(aside)}")
    returned = known.returned(sent)
    lines.append(
        f"Rows read: {sent.rows_read:,}. Loaded: {sent.rows_read - returned:,}. Returned to you: {returned:,}"
        f" ({_share(returned, sent.rows_read)})."
    )
    return "\n\n".join(lines)


def _first(sent: Submission, reasons: Mapping[str, int], blaming: Sequence[tuple[Check, int]]) -> str:
    """What to do, the step that mends most rows first."""
    if sent.refused_because:
        return "## What to do first\n\nCorrect what is said above and send the file again."
    steps = [(count, ADVICE.get(reason, "Correct the rows.")) for reason, count in reasons.items()]
    steps += [(count, check.to_do or "Look into the rows that fail this check.") for check, count in blaming]
    together: dict[str, int] = {}
    for count, what in steps:
        together[what] = together.get(what, 0) + count
    ranked = sorted(together.items(), key=lambda item: (-item[1], item[0]))
    lines = [f"{place}. {what} This mends {_rows(count)}." for place, (what, count) in enumerate(ranked, 1)]
    return "\n".join(["## What to do first", "", *lines])


def _returned(folders: Folders, sent: Submission, reasons: Mapping[str, int]) -> str:
    """Reasons with rows, what is expected, and where the first rows stand in the file."""
    if not reasons or sent.refused_because:
        return ""
    where = _where(folders, sent)
    lines = ["| Reason | Rows | What is expected | Row numbers |", "| --- | ---: | --- | --- |"]
    for reason, count in reasons.items():
        own = where.filter(reason=reason)
        numbers = own["row_number"].unique().sort()
        more = " and more" if numbers.len() > FIRST_ROWS else ""
        shown = ", ".join(str(number) for number in numbers.head(FIRST_ROWS)) + more
        expected = "<br>".join(plain(text) for text in own["expected"].unique().sort())
        lines.append(f"| {reason.replace('_', ' ')} | {count:,} | {expected} | {shown} |")
    return "\n".join(["## Rows returned", "", *lines])


def _where(folders: Folders, sent: Submission) -> pl.DataFrame:
    """`reason`, `expected` and `row_number` of every fault in the return files; no other column is read."""
    folder, stem = folders.returns / str(sent.submitter), _stem(sent)
    files = [path for path in (folder / f"{stem}.csv", folder / f"{stem}{BUILD_ENDING}") if path.exists()]
    found = [_faults(path) for path in files]
    empty = pl.DataFrame(schema={"row_number": pl.Int64, "reason": pl.String, "expected": pl.String})
    return pl.concat([empty, *found])


def _faults(path: Path) -> pl.DataFrame:
    """One row a fault: reasons and what is expected correspond one to one within a row.

    Files written before they said what is expected say nothing of it.
    """
    there = pl.read_csv(path, n_rows=0, infer_schema=False).columns
    listed = [name for name in ("reasons", "expected") if name in there]
    return (
        pl.read_csv(
            path, columns=["row_number", *listed], schema_overrides={"row_number": pl.Int64}, infer_schema=False
        )
        .with_columns(pl.col(listed).str.split(BETWEEN))
        .explode(listed)
        .select(
            "row_number",
            pl.col("reasons").alias("reason"),
            pl.col("expected") if "expected" in listed else pl.lit("").alias("expected"),
        )
    )


def _checks(blaming: Sequence[tuple[Check, int]]) -> str:
    if not blaming:
        return ""
    lines = [
        f"- {check.sentence} Of your rows, {count:,} {'does' if count == 1 else 'do'} not meet this."
        if check.counted == "rows"
        else f"- {check.sentence} This submission does not meet it."
        for check, count in blaming
    ]
    return "\n".join(
        ["## Checks that are open", "", "Loaded rows that look wrong; they are used as they are.", "", *lines]
    )


def _since_before(sent: Submission, known: Known) -> str:
    """What improved since the version before, by reason; empty for a first version."""
    same = [s for s in known.of_extract(sent) if s.period == sent.period and (s.version or 0) < (sent.version or 0)]
    if not same or sent.refused_because:
        return ""
    before = same[-1]
    # What the build returned of an earlier version is not known, so only what ingest returned is compared.
    names = sorted({*before.reasons, *sent.reasons})
    lines = [
        f"- {name.replace('_', ' ')}: {_change(before.reasons.get(name, 0), sent.reasons.get(name, 0))}"
        for name in names
    ]
    head = f"{_rows(before.rows_returned).capitalize()} returned on reading then, {sent.rows_returned:,} now."
    return "\n".join([f"## Since version {before.version}", "", head, "", *lines]).rstrip()


def _change(before: int, now: int) -> str:
    if before == now:
        return f"{now:,}, as before"
    word = "improved" if now < before else "worse"
    return f"{before:,} then, {now:,} now ({word})"


def _trend(sent: Submission, known: Known) -> str:
    """The submitter's last periods of the extract, each in its newest version."""
    newest = {s.period: s for s in known.of_extract(sent) if (s.period or "") <= (sent.period or "")}
    periods = list(newest.values())[-TREND_MONTHS:]
    if len(periods) < 2:
        return ""
    lines = [
        f"| {_month(s):%B %Y} | {s.version} | {s.rows_read:,} | {known.returned(s):,} | "
        f"{_share(known.returned(s), s.rows_read)} |"
        for s in periods
    ]
    return "\n".join(
        ["## Your last months", "", "| Month | Version | Rows read | Returned | Share |",
         "| --- | ---: | ---: | ---: | ---: |", *lines]
    )  # fmt: skip


def _closing(sent: Submission) -> str:
    number = (sent.version or 0) + 1
    if sent.refused_because:
        return f"A refused file does not use its version up: send it as version {sent.version}."
    return (
        f"The rows themselves are in `{_stem(sent)}.csv` (found on reading) and `{_stem(sent)}{BUILD_ENDING}` "
        "(found when all extracts were put together), where there are any. "
        f"Send the whole month again as version {number}."
    )


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"
