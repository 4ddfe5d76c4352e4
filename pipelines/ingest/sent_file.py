"""The bytes of a file as sent: read once into memory, hashed, unpacked, all within stated limits."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.refusal import RefusedError

MIB = 1 << 20
BYTES_LIMIT = 512 * MIB
PACKED_TIMES = 200
ALWAYS_UNPACKED = 64 * MIB
TRIES = 3


@dataclass(frozen=True)
class Stamp:
    """What tells, without opening a file, that it is the one seen before; its name stands as a hash."""

    name_hash: str
    bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(frozen=True)
class Sent:
    """A file as it was read: content is None where it was too large or kept changing, and refused_because says so."""

    stamp: Stamp
    sha256: str
    content: bytes | None
    refused_because: str | None = None


def stamp(file: str, status: os.stat_result) -> Stamp:
    """The stamp of a file."""
    name_hash = hashlib.sha256(os.fsencode(file)).hexdigest()
    return Stamp(name_hash, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def read_once(path: Path) -> Sent:
    """The file's bytes and hash, from one opening.

    Everything after works on these bytes, so that a file which changes later cannot be half used. One that changes
    while being read is read again, and refused where it does not come to rest.
    """
    with path.open("rb", buffering=0) as file:
        for attempt in range(TRIES):
            before = stamp(path.name, os.fstat(file.fileno()))
            file.seek(0)
            if before.bytes > BYTES_LIMIT:
                because = f"The file is larger than {BYTES_LIMIT // MIB:,} MiB. Send only the rows of its period."
                return Sent(before, _hash_of(file), None, because)
            content = _read(file, before.bytes + 1)
            if len(content) == before.bytes and stamp(path.name, os.fstat(file.fileno())) == before:
                return Sent(before, hashlib.sha256(content).hexdigest(), content)
            time.sleep(0.05 * attempt)
        because = "The file changed while it was being read. Send it again when it is complete."
        return Sent(before, hashlib.sha256(content).hexdigest(), None, because)


def _read(file: io.FileIO, limit: int) -> bytes:
    """Up to so many bytes: a bare read may return fewer than asked for."""
    parts: list[bytes] = []
    while limit > 0 and (part := file.read(limit)):
        parts.append(part)
        limit -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _hash_of(file: io.FileIO) -> str:
    digest = hashlib.sha256()
    while part := file.read(8 * MIB):
        digest.update(part)
    return digest.hexdigest()


def unpack(content: bytes) -> bytes:
    """The text within a gzip file; RefusedError where it is damaged, cut off or unpacks to an unreasonable size."""
    limit = min(BYTES_LIMIT, max(ALWAYS_UNPACKED, PACKED_TIMES * len(content)))
    parts: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            while part := packed.read(MIB):
                size += len(part)
                if size > limit:
                    raise RefusedError(
                        "The gzip file unpacks to far more than a submission holds. Send the CSV itself."
                    )
                parts.append(part)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise RefusedError("The gzip file is cut off or damaged. Pack the CSV again and send it again.") from None
    return b"".join(parts)
