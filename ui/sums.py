"""Adding up protected counts: the range that the sum can lie in, told from shown counts alone.

Nothing but shown counts goes in, so nothing can come out that a reader could not work out from the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rounding:
    """How a release protects counts: rounded up or down to a multiple of `to`, hidden under `hidden_under` people."""

    to: int
    hidden_under: int

    @property
    def reach(self) -> int:
        """The furthest that rounding moves a count."""
        return self.to - 1


@dataclass(frozen=True)
class Range:
    """Whole numbers from `least` to `most`; without `most`, whatever is higher too."""

    least: int
    most: int | None

    def __post_init__(self) -> None:
        if self.least < 0 or (self.most is not None and self.most < self.least):
            raise ValueError(f"no range: {self.least} to {self.most}")

    def holds(self, count: int) -> bool:
        """Whether a count lies in the range."""
        return self.least <= count and (self.most is None or count <= self.most)


NOTHING = Range(0, 0)

#: A hidden count may be nought, and has no upper end: it can stand for few people with many requests, or be large and
#: hidden so that a small one cannot be worked out. The release does not tell which.
HIDDEN = Range(0, None)


def stands_for(count: int | None, rounding: Rounding, roundings: int = 1) -> Range:
    """The exact counts that a shown one stands for; None is a hidden one.

    roundings: how many rounded counts it is the sum of, such as the two parts of a share's denominator. Every part
    that is shown stands for as many as are hidden under, or more.
    """
    if count is None:
        return HIDDEN
    reach, least = roundings * rounding.reach, roundings * rounding.hidden_under
    return Range(max(count - reach, least), max(count + reach, least))


def added(ranges: Iterable[Range]) -> Range:
    """The range of the sum of counts that each lie in a range; of no counts, nought."""
    total = NOTHING
    for part in ranges:
        most = None if total.most is None or part.most is None else total.most + part.most
        total = Range(total.least + part.least, most)
    return total


def sum_of(counts: Sequence[int | None], rounding: Rounding, roundings: int = 1) -> Range:
    """The range of the sum of shown counts, None for a hidden one; the places must not overlap."""
    return added(stands_for(count, rounding, roundings) for count in counts)
