"""What the staged testing extract must satisfy."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from catalogue.contracts import extract_contracts
from expectations.domain import ExpectDaysBetween, ExpectNoRows, ExpectRecordedInEachGroup, about
from expectations.from_contract import contract_expectations, no_identifiers
from expectations.groups import ExpectOneValueForEach

LABORATORIES = "Laboratory data stewards"
STEWARDS = "Health boards' equity leads"
DIRECTORY = "Keepers of the test directory"

#: Codes of an ethnic group, as against declined and not known; others are not in the list.
VALID = "SELECT code FROM ref_ethnicity_codes WHERE status <> 'missing'"
BOTH_VALID = f"ethnicity_code IN ({VALID}) AND ethnicity_code_linked IN ({VALID})"
SAME_CATEGORY = (
    "(ethnicity_code, ethnicity_code_linked) IN (SELECT told.code, linked.code FROM ref_ethnicity_codes AS told "
    "INNER JOIN ref_ethnicity_codes AS linked ON told.ethnic_category = linked.ethnic_category)"
)


def suite() -> gx.ExpectationSuite:
    """The checks of stg_testing."""
    contract = extract_contracts()["testing"]
    return gx.ExpectationSuite(
        "stg_testing",
        expectations=[
            *contract_expectations(contract),
            no_identifiers(contract),
            *_requests(),
            *_tests(),
            *_samples(),
            *_people(),
            *_ethnicity(),
        ],
    )


def _requests() -> list[gxe.Expectation]:
    return [
        ExpectDaysBetween(
            start="requested_date",
            end="received_date",
            no_more_than=120,
            at_most=0.0005,
            severity="warning",
            meta=about(
                "days_to_receipt",
                "plausibility",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts requests took 35 days at most to arrive; four months are "
                "more often a mistyped year.",
                to_do="Look up the day of the request for the rows named, and send the month again.",
            ),
        ),
        ExpectNoRows(
            condition="(request_status = 'rejected') <> (rejection_reason IS NOT NULL)",
            says="A reason for rejection is given for rejected requests, and for no others.",
            severity="warning",
            meta=about(
                "rejection_reason",
                "consistency",
                LABORATORIES,
                "2026-11-22: a reason without a rejection shows that one of the two fields was not updated.",
                to_do="Correct status or reason, and send the month again.",
            ),
        ),
        ExpectNoRows(
            condition="request_status = 'rejected' AND first_pass_accepted = 'yes'",
            says="No rejected request was accepted at first.",
            severity="warning",
            meta=about(
                "rejected_not_accepted",
                "consistency",
                LABORATORIES,
                "2026-11-22: both cannot be so.",
                to_do="Correct status or first acceptance, and send the month again.",
            ),
        ),
    ]


def _tests() -> list[gxe.Expectation]:
    one_each = {
        "directory": "A test code belongs to one directory.",
        "technology": "A test code stands for one technology, but for 2% of rows.",
    }
    return [
        *(
            ExpectOneValueForEach(
                key="test_code",
                column=column,
                says=says,
                at_most=0.0 if column == "directory" else 0.02,
                severity="warning",
                meta=about(
                    f"test_code_{column}",
                    "conformance",
                    DIRECTORY,
                    "2026-11-22: no list of test codes by version is published, so rows are judged against the usual.",
                    to_do="Compare the test code with the directory in force on the day of receipt.",
                ),
            )
            for column, says in one_each.items()
        ),
        ExpectNoRows(
            condition="origin = 'somatic' AND directory = 'rare'",
            says="No test of the rare disease directory looks for somatic variants.",
            severity="warning",
            meta=about(
                "origin_of_directory",
                "consistency",
                LABORATORIES,
                "2026-11-22: rare disease tests are germline.",
                to_do="Correct origin or directory, and send the month again.",
            ),
        ),
        ExpectNoRows(
            condition="genes_tested < 100",
            among="technology IN ('clinical_exome', 'trio_wes', 'wgs') AND genes_tested IS NOT NULL",
            says="Exomes and genomes report on 100 genes or more, but for 1% of rows.",
            at_most=0.01,
            severity="warning",
            meta=about(
                "genes_of_large_tests",
                "plausibility",
                LABORATORIES,
                "2026-11-22: the smallest virtual panel of the synthetic extracts had 900 genes; fewer is more "
                "often a panel's count.",
                to_do="Check the technology and the number of genes.",
            ),
        ),
        ExpectNoRows(
            condition="genes_tested > 20",
            among="technology IN ('sanger', 'mlpa', 'southern', 'methylation', 'targeted_pcr') "
            "AND genes_tested IS NOT NULL",
            says="Tests of single genes report on 20 genes at most, but for 1% of rows.",
            at_most=0.01,
            severity="warning",
            meta=about(
                "genes_of_targeted_tests",
                "plausibility",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts six genes was the most.",
                to_do="Check the technology and the number of genes.",
            ),
        ),
    ]


def _samples() -> list[gxe.Expectation]:
    return [
        ExpectNoRows(
            condition="failed_sample_count = 0",
            among="sample_outcome IN ('failed', 'insufficient') AND failed_sample_count IS NOT NULL",
            says="Where the sample failed or was insufficient, a failed sample is counted.",
            severity="warning",
            meta=about(
                "failed_sample_counted",
                "consistency",
                LABORATORIES,
                "2026-11-22: the outcome and the count say the same.",
                affects=["failed_samples"],
                to_do="Correct outcome or count, and send the month again.",
            ),
        ),
        ExpectNoRows(
            condition="failed_sample_count = sample_count",
            among="sample_outcome = 'completed' AND failed_sample_count IS NOT NULL AND sample_count > 0",
            says="Where the sample was completed, not every sample failed.",
            severity="warning",
            meta=about(
                "completed_not_failed",
                "consistency",
                LABORATORIES,
                "2026-11-22: the outcome and the count say the same.",
                affects=["failed_samples"],
                to_do="Correct outcome or count, and send the month again.",
            ),
        ),
        ExpectNoRows(
            condition="sample_outcome = 'pending'",
            among="request_status = 'reported' AND sample_outcome IS NOT NULL",
            says="No reported request has a sample still pending.",
            severity="warning",
            meta=about(
                "reported_not_pending",
                "consistency",
                LABORATORIES,
                "2026-11-22: a report rests on a sample that was finished with.",
                affects=["failed_samples"],
                to_do="Update the sample's outcome, and send the month again.",
            ),
        ),
    ]


def _people() -> list[gxe.Expectation]:
    return [
        ExpectOneValueForEach(
            key="person_id",
            column="sex",
            among="sex IN ('female', 'male')",
            says="A person's sex is the same in every request, but for 1% of rows.",
            at_most=0.01,
            severity="warning",
            meta=about(
                "sex_of_person",
                "agreement",
                LABORATORIES,
                "2026-11-22: a few people's record changes; many show two people under one pseudonym.",
                to_do="Check how the pseudonym was made for the people concerned.",
            ),
        ),
        ExpectNoRows(
            condition="sex = 'male'",
            among="pathway = 'prenatal' AND sex IS NOT NULL",
            says="Prenatal requests name the pregnant person, not a male, but for 0.2% of rows.",
            at_most=0.002,
            severity="warning",
            meta=about(
                "sex_in_prenatal",
                "plausibility",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts there was none; the partner's or the fetus's sex is the "
                "usual reason.",
                to_do="Send the pregnant person's sex and age.",
            ),
        ),
        ExpectNoRows(
            condition="age_band NOT IN ('10-14', '15-19', '20-24', '25-29', '30-34', '35-39', '40-44', '45-49', "
            "'50-54')",
            among="pathway = 'prenatal' AND age_band IS NOT NULL",
            says="Prenatal requests name a person of 10 to 54, but for 0.2% of rows.",
            at_most=0.002,
            severity="warning",
            meta=about(
                "age_in_prenatal",
                "plausibility",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts all were; age 0 to 4 is the usual mistake, for the fetus.",
                to_do="Send the pregnant person's sex and age.",
            ),
        ),
        ExpectNoRows(
            condition="age_band NOT IN ('0-4', '5-9', '10-14', '15-19')",
            among="pathway IN ('neonatal', 'paediatric_acute') AND age_band IS NOT NULL",
            says="Requests for newborns and acutely unwell children name a person under 20, but for 0.5% of rows.",
            at_most=0.005,
            severity="warning",
            meta=about(
                "age_in_childhood",
                "plausibility",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts all were; a parent's age is the usual mistake.",
                to_do="Check pathway and age band.",
            ),
        ),
        ExpectNoRows(
            condition="linked_smr = 'yes' OR linked_cancer_registry = 'yes' OR linked_prescribing = 'yes'",
            among="chi_linked = 'no'",
            says="No record is linked for a person without a valid CHI number behind the pseudonym.",
            severity="warning",
            meta=about(
                "linked_by_chi",
                "consistency",
                "Data linkage team",
                "2026-11-22: linkage goes by CHI number.",
                to_do="Check how the link was made; a link without a CHI number may be to another person.",
            ),
        ),
        ExpectRecordedInEachGroup(
            condition="chi_linked = 'yes'",
            what="The pseudonym was made from a valid CHI number",
            group_by="submission_id",
            group_name="submission",
            at_least=0.90,
            min_rows=50,
            severity="warning",
            meta=about(
                "chi_linked",
                "completeness",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts 98% were; without one, a person's requests cannot be told to "
                "be of one person.",
                to_do="Trace the CHI numbers that are lacking, and send the month again.",
            ),
        ),
    ]


def _ethnicity() -> list[gxe.Expectation]:
    agreement = [
        ExpectRecordedInEachGroup(
            condition=SAME_CATEGORY,
            among=f"{BOTH_VALID} AND {group} IS NOT NULL",
            what="The recorded ethnic group and that of the linked record are of the same broad category",
            group_by=group,
            at_least=0.90,
            severity="warning",
            meta=about(
                f"ethnicity_agrees_by_{group}",
                "agreement",
                STEWARDS,
                "2026-11-22: in the synthetic extracts 98% to 99% agreed; under nine in ten, one of the two is "
                "filled by habit.",
                affects=["ethnicity_recorded"],
                to_do="Ask how ethnic group is recorded, and by whom; ask people themselves.",
            ),
        )
        for group in ("receiving_lab", "residence_board")
    ]
    return [
        *agreement,
        ExpectRecordedInEachGroup(
            condition="ethnicity_code NOT IN (SELECT code FROM ref_ethnicity_codes WHERE status = 'legacy')",
            among=f"ethnicity_code IN ({VALID})",
            what="Ethnic group is coded with a current code",
            group_by="receiving_lab",
            at_least=0.90,
            severity="warning",
            meta=about(
                "ethnicity_code_current",
                "conformance",
                LABORATORIES,
                "2026-11-22: retired codes are mapped, some of them by inference; under 2% of synthetic codes were.",
                affects=["ethnicity_recorded"],
                to_do="Move the laboratory system to the current code list.",
            ),
        ),
        ExpectNoRows(
            condition="ethnicity_source IS NULL",
            among="ethnicity_code IS NOT NULL",
            says="Every ethnicity code tells who supplied it, but for 5% of rows.",
            at_most=0.05,
            severity="warning",
            meta=about(
                "ethnicity_source_told",
                "completeness",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts all did; a group that people gave themselves is worth more "
                "than one that staff supposed.",
                affects=["ethnicity_recorded"],
                to_do="Send who supplied the ethnic group.",
            ),
        ),
        ExpectNoRows(
            condition=f"ethnicity_source = 'not_known' AND ethnicity_code IN ({VALID})",
            says="No ethnic group is given by a source that does not know it.",
            severity="warning",
            meta=about(
                "ethnicity_source_consistent",
                "consistency",
                LABORATORIES,
                "2026-11-22: the source and the code part only by mistake.",
                affects=["ethnicity_recorded"],
                to_do="Correct code or source, and send the month again.",
            ),
        ),
    ]
