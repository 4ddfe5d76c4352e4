"""Whether machine code that Numba makes is kept from one start to the next, and where.

Without a folder it is made anew in each process, once, when the first simulation runs. GENOMICS_COMPILED names a folder
that this process may write: the code then lies there, below a name made of the engine's text and the versions of Python
and Numba, so that no change of either can meet old code. What lies there is run: give nobody else the right to write it.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

ENVIRONMENT = "GENOMICS_COMPILED"
ENGINE = Path(__file__).with_name("queueing_engine.py")


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as machine code, made when it is first called; it leaves the other threads free to run.

    It makes no arrays, so it need not count who holds them (`_nrt`): counting took most of the time.
    """
    make = numba.njit(nogil=True, forceinline=True, _nrt=False, error_model="numpy", cache=KEPT_IN is not None)
    return make(function)  # type: ignore[no-any-return]


def kept_in(setting: str | None) -> Path | None:
    """The folder in which machine code is kept; none where none is set, or where it cannot be written."""
    if not setting:
        return None
    text = ENGINE.read_bytes() + f"{numba.__version__} {platform.python_version()}".encode()
    folder = Path(setting) / hashlib.sha256(text).hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


KEPT_IN = kept_in(os.environ.get(ENVIRONMENT))
if KEPT_IN is not None:
    numba.config.CACHE_DIR = str(KEPT_IN)
