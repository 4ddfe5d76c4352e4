"""A matrix of marks and words: a table that a screen reader can follow and that never relies on colour."""

from __future__ import annotations

import re

from ui.quality_matrix import TONES, Cell, Matrix, Row

MATRIX = Matrix(
    "Caption & more",
    "Who",
    (("Oct 2026", "due 15 Nov"), ("Sep 2026", "")),
    (("Group", (Row("A <b>", (Cell("●", "Good", "good", {"board": "A & B"}, "Why"), None)),)),),
)


def test_rows_columns_and_groups_have_heads_with_their_scope():
    for scope in ("col", "row", "rowgroup"):
        assert f'scope="{scope}"' in MATRIX.html
    assert MATRIX.html.count("<caption>") == 1


def test_it_scrolls_within_itself_and_can_be_reached_by_keyboard():
    assert 'tabindex="0" role="region" aria-label="Caption &amp; more"' in MATRIX.html
    assert "overflow-x: auto" in MATRIX.html


def test_every_text_is_escaped():
    assert "A &lt;b&gt;" in MATRIX.html
    assert 'href="?board=A+%26+B"' in MATRIX.html


def test_every_coloured_cell_has_a_word_and_a_blank_one_has_no_colour():
    coloured = re.findall(r'<td style="background:(#\w+)">(.*?)</td>', MATRIX.html)
    assert coloured
    assert all(re.search(r"[A-Za-z]{3,}", re.sub("<[^>]*>", "", cell)) for _, cell in coloured)
    assert "<td></td>" in MATRIX.html


def contrast(first: str, second: str) -> float:
    """Contrast of two colours by WCAG 2."""

    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(first), light(second)))
    return (high + 0.05) / (low + 0.05)


def test_words_are_readable_on_every_tone():
    assert all(contrast(tone, "#12436D") >= 7 for tone in TONES.values())
