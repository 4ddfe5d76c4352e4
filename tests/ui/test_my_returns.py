"""A submitter's returns: for its own stewards only, chosen from what there is, counted by reason and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.ingest.register import Register
from pipelines.ingest.sent_file import Stamp
from tests.ui.returns_store import make_returns, rows, sent
from ui import my_returns
from ui.access import NotAllowedError, Reader, Role, demonstration
from ui.data import BrokenReleaseError, NoSuchFileError, OwnReturns, own_returns

STEWARD = demonstration(Role.STEWARD, submitter="EDI")
SIGNED_IN = Reader("d" * 16, "Steward", frozenset({Role.VIEWER, Role.STEWARD}), submitters=frozenset({"EDI"}))

NOT_ITS_STEWARDS = [
    demonstration(Role.STEWARD, submitter="GLA"),
    demonstration(Role.STEWARD),
    demonstration(Role.VIEWER),
    demonstration(Role.PLANNER),
    demonstration(Role.BOARD_MANAGER, board="S08000024"),
    demonstration(Role.ADMINISTRATOR),
    Reader("a" * 16, "No role", frozenset({Role.VIEWER}), submitters=frozenset({"EDI"})),
    Reader("b" * 16, "All but that", frozenset(set(Role) - {Role.STEWARD}), frozenset(), frozenset({"EDI"})),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with submissions and returns."""
    make_returns(tmp_path)
    return tmp_path


@pytest.fixture
def own(folder: Path) -> OwnReturns:
    """Edinburgh's returns."""
    return own_returns(STEWARD, "EDI", folder)


def test_a_steward_gets_the_own_submissions_and_files_and_no_other(own):
    assert set(own.submissions["file"].str.split("__").list.get(1)) == {"EDI"}
    assert own.by_build["rows"].to_list() == [4]
    assert own.files == (
        "testing__EDI__2026-09__v1.csv",
        "testing__EDI__2026-09__v2.csv",
        "testing__EDI__2026-09__v2__letter.md",
        "turnaround__EDI__2026-10__v1__build.csv",
    )


@pytest.mark.parametrize("reader", NOT_ITS_STEWARDS, ids=lambda reader: f"{sorted(reader.roles)}")
def test_nobody_else_gets_them(folder, reader):
    with pytest.raises(NotAllowedError):
        own_returns(reader, "EDI", folder)


@pytest.mark.parametrize("submitter", ["GLA", "", "..", "EDI/../GLA", "EDI/", ".", "edi", "*"])
def test_a_steward_gets_no_other_submitter_whatever_is_asked_for(folder, submitter):
    with pytest.raises(NotAllowedError):
        own_returns(STEWARD, submitter, folder)


@pytest.mark.parametrize(
    "name",
    [
        "../GLA/testing__GLA__2026-09__v1.csv",
        "testing__GLA__2026-09__v1.csv",
        "../../register.sqlite",
        "/etc/passwd",
        "",
        ".",
        "testing__EDI__2026-09__v2.csv/../../../register.sqlite",
        "testing__EDI__2026-09__v9.csv",
        "notes.txt",
        "testing__EDI__2026-09__v2.csv\0",
    ],
)
def test_no_other_file_is_read_whatever_name_is_asked_for(own, folder, name):
    (folder / "returns" / "EDI" / "notes.txt").write_text("not a return file")
    with pytest.raises(NoSuchFileError):
        own.read(name)


def test_a_link_that_leads_out_is_not_followed(folder):
    outside = folder / "secret.csv"
    outside.write_text("secret")
    name = "testing__EDI__2026-08__v2.csv"
    (folder / "returns" / "EDI" / name).symlink_to(outside)
    own = own_returns(STEWARD, "EDI", folder)
    assert name not in own.files
    with pytest.raises(NoSuchFileError):
        own.read(name)


def test_a_folder_that_is_a_link_is_not_followed(folder):
    (folder / "returns" / "EDI").rename(folder / "EDI")
    (folder / "returns" / "EDI").symlink_to(folder / "returns" / "GLA")
    assert own_returns(STEWARD, "EDI", folder).files == ()


def test_a_file_swapped_for_a_link_after_it_was_listed_is_not_read(own, folder):
    path = folder / "returns" / "EDI" / own.files[0]
    path.unlink()
    path.symlink_to(folder / "register.sqlite")
    with pytest.raises(NoSuchFileError):
        own.read(own.files[0])


def test_a_file_of_another_submitter_in_the_folder_is_not_listed(folder):
    source = folder / "returns" / "GLA" / "testing__GLA__2026-09__v1.csv"
    (folder / "returns" / "EDI" / source.name).write_bytes(source.read_bytes())
    assert not [name for name in own_returns(STEWARD, "EDI", folder).files if "GLA" in name]


