"""Judgements of aims: none without the file, the newest of each aim with it, and a row that breaks a rule is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalogue.aim_judgements import TABLE, aim_judgements
from catalogue.contracts import CatalogueError

HEADER = "aim,state,role,decided_on,reason"
REASON = "The funding model was agreed after the return closed."


def written(folder: Path, *rows: str) -> Path:
    (folder / f"{TABLE}.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return folder


def test_without_the_file_nobody_has_judged(tmp_path):
    assert aim_judgements(tmp_path) == {}


def test_a_file_with_a_header_only_holds_no_judgement(tmp_path):
    assert aim_judgements(written(tmp_path)) == {}


def test_the_newest_judgement_of_an_aim_stands(tmp_path):
    rows = (f"3,on_course,Policy lead,2026-05-01,{REASON}", f"3,slipping,Policy lead,2026-02-01,{REASON}")
    found = aim_judgements(written(tmp_path, *rows))
    assert list(found) == ["3"]
    assert found["3"].state == "on_course"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (f"14,on_course,Policy lead,2026-05-01,{REASON}", "aim"),
        (f"3,fine,Policy lead,2026-05-01,{REASON}", "state"),
        (f"3,on_course,,2026-05-01,{REASON}", "role"),
        (f"3,on_course,Policy lead,May,{REASON}", "decided_on"),
        ("3,on_course,Policy lead,2026-05-01,Because.", "reason"),
    ],
)
def test_a_row_that_breaks_a_rule_is_named_with_its_field(tmp_path, row, field):
    with pytest.raises(CatalogueError, match=rf"row 2, {field}"):
        aim_judgements(written(tmp_path, row))
