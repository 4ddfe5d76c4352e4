"""What the page Outcomes tells: its measures in the order of the page, with the words that belong to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PLACE = "residence_board"

#: Where too many do not say, the share of those that do says little of all.
MOSTLY_UNSAID = 0.5


@dataclass(frozen=True)
class Outcome:
    """One measure of the page.

    says: the finding of its share, with a place for the value. of, whether: of what it is told, and what, where it is
    not recorded. bands: the outcome, the other, and what is not recorded, as charts name them. unsaid: the measure that
    counts for how many it is recorded; within: it counts the very reports of the measure, so that those without a
    record are among its others. hint: what a reader must know of the chart.
    """

    name: str
    indicator: str
    short: str
    says: str
    bands: tuple[str, str, str]
    of: str
    whether: str = ""
    unsaid: str = ""
    within: bool = False
    apart: bool = False
    hint: str = ""


YIELD = Outcome(
    "yield", "diagnostic_yield", "Diagnostic yield", "{value} of results explain the referral",
    ("Explains the referral", "Does not", "Does not say"),
    "diagnostic results", "whether they explain the referral", "explanation_recorded",
    hint="Yield follows who is referred and what was tested before; no laboratory is compared by it.",
)  # fmt: skip

OUTCOMES = (
    Outcome(
        "care", "care_changed_by_180_days", "Care changed", "Care was changed after {value} of reports that say",
        ("Care changed", "Not changed", "Not recorded"),
        "reports 180 days old", "whether care changed", "care_change_recorded",
        hint="Care changes more often after some tests than after others.",
    ),
    Outcome(
        "urgent", "urgent_result_changed_care", "Urgent results of children that changed care",
        "{value} of urgent results of children changed care, of those that say",
        ("Care changed", "Not changed", "Not recorded"),
        "urgent reports of children", "whether care changed", "urgent_care_change_recorded",
        hint="Newborn and acutely unwell children. The newest reports had less time to be followed up.",
    ),
    Outcome(
        "acted", "acted_on_in_90_days", "Acted on within 90 days",
        "{value} of actionable reports were acted on within 90 days",
        ("Acted on by day 90", "No action recorded by then", ""), "actionable reports",
        hint="An action that nobody recorded cannot be told from none.",
    ),
    Outcome(
        "therapy", "actionable_to_therapy", "Matched therapy or trial",
        "{value} of actionable variants led to matched therapy or a trial within 183 days",
        ("Therapy or trial", "None recorded by then", ""), "actionable variants",
        hint="A therapy not recorded cannot be told from none, and not every variant is to be acted on at once.",
    ),
    Outcome(
        "cascade", "cascade_uptake", "Relatives tested within a year",
        "{value} of eligible relatives were tested within a year",
        ("Tested", "Not tested", "Relatives not recorded"),
        "reports of a pathogenic variant", "how many relatives could be tested and were", "relatives_recorded",
        apart=True, hint="Not to be tested is a free choice. Those not recorded are counted in reports.",
    ),
    Outcome(
        "treatment", "result_before_treatment", "Cancer results before the decision to treat",
        "{value} of cancer results were back by the decision to treat",
        ("Back in time", "Later", "No day of a decision"),
        "cancer reports 180 days old", "the day of a decision to treat", "treatment_decision_recorded", apart=True,
        hint="Counted 180 days after the decision, or late ones would be missing. Not every report has a decision.",
    ),
    Outcome(
        "recontact", "recontacted", "People told of a reclassified variant",
        "{value} of people with a reclassified variant were contacted within 60 days",
        ("Contacted within 60 days", "No contact recorded by then", ""), "reclassified variants",
        hint="Some reclassifications change nothing for the person; a contact not recorded cannot be told from none.",
    ),
    Outcome(
        "resolved", "uncertain_results_resolved", "Uncertain results resolved",
        "{value} of uncertain results were resolved within two years",
        ("Reclassified within two years", "Not reclassified by then", ""), "uncertain results",
        hint="A result without a day of reclassification is taken as not yet reclassified.",
    ),
    Outcome(
        "offer", "research_offered", "Research offered", "Research was offered to {value} of people eligible",
        ("Offered", "Not offered", "Not recorded"),
        "reports of people eligible for research", "whether research was offered", "research_offer_recorded",
    ),
    Outcome(
        "consent", "research_consented", "Research consented to", "{value} of people offered research consented",
        ("Consented", "Declined", "No answer recorded"),
        "offers of research", "whether the person consented", "research_consent_recorded",
        hint="To decline is a free choice and no failing of anybody.",
    ),
    Outcome(
        "visible", "report_visible_next_day", "Reports visible in the record",
        "{value} of reports were visible in the record on their day or the next",
        ("Visible the next day", "Later", "No day recorded"),
        "reports", "the day of becoming visible", "visible_day_recorded", within=True,
        hint="A report without a day counts as not visible the next day.",
    ),
)  # fmt: skip
BY_NAME = {outcome.name: outcome for outcome in (YIELD, *OUTCOMES)}

#: Days to the first action: no share, so it has a section of its own.
ACTION = "report_to_action_days"

#: Sections in the order of the page, under the headings that readers look for.
ORDER: tuple[str, ...] = (
    "yield", "care", "urgent", "action", "acted", "therapy", "cascade", "treatment", "recontact", "resolved", "offer",
    "consent", "visible",
)  # fmt: skip

View = Literal["", "residence_board", "technology", "clinical_group", "test_purpose", "directory"]

#: Ways to spread the sections. Laboratories are none of them: outcomes are never compared between laboratories.
#: Labels are part of the address of the page, so they are never renamed.
VIEWS: dict[View, str] = {
    "": "Over time",
    "residence_board": "By board of residence",
    "technology": "By technology",
    "clinical_group": "By clinical group",
    "test_purpose": "By purpose of the test",
    "directory": "By directory",
}
