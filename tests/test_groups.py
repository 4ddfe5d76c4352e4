"""Tests that share a published release run on one worker, so that it is built once."""

from __future__ import annotations

import os

import pytest


@pytest.mark.xdist_group("grouped")
def test_the_scheduler_is_told_which_tests_belong_together(request: pytest.FixtureRequest) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("the tests run in one process, which shares everything")
    assert request.node.nodeid.endswith("@grouped")
