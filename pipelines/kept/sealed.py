"""Files that begin with the hash of what follows, so that a damaged one is noticed and counts as none."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipelines.folders import whole_file


def read_sealed(path: Path) -> bytes | None:
    """What was written; None where there is no such file or it is not as it was written."""
    try:
        seal, _, content = path.read_bytes().partition(b"\n")
    except OSError:  # it is made again from what it was made of
        return None
    return content if seal == _seal(content) else None


def write_sealed(path: Path, content: bytes) -> None:
    """Put a file in its place, whole or not at all."""
    with whole_file(path) as partial:
        partial.write_bytes(_seal(content) + b"\n" + content)


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
