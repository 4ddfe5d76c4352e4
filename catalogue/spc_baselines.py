"""Where the limits of control charts start again, and why: the rows of reference/spc_baselines.csv, checked."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from catalogue.contracts import Name, Strict
from catalogue.dimensions import dimensions
from catalogue.indicators import indicators
from catalogue.reference import FOLDER, checked_rows

TABLE = "spc_baselines"

#: A reason shorter than this says nothing that a reader could check.
LEAST_REASON = 20


class Baseline(Strict):
    """One rebase: from `starts` on, a chart has a mean and limits of its own.

    judged_from: empty, or the first day of the month from which points are judged again: those before it settle, so
    they are drawn and not judged, and the limits rest on the later ones alone.
    dimension: empty for Scotland as a whole. code: empty for every value of the dimension.
    """

    indicator: Name
    dimension: str
    code: str
    starts: dt.date
    judged_from: dt.date | None = None
    reason: str = Field(min_length=LEAST_REASON)
    decided_on: dt.date
    source: str = Field(min_length=1)

    @field_validator("judged_from", mode="before")
    @classmethod
    def _empty_is_none(cls, given: object) -> object:
        return given or None

    @model_validator(mode="after")
    def _names_what_exists(self) -> Baseline:
        if self.indicator not in indicators():
            raise ValueError(f"no indicator {self.indicator}")
        if self.dimension and self.dimension not in dimensions():
            raise ValueError(f"no dimension {self.dimension}")
        if self.code and (not self.dimension or self.code not in dimensions()[self.dimension].labels):
            raise ValueError(f"{self.code} is no value of {self.dimension or 'Scotland as a whole'}")
        if self.starts.day != 1:
            raise ValueError("limits start again on the first day of a month")
        if self.judged_from and (self.judged_from.day != 1 or self.judged_from <= self.starts):
            raise ValueError("points are judged again from the first day of a month after the start")
        return self


@cache
def baselines(folder: Path = FOLDER) -> tuple[Baseline, ...]:
    """Every rebase in the file's order; CatalogueError names the row that breaks a rule, and the rule."""
    return tuple(checked_rows(TABLE, Baseline, folder))
