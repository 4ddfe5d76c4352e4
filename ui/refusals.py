"""Refused attempts on their way to the audit trail: every one of a known reader, a bounded number of strangers'."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque

from ui import audit
from ui.access import Reason, Role

LOG = logging.getLogger(__name__)

#: Strangers' refusals that are recorded in a minute; nobody can fill the disk by asking.
OF_STRANGERS = 60
A_MINUTE = 60.0


class _Recent:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.times: deque[float] = deque(maxlen=OF_STRANGERS)
        self.left_out = 0

    def may_record(self, now: float) -> bool:
        """Whether another stranger's refusal fits into the last minute; counts those that do not."""
        with self.lock:
            if len(self.times) == OF_STRANGERS and now - self.times[0] < A_MINUTE:
                self.left_out += 1
                return False
            if self.left_out:
                LOG.warning("%d refused attempts of nobody known were not recorded one by one", self.left_out)
                self.left_out = 0
            self.times.append(now)
            return True


_RECENT = _Recent()


def record_refusal(reader_key: str, where: str, reason: Reason, needs: Role | None = None) -> None:
    """Records a refusal. reader_key: empty where nobody known asked. where: a page's name or a route."""
    if reader_key or _RECENT.may_record(time.monotonic()):
        audit.record("refused", reader_key, where, {"reason": reason} | ({"needs": needs.value} if needs else {}))
