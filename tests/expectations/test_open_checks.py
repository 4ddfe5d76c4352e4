"""On demonstration data exactly those checks are open that tell of what the demonstration plants on purpose."""

from __future__ import annotations

import duckdb
import pytest

from expectations.suites import suites
from pipelines.build import WAREHOUSE
from pipelines.demo.truth import ETHNICITY_MISSING_AS, ETHNICITY_RECORDED
from pipelines.quality.checks import Check, run_suites
from tests.conftest import Published

BY_BOARD = "mart_requests.ethnic_group_recorded_by_residence_board"


def open_checks(data: Published) -> dict[str, Check]:
    """The open checks of staged tables, marts and reference lists, by id."""
    chosen = {table: suite for table, suite in suites().items() if not table.startswith("dq_")}
    with duckdb.connect(str(data.folders.build / WAREHOUSE), read_only=True) as con:
        return {check.id: check for check in run_suites(con, chosen) if check.is_open}


def boards(check: Check) -> set[str | None]:
    return {part.board for part in check.parts}


def recorded_at_most(share: float) -> set[str]:
    """Boards whose planted share of valid codes is no higher."""
    return {board for board, planted in ETHNICITY_RECORDED.items() if planted <= share}


@pytest.mark.slow
@pytest.mark.xdist_group("small")
def test_few_requests_show_poor_recording_where_there_are_enough_of_them(small: Published) -> None:
    found = open_checks(small)
    assert found.keys() == {BY_BOARD, "mart_requests.ethnic_group_recorded_by_receiving_lab"}
    # Planted: 66% in Highland; Grampian, just above with 72%, and Highland send to Aberdeen. The island boards, which
    # record as poorly, have too few requests to be judged.
    assert boards(found[BY_BOARD]) == {"S08000022"} <= recorded_at_most(0.69)
    assert {part.submitter for part in found["mart_requests.ethnic_group_recorded_by_receiving_lab"].parts} == {"ABE"}


#: Ways of having no valid code: what the demonstration writes, the share allowed, and the boards found above it.
MISSING = {
    "not_recorded": ("", 0.25, {"S08000025", "S08000028"}),
    "not_known": ("99", 0.12, {"S08000028"}),
    "declined": ("98", 0.12, {"S08000028"}),
}
#: Three standard errors of a share of an eighth among the 280 requests a year of the Western Isles.
CHANCE = 0.06


@pytest.mark.slow
@pytest.mark.xdist_group("full")
def test_many_requests_show_every_board_with_poor_recording_and_no_other(full: Published) -> None:
    found = open_checks(full)
    by_kind = {kind: f"mart_requests.ethnicity_{kind}_by_residence_board" for kind in MISSING}
    by_laboratory = "mart_requests.ethnic_group_recorded_by_receiving_lab"
    assert found.keys() == {BY_BOARD, by_laboratory, *by_kind.values()}
    assert boards(found[BY_BOARD]) == recorded_at_most(0.69)
    # Aberdeen serves Highland (66%), Orkney (58%), Shetland (63%) and Grampian, just above with 72%.
    assert {part.submitter for part in found[by_laboratory].parts} == {"ABE"}
    for kind, (code, allowed, expected) in MISSING.items():
        assert boards(found[by_kind[kind]]) == expected <= lacking(code, allowed - CHANCE)


def lacking(code: str, at_most: float) -> set[str]:
    """Boards where one way of having no valid code is planted more often than is allowed."""
    return {
        board for board, planted in ETHNICITY_RECORDED.items() if (1 - planted) * ETHNICITY_MISSING_AS[code] > at_most
    }
