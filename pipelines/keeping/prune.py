"""Removes what the retention rules no longer keep, and nothing that is served, that a figure is cited from, or that the
next build may need."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines import releases
from pipelines.folders import BUILDING, Folders, whole_file
from pipelines.ingest.register import Register, Submission
from pipelines.keeping.retention import Retention, Rule
from pipelines.lake import lake_file
from pipelines.locking import locked
from pipelines.releases import PRUNED, Release

#: In the folder of releases: a line for each run that removed something.
LOG = "pruned.jsonl"
BOARDS, QUALITY = "boards", "quality"
YEAR = 365


@dataclass(frozen=True)
class Item:
    """Something that a rule no longer keeps: its place in the data folder, the rule's name, files and bytes."""

    what: str
    rule: str
    files: int
    size: int


@dataclass(frozen=True)
class _Found:
    """An item, and what is to be removed: some files of a release, or whole files and folders."""

    item: Item
    paths: tuple[Path, ...]
    release: Release | None = None


def prune(folders: Folders, rules: Retention, apply: bool, now: dt.datetime | None = None) -> list[Item]:
    """What the rules no longer keep; removed where `apply` says so, and written to releases/pruned.jsonl.

    now: the moment from which ages are counted, by default this one. Nothing is pruned before a release is served. What
    a reader has open stays readable to that reader until it is closed. Raises PipelineError where an ingest or a build
    is at work; cut off, it is finished by running it again.
    """
    at = now or dt.datetime.now(dt.UTC)
    if not apply:
        return [found.item for found in _found(folders, rules, at)]
    with locked(folders):
        chosen = list(_found(folders, rules, at))
        for found in chosen:
            _remove(found, at)
        if chosen:
            _note(folders, [found.item for found in chosen], at)
    return [found.item for found in chosen]


def _found(folders: Folders, rules: Retention, now: dt.datetime) -> Iterator[_Found]:
    serving = releases.current(folders)
    if serving is None:
        return
    held = releases.releases(folders)
    whole = _kept_whole(folders, held, serving)
    for release in held:
        if release.release_id not in whole:
            yield from _of_release(folders, rules, held, release, now)
    if folders.register.exists():
        with Register(folders.register) as register:
            sent = register.all()
        needed = {name for release in held if release.release_id in whole for name in release.manifest["lake"]}
        yield from _replaced(folders, rules.replaced_rows, sent, needed, now)
        yield from _returned(folders, rules.returned_rows, sent, now)


def _kept_whole(folders: Folders, held: Sequence[Release], serving: Release) -> set[str]:
    """Ids of the release being served, those made since, and those that a rollback would serve: the one before it, and
    the newest before it that was served."""
    ids = [release.release_id for release in held]
    before = [one for one in ids if one < serving.release_id]
    served_before = [one for one in before if one in releases.published(folders)]
    return {*(one for one in ids if one >= serving.release_id), *before[-1:], *served_before[-1:]}


def _of_release(
    folders: Folders, rules: Retention, held: Sequence[Release], release: Release, now: dt.datetime
) -> Iterator[_Found]:
    published = releases.published(folders)
    age = now - _made(release)
    # Where no list of what was served is held, nobody can tell that a release was never cited.
    if published and release.release_id not in published:
        if _is_over(rules.unpublished, age):
            yield _whole(folders, release.folder, "unpublished")
        return
    if _is_over(rules.boards, age) and (found := _files(folders, release, BOARDS, "boards")):
        yield found
    of_month = [one.release_id for one in held if one.release_id in published and _month(one) == _month(release)]
    is_last = release.release_id == max(of_month, default=release.release_id)
    rule = "monthly_quality_years" if is_last else "quality"
    over = _is_over(rules.monthly_quality_years, age, YEAR) if is_last else _is_over(rules.quality, age)
    if over and (found := _files(folders, release, QUALITY, rule)):
        yield found


