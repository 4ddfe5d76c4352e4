"""Check digits of CHI numbers, in the shape of their golden cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from methods.identifiers import chi_check, chi_pad

Answer = dict[str, Any]


def chi_numbers(given: Answer) -> Answer:
    chi = pl.col("chi")
    found = pl.DataFrame({"chi": given["chi"]}, schema={"chi": pl.String}).select(
        mod11_only=chi_check(chi, modulus_10=False).struct.field("verdict"),
        mod11_or_mod10=chi_check(chi).struct.field("verdict"),
        mod10_only=chi_check(chi, modulus_11=False).struct.field("verdict"),
        chi_pad=chi_pad(chi),
    )
    return {name: found[name].to_list() for name in found.columns}


ADAPTERS: dict[str, Callable[[Answer], Answer]] = {"chi_number_check": chi_numbers}
