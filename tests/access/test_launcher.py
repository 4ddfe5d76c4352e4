"""server.py: what the launcher does with the answers of a sign-in, on a made-up app behind it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import server
from ui import gate, health

COOKIE = b"_streamlit_user=abc; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax"


def answer(path: str, cookies: list[bytes], scheme: str = "http") -> dict[bytes, list[bytes]]:
    """The headers that a browser gets when the app behind the launcher sets these cookies."""
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"set-cookie", cookie) for cookie in cookies] + [(b"cache-control", b"public")]
        await send({"type": "http.response.start", "status": 302, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    scope = {"type": "http", "path": path, "scheme": scheme, "headers": [], "method": "GET", "query_string": b""}
    asyncio.run(server.Shield(app)(scope, receive, send))
    found: dict[bytes, list[bytes]] = {}
    for name, value in sent[0]["headers"]:
        found.setdefault(name, []).append(value)
    return found


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the launcher asked to begin, and whether that can be done."""
    asked: dict[str, Any] = {"can": True}

    def begin(cookies: dict[str, str], before: dict[str, str]) -> bool:
        asked["cookies"] = cookies
        return bool(asked["can"])

    monkeypatch.setattr(gate, "begin", begin)
    return asked


def test_a_finished_sign_in_begins_its_session_before_the_browser_has_the_cookie(begun):
    headers = answer("/oauth2callback", [COOKIE, b'_streamlit_user_1=""; Max-Age=0', b"other=1"])
    assert begun["cookies"] == {"_streamlit_user": "abc", "other": "1"}
    assert headers[b"set-cookie"][0] == COOKIE.replace(b"2592000", b"28800")
    assert headers[b"cache-control"] == [b"no-store"]


def test_a_sign_in_that_cannot_begin_gives_no_cookie(begun):
    begun["can"] = False
    assert b"set-cookie" not in answer("/oauth2callback", [COOKIE])


@pytest.mark.parametrize("cookies", [[], [b"other=1"], [b'_streamlit_user=""; Max-Age=0; Path=/']])
def test_an_answer_that_signs_nobody_in_begins_nothing(begun, cookies):
    answer("/oauth2callback", cookies)
    assert "cookies" not in begun


def test_no_other_address_begins_a_session(begun):
    answer("/auth/login", [COOKIE])
    assert "cookies" not in begun


def test_over_https_every_cookie_is_for_https_only(begun):
    headers = answer("/oauth2callback", [COOKIE, b"a=1; Secure", b"b=2"], scheme="https")
    assert all(cookie.lower().count(b"; secure") == 1 for cookie in headers[b"set-cookie"])
    assert headers[b"strict-transport-security"] == [b"max-age=31536000"]


def test_over_http_no_cookie_is_lost_by_being_for_https_only(begun):
    headers = answer("/oauth2callback", [COOKIE])
    assert b"secure" not in headers[b"set-cookie"][0].lower()
    assert b"strict-transport-security" not in headers


@pytest.mark.parametrize("path", ["/health", "/dashboard/health"])
def test_whoever_watches_is_answered_without_a_page_a_cookie_or_a_cache(path, monkeypatch):
    base = path.removesuffix("/health").strip("/")
    monkeypatch.setattr(health.config, "get_option", lambda _: base)
    monkeypatch.setattr(server.health, "Watch", Watched)
    headers = answer(path, [COOKIE])
    assert headers[b"content-type"] == [b"application/json"]
    assert headers[b"cache-control"] == [b"no-store"]
    assert b"set-cookie" not in headers
    assert b"set-cookie" in answer(f"{path}/more", [COOKIE])


class Watched:
    """Stands for the look at the release."""

    async def answer(self) -> health.Health:
        return health.failing("No release has been published yet.")
