"""Which months each laboratory sends or sends again on each day, planted faults, and writing the files."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.demo import truth
from pipelines.demo.days import NEVER, Months, day_number, month_name, month_start
from pipelines.demo.draws import Flags, Ints, stream
from pipelines.demo.extracts import CHANGES, ROWS
from pipelines.demo.places import SUBMITTERS
from pipelines.folders import BUILDING

FORMATS = {"EDI": "csv.gz", "DUN": "parquet"}
COMPRESSION = 4
REFUSED_LABORATORY, REFUSED_EXTRACT, REFUSED_COLUMN = "EDI", "turnaround", "authorised_date"
ALWAYS_PLANTED = "GLA"


@dataclass(frozen=True)
class Sending:
    """One file to be written."""

    extract: str
    submitter: str
    month: int
    version: int
    rows: pl.DataFrame

    @property
    def ending(self) -> str:
        """The file's ending; what people write by hand comes as plain CSV from everybody."""
        return FORMATS.get(self.submitter, "csv") if self.extract in ROWS else "csv"

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.extract}__{self.submitter}__{month_name(self.month)}__v{self.version}.{self.ending}"


@dataclass
class Written:
    """What was written and what was planted."""

    files: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    bad_rows: dict[str, dict[str, int]] = field(default_factory=dict)
    refused: list[dict[str, str]] = field(default_factory=list)

    @property
    def bad_rows_by_reason(self) -> dict[str, int]:
        """Rows planted, by kind of fault."""
        return dict(sorted(sum((Counter(kinds) for kinds in self.bad_rows.values()), Counter[str]()).items()))


@dataclass(frozen=True)
class Rounds:
    """The newest month and the extraction day of each sending: first the backfill, then one a month."""

    months: Months

    @property
    def count(self) -> int:
        """Monthly sendings after the backfill."""
        return min(truth.ROUNDS, self.months.newest - self.months.first)

    @property
    def newest(self) -> list[int]:
        """The newest month of each sending."""
        return list(range(self.months.newest - self.count, self.months.newest + 1))

    @property
    def days(self) -> list[int]:
        """Day number of each extraction: the first day of the month after."""
        return [day_number(month_start(month + 1)) for month in self.newest]

    @property
    def described(self) -> list[tuple[int, str]]:
        """Newest month and extraction day (ISO) of each sending."""
        return [(month, month_start(month + 1).isoformat()) for month in self.newest]


@dataclass(frozen=True)
class Own:
    """One laboratory's requests, by month of receipt: month n lies between edges n and n + 1."""

    facts: pl.DataFrame
    edges: Ints

    def month(self, place: int) -> pl.DataFrame:
        """The requests received in a month."""
        return self.facts[int(self.edges[place]) : int(self.edges[place + 1])]


@dataclass(frozen=True)
class Planned:
    """A file to be sent: `place` is the month, `turn` the sending (0 the backfill), `day` the extraction."""

    extract: str
    submitter: str
    place: int
    version: int
    turn: int
    day: int
    is_newest: bool
    is_refused: bool


def by_laboratory(facts: pl.DataFrame, months: Months) -> dict[str, Own]:
    """The requests that each laboratory received; facts are in order of laboratory and month."""
    places = np.arange(months.newest - months.first + 2)
    found = {}
    for submitter in SUBMITTERS:
        own = facts.filter(pl.col("receiving_lab") == submitter)
        month = months.of(own["_received"].to_numpy().astype(np.int64))
        found[submitter] = Own(own, np.searchsorted(month, places).astype(np.int64))
    return found


def plan_requests(laboratories: dict[str, Own], months: Months) -> list[Planned]:
    """Every file of testing, turnaround and outcomes: new months, and earlier ones in which something changed."""
    return [
        planned
        for submitter, own in laboratories.items()
        for extract in ROWS
        for planned in _plan_extract(submitter, own, extract, months)
    ]


def _plan_extract(submitter: str, own: Own, extract: str, months: Months) -> Iterator[Planned]:
    """One laboratory's files of one extract over all sendings."""
    rounds = Rounds(months)
    places = np.arange(own.edges.size - 1)
    versions = np.zeros(places.size, dtype=np.int64)
    before, refused_place = -NEVER, rounds.newest[0] - months.first
    refuses = (submitter, extract) == (REFUSED_LABORATORY, REFUSED_EXTRACT)
    for turn, (newest, day) in enumerate(zip(rounds.newest, rounds.days, strict=True)):
        due = _months_to_send(own, extract, before, day) | (versions == 0)
        if refuses and turn in (1, 2):
            due[refused_place] = True
        due &= _has_rows(own, extract, day) & (places <= newest - months.first)
        versions = versions + due
        for place in np.flatnonzero(due):
            yield Planned(
                extract,
                submitter,
                int(place),
                int(versions[place]),
                turn,
                day,
                place == newest - months.first,
                refuses and turn == 1 and place == refused_place,
            )
        before = day


def send_requests(
    plan: list[Planned], laboratories: dict[str, Own], months: Months, seed: int, written: Written
) -> Iterator[Sending]:
    """The planned files with their rows, faults planted in the regular rounds."""
    for planned in plan:
        rows = ROWS[planned.extract](laboratories[planned.submitter].month(planned.place), planned.day)
        month = months.first + planned.place
        sending = Sending(planned.extract, planned.submitter, month, planned.version, rows)
        if planned.is_refused:
            yield _without_a_column(sending, written)
        elif planned.turn:
            yield _with_bad_rows(sending, planned.is_newest, seed, written)
        else:
            yield sending


