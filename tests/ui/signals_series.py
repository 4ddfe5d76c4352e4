"""Series made for the tests of signals: points as the page has them, and charts of them without a release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from tests.ui.store import month_after
from ui.signals import BY_KEY, Charts, icons_of, judge, rebased
from ui.signals_presets import BY_NAME, Preset

FIRST = dt.date(2021, 9, 1)

#: Rules and limits as they are without allowing for months that carry over: their arithmetic can be done by hand.
CLASSIC = BY_NAME["making_data_count_7"]


def points(
    series: Mapping[str, Sequence[float | None]],
    provisional: int = 0,
    starts: dt.date | None = None,
    requests: int | None = 1000,
    judged_from: dt.date | None = None,
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
    return rebased(frame, restart(starts, judged_from))


def restart(starts: dt.date | None, judged_from: dt.date | None = None, code: str = "") -> pl.DataFrame:
    """The one rebase of a code, empty for all; none without a start."""
    schema = {"code": pl.String, "starts": pl.Date, "judged_from": pl.Date}
    return pl.DataFrame([(code, starts, judged_from)] if starts else [], schema=schema, orient="row")


def charts_of(
    frame: pl.DataFrame, preset: Preset = CLASSIC, target: float | None = 0.9, dimension: str = "performing_lab"
) -> Charts:
    """The charts of these points, more being better."""
    judged = judge(frame, preset)
    icons = icons_of(judged, "higher", target)
    return Charts(BY_KEY["share"], dimension, preset, judged, icons, {}, target, "higher")
