"""The secret of the keyed rounding: made on first use for synthetic data, and never made silently for real data.

It lives outside the product's folder and outside the data folder, so that neither a copy of the code nor a copy of the
data tells which way a count was rounded.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.errors import PipelineError
from pipelines.hashes import ROOT

#: Names the secret's file; without it the file is in the user's own configuration folder.
ENVIRONMENT = "GENOMICS_ROUNDING_SECRET"
DEFAULT = Path("genomic-medicine-dashboard", "rounding-secret")
BYTES = 32
#: A file longer than this is no secret's.
LONGEST_FILE = 8 * BYTES

#: HMAC of a text in SQL, as hexadecimal digits: the two keys of the secret, one inside the other.
KEYED = "sha256(concat($outer_key, sha256(concat($inner_key, {text}))))"


@dataclass(frozen=True)
class Secret:
    """The two keys of an HMAC, as hexadecimal digits, and what may be told of them: a fingerprint."""

    inner: str = field(repr=False)
    outer: str = field(repr=False)
    fingerprint: str

    @classmethod
    def of(cls, key: str) -> Secret:
        """The secret that a key of 64 hexadecimal digits stands for."""
        inner, outer, shown = (hashlib.sha256(f"{use}:{key}".encode()).hexdigest() for use in ("in", "out", "show"))
        return cls(inner, outer, shown[:12])


def secret_file() -> Path:
    """Where the secret is kept: the file that GENOMICS_ROUNDING_SECRET names, or one in the user's configuration."""
    if named := os.environ.get(ENVIRONMENT):
        return Path(named).expanduser().resolve()
    configuration = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(configuration).expanduser().resolve() / DEFAULT


def fingerprint_in(path: Path) -> str | None:
    """The fingerprint of the secret that a file holds; None where it holds none."""
    if not path.is_file() or path.stat().st_size > LONGEST_FILE:
        return None
    key = path.read_bytes().strip().decode("ascii", "replace")
    return Secret.of(key).fingerprint if _is_key(key) else None


def rounding_secret(data: Path, is_synthetic: bool) -> Secret:
    """The secret to round with.

    data: the data folder. is_synthetic: whether every submission is made up; only then is a missing secret made.
    Raises PipelineError where real data have no secret, or where the file lies within the data or the product's folder,
    may be read by others, or does not hold a secret.
    """
    path = secret_file()
    for place, name in ((data.resolve(), "data folder"), (ROOT, "product's folder")):
        if path.is_relative_to(place):
            raise PipelineError(f"build: the rounding secret may not lie in the {name}; set {ENVIRONMENT} elsewhere")
    if not path.exists():
        if not is_synthetic:
            raise PipelineError(
                f"build: these extracts are real and there is no rounding secret at {path}. "
                "`python -m pipelines secret` makes one; keep a copy where only the build's owner can read it"
            )
        make_secret()
    return _read(path)


def make_secret() -> Secret:
    """A new secret in its file, whole or not at all, which nobody else may read; PipelineError where there is one."""
    path = secret_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(BYTES)}\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(whole, path)
    except FileExistsError as error:
        raise PipelineError(
            f"secret: {path} exists already. A new secret rounds every figure anew: "
            "move the old one away only where that is meant, and announce it"
        ) from error
    finally:
        whole.unlink(missing_ok=True)
    return _read(path)


def _is_key(key: str) -> bool:
    return len(key) == 2 * BYTES and all(digit in "0123456789abcdef" for digit in key)


def _read(path: Path) -> Secret:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise PipelineError(f"build: others may read the rounding secret at {path}; `chmod 600` it")
    key = path.read_text(encoding="ascii", errors="replace").strip()
    if not _is_key(key):
        raise PipelineError(
            f"build: {path} does not hold a rounding secret of {2 * BYTES} hexadecimal digits; restore its copy"
        )
    return Secret.of(key)
