"""Settings of the build that a deployment may change, with the reason for each; they stand in every manifest."""

from __future__ import annotations

import os

from pipelines.errors import PipelineError

#: Memory that the build's database may use before it spills to disk.
MEMORY_LIMIT = "6GB"
THREADS = 2

#: Day of the month by which the month before is to be submitted.
SUBMISSION_DUE_DAY = 15

#: The newest months stay provisional, because laboratories send them again as results are corrected.
PROVISIONAL_MONTHS = 1

#: A figure's quality is fair, and poor, where trouble of a kind bears on more than these shares of its requests.
#: Missing rows: a laboratory's month is 6% to 50% of a month's requests, and 1% to 4% of a year's.
MISSING_FAIR, MISSING_POOR = 0.01, 0.10
#: Late or outdated rows: the figure is whole, so more of it may be touched before it misleads.
LATE_FAIR, LATE_POOR = 0.05, 0.25
#: Rows returned as unusable: they are rarely a chance part of all, so few of them can move a figure.
RETURNED_FAIR, RETURNED_POOR = 0.01, 0.05
#: Rows that fail a check: each still counts, and may be right.
ISSUES_FAIR, ISSUES_POOR = 0.02, 0.10

#: What a month that came late weighs, once it is there: the figure is whole now, and was published without it before.
#: At a fifth, late months alone never make a figure poor.
LATE_WEIGHS = 0.2

#: What a doubt about a whole submission weighs (an unusual volume, a check that could not be made): its rows may all be
#: right, so a single doubt is above ISSUES_FAIR for the submission and far below ISSUES_POOR.
DOUBT_WEIGHS = 0.03

#: Share of people with a recorded ethnic group under which gaps between groups are not shown: health boards ranged from
#: 31% to 99% in 2022, and under this the missing could turn a gap round.
GAPS_NEED_RECORDED = 0.70

#: Laboratory-months (or other submitters' periods) that a build may leave out because a critical check blames them.
#: One bad file must not take the country's figures down; more than two at once is rather a fault of ours, or of a
#: change that everybody must hear of, and figures without them would mislead.
SET_ASIDE_AT_MOST = 2

#: Share of a month's usual requests that may be missing because what their laboratories sent was set aside, with
#: nothing to use instead. The largest laboratory receives about half of all requests and may be set aside alone; more
#: than this, and the month tells of the laboratories left rather than of Scotland.
SET_ASIDE_SHARE_AT_MOST = 0.60


#: Names how many seconds each attack on a synthetic release may take; a real release is always attacked in full.
ATTACK_ENVIRONMENT = "GENOMICS_ATTACK_SECONDS"


def attack_seconds() -> float | None:
    """The seconds that the environment allows for each attack on a synthetic release; None where it says nothing."""
    said = os.environ.get(ATTACK_ENVIRONMENT)
    try:
        return float(said) if said else None
    except ValueError as error:
        raise PipelineError(f"build: {ATTACK_ENVIRONMENT} is a number of seconds; unset it, or set one") from error


def as_dict() -> dict[str, object]:
    """Every setting by name."""
    return {name.lower(): globals()[name] for name in sorted(globals()) if name.isupper()}
