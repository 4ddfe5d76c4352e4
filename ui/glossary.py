"""The terms of the glossary: looking for them, and finding those that a definition uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from urllib.parse import quote

from ui import words

#: The page and the name of the term in its address, `/glossary?word=…`.
PAGE, WORD = "glossary", "word"


def found(text: str) -> dict[str, str]:
    """Terms and meanings that hold every word looked for; terms that begin with the text stand first."""
    wanted, every = text.casefold().split(), words.glossary()
    held = {
        term: meaning
        for term, meaning in every.items()
        if all(word in f"{term} {meaning}".casefold() for word in wanted)
    }
    return dict(sorted(held.items(), key=lambda item: not item[0].casefold().startswith(text.strip().casefold())))


@cache
def phrases() -> Mapping[str, str]:
    """Each way in which a term of several words may stand in a text, in lower case, and the term; the longest first.

    A term of one word (`due`, `check`) is left out: in a sentence it may mean something else.
    """
    named = {
        part.casefold(): term
        for term in words.glossary()
        for part in re.sub(r"\s*\(.*?\)|\s*\[.*?\]", "", term).split(", ")
        if " " in part.strip()
    }
    return dict(sorted(named.items(), key=lambda item: -len(item[0])))


def used(text: str) -> dict[str, str]:
    """The terms that a text uses, in the order in which they stand in it, with their meanings."""
    every = words.glossary()
    return {term: every[term] for term in dict.fromkeys(phrases()[name] for name in _names(text))}


def linked(text: str) -> str:
    """The text with the first mention of each term as a link to its meaning."""
    told = set[str]()

    def link(match: re.Match[str]) -> str:
        term = phrases()[_plain(match[1])]
        if term in told:
            return match[0]
        told.add(term)
        return f"[{match[0]}]({PAGE}?{WORD}={quote(term)})"

    pattern = _pattern()
    return pattern.sub(link, text) if pattern else text


def _names(text: str) -> list[str]:
    pattern = _pattern()
    return [_plain(match[1]) for match in pattern.finditer(text)] if pattern else []


def _plain(text: str) -> str:
    return text.casefold()


@cache
def _pattern() -> re.Pattern[str] | None:
    """Any of the phrases as whole words, one or several."""
    named = "|".join(re.escape(name) for name in phrases())
    return re.compile(rf"(?<![\w-])({named})s?(?![\w-])", re.IGNORECASE) if named else None
