"""The planted faults: what is wrong with which submission, how much of it, and the check that must tell, or not yet.

Each kind stands at several magnitudes around the threshold of its check.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.pipelines.quality.planting import Blamed, Change, Fault, Sent

#: A laboratory's month in the middle of the record, old enough to be judged and young enough to have a history.
LAB, MONTH, MONTH_BEFORE, NEWEST = "GLA", "2026-03", "2026-02", "2026-10"
#: The same month by the laboratory that sends least.
SMALL_LAB = "DUN"


#: What else tells that the rows are of another place.
UNLIKE = (
    "dq_values.testing_residence_board_not_heaped", "dq_values.testing_simd_decile_as_usual",
    "dq_fields.testing_sudden_gaps",
)  # fmt: skip
#: The checks of files with next to no sound rows.
HARDLY = {name: f"dq_submissions.{name}_hardly_any_rows" for name in ("testing", "turnaround", "outcomes")}


def blame(sent: Sent) -> Blamed:
    return (sent.extract, sent.submitter, sent.period, None)


def fault(
    name: str,
    dimension: str,
    check: str,
    changes: Change | Iterable[Change],
    alarms: bool,
    also: Iterable[str] = (),
    blames: Iterable[Blamed] | None = None,
) -> Fault:
    """A fault that blames the first submission changed, where nothing else is said."""
    changes = (changes,) if isinstance(changes, Change) else tuple(changes)
    blamed = frozenset(blames) if blames is not None else frozenset({blame(changes[0].sent)})
    return Fault(name, dimension, check, changes, alarms, blamed, frozenset(also))


def here(extract: str, submitter: str = LAB, period: str = MONTH) -> Sent:
    return Sent(extract, submitter, period)


def some(sent: Sent, share: float, among: str = "TRUE") -> str:
    """The condition of a share of the submission's rows, spread over it, the same in every run."""
    return (
        f"rowid IN (SELECT rowid FROM lake_{sent.extract} WHERE submission_id = $here AND ({among}) "
        f"QUALIFY row_number() OVER (ORDER BY hash(source_row), source_row) <= {share} * count(*) OVER ())"
    )


def put(sent: Sent, column: str, value: str, share: float, among: str = "TRUE") -> Change:
    """A share of the rows gets a value, given as SQL."""
    return Change(sent, (f"UPDATE lake_{sent.extract} SET {column} = {value} WHERE {some(sent, share, among)}",))


def blank(sent: Sent, column: str, share: float) -> Change:
    """Exactly a share of the rows is without a value: those that lacked one get the commonest first."""
    table = f"lake_{sent.extract}"
    filled = (
        f"UPDATE {table} SET {column} = (SELECT mode({column}) FROM {table} WHERE submission_id = $here) "
        f"WHERE submission_id = $here AND {column} IS NULL"
    )
    return Change(sent, (filled, f"UPDATE {table} SET {column} = NULL WHERE {some(sent, share)}"))


def lose(sent: Sent, share: float) -> Change:
    """A share of the rows was left out."""
    return Change(sent, (f"DELETE FROM lake_{sent.extract} WHERE {some(sent, share)}",))


def repeat(sent: Sent, share: float) -> Change:
    """A share of the rows stands again, under new numbers of request and person."""
    columns = "'R' || upper(left(md5(request_id), 12)) AS request_id"
    return Change(
        sent,
        (
            f"INSERT INTO lake_{sent.extract} SELECT * REPLACE ({columns}) FROM lake_{sent.extract} "
            f"WHERE {some(sent, share)}",
        ),
    )


DATES = {
    "testing": ("requested_date", "received_date"),
    "turnaround": (
        "clock_start_date", "collected_date", "pathology_released_date", "dispatched_date", "received_date",
        "dna_extracted_date", "sequenced_date", "analysed_date", "authorised_date", "report_date",
        "report_visible_date", "cancelled_date",
    ),
    "outcomes": (),
    "workforce": ("census_date",),
}  # fmt: skip


