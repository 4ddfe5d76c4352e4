"""Settings of the build that a deployment may change, with the reason for each; they stand in every manifest."""

from __future__ import annotations

#: Memory that the build's database may use before it spills to disk.
MEMORY_LIMIT = "6GB"
THREADS = 2

#: Day of the month by which the month before is to be submitted.
SUBMISSION_DUE_DAY = 15

#: The newest months stay provisional, because laboratories send them again as results are corrected.
PROVISIONAL_MONTHS = 1

#: Shares of returned rows above which a figure's quality is fair, and poor.
RETURNED_FAIR, RETURNED_POOR = 0.01, 0.05


def as_dict() -> dict[str, object]:
    """Every setting by name."""
    return {name.lower(): globals()[name] for name in sorted(globals()) if name.isupper()}
