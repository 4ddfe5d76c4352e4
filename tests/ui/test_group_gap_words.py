"""Sentences on gaps: people as the census names them, SIMD as of areas, and nothing said beyond the rule."""

from __future__ import annotations

import pytest

from catalogue.dimensions import dimensions
from catalogue.indicators import indicators
from ui import group_gap_words as said

LABELS = {name: dimension.labels for name, dimension in dimensions().items()}
WITHIN = indicators()["within_standard_by_group"]
ROW = {
    "dimension": "interpreter_needed", "code": "yes", "compared_with": "no", "verdict": "unknown_could_explain",
    "gap": -0.107, "lower": -0.134, "upper": -0.075, "if_mixed": "lower", "if_alike": "lower", "is_found": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("dimension", "code", "wanted"),
    [
        ("ethnic_category", "asian", "people recorded as Asian, Asian Scottish or Asian British"),
        ("ethnic_category", "declined", "people who declined to say their ethnic group"),
        ("ethnic_category", "not_recorded", "people whose ethnic group is not recorded"),
        ("simd_quintile", "1", "people living in SIMD quintile 1 (most deprived)"),
        ("urban_rural", "6", "people living in remote rural areas"),
        ("age_group", "under_15", "people under 15"),
        ("age_group", "65_and_over", "people aged 65 and over"),
        ("sex", "female", "people recorded as female"),
        ("interpreter_needed", "yes", "people who need an interpreter"),
        ("interpreter_needed", "no", "people who need no interpreter"),
        ("interpreter_needed", "not_recorded", "people of whom it is not recorded whether they need an interpreter"),
    ],
)
def test_people_of_a_group_in_words(dimension, code, wanted):
    assert said.people(dimension, code, LABELS) == wanted


def test_every_grouping_has_words_for_its_people_and_for_those_of_no_group():
    compared = {name for name, dimension in dimensions().items() if dimension.compared_with}
    assert said.PEOPLE.keys() == said.UNKNOWN.keys() == compared


def test_a_gap_that_the_unknown_could_explain_says_its_side_who_they_are_and_what_would_have_to_be_supposed():
    assert said.finding(ROW, WITHIN, LABELS, 100) == (
        "For people who need an interpreter the share of requests reported within standard looks different from people "
        "who need no interpreter by 10.7 percentage points on the lower side, but people of whom it is not recorded "
        "whether they need an interpreter could explain all of it: the data cannot tell. It would read lower if they "
        "are made up as the census or those recorded are, whatever their results."
    )


def test_a_gap_that_stands_out_alone_is_not_called_different_among_all():
    text = said.finding(ROW | {"verdict": "lower", "is_found": False}, WITHIN, LABELS, 1173)
    assert "is lower than for people who need no interpreter by 10.7 percentage points" in text
    assert "among the 1,173 gaps looked at it is not called different" in text
    assert "not called different" not in said.finding(ROW | {"verdict": "lower"}, WITHIN, LABELS, 1173)


def test_what_is_supposed_is_said_only_where_it_would_make_the_gap_stand():
    nothing = ROW | {"if_mixed": "unknown_could_explain", "if_alike": "unknown_could_explain"}
    assert "would read" not in said.finding(nothing, WITHIN, LABELS, 100)
    alike = said.finding(ROW | {"if_mixed": "unknown_could_explain"}, WITHIN, LABELS, 100)
    assert "an assumption that the data cannot test" in alike


def test_titles_name_a_side_only_where_the_rule_does():
    named = said.title([ROW | {"verdict": "lower"}], WITHIN, "interpreter_needed", LABELS)
    assert named == (
        "The share of requests reported within standard is lower for people who need an interpreter than for people "
        "who need no interpreter"
    )
    unsure = said.title([ROW], WITHIN, "interpreter_needed", LABELS)
    assert unsure.endswith(
        "looks lower for people who need an interpreter, but people of unknown group could explain it"
    )
    even = said.title([ROW | {"verdict": "no_gap_seen"}], WITHIN, "interpreter_needed", LABELS)
    assert even.startswith("No gap from people who need no interpreter is seen")
    hidden = said.title([ROW | {"verdict": "hidden"}], WITHIN, "interpreter_needed", LABELS)
    assert hidden == "Requests reported within standard: no gap between groups can be told here"


@pytest.mark.parametrize(
    ("lower", "upper", "wanted"),
    [
        (-0.06, -0.021, "95% limits 2.1 to 6.0 points"),
        (0.021, 0.06, "95% limits 2.1 to 6.0 points"),
        (-0.01, 0.02, "1.0 points lower to 2.0 points higher"),
        (0.0, 0.02, "no difference to 2.0 points higher"),
    ],
)
def test_limits_in_a_sentence(lower, upper, wanted):
    assert said.limits(lower, upper) == wanted


def test_signs_of_table_cells():
    assert [said.signed(gap) for gap in (0.1066, -0.094, -0.0001, None)] == ["+10.7", "\N{MINUS SIGN}9.4", "0.0", "[x]"]


def test_every_measure_reads_in_a_sentence_and_results_are_those_that_are_never_shown_crude():
    compared = {name: entry for name, entry in indicators().items() if entry.compared_within}
    assert compared.keys() >= said.RESULTS
    for entry in compared.values():
        assert said.what(entry)[0].islower()
        assert "by group of people" not in said.what(entry)
