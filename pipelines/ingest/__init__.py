"""From a file in the inbox to typed rows in the lake, rows returned, and an entry in the register."""

from pipelines.ingest.inbox import ingest

__all__ = ["ingest"]
