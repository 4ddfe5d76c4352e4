"""Letters to those who sent data: what became of a submission, what to do first, and how many rows that mends.

A letter holds exact counts and row numbers, never a value, and lies in returns/ for its submitter alone. The dashboard
shows it to that submitter's own stewards only.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from catalogue.contracts import extract_contracts
from catalogue.reference import FOLDER, SHORT_LISTS, codes, labels
from pipelines.folders import Folders, whole_file
from pipelines.ingest.expected import expected
from pipelines.ingest.register import Submission
from pipelines.ingest.returns import BETWEEN, BUILD_ADVICE, BUILD_ENDING
from pipelines.ingest.row_rules import WHAT_TO_DO, Rule

if TYPE_CHECKING:  # the suites' library is slow to load, and ingest has no checks to tell of
    from pipelines.quality.blame import Part
    from pipelines.quality.checks import Check
    from pipelines.quality.gate import SetAside

ENDING = "__letter.md"

#: Submissions of the same extract in the trend, and row numbers named for each reason.
TREND_MONTHS, FIRST_ROWS = 6, 10

#: Lists of up to so many codes are written out.
SHORT_LIST = 20

#: What means something to a reader of Markdown: anywhere, at the edge of a word, and at the beginning of a line.
MARKUP = re.compile(r"([\\`*\[\]|~$]|(?<!\w)_|_(?!\w)|^[#+=@-])")

#: The extract that the rows of a table come from, where no column of it tells.
EXTRACT_OF = {"mart_requests": "testing"}

ADVICE = {**WHAT_TO_DO, **BUILD_ADVICE}


@dataclass(frozen=True)
class Known:
    """What is known beside a submission itself.

    ever_sent: the whole register. by_build: rows by reason that the build returned, by submission_id. checks: those of
    the build. set_aside: what the gate says of a submission that it left out, by submission_id. stopped: ids of those
    that a stopped build blames.
    """

    ever_sent: Sequence[Submission]
    by_build: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    checks: Sequence[Check] = ()
    set_aside: Mapping[str, SetAside] = field(default_factory=dict)
    stopped: frozenset[str] = frozenset()

    def reasons(self, sent: Submission) -> dict[str, int]:
        """Returned rows by reason, of ingest and build, the most frequent first."""
        both = {**sent.reasons, **self.by_build.get(sent.submission_id, {})}
        return dict(sorted(both.items(), key=lambda item: (-item[1], item[0])))

    def returned(self, sent: Submission) -> int:
        """Rows returned by ingest and build."""
        return sent.rows_returned + sum(self.by_build.get(sent.submission_id, {}).values())

    def blaming(self, sent: Submission) -> list[tuple[Check, list[Part]]]:
        """Open checks that blame a submission, with its parts of them; none of what is not in use, since the checks
        looked at another version, or at nothing. What only counts returned rows is told by their reasons."""
        if sent.state != "accepted" or sent.submission_id in self.set_aside:
            return []
        found = []
        for check in (one for one in self.checks if one.is_open and not one.tells_of_returned):
            parts = [part for part in check.parts if _is_of(part, check, sent)]
            if parts:
                found.append((check, parts))
        return sorted(found, key=lambda one: one[0].id)

    def waits_for(self, sent: Submission) -> str:
        """What to do for rows whose request is not known, where their month's testing extract is not in use; empty
        where it is."""
        own = [
            s
            for s in self.ever_sent
            if (s.extract, s.submitter, s.period) == ("testing", sent.submitter, sent.period)
            and s.state in ("accepted", "refused")
        ]
        if any(s.state == "accepted" for s in own):
            return ""
        refused = f"`{own[-1].file}` was refused" if own else "none has been accepted"
        return f"Send the testing extract of the month: {refused}. These rows are used as soon as it is accepted."

    def refused_since(self, sent: Submission) -> list[Submission]:
        """Later versions of a submission that were refused."""
        key = (sent.extract, sent.submitter, sent.period)
        same = [s for s in self.ever_sent if (s.extract, s.submitter, s.period) == key]
        return [s for s in same if s.state == "refused" and (s.version or 0) > (sent.version or 0)]

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
    reasons, blaming, aside = known.reasons(sent), known.blaming(sent), known.set_aside.get(sent.submission_id)
    if not (reasons or blaming or aside or sent.refused_because or sent.submission_id in known.stopped):
        return ""
    parts = [
        _opening(sent, known, aside),
        _first(sent, known),
        _returned(folders, sent, reasons),
        _checks(sent, known, blaming),
        _since_before(sent, known),
        _trend(sent, known),
        _closing(folders, sent, known),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """Text of others as it may stand in a letter: one line, and no markup or formula in it."""
    return MARKUP.sub(r"\\\1", html.escape(" ".join(text.split()), quote=False))


def _with_letters(ever_sent: Sequence[Submission]) -> list[Submission]:
    """Submissions in use, and refused files since which no other came for the same extract, submitter and period."""
    last = {(s.extract, s.submitter, s.period): s for s in ever_sent}
    refused = [s for s in last.values() if s.state == "refused"]
    return [*(s for s in ever_sent if s.state == "accepted"), *refused]


def _is_of(part: Part, check: Check, sent: Submission) -> bool:
    """Whether a part of a check is known to be of a submission."""
    extract = part.extract or EXTRACT_OF.get(check.table)
    return (part.submitter, part.period, extract) == (sent.submitter, _month(sent), sent.extract)


def _month(sent: Submission) -> dt.date:
    return dt.date.fromisoformat(f"{sent.period}-01")


def _path(folders: Folders, sent: Submission) -> Path:
    return folders.returns / str(sent.submitter) / f"{_stem(sent)}{ENDING}"


def _stem(sent: Submission) -> str:
    return sent.submission_id.rpartition("__")[0]


def _opening(sent: Submission, known: Known, aside: SetAside | None) -> str:
    name = labels("organisations").get(str(sent.submitter), str(sent.submitter))
    lines = [
        f"# {str(sent.extract).capitalize()} extract of {name} for {_month(sent):%B %Y}, version {sent.version}",
        "For your data manager. This letter holds exact counts and is for you alone: the dashboard shows it to your "
        "own data stewards, and to nobody else.",
    ]
    if sent.refused_because:
        return "\n\n".join(
            [*lines, f"**The file was refused, and nothing of it is used.** {plain(sent.refused_because)}"]
        )
    if aside:
        lines.append(f"**This version was set aside from the newest release.** {plain(aside.because)}")
    if sent.submission_id in known.stopped:
        lines.append("**Because of this version no new release could be made.** The last one stays until it is mended.")
    for later in known.refused_since(sent):
        lines.append(f"**Version {later.version}, sent since, was refused: the letter on it says why.**")
    returned = known.returned(sent)
    lines.append(
        f"Rows read: {sent.rows_read:,}. Loaded: {sent.rows_read - returned:,}. Returned to you: {returned:,}"
        f" ({_share(returned, sent.rows_read)})."
    )
    return "\n\n".join(lines)


@dataclass(frozen=True)
class Step:
    """One thing to do. rows: how many it mends, None where rows are not what is counted; is_most: or fewer."""

    what: str
    rows: int | None = None
    is_most: bool = False

    def __str__(self) -> str:
        return (
            self.what if self.rows is None else f"{self.what} This mends {'up to ' * self.is_most}{_rows(self.rows)}."
        )


def _first(sent: Submission, known: Known) -> str:
    """What to do: what the gate asks for, then the step that mends most rows, and last what no rows are counted of."""
    if sent.refused_because:
        return "## What to do first\n\nCorrect what is said above and send the file again."
    aside = known.set_aside.get(sent.submission_id)
    steps = [*_of_reasons(sent, known), *_of_checks(known.blaming(sent))]
    ranked = sorted(steps, key=lambda step: (step.rows is None, -(step.rows or 0), step.what))
    first = [Step(aside.to_do)] if aside else []
    lines = [f"{place}. {step}" for place, step in enumerate([*first, *ranked], 1)]
    return "\n".join(["## What to do first", "", *lines]) if lines else ""


def _of_reasons(sent: Submission, known: Known) -> list[Step]:
    """A step for each way of correcting returned rows."""
    together: dict[str, int] = {}
    for reason, count in known.reasons(sent).items():
        what = (reason == "orphan_key" and known.waits_for(sent)) or ADVICE.get(reason, "Correct the rows.")
        together[what] = together.get(what, 0) + count
    return [Step(what, count) for what, count in together.items()]


def _of_checks(blaming: Sequence[tuple[Check, list[Part]]]) -> list[Step]:
    """A step for each advice, or one for all checks on which the same rows fail: that of the check of just these.

    Where several ask for it, the rows of the one that finds most are told, since they may be the same.
    """
    found: dict[str, Step] = {}
    for check, part in sorted(((c, p) for c, parts in blaming for p in parts), key=lambda one: one[0].field is None):
        same = check.same_rows or (f"{part.extract}.{part.field}" if part.field else check.to_do or check.id)
        what = check.to_do or "Look into what does not meet this check."
        if part.field and check.field is None:
            what = f"In {part.field}: {what[:1].lower()}{what[1:]}"
        before = found.get(same, Step(what, part.failing, is_most=check.counted != "rows"))
        rows = [count for count in (before.rows, part.failing) if count is not None]
        found[same] = replace(before, rows=max(rows, default=None))
    return list(found.values())


def _returned(folders: Folders, sent: Submission, reasons: Mapping[str, int]) -> str:
    """Reasons by field with rows, what is expected, and where the first rows stand in the file."""
    if not reasons or sent.refused_because:
        return ""
    where = _where(folders, sent)
    lines = ["| Field | Reason | Rows | What is expected | Row numbers |", "| --- | --- | ---: | --- | --- |"]
    for reason, count in reasons.items():
        own = where.filter(reason=reason)
        for (fields, told), part in own.group_by("fields", "expected", maintain_order=True):
            numbers = part["row_number"].unique().sort()
            more = " and more" if numbers.len() > FIRST_ROWS else ""
            shown = ", ".join(str(number) for number in numbers.head(FIRST_ROWS)) + more
            wanted = plain(str(told).removeprefix(f"{fields}: "))
            lines.append(f"| {plain(str(fields))} | {_words(reason)} | {numbers.len():,} | {wanted} | {shown} |")
        if own.is_empty():
            lines.append(f"| | {_words(reason)} | {count:,} | | |")
    told = _lists(sent, {name for fields in where["fields"] for name in fields.split(", ")})
    return "\n".join(["## Rows returned", "", *lines, *(["", *told] if told else [])])


def _lists(sent: Submission, fields: Iterable[str]) -> list[str]:
    """The codes of the lists that fields of returned rows need, or where they stand."""
    columns = [c for c in extract_contracts()[str(sent.extract)].columns if c.name in fields and c.codes]
    found = []
    for name in dict.fromkeys(str(column.codes) for column in columns):
        known = codes(name)
        if len(known) <= SHORT_LIST:
            found.append(f"- Codes of the list {name}: {', '.join(known)}.")
        else:
            file = f"{name}.csv" if (FOLDER / f"{name}.csv").exists() else f"{SHORT_LISTS}.csv"
            found.append(f"- The {len(known)} codes of the list {name} are in `reference/{file}`.")
    return found


def _where(folders: Folders, sent: Submission) -> pl.DataFrame:
    """`reason`, `fields`, `expected` and `row_number` of every fault in the return files; nothing else is read."""
    found = [_faults(path, str(sent.extract)) for path in _files(folders, sent)]
    schema = {"row_number": pl.Int64, "reason": pl.String, "fields": pl.String, "expected": pl.String}
    return pl.concat([pl.DataFrame(schema=schema), *found])


def _files(folders: Folders, sent: Submission) -> list[Path]:
    """The files of returned rows that there are: of ingest, and of the build."""
    folder, stem = folders.returns / str(sent.submitter), _stem(sent)
    return [path for path in (folder / f"{stem}.csv", folder / f"{stem}{BUILD_ENDING}") if path.exists()]


def _faults(path: Path, extract: str) -> pl.DataFrame:
    """One row a fault: fields, reasons and what is expected correspond one to one within a row.

    What files do not say that were written before they said what is expected follows from the contract.
    """
    there = pl.read_csv(path, n_rows=0, infer_schema=False).columns
    listed = [name for name in ("reasons", "fields", "expected") if name in there]
    faults = (
        pl.read_csv(
            path, columns=["row_number", *listed], schema_overrides={"row_number": pl.Int64}, infer_schema=False
        )
        .with_columns(pl.col(listed).str.split(BETWEEN))
        .explode(listed)
    )
    if "expected" not in listed:
        told = [_expected(extract, reason, fields) for reason, fields in faults.select("reasons", "fields").iter_rows()]
        faults = faults.with_columns(pl.Series("expected", told, dtype=pl.String))
    return faults.select("row_number", pl.col("reasons").alias("reason"), "fields", "expected")


def _expected(extract: str, reason: str, fields: str) -> str:
    """What ingest expects of fields; what the build expects stands in its files."""
    if reason not in WHAT_TO_DO:
        return ""
    return expected(Rule(reason, tuple(fields.split(", ")), pl.lit(value=False)), extract_contracts()[extract].columns)


def _checks(sent: Submission, known: Known, blaming: Sequence[tuple[Check, list[Part]]]) -> str:
    if not blaming:
        return ""
    lines = [f"- {check.sentence} {' '.join(_not_met(check, parts))}" for check, parts in blaming]
    is_used = sent.rows_read > known.returned(sent) and sent.submission_id not in known.stopped
    told = ["What was loaded is used as it is.", ""] if is_used else []
    return "\n".join(["## Checks that are open", "", *told, *lines])


def _not_met(check: Check, parts: Sequence[Part]) -> list[str]:
    """What of a submission does not meet a check, in sentences."""
    if check.counted == "rows":
        count = sum(part.failing or 0 for part in parts)
        return [f"Of your rows, {count:,} {'does' if count == 1 else 'do'} not meet this."]
    counted = [part for part in parts if part.field and part.failing is not None and part.of]
    if not counted:
        return ["This file does not meet it."]
    return [f"In {part.field} it is {part.failing:,} of {_rows(part.of or 0)}." for part in counted]


def _since_before(sent: Submission, known: Known) -> str:
    """What improved since the version before, by reason; empty for a first version."""
    same = [s for s in known.of_extract(sent) if s.period == sent.period and (s.version or 0) < (sent.version or 0)]
    if not same or sent.refused_because:
        return ""
    before = same[-1]
    # What the build returned of an earlier version is not known, so only what ingest returned is compared.
    names = sorted({*before.reasons, *sent.reasons})
    is_smaller = sent.rows_loaded < before.rows_loaded
    lines = [
        f"- {_words(name)}: {_change(before.reasons.get(name, 0), sent.reasons.get(name, 0), is_smaller)}"
        for name in names
    ]
    head = (
        f"{_rows(before.rows_returned).capitalize()} of {before.rows_read:,} returned on reading then, "
        f"{sent.rows_returned:,} of {sent.rows_read:,} now."
    )
    if is_smaller:
        fewer = _rows(before.rows_loaded - sent.rows_loaded)
        head += f" This version has {fewer} fewer that can be used."
    return "\n".join([f"## Since version {before.version}", "", head, "", *lines]).rstrip()


def _change(before: int, now: int, is_smaller: bool) -> str:
    """is_smaller: fewer rows can be used than before, so that fewer faults are no improvement."""
    if before == now:
        return f"{now:,}, as before"
    word = "" if now < before and is_smaller else " (improved)" if now < before else " (worse)"
    return f"{before:,} then, {now:,} now{word}"


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


def _closing(folders: Folders, sent: Submission, known: Known) -> str:
    if sent.refused_because:
        return f"A refused file does not use its version up: send it as version {sent.version}."
    found = {".csv": "found on reading", BUILD_ENDING: "found when all extracts were put together"}
    files = [f"`{path.name}` ({found[path.name.removeprefix(_stem(sent))]})" for path in _files(folders, sent)]
    told = [f"The rows themselves are in {' and '.join(files)}."] if files else []
    waits = set(known.reasons(sent)) == {"orphan_key"} and known.waits_for(sent) and not known.blaming(sent)
    if not waits:
        told.append(f"Send the whole month again as version {(sent.version or 0) + 1}.")
    return " ".join(told)


def _words(reason: str) -> str:
    return reason.replace("_", " ")


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"
