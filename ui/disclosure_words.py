"""What a manifest says of disclosure control and of the attack on it, in sentences. No screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ui.words import joined, number

Entry = Mapping[str, Any]

#: Rules that say how many people a figure needs.
NEEDS = {
    "share_needs": "a share {}",
    "growth_needs": "growth {} in the year before",
    "monthly_needs": "points by month {} on average",
}
NEEDS_OF = {
    "percentiles_need": {"median": "a median {}", "p90": "a 90th percentile {}", "p95": "a 95th percentile {}"},
    "forecasts_need": {
        "people": "a forecast of a queue {}",
        "either_way": "{0} of these expected to be late and {0} not to be",
    },
}

#: What an attack says of itself, in the order in which `_outcome` takes it.
ATTACKED = (
    "told", "small_counts_attacked", "blocks_attacked", "blocks_in_all", "blocks_as_before", "narrowest_range_not_told",
    "solved_one_by_one", "seconds",
)  # fmt: skip

NUMBER = int | float


def sentences(disclosure: Any) -> list[str]:
    """The lines of a manifest's entry; what no sentence here knows stands at the end by its own name, so that nothing
    that a manifest says is left out, whichever version of the build wrote it."""
    if not isinstance(disclosure, Mapping):
        return _named(disclosure)
    left = dict(disclosure)
    told: list[str] = []
    for parts, say in PARTS:
        if all(key in left and isinstance(left[key], kind) for key, kind in parts.items()):
            told += say(*(left.pop(key) for key in parts))
    return told + _named(left)


def _rules(rules: Entry) -> Iterator[str]:
    """The rules that a count and a figure must meet to be shown."""
    left = dict(rules)
    if "hidden_under" in left and "rounded_to" in left:
        yield (
            f"A count of fewer than {left.pop('hidden_under')} people is hidden, nought included; every other is "
            f"rounded to {left.pop('rounded_to')}."
        )
    if needs := list(_needs(left)):
        yield f"People that a figure needs: {joined(needs)}."
    if "told_within" in left:
        least = left.pop("told_within")
        yield f"A count of 1 to 9 people may only be worked out to a range of {least} or more, or nothing is published."
    yield from _named(left, "rules")


def _needs(left: dict[str, Any]) -> Iterator[str]:
    """Each kind of figure with the people that it needs, taken out of the rules."""
    for name, what in NEEDS.items():
        if isinstance(left.get(name), int):
            yield what.format(left.pop(name))
    for group, whats in NEEDS_OF.items():
        if isinstance(left.get(group), Mapping) and left[group].keys() == whats.keys():
            yield from (whats[name].format(least) for name, least in left.pop(group).items())


def _shown(counts: int, shown: int, hidden: int) -> Iterator[str]:
    yield f"{number(shown)} of {number(counts)} counts are shown; {number(hidden)} more are hidden to protect others."


def _ties(ties: int) -> Iterator[str]:
    yield f"{number(ties)} sums and other ties between counts were reckoned with."


def _without(told: int) -> Iterator[str]:
    if told:
        counts = "small count" if told == 1 else "small counts"
        yield f"{number(told)} {counts} could be worked out without this release, which no hiding can help."


def _allowed(seconds: float | None) -> Iterator[str]:
    if seconds is None:
        yield "Every period was attacked in full."
    else:
        yield f"Synthetic figures: each attack was cut off after {seconds:g} seconds' work, so it is a sample."


def _as_before(taken: bool) -> Iterator[str]:
    if taken:
        yield "All that this rests on is as it was, so what was found before stands."


def _attack(found: Entry) -> Iterator[str]:
    yield from _outcome("The attack", "attack", found)


def _attack_by_boards(found: Entry) -> Iterator[str]:
    left = dict(found)
    who = f"The attack as each of {left.pop('boards', 'the')} boards, which know their own counts,"
    yield from _outcome(who, "attack by boards", left)


def _outcome(who: str, name: str, found: Entry) -> Iterator[str]:
    """What an attack did and found."""
    if not found.keys() >= set(ATTACKED) or not all(isinstance(found[key], NUMBER | None) for key in ATTACKED):
        yield from _named(found, name)
        return
    left = dict(found)
    told, *tried, narrowest, alone, seconds = (left.pop(key) for key in ATTACKED)
    counts, blocks, of, before = (number(one or 0) for one in tried)
    range_left = "" if narrowest is None else f" The narrowest range left was {narrowest}."
    what = f"{number(told) if told else 'no'} small count{'' if told == 1 else 's'}"
    yield (
        f"{who} told {what}. It tried {counts} of them, in {blocks} of {of} blocks of counts, of which {before} were "
        f"as in an earlier attack; {number(alone or 0)} took a search of their own. It took {seconds or 0:,.0f}"
        f" seconds.{range_left}"
    )
    yield from _named(left, name)


def _seconds(took: Entry) -> Iterator[str]:
    if took.keys() == {"hiding", "in_all"} and all(isinstance(one, NUMBER) for one in took.values()):
        yield f"It took {took['in_all']:,.0f} seconds in all, {took['hiding']:,.0f} of them to choose what to hide."
    else:
        yield from _named(took, "seconds")


def _against(release: str | None) -> Iterator[str]:
    yield f"Held against what {release} shows." if release else "There was no release before to hold it against."


def _secret(fingerprint: str) -> Iterator[str]:
    yield f"Rounded by the secret of fingerprint {fingerprint}, which does not give it away."


#: What is told in sentences of its own, in the order of the page, by the keys that it needs and what they must be.
PARTS: list[tuple[dict[str, Any], Callable[..., Iterator[str]]]] = [
    (dict.fromkeys(("counts", "counts_shown", "hidden_to_protect_others"), int), _shown),
    ({"attack": Mapping}, _attack),
    ({"attack_by_boards": Mapping}, _attack_by_boards),
    ({"seconds_allowed": NUMBER | None}, _allowed),
    ({"told_without_this_release": int}, _without),
    ({"against_release": str | None}, _against),
    ({"as_before": bool}, _as_before),
    ({"ties": int}, _ties),
    ({"seconds": Mapping}, _seconds),
    ({"rounding_secret": str}, _secret),
    ({"rules": Mapping}, _rules),
]


def _named(value: Any, name: str = "") -> list[str]:
    """A value by its own name, a line each, names within names joined by a comma."""
    if isinstance(value, Mapping):
        inner = [(f"{name}, {key}" if name else str(key), one) for key, one in value.items()]
        return [line for key, one in inner for line in _named(one, key.replace("_", " "))]
    if isinstance(value, list):
        return [_line(name, f"{number(len(value))} listed")] if value else []
    if value is None or isinstance(value, bool):
        return [_line(name, {True: "yes", False: "no", None: "none"}[value])] if name else []
    return [_line(name, number(value) if isinstance(value, int) else str(value))]


def _line(name: str, value: str) -> str:
    text = f"{name}: {value}" if name else value
    return text[:1].upper() + text[1:]
