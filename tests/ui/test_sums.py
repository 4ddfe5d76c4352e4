"""Sums of protected counts: the range holds the true sum, tells no more than its parts, and is never exact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.sums import HIDDEN, NOTHING, Range, Rounding, added, stands_for, sum_of

RELEASES = st.builds(Rounding, st.integers(2, 10), st.integers(5, 20))
COUNTS = st.lists(st.tuples(st.integers(0, 3_000), st.booleans(), st.booleans()), max_size=12)


def _shown(count: int, up: bool, hidden_as_well: bool, rounding: Rounding) -> int | None:
    """A count as the build shows it: hidden when small, or though it is large; else up or down to a multiple."""
    if count < rounding.hidden_under or hidden_as_well:
        return None
    down = count // rounding.to * rounding.to
    return down if count == down or not up else down + rounding.to


@given(COUNTS, RELEASES)
def test_the_range_always_holds_the_true_sum(counts, rounding):
    shown = [_shown(*each, rounding) for each in counts]
    assert sum_of(shown, rounding).holds(sum(count for count, _, _ in counts))


@given(COUNTS, COUNTS, RELEASES)
def test_the_range_of_two_parts_shown_as_their_sum_holds_the_true_sum(ins, outs, rounding):
    pairs = list(zip(ins, outs, strict=False))
    shown = [(_shown(*a, rounding), _shown(*b, rounding)) for a, b in pairs]
    whole = [None if a is None or b is None else a + b for a, b in shown]
    assert sum_of(whole, rounding, roundings=2).holds(sum(a[0] + b[0] for a, b in pairs))


@given(COUNTS, COUNTS, RELEASES)
def test_more_places_never_come_to_less(counts, more, rounding):
    few = sum_of([_shown(*each, rounding) for each in counts], rounding)
    many = sum_of([_shown(*each, rounding) for each in [*counts, *more]], rounding)
    assert many.least >= few.least
    assert many.most is None or (few.most is not None and many.most >= few.most)


@given(st.lists(st.one_of(st.none(), st.integers(2, 600).map(lambda n: 5 * n)), max_size=10), st.randoms())
def test_the_order_does_not_matter(counts, random):
    mixed = list(counts)
    random.shuffle(mixed)
    rounding = Rounding(5, 10)
    assert sum_of(mixed, rounding) == sum_of(counts, rounding)


@given(
    st.lists(st.integers(2, 600).map(lambda n: 5 * n), max_size=10),
    st.lists(st.integers(2, 600).map(lambda n: 5 * n), max_size=10),
)
def test_a_sum_less_another_tells_a_part_no_better_than_the_part_itself(one, more):
    rounding = Rounding(5, 10)
    both, first, rest = (sum_of(counts, rounding) for counts in ([*one, *more], one, more))
    assert first.most is not None
    assert both.most is not None
    assert rest.most is not None
    assert both.least - first.most <= rest.least
    assert both.most - first.least >= rest.most


@given(st.lists(st.integers(2, 600).map(lambda n: 5 * n), min_size=1, max_size=10))
def test_a_sum_is_never_one_exact_number(counts):
    total = sum_of(counts, Rounding(5, 10))
    assert total.most is not None
    assert total.most - total.least >= 4 * len(counts)


def test_the_ranges_are_those_of_the_rules():
    rounding = Rounding(5, 10)
    assert stands_for(45, rounding) == Range(41, 49)
    assert stands_for(10, rounding) == Range(10, 14)
    assert stands_for(45, rounding, 2) == Range(37, 53)
    assert sum_of([45, None, 20], rounding) == Range(57, None)
    assert sum_of([45, 20], rounding) == Range(57, 73)


def test_a_hidden_count_has_no_upper_end_and_nothing_comes_to_nought():
    assert stands_for(None, Rounding(5, 10)) == HIDDEN == Range(0, None)
    assert added([]) == NOTHING
    assert not NOTHING.holds(1)


@pytest.mark.parametrize(("least", "most"), [(-1, 5), (6, 5)])
def test_what_is_no_range_is_refused(least, most):
    with pytest.raises(ValueError, match="no range"):
        Range(least, most)