def test_without_sign_in_nothing_of_a_real_submission_is_told(folder):
    real = sent("testing__EDI__2026-10__v1.csv", is_synthetic=False, rows_returned=1, reasons={"date_order": 1})
    again = sent("testing__EDI__2026-09__v2.csv", "refused", is_synthetic=False, refused_because="It was sent before.")
    with Register(folder / "register.sqlite") as register:
        register.add(real, Stamp("real", 1, 1, 1, 1))
        register.add(again, Stamp("again", 1, 1, 1, 2))
    (folder / "returns" / "EDI" / "testing__EDI__2026-10__v1.csv").write_text("row_number\n1\n")
    demonstrated, signed_in = (own_returns(reader, "EDI", folder) for reader in (STEWARD, SIGNED_IN))
    hidden = {"testing__EDI__2026-10__v1.csv", "testing__EDI__2026-09__v2.csv", "testing__EDI__2026-09__v2__letter.md"}
    assert not hidden & set(demonstrated.files)
    assert hidden <= set(signed_in.files)
    assert real.file not in demonstrated.submissions["file"].to_list()
    assert real.file in signed_in.submissions["file"].to_list()


def test_without_a_register_there_is_nothing_and_no_file_is_made(tmp_path):
    own = own_returns(STEWARD, "EDI", tmp_path)
    assert (own.submissions.height, own.files) == (0, ())
    assert not list(tmp_path.iterdir())


def test_a_damaged_register_gives_a_plain_message(folder):
    (folder / "register.sqlite").write_bytes(b"not a database" * 1000)
    with pytest.raises(BrokenReleaseError) as problem:
        own_returns(STEWARD, "EDI", folder)
    assert str(folder) not in str(problem.value)


def test_the_register_is_read_and_never_written(folder):
    before = (folder / "register.sqlite").read_bytes()
    (folder / "register.sqlite").chmod(0o444)
    own_returns(STEWARD, "EDI", folder)
    assert (folder / "register.sqlite").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["register.sqlite", "returns"]


def test_what_is_to_mend_is_in_use_with_rows_returned_or_refused_and_not_replaced(own):
    told = [(one.stem, one.returned, one.loaded) for one in my_returns.to_mend(own)]
    assert told == [
        ("turnaround__EDI__2026-10__v1", 4, 896),
        ("outcomes__EDI__2026-10__v1", 0, 0),
        ("testing__EDI__2026-09__v2", 3, 897),
    ]


def test_reasons_of_ingest_and_build_stand_together_the_most_frequent_first(own):
    by_stem = {one.stem: one for one in my_returns.submissions(own)}
    assert by_stem["turnaround__EDI__2026-10__v1"].reasons == {"orphan_key": 4}
    assert list(by_stem["testing__EDI__2026-09__v2"].reasons) == ["date_order", "unknown_code"]


def test_a_version_is_compared_with_the_one_before_it(own):
    by_stem = {one.stem: one for one in my_returns.submissions(own) if one.state != "refused"}
    assert (by_stem["testing__EDI__2026-09__v2"].before, by_stem["testing__EDI__2026-09__v2"].now) == (12, 3)
    assert by_stem["testing__EDI__2026-09__v1"].before is None
    assert by_stem["outcomes__EDI__2026-07__v1"].before is None
    assert my_returns.mended(own) == 1


def test_faults_are_counted_by_reason_and_field_the_newest_month_first(own):
    assert my_returns.faults(own, my_returns.to_mend(own)).rows() == [
        ("orphan_key", "request_id", 4, 1, "2026-10"),
        ("date_order", "requested_date, received_date", 2, 1, "2026-09"),
        ("unknown_code", "technology", 2, 1, "2026-09"),
    ]


def test_faults_of_nothing_are_an_empty_table(own):
    assert my_returns.faults(own, []).is_empty()


def test_a_row_that_breaks_one_rule_twice_in_a_field_counts_once(own, folder):
    path = folder / "returns" / "EDI" / "testing__EDI__2026-09__v2.csv"
    rows((7, "technology; technology", "unknown_code; unknown_code")).write_csv(path)
    mend = [one for one in my_returns.to_mend(own) if one.stem == "testing__EDI__2026-09__v2"]
    assert my_returns.faults(own, mend)["rows"].to_list() == [1]


def test_a_letter_can_neither_link_nor_show_a_picture_nor_take_the_page_s_headings(own):
    text = my_returns.letter(own, "testing__EDI__2026-09__v2")
    assert "](" not in text.replace("\\]", "")
    assert "![" not in text.replace("\\!", "")
    assert text.startswith("### Testing extract")
    assert "#### Rows returned" in text
    assert "a code of the list; sex" in text
    assert "\\[not\\]" in text
    assert my_returns.letter(own, "../../secret") == ""


def test_submissions_with_files_are_offered_those_to_mend_first(own):
    assert [one.stem for one in my_returns.with_files(own)] == [
        "turnaround__EDI__2026-10__v1",
        "testing__EDI__2026-09__v2",
        "testing__EDI__2026-09__v1",
    ]
