"""Text as it is, in places that read Markdown."""

from __future__ import annotations

import re

#: What Markdown would read as more than a letter.
MARKS = re.compile(r"([\\`*_\[\]<>$~|#!:])")


def literal(text: str) -> str:
    """A text that is shown as it is: what a reader typed into an address is never read as Markdown."""
    return MARKS.sub(r"\\\1", text)
