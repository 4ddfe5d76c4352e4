"""Ingest: from the files of an inbox to typed rows in the lake, returned rows, and an entry in the register for each.

A submission takes effect by its entry in the register. Everything before that, a folder in the lake and a returns
file, is swept away or written again if the entry never came.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from catalogue.contracts import Contract, extract_contracts
from pipelines.errors import PipelineError
from pipelines.folders import BUILDING, Folders, whole_file
from pipelines.hashes import sha256_of
from pipelines.ingest.identifiers import find_in_words
from pipelines.ingest.refusal import RefusedError
from pipelines.ingest.register import Register, State, Submission
from pipelines.ingest.returns import returns_file, write_returns
from pipelines.ingest.sent_file import Sent, Stamp, read_once, stamp
from pipelines.ingest.submission_check import Checked, check
from pipelines.ingest.submission_name import SubmissionName, read_name
from pipelines.lake import damaged, file_by_id, lake_file
from pipelines.locking import locked
from pipelines.progress import Steps, steps
from pipelines.quality import letters

ANSWERS = "truth.json"


@dataclass(frozen=True)
class Arrival:
    """A file in the inbox: its place, and what its name says, or why the name is refused."""

    path: Path
    name: SubmissionName | None
    refused_because: str | None

    @property
    def place(self) -> tuple[str, str, str, int, str]:
        """Where the file stands in the order of handling; names that cannot be read come last."""
        if self.name is None:
            return ("~", "", "", 0, self.path.name)
        return (self.name.extract, self.name.submitter, self.name.period, self.name.version, self.path.name)


def ingest(
    folders: Folders,
    inbox: Path,
    quiet: bool = False,
    now: datetime | None = None,
    tell: Callable[[str], None] | None = None,
) -> list[Submission]:
    """Read every new file of the inbox; returns the entries newly registered, in the order of handling.

    Rows of the lake that are missing or damaged are written again from the inbox, where it still holds the same bytes.
    now: when the files arrive, by default this moment; nothing in them may be of a later day. tell: is given a line for
    each submission whose rows were written again. Raises PipelineError where the inbox is no folder, where another
    ingest is running, or where the data folder and the register contradict each other. The inbox itself is never
    altered.
    """
    if not inbox.is_dir():
        raise PipelineError(f"There is no inbox folder {inbox}. Name the folder that holds the submissions.")
    with locked(folders):
        if not folders.register.exists() and _in_lake(folders):
            raise PipelineError(
                "The lake holds submissions but the register is missing. Restore it, or move lake/ away, and ingest "
                "reads the whole inbox anew."
            )
        with Register(folders.register, create=True) as register:
            _sweep(folders, register)
            arrivals = _arrivals(inbox, register.seen())
            desk = _Desk(folders, register, _synthetic(inbox), now or datetime.now(UTC))
            for entry in _mend(folders, register, inbox, desk):
                if tell is not None:
                    tell(f"lake: the rows of {entry.file} were missing or damaged; they were read again from the inbox")
            with steps("Ingest", len(arrivals), quiet or not arrivals) as progress:
                taken = list(_handle(arrivals, desk, progress))
            letters.write_letters(folders, letters.Known(register.all(), register.build_returns()), taken)
            return taken


def _handle(arrivals: Sequence[Arrival], desk: _Desk, progress: Steps) -> Iterator[Submission]:
    for arrival in arrivals:
        progress.doing(arrival.name.stem if arrival.name else "a file whose name cannot be read")
        if (entry := desk.take(arrival)) is not None:
            yield entry
        progress.done()


def _in_lake(folders: Folders) -> list[Path]:
    return [path for path in folders.lake.glob("*/*") if not path.name.startswith(BUILDING)]


def _sweep(folders: Folders, register: Register) -> None:
    """Remove what a killed ingest left: unfinished files, and what belongs to no entry of the register."""
    places = (folders.data.glob(f"{BUILDING}*"), folders.returns.glob(f"*/{BUILDING}*"))
    for path in [*folders.lake.glob(f"**/{BUILDING}*"), *(path for found in places for path in found)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    kept = {entry.submission_id: entry for entry in register.all() if entry.state != "refused"}
    for path in _in_lake(folders):
        if path.name not in kept:
            shutil.rmtree(path)
    returned = {entry_id.rpartition("__")[0] for entry_id, entry in kept.items() if entry.rows_returned}
    for path in folders.returns.glob("*/*.csv"):
        if _is_submission(path.name) and path.stem not in returned:
            path.unlink()


def _mend(folders: Folders, register: Register, inbox: Path, desk: _Desk) -> Iterator[Submission]:
    """Write again the rows of the lake that are missing or damaged; the build tells of those that cannot be."""
    entries = [entry for entry in register.all() if entry.state != "refused"]
    broken = damaged(folders, entries, register.lake_files())
    if not broken:
        return
    files = [arrival for path in _files(inbox) if (arrival := _arrival(path)).name is not None]
    for entry in broken:
        if any(
            desk.write_again(entry, arrival) for arrival in files if arrival.name and _is_version(entry, arrival.name)
        ):
            yield entry


def _is_submission(file: str) -> bool:
    """Whether a file is named like a submission; the build's own returns are not."""
    try:
        return bool(read_name(file, extract_contracts()))
    except RefusedError:
        return False


