"""Fingerprints of files and of the product's own code."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # an unchanged refresh loads no library that it does not need
    import polars as pl

ROOT = Path(__file__).resolve().parent.parent

#: Folders whose files decide what a release holds.
DECIDING = ("capacity", "catalogue", "expectations", "methods", "pipelines", "reference", "sql")
ENDINGS = (".py", ".sql", ".yml", ".csv")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_texts(parts: Iterable[str]) -> str:
    """One SHA-256 over several texts, each told apart from the next."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


def of_frame(frame: pl.DataFrame) -> str:
    """The SHA-256 of the names, kinds, rows and order of a frame, however it lies in memory.

    Bytes of Parquet, uncompressed and in one piece: those of Arrow differ where the same values came another way.
    """
    file = io.BytesIO()
    frame.rechunk().write_parquet(file, compression="uncompressed", statistics=False)
    return hashlib.sha256(file.getbuffer()).hexdigest()


@cache
def code_version(root: Path = ROOT) -> str:
    """Twelve characters that change whenever a file that decides figures changes."""
    return of_texts(f"{path.relative_to(root).as_posix()}:{sha256_of(path)}" for path in code_files(root))[:12]


def code_files(root: Path = ROOT) -> list[Path]:
    """Every file of the product that decides figures, in a fixed order."""
    return sorted(path for folder in DECIDING for path in (root / folder).rglob("*") if path.suffix in ENDINGS)
