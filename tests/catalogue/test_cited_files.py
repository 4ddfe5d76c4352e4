"""The bytes of a cited figure: one order, one number format, nothing hidden told, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.citations import Citation, TableCitation
from catalogue.cited_files import Measure, ReleaseFacts, chosen, figure_bytes, fingerprint, table_bytes

RELEASE = ReleaseFacts("2026-11-15T08:00:00+00:00", "2026-10-31", is_synthetic=True)
FIRST, LAST = dt.date(2026, 9, 1), dt.date(2026, 10, 31)
BY_LAB = Citation("r1", "reported_within_standard", ("performing_lab",), (None,), "month", FIRST, LAST)


def _row(month: int, lab: str, **changed: object) -> dict[str, object]:
    return {
        "d1": lab,
        "d2": None,
        "d3": None,
        "grain": "month",
        "period_start": dt.date(2026, month, 1),
        "period_end": dt.date(2026, month, 31 if month == 10 else 30),
        "period_status": "final" if month < 10 else "provisional",
        "statistic": "share",
        "state": "shown",
        "value": 1 / 3,
        "lower": 0.25,
        "upper": 0.5,
        "numerator": 20,
        "denominator": 60,
    } | changed


HIDDEN = {"state": "confidential", "value": None, "lower": None, "upper": None, "numerator": None, "denominator": 15}
CELLS = pl.DataFrame([
    _row(month, lab) if (month, lab) != (10, "DUN") else _row(month, lab, **HIDDEN)
    for month in (9, 10)
    for lab in ("ABE", "DUN", "EDI", "GLA")
] + [_row(11, "ABE")])  # fmt: skip
GRADES = pl.DataFrame(
    [("", "", "month", dt.date(2026, 9, 1), "fair"), ("", "", "month", dt.date(2026, 10, 1), "good")],
    schema=["dimension", "code", "grain", "period_start", "grade"],
    orient="row",
)
LABELS = {"performing_lab": {"DUN": "Dundee", "EDI": "=cmd()", "GLA": 'Glas"gow, west', "ABE": "Aber\ndeen"}}
MEASURE = Measure("2.1", "Reported within standard", "share", "request", LABELS, GRADES, "poor")


def _rows(content: bytes) -> list[dict[str, str]]:
    lines = content.decode("utf-8").splitlines(keepends=True)
    return list(csv.DictReader(io.StringIO("".join(line for line in lines if not line.startswith("#")))))


@given(st.permutations(range(CELLS.height)))
def test_the_order_of_the_cells_that_come_in_does_not_matter(order):
    assert figure_bytes(BY_LAB, CELLS[order], MEASURE, RELEASE) == figure_bytes(BY_LAB, CELLS, MEASURE, RELEASE)


def test_the_header_says_what_it_is():
    text = figure_bytes(BY_LAB, CELLS, MEASURE, RELEASE).decode("utf-8")
    assert text.startswith("# figure,r1/reported_within_standard/performing_lab/all/month/2026-09..2026-10\n")
    for line in (
        "# measure,2.1 Reported within standard",
        "# place,Scotland",
        "# by,performing_lab",
        "# period,2026-09-01 to 2026-10-31 by month",
        '# unit,"share of requests, 0 to 1"',
        '# status,"final, provisional"',
        "# quality,good",
        "# release made,2026-11-15T08:00:00+00:00",
        '# note,"synthetic, not for quotation"',
    ):
        assert f"\n{line}\n" in text
    assert "\r" not in text


def test_only_the_cited_months_codes_and_statistics_are_in_it():
    assert {row["period_start"] for row in _rows(figure_bytes(BY_LAB, CELLS, MEASURE, RELEASE))} == {
        "2026-09-01",
        "2026-10-01",
    }
    held = Citation("r1", BY_LAB.indicator, ("performing_lab",), ("EDI",), "month", FIRST, LAST)
    assert {row["performing_lab"] for row in _rows(figure_bytes(held, CELLS, MEASURE, RELEASE))} == {"EDI"}
    median = Citation("r1", BY_LAB.indicator, ("performing_lab",), ("EDI",), "month", FIRST, LAST, ("median",))
    assert chosen(median, CELLS).is_empty()


def test_a_hidden_row_tells_no_number_whatever_the_store_holds_beside_it():
    hidden = [row for row in _rows(figure_bytes(BY_LAB, CELLS, MEASURE, RELEASE)) if row["state"] == "confidential"]
    assert len(hidden) == 1
    told = [hidden[0][name] for name in ("value", "lower", "upper", "numerator", "denominator")]
    assert told == ["[c]"] * 5


def test_texts_are_safe_to_open_in_a_spreadsheet():
    labels = {row["performing_lab"]: row["performing_lab_label"] for row in _rows(
        figure_bytes(BY_LAB, CELLS, MEASURE, RELEASE))}  # fmt: skip
    assert labels == {"ABE": "Aber deen", "DUN": "Dundee", "EDI": "'=cmd()", "GLA": 'Glas"gow, west'}


def test_numbers_have_one_format():
    cells = CELLS.filter(pl.col("d1") == "EDI").with_columns(value=pl.lit(-0.0000001), lower=pl.lit(12.0))
    row = _rows(figure_bytes(BY_LAB, cells, MEASURE, RELEASE))[0]
    assert (row["value"], row["lower"], row["upper"], row["numerator"]) == ("0", "12", "0.5", "20")
    assert "0.333333" in {row["value"] for row in _rows(figure_bytes(BY_LAB, CELLS, MEASURE, RELEASE))}


def test_the_grade_is_that_of_the_own_place_in_the_newest_period_shown_else_of_the_whole():
    held = Citation("r1", BY_LAB.indicator, ("performing_lab",), ("EDI",), "month", FIRST, LAST)
    assert b"# quality,poor\n" in figure_bytes(held, CELLS, MEASURE, RELEASE)
    own = GRADES.with_columns(dimension=pl.lit("performing_lab"), code=pl.lit("EDI"))
    measure = Measure("2.1", "Title", "share", "request", LABELS, pl.concat([GRADES, own]), "poor")
    assert b"# quality,good\n" in figure_bytes(held, CELLS, measure, RELEASE)
    september = CELLS.with_columns(
        state=pl.when(pl.col("period_start") > FIRST).then(pl.lit("confidential")).otherwise("state")
    )
    assert b"# quality,fair\n" in figure_bytes(held, september, measure, RELEASE)


@pytest.mark.parametrize("column", ["value", "upper", "numerator", "denominator", "period_status"])
def test_any_change_of_a_shown_cell_changes_the_hash(column):
    before = fingerprint(figure_bytes(BY_LAB, CELLS, MEASURE, RELEASE))
    changed = CELLS.with_columns(
        pl.when((pl.col("d1") == "GLA") & (pl.col("period_start") == FIRST))
        .then(pl.lit("incomplete") if column == "period_status" else pl.col(column) + 1)
        .otherwise(column)
        .alias(column)
    )
    assert fingerprint(figure_bytes(BY_LAB, changed, MEASURE, RELEASE)) != before


def test_the_fingerprint_is_the_sha_256():
    assert fingerprint(b"abc") == hashlib.sha256(b"abc").hexdigest()


def test_a_table_is_written_whole_or_by_key_in_one_order():
    table = pl.DataFrame(
        {"check_id": ["b", "a", "a"], "period": [None, FIRST, None], "touches": [["x", "y"], [], None]}
    )
    whole = table_bytes(TableCitation("r1", "checks"), table, RELEASE)
    assert whole == table_bytes(TableCitation("r1", "checks"), table.reverse(), RELEASE)
    assert _rows(whole)[-1] == {"check_id": "b", "period": "", "touches": "x; y"}
    assert len(_rows(table_bytes(TableCitation("r1", "checks", "a"), table, RELEASE))) == 2
