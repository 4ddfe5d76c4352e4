"""Tests of ui/disclosure_words.py: what a manifest says of disclosure control is told whole, in sentences."""

from __future__ import annotations

from typing import Any

import pytest

from catalogue.disclosure import rules
from ui.disclosure_words import PARTS, sentences

ATTACK = {
    "blocks_attacked": 2, "blocks_in_all": 637, "blocks_as_before": 0, "small_counts_attacked": 4334,
    "solved_one_by_one": 3, "narrowest_range_not_told": 5, "told": 0, "seconds": 55.4,
}  # fmt: skip
MADE: dict[str, Any] = {
    "counts": 662378,
    "counts_shown": 203190,
    "hidden_to_protect_others": 708,
    "attack": ATTACK,
    "attack_by_boards": {"boards": 14, **ATTACK},
    "seconds_allowed": None,
    "rounding_secret": "0c255d8608ea",
}


def test_what_was_found_is_told_in_sentences_with_thousands_apart():
    told = sentences(MADE)
    assert told[0] == "203,190 of 662,378 counts are shown; 708 more are hidden to protect others."
    assert told[1].startswith("The attack told no small counts. It tried 4,334 of them, in 2 of 637 blocks of counts")
    assert told[2].startswith("The attack as each of 14 boards, which know their own counts, told no small counts")
    assert "Every period was attacked in full." in told
    assert "Rounded by the secret of fingerprint 0c255d8608ea, which does not give it away." in told


@pytest.mark.parametrize(("told", "said"), [(0, "no small counts."), (1, "1 small count."), (2, "2 small counts.")])
def test_an_attack_that_told_counts_never_reads_as_one_that_told_none(told, said):
    assert said in sentences({"attack": {**ATTACK, "told": told}})[0]


def test_an_attack_that_was_cut_off_says_so():
    assert sentences({"seconds_allowed": 2.0}) == [
        "Synthetic figures: each attack was cut off after 2 seconds' work, so it is a sample."
    ]


def test_every_number_of_the_rules_is_told():
    asked = rules().model_dump(mode="json", exclude={"links"})
    told = sentences({"rules": asked})
    assert told[0] == "A count of fewer than 10 people is hidden, nought included; every other is rounded to 5."
    assert "a share 20" in told[1]
    assert "a 95th percentile 200" in told[1]
    assert any(line.startswith("Rules, sensitive indicators: ") for line in told)


@pytest.mark.parametrize(
    ("disclosure", "told"),
    [
        (None, []),
        ("by hand", ["By hand"]),
        ({"rules": "hidden under 10"}, ["Rules: hidden under 10"]),
        ({"gate": {"was_passed": True, "cells": [1, 2], "count": 1200}},
         ["Gate, was passed: yes", "Gate, cells: 2 listed", "Gate, count: 1,200"]),
        ({"seconds": {"hiding": 3.0}}, ["Seconds, hiding: 3.0"]),
        ({"seconds": {"hiding": "long", "in_all": 3.5}}, ["Seconds, hiding: long", "Seconds, in all: 3.5"]),
    ],
)  # fmt: skip
def test_what_no_sentence_knows_is_told_by_its_own_name(disclosure, told):
    assert sentences(disclosure) == told


@pytest.mark.parametrize("key", [key for parts, _ in PARTS for key in parts])
@pytest.mark.parametrize("value", [{"new": "unheard of"}, ["unheard of"], "unheard of", 1.5, None])
def test_no_shape_of_an_entry_breaks_the_page_and_none_is_left_out(key, value):
    told = " ".join(sentences({key: value}))
    assert value is None or isinstance(value, list | float) or "unheard of" in told
    assert told
