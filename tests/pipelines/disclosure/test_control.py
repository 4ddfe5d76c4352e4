"""The control from end to end: what the attack finds is hidden and attacked again."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.disclosure import control
from pipelines.disclosure.attack import Audit, Block
from tests.pipelines.disclosure import toy


def test_where_the_attack_is_told_a_count_more_is_hidden_beside_it_and_only_what_that_touches_is_attacked_again(
    monkeypatch,
) -> None:
    cells = {toy.ENTRY.id: toy.exact(toy.requests(3, 500))}
    usual = control.protect(cells, toy.ENTRIES, toy.RULES)
    quarter = usual.counts.filter(pl.col("grain") == "quarter", pl.col("people").is_between(1, 9), part="whole")
    row = int(quarter.filter(cube="requesting_board")["row"][0])
    beside = usual.counts.filter("is_shown", cube="requesting_board", grain="quarter")["row"].to_numpy().astype(int)
    attacks: list[int] = []
    real = control.attack

    def told_once(blocks: list[Block], *rest: object) -> Audit:
        attacks.append(len(blocks))
        found = real(blocks, *rest)
        if len(attacks) == 1:
            found.told, found.told_in = [row], [block for block in blocks if row in block.rows]
            found.told_by = {row: beside}
        return found

    monkeypatch.setattr(control, "attack", told_once)
    safe = control.protect(cells, toy.ENTRIES, toy.RULES)
    hidden = np.flatnonzero((usual.counts["is_shown"] & ~safe.counts["is_shown"]).to_numpy())
    assert hidden.size > 0
    assert set(usual.counts[hidden]["cube"]) == {"requesting_board"}
    assert safe.audit["attack"]["told"] == 0
    assert 0 < attacks[2] < attacks[0]