def copy(sent: Sent, earlier: Sent, share: float, days: int, new_numbers: bool = True) -> Change:
    """A share of the earlier period's rows in place of as many of the submission's own, all dates moved by days."""
    table = f"lake_{sent.extract}"
    moved = [f"{name} + {days} AS {name}" for name in DATES[sent.extract]]
    if new_numbers and sent.extract != "workforce":
        moved.append("'R' || upper(left(md5(request_id), 12)) AS request_id")
    source = f"submission_id LIKE '{sent.extract}\\_\\_{sent.submitter}\\_\\_{earlier.period}\\_\\_%' ESCAPE '\\'"
    chosen = f"{source} QUALIFY row_number() OVER (ORDER BY hash(source_row), source_row) <= {share} * count(*) OVER ()"
    put_in = f"SELECT * REPLACE ({', '.join([*moved, '$here AS submission_id'])}) FROM {table} WHERE {chosen}"
    return Change(sent, (f"DELETE FROM {table} WHERE {some(sent, share)}", f"INSERT INTO {table} {put_in}"))


def either_side(
    name: str, dimension: str, check: str, under: Change, over: Change, also: Iterable[str] = ()
) -> list[Fault]:
    """The same fault twice: a little too small to tell of, and large enough."""
    return [
        fault(f"{name}, just under", dimension, check, under, False, also),
        fault(f"{name}, over", dimension, check, over, True, also),
    ]


TESTING, TURNAROUND, OUTCOMES = here("testing"), here("turnaround"), here("outcomes")
WORKFORCE = here("workforce", LAB, "2026-06")
#: Rows of the other extracts go back where their request is lost.
ORPHANS = ("dq_submissions.turnaround_rows_returned", "dq_submissions.outcomes_rows_returned")


def timeliness() -> list[Fault]:
    newest, older = here("testing", LAB, NEWEST), here("testing", LAB, "2026-06")
    elsewhere = Change(here("testing", "EDI", NEWEST), extracted_on="2026-11-16")
    late = "dq_submissions.testing_late"
    missing = "dq_submissions.turnaround_missing"
    newest_turnaround = Change(here("turnaround", LAB, NEWEST), is_missing=True)
    return [
        fault("sent on the day it was due", "timeliness", late, Change(newest, extracted_on="2026-11-15"), False),
        fault("sent a day late", "timeliness", late, Change(newest, extracted_on="2026-11-16"), True),
        fault("sent late long ago", "timeliness", late, Change(older, extracted_on="2026-09-16"), False),
        fault(
            "outcomes sent six weeks late", "timeliness", "dq_submissions.outcomes_late",
            Change(here("outcomes", "ABE", "2026-08"), extracted_on="2026-11-01"), True,
        ),
        fault("a month of turnaround missing", "timeliness", missing, Change(TURNAROUND, is_missing=True), True),
        fault(
            "a month of outcomes missing", "timeliness", "dq_submissions.outcomes_missing",
            Change(OUTCOMES, is_missing=True), True,
        ),
        fault(
            "a month of testing missing", "timeliness", "dq_submissions.testing_missing",
            Change(TESTING, is_missing=True), True, ORPHANS,
        ),
        fault("the newest month not sent before it is due", "timeliness", missing, newest_turnaround, False),
        fault(
            "the newest month not sent by the time another comes late", "timeliness", missing,
            [newest_turnaround, elsewhere], True, [late],
        ),
        fault(
            "a census missing", "timeliness", "dq_submissions.workforce_missing",
            Change(WORKFORCE, is_missing=True), True,
        ),
        *either_side(
            "a month with open requests not sent again", "timeliness", "dq_submissions.turnaround_sent_again",
            *(
                Change(here("turnaround", LAB, "2026-09"), (
                    f"UPDATE lake_turnaround SET extracted_on = extracted_on - {days} WHERE submission_id = $here",
                ))
                for days in (20, 21)
            ),
        ),
    ]  # fmt: skip


