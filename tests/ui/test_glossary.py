"""The glossary: every term is found, definitions link to terms of several words, and single words are left alone."""

from __future__ import annotations

from ui import glossary, words


def test_every_term_is_found_by_its_own_words():
    for term in words.glossary():
        assert term in glossary.found(term.replace("(", " ").replace(")", " ").split(",")[0])


def test_nothing_asked_gives_all_and_nonsense_none():
    assert glossary.found("") == words.glossary()
    assert glossary.found("zebra") == {}


def test_terms_that_begin_with_the_text_stand_first():
    assert next(iter(glossary.found("clock"))) == "clock start"


def test_the_first_mention_of_a_term_is_linked_and_no_other():
    text = glossary.linked("By requesting board. The Requesting board asks; board of residence lives.")
    assert text.count("(glossary?word=requesting%20board)") == 1
    assert "[board of residence](glossary?word=board%20of%20residence)" in text


def test_a_part_of_another_word_and_a_word_alone_are_not_linked():
    assert glossary.linked("A check of what is due and held") == "A check of what is due and held"
    assert glossary.linked("in posting") == "in posting"


def test_a_plural_is_linked_to_its_term():
    assert "[accepted requests](glossary?word=accepted%20request)" in glossary.linked("All accepted requests")


def test_terms_used_come_with_their_meaning_in_order():
    found = glossary.used("From the clock start, by requesting board")
    assert list(found) == ["clock start", "requesting board"]
    assert all(found.values())
