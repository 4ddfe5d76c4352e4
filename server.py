"""Launcher: `streamlit run server.py`. Closes what Streamlit leaves open and warms the process."""

from __future__ import annotations

import base64
import contextlib
import gc
import hashlib
import logging
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pandas  # noqa: F401 - before any session: a half-imported pandas breaks concurrent first loads
import plotly.graph_objects as go
import streamlit as st
from google.protobuf.message import DecodeError
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_server_config import AUTH_COOKIE_MAX_AGE_SECONDS, USER_COOKIE_NAME

from ui import (  # noqa: F401 - warm
    attention,
    beforehand,
    gate,
    guard,
    headlines,
    health,
    identity,
    narrow_menu,
    screens,
    show,
    theme,
    turnaround_sections,
)
from ui.access import rules

LOG = logging.getLogger(__name__)
SCRIPT = Path(__file__).resolve().parent / "app.py"

#: What a browser may ask of its session. `clear_cache` would empty every cache for everybody.
CLIENT_MAY = {"rerun_script", "app_heartbeat", "backend_operation_request", "stop_script"}

#: Of those operations: to have a file made, and to read on in a table. Others write into the app's folder.
OPERATIONS = {"deferred_file", "dataframe_chunk"}

#: Routes that nobody needs here: counts of sessions and names of caches, uploads, components, the agent's interface.
CLOSED = (
    "/_stcore/metrics",
    "/_stcore/upload_file",
    "/_stcore/bidi-components",
    "/_stcore/agent",
    "/_stcore/script-health-check",
    "/component/",
    "/app/static/",
)


def _inline_scripts() -> str:
    """Hashes of our script and of those in Streamlit's page, taken at start: no upgrade can break the policy so."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = [*re.findall(r"<script>(.*?)</script>", page, re.DOTALL), narrow_menu.SCRIPT]
    return " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts
    )


POLICY = "; ".join(
    [
        "default-src 'self'",
        f"script-src 'self' {_inline_scripts()}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


#: Sent where the browser reached us by HTTPS, so that it never tries without. Whether it did is what the reverse proxy
#: says (X-Forwarded-Proto); uvicorn believes only proxies at the addresses in FORWARDED_ALLOW_IPS, else 127.0.0.1.
HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")
NO_STORE = (b"cache-control", b"no-store")

THIRTY_DAYS = f"Max-Age={AUTH_COOKIE_MAX_AGE_SECONDS}"


class Shield:
    """Adds security headers, closes routes, drops commands that no reader needs, and keeps paths of this machine in.

    Where sign-in is configured, ui/gate.py says who may fetch a file, speak on the websocket, sign in and out. What
    watches the app is answered here (ui/health.py), without a page and without sign-in.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.watch = health.Watch()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] == "http":
            await self._http(scope, receive, _with_headers(scope, send))
        elif scope["type"] == "websocket":
            tab = gate.Connection(HTTPConnection(scope).cookies)
            await self.app(scope, _only_allowed(receive, tab), _without_paths(_noted(send, tab)))
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        cookies = HTTPConnection(scope).cookies
        if any(closed in path for closed in CLOSED):
            await PlainTextResponse("Closed", 403)(scope, receive, send)
        elif health.is_asked(path):
            found = await self.watch.answer()
            await JSONResponse(found.told, found.status)(scope, receive, send)
        elif gate.is_file(path) and not await run_in_threadpool(gate.gives_file, cookies, path):
            await PlainTextResponse("Sign in to the dashboard and download the file from its page.", 403)(
                scope, receive, send
            )
        elif path.endswith("/oauth2callback"):
            await self.app(scope, receive, _begins_session(send, cookies))
        else:
            if path.endswith("/auth/logout"):
                await run_in_threadpool(gate.end, cookies)
            await self.app(scope, receive, send)


def _with_headers(scope: Scope, send: Send) -> Send:
    secure = scope["scheme"] == "https"
    ours = [*HEADERS, *([HTTPS_ONLY] if secure else [])]
    path = scope["path"]
    if gate.is_file(path) or "/auth/" in path or path.endswith("/oauth2callback") or health.is_asked(path):
        ours.append(NO_STORE)
    names = {name for name, _ in ours}

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name.lower(), value) for name, value in message.get("headers", []) if name.lower() not in names]
            message["headers"] = [
                (name, _as_cookie_of_ours(value, secure) if name == b"set-cookie" else value) for name, value in kept
            ] + ours
        await send(message)

    return with_headers