def _has_rows(own: Own, extract: str, day: int) -> Flags:
    """Months of which the extract has a row to send; a file without rows is not sent."""
    sent = np.ones(own.facts.height, dtype=np.bool_)
    if extract != "testing":
        sent = own.facts["_disposition"].to_numpy() == 0
    if extract == "outcomes":
        sent = sent & (own.facts["_report"].to_numpy() <= day)
    return _any_by_month(sent, own.edges)


def _any_by_month(flags: Flags, edges: Ints) -> Flags:
    counts = np.concatenate([[0], np.cumsum(flags)])
    return np.asarray(counts[edges[1:]] > counts[edges[:-1]])


def _months_to_send(own: Own, extract: str, before: int, day: int) -> Flags:
    """Months with open requests on the day, or with a row that changed since the sending before."""
    days = {name: own.facts[name].to_numpy() for name in {*CHANGES[extract], "_report", "_cancelled"}}
    accepted = own.facts["_disposition"].to_numpy() == 0
    moved = np.minimum(days["_report"], days["_cancelled"]) > day
    for name in CHANGES[extract]:
        moved = moved | ((days[name] > before) & (days[name] <= day))
    return _any_by_month(moved & accepted, own.edges)


def _without_a_column(sending: Sending, written: Written) -> Sending:
    """The sending that must be refused whole."""
    written.refused.append({"file": sending.name, "because": f"column {REFUSED_COLUMN} missing"})
    rows = sending.rows.drop(REFUSED_COLUMN)
    return Sending(sending.extract, sending.submitter, sending.month, sending.version, rows)


KINDS = {
    "testing": ("unknown_code", "date_order", "repeated_key", "out_of_range"),
    "turnaround": ("date_order", "repeated_key"),
    "outcomes": ("unknown_code",),
}


def _with_bad_rows(sending: Sending, is_newest: bool, seed: int, written: Written) -> Sending:
    """Some rows spoilt: a stated share, and at least one of each kind in one laboratory's newest month."""
    rng = stream(seed, f"bad rows {sending.name}")
    rows, kinds = sending.rows, KINDS[sending.extract]
    count = int(rng.binomial(rows.height, truth.BAD_ROW_SHARE))
    chosen = list(rng.choice(kinds, count))
    if is_newest and sending.submitter == ALWAYS_PLANTED and rows.height >= 20:
        chosen += kinds
    chosen = chosen[: rows.height // 10]
    if not chosen:
        return sending
    for kind, place in zip(chosen, rng.choice(rows.height, len(chosen), replace=False), strict=True):
        rows = _spoil(sending.extract, rows, str(kind), int(place))
    written.bad_rows[sending.name] = {str(kind): n for kind, n in sorted(Counter(chosen).items())}
    return Sending(sending.extract, sending.submitter, sending.month, sending.version, rows)


def _spoil(extract: str, rows: pl.DataFrame, kind: str, place: int) -> pl.DataFrame:
    """The rows with one fault at a place; a repeated row goes to the end, so places before it stay."""
    here = pl.int_range(pl.len()) == place
    if kind == "repeated_key":
        return pl.concat([rows, rows[place]])
    if kind == "unknown_code":
        column = "technology" if extract == "testing" else "result_category"
        return rows.with_columns(
            pl.when(here).then(pl.lit("long_read")).otherwise(pl.col(column).cast(pl.String)).alias(column)
        )
    if kind == "out_of_range":
        return rows.with_columns(
            pl.when(here).then(pl.lit(11, dtype=pl.Int32)).otherwise(pl.col("simd_decile")).alias("simd_decile")
        )
    column = "requested_date" if extract == "testing" else "dispatched_date"
    late = pl.col("received_date") + pl.duration(days=9)
    return rows.with_columns(pl.when(here).then(late).otherwise(pl.col(column)).alias(column))


def to_bytes(sending: Sending) -> bytes:
    """The file's contents, the same for the same rows."""
    buffer = io.BytesIO()
    if sending.ending == "parquet":
        _parquet_rows(sending).write_parquet(buffer, compression="zstd", statistics=False)
        return buffer.getvalue()
    sending.rows.write_csv(buffer, float_precision=3)
    if sending.ending == "csv":
        return buffer.getvalue()
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, compresslevel=COMPRESSION, mtime=0) as file:
        file.write(buffer.getbuffer())
    return packed.getvalue()


def _parquet_rows(sending: Sending) -> pl.DataFrame:
    """Dundee sends typed columns, except that outcomes come all as text."""
    if sending.extract == "outcomes":
        return sending.rows.cast(pl.String)
    enums = [name for name, kind in sending.rows.schema.items() if isinstance(kind, pl.Enum)]
    return sending.rows.with_columns(pl.col(enums).cast(pl.String))


def write(sendings: Iterator[Sending], out: Path, written: Written, workers: int = 2) -> Iterator[str]:
    """Write files as they are made; yields each name once it is on disk."""

    def save(sending: Sending) -> tuple[str, int, str]:
        contents = to_bytes(sending)
        partial = out / f"{BUILDING}{sending.name}"
        partial.write_bytes(contents)
        partial.replace(out / sending.name)
        return sending.name, sending.rows.height, hashlib.sha256(contents).hexdigest()

    waiting: list[Future[tuple[str, int, str]]] = []
    with ThreadPoolExecutor(workers) as pool:
        for sending in sendings:
            waiting.append(pool.submit(save, sending))
            if len(waiting) > 4 * workers:
                yield _note(waiting.pop(0).result(), written)
        for future in waiting:
            yield _note(future.result(), written)


def _note(saved: tuple[str, int, str], written: Written) -> str:
    name, rows, digest = saved
    written.files[name] = digest
    written.rows[name] = rows
    return name
