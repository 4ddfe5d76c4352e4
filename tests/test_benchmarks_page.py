"""docs/benchmarks.md is what `make bench` writes: nothing in it would be lost by running that again."""

from __future__ import annotations

import re

from benchmarks.__main__ import MEASURED, PAGE

HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


def test_the_page_has_every_section_that_was_measured_and_no_other() -> None:
    page = PAGE.read_text(encoding="utf-8")
    measured = [path.read_text(encoding="utf-8") for path in sorted(MEASURED.glob("*.md"))]
    assert [part[:60] for part in measured if part not in page] == []
    assert HEADING.findall(page) == ["Statistics", *(name for part in measured for name in HEADING.findall(part))]
