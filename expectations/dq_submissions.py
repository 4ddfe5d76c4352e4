"""What the submissions themselves must satisfy: sent in time and again, as large as usual, and no copy of another."""

from __future__ import annotations

from typing import Any

import great_expectations as gx

from expectations import sendings
from expectations.domain import RETURNED, Dimension, about

STEWARDS = {
    "testing": "Laboratory data stewards",
    "turnaround": "Laboratory data stewards",
    "outcomes": "Laboratory data stewards",
    "workforce": "Workforce leads",
    "programme": "Programme office",
}
MONTHLY = ("testing", "turnaround", "outcomes")

#: The share of rows in common that makes a submission a copy of another, and the share that makes it suspect.
COPY, PARTLY = 0.90, 0.30
#: Parts of the usual number of rows: few, next to none, and many.
FEW, NEXT_TO_NONE, MANY = 0.5, 0.1, 2.0
#: Usual rows from which a submission with next to none is set aside.
BIG = 50
#: Months in which outcomes are still coming in, and the part of the usual number that they have at least by then.
OUTCOMES_COMING_IN, FEW_COMING_IN = 2, 0.2


def suite() -> gx.ExpectationSuite:
    """The checks of dq_submissions."""
    checks = [check for extract in STEWARDS for check in _in_time(extract)]
    checks += [check for extract in MONTHLY for check in (*_volume(extract), *_copies(extract), _returned(extract))]
    checks += [_copied_whole("workforce"), _sent_again()]
    return gx.ExpectationSuite("dq_submissions", expectations=checks)


def _about(extract: str, name: str, dimension: Dimension, why: str, to_do: str, same_rows: str = "") -> dict[str, Any]:
    touched = [f"stg_{extract}"]
    return about(
        f"{extract}_{name}", dimension, STEWARDS[extract], why, affects=touched, to_do=to_do, same_rows=same_rows
    )


def _in_time(extract: str) -> list[gx.expectations.Expectation]:
    return [
        sendings.ExpectSubmissionsInTime(
            extract=extract,
            severity="warning",
            meta=_about(
                extract, "late", "timeliness",
                "2026-11-21: due on the 15th of the month after; what came late is known by now, so it is told only.",
                "Agree with the laboratory what held the extract up, and send the next one by the 15th.",
            ),
        ),
        sendings.ExpectNoSubmissionMissing(
            extract=extract,
            severity="warning",
            meta=_about(
                extract, "missing", "timeliness",
                "2026-11-21: due on the 15th of the month after; a month that is missing is missing from every figure.",
                "Send the missing month.",
            ),
        ),
    ]  # fmt: skip


def _sent_again() -> gx.expectations.Expectation:
    return sendings.ExpectOpenRequestsSentAgain(
        extract="turnaround",
        severity="warning",
        meta=_about(
            "turnaround", "sent_again", "timeliness",
            "2026-11-21: extracts are monthly, so one that is 20 days older than the newest missed a sending, and "
            "requests reported since look open still.",
            "Send every month with open requests again, each time.",
        ),
    )  # fmt: skip


def _volume(extract: str) -> list[gx.expectations.Expectation]:
    coming_in = f"months_old < {OUTCOMES_COMING_IN}" if extract == "outcomes" else "FALSE"
    why = (
        "2026-11-21: against the median of the twelve months before. A synthetic laboratory's busiest and quietest "
        "months "
        "lay between 0.64 and 1.5 times it, new services and the pandemic included."
    )
    checks = [
        sendings.ExpectUsualVolume(
            extract=extract,
            at_least=FEW,
            among=f"NOT ({coming_in}) AND (rows_ratio >= {NEXT_TO_NONE} OR typical_rows < {BIG})",
            severity="warning",
            meta=_about(extract, "few_rows", "completeness", why, "Find out what the extract left out; send it again."),
        ),
        sendings.ExpectUsualVolume(
            extract=extract,
            at_least=NEXT_TO_NONE,
            fewest_usual=BIG,
            among=f"NOT ({coming_in})",
            severity="critical",
            meta=_about(
                extract, "hardly_any_rows", "completeness",
                "2026-11-21: under a tenth of the usual rows is a failed extract; figures without it are more honest.",
                "Take the extract again and send it as a higher version.",
            ),
        ),
        sendings.ExpectUsualVolume(
            extract=extract,
            no_more_than=MANY,
            severity="warning",
            meta=_about(
                extract, "many_rows", "plausibility", why,
                "Look for rows sent twice under new numbers, or of other months; confirm a true rise.",
            ),
        ),
    ]  # fmt: skip
    if extract == "outcomes":
        checks.append(
            sendings.ExpectUsualVolume(
                extract=extract,
                at_least=FEW_COMING_IN,
                among=coming_in,
                severity="warning",
                meta=_about(
                    extract, "few_rows_yet", "completeness",
                    "2026-11-21: outcomes of the newest months still come in; the newest synthetic month had 0.39 "
                    "of the usual.",
                    "Find out what the extract left out; send it again.",
                ),
            )
        )  # fmt: skip
    return checks


def _copies(extract: str) -> list[gx.expectations.Expectation]:
    return [
        _copied_whole(extract),
        sendings.ExpectNoCopyOfEarlierPeriod(
            extract=extract,
            share=PARTLY,
            below=COPY,
            severity="warning",
            meta=_about(
                extract, "partly_copied", "uniqueness",
                "2026-11-21: sound synthetic extracts had at most 13% of rows in common with an earlier month, by "
                "chance.",
                "Look for rows of the earlier month in this one; send both again.",
            ),
        ),
    ]  # fmt: skip


def _copied_whole(extract: str) -> gx.expectations.Expectation:
    return sendings.ExpectNoCopyOfEarlierPeriod(
        extract=extract,
        share=COPY,
        severity="critical",
        meta=_about(
            extract, "copied", "uniqueness",
            "2026-11-21: a copy of an earlier period under a new name counts that period twice and tells nothing new.",
            "Send the extract of the period that the name says, as a higher version.",
        ),
    )  # fmt: skip


def _returned(extract: str) -> gx.expectations.Expectation:
    return sendings.ExpectFewRowsReturned(
        extract=extract,
        share=0.05,
        severity="warning",
        meta=_about(
            extract, "rows_returned", "conformance",
            "2026-11-21: above 5% of rows returned a figure's quality is poor; sound synthetic extracts had under 2%.",
            "Work through the file of returned rows, and send the extract again.",
            same_rows=RETURNED,
        ),
    )  # fmt: skip
