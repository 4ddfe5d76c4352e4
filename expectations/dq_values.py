"""What the values of every submission must satisfy: spread as usual, with no default value or single day in the way."""

from __future__ import annotations

import great_expectations as gx

from expectations import sendings
from expectations.domain import about

STEWARDS = "Laboratory data stewards"

#: Fields whose distribution is followed, by extract, with the months that it takes until it can be judged.
FOLLOWED = {
    ("testing", "technology"): 0,
    ("testing", "priority"): 0,
    ("testing", "age_band"): 0,
    ("testing", "sex"): 0,
    ("testing", "simd_decile"): 0,
    ("testing", "sample_type"): 0,
    ("testing", "ethnic_category"): 0,
    ("outcomes", "result_category"): 2,
}

#: Fields in which a system's default value can stand for many, with the months until they can be judged.
WITH_DEFAULTS = {
    ("testing", "age_band"): 0,
    ("testing", "ethnicity_code"): 0,
    ("testing", "residence_board"): 0,
    ("testing", "referrer_specialty"): 0,
    ("testing", "clinical_group"): 0,
    ("turnaround", "standard_code"): 0,
}

#: Dates along the path. Nearly all rows on one day make those that figures rest on unusable.
DAYS = {
    ("testing", "received_date"): True,
    ("testing", "requested_date"): False,
    ("turnaround", "collected_date"): False,
    ("turnaround", "received_date"): True,
    ("turnaround", "authorised_date"): False,
    ("turnaround", "report_date"): True,
}

#: Shares of a submission's dates on one day: suspect, and unusable.
HEAPED, NEARLY_ALL = 0.30, 0.90


def suite() -> gx.ExpectationSuite:
    """The checks of dq_values."""
    return gx.ExpectationSuite("dq_values", expectations=[*_distributions(), *_defaults(), *_days()])


def _distributions() -> list[gx.expectations.Expectation]:
    return [
        sendings.ExpectUsualDistribution(
            extract=extract,
            field=field,
            months_to_fill=months,
            severity="warning",
            meta=about(
                f"{extract}_{field}_as_usual",
                "consistency",
                STEWARDS,
                "2026-11-21: an index above 0.25 is a major shift by the usual rule; sound months of the synthetic "
                "extracts stayed under 0.05 beyond chance.",
                affects=[f"stg_{extract}"],
                to_do=f"Say whether the service or the recording of {field} changed; if recording, send it again.",
            ),
        )
        for (extract, field), months in FOLLOWED.items()
    ]


def _defaults() -> list[gx.expectations.Expectation]:
    return [
        sendings.ExpectNoValueHeaped(
            extract=extract,
            field=field,
            months_to_fill=months,
            severity="warning",
            meta=about(
                f"{extract}_{field}_not_heaped",
                "plausibility",
                STEWARDS,
                "2026-11-21: a value used twice as often as usual, by ten points beyond chance, is more often a "
                "default than a change of people tested.",
                affects=[f"stg_{extract}"],
                to_do=f"See whether a value of {field} was filled in by default, and send the month again.",
            ),
        )
        for (extract, field), months in WITH_DEFAULTS.items()
    ]


def _days() -> list[gx.expectations.Expectation]:
    checks = []
    for (extract, field), is_key in DAYS.items():
        checks.append(
            sendings.ExpectNoDayHeaped(
                extract=extract,
                field=field,
                share=HEAPED,
                below=NEARLY_ALL if is_key else 1.01,
                severity="warning",
                meta=about(
                    f"{extract}_{field}_not_heaped",
                    "plausibility",
                    STEWARDS,
                    "2026-11-21: the busiest day of a sound synthetic month held at most 24% of the dates.",
                    affects=[f"stg_{extract}"],
                    to_do=f"See whether {field} holds the day of entry or of a migration; send the true days.",
                ),
            )
        )
        if is_key:
            checks.append(
                sendings.ExpectNoDayHeaped(
                    extract=extract,
                    field=field,
                    share=NEARLY_ALL,
                    times=0.0,
                    severity="critical",
                    meta=about(
                        f"{extract}_{field}_differs",
                        "plausibility",
                        STEWARDS,
                        "2026-11-21: with one day in nearly all rows no wait of this month can be told.",
                        affects=[f"stg_{extract}"],
                        to_do=f"Send the month again with the true days in {field}.",
                    ),
                )
            )
    return checks
