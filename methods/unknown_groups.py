"""What can be said of groups when some people's group is unknown.

A band runs from `lowest` to `highest`: what the figure would be if those of unknown group were placed so as to make it
as low, or as high, as it can be. Everything in between can be reached, nothing beyond, so the band is no matter of
chance and no number of people makes it narrower: only recording does. `lower` and `upper` add chance to it: the lower
confidence limit of the lowest figure and the upper limit of the highest.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import polars as pl

from methods.proportions import newcombe_difference, score_ratio, wilson_interval
from methods.rates import rate_difference_interval, rate_interval, rate_ratio_interval
from methods.reasons import reason

#: The fields of a band. `value` is the figure among those of known group alone, as if the others were like them.
BAND_FIELDS = ("value", "lowest", "highest", "lower", "upper", "method", "reason")

#: A share of those of unknown group: the same for all rows, or a column.
Share = float | pl.Expr
Faults = list[tuple[pl.Expr, str]]
#: From a numerator, a denominator and those of another group, a struct of `methods.estimates.FIELDS`.
Comparison = Callable[[pl.Expr, pl.Expr, pl.Expr, pl.Expr], pl.Expr]

#: How far shares that should fit, and numbers of people, may be apart by rounding.
ROUNDING = 1e-6


def share_band(
    count: pl.Expr,
    known: pl.Expr,
    unknown: pl.Expr,
    least: Share = 0.0,
    most: Share = 1.0,
    confidence: float = 0.95,
) -> pl.Expr:
    """A group's share of everybody, with none to all of those of unknown group in it.

    count: people recorded in the group; known: people of any recorded group; unknown: people without one. With 30 of
    80 recorded in the group and 20 unknown the value is 30/80 = 37.5%, the lowest share 30/100 and the highest 50/100.
    least, most: shares of those of unknown group that may belong to this one, between 0 and 1. Left out, the band holds
    whatever is true. Limits from a census (`tightened_limits`) narrow it by an assumption, that those of unknown group
    are made up about as the population is, which the page should say; the value may then lie outside the band.
    Over a known share of the population this gives the band of a representation ratio.
    Returns a struct of BAND_FIELDS, shares; the limits are Wilson's.

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total, share_out_of_range,
    limits_in_conflict (least above most).
    Source: Manski 1989, Journal of Human Resources 24:343; Horowitz and Manski 1998, Journal of Econometrics 84:37;
    limits of a band, Horowitz and Manski 2000, JASA 95:77, and Wilson 1927, JASA 22:209.
    """
    (least, most), faults = _placeable((least, most))
    value, low, high = (
        wilson_interval(count + placed, total, confidence)
        for placed, total in ((0, known), (least * unknown, known + unknown), (most * unknown, known + unknown))
    )
    return _band(value, low, high, "Bounds, Wilson score", [*_unknown_faults(unknown), *faults])


def rate_band(
    events: pl.Expr,
    population: pl.Expr,
    unknown_events: pl.Expr,
    least: Share = 0.0,
    most: Share = 1.0,
    multiplier: float = 1.0,
    confidence: float = 0.95,
) -> pl.Expr:
    """A group's rate in a population of known size, with none to all of the events of unknown group in it.

    events: those recorded in the group; population: people of the group, from a census; unknown_events: events whose
    group is unknown. With 30 events in 1,000 people and 20 unknown the rate is between 30 and 50 per 1,000. The value,
    from recorded events alone, is the lowest: events are lost from every group's rate when groups are not recorded.
    least, most: as in `share_band`. multiplier: 1,000 gives the rate per 1,000.
    Returns a struct of BAND_FIELDS; the limits are those of `methods.rates.rate_interval`.

    Reasons: missing, not_finite, negative_count, population_not_positive, share_out_of_range, limits_in_conflict.
    Source: as `share_band`, with the limits of `methods.rates.rate_interval`.
    """
    (least, most), faults = _placeable((least, most))
    value, low, high = (
        rate_interval(events + placed, population, multiplier, confidence)
        for placed in (0, least * unknown_events, most * unknown_events)
    )
    return _band(value, low, high, "Bounds, exact Poisson or Byar", [*_unknown_faults(unknown_events), *faults])


def event_share_band(
    events: pl.Expr,
    people: pl.Expr,
    unknown_events: pl.Expr,
    unknown_people: pl.Expr,
    least: Share = 0.0,
    most: Share = 1.0,
    confidence: float = 0.95,
) -> pl.Expr:
    """Share of a group's people who have had an event, with those of unknown group placed at its best and worst.

    events, people: of those recorded in the group; unknown_events, unknown_people: of those of unknown group. The share
    is highest when all unknown with the event belong to the group and none without it, lowest the other way round. With
    6 of 10 recorded and 4 unknown, of whom 1 had the event, it is between 6/13 and 7/11.
    least, most: as in `share_band`, of the unknown people; who among them had the event is left open.
    Returns a struct of BAND_FIELDS, shares; the limits are Wilson's.

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total, share_out_of_range,
    limits_in_conflict.
    Source: as `share_band`.
    """
    (least, most), faults = _placeable((least, most))
    unknown = unknown_events, unknown_people
    (up, up_all), _ = _placed_apart(*unknown, least, most, pl.lit(0.0), pl.lit(1.0))
    _, (down, down_all) = _placed_apart(*unknown, pl.lit(0.0), pl.lit(1.0), least, most)
    value, low, high = (
        wilson_interval(events + x, people + n, confidence) for x, n in ((0, 0), (down, down_all), (up, up_all))
    )
    return _band(value, low, high, "Bounds, Wilson score", [*_unknown_faults(*unknown), *faults])


def event_share_gap_band(
    events: pl.Expr,
    people: pl.Expr,
    other_events: pl.Expr,
    other_people: pl.Expr,
    unknown_events: pl.Expr,
    unknown_people: pl.Expr,
    least: Share = 0.0,
    most: Share = 1.0,
    other_least: Share = 0.0,
    other_most: Share = 1.0,
    confidence: float = 0.95,
) -> pl.Expr:
    """Gap between two groups' shares with an event, first less other, at the worst and best placing of the unknown.

    Counts as in `event_share_band`. least, most, other_least, other_most: shares of the unknown people that may belong
    to the first group and to the other. The bounds are sharp: nobody is placed in both groups. Without limits no two
    wishes clash, since the first group's best takes those with the event and the other's worst those without; with
    limits they can, and the clash is resolved. Limits on third groups act through `tightened_limits`; where those must
    take people too, the band may be somewhat wider than sharp, never narrower.
    With 6 of 10 against 3 of 10 and 4 unknown, 1 of them with the event, the gap is between 6/13 - 4/11 = 10 points and
    7/11 - 3/13 = 41 points: the first group's share is the higher whoever the unknown are.
    Returns a struct of BAND_FIELDS; the limits are Newcombe's.

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total, share_out_of_range,
    limits_in_conflict.
    Source: as `share_band`, with the limits of Newcombe 1998, Statistics in Medicine 17:873.
    """
    return _event_share_pair(
        partial(newcombe_difference, confidence=confidence),
        (events, people, other_events, other_people),
        (unknown_events, unknown_people),
        (least, most, other_least, other_most),
        "Bounds, Newcombe hybrid score",
    )


def event_share_ratio_band(
    events: pl.Expr,
    people: pl.Expr,
    other_events: pl.Expr,
    other_people: pl.Expr,
    unknown_events: pl.Expr,
    unknown_people: pl.Expr,
    least: Share = 0.0,
    most: Share = 1.0,
    other_least: Share = 0.0,
    other_most: Share = 1.0,
    confidence: float = 0.95,
) -> pl.Expr:
    """Ratio of two groups' shares with an event, first over other, at the worst and best placing of the unknown.

    As `event_share_gap_band`, whose example has a ratio between (6/13)/(4/11) = 1.27 and (7/11)/(3/13) = 2.76. Where
    the other group has no recorded events there is no value and no upper end, but there may be a lower one.
    Returns a struct of BAND_FIELDS; the limits are those of `methods.proportions.score_ratio`.

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total, share_out_of_range,
    limits_in_conflict, too_few_points; no_events_to_compare (none recorded in the other group).
    Source: as `share_band`, with the limits of Miettinen and Nurminen 1985, Statistics in Medicine 4:213.
    """
    return _event_share_pair(
        partial(score_ratio, confidence=confidence),
        (events, people, other_events, other_people),
        (unknown_events, unknown_people),
        (least, most, other_least, other_most),
        "Bounds, Miettinen-Nurminen score",
    )


def rate_gap_band(
    events: pl.Expr,
    population: pl.Expr,
    other_events: pl.Expr,
    other_population: pl.Expr,
    unknown_events: pl.Expr,
    least: Share = 0.0,
    most: Share = 1.0,
    other_least: Share = 0.0,
    other_most: Share = 1.0,
    multiplier: float = 1.0,
    confidence: float = 0.95,
) -> pl.Expr:
    """Gap between two groups' rates, first less other, at the worst and best placing of the events of unknown group.

    Counts as in `rate_band`, limits on the placing as in `event_share_gap_band`. With 30 events in 1,000 people against
    20 in 1,000 and 15 unknown, the gap is between 30 - 35 = -5 and 45 - 20 = 25 per 1,000.
    Returns a struct of BAND_FIELDS; the limits are those of `methods.rates.rate_difference_interval`.

    Reasons: missing, not_finite, negative_count, population_not_positive, share_out_of_range, limits_in_conflict.
    Source: as `share_band`, with the limits of Zou and Donner 2008, Statistics in Medicine 27:1693.
    """
    return _rate_pair(
        partial(rate_difference_interval, multiplier=multiplier, confidence=confidence),
        (events, population, other_events, other_population),
        unknown_events,
        (least, most, other_least, other_most),
        "Bounds, limits of both rates",
    )


def rate_ratio_band(
    events: pl.Expr,
    population: pl.Expr,
    other_events: pl.Expr,
    other_population: pl.Expr,
    unknown_events: pl.Expr,
    least: Share = 0.0,
    most: Share = 1.0,
    other_least: Share = 0.0,
    other_most: Share = 1.0,
    confidence: float = 0.95,
) -> pl.Expr:
    """Ratio of two groups' rates, first over other, at the worst and best placing of the events of unknown group.

    As `rate_gap_band`, whose example has a ratio between 30/35 = 0.86 and 45/20 = 2.25. Two groups' shares of one total
    have the ratio of their counts: give both the same population.
    Returns a struct of BAND_FIELDS; the limits are those of `methods.rates.rate_ratio_interval`.

    Reasons: missing, not_finite, negative_count, population_not_positive, share_out_of_range, limits_in_conflict;
    no_events_to_compare (none recorded in the other group).
    Source: as `share_band`, with the limits of Przyborowski and Wilenski 1940, Biometrika 31:313.
    """
    return _rate_pair(
        partial(rate_ratio_interval, confidence=confidence),
        (events, population, other_events, other_population),
        unknown_events,
        (least, most, other_least, other_most),
        "Bounds, exact conditional",
    )


def tightened_limits(least: pl.Expr, most: pl.Expr) -> pl.Expr:
    """The limits on each group's share of the unknown that can be reached, given the limits on all other groups.

    least, most: one row a group, all groups there are; within a part of a table, use it with `.over`. A group's share
    is at least what the others cannot take and at most what they need not: with 50% to 100%, 0% to 20% and 0% to 10%,
    the first group must take at least 100 - 20 - 10 = 70%.
    Returns a struct of least, most and reason, which the bands take as they are.

    Reasons: missing (in any group), share_out_of_range, limits_in_conflict (all groups together must take less than
    everybody, or more).
    Source: de Campos, Huete and Moral 1994, International Journal of Uncertainty, Fuzziness and Knowledge-Based
    Systems 2:167 (reachable probability intervals).
    """
    least, most = least.cast(pl.Float64), most.cast(pl.Float64)
    fault = reason(
        ((least.is_null() | least.is_nan() | most.is_null() | most.is_nan()).any(), "missing"),
        (((least < 0) | (most > 1)).any(), "share_out_of_range"),
        ((least > most).any() | (least.sum() > 1 + ROUNDING) | (most.sum() < 1 - ROUNDING), "limits_in_conflict"),
    )
    sound = fault.is_null()
    return pl.struct(
        pl.when(sound).then(pl.max_horizontal(least, 1 - (most.sum() - most)).clip(0, 1)).alias("least"),
        pl.when(sound).then(pl.min_horizontal(most, 1 - (least.sum() - least)).clip(0, 1)).alias("most"),
        fault.alias("reason"),
    )


def share_tipping_point(count: pl.Expr, known: pl.Expr, unknown: pl.Expr, threshold: Share) -> pl.Expr:
    """How many of those of unknown group would take a group's share of everybody to a threshold.

    Counts as in `share_band`; threshold: a share strictly between 0 and 1, such as the group's share of the population.
    Where the recorded share is below it, those placed in the group; where above, those placed outside it. With 30 of 80
    recorded, 20 unknown and a threshold of 40%, 10 must belong to the group, half of the unknown: 40 of 100.
    Returns a struct: value, the smallest share of the unknown who would have to be so placed, all others being placed
    the other way; placed, how many people that is (not rounded); method, which says where; reason. A small value means
    a conclusion that hangs on few people.

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total, share_out_of_range,
    not_overturned (the threshold is out of reach).
    Source: Hollis 2002, Statistics in Medicine 21:3823; Yan, Lee and Li 2009, Journal of Biopharmaceutical Statistics
    19:1085.
    """
    count, known, unknown, aim = (_number(part) for part in (count, known, unknown, threshold))
    below = count / known <= aim
    needed = aim * (known + unknown) - count
    placed = pl.when(below).then(needed).otherwise(unknown - needed).clip(lower_bound=0)
    method = pl.when(below).then(pl.lit("Placed in the group")).otherwise(pl.lit("Placed outside the group"))
    recorded = wilson_interval(count, known).struct.field("reason")
    return _tipping(placed, unknown, unknown, method, recorded, _tipping_faults(unknown, threshold))


def event_share_tipping_point(
    events: pl.Expr, people: pl.Expr, unknown_events: pl.Expr, unknown_people: pl.Expr, threshold: Share
) -> pl.Expr:
    """How many of those of unknown group would take a group's share with an event to a threshold.

    Counts as in `event_share_band`; threshold: a share strictly between 0 and 1. Below it, unknown people with the
    event are placed in the group; above it, those without. With 6 of 10 recorded and a threshold of 50%, 2 without the
    event must belong to the group: 6 of 12. Nobody else of unknown group is placed in it.
    Returns a struct as `share_tipping_point`.

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total, share_out_of_range,
    not_overturned.
    Source: as `share_tipping_point`.
    """
    x, n, with_event, unknown, aim = (_number(p) for p in (events, people, unknown_events, unknown_people, threshold))
    below = x / n <= aim
    placed = pl.when(below).then((aim * n - x) / (1 - aim)).otherwise(x / aim - n).clip(lower_bound=0)
    there = pl.when(below).then(with_event).otherwise(unknown - with_event)
    method = pl.when(below).then(pl.lit("Placed with the event")).otherwise(pl.lit("Placed without the event"))
    recorded = wilson_interval(x, n).struct.field("reason")
    return _tipping(placed, unknown, there, method, recorded, _tipping_faults(unknown, threshold, with_event))


def event_share_gap_tipping_point(
    events: pl.Expr,
    people: pl.Expr,
    other_events: pl.Expr,
    other_people: pl.Expr,
    unknown_events: pl.Expr,
    unknown_people: pl.Expr,
) -> pl.Expr:
    """How few of those of unknown group could close the gap between two groups' shares with an event.

    Counts as in `event_share_gap_band`. The gap closes fastest when people without the event are placed in the group
    with the higher share and people with it in the other; the two are weighed so that the fewest are needed, and the
    rest belong to neither group. With 6 of 10 against 3 of 10, 2.48 people without the event and 3.48 with it do:
    6/12.48 = 6.48/13.48 = 48%.
    Returns a struct as `share_tipping_point`.

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total, not_overturned.
    Source: as `share_tipping_point`; the fewest people in closed form, checked against a search.
    """
    counts = (events, people, other_events, other_people, unknown_events, unknown_people)
    x, n, y, m, with_event, unknown = (_number(part) for part in counts)
    first_higher = x * m >= y * n
    high, high_all = pl.when(first_higher).then(x).otherwise(y), pl.when(first_higher).then(n).otherwise(m)
    low, low_all = pl.when(first_higher).then(y).otherwise(x), pl.when(first_higher).then(m).otherwise(n)
    # With w people without the event in the higher group, recorded and placed, high * low_without / w - low people with
    # the event close the gap; the sum of the two is convex in w and lowest at the square root.
    low_without = low_all - low
    product = high * low_without
    fewest = pl.max_horizontal(high_all - high, product / (low + with_event))
    enough = pl.min_horizontal(high_all - high + unknown - with_event, pl.when(low > 0).then(product / low))
    without = pl.max_horizontal(fewest, pl.min_horizontal(product.sqrt(), enough))
    added = pl.when(product > 0).then(product / without - low).otherwise(-low).clip(lower_bound=0)
    placed = pl.when(x * m == y * n).then(0.0).otherwise(without - (high_all - high) + added)
    placed = pl.when((fewest <= enough + ROUNDING) | (placed == 0)).then(placed).otherwise(float("inf"))
    recorded = pl.coalesce(wilson_interval(*pair).struct.field("reason") for pair in ((x, n), (y, m)))
    method = "Placed without the event in the higher group, with it in the other"
    return _tipping(placed, unknown, unknown, pl.lit(method), recorded, _unknown_faults(with_event, unknown))


def rate_gap_tipping_point(
    events: pl.Expr, population: pl.Expr, other_events: pl.Expr, other_population: pl.Expr, unknown_events: pl.Expr
) -> pl.Expr:
    """How many events of unknown group, placed in the group with the lower rate, would close the gap between two rates.

    Counts as in `rate_gap_band`. With 30 events in 1,000 people against 20 in 1,000 and 15 unknown, 10 of them: two in
    three. Returns a struct as `share_tipping_point`, of events.

    Reasons: missing, not_finite, negative_count, population_not_positive, not_overturned.
    Source: as `share_tipping_point`.
    """
    x, n, y, m, unknown = (
        _number(part) for part in (events, population, other_events, other_population, unknown_events)
    )
    placed = pl.when(x * m >= y * n).then(x * m / n - y).otherwise(y * n / m - x).clip(lower_bound=0)
    recorded = pl.coalesce(rate_interval(*pair).struct.field("reason") for pair in ((x, n), (y, m)))
    method = pl.lit("Placed in the group with the lower rate")
    return _tipping(placed, unknown, unknown, method, recorded, _unknown_faults(unknown))


def _event_share_pair(
    compare: Comparison,
    counts: tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr],
    unknown: tuple[pl.Expr, pl.Expr],
    limits: tuple[Share, Share, Share, Share],
    method: str,
) -> pl.Expr:
    """The band of a comparison of shares with an event that rises with the first group's and falls with the other's."""
    events, people, other_events, other_people = counts
    (least, most, other_least, other_most), faults = _placeable(limits)
    (up, up_all), (down, down_all) = _placed_apart(*unknown, least, most, other_least, other_most)
    high = compare(events + up, people + up_all, other_events + down, other_people + down_all)
    (up, up_all), (down, down_all) = _placed_apart(*unknown, other_least, other_most, least, most)
    low = compare(events + down, people + down_all, other_events + up, other_people + up_all)
    return _band(compare(*counts), low, high, method, [*_unknown_faults(*unknown), *faults])


def _rate_pair(
    compare: Comparison,
    counts: tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr],
    unknown: pl.Expr,
    limits: tuple[Share, Share, Share, Share],
    method: str,
) -> pl.Expr:
    """The band of a comparison of rates that rises with the first group's and falls with the other's."""
    events, population, other_events, other_population = counts
    (least, most, other_least, other_most), faults = _placeable(limits)

    def placed(share: pl.Expr, other_share: pl.Expr) -> pl.Expr:
        return compare(events + share * unknown, population, other_events + other_share * unknown, other_population)

    high = placed(pl.min_horizontal(most, 1 - other_least), other_least)
    low = placed(least, pl.min_horizontal(other_most, 1 - least))
    return _band(compare(*counts), low, high, method, [*_unknown_faults(unknown), *faults])


def _placed_apart(
    events: pl.Expr, people: pl.Expr, least: pl.Expr, most: pl.Expr, other_least: pl.Expr, other_most: pl.Expr
) -> tuple[tuple[pl.Expr, pl.Expr], tuple[pl.Expr, pl.Expr]]:
    """Events and people placed in a group to raise its share with an event, and in another to lower its own.

    A group that must take more than there are of the kind that it wants takes the rest of the other kind, and no more.
    """
    without = people - events
    raised_without = (least * people - events).clip(lower_bound=0)
    lowered_events = (other_least * people - without).clip(lower_bound=0)
    raised_events = pl.min_horizontal(most * people - raised_without, events - lowered_events)
    lowered_without = pl.min_horizontal(other_most * people - lowered_events, without - raised_without)
    return (raised_events, raised_events + raised_without), (lowered_events, lowered_events + lowered_without)


def _band(value: pl.Expr, low: pl.Expr, high: pl.Expr, method: str, faults: Faults) -> pl.Expr:
    """A struct of BAND_FIELDS from the answers as recorded and at both ends; nothing where there is a fault.

    A ratio to no recorded events is none: once some are placed there, it has a lower end.
    """
    recorded = value.struct.field("reason")
    fault = pl.coalesce(reason(*faults), pl.when(recorded != "no_events_to_compare").then(recorded))
    parts = {
        "value": value.struct.field("value"),
        "lowest": low.struct.field("value"),
        "highest": high.struct.field("value"),
        "lower": low.struct.field("lower"),
        "upper": high.struct.field("upper"),
    }
    return pl.struct(
        *(pl.when(fault.is_null()).then(part).alias(name) for name, part in parts.items()),
        pl.lit(method).alias("method"),
        pl.coalesce(fault, recorded).alias("reason"),
    )


def _tipping(
    placed: pl.Expr, unknown: pl.Expr, there: pl.Expr, method: pl.Expr, recorded: pl.Expr, faults: Faults
) -> pl.Expr:
    """A struct of value, placed, method and reason. there: how many can be so placed, which may be just enough."""
    fault = pl.coalesce(reason(*faults), recorded, reason((placed > there + ROUNDING, "not_overturned")))
    placed = pl.min_horizontal(placed, there)
    share = pl.when(placed <= 0).then(0.0).otherwise(placed / unknown).clip(upper_bound=1)
    return pl.struct(
        pl.when(fault.is_null()).then(share).alias("value"),
        pl.when(fault.is_null()).then(placed).alias("placed"),
        method.alias("method"),
        fault.alias("reason"),
    )


def _placeable(limits: tuple[Share, ...]) -> tuple[list[pl.Expr], Faults]:
    """Least and most of one group or of two, as columns, and what is wrong with them in a row."""
    if all(isinstance(limit, int | float) for limit in limits):
        pairs = list(zip(limits[::2], limits[1::2], strict=True))
        if any(not 0 <= least <= most <= 1 for least, most in pairs) or sum(least for least, _ in pairs) > 1:
            raise ValueError(f"least and most are shares, least not above most and not above one in all, not {limits}")
    shares = [_number(limit) for limit in limits]
    pairs_of_columns = list(zip(shares[::2], shares[1::2], strict=True))
    faults: Faults = [(_unusable(*shares), "missing")]
    faults += [((least < 0) | (most > 1), "share_out_of_range") for least, most in pairs_of_columns]
    faults += [(least > most + ROUNDING, "limits_in_conflict") for least, most in pairs_of_columns]
    faults.append((pl.sum_horizontal(shares[::2]) > 1 + ROUNDING, "limits_in_conflict"))
    return shares, faults


def _unknown_faults(*counts: pl.Expr) -> Faults:
    """What is wrong with counts of unknown group: of people or events, or of events and then people."""
    numbers = [_number(count) for count in counts]
    return [
        (_unusable(*numbers), "missing"),
        (pl.any_horizontal(number.is_infinite() for number in numbers), "not_finite"),
        (pl.any_horizontal(number < 0 for number in numbers), "negative_count"),
        (numbers[0] > numbers[-1], "count_above_total"),
    ]


def _tipping_faults(unknown: pl.Expr, threshold: Share, events: pl.Expr | None = None) -> Faults:
    if isinstance(threshold, int | float) and not 0 < threshold < 1:
        raise ValueError(f"threshold is a share strictly between 0 and 1, not {threshold}")
    aim = _number(threshold)
    counts = (unknown,) if events is None else (events, unknown)
    faults: Faults = [(_unusable(aim), "missing"), ((aim <= 0) | (aim >= 1), "share_out_of_range")]
    return [*_unknown_faults(*counts), *faults]


def _unusable(*numbers: pl.Expr) -> pl.Expr:
    return pl.any_horizontal(number.is_null() | number.is_nan() for number in numbers)


def _number(part: Share) -> pl.Expr:
    return (part if isinstance(part, pl.Expr) else pl.lit(float(part))).cast(pl.Float64)
