"""Engines for the tests: Sail and Spark, each in processes of its own on loopback, ended with the tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

# The Spark client takes a main module without a file, as a worker of pytest-xdist has, for a run of its own doctests,
# and ends the process; not so in an interactive session.
if not hasattr(sys.modules["__main__"], "__file__"):
    sys.ps1 = ">>> "

#: Serves until its standard input ends, so it does not outlive the tests, however they end.
SAIL = """
import sys
from pysail.spark import SparkConnectServer
server = SparkConnectServer(ip="127.0.0.1", port=0)
server.start(background=True)
print(server.listening_address[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="session")
def sail() -> Iterator[str]:
    """The address of a Sail server."""
    with subprocess.Popen(
        [sys.executable, "-c", SAIL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield f"sc://127.0.0.1:{int(process.stdout.readline())}"
        process.kill()
