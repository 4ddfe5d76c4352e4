"""The page Glossary: all terms, those looked for, and the address that a definition links to."""

from __future__ import annotations

from ui import words


def table(app):
    """The table of terms as it is sent."""
    return "".join(str(html.value) for html in app.main.get("html") if 'class="gm-fold' in str(html.value))


def rows(app):
    """The terms shown: every row but that of the headings."""
    return max(table(app).count("<tr") - 1, 0)


def test_all_terms_are_shown(open_page):
    app = open_page("glossary")
    assert app.header[0].value == f"{len(words.glossary())} terms"
    assert rows(app) == len(words.glossary())


def test_the_address_of_a_link_finds_its_term(open_page):
    app = open_page("glossary", word="requesting board")
    assert 1 <= rows(app) < 10
    assert "requesting board</th>" in table(app)


def test_no_term_found_is_said(open_page):
    app = open_page("glossary", word="zebra")
    assert app.header[0].value.startswith("None of")
    assert rows(app) == 0