def volume() -> list[Fault]:
    few, hardly = "dq_submissions.turnaround_few_rows", "dq_submissions.turnaround_hardly_any_rows"
    small = here("turnaround", SMALL_LAB)
    newest = here("outcomes", LAB, NEWEST)
    return [
        *either_side("rows lost", "completeness", few, lose(TURNAROUND, 0.35), lose(TURNAROUND, 0.65)),
        fault("most rows lost by a small laboratory", "completeness", few, lose(small, 0.75), True),
        fault("nearly all rows lost", "completeness", few, lose(TURNAROUND, 0.85), True),
        fault("hardly a row left", "completeness", hardly, lose(TURNAROUND, 0.96), True),
        fault(
            "hardly an outcome left", "completeness", "dq_submissions.outcomes_hardly_any_rows",
            lose(OUTCOMES, 0.96), True,
        ),
        fault(
            "most requests lost", "completeness", "dq_submissions.testing_few_rows",
            lose(TESTING, 0.7), True, ORPHANS,
        ),
        *(
            fault(
                f"the requests of {whose} under the name of {by}", "completeness",
                "dq_submissions.testing_hardly_any_rows", of_another(here("testing", by), whose), True,
                [*ORPHANS, *UNLIKE],
            )
            for by, whose in (("GLA", "ABE"), ("EDI", "GLA"))
        ),
        *either_side(
            "outcomes lost while they come in", "completeness", "dq_submissions.outcomes_few_rows_yet",
            lose(newest, 0.3), lose(newest, 0.8),
        ),
        *either_side(
            "rows repeated under new numbers", "plausibility", "dq_submissions.testing_many_rows",
            repeat(TESTING, 0.6), put_twice(TESTING), ["dq_values.testing_received_date_not_heaped"],
        ),
    ]  # fmt: skip


def of_another(sent: Sent, submitter: str) -> Change:
    """Another submitter's rows of the month in place of the submission's own."""
    table = f"lake_{sent.extract}"
    source = f"submission_id LIKE '{sent.extract}\\_\\_{submitter}\\_\\_{sent.period}\\_\\_%' ESCAPE '\\'"
    put_in = (
        f"SELECT * REPLACE ($here AS submission_id, '{sent.submitter}' AS receiving_lab) FROM {table} WHERE {source}"
    )
    return Change(sent, (f"DELETE FROM {table} WHERE submission_id = $here", f"INSERT INTO {table} {put_in}"))


def put_twice(sent: Sent) -> Change:
    """The submission's rows three times over, under new numbers."""
    once = repeat(sent, 1.0).statements[0]
    again = once.replace("md5(request_id)", "md5(request_id || 'again')")
    return Change(sent, (once, again.replace("WHERE rowid", "WHERE source_row >= 0 AND rowid")))


def copies() -> list[Fault]:
    before = {extract: here(extract, LAB, MONTH_BEFORE) for extract in ("testing", "turnaround", "outcomes")}
    found = []
    for sent in (TESTING, TURNAROUND):
        partly = f"dq_submissions.{sent.extract}_partly_copied"
        found += either_side(
            f"rows of the month before in {sent.extract}", "uniqueness", partly,
            copy(sent, before[sent.extract], 0.2, 28), copy(sent, before[sent.extract], 0.45, 28),
            [*ORPHANS, "dq_submissions.testing_few_rows"],
        )  # fmt: skip
        found.append(
            fault(
                f"{sent.extract} of the month before under a new name", "uniqueness",
                f"dq_submissions.{sent.extract}_copied", copy(sent, before[sent.extract], 1.0, 28), True,
                [*ORPHANS, *([HARDLY[sent.extract]] if sent in (TURNAROUND, OUTCOMES) else [])],
            )
        )  # fmt: skip
    found += [
        fault(
            "outcomes of the month before under a new name, numbers and all", "uniqueness",
            "dq_submissions.outcomes_copied", copy(OUTCOMES, before["outcomes"], 1.0, 0, new_numbers=False), True,
        ),
        *either_side(
            "outcomes of the month before among this month's", "uniqueness", "dq_submissions.outcomes_partly_copied",
            copy(OUTCOMES, before["outcomes"], 0.25, 0, new_numbers=False),
            copy(OUTCOMES, before["outcomes"], 0.4, 0, new_numbers=False),
        ),
        fault(
            "outcomes of a year ago under a new name, with new numbers", "uniqueness", "dq_submissions.outcomes_copied",
            copy(OUTCOMES, here("outcomes", LAB, "2025-03"), 1.0, 0), True, [*ORPHANS, HARDLY["outcomes"]],
        ),
        fault(
            "last quarter's census under a new name", "uniqueness", "dq_submissions.workforce_copied",
            copy(WORKFORCE, here("workforce", LAB, "2026-03"), 1.0, 91), True,
        ),
    ]  # fmt: skip
    return found


