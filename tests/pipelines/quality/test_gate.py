"""The gate: which submissions it sets aside, what takes their place, and when it stops the build."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import settings
from pipelines.errors import PipelineError
from pipelines.ingest.register import State, Submission
from pipelines.quality.blame import Part
from pipelines.quality.checks import Check
from pipelines.quality.gate import SEND_AGAIN, USED_AGAIN, Fault, SetAside, StoppedError, gate, used_instead

LABORATORIES = ("ABE", "DUN", "EDI", "GLA")
MONTHS = ("2026-01", "2026-02", "2026-03")


def sent(extract: str, submitter: str, period: str, version: int = 1, state: State = "accepted") -> Submission:
    name = f"{extract}__{submitter}__{period}__v{version}"
    return Submission(
        submission_id=name, file=f"{name}.csv", extract=extract, submitter=submitter, period=period, version=version,
        sha256=name, bytes=1, registered_at="", state=state, rows_read=9, rows_loaded=9, rows_returned=0, reasons={},
        refused_because=None, drift=(), extracted_on=dt.date(2026, 4, 1), is_synthetic=True,
    )  # fmt: skip


IN_USE = tuple(
    sent(extract, laboratory, month)
    for extract in ("outcomes", "testing", "turnaround")
    for laboratory in LABORATORIES
    for month in MONTHS
)


def files(submissions: Iterable[Submission]) -> set[str]:
    return {submission.file for submission in submissions}


def part(extract: str | None, submitter: str | None, period: str | None, failing: int = 4) -> Part:
    return Part(extract, submitter, dt.date.fromisoformat(f"{period}-01") if period else None, None, failing)


def failed(*parts: Part, failing: int | None = None, error: str | None = None, counted: str = "rows") -> Check:
    return Check(
        table="stg_testing", name="codes", expectation="expect_it", column=None, sentence="Every code is known.",
        severity="critical", dimension="conformance", owner="Laboratories", why="Why.", to_do="", affects=(),
        status="error" if error else "fail", counted=counted, rows_checked=100,
        rows_failing=sum(p.failing for p in parts) if failing is None else failing, at_most=0.0, error=error,
        parts=parts,
    )  # fmt: skip


def first_round(*checks: Check, ever: Sequence[Submission] = IN_USE) -> tuple[SetAside, ...]:
    return gate(checks, IN_USE, ever, ())


def test_nothing_is_set_aside_where_no_critical_check_fails() -> None:
    warning = dataclasses.replace(failed(part("testing", "GLA", "2026-01")), severity="warning", status="warn")
    assert first_round(warning) == ()


def test_one_bad_submission_is_set_aside_with_the_check_that_blames_it() -> None:
    (one,) = first_round(failed(part("turnaround", "GLA", "2026-02")))
    assert (one.submission.file, one.check_ids) == ("turnaround__GLA__2026-02__v1.csv", ("stg_testing.codes",))
    assert (one.because, one.to_do) == ("Not met: Every code is known.", SEND_AGAIN)
    assert one.instead is None
    assert files(IN_USE) - files(used_instead(IN_USE, [one])) == {one.submission.file}


def test_what_rests_on_a_testing_extract_goes_with_it_and_nothing_needs_sending_again() -> None:
    left_out = first_round(failed(part("testing", "GLA", "2026-02")))
    assert {one.submission.extract: one.to_do for one in left_out} == {
        "testing": SEND_AGAIN, "turnaround": USED_AGAIN, "outcomes": USED_AGAIN,
    }  # fmt: skip
    assert {(one.submission.submitter, one.submission.period) for one in left_out} == {("GLA", "2026-02")}


def test_the_newest_version_before_takes_its_place_and_what_rests_on_it_stays() -> None:
    in_use = tuple(
        sent("testing", "GLA", "2026-02", 4) if s == sent("testing", "GLA", "2026-02") else s for s in IN_USE
    )
    older = [sent("testing", "GLA", "2026-02", version, "superseded") for version in (1, 2)]
    others = [sent("testing", "GLA", "2026-02", 3, "refused"), sent("testing", "EDI", "2026-02", 3, "superseded")]
    (one,) = gate([failed(part("testing", "GLA", "2026-02"))], in_use, [*in_use, *older, *others], ())
    assert one.instead == older[1]
    assert files(used_instead(in_use, [one])) - files(in_use) == {older[1].file}


def test_a_version_before_that_fails_too_leaves_the_month_missing() -> None:
    newest, before = sent("turnaround", "GLA", "2026-02", 3), sent("turnaround", "GLA", "2026-02", 2, "superseded")
    oldest = sent("turnaround", "GLA", "2026-02", 1, "superseded")
    in_use = (*(s for s in IN_USE if s != sent("turnaround", "GLA", "2026-02")), newest)
    bad, ever = failed(part("turnaround", "GLA", "2026-02")), (*in_use, before, oldest)
    first = gate([bad], in_use, ever, ())
    second = gate([bad], used_instead(in_use, first), ever, first)
    assert [one.submission for one in second] == [newest, before]
    assert files(used_instead(in_use, second)) == files(in_use) - {newest.file}


def test_a_check_that_only_a_part_of_its_rows_explains_stops_the_build() -> None:
    for bad in (
        failed(part("testing", "GLA", "2026-02", 4), failing=5),
        failed(part(None, "GLA", "2026-02")),
        failed(part("testing", None, "2026-02")),
        failed(part("testing", "GLA", None)),
        failed(part("testing", "GLA", "2020-02")),
        failed(error="The table is not there."),
        failed(failing=0),
    ):
        with pytest.raises(PipelineError, match="the last release stays as it is"):
            first_round(bad)


def test_what_fails_further_on_is_judged_again_without_the_submission_that_another_check_names() -> None:
    (one,) = first_round(failed(part("turnaround", "GLA", "2026-02")), failed(part(None, "GLA", "2026-02")))
    assert one.submission.file == "turnaround__GLA__2026-02__v1.csv"


def test_groups_are_blamed_one_part_each() -> None:
    one_part = dataclasses.replace(part("turnaround", "GLA", "2026-02", 40), groups=1)
    groups = failed(one_part, failing=1, counted="groups")
    assert len(first_round(groups)) == 1
    with pytest.raises(PipelineError):
        first_round(dataclasses.replace(groups, rows_failing=2))


def test_a_stopped_build_names_file_laboratory_and_month_and_what_to_do() -> None:
    months = [("GLA", "2026-01"), ("GLA", "2026-02"), ("EDI", "2026-03")]
    with pytest.raises(PipelineError) as error:
        first_round(failed(*(part("testing", *month) for month in months)))
    assert str(error.value).splitlines() == [
        "build: stg_testing: Every code is known. 12 rows do not.",
        "build: to blame: Glasgow, January 2026 (testing__GLA__2026-01__v1.csv)",
        "build: to blame: Glasgow, February 2026 (testing__GLA__2026-02__v1.csv)",
        "build: to blame: Edinburgh, March 2026 (testing__EDI__2026-03__v1.csv)",
        f"build: what to do: {SEND_AGAIN}",
        "build: stopped: 3 laboratory-months are to blame, and at most 2 may be set aside; "
        "the last release stays as it is",
    ]


def test_the_last_testing_extract_is_never_set_aside() -> None:
    alone = (sent("testing", "GLA", "2026-02"), sent("turnaround", "GLA", "2026-02"))
    with pytest.raises(PipelineError, match="no testing extract would be left"):
        gate([failed(part("testing", "GLA", "2026-02"))], alone, alone, ())


def weighing(**rows: int) -> tuple[Submission, ...]:
    """The submissions in use, each laboratory with so many requests a month."""
    return tuple(dataclasses.replace(s, rows_loaded=rows[str(s.submitter)]) for s in IN_USE)


@pytest.mark.parametrize(("glasgow", "stops"), [(40, False), (41, True)])
def test_the_build_stops_where_most_requests_of_a_month_would_be_left_out(glasgow: int, stops: bool) -> None:
    in_use = weighing(ABE=20, DUN=20, EDI=20, GLA=glasgow)
    check = failed(part("testing", "GLA", "2026-02"), part("turnaround", "EDI", "2026-02"))
    if stops:
        with pytest.raises(StoppedError, match=r"over 60% of all requests.*for February 2026"):
            gate([check], in_use, in_use, ())
    else:
        assert {one.submission.submitter for one in gate([check], in_use, in_use, ())} == {"GLA", "EDI"}


def test_the_broken_file_itself_does_not_tell_how_many_requests_are_usual() -> None:
    in_use = tuple(
        dataclasses.replace(s, rows_loaded=3) if (s.submitter, s.period) == ("GLA", "2026-02") else s
        for s in weighing(ABE=10, DUN=10, EDI=10, GLA=90)
    )
    with pytest.raises(StoppedError, match="over 60%"):
        gate([failed(part("testing", "GLA", "2026-02"))], in_use, in_use, ())


def test_what_an_earlier_version_stands_in_for_and_what_is_sent_beside_requests_is_not_lost() -> None:
    in_use = weighing(ABE=10, DUN=10, EDI=10, GLA=90)
    before = sent("testing", "GLA", "2026-02", 0, "superseded")
    assert len(gate([failed(part("testing", "GLA", "2026-02"))], in_use, [*in_use, before], ())) == 1
    census = sent("workforce", "GLA", "2026-03")
    assert len(gate([failed(part("workforce", "GLA", "2026-03"))], [*in_use, census], [*in_use, census], ())) == 1


def test_months_apart_are_weighed_apart() -> None:
    in_use = weighing(ABE=20, DUN=20, EDI=40, GLA=40)
    check = failed(part("testing", "GLA", "2026-01"), part("testing", "EDI", "2026-02"))
    assert len({one.submission.period for one in gate([check], in_use, in_use, ())}) == 2


def test_what_a_stopped_build_tells_every_reader_holds_no_count_and_no_file() -> None:
    months = [("GLA", "2026-01"), ("GLA", "2026-02"), ("EDI", "2026-03")]
    with pytest.raises(StoppedError) as stop:
        first_round(failed(*(part("testing", *month, failing=4321) for month in months)))
    assert stop.value.reason == "3 laboratory-months are to blame, and at most 2 may be set aside"
    whose = ("Glasgow, January 2026", "Glasgow, February 2026", "Edinburgh, March 2026")
    assert stop.value.faults == (Fault("Every code is known.", whose, SEND_AGAIN),)
    assert "4321" not in repr((stop.value.reason, stop.value.faults))
    assert stop.value.blamed == (
        "testing__EDI__2026-03__v1", "testing__GLA__2026-01__v1", "testing__GLA__2026-02__v1",
    )  # fmt: skip


def test_the_last_turnaround_extract_is_never_set_aside() -> None:
    alone = (sent("testing", "GLA", "2026-02"), sent("turnaround", "GLA", "2026-02"))
    with pytest.raises(StoppedError, match="no turnaround extract would be left"):
        gate([failed(part("turnaround", "GLA", "2026-02"))], alone, alone, ())


Blamed = tuple[Literal["testing", "turnaround", "outcomes"], str, str]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["testing", "turnaround", "outcomes"]),
            st.sampled_from(LABORATORIES),
            st.sampled_from(MONTHS),
        ),
        min_size=1,
        max_size=5,
        unique=True,
    )
)
def test_what_is_set_aside_is_what_is_blamed_and_few_or_the_build_stops(blamed: list[Blamed]) -> None:
    check = failed(*(part(*one) for one in blamed))
    months = {one[1:] for one in blamed}
    if len(months) > settings.SET_ASIDE_AT_MOST:
        with pytest.raises(PipelineError):
            first_round(check)
        return
    left_out = first_round(check)
    gone = {(o.submission.extract, o.submission.submitter, o.submission.period) for o in left_out}
    assert gone >= set(blamed)
    assert {key[1:] for key in gone} == months
    left, out = files(used_instead(IN_USE, left_out)), files(one.submission for one in left_out)
    assert left | out == files(IN_USE)
    assert not left & out
