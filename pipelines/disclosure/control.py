"""Disclosure control of a release from end to end: hide, attack, and refuse to go on where the attack succeeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalogue.disclosure import Rules
from catalogue.indicators import Indicator
from catalogue.reference import reference_rows
from pipelines.disclosure.attack import (
    Audit,
    Block,
    Known,
    attack,
    blocks_across_periods,
    blocks_of_periods,
    solved_by,
)
from pipelines.disclosure.bounds import Watched, first_limits, propagate, told, watched
from pipelines.disclosure.counts import counts as all_counts
from pipelines.disclosure.counts import rounded
from pipelines.disclosure.hiding import (
    Unreleased,
    hide_beside,
    hide_enough,
    knowing,
    numbered_cells,
    told_by_release,
)
from pipelines.disclosure.nested import REST, Nested, with_rests
from pipelines.disclosure.previous import shown_before, with_earlier
from pipelines.disclosure.relations import Relations, relations
from pipelines.errors import PipelineError
from pipelines.hashes import of_frame, of_texts

#: How often more is hidden because the attack asks for it.
ATTEMPTS = 12

#: Dimensions by which a board's own managers know their figures exactly.
BOARDS = ("requesting_board", "residence_board")


@dataclass(frozen=True)
class Protected:
    """What may be shown, and how that was proved.

    counts: rows of COUNT with `shown`, the rounded number where it may be shown and null elsewhere. audit: what the
    manifest says of the attack; no count, and no place of one.
    """

    counts: pl.DataFrame
    audit: dict[str, Any]


@dataclass(frozen=True)
class _Given:
    """All that protection rests on; see `protect`. earlier: what the release before showed (`shown_before`)."""

    exact: Mapping[str, pl.DataFrame]
    entries: dict[str, Indicator]
    rules: Rules
    nested: Sequence[Nested]
    earlier: pl.DataFrame
    seconds: float | None

    def key(self) -> str:
        """A SHA-256 over all of it, frames to the last row, with the code and the versions of what works it out."""
        told = [
            *(f"{name} {of_frame(cells)}" for name, cells in self.exact.items()),
            *(entry.model_dump_json() for entry in self.entries.values()),
            self.rules.model_dump_json(),
            *map(repr, self.nested),
            of_frame(self.earlier),
            str(self.seconds),
        ]
        return of_texts([solved_by(), pl.__version__, *told])


class Kept(Protocol):
    """What was protected before, by the hash of all that it rests on (`pipelines.kept.protection`)."""

    def known(self, key: str) -> Protected | None:
        """What was found under a key; its audit tells that it was found before. None where that is not known."""

    def keep(self, key: str, found: Protected) -> None:
        """Keep it in place of what was kept."""


def protect(
    exact: Mapping[str, pl.DataFrame],
    entries: dict[str, Indicator],
    rules: Rules,
    nested: Sequence[Nested] = (),
    before: Path | None = None,
    doing: Callable[[str], None] = lambda _: None,
    seconds: float | None = None,
    attacks: Known | None = None,
    kept: Kept | None = None,
) -> Protected:
    """What may be shown of the exact cells of every published indicator that is not derived.

    exact: cells by indicator as `pipelines.cubes` counts them. nested: the measures of which one counts only some of
    another's people (`pipelines.disclosure.nested`). before: the protected store of the release being served.
    seconds: for synthetic data, how long each attack may take at most, in work of the solver; without it, every period
    is attacked in full. attacks: what earlier attacks found, as in `pipelines.disclosure.attack`; new ones are added.
    kept: what was protected before; where all that this rests on is the same to the last row, it is taken from there.
    Raises PipelineError where a count of 1 to 9 people could be told to within `rules.told_within`; nothing is
    published then.
    """
    started = time.monotonic()
    given = _Given(exact, entries, rules, nested, shown_before(before, entries), seconds)
    key = given.key() if kept else ""
    found = kept.known(key) if kept else None
    if found is None:
        found = _worked_out(given, doing, attacks)
        if kept:
            kept.keep(key, found)
    told = {
        **found.audit,
        "against_release": before.parent.name if before else None,
        "seconds": {**found.audit["seconds"], "in_all": round(time.monotonic() - started, 1)},
    }
    return Protected(found.counts, told)


def _worked_out(given: _Given, doing: Callable[[str], None], attacks: Known | None) -> Protected:
    """The same from nothing; see `protect`."""
    started = time.monotonic()
    entries, rules, nested, seconds = given.entries, given.rules, given.nested, given.seconds
    doing("ties between counts")
    table = with_earlier(all_counts(given.exact, entries, rules), given.earlier, entries, rules)
    table = numbered_cells(with_rests(table, nested, rules))
    ties = relations(table, entries, rules, nested)
    known, unreleased = known_by_boards(table, rules), Unreleased(table, ties, rules)
    shown_at_first = int(table["is_shown"].sum())
    doing("hiding what would tell")
    table = hide_enough(table, ties, rules, list(known.values()), unreleased)
    hidden_at = time.monotonic()
    doing("the attack")
    anyway = unreleased.told()
    groups, readers = families(entries, rules, nested), list(known.values())
    table, found, anyway = _withstanding(table, ties, rules, groups, readers, unreleased, anyway, seconds, attacks)
    boards = _attack_as_boards(table, ties, rules, known, unreleased, seconds, attacks)
    for _ in range(ATTEMPTS):
        if found.told or not boards.told_by:
            break
        less = hide_enough(hide_beside(table, rules, boards.told_by), ties, rules, readers, unreleased)
        less, again, anyway = _withstanding(
            less, ties, rules, groups, readers, unreleased, anyway, seconds, attacks, since=table
        )
        table, boards = less, _attack_as_boards(less, ties, rules, known, unreleased, seconds, attacks)
        found.add(again)
    if told_rows := [*found.told, *boards.told]:
        raise PipelineError(_told(table, told_rows, nested))
    shown = pl.when("is_shown").then(rounded(pl.col("number"), pl.col("draw"), rules.rounded_to))
    counts = table.filter(~pl.col("is_past") & (pl.col("part") != REST)).with_columns(shown=shown).drop("cell")
    return Protected(
        counts,
        {
            "counts": int(counts.height),
            "counts_shown": int(counts["is_shown"].sum()),
            "hidden_to_protect_others": shown_at_first - int(counts["is_shown"].sum()),
            "ties": ties.size,
            "told_without_this_release": int(anyway.size),
            "seconds_allowed": seconds,
            "as_before": False,
            "attack": found.as_entry,
            "attack_by_boards": {"boards": len(known), **boards.as_entry},
            "seconds": {"hiding": round(hidden_at - started, 1)},
        },
    )


def known_by_boards(counts: pl.DataFrame, rules: Rules) -> dict[str, NDArray[np.int64]]:
    """For each territorial board, the rows that its managers know exactly from their own detail: ethnicity apart."""
    boards = [row["code"] for row in reference_rows("boards") if row["is_territorial"] == "yes"]
    open_to_boards = ~pl.col("indicator").is_in(rules.sensitive_indicators)
    found = {}
    for board in boards:
        places = [
            (pl.col("cube").str.split("+").list.get(place - 1, null_on_oob=True).is_in(BOARDS)).fill_null(value=False)
            & (pl.col(f"d{place}") == board).fill_null(value=False)
            for place in (1, 2, 3)
        ]
        rows = counts.select((open_to_boards & pl.any_horizontal(places)).arg_true()).to_series()
        found[board] = rows.to_numpy().astype(np.int64)
    return found


def families(entries: Mapping[str, Indicator], rules: Rules, nested: Sequence[Nested] = ()) -> list[frozenset[str]]:
    """Indicators that count the same people, together; every other alone. Sensitive ones first."""
    found = [frozenset([name]) for name, entry in entries.items() if entry.published and entry.kind != "derived"]
    tied = [{side.indicator for side in (link.whole, *link.parts)} for link in rules.links]
    tied += [{pair.whole.indicator, pair.part.indicator, pair.rest} for pair in nested]
    found += [frozenset([rest]) for rest in {pair.rest for pair in nested}]
    for names in tied:
        joined = [family for family in found if not family.isdisjoint(names)]
        if joined:
            found = [family for family in found if family not in joined] + [frozenset().union(*joined)]
    return sorted(found, key=lambda names: (names.isdisjoint(rules.sensitive_indicators), min(names)))


def _withstanding(
    counts: pl.DataFrame,
    ties: Relations,
    rules: Rules,
    groups: list[frozenset[str]],
    known: list[NDArray[np.int64]],
    unreleased: Unreleased,
    anyway: NDArray[np.int64],
    seconds: float | None,
    attacks: Known | None,
    since: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, Audit, NDArray[np.int64]]:
    """The table with as much more hidden as the attack asks for, what the last attack on each part of it found, and the
    rows that are told without this release.

    groups: the families of indicators that are attacked together. anyway: the rows that anybody can tell without this
    release; they are no secret of it. Every family in every period is attacked in full, then across periods for as long
    as the rules allow. Where a count is told, more is hidden beside it, and whatever that touches is attacked again.
    What is told still after ATTEMPTS is in `told`. since: where this table withstood the attack, only what has changed
    since is attacked.
    """
    periods, across = blocks_of_periods(counts, groups), blocks_across_periods(counts, groups, rules.attack.order)
    most, sample = (np.inf, rules.attack.seconds) if seconds is None else (seconds, seconds)
    audit, to_attack = Audit(), [(periods, most), (across, sample)]
    if since is not None:
        changed = (counts["is_shown"] != since["is_shown"]).to_numpy()
        to_attack = [([block for block in periods if changed[block.rows].any()], most)]
    for attempt in range(ATTEMPTS):
        found = _attacked(counts, ties, rules, anyway, to_attack, attacks)
        told_by = told_by_release(counts, found.told_by)
        anyway = np.union1d(anyway, np.setdiff1d(found.told, list(told_by))).astype(np.int64)
        found.told = list(told_by)
        audit.add(found)
        if not found.told or attempt == ATTEMPTS - 1:
            return counts, audit, anyway
        audit.told, audit.told_by, before = [], {}, counts
        counts = hide_enough(hide_beside(counts, rules, told_by), ties, rules, known, unreleased)
        changed = (counts["is_shown"] != before["is_shown"]).to_numpy()
        again = {block.name: block for block in (*periods, *found.told_in) if changed[block.rows].any()}
        to_attack = [(list(again.values()), np.inf)]
    return counts, audit, anyway


def _attacked(
    counts: pl.DataFrame,
    ties: Relations,
    rules: Rules,
    anyway: NDArray[np.int64],
    to_attack: list[tuple[list[Block], float]],
    attacks: Known | None,
) -> Audit:
    number, limits = counts["number"].to_numpy().astype(np.float64), first_limits(counts, rules)
    every, audit = watched(counts, rules), Audit()
    watch = Watched(np.setdiff1d(every.rows, anyway), every.within, every.under)
    for blocks, seconds in to_attack:
        audit.add(attack(blocks, number, ties, limits, watch, rules.attack.directions, seconds, attacks))
    return audit


def _attack_as_boards(
    counts: pl.DataFrame,
    ties: Relations,
    rules: Rules,
    known: Mapping[str, NDArray[np.int64]],
    unreleased: Unreleased,
    seconds: float | None,
    attacks: Known | None,
) -> Audit:
    """The attack by a board's own managers: by bounds on every count, by programme on the newest year and quarter."""
    started = time.monotonic()
    number, watch = counts["number"].to_numpy().astype(np.float64), watched(counts, rules)
    first, audit = first_limits(counts, rules), Audit()
    everybody, newest = propagate(ties, first), _newest_blocks(counts, rules)
    allowed = rules.attack.own_board_seconds if seconds is None else seconds
    share_of_time = allowed / max(1, len(known))
    for own in known.values():
        secret = Watched(np.setdiff1d(watch.rows, own), watch.within, watch.under)
        by_bounds = told(propagate(ties, knowing(everybody, counts, own), own), secret)
        limits = knowing(first, counts, own)
        found = attack(newest, number, ties, limits, secret, rules.attack.directions, share_of_time, attacks)
        found.told_by = told_by_release(counts, found.told_by, own)
        found.told = list(found.told_by)
        if by_bounds.size:
            by_release = np.setdiff1d(by_bounds, unreleased.told(own))
            found.told = np.union1d(by_release, found.told).astype(int).tolist()
        audit.add(found)
    audit.seconds = time.monotonic() - started
    return audit


def _newest_blocks(counts: pl.DataFrame, rules: Rules) -> list[Block]:
    """The newest year and the newest quarter of each measure that boards know of their own."""
    own = counts.filter(~pl.col("indicator").is_in(rules.sensitive_indicators), ~pl.col("is_past"))
    newest = own.filter(pl.col("period_start") == pl.col("period_start").max().over("indicator", "grain"))
    names = [frozenset([name]) for name in sorted(newest["indicator"].unique())]
    return blocks_of_periods(newest.filter(pl.col("grain") != "month"), names)


def _told(counts: pl.DataFrame, rows: list[int], nested: Sequence[Nested]) -> str:
    """Which measures leak, by name and cube; no place and no number."""
    between = {pair.rest: f"between {pair.whole.indicator} and {pair.part.indicator}" for pair in nested}
    named = pl.format("{} by {}", pl.col("indicator").replace(between), "cube")
    where = counts[rows].select(named).to_series().unique().sort().to_list()
    return (
        f"build: disclosure control: small counts can be worked out in {', '.join(where[:5])}"
        f"{' and others' if len(where) > 5 else ''}; nothing is published. "
        "Register fewer or coarser cubes for these measures, or merge values (catalogue/dimensions.yml)"
    )
