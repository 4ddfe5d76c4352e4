"""Serves the app as users get it and drives it: Chromium for pages, Streamlit's own messages for the websocket."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from catalogue.contracts import ROOT
from tests.ui.store import make_store
from ui import beforehand
from ui.data import ENVIRONMENT

STARTS_WITHIN, PREPARES_WITHIN = 60, 300

#: The path below which a server is told to serve.
BASE_PATH = "STREAMLIT_SERVER_BASE_URL_PATH"


@contextmanager
def serving(
    data: Path,
    log: Path,
    script: str = "server.py",
    env: Mapping[str, str] | None = None,
    port: int = 0,
    before: Sequence[str] = (),
    *,
    prepares: bool = False,
) -> Iterator[str]:
    """The address of a fresh server on a data folder; the process is ended afterwards.

    env: what is set besides. port: the one to use, or 0 for any that is free. before: a command to start it with.
    prepares: whether it makes what pages show before it answers, as a deployment does; it starts later so.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = port or probe.getsockname()[1]
    command = [*before, sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    made = beforehand.ON if prepares else beforehand.OFF
    environment = {**os.environ, ENVIRONMENT: str(data), beforehand.ENVIRONMENT: made, **(env or {})}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}/{environment.get(BASE_PATH, '')}".rstrip("/")
    try:
        _wait_for(url, process, log, PREPARES_WITHIN if prepares else STARTS_WITHIN)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path, within: float) -> None:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def full_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a full release."""
    folder = tmp_path_factory.mktemp("full")
    make_store(folder, "full")
    return folder


@pytest.fixture(scope="session")
def served(full_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for the whole run, on the full release."""
    with serving(full_data, tmp_path_factory.mktemp("server") / "log") as url:
        yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless browser. Without one the tests are skipped, except in CI, where they fail."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        missing = "no browser: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=quiet)
        yield browser
        browser.close()


class Visit:
    """One browser tab that notes errors, requests to outside and the bytes that the websocket brought."""

    def __init__(self, browser: Any, width: int, height: int) -> None:
        self._context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        self.page = self._context.new_page()
        self.problems: list[str] = []
        self.outside: list[str] = []
        self.bytes = 0
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._note)
        self.page.on("request", self._request)
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._frame))

    def _note(self, message: Any) -> None:
        if message.type == "error" and "404" not in message.text:
            self.problems.append(message.text)

    def _request(self, request: Any) -> None:
        if request.url.startswith(("http", "ws")) and "//127.0.0.1" not in request.url:
            self.outside.append(request.url)

    def _frame(self, payload: Any) -> None:
        self.bytes += len(payload)

    def open(self, url: str) -> Any:
        """Goes to an address and waits until the page is finished and drawn."""
        self.page.goto(url)
        self.settle()
        return self.page

    def settle(self) -> None:
        """Waits for the script to end and every chart to be drawn, by asking: the policy forbids evaluated code."""
        self.page.wait_for_selector("h1", timeout=60_000)
        drawn = """() => document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')
            && !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')
            && [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(e => e.querySelector('.main-svg'))"""
        for _ in range(600):
            if self.page.evaluate(drawn):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("the page was not finished within a minute")

    def close(self) -> None:
        """Closes the tab."""
        self._context.close()


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Visit]]:
    """Opens browser tabs of a width, closed afterwards."""
    opened: list[Visit] = []

    def make(width: int = 1280, height: int = 900) -> Visit:
        opened.append(Visit(chromium, width, height))
        return opened[-1]

    yield make
    for tab in opened:
        tab.close()
