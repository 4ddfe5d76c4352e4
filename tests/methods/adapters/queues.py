"""Waiting in queues, in the shape of their golden cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from methods.estimates import insist
from methods.queues import erlang_c

Answer = dict[str, Any]


def waiting(given: Answer) -> Answer:
    rates = {name: given[name] for name in ("arrival_rate", "service_rate", "servers")}
    found = one_row(erlang_c(**rates))
    at_most = [one_row(erlang_c(**rates, within=wait))["served_within"] for wait in given.get("wait_thresholds", [])]
    return {
        "offered_load": found["offered_load"],
        "utilisation": found["utilisation"],
        "prob_wait": found["prob_wait"],
        "expected_wait_in_queue": found["mean_wait"],
        "expected_time_in_system": found["mean_time"],
        "expected_queue_length": found["mean_queue"],
        "expected_number_in_system": found["mean_number"],
        "expected_wait_given_wait": found["mean_wait_given_wait"],
        "prob_empty": found["prob_empty"],
        "prob_wait_at_most": at_most,
    }


def one_row(queue: pl.Expr) -> Answer:
    return insist(pl.select(queue.alias("queue")).unnest("queue")).row(0, named=True)


ADAPTERS: dict[str, Callable[[Answer], Answer]] = {"erlang_c": waiting}