def _replaced(
    folders: Folders, rule: Rule, sent: Sequence[Submission], needed: set[str], now: dt.datetime
) -> Iterator[_Found]:
    """Rows of versions that are no longer in use, the newest of each extract, submitter and period apart."""
    newest: dict[tuple[str | None, ...], Submission] = {}
    for one in sorted((s for s in sent if s.state == "superseded"), key=lambda s: s.version or 0):
        newest[_key(one)] = one
    for one in (s for s in sent if s.state in ("superseded", "outdated")):
        later = [
            s for s in sent if _key(s) == _key(one) and s.state != "refused" and (s.version or 0) > (one.version or 0)
        ]
        since = max(one.registered_at, min((s.registered_at for s in later), default=one.registered_at))
        stays = one == newest.get(_key(one)) or one.submission_id in needed
        rows = lake_file(folders, one)
        if not stays and rows.exists() and _is_over(rule, now - dt.datetime.fromisoformat(since)):
            yield _whole(folders, rows.parent, "replaced_rows")


def _returned(folders: Folders, rule: Rule, sent: Sequence[Submission], now: dt.datetime) -> Iterator[_Found]:
    """Return files of ingest; those of the build are written anew by each build, like the letters."""
    for one in (s for s in sent if s.rows_returned):
        path = folders.returns / str(one.submitter) / f"{one.submission_id.rpartition('__')[0]}.csv"
        if path.is_file() and _is_over(rule, now - dt.datetime.fromisoformat(one.registered_at)):
            yield _whole(folders, path, "returned_rows")


def _files(folders: Folders, release: Release, part: str, rule: str) -> _Found | None:
    """The files that a release still has in one of its folders."""
    names = [name for name in release.manifest["files"] if name.startswith(f"{part}/")]
    paths = tuple(path for name in names if (path := release.folder / name).is_file())
    if not paths:
        return None
    what = (release.folder / part).relative_to(folders.data).as_posix()
    return _Found(Item(what, rule, len(paths), sum(path.stat().st_size for path in paths)), paths, release)


def _whole(folders: Folders, path: Path, rule: str) -> _Found:
    files = [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path]
    what = path.relative_to(folders.data).as_posix()
    return _Found(Item(what, rule, len(files), sum(one.stat().st_size for one in files)), (path,))


def _remove(found: _Found, now: dt.datetime) -> None:
    if found.release is not None:
        _take_from(found.release, found, now)
        return
    for path in found.paths:
        if path.is_dir():
            # Away from its name at once: half a folder is never taken for a whole one, and builds sweep what is left.
            gone = path.with_name(f"{BUILDING}{path.name}")
            path.rename(gone)
            shutil.rmtree(gone)
        else:
            path.unlink()


def _take_from(release: Release, found: _Found, now: dt.datetime) -> None:
    """Note what goes, then remove it: a file that is noted and still there is removed by the next run."""
    names = {path.relative_to(release.folder).as_posix() for path in found.paths}
    noted = json.loads((release.folder / PRUNED).read_text("utf-8"))["files"] if releases.pruned(release) else {}
    new = {name: {"rule": found.item.rule, "at": now.isoformat(timespec="seconds")} for name in sorted(names)}
    with whole_file(release.folder / PRUNED) as path:
        path.write_text(json.dumps({"files": {**noted, **new}}, indent=1), encoding="utf-8")
    for path in found.paths:
        path.unlink()
    for folder in sorted({parent for path in found.paths for parent in path.parents}, reverse=True):
        if folder.is_relative_to(release.folder) and folder != release.folder:
            with suppress(OSError):  # not empty
                folder.rmdir()


def _note(folders: Folders, items: Sequence[Item], now: dt.datetime) -> None:
    line = {"at": now.isoformat(timespec="seconds"), "removed": [asdict(item) for item in items]}
    with (folders.releases / LOG).open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(line)}\n")
        file.flush()
        os.fsync(file.fileno())


def _is_over(rule: Rule, age: dt.timedelta, days: int = 1) -> bool:
    """Whether something is older than its rule keeps it, in units of so many days."""
    return rule.keep is not None and age > dt.timedelta(days=rule.keep * days)


def _made(release: Release) -> dt.datetime:
    return dt.datetime.fromisoformat(str(release.manifest["created_at"]))


def _month(release: Release) -> tuple[int, int]:
    made = _made(release)
    return made.year, made.month


def _key(sent: Submission) -> tuple[str | None, ...]:
    return sent.extract, sent.submitter, sent.period
