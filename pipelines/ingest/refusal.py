"""The refusal of a whole submission, in words that hold no data value."""

from __future__ import annotations

from collections.abc import Mapping


class RefusedError(Exception):
    """Why nothing of a submission can be used and what to do about it.

    rows_read, reasons: where its rows were judged, how many there were, and how many failed by reason code.
    """

    def __init__(self, because: str, rows_read: int = 0, reasons: Mapping[str, int] | None = None) -> None:
        super().__init__(because)
        self.rows_read = rows_read
        self.reasons = dict(reasons or {})
