"""A run is named by the code and the lists that it rests on."""

from __future__ import annotations

from pathlib import Path

import pytest

from capacity.code_version import DECIDING, code_version
from catalogue.contracts import ROOT
from ui.scenario_runs import READING


def test_every_file_named_exists() -> None:
    for pattern in (*DECIDING, *READING):
        assert list(ROOT.glob(pattern)), pattern


@pytest.mark.parametrize("change", ["edited", "renamed", "gone", "new"])
def test_any_change_of_a_deciding_file_is_another_version(tmp_path: Path, change: str) -> None:
    for folder in ("before", "after"):
        (tmp_path / folder / "capacity").mkdir(parents=True)
        (tmp_path / folder / "capacity" / "engine.py").write_text("one")
        (tmp_path / folder / "page.py").write_text("two")
    assert code_version((), tmp_path / "before") == code_version((), tmp_path / "after")
    other, here = tmp_path / "other", tmp_path / "after" / "capacity" / "engine.py"
    (tmp_path / "after").rename(other)
    here = other / "capacity" / "engine.py"
    if change == "edited":
        here.write_text("One")
    elif change == "renamed":
        here.rename(here.with_name("engines.py"))
    elif change == "gone":
        here.unlink()
    else:
        here.with_name("more.py").write_text("")
    assert code_version((), tmp_path / "before") != code_version((), other)
    assert len(code_version((), other)) == 12


def test_what_reads_a_release_counts_where_it_is_named(tmp_path: Path) -> None:
    for folder, text in (("before", "two"), ("after", "three")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.py").write_text(text)
    before, after = tmp_path / "before", tmp_path / "after"
    assert code_version((), before) == code_version((), after)
    assert code_version(("page.py",), before) != code_version(("page.py",), after)
