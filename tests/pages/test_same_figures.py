"""What a page draws and tabulates is what the protected store holds, which equals the second computation protected."""

from __future__ import annotations

import datetime as dt
import json

import duckdb
import polars as pl
import pytest

from tests.conftest import Published
from tests.pages.conftest import Open, text_of
from tests.pages.page_tables import tables
from tests.second import plain

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small")]
FIRST, LAST = dt.date(2024, 5, 1), dt.date(2026, 10, 1)


def likely(count: int) -> range:
    """The multiples of five that a count may be shown as."""
    return range(-(-max(count - 4, 10) // 5) * 5, count + 5, 5)


def drawn(app: object, chart: int) -> dict[str, float]:
    """First day of the period and height of every point of a chart's main series."""
    spec = json.loads(app.get("plotly_chart")[chart].proto.spec)  # type: ignore[attr-defined]
    points: dict[str, float] = {}
    for trace in spec["data"]:
        if trace.get("mode") == "lines+markers":
            points |= dict(zip(trace["customdata"], trace["y"], strict=True))
    return {day: value for day, value in points.items() if value is not None}


@pytest.mark.parametrize(
    ("query", "dimension", "code"),
    [
        ({}, None, None),
        ({"view": "Laboratory", "lab": "Glasgow"}, "performing_lab", "GLA"),
        ({"view": "Laboratory", "lab": "Dundee"}, "performing_lab", "DUN"),
    ],
)
def test_the_turnaround_page_draws_the_plain_figures_protected(
    small: Published,
    plain_requests: list[plain.Request],
    open_page: Open,
    query: dict[str, str],
    dimension: str | None,
    code: str | None,
) -> None:
    points = drawn(open_page("turnaround", small.folders.data, **query), 0)
    cube = (dimension,) if dimension else ()
    exact = plain.within_standard(plain_requests, [cube], ["month", "quarter"], FIRST, LAST)
    assert len(points) >= 5
    starts = sorted(dt.date.fromisoformat(day[:10]) for day in points)
    grain = "month" if (starts[1] - starts[0]).days < 40 else "quarter"
    for day, shown in points.items():
        met, due = exact[(grain, "+".join(cube), (code,) if code else (), dt.date.fromisoformat(day[:10]))]
        shares = [100 * inside / (inside + outside) for inside in likely(met) for outside in likely(due - met)]
        assert any(shown == pytest.approx(share) for share in shares)


def test_the_home_page_quotes_the_store(small: Published, open_page: Open) -> None:
    with duckdb.connect(str(small.store), read_only=True) as store:
        cells = store.sql("SELECT * FROM cells WHERE cube = '' AND grain IN ('quarter', 'month')").pl()
    text = text_of(open_page("home", small.folders.data))
    quarter = cells.filter(grain="quarter", period_start=dt.date(2026, 7, 1))
    within = quarter.filter(indicator="reported_within_standard")["value"].item()
    median = quarter.filter(pl.col("indicator") == "turnaround_days", statistic="median")["value"].item()
    received = quarter.filter(indicator="requests_received")["numerator"].item()
    recorded = quarter.filter(indicator="ethnicity_recorded")["value"].item()
    for quoted in (f"{100 * within:.1f}%", f"{median:.0f} days", f"{received:,}", f"{100 * recorded:.1f}%"):
        assert quoted in text


def test_no_page_shows_a_number_for_a_hidden_cell(small: Published, open_page: Open) -> None:
    app = open_page("turnaround", small.folders.data, view="Requesting board", board="Orkney")
    for table in tables(app):
        for row in table.value.astype(str).to_numpy():
            if any("[c]" in cell for cell in row):
                assert not any("%" in cell for cell in row)
