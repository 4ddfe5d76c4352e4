"""Cells of staff, as the build makes them, for a made-up release: posts, absence, leavers and trainees by census."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import polars as pl

from catalogue.dimensions import cube_name
from catalogue.indicators import indicators
from catalogue.reference import labels

SITES = ("ABE", "DUN", "EDI", "GLA")
QUARTERS = tuple(dt.date(2023 + month // 12, month % 12 + 1, 1) for month in range(6, 45, 3))

#: Posts of each role at every laboratory, and those of them that are vacant.
POSTS = {
    "clinical_scientist": 8.0, "consultant_scientist": 1.0, "genetic_technologist": 6.0, "laboratory_support": 5.0,
    "bioinformatician": 2.0, "trainee_scientist": 1.0, "genetic_counsellor": 3.0, "administrator": 3.0,
    "data_scientist": 0.4,
}  # fmt: skip
VACANT = 0.1

#: Vacancy rates by Agenda for Change band.
BANDS = {"5": 0.08, "7": 0.12}

#: Technologists of Dundee are short in these quarters.
SHORT = (dt.date(2024, 1, 1), dt.date(2024, 4, 1))
SHORT_BY = 0.6


def add_workforce(store: Path, keep: bool = True) -> None:
    """Puts the cells and entries of the measures of staff into a store; keep: False hides every one of them."""
    cells = _cells()
    if not keep:
        cells = cells.with_columns(
            state=pl.lit("confidential"),
            value=pl.lit(None, pl.Float64),
            numerator=pl.lit(None, pl.Int64),
            denominator=pl.lit(None, pl.Int64),
        )
    with duckdb.connect(str(store)) as con:
        con.register("cells_of_staff", cells.to_arrow())
        con.execute("INSERT INTO cells BY NAME SELECT * FROM cells_of_staff")
        held = {name for (name,) in con.execute("SELECT id FROM indicators").fetchall()}
        for name in cells["indicator"].unique():
            if name not in held:
                con.execute("INSERT INTO indicators VALUES (?, ?)", [name, indicators()[name].model_dump_json()])
        known = {name for (name,) in con.execute("SELECT DISTINCT dimension FROM dimension_values").fetchall()}
        for dimension, listed in (("site", "laboratories"), ("role", "roles"), ("afc_band", "afc_bands")):
            if dimension not in known:
                rows = [(dimension, code, label, place) for place, (code, label) in enumerate(labels(listed).items())]
                con.executemany("INSERT INTO dimension_values VALUES (?, ?, ?, ?)", rows)


def _cells() -> pl.DataFrame:
    rows = []
    for quarter in QUARTERS:
        for site in SITES:
            for role, posts in POSTS.items():
                is_short = site == "DUN" and role == "genetic_technologist" and quarter in SHORT
                vacant = SHORT_BY if is_short else VACANT
                rows.append(_row("vacancy_rate", ("site", "role"), (site, role), quarter, vacant, posts))
        for role, posts in POSTS.items():
            rows.append(_row("vacancy_rate", ("role",), (role,), quarter, VACANT, 4 * posts))
            if posts > 2:
                rows.append(_row("absence_rate", ("role",), (role,), quarter, 0.06, 4 * posts))
                rows.append(_row("turnover", ("role",), (role,), quarter, 0.1, 4 * posts))
        rows.append(_row("vacancy_rate", (), (), quarter, VACANT, 4 * sum(POSTS.values())))
        rows.append(_row("absence_rate", (), (), quarter, 0.06, 4 * sum(POSTS.values())))
        rows.append(_row("turnover", (), (), quarter, 0.1, 4 * sum(POSTS.values())))
        rows.append(_row("trainee_intake", (), (), quarter, 0.6, 10))
        rows.extend(_of_the_page(quarter))
    return pl.DataFrame(rows, infer_schema_length=None)


def _of_the_page(quarter: dt.date) -> list[dict]:  # type: ignore[type-arg]
    """What the page Workforce shows beside what the capacity model gets."""
    every = sum(POSTS.values())
    rows = [_row("vacancy_rate", ("afc_band",), (band,), quarter, rate, 60) for band, rate in BANDS.items()]
    rows += [_row("long_vacancies", (), (), quarter, 0.5, 0.1 * 4 * every)]
    rows += [_row("retirement_exposure", (), (), quarter, 0.25, 4 * every)]
    rows += [_row("leavers_retired", (), (), quarter, 0.4, 11), _row("leavers_to_nhs", (), (), quarter, 0.3, 11)]
    rows += [_row("registered_on_time", (), (), quarter, 0.75, 12), _row("kept_in_nhs", (), (), quarter, 0.8, 10)]
    for place, site in enumerate(SITES):
        is_short = site == "DUN" and quarter in SHORT
        vacant = VACANT + (SHORT_BY - VACANT) * POSTS["genetic_technologist"] / every if is_short else VACANT
        rows.append(_row("vacancy_rate", ("site",), (site,), quarter, vacant, every))
        rows.append(_row("long_vacancies", ("site",), (site,), quarter, 0.5, 0.1 * every))
        rows.append(_row("retirement_exposure", ("site",), (site,), quarter, 0.2 + place / 20, every))
        rows.append(_row("absence_rate", ("site",), (site,), quarter, 0.06, every))
        rows.append(_row("turnover", ("site",), (site,), quarter, 0.1, every))
        for role, posts in POSTS.items():
            rows.append(_row("establishment_in_post", ("site", "role"), (site, role), quarter, 0.9, posts))
    rows.append(_row("establishment_in_post", (), (), quarter, 0.9, 4 * every))
    for role, posts in POSTS.items():
        rows.append(_row("establishment_in_post", ("role",), (role,), quarter, 0.9, 4 * posts))
        rows.append(_row("long_vacancies", ("role",), (role,), quarter, 0.5, 0.4 * posts))
        if posts > 2:
            rows.append(_row("retirement_exposure", ("role",), (role,), quarter, 0.3, 4 * posts))
    return rows


def _row(indicator: str, names: tuple, codes: tuple, start: dt.date, value: float, posts: float) -> dict:  # type: ignore[type-arg]
    held = [*codes, None, None, None][:3]
    month = start.month + 3
    end = dt.date(start.year + (month > 12), (month - 1) % 12 + 1, 1) - dt.timedelta(days=1)
    return {
        "indicator": indicator, "cube": cube_name(names), "d1": held[0], "d2": held[1], "d3": held[2],
        "grain": "quarter", "period_start": start, "period_end": end, "period_status": "final", "statistic": "share",
        "state": "shown", "value": value, "lower": None, "upper": None,
        "numerator": int(value * posts + 0.5), "denominator": int(posts + 0.5),
    }  # fmt: skip