def returned() -> list[Fault]:
    changes = {share: Change(TESTING, returned=share) for share in (0.04, 0.07, 0.15)}
    check = "dq_submissions.testing_rows_returned"
    unknown = "'R' || upper(left(md5(request_id || 'lost'), 12))"
    return [
        *either_side("rows returned", "conformance", check, changes[0.04], changes[0.07]),
        fault("many rows returned", "conformance", check, changes[0.15], True),
        *either_side(
            "requests that no testing extract holds", "agreement", "dq_submissions.turnaround_rows_returned",
            put(TURNAROUND, "request_id", unknown, 0.02), put(TURNAROUND, "request_id", unknown, 0.08),
        ),
        *either_side(
            "outcomes of requests that no testing extract holds", "agreement", "dq_submissions.outcomes_rows_returned",
            put(OUTCOMES, "request_id", unknown, 0.03), put(OUTCOMES, "request_id", unknown, 0.10),
        ),
    ]  # fmt: skip


def unknowns() -> list[Fault]:
    found: list[Fault] = []
    for sent, column, under, over, also in (
        (TESTING, "age_band", 0.04, 0.08, ()),
        (TESTING, "sex", 0.04, 0.07, ()),
        (TESTING, "simd_decile", 0.08, 0.15, ("dq_fields.testing_sudden_gaps",)),
        (TESTING, "residence_board", 0.04, 0.20, ("dq_fields.testing_sudden_gaps",)),
        (here("testing", "ABE"), "referrer_specialty", 0.08, 0.13, ("dq_fields.testing_sudden_gaps",)),
        (TURNAROUND, "collected_date", 0.08, 0.12, ("dq_fields.turnaround_sudden_gaps",)),
        (TURNAROUND, "standard_code", 0.09, 0.12, ("dq_fields.turnaround_sudden_gaps",)),
        (OUTCOMES, "result_category", 0.08, 0.13, ("dq_fields.outcomes_sudden_gaps",)),
    ):
        check = f"dq_fields.{sent.extract}_{column}_recorded"
        found += either_side(
            f"{column} left blank", "completeness", check, blank(sent, column, under), blank(sent, column, over), also
        )
    for column, under, over in (("information_offered", 0.05, 0.30), ("consent_research", 0.05, 0.35)):
        asked = f"{column} <> 'not_recorded'"
        unasked = [put(TESTING, column, "'not_recorded'", share, asked) for share in (under, over)]
        found += either_side(f"{column} suddenly not asked", "completeness", "dq_fields.testing_sudden_gaps", *unasked)
    return found


