"""Speaks to a server as a browser does: one websocket, Streamlit's own messages."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ANSWERS_WITHIN = 60

Result = TypeVar("Result")


@dataclass
class Answer:
    """All that came back of one run of a page."""

    raw: bytes = b""
    exceptions: list[str] = field(default_factory=list)
    charts: int = 0
    finished: bool = False

    @property
    def text(self) -> str:
        """What came back, as text."""
        return self.raw.decode("utf-8", "replace")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a conversation in a thread of its own, since a browser's driver may hold this one's event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def connect(url: str) -> websockets.connect:
    """A connection as a browser makes it."""
    stream = url.replace("http", "ws", 1) + "/_stcore/stream"
    return websockets.connect(
        stream, subprotocols=["streamlit"], max_size=None, origin=url, open_timeout=ANSWERS_WITHIN
    )


def rerun(url: str, page: str, query: str = "") -> bytes:
    """The message that asks for a page."""
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = query
    message.rerun_script.context_info.url = f"{url}/{page}"
    message.rerun_script.context_info.timezone = "Europe/London"
    return message.SerializeToString()


async def answer(socket: websockets.ClientConnection) -> Answer:
    """Reads until a run has finished."""
    found = Answer()
    while not found.finished:
        raw = await asyncio.wait_for(socket.recv(), ANSWERS_WITHIN)
        assert isinstance(raw, bytes)
        found.raw += raw
        message = ForwardMsg()
        message.ParseFromString(raw)
        kind = message.WhichOneof("type")
        if kind == "delta":
            element = message.delta.new_element
            if element.WhichOneof("type") == "exception":
                found.exceptions.append(element.exception.message)
            found.charts += element.WhichOneof("type") == "plotly_chart"
        found.finished = kind == "script_finished"
    return found


async def ask(url: str, page: str, query: str = "") -> Answer:
    """Opens a session and asks for one page."""
    async with connect(url) as socket:
        await socket.send(rerun(url, page, query))
        return await answer(socket)
