"""deploy/Containerfile: what it copies is there and is enough, it runs as no root, and it has no data and no secret."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from catalogue.contracts import ROOT
from tests.deploy.conftest import DEPLOY
from tests.deploy.test_units import read

TEXT = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
LINES = [
    line for line in re.sub(r"\\\n\s*", " ", TEXT).splitlines() if line and not line.startswith("#")
]  # continued lines as one


def said(instruction: str) -> list[str]:
    """What stands behind each use of an instruction."""
    return [line.partition(" ")[2] for line in LINES if line.startswith(f"{instruction} ")]


def copied() -> list[str]:
    """The files and folders that go into the image."""
    return [name for line in said("COPY") for name in line.split()[:-1]]


def test_all_that_is_copied_is_there_and_lands_where_it_lay() -> None:
    assert [name for name in copied() if not (ROOT / name).exists()] == []
    for line in said("COPY"):
        *names, to = line.split()
        assert to == ("./" if all((ROOT / name).is_file() for name in names) else f"./{names[0]}")


def test_every_package_of_the_code_is_copied_and_all_that_it_reads() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {*settings["tool"]["importlinter"]["root_packages"], "app.py", "server.py", "sql", "reference", "docs"}
    assert wanted <= set(copied())


def test_the_image_it_starts_from_has_a_version_and_the_python_of_the_locked_packages() -> None:
    (image,) = said("FROM")
    assert re.fullmatch(r"python:3\.11[\w.]*-slim-[a-z]+", image)


def test_it_runs_as_a_user_that_is_not_root_and_owns_nothing() -> None:
    (user,) = said("USER")
    assert all(int(number) > 0 for number in user.split(":"))
    assert LINES.index(f"USER {user}") > max(n for n, line in enumerate(LINES) if line.startswith(("COPY ", "RUN ")))
    assert "--chown" not in TEXT


def test_it_starts_what_the_unit_starts_in_the_same_folder() -> None:
    unit = read("genomics-app.service")
    assert json.loads(said("CMD")[-1]) == unit["ExecStart"].split()
    assert said("WORKDIR") == [unit["WorkingDirectory"]]


def test_packages_are_installed_by_hash() -> None:
    (run,) = said("RUN")
    assert "--require-hashes --requirement requirements.txt" in run


def test_no_secret_and_no_data_go_in() -> None:
    assert not said("ARG")
    assert not said("ADD")
    names = {pair.partition("=")[0] for line in said("ENV") for pair in line.split()}
    assert not [name for name in names if re.search("SECRET|KEY|TOKEN|PASSWORD", name)]
    assert not {"data", ".", "deploy", "tests", ".git"} & set(copied())


def test_whoever_builds_it_is_sent_what_is_copied_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert patterns[0] == "*"
    allowed = {line.removeprefix("!") for line in patterns if line.startswith("!")}
    assert {name.split("/")[0] for name in allowed} == set(copied())
    assert ".streamlit" not in allowed  # it may hold secrets.toml, of which only the settings are copied


@pytest.fixture
def answering() -> Iterator[list[int]]:
    """A server on the port of the app; what it answers is the number in the list."""
    status = [200]

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status[0] if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    status.append(server.server_port)
    yield status
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("status", "is_well"), [(200, True), (503, False)])
def test_its_own_check_fails_where_readers_get_no_page(answering: list[int], status: int, is_well: bool) -> None:
    answering[0] = status
    (check,) = said("HEALTHCHECK")
    _, flag, code = json.loads(check.partition(" CMD ")[2])
    command = [sys.executable, flag, code.replace(":8501", f":{answering[1]}")]
    assert (subprocess.run(command, capture_output=True, check=False).returncode == 0) == is_well


#: What the app and the commands load, and what they read beside the code.
LOADS = """
import server, pipelines.cli, pipelines.ingest
from catalogue.indicators import indicators
from pipelines.models import read_models
from pipelines.reference import load_reference
assert indicators() and read_models() and load_reference()
print(server.__file__, pipelines.cli.__file__)
"""


@pytest.mark.slow
def test_what_is_copied_is_enough_for_the_app_and_for_the_command_line(tmp_path: Path) -> None:
    for name in copied():
        source, place = ROOT / name, tmp_path / name
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place)
    command = [sys.executable, "-B", "-c", LOADS]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1500:]
    assert all(place.startswith(str(tmp_path)) for place in done.stdout.split())
