"""Letters to submitters: what became of what they sent, what to do first, and nothing that is not theirs to read."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path

import polars as pl
import pytest

from pipelines.folders import Folders
from pipelines.ingest import ingest
from pipelines.ingest.register import Register, Submission
from pipelines.quality.blame import Part
from pipelines.quality.checks import Check
from pipelines.quality.gate import SetAside
from pipelines.quality.letters import ENDING, Known, letter, plain, write_letters
from tests.conftest import Published
from tests.pipelines.ingest.extract_rows import EDINBURGH, send, spoil, valid_rows

FIRST = "testing__EDI__2026-03__v1"
ROWS = valid_rows(count=60)
PLANTED = ("=SUM(A1)", "061148 1030", "jean.smith@example.scot")


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "data")


def known(folders: Folders, *checks: Check, **more: object) -> Known:
    with Register(folders.register) as register:
        return Known(register.all(), register.build_returns(), checks, **more)  # type: ignore[arg-type]


def sent(folders: Folders, file: str, rows: pl.DataFrame) -> Submission:
    send(folders.inbox, file, rows)
    return ingest(folders, folders.inbox, quiet=True)[-1]


def text_of(folders: Folders, stem: str = FIRST) -> str:
    return (folders.returns / "EDI" / f"{stem}{ENDING}").read_text(encoding="utf-8")


def check(failing: int = 7, month: str = "2026-03-01", submitter: str = "EDI") -> Check:
    part = Part("testing", submitter, dt.date.fromisoformat(month), None, failing)
    said = ("Every age is likely.", "warning", "plausibility", "Stewards", "Why.", "Check the ages.")
    return Check("stg_testing", "age", "expect", None, *said, (), "warn", "rows", 60, failing, 0.0, None, (part,))


def test_a_submission_without_fault_has_no_letter(folders: Folders) -> None:
    sent(folders, EDINBURGH, ROWS)
    assert not folders.returns.exists()


def test_a_letter_counts_and_ranks_what_to_do_by_the_rows_that_it_mends(folders: Folders) -> None:
    rows = spoil(spoil(spoil(ROWS, 4, simd_decile="11"), 9, simd_decile="12"), 20, sex="woman")
    sent(folders, EDINBURGH, rows)
    text = text_of(folders)
    assert "Rows read: 60. Loaded: 57. Returned to you: 3 (5.0%)." in text
    steps = re.findall(r"^(\d)\. .* This mends (\d) rows?\.$", text, re.MULTILINE)
    assert steps == [("1", "2"), ("2", "1")]
    assert "| simd_decile | out of range | 2 | a whole number from 1 up to 10 | 6, 11 |" in text
    assert "| sex | unknown code | 1 | a code of the list sexes | 22 |" in text
    assert "- Codes of the list sexes: female, male, other, not_recorded." in text


def test_a_letter_holds_no_value_that_was_sent(folders: Folders) -> None:
    sent(folders, EDINBURGH, spoil(ROWS, 4, sex=PLANTED[0]))
    assert PLANTED[0] not in text_of(folders)
    for version, value in enumerate(PLANTED[1:], 2):
        entry = sent(folders, EDINBURGH.replace("v1", f"v{version}"), spoil(ROWS, 4, request_id=value))
        assert entry.state == "refused"
        text = text_of(folders, FIRST.replace("v1", f"v{version}"))
        assert "**The file was refused" in text
        assert value not in text


def test_a_letter_says_what_improved_since_the_version_before(folders: Folders) -> None:
    sent(folders, EDINBURGH, spoil(spoil(ROWS, 4, simd_decile="11"), 9, simd_decile="12"))
    sent(folders, EDINBURGH.replace("v1", "v2"), spoil(ROWS, 4, simd_decile="11"))
    text = text_of(folders, FIRST.replace("v1", "v2"))
    assert "## Since version 1" in text
    assert "- out of range: 2 then, 1 now (improved)" in text
    assert "Send the whole month again as version 3." in text


def test_the_trend_shows_earlier_months_and_no_later_one(folders: Folders) -> None:
    for month in ("02", "03", "04"):
        file = f"testing__EDI__2026-{month}__v1.csv"
        sent(folders, file, spoil(valid_rows(file, 60, first=100 * int(month)), 4, simd_decile="11"))
    write_letters(folders, known(folders))
    text = text_of(folders)
    assert "| February 2026 | 1 | 60 | 1 | 1.7% |" in text
    assert "| March 2026 | 1 | 60 | 1 | 1.7% |" in text
    assert "April 2026" not in text


@pytest.mark.parametrize(
    ("other", "told"), [({}, True), ({"month": "2026-02-01"}, False), ({"submitter": "GLA"}, False)]
)
def test_an_open_check_is_told_to_the_submission_that_it_blames_alone(
    folders: Folders, other: dict[str, str], told: bool
) -> None:
    entry = sent(folders, EDINBURGH, ROWS)
    text = letter(folders, entry, known(folders, check(**other)))  # type: ignore[arg-type]
    assert ("1. Check the ages. This mends 7 rows." in text) == told
    assert ("Of your rows, 7 do not meet this." in text) == told


def test_a_submission_that_was_set_aside_is_told_so(folders: Folders) -> None:
    entry = sent(folders, EDINBURGH, ROWS)
    aside = SetAside(entry, ("a.b",), "The submitter's dates are one day.", "Send the true days.", None)
    text = letter(folders, entry, known(folders, check(), set_aside={entry.submission_id: aside}))
    assert "**This version was set aside from the newest release.** The submitter's dates are one day." in text
    assert "1. Send the true days.\n\n" in text
    assert "Check the ages." not in text


def test_a_build_takes_away_letters_on_what_was_replaced(folders: Folders) -> None:
    sent(folders, EDINBURGH, spoil(ROWS, 4, simd_decile="11"))
    sent(folders, EDINBURGH.replace("v1", "v2"), ROWS)
    assert text_of(folders)
    write_letters(folders, known(folders))
    assert not list(folders.returns.glob(f"*/*{ENDING}"))


def test_return_files_of_an_earlier_version_of_the_product_can_be_read(folders: Folders) -> None:
    sent(folders, EDINBURGH, spoil(ROWS, 4, simd_decile="11"))
    path = folders.returns / "EDI" / f"{FIRST}.csv"
    pl.read_csv(path, infer_schema=False).drop("expected").write_csv(path)
    write_letters(folders, known(folders))
    assert "| simd_decile | out of range | 1 | a whole number from 1 up to 10 | 6 |" in text_of(folders)


def test_a_letter_to_a_file_that_was_refused_goes_once_it_is_replaced(folders: Folders) -> None:
    sent(folders, EDINBURGH, ROWS.drop("sex"))
    assert "**The file was refused" in text_of(folders)
    sent(folders, EDINBURGH, ROWS)
    assert not list(folders.returns.glob(f"*/*{ENDING}"))


@pytest.mark.parametrize("text", ["<script>x</script>", "[a](http://x)", "a\n# b", "=1+1", "| c | d |", "`e`"])
def test_text_of_others_is_neither_markup_nor_formula(text: str) -> None:
    said = plain(text)
    assert "\n" not in said
    assert not re.search(r"(?<!\\)[`*\[\]|<>]", said)
    assert not said.startswith(("#", "=", "+", "-", "@"))


@pytest.mark.parametrize("text", ["simd_decile: a day as YYYY-MM-DD (date_order)", "the submitter's number"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


MARCH = dt.date(2026, 3, 1)


def of_field(name: str, field: str | None, part: Part, to_do: str) -> Check:
    said = ("Sex is recorded.", "warning", "completeness", "Stewards", "Why.", to_do)
    return Check(
        "dq_fields", name, "expect", None, *said, (), "warn", "groups", 9, 1, 0.0, None, (part,),
        nouns=("file", "files"), field=field,
    )  # fmt: skip


def test_two_checks_of_one_field_are_one_step_of_the_rows_that_lack_it(folders: Folders) -> None:
    entry = sent(folders, EDINBURGH, ROWS)
    part = Part("testing", "EDI", MARCH, None, 30, "sex", 1, 60)
    recorded = of_field("recorded", "testing.sex", part, "Fill in sex.")
    gaps = of_field("gaps", None, part, "Find where its values are lost.")
    text = letter(folders, entry, known(folders, check(), gaps, recorded))
    steps = text.partition("## What to do first\n\n")[2].partition("\n\n")[0].splitlines()
    assert steps == ["1. Fill in sex. This mends up to 30 rows.", "2. Check the ages. This mends 7 rows."]
    assert "- Sex is recorded. In sex it is 30 of 60 rows." in text
    alone = letter(folders, entry, known(folders, gaps))
    assert "1. In sex: find where its values are lost. This mends up to 30 rows." in alone


def test_two_checks_that_ask_for_the_same_are_one_step_of_the_rows_of_the_larger(folders: Folders) -> None:
    entry = sent(folders, EDINBURGH, ROWS)
    text = letter(folders, entry, known(folders, check(7), dataclasses.replace(check(9), name="other")))
    assert "1. Check the ages. This mends 9 rows.\n\n" in text


def test_a_check_of_the_whole_file_mends_no_number_of_rows(folders: Folders) -> None:
    entry = sent(folders, EDINBURGH, ROWS)
    late = of_field("late", None, Part("testing", "EDI", MARCH, None, None, groups=1), "Send it in time.")
    text = letter(folders, entry, known(folders, late, check(2)))
    assert "1. Check the ages. This mends 2 rows.\n2. Send it in time.\n" in text
    assert "This file does not meet it." in text


def test_checks_that_count_returned_rows_are_not_told_beside_their_reasons(folders: Folders) -> None:
    entry = sent(folders, EDINBURGH, spoil(ROWS, 4, simd_decile="11"))
    part = Part("testing", "EDI", MARCH, None, 1, groups=1)
    returned = dataclasses.replace(of_field("returned", None, part, "Work through them."), same_rows="returned")
    assert returned.tells_of_returned
    text = letter(folders, entry, known(folders, returned))
    assert "Work through them." not in text
    assert "## Checks that are open" not in text


TURNAROUND = "turnaround__EDI__2026-03__v1.csv"


def test_no_testing_letter_is_blamed_for_rows_of_the_turnaround_extract(folders: Folders) -> None:
    testing = sent(folders, EDINBURGH, ROWS)
    turnaround = sent(folders, TURNAROUND, valid_rows(TURNAROUND, 60))
    clock = dataclasses.replace(check(), table="mart_turnaround", parts=(Part("turnaround", "EDI", MARCH, None, 7),))
    untold = dataclasses.replace(clock, parts=(Part(None, "EDI", MARCH, None, 7),))
    assert "This mends 7 rows." in letter(folders, turnaround, known(folders, clock))
    assert letter(folders, testing, known(folders, clock, untold)) == ""
    of_requests = dataclasses.replace(untold, table="mart_requests")
    assert "This mends 7 rows." in letter(folders, testing, known(folders, of_requests))


def test_rows_that_wait_for_a_refused_testing_file_are_told_so_and_need_not_be_sent_again(folders: Folders) -> None:
    sent(folders, EDINBURGH, ROWS.drop("sex"))
    entry = sent(folders, TURNAROUND, valid_rows(TURNAROUND, 60))
    by_build = {entry.submission_id: {"orphan_key": 60}}
    with Register(folders.register) as register:
        text = letter(folders, entry, Known(register.all(), by_build))
    assert f"Send the testing extract of the month: `{EDINBURGH}` was refused." in text
    assert "Loaded: 0." in text
    assert "Send the whole month again" not in text
    assert ".csv` (found" not in text
    sent(folders, EDINBURGH, ROWS)
    with Register(folders.register) as register:
        sound = letter(folders, entry, Known(register.all(), by_build))
    assert "or take the row out" in sound
    assert "Send the whole month again as version 2." in sound


def test_a_letter_on_a_refusal_holds_no_check_of_the_version_in_use(folders: Folders) -> None:
    first = sent(folders, EDINBURGH, ROWS)
    refused = sent(folders, EDINBURGH.replace("v1", "v2"), ROWS.drop("sex"))
    assert "Check the ages." not in letter(folders, refused, known(folders, check()))
    text = letter(folders, first, known(folders, check()))
    assert "**Version 2, sent since, was refused: the letter on it says why.**" in text
    assert "Send the whole month again as version 2." in text


def test_a_letter_names_no_file_that_is_not_there(folders: Folders) -> None:
    entry = sent(folders, EDINBURGH, ROWS)
    assert "The rows themselves" not in letter(folders, entry, known(folders, check()))
    spoilt = sent(folders, EDINBURGH.replace("v1", "v2"), spoil(ROWS, 4, simd_decile="11"))
    text = letter(folders, spoilt, known(folders))
    assert "The rows themselves are in `testing__EDI__2026-03__v2.csv` (found on reading)." in text


def test_fewer_faults_in_a_smaller_file_are_no_improvement(folders: Folders) -> None:
    sent(folders, EDINBURGH, spoil(spoil(ROWS, 4, simd_decile="11"), 9, simd_decile="12"))
    sent(folders, EDINBURGH.replace("v1", "v2"), spoil(ROWS.head(20), 4, simd_decile="11"))
    text = text_of(folders, FIRST.replace("v1", "v2"))
    assert (
        "2 rows of 60 returned on reading then, 1 of 20 now. This version has 39 rows fewer that can be used." in text
    )
    assert "- out of range: 2 then, 1 now\n" in text
    assert "improved" not in text


@pytest.mark.slow
@pytest.mark.xdist_group("small")
def test_every_planted_bad_row_in_use_is_in_a_letter(small: Published) -> None:
    planted = json.loads(small.truth.read_text(encoding="utf-8"))["bad_rows_by_file"]
    with Register(small.folders.register) as register:
        told = [s for s in register.all() if s.state == "accepted" and planted.get(s.file)]
    assert told
    for one in told:
        stem = one.submission_id.rpartition("__")[0]
        folder = small.folders.returns / str(one.submitter)
        text = (folder / f"{stem}{ENDING}").read_text(encoding="utf-8")
        files = [pl.read_csv(path, columns=["row_number"]) for path in folder.glob(f"{stem}*.csv")]
        assert f"Returned to you: {sum(file.height for file in files):,} " in text
        missing = [kind for kind in planted[one.file] if f"| {kind.replace('_', ' ')} |" not in text]
        assert not missing, one.file
