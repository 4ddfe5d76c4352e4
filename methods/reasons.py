"""Why a method gives no answer, or only part of one: a code for programs and a sentence for readers."""

from __future__ import annotations

import polars as pl

REASONS = {
    # What was given cannot be used.
    "missing": "A number that is needed is missing.",
    "not_finite": "A number that is needed is not finite.",
    "negative_count": "A count is below nought.",
    "count_above_total": "A count is above the total that it is part of.",
    "total_not_positive": "The total is nought or below.",
    "not_positive": "A number that must be above nought is not.",
    "population_not_positive": "A population is nought or below.",
    "weight_not_usable": "Weights are below nought, or they are all nought.",
    "repeated_key": "The same age band, group or point was given twice.",
    "unequal_bands": "The rows of one age band differ in their population or weight.",
    "share_out_of_range": "A share is below nought or above one.",
    "outside_range": "A value lies outside the range in which the method is defined, as nought where logs are taken.",
    "error_not_usable": "A standard error is below nought, or a lower limit is above its upper limit.",
    "not_whole_counts": "Whole counts are needed, and some are not whole.",
    "limits_in_conflict": "The limits given cannot all hold.",
    "no_better_than_chance": "Sensitivity and specificity add up to one or less, so the record tells nothing.",
    "correction_out_of_range": "The error rates do not fit: a corrected number would be below nought or above all.",
    # What was given is sound, but there is too little of it.
    "too_few_events": "Fewer events than the method needs.",
    "too_few_groups": "Fewer groups than the method needs.",
    "too_few_points": "Fewer points than the method needs.",
    "no_events_to_compare": "There are no events to compare with.",
    "no_variation": "All points are the same, so there is nothing to judge by.",
    "too_many_unchanged": "Most points equal the one before, so limits made of their steps would be too narrow.",
    # The answer does not exist.
    "not_reached": "The share is not reached while people are watched.",
    "limit_not_reached": "A limit is not reached while people are watched.",
    "beyond_follow_up": "Nobody was watched for so long.",
    "in_open_band": "It lies in the last band, which has no end.",
    "no_limits": "The estimate has no limits of this kind here.",
    "average_at_edge": "The average is nought or one, so that nothing can differ from it.",
    "denominator_is_zero": "What it is divided by is nought.",
    "queue_grows": "More arrives than can be served, so the queue grows without end.",
    "not_overturned": "Nothing that the unknown could be would overturn it.",
}

#: The type of a column of codes; a code that is not in REASONS is refused when the column is made.
REASON = pl.Enum(list(REASONS))


def reason(*faults: tuple[pl.Expr, str]) -> pl.Expr:
    """The code of the first fault that holds in a row, null where none does; a null condition does not hold.

    faults: pairs of a condition and its code, the gravest first. Returns a column of type REASON.
    """
    found = pl.lit(None, REASON)
    for condition, code in reversed(faults):
        found = pl.when(condition).then(pl.lit(code, REASON)).otherwise(found)
    return found
