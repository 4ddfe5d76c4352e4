"""What disclosure control let through is taken again only where all that it rests on is the same."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipelines.cubes import CELL
from pipelines.disclosure import control
from pipelines.folders import Folders
from pipelines.kept.protection import FILE, KeptProtection
from tests.pipelines.disclosure import toy

CELLS = toy.exact(toy.requests(3, 500)).sort(CELL)


def protected(
    place: Path,
    cells: pl.DataFrame = CELLS,
    seconds: float | None = None,
    before: Path | None = None,
    **rules: object,
) -> control.Protected:
    """Protect by way of what is kept."""
    return control.protect(
        {toy.ENTRY.id: cells},
        toy.ENTRIES,
        toy.RULES.model_copy(update=rules),
        before=before,
        seconds=seconds,
        kept=KeptProtection(Folders(place)),
    )


def test_the_same_cells_are_not_protected_twice_and_the_release_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = protected(tmp_path)
    assert first.audit["as_before"] is False
    monkeypatch.setattr(control, "hide_enough", lambda *_: pytest.fail("hidden again"))
    again = protected(tmp_path, pl.concat([CELLS.head(7), CELLS.slice(7)]))
    assert again.counts.equals(first.counts)
    assert again.counts.schema == first.counts.schema
    assert again.audit["as_before"] is True
    for attack in ("attack", "attack_by_boards"):
        assert again.audit[attack]["blocks_as_before"] == first.audit[attack]["blocks_attacked"] > 0
    apart = {"as_before", "attack", "attack_by_boards", "seconds"}
    told = [{name: of.audit[name] for name in of.audit.keys() - apart} for of in (first, again)]
    assert told[0] == told[1]


def test_one_count_draw_or_rule_changed_and_all_is_protected_anew(tmp_path: Path) -> None:
    protected(tmp_path)
    first_row = pl.int_range(pl.len()) == 0
    counts = [name for name in CELLS.columns if CELLS.schema[name].is_integer()]
    assert {"numerator", "people", "draw"} <= set(counts)
    for name in counts:
        changed = CELLS.with_columns(pl.when(first_row).then(pl.col(name) ^ 1).otherwise(name).alias(name))
        assert protected(tmp_path, changed).audit["as_before"] is False
        assert protected(tmp_path, changed).audit["as_before"] is True
    assert protected(tmp_path).audit["as_before"] is False
    assert protected(tmp_path, seconds=1.0).audit["as_before"] is False
    assert protected(tmp_path, told_within=toy.RULES.told_within + 1).audit["as_before"] is False


def test_another_release_before_protects_anew_and_other_code_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = control.shown_before(None, toy.ENTRIES)
    row = pl.DataFrame({name: [None] for name in shown.columns}, schema=shown.schema).with_columns(
        indicator=pl.lit(toy.ENTRY.id), cube=pl.lit(""), grain=pl.lit("month"), before=pl.lit(5)
    )
    protected(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(control, "shown_before", lambda *_: row.select(shown.columns).cast(dict(shown.schema)))
        assert protected(tmp_path).audit["as_before"] is False
    protected(tmp_path)
    monkeypatch.setattr(control, "solved_by", lambda: "other")
    assert protected(tmp_path).audit["as_before"] is False


def test_a_damaged_file_counts_as_none(tmp_path: Path) -> None:
    protected(tmp_path)
    file = Folders(tmp_path).kept / FILE
    content = bytearray(file.read_bytes())
    content[-9] ^= 1
    file.write_bytes(content)
    assert protected(tmp_path).audit["as_before"] is False
