"""Whether anything at all has changed since the last refresh, told without opening a file.

A refresh that ended well notes one hash over the stamp (size, times of change, number on the disk) of every file that
the next one would look at: inbox, lake, returns, releases, register, the rounding secret and the product's own code.
While they all have the same stamps, the next refresh has nothing to do. A hash that differs proves nothing: the refresh
then looks at contents, as it always did. What goes bad on a disk without being written is found by `verify`.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pipelines.disclosure.secret import secret_file
from pipelines.folders import Folders, whole_file
from pipelines.hashes import code_files
from pipelines.locking import locked

#: The file that holds the hash.
NOTE = "at_rest"

#: A file changed twice within one tick of the file system's clock has one stamp for two contents. Stamps are taken once
#: the newest change is older than this, in seconds; ticks are 1 to 10 milliseconds long.
TICK = 0.05

Looked = Iterator[tuple[Path, os.stat_result | None]]


def served_still(folders: Folders, inbox: Path) -> str | None:
    """The id of the release being served where nothing has changed since the last refresh, else None.

    inbox: the folder that the refresh is to read. PipelineError where another ingest or build is at work.
    """
    if not _place(folders).exists():
        return None
    with locked(folders):
        try:
            now = f"{_hashed(_given(inbox))[0]}\n{_hashed(_made(folders))[0]}\n"
            is_at_rest = _place(folders).read_text(encoding="utf-8") == now
            return folders.current.read_text(encoding="utf-8").strip() if is_at_rest else None
        except (
            OSError,
            UnicodeDecodeError,
        ):  # whatever cannot be read is looked at, and told of, by the refresh itself
            return None


def given(inbox: Path) -> str:
    """What a refresh is given: the stamps of the inbox, the code and the secret, taken before anything of them is read,
    so that what changes meanwhile is new to the next refresh."""
    return _settled(lambda: _given(inbox))


def note(folders: Folders, before: str, is_built: Callable[[], bool]) -> None:
    """Note, after a refresh that ended well, that there is nothing to do.

    before: what it was given (`given`). is_built: whether everything that the register accepts is in a release; asked
    under the lock, since another command may have come between.
    """
    with locked(folders):
        if not is_built():
            return
        found = f"{before}\n{_settled(lambda: _made(folders))}\n"
        with whole_file(_place(folders)) as path:
            path.write_text(found, encoding="utf-8")


def _place(folders: Folders) -> Path:
    return folders.kept / NOTE


def _settled(looked: Callable[[], Looked]) -> str:
    """The hash of stamps that no change can leave as they are any more."""
    found, newest = _hashed(looked())
    if (age := time.time() - newest / 1e9) < TICK:
        time.sleep(TICK - max(age, 0.0))
        found, _ = _hashed(looked())
    return found


def _hashed(looked: Looked) -> tuple[str, int]:
    """One hash over all stamps, and the newest change in nanoseconds since 1970."""
    digest, newest = hashlib.sha256(), 0
    for path, status in looked:
        digest.update(f"{path}\0".encode("utf-8", "surrogateescape"))
        if status is not None:
            digest.update(f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}\0".encode())
            newest = max(newest, status.st_ctime_ns)
    return digest.hexdigest(), newest


def _given(inbox: Path) -> Looked:
    yield inbox.resolve(), None
    secret = secret_file()  # the first build of synthetic extracts makes it
    yield secret, secret.stat() if secret.exists() else None
    for path in (*sorted(inbox.iterdir()), *code_files()):
        yield path, path.stat()


def _made(folders: Folders) -> Looked:
    for place in (folders.lake, folders.returns, folders.releases):
        yield from _below(place)
    yield folders.register, folders.register.stat()


def _below(place: Path) -> Looked:
    """Every file below a folder with its status, and every folder without one."""
    yield place, None
    if not place.exists():
        return
    with os.scandir(place) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False):
                yield from _below(Path(entry.path))
            else:
                yield Path(entry.path), entry.stat()
