"""Series made for the tests of signals: points as the page has them, and charts of them without a release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from tests.ui.store import month_after
from ui.signals import BY_KEY, Charts, icons_of, judge, rebased
from ui.signals_presets import DEFAULT, Preset

FIRST = dt.date(2021, 9, 1)


def points(
    series: Mapping[str, Sequence[float | None]],
    provisional: int = 0,
    starts: dt.date | None = None,
    requests: int | None = 1000,
) -> pl.DataFrame:
    """A point a month of each series, None where hidden; the newest `provisional` ones may still change."""
    rows = [
        {
            "code": code,
            "period": month_after(FIRST, place),
            "period_end": month_after(FIRST, place + 1) - dt.timedelta(days=1),
            "period_status": "final" if place < len(values) - provisional else "provisional",
            "grain": "month",
            "state": "shown" if value is not None else "confidential",
            "value": value,
            "numerator": None,
            "denominator": requests,
            "is_final": place < len(values) - provisional,
        }
        for code, values in series.items()
        for place, value in enumerate(values)
    ]
    frame = pl.DataFrame(rows, schema_overrides={"value": pl.Float64, "numerator": pl.Int64, "denominator": pl.Int64})
    baselines = pl.DataFrame(
        [("", starts)] if starts else [], schema={"code": pl.String, "starts": pl.Date}, orient="row"
    )
    return rebased(frame, baselines)


def charts_of(
    frame: pl.DataFrame, preset: Preset = DEFAULT, target: float | None = 0.9, dimension: str = "performing_lab"
) -> Charts:
    """The charts of these points, more being better."""
    judged = judge(frame, preset)
    icons = icons_of(judged, "higher", target)
    return Charts(BY_KEY["share"], dimension, preset, judged, icons, {}, target, "higher")