def drift() -> list[Fault]:
    found: list[Fault] = []
    for sent, column, value, under, over, also in (
        (TESTING, "technology", "'karyotype'", 0.05, 0.70, ()),
        (TESTING, "priority", "'urgent'", 0.08, 0.80, ()),
        (TESTING, "sex", "'male'", 0.10, 0.75, ()),
        (TESTING, "simd_decile", "1", 0.05, 0.70, ()),
        (TESTING, "sample_type", "'saliva'", 0.04, 0.60, ()),
        (TESTING, "ethnicity_code", "'99'", 0.05, 0.70, ("dq_values.testing_ethnicity_code_not_heaped",)),
        (OUTCOMES, "result_category", "'uncertain'", 0.05, 0.75, ()),
    ):
        followed = "ethnic_category" if column == "ethnicity_code" else column
        check = f"dq_values.{sent.extract}_{followed}_as_usual"
        changes = [put(sent, column, value, share, f"{column} IS NOT NULL") for share in (under, over)]
        found += either_side(f"{followed} spread as never before", "consistency", check, *changes, also)
    return found


def heaps() -> list[Fault]:
    found: list[Fault] = []
    for sent, column, value, under, over, also in (
        (TESTING, "age_band", "'90+'", 0.06, 0.30, ("dq_values.testing_age_band_as_usual",)),
        (TESTING, "residence_board", "'S08000025'", 0.06, 0.30, ()),
        (TESTING, "referrer_specialty", "'C1'", 0.05, 0.35, ()),
        (TURNAROUND, "standard_code", "'NIPT'", 0.06, 0.35, ()),
    ):
        check = f"dq_values.{sent.extract}_{column}_not_heaped"
        changes = [put(sent, column, value, share, f"{column} IS NOT NULL") for share in (under, over)]
        found += either_side(f"{column} filled in by default", "plausibility", check, *changes, also)
    for sent, column in ((TESTING, "received_date"), (TURNAROUND, "received_date"), (TURNAROUND, "report_date")):
        day = f"DATE '{'2026-03-16' if column == 'received_date' else '2026-04-30'}'"
        check = f"dq_values.{sent.extract}_{column}"
        dated = f"{column} IS NOT NULL"
        under, over, all_of_it = (put(sent, column, day, share, dated) for share in (0.15, 0.45, 0.97))
        found += either_side(f"{sent.extract} {column} on one day", "plausibility", f"{check}_not_heaped", under, over)
        found.append(
            fault(f"{sent.extract} {column} on one day for all", "plausibility", f"{check}_differs", all_of_it, True)
        )
    return found


def one_row(sent: Sent, changed: str, among: str = "TRUE") -> Change:
    """One row, the first that meets a condition, is changed, as SQL says."""
    table = f"lake_{sent.extract}"
    first = f"SELECT min(rowid) FROM {table} WHERE submission_id = $here AND ({among})"
    return Change(sent, (f"UPDATE {table} SET {changed} WHERE rowid = ({first})",))


def all_rows(sent: Sent, changed: str) -> Change:
    return Change(sent, (f"UPDATE lake_{sent.extract} SET {changed} WHERE submission_id = $here",))


def codes() -> list[Fault]:
    """Values that no list holds, each in one row, and what looks like an identifier."""
    return [
        fault(
            f"a {column} that no list holds", "conformance", f"stg_{sent.extract}.{column}_code",
            one_row(sent, f"{column} = 'astrology'", f"{column} IS NOT NULL"), True, also,
        )
        for sent, column, also in (
            (TESTING, "sample_type", ()),
            (TURNAROUND, "pause_reason", ()),
            (OUTCOMES, "result_category", ()),
            (WORKFORCE, "afc_band", ()),
        )
    ] + [
        fault(
            "a number like a CHI number", "conformance", "stg_testing.no_identifiers",
            one_row(TESTING, "family_id = '010199 1234'"), True,
        ),
        *either_side(
            "the hours of a week that is over", "conformance", "stg_workforce.hours_in_force",
            all_rows(WORKFORCE, "full_time_hours = 36"), all_rows(WORKFORCE, "full_time_hours = 37"),
        ),
    ]  # fmt: skip


