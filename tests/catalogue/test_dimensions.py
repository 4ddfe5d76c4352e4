"""Tests of catalogue/dimensions.py: how names of dimensions go on within a sentence."""

from __future__ import annotations

import pytest

from catalogue.dimensions import dimensions, within_a_sentence


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("Recorded ethnic group", "recorded ethnic group"),
        ("SIMD quintile", "SIMD quintile"),
        ("A gap is seen", "a gap is seen"),
        ("Requests performed outside Scotland", "requests performed outside Scotland"),
        ("QF-PCR", "QF-PCR"),
        ("", ""),
    ],
)
def test_only_the_first_letter_becomes_small_and_a_name_in_capitals_stays(text: str, within: str):
    assert within_a_sentence(text) == within


def test_a_dimension_has_its_name_for_within_a_sentence():
    found = {name: dimensions()[name].inline for name in ("simd_quintile", "urban_rural")}
    assert found == {"simd_quintile": "SIMD quintile", "urban_rural": "urban rural class"}
