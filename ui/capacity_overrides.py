"""Values that a planner puts in place of assumptions, as they stand in the address, so that a link shares them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from capacity.assumptions import AssumptionError, Assumptions

#: The part of the address: `growth/all:0.08,minutes/nipt/analysis/clinical_scientist:15`.
KEY = "set"

ONE = re.compile(r"(?P<id>[a-z][a-z0-9_]*(?:/[a-z][a-z0-9_]*){1,3}):(?P<number>[0-9]{1,7}(?:\.[0-9]{1,6})?)")

#: More than this is no address that the pages wrote.
LONGEST, MOST = 4_000, 60

Overrides = tuple[tuple[str, float], ...]


def parsed(text: str, given: Assumptions) -> tuple[Overrides, int]:
    """The values that an address names and that can be used, by id, and how many of its parts cannot."""
    parts = [part for part in text[:LONGEST].split(",") if part][:MOST]
    found: dict[str, float] = {}
    wrong = 0
    for part in parts:
        match = ONE.fullmatch(part)
        try:
            if match is None:
                raise AssumptionError("no id and number")
            given.overridden({match["id"]: float(match["number"])})
        except AssumptionError:
            wrong += 1
            continue
        found[match["id"]] = float(match["number"])
    return tuple(sorted(found.items())), wrong


def written(overrides: Mapping[str, float] | Overrides) -> str:
    """The part of the address that names values; empty where there are none."""
    return ",".join(f"{key}:{number:.6f}".rstrip("0").rstrip(".") for key, number in sorted(dict(overrides).items()))


def of_address(given: Assumptions) -> Overrides:
    """The values of this page's address; says where a part of it cannot be used."""
    found, wrong = parsed(str(st.query_params.get(KEY, "")), given)
    if wrong:
        parts = "1 value" if wrong == 1 else f"{wrong} values"
        st.warning(f"{parts} in the address of this page cannot be used and {'is' if wrong == 1 else 'are'} left out.")
    return found


def put(overrides: Mapping[str, float]) -> None:
    """Writes values into the address of the page, or takes them out where there are none."""
    if text := written(overrides):
        st.query_params[KEY] = text
    elif KEY in st.query_params:
        del st.query_params[KEY]
