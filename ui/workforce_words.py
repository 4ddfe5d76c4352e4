"""Sentences of the page Workforce: what is vacant, who leaves, what is known, what lines up. No screens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ui import capacity_words, words, workforce_measures
from ui.workforce_filters import Choice

Row = Mapping[str, Any]

#: Posts from which a rate bears a decimal.
DECIMAL_FROM = 100

#: A difference of rates under this many percentage points is told as about the same.
SAME = 0.5

NEEDS = (
    "It needs the workforce extract: a row for each census date, site, role and band. This release shows no posts from "
    "it, so nothing can be said about staff."
)

NOT_CROSSED = "Told by laboratory and by role, not by both: what is told by age, leaving or absence has one list only."

NO_CAUSE = (
    "This is no proof of cause: a laboratory's tests, its methods and the number of requests also change over time, "
    "and late requests may themselves be why people leave."
)

KNOWN = """
**Published for all of Scotland by NHS Education for Scotland (NES):**

- Posts and vacancies of consultants, nurses and midwives, allied health professionals, psychology and mental health
  services for children, each quarter. Of the roles here, only **consultant clinical geneticists** are among them, so
  only their posts can be checked against a published figure.
- **No survey of healthcare science.** No published figure tells how many clinical scientists, technologists,
  bioinformaticians or laboratory support workers genomics has, or how many posts are vacant.
- The definition of a vacancy and the formula of the rate, which this page uses: a post cleared for advert is vacant
  until somebody starts; the rate is vacant posts out of posts in post and vacant.

**Told by the workforce extract of each laboratory alone:**

- Everything else on this page. If a laboratory does not send it, nobody else can tell.
- Not in the extract, so not here: ages finer than under 55 and 55 or over, the reason of leaving beyond retirement and
  moves within NHS Scotland, part-time working, work done as overtime, and posts that are needed and not funded.

