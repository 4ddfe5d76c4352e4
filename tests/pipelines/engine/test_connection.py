"""Whatever is wrong with an engine is told in one line, soon, and without its token."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from catalogue.contracts import ROOT
from pipelines.engine import engine_at
from pipelines.engine.connection import connected
from pipelines.errors import PipelineError


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port at which something listens and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_at_which_nothing_answers_is_told_soon_and_without_the_token(deaf: int) -> None:
    started = time.monotonic()
    with pytest.raises(PipelineError) as stopped, connected(f"sc://127.0.0.1:{deaf}/;token=hidden", seconds=1):
        pass
    assert time.monotonic() - started < 10
    assert str(stopped.value).startswith(f"--engine: 127.0.0.1:{deaf}: no engine answers there")
    assert "hidden" not in str(stopped.value)


@pytest.mark.parametrize("address", ["127.0.0.1:15002", "http://127.0.0.1", "sc://", "sc://host/path;token=hidden"])
def test_what_is_no_address_is_told_how_one_is_written(address: str) -> None:
    with pytest.raises(PipelineError, match="sc://HOST:PORT") as stopped, engine_at(address):
        pass
    assert "hidden" not in str(stopped.value)


def test_a_missing_client_is_told_by_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("client", "connection"):
        monkeypatch.delitem(sys.modules, f"pipelines.engine.{name}")
    monkeypatch.setitem(sys.modules, "grpc", None)
    with pytest.raises(PipelineError, match=r"install all of requirements\.txt"), engine_at("sc://127.0.0.1"):
        pass


def test_a_build_without_an_engine_loads_no_client() -> None:
    script = "import sys, pipelines.engine; print(*map(sys.modules.get, ('pyspark', 'grpc')))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["None", "None"]


@pytest.mark.slow
def test_a_server_says_which_it_is(sail: str) -> None:
    with connected(sail) as (_, about):
        assert about["name"] == "Spark Connect"
        assert about["version"].count(".") == about["server"].count(".") == 2


@pytest.mark.parametrize(
    "loads", ["import expectations, great_expectations", "import pipelines, great_expectations, pipelines.engine.spark"]
)
def test_a_process_without_a_file_loads_checks_and_client_without_a_word(loads: str) -> None:
    """As a worker of pytest-xdist is, which the client by itself would end."""
    script = f"{loads}; print(hasattr(__import__('__main__'), '__file__'))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "False\n", "")