def _arrivals(inbox: Path, seen: Mapping[str, Stamp]) -> list[Arrival]:
    """The files of an inbox that were not read before, in the order in which they are handled."""
    new = []
    for path in _files(inbox):
        now = stamp(path.name, path.stat())
        if seen.get(now.name_hash) != now:
            new.append(_arrival(path))
    return sorted(new, key=lambda arrival: arrival.place)


def _files(inbox: Path) -> Iterator[Path]:
    """What people put into an inbox."""
    for path in inbox.iterdir():
        if not path.name.startswith(".") and path.name != ANSWERS and path.is_file():
            yield path


def _arrival(path: Path) -> Arrival:
    try:
        return Arrival(path, read_name(path.name, extract_contracts()), None)
    except RefusedError as refusal:
        return Arrival(path, None, str(refusal))


def _synthetic(inbox: Path) -> dict[str, str]:
    """Name and SHA-256 of the demonstration's own files, from the answer sheet beside them."""
    try:
        files = json.loads((inbox / ANSWERS).read_text(encoding="utf-8"))["files"]
        return {str(name): str(digest) for name, digest in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


class _Desk:
    """Takes one file at a time from the inbox to its entry in the register."""

    def __init__(self, folders: Folders, register: Register, synthetic: Mapping[str, str], now: datetime) -> None:
        self._folders = folders
        self._register = register
        self._synthetic = synthetic
        self._now = now
        self._contracts = extract_contracts()
        self._by_hash: dict[str, list[Submission]] = {}
        self._versions: dict[tuple[str | None, ...], set[int]] = {}
        for entry in register.all():
            self._remember(entry)

    def take(self, arrival: Arrival) -> Submission | None:
        """Register one file; None where these bytes are registered already or the file is gone."""
        try:
            sent = read_once(arrival.path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PipelineError(
                f"{_file_name(arrival)} cannot be read: {error.strerror}. Correct its access."
            ) from None
        if self._is_known(arrival, sent.sha256):
            self._register.note_seen(sent.stamp)
            return None
        blank = self._blank(arrival, sent)
        try:
            entry = self._accept(arrival, sent, blank)
        except RefusedError as refusal:
            entry = replace(blank, rows_read=refusal.rows_read, reasons=refusal.reasons, refused_because=str(refusal))
        rows = None if entry.state == "refused" else sha256_of(lake_file(self._folders, entry))
        self._register.add(entry, sent.stamp, rows)
        self._remember(entry)
        return entry

    def write_again(self, entry: Submission, arrival: Arrival) -> bool:
        """Write the lake's rows of a registered submission once more, if this file holds the same bytes and they give
        the rows that were registered; whether it did."""
        sent = read_once(arrival.path)
        if arrival.name is None or sent.content is None or sent.sha256 != entry.sha256:
            return False
        contract = self._contracts[arrival.name.extract]
        arrived = datetime.fromisoformat(entry.registered_at).date()
        try:
            checked = check(sent.content, arrival.name, contract, self._contracts, arrived)
        except RefusedError:
            return False
        if checked.loaded.height != entry.rows_loaded:
            return False
        self._write(arrival.name, entry.submission_id, checked)
        self._register.note_lake_file(entry.submission_id, sha256_of(lake_file(self._folders, entry)))
        return True

    def _is_known(self, arrival: Arrival, digest: str) -> bool:
        """Whether the same bytes stand in the register under this name, or under another spelling of it."""
        return any(
            entry.file == _file_name(arrival) or (arrival.name is not None and _is_version(entry, arrival.name))
            for entry in self._by_hash.get(digest, [])
        )

    def _blank(self, arrival: Arrival, sent: Sent) -> Submission:
        """The entry of a file before anything of it was used."""
        name, file = arrival.name, _file_name(arrival)
        short = sent.sha256[:8]
        return Submission(
            submission_id=f"{name.stem}__{short}" if name else f"unnamed__{_digest(file)[:8]}__{short}",
            file=file,
            extract=name.extract if name else None,
            submitter=name.submitter if name else None,
            period=name.period if name else None,
            version=name.version if name else None,
            sha256=sent.sha256,
            bytes=sent.stamp.bytes,
            registered_at=self._now.isoformat(timespec="seconds"),
            state="refused",
            rows_read=0,
            rows_loaded=0,
            rows_returned=0,
            reasons={},
            refused_because=None,
            drift=(),
            extracted_on=None,
            is_synthetic=self._synthetic.get(arrival.path.name) == sent.sha256,
        )

    def _accept(self, arrival: Arrival, sent: Sent, blank: Submission) -> Submission:
        """Check the file and put its rows in their places; RefusedError where it cannot be used."""
        if arrival.name is None or sent.content is None:
            raise RefusedError(arrival.refused_because or sent.refused_because or "The file cannot be read.")
        accepted = self._versions.get((arrival.name.extract, arrival.name.submitter, arrival.name.period), set())
        if arrival.name.version in accepted:
            raise RefusedError(
                "This version was accepted before with other content. Send the change as a higher version."
            )
        contract = self._contracts[arrival.name.extract]
        checked = check(sent.content, arrival.name, contract, self._contracts, self._now.date())
        read, returned = checked.rows_read, checked.returned.height if checked.returned is not None else 0
        loaded = self._write(arrival.name, blank.submission_id, checked)
        if loaded + returned != read:
            raise PipelineError(f"{blank.file}: {read} rows read, but {loaded} loaded and {returned} returned.")
        state: State = "outdated" if max(accepted, default=0) > arrival.name.version else "accepted"
        return replace(
            blank,
            state=state,
            rows_read=read,
            rows_loaded=loaded,
            rows_returned=returned,
            reasons=checked.reasons,
            drift=checked.drift,
            extracted_on=_newest(checked, contract),
        )

    def _write(self, name: SubmissionName, submission_id: str, checked: Checked) -> int:
        """Write lake and returns; returns the rows that stand in the lake's file."""
        rows = checked.loaded.with_columns(pl.lit(submission_id).alias("submission_id"))
        path = file_by_id(self._folders, submission_id)
        with whole_file(path) as partial:
            rows.write_parquet(partial, compression="zstd", compression_level=1)
        if checked.returned is None:
            returns_file(self._folders, name).unlink(missing_ok=True)
        else:
            write_returns(returns_file(self._folders, name), checked.returned)
        return int(pq.read_metadata(path).num_rows)

    def _remember(self, entry: Submission) -> None:
        """Keep what later files of the same ingest are judged by."""
        self._by_hash.setdefault(entry.sha256, []).append(entry)
        if entry.state != "refused" and entry.version is not None:
            self._versions.setdefault((entry.extract, entry.submitter, entry.period), set()).add(entry.version)


def _is_version(entry: Submission, name: SubmissionName) -> bool:
    held = (entry.extract, entry.submitter, entry.period, entry.version)
    return held == (name.extract, name.submitter, name.period, name.version)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _file_name(arrival: Arrival) -> str:
    """The file's name as registered: withheld where the name itself could identify a person."""
    file = arrival.path.name
    if arrival.name is None and (not file.isprintable() or find_in_words(file)):
        return f"name withheld {_digest(file)[:8]}"
    return file


def _newest(checked: Checked, contract: Contract) -> date | None:
    newest = checked.loaded[contract.extracted_column].max()
    return newest if isinstance(newest, date) else None
