"""How ethnic group must be recorded: by board, laboratory, specialty and directory, and whom the record shows.

Declined, not known, not recorded and unmapped codes are four things with four remedies, so each has a limit of its own.
"""

from __future__ import annotations

import great_expectations.expectations as gxe

from expectations.domain import ExpectRecordedInEachGroup, about
from expectations.groups import ExpectDiverseGroups, ExpectGroupsRepresented, ExpectOneValueForEach

STEWARDS = "Health boards' equity leads"
LABORATORIES = "Laboratory data stewards"

#: The newest twelve months: what can still be mended, and enough rows to judge by.
NEWEST_YEAR = "received_date > (SELECT max(received_date) FROM mart_requests) - INTERVAL 1 YEAR"

#: Group of requests to the fewest rows that are judged: specialties are many, so that chance alone would show one.
GROUPS = {"residence_board": 100, "receiving_lab": 100, "directory": 100, "referrer_specialty": 500}

#: Category of what is not an ethnic group: the share that may have it, in words, why, owner and remedy.
MISSING = {
    "not_recorded": (
        0.25,
        "blank",
        "2026-11-22: in the synthetic extracts a fifth was blank; over a quarter, 70% recorded is out of reach.",
        STEWARDS,
        "Make ethnic group a question that every referral asks, with declined as an answer.",
    ),
    "not_known": (
        0.12,
        "said to be not known",
        "2026-11-22: in the synthetic extracts one in twenty was; not known means that nobody asked.",
        STEWARDS,
        "Ask people themselves, at the latest when the sample is taken.",
    ),
    "declined": (
        0.12,
        "declined",
        "2026-11-22: in the synthetic extracts one in thirty declined; more shows the question asked badly, or the "
        "code used for not asked.",
        STEWARDS,
        "Explain why ethnic group is asked for, and check that declined is not used for not asked.",
    ),
    "unmapped": (
        0.02,
        "a code that no list knows",
        "2026-11-21: retired codes are mapped, so few should be left over.",
        LABORATORIES,
        "Move the laboratory system to the current code list.",
    ),
}

#: What the checks of missing groups share, and those of gaps in the field itself: they fail on the same requests, seen
#: by board, laboratory, specialty and directory.
NO_GROUP = "testing.ethnicity_code"

#: People who live outside Scotland: no board of ours could mend their records.
OUTSIDE = "OUTSIDE"

RECORDED_TABLE, RECORDED_GROUP = "mart_population_ethnicity", "ethnic_category"


def ethnicity_expectations() -> list[gxe.Expectation]:
    """The checks of mart_requests on ethnic group."""
    return [*_recorded(), *_missing(), _same_for_a_person(), *_represented(), *_diverse()]


def _recorded() -> list[gxe.Expectation]:
    return [
        ExpectRecordedInEachGroup(
            condition="has_ethnic_group",
            among=_newest(group),
            what="In the newest twelve months ethnic group is recorded",
            group_by=group,
            at_least=0.70,
            min_rows=fewest,
            severity="warning",
            meta=about(
                f"ethnic_group_recorded_by_{group}",
                "completeness",
                STEWARDS,
                "2026-11-21: health boards ranged from 31% to 99% in 2022; under 70% no gap is shown.",
                affects=["ethnicity_recorded"],
                to_do="Ask people whose group is blank or not known, and mend codes that no list knows; those who "
                "declined are counted here and need no repair. The page Ethnicity recording tells which are many.",
                same_rows=NO_GROUP,
            ),
        )
        for group, fewest in GROUPS.items()
    ]


def _missing() -> list[gxe.Expectation]:
    return [
        ExpectRecordedInEachGroup(
            condition=f"ethnic_category <> '{category}'",
            among=_newest(group),
            what=f"In the newest twelve months ethnic group is not {words}",
            group_by=group,
            at_least=1 - at_most,
            min_rows=fewest,
            severity="warning",
            meta=about(
                f"ethnicity_{category}_by_{group}",
                "conformance" if category == "unmapped" else "completeness",
                owner,
                why,
                affects=["ethnicity_recorded", f"ethnicity_{category}"],
                to_do=to_do,
                same_rows=NO_GROUP,
            ),
        )
        for category, (at_most, words, why, owner, to_do) in MISSING.items()
        for group, fewest in GROUPS.items()
    ]


def _newest(group: str) -> str:
    return f"{NEWEST_YEAR} AND {group} NOT IN ('not_recorded', '{OUTSIDE}')"


def _same_for_a_person() -> gxe.Expectation:
    return ExpectOneValueForEach(
        key="person_id",
        column="ethnic_category",
        among="has_ethnic_group",
        says="A person's broad ethnic group is the same in every request, but for 2% of rows.",
        at_most=0.02,
        severity="warning",
        meta=about(
            "ethnicity_of_person",
            "agreement",
            STEWARDS,
            "2026-11-22: in the synthetic extracts nobody's differed; people may change their answer, but few do.",
            affects=["ethnicity_recorded"],
            to_do="Ask how ethnic group is recorded, and by whom; ask people themselves.",
        ),
    )


def _represented() -> list[gxe.Expectation]:
    counted = (
        ("people_tested", "The share of people tested", "has_ethnic_group", "ethnicity_recorded"),
        (
            "variant_deposits",
            "The share of people with a deposited variant",
            "has_ethnic_group AND request_id IN (SELECT request_id FROM stg_outcomes WHERE variants_deposited > 0)",
            "stg_outcomes",
        ),
        (
            "research_consents",
            "The share of people who consented to research",
            "has_ethnic_group AND request_id IN (SELECT request_id FROM stg_outcomes WHERE research_consented = 'yes')",
            "stg_outcomes",
        ),
    )
    return [
        ExpectGroupsRepresented(
            group=RECORDED_GROUP,
            what=what,
            among=among,
            population_table=RECORDED_TABLE,
            at_least=0.67,
            no_more_than=2.0,
            severity="warning",
            meta=about(
                f"groups_represented_in_{name}",
                "plausibility",
                STEWARDS,
                "2026-11-22: in the synthetic extracts ratios ran from 0.76 to 1.35; beyond two thirds or twice, "
                "first suspect the record.",
                affects=[affected],
                to_do="Look at recording first, then at who is referred: a true gap belongs to the strategy, not here.",
            ),
        )
        for name, what, among, affected in counted
    ]


def _diverse() -> list[gxe.Expectation]:
    return [
        ExpectDiverseGroups(
            group="ethnic_group",
            by=by,
            among=f"has_ethnic_group AND {by} <> 'not_recorded'",
            what="The recorded ethnic groups of people tested",
            population_table="ref_population_ethnicity",
            population_by=place,
            at_least=0.50,
            severity="warning",
            meta=about(
                f"diverse_groups_by_{by}",
                "plausibility",
                STEWARDS,
                "2026-11-22: in the synthetic extracts diversity was 0.7 to 1.1 of residents'; half shows one code "
                "for nearly all.",
                affects=["ethnicity_recorded"],
                to_do="Check whether a code is filled in where nobody asked.",
            ),
        )
        for by, place in (("residence_board", "board_code"), ("receiving_lab", ""))
    ]
