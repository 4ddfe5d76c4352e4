"""Files that begin with the hash of what follows, so that a damaged one is noticed and counts as none."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Container, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.folders import whole_file

if TYPE_CHECKING:  # an unchanged refresh loads no library that it does not need
    import polars as pl


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


def read_told(path: Path) -> tuple[dict[str, Any], bytes] | None:
    """What a sealed file's first line tells, and the bytes after it; None where there is none that is whole."""
    content = read_sealed(path)
    if content is None:
        return None
    line, _, rest = content.partition(b"\n")
    told = json.loads(line)
    return (told, rest) if isinstance(told, dict) else None


def write_told(path: Path, told: Mapping[str, Any], rest: bytes) -> None:
    """Put such a file in its place."""
    write_sealed(path, json.dumps(told).encode() + b"\n" + rest)


def as_parquet(rows: pl.DataFrame) -> bytes:
    """The bytes of a frame as Parquet."""
    file = io.BytesIO()
    rows.write_parquet(file)
    return file.getvalue()


def forget_others(place: Path, names: Container[str]) -> None:
    """Delete the files of a folder that are not among the names; there need be none."""
    for path in place.glob("*") if place.exists() else ():
        if path.name not in names:
            path.unlink()


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