def _as_cookie_of_ours(cookie: bytes, secure: bool) -> bytes:
    """A cookie as the browser is to keep it: no longer than a sign-in can last, and for HTTPS only if it came so."""
    text = cookie.decode("latin-1")
    if text.startswith(USER_COOKIE_NAME) and THIRTY_DAYS in text:
        text = text.replace(THIRTY_DAYS, f"Max-Age={int(rules().limits.absolute_seconds)}")
    if secure and "; secure" not in text.lower():
        text += "; Secure"
    return text.encode("latin-1")


def _begins_session(send: Send, before: Mapping[str, str]) -> Send:
    """Of a finished sign-in: its session begins before the browser has the cookie, or the browser does not get it."""

    async def begins(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message.get("headers", [])
            setting = [value.decode("latin-1") for name, value in headers if name.lower() == b"set-cookie"]
            cookies = {name: value for name, value in map(_name_and_value, setting) if value}
            if USER_COOKIE_NAME in cookies and not await run_in_threadpool(gate.begin, cookies, before):
                message["headers"] = [pair for pair in headers if pair[0].lower() != b"set-cookie"]
        await send(message)

    return begins


def _name_and_value(cookie: str) -> tuple[str, str]:
    name, _, value = cookie.partition(";")[0].partition("=")
    return name.strip(), value.strip().strip('"')


def _only_allowed(receive: Receive, tab: gate.Connection) -> Receive:
    async def filtered() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            command = _allowed(message.get("bytes"))
            if command is not None and await run_in_threadpool(tab.lets_through, command):
                return {**message, "bytes": command.SerializeToString()}

    return filtered


def _allowed(payload: bytes | None) -> BackMsg | None:
    """A message from a browser that it may send; None for others, for text frames and for what cannot be read."""
    if payload is None:
        return None
    command = BackMsg()
    try:
        command.ParseFromString(payload)
    except DecodeError:
        return None
    kind = command.WhichOneof("type")
    operation = command.backend_operation_request.WhichOneof("payload")
    if kind not in CLIENT_MAY or (kind == "backend_operation_request" and operation not in OPERATIONS):
        return None
    return command


def _noted(send: Send, tab: gate.Connection) -> Send:
    async def noted(message: Message) -> None:
        if message["type"] == "websocket.send" and message.get("bytes"):
            tab.note_sent(message["bytes"])
        await send(message)

    return noted


def _without_paths(send: Send) -> Send:
    """The first message of a session names the main script by its absolute path; the browser needs only its name."""
    folder = str(SCRIPT.parent).encode()

    async def scrubbed(message: Message) -> None:
        payload = message.get("bytes")
        if message["type"] == "websocket.send" and payload and folder in payload:
            forward = ForwardMsg()
            forward.ParseFromString(payload)
            if forward.WhichOneof("type") == "new_session":
                forward.new_session.main_script_path = SCRIPT.name
                message = {**message, "bytes": forward.SerializeToString()}
        await send(message)

    return scrubbed


@contextlib.asynccontextmanager
async def warm(_: st.App) -> AsyncIterator[dict[str, object]]:
    """Before the first session: sign-in is set up, no page runs behind the app's back, nothing is left to load or make.

    What pages show at first is made here; the same of a release that is published, in idle time afterwards.
    """
    from streamlit.runtime.pages_manager import PagesManager  # internal: a test holds it to this

    identity.insist_on_set_up()
    PagesManager.uses_pages_directory = False
    figure = go.Figure([go.Bar(x=[1], y=[1]), go.Scatter(x=[1], y=[1])])
    figure.update_layout(template=theme.GM)
    figure.to_json()
    keeper = beforehand.Keeper() if beforehand.is_on() else None
    if keeper is not None:
        _say_what_is_made()
        await run_in_threadpool(keeper.make_first_views)
    gc.collect()
    gc.freeze()
    with keeper.going_on() if keeper is not None else contextlib.nullcontext():
        yield {}


def _say_what_is_made() -> None:
    """What is made before readers ask is in the log, which otherwise has warnings and errors alone."""
    logger, said = logging.getLogger(beforehand.__name__), logging.StreamHandler()
    said.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logger.addHandler(said)
    logger.setLevel(logging.INFO)


def on_error(problem: Exception) -> bool:
    """An error that no page foresaw: the log has it, the reader gets a plain message."""
    LOG.error("a page failed", exc_info=problem)
    screens.failed()
    return True


app = st.App(SCRIPT, middleware=[Middleware(Shield)], lifespan=warm, on_script_error=on_error)