Source: [NES vacancy surveys](https://turasdata.nes.nhs.scot/about-our-data-and-reports/data-sources-and-quality-assurance/vacancy-surveys).
"""


def rate(value: float, posts: float | None = None) -> str:
    """A rate of posts as per cent, with a decimal where there are enough posts for one."""
    return f"{100 * value:.1f}%" if posts is not None and posts >= DECIMAL_FROM else f"{100 * value:.0f}%"


def of_row(row: Row) -> str:
    """The value of a cell as a rate, or its shorthand."""
    if row["state"] != "shown" or row["value"] is None:
        return words.MARK.get(row["state"], words.NOT_AVAILABLE)
    return rate(row["value"], row["denominator"])


def hours(row: Row) -> str:
    """Hours a week of the posts filled, to the nearest ten."""
    return f"{round(row['hours_a_week'], -1):,.0f}"


def in_unit(row: Row, name: str) -> str:
    """Posts or hours in post, in their unit."""
    if name == "hours_a_week":
        return f"{hours(row)} hours a week"
    return f"{capacity_words.posts(row['in_post_wte'])} WTE"


def place(choice: Choice) -> str:
    """Where: the laboratory, or Scotland."""
    return capacity_words.site(choice.site) if choice.site else "Scotland"


def whom(choice: Choice) -> str:
    """Whose posts, as a plural: `genetic technologists in Dundee`."""
    return f"{capacity_words.people(choice.role) if choice.role else 'all roles'} in {place(choice)}"


def name_of(choice: Choice, code: str) -> str:
    """What a code that stands side by side is called."""
    return capacity_words.site(code) if choice.spread == "site" else capacity_words.role(code)


def census(day: dt.date | None) -> str:
    """When posts were counted."""
    return f"Census of {words.long_date(day)}"


def posts(row: Row, choice: Choice) -> str:
    """The finding on posts: how many are vacant of how many."""
    total = row["denominator"]
    whose = f" of {capacity_words.people(choice.role)}" if choice.role else ""
    if row["value"] == 0:
        return f"No post{whose} is vacant in {place(choice)}"
    vacant = words.number(row["numerator"]) if row["numerator"] else "Less than 1"
    return (
        f"{vacant} of about {words.number(total)} post{'' if total == 1 else 's'}{whose} "
        f"{'are' if row['numerator'] > 1 else 'is'} vacant in {place(choice)}: vacancy rate {rate(row['value'], total)}"
    )


def highest(rows: Sequence[Row], choice: Choice) -> str:
    """Who has the highest rate among those side by side; empty with fewer than two."""
    shown = [row for row in rows if row["state"] == "shown" and row["denominator"] > 0]
    if len(shown) < 2:
        return ""
    top = max(shown, key=lambda row: row["value"])
    if top["value"] == 0:
        return "No role has a vacant post." if choice.spread == "role" else "No laboratory has one."
    named = capacity_words.site(top["code"]) if choice.spread == "site" else capacity_words.people(top["code"])
    told = f"{rate(top['value'])} of about {top['denominator']:,.0f} post{'' if top['denominator'] == 1 else 's'}"
    return f"The highest rate is that of {named}: {told}."


def moved(now: Row, before: Row | None) -> str:
    """How a rate compares with a year before."""
    if before is None or before["state"] != "shown":
        return "A year before is not shown."
    gap = 100 * (now["value"] - before["value"])
    if abs(gap) < SAME:
        return f"A year before it was about the same ({rate(before['value'], before['denominator'])})."
    return f"A year before it was {rate(before['value'], before['denominator'])}."


def one_post(row: Row) -> str:
    """What one post does to a rate of few posts; empty for many."""
    if not 0 < row["denominator"] < DECIMAL_FROM:
        return ""
    return f"One post more or less vacant moves this rate by {100 / row['denominator']:.0f} percentage points."


def across(rows: Sequence[Row], quarter: str) -> str:
    """Whether the laboratory with the most posts vacant is the one with the lowest share within standard.

    rows: site, vacancy, within of one quarter.
    """
    most = max(rows, key=lambda row: row["vacancy"])
    least = min(rows, key=lambda row: row["within"])
    if len(rows) < 2:
        return (
            f"{capacity_words.site(most['site'])} alone shows both in {quarter}: vacancy rate {rate(most['vacancy'])}, "
            f"{rate(least['within'])} within standard"
        )
    if most["site"] == least["site"]:
        return (
            f"In {quarter} {capacity_words.site(most['site'])} had both the highest vacancy rate "
            f"({rate(most['vacancy'])}) and the lowest share within standard ({rate(least['within'])})"
        )
    return (
        f"In {quarter} vacancies and waits did not line up: most vacant in {capacity_words.site(most['site'])} "
        f"({rate(most['vacancy'])}), lowest share within standard in {capacity_words.site(least['site'])} "
        f"({rate(least['within'])})"
    )


def apart(rows: Sequence[Row]) -> str:
    """How far the laboratories lie apart in one quarter; empty for one alone."""
    if len(rows) < 2:
        return ""
    vacancy, within = sorted(row["vacancy"] for row in rows), sorted(row["within"] for row in rows)
    return (
        f"Vacancy rates run from {rate(vacancy[0])} to {rate(vacancy[-1])}, shares within standard from "
        f"{rate(within[0])} to {rate(within[-1])}."
    )


def within_one(row: Row) -> str:
    """Whether a laboratory's share was lower in quarters with more posts vacant; row: as `halves` gives."""
    gap = 100 * (row["more"] - row["fewer"])
    here = capacity_words.site(row["site"])
    if abs(gap) < 1:
        return f"In {here} the share within standard was about the same in quarters with more posts vacant"
    way = "lower" if gap < 0 else "higher"
    return f"In {here} the share within standard was {words.points(gap / 100)} {way} in quarters with more posts vacant"


def over_halves(found: pl.DataFrame) -> str:
    """In how many laboratories the share was lower in quarters with more posts vacant."""
    if found.is_empty():
        return "There are too few quarters with both to compare them over time."
    lower = found.filter(pl.col("more") - pl.col("fewer") <= -0.01).height
    return (
        f"Over time, the share was lower in quarters with more posts vacant in {lower or 'none'} of {found.height} "
        f"{'laboratory' if found.height == 1 else 'laboratories'} with quarters enough, by 1 percentage point or more."
    )


def in_hours(first: Row, last: Row, choice: Choice) -> tuple[str, str]:
    """How posts and hours moved since the first census: title and sentence; of few posts, what rounding leaves open."""
    since = f"since {words.long_date(first['period_end'])}"
    whose = whom(choice)
    wte, wte_least, wte_most = workforce_measures.grown(first, last, "in_post_wte")
    changed, *_ = workforce_measures.grown(first, last, "hours_a_week")
    week = f"The full-time week is {last['full_time_hours']:g} hours; it was {first['full_time_hours']:g}."
    if last["full_time_hours"] == first["full_time_hours"]:
        week = "The full-time week stayed the same."
    if min(first["denominator"], last["denominator"]) < DECIMAL_FROM:
        most = "more than doubled" if wte_most > 1 else _grown(wte_most)
        return (
            f"{whose[:1].upper()}{whose[1:]}: about {hours(last)} hours a week, {hours(first)} on "
            f"{words.long_date(first['period_end'])}",
            f"{week} Posts are told to the nearest whole one, so growth in WTE {since} is not known well: anything "
            f"from {_grown(wte_least)} to {most}.",
        )
    return (
        f"{whose[:1].upper()}{whose[1:]}: {_grown(wte)} in WTE, {_grown(changed)} in hours {since}",
        f"About {hours(last)} hours a week are in post, {hours(first)} then. {week}",
    )


def alone(rows: Sequence[Row], choice: Choice) -> tuple[str, str]:
    """Which roles of a laboratory rest on about one post: title and sentence."""
    whose = f" of {capacity_words.people(choice.role)}" if choice.role else ""
    where = place(choice)
    if not rows:
        return f"No service{whose} in {where} rests on one post", "Where anybody is in post, there is more than one."
    counted = f"{len(rows)} services{whose} in {where} rest" if len(rows) > 1 else f"1 service{whose} in {where} rests"
    listed = [f"{capacity_words.people(row['role'])} in {capacity_words.site(row['site'])}" for row in rows]
    return (
        f"{counted} on about one post",
        f"If that person is away, nobody in the same role stands in: {words.joined(listed)}.",
    )


def _grown(share: float) -> str:
    """A growth in words: `up 8%`."""
    whole = round(100 * share)
    return "no change" if whole == 0 else f"{'up' if whole > 0 else 'down'} {abs(whole)}%"


def named(of: str, code: str) -> str:
    """The name of a role or of a laboratory."""
    return capacity_words.site(code) if of == "site" else capacity_words.role(code)


def of_one(what: str, is_of: str, now: Row | None, choice: Choice) -> str:
    """The finding of a measure that is told by laboratory and by role."""
    here = ", Scotland" if choice.role or not choice.site else f", {place(choice)}"
    whose = f" ({capacity_words.people(choice.role)})" if choice.role else ""
    if now is None:
        return f"{what}{whose}{here}: hidden, or nothing to tell, at the newest census"
    return f"{of_row(now)} {is_of}{whose}{here}"


def spread_of(rows: Sequence[Row], of: str) -> str:
    """How far a measure differs between roles or laboratories, and how many are hidden."""
    shown = [row for row in rows if row["state"] == "shown"]
    hidden = sum(1 for row in rows if row["state"] == "confidential")
    text = ""
    if len(shown) > 1:
        least, most = min(shown, key=lambda row: row["value"]), max(shown, key=lambda row: row["value"])
        text = f"From {of_row(least)} ({_lower(of, least['code'])}) to {of_row(most)} ({_lower(of, most['code'])})."
    what = "laborator" if of == "site" else "role"
    plural = {"laborator": ("y is", "ies are"), "role": (" is", "s are")}[what][hidden != 1]
    told = f"{hidden} {what}{plural} hidden {words.HIDDEN}." if hidden else ""
    return " ".join(filter(None, [text, told])) or "None is shown."


def _lower(of: str, code: str) -> str:
    return named(of, code) if of == "site" else words.lower_first(named(of, code))


def trainees(now: Row, in_post: Row | None, registered: Row | None, kept: Row | None) -> tuple[str, str]:
    """How many trainees started against the need, and what became of earlier ones."""
    started, need = now["numerator"], now["denominator"]
    people = f"{started} trainee clinical scientist{'' if started == 1 else 's'} started in 12 months"
    title = f"{people}; at least {need} are needed"
    if started >= need:
        title = f"{people}, not fewer than the {need} needed at least"
    parts = ["The need is that of the planning exercise of 2018, and known to be low."]
    if in_post is not None:
        parts.append(f"About {capacity_words.posts(in_post['in_post_wte'])} WTE of trainees are in post.")
    if registered is not None:
        parts.append(f"{of_row(registered)} of {registered['denominator']} trainees registered on time.")
    if kept is not None:
        parts.append(f"{of_row(kept)} of {kept['denominator']} who registered stayed in NHS Scotland for 24 months.")
    return title, " ".join(parts)
