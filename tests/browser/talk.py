"""Speaks to a server as a browser does: one websocket, Streamlit's own messages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable, Mapping
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
    elements: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    boxes: dict[str, str] = field(default_factory=dict)
    folded: list[str] = field(default_factory=list)
    session: str = ""

    @property
    def text(self) -> str:
        """What came back, as text."""
        return self.raw.decode("utf-8", "replace")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a conversation in a thread of its own, since a browser's driver may hold this one's event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def connect(url: str, cookies: Mapping[str, str] | None = None, origin: str = "") -> websockets.connect:
    """A connection as a browser makes it, with the cookies that it holds.

    origin: the address in the browser, where that is not the server's.
    """
    stream = url.replace("http", "ws", 1) + "/_stcore/stream"
    held = dict(cookies or {})
    token = held.get("_streamlit_xsrf")
    return websockets.connect(
        stream,
        subprotocols=["streamlit", *([token] if token else [])],
        additional_headers={"Cookie": "; ".join(f"{name}={value}" for name, value in held.items())} if held else None,
        max_size=None,
        origin=origin or url,
        open_timeout=ANSWERS_WITHIN,
    )


def rerun(
    url: str, page: str, query: str = "", picked: Mapping[str, str] | None = None, opened: Iterable[str] = ()
) -> bytes:
    """The message that asks for a page.

    picked: what stands in boxes of choices, by their ids (`Answer.boxes`). opened: ids of folded parts that are open
    (`Answer.folded`).
    """
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = query
    message.rerun_script.context_info.url = f"{url}/{page}"
    message.rerun_script.context_info.timezone = "Europe/London"
    for box, chosen in (picked or {}).items():
        message.rerun_script.widget_states.widgets.add(id=box, string_value=chosen)
    for part in opened:
        message.rerun_script.widget_states.widgets.add(id=part, bool_value=True)
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
            if message.delta.WhichOneof("type") == "new_element":
                found.elements.append(element.WhichOneof("type"))
            if part := message.delta.add_block.expandable.id:
                found.folded.append(part)
            if element.WhichOneof("type") == "selectbox":
                found.boxes[element.selectbox.label] = element.selectbox.id
            if element.WhichOneof("type") == "download_button" and element.download_button.deferred_file_id:
                found.files.append(element.download_button.deferred_file_id)
        if kind == "new_session":
            found.session = message.new_session.initialize.session_id
        found.finished = kind == "script_finished"
    return found


async def opened(socket: websockets.ClientConnection, url: str, page: str, query: str = "") -> tuple[Answer, Answer]:
    """A page as it comes, and again with all its folded parts opened: only then are its files offered."""
    await socket.send(rerun(url, page, query))
    closed = await answer(socket)
    await socket.send(rerun(url, page, query, opened=closed.folded))
    return closed, await answer(socket)


def fetch(session: str, file: str) -> bytes:
    """The message by which a click on a download button has its file made."""
    message = BackMsg()
    message.backend_operation_request.request_id = "1"
    message.backend_operation_request.session_id = session
    message.backend_operation_request.deferred_file.file_id = file
    return message.SerializeToString()


async def made(socket: websockets.ClientConnection, within: float = ANSWERS_WITHIN) -> str | None:
    """The address of the file that was made; None where no answer came."""
    try:
        async with asyncio.timeout(within):
            while True:
                raw = await socket.recv()
                assert isinstance(raw, bytes)
                message = ForwardMsg()
                message.ParseFromString(raw)
                if message.WhichOneof("type") == "backend_operation_response":
                    return message.backend_operation_response.deferred_file.url
    except TimeoutError:
        return None


async def ask_as(url: str, role: str, page: str, times: int) -> list[tuple[float, Answer]]:
    """A page so many times in a session that looks as a role of the demonstration, each with its seconds."""
    async with connect(url) as socket:
        await socket.send(rerun(url, ""))
        picked = {(await answer(socket)).boxes["Look as"]: role}
        found = []
        for _ in range(times):
            started = time.perf_counter()
            await socket.send(rerun(url, page, picked=picked))
            came = await answer(socket)
            found.append((time.perf_counter() - started, came))
        return found


async def ask(
    url: str, page: str, query: str = "", cookies: Mapping[str, str] | None = None, origin: str = ""
) -> Answer:
    """Opens a session and asks for one page; origin as `connect` has it."""
    async with connect(url, cookies, origin) as socket:
        await socket.send(rerun(url, page, query))
        return await answer(socket)
