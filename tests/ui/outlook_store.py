"""Tables of the outlook as a release has them: made up for the queue, worked from the store's own cells for shares."""

from __future__ import annotations

import datetime as dt

import polars as pl

from capacity.demand import FORECAST_SCHEMA, PAST_SCHEMA
from catalogue.reference import reference_rows
from pipelines.outlook import demand, shares

#: What the store's counts are rounded to.
ROUNDED_TO = 5

AS_AT = dt.date(2026, 11, 4)
HORIZONS = {7: 0.45, 14: 1.0, 28: 1.8}
NUMBERS = ("expected", "lower", "upper", "naive")

FORECAST = {"kind": pl.String, "code": pl.String, "horizon": pl.Int64, "as_at": pl.Date, "state": pl.String} | (
    dict.fromkeys(NUMBERS, pl.Int64)
)
PAST = {"horizon": pl.Int64, "as_at": pl.Date, "state": pl.String, **dict.fromkeys(NUMBERS, pl.Int64)} | {
    "happened": pl.Int64,
    "came_later": pl.Int64,
    "is_held": pl.Boolean,
}
SCORES = {"kind": pl.String, "code": pl.String, "horizon": pl.Int64} | dict.fromkeys(
    ("origins", "held", "mean_error", "mean_absolute_error", "naive_error", "mean_happened"), pl.Int64
)

#: Expected to pass their due date within 14 days.
LABS = {"ABE": 60, "DUN": 20, "EDI": 90, "GLA": 130, "OUT": 5}
MONTH_ENDS = [
    dt.date(2024 + (month + 10) // 12, (month + 10) % 12 + 1, 1) - dt.timedelta(days=1) for month in range(24)
]


def outlook_tables(variant: str, cells: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
    """The seven tables of a variant of the store. cells: its protected cells; None where it has none."""
    if cells is None:
        empty = {"breach_forecast": FORECAST, "breach_forecast_past": PAST, "breach_forecast_scores": SCORES}
        return {name: pl.DataFrame(schema=schema) for name, schema in empty.items()} | _shares(None) | _demand(None)
    forecast = _forecast()
    if variant == "hidden":
        nothing = [pl.lit(None, pl.Int64).alias(name) for name in NUMBERS]
        forecast = forecast.with_columns(pl.lit("confidential").alias("state"), *nothing)
    scores = _scores().clear() if variant == "hidden" else _scores()
    return (
        {
            "breach_forecast": forecast,
            "breach_forecast_past": _past().clear() if variant == "hidden" else _past(),
            "breach_forecast_scores": scores,
        }
        | _shares(cells)
        | _demand(cells)
    )


def _shares(cells: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
    """Forecasts of the store's own monthly shares; without cells, the same tables without rows."""
    if cells is not None:
        return shares.tables(cells)
    texts = dict.fromkeys(("kind", "code", "method"), pl.String)
    forecast = texts | {"state": pl.String, "step": pl.Int64, "made_from": pl.Date, "period_start": pl.Date}
    forecast |= dict.fromkeys(("value", *shares.LIMITS), pl.Float64)
    scores = texts | {"step": pl.Int64, "origins": pl.Int64}
    scores |= dict.fromkeys(("mean_absolute_error", "within_80", "within_95"), pl.Float64)
    return {"share_forecast": pl.DataFrame(schema=forecast), "share_forecast_scores": pl.DataFrame(schema=scores)}


def _demand(cells: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
    """Forecasts of the store's own counts; without cells, the same tables without rows."""
    if cells is not None:
        return demand.tables(cells, ROUNDED_TO)
    forecast = pl.DataFrame(schema={**FORECAST_SCHEMA, "state": pl.String})
    return {"demand_forecast": forecast, "demand_past": pl.DataFrame(schema=PAST_SCHEMA)}


def _forecast() -> pl.DataFrame:
    boards = [row["code"] for row in reference_rows("boards") if row["is_territorial"] == "yes"]
    sizes = {"S08000024": 80, "S08000031": 90, "S08000029": 30}
    places = [("scotland", "", 300), *(("performing_lab", lab, size) for lab, size in LABS.items())]
    places += [("requesting_board", board, sizes.get(board, 5)) for board in boards]
    rows = [_row(*place, horizon, part) for place in places for horizon, part in HORIZONS.items()]
    return pl.DataFrame(rows, schema=FORECAST, orient="row")


def _row(kind: str, code: str, size: int, horizon: int, part: float) -> tuple[object, ...]:
    expected = int(size * part) // 5 * 5
    shown = expected >= 10
    numbers = (expected, int(expected * 0.7) // 5 * 5, int(expected * 1.3) // 5 * 5 + 5, expected - 5)
    return (kind, code, horizon, AS_AT, "shown" if shown else "confidential", *(numbers if shown else (None,) * 4))


def _past() -> pl.DataFrame:
    """In 22 of 24 months the range held; in the other two more happened."""
    rows = []
    for horizon, part in HORIZONS.items():
        for number, day in enumerate(MONTH_ENDS):
            expected = int((280 + 5 * (number % 5)) * part) // 5 * 5
            held = number not in (3, 15)
            happened = expected + (5 if held else 200)
            rows.append(
                (
                    horizon,
                    day,
                    "shown",
                    expected,
                    int(expected * 0.8),
                    int(expected * 1.2),
                    expected - 20,
                    happened,
                    40,
                    held,
                )
            )
    return pl.DataFrame(rows, schema=PAST, orient="row")


def _scores() -> pl.DataFrame:
    rows = []
    for horizon, part in HORIZONS.items():
        rows.append(("scotland", "", horizon, 24, 22, -3, int(25 * part), int(40 * part), int(300 * part)))
        rows.append(("performing_lab", "EDI", horizon, 24, 18, 4, 9, 7, int(90 * part)))
    return pl.DataFrame(rows, schema=SCORES, orient="row")
