"""Answers a golden case with the public functions of methods/, in the shape of its expected answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.methods.adapters import control_charts, diversity, funnels, identifiers, inequality, queues, shares, times

Answer = dict[str, Any]

#: A file's `method` and what answers its cases. An input that must be refused raises ValueError.
ADAPTERS: dict[str, Callable[[Answer], Answer]] = {
    method: adapter
    for topic in (shares, inequality, diversity, control_charts, funnels, times, queues, identifiers)
    for method, adapter in topic.ADAPTERS.items()
}
