"""Judgements of where an aim stands, by a named role: the rows of reference/aim_judgements.csv, checked.

They stand beside the answer of the rule (ui/aim_state.py) and never in its place. Without the file nobody has judged.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from catalogue.contracts import Strict
from catalogue.reference import FOLDER, checked_rows, codes

TABLE = "aim_judgements"

#: A reason shorter than this says nothing that a reader could check.
LEAST_REASON = 20


class Judgement(Strict):
    """What a role, never a named person, says of an aim, on what day and why."""

    aim: str
    state: Literal["not_measured", "off_course", "slipping", "on_course", "cannot_tell"]
    role: str = Field(min_length=3)
    decided_on: dt.date
    reason: str = Field(min_length=LEAST_REASON)

    @field_validator("aim")
    @classmethod
    def _aim_exists(cls, aim: str) -> str:
        if aim not in codes("aims"):
            raise ValueError(f"no aim {aim}")
        return aim


@cache
def aim_judgements(folder: Path = FOLDER) -> dict[str, Judgement]:
    """The newest judgement of each aim that has one; CatalogueError names the row that breaks a rule, and the rule."""
    if not (folder / f"{TABLE}.csv").exists():
        return {}
    found = sorted(checked_rows(TABLE, Judgement, folder), key=lambda judgement: judgement.decided_on)
    return {judgement.aim: judgement for judgement in found}
