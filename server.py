"""Launcher: `streamlit run server.py`. Closes what Streamlit leaves open and warms the process."""

from __future__ import annotations

import base64
import contextlib
import gc
import hashlib
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pandas  # noqa: F401 - before any session: a half-imported pandas breaks concurrent first loads
import plotly.graph_objects as go
import streamlit as st
from google.protobuf.message import DecodeError
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ui import attention, guard, headlines, sections, show, theme  # noqa: F401 - warm

LOG = logging.getLogger(__name__)
SCRIPT = Path(__file__).resolve().parent / "app.py"

#: What a browser may ask of its session. `clear_cache` would empty every cache for everybody.
CLIENT_MAY = {"rerun_script", "app_heartbeat", "file_urls_request", "backend_operation_request", "stop_script"}

#: Routes that nobody needs here: counts of sessions and names of caches, uploads, components, the agent's interface.
CLOSED = (
    "/_stcore/metrics",
    "/_stcore/upload_file",
    "/_stcore/bidi-components",
    "/_stcore/agent",
    "/component/",
    "/app/static/",
)


def _inline_scripts() -> str:
    """Hashes of the scripts inside Streamlit's own page, taken at start, so that an upgrade cannot break the policy."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
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


class Shield:
    """Adds security headers, closes routes, drops commands that no reader needs, and keeps paths of this machine in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.app(scope, _only_allowed(receive), _without_paths(send))
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in HEADERS}
                message["headers"] = [
                    pair for pair in message.get("headers", []) if pair[0].lower() not in ours
                ] + HEADERS
            await send(message)

        if any(closed in scope["path"] for closed in CLOSED):
            await with_headers(
                {"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]}
            )
            await with_headers({"type": "http.response.body", "body": b"Closed"})
            return
        await self.app(scope, receive, with_headers)


def _only_allowed(receive: Receive) -> Receive:
    async def filtered() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive" or _is_allowed(message.get("bytes")):
                return message

    return filtered


def _is_allowed(payload: bytes | None) -> bool:
    """Whether a message from a browser is one that it may send; text frames and what cannot be read are not."""
    if payload is None:
        return False
    command = BackMsg()
    try:
        command.ParseFromString(payload)
    except DecodeError:
        return False
    return command.WhichOneof("type") in CLIENT_MAY


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
    """Before the first session: no page runs behind the app's back, and nothing is left to load or to collect."""
    from streamlit.runtime.pages_manager import PagesManager  # internal: a test holds it to this

    PagesManager.uses_pages_directory = False
    figure = go.Figure([go.Bar(x=[1], y=[1]), go.Scatter(x=[1], y=[1])])
    figure.update_layout(template=theme.GM)
    figure.to_json()
    gc.collect()
    gc.freeze()
    yield {}


def on_error(problem: Exception) -> bool:
    """An error that no page foresaw: the log has it, the reader gets a plain message."""
    LOG.error("a page failed", exc_info=problem)
    guard.failed()
    return True


app = st.App(SCRIPT, middleware=[Middleware(Shield)], lifespan=warm, on_script_error=on_error)