def dates() -> list[Fault]:
    """Days in the wrong order, or too far apart."""
    sent_off = "dispatched_date IS NOT NULL AND dispatched_date < received_date AND pathology_released_date IS NULL"
    seen = "report_visible_date IS NOT NULL AND report_date < extracted_on - 70"
    return [
        *either_side(
            "collected after it was sent off", "plausibility", "stg_turnaround.collected_date_to_dispatched_date",
            *(one_row(TURNAROUND, f"collected_date = dispatched_date + {days}", sent_off) for days in (0, 1)),
        ),
        *either_side(
            "seen long after the report", "plausibility", "stg_turnaround.days_report_to_report_visible",
            *(put(TURNAROUND, "report_visible_date", f"report_date + {days}", 0.3, seen) for days in (60, 61)),
        ),
        fault(
            "a few seen long after the report", "plausibility", "stg_turnaround.days_report_to_report_visible",
            put(TURNAROUND, "report_visible_date", "report_date + 61", 0.02, seen), False,
        ),
        *either_side(
            "more posts vacant than funded", "plausibility", "stg_workforce.vacant_within_establishment",
            *(
                one_row(WORKFORCE, f"vacant_wte = establishment_wte + {more}, in_post_wte = 0, in_post_headcount = 0")
                for more in (0.04, 0.1)
            ),
            [f"stg_workforce.{name}" for name in ("posts_add_up", "in_post_wte_steady", "in_post_headcount_steady")],
        ),
    ]  # fmt: skip


def contradictions() -> list[Fault]:
    """Extracts, or two columns of one, that do not say the same."""
    newest_census = here("workforce", LAB, "2026-09")
    every_month = "submission_id LIKE 'testing\\_\\_DUN\\_\\_%' ESCAPE '\\' AND source_row % 100 <"
    other_group = "CASE WHEN ethnicity_code_linked LIKE '1%' THEN '3F' ELSE '1A' END"
    wrong = [
        Change(
            here("testing", SMALL_LAB),
            (
                f"UPDATE lake_testing SET ethnicity_code_linked = {other_group} WHERE {every_month} {part} "
                "AND ethnicity_code_linked IS NOT NULL",
            ),
        )
        for part in (4, 40)
    ]
    by_laboratory: Blamed = (None, SMALL_LAB, None, None)
    agrees, also = (f"stg_testing.ethnicity_agrees_by_{group}" for group in ("receiving_lab", "residence_board"))
    return [
        *either_side(
            "accepted requests without turnaround", "completeness", "mart_requests.turnaround_row_there",
            lose(TURNAROUND, 0.01), lose(TURNAROUND, 0.04),
        ),
        *either_side(
            "reported requests without an outcome", "completeness", "mart_requests.outcome_row_there",
            lose(OUTCOMES, 0.03), lose(OUTCOMES, 0.08),
        ),
        fault("reported without a day of report", "consistency", "mart_clock.reported_has_date", one_row(
            TURNAROUND, "report_date = NULL, report_visible_date = NULL", "report_date IS NOT NULL"
        ), True),
        fault("a failed sample that is not counted", "consistency", "stg_testing.failed_sample_counted", one_row(
            TESTING, "failed_sample_count = 0", "sample_outcome IN ('failed', 'insufficient')"
        ), True),
        fault("staff on another board's page", "consistency", "stg_workforce.host_board", one_row(
            WORKFORCE, "board_code = 'S08000015'"
        ), True),
        fault("linked records disagree a little", "agreement", agrees, wrong[0], False, blames=[by_laboratory]),
        fault("linked records disagree", "agreement", agrees, wrong[1], True, [also], [by_laboratory]),
        *either_side(
            "staff in post unlike the last census", "agreement", "stg_workforce.establishment_wte_steady",
            *(all_rows(newest_census, f"establishment_wte = {factor} * establishment_wte") for factor in (1.05, 1.3)),
        ),
    ]  # fmt: skip


def faults() -> list[Fault]:
    """Every planted fault."""
    of_sendings = [*timeliness(), *volume(), *copies(), *returned(), *unknowns(), *drift(), *heaps()]
    return [*of_sendings, *codes(), *dates(), *contradictions()]
