"""The grammar of ids: what it writes it reads, old ids are read, and everything else is refused."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.citations import LONGEST, STATISTICS, TABLES, Citation, CitationError, TableCitation, parse

RELEASE = "20261115T080000Z-4eb6b13f"
NAMES = st.from_regex(r"\A[a-z][a-z0-9_]{0,20}\Z").filter(lambda name: name not in ("all", "data_quality", "scotland"))
CODES = st.text(st.characters(min_codepoint=33, max_codepoint=0x24F), min_size=1, max_size=6).filter(
    lambda code: code.isprintable() and code != "all"
)
MONTHS = st.tuples(st.integers(1900, 2199), st.integers(1, 12))


@st.composite
def citations(draw: st.DrawFn) -> Citation:
    names = draw(st.lists(NAMES, max_size=3, unique=True))
    codes: list[str | None] = [draw(CODES) for _ in names]
    if names and draw(st.booleans()):
        codes[draw(st.integers(0, len(names) - 1))] = None
    first, last = sorted([draw(MONTHS), draw(MONTHS)])
    return Citation(
        RELEASE,
        draw(NAMES),
        tuple(names),
        tuple(codes),
        draw(st.sampled_from(["month", "quarter", "year"])),
        dt.date(*first, 1),
        dt.date(*last, monthrange(*last)[1]),
        tuple(sorted(draw(st.sets(st.sampled_from(STATISTICS))))),
    )


@given(citations())
def test_what_is_written_is_read_back(citation):
    assert parse(citation.id) == citation
    assert parse(f" {citation.id}\n") == citation
    assert len(citation.id) <= LONGEST


@given(st.sampled_from(sorted(TABLES)), st.one_of(st.none(), CODES))
def test_what_is_written_of_a_table_is_read_back(table, row):
    citation = TableCitation(RELEASE, table, row)
    assert parse(citation.id) == citation


@given(st.text(max_size=700))
def test_any_text_is_read_or_refused_and_never_anything_else(text):
    try:
        found = parse(text)
    except CitationError:
        return
    assert found.id == text.strip()


def test_a_refusal_repeats_nothing_of_the_text():
    with pytest.raises(CitationError) as problem:
        parse("r/secret_word_4711/scotland/all/month/wrong")
    assert "4711" not in str(problem.value)


@given(citations(), st.integers(0, 200), st.characters())
def test_one_letter_changed_gives_another_id_or_a_refusal(citation, place, letter):
    text = citation.id[: place % len(citation.id)] + letter + citation.id[place % len(citation.id) + 1 :]
    try:
        found = parse(text)
    except CitationError:
        return
    assert found.id == text.strip()
    assert found != citation or text.strip() == citation.id


def test_ids_of_before_are_read_as_they_were():
    found = parse(f"{RELEASE}/reported_within_standard/scotland/all/month/2021-05..2026-10")
    assert (found.cube, found.held, found.spread) == ("", {}, None)
    assert (found.first, found.last) == (dt.date(2021, 5, 1), dt.date(2026, 10, 31))
    found = parse("r/i/performing_lab+technology/EDI+all/quarter/2025-10..2026-02")
    assert (found.cube, found.held, found.spread) == (
        "performing_lab+technology",
        {"performing_lab": "EDI"},
        "technology",
    )
    assert found.last == dt.date(2026, 2, 28)


def test_a_code_that_holds_the_sign_between_codes_is_told_apart():
    citation = Citation(
        "r", "open_requests", ("performing_lab", "open_age"), ("EDI", "43+"), "month",
        dt.date(2026, 10, 1), dt.date(2026, 10, 31),
    )  # fmt: skip
    assert citation.id == "r/open_requests/performing_lab+open_age/EDI+43%2B/month/2026-10..2026-10"
    assert parse(citation.id) == citation


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a/b",
        "r/i/scotland/all/month/2026..2026",
        "r/i/scotland/all/month/2026-01",
        "r/i/scotland/all/month/none..none",
        "r/i/scotland/all/month/2026-13..2026-14",
        "r/i/scotland/all/month/2026-10..2026-09",
        "r/i/scotland/all/day/2026-10..2026-10",
        "r/i/scotland/EDI/month/2026-10..2026-10",
        "r/i/performing_lab/EDI+GLA/month/2026-10..2026-10",
        "r/i/a+a/x+y/month/2026-10..2026-10",
        "r/i/a+b/all+all/month/2026-10..2026-10",
        "r/i/a+b+c+d/w+x+y+z/month/2026-10..2026-10",
        "r/i/scotland/all/month/2026-10..2026-10/mean",
        "r/i/scotland/all/month/2026-10..2026-10/p90+median",
        "r/i/scotland/all/month/2026-10..2026-10/",
        "r/i/a/%2e%2e/month/2026-10..2026-10",
        "r/i/a/x%61/month/2026-10..2026-10",
        "r/i/a/%FF/month/2026-10..2026-10",
        "r/i/a/x%00/month/2026-10..2026-10",
        "../../etc/passwd",
        "../x/i/scotland/all/month/2026-10..2026-10",
        "..%2Fx/i/scotland/all/month/2026-10..2026-10",
        ".building-1/i/scotland/all/month/2026-10..2026-10",
        "r/i' OR 1=1 --/scotland/all/month/2026-10..2026-10",
        "r/i/scotland/all/month/2026-10..2026-10; DROP TABLE cells",
        "r/data_quality/secrets/all",
        "r/data_quality/checks",
        "r/data_quality/checks/a/b",
        "r/data_quality/checks/' OR 1=1",
        "x" * 100_000,
        "r/" * 100_000,
    ],
)
def test_what_is_no_id_is_refused(text):
    with pytest.raises(CitationError):
        parse(text)
