"""Whether machine code that Numba makes is kept from one start to the next, and where.

Without a folder it is made anew in each process, once, when the first simulation runs. GENOMICS_COMPILED names a folder
that this process may write: the code then lies there, below a name made of the engine's text and the versions of
Python and Numba, so that no change of either can meet old code. What lies there is run: give nobody else the right to
write it.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast


class EngineUnavailableError(RuntimeError):
    """This process may not run code that it has made, so nothing can be simulated in it."""


try:
    import numba
except OSError as refused:
    raise EngineUnavailableError(
        "Simulation compiles machine code, and this process may not run memory that it has written "
        "(MemoryDenyWriteExecute= of its systemd unit). Simulate in a process that may."
    ) from refused

ENVIRONMENT = "GENOMICS_COMPILED"
ENGINE = Path(__file__).with_name("queueing_engine.py")


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as machine code, put into each that calls it."""
    return _made(function, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def compiled_apart(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a function that is called at most once a day: compiled once, and called."""
    return _made(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def compiled_to_call(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a function that Python calls; it leaves Python's other threads free to run."""
    return _made(function, nogil=True)


def _made(function: Callable[..., Any], **options: bool) -> Callable[..., Any]:
    """None of it makes arrays, so it need not count who holds them (`_nrt`), which took most of the time."""
    make = numba.njit(_nrt=False, error_model="numpy", cache=KEPT_IN is not None, **options)
    return cast(Callable[..., Any], make(function))


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
