"""Engines for the tests: Sail and Spark, each in processes of its own on loopback, ended with the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from catalogue.contracts import ROOT
from pipelines.engine import DUCKDB
from tests.conftest import Published
from tests.pipelines.engine.comparing import Made, made

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


#: A whole Spark, installed by `make spark`.
SPARK_HOME = (
    ROOT
    / ".venv-spark"
    / "lib"
    / f"python{sys.version_info.major}.{sys.version_info.minor}"
    / "site-packages"
    / "pyspark"
)
SECONDS_TO_START = 300


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Connect server on a Spark cluster: a master and a worker, each in a process of its own."""
    if shutil.which("java") is None:
        pytest.skip("Java is missing: Spark needs Java 17 or newer on the PATH")
    if not SPARK_HOME.exists():
        pytest.skip("Spark is not installed: `make spark` installs it in .venv-spark and runs this")
    place = tmp_path_factory.mktemp("spark")
    master, connect = f"spark://127.0.0.1:{(port := free_port())}", free_port()
    environment = os.environ | {
        "SPARK_HOME": str(SPARK_HOME), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": str(place / "local"),
    }  # fmt: skip
    deploy = "org.apache.spark.deploy"
    commands = (
        ["spark-class", f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"],
        ["spark-class", f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "--cores", "2",
         "--memory", "1g", "--work-dir", str(place / "work"), master],
        ["spark-submit", "--master", master, "--class", "org.apache.spark.sql.connect.service.SparkConnectServer",
         "--conf", f"spark.connect.grpc.binding.port={connect}",
         "--conf", "spark.connect.grpc.binding.address=127.0.0.1", "--conf", "spark.ui.enabled=false",
         "--conf", "spark.sql.shuffle.partitions=2",
         "--conf", "spark.executor.memory=1g"],
    )  # fmt: skip
    with ExitStack() as stack:
        log = stack.enter_context((place / "log").open("w"))
        # The server gives up where the master is not up within a minute, so each is waited for.
        for (name, *rest), listens_at in zip(commands, (port, None, connect), strict=True):
            process = subprocess.Popen(
                [SPARK_HOME / "bin" / name, *rest], cwd=place, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            if listens_at is not None:
                until_it_listens(process, listens_at)
        yield f"sc://127.0.0.1:{connect}"


def free_port() -> int:
    """A port of this machine that nothing listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until a process listens at a port; an error where it ends first, or takes too long."""
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise RuntimeError(f"Spark ended with {process.returncode} before it listened at {port}: see its log")
        time.sleep(0.5)
    raise TimeoutError(f"nothing listens at {port} after {SECONDS_TO_START} seconds")


@pytest.fixture(scope="session")
def by_duckdb(tiny: Published, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tiny, tmp_path_factory.mktemp("by duckdb") / "data", DUCKDB)
