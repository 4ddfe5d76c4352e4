"""server.py: what Streamlit leaves open is closed, on a server that nobody has visited before."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import urllib.error
import urllib.request

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from catalogue.contracts import ROOT
from tests.browser import talk
from tests.browser.conftest import serving
from tests.ui.store import make_store

pytestmark = pytest.mark.slow

PAGES = ("", "turnaround", "definitions")


def fetch(url: str, method: str = "GET") -> tuple[int, dict[str, str]]:
    """Status and headers of an address."""
    request = urllib.request.Request(url, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, {name.lower(): value for name, value in response.headers.items()}
    except urllib.error.HTTPError as refused:
        return refused.code, {name.lower(): value for name, value in refused.headers.items()}


@pytest.mark.parametrize("script", ["server.py", "app.py"])
def test_the_first_visit_to_any_page_of_a_cold_server_goes_through_the_guard(tmp_path, script):
    make_store(tmp_path / "data", "full", synthetic=False)
    for page in PAGES[1:]:
        with serving(tmp_path / "data", tmp_path / "log", script) as url:
            got = talk.run(talk.ask(url, page))
        assert "Sign-in is needed for this release" in got.text
        assert "Dundee" not in got.text
        assert "reported_within_standard" not in got.text
        assert (got.charts, got.exceptions) == (0, [])


def test_twelve_first_loads_at_once_on_a_cold_server_all_succeed(full_data, tmp_path):
    async def all_at_once(url: str) -> list[talk.Answer]:
        return await asyncio.gather(*(talk.ask(url, PAGES[number % 3]) for number in range(12)))

    with serving(full_data, tmp_path / "log") as url:
        answers = talk.run(all_at_once(url))
    assert [got.exceptions for got in answers] == [[]] * 12
    assert [got.charts for got in answers] == [0, 6, 0] * 4
    assert "Traceback" not in (tmp_path / "log").read_text(errors="replace")


def test_a_server_that_answers_has_made_what_pages_show_at_first_and_recorded_nothing(full_data, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(full_data, data, ignore=shutil.ignore_patterns("audit"))
    with serving(data, tmp_path / "log", prepares=True) as url:
        assert re.search(r"first views of release \S+: \d+ parts made in", (tmp_path / "log").read_text())
        assert not (data / "audit").exists()
        assert fetch(f"{url}/health")[0] == 200
        got = talk.run(talk.ask(url, "turnaround"))
        assert (got.charts, got.exceptions) == (6, [])


def test_a_server_that_is_told_not_to_makes_nothing_before_readers_ask(full_data, tmp_path):
    with serving(full_data, tmp_path / "log") as url:
        assert fetch(f"{url}/health")[0] == 200
    assert "before readers ask" not in (tmp_path / "log").read_text()


def test_a_stranger_cannot_clear_the_caches_and_the_session_goes_on(served):
    async def try_it() -> talk.Answer:
        async with talk.connect(served) as socket:
            for command in (b"\xff\xff\xff", _clear_cache()):
                await socket.send(command)
            await socket.send("text")
            await socket.send(talk.rerun(served, "turnaround"))
            return await talk.answer(socket)

    got = talk.run(try_it())
    assert got.charts == 6


def test_only_the_commands_that_a_reader_needs_are_let_through():
    import server

    allowed = BackMsg()
    allowed.rerun_script.page_name = "turnaround"
    made = BackMsg()
    made.backend_operation_request.deferred_file.file_id = "a"
    for message in (allowed, made):
        assert server._allowed(message.SerializeToString()) == message
    installing, uploading = BackMsg(), BackMsg()
    installing.backend_operation_request.install_skills.SetInParent()
    uploading.file_urls_request.session_id = "a"
    for refused in (
        _clear_cache(),
        b"\xff\xff",
        None,
        b"",
        installing.SerializeToString(),
        uploading.SerializeToString(),
    ):
        assert server._allowed(refused) is None


def _clear_cache() -> bytes:
    message = BackMsg()
    message.clear_cache = True
    return message.SerializeToString()


def test_whoever_watches_is_told_the_release_and_its_age_and_gets_no_cookie(served):
    with urllib.request.urlopen(f"{served}/health", timeout=20) as response:
        told = json.loads(response.read())
        assert "set-cookie" not in response.headers
    assert (told["status"], told["release"]) == ("ok", "20261115T080000Z-full")
    assert set(told) == {"status", "release", "data_to", "age_seconds"}


def test_the_browser_is_never_told_a_path_of_this_machine(served):
    assert str(ROOT) not in talk.run(talk.ask(served, "turnaround")).text


@pytest.mark.parametrize("path", ["/", "/turnaround", "/_stcore/health", "/_stcore/metrics", "/no/such/page"])
def test_every_answer_carries_the_security_headers(served, path):
    _, headers = fetch(f"{served}{path}")
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/upload_file/a/b", "/app/static/x", "/_stcore/agent/openapi.json"]
)
def test_routes_that_nobody_needs_are_closed(served, path):
    assert fetch(f"{served}{path}")[0] == 403


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        (None, None, 101),
        (None, "https://elsewhere.example", 403),
        ("elsewhere.example", "http://elsewhere.example", 403),
    ],
)
def test_only_a_page_of_ours_under_a_name_of_ours_can_connect(served, host, origin, status):
    place = served.removeprefix("http://")
    lines = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host or place}",
        f"Origin: {origin or served}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Protocol: streamlit",
    ]
    name, port = place.split(":")
    with socket.create_connection((name, int(port)), timeout=20) as line:
        line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert int(line.recv(64).split()[1]) == status


def test_a_new_release_is_shown_without_a_restart(tmp_path):
    make_store(tmp_path / "data", "empty", release="r1")
    with serving(tmp_path / "data", tmp_path / "log") as url:
        assert "Nothing can be judged" in talk.run(talk.ask(url, "")).text
        make_store(tmp_path / "data", "full", release="r2")
        assert "All 4 performing laboratories" in talk.run(talk.ask(url, "")).text
