"""Prenatal QF-PCR and urgent sequencing of children, on the Turnaround page."""

from __future__ import annotations

from tests.pages.conftest import text_of
from tests.pages.page_tables import tables


def titles(app) -> list[str]:
    return [header.value for header in app.header if "QF-PCR" in header.value]


def test_both_kinds_of_urgent_test_stand_in_one_finding_and_one_table(open_page):
    app = open_page("turnaround")
    (title,) = titles(app)
    assert "% of prenatal QF-PCR tests due were reported in 3 days; " in title
    assert "% of urgent sequencing of newborns and children due were reported in 14 days" in title
    table = next(table.value for table in tables(app) if any("3.1" in name for name in table.value.get("Measure", ())))
    assert [name[:3] for name in table["Measure"]] == ["3.1", "3.2"]


def test_only_the_measure_with_a_target_is_judged_by_it(open_page):
    text = text_of(open_page("turnaround"))
    assert "Prenatal QF-PCR reported in 3 days: at or above the 90% line (95% interval" in text
    assert "has set no share to reach either" in text


def test_the_category_chosen_does_not_bear_on_them(open_page):
    assert titles(open_page("turnaround", category="Complex rare disease")) == titles(open_page("turnaround"))


def test_hidden_shares_are_told_as_hidden(open_page):
    (title,) = titles(open_page("turnaround", "hidden"))
    assert title.count("hidden [c]") == 2
    assert "%" not in title
