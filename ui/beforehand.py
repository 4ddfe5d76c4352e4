"""What pages show at first is made before readers ask: before a server opens, and for a new release while it is idle.

What is made is kept for every reader (`ui/made_once.py`), as if a viewer had opened the pages. Nobody looks: nothing is
recorded, there is no session and no identity. A release is shown at once, whether this has come to it or not.
"""

from __future__ import annotations

import importlib
import logging
import os
import pkgutil
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import ui
from ui import first_views, identity, turns
from ui.access import Reader, Role, demonstration
from ui.data import Snapshot, StoreError, current_release
from ui.drawing import Drawing
from ui.first_views import Parts

LOG = logging.getLogger(__name__)

#: Where the environment has this as `off`, nothing is made before a reader asks.
ENVIRONMENT = "GENOMICS_PREPARE"
ON, OFF = "on", "off"

#: Seconds between looks at which release is current.
LOOKS_EVERY = 5.0

#: What a page gives when it has no more parts.
NO_MORE = object()

#: Seconds for which no page is made before the next part is: pages of one reader come close together.
QUIET = 0.2

#: Seconds after which the thread looks up from waiting, and that a server which ends gives it to finish a part.
LONGEST, ENDS_WITHIN = 1.0, 3.0


def is_on() -> bool:
    """Whether anything is made before a reader asks."""
    return os.environ.get(ENVIRONMENT, "").strip().lower() != OFF


class Keeper:
    """Makes one part after another of what pages show at first of the release that is current.

    folder: the data folder, of the environment by default. Nothing that goes wrong reaches the caller: the log has it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.stopped = threading.Event()
        self._held = ""
        self._work: Iterator[str] = iter(())

    def make_first_views(self) -> None:
        """Make what every page shows at first, and load what pages are made with."""
        self._held = current_release(self.folder)
        try:
            for module in pkgutil.iter_modules(ui.__path__):
                importlib.import_module(f"ui.{module.name}")
            snapshot = _open(self.folder)
            if snapshot is not None:
                for _ in _first(snapshot):
                    pass
        except Exception:
            LOG.exception("what pages show at first cannot be made")

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Within the block a thread makes the same of each new release, while no page is being made."""
        thread = threading.Thread(target=self.run, name="beforehand", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.stopped.set()
            thread.join(ENDS_WITHIN)

    def run(self) -> None:
        """Until stopped."""
        looked = time.monotonic()
        while not self.stopped.is_set():
            if time.monotonic() - looked >= LOOKS_EVERY:
                looked = time.monotonic()
                self._look()
            try:
                if turns.wait_till_idle(QUIET, LONGEST) and next(self._work, None) is None:
                    self.stopped.wait(LOOKS_EVERY)
            except Exception:
                LOG.exception("nothing more is made before readers ask, until the next release")
                self._work = iter(())

    def _look(self) -> None:
        """Turn to the release that is current, where that is another."""
        name = current_release(self.folder)
        if name != self._held:
            self._held, self._work = name, _all(self.folder)


def _all(folder: Path | None) -> Iterator[str]:
    """First views of the release that is current when the first is made."""
    snapshot = _open(folder)
    if snapshot is not None:
        yield from _first(snapshot)


def _first(snapshot: Snapshot) -> Iterator[str]:
    return _made(first_views.first(snapshot), f"first views of release {snapshot.release.id}")


def _open(folder: Path | None) -> Snapshot | None:
    """The current release as a viewer sees it, whoever that is; None, and why in the log, where none can be shown."""
    reader = Reader("", "", frozenset({Role.VIEWER})) if identity.is_configured() else demonstration()
    try:
        return Snapshot(reader, folder)
    except StoreError as problem:
        LOG.warning("nothing is made before readers ask: %s", problem)
        return None


def _made(pages: Iterable[tuple[str, Parts]], what: str) -> Iterator[str]:
    """Makes a part each time that it is asked for the next, and gives its page; in the log when it begins and ends.

    A page of which a part cannot be made is left, and the others go on; where the store cannot be read, all are left.
    """
    started, count, busy = time.perf_counter(), 0, 0.0
    LOG.info("%s: being made before readers ask", what)
    for page, parts in pages:
        while True:
            began = time.perf_counter()
            try:
                part = next(parts, NO_MORE)
                if part is NO_MORE:
                    break
                draw(part)
            except StoreError as problem:
                LOG.warning("%s: left, since %s cannot be made: %s", what, page, problem)
                return
            except Exception:
                LOG.exception("%s: %s cannot be made before readers ask", what, page)
                break
            count += 1
            busy += time.perf_counter() - began
            yield page
    lasted = time.perf_counter() - started
    LOG.info("%s: %d parts made in %.1f s, of which %.1f s at work", what, count, lasted, busy)


def draw(part: object) -> None:
    """Put the charts of a part together as the browser gets them: that too is kept."""
    for one in part if isinstance(part, (list, tuple)) else (part,):
        figure = getattr(getattr(one, "chart", None), "figure", None)
        if isinstance(figure, Drawing):
            figure.plotly().to_dict()
