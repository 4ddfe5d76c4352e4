"""What every field of every submission must satisfy: recorded well enough, and no worse than its submitter usually."""

from __future__ import annotations

import great_expectations as gx

from expectations import sendings
from expectations.domain import about

STEWARDS = "Laboratory data stewards"

#: The share of a field that may be blank or not recorded in a submission, where figures by that field rest on it, and
#: the months that it takes to fill. Chosen at about twice the largest share in sound extracts of 50 rows or more.
UNKNOWN_AT_MOST = {
    ("testing", "age_band"): (0.05, 0),
    ("testing", "sex"): (0.05, 0),
    ("testing", "simd_decile"): (0.10, 0),
    ("testing", "urban_rural_8"): (0.10, 0),
    ("testing", "residence_board"): (0.05, 0),
    ("testing", "performing_lab"): (0.15, 0),
    ("testing", "sample_type"): (0.05, 0),
    ("testing", "referrer_specialty"): (0.10, 0),
    ("testing", "requested_date"): (0.15, 0),
    ("testing", "interpreter_needed"): (0.20, 0),
    ("turnaround", "standard_code"): (0.10, 0),
    ("turnaround", "collected_date"): (0.10, 0),
    ("turnaround", "dna_extracted_date"): (0.10, 2),
    ("turnaround", "report_visible_date"): (0.15, 6),
    ("outcomes", "result_category"): (0.10, 0),
}

#: Fields that a sound extract fills in only as requests are worked on; they are judged when six months old.
FILL_LATE = {
    "testing": ["sample_outcome", "rejection_reason"],
    "turnaround": [
        "dna_extracted_date",
        "sequenced_date",
        "analysed_date",
        "authorised_date",
        "report_date",
        "report_visible_date",
        "paused_days",
        "pause_reason",
        "clock_start_date",
        "cancelled_date",
    ],
    "outcomes": [
        "followed_to_date",
        "follow_up_status",
        "management_changed",
        "first_action_type",
        "first_action_date",
        "decision_to_treat_date",
        "actionable_variant",
        "matched_therapy_date",
        "relatives_eligible",
        "relatives_tested_12m",
        "research_eligible",
        "research_offered",
        "research_consented",
        "explains_referral",
    ],
}


def suite() -> gx.ExpectationSuite:
    """The checks of dq_fields."""
    return gx.ExpectationSuite("dq_fields", expectations=[*_recorded(), *_sudden_gaps()])


def _recorded() -> list[gx.expectations.Expectation]:
    return [
        sendings.ExpectFieldRecorded(
            extract=extract,
            field=field,
            unknown_at_most=share,
            months_to_fill=months,
            severity="warning",
            meta=about(
                f"{extract}_{field}_recorded",
                "completeness",
                STEWARDS,
                f"2026-11-21: figures by this field leave out what is unknown; {share:.0%} of a month is the most.",
                affects=[f"stg_{extract}"],
                to_do=f"Fill in {field} where it is known, and send the month again.",
            ),
        )
        for (extract, field), (share, months) in UNKNOWN_AT_MOST.items()
    ]


def _sudden_gaps() -> list[gx.expectations.Expectation]:
    return [
        sendings.ExpectNoSuddenGap(
            extract=extract,
            fill_late=late,
            severity="warning",
            meta=about(
                f"{extract}_sudden_gaps",
                "completeness",
                STEWARDS,
                "2026-11-21: a field that is suddenly blank is more often lost on the way than not known; ten points "
                "and four standard errors, so that small months do not alarm.",
                affects=[f"stg_{extract}"],
                to_do="Find where its values are lost on the way, and send the month again.",
            ),
        )
        for extract, late in FILL_LATE.items()
    ]
